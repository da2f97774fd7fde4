use super::*;

/// The texts of all elements of this name, in order.
fn texts<'a>(text: &'a str, element: &str) -> Vec<&'a str> {
    let mut found = Vec::new();
    for part in text.split('<').filter(|part| !part.starts_with('/')) {
        if let Some((tag, content)) = part.split_once('>')
            && tag.split_once(':').map_or(tag, |(_, local)| local) == element
        {
            found.push(content);
        }
    }
    found
}

/// The content of all elements of this name that hold elements, in order.
fn groups<'a>(text: &'a str, element: &str) -> Vec<&'a str> {
    let end = |rest: &'a str| rest.find(&format!("{element}>")).map_or(rest, |place| &rest[..place]);
    text.split(&format!("{element}>")).skip(1).step_by(2).map(end).collect()
}

fn one<'a>(text: &'a str, element: &str) -> &'a str {
    texts(text, element).first().copied().unwrap_or_else(|| panic!("no {element} in {text}"))
}

fn cents(text: &str, amount: &str) -> i64 {
    let cents: i64 = one(text, amount).parse().unwrap();
    if one(text, "DebetCredit") == "C" { -cents } else { cents }
}

/// Every line of a declaratie with the AGB code of who sent it, once for each file.
fn prestaties(files: &BTreeMap<String, String>) -> Vec<(&str, &str)> {
    let declaraties = files.iter().filter(|(name, _)| name.starts_with("jw323")).map(|(_, text)| text);
    declaraties
        .flat_map(|text| groups(text, "Prestatie").into_iter().map(|line| (one(text, "Afzender"), line)))
        .collect()
}

#[test]
fn every_kind_of_message_is_written() {
    let gemeente = gemeente("GM0014", 1, Size::Persons(200));
    let dir = tempfile::tempdir().unwrap();
    let count = gemeente.write_messages(dir.path()).unwrap();
    let MessageCount { jw301, jw305, jw306, jw307, jw308, jw315, jw317, jw319, jw323 } = count;
    assert!(
        [jw301, jw305, jw306, jw307, jw308, jw315, jw317, jw319, jw323].iter().all(|number| *number > 0),
        "{count:?}"
    );
    let requested =
        jw315 as f64 / gemeente.dossiers.iter().map(|dossier| dossier.toewijzingen.len()).sum::<usize>() as f64;
    assert!((0.5..0.75).contains(&requested), "{requested}");
}

#[test]
fn the_lines_of_a_declaratie_add_up() {
    let files = files(&gemeente("GM0014", 2, Size::Persons(400)));
    let mut credits = 0;
    for (name, text) in files.iter().filter(|(name, _)| name.starts_with("jw323")) {
        let lines = groups(text, "Prestatie");
        let total: i64 = lines.iter().map(|line| cents(line, "Bedrag")).sum();
        assert_eq!(cents(text, "TotaalBedrag"), total, "{name}");
        let period = groups(text, "DeclaratiePeriode")[0];
        let einde = one(period, "Einddatum");
        assert_eq!((&one(period, "Begindatum")[8..], &one(period, "Begindatum")[..7]), ("01", &einde[..7]));
        for line in lines {
            let (from, until) = (one(line, "Begindatum"), one(line, "Einddatum"));
            assert!(from <= until && from[..7] == until[..7] && until <= einde, "{line}");
            assert!(one(line, "ProductCode").starts_with(one(line, "ProductCategorie")));
            credits += texts(line, "VorigReferentieNummer").len();
        }
    }
    assert!(credits > 0);
}

#[test]
fn a_line_has_a_number_of_its_own_at_its_aanbieder() {
    let gemeente = gemeente("GM0014", 3, Size::Persons(400));
    let files = files(&gemeente);
    let mut lines: BTreeMap<(&str, &str), BTreeSet<&str>> = BTreeMap::new();
    for (aanbieder, line) in prestaties(&files) {
        let number = one(line, "ReferentieNummer");
        assert!(number.len() <= 20);
        lines.entry((aanbieder, number)).or_default().insert(line);
    }
    assert!(lines.values().all(|lines| lines.len() == 1), "a number stands for one line");
    let numbers: BTreeSet<&str> = lines.keys().map(|(_, number)| *number).collect();
    assert!(numbers.len() < lines.len(), "aanbieders give the same numbers");
}

#[test]
fn what_was_declared_and_not_credited_is_what_is_true() {
    let gemeente = gemeente("GM0014", 4, Size::Persons(400));
    let files = files(&gemeente);
    let removed: BTreeSet<String> = gemeente
        .dossiers
        .iter()
        .flat_map(|dossier| &dossier.toewijzingen)
        .filter(|toewijzing| toewijzing.versies.last().is_some_and(|versie| versie.reden_wijziging == Some("13")))
        .map(|toewijzing| toewijzing.nummer.to_string())
        .collect();
    let lines: BTreeSet<(&str, &str)> = prestaties(&files).into_iter().collect();
    let vorig = |line| texts(line, "VorigReferentieNummer").first().copied();
    let credited: BTreeSet<(&str, &str)> = lines.iter().filter_map(|(by, line)| Some((*by, vorig(line)?))).collect();
    let mut total = 0;
    for (by, line) in &lines {
        let taken_back = credited.contains(&(*by, one(line, "ReferentieNummer")));
        if vorig(line).is_none() && !taken_back && !removed.contains(one(line, "ToewijzingNummer")) {
            total += cents(line, "Bedrag");
        }
    }
    assert_eq!(total, gemeente.declaraties().iter().map(|declaratie| declaratie.bedrag).sum::<i64>());
}

#[test]
fn every_version_of_a_toewijzing_names_the_same_verzoek() {
    let gemeente = gemeente("GM0014", 5, Size::Persons(400));
    let files = files(&gemeente);
    let mut named: BTreeMap<&str, BTreeSet<Option<&str>>> = BTreeMap::new();
    let (mut asked, mut types) = (BTreeSet::new(), BTreeSet::new());
    for (name, text) in &files {
        for product in groups(text, "ToegewezenProduct") {
            let referentie = texts(product, "ReferentieAanbieder").first().copied();
            named.entry(one(product, "ToewijzingNummer")).or_default().insert(referentie);
        }
        if name.starts_with("jw315") {
            asked.extend(texts(text, "ReferentieAanbieder"));
            types.extend(texts(text, "Type"));
        }
    }
    assert!(named.values().all(|referenties| referenties.len() == 1));
    let referenties: Vec<&str> = named.values().flatten().copied().flatten().collect();
    assert_eq!(referenties.iter().collect::<BTreeSet<_>>().len(), referenties.len(), "one for each toewijzing");
    let found = referenties.iter().filter(|referentie| asked.contains(*referentie)).count();
    assert!(found < referenties.len() && found * 10 > referenties.len() * 9, "{found} of {}", referenties.len());
    assert_eq!(types.into_iter().collect::<Vec<_>>(), ["01", "02", "03", "04", "05", "06", "08"]);
}

//! Messages that hold the canary and are broken, in as many places as there are: an import says what is the matter and
//! never with what value, be it of the wrong kind, in the wrong place, or cut off halfway.

use std::{collections::BTreeMap, fs, path::Path};

use drempel_node::ingest::{ImportError, ImportRequest, RecordKey, afbeelding::Afbeelding, import_ijw};
use drempel_protocols::{
    catalogue::Definitions,
    id::{Gemeentecode, Period},
};
use drempel_tests::{
    federation::registered_catalogue,
    synthetic::{Size, SyntheticGemeente},
};

use crate::watch;

const GEMEENTE: &str = "GM0014";

fn text_of(element: &str, text: &str, to: &str) -> String {
    let Some(begin) = text.find(&format!("{element}>")).map(|place| place + element.len() + 1) else {
        return text.to_owned();
    };
    let end = begin + text[begin..].find('<').unwrap();
    [&text[..begin], to, &text[end..]].concat()
}

/// The ways to break a message.
fn broken(text: &str) -> Vec<(String, Vec<u8>)> {
    let bsn = watch::bsn().to_string();
    let (number, name) = (text.find(&bsn).unwrap(), text.find(watch::NAME));
    let mut made: Vec<(String, Vec<u8>)> = Vec::new();
    let mut make = |what: &str, text: String| made.push((what.to_owned(), text.into_bytes()));
    make("cut off after the number", text[..number + 9].to_owned());
    make("cut off in the number's end tag", text[..number + 11].to_owned());
    if let Some(name) = name {
        make("cut off after the name", text[..name + watch::NAME.len()].to_owned());
        make("entity of the name", text.replacen(watch::NAME, &format!("&{};", watch::NAME), 1));
        make("control character", text.replacen(watch::NAME, &format!("{}\u{1}", watch::NAME), 1));
    }
    make("no end", text[..text.len() - 12].to_owned());
    for element in [
        "BerichtCode",
        "BerichtVersie",
        "BerichtSubversie",
        "Afzender",
        "Ontvanger",
        "Identificatie",
        "Dagtekening",
        "Bsn",
        "Datum",
        "DatumGebruik",
        "Geslacht",
        "Categorie",
        "Code",
        "ToewijzingNummer",
        "ToewijzingDatum",
        "Ingangsdatum",
        "Begindatum",
        "Einddatum",
        "RedenBeeindiging",
        "RedenWijziging",
        "Budget",
        "StatusAanlevering",
        "ReferentieAanbieder",
        "ToewijzingIngangsdatum",
        "Type",
        "DeclaratieNummer",
        "TotaalBedrag",
        "ReferentieNummer",
        "ProductCategorie",
        "ProductCode",
        "Bedrag",
        "DebetCredit",
    ] {
        make(&format!("{element} is the number"), text_of(element, text, &bsn));
        make(&format!("{element} is the name"), text_of(element, text, watch::NAME));
        make(&format!("{element} is empty"), text_of(element, text, ""));
        make(&format!("{element} holds an element"), text_of(element, text, &format!("<{}/>", watch::NAME)));
    }
    for element in ["Dagtekening", "Datum", "Begindatum", "Einddatum"] {
        make(&format!("impossible {element}"), text_of(element, text, "2025-02-31"));
        make(&format!("{element} with the number"), text_of(element, text, &format!("2025-02-01{bsn}")));
    }
    make("another gemeente", text.replace(">0014<", ">0999<"));
    make("unclosed", text.replacen(&format!("{bsn}</"), &format!("{bsn}<"), 1));
    make("attribute", text.replacen("Bsn>", &format!("Bsn naam=\"{}>", watch::NAME), 1));
    make("another root", text.replace("Bericht", watch::NAME));
    make("another namespace", text.replacen("http", watch::NAME, 1));
    make("document type", text.replacen("?>", &format!("?><!DOCTYPE x [<!ENTITY b \"{bsn}\">]>"), 1));
    make("comment", text.replacen("?>", &format!("?><!-- {bsn} {} --", watch::NAME), 1));
    make("instruction", text.replacen("?>", &format!("?><?{} {bsn}", watch::NAME), 1));
    make("twice", format!("{text}{text}"));
    make("encoding", text.replacen("UTF-8", watch::NAME, 1));
    let mut bytes = text.as_bytes().to_vec();
    bytes.insert(number + 9, 0xff);
    made.push(("not UTF-8".to_owned(), bytes));
    // What has no such element is not broken by it.
    made.retain(|(_, content)| content != text.as_bytes());
    made
}

/// Everything that an import says, of a folder with these files.
fn import(folder: &Path, definitions: &Definitions, files: &[(String, Vec<u8>)]) -> String {
    let messages = folder.join("berichten");
    fs::create_dir_all(&messages).unwrap();
    for (name, content) in files {
        fs::write(messages.join(name), content).unwrap();
    }
    let period: Period = "2025H2".parse().unwrap();
    let request = ImportRequest {
        gemeente: GEMEENTE.parse().unwrap(),
        voorgangers: &[],
        first: period,
        last: period,
        records: &folder.join("records"),
        snapshots: &folder.join("snapshots"),
        key: &RecordKey::from_bytes(&[3; 32]),
        afbeelding: &Afbeelding::default(),
        definities: definitions,
        bewaren: None,
        strict: false,
        now: jiff::Timestamp::from_second(1_790_000_000).unwrap(),
    };
    let imported = import_ijw(&request, &messages, &mut |_| {});
    let mut said = format!("{imported:?}");
    let report = match &imported {
        Ok(report) => Some(report),
        Err(error) => {
            said.push_str(&format!("{:#}", anyhow::Error::msg(error.to_string())));
            let mut source = std::error::Error::source(error);
            while let Some(cause) = source {
                said.push_str(&format!("{cause} {cause:?}"));
                source = cause.source();
            }
            match error {
                ImportError::NothingUsable(report) => Some(&**report),
                _ => None,
            }
        }
    };
    if let Some(report) = report {
        said.push_str(&format!("{report}{}{}", serde_json::to_string(report).unwrap(), report.html().unwrap()));
    }
    said
}

/// The shortest message of each kind about the child, and a toewijzing of somebody else.
fn messages(seed: u64) -> (BTreeMap<String, String>, String) {
    let gemeente: Gemeentecode = GEMEENTE.parse().unwrap();
    let (first, last): (Period, Period) = ("2025H1".parse().unwrap(), "2025H2".parse().unwrap());
    let synthetic = SyntheticGemeente::generate(gemeente, seed, first, last, Size::Persons(40)).unwrap();
    let whole = tempfile::tempdir().unwrap();
    synthetic.with_canary(watch::bsn(), watch::NAME).write_messages(whole.path()).unwrap();
    let mut messages: BTreeMap<String, String> = BTreeMap::new();
    let mut other = None;
    for path in watch::files(whole.path(), "") {
        let text = fs::read_to_string(&path).unwrap();
        let kind = path.file_name().unwrap().to_string_lossy()[..5].to_owned();
        if text.contains(&watch::bsn().to_string()) {
            let shortest = messages.entry(kind).or_insert_with(|| text.clone());
            if text.len() < shortest.len() {
                *shortest = text;
            }
        } else if kind == "jw301" {
            other = Some(text);
        }
    }
    (messages, other.unwrap())
}

#[test]
fn no_broken_message_gets_the_childs_number_or_name_out() {
    let _watching = watch::begin();
    let catalogue = registered_catalogue().unwrap();
    let kinds = ["jw301", "jw305", "jw307", "jw315", "jw323"];
    let enough =
        |(messages, _): &(BTreeMap<String, String>, String)| kinds.iter().all(|kind| messages.contains_key(*kind));
    let (messages, other) = (3..100).map(messages).find(enough).expect("a child with every kind of message");

    let mut all = Vec::new();
    let mut findings = 0;
    for (message, text) in &messages {
        for (number, (what, content)) in broken(text).into_iter().enumerate() {
            let folder = tempfile::tempdir().unwrap();
            // Named after the child, as some do.
            let file = (format!("{}-{message}-{number}.xml", watch::bsn()), content);
            let said = import(folder.path(), catalogue.definitions(), std::slice::from_ref(&file));
            assert!(!watch::holds(said.as_bytes()), "{message}, {what}: {said}");
            watch::assert_absent(folder.path(), "berichten");
            findings += usize::from(said.contains("Bevinding"));
            all.push(file);
        }
    }
    assert!(findings > 50, "only {findings} of {} broken messages were found so", all.len());

    // All of them together, beside one that is whole, so that there is a snapshot.
    all.push(("heel.xml".to_owned(), other.into_bytes()));
    let folder = tempfile::tempdir().unwrap();
    let said = import(folder.path(), catalogue.definitions(), &all);
    assert!(!watch::holds(said.as_bytes()), "{said}");
    assert!(watch::assert_absent(folder.path(), "berichten") > 3, "there is a snapshot to look at");

    let (_, seen) = watch::seen();
    let leaked: Vec<&String> = seen.iter().filter(|event| watch::holds(event.as_bytes())).collect();
    assert!(leaked.is_empty(), "{leaked:#?}");
}

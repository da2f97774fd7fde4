use std::{collections::BTreeMap, path::Path};

use ring::signature::{Ed25519KeyPair, KeyPair as _};

use super::*;

pub(crate) fn registered() -> SignedBundle {
    SignedBundle::read(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../config/catalogus"))).unwrap()
}

pub(super) const FILES: [&str; 6] =
    ["catalogus.toml", "weergaven.toml", "definities.toml", "doelen.toml", "kubussen.toml", "gebieden.toml"];

pub(crate) fn with(file: &str, change: impl Fn(&str) -> String) -> Bundle {
    let registered = registered();
    let files = FILES
        .into_iter()
        .map(|name| {
            let text = registered.bundle().file(name).unwrap();
            (name.to_owned(), if name == file { change(text) } else { text.to_owned() })
        })
        .collect::<BTreeMap<_, _>>();
    Bundle::from_files(files)
}

pub(super) fn problems(file: &str, change: impl Fn(&str) -> String) -> String {
    Catalogue::from_bundle(&with(file, change)).unwrap_err().to_string()
}

#[test]
fn the_registered_catalogue_is_whole() {
    let catalogue = Catalogue::from_bundle(registered().bundle()).unwrap();
    let division = catalogue.division("2025H2".parse().unwrap()).unwrap();
    assert_eq!(division.gemeenten().count(), 342);
    assert_eq!(division.areas(AreaLevel::Jeugdregio).len(), 42);
    assert_eq!(division.areas(AreaLevel::Provincie).len(), 12);
    let view = catalogue.view("jeugdhulp").unwrap();
    let dimension = |column: &str| view.column(column).unwrap().dimension().unwrap();
    assert_eq!(dimension("categorie").domain().members().len(), 25);
    // A grouping with onbekend among its own has no other.
    assert_eq!(dimension("groep").domain().members().len(), 9);
    assert_eq!(dimension("groep").grouping().unwrap().group_of(&"onbekend".parse().unwrap()).unwrap().as_str(), "rest");
    assert!(dimension("hoofdgroep").domain().index_of("onbekend").is_none());
    assert_eq!(catalogue.cubes().count(), 17);
    let views: Vec<&str> = catalogue.views().map(|view| view.name().as_str()).collect();
    assert_eq!(views, ["declaratie", "herhaald_beroep", "jeugdhulp", "wisseling"]);
}

#[test]
fn profiles_that_are_none_are_problems() {
    let problems = |from: &str, to: &str| problems("catalogus.toml", |text| text.replace(from, to));
    for (from, to, said) in [
        ("naam = \"landelijk\"", "naam = \"land\"", "there is no profiel landelijk"),
        ("naam = \"cbs\"", "naam = \"landelijk\"", "profiel landelijk is there twice"),
        ("afronden = 5", "afronden = 0", "profiel cbs rounds to multiples of 0;"),
        ("afronden = 5", "afronden = 11", "profiel cbs rounds to multiples of 11;"),
        ("nullen = \"verborgen\"", "nullen = \"weg\"", "unknown variant `weg`"),
    ] {
        let found = problems(from, to);
        assert!(found.contains(said), "{found}");
    }
}

/// What every table has besides what it counts.
pub(crate) const WEIGHED: &str =
    "motivering = \"x\"\nweging = { doelmatig = \"x\", rechtmatig = \"x\", verantwoord = \"x\" }\n";

#[test]
fn what_is_registered_was_weighed() {
    let no_words = "motivering and each part of weging say something";
    for (file, from, to, said) in [
        ("kubussen.toml", "\nrechtmatig = ", "\nrechtmatigheid = ", "unknown field `rechtmatigheid`"),
        ("kubussen.toml", "[kubus.weging]", "[kubus.afweging]", "unknown field `afweging`"),
        ("kubussen.toml", "motivering = \"", "motivering = \"\\u001B", no_words),
        ("kubussen.toml", "verantwoord = \"", "verantwoord = \" \" # \"", no_words),
        ("doelen.toml", "doelmatig = \"", "doelmatig = \"\" # \"", "landelijke-monitor: doel and weging"),
    ] {
        let found = problems(file, |text| text.replacen(from, to, 1));
        assert!(found.contains(said), "{found}");
    }
}

#[test]
fn r12_cubes_that_go_round_in_a_circle_are_refused_by_name() {
    let circle = problems("kubussen.toml", |text| {
        let more = "\n[[kubus]]\nnaam = \"leeftijd-geslacht\"\nnl = \"x\"\nen = \"x\"\nweergave = \"jeugdhulp\"\n\
                    dimensies = [\"leeftijdsgroep\", \"geslacht\"]\ntellingen = [\"personen\"]\ndoelen = [\"landelijke-monitor\"]\n";
        format!("{text}{more}{WEIGHED}")
    });
    assert!(circle.contains("categorie, geslacht, leeftijdsgroep go round in a circle"), "{circle}");
}

#[test]
fn a_relation_between_views_names_what_is_there() {
    let missing = problems("weergaven.toml", |text| text.replacen("lid = \"gestart\"", "lid = \"begonnen\"", 1));
    assert!(missing.contains("deel_van names a column or member"), "{missing}");
    let below = problems("weergaven.toml", |text| {
        text.replacen("personen_in = \"jeugdhulp\"", "personen_in = \"declaratie\"", 1)
    });
    assert!(below.contains("there is no weergave declaratie above"), "{below}");
}

#[test]
fn what_is_excluded_names_some_members_of_dimensions_that_follow_from_no_other() {
    for (from, to, said) in [
        ("{ begin = [\"onbekend\"] }", "{ begin = [\"nooit\"] }", "begin does not have nooit"),
        ("{ begin = [\"onbekend\"] }", "{ groep = [\"ggz\"] }", "groep is no dimension of it, or follows from another"),
        ("{ begin = [\"onbekend\"] }", "{ aanbieder = [\"1\"] }", "aanbieder is no dimension of it"),
        ("{ begin = [\"onbekend\"] }", "{ begin = [] }", "begin excludes all of its members or none"),
        ("{ begin = [\"onbekend\"] }", "{}", "names no dimension"),
        (
            "{ begin = [\"onbekend\"] }",
            "{ begin = [\"gestart\"] }\nandere_dan = { begin = [\"gestart\"] }",
            "begin is there twice",
        ),
    ] {
        let refused = problems("weergaven.toml", |text| text.replacen(from, to, 1));
        assert!(refused.contains(&format!("jeugdhulp.uitgesloten: {said}")), "{refused}");
    }
}

#[test]
fn a_cube_must_keep_the_rules_on_measures() {
    let persons_over_flow = problems("kubussen.toml", |text| {
        text.replacen(
            "dimensies = [\"reden_einde\"]\ntellingen = [\"aantal\"]",
            "dimensies = [\"reden_einde\"]\ntellingen = [\"personen\"]",
            1,
        )
    });
    assert!(persons_over_flow.contains("einde"), "{persons_over_flow}");
    let persons_over_grouped_flow = problems("kubussen.toml", |text| {
        text.replacen(
            "dimensies = [\"reden_einde\"]\ntellingen = [\"aantal\"]",
            "dimensies = [\"einde_groep\"]\ntellingen = [\"personen\"]",
            1,
        )
    });
    assert!(persons_over_grouped_flow.contains("einde"), "{persons_over_grouped_flow}");
    let stroom_crossed = problems("kubussen.toml", |text| {
        text.replacen("dimensies = [\"stroom\"]", "dimensies = [\"stroom\", \"groep\"]", 1)
    });
    assert!(stroom_crossed.contains("stroom"), "{stroom_crossed}");
    let too_large = problems("kubussen.toml", |text| {
        text.replacen(
            "\"begin\", \"beeindigd\", \"duur_groep\"",
            "\"categorie\", \"einde\", \"duurklasse\", \"leeftijdsgroep\"",
            1,
        )
    });
    assert!(too_large.contains("2500"), "{too_large}");
}

#[test]
fn every_problem_is_named_at_once() {
    let all = problems("kubussen.toml", |text| {
        text.replace("\"stroom\"", "\"strom\"").replace("\"landelijke-monitor\"", "\"ander-doel\"")
    });
    assert!(all.contains("strom is no dimension") && all.contains("ander-doel is not registered"), "{all}");
    let group_gap = problems("weergaven.toml", |text| text.replacen("uit = [\"45\"]", "uit = []", 1));
    assert!(group_gap.contains("45"), "{group_gap}");
    let renamed = problems("weergaven.toml", |text| text.replacen("naam = \"periode\"", "naam = \"halfjaar\"", 1));
    assert!(renamed.contains("named periode"), "{renamed}");
    let no_year = problems("gebieden.toml", |text| text.replacen("laatste_jaar = 2026", "laatste_jaar = 2025", 1));
    assert!(no_year.contains("2026H1"), "{no_year}");
    for of_no_ages in ["{ \"4-12\" = 7000 }", "{ \"4-11\" = 300000 }"] {
        let with_ages = format!("inwoners = 233071, leeftijdsgroepen = {of_no_ages}");
        let refused = problems("gebieden.toml", |text| text.replacen("inwoners = 233071", &with_ages, 1));
        assert!(refused.contains("GM0014 has leeftijdsgroepen that no weergave has, or more"), "{refused}");
    }
}

#[test]
fn a_column_means_the_same_in_every_view() {
    let catalogue = Catalogue::from_bundle(registered().bundle()).unwrap();
    let jeugdhulp = catalogue.view("jeugdhulp").unwrap();
    for view in ["herhaald_beroep", "wisseling", "declaratie"].map(|name| catalogue.view(name).unwrap()) {
        for column in view.columns() {
            assert!(jeugdhulp.column(column.name().as_str()).is_none_or(|same| same.role() == column.role()));
        }
        let groep = view.column("groep").unwrap().dimension().unwrap().grouping().unwrap();
        assert_eq!(groep.group_of(&"45".parse().unwrap()).unwrap().as_str(), "ambulant");
    }
    let last = |text: &str, from: &str, to: &str| {
        let (before, after) = text.rsplit_once(from).unwrap();
        format!("{before}{to}{after}")
    };
    let een = problems("weergaven.toml", |text| last(text, "per_persoon = \"een\"", "per_persoon = \"meer\""));
    assert!(een.contains("wisseling.geslacht: differs from the column of that name in"), "{een}");
    let own = problems("weergaven.toml", |text| {
        last(text, "per_persoon = \"een\"\nleden_van = \"jeugdhulp\"", "per_persoon = \"een\"\nleden = []")
    });
    assert!(own.contains("wisseling.geslacht: differs"), "{own}");
    for (to, problem) in [
        ("leden_van = \"jeugdhulp\"\nleden = [{ code = \"a\", nl = \"a\", en = \"a\" }]", "not both"),
        ("leden_van = \"declaratie\"", "no declaratie above has a column of that name with leden"),
        ("leden_van = \"nergens\"", "no nergens above"),
    ] {
        let refused = problems("weergaven.toml", |text| last(text, "leden_van = \"jeugdhulp\"", to));
        assert!(refused.contains(problem), "{refused}");
    }
    let twice = problems("weergaven.toml", |text| text.replace("naam = \"wisseling\"", "naam = \"jeugdhulp\""));
    assert!(twice.contains("weergaven.toml: jeugdhulp: the name is used twice"), "{twice}");
}

#[test]
fn a_cube_lies_within_its_own_view() {
    let elsewhere = problems("kubussen.toml", |text| {
        text.replacen("weergave = \"herhaald_beroep\"", "weergave = \"wisseling\"", 1)
    });
    assert!(elsewhere.contains("herhaald_groep is no dimension of wisseling"), "{elsewhere}");
    let nowhere =
        problems("kubussen.toml", |text| text.replacen("weergave = \"herhaald_beroep\"", "weergave = \"recidive\"", 1));
    assert!(nowhere.contains("there is no weergave recidive"), "{nowhere}");
    for column in ["aanbieder", "bedrag", "persoon"] {
        let hidden = problems("kubussen.toml", |text| {
            text.replacen(
                "weergave = \"wisseling\"\ndimensies = [\"aansluiting\"]",
                &format!("weergave = \"declaratie\"\ndimensies = [\"{column}\"]"),
                1,
            )
        });
        assert!(hidden.contains(&format!("{column} is no dimension of declaratie")), "{hidden}");
    }
    let persons = problems("kubussen.toml", |text| {
        let two = "dimensies = [\"hoofdgroep\", \"verwijzer_groep\"]\ntellingen = ";
        text.replacen(&format!("{two}[\"aantal\"]"), &format!("{two}[\"personen\"]"), 1)
    });
    assert!(persons.contains("hoofdgroep-verwijzer: a cube of two `meer` dimensions"), "{persons}");
}

#[test]
fn only_two_distinct_trusted_signatures_over_these_files_open_a_bundle() {
    let keys: Vec<Ed25519KeyPair> =
        (1u8..=3).map(|seed| Ed25519KeyPair::from_seed_unchecked(&[seed; 32]).unwrap()).collect();
    let party = |name: &str, key: &Ed25519KeyPair| TrustedParty {
        partij: name.to_owned(),
        sleutel: data_encoding::BASE64.encode(key.public_key().as_ref()),
    };
    let trusted = [party("een", &keys[0]), party("twee", &keys[1])];
    let bundle = registered().bundle().clone();
    let signed = |signatures| SignedBundle::new(bundle.clone(), signatures).open(&trusted);

    assert!(signed(vec![bundle.sign("een", &keys[0]), bundle.sign("twee", &keys[1])]).is_ok());
    for too_few in [
        vec![],
        vec![bundle.sign("een", &keys[0])],
        vec![bundle.sign("een", &keys[0]), bundle.sign("een", &keys[0])],
        vec![bundle.sign("een", &keys[0]), bundle.sign("twee", &keys[2])],
        vec![bundle.sign("een", &keys[0]), bundle.sign("drie", &keys[2])],
    ] {
        assert!(matches!(signed(too_few), Err(BundleError::Quorum { valid: 0 | 1 })));
    }
    let same_key = [party("een", &keys[0]), party("twee", &keys[0])];
    let twice = SignedBundle::new(bundle.clone(), vec![bundle.sign("een", &keys[0]), bundle.sign("twee", &keys[0])]);
    assert!(matches!(twice.open(&same_key), Err(BundleError::Quorum { valid: 1 })));
    let altered = with("doelen.toml", |text| format!("{text}\n# x"));
    let stale = vec![bundle.sign("een", &keys[0]), bundle.sign("twee", &keys[1])];
    assert!(matches!(SignedBundle::new(altered, stale).open(&trusted), Err(BundleError::Quorum { valid: 0 })));
}

#[test]
fn what_stands_for_all_members_or_for_none_is_no_member() {
    let member = |code: &str| Member {
        code: code.parse().unwrap(),
        label: Label { nl: String::new(), en: String::new() },
        sensitive: false,
        share: 1,
    };
    for (code, taken) in [("M", false), (ONBEKEND, true), (TOTAAL, true)] {
        assert_eq!(Domain::new(vec![member(code)], true).is_none(), taken, "{code}");
    }
}

use jiff::civil::date;
use proptest::prelude::*;

use super::{
    super::tests::berichten::{Brief, GEBOREN, KIND, NAAM},
    *,
};

fn start() -> Brief {
    Brief::jw305("A1", "2024-02-01").start("7", "45/45A04", "2024-01-15", "1")
}

fn read(xml: &str) -> Result<Gelezen, Bevinding> {
    lees(xml.as_bytes(), "GM0014".parse().unwrap())
}

fn bericht(xml: &str) -> Bericht {
    match read(xml).unwrap() {
        Gelezen::Bericht(bericht) => *bericht,
        Gelezen::Overgeslagen(name) => panic!("{name} passed over"),
    }
}

fn refused(xml: &str) -> Bevinding {
    read(xml).unwrap_err()
}

#[test]
fn each_kind_is_read() {
    let bericht = bericht(&start().xml());
    assert_eq!(bericht.header.bericht.dagtekening, date(2024, 2, 1));
    assert_eq!(bericht.header.bericht.aanbieder, 12_345_678);
    assert_eq!(&*bericht.header.bericht.identificatie, "A1");
    assert_eq!(bericht.client.gegevens.geboortedatum, date(2012, 3, 4));
    assert_eq!(bericht.client.gegevens.geslacht, Geslacht::Vrouwelijk);
    let Regels::Gestart(regels) = &bericht.regels else { panic!() };
    assert_eq!(regels[0].levering.wat.toewijzing, Some(7));
    assert_eq!(regels[0].levering.wat.product.as_ref().unwrap().categorie, Categorie::C45);

    let toewijzing =
        self::bericht(&Brief::jw301("B1", "2024-01-10").toewijzing(7, "45", "2024-01-10 09:30:00", "").xml());
    let Regels::Toegewezen(regels) = &toewijzing.regels else { panic!() };
    assert_eq!((regels[0].nummer, regels[0].datum), (7, date(2024, 1, 10)));

    let stop = Brief::jw307("C1", "2024-03-01").stop("7", "45", "2024-01-15", ("31", "2024-02-28"), "3");
    let Regels::Gestopt(regels) = &self::bericht(&stop.xml()).regels else { panic!() };
    assert_eq!(regels[0].beeindiging.reden, RedenBeeindiging::VolgensPlan);
    assert_eq!(regels[0].status, Aanlevering::Verwijderen);
}

#[test]
fn nothing_but_the_fields_that_are_kept_stays_in_memory() {
    let toewijzing = Brief::jw301("B1", "2024-01-10").toewijzing(7, "45", "2024-01-10 09:30:00", "");
    let text = format!("{:?}", bericht(&toewijzing.xml()));
    assert!(!text.contains(NAAM) && !text.contains(KIND) && !text.contains("1980"));
}

#[test]
fn other_messages_are_passed_over() {
    for (number, name) in [("315", "JW315"), ("323", "JW323"), ("306", "JW306")] {
        let xml = start().xml().replace("jw305/schema", &format!("jw{number}/schema"));
        assert!(matches!(read(&xml), Ok(Gelezen::Overgeslagen(found)) if found == name));
    }
}

#[test]
fn doctype_and_entities_are_refused() {
    let xml = start().xml();
    let with_doctype = xml.replace("<m:Bericht ", "<!DOCTYPE m [<!ENTITY e SYSTEM 'file:///etc/passwd'>]><m:Bericht ");
    assert_eq!(refused(&with_doctype), Bevinding::DtdGeweigerd);
    assert_eq!(refused(&xml.replace(NAAM, "&e;")), Bevinding::DtdGeweigerd);
    assert_eq!(refused(&xml.replace(KIND, "&e;")), Bevinding::DtdGeweigerd);
    assert_eq!(refused(&xml.replace("<m:Client>", "<m:Client a='&e;'>")), Bevinding::DtdGeweigerd);
    assert!(read(&xml.replace(NAAM, "&lt;&gt;&amp;&apos;&quot;&#65;")).is_ok());
    let escaped = xml.replace("<m:Bsn>9", "<m:Bsn>&#57;").replace("2024-01-15", "<![CDATA[2024-01-15]]>");
    assert!(bericht(&escaped).afgekeurd.is_empty());
}

#[test]
fn what_is_not_well_formed_is_refused_whole() {
    let xml = start().xml();
    for bad in [
        "",
        "geen xml",
        &xml[..xml.len() - 5],
        &xml.replace("</m:Client>", ""),
        &xml.replace("<m:Client>", "<x:Client>").replace("</m:Client>", "</x:Client>"),
        &format!("{xml}<m:Bericht/>"),
        &format!("{xml}text"),
        &xml.replace("<m:Client>", "<m:Client a='1' a='2'>"),
    ] {
        assert_eq!(refused(bad), Bevinding::GeenXml, "{}", bad.len());
    }
    assert_eq!(lees(b"<a>\xff</a>", "GM0014".parse().unwrap()).unwrap_err(), Bevinding::NietLeesbaar);
    assert_eq!(refused(&xml.replace("UTF-8", "ISO-8859-1")), Bevinding::NietLeesbaar);
    assert!(read(&format!("\u{feff}{xml}\n<!-- einde -->\n")).is_ok());
}

#[test]
fn versions_and_senders_are_checked() {
    let xml = start().xml();
    assert_eq!(refused("<a/>"), Bevinding::AnderBericht);
    assert_eq!(refused(&xml.replace("/ijw/", "/iwmo/")), Bevinding::AnderBericht);
    assert_eq!(refused(&xml.replace("3_2/jw305", "3_1/jw305")), Bevinding::AndereVersie);
    assert_eq!(refused(&xml.replace("Versie>3<", "Versie>2<")), Bevinding::AndereVersie);
    assert_eq!(refused(&xml.replace("Subversie>2<", "Subversie>1<")), Bevinding::AndereVersie);
    assert_eq!(refused(&xml.replace("438", "440")), Bevinding::NietVolgensSchema);
    assert_eq!(refused(&xml.replace("0014", "0015")), Bevinding::AndereGemeente);
    let toewijzing = Brief::jw301("B1", "2024-01-10").toewijzing(7, "45", "2024-01-10 09:30:00", "").xml();
    assert_eq!(refused(&toewijzing.replace("0014", "0015")), Bevinding::AndereGemeente);
    assert_eq!(refused(&xml.replace("3_2/basisschema", "3_1/basisschema")), Bevinding::NietVolgensSchema);
}

#[test]
fn a_client_is_refused_whole() {
    let xml = start().xml();
    assert_eq!(refused(&xml.replace(KIND, "999900007")), Bevinding::BsnOngeldig);
    assert_eq!(refused(&xml.replace(GEBOREN, "2012-02-30")), Bevinding::DatumOnmogelijk);
    assert_eq!(refused(&xml.replace("Geslacht>2<", "Geslacht>9<")), Bevinding::OnbekendeCode);
    assert_eq!(refused(&xml.replace(&format!("<m:Bsn>{KIND}</m:Bsn>"), "")), Bevinding::NietVolgensSchema);
    let twice = format!("<m:Bsn>{KIND}</m:Bsn>");
    assert_eq!(refused(&xml.replace(&twice, &twice.repeat(2))), Bevinding::NietVolgensSchema);
    assert_eq!(refused(&Brief::jw305("A1", "2024-02-01").xml()), Bevinding::NietVolgensSchema);
}

#[test]
fn a_line_is_refused_alone() {
    let one = |nummer, product, begin, status| {
        let brief = start().start(nummer, product, begin, status);
        let bericht = bericht(&brief.xml());
        let Regels::Gestart(regels) = &bericht.regels else { panic!() };
        assert_eq!(regels.len(), 1);
        bericht.afgekeurd
    };
    assert_eq!(one("8", "39", "2024-01-15", "1"), [Bevinding::OnbekendeCode]);
    assert_eq!(one("8", "45", "2024-01-32", "1"), [Bevinding::DatumOnmogelijk]);
    assert_eq!(one("8", "45", "2024-01-15", "2"), [Bevinding::StatusNietToegestaan]);
    assert_eq!(one("8", "45", "2024-01-15", "9"), [Bevinding::StatusNietToegestaan]);
    assert_eq!(one("8", "45", "2024-01-15", "4"), [Bevinding::OnbekendeCode]);
    assert_eq!(one("", "", "2024-01-15", "1"), [Bevinding::ProductOntbreekt]);
    assert_eq!(one("1000000000", "45", "2024-01-15", "1"), [Bevinding::NietVolgensSchema]);
    assert_eq!(one("8", "45/123456", "2024-01-15", "1"), [Bevinding::NietVolgensSchema]);
}

#[test]
fn depth_and_attributes_are_bounded() {
    let xml = start().xml();
    let deep = format!("<m:Client>{}{}", "<m:a>".repeat(70), "</m:a>".repeat(70));
    assert_eq!(refused(&xml.replace("<m:Client>", &deep)), Bevinding::NietVolgensSchema);
    let many: String = (0..2000).map(|place| format!(" a{place}=''")).collect();
    assert_eq!(refused(&xml.replace("<m:Client>", &format!("<m:Client{many}>"))), Bevinding::NietVolgensSchema);
}

proptest! {
    /// Whatever a file holds, reading it ends in a message or in a code.
    #[test]
    fn no_file_stops_the_reader(place in any::<prop::sample::Index>(), part in prop::collection::vec(any::<u8>(), 0..12)) {
        let mut xml = start().xml().into_bytes();
        let place = place.index(xml.len());
        let end = (place + part.len() / 2).min(xml.len());
        xml.splice(place..end, part);
        let _ = lees(&xml, "GM0014".parse().unwrap());
    }
}

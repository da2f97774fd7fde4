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
    let Some((_, Uitspraak::Gegevens(gegevens))) = bericht.uitspraken.last() else { panic!() };
    assert_eq!((gegevens.geboortedatum, gegevens.geslacht), (date(2012, 3, 4), Geslacht::Vrouwelijk));
    assert_eq!(bericht.soort, Soort::Jw305);
    let Uitspraak::Start(levering, Aanlevering::Eerste) = line(&bericht) else { panic!() };
    assert_eq!(levering.wat.toewijzing, Some(7));
    assert_eq!(levering.wat.product.as_ref().unwrap().categorie, Categorie::C45);

    let toewijzing =
        self::bericht(&Brief::jw301("B1", "2024-01-10").toewijzing(7, "45", "2024-01-10 09:30:00", "").xml());
    let Uitspraak::Toewijzing(regel) = line(&toewijzing) else { panic!() };
    assert_eq!((regel.nummer, regel.datum, regel.aanbieder), (7, date(2024, 1, 10), 12_345_678));

    let stop = Brief::jw307("C1", "2024-03-01").stop("7", "45", "2024-01-15", ("31", "2024-02-28"), "3");
    let Uitspraak::Stop(beeindiging, Aanlevering::Verwijderen) = line(&self::bericht(&stop.xml())) else { panic!() };
    assert_eq!(beeindiging.reden, RedenBeeindiging::VolgensPlan);

    let verzoek = Brief::jw315("V1", "2024-01-02").verzoek("VOT-1", "02");
    let Uitspraak::Verzoek(regel) = line(&self::bericht(&verzoek.xml())) else { panic!() };
    assert_eq!((regel.verwijzer, &*regel.referentie), (Verwijzer::Huisarts, "VOT-1"));

    let declaratie =
        self::bericht(&Brief::jw323("D1", "2024-04-02").prestatie("R2", "R1", 7, "2024-03", 500, "C").xml());
    let Uitspraak::Prestatie(regel) = line(&declaratie) else { panic!() };
    assert_eq!((regel.bedrag, regel.debet_credit, regel.vorige.as_deref()), (500, DebetCredit::Credit, Some("R1")));
    assert_eq!((regel.begin, regel.einde), (date(2024, 3, 1), date(2024, 3, 31)));
    assert_eq!((declaratie.uitspraken.len(), declaratie.bevindingen.len()), (1, 0));
}

/// The first statement of a message.
fn line(bericht: &Bericht) -> Uitspraak {
    bericht.uitspraken[0].1.clone()
}

/// A JW317 or JW319 around one line.
fn counted(nummer: &str, code: &str, inhoud: &str) -> String {
    let xml = start().xml().replace("jw305", &format!("jw{nummer}")).replace(">438<", &format!(">{code}<"));
    let (head, _) = xml.split_once("<m:Client>").unwrap();
    format!("{head}{inhoud}</m:Bericht>")
}

#[test]
fn requests_for_a_change_and_answers_are_counted() {
    let verzoek =
        "<m:Verzoek><m:ReferentieAanbieder>R</m:ReferentieAanbieder><m:RedenVerzoek>1</m:RedenVerzoek></m:Verzoek>";
    let xml = counted("317", "486", &format!("<m:Client><m:Bsn>{KIND}</m:Bsn>{verzoek}</m:Client>"));
    let bericht = bericht(&xml);
    assert!(bericht.soort == Soort::Jw317 && bericht.uitspraken.is_empty() && bericht.bruikbaar());
    assert!(!self::bericht(&xml.replace("Verzoek>1<", "Verzoek>3<")).bruikbaar());

    let antwoord = |rest: &str| {
        let xml = counted(
            "319",
            "488",
            &format!(
                "<m:Antwoord><m:ReferentieAanbieder>R</m:ReferentieAanbieder>\
                 <m:VerzoekAntwoord>1</m:VerzoekAntwoord>{rest}</m:Antwoord>"
            ),
        );
        xml.replace("Afzender>12345678<", "Afzender>0014<").replace("Ontvanger>0014<", "Ontvanger>12345678<")
    };
    let rejected = self::bericht(&antwoord(""));
    assert_eq!((rejected.antwoord, rejected.bevindingen), (Some(VerzoekAntwoord::Afgewezen), vec![]));
    let no_answer = antwoord("").replace("Antwoord>1<", "Antwoord>7<");
    assert_eq!(refused(&no_answer), Bevinding::OnbekendeCode);
}

#[test]
fn op359_a_rejection_for_the_woonplaatsbeginsel_names_the_gemeente() {
    let antwoord = |rest: &str| {
        let inhoud = format!(
            "<m:Antwoord><m:ReferentieAanbieder>R</m:ReferentieAanbieder><m:VerzoekAntwoord>1</m:VerzoekAntwoord>\
             <m:RedenAfwijzingVerzoek>8</m:RedenAfwijzingVerzoek>{rest}</m:Antwoord>"
        );
        let xml = counted("319", "488", &inhoud);
        let xml = xml.replace("Afzender>12345678<", "Afzender>0014<").replace("Ontvanger>0014<", "Ontvanger>12345678<");
        bericht(&xml).bevindingen
    };
    assert_eq!(antwoord(""), [Bevinding::WoonplaatsZonderGemeente]);
    assert_eq!(antwoord("<m:Woonplaatsbeginsel><m:Gemeente>0344</m:Gemeente></m:Woonplaatsbeginsel>"), []);
}

#[test]
fn cs100_cs337_cs340_a_declaratie_is_of_one_month_from_2021_on() {
    let xml = Brief::jw323("D1", "2024-04-02").prestatie("R1", "", 7, "2024-03", 500, "D").xml();
    let period = "DeclaratiePeriode><b:Begindatum>2024-03-01";
    assert_eq!(refused(&xml.replace(period, "DeclaratiePeriode><b:Begindatum>2024-03-02")), Bevinding::PeriodeOngeldig);
    let line = |from: &str, to: &str| {
        let bericht = bericht(&xml.replace(from, to));
        assert!(!bericht.bruikbaar());
        bericht.bevindingen
    };
    let begin = "ProductPeriode><b:Begindatum>2024-03-01";
    assert_eq!(line(begin, "ProductPeriode><b:Begindatum>2024-02-29"), [Bevinding::PeriodeOngeldig]);
    let old = xml.replace("2024-03-", "2020-03-").replace("2024-04-01", "2020-04-01");
    assert_eq!(refused(&old), Bevinding::PeriodeOngeldig);
}

#[test]
fn cs325_cs339_amounts_are_what_they_say() {
    let xml = Brief::jw323("D1", "2024-04-02").prestatie("R1", "", 7, "2024-03", 500, "D").xml();
    let codes = |xml: &str| bericht(xml).bevindingen;
    assert_eq!(codes(&xml), []);
    assert_eq!(codes(&xml.replace("Eenheid>04<", "Eenheid>83<")), [Bevinding::BedragOngeldig]);
    let euros = xml.replace("Eenheid>04<", "Eenheid>83<").replace("Volume>3<", "Volume>500<");
    assert_eq!(codes(&euros), []);
    let nothing = Brief::jw323("D1", "2024-04-02").prestatie("R1", "R0", 7, "2024-03", 0, "C").xml();
    assert_eq!(codes(&nothing), [Bevinding::BedragOngeldig]);
    assert_eq!(codes(&xml.replace("TotaalBedrag>500<", "TotaalBedrag>501<")), [Bevinding::TotaalWijktAf]);
}

#[test]
fn a_client_of_a_declaratie_is_refused_alone() {
    let good = Brief::jw323("D1", "2024-04-02").prestatie("R1", "", 7, "2024-03", 500, "D").xml();
    let (_, client) = good.split_once("<m:Clienten>").unwrap();
    let (client, _) = client.split_once("</m:Clienten>").unwrap();
    let bad = client.replace(KIND, "999900007").replace(">R1<", ">R2<");
    let both =
        good.replace("<m:Clienten>", &format!("<m:Clienten>{bad}")).replace("TotaalBedrag>500<", "TotaalBedrag>1000<");
    let bericht = bericht(&both);
    assert_eq!((bericht.uitspraken.len(), bericht.bevindingen), (1, vec![Bevinding::BsnOngeldig]));
}

#[test]
fn cs336_the_administrative_correction_of_old_is_refused() {
    let xml = Brief::jw301("B1", "2024-01-10").toewijzing(7, "45", "2024-01-10 09:30:00", "01").xml();
    assert_eq!(bericht(&xml).bevindingen, [Bevinding::RedenNietToegestaan]);
}

#[test]
fn nothing_but_the_fields_that_are_kept_stays_in_memory() {
    let toewijzing = Brief::jw301("B1", "2024-01-10").toewijzing(7, "45", "2024-01-10 09:30:00", "");
    let text = format!("{:?}", bericht(&toewijzing.xml()));
    assert!(!text.contains(NAAM) && !text.contains(KIND) && !text.contains("1980"));
}

#[test]
fn other_messages_are_passed_over() {
    for (number, name) in [("302", "JW302"), ("325", "JW325"), ("306", "JW306")] {
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
    assert!(bericht(&escaped).bevindingen.is_empty());
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
    let no_utf8: Vec<u8> = xml.bytes().map(|byte| if byte == NAAM.as_bytes()[0] { 0xff } else { byte }).collect();
    assert_eq!(lees(&no_utf8, "GM0014".parse().unwrap()).unwrap_err(), Bevinding::NietLeesbaar);
    assert_eq!(refused(&xml.replace("UTF-8", "ISO-8859-1")), Bevinding::NietLeesbaar);
    assert!(read(&format!("\u{feff}{xml}\n<!-- einde -->\n")).is_ok());
}

#[test]
fn versions_and_senders_are_checked() {
    let xml = start().xml();
    assert_eq!(refused("<a/>"), Bevinding::AnderBericht);
    assert_eq!(refused(&xml.replace("/ijw/", "/iwmo/")), Bevinding::AnderBericht);
    assert_eq!(refused(&xml.replace("3_2/jw305", "3_0/jw305")), Bevinding::Versie30);
    assert_eq!(refused(&xml.replace("3_2/jw305", "3_1/jw305")), Bevinding::Versie31);
    assert_eq!(refused(&xml.replace("3_2/jw305", "2_4/jw305")), Bevinding::AndereVersie);
    assert_eq!(refused(&xml.replace("Versie>3<", "Versie>2<")), Bevinding::AndereVersie);
    assert_eq!(refused(&xml.replace("Subversie>2<", "Subversie>1<")), Bevinding::Versie31);
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
        assert_eq!(bericht.uitspraken.len(), 2);
        bericht.bevindingen
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

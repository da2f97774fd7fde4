//! What must hold for every file read as an iJw message, shared by the fuzz target and by the test that runs its corpus.

use std::hash::{Hash as _, Hasher};

use drempel_protocols::id::Gemeentecode;

use super::{
    ingest::{
        bericht::{Bericht, Geleverd, Gelezen, Product, Soort, Uitspraak, lees},
        bevinding::{Aard, Bevinding, Gevolg},
        bsn::Bsn,
    },
    rewrite::rewritten,
};

/// Reading never panics and always ends the same; a message that is read holds only what the schema allows, and says
/// the same when it is written otherwise; a refused one has a code that refuses.
pub(crate) fn check(data: &[u8]) {
    let gelezen = lees(data, gemeente());
    same(&gelezen, &lees(data, gemeente()));
    match &gelezen {
        Ok(Gelezen::Bericht(bericht)) => {
            holds(bericht);
            let text = std::str::from_utf8(data).unwrap_or_else(|error| unreachable!("{error}"));
            if let Some(otherwise) = rewritten(text) {
                same(&gelezen, &lees(otherwise.as_bytes(), gemeente()));
            }
        }
        Ok(Gelezen::Overgeslagen(name)) => assert!(name.starts_with("JW3")),
        Err(bevinding) => refuses(*bevinding),
    }
}

/// The gemeente whose messages the corpus holds.
pub(crate) fn gemeente() -> Gemeentecode {
    Gemeentecode::from_ijw("0014").unwrap_or_else(|error| unreachable!("{error}"))
}

fn same(one: &Result<Gelezen, Bevinding>, other: &Result<Gelezen, Bevinding>) {
    assert_eq!(format!("{one:?}"), format!("{other:?}"));
    // The Debug of a BSN tells nothing.
    if let (Ok(Gelezen::Bericht(one)), Ok(Gelezen::Bericht(other))) = (one, other) {
        assert!(one.uitspraken == other.uitspraken);
    }
}

fn refuses(bevinding: Bevinding) {
    assert_eq!((bevinding.aard(), bevinding.gevolg()), (Aard::Ongeldig, Gevolg::Afgekeurd), "{bevinding}");
}

fn holds(bericht: &Bericht) {
    let header = &bericht.header;
    assert_eq!(header.gemeente, gemeente());
    agb(header.bericht.aanbieder);
    year(header.bericht.dagtekening);
    text(&header.bericht.identificatie, 12);
    for (bsn, uitspraak) in &bericht.uitspraken {
        passes_elfproef(*bsn);
        line(bericht.soort, uitspraak);
    }
    let lines = bericht.uitspraken.iter().filter(|(_, uitspraak)| !matches!(uitspraak, Uitspraak::Gegevens(_))).count();
    let heeft_gegevens = matches!(bericht.soort, Soort::Jw301 | Soort::Jw305 | Soort::Jw307 | Soort::Jw315);
    assert_eq!(bericht.uitspraken.len() - lines, usize::from(heeft_gegevens));
    assert_eq!(bericht.antwoord.is_some(), bericht.soort == Soort::Jw319);
    for bevinding in &bericht.bevindingen {
        match bevinding {
            Bevinding::TotaalWijktAf => assert_eq!(bericht.soort, Soort::Jw323),
            Bevinding::WoonplaatsZonderGemeente => assert_eq!(bericht.soort, Soort::Jw319),
            bevinding => refuses(*bevinding),
        }
    }
    // What is kept of a message is a line or the reason why there is none.
    let counted = matches!(bericht.soort, Soort::Jw317 | Soort::Jw319);
    assert!(counted || lines > 0 || !bericht.bevindingen.is_empty());
    assert_eq!(
        bericht.bruikbaar(),
        lines > 0 || (counted && bericht.bevindingen.iter().all(|b| b.gevolg() == Gevolg::Behouden))
    );
}

fn line(soort: Soort, uitspraak: &Uitspraak) {
    let of = match uitspraak {
        Uitspraak::Gegevens(gegevens) => {
            year(gegevens.geboortedatum);
            soort
        }
        Uitspraak::Toewijzing(regel) => {
            number(regel.nummer);
            agb(regel.aanbieder);
            for datum in [Some(regel.datum), Some(regel.ingangsdatum), regel.einddatum].into_iter().flatten() {
                year(datum);
            }
            regel.product.iter().for_each(product);
            regel.referentie.iter().for_each(|referentie| text(referentie, 36));
            Soort::Jw301
        }
        Uitspraak::Start(levering, _) => {
            geleverd(&levering.wat);
            year(levering.begindatum);
            Soort::Jw305
        }
        Uitspraak::Stop(beeindiging, _) => {
            geleverd(&beeindiging.levering.wat);
            year(beeindiging.levering.begindatum);
            year(beeindiging.einddatum);
            Soort::Jw307
        }
        Uitspraak::Verzoek(verzoek) => {
            text(&verzoek.referentie, 36);
            year(verzoek.ingangsdatum);
            Soort::Jw315
        }
        Uitspraak::Prestatie(prestatie) => {
            text(&prestatie.referentie, 20);
            prestatie.vorige.iter().for_each(|vorige| text(vorige, 20));
            number(prestatie.toewijzing);
            text(&prestatie.code, 5);
            assert!(prestatie.begin <= prestatie.einde && prestatie.begin.year() >= 2021);
            assert_eq!(prestatie.begin.first_of_month(), prestatie.einde.first_of_month());
            assert!(prestatie.bedrag <= 99_999_999);
            Soort::Jw323
        }
    };
    assert_eq!(of, soort);
}

fn geleverd(wat: &Geleverd) {
    assert!(wat.toewijzing.is_some() || wat.product.is_some());
    wat.toewijzing.into_iter().for_each(number);
    wat.product.iter().for_each(product);
}

fn product(product: &Product) {
    product.code.iter().for_each(|code| text(code, 5));
}

fn agb(code: u32) {
    assert!(code <= 99_999_999);
}

fn number(number: u32) {
    assert!(number <= 999_999_999);
}

/// A date is one of the calendar by its type; the schema knows four digits of years.
fn year(datum: jiff::civil::Date) {
    assert!((1..=9999).contains(&datum.year()), "{datum}");
}

/// One line without the control characters that no XML has, not blank.
fn text(text: &str, longest: usize) {
    assert!(text.chars().count() <= longest && !text.trim().is_empty());
    assert!(!text.contains(|c| c < ' ' && c != '\t'), "{text:?}");
}

/// The digits, which nothing else gives away, come out of its `Hash`.
fn passes_elfproef(bsn: Bsn) {
    #[derive(Default)]
    struct Digits(Vec<u8>);
    impl Hasher for Digits {
        fn write(&mut self, bytes: &[u8]) {
            self.0.extend_from_slice(bytes);
        }
        fn write_usize(&mut self, _: usize) {}
        fn finish(&self) -> u64 {
            0
        }
    }
    let mut digits = Digits::default();
    bsn.hash(&mut digits);
    assert_eq!(digits.0.len(), 9);
    assert!(digits.0.iter().all(u8::is_ascii_digit) && digits.0 != b"000000000");
    let sum: i32 =
        digits.0.iter().zip([9, 8, 7, 6, 5, 4, 3, 2, -1]).map(|(digit, w)| i32::from(digit - b'0') * w).sum();
    assert_eq!(sum.rem_euclid(11), 0);
}

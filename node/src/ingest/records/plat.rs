//! What a fact states as plain values, in the columns that every kind of fact shares; and back. Codes of lists are stored
//! by their number, which the standard does not change; days as `20240115`, times as nanoseconds of the day.

use compact_str::CompactString;
use jiff::civil::{Date, Time};

use super::super::{
    bericht::{
        Aanlevering, Beeindiging, Geleverd, Levering, Persoonsgegevens, Prestatie, Product, Toewijzing, Uitspraak,
        Verzoek,
    },
    codes::{Categorie, DatumGebruik, DebetCredit, Geslacht, RedenBeeindiging, RedenWijziging, Verwijzer},
};

/// What a fact states.
#[derive(Default)]
pub(super) struct Plat<'f> {
    pub(super) soort: u8,
    pub(super) toewijzing: Option<u32>,
    pub(super) categorie: Option<u8>,
    pub(super) code: Option<&'f str>,
    pub(super) referentie: Option<&'f str>,
    pub(super) vorige: Option<&'f str>,
    pub(super) datum: Option<Date>,
    pub(super) tijd: Option<Time>,
    pub(super) begin: Option<Date>,
    pub(super) einde: Option<Date>,
    /// DatumGebruik, RedenWijziging, RedenBeeindiging or Verwijzer.
    pub(super) reden: Option<u8>,
    /// Geslacht, StatusAanlevering or DebetCredit.
    pub(super) status: Option<u8>,
    pub(super) bedrag: Option<u32>,
}

impl<'f> Plat<'f> {
    pub(super) fn of(uitspraak: &'f Uitspraak) -> Self {
        match uitspraak {
            Uitspraak::Gegevens(Persoonsgegevens { geboortedatum, datumgebruik, geslacht }) => Self {
                soort: 0,
                datum: Some(*geboortedatum),
                reden: datumgebruik.map(|gebruik| getal(gebruik.code())),
                status: Some(getal(geslacht.code())),
                ..Self::default()
            },
            Uitspraak::Toewijzing(toewijzing) => Self {
                soort: 1,
                toewijzing: Some(toewijzing.nummer),
                datum: Some(toewijzing.datum),
                tijd: Some(toewijzing.tijd),
                begin: Some(toewijzing.ingangsdatum),
                einde: toewijzing.einddatum,
                reden: toewijzing.reden.map(|reden| getal(reden.code())),
                referentie: toewijzing.referentie.as_deref(),
                ..Self::product(toewijzing.product.as_ref())
            },
            Uitspraak::Start(levering, status) => {
                Self { soort: 2, status: Some(getal(status.code())), ..Self::levering(levering) }
            }
            Uitspraak::Stop(beeindiging, status) => Self {
                soort: 3,
                status: Some(getal(status.code())),
                einde: Some(beeindiging.einddatum),
                reden: Some(getal(beeindiging.reden.code())),
                ..Self::levering(&beeindiging.levering)
            },
            Uitspraak::Verzoek(verzoek) => Self {
                soort: 4,
                referentie: Some(&verzoek.referentie),
                reden: Some(getal(verzoek.verwijzer.code())),
                begin: Some(verzoek.ingangsdatum),
                ..Self::default()
            },
            Uitspraak::Prestatie(prestatie) => Self {
                soort: 5,
                referentie: Some(&prestatie.referentie),
                vorige: prestatie.vorige.as_deref(),
                toewijzing: Some(prestatie.toewijzing),
                categorie: Some(getal(prestatie.categorie.code())),
                code: Some(&prestatie.code),
                begin: Some(prestatie.begin),
                einde: Some(prestatie.einde),
                status: Some(getal(prestatie.debet_credit.code())),
                bedrag: Some(prestatie.bedrag),
                ..Self::default()
            },
        }
    }

    fn product(product: Option<&'f Product>) -> Self {
        Self {
            categorie: product.map(|product| getal(product.categorie.code())),
            code: product.and_then(|product| product.code.as_deref()),
            ..Self::default()
        }
    }

    fn levering(levering: &'f Levering) -> Self {
        Self {
            toewijzing: levering.wat.toewijzing,
            begin: Some(levering.begindatum),
            ..Self::product(levering.wat.product.as_ref())
        }
    }

    /// The fact again; none if these are not the columns of one.
    pub(super) fn uitspraak(self, aanbieder: u32) -> Option<Uitspraak> {
        Some(match self.soort {
            0 => Uitspraak::Gegevens(Persoonsgegevens {
                geboortedatum: self.datum?,
                datumgebruik: optional(self.reden, DatumGebruik::ALL, DatumGebruik::code)?,
                geslacht: member(self.status?, Geslacht::ALL, Geslacht::code)?,
            }),
            1 => Uitspraak::Toewijzing(Toewijzing {
                nummer: self.toewijzing?,
                datum: self.datum?,
                tijd: self.tijd?,
                ingangsdatum: self.begin?,
                einddatum: self.einde,
                reden: optional(self.reden, RedenWijziging::ALL, RedenWijziging::code)?,
                aanbieder,
                referentie: self.referentie.map(CompactString::from),
                product: self.to_product()?,
            }),
            2 => Uitspraak::Start(self.to_levering()?, self.to_status()?),
            3 => {
                let reden = member(self.reden?, RedenBeeindiging::ALL, RedenBeeindiging::code)?;
                let (levering, einddatum) = (self.to_levering()?, self.einde?);
                Uitspraak::Stop(Beeindiging { levering, einddatum, reden }, self.to_status()?)
            }
            4 => Uitspraak::Verzoek(Verzoek {
                referentie: self.referentie?.into(),
                verwijzer: member(self.reden?, Verwijzer::ALL, Verwijzer::code)?,
                ingangsdatum: self.begin?,
            }),
            5 => Uitspraak::Prestatie(Prestatie {
                referentie: self.referentie?.into(),
                vorige: self.vorige.map(CompactString::from),
                toewijzing: self.toewijzing?,
                categorie: member(self.categorie?, Categorie::ALL, Categorie::code)?,
                code: self.code?.into(),
                begin: self.begin?,
                einde: self.einde?,
                bedrag: self.bedrag?,
                debet_credit: member(self.status?, DebetCredit::ALL, DebetCredit::code)?,
            }),
            _ => return None,
        })
    }

    #[expect(clippy::option_option, reason = "a fact without a product, and columns that make no fact")]
    fn to_product(&self) -> Option<Option<Product>> {
        let Some(categorie) = optional(self.categorie, Categorie::ALL, Categorie::code)? else { return Some(None) };
        Some(Some(Product { categorie, code: self.code.map(CompactString::from) }))
    }

    fn to_levering(&self) -> Option<Levering> {
        let wat = Geleverd { toewijzing: self.toewijzing, product: self.to_product()? };
        Some(Levering { wat, begindatum: self.begin? })
    }

    fn to_status(&self) -> Option<Aanlevering> {
        member(self.status?, Aanlevering::ALL, Aanlevering::code)
    }
}

/// A code as a number: what its digits say, or its letter.
fn getal(code: &str) -> u8 {
    code.parse().unwrap_or_else(|_| code.bytes().next().unwrap_or_default())
}

fn member<T: Copy>(number: u8, all: &[T], code: impl Fn(T) -> &'static str) -> Option<T> {
    all.iter().copied().find(|member| getal(code(*member)) == number)
}

/// Nothing where there is no number; none where the number is no member's.
#[expect(clippy::option_option, reason = "absent and wrong are two things")]
fn optional<T: Copy>(number: Option<u8>, all: &[T], code: impl Fn(T) -> &'static str) -> Option<Option<T>> {
    match number {
        None => Some(None),
        Some(number) => member(number, all, code).map(Some),
    }
}

pub(super) fn day_number(day: Date) -> i32 {
    i32::from(day.year()) * 10_000 + i32::from(day.month()) * 100 + i32::from(day.day())
}

pub(super) fn day(number: i32) -> Option<Date> {
    let part = |number: i32| i8::try_from(number).ok();
    Date::new(i16::try_from(number / 10_000).ok()?, part(number / 100 % 100)?, part(number % 100)?).ok()
}

pub(super) fn nanoseconds(time: Time) -> i64 {
    let seconds = i64::from(time.hour()) * 3600 + i64::from(time.minute()) * 60 + i64::from(time.second());
    seconds * 1_000_000_000 + i64::from(time.subsec_nanosecond())
}

pub(super) fn time(nanoseconds: i64) -> Option<Time> {
    let (seconds, rest) = (nanoseconds / 1_000_000_000, nanoseconds % 1_000_000_000);
    let part = |number: i64| i8::try_from(number).ok();
    Time::new(part(seconds / 3600)?, part(seconds / 60 % 60)?, part(seconds % 60)?, i32::try_from(rest).ok()?).ok()
}

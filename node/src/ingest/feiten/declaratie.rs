//! What was declared for one person, net of credits. A line counts once (OP283); a credit takes back the one line that
//! it names, whole and once (IV091, OP360, OP366); what was declared on a removed toewijzing does not count (OP276).
//! Start and stop are no condition (OP364). Amounts are eurocents (IV024).

use std::collections::{BTreeMap, BTreeSet};

use compact_str::CompactString;
use drempel_protocols::id::Period;
use jiff::civil::Date;

use super::{
    super::{
        afbeelding::Afbeelding,
        bericht::{BerichtId, Prestatie},
        bevinding::Bevinding,
        codes::{Categorie, DebetCredit},
    },
    PersoonFeiten, Vondst,
};

/// A line's aanbieder and ReferentieNummer.
type Sleutel = (u32, CompactString);

/// The lines by their key, each in the message that states it last.
#[derive(Debug, Default)]
pub(super) struct Regels(BTreeMap<Sleutel, Regel>);

/// The last that was said of a line, and whether anything else was said of it.
#[derive(Debug)]
struct Regel {
    laatste: (Date, Prestatie, BerichtId),
    dubbel: bool,
}

impl Regels {
    pub(super) fn add(&mut self, prestatie: Prestatie, bericht: BerichtId) {
        let key = (bericht.aanbieder, prestatie.referentie.clone());
        let said = (bericht.dagtekening, prestatie, bericht);
        match self.0.get_mut(&key) {
            None => {
                self.0.insert(key, Regel { laatste: said, dubbel: false });
            }
            Some(regel) => {
                regel.dubbel |= said != regel.laatste;
                if said > regel.laatste {
                    regel.laatste = said;
                }
            }
        }
    }

    /// The one credit that counts of each line that was taken back, and findings about the others.
    fn credits(&self, vondsten: &mut Vec<Vondst>) -> BTreeMap<&Sleutel, &Prestatie> {
        let mut credits: BTreeMap<&Sleutel, (Date, &Prestatie)> = BTreeMap::new();
        for ((aanbieder, _), regel) in &self.0 {
            let (dag, credit, bericht) = &regel.laatste;
            if credit.debet_credit == DebetCredit::Debet {
                continue;
            }
            let named = credit.vorige.as_ref().and_then(|vorige| self.0.get_key_value(&(*aanbieder, vorige.clone())));
            let Some((key, debit)) = named.filter(|(_, named)| named.laatste.1.debet_credit == DebetCredit::Debet)
            else {
                vondsten.push((Bevinding::CreditZonderDebet, bericht.clone()));
                continue;
            };
            if debit.laatste.1.bedrag != credit.bedrag {
                vondsten.push((Bevinding::CreditWijktAf, bericht.clone()));
            }
            let candidate = (*dag, credit);
            match credits.get_mut(key) {
                None => {
                    credits.insert(key, candidate);
                }
                Some(counts) => {
                    vondsten.push((Bevinding::DubbelGecrediteerd, bericht.clone()));
                    *counts = candidate.min(*counts);
                }
            }
        }
        credits.into_iter().map(|(key, (_, credit))| (key, credit)).collect()
    }
}

/// What is declared for a person in one month, of one categorie, by one aanbieder.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cel {
    /// The half-year.
    pub periode: Period,
    /// The month, 1 to 12.
    pub maand: i8,
    /// Productcategorie.
    pub categorie: Option<Categorie>,
    /// AGB-code of the aanbieder.
    pub aanbieder: u32,
}

/// What was declared for one person.
#[derive(Debug, Default)]
pub struct Declaraties {
    /// Net amounts in eurocent; those that come to nothing are left out.
    pub bedragen: BTreeMap<Cel, i64>,
    /// The last day of help that was declared and not taken back, by toewijzing.
    pub(super) bewijs: BTreeMap<u32, Date>,
    /// Lines that count.
    pub regels: usize,
    /// Findings.
    pub vondsten: Vec<Vondst>,
}

impl PersoonFeiten {
    /// What was declared.
    #[must_use]
    pub fn declaraties(&self, afbeelding: &Afbeelding) -> Declaraties {
        let mut made = Declaraties::default();
        let credits = self.prestaties.credits(&mut made.vondsten);
        let started: BTreeSet<u32> = self.starts.keys().filter_map(|start| start.wat.toewijzing).collect();
        let mut without_start = BTreeSet::new();
        for (key, regel) in &self.prestaties.0 {
            let (_, line, bericht) = &regel.laatste;
            let mut note = |bevinding| made.vondsten.push((bevinding, bericht.clone()));
            if regel.dubbel {
                note(Bevinding::DubbeleSleutel);
            }
            if line.debet_credit == DebetCredit::Credit {
                continue;
            }
            match self.toegewezen(line.toewijzing) {
                Some((false, _)) => {
                    note(Bevinding::ToewijzingVerwijderd);
                    continue;
                }
                Some((true, current)) => {
                    if line.begin < current.ingangsdatum || current.einddatum.is_some_and(|einde| line.einde > einde) {
                        note(Bevinding::DeclaratieBuitenToewijzing);
                    }
                }
                None => note(Bevinding::DeclaratieZonderToewijzing),
            }
            if !started.contains(&line.toewijzing) && without_start.insert(line.toewijzing) {
                note(Bevinding::DeclaratieZonderStart);
            }
            made.add(key.0, line, credits.get(key).copied(), afbeelding);
        }
        made.bedragen.retain(|_, bedrag| *bedrag != 0);
        made
    }
}

impl Declaraties {
    fn add(&mut self, aanbieder: u32, line: &Prestatie, credit: Option<&Prestatie>, afbeelding: &Afbeelding) {
        self.regels += 1 + usize::from(credit.is_some());
        if credit.is_none() {
            let last = self.bewijs.entry(line.toewijzing).or_insert(line.einde);
            *last = line.einde.max(*last);
        }
        let Some(periode) = Period::containing(line.begin) else { return };
        let categorie = afbeelding.zorg(Some(line.categorie), Some(&line.code)).categorie;
        let cel = Cel { periode, maand: line.begin.month(), categorie, aanbieder };
        let net = i64::from(line.bedrag) - credit.map_or(0, |credit| i64::from(credit.bedrag));
        *self.bedragen.entry(cel).or_insert(0) += net;
    }
}

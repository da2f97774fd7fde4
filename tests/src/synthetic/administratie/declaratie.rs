//! What aanbieders declare of the care they gave, month by month, and what remains of it after credits. Not every
//! toewijzing is declared on the level of a client, and not every month.

use std::collections::BTreeSet;

use jiff::{
    Span,
    civil::{Date, date},
};

use super::{
    super::{
        dossier::{Dossier, Prestatie, Product, agb},
        draw::{Weights, after, days_between},
        episode::{Declaratie, Productcode},
        irregularity::Irregularity,
    },
    Administratie,
};

impl Administratie<'_> {
    /// Declares what was given under a toewijzing; gives the last day that is declared and not credited.
    pub(super) fn declare(
        &mut self,
        dossier: &mut Dossier,
        index: usize,
        product: Option<Product>,
        perioden: &[(Date, Date)],
        waarheid: &mut Vec<Declaratie>,
    ) -> Option<Date> {
        if !self.beside.chance(800) {
            return None;
        }
        let mut last = None;
        for maand in self.months(perioden) {
            if self.beside.chance(130) {
                self.tally.note(Irregularity::MonthNotDeclared);
            } else if let Some(prestatie) = self.prestatie(dossier, index, product, maand) {
                last = self.settle(dossier, prestatie, waarheid).max(last);
            }
        }
        last
    }

    /// Declares care under a toewijzing without any start, which counts (OP364).
    pub(super) fn declare_without_start(
        &mut self,
        dossier: &mut Dossier,
        index: usize,
        day: Date,
        waarheid: &mut Vec<Declaratie>,
    ) {
        let until = after(day, self.beside.number(20..=100));
        for maand in self.months(&[(day, until)]) {
            if let Some(prestatie) = self.prestatie(dossier, index, None, maand) {
                self.tally.note(Irregularity::DeclaratieWithoutStart);
                self.settle(dossier, prestatie, waarheid);
            }
        }
    }

    /// Now and then declares care under a toewijzing that is going to be removed, which does not count (OP276).
    pub(super) fn declare_removed(&mut self, dossier: &mut Dossier, index: usize, day: Date) {
        if !self.beside.chance(500) {
            return;
        }
        for maand in self.months(&[(day, after(day, 20))]) {
            if let Some(prestatie) = self.prestatie(dossier, index, None, maand) {
                self.tally.note(Irregularity::DeclaratieRemoved);
                dossier.prestaties.push(prestatie);
            }
        }
    }

    /// The first days of the calendar months of these periods that are declared.
    fn months(&self, perioden: &[(Date, Date)]) -> BTreeSet<Date> {
        let earliest = self.first.saturating_sub(Span::new().months(12)).max(INTRODUCED);
        let mut months = BTreeSet::new();
        for (from, until) in perioden {
            let mut maand = (*from).max(earliest).first_of_month();
            while maand <= (*until).min(self.horizon) {
                months.insert(maand);
                maand = later(maand, 1);
            }
        }
        months
    }

    /// A line for one month of a toewijzing; none if the toewijzing is not valid in it (OP368).
    fn prestatie(
        &mut self,
        dossier: &Dossier,
        index: usize,
        product: Option<Product>,
        maand: Date,
    ) -> Option<Prestatie> {
        let toewijzing = dossier.toewijzingen.get(index)?;
        let begin = maand.max(toewijzing.ingang);
        let einde =
            toewijzing.versies.last()?.einde.map_or(maand.last_of_month(), |einde| einde.min(maand.last_of_month()));
        if begin > einde {
            return None;
        }
        let products = [toewijzing.product, product];
        let code = products.iter().flatten().find_map(|product| product.code());
        let categorie = products.iter().flatten().map(|product| product.categorie).next().unwrap_or("45");
        let code = code.unwrap_or(Productcode { categorie, nummer: 1 });
        let with_stay = matches!(code.categorie, "34" | "35" | "36" | "37" | "38" | "43" | "44");
        let (volume, eenheid, tarief) = if with_stay {
            (days_between(begin, einde) + 1, "14", self.beside.number(9_000..=32_000))
        } else {
            (self.beside.number(1..=24), "04", self.beside.number(6_500..=13_500))
        };
        let nummer = self.nummers.prestatie(toewijzing.aanbieder);
        let (toewijzing, crediteert, product) = (index, None, code);
        let late = self.beside.chance(40).then(|| later(maand, self.beside.number(1..=6)));
        let declaratiemaand = late.filter(|month| *month <= self.horizon).unwrap_or(maand);
        if declaratiemaand > maand {
            self.tally.note(Irregularity::DeclaratieLate);
        }
        Some(Prestatie {
            toewijzing,
            declaratiemaand,
            nummer,
            crediteert,
            product,
            begin,
            einde,
            volume,
            eenheid,
            tarief,
        })
    }

    /// Sends a line, and what is said of it later; writes down what remains, and gives its last day if anything does.
    fn settle(&mut self, dossier: &mut Dossier, prestatie: Prestatie, waarheid: &mut Vec<Declaratie>) -> Option<Date> {
        let aanbieder = dossier.toewijzingen.get(prestatie.toewijzing)?.aanbieder;
        dossier.prestaties.push(prestatie);
        if self.beside.chance(5) {
            self.tally.note(Irregularity::CreditWithoutDebit);
            let unsent = self.nummers.prestatie(aanbieder);
            let nummer = self.nummers.prestatie(aanbieder);
            dossier.prestaties.push(Prestatie { nummer, crediteert: Some(unsent), ..prestatie });
        }
        let mut remains = Some(prestatie);
        let declaratiemaand = later(prestatie.declaratiemaand, self.beside.number(1..=6));
        let lot = self.beside.one_of(&LOTS);
        if declaratiemaand <= self.horizon && lot != Lot::Kept {
            let nummer = self.nummers.prestatie(aanbieder);
            let credit = Prestatie { nummer, crediteert: Some(prestatie.nummer), declaratiemaand, ..prestatie };
            dossier.prestaties.push(credit);
            remains = None;
            match lot {
                Lot::Kept | Lot::Credited => self.tally.note(Irregularity::DeclaratieCredited),
                Lot::CreditedTwice => {
                    self.tally.note(Irregularity::CreditedTwice);
                    let again = later(declaratiemaand, self.beside.number(0..=2));
                    let declaratiemaand = if again <= self.horizon { again } else { declaratiemaand };
                    let nummer = self.nummers.prestatie(aanbieder);
                    dossier.prestaties.push(Prestatie { nummer, declaratiemaand, ..credit });
                }
                Lot::Corrected => {
                    self.tally.note(Irregularity::DeclaratieCorrected);
                    let (nummer, tarief) = (self.nummers.prestatie(aanbieder), prestatie.tarief + 250);
                    let corrected = Prestatie { nummer, declaratiemaand, tarief, ..prestatie };
                    dossier.prestaties.push(corrected);
                    remains = Some(corrected);
                }
            }
        }
        let remains = remains?;
        waarheid.push(Declaratie {
            persoon: self.persoon,
            maand: remains.begin.first_of_month(),
            product: remains.product,
            aanbieder: agb(aanbieder),
            bedrag: remains.bedrag(),
        });
        Some(remains.einde)
    }
}

fn later(maand: Date, months: i32) -> Date {
    maand.saturating_add(Span::new().months(months))
}

/// What becomes of a line.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Lot {
    Kept,
    Credited,
    CreditedTwice,
    Corrected,
}

const LOTS: Weights<Lot> =
    Weights { usual: Lot::Kept, rarer: &[(Lot::Corrected, 20), (Lot::Credited, 10), (Lot::CreditedTwice, 5)] };

/// No declaratie is about an earlier day (CS100).
const INTRODUCED: Date = date(2021, 1, 1);

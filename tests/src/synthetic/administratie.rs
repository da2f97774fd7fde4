//! The office of a synthetic gemeente and its aanbieders. The care of a jeugdige is given; here it gets its
//! toewijzingen, starts, stops, verzoeken and declaraties, with the delays, mistakes and repairs of practice. Truth and
//! messages are written down side by side, neither from the other.

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::{
    dossier::{Dossier, Melding, Product, Referentie, Toewijzing, Versie, agb},
    draw::{Draw, Weights, after},
    episode::{Declaratie, Einde, Episode, Toegewezen, Verwijzing},
    irregularity::{Irregularity, Tally},
    loopbaan::{Levering, REDENEN, ZORGSOORTEN},
    population::KEPT,
};

mod declaratie;
mod levering;
mod verzoek;

/// Writes the dossier of one jeugdige.
pub(super) struct Administratie<'a> {
    pub(super) draw: &'a mut Draw,
    /// For verzoeken and declaraties, so that they do not change who gets what care.
    pub(super) beside: &'a mut Draw,
    pub(super) tally: &'a mut Tally,
    pub(super) nummers: &'a mut Nummers,
    /// The position of the jeugdige.
    pub(super) persoon: usize,
    /// The first day of interest: what ended earlier has long been put right.
    pub(super) first: Date,
    /// The last day of which anything is reported.
    pub(super) horizon: Date,
    pub(super) aanbieders: u32,
}

/// What is knowable of one jeugdige.
#[derive(Debug, Default)]
pub(super) struct Waarheid {
    pub(super) episodes: Vec<Episode>,
    pub(super) declaraties: Vec<Declaratie>,
}

/// The last numbers that were given within the gemeente; of declared lines, by each aanbieder.
#[derive(Debug, Default)]
pub(super) struct Nummers {
    toewijzing: u32,
    verzoek: u32,
    prestatie: BTreeMap<u32, u32>,
}

impl Nummers {
    pub(super) fn new() -> Self {
        Self { toewijzing: 100_000, ..Self::default() }
    }

    fn verzoek(&mut self) -> Referentie {
        self.verzoek += 1;
        Referentie(self.verzoek)
    }

    fn prestatie(&mut self, aanbieder: u32) -> u32 {
        let last = self.prestatie.entry(aanbieder).or_default();
        *last += 1;
        *last
    }
}

impl Administratie<'_> {
    /// The dossier of a jeugdige with this care, and what of that care is knowable.
    pub(super) fn report(&mut self, leveringen: &[Levering]) -> (Dossier, Waarheid) {
        let (mut dossier, mut waarheid) = (Dossier::default(), Waarheid::default());
        for levering in leveringen {
            self.report_levering(&mut dossier, &mut waarheid, levering);
        }
        if let Some(levering) = leveringen.iter().find(|levering| levering.aanvang <= self.horizon) {
            if self.draw.chance(20) {
                self.report_removed(&mut dossier, levering.aanvang);
            }
            if self.draw.chance(30) {
                self.report_never_started(&mut dossier, &mut waarheid, levering.aanvang);
            }
            if self.beside.chance(40) {
                self.report_unanswered(&mut dossier, levering);
            }
        }
        (dossier, waarheid)
    }

    /// The dossier of a jeugdige who is in the messages but never got any care.
    pub(super) fn report_no_care(&mut self, day: Date) -> (Dossier, Waarheid) {
        let (mut dossier, mut waarheid) = (Dossier::default(), Waarheid::default());
        self.tally.note(Irregularity::NoCare);
        if self.draw.chance(500) {
            self.report_removed(&mut dossier, day);
        } else {
            self.report_never_started(&mut dossier, &mut waarheid, day);
        }
        (dossier, waarheid)
    }

    fn report_levering(&mut self, dossier: &mut Dossier, waarheid: &mut Waarheid, levering: &Levering) {
        let Levering { categorie, aanbieder, aanvang, einde, reden } = *levering;
        let vastgesteld = after(aanvang, -self.draw.number(3..=30));
        if vastgesteld > self.horizon {
            return;
        }
        let (index, verwijzing) = self.assign(dossier, categorie, aanbieder, aanvang, vastgesteld);
        if aanvang > self.horizon {
            self.tally.note(Irregularity::NeverStarted);
            return;
        }
        let toegewezen = dossier.toewijzingen.get(index).and_then(|toewijzing| toewijzing.product);
        let mut product = self.delivered_product(dossier, index, categorie);
        let unsent = self.beside.chance(6);
        if unsent {
            // Only the start tells what it is then.
            product = product.or(toegewezen);
        }
        let mut verlopen = vec![self.deliver(dossier, index, product, levering)];
        self.extend(dossier, index, einde);
        let hervat = after(einde, self.draw.number(0..=90));
        let ended = verlopen.iter().all(|verloop| verloop.einde.is_some());
        if ended && reden == "31" && hervat <= self.horizon && self.draw.chance(25) {
            self.tally.note(Irregularity::Restart);
            let (einde, reden) = (after(hervat, self.draw.number(30..=240)), self.draw.one_of(&REDENEN));
            let again = Levering { aanvang: hervat, einde, reden, ..*levering };
            verlopen.push(self.deliver(dossier, index, product, &again));
            self.extend(dossier, index, einde);
        }
        let perioden: Vec<(Date, Date)> = verlopen.iter().flat_map(|verloop| &verloop.perioden).copied().collect();
        let gedeclareerd = self.declare(dossier, index, product, &perioden, &mut waarheid.declaraties);
        let toewijzing = self.known_toewijzing(dossier, index, verwijzing, unsent);
        let code = toewijzing.and(toegewezen).and_then(Product::code).or_else(|| product.and_then(Product::code));
        waarheid.episodes.extend(verlopen.into_iter().map(|verloop| Episode {
            persoon: self.persoon,
            categorie,
            product: code,
            aanbieder: agb(aanbieder),
            aanvang: verloop.aanvang,
            laatste_start: verloop.laatste_start,
            einde: verloop.einde,
            toewijzing,
            gedeclareerd,
        }));
    }

    /// What the messages say of a toewijzing in the end; none, and no message, if it was not sent.
    fn known_toewijzing(
        &mut self,
        dossier: &mut Dossier,
        index: usize,
        verwijzing: Verwijzing,
        unsent: bool,
    ) -> Option<Toegewezen> {
        let toewijzing = dossier.toewijzingen.get_mut(index)?;
        if unsent {
            self.tally.note(Irregularity::ToewijzingMissing);
            toewijzing.versies.clear();
        }
        toewijzing.versies.last().map(|versie| Toegewezen { einddatum: versie.einde, verwijzing })
    }

    /// A new toewijzing, decided on this day for care from `aanvang`; gives its position.
    fn assign(
        &mut self,
        dossier: &mut Dossier,
        categorie: &'static str,
        aanbieder: u32,
        aanvang: Date,
        vastgesteld: Date,
    ) -> (usize, Verwijzing) {
        let product = self.draw.one_of(&VARIANTS);
        match product {
            Variant::Specifiek => {}
            Variant::Aspecifiek => self.tally.note(Irregularity::Aspecifiek),
            Variant::Generiek => self.tally.note(Irregularity::Generiek),
        }
        let product = match product {
            Variant::Specifiek => Some(Product { categorie, nummer: Some(self.draw.number(1..=20)) }),
            Variant::Aspecifiek => Some(Product { categorie, nummer: None }),
            Variant::Generiek => None,
        };
        let ingang = if self.draw.chance(600) { aanvang } else { after(aanvang, -self.draw.number(1..=21)) };
        let einde = self.draw.one_of(&ASSIGNED_DAYS).map(|days| after(ingang, days));
        self.nummers.toewijzing += u32::try_from(self.draw.number(1..=7)).unwrap_or(1);
        let nummer = self.nummers.toewijzing;
        let versies = vec![self.versie(vastgesteld, einde, None)];
        let mut toewijzing = Toewijzing { nummer, aanbieder, referentie: None, product, ingang, versies };
        let verwijzing = self.request(dossier, &mut toewijzing, aanvang, vastgesteld);
        dossier.toewijzingen.push(toewijzing);
        (dossier.toewijzingen.len() - 1, verwijzing)
    }

    fn versie(&mut self, vastgesteld: Date, einde: Option<Date>, reden_wijziging: Option<&'static str>) -> Versie {
        let hour = i8::try_from(self.draw.number(8..=17)).unwrap_or_default();
        let minute = i8::try_from(self.draw.number(0..=59)).unwrap_or_default();
        let dagtekening = after(vastgesteld, self.draw.number(0..=2));
        Versie { vastgesteld: vastgesteld.at(hour, minute, 0, 0), dagtekening, einde, reden_wijziging }
    }

    /// Stretches the toewijzing as long as the care goes on (OP380).
    fn extend(&mut self, dossier: &mut Dossier, index: usize, until: Date) {
        let Some(toewijzing) = dossier.toewijzingen.get_mut(index) else { return };
        while let Some(einde) = toewijzing.versies.last().and_then(|versie| versie.einde) {
            let decided = after(einde, -self.draw.number(5..=25));
            if einde >= until || decided > self.horizon {
                return;
            }
            self.tally.note(Irregularity::Extension);
            if einde < after(self.first, -KEPT) {
                toewijzing.versies.pop();
            }
            let stretched = after(einde, self.draw.number(300..=730));
            let versie = self.versie(decided, Some(stretched), Some("04"));
            toewijzing.versies.push(versie);
            let wijziging = self.request_change(index, decided, stretched);
            dossier.wijzigingen.extend(wijziging);
        }
    }

    /// The product in start and stop: always there where the toewijzing does not say it all.
    fn delivered_product(&mut self, dossier: &Dossier, index: usize, categorie: &'static str) -> Option<Product> {
        match dossier.toewijzingen.get(index).and_then(|toewijzing| toewijzing.product) {
            Some(product) if product.nummer.is_some() => self.draw.chance(700).then_some(product),
            Some(_) if self.draw.chance(200) => None,
            _ => Some(Product { categorie, nummer: Some(self.draw.number(1..=20)) }),
        }
    }

    /// A toewijzing that should never have been sent, and is taken back as if it never was.
    fn report_removed(&mut self, dossier: &mut Dossier, day: Date) {
        let index = self.unused(dossier, day);
        self.declare_removed(dossier, index, day);
        let removed = after(day, self.draw.number(20..=60));
        let Some(toewijzing) = dossier.toewijzingen.get_mut(index) else { return };
        let versie = self.versie(removed, Some(toewijzing.ingang), Some("13"));
        toewijzing.versies.push(versie);
        if self.draw.chance(400) {
            self.tally.note(Irregularity::RemovedWithoutStart);
            return;
        }
        self.tally.note(Irregularity::RemovedWithStart);
        let categorie = self.draw.one_of(&ZORGSOORTEN).categorie;
        let categorie = toewijzing.product.map_or(categorie, |product| product.categorie);
        let product = self.delivered_product(dossier, index, categorie);
        let mut lines = Lines { dossier, toewijzing: index, product };
        lines.start(day, self.soon(day), false);
        if self.draw.chance(300) {
            let dag = after(day, self.draw.number(5..=15));
            lines.stop(day, Einde { dag, reden: "31" }, self.soon(dag), false);
        }
    }

    /// A toewijzing that is not used; sometimes a start is reported by mistake and deleted.
    fn report_never_started(&mut self, dossier: &mut Dossier, waarheid: &mut Waarheid, day: Date) {
        self.tally.note(Irregularity::NeverStarted);
        let index = self.unused(dossier, day);
        if self.draw.chance(300) {
            self.tally.note(Irregularity::StartDeleted);
            let product = dossier.toewijzingen.get(index).and_then(|toewijzing| toewijzing.product);
            let product = product.or(Some(Product { categorie: "45", nummer: Some(1) }));
            let mut lines = Lines { dossier, toewijzing: index, product };
            let sent = self.soon(day);
            lines.start(day, sent, false);
            lines.start(day, after(sent, self.draw.number(3..=30)), true);
        } else if self.beside.chance(250) {
            self.declare_without_start(dossier, index, day, &mut waarheid.declaraties);
        }
    }

    fn unused(&mut self, dossier: &mut Dossier, day: Date) -> usize {
        let categorie = self.draw.one_of(&ZORGSOORTEN).categorie;
        let aanbieder = self.draw.skewed_position(self.aanbieders);
        let vastgesteld = after(day, -self.draw.number(3..=15));
        self.assign(dossier, categorie, aanbieder, day, vastgesteld).0
    }

    /// The day on which something of this day is reported: within five working days (OP271, OP272).
    fn soon(&mut self, day: Date) -> Date {
        after(day, self.draw.number(0..=7))
    }
}

/// How a levering went, as far as it can be known.
struct Verloop {
    aanvang: Date,
    /// The day of the last start that was reported and not deleted.
    laatste_start: Date,
    einde: Option<Einde>,
    /// From when until when there really was care.
    perioden: Vec<(Date, Date)>,
}

/// Where the starts and stops of one levering are written.
struct Lines<'a> {
    dossier: &'a mut Dossier,
    toewijzing: usize,
    product: Option<Product>,
}

impl Lines<'_> {
    fn start(&mut self, begin: Date, dagtekening: Date, verwijdert: bool) {
        self.push(begin, None, dagtekening, verwijdert);
    }

    fn stop(&mut self, begin: Date, einde: Einde, dagtekening: Date, verwijdert: bool) {
        self.push(begin, Some(einde), dagtekening, verwijdert);
    }

    fn push(&mut self, begin: Date, stop: Option<Einde>, dagtekening: Date, verwijdert: bool) {
        let (toewijzing, product) = (self.toewijzing, self.product);
        self.dossier.meldingen.push(Melding { toewijzing, dagtekening, product, begin, stop, verwijdert });
    }
}

#[derive(Clone, Copy)]
enum Variant {
    Specifiek,
    Aspecifiek,
    Generiek,
}

const VARIANTS: Weights<Variant> =
    Weights { usual: Variant::Specifiek, rarer: &[(Variant::Aspecifiek, 120), (Variant::Generiek, 40)] };

/// How many days a toewijzing is given for at first.
const ASSIGNED_DAYS: Weights<Option<i32>> =
    Weights { usual: Some(365), rarer: &[(Some(182), 120), (Some(730), 250), (None, 180)] };

//! What gemeente and aanbieders report about one jeugdige, and the ground truth beside it. The care is given; here it
//! gets its toewijzingen, starts and stops, with the delays, mistakes and repairs of practice. Truth and messages are
//! written down side by side, neither from the other.

use jiff::civil::{Date, DateTime};

use super::{
    draw::{Draw, Weights, after, days_between},
    episode::Einde,
    irregularity::{Irregularity, Tally},
    loopbaan::{Levering, REDENEN, ZORGSOORTEN},
    population::KEPT,
};

/// Everything reported about one jeugdige.
#[derive(Debug, Default)]
pub(super) struct Dossier {
    pub(super) toewijzingen: Vec<Toewijzing>,
    pub(super) meldingen: Vec<Melding>,
}

/// A toewijzing and the versions of it that were sent.
#[derive(Debug)]
pub(super) struct Toewijzing {
    pub(super) nummer: u32,
    pub(super) aanbieder: u32,
    pub(super) product: Option<Product>,
    pub(super) ingang: Date,
    pub(super) versies: Vec<Versie>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Product {
    pub(super) categorie: &'static str,
    /// The number within the categorie's own products, where the product is that specific.
    pub(super) nummer: Option<i32>,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Versie {
    pub(super) vastgesteld: DateTime,
    pub(super) dagtekening: Date,
    pub(super) einde: Option<Date>,
    pub(super) reden_wijziging: Option<&'static str>,
}

/// A start, or with `stop` a stop.
#[derive(Clone, Copy, Debug)]
pub(super) struct Melding {
    pub(super) toewijzing: usize,
    pub(super) dagtekening: Date,
    pub(super) product: Option<Product>,
    pub(super) begin: Date,
    pub(super) stop: Option<Einde>,
    /// StatusAanlevering 3: the earlier one with this key is deleted.
    pub(super) verwijdert: bool,
}

/// An episode without its person: categorie, first day, end.
pub(super) type Geleverd = (&'static str, Date, Option<Einde>);

/// Writes the dossier of one jeugdige after another, with numbers that are unique within the gemeente.
pub(super) struct Administratie<'a> {
    pub(super) draw: &'a mut Draw,
    pub(super) tally: &'a mut Tally,
    /// The first day of interest: what ended earlier has long been put right.
    pub(super) first: Date,
    /// The last day of which anything is reported.
    pub(super) horizon: Date,
    pub(super) aanbieders: u32,
    pub(super) last_nummer: u32,
}

impl Administratie<'_> {
    /// The dossier of a jeugdige with this care, and what of that care is knowable.
    pub(super) fn report(&mut self, leveringen: &[Levering]) -> (Dossier, Vec<Geleverd>) {
        let (mut dossier, mut geleverd) = (Dossier::default(), Vec::new());
        for levering in leveringen {
            self.report_levering(&mut dossier, &mut geleverd, levering);
        }
        if let Some(levering) = leveringen.iter().find(|levering| levering.aanvang <= self.horizon) {
            if self.draw.chance(20) {
                self.report_removed(&mut dossier, levering.aanvang);
            }
            if self.draw.chance(30) {
                self.report_never_started(&mut dossier, levering.aanvang);
            }
        }
        (dossier, geleverd)
    }

    /// The dossier of a jeugdige who is in the messages but never got any care.
    pub(super) fn report_no_care(&mut self, day: Date) -> Dossier {
        let mut dossier = Dossier::default();
        self.tally.note(Irregularity::NoCare);
        if self.draw.chance(500) {
            self.report_removed(&mut dossier, day);
        } else {
            self.report_never_started(&mut dossier, day);
        }
        dossier
    }

    fn report_levering(&mut self, dossier: &mut Dossier, geleverd: &mut Vec<Geleverd>, levering: &Levering) {
        let Levering { categorie, aanbieder, aanvang, einde, reden } = *levering;
        let vastgesteld = after(aanvang, -self.draw.number(3..=30));
        if vastgesteld > self.horizon {
            return;
        }
        let index = self.assign(dossier, categorie, aanbieder, aanvang, vastgesteld);
        if aanvang > self.horizon {
            self.tally.note(Irregularity::NeverStarted);
            return;
        }
        let product = self.delivered_product(dossier, index, categorie);
        let known = self.deliver(dossier, index, product, aanvang, einde, reden);
        self.extend(dossier, index, einde);
        geleverd.push((categorie, aanvang, known));
        let hervat = after(einde, self.draw.number(0..=90));
        if known.is_some() && reden == "31" && hervat <= self.horizon && self.draw.chance(25) {
            self.tally.note(Irregularity::Restart);
            let (einde, reden) = (after(hervat, self.draw.number(30..=240)), self.draw.one_of(&REDENEN));
            let known = self.deliver(dossier, index, product, hervat, einde, reden);
            self.extend(dossier, index, einde);
            geleverd.push((categorie, hervat, known));
        }
    }

    /// A new toewijzing, decided on this day for care from `aanvang`; gives its position.
    fn assign(
        &mut self,
        dossier: &mut Dossier,
        categorie: &'static str,
        aanbieder: u32,
        aanvang: Date,
        vastgesteld: Date,
    ) -> usize {
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
        self.last_nummer += u32::try_from(self.draw.number(1..=7)).unwrap_or(1);
        let versie = self.versie(vastgesteld, einde, None);
        let nummer = self.last_nummer;
        dossier.toewijzingen.push(Toewijzing { nummer, aanbieder, product, ingang, versies: vec![versie] });
        dossier.toewijzingen.len() - 1
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

    /// Reports one levering from start to stop; gives the end that is knowable.
    fn deliver(
        &mut self,
        dossier: &mut Dossier,
        index: usize,
        product: Option<Product>,
        aanvang: Date,
        einde: Date,
        reden: &'static str,
    ) -> Option<Einde> {
        let mut lines = Lines { dossier, toewijzing: index, product };
        let length = days_between(aanvang, einde);
        self.report_start(&mut lines, aanvang, length);
        let (mut begin, mut paused) = (aanvang, false);
        if length > 150 && self.draw.chance(60) {
            let pause = after(aanvang, length / 3);
            let hervat = after(pause, self.draw.number(7..=(length / 3).min(60)));
            if pause <= self.horizon {
                paused = true;
                lines.stop(begin, Einde { dag: pause, reden: "20" }, self.soon(pause), false);
                if self.draw.chance(600) && hervat <= self.horizon {
                    self.tally.note(Irregularity::PauseResumed);
                    lines.start(hervat, self.soon(hervat), false);
                    begin = hervat;
                }
            }
        }
        if einde > self.horizon {
            if !paused && days_between(begin, self.horizon) > 60 && self.draw.chance(15) {
                self.report_mistaken_stop(&mut lines, begin);
            }
            return None;
        }
        let mut sent = self.soon(einde);
        if einde >= self.first && self.draw.chance(150) {
            // The yearly reconciliation finds about half of what is missing, and then the stop is sent after all.
            if einde > after(self.horizon, -365) || self.draw.chance(500) {
                self.tally.note(Irregularity::StopMissing);
                return None;
            }
            self.tally.note(Irregularity::StopLate);
            sent = after(einde, self.draw.number(90..=365));
        }
        if paused && begin == aanvang {
            self.tally.note(Irregularity::PauseStopped);
        }
        let known = Einde { dag: einde, reden };
        self.report_stop(&mut lines, begin, known, sent);
        Some(known)
    }

    fn report_start(&mut self, lines: &mut Lines<'_>, aanvang: Date, length: i32) {
        let mut sent = self.soon(aanvang);
        // A start can only be deleted before its stop is sent (TR071), so a short levering keeps its first one.
        if length > 60 && self.draw.chance(30) {
            self.tally.note(Irregularity::StartCorrected);
            let wrong = after(aanvang, self.draw.number(1..=14));
            lines.start(wrong, sent.max(self.soon(wrong)), false);
            sent = after(sent, 14 + self.draw.number(8..=20));
            lines.start(wrong, sent, true);
            sent = after(sent, self.draw.one_of(&CORRECTION_DELAYS));
        }
        lines.start(aanvang, sent, false);
    }

    fn report_stop(&mut self, lines: &mut Lines<'_>, begin: Date, einde: Einde, mut sent: Date) {
        if days_between(begin, einde.dag) > 30 && self.draw.chance(30) {
            self.tally.note(Irregularity::StopCorrected);
            let wrong = if self.draw.chance(500) {
                Einde { dag: after(einde.dag, -self.draw.number(1..=14)), ..einde }
            } else {
                Einde { reden: if einde.reden == "36" { "35" } else { "36" }, ..einde }
            };
            lines.stop(begin, wrong, sent, false);
            sent = after(sent, self.draw.number(3..=40));
            lines.stop(begin, wrong, sent, true);
            sent = after(sent, self.draw.one_of(&CORRECTION_DELAYS));
        }
        lines.stop(begin, einde, sent, false);
    }

    fn report_mistaken_stop(&mut self, lines: &mut Lines<'_>, begin: Date) {
        self.tally.note(Irregularity::StopDeleted);
        let mistaken = Einde { dag: after(self.horizon, -self.draw.number(5..=40)), reden: "31" };
        let sent = self.soon(mistaken.dag);
        lines.stop(begin, mistaken, sent, false);
        lines.stop(begin, mistaken, after(sent, self.draw.number(1..=20)), true);
    }

    /// A toewijzing that should never have been sent, and is taken back as if it never was.
    fn report_removed(&mut self, dossier: &mut Dossier, day: Date) {
        let index = self.unused(dossier, day);
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
    fn report_never_started(&mut self, dossier: &mut Dossier, day: Date) {
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
        }
    }

    fn unused(&mut self, dossier: &mut Dossier, day: Date) -> usize {
        let categorie = self.draw.one_of(&ZORGSOORTEN).categorie;
        let aanbieder = self.draw.skewed_position(self.aanbieders);
        let vastgesteld = after(day, -self.draw.number(3..=15));
        self.assign(dossier, categorie, aanbieder, day, vastgesteld)
    }

    /// The day on which something of this day is reported: within five working days (OP271, OP272).
    fn soon(&mut self, day: Date) -> Date {
        after(day, self.draw.number(0..=7))
    }
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

/// Days from the deletion to the replacement: most often in the same message.
const CORRECTION_DELAYS: Weights<i32> = Weights { usual: 0, rarer: &[(1, 150), (4, 150), (6, 50)] };

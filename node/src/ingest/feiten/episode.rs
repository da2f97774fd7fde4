//! From the facts about one person to episodes of help: which starts and stops count, which start a stop ends, and
//! which starts continue one another.
//!
//! An episode runs from a start until the definitive stop with the same toewijzing, product and begindatum. A temporary
//! stop (reden 20) ends nothing. A later start for the same toewijzing and product continues an episode that has no
//! definitive stop (OP377-379): the whole then runs from the first Begindatum until the definitive stop of the last
//! start. Only one start can be actual for a product (OP289), so a start on a running start without any stop between
//! continues it too, and is reported (TR326).
//!
//! Of several definitive stops of one start the one with the latest Dagtekening counts, then the earliest Einddatum,
//! then the smallest reden: what was said last, and of what was said on one day the least.

use std::{cmp::Reverse, collections::BTreeMap};

use jiff::civil::Date;

use super::{
    super::{
        afbeelding::{Afbeelding, Zorg},
        bericht::{Beeindiging, Geleverd, Levering, Toewijzing},
        bevinding::Bevinding,
        codes::RedenBeeindiging,
        traject::{Einde, Episode},
    },
    Declaraties, PersoonFeiten, Vondst,
    meldingen::Meldingen,
    toewijzing::{Grond, Verwijzing, zorg},
};

/// The episodes of a person, and what was found on the way.
#[derive(Debug, Default)]
pub struct Episodes {
    /// Starts that count, joined and ended.
    pub episodes: Vec<Episode>,
    /// Findings, each with the message that it is about.
    pub vondsten: Vec<Vondst>,
    /// How many starts count.
    pub starts: usize,
    /// How many stops count, temporary ones too.
    pub stops: usize,
}

/// The stops of one start that live.
#[derive(Default)]
struct Stops<'f> {
    definitief: Vec<(&'f Beeindiging, &'f Meldingen)>,
    tijdelijk: Vec<(&'f Beeindiging, &'f Meldingen)>,
}

/// The starts of one toewijzing and product, and what they are counted as.
struct Reeks<'f> {
    zorg: Zorg,
    code: Option<&'f str>,
    afgebeeld: bool,
    verwijzing: Verwijzing,
    toewijzing: Option<&'f Toewijzing>,
    runs: Vec<Run<'f>>,
}

impl PersoonFeiten {
    /// The episodes that the facts about this person make.
    #[must_use]
    pub fn episodes(&self, afbeelding: &Afbeelding, declaraties: &Declaraties) -> Episodes {
        let mut found = Episodes::default();
        self.check_toewijzingen(&mut found.vondsten);
        let mut stops = self.living_stops(&mut found);
        let mut reeksen: BTreeMap<&Geleverd, Reeks<'_>> = BTreeMap::new();
        for (start, meldingen) in &self.starts {
            let has_stop = stops.contains_key(start);
            if !self.start_lives(meldingen, has_stop, &mut found) {
                continue;
            }
            let toewijzing = match self.grond(&start.wat) {
                Grond::Geldig(current) => Some(current),
                Grond::Geen => None,
                Grond::Onbekend => {
                    found.note(Bevinding::StartZonderToewijzing, meldingen);
                    None
                }
                Grond::Verwijderd => {
                    found.note(Bevinding::ToewijzingVerwijderd, meldingen);
                    continue;
                }
                Grond::Niets => {
                    found.note(Bevinding::ToewijzingOnbekend, meldingen);
                    // Its stops have no start then, which is the same finding.
                    stops.remove(start);
                    continue;
                }
            };
            found.starts += 1;
            found.check(meldingen, start.begindatum, Bevinding::StartTeLaat);
            let run = Run::of(start.begindatum, meldingen, stops.remove(start).unwrap_or_default(), &mut found);
            let reeks = reeksen.entry(&start.wat).or_insert_with(|| {
                let (zorg, code) = zorg(afbeelding, toewijzing, start.wat.product.as_ref());
                Reeks {
                    zorg,
                    code,
                    afgebeeld: zorg.hulpvorm.is_some() || code.is_some_and(|code| afbeelding.kent(code)),
                    verwijzing: toewijzing.map_or(Verwijzing::ONBEKEND, |current| self.verwijzing(current)),
                    toewijzing,
                    runs: Vec::new(),
                }
            });
            reeks.runs.push(run);
        }
        for left in stops.into_values() {
            for (_, meldingen) in left.definitief.into_iter().chain(left.tijdelijk) {
                found.note(Bevinding::StopZonderStart, meldingen);
            }
        }
        for (wat, reeks) in reeksen {
            let declared = wat.toewijzing.and_then(|nummer| declaraties.bewijs.get(&nummer).copied());
            found.join(&reeks, declared);
        }
        found
    }

    fn living_stops(&self, found: &mut Episodes) -> BTreeMap<&Levering, Stops<'_>> {
        let mut stops: BTreeMap<&Levering, Stops<'_>> = BTreeMap::new();
        for (stop, meldingen) in &self.stops {
            if !meldingen.ooit() {
                found.note(Bevinding::VerwijderingZonderAanlevering, meldingen);
                continue;
            }
            if !meldingen.lives() {
                continue;
            }
            if stop.einddatum < stop.levering.begindatum {
                found.note(Bevinding::EindeVoorBegin, meldingen);
            } else if matches!(self.grond(&stop.levering.wat), Grond::Verwijderd) {
                found.note(Bevinding::ToewijzingVerwijderd, meldingen);
            } else {
                let of_start = stops.entry(&stop.levering).or_default();
                match stop.reden {
                    RedenBeeindiging::Tijdelijk => of_start.tijdelijk.push((stop, meldingen)),
                    _ => of_start.definitief.push((stop, meldingen)),
                }
            }
        }
        stops
    }

    fn start_lives(&self, meldingen: &Meldingen, has_stop: bool, found: &mut Episodes) -> bool {
        if !meldingen.ooit() {
            found.note(Bevinding::VerwijderingZonderAanlevering, meldingen);
            return false;
        }
        let lives = meldingen.lives();
        if !lives && has_stop {
            found.note(Bevinding::StartHeeftStop, meldingen);
        }
        lives || has_stop
    }
}

/// One start and what its stops do to it.
struct Run<'f> {
    begindatum: Date,
    meldingen: &'f Meldingen,
    onderbroken: bool,
    einde: Option<Einde>,
}

impl<'f> Run<'f> {
    fn of(begindatum: Date, meldingen: &'f Meldingen, mut stops: Stops<'f>, found: &mut Episodes) -> Self {
        stops
            .definitief
            .sort_by_key(|(stop, meldingen)| (Reverse(meldingen.dagtekening()), stop.einddatum, stop.reden));
        for (_, extra) in stops.definitief.iter().skip(1) {
            found.note(Bevinding::TweedeDefinitieveStop, extra);
        }
        for (_, extra) in stops.tijdelijk.iter().skip(1) {
            found.note(Bevinding::TweedeTijdelijkeStop, extra);
        }
        let definitief = stops.definitief.first();
        let tijdelijk = stops.tijdelijk.first();
        if let (Some((last, meldingen)), Some((before, _))) = (definitief, tijdelijk)
            && last.einddatum < before.einddatum
        {
            found.note(Bevinding::StopVoorTijdelijkeStop, meldingen);
        }
        for (stop, meldingen) in definitief.into_iter().chain(tijdelijk) {
            found.stops += 1;
            found.check(meldingen, stop.einddatum, Bevinding::StopTeLaat);
        }
        Self {
            begindatum,
            meldingen,
            onderbroken: tijdelijk.is_some(),
            einde: definitief.map(|(stop, _)| Einde { datum: stop.einddatum, reden: Some(stop.reden) }),
        }
    }
}

impl Episodes {
    fn note(&mut self, bevinding: Bevinding, meldingen: &Meldingen) {
        self.vondsten.extend(meldingen.bericht().map(|bericht| (bevinding, bericht.clone())));
    }

    /// What is said about every delivery that counts: whether it was late, and whether it was there before.
    fn check(&mut self, meldingen: &Meldingen, day: Date, late: Bevinding) {
        if meldingen.te_laat(day) {
            self.note(late, meldingen);
        }
        if meldingen.dubbel() {
            self.note(Bevinding::DubbeleSleutel, meldingen);
        }
    }

    /// Joins the runs of one toewijzing and product, which come in the order of their begindatum.
    fn join(&mut self, reeks: &Reeks<'_>, declared: Option<Date>) {
        let mut open: Option<(Date, &Run<'_>)> = None;
        for run in &reeks.runs {
            let aanvang = match open {
                Some((aanvang, earlier)) => {
                    if !earlier.onderbroken {
                        self.note(Bevinding::StartOpLopendeStart, run.meldingen);
                    }
                    aanvang
                }
                None => run.begindatum,
            };
            open = Some((aanvang, run));
            if run.einde.is_some() {
                self.finish(reeks, aanvang, run, declared);
                open = None;
            }
        }
        if let Some((aanvang, last)) = open {
            self.finish(reeks, aanvang, last, declared);
        }
    }

    fn finish(&mut self, reeks: &Reeks<'_>, aanvang: Date, last: &Run<'_>, declared: Option<Date>) {
        let Some(bericht) = last.meldingen.bericht() else { return };
        if !reeks.afgebeeld {
            self.vondsten.push((Bevinding::ProductNietAfgebeeld, bericht.clone()));
        }
        self.episodes.push(Episode {
            zorg: reeks.zorg,
            code: reeks.code.map(Into::into),
            afgebeeld: reeks.afgebeeld,
            aanvang,
            einde: last.einde,
            aanbieder: bericht.aanbieder,
            verwijzing: reeks.verwijzing,
            bewijs: last.begindatum.max(declared.unwrap_or(last.begindatum)),
            toegewezen_tot: reeks.toewijzing.and_then(|toewijzing| toewijzing.einddatum),
            bericht: bericht.clone(),
        });
    }
}

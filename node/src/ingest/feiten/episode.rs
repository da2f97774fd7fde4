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
        bericht::{Beeindiging, Geleverd, Levering},
        bevinding::Bevinding,
        codes::{Categorie, RedenBeeindiging, RedenWijziging},
        traject::{Einde, Episode},
    },
    Bron, Meldingen, PersoonFeiten,
};

/// The episodes of a person, and what was found on the way.
#[derive(Debug, Default)]
pub struct Episodes {
    /// Starts that count, joined and ended.
    pub episodes: Vec<Episode>,
    /// Findings, each with the file it was found in.
    pub bevindingen: Vec<(Bevinding, Bron)>,
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

/// What a toewijzing says about a start or stop that names it.
enum Toewijzing {
    /// RedenWijziging 13: as if never sent, with all that refers to it.
    Verwijderd,
    /// The categorie to count by; none in a generic toewijzing without Product in the start.
    Geldig(Option<Categorie>),
    /// Not there; the start's own Product has the categorie.
    Onbekend(Categorie),
    /// Not there, and no Product either.
    Niets,
}

impl PersoonFeiten {
    /// The episodes that the facts about this person make.
    #[must_use]
    pub fn episodes(&self) -> Episodes {
        let mut found = Episodes::default();
        let mut stops = self.living_stops(&mut found);
        let mut runs: BTreeMap<&Geleverd, (Option<Categorie>, Vec<Run<'_>>)> = BTreeMap::new();
        for (start, meldingen) in &self.starts {
            let has_stop = stops.contains_key(start);
            if !self.start_lives(meldingen, has_stop, &mut found) {
                continue;
            }
            let categorie = match self.toewijzing(&start.wat) {
                Toewijzing::Geldig(categorie) => categorie,
                Toewijzing::Onbekend(categorie) => {
                    found.note(Bevinding::StartZonderToewijzing, meldingen);
                    Some(categorie)
                }
                Toewijzing::Verwijderd => {
                    found.note(Bevinding::ToewijzingVerwijderd, meldingen);
                    continue;
                }
                Toewijzing::Niets => {
                    found.note(Bevinding::ToewijzingOnbekend, meldingen);
                    // Its stops have no start then, which is the same finding.
                    stops.remove(start);
                    continue;
                }
            };
            found.starts += 1;
            let run = Run::of(start.begindatum, meldingen, stops.remove(start).unwrap_or_default(), &mut found);
            runs.entry(&start.wat).or_insert_with(|| (categorie, Vec::new())).1.push(run);
        }
        for left in stops.into_values() {
            for (_, meldingen) in left.definitief.into_iter().chain(left.tijdelijk) {
                found.note(Bevinding::StopZonderStart, meldingen);
            }
        }
        for (categorie, runs) in runs.into_values() {
            found.join(categorie, &runs);
        }
        found
    }

    fn living_stops(&self, found: &mut Episodes) -> BTreeMap<&Levering, Stops<'_>> {
        let mut stops: BTreeMap<&Levering, Stops<'_>> = BTreeMap::new();
        for (stop, meldingen) in &self.stops {
            if meldingen.aangeleverd.is_empty() {
                found.note(Bevinding::VerwijderingZonderAanlevering, meldingen);
                continue;
            }
            if !meldingen.lives() {
                continue;
            }
            if stop.einddatum < stop.levering.begindatum {
                found.note(Bevinding::EindeVoorBegin, meldingen);
            } else if matches!(self.toewijzing(&stop.levering.wat), Toewijzing::Verwijderd) {
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
        if meldingen.aangeleverd.is_empty() {
            found.note(Bevinding::VerwijderingZonderAanlevering, meldingen);
            return false;
        }
        let lives = meldingen.lives();
        if !lives && has_stop {
            found.note(Bevinding::StartHeeftStop, meldingen);
        }
        lives || has_stop
    }

    fn toewijzing(&self, wat: &Geleverd) -> Toewijzing {
        let own = wat.product.as_ref().map(|product| product.categorie);
        let Some(nummer) = wat.toewijzing else { return Toewijzing::Geldig(own) };
        match (self.toewijzingen.get(&nummer), own) {
            (Some(current), _) if current.reden == Some(RedenWijziging::Verwijderd) => Toewijzing::Verwijderd,
            (Some(current), own) => {
                Toewijzing::Geldig(current.product.as_ref().map(|product| product.categorie).or(own))
            }
            (None, Some(categorie)) => Toewijzing::Onbekend(categorie),
            (None, None) => Toewijzing::Niets,
        }
    }

    /// How many toewijzingen are current, those with RedenWijziging 13 not.
    #[must_use]
    pub fn toewijzingen(&self) -> usize {
        self.toewijzingen.values().filter(|toewijzing| toewijzing.reden != Some(RedenWijziging::Verwijderd)).count()
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
        found.stops += usize::from(definitief.is_some()) + usize::from(tijdelijk.is_some());
        Self {
            begindatum,
            meldingen,
            onderbroken: tijdelijk.is_some(),
            einde: definitief.map(|(stop, _)| Einde { datum: stop.einddatum, reden: stop.reden }),
        }
    }
}

impl Episodes {
    fn note(&mut self, bevinding: Bevinding, meldingen: &Meldingen) {
        self.bevindingen.push((bevinding, meldingen.bron()));
    }

    /// Joins the runs of one toewijzing and product, which come in the order of their begindatum.
    fn join(&mut self, categorie: Option<Categorie>, runs: &[Run<'_>]) {
        let mut open: Option<(Date, &Run<'_>)> = None;
        for run in runs {
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
                self.episodes.push(Episode { categorie, aanvang, einde: run.einde });
                open = None;
            }
        }
        if let Some((aanvang, _)) = open {
            self.episodes.push(Episode { categorie, aanvang, einde: None });
        }
    }
}

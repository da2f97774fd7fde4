//! Draws jeugdigen until the gemeente has its size. Calibrated, that is when the mean stock over the peildata reaches
//! the gemeente's share of the national number of jongeren with jeugdzorg, missing stops included, as CBS has them too.

use anyhow::{Context, ensure};
use drempel_protocols::id::{Gemeentecode, Period};
use jiff::civil::Date;

use super::{
    administratie::{Administratie, Nummers},
    bsn::Bsn,
    dossier::Dossier,
    draw::{Draw, after},
    episode::{Declaratie, Episode},
    inwoners::expected_jongeren,
    irregularity::Tally,
    loopbaan::{Levering, loopbaan},
    persoon::Persoon,
};

/// How many persons a synthetic gemeente has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Size {
    /// As many as its inhabitants lead one to expect, but no more than there are test BSNs.
    Calibrated,
    /// So many, of whom a few never got any care.
    Persons(usize),
}

/// The persons of a gemeente with what is reported and what is true of each.
pub(super) struct Population {
    pub(super) personen: Vec<Persoon>,
    /// One for each person.
    pub(super) dossiers: Vec<Dossier>,
    pub(super) episodes: Vec<Episode>,
    pub(super) declaraties: Vec<Declaratie>,
}

/// Care that is running on the first day may have begun so many days before it.
const LOOK_BACK: i32 = 12 * 365;

/// Messages about what was over so many days before the first day are no longer kept.
pub(super) const KEPT: i32 = 365;

impl Population {
    pub(super) fn draw(
        draw: &mut Draw,
        beside: &mut Draw,
        tally: &mut Tally,
        code: Gemeentecode,
        (first, last): (Period, Period),
        size: Size,
    ) -> anyhow::Result<Self> {
        let mut pool = Bsn::all();
        let mut goal = Goal::new(code, (first, last), size, pool.len())?;
        draw.shuffle(&mut pool);
        let aanbieders = 4 + u32::try_from(goal.persons_expected() / 40)?.min(120);
        let (from, horizon) = (first.first_day(), last.last_day());
        let mut nummers = Nummers::new();
        let (personen, dossiers) = (Vec::new(), Vec::new());
        let mut population = Self { personen, dossiers, episodes: Vec::new(), declaraties: Vec::new() };
        for bsn in pool {
            if goal.reached(population.personen.len()) {
                break;
            }
            let mut unreported = Tally::default();
            let leveringen = draw_care(draw, (from, horizon), aanbieders, &mut unreported);
            let mut administratie = Administratie {
                draw,
                beside,
                tally,
                nummers: &mut nummers,
                persoon: population.personen.len(),
                first: from,
                horizon,
                aanbieders,
            };
            let ((dossier, waarheid), start) = if administratie.draw.chance(10) {
                let day = administratie.draw.day(from, horizon);
                (administratie.report_no_care(day), day)
            } else {
                administratie.tally.add(&unreported);
                let start = leveringen.iter().map(|levering| levering.aanvang).min();
                (administratie.report(&leveringen), start.unwrap_or(from))
            };
            goal.count(&waarheid.episodes);
            population.personen.push(Persoon::draw(draw, bsn, start, tally));
            population.dossiers.push(dossier);
            population.episodes.extend(waarheid.episodes);
            population.declaraties.extend(waarheid.declaraties);
        }
        Ok(population)
    }
}

/// The care of one jeugdige, drawn over until some of it falls between the days that matter: whose care began long ago
/// is there only if it lasted, as in a real stock.
fn draw_care(draw: &mut Draw, (from, horizon): (Date, Date), aanbieders: u32, tally: &mut Tally) -> Vec<Levering> {
    loop {
        let mut noted = Tally::default();
        let start = draw.day(after(from, -LOOK_BACK), horizon);
        let mut leveringen = loopbaan(draw, start, aanbieders, &mut noted);
        leveringen.retain(|levering| levering.einde >= after(from, -KEPT));
        if leveringen.iter().any(|levering| levering.aanvang <= horizon && levering.einde >= from) {
            tally.add(&noted);
            return leveringen;
        }
    }
}

/// When there are enough persons.
enum Goal {
    Persons(usize),
    Stock { wanted: u64, counted: u64, peildata: Vec<Date> },
}

impl Goal {
    fn new(code: Gemeentecode, (first, last): (Period, Period), size: Size, pool: usize) -> anyhow::Result<Self> {
        let peildata: Vec<Date> = first.through(last).map(Period::last_day).collect();
        ensure!(!peildata.is_empty(), "the last period, {last}, is before the first, {first}");
        match size {
            Size::Persons(number) => {
                ensure!(number <= pool, "there are only {pool} test BSNs, so no {number} persons");
                Ok(Self::Persons(number))
            }
            Size::Calibrated => {
                let expected = expected_jongeren(code).with_context(|| format!("{code} does not exist in 2026"))?;
                Ok(Self::Stock { wanted: expected * u64::try_from(peildata.len())?, counted: 0, peildata })
            }
        }
    }

    fn persons_expected(&self) -> u64 {
        match self {
            Self::Persons(number) => u64::try_from(*number).unwrap_or(u64::MAX),
            Self::Stock { wanted, peildata, .. } => wanted / u64::try_from(peildata.len()).unwrap_or(1).max(1),
        }
    }

    fn reached(&self, persons: usize) -> bool {
        match self {
            Self::Persons(number) => persons >= *number,
            Self::Stock { wanted, counted, .. } => counted >= wanted,
        }
    }

    /// Counts a person once for each peildatum on which some care runs on.
    fn count(&mut self, episodes: &[Episode]) {
        if let Self::Stock { counted, peildata, .. } = self {
            for day in peildata {
                let runs =
                    |episode: &Episode| episode.aanvang <= *day && episode.einde.is_none_or(|einde| einde.dag > *day);
                *counted += u64::from(episodes.iter().any(runs));
            }
        }
    }
}

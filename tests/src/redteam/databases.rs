//! The oracle: which values can a hidden count still have? Each value that it names is that of a whole database, children
//! with all their trajecten, that agrees with everything a reader has and was counted again from its lives. A relation
//! between figures that Drempel forgot to declare holds in every database, so what only it forbids is never found here.
//! Knows nothing of cells that add up, of what is declared, or of how cells were chosen to be hidden.
//!
//! The search walks from a database that is known: it demands another value of a figure, and exchanges children for others
//! that are near to them as long as some figure is off, the more wanted the longer it was (breakout local search). What it
//! does not find may exist all the same; who trusts a table as the figures of an attack trusts the values it names.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};

use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;

use super::{figures::Figures, life::Life, neighbours::Neighbours};

/// The values that the promise keeps.
pub const VALUES: usize = 4;

/// How many steps a walk takes, and how many last exchanges it does not undo.
const STEPS: usize = 400;
const TABU: usize = 12;
/// How many lives are made of one search at most.
const LIVES: usize = 60_000;
/// How often the details of a child are drawn again that cannot be.
const MENDS: usize = 12;
/// How many others nobody can become, beside whoever is there, and of how many that are drawn: most are shown not to be.
const NEWCOMERS: usize = 200;
const DRAWN: usize = 1_000;

/// The kind that is nobody.
const NOBODY: u32 = 0;

/// Databases that agree with what a reader has.
#[derive(Debug)]
pub struct Databases<'f> {
    figures: &'f Figures,
    neighbours: Neighbours,
    random: ChaCha8Rng,
    lives: Vec<Kind>,
    numbers: HashMap<Life, u32>,
    known: Vec<Database>,
    values: BTreeMap<usize, BTreeSet<i64>>,
    /// How hard the last figures to be mended were, in this search.
    weights: Vec<i64>,
}

/// A kind of child: none for nobody.
#[derive(Debug)]
struct Kind {
    life: Option<Life>,
    counts: Vec<(u32, i32)>,
    /// Whom it is exchanged for, once asked.
    near: Option<Vec<Exchange>>,
}

/// A child for another, and by how much that changes figures.
#[derive(Debug, Clone)]
struct Exchange {
    to: u32,
    change: Vec<(u32, i32)>,
}

/// How many children there are of each kind.
#[derive(Debug, Clone)]
struct Database {
    held: BTreeMap<u32, u32>,
    counts: Vec<i64>,
}

impl<'f> Databases<'f> {
    /// From the children that there are.
    ///
    /// # Errors
    /// If these do not agree with what the reader is said to have.
    pub fn new(figures: &'f Figures, neighbours: Neighbours, children: &[Life], seed: u64) -> anyhow::Result<Self> {
        let mut found = Self {
            figures,
            neighbours,
            random: ChaCha8Rng::seed_from_u64(seed),
            lives: vec![Kind { life: None, counts: Vec::new(), near: None }],
            numbers: HashMap::new(),
            known: Vec::new(),
            values: BTreeMap::new(),
            weights: vec![1; figures.figures.len()],
        };
        let mut truth = Database { held: BTreeMap::new(), counts: vec![0; figures.figures.len()] };
        for child in children {
            let counts = figures.counts(child, found.neighbours.landmarks());
            for (figure, count) in &counts {
                add(&mut truth.counts, *figure, *count);
            }
            let number = found.number(child.clone(), counts);
            *truth.held.entry(number).or_default() += 1;
        }
        if let Some(wrong) =
            figures.figures.iter().zip(&truth.counts).position(|(figure, count)| figure.off(*count) > 0)
        {
            anyhow::bail!("the children that there are do not have {}", figures.name(wrong));
        }
        found.note(truth);
        Ok(found)
    }

    /// How many values of a figure some database has.
    #[must_use]
    pub fn how_many(&self, figure: usize) -> usize {
        self.values.get(&figure).map_or(0, BTreeSet::len)
    }

    /// Looks for databases until every target has four values, so many times each. Gives the targets that have fewer.
    pub fn widen(&mut self, tries: usize) -> Vec<usize> {
        let targets: Vec<usize> = self.figures.targets().collect();
        for round in 0..tries {
            let lacking: Vec<usize> =
                targets.iter().copied().filter(|target| self.how_many(*target) < VALUES).collect();
            if lacking.is_empty() {
                break;
            }
            // Others are near, each time that one asks.
            self.lives.iter_mut().for_each(|kind| kind.near = None);
            for target in lacking {
                self.widen_one(target, round);
            }
        }
        targets.into_iter().filter(|target| self.how_many(*target) < VALUES).collect()
    }

    /// Looks for each value near to those that are known of a target.
    fn widen_one(&mut self, target: usize, round: usize) {
        let Some(figure) = self.figures.figures.get(target) else { return };
        let reach = 3 + i64::try_from(round.min(5)).unwrap_or_default();
        let near = (1..=reach).flat_map(|off| [figure.truth + off, figure.truth - off]);
        for value in near.filter(|value| figure.off(*value) == 0 && *value >= 0) {
            if self.how_many(target) >= VALUES {
                return;
            }
            if self.values.get(&target).is_some_and(|values| values.contains(&value)) {
                continue;
            }
            // From the truth first, as what lies near to it is near to everything else that is published.
            let from = if round == 0 { 0 } else { self.random.random_range(0..self.known.len().max(1)) };
            let Some(start) = self.known.get(from).cloned() else { return };
            if let Some(found) = self.walk(start, target, value) {
                self.note(found);
            }
        }
    }

    /// Walks from a database to one in which a figure has a value.
    fn walk(&mut self, mut at: Database, target: usize, value: i64) -> Option<Database> {
        self.weights.fill(1);
        let mut last: VecDeque<(u32, u32)> = VecDeque::with_capacity(TABU);
        for _ in 0..STEPS {
            let off = self.off(&at, target, value);
            if off.is_empty() {
                return Some(at);
            }
            let (figure, too_many) = *off.get(self.random.random_range(0..off.len()))?;
            let Some((from, exchange, gain)) = self.best(&at, figure, too_many, target, value, &last) else {
                self.weigh(&off);
                continue;
            };
            if gain >= 0 {
                self.weigh(&off);
            }
            if last.len() == TABU {
                last.pop_front();
            }
            last.push_back((exchange.to, from));
            for (figure, count) in &exchange.change {
                add(&mut at.counts, *figure, *count);
            }
            take(&mut at.held, from);
            if exchange.to != NOBODY {
                *at.held.entry(exchange.to).or_default() += 1;
            }
        }
        None
    }

    /// The figures that are off, and whether they count too many.
    fn off(&self, at: &Database, target: usize, value: i64) -> Vec<(usize, bool)> {
        let figures = self.figures.figures.iter().zip(&at.counts).enumerate();
        let found = figures.filter_map(|(place, (figure, count))| {
            if place == target && *count != value {
                return Some((place, *count > value));
            }
            (figure.off(*count) > 0).then_some((place, *count > figure.most))
        });
        found.collect()
    }

    fn weigh(&mut self, off: &[(usize, bool)]) {
        for (figure, _) in off {
            if let Some(weight) = self.weights.get_mut(*figure) {
                *weight += 1;
            }
        }
    }

    /// The exchange that mends a figure and leaves least off, with from whom, and by how much more is off after it.
    fn best(
        &mut self,
        at: &Database,
        figure: usize,
        too_many: bool,
        target: usize,
        value: i64,
        last: &VecDeque<(u32, u32)>,
    ) -> Option<(u32, Exchange, i64)> {
        let wanted = u32::try_from(figure).ok()?;
        let mut best: Option<(i64, u32, u32, usize)> = None;
        let held: Vec<u32> = std::iter::once(NOBODY).chain(at.held.keys().copied()).collect();
        for from in held {
            self.make_near(from);
            let near = self.lives.get(from as usize)?.near.as_deref().unwrap_or_default();
            for (place, exchange) in near.iter().enumerate() {
                let changes = exchange.change.binary_search_by_key(&wanted, |(of, _)| *of);
                let Some((_, by)) = changes.ok().and_then(|place| exchange.change.get(place)) else { continue };
                if (*by < 0) != too_many || last.contains(&(from, exchange.to)) {
                    continue;
                }
                let more = self.more_off(at, exchange, target, value);
                let tie = self.random.random::<u32>();
                if best.is_none_or(|(least, other, ..)| (more, tie) < (least, other)) {
                    best = Some((more, tie, from, place));
                }
            }
        }
        let (more, _, from, place) = best?;
        let exchange = self.lives.get(from as usize)?.near.as_ref()?.get(place)?.clone();
        Some((from, exchange, more))
    }

    /// By how much more is off after an exchange, in weights.
    fn more_off(&self, at: &Database, exchange: &Exchange, target: usize, value: i64) -> i64 {
        let change = |(place, by): &(u32, i32)| {
            let place = *place as usize;
            let (Some(figure), Some(count), Some(weight)) =
                (self.figures.figures.get(place), at.counts.get(place), self.weights.get(place))
            else {
                return 0;
            };
            let after = count + i64::from(*by);
            let off = |count: i64| if place == target { (count - value).abs() } else { figure.off(count) };
            weight * (off(after) - off(*count))
        };
        exchange.change.iter().map(change).sum()
    }

    /// Makes whom a kind is exchanged for, if that is not done.
    fn make_near(&mut self, of: u32) {
        let Some(kind) = self.lives.get(of as usize) else { return };
        if kind.near.is_some() {
            return;
        }
        let (life, counts) = (kind.life.clone(), kind.counts.clone());
        let mut near = Vec::new();
        if self.lives.len() < LIVES {
            let lives = match &life {
                Some(life) => self.neighbours.of_life(life, &mut self.random),
                None => self.newcomers(),
            };
            for other in lives {
                let Some((other, after)) = self.mended(other) else { continue };
                let change = difference(&counts, &after);
                // Whoever is counted alike is the same to every reader.
                if !change.is_empty() {
                    near.push(Exchange { to: self.number(other, after), change });
                }
            }
        }
        if life.is_some() {
            near.push(Exchange { to: NOBODY, change: difference(&counts, &[]) });
        }
        near.sort_by(|one, other| one.change.cmp(&other.change));
        near.dedup_by(|one, other| one.change == other.change);
        if let Some(kind) = self.lives.get_mut(of as usize) {
            kind.near = Some(near);
        }
    }

    /// Whoever is there, and others.
    fn newcomers(&mut self) -> Vec<Life> {
        let there: BTreeSet<u32> = self.known.iter().flat_map(|database| database.held.keys().copied()).collect();
        let life = |kind: &u32| self.lives.get(*kind as usize).and_then(|kind| kind.life.clone());
        let mut lives: Vec<Life> = there.iter().filter_map(life).collect();
        let most = lives.len() + NEWCOMERS;
        for _ in 0..DRAWN {
            let life = self.neighbours.anybody(&mut self.random);
            if let Some((life, _)) = life.and_then(|life| self.mended(life)) {
                lives.push(life);
            }
            if lives.len() == most {
                break;
            }
        }
        lives
    }

    /// A child that can be, by what is shown to have nobody, with its counts: as it is, or with other details in the
    /// half-years in which it cannot.
    fn mended(&mut self, mut life: Life) -> Option<(Life, Vec<(u32, i32)>)> {
        for _ in 0..MENDS {
            let counts = self.figures.counts(&life, self.neighbours.landmarks());
            let Some(half) = counts.iter().find_map(|(place, _)| self.figures.nobody(*place)) else {
                return Some((life, counts));
            };
            self.neighbours.redraw(&mut life, half, &mut self.random);
            life = life.ordered();
        }
        None
    }

    fn number(&mut self, life: Life, counts: Vec<(u32, i32)>) -> u32 {
        let next = u32::try_from(self.lives.len()).unwrap_or(u32::MAX);
        *self.numbers.entry(life.clone()).or_insert_with(|| {
            self.lives.push(Kind { life: Some(life), counts, near: None });
            next
        })
    }

    /// Takes a database for known if it agrees, counted from its lives.
    fn note(&mut self, found: Database) {
        let mut counts = vec![0; self.figures.figures.len()];
        for (number, many) in &found.held {
            let life = self.lives.get(*number as usize).and_then(|kind| kind.life.as_ref());
            let Some(life) = life.filter(|life| life.sound(self.neighbours.landmarks())) else { return };
            for (figure, count) in self.figures.counts(life, self.neighbours.landmarks()) {
                let many = i32::try_from(*many).unwrap_or(i32::MAX);
                add(&mut counts, figure, count.saturating_mul(many));
            }
        }
        if self.figures.figures.iter().zip(&counts).any(|(figure, count)| figure.off(*count) > 0) {
            return;
        }
        for target in self.figures.targets() {
            if let Some(count) = counts.get(target) {
                self.values.entry(target).or_default().insert(*count);
            }
        }
        self.known.push(Database { counts, ..found });
    }
}

fn add(counts: &mut [i64], figure: u32, count: i32) {
    if let Some(slot) = counts.get_mut(figure as usize) {
        *slot += i64::from(count);
    }
}

fn take(held: &mut BTreeMap<u32, u32>, kind: u32) {
    if let Some(many) = held.get_mut(&kind) {
        *many -= 1;
        if *many == 0 {
            held.remove(&kind);
        }
    }
}

/// What counts more in the second than in the first, by figure.
fn difference(before: &[(u32, i32)], after: &[(u32, i32)]) -> Vec<(u32, i32)> {
    let mut change: BTreeMap<u32, i32> = BTreeMap::new();
    for (figure, count) in after {
        *change.entry(*figure).or_default() += count;
    }
    for (figure, count) in before {
        *change.entry(*figure).or_default() -= count;
    }
    change.into_iter().filter(|(_, by)| *by != 0).collect()
}

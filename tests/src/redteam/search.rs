//! An adaptive searcher: with a budget of questions to a node it looks for the hidden count that keeps the fewest values. It
//! begins anywhere, asks what lies near to the narrowest count that it knows of, and now and then begins anew. What it is told
//! is held against what was released: a cell with two values, a hidden one that is told, or one that no release has, is a
//! hole however wide it leaves the rest.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use anyhow::Context as _;
use drempel_protocols::{
    answer::Payload,
    catalogue::{Catalogue, Cube, Measure, View},
    cell::Cell,
    clock::SystemClock,
    grid::Grid,
    id::{ColumnName, MemberCode, Period},
    lattice::Place,
    question::Question,
    sql,
};
use rand::{RngExt as _, SeedableRng as _, seq::IndexedRandom as _};
use rand_chacha::ChaCha8Rng;

use super::{
    chain::{Chain, Protection, ReleasedCell},
    databases::{Databases, VALUES},
    figures::Figures,
    life::HALVES,
    neighbours::Neighbours,
    plan::Plan,
    target::Target,
    trial::Ground,
};
use crate::federation::Federation;

/// How many questions it asks before it looks again at what it knows.
const ROUND: usize = 100;
/// One question in so many is about anything.
const ANEW: u32 = 4;

/// What came of a search.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Searched {
    /// How many questions were asked, and how many of them refused.
    pub asked: usize,
    /// Those that were refused.
    pub refused: usize,
    /// Of how many cells it knows what is published.
    pub cells: usize,
    /// The fewest values that any count keeps that has to keep some; none if it met none.
    pub fewest: Option<usize>,
    /// What was told and should not have been, in words.
    pub told: Vec<String>,
}

impl Searched {
    /// Whether anything can be told.
    #[must_use]
    pub fn is_broken(&self) -> bool {
        self.fewest.is_some_and(|fewest| fewest < VALUES) || !self.told.is_empty()
    }
}

/// A question that can be varied: a cube in a half-year, and what is done with each of its dimensions.
#[derive(Clone, Debug)]
struct Asked {
    cube: usize,
    half: usize,
    dimensions: Vec<Done>,
    measures: Vec<Measure>,
}

/// What a question does with a dimension.
#[derive(Clone, Debug)]
enum Done {
    /// It counts all members together.
    Left,
    /// It tells them apart, at some level.
    Grouped(ColumnName),
    /// It counts one member, of some level.
    Held(ColumnName, MemberCode),
}

/// A search through one gemeente.
pub struct Search<'s> {
    ground: &'s Ground,
    chain: &'s Chain,
    plan: &'s Plan,
    catalogue: Catalogue,
    node: Option<Target>,
    random: ChaCha8Rng,
    released: BTreeMap<(usize, &'s Place), usize>,
    /// Which released cells it was told of, each with the question that told it.
    seen: BTreeMap<usize, Asked>,
    found: Searched,
}

impl<'s> Search<'s> {
    /// Of releases that were made, by a node that answers from them, or from figures that nothing hides.
    ///
    /// # Errors
    /// If the node does not start.
    pub async fn new(ground: &'s Ground, chain: &'s Chain, plan: &'s Plan, seed: u64) -> anyhow::Result<Self> {
        let last = plan.halves.get(chain.halves.saturating_sub(1)).context("a plan of no half-years")?;
        let bundle = ground.registry.bundle(last.cubes.as_deref(), plan.inwoners)?;
        let node = match chain.protection {
            Protection::Drempel => {
                let clock = Arc::new(SystemClock);
                Some(Target::start(&bundle, &chain.ledger(), last.policy.clone(), clock).await?)
            }
            Protection::Raw | Protection::Threshold => None,
        };
        let released =
            chain.cells.iter().enumerate().map(|(number, cell)| ((cell.half, &cell.place), number)).collect();
        let (random, found) = (ChaCha8Rng::seed_from_u64(seed), Searched::default());
        let catalogue = Catalogue::from_bundle(&bundle)?;
        Ok(Self { ground, chain, plan, catalogue, node, random, released, seen: BTreeMap::new(), found })
    }

    /// Searches with so many questions, each figure looked at so often in the end.
    ///
    /// # Errors
    /// If the node does not answer at all.
    pub async fn run(mut self, budget: usize, tries: usize) -> anyhow::Result<Searched> {
        let mut near = None;
        while self.found.asked < budget {
            for _ in 0..ROUND.min(budget - self.found.asked) {
                let asked = match &near {
                    Some(near) if self.random.random_range(0..ANEW) > 0 => self.beside(near),
                    _ => self.anything(),
                };
                if let Some(asked) = asked {
                    self.ask(asked).await?;
                }
                self.found.asked += 1;
            }
            let is_last = self.found.asked >= budget;
            let (fewest, narrowest) = self.look(if is_last { tries } else { 1 })?;
            self.found.fewest = fewest;
            near = narrowest.and_then(|cell| self.seen.get(&cell).cloned());
            // Where nothing protects, one count is enough.
            if self.node.is_none() && self.found.is_broken() {
                break;
            }
        }
        self.found.cells = self.seen.len();
        if let Some(mut node) = self.node.take() {
            node.stop().await;
        }
        Ok(self.found)
    }

    fn cube(&self, number: usize) -> Option<(&Cube, &View)> {
        let cube = self.catalogue.cubes().nth(number)?;
        Some((cube, self.catalogue.view(cube.view().as_str())?))
    }

    /// Any question.
    fn anything(&mut self) -> Option<Asked> {
        let (cube, half) = (self.random.random_range(0..self.catalogue.cubes().count()), self.any_half());
        let dimensions = self.cube(cube)?.0.dimensions().len();
        let dimensions = (0..dimensions).map(|place| self.done(cube, place)).collect::<Option<Vec<_>>>()?;
        Some(Asked { cube, half, dimensions, measures: self.measures(cube)? })
    }

    /// A question that differs in one thing from another.
    fn beside(&mut self, near: &Asked) -> Option<Asked> {
        let mut asked = near.clone();
        match self.random.random_range(0..near.dimensions.len() + 2) {
            0 => asked.half = self.any_half(),
            1 => asked.measures = self.measures(near.cube)?,
            place => *asked.dimensions.get_mut(place - 2)? = self.done(near.cube, place - 2)?,
        }
        Some(asked)
    }

    fn any_half(&mut self) -> usize {
        self.random.random_range(0..self.chain.halves.max(1))
    }

    fn measures(&mut self, cube: usize) -> Option<Vec<Measure>> {
        let all: Vec<Measure> = self.cube(cube)?.0.measures().iter().copied().collect();
        let many = self.random.random_range(1..=all.len());
        Some(all.sample(&mut self.random, many).copied().collect())
    }

    /// Something to do with a dimension of a cube.
    fn done(&mut self, cube: usize, place: usize) -> Option<Done> {
        let (of_cube, view) = self.cube(cube)?;
        let root = view.root(of_cube.dimensions().get(place)?);
        let is_level = |column: &&ColumnName| view.root(column) == root && of_cube.has_dimension(view, column);
        let levels: Vec<ColumnName> = view.dimensions().map(|(name, _)| name).filter(is_level).cloned().collect();
        let level = levels.choose(&mut self.random)?.clone();
        Some(match self.random.random_range(0..3) {
            0 => Done::Left,
            1 => Done::Grouped(level),
            _ => {
                let members = self.cube(cube)?.1.dimension(&level)?.domain().members();
                let codes: Vec<MemberCode> = members.iter().map(|member| member.code.clone()).collect();
                Done::Held(level, codes.choose(&mut self.random)?.clone())
            }
        })
    }

    /// Asks a question and takes what it tells.
    async fn ask(&mut self, asked: Asked) -> anyhow::Result<()> {
        let text = self.text(&asked).context("a question of no cube")?;
        let Ok((question, _)) = sql::read(&text, &self.catalogue, &Federation::purpose()?) else {
            self.found.refused += 1;
            return Ok(());
        };
        let payload = match &self.node {
            None => self.bare(&question),
            Some(node) => node.ask(&text).await?.answer().map(|answer| answer.payload),
        };
        let Some(payload) = payload else {
            self.found.refused += 1;
            return Ok(());
        };
        let grid = Grid::of(&question, &self.catalogue).context("a question without cells")?;
        for (number, place) in self.places(&question, &grid).into_iter().enumerate() {
            for (measure, cells) in &payload {
                let cell = cells.get(number).context("an answer with too few cells")?;
                self.take(&asked, place.as_ref(), *measure, *cell);
            }
        }
        Ok(())
    }

    /// Takes what is told of a cell, and notes what should not have been; no place is one that nobody can be in.
    fn take(&mut self, asked: &Asked, place: Option<&Place>, measure: Measure, cell: Cell) {
        let withdrawn = self.plan.halves.get(asked.half).is_some_and(|half| half.withdrawn) && self.node.is_some();
        let number = place.and_then(|place| self.released.get(&(asked.half, place)).copied());
        let of_cell = number.and_then(|number| self.chain.cells.get(number)).filter(|_| !withdrawn);
        let is_told = match (place, of_cell) {
            // Nobody, if anything of the view was released.
            (None, _) => ![Cell::Value(0), Cell::NotHeld].contains(&cell),
            (_, Some(of_cell)) => cell != published(of_cell, measure),
            (_, None) => cell != Cell::NotHeld,
        };
        if is_told {
            let nobody = || "what nobody can be in".to_owned();
            let members = place.map_or_else(nobody, |place| format!("{} {}", place.view(), place.members()));
            let told = format!("half-year {} {members} is told otherwise than released", asked.half + 1);
            if !self.found.told.contains(&told) {
                self.found.told.push(told);
            }
        }
        if let Some(number) = number.filter(|_| cell != Cell::NotHeld) {
            self.seen.entry(number).or_insert_with(|| asked.clone());
        }
    }

    fn text(&self, asked: &Asked) -> Option<String> {
        let (cube, _) = self.cube(asked.cube)?;
        let groups = asked.dimensions.iter().filter_map(|done| match done {
            Done::Grouped(column) => Some(column.to_string()),
            _ => None,
        });
        let groups: Vec<String> = groups.collect();
        let held = asked.dimensions.iter().filter_map(|done| match done {
            Done::Held(column, code) => Some(format!(" AND {column} = '{code}'")),
            _ => None,
        });
        let columns = groups.iter().cloned().chain(asked.measures.iter().map(|measure| measure.sql().to_owned()));
        let (columns, held) = (columns.collect::<Vec<_>>().join(", "), held.collect::<String>());
        let grouped = if groups.is_empty() { String::new() } else { format!(" GROUP BY {}", groups.join(", ")) };
        let half = HALVES.get(asked.half)?;
        Some(format!("SELECT {columns} FROM {} WHERE periode = '{half}'{held}{grouped}", cube.view()))
    }

    /// The place of each cell of a question; none for one that nobody can be in.
    fn places(&self, question: &Question, grid: &Grid) -> Vec<Option<Place>> {
        let grouped = |column: &ColumnName| grid.axes().iter().any(|axis| axis.column == *column);
        let view = self.catalogue.view(question.view().as_str());
        let code = |column: &ColumnName, members: &BTreeSet<MemberCode>| {
            let members = members.first().filter(|_| members.len() == 1)?;
            view?.dimension(column).map(|_| (column.clone(), members.clone()))
        };
        let filters = question.filters().iter().filter(|(column, _)| !grouped(column));
        let filters: Vec<(ColumnName, MemberCode)> =
            filters.filter_map(|(column, members)| code(column, members)).collect();
        let place = |cell| {
            let held = filters.iter().map(|(column, member)| (column, member));
            Place::of(&self.catalogue, question.view(), grid.members(cell).chain(held)).flatten()
        };
        grid.coordinates().iter().map(place).collect()
    }

    /// What is answered where nothing more is hidden than the figures have it.
    fn bare(&self, question: &Question) -> Option<Payload> {
        let grid = Grid::of(question, &self.catalogue)?;
        let half = |period: &Period| HALVES.iter().position(|half| *half == period.to_string());
        let coordinates = grid.coordinates();
        let places = self.places(question, &grid);
        let cell = |measure: Measure, (place, period): (&Option<Place>, &Period)| {
            let Some(place) = place else { return Cell::Value(0) };
            let number = half(period).and_then(|half| self.released.get(&(half, place)));
            let cell = number.and_then(|number| self.chain.cells.get(*number));
            cell.map_or(Cell::NotHeld, |cell| published(cell, measure))
        };
        let cells = |measure: &Measure| {
            let each = places.iter().zip(coordinates.iter().map(|coordinate| &coordinate.period));
            (*measure, each.map(|of| cell(*measure, of)).collect())
        };
        Some(question.measures().iter().map(cells).collect())
    }

    /// The fewest values that a count keeps of those that were told, and the cell of it.
    fn look(&self, tries: usize) -> anyhow::Result<(Option<usize>, Option<usize>)> {
        let cells: Vec<ReleasedCell> =
            self.seen.keys().filter_map(|number| self.chain.cells.get(*number)).cloned().collect();
        let numbers: Vec<usize> = self.seen.keys().copied().collect();
        let figures = Figures::of_cells(&cells, self.chain, &self.ground.codebook)?;
        let landmarks = self.ground.landmarks(self.plan.unmapped)?;
        let neighbours = Neighbours::of(&figures, &self.ground.codebook, landmarks, &self.chain.children);
        let mut databases = Databases::new(&figures, neighbours, &self.chain.children, 1)?;
        databases.widen(tries);
        let narrowest = figures.targets().min_by_key(|target| databases.how_many(*target));
        let cell = narrowest.and_then(|target| numbers.get(figures.figures.get(target)?.cell).copied());
        Ok((narrowest.map(|target| databases.how_many(target)), cell))
    }
}

/// What is published of a cell: a count that its tables do not have is not told apart from one that is hidden.
const fn published(cell: &ReleasedCell, measure: Measure) -> Cell {
    let (shows, count) = match measure {
        Measure::Personen => (cell.shows_persons, cell.persons),
        Measure::Aantal => (cell.shows_rows, cell.rows),
    };
    match cell.reason {
        None if shows => Cell::Value((count + cell.round_to / 2) / cell.round_to * cell.round_to),
        _ => Cell::Hidden,
    }
}

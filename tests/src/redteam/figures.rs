//! What a reader has of a gemeente: every cell of every half-year with what is published of it, and what the promise grants
//! besides, that it knows which hidden cells are the unsafe ones. Made from what leaves a node and from the true counts, not
//! from anything that the product knows of how cells hang together.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Context as _;
use drempel_protocols::{id::MemberCode, sdc::Reason};

use super::{
    chain::{Chain, Protection, ReleasedCell},
    codebook::{Codebook, Column},
    life::{Landmarks, Life, Members, View},
};

/// A count of persons or rows of one cell, as a reader has it.
#[derive(Clone, Debug)]
pub struct Figure {
    /// Which cell it is of.
    pub cell: usize,
    /// Whether it counts rows, or else persons.
    pub of_rows: bool,
    /// The least that it can be.
    pub least: i64,
    /// The most that it can be.
    pub most: i64,
    /// What it is, for the judge.
    pub truth: i64,
    /// Whether it must keep values.
    pub is_target: bool,
}

impl Figure {
    /// Whether anything is known or asked of it.
    #[must_use]
    pub const fn matters(&self) -> bool {
        self.is_target || self.least > 0 || self.most < i64::MAX
    }

    /// How far a count is from what it can be.
    #[must_use]
    pub const fn off(&self, count: i64) -> i64 {
        if count < self.least {
            self.least - count
        } else if count > self.most {
            count - self.most
        } else {
            0
        }
    }
}

/// A cell of a half-year.
#[derive(Clone, Debug)]
pub struct Cell {
    /// As it was released.
    pub released: ReleasedCell,
    /// Which view it counts.
    pub view: View,
    /// The members that count, of each limited dimension, as bits.
    pub within: Vec<(Column, u64)>,
    /// The least persons that it was shown with.
    pub k: u64,
    /// Whether it is what it was at the end of the half-year before.
    pub is_stock: bool,
    /// Whether it is too small to be shown.
    pub is_unsafe: bool,
    /// Whether it hides that nobody is in it: all its members of a dimension are gevoelig, or its profile hides all zeros.
    pub sensitive: bool,
}

impl Cell {
    /// What it is, with its counts and why it is hidden: for the judge.
    #[must_use]
    pub fn text(&self) -> String {
        let ReleasedCell { half, place, persons, rows, reason, .. } = &self.released;
        let said = reason.map_or_else(|| "shown".to_owned(), |reason| format!("{reason:?}"));
        format!("half-year {} {} {}: {persons} persons, {rows} rows, {said}", half + 1, place.view(), place.members())
    }

    /// Whether a row is in it.
    #[must_use]
    pub fn has(&self, view: View, members: &Members) -> bool {
        let is_in = |(column, bits): &(Column, u64)| {
            members.get(*column as usize).is_some_and(|lid| *lid < 64 && bits >> lid & 1 == 1)
        };
        view == self.view && self.within.iter().all(is_in)
    }
}

/// All cells of all half-years, and the figures of which anything is known.
#[derive(Debug)]
pub struct Figures {
    /// The cells, by half-year.
    pub cells: Vec<Cell>,
    /// Two for each cell: of persons and of rows.
    pub figures: Vec<Figure>,
}

impl Figures {
    /// Of the releases of a gemeente.
    ///
    /// # Errors
    /// If a cell is of a dimension that the catalogue does not have.
    pub fn of(chain: &Chain, codebook: &Codebook) -> anyhow::Result<Self> {
        Self::of_cells(&chain.cells, chain, codebook)
    }

    /// Of some of the cells of its releases.
    ///
    /// # Errors
    /// If a cell is of a dimension that the catalogue does not have.
    pub fn of_cells(known: &[ReleasedCell], chain: &Chain, codebook: &Codebook) -> anyhow::Result<Self> {
        let mut cells = Vec::new();
        for cell in known {
            let within = cell.place.within().iter().map(|(name, members)| {
                let column = codebook.column(name).with_context(|| format!("{name} is no dimension here"))?;
                Ok((column, codebook.bits(column, members)))
            });
            let within = within.collect::<anyhow::Result<Vec<_>>>()?;
            // A stock at the beginning is what it was at the end of the half-year before, if that was released.
            let before = stock_before(cell).and_then(|before| {
                chain.cells.iter().find(|other| other.half + 1 == cell.half && name_of(other) == before)
            });
            let before = before.filter(|_| chain.protection == Protection::Drempel);
            let k = before.map_or(cell.k, |other| other.k);
            cells.push(Cell {
                view: if cell.place.view().as_str() == "wisseling" { View::Wisseling } else { View::Jeugdhulp },
                sensitive: cell.hides_zeros || within.iter().any(|(column, bits)| codebook.sensitive(*column, *bits)),
                within,
                k,
                is_stock: before.is_some(),
                is_unsafe: cell.reason == Some(Reason::Unsafe) || (1..k).contains(&cell.persons),
                released: cell.clone(),
            });
        }
        let figures = cells.iter().enumerate().flat_map(|(place, cell)| figures(place, cell)).collect();
        Ok(Self { cells, figures })
    }

    /// What is shown of a figure.
    #[must_use]
    pub fn shown(&self, figure: usize) -> Option<i64> {
        let of = self.figures.get(figure)?;
        let cell = self.cells.get(of.cell)?;
        let shows = if of.of_rows { cell.released.shows_rows } else { cell.released.shows_persons };
        (shows && cell.released.reason.is_none()).then_some(of.truth)
    }

    /// The figures that must keep values.
    pub fn targets(&self) -> impl Iterator<Item = usize> + '_ {
        self.figures.iter().enumerate().filter(|(_, figure)| figure.is_target).map(|(place, _)| place)
    }

    /// What somebody adds to each figure that matters, where that is anything: how many persons and rows of a cell.
    #[must_use]
    pub fn counts(&self, life: &Life, landmarks: &Landmarks) -> Vec<(u32, i32)> {
        let halves = self.cells.last().map_or(0, |cell| cell.released.half + 1);
        let rows: Vec<_> = (0..halves).map(|half| life.rows(half, landmarks)).collect();
        let mut counts = Vec::new();
        for (place, cell) in (0u32..).zip(&self.cells) {
            let of_half = rows.get(cell.released.half).map(Vec::as_slice).unwrap_or_default();
            let inside = of_half.iter().filter(|(view, members)| cell.has(*view, members)).count();
            if let Ok(inside @ 1..) = i32::try_from(inside) {
                counts
                    .extend([(2 * place, 1), (2 * place + 1, inside)].into_iter().filter(|(of, _)| self.matters(*of)));
            }
        }
        counts
    }

    /// The half-year in which a figure is known to be of nobody, if it is.
    #[must_use]
    pub fn nobody(&self, figure: u32) -> Option<usize> {
        let figure = self.figures.get(figure as usize).filter(|figure| figure.most == 0)?;
        self.cells.get(figure.cell).map(|cell| cell.released.half)
    }

    fn matters(&self, figure: u32) -> bool {
        self.figures.get(figure as usize).is_some_and(Figure::matters)
    }

    /// What a figure is of, in words.
    #[must_use]
    pub fn name(&self, figure: usize) -> String {
        let Some((figure, cell)) = self.figures.get(figure).and_then(|of| Some((of, self.cells.get(of.cell)?))) else {
            return "no figure".to_owned();
        };
        let what = if figure.of_rows { "rows" } else { "persons" };
        format!(
            "{what} of half-year {} {} {}",
            cell.released.half + 1,
            cell.released.place.view(),
            cell.released.place.members()
        )
    }
}

/// What a cell is of, by the members of each limited dimension.
type Name<'c> = (&'c str, BTreeMap<&'c str, BTreeSet<&'c str>>);

fn name_of(cell: &ReleasedCell) -> Name<'_> {
    let within = cell.place.within().iter();
    let within = within.map(|(name, members)| (name.as_str(), members.iter().map(MemberCode::as_str).collect()));
    (cell.place.view().as_str(), within.collect())
}

/// For what ran before, all of it or of a kind, what it was at the end of the half-year before.
fn stock_before(cell: &ReleasedCell) -> Option<Name<'_>> {
    let (view, mut within) = name_of(cell);
    let ran_before = within.remove("begin")? == BTreeSet::from(["al_lopend"]);
    let kept = within.keys().all(|name| ["categorie", "hulpvorm"].contains(name));
    within.insert("einde", BTreeSet::from(["loopt_door"]));
    (ran_before && kept && view == View::Jeugdhulp.name()).then_some((view, within))
}

/// The figures of persons and of rows of a cell.
fn figures(place: usize, cell: &Cell) -> [Figure; 2] {
    let of = &cell.released;
    let [persons, rows] = [of.persons, of.rows].map(|count| i64::try_from(count).unwrap_or(i64::MAX));
    let k = i64::try_from(cell.k).unwrap_or(i64::MAX);
    let figure = |of_rows: bool| {
        let (truth, shows) = if of_rows { (rows, of.shows_rows) } else { (persons, of.shows_persons) };
        let (least, most) = match (of.reason.is_some(), cell.is_unsafe) {
            (true, true) if of_rows => (0, i64::MAX),
            (true, true) => (i64::from(!cell.sensitive && persons > 0), k - 1),
            (true, false) => (k, i64::MAX),
            (false, _) if shows || truth == 0 => (truth, truth),
            // A cell that is shown has enough persons, and at least as many rows, if small ones are hidden at all.
            (false, is_unsafe) => (if is_unsafe { 1 } else { k }, i64::MAX),
        };
        let is_target = (cell.is_unsafe || of.reason == Some(Reason::Insider)) && (shows || !of_rows);
        Figure { cell: place, of_rows, least, most, truth, is_target }
    };
    [figure(false), figure(true)]
}

//! The lattice: every cell of every registered cube of every view, with all margins, each once in however many cubes it
//! stands, and everything that readers know to hold between them (rules R1, R2 and R12). It follows from the catalogue
//! alone, so node and auditor have the same one; a release fills it with counts.

mod counting;
mod excluded;
mod flows;
mod hulpvorm;
mod levels;
mod moments;
mod newcomers;
mod personen_in;
mod place;
mod population;
mod staying;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

pub use self::{
    counting::{Axis, Counting},
    excluded::Structural,
    flows::{after, is_of_persons, is_stock_after},
    place::Place,
    population::population,
};
use self::{
    excluded::Excluded,
    levels::{Axes, Levels},
    place::Base,
};
use crate::{
    catalogue::{Catalogue, Cube, Measure, PerPersoon},
    id::{ColumnName, ViewName},
    sdc::{Line, Shows, Tie, circle},
};

/// The most cells of all cubes together, per gemeente and half-year (architecture section 5).
pub const MAX_CELLS: usize = 50_000;

/// A cell before it is counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LatticeCell {
    /// Which it is.
    pub place: Place,
    /// What the cubes that have it show; nothing for a sum that is in none.
    pub shows: Shows,
    /// How much of everything anybody would expect in it: the more, the later it is hidden (rule R8).
    pub wanted: u64,
    /// Whether it is hidden that nobody is in it (rule R6).
    pub sensitive: bool,
    /// Whether nobody can be in it, as everybody knows.
    pub structural: Structural,
}

/// The cells of a half-year, and what holds between them.
#[derive(Clone, Debug)]
pub struct Lattice {
    cells: Vec<LatticeCell>,
    numbers: BTreeMap<Place, usize>,
    lines: Vec<Line>,
    ties: Vec<Tie>,
    ties_of_first: Vec<Tie>,
    ties_of_one_before: Vec<Tie>,
    inside: Vec<[usize; 2]>,
    counting: Vec<Counting>,
    is_unmapped: bool,
}

/// Why the cubes of a catalogue make no lattice.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LatticeError {
    /// The cubes go round in a circle (rule R12).
    #[error(
        "the cubes over {0} go round in a circle (what runs on is a table of begin and einde with categorie, and one with \
         hulpvorm): make them one cube, or leave one out"
    )]
    Cyclic(String),
    /// A dimension has two groupings of which neither follows from the other.
    #[error("{0} has two groupings of which neither follows from the other")]
    TwoGroupings(String),
    /// There are too many cells.
    #[error("the cubes have more than {MAX_CELLS} cells together")]
    TooLarge,
    /// A cube goes over dimensions whose relations to the flows of trajecten and persons are not declared (rule R12).
    #[error(
        "{cube} crosses {one} with {other}: what readers can tell from that and from the flows of trajecten and persons is \
         not known to be all of it, so it cannot be registered yet"
    )]
    Undeclared {
        /// The cube.
        cube: String,
        /// A dimension.
        one: String,
        /// Another.
        other: String,
    },
    /// Something that a cube or a view names is not there.
    #[error("{0} names what the catalogue does not have")]
    Unknown(String),
}

impl Lattice {
    /// Of all registered cubes.
    ///
    /// # Errors
    /// [`LatticeError`].
    pub fn of(catalogue: &Catalogue) -> Result<Self, LatticeError> {
        declared(catalogue)?;
        let levels = Levels::of(catalogue)?;
        let mut unpublished = flows::running(catalogue, &levels);
        unpublished.extend(levels.of_whole_persons(catalogue));
        let excluded = Excluded::of(catalogue);
        unpublished.extend(excluded.crossings(catalogue, &levels));
        acyclic(catalogue, &unpublished)?;
        let mut making = Making { levels, places: BTreeMap::new() };
        for cube in catalogue.cubes() {
            making.register(cube, catalogue)?;
            if making.places.len() > MAX_CELLS {
                return Err(LatticeError::TooLarge);
            }
        }
        for stock in flows::stocks(catalogue) {
            making.places.entry(stock).or_default();
        }
        for (view, axes) in &unpublished {
            for place in making.places_at(view, axes, catalogue)? {
                making.places.entry(place).or_default();
            }
        }
        if making.places.len() > MAX_CELLS {
            return Err(LatticeError::TooLarge);
        }
        let cells: Vec<LatticeCell> =
            making.places.iter().map(|(place, shows)| making.cell(place, *shows, &excluded)).collect();
        let numbers: BTreeMap<Place, usize> =
            cells.iter().enumerate().map(|(number, cell)| (cell.place.clone(), number)).collect();
        let lines = making.lines(&cells, &numbers);
        let mut ties = flows::ties(catalogue, &numbers);
        ties.extend(flows::running_ties(catalogue, &numbers));
        ties.extend(moments::ties(catalogue, &numbers, &lines));
        ties.extend(staying::ties(catalogue, &numbers, &lines));
        ties.extend(newcomers::ties(catalogue, &numbers, &lines));
        ties.extend(newcomers::ties_of_kinds(catalogue, &numbers, &lines));
        ties.extend(personen_in::ties(catalogue, &numbers, &lines));
        let inside = personen_in::inside(catalogue, &numbers);
        let ties_of_first = flows::ties_of_first(catalogue, &numbers);
        let cubes = catalogue.cubes().map(|cube| Counting::of(cube, catalogue, &making.levels, &numbers));
        let unpublished =
            unpublished.iter().map(|(view, axes)| Counting::over(view, axes, catalogue, &making.levels, &numbers));
        let counting = cubes.chain(unpublished).collect::<Option<Vec<_>>>();
        let counting = counting.ok_or_else(|| LatticeError::Unknown("a cube".to_owned()))?;
        Ok(Self {
            cells,
            numbers,
            lines,
            ties,
            ties_of_first,
            ties_of_one_before: Vec::new(),
            inside,
            counting,
            is_unmapped: false,
        })
    }

    /// Of a gemeente without a mapping of its product codes, where hulpvormen follow from categorieën.
    #[must_use]
    pub fn unmapped(mut self, catalogue: &Catalogue) -> Self {
        self.is_unmapped = true;
        let first = self.lines.iter().map(|line| line.direction + 1).max().unwrap_or(0);
        self.lines.extend(hulpvorm::lines(catalogue, &self.numbers, first));
        self.ties.extend(hulpvorm::ties(catalogue, &self.numbers));
        let one = hulpvorm::OneAtATime::of(catalogue, &self.numbers, &self.lines);
        self.ties.extend(one.after);
        self.ties_of_one_before = one.before;
        self.ties_of_first.extend(hulpvorm::ties_of_first(catalogue, &self.numbers));
        self
    }

    /// Whether it is that of a gemeente without a mapping.
    #[must_use]
    pub const fn is_unmapped(&self) -> bool {
        self.is_unmapped
    }

    /// The cells, in the order of their places.
    #[must_use]
    pub fn cells(&self) -> &[LatticeCell] {
        &self.cells
    }

    /// The number of a cell.
    #[must_use]
    pub fn number(&self, place: &Place) -> Option<usize> {
        self.numbers.get(place).copied()
    }

    /// What adds up.
    #[must_use]
    pub fn lines(&self) -> &[Line] {
        &self.lines
    }

    /// What holds of persons besides.
    #[must_use]
    pub fn ties(&self) -> &[Tie] {
        &self.ties
    }

    /// What holds besides in the first half-year of a gemeente, in which trajecten count by date (rule R2).
    #[must_use]
    pub fn ties_of_first(&self) -> &[Tie] {
        &self.ties_of_first
    }

    /// What holds besides where nobody can have had two trajecten of one categorie before the half-year, as who was in two
    /// gemeenten that became one can have had.
    #[must_use]
    pub fn ties_of_one_before(&self) -> &[Tie] {
        &self.ties_of_one_before
    }

    /// Cells of a view whose persons are all in another, each with a cell of that which all its persons are in.
    #[must_use]
    pub fn inside(&self) -> &[[usize; 2]] {
        &self.inside
    }

    /// Whether a tie says of trajecten that ran before the half-year that each person had at most one of a kind.
    #[must_use]
    pub fn is_of_stocks_before(&self, tie: &Tie) -> bool {
        tie.terms.iter().all(|(count, _)| {
            let cell = count.cell().and_then(|cell| self.cells.get(cell));
            cell.is_some_and(|cell| flows::is_stock_before(&cell.place))
        })
    }

    /// For each cube which cells a row counts in.
    #[must_use]
    pub fn counting(&self) -> &[Counting] {
        &self.counting
    }
}

struct Making {
    levels: Levels,
    places: BTreeMap<Place, Shows>,
}

/// What some of the cubes of a catalogue show, and of which cells.
///
/// # Errors
/// [`LatticeError`].
pub fn shown_by(
    catalogue: &Catalogue,
    accepted: impl Fn(&Cube) -> bool,
) -> Result<BTreeMap<Place, Shows>, LatticeError> {
    let mut making = Making { levels: Levels::of(catalogue)?, places: BTreeMap::new() };
    for cube in catalogue.cubes().filter(|cube| accepted(cube)) {
        making.register(cube, catalogue)?;
    }
    Ok(making.places)
}

impl Making {
    /// Adds the cells of a cube.
    fn register(&mut self, cube: &Cube, catalogue: &Catalogue) -> Result<(), LatticeError> {
        for place in self.places_of(cube, catalogue)? {
            let shows = self.places.entry(place).or_default();
            shows.persons |= cube.measures().contains(&Measure::Personen);
            shows.rows |= cube.measures().contains(&Measure::Aantal);
        }
        Ok(())
    }

    fn places_of(&self, cube: &Cube, catalogue: &Catalogue) -> Result<Vec<Place>, LatticeError> {
        let axes = self.levels.axes(cube, catalogue);
        self.places_at(cube.view(), &axes.ok_or_else(|| LatticeError::Unknown(cube.name().to_string()))?, catalogue)
    }

    /// The places at every combination of nodes.
    fn places_at(&self, view: &ViewName, axes: &Axes, catalogue: &Catalogue) -> Result<Vec<Place>, LatticeError> {
        let base = Base::of(view, catalogue).ok_or_else(|| LatticeError::Unknown(view.to_string()))?;
        let mut places = vec![base.place()];
        for (root, nodes) in axes {
            places = places
                .iter()
                .flat_map(|place| nodes.iter().map(|node| self.levels.narrowed(place, root, node)))
                .collect();
        }
        Ok(places)
    }

    fn cell(&self, place: &Place, shows: Shows, excluded: &Excluded<'_>) -> LatticeCell {
        LatticeCell {
            place: place.clone(),
            shows,
            wanted: self.levels.expected(place),
            sensitive: self.levels.sensitive(place),
            structural: excluded.structural(place),
        }
    }

    /// For every cell and dimension the coarsest level into which it falls apart and of which all cells are there.
    fn lines(&self, cells: &[LatticeCell], numbers: &BTreeMap<Place, usize>) -> Vec<Line> {
        let mut lines = Vec::new();
        for (whole, cell) in cells.iter().enumerate() {
            for (direction, root) in self.levels.roots(cell.place.view()) {
                let parts = self.levels.partitions(&cell.place, root).find_map(|nodes| {
                    let part = |node| numbers.get(&self.levels.narrowed(&cell.place, root, node)).copied();
                    nodes.iter().map(part).collect::<Option<Vec<usize>>>()
                });
                if let Some(parts) = parts {
                    let overlaps = self.levels.per_persoon(cell.place.view(), root) == Some(PerPersoon::Meer);
                    lines.push(Line { whole, parts, direction, overlaps });
                }
            }
        }
        lines
    }
}

/// Refuses cubes of which not all is declared that holds between half-years (rule R12): what runs on is counted for each
/// categorie and each hulpvorm, not for each of both, and the flows of persons for everybody.
fn declared(catalogue: &Catalogue) -> Result<(), LatticeError> {
    for cube in catalogue.cubes() {
        let unknown = || LatticeError::Unknown(cube.name().to_string());
        let view = catalogue.view(cube.view().as_str()).ok_or_else(unknown)?;
        let roots: BTreeSet<&ColumnName> = cube.dimensions().iter().map(|column| view.root(column)).collect();
        let base = Base::of(cube.view(), catalogue).ok_or_else(unknown)?;
        if let Some((one, other)) = flows::undeclared(base.view(), &roots, catalogue) {
            let (cube, one, other) = (cube.name().to_string(), one.to_string(), other.to_string());
            return Err(LatticeError::Undeclared { cube, one, other });
        }
    }
    Ok(())
}

/// Refuses cubes that go round in a circle over dimensions, each grouping being one with what it follows from, and what no
/// table has and is known all the same being tables too.
fn acyclic(catalogue: &Catalogue, unpublished: &[(ViewName, Axes)]) -> Result<(), LatticeError> {
    let mut names: BTreeMap<(ViewName, ColumnName), usize> = BTreeMap::new();
    let mut edge = |view: &ViewName, columns: &mut dyn Iterator<Item = ColumnName>| -> BTreeSet<usize> {
        let place = |column| {
            let next = names.len();
            *names.entry((view.clone(), column)).or_insert(next)
        };
        columns.map(place).collect()
    };
    let mut edges = Vec::new();
    for cube in catalogue.cubes() {
        let unknown = || LatticeError::Unknown(cube.name().to_string());
        let base = Base::of(cube.view(), catalogue).ok_or_else(unknown)?;
        let view = catalogue.view(cube.view().as_str()).ok_or_else(unknown)?;
        let own = cube.dimensions().iter().map(|column| view.root(column).clone());
        edges.push(edge(base.view(), &mut own.chain(base.column().cloned())));
    }
    for (view, axes) in unpublished {
        edges.push(edge(view, &mut axes.iter().map(|(column, _)| column.clone())));
    }
    let around = circle(&edges);
    if around.is_empty() {
        return Ok(());
    }
    let named = names.iter().filter(|(_, number)| around.contains(number));
    Err(LatticeError::Cyclic(named.map(|((_, column), _)| column.to_string()).collect::<Vec<_>>().join(", ")))
}

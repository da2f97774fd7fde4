//! Cubes: the registered tables. A question lies within a cube, or it is refused.

use std::{collections::BTreeSet, fmt};

use serde::{Deserialize, Serialize};

use super::{Label, MAX_CUBE_CELLS, PerPersoon, View, Weighing};
use crate::{
    id::{ColumnName, CubeName, PurposeId, ViewName},
    question::Question,
};

/// What a cell counts. The statuses of both are decided on distinct persons (rule R1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Measure {
    /// `COUNT(DISTINCT persoon)`.
    Personen,
    /// `COUNT(*)`: the rows of the view, for `jeugdhulp` trajecten.
    Aantal,
}

impl Measure {
    /// How it is written in SQL.
    #[must_use]
    pub fn sql(self) -> &'static str {
        match self {
            Self::Personen => "COUNT(DISTINCT persoon)",
            Self::Aantal => "COUNT(*)",
        }
    }

    /// The name it has where the question gives none.
    #[must_use]
    pub fn default_name(self) -> &'static str {
        match self {
            Self::Personen => "personen",
            Self::Aantal => "aantal",
        }
    }
}

impl fmt::Display for Measure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.sql())
    }
}

/// A registered table with all its margins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cube {
    pub(super) name: CubeName,
    pub(super) label: Label,
    pub(super) view: ViewName,
    pub(super) dimensions: Vec<ColumnName>,
    pub(super) measures: BTreeSet<Measure>,
    pub(super) purposes: BTreeSet<PurposeId>,
    pub(super) motivation: String,
    pub(super) weighing: Weighing,
}

impl Cube {
    /// Its name.
    #[must_use]
    pub fn name(&self) -> &CubeName {
        &self.name
    }

    /// What it shows, in words.
    #[must_use]
    pub fn label(&self) -> &Label {
        &self.label
    }

    /// The view it counts.
    #[must_use]
    pub fn view(&self) -> &ViewName {
        &self.view
    }

    /// Its dimensions, besides period and area, as registered.
    #[must_use]
    pub fn dimensions(&self) -> &[ColumnName] {
        &self.dimensions
    }

    /// What it counts.
    #[must_use]
    pub fn measures(&self) -> &BTreeSet<Measure> {
        &self.measures
    }

    /// The purposes it is registered for.
    #[must_use]
    pub fn purposes(&self) -> &BTreeSet<PurposeId> {
        &self.purposes
    }

    /// How many cells it has per gemeente and half-year, margins included, where its view is this.
    #[must_use]
    pub fn cells(&self, view: &View) -> usize {
        cells(view, &self.dimensions).unwrap_or(usize::MAX)
    }

    /// What this table is there for.
    #[must_use]
    pub fn motivation(&self) -> &str {
        &self.motivation
    }

    /// How it was weighed before it was registered.
    #[must_use]
    pub fn weighing(&self) -> &Weighing {
        &self.weighing
    }

    /// Whether a question lies within it, for a purpose.
    #[must_use]
    pub fn holds(&self, question: &Question, purpose: &PurposeId, view: &View) -> bool {
        self.view == *question.view()
            && self.purposes.contains(purpose)
            && question.measures().is_subset(&self.measures)
            && question.group_by().iter().chain(question.filters().keys()).all(|name| self.has_dimension(view, name))
    }

    /// Whether a dimension can be used within it: one of its own, or a grouping of one of its own.
    #[must_use]
    pub fn has_dimension(&self, view: &View, name: &ColumnName) -> bool {
        self.dimensions.contains(name)
            || view
                .column(name.as_str())
                .and_then(|column| column.dimension()?.grouping())
                .is_some_and(|grouping| self.has_dimension(view, grouping.of()))
    }
}

/// Dimensions that split the flow of trajecten: a cube with one of them counts trajecten only (rule R2).
const FLOWS: [&str; 2] = ["begin", "einde"];
/// The flow of persons, never crossed with a `meer` dimension (rule R2).
const PERSON_FLOW: &str = "stroom";

/// How many cells a table of a view has per gemeente and half-year, margins included; none if too many to count.
pub(super) fn cells(view: &View, dimensions: &[ColumnName]) -> Option<usize> {
    let members = |name: &ColumnName| view.dimension(name).map_or(0, |dimension| dimension.domain().members().len());
    dimensions.iter().try_fold(1usize, |cells, name| cells.checked_mul(members(name) + 1))
}

/// The rules on measures and size that a table of dimensions of a view does not keep (rules R1 and R2).
pub(super) fn broken_rules(
    view: &View,
    dimensions: &[ColumnName],
    measures: &BTreeSet<Measure>,
) -> impl Iterator<Item = String> {
    let too_large = cells(view, dimensions).is_none_or(|cells| cells > MAX_CUBE_CELLS);
    let is_meer =
        |name: &&ColumnName| view.dimension(name).is_some_and(|dimension| dimension.per_persoon() == PerPersoon::Meer);
    let meer = dimensions.iter().filter(is_meer).count();
    let has = |name: &str| dimensions.iter().any(|column| view.root(column).as_str() == name);
    let persons_twice = measures.contains(&Measure::Personen) && (meer > 1 || FLOWS.into_iter().any(has));
    let flow_of_rows = has(PERSON_FLOW) && (meer > 0 || measures.contains(&Measure::Aantal));
    [
        too_large.then(|| format!("more than {MAX_CUBE_CELLS} cells per gemeente and period")),
        persons_twice
            .then(|| "a cube of two `meer` dimensions, or with begin or einde, counts rows only (R1, R2)".to_owned()),
        flow_of_rows.then(|| "stroom counts persons only and is never crossed with a `meer` dimension (R2)".to_owned()),
    ]
    .into_iter()
    .flatten()
}

//! The specification of a table to protect: `SPEC.toml`.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use drempel_protocols::{
    catalogue::PerPersoon,
    id::Digest,
    sdc::{Rules, table::Dimension},
};
use serde::Deserialize;

use super::{ProtectError, cells::Cells, name};

/// What a specification says.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Spec {
    /// The digest of the file.
    #[serde(skip)]
    digest: Option<Digest>,
    /// The column with numbers of persons, where rows are cells.
    pub(super) persons: Option<String>,
    /// The column that names the person, where rows are records.
    pub(super) person: Option<String>,
    k: u64,
    #[serde(default)]
    zeros: Zeros,
    values: Option<usize>,
    #[serde(default = "default_remainders")]
    remainders: bool,
    /// What a combination without a row is.
    #[serde(default)]
    absent: Absent,
    #[serde(default)]
    dimension: BTreeMap<String, DimensionSpec>,
    cube: Vec<CubeSpec>,
}

/// No threshold on persons comes near it.
const MOST_K: u64 = 1_000_000;

/// The columns of the output beside the dimensions.
const RESERVED: [&str; 5] = ["persons", "status", "reason", "least", "most"];

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Zeros {
    #[default]
    Shown,
    Hidden,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Absent {
    #[default]
    Zero,
    Structural,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct DimensionSpec {
    /// How many members a person can have of it; one unless it says otherwise.
    per_persoon: Option<PerPersoon>,
    /// Its members in their order; without it, those of the rows in the order of their names.
    members: Vec<String>,
    groupings: Vec<BTreeMap<String, String>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct CubeSpec {
    dimensions: BTreeSet<String>,
}

const fn default_remainders() -> bool {
    true
}

impl Spec {
    pub(super) fn read(path: &Path) -> Result<Self, ProtectError> {
        let content = fs::read_to_string(path).map_err(|error| ProtectError::Read(name(path), error))?;
        let failed = |message: String| ProtectError::Spec(name(path), message);
        let mut spec: Self = toml::from_str(&content).map_err(|error| failed(error.to_string()))?;
        spec.digest = Some(Digest::of("drempel protect spec v1", &[content.as_bytes()]));
        let wrong = if spec.persons.is_some() == spec.person.is_some() {
            Some("give either `persons`, a column of counts, or `person`, a column that names the person".to_owned())
        } else if !(2..=MOST_K).contains(&spec.k) {
            Some(format!("k is the least number of persons that may be shown, from 2 to {MOST_K}"))
        } else if spec.values.is_some_and(|values| values > spec.possible()) {
            Some(format!(
                "k = {} leaves an unsafe cell {} values for who knows that it is unsafe; `values` cannot be more",
                spec.k,
                spec.possible()
            ))
        } else if spec.cube.is_empty() || spec.cube.iter().any(|cube| cube.dimensions.is_empty()) {
            Some("give one or more [[cube]], each with dimensions".to_owned())
        } else {
            let used = spec.used();
            let counted = spec.persons.as_deref().or(spec.person.as_deref()).unwrap_or_default();
            let taken = RESERVED.into_iter().chain([counted]).find(|name| used.contains(name));
            let unused = spec.dimension.keys().find(|dimension| !used.contains(dimension.as_str()));
            match (taken, unused) {
                (Some(name), _) => Some(format!("`{name}` cannot be a dimension: it is another column")),
                (None, Some(name)) => Some(format!("[dimension.{name}] is in no cube")),
                (None, None) => None,
            }
        };
        wrong.map_or(Ok(spec), |message| Err(failed(message)))
    }

    /// The digest of the file, by which a certificate names it.
    pub(super) fn digest(&self) -> Digest {
        self.digest.unwrap_or_else(|| Digest::of("drempel protect spec v1", &[]))
    }

    /// The dimensions of all cubes.
    pub(super) fn used(&self) -> BTreeSet<&str> {
        self.cube.iter().flat_map(|cube| &cube.dimensions).map(String::as_str).collect()
    }

    /// The dimensions in the order of the columns, with the members of the rows.
    pub(super) fn dimensions(&self, cells: &Cells) -> Result<Vec<Dimension>, ProtectError> {
        let none = DimensionSpec::default();
        let mut made = Vec::new();
        for (place, column) in cells.dimensions().iter().enumerate() {
            let spec = self.dimension.get(*column).unwrap_or(&none);
            let groups: BTreeSet<&String> = spec.groupings.iter().flat_map(BTreeMap::values).collect();
            let members: Vec<String> = if spec.members.is_empty() {
                let of_rows = cells.members(place).into_iter().filter(|member| !groups.contains(&(*member).to_owned()));
                of_rows.map(str::to_owned).collect()
            } else {
                spec.members.clone()
            };
            let dimension = Dimension::new(column, &members, &spec.groupings)?;
            made.push(dimension.with(spec.per_persoon.unwrap_or(PerPersoon::Een)));
        }
        Ok(made)
    }

    /// The cubes, each with the places of its dimensions.
    pub(super) fn cubes(&self, dimensions: &[&str]) -> Vec<BTreeSet<usize>> {
        let places = |cube: &CubeSpec| {
            let places = dimensions.iter().enumerate().filter(|(_, name)| cube.dimensions.contains(**name));
            places.map(|(place, _)| place).collect()
        };
        self.cube.iter().map(places).collect()
    }

    pub(super) fn rules(&self) -> Rules {
        Rules { k: self.k, hide_zeros: self.hide_zeros(), values: self.values(), remainders: self.remainders }
    }

    /// How many values an unsafe cell keeps: four (rule R4), or all that there are below k.
    fn values(&self) -> usize {
        self.values.unwrap_or_else(|| self.possible().min(4))
    }

    /// How many values are unsafe.
    fn possible(&self) -> usize {
        let below = usize::try_from(self.k).unwrap_or(usize::MAX).saturating_sub(1);
        below.saturating_add(usize::from(self.hide_zeros()))
    }

    /// The persons of the table, as far as a reader knows before looking at any cell: the threshold, and the least of a
    /// hidden cell.
    pub(super) fn least(&self) -> (u64, i64) {
        (self.k, i64::from(!self.hide_zeros()))
    }

    pub(super) fn absent_structural(&self) -> bool {
        self.absent == Absent::Structural
    }

    const fn hide_zeros(&self) -> bool {
        matches!(self.zeros, Zeros::Hidden)
    }
}

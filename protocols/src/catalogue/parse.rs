//! From the bundle's TOML to a [`Catalogue`], or to every problem in it at once, each with the place where it is.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use super::{
    AreaLevel, Bundle, Catalogue, Column, Cube, Dimension, Division, Domain, GemeenteEntry, Grouping, Label,
    MAX_CUBE_CELLS, Measure, Member, ONBEKEND, PerPersoon, Purpose, Role, View,
};
use crate::id::{ColumnName, CubeName, Gemeentecode, MemberCode, Period, PurposeId, ViewName};

/// What is wrong with a catalogue: every problem found, each as "place: problem".
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the catalogue is not whole: {}", .problems.join("; "))]
pub struct CatalogueError {
    /// The problems, in the order of the files.
    pub problems: Vec<String>,
}

impl Catalogue {
    /// Reads a bundle whose signatures have been looked at elsewhere.
    ///
    /// # Errors
    /// [`CatalogueError`] with every problem: TOML that does not parse, a name used but not defined, a grouping that
    /// leaves a member without a group, a cube that breaks a rule on measures or is too large.
    pub fn from_bundle(bundle: &Bundle) -> Result<Self, CatalogueError> {
        let mut problems = Vec::new();
        let head: Option<Head> = read(bundle, "catalogus.toml", &mut problems);
        let views: Option<Views> = read(bundle, "weergaven.toml", &mut problems);
        let purposes: Option<Purposes> = read(bundle, "doelen.toml", &mut problems);
        let cubes: Option<Cubes> = read(bundle, "kubussen.toml", &mut problems);
        let areas: Option<Areas> = read(bundle, "gebieden.toml", &mut problems);
        let (Some(head), Some(views), Some(purposes), Some(cubes), Some(areas)) = (head, views, purposes, cubes, areas)
        else {
            return Err(CatalogueError { problems });
        };

        if head.laatste_periode < head.eerste_periode {
            problems.push("catalogus.toml: laatste_periode lies before eerste_periode".to_owned());
        }
        let divisions: Vec<Division> = areas.indeling.into_iter().map(Division::from).collect();
        for period in head.eerste_periode.through(head.laatste_periode) {
            if divisions.iter().filter(|division| division.holds_in(period.year())).count() != 1 {
                problems.push(format!("gebieden.toml: {period} needs exactly one indeling for its year"));
            }
        }
        let views: BTreeMap<ViewName, View> =
            views.weergave.into_iter().map(|raw| raw.build(&mut problems)).map(|v| (v.name.clone(), v)).collect();
        let purposes: BTreeMap<PurposeId, Purpose> =
            purposes.doel.into_iter().map(|purpose| (purpose.id.clone(), purpose)).collect();
        let mut by_name = BTreeMap::new();
        for raw in cubes.kubus {
            if let Some(cube) = raw.build(&views, &purposes, &mut problems)
                && by_name.insert(cube.name.clone(), cube).is_some()
            {
                problems.push("kubussen.toml: a name is used twice".to_owned());
            }
        }
        if !problems.is_empty() {
            return Err(CatalogueError { problems });
        }
        Ok(Self {
            digest: bundle.digest(),
            version: head.versie,
            first_period: head.eerste_periode,
            last_period: head.laatste_periode,
            views,
            purposes,
            divisions,
            cubes: by_name,
        })
    }
}

/// The dimension that another follows from, by way of however many groupings; itself where it follows from none.
fn root<'a>(view: &'a View, column: &'a ColumnName) -> &'a ColumnName {
    match view.dimension(column).and_then(Dimension::grouping) {
        Some(grouping) => root(view, grouping.of()),
        None => column,
    }
}

fn read<T: for<'de> Deserialize<'de>>(bundle: &Bundle, name: &str, problems: &mut Vec<String>) -> Option<T> {
    let Some(text) = bundle.file(name) else {
        problems.push(format!("{name}: the file is missing"));
        return None;
    };
    toml::from_str(text).map_err(|error| problems.push(format!("{name}: {error}"))).ok()
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Head {
    versie: String,
    eerste_periode: Period,
    laatste_periode: Period,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Purposes {
    doel: Vec<Purpose>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Areas {
    indeling: Vec<RawDivision>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawDivision {
    eerste_jaar: i16,
    laatste_jaar: i16,
    gemeente: BTreeMap<Gemeentecode, GemeenteEntry>,
}

impl From<RawDivision> for Division {
    fn from(raw: RawDivision) -> Self {
        Self { first_year: raw.eerste_jaar, last_year: raw.laatste_jaar, gemeenten: raw.gemeente }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Views {
    weergave: Vec<RawView>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawView {
    naam: ViewName,
    nl: String,
    en: String,
    kolom: Vec<RawColumn>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawColumn {
    naam: ColumnName,
    nl: String,
    en: String,
    bron: String,
    rol: RawRole,
    per_persoon: Option<PerPersoon>,
    volgt_uit: Option<ColumnName>,
    eenheid: Option<String>,
    #[serde(default)]
    leden: Vec<RawMember>,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum RawRole {
    Persoon,
    Periode,
    Gemeente,
    Jeugdregio,
    Provincie,
    Dimensie,
    Maat,
    BlijftBinnen,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawMember {
    code: MemberCode,
    nl: String,
    en: String,
    #[serde(default)]
    uit: Vec<MemberCode>,
}

impl RawView {
    fn build(self, problems: &mut Vec<String>) -> View {
        let mut columns: Vec<Column> = Vec::new();
        for raw in self.kolom {
            let place = format!("weergaven.toml: {}.{}", self.naam, raw.naam);
            if columns.iter().any(|column| column.name == raw.naam) {
                problems.push(format!("{place}: the column is declared twice"));
            }
            match raw.build(&columns) {
                Ok(column) => columns.push(column),
                Err(problem) => problems.push(format!("{place}: {problem}")),
            }
        }
        let role_count = |wanted: fn(&Role) -> bool| columns.iter().filter(|column| wanted(&column.role)).count();
        if role_count(|role| matches!(role, Role::Persoon)) != 1
            || !columns.iter().any(|column| column.name.as_str() == "persoon" && matches!(column.role, Role::Persoon))
        {
            problems.push(format!("weergaven.toml: {}: exactly one column, persoon, has the role persoon", self.naam));
        }
        if role_count(|role| matches!(role, Role::Periode)) != 1 {
            problems.push(format!("weergaven.toml: {}: exactly one column has the role periode", self.naam));
        }
        // The canonical text of a question names these columns without the catalogue at hand.
        for column in &columns {
            let fixed = match &column.role {
                Role::Periode => "periode",
                Role::Gebied(AreaLevel::Gemeente) => "gemeente",
                Role::Gebied(AreaLevel::Jeugdregio) => "jeugdregio",
                Role::Gebied(AreaLevel::Provincie) => "provincie",
                _ => continue,
            };
            if column.name.as_str() != fixed {
                problems.push(format!("weergaven.toml: {}.{}: this role is named {fixed}", self.naam, column.name));
            }
        }
        View { name: self.naam, label: Label { nl: self.nl, en: self.en }, columns }
    }
}

impl RawColumn {
    fn build(self, earlier: &[Column]) -> Result<Column, String> {
        let role = match self.rol {
            RawRole::Persoon => Role::Persoon,
            RawRole::Periode => Role::Periode,
            RawRole::Gemeente => Role::Gebied(AreaLevel::Gemeente),
            RawRole::Jeugdregio => Role::Gebied(AreaLevel::Jeugdregio),
            RawRole::Provincie => Role::Gebied(AreaLevel::Provincie),
            RawRole::Maat => Role::Measure { unit: self.eenheid.clone().ok_or("a maat needs an eenheid")? },
            RawRole::BlijftBinnen => Role::NeverLeaves,
            RawRole::Dimensie => Role::Dimension(self.dimension(earlier)?),
        };
        Ok(Column { name: self.naam, label: Label { nl: self.nl, en: self.en }, source: self.bron, role })
    }

    fn dimension(&self, earlier: &[Column]) -> Result<Dimension, String> {
        let members = self
            .leden
            .iter()
            .map(|raw| Member { code: raw.code.clone(), label: Label { nl: raw.nl.clone(), en: raw.en.clone() } })
            .collect();
        let domain = Domain::new(members).ok_or(format!(
            "leden must be distinct, at most {}, and must not name {ONBEKEND}, which every dimension has",
            Domain::MAX_MEMBERS
        ))?;
        let grouping = self.volgt_uit.as_ref().map(|of| self.grouping(of, earlier)).transpose()?;
        let per_persoon = self.per_persoon.ok_or("a dimensie declares per_persoon = \"een\" or \"meer\"")?;
        if let Some(finer) = earlier.iter().find(|column| Some(&column.name) == self.volgt_uit.as_ref())
            && finer.dimension().is_some_and(|finer| finer.per_persoon != per_persoon)
        {
            return Err(format!("per_persoon must be that of {}, which it follows from", finer.name));
        }
        Ok(Dimension { per_persoon, domain, grouping })
    }

    fn grouping(&self, of: &ColumnName, earlier: &[Column]) -> Result<Grouping, String> {
        let finer = earlier
            .iter()
            .find(|column| column.name == *of)
            .and_then(Column::dimension)
            .ok_or(format!("volgt_uit names {of}, which is no dimension declared before it"))?;
        let mut group_of = BTreeMap::new();
        for group in &self.leden {
            for member in &group.uit {
                if finer.domain.index_of(member.as_str()).is_none() {
                    return Err(format!("{} lists {member}, which {of} does not have", group.code));
                }
                if group_of.insert(member.clone(), group.code.clone()).is_some() {
                    return Err(format!("{member} of {of} is in two groups"));
                }
            }
        }
        let onbekend: MemberCode = ONBEKEND.parse().map_err(|error| format!("{error}"))?;
        group_of.entry(onbekend.clone()).or_insert(onbekend);
        match finer.domain.members().iter().find(|member| !group_of.contains_key(&member.code)) {
            Some(member) => Err(format!("{} of {of} is in no group", member.code)),
            None => Ok(Grouping { of: of.clone(), group_of }),
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Cubes {
    kubus: Vec<RawCube>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawCube {
    naam: CubeName,
    nl: String,
    en: String,
    weergave: ViewName,
    dimensies: Vec<ColumnName>,
    tellingen: BTreeSet<Measure>,
    doelen: BTreeSet<PurposeId>,
}

/// Dimensions that split the flow of trajecten: a cube with one of them counts trajecten only (rule R2).
const FLOWS: [&str; 2] = ["begin", "einde"];
/// The flow of persons, never crossed with a `meer` dimension (rule R2).
const PERSON_FLOW: &str = "stroom";

impl RawCube {
    fn build(
        self,
        views: &BTreeMap<ViewName, View>,
        purposes: &BTreeMap<PurposeId, Purpose>,
        problems: &mut Vec<String>,
    ) -> Option<Cube> {
        let place = format!("kubussen.toml: {}", self.naam);
        let before = problems.len();
        for purpose in &self.doelen {
            if !purposes.contains_key(purpose) {
                problems.push(format!("{place}: doel {purpose} is not registered"));
            }
        }
        if self.tellingen.is_empty() || self.doelen.is_empty() {
            problems.push(format!("{place}: needs at least one telling and one doel"));
        }
        let Some(view) = views.get(&self.weergave) else {
            problems.push(format!("{place}: there is no weergave {}", self.weergave));
            return None;
        };
        let mut dimensions = Vec::new();
        for name in &self.dimensies {
            match view.dimension(name) {
                Some(dimension) => dimensions.push((name, dimension)),
                None => problems.push(format!("{place}: {name} is no dimension of {}", self.weergave)),
            }
        }
        let cells = dimensions
            .iter()
            .try_fold(1usize, |cells, (_, dimension)| cells.checked_mul(dimension.domain.members().len() + 1));
        if cells.is_none_or(|cells| cells > MAX_CUBE_CELLS) {
            problems.push(format!("{place}: more than {MAX_CUBE_CELLS} cells per gemeente and period"));
        }
        let meer = dimensions.iter().filter(|(_, dimension)| dimension.per_persoon == PerPersoon::Meer).count();
        let has = |name: &str| dimensions.iter().any(|(column, _)| root(view, column).as_str() == name);
        let persons = self.tellingen.contains(&Measure::Personen);
        if persons && (meer > 1 || FLOWS.into_iter().any(has)) {
            problems.push(format!(
                "{place}: a cube of two `meer` dimensions, or with begin or einde, counts trajecten only (R1, R2)"
            ));
        }
        if has(PERSON_FLOW) && (meer > 0 || self.tellingen.contains(&Measure::Aantal)) {
            problems
                .push(format!("{place}: stroom counts persons only and is never crossed with a `meer` dimension (R2)"));
        }
        (problems.len() == before).then_some(Cube {
            name: self.naam,
            label: Label { nl: self.nl, en: self.en },
            view: self.weergave,
            dimensions: self.dimensies,
            measures: self.tellingen,
            purposes: self.doelen,
        })
    }
}

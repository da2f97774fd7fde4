//! The views of a bundle: every column with its role, and every dimension with its members and what it groups.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::exclusion::RawExclusion;
use crate::catalogue::column::UNLIKELY;
use crate::{
    catalogue::{
        AreaLevel, Column, Dimension, Domain, Grouping, Label, Member, ONBEKEND, PerPersoon, Relation, Role, View,
    },
    id::{ColumnName, MemberCode, ViewName},
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Views {
    weergave: Vec<RawView>,
}

impl Views {
    pub(super) fn build(self, problems: &mut Vec<String>) -> BTreeMap<ViewName, View> {
        let mut listed = Listed::new();
        let mut views: BTreeMap<ViewName, View> = BTreeMap::new();
        for mut raw in self.weergave {
            raw.take_members(&mut listed, problems);
            let view = raw.build(problems);
            view.check_relation(&views, problems);
            for column in &view.columns {
                let differs = |other: &&View| other.column(column.name.as_str()).is_some_and(|c| c.role != column.role);
                if let Some(other) = views.values().find(differs) {
                    problems.push(format!(
                        "weergaven.toml: {}.{}: differs from the column of that name in {}",
                        view.name, column.name, other.name
                    ));
                }
            }
            if let Some(earlier) = views.insert(view.name.clone(), view) {
                problems.push(format!("weergaven.toml: {}: the name is used twice", earlier.name));
            }
        }
        views
    }
}

/// The leden of every column so far.
type Listed = BTreeMap<(ViewName, ColumnName), Vec<RawMember>>;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawView {
    naam: ViewName,
    nl: String,
    en: String,
    deel_van: Option<RawPart>,
    personen_in: Option<ViewName>,
    kolom: Vec<RawColumn>,
    #[serde(default)]
    uitgesloten: Vec<RawExclusion>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawPart {
    weergave: ViewName,
    kolom: ColumnName,
    lid: MemberCode,
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
    leden_van: Option<ViewName>,
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

#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawMember {
    code: MemberCode,
    nl: String,
    en: String,
    #[serde(default)]
    uit: Vec<MemberCode>,
    #[serde(default)]
    gevoelig: bool,
    #[serde(default)]
    aandeel: Option<u16>,
}

impl RawView {
    /// Gives each column with `leden_van` the leden of the column of that name in the view above.
    fn take_members(&mut self, listed: &mut Listed, problems: &mut Vec<String>) {
        for column in &mut self.kolom {
            let Some(above) = &column.leden_van else { continue };
            let place = format!("weergaven.toml: {}.{}", self.naam, column.naam);
            match listed.get(&(above.clone(), column.naam.clone())) {
                Some(leden) if column.leden.is_empty() => column.leden.clone_from(leden),
                Some(_) => problems.push(format!("{place}: has leden or leden_van, not both")),
                None => problems.push(format!("{place}: no {above} above has a column of that name with leden")),
            }
        }
        let with_members = self.kolom.iter().filter(|column| !column.leden.is_empty());
        listed.extend(with_members.map(|column| ((self.naam.clone(), column.naam.clone()), column.leden.clone())));
    }

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
        let relation = match (self.deel_van, self.personen_in) {
            (Some(part), None) => Some(Relation::Part { view: part.weergave, column: part.kolom, member: part.lid }),
            (None, Some(view)) => Some(Relation::Persons(view)),
            (None, None) => None,
            (Some(_), Some(_)) => {
                problems.push(format!("weergaven.toml: {}: has deel_van or personen_in, not both", self.naam));
                None
            }
        };
        let label = Label { nl: self.nl, en: self.en };
        let mut view = View { name: self.naam, label, columns, relation, exclusions: Vec::new() };
        view.exclusions = self.uitgesloten.into_iter().filter_map(|raw| raw.build(&view, problems)).collect();
        view
    }
}

impl View {
    /// What a relation names is in a view above, which has none of its own.
    fn check_relation(&self, above: &BTreeMap<ViewName, Self>, problems: &mut Vec<String>) {
        let (name, member) = match &self.relation {
            None => return,
            Some(Relation::Persons(view)) => (view, None),
            Some(Relation::Part { view, column, member }) => (view, Some((column, member))),
        };
        let place = format!("weergaven.toml: {}", self.name);
        let Some(view) = above.get(name).filter(|view| view.relation.is_none()) else {
            problems.push(format!("{place}: there is no weergave {name} above, or it is itself part of another"));
            return;
        };
        if let Some((column, member)) = member
            && view.dimension(column).is_none_or(|dimension| dimension.domain.index_of(member.as_str()).is_none())
        {
            problems.push(format!("{place}: deel_van names a column or member that {name} does not have"));
        }
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
            .map(|raw| Member {
                code: raw.code.clone(),
                label: Label { nl: raw.nl.clone(), en: raw.en.clone() },
                sensitive: raw.gevoelig,
                share: raw.aandeel.unwrap_or(UNLIKELY).clamp(UNLIKELY, 1000),
            })
            .collect();
        let grouping = self.volgt_uit.as_ref().map(|of| self.grouping(of, earlier)).transpose()?;
        let is_onbekend = |group: &MemberCode| group.as_str() == ONBEKEND;
        let has_onbekend = grouping.as_ref().is_none_or(|grouping| grouping.group_of.values().any(is_onbekend));
        let domain = Domain::new(members, has_onbekend).ok_or(format!(
            "leden must be distinct, at most {}, and must not name {ONBEKEND}, which every dimension has",
            Domain::MAX_MEMBERS
        ))?;
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
        if finer.domain.index_of(ONBEKEND).is_some() {
            group_of.entry(onbekend.clone()).or_insert(onbekend);
        }
        match finer.domain.members().iter().find(|member| !group_of.contains_key(&member.code)) {
            Some(member) => Err(format!("{} of {of} is in no group", member.code)),
            None => Ok(Grouping { of: of.clone(), group_of }),
        }
    }
}

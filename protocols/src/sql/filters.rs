//! The filters of a question, with every member known to the catalogue for every half-year asked.
//!
//! A filter that names all members is no filter, so two texts that ask the same are read as the same question.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    draft::{Condition, Draft, Written},
    findings::{Findings, shown},
    grouping::Groups,
    names,
    nearest::{listed, nearest},
};
use crate::{
    catalogue::{AreaLevel, Catalogue, Column, Dimension, Division, Role, View},
    id::{ColumnName, MemberCode, Period},
    refusal::RefusalCode,
};

/// What the rows counted are limited to.
#[derive(Default)]
pub(super) struct Filters {
    pub(super) periods: BTreeSet<Period>,
    pub(super) areas: BTreeMap<AreaLevel, BTreeSet<MemberCode>>,
    pub(super) dimensions: BTreeMap<ColumnName, BTreeSet<MemberCode>>,
}

/// The filters that a text gives.
pub(super) fn read(
    draft: &Draft,
    groups: &Groups,
    view: &View,
    catalogue: &Catalogue,
    findings: &mut Findings,
) -> Filters {
    let conditions = by_column(draft, groups, view, catalogue, findings);
    let mut filters = Filters { periods: periods(&conditions, groups, catalogue, findings), ..Filters::default() };
    for (column, condition) in conditions {
        match column.role() {
            Role::Periode => {}
            Role::Gebied(level) => {
                let divisions = divisions(&filters.periods, catalogue);
                let members = areas(condition, *level, &divisions, findings);
                if divisions.iter().any(|(_, division)| division.areas(*level) != members) {
                    filters.areas.insert(*level, members);
                }
            }
            Role::Dimension(dimension) => {
                let members = members(condition, column, dimension, findings);
                if members.len() != dimension.domain().members().len() {
                    filters.dimensions.insert(column.name().clone(), members);
                }
            }
            Role::Persoon | Role::Measure { .. } | Role::NeverLeaves => {
                names::no_such_use(column, &condition.column, findings);
            }
        }
    }
    if findings.is_empty() {
        some_gemeente_is_asked(&filters, catalogue, findings);
    }
    filters
}

/// The one condition on each column.
fn by_column<'a>(
    draft: &'a Draft,
    groups: &Groups,
    view: &'a View,
    catalogue: &Catalogue,
    findings: &mut Findings,
) -> Vec<(&'a Column, &'a Condition)> {
    let mut conditions: Vec<(&Column, &Condition)> = Vec::new();
    for condition in &draft.conditions {
        let written = &condition.column;
        let Some(column) = names::column(written, view, catalogue, findings) else { continue };
        if conditions.iter().any(|(other, _)| other.name() == column.name()) {
            findings.add_unless_construct(
                RefusalCode::Filter,
                written.at,
                format!("{} is filtered twice.", column.name()),
                "Filter each column once.",
            );
            continue;
        }
        let usable = matches!(column.role(), Role::Periode | Role::Gebied(_) | Role::Dimension(_));
        if usable && condition.listed && !groups.has_column(column) {
            let name = column.name();
            findings.add(
                RefusalCode::Filter,
                written.at,
                format!("IN selects rows of the answer, and {name} has no rows as it is not grouped by."),
                format!("Add {name} to SELECT and GROUP BY, or write {name} = and one member."),
            );
        }
        conditions.push((column, condition));
    }
    conditions
}

fn periods(
    conditions: &[(&Column, &Condition)],
    groups: &Groups,
    catalogue: &Catalogue,
    findings: &mut Findings,
) -> BTreeSet<Period> {
    let listing = || {
        let periods: Vec<String> = catalogue.periods().map(|period| format!("'{period}'")).collect();
        listed(periods.iter().map(String::as_str))
    };
    let Some((_, condition)) = conditions.iter().find(|(column, _)| matches!(column.role(), Role::Periode)) else {
        if !groups.period {
            findings.add_unless_construct(
                RefusalCode::Period,
                None,
                "The question does not say which half-year it is about.",
                format!("Add WHERE periode = and one of {}, or group by periode.", listing()),
            );
        }
        return catalogue.periods().collect();
    };
    let mut periods = BTreeSet::new();
    for written in &condition.members {
        match catalogue.periods().find(|period| period.to_string() == written.text) {
            Some(period) => {
                periods.insert(period);
            }
            None => findings.add(
                RefusalCode::Period,
                written.at,
                format!("'{}' is not a half-year that can be asked about.", shown(&written.text)),
                format!("Write one of {}.", listing()),
            ),
        }
    }
    periods
}

/// The division that holds in each half-year asked.
fn divisions<'c>(periods: &BTreeSet<Period>, catalogue: &'c Catalogue) -> Vec<(Period, &'c Division)> {
    periods.iter().filter_map(|period| Some((*period, catalogue.division(*period)?))).collect()
}

fn areas(
    condition: &Condition,
    level: AreaLevel,
    divisions: &[(Period, &Division)],
    findings: &mut Findings,
) -> BTreeSet<MemberCode> {
    let known: Vec<(Period, BTreeSet<MemberCode>)> =
        divisions.iter().map(|(period, division)| (*period, division.areas(level))).collect();
    let mut members = BTreeSet::new();
    for written in &condition.members {
        let code = written.text.parse::<MemberCode>().ok();
        let missing = known.iter().find(|(_, areas)| code.as_ref().is_none_or(|code| !areas.contains(code)));
        match (missing, code) {
            (None, Some(code)) => {
                members.insert(code);
            }
            _ if findings.is_full() => {}
            (missing, _) => {
                let column = &condition.column.text;
                let when = missing.map(|(period, _)| format!(" in {period}")).unwrap_or_default();
                findings.add(
                    RefusalCode::UnknownMember,
                    written.at,
                    format!("There is no {column} '{}'{when}.", shown(&written.text)),
                    area_meant(written, level, divisions),
                );
            }
        }
    }
    members
}

fn area_meant(written: &Written, level: AreaLevel, divisions: &[(Period, &Division)]) -> String {
    let Some((_, division)) = divisions.first() else {
        return "Write a half-year first, as areas differ by year.".to_owned();
    };
    let meant = if level == AreaLevel::Gemeente {
        let gemeenten: Vec<(String, &str)> =
            division.gemeenten().map(|(code, entry)| (code.to_string(), entry.naam.as_str())).collect();
        nearest(
            &written.text,
            gemeenten.iter().flat_map(|(code, naam)| [(*naam, (code, naam)), (code.as_str(), (code, naam))]),
        )
        .map(|(code, naam)| format!("Write '{code}' for {naam}."))
    } else {
        let areas = division.areas(level);
        nearest(&written.text, areas.iter().map(|area| (area.as_str(), area)))
            .map(|area| format!("Write '{}'.", area.as_str().replace('\'', "''")))
    };
    meant.unwrap_or_else(|| match level {
        AreaLevel::Gemeente => "Write the code of a gemeente, such as 'GM0014'.".to_owned(),
        AreaLevel::Jeugdregio => "Write the name of a jeugdregio as the catalogue lists it.".to_owned(),
        AreaLevel::Provincie => {
            format!("Write one of {}.", listed(division.areas(level).iter().map(MemberCode::as_str)))
        }
    })
}

fn members(
    condition: &Condition,
    column: &Column,
    dimension: &Dimension,
    findings: &mut Findings,
) -> BTreeSet<MemberCode> {
    let mut members = BTreeSet::new();
    for written in &condition.members {
        let all = dimension.domain().members();
        if let Some(member) = all.iter().find(|member| member.code.as_str() == written.text) {
            members.insert(member.code.clone());
            continue;
        }
        if findings.is_full() {
            break;
        }
        let meant = nearest(
            &written.text,
            all.iter().flat_map(|member| {
                [member.code.as_str(), member.label.nl.as_str(), member.label.en.as_str()].map(|name| (name, member))
            }),
        );
        let codes = listed(all.iter().map(|member| member.code.as_str()));
        findings.add(
            RefusalCode::UnknownMember,
            written.at,
            format!("{} has no member '{}'.", column.name(), shown(&written.text)),
            match meant {
                Some(member) => format!("Write '{}' ({}); the members are: {codes}.", member.code, member.label.nl),
                None => format!("Write one of the members: {codes}."),
            },
        );
    }
    members
}

/// Refuses areas of two levels that have no gemeente in common.
fn some_gemeente_is_asked(filters: &Filters, catalogue: &Catalogue, findings: &mut Findings) {
    for (period, division) in divisions(&filters.periods, catalogue) {
        let asked = |code| {
            filters
                .areas
                .iter()
                .all(|(level, members)| division.area_of(code, *level).is_some_and(|area| members.contains(&area)))
        };
        if !division.gemeenten().any(|(code, _)| asked(code)) {
            findings.add(
                RefusalCode::Filter,
                None,
                format!("No gemeente lies in all the areas named in {period}."),
                "Name areas that lie within each other, or filter by one level of area only.",
            );
            return;
        }
    }
}

//! What a question is grouped by: the columns of `GROUP BY`, and with `ROLLUP`, `CUBE` and `GROUPING SETS` the sets of
//! them that rows are of. The sets are written out here, so that however a text puts it, equal sets are one question.

use std::collections::BTreeSet;

use sqlparser::{
    ast::{Expr, GroupByExpr, Value, ValueWithSpan},
    tokenizer::Span,
};

use super::{
    draft::{Draft, Grouped, Written},
    filters::Filters,
    findings::{Findings, position, shown},
    names::{column, no_such_use},
    shape::{name, none, not_here, place},
};
use crate::{
    catalogue::{AreaLevel, Catalogue, Column, Role, View},
    id::ColumnName,
    question::GroupingSet,
    refusal::{Position, RefusalCode},
};

/// Most columns grouped by.
const MOST_COLUMNS: usize = 8;
/// Most sets of them.
const MOST_SETS: usize = 32;

/// Reads `GROUP BY` as it is written.
pub(super) fn read(group_by: &GroupByExpr, around: Option<Position>, draft: &mut Draft, findings: &mut Findings) {
    let (exprs, modifiers) = match group_by {
        GroupByExpr::Expressions(exprs, modifiers) => (exprs.as_slice(), modifiers),
        GroupByExpr::All(modifiers) => {
            none(false, "GROUP BY ALL", around, findings);
            draft.groups_unread = true;
            ([].as_slice(), modifiers)
        }
    };
    none(modifiers.is_empty(), "word after the columns of GROUP BY", around, findings);
    for expr in exprs {
        match element(expr, around, findings) {
            Some(element) => draft.groups.push(element),
            None => draft.groups_unread = true,
        }
    }
    let named: BTreeSet<&str> = draft.grouped().map(|column| column.text.as_str()).collect();
    if named.len() > MOST_COLUMNS {
        let reason = format!("GROUP BY names more than {MOST_COLUMNS} columns.");
        findings.add(RefusalCode::TooLong, around, reason, "Group by fewer columns.");
        draft.groups_unread = true;
    }
}

fn element(expr: &Expr, around: Option<Position>, findings: &mut Findings) -> Option<Grouped> {
    match expr {
        Expr::Identifier(ident) => Some(Grouped::Column(name(ident))),
        Expr::GroupingSets(sets) => {
            let sets = sets.iter().map(|set| columns(set, around, findings));
            Some(Grouped::Sets(sets.collect::<Option<_>>()?))
        }
        Expr::Rollup(parts) => {
            let parts = parts.iter().map(|part| columns(part, around, findings)).collect::<Option<Vec<_>>>()?;
            Some(Grouped::Sets(
                (0..=parts.len()).rev().map(|kept| parts.iter().take(kept).flatten().cloned().collect()).collect(),
            ))
        }
        Expr::Cube(parts) => {
            let parts = parts.iter().map(|part| columns(part, around, findings)).collect::<Option<Vec<_>>>()?;
            let Some(sets) = u32::try_from(parts.len())
                .ok()
                .and_then(|parts| 1usize.checked_shl(parts))
                .filter(|sets| *sets <= MOST_SETS)
            else {
                too_many_sets(around, findings);
                return None;
            };
            let chosen = |set: usize| parts.iter().enumerate().filter(move |(place, _)| set & (1 << place) == 0);
            Some(Grouped::Sets(
                (0..sets).map(|set| chosen(set).flat_map(|(_, part)| part).cloned().collect()).collect(),
            ))
        }
        Expr::Value(ValueWithSpan { value: Value::Number(..), span: Span { start, .. } }) => {
            findings.add(
                RefusalCode::NotSupported,
                position(*start),
                "Columns are not grouped by their place.",
                "Write the name of the column in GROUP BY.",
            );
            None
        }
        other => {
            not_here(other, "GROUP BY", "a column, or ROLLUP, CUBE or GROUPING SETS and columns", around, findings);
            None
        }
    }
}

fn columns(exprs: &[Expr], around: Option<Position>, findings: &mut Findings) -> Option<Vec<Written>> {
    let mut columns = Vec::new();
    for expr in exprs {
        match expr {
            Expr::Identifier(ident) => columns.push(name(ident)),
            other => {
                not_here(other, "A set of GROUP BY", "columns", place(other, around), findings);
                return None;
            }
        }
    }
    Some(columns)
}

fn too_many_sets(at: Option<Position>, findings: &mut Findings) {
    findings.add(
        RefusalCode::TooLong,
        at,
        format!("GROUP BY has more than {MOST_SETS} sets of columns."),
        "Write the sets that are needed in GROUPING SETS, or ask for them in several questions.",
    );
}

/// What a question is grouped by.
#[derive(Default)]
pub(super) struct Groups {
    pub(super) period: bool,
    pub(super) area: Option<AreaLevel>,
    /// The sets of area and dimensions; the half-year, where it is grouped by, is in all of them.
    pub(super) sets: BTreeSet<GroupingSet>,
    dimensions: BTreeSet<ColumnName>,
}

impl Groups {
    /// What a draft is grouped by.
    pub(super) fn of(draft: &Draft, view: &View, catalogue: &Catalogue, findings: &mut Findings) -> Self {
        let mut groups = Self::default();
        let mut named = BTreeSet::new();
        for written in draft.grouped().filter(|written| named.insert(written.text.as_str())) {
            groups.add(written, view, catalogue, findings);
        }
        let sets = sets(draft, findings);
        if groups.period && sets.iter().any(|set| !set.iter().any(|name| is_period(name, view))) {
            findings.add(
                RefusalCode::Grouping,
                draft.grouped().find(|written| is_period(&written.text, view)).and_then(|written| written.at),
                "There is no total over half-years: the same children are in both.",
                "Write periode before ROLLUP or CUBE, or in each of the GROUPING SETS.",
            );
        }
        groups.sets = sets.iter().map(|set| groups.set(set, view)).collect();
        groups
    }

    /// Whether a dimension is grouped by.
    pub(super) fn has(&self, name: &ColumnName) -> bool {
        self.dimensions.contains(name)
    }

    /// Whether a column is grouped by, whatever its role.
    pub(super) fn has_column(&self, column: &Column) -> bool {
        match column.role() {
            Role::Periode => self.period,
            Role::Gebied(level) => self.area == Some(*level),
            Role::Dimension(_) => self.has(column.name()),
            Role::Persoon | Role::Measure { .. } | Role::NeverLeaves => false,
        }
    }

    /// Refuses a total over some members of a dimension: that is no cell of a table, and only a declared group is one.
    pub(super) fn check_filters(&self, filters: &Filters, findings: &mut Findings) {
        for name in filters.dimensions.keys().filter(|name| self.has(name)) {
            if !self.sets.iter().all(|set| set.columns().contains(name)) {
                findings.add(
                    RefusalCode::Filter,
                    None,
                    format!("{name} is limited to some members, and there is no total over those."),
                    format!("Leave out the condition on {name}, or keep {name} in every set: before ROLLUP or CUBE, or in each of the GROUPING SETS."),
                );
            }
        }
    }

    fn add(&mut self, written: &Written, view: &View, catalogue: &Catalogue, findings: &mut Findings) {
        let Some(column) = column(written, view, catalogue, findings) else { return };
        match column.role() {
            Role::Periode => self.period = true,
            Role::Gebied(level) => match self.area {
                None => self.area = Some(*level),
                Some(_) => findings.add(
                    RefusalCode::Grouping,
                    written.at,
                    "An answer has one level of area.",
                    "Group by one of gemeente, jeugdregio and provincie, and ask for each level on its own.",
                ),
            },
            Role::Dimension(_) => {
                self.dimensions.insert(column.name().clone());
            }
            Role::Persoon | Role::Measure { .. } | Role::NeverLeaves => no_such_use(column, written, findings),
        }
    }

    fn set(&self, names: &BTreeSet<&str>, view: &View) -> GroupingSet {
        let columns = || names.iter().filter_map(|name| view.column(name));
        let by_area = columns().any(|column| matches!(column.role(), Role::Gebied(_)));
        let dimensions = columns().map(Column::name).filter(|name| self.has(name));
        GroupingSet::new(by_area, dimensions.cloned().collect())
    }
}

fn is_period(name: &str, view: &View) -> bool {
    view.column(name).is_some_and(|column| matches!(column.role(), Role::Periode))
}

/// Every set of names that rows are of: one set of each element of `GROUP BY`, in every combination.
fn sets<'d>(draft: &'d Draft, findings: &mut Findings) -> BTreeSet<BTreeSet<&'d str>> {
    let mut sets = BTreeSet::from([BTreeSet::new()]);
    for element in &draft.groups {
        let of_element: Vec<&[Written]> = match element {
            Grouped::Column(column) => vec![std::slice::from_ref(column)],
            Grouped::Sets(sets) => sets.iter().map(Vec::as_slice).collect(),
        };
        let mut combined = BTreeSet::new();
        for set in &of_element {
            for (place, written) in set.iter().enumerate() {
                let earlier = set.iter().take(place).any(|other| other.text == written.text);
                if earlier || sets.iter().any(|before| before.contains(written.text.as_str())) {
                    findings.add(
                        RefusalCode::Grouping,
                        written.at,
                        format!("{} is grouped by twice.", shown(&written.text)),
                        "Name it once in GROUP BY, or once in each of the GROUPING SETS.",
                    );
                }
            }
            let names = || set.iter().map(|written| written.text.as_str());
            combined.extend(sets.iter().map(|before| before.iter().copied().chain(names()).collect::<BTreeSet<_>>()));
        }
        sets = combined;
        if sets.len() > MOST_SETS {
            too_many_sets(draft.grouped().next().and_then(|written| written.at), findings);
            return BTreeSet::new();
        }
    }
    sets
}

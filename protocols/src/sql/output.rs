//! The columns of the answer: each column grouped by shown once, at least one count, names that differ, and the order
//! and number of rows. All of it is layout, decided on released cells; none of it reaches a node.

use super::{
    draft::{Content, Draft, Item, KeyBy, Written},
    findings::{Findings, shown},
    grouping::Groups,
    names,
    nearest::listed,
};
use crate::{
    catalogue::{Catalogue, Column, Measure, Role, View},
    question::{OrderKey, OutputColumn, OutputContent, Presentation},
    refusal::RefusalCode,
};

/// How the names end under which the status and the lower bound of a count stand in an answer. A column named so
/// could stand twice in one row.
const BESIDE_A_COUNT: [&str; 2] = ["_status", "_at_least"];

/// The layout that a text asks for.
pub(super) fn read(
    draft: &Draft,
    groups: &Groups,
    view: &View,
    catalogue: &Catalogue,
    findings: &mut Findings,
) -> Presentation {
    let mut columns: Vec<OutputColumn> = Vec::new();
    for item in &draft.items {
        let Some((content, default)) = content(item, draft, groups, view, catalogue, findings) else { continue };
        if columns.iter().any(|shown| shown.content == content) {
            findings.add(
                RefusalCode::Grouping,
                item.at,
                format!("{default} is shown twice."),
                "Show each column and each count once.",
            );
            continue;
        }
        let name = name(item, default, &columns, view, findings);
        columns.push(OutputColumn { name, content });
    }
    every_group_is_shown(draft, groups, view, findings);
    if !draft.items.iter().any(|item| item.content.measure().is_some()) {
        findings.add_unless_construct(
            RefusalCode::Grouping,
            None,
            "The question counts nothing.",
            "Add COUNT(DISTINCT persoon) or COUNT(*) to SELECT.",
        );
    }
    let order_by = order(draft, &columns, findings);
    Presentation { columns, order_by, limit: draft.limit }
}

/// What an item shows, and the name it has where the text gives none.
fn content<'v>(
    item: &'v Item,
    draft: &Draft,
    groups: &Groups,
    view: &'v View,
    catalogue: &Catalogue,
    findings: &mut Findings,
) -> Option<(OutputContent, &'v str)> {
    match &item.content {
        Content::Column(written) => {
            let column = names::column(written, view, catalogue, findings)?;
            let content = match column.role() {
                Role::Periode => OutputContent::Period,
                Role::Gebied(_) => OutputContent::Area,
                Role::Dimension(_) => OutputContent::Dimension(column.name().clone()),
                Role::Persoon | Role::Measure { .. } | Role::NeverLeaves => {
                    names::no_such_use(column, written, findings);
                    return None;
                }
            };
            if !groups.has_column(column) && !draft.groups_unread {
                not_grouped(column, written, findings);
                return None;
            }
            Some((content, column.name().as_str()))
        }
        Content::CountDistinct(written) => {
            let column = names::column(written, view, catalogue, findings)?;
            if !matches!(column.role(), Role::Persoon) {
                findings.add(
                    RefusalCode::Role,
                    written.at,
                    format!("Only persons are counted distinctly, not {}.", column.name()),
                    "Write COUNT(DISTINCT persoon), or COUNT(*) for rows.",
                );
                return None;
            }
            Some((OutputContent::Measure(Measure::Personen), Measure::Personen.default_name()))
        }
        Content::CountRows => Some((OutputContent::Measure(Measure::Aantal), Measure::Aantal.default_name())),
    }
}

fn not_grouped(column: &Column, written: &Written, findings: &mut Findings) {
    let name = column.name();
    findings.add(
        RefusalCode::Grouping,
        written.at,
        format!("{name} is shown but not grouped by."),
        format!("Add {name} to GROUP BY, or leave it out of SELECT."),
    );
}

fn every_group_is_shown(draft: &Draft, groups: &Groups, view: &View, findings: &mut Findings) {
    let shown = |name: &str| {
        draft.items.iter().any(|item| matches!(&item.content, Content::Column(written) if written.text == name))
    };
    for written in draft.grouped() {
        let Some(column) = view.column(&written.text) else { continue };
        if groups.has_column(column) && !shown(column.name().as_str()) {
            let name = column.name();
            findings.add_unless_construct(
                RefusalCode::Grouping,
                written.at,
                format!("{name} is grouped by but not shown."),
                format!("Add {name} to SELECT, or leave it out of GROUP BY."),
            );
        }
    }
}

/// The name an item is shown under.
fn name(item: &Item, default: &str, before: &[OutputColumn], view: &View, findings: &mut Findings) -> String {
    let name = item.alias.as_ref().map_or(default, |alias| alias.text.as_str());
    let at = item.alias.as_ref().map_or(item.at, |alias| alias.at);
    if let Some(taken) = BESIDE_A_COUNT.iter().find(|ending| name != default && name.ends_with(*ending)) {
        findings.add(
            RefusalCode::Output,
            at,
            format!("{} ends in {taken}, as the name of what stands beside a count does.", shown(name)),
            "Choose another name; statuses and bounds of counts stand in the answer under names that end in _status \
             and _at_least.",
        );
        return name.to_owned();
    }
    let mut refuse = |reason: String| {
        findings.add(
            RefusalCode::Output,
            at,
            reason,
            "After AS, write a name of its own: lower-case letters, digits and underscores, 64 at most.",
        );
    };
    if !is_name(name) {
        refuse(format!("{} cannot be the name of a column of the answer.", shown(name)));
    } else if name != default && view.column(name).is_some() {
        refuse(format!("{name} is another column of {}, so the answer would mislead.", view.name()));
    } else if before.iter().any(|column| column.name == name) {
        refuse(format!("Two columns of the answer would be named {name}."));
    }
    name.to_owned()
}

fn is_name(name: &str) -> bool {
    name.len() <= 64
        && name.starts_with(|c: char| c.is_ascii_lowercase() || c == '_')
        && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
}

fn order(draft: &Draft, columns: &[OutputColumn], findings: &mut Findings) -> Vec<OrderKey> {
    let mut keys: Vec<OrderKey> = Vec::new();
    for key in &draft.order {
        let found = match &key.by {
            KeyBy::Name(name) => columns.iter().position(|column| column.name == *name),
            KeyBy::Place(place) => place.checked_sub(1).filter(|column| *column < columns.len()),
        };
        match found {
            Some(column) if keys.iter().any(|earlier| earlier.column == column) => findings.add(
                RefusalCode::Output,
                key.at,
                "The answer is ordered by the same column twice.",
                "Name each column once in ORDER BY.",
            ),
            Some(column) => keys.push(OrderKey { column, descending: key.descending }),
            None if matches!(&key.by, KeyBy::Name(name) if name == "persoon") => findings.add(
                RefusalCode::Role,
                key.at,
                "Persons are only counted, and an answer has no order of persons.",
                "Order by a count, such as personen.",
            ),
            None => {
                let wrong = match &key.by {
                    KeyBy::Name(name) => shown(name),
                    KeyBy::Place(place) => format!("column {place}"),
                };
                findings.add(
                    RefusalCode::Output,
                    key.at,
                    format!("The answer cannot be ordered by {wrong}, which it does not show."),
                    if columns.is_empty() {
                        "Order by the name of a shown column.".to_owned()
                    } else {
                        let names = listed(columns.iter().map(|column| column.name.as_str()));
                        format!("Order by one of {names}, or by a place in SELECT, from 1.")
                    },
                );
            }
        }
    }
    keys
}

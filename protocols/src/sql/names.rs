//! Names as the catalogue knows them: the view and its columns.

use super::{
    draft::{Draft, Written},
    findings::{Findings, shown},
    nearest::{listed, nearest},
};
use crate::{
    catalogue::{Catalogue, Column, Role, View},
    refusal::RefusalCode,
};

/// The view that is counted. Where the name is mistaken, the one that is probably meant, so that the rest can still
/// be read.
pub(super) fn view<'c>(draft: &Draft, catalogue: &'c Catalogue, findings: &mut Findings) -> Option<&'c View> {
    let written = draft.view.as_ref()?;
    if let Some(view) = catalogue.view(&written.text) {
        return Some(view);
    }
    let meant = nearest(&written.text, catalogue.views().map(|view| (view.name().as_str(), view)));
    let views = listed(catalogue.views().map(|view| view.name().as_str()));
    findings.add(
        RefusalCode::UnknownView,
        written.at,
        format!("There is no view {}.", shown(&written.text)),
        match meant {
            Some(view) => format!("Write {}; the views are: {views}.", view.name()),
            None => format!("Write one of the views: {views}."),
        },
    );
    let mut all = catalogue.views();
    meant.or(all.next().filter(|_| all.next().is_none()))
}

/// A column by the name written. A column that never leaves is unknown like any other that is not there.
pub(super) fn column<'v>(
    written: &Written,
    view: &'v View,
    catalogue: &Catalogue,
    findings: &mut Findings,
) -> Option<&'v Column> {
    if let Some(column) = usable(view).find(|column| column.name().as_str() == written.text) {
        return Some(column);
    }
    if !findings.is_full() {
        let meant = nearest(&written.text, usable(view).map(|column| (column.name().as_str(), column)));
        let columns = listed(
            usable(view).filter(|column| !matches!(column.role(), Role::Persoon)).map(|column| column.name().as_str()),
        );
        let elsewhere: Vec<&str> = catalogue
            .views()
            .filter(|other| usable(other).any(|column| column.name().as_str() == written.text))
            .map(|other| other.name().as_str())
            .collect();
        findings.add(
            RefusalCode::UnknownColumn,
            written.at,
            format!("There is no column {} in {}.", shown(&written.text), view.name()),
            match meant {
                _ if !elsewhere.is_empty() => format!(
                    "Write FROM {}, which has it, or one of the columns of {}: {columns}.",
                    elsewhere.join(" or "),
                    view.name()
                ),
                Some(column) => format!("Write {}; the columns are: {columns}.", column.name()),
                None => format!("Write one of the columns: {columns}."),
            },
        );
    }
    None
}

/// The columns that a question may name.
fn usable(view: &View) -> impl Iterator<Item = &Column> {
    view.columns().iter().filter(|column| !matches!(column.role(), Role::NeverLeaves))
}

/// Refuses a column that can be neither grouped nor filtered by.
pub(super) fn no_such_use(column: &Column, written: &Written, findings: &mut Findings) {
    match column.role() {
        Role::Measure { unit } => findings.add(
            RefusalCode::NotSupported,
            written.at,
            format!("{} is an amount in {unit}, and amounts cannot be asked yet.", column.name()),
            "Count with COUNT(DISTINCT persoon) or COUNT(*).",
        ),
        _ => findings.add(
            RefusalCode::Role,
            written.at,
            format!("{} is never shown, grouped by or filtered: persons are only counted.", column.name()),
            "Use it only in COUNT(DISTINCT persoon).",
        ),
    }
}

//! An answer for people: the figures, who they are of, how they must be read and what is not in them. What is hidden
//! is shown as hidden, never as a blank or a nought.

use super::listing::{Align, Listing};
use crate::document::{AnswerDocument, Shown};

/// The answer as a table with everything that belongs under it.
#[must_use]
pub fn table(answer: &AnswerDocument) -> String {
    let is_measure = |column: &String| answer.measures.contains(column);
    let mut listing = Listing::new(
        answer
            .columns
            .iter()
            .map(|column| (column.clone(), if is_measure(column) { Align::Right } else { Align::Left })),
    );
    for row in &answer.rows {
        let cell = |column: &String| {
            if is_measure(column) { shown(&row.measure(column)) } else { row.text(column).to_owned() }
        };
        listing.push(answer.columns.iter().map(cell).collect());
    }
    let mut text = listing.table();
    text.push('\n');
    text.push_str(&under(answer));
    text
}

fn shown(measure: &Shown) -> String {
    match measure {
        Shown::Value(count) => count.to_string(),
        Shown::AtLeast(bound) => format!("≥ {bound}"),
        Shown::Hidden => "hidden".to_owned(),
        Shown::NoAnswer => "–".to_owned(),
        Shown::NotHeld => "not held".to_owned(),
        Shown::Other(status) => format!("({status})"),
    }
}

/// What belongs under the figures: coverage, how to read them, and what is not in them.
#[must_use]
pub(super) fn under(answer: &AnswerDocument) -> String {
    let coverage = &answer.coverage;
    let mut text = format!("{} of {} gemeenten answered.\n", coverage.answered.len(), coverage.asked.len());
    for (what, missing) in coverage.missing() {
        text.push_str(&format!("  {} {what}: {}\n", missing.gemeente, missing.reason));
    }
    for note in &answer.notes {
        text.push_str(&format!("{note}\n"));
    }
    if !answer.blind_spots.is_empty() {
        text.push_str("Blind spots:\n");
        for spot in &answer.blind_spots {
            text.push_str(&format!("  {spot}\n"));
        }
    }
    text
}

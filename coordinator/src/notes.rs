//! What must stand beside the figures so that nobody reads more in them than they say.

use drempel_protocols::{
    catalogue::Measure,
    question::{OutputContent, Presentation, Question},
};

use crate::targets::Targets;

/// The names of the columns that are counts.
#[must_use]
pub fn measure_columns(presentation: &Presentation) -> Vec<String> {
    presentation
        .columns
        .iter()
        .filter(|column| matches!(column.content, OutputContent::Measure(_)))
        .map(|column| column.name.clone())
        .collect()
}

/// How the figures must be read.
#[must_use]
pub fn notes(question: &Question, targets: &Targets) -> Vec<String> {
    let mut notes = Vec::new();
    if targets.has_sums() {
        notes.push("Figures are a sum of gemeenten; a sum with hidden or missing parts is a lower bound.".to_owned());
        if question.measures().contains(&Measure::Personen) {
            notes.push(
                "A sum of gemeenten is not a number of unique persons: a child can be counted in two gemeenten."
                    .to_owned(),
            );
        }
    }
    notes
}

/// What is not in the figures.
#[must_use]
pub fn blind_spots(targets: &Targets) -> Vec<String> {
    let mut spots = Vec::new();
    match targets.absent().len() {
        0 => {}
        1 => spots.push("1 gemeente in the areas asked takes no part and is not in any figure.".to_owned()),
        absent => spots.push(format!("{absent} gemeenten in the areas asked take no part and are not in any figure.")),
    }
    spots.push(
        "Not counted: help by wijkteams, PGB, persons without a BSN, and care kept out of berichtenverkeer for safety."
            .to_owned(),
    );
    spots.push(
        "Counted late or not yet: late start messages, and declarations that come up to five years later.".to_owned(),
    );
    spots
}

//! What must stand beside the figures so that nobody reads more in them than they say.

use std::collections::BTreeMap;

use drempel_protocols::{
    catalogue::{AreaLevel, Measure},
    id::Gemeentecode,
    question::{OutputContent, Presentation, Question},
};

use crate::targets::Targets;

/// How many gemeenten are named also where the question does not name them.
const FEW: usize = 10;

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

/// How the figures must be read. `rounding` is what the counts of gemeenten that round are rounded to multiples of.
#[must_use]
pub fn notes(question: &Question, targets: &Targets, rounding: &BTreeMap<Gemeentecode, u32>) -> Vec<String> {
    let mut notes: Vec<String> = rounded(rounding).into_iter().collect();
    if targets.has_sums() {
        notes.push(
            "Figures are a sum of the gemeenten that take part; a sum with hidden or missing parts is a lower bound."
                .to_owned(),
        );
        if question.measures().contains(&Measure::Personen) {
            notes.push(
                "A sum of gemeenten is not a number of unique persons: a child can be counted in two gemeenten."
                    .to_owned(),
            );
        }
    }
    notes
}

/// Who gives counts that are not exact: by name where there are few.
fn rounded(rounding: &BTreeMap<Gemeentecode, u32>) -> Option<String> {
    let coarsest = rounding.values().max()?;
    let who = if rounding.len() <= FEW {
        rounding.keys().map(ToString::to_string).collect::<Vec<_>>().join(", ")
    } else {
        format!("{} gemeenten", rounding.len())
    };
    Some(format!(
        "Counts of {who} are rounded to multiples of {coarsest}, so that parts need not add up to totals, and sums are as rough."
    ))
}

/// What is not in the figures.
#[must_use]
pub fn blind_spots(question: &Question, targets: &Targets) -> Vec<String> {
    let mut spots: Vec<String> = absent(question, targets).into_iter().collect();
    spots.extend(
        targets.in_part().map(|(region, asked, all)| format!("{region}: {asked} of {all} gemeenten take part.")),
    );
    spots.push(
        "Not counted: help by wijkteams, PGB, persons without a BSN, and care kept out of berichtenverkeer for safety."
            .to_owned(),
    );
    spots.push(
        "Counted late or not yet: late start messages, and declarations that come up to five years later.".to_owned(),
    );
    spots
}

/// Who takes no part: by name where the question names gemeenten or there are few, as a number otherwise.
fn absent(question: &Question, targets: &Targets) -> Option<String> {
    let absent = targets.absent();
    let named = question.area_filters().contains_key(&AreaLevel::Gemeente) || absent.len() <= FEW;
    let who = if named {
        let codes: Vec<String> = absent.iter().map(ToString::to_string).collect();
        format!(": {}", codes.join(", "))
    } else {
        String::new()
    };
    let all = targets.asked().len() + absent.len();
    match absent.len() {
        0 => None,
        1 => Some(format!("1 of {all} gemeenten in the areas asked takes no part and is not in any figure{who}.")),
        many => {
            Some(format!("{many} of {all} gemeenten in the areas asked take no part and are not in any figure{who}."))
        }
    }
}

#[cfg(test)]
mod tests;

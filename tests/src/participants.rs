//! Who takes part in a synthetic federation, and how large each is.

use anyhow::{Context as _, ensure};
use drempel_protocols::{
    catalogue::Catalogue,
    id::{Gemeentecode, Oin},
};

use crate::synthetic::{Size, expected_jongeren};

/// Persons over all gemeenten of a federation, so that its messages are made and imported in seconds.
const PERSONS: u64 = 12_000;
/// Fewest persons of a gemeente: enough for some cells to be shown.
const FEWEST: u64 = 60;
/// Most persons of a gemeente: there are 9,091 test BSNs.
const MOST: u64 = 9_000;
/// The jeugdregio's whose gemeenten come first; the rest follow by name.
const FIRST: [&str; 2] = ["Groningen", "Flevoland"];

/// A gemeente that takes part.
#[derive(Clone, Copy, Debug)]
pub struct Participant {
    /// The gemeente.
    pub code: Gemeentecode,
    /// How many persons it has.
    pub size: Size,
}

/// The first `count` gemeenten by jeugdregio, of the division of the catalogue's last period. Twelve are the ten of
/// Groningen and two of Flevoland, so that one jeugdregio is whole and one is not. Sizes are in proportion to the
/// young persons CBS counts, within what is quick to make.
///
/// # Errors
/// If there are not so many gemeenten.
pub fn choose(catalogue: &Catalogue, count: usize) -> anyhow::Result<Vec<Participant>> {
    let period = catalogue.periods().last().context("the catalogue has no periods")?;
    let division = catalogue.division(period).context("the catalogue has no division")?;
    let mut gemeenten: Vec<_> = division.gemeenten().collect();
    gemeenten.sort_by_key(|(code, entry)| {
        let region = entry.jeugdregio.as_str();
        (FIRST.iter().position(|first| *first == region).unwrap_or(FIRST.len()), region.to_owned(), *code)
    });
    ensure!((1..=gemeenten.len()).contains(&count), "choose from 1 to {} gemeenten", gemeenten.len());
    let chosen: Vec<Gemeentecode> = gemeenten.into_iter().take(count).map(|(code, _)| code).collect();
    let total: u64 = chosen.iter().filter_map(|code| expected_jongeren(*code)).sum();
    Ok(chosen
        .into_iter()
        .map(|code| {
            let expected = expected_jongeren(code).unwrap_or_default();
            let persons = expected.saturating_mul(PERSONS.min(total)).checked_div(total).unwrap_or_default();
            Participant { code, size: Size::Persons(usize::try_from(persons.clamp(FEWEST, MOST)).unwrap_or_default()) }
        })
        .collect())
}

/// The test OIN of a synthetic gemeente.
///
/// # Errors
/// Never for a gemeentecode.
pub fn oin(code: Gemeentecode) -> anyhow::Result<Oin> {
    Ok(format!("0000009900000000{}", code.ijw()).parse()?)
}

/// The test OIN of the synthetic coordinator.
///
/// # Errors
/// Never.
pub fn coordinator_oin() -> anyhow::Result<Oin> {
    Ok("00000099000000099999".parse()?)
}

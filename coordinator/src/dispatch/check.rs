//! What a node sent, checked against what it was asked: an answer to another question, of another gemeente, with
//! another catalogue or another number of cells never gets into a sum.

use drempel_protocols::{
    answer::{Answer, LoggedAnswer, ReceiptError},
    cell::Cell,
};

use super::Asking;
use crate::registry::Node;

/// More than any count in the Netherlands can be. A number above it is a broken or hostile node, not a count.
const MAX_COUNT: u64 = 1_000_000_000;

/// Why an answer cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unusable {
    /// Not an answer at all.
    #[error("its answer cannot be read")]
    Unreadable,
    /// An answer to another question.
    #[error("it answered another question")]
    Question,
    /// An answer of another gemeente.
    #[error("it answered for another gemeente")]
    Gemeente,
    /// An answer with another catalogue.
    #[error("it answered with another catalogue")]
    Catalogue,
    /// Other measures, or another number of cells.
    #[error("its answer does not have the cells that were asked")]
    Cells,
    /// An answer that its log does not have.
    #[error("its answer is not logged as it should be: {0}")]
    Unlogged(#[from] ReceiptError),
    /// A count that cannot be.
    #[error("its answer has a count that cannot be")]
    Count,
}

pub(super) fn answer(body: &[u8], asking: &Asking, node: &Node) -> Result<(Answer, LoggedAnswer), Unusable> {
    let logged: LoggedAnswer = serde_json::from_slice(body).map_err(|_| Unusable::Unreadable)?;
    let answer: Answer = serde_json::from_str(&logged.answer).map_err(|_| Unusable::Unreadable)?;
    if answer.question != asking.id || answer.digest != asking.digest {
        return Err(Unusable::Question);
    }
    match &node.logsleutel {
        Some(key) => drop(logged.verify(asking.id, key)?),
        None => logged.is_recorded(asking.id)?,
    }
    if answer.gemeente != node.gemeente {
        return Err(Unusable::Gemeente);
    }
    if answer.catalogue != asking.catalogue {
        return Err(Unusable::Catalogue);
    }
    let measures = answer.payload.len() == asking.measures.len()
        && asking.measures.iter().all(|measure| answer.payload.contains_key(measure));
    if !measures || answer.payload.values().any(|cells| cells.len() != asking.cells) {
        return Err(Unusable::Cells);
    }
    if answer.payload.values().flatten().any(|cell| matches!(cell, Cell::Value(count) if *count > MAX_COUNT)) {
        return Err(Unusable::Count);
    }
    Ok((answer, logged))
}

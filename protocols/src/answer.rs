//! What a node sends back for an admitted question.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{
    catalogue::Measure,
    cell::Cell,
    id::{Digest, Gemeentecode, Period, QuestionId},
};

/// The payload: for each measure asked, every cell of the question's [`Grid`](crate::grid::Grid) in canonical order.
pub type Payload = BTreeMap<Measure, Vec<Cell>>;

/// An answer with what it was computed under. The payload depends on question, catalogue, policy and released cells
/// only; ids differ from one asking to the next.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Answer {
    /// The asking that is answered.
    pub question: QuestionId,
    /// The digest of the canonical question.
    pub digest: Digest,
    /// The gemeente that answers.
    pub gemeente: Gemeentecode,
    /// The catalogue it was read with.
    pub catalogue: Digest,
    /// The policy it was released under.
    pub policy: Digest,
    /// The release of each half-year that it is from: random ids. A half-year without one is not held.
    pub releases: BTreeMap<Period, String>,
    /// The threshold of the node's policy; a release shows its own cells by the one that it was built under.
    pub k: u32,
    /// What counts of these releases are rounded to multiples of, after protection; 1 is exact.
    pub round_to: u32,
    /// The cells.
    pub payload: Payload,
}

/// The body of a node's response: the answer as one string, exactly as it stands in the node's log, and the place of
/// the log record that holds it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LoggedAnswer {
    /// An [`Answer`] in JSON.
    pub answer: String,
    /// Where it was logged before it was sent.
    pub log: LogHead,
}

/// A place in a node's log: every record up to it is fixed by its digest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LogHead {
    /// The number of the record, from 1.
    pub sequence: u64,
    /// Its digest, which covers all records before it.
    pub digest: Digest,
}

//! The refusals found so far: kept until the whole text has been read, so that one answer names them all.

use sqlparser::tokenizer::Location;

use crate::refusal::{Position, Refusal, RefusalCode};

/// Most refusals that one text is answered with.
const MOST: usize = 32;

/// Refusals in the order found.
#[derive(Default)]
pub(super) struct Findings {
    refusals: Vec<Refusal>,
    construct: bool,
}

impl Findings {
    /// Adds a refusal; beyond the most that are answered it is not kept.
    pub(super) fn add(
        &mut self,
        code: RefusalCode,
        position: Option<Position>,
        reason: impl Into<String>,
        remedy: impl Into<String>,
    ) {
        let refusal = Refusal { code, position, reason: reason.into(), remedy: remedy.into() };
        if !self.is_full() && !self.refusals.contains(&refusal) {
            self.refusals.push(refusal);
        }
    }

    /// Adds the refusal of SQL that the dialect does not have, found by its words and signs.
    pub(super) fn add_construct(
        &mut self,
        position: Option<Position>,
        reason: impl Into<String>,
        remedy: impl Into<String>,
    ) {
        self.construct = true;
        self.add(RefusalCode::NotSupported, position, reason, remedy);
    }

    /// Adds the refusal of what a construct named already accounts for; kept only where none was. Whatever the
    /// reader does not know ends here, so it is refused even if its words and signs are new.
    pub(super) fn add_unless_construct(
        &mut self,
        code: RefusalCode,
        position: Option<Position>,
        reason: impl Into<String>,
        remedy: impl Into<String>,
    ) {
        if !self.construct {
            self.add(code, position, reason, remedy);
        }
    }

    /// Whether nothing is refused.
    pub(super) fn is_empty(&self) -> bool {
        self.refusals.is_empty()
    }

    /// Whether something is refused at a place.
    pub(super) fn has_one_at(&self, position: Option<Position>) -> bool {
        self.refusals.iter().any(|refusal| refusal.position == position)
    }

    /// Whether no more will be kept, so that none need be worded.
    pub(super) fn is_full(&self) -> bool {
        self.refusals.len() >= MOST
    }

    /// The refusals in the order of the text, those about the question as a whole last.
    pub(super) fn into_refusals(mut self) -> Vec<Refusal> {
        self.refusals.sort_by_key(|refusal| (refusal.position.is_none(), refusal.position));
        self.refusals
    }
}

/// The place of a token; `None` for what the parser gives no place.
pub(super) fn position(location: Location) -> Option<Position> {
    let Location { line, column } = location;
    (line > 0).then_some(Position { line, column })
}

/// A piece of the asker's text as a message repeats it: short, and without characters that hide or reorder others.
pub(super) fn shown(text: &str) -> String {
    const LONGEST: usize = 40;
    let mut shown: String = text
        .chars()
        .take(LONGEST)
        .flat_map(|c| if c == '\'' || c == '"' { vec![c] } else { c.escape_debug().collect() })
        .collect();
    if text.is_empty() {
        shown.push_str("\"\"");
    }
    if text.chars().nth(LONGEST).is_some() {
        shown.push('…');
    }
    shown
}

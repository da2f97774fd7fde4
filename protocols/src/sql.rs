//! From a text in the small SQL dialect to a [`Question`] and its [`Presentation`], or to every refusal at once.

use crate::{
    catalogue::Catalogue,
    id::{Digest, PurposeId},
    question::{Presentation, Question},
    refusal::Refusal,
};

/// Reads a text as a question for a purpose.
///
/// # Errors
/// Every [`Refusal`] at once.
pub fn read(
    _text: &str,
    _catalogue: &Catalogue,
    _purpose: &PurposeId,
) -> Result<(Question, Presentation), Vec<Refusal>> {
    Err(Vec::new())
}

/// The canonical text of a question.
#[must_use]
pub fn render(_question: &Question) -> String {
    String::new()
}

/// The digest of the canonical text.
#[must_use]
pub fn digest(question: &Question) -> Digest {
    Digest::of("drempel question v1", &[render(question).as_bytes()])
}

//! The names that cross the wire. Each newtype has one constructor that accepts only the form its standard gives
//! it, so that a value of the type is proof of its form, to node and coordinator alike. None of them can hold
//! anything out of a person's record.

mod digest;
mod gemeentecode;
mod oin;
mod period;
mod question_id;
mod slug;

pub use self::{
    digest::Digest,
    gemeentecode::Gemeentecode,
    oin::Oin,
    period::Period,
    question_id::QuestionId,
    slug::{ColumnName, CubeName, MemberCode, ProfileName, PurposeId, ViewName},
};

/// A text that does not have the form its type asks for.
///
/// Carries the expected form only, never the text: what was refused may be anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected {expected}")]
pub struct Malformed {
    /// The form that was expected, in words.
    pub expected: &'static str,
}

/// Serde and text forms for a newtype that is made from text by `FromStr` and shown by `Display`.
macro_rules! text_form {
    ($name:ident) => {
        impl TryFrom<String> for $name {
            type Error = $crate::id::Malformed;

            fn try_from(text: String) -> Result<Self, Self::Error> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(value: $name) -> Self {
                value.to_string()
            }
        }
    };
}
pub(crate) use text_form;

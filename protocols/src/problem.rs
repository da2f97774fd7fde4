//! Problem details (RFC 9457): the only form in which a server of Drempel says no. The list of types is closed and
//! shared by both ends; none carries a value out of a record.

use serde::{Deserialize, Serialize};

use crate::refusal::Refusal;

/// A problem document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// Which of the closed list, as a URN.
    #[serde(rename = "type")]
    pub kind: ProblemType,
    /// What it is, in a few words.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// What to do about it.
    pub detail: String,
    /// Every refusal at once, where the question itself is the problem.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub refusals: Vec<Refusal>,
}

impl Problem {
    /// A problem of a type, with what to do about it.
    #[must_use]
    pub fn new(kind: ProblemType, detail: impl Into<String>) -> Self {
        Self {
            kind,
            title: kind.title().to_owned(),
            status: kind.status(),
            detail: detail.into(),
            refusals: Vec::new(),
        }
    }

    /// The problem that a question is refused.
    #[must_use]
    pub fn refused(refusals: Vec<Refusal>) -> Self {
        Self {
            refusals,
            ..Self::new(ProblemType::Refused, "The question is refused; each refusal says what to write instead.")
        }
    }
}

macro_rules! problem_types {
    ($($(#[$doc:meta])* $name:ident = $urn:literal, $status:literal, $title:literal;)*) => {
        /// The closed list of problem types.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
        pub enum ProblemType {
            $($(#[$doc])* #[serde(rename = $urn)] $name,)*
        }

        impl ProblemType {
            /// Every type.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// The HTTP status that goes with it.
            #[must_use]
            pub fn status(self) -> u16 {
                match self { $(Self::$name => $status,)* }
            }

            /// What it is, in a few words.
            #[must_use]
            pub fn title(self) -> &'static str {
                match self { $(Self::$name => $title,)* }
            }

            /// Its URN.
            #[must_use]
            pub fn urn(self) -> &'static str {
                match self { $(Self::$name => $urn,)* }
            }
        }
    };
}

problem_types! {
    /// The question cannot be asked; `refusals` say why.
    Refused = "urn:drempel:probleem:geweigerd", 400, "The question is refused";
    /// The request is not of the expected form.
    Malformed = "urn:drempel:probleem:onleesbaar", 400, "The request cannot be read";
    /// Nobody known sent the request.
    Unauthenticated = "urn:drempel:probleem:onbekende-afzender", 401, "The sender is not known";
    /// The sender may not do this.
    Forbidden = "urn:drempel:probleem:niet-bevoegd", 403, "The sender may not do this";
    /// There is no such resource.
    NotFound = "urn:drempel:probleem:niet-gevonden", 404, "There is no such resource";
    /// The resource does not have this method.
    MethodNotAllowed = "urn:drempel:probleem:methode", 405, "The resource does not have this method";
    /// The resource is not in the state that this needs.
    Conflict = "urn:drempel:probleem:conflict", 409, "The request conflicts with an earlier one";
    /// The signature of the question does not hold.
    Signature = "urn:drempel:probleem:handtekening", 403, "The signature does not hold";
    /// The question is addressed to another organisation.
    Recipient = "urn:drempel:probleem:andere-ontvanger", 403, "The question is meant for another";
    /// The question has expired, or was signed in the future.
    Stale = "urn:drempel:probleem:verlopen", 403, "The question is not fresh";
    /// The question's id was used before for another question.
    Replayed = "urn:drempel:probleem:herhaald", 409, "The id was used for another question";
    /// The node's catalogue is not the one the question was read with.
    CatalogueMismatch = "urn:drempel:probleem:andere-catalogus", 409, "The catalogues differ";
    /// The request is too large.
    TooLarge = "urn:drempel:probleem:te-groot", 413, "The request is too large";
    /// Too much is being asked at once.
    Busy = "urn:drempel:probleem:bezet", 429, "Too many questions at once";
    /// The work was cancelled.
    Cancelled = "urn:drempel:probleem:geannuleerd", 409, "The question was cancelled";
    /// Not every gemeente answered.
    Incomplete = "urn:drempel:probleem:onvolledig", 409, "Not every gemeente answered";
    /// Something failed that is not the sender's to mend.
    Failed = "urn:drempel:probleem:storing", 500, "The server could not do this";
    /// The server cannot answer now, for instance because its log or ledger is not whole.
    Unavailable = "urn:drempel:probleem:niet-beschikbaar", 503, "The server cannot answer now";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_type_has_its_own_urn_and_an_error_status() {
        let mut urns: Vec<&str> = ProblemType::ALL.iter().map(|kind| kind.urn()).collect();
        urns.sort_unstable();
        urns.dedup();
        assert_eq!(urns.len(), ProblemType::ALL.len());
        for kind in ProblemType::ALL {
            assert!((400..600).contains(&kind.status()));
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.urn());
        }
    }
}

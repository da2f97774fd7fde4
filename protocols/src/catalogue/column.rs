//! The columns of a view and the role of each: who may be counted by it, and what may never leave.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{AreaLevel, ONBEKEND, TOTAAL};
use crate::id::{ColumnName, MemberCode};

/// A name for people, in Dutch and English.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Label {
    /// Dutch.
    pub nl: String,
    /// English.
    pub en: String,
}

/// A column of a view.
#[derive(Clone, Debug)]
pub struct Column {
    pub(super) name: ColumnName,
    pub(super) label: Label,
    pub(super) source: String,
    pub(super) role: Role,
}

impl Column {
    /// The name used in a question.
    #[must_use]
    pub fn name(&self) -> &ColumnName {
        &self.name
    }

    /// The name shown to people.
    #[must_use]
    pub fn label(&self) -> &Label {
        &self.label
    }

    /// The iJw element or the definition it comes from.
    #[must_use]
    pub fn source(&self) -> &str {
        &self.source
    }

    /// What it may be used for.
    #[must_use]
    pub fn role(&self) -> &Role {
        &self.role
    }

    /// The dimension, where it is one.
    #[must_use]
    pub fn dimension(&self) -> Option<&Dimension> {
        match &self.role {
            Role::Dimension(dimension) => Some(dimension),
            _ => None,
        }
    }
}

/// What a column may be used for in a question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Role {
    /// The person: only `COUNT(DISTINCT persoon)`.
    Persoon,
    /// The half-year.
    Periode,
    /// The gemeente, or a region it lies in; known of the node, not of a record.
    Gebied(AreaLevel),
    /// Counts may be grouped and filtered by it.
    Dimension(Dimension),
    /// An amount that can be summed, in the unit given.
    Measure {
        /// For instance `eurocent`.
        unit: String,
    },
    /// In the node's records for its own use; no question may name it.
    NeverLeaves,
}

/// How many members of a dimension a person can have within one period (rule R1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PerPersoon {
    /// Exactly one, so persons add up over it.
    Een,
    /// More, so they do not.
    Meer,
}

/// A dimension with its finite domain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dimension {
    pub(super) per_persoon: PerPersoon,
    pub(super) domain: Domain,
    pub(super) grouping: Option<Grouping>,
}

impl Dimension {
    /// Whether persons add up over it.
    #[must_use]
    pub fn per_persoon(&self) -> PerPersoon {
        self.per_persoon
    }

    /// Its members, in canonical order.
    #[must_use]
    pub fn domain(&self) -> &Domain {
        &self.domain
    }

    /// The finer dimension it follows from (`volgt_uit`), if any.
    #[must_use]
    pub fn grouping(&self) -> Option<&Grouping> {
        self.grouping.as_ref()
    }
}

/// A dimension that is a function of a finer one (rule R12, `volgt_uit`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grouping {
    pub(super) of: ColumnName,
    pub(super) group_of: BTreeMap<MemberCode, MemberCode>,
}

impl Grouping {
    /// The finer dimension.
    #[must_use]
    pub fn of(&self) -> &ColumnName {
        &self.of
    }

    /// The group of a member of the finer dimension; every member of its domain has one.
    #[must_use]
    pub fn group_of(&self, member: &MemberCode) -> Option<&MemberCode> {
        self.group_of.get(member)
    }
}

/// A member of a domain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Member {
    /// The code used in questions and answers.
    pub code: MemberCode,
    /// The name shown to people.
    #[serde(flatten)]
    pub label: Label,
    /// Whether it is hidden that nobody is in it (rule R6).
    #[serde(rename = "gevoelig", skip_serializing_if = "std::ops::Not::not")]
    pub sensitive: bool,
    /// About how many per mille of the rows have it, as anybody would expect: decides which cells are hidden first, and
    /// nothing else (rule R8).
    #[serde(skip)]
    pub share: u16,
}

/// The share of a member of which none is declared.
pub(super) const UNLIKELY: u16 = 1;

/// The finite, ordered set of members of a dimension: at most 250, `onbekend` last, but for a grouping that has it within
/// another of its members.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Domain {
    members: Vec<Member>,
}

impl Domain {
    /// The most members a domain may have, `onbekend` included, so that an index fits a byte.
    pub const MAX_MEMBERS: usize = 250;

    /// From the declared members, to which `onbekend` is added if it is one. `None` if a code occurs twice, if `onbekend`
    /// or `totaal` is declared, or if there are too many.
    pub(super) fn new(mut members: Vec<Member>, has_onbekend: bool) -> Option<Self> {
        let rest = 1000u16.saturating_sub(members.iter().map(|member| member.share).fold(0, u16::saturating_add));
        if members.iter().any(|member| [ONBEKEND, TOTAAL].contains(&member.code.as_str())) {
            return None;
        }
        if has_onbekend {
            members.push(Member {
                code: ONBEKEND.parse().ok()?,
                label: Label { nl: "onbekend".to_owned(), en: "unknown".to_owned() },
                sensitive: false,
                share: rest.max(UNLIKELY),
            });
        }
        let mut codes: Vec<&MemberCode> = members.iter().map(|member| &member.code).collect();
        codes.sort();
        codes.dedup();
        (codes.len() == members.len() && members.len() <= Self::MAX_MEMBERS).then_some(Self { members })
    }

    /// The members in canonical order.
    #[must_use]
    pub fn members(&self) -> &[Member] {
        &self.members
    }

    /// The place of a member in the canonical order.
    #[must_use]
    pub fn index_of(&self, code: &str) -> Option<u8> {
        self.members.iter().position(|member| member.code.as_str() == code).and_then(|index| u8::try_from(index).ok())
    }

    /// The member at a place in the canonical order.
    #[must_use]
    pub fn member(&self, index: u8) -> Option<&Member> {
        self.members.get(usize::from(index))
    }

    /// The place of `onbekend`; 255 if it is no member.
    #[must_use]
    pub fn onbekend(&self) -> u8 {
        self.index_of(ONBEKEND).unwrap_or(u8::MAX)
    }
}

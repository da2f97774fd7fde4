//! Who may see and do what on the pages. The table of [`may`] is the whole of their authorisation.

use clap::ValueEnum;
use serde::{Deserialize, Serialize};

/// What somebody is to the pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// The privacy officer: sees everything, also what is hidden and why, and decides.
    Officer,
    /// Who runs the node: sees what was asked and what left, the data and the log, and decides nothing.
    Beheerder,
    /// Who may read what was asked and what left.
    Lezer,
}

impl Role {
    /// Every role.
    pub const ALL: [Self; 3] = [Self::Officer, Self::Beheerder, Self::Lezer];

    /// As it is written.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Officer => "officer",
            Self::Beheerder => "beheerder",
            Self::Lezer => "lezer",
        }
    }
}

/// What a page asks of who opens it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    /// See what was asked, what left and what may leave.
    Read,
    /// See how good the data are, which messages and aanbieders it is about too.
    SeeData,
    /// Have the log verified.
    Verify,
    /// See what is hidden and why (rule R4).
    SeeHidden,
    /// Decide what is answered.
    Decide,
}

/// Whether a role may do something.
#[must_use]
pub const fn may(role: Role, act: Act) -> bool {
    match (role, act) {
        (Role::Officer, _) | (_, Act::Read) | (Role::Beheerder, Act::SeeData | Act::Verify) => true,
        (Role::Beheerder, Act::SeeHidden | Act::Decide)
        | (Role::Lezer, Act::SeeData | Act::Verify | Act::SeeHidden | Act::Decide) => false,
    }
}

//! Statistical disclosure control: which cells of linked tables stay hidden so that no cell about too few persons can be
//! found again, by subtraction or by bounds, from what is shown. Pure, and the same for a release of a node, for the
//! coordinator that checks one, and for anybody's own table.
//!
//! The steps: primary rules, suppression by Gaussian elimination over all cells as one system ([`Pattern`]), remainders of
//! lines (rule R5), and an audit of the interval of every unsafe cell (rule R4), repeated until nothing is left to hide.

mod audit;
mod bounds;
mod certificate;
mod combination;
mod elimination;
mod flaw;
mod freedom;
#[cfg(feature = "highs")]
mod highs;
mod hypergraph;
mod insider;
mod linear;
mod overlap;
mod pattern;
mod primary;
mod reach;
mod remainder;
mod residue;
mod system;
pub mod table;
#[cfg(test)]
mod tests;
mod walk;
mod witnesses;

#[cfg(feature = "highs")]
pub use self::highs::Highs;
pub use self::{
    audit::{Interval, intervals},
    bounds::Unknowns,
    certificate::{Certificate, CertificateError, CertifiedCell, Ground},
    flaw::{Flaw, published},
    hypergraph::circle,
    insider::{Clients, Insiders},
    linear::{Found, Goal, Linear, Microlp, Nearest},
    overlap::{Union, overlaps},
    pattern::{Pattern, Reason, Status, protect},
    primary::Rules,
    remainder::{NoOverlaps, Unions},
    system::{Cell, Count, Earlier, Line, Shows, System, SystemError, Tie},
};

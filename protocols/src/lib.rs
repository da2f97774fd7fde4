//! What crosses the wire between Drempel's nodes and its coordinator, and the rules that both must compute alike.
//!
//! Everything here is pure: values in, values out, no clock, no network. The exceptions are reading the catalogue's
//! files and the feature `transport`, the TLS accept loop that both servers share.

pub mod answer;
pub mod catalogue;
pub mod cell;
pub mod clock;
pub mod grid;
pub mod id;
pub mod lattice;
pub mod log;
pub mod manual;
pub mod message;
pub mod policy;
pub mod problem;
pub mod question;
pub mod refusal;
pub mod release;
pub mod sdc;
pub mod sql;
pub mod trace;
#[cfg(feature = "transport")]
pub mod transport;

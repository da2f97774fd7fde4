//! What crosses the wire between Drempel's nodes and its coordinator, and the rules that both must compute alike.
//!
//! Everything here is pure: values in, values out, no clock, no files, no network. The one exception is the feature
//! `transport`, the TLS accept loop that both servers share.

pub mod id;

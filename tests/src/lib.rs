//! What the tests, the demonstration and the benchmarks share.

pub mod synthetic;

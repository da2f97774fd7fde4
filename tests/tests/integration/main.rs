//! Drempel as a whole: the federation in one process, asked, attacked and broken.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that fails says where"
)]

mod faults;
mod truth;

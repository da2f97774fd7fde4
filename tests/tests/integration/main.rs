//! Drempel as a whole: the federation in one process, asked, attacked and broken.

mod faults;
mod truth;

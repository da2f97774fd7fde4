//! The gate: what may run, and what may leave. Both are pure functions of question, catalogue, policy and counts.

mod admit;
mod consequences;
mod release;

pub use self::{
    admit::{Admitted, admit},
    consequences::{Under, refused_by_change},
    release::{Released, release},
};

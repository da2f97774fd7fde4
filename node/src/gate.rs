//! The gate: what may run, and what may leave. Both are pure functions of question, catalogue, policy and counts.

mod admit;
mod release;

pub use self::{
    admit::{Admitted, admit},
    release::{Released, release},
};

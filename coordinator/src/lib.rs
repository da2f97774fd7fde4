//! The national side of Drempel: takes questions of analysts, puts them to the nodes of gemeenten, and combines what
//! comes back. It holds released figures only and cannot make a node release more; its checks are for speed and good
//! messages, never for the safety of a person, which each node sees to itself.

pub mod app;
pub mod auth;
pub mod cli;
pub mod combine;
pub mod config;
pub mod coverage;
pub mod dispatch;
pub mod document;
pub mod encode;
#[cfg(test)]
pub(crate) mod fixture;
pub mod heads;
pub mod http;
pub mod jobs;
pub mod notes;
pub mod registry;
pub mod rows;
pub mod targets;
pub mod witness;

pub use self::{
    app::{Running, StartError, start},
    config::Config,
    document::AnswerDocument,
};

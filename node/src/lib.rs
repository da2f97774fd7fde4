//! One gemeente's node. It trusts nobody: every rule that protects a person is applied here, from the node's own
//! policy, on input it treats as hostile.

pub mod anew;
pub mod app;
pub mod askers;
pub mod audit;
pub mod besluit;
pub mod cli;
pub mod config;
pub mod dataverwerking;
pub mod decision;
pub mod engine;
pub mod gate;
pub mod hardening;
pub mod http;
pub mod ingest;
mod inventory;
pub mod ledger;
mod lock;
pub mod logboek;
pub mod officer;
pub mod proposed;
pub mod release;
pub mod verwerkingsregister;
mod whole_file;
pub mod witness;

//! Placeholder.

pub mod ingest;

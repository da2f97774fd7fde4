//! The section of the gemeente's own Logboek Dataverwerkingen, where every question is sent to.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// A Logboek Dataverwerkingen that takes OTLP.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Logboek {
    /// Where it takes traces as OTLP over HTTPS, as `https://logboek.gemeente.nl:4318/v1/traces`.
    pub url: String,
    /// The authorities that its certificate is of.
    pub roots: PathBuf,
    /// The file of a token that it wants to see; none where it wants none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token_file: Option<PathBuf>,
}

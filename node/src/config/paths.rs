//! Where a node keeps what it keeps, with the places that are taken where none is given.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// Where the node keeps what it keeps.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Paths {
    /// The encrypted records.
    #[serde(default = "records_folder")]
    pub records: PathBuf,
    /// The snapshots.
    pub snapshots: PathBuf,
    /// Everything that was ever released, and what it counted.
    #[serde(default = "ledger_file")]
    pub ledger: PathBuf,
    /// The log.
    pub audit: PathBuf,
    /// The key that the log is signed with; made when the log begins.
    #[serde(default = "log_key_file")]
    pub log_key: PathBuf,
    /// Who asked: the names behind the pseudonyms in the log.
    #[serde(default = "askers_file")]
    pub vragers: PathBuf,
    /// What this node saw of the logs of others, and others of its own.
    #[serde(default = "witness_file")]
    pub getuigenis: PathBuf,
    /// The key that the logs of others are cosigned with; made at the first start.
    #[serde(default = "witness_key_file")]
    pub witness_key: PathBuf,
    /// How far the log was sent to the gemeente's logboek.
    #[serde(default = "logboek_file")]
    pub logboek_stand: PathBuf,
    /// The signed catalogue.
    pub catalogus: PathBuf,
    /// The one that the federation proposes, while there is one.
    #[serde(default = "proposed_folder")]
    pub catalogus_voorstel: PathBuf,
    /// The key of the records.
    pub record_key: PathBuf,
    /// A program and its arguments that print the key instead, such as a client of a vault.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub record_key_command: Vec<String>,
    /// The gemeente's mapping of product codes; without it only categories 31-38 have a hulpvorm.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mapping: Option<PathBuf>,
    /// The reports of imports.
    #[serde(default = "reports_folder")]
    pub rapporten: PathBuf,
}

fn records_folder() -> PathBuf {
    "records".into()
}

fn ledger_file() -> PathBuf {
    "ledger.sqlite".into()
}

fn log_key_file() -> PathBuf {
    "keys/log.pk8".into()
}

fn askers_file() -> PathBuf {
    "vragers.sqlite".into()
}

fn witness_file() -> PathBuf {
    "getuigenis.sqlite".into()
}

fn witness_key_file() -> PathBuf {
    "keys/getuige.pk8".into()
}

fn logboek_file() -> PathBuf {
    "logboek.json".into()
}

fn proposed_folder() -> PathBuf {
    "catalogus-voorstel".into()
}

fn reports_folder() -> PathBuf {
    "rapporten".into()
}

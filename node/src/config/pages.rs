//! The section of the pages of the privacy officer.

use std::{net::SocketAddr, path::PathBuf};

use drempel_protocols::transport::TlsFiles;
use serde::{Deserialize, Serialize};

/// The pages of the privacy officer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pages {
    /// The address to listen on: one that the federation cannot reach.
    pub listen: SocketAddr,
    /// Who may sign in: made and changed with `drempel-node account`.
    #[serde(default = "accounts_file")]
    pub accounts: PathBuf,
    /// A certificate that the gemeente's browsers trust, followed by any intermediates; without it that of `[tls]`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub certificate: Option<PathBuf>,
    /// The key of that certificate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<PathBuf>,
    /// Whether an acceptance holds only once a second officer confirms it.
    #[serde(default)]
    pub vier_ogen: bool,
}

impl Pages {
    /// What they are served with. A certificate without its key, or a key without its certificate, fits nothing.
    #[must_use]
    pub fn tls(&self, node: &TlsFiles) -> TlsFiles {
        let own = |own: &Option<PathBuf>, node: &PathBuf| own.as_ref().unwrap_or(node).clone();
        TlsFiles {
            certificate: own(&self.certificate, &node.certificate),
            key: own(&self.key, &node.key),
            roots: node.roots.clone(),
            revoked: None,
        }
    }
}

fn accounts_file() -> PathBuf {
    "accounts.toml".into()
}

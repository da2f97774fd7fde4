//! Where a federation keeps what it keeps: one folder for each node as a gemeente would have it, one for the
//! coordinator, and one for the analyst.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::Context as _;
use data_encoding::BASE64;
use drempel_protocols::{
    catalogue::{Bundle, Catalogue, Signature, SignedBundle, TrustedParty},
    id::Gemeentecode,
};
use ring::signature::{Ed25519KeyPair, KeyPair as _};

/// The folder of the registered catalogue in this repository.
pub const CATALOGUE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../config/catalogus");
/// The throw-away keys that it is signed with.
const KEYS: [(&str, &[u8]); 2] = [
    ("Wegwerp-VNG", include_bytes!("../../wegwerpsleutels/vng.pk8")),
    ("Wegwerp-VWS", include_bytes!("../../wegwerpsleutels/vws.pk8")),
];

/// The folders under one root.
#[derive(Clone, Debug)]
pub struct Layout {
    root: PathBuf,
}

impl Layout {
    /// The layout under a root.
    #[must_use]
    pub fn new(root: PathBuf) -> Self {
        Self { root }
    }

    /// The root.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The folder of a node.
    #[must_use]
    pub fn node(&self, code: Gemeentecode) -> PathBuf {
        self.root.join("nodes").join(code.to_string())
    }

    /// The configuration of a node.
    #[must_use]
    pub fn node_config(&self, code: Gemeentecode) -> PathBuf {
        self.node(code).join("node.toml")
    }

    /// The folder of the coordinator.
    #[must_use]
    pub fn coordinator(&self) -> PathBuf {
        self.root.join("coordinator")
    }

    /// The authority that analysts trust.
    #[must_use]
    pub fn analyst_roots(&self) -> PathBuf {
        self.root.join("analyst").join("federation-roots.pem")
    }

    /// The token of the synthetic analyst.
    #[must_use]
    pub fn analyst_token(&self) -> PathBuf {
        self.root.join("analyst").join("token")
    }
}

/// Copies the registered catalogue to a folder.
///
/// # Errors
/// If it cannot be read or written.
pub fn copy_catalogue(to: &Path) -> anyhow::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(CATALOGUE).context("the catalogue of this repository")? {
        let entry = entry?;
        fs::copy(entry.path(), to.join(entry.file_name()))?;
    }
    Ok(())
}

/// The registered catalogue of this repository, signatures checked.
///
/// # Errors
/// If it is not whole, or not signed with the throw-away keys.
pub fn registered_catalogue() -> anyhow::Result<Catalogue> {
    Ok(SignedBundle::read(Path::new(CATALOGUE))?.open(&trusted_parties()?)?)
}

/// The signatures of the throw-away parties over a catalogue.
///
/// # Errors
/// If a key is not a key.
pub fn signatures(bundle: &Bundle) -> anyhow::Result<Vec<Signature>> {
    KEYS.iter()
        .map(|(partij, key)| {
            let pair = Ed25519KeyPair::from_pkcs8_maybe_unchecked(key).ok().context("a throw-away key is no key")?;
            Ok(bundle.sign(partij, &pair))
        })
        .collect()
}

/// The throw-away parties, as a configuration names them.
///
/// # Errors
/// If a key is not a key.
pub fn trusted_parties() -> anyhow::Result<Vec<TrustedParty>> {
    KEYS.iter()
        .map(|(partij, key)| {
            let pair = Ed25519KeyPair::from_pkcs8_maybe_unchecked(key).ok().context("a throw-away key is no key")?;
            Ok(TrustedParty { partij: (*partij).to_owned(), sleutel: BASE64.encode(pair.public_key().as_ref()) })
        })
        .collect()
}

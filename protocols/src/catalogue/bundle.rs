//! The signed bundle: the files of a catalogue on local disk and the signatures of federation parties over them
//! (rule R10). A node reads it from its own disk and never takes it from the coordinator.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs, io,
    path::Path,
};

use data_encoding::BASE64;
use serde::{Deserialize, Serialize};

use super::{Catalogue, CatalogueError};
use crate::id::Digest;

/// Fewest distinct parties that must have signed.
const QUORUM: usize = 2;

/// The files of a catalogue, by name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bundle {
    files: BTreeMap<String, String>,
}

/// A bundle and the signatures beside it, not yet checked.
#[derive(Clone, Debug)]
pub struct SignedBundle {
    bundle: Bundle,
    signatures: Vec<Signature>,
}

/// A party's signature over the bundle's digest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Signature {
    /// The name of the party.
    pub partij: String,
    /// Ed25519 over the bundle's digest, base64.
    pub handtekening: String,
}

/// A federation party whose signature counts, with its public key, from a node's or coordinator's own configuration.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrustedParty {
    /// Its name.
    pub partij: String,
    /// Its Ed25519 public key, base64.
    pub sleutel: String,
}

/// Why a bundle cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum BundleError {
    /// A file or the folder could not be read.
    #[error("cannot read the catalogue: {0}")]
    Unreadable(#[from] io::Error),
    /// The signatures file is not valid.
    #[error("handtekeningen.toml is not valid: {0}")]
    Signatures(String),
    /// Fewer valid signatures of distinct trusted parties than needed.
    #[error(
        "the catalogue has {valid} valid signatures of trusted parties and needs {QUORUM}; get a bundle signed by the parties listed in the configuration"
    )]
    Quorum {
        /// The distinct trusted parties whose signature is valid.
        valid: usize,
    },
    /// The content is not a catalogue.
    #[error(transparent)]
    Catalogue(#[from] CatalogueError),
}

impl Bundle {
    /// From file names and texts.
    #[must_use]
    pub fn from_files(files: BTreeMap<String, String>) -> Self {
        Self { files }
    }

    /// The digest that is signed: over every name and text, in order of name.
    #[must_use]
    pub fn digest(&self) -> Digest {
        let parts: Vec<&[u8]> = self.files.iter().flat_map(|(name, text)| [name.as_bytes(), text.as_bytes()]).collect();
        Digest::of("drempel catalogue v1", &parts)
    }

    /// The text of a file.
    #[must_use]
    pub fn file(&self, name: &str) -> Option<&str> {
        self.files.get(name).map(String::as_str)
    }

    /// Every file by its name, with its text.
    pub fn files(&self) -> impl Iterator<Item = (&str, &str)> {
        self.files.iter().map(|(name, text)| (name.as_str(), text.as_str()))
    }

    /// Signs the bundle's digest for a party.
    #[must_use]
    pub fn sign(&self, partij: &str, key: &ring::signature::Ed25519KeyPair) -> Signature {
        let signature = key.sign(self.digest().as_bytes());
        Signature { partij: partij.to_owned(), handtekening: BASE64.encode(signature.as_ref()) }
    }
}

impl SignedBundle {
    /// The file that holds the signatures and is itself not signed.
    pub const SIGNATURES: &str = "handtekeningen.toml";

    /// Reads every `.toml` file of a folder; the one file access of this crate.
    ///
    /// # Errors
    /// [`BundleError::Unreadable`] or [`BundleError::Signatures`].
    pub fn read(folder: &Path) -> Result<Self, BundleError> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Signatures {
            #[serde(default)]
            handtekening: Vec<Signature>,
        }
        let mut files = BTreeMap::new();
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            if name.ends_with(".toml") {
                files.insert(name, fs::read_to_string(entry.path())?);
            }
        }
        let signatures = match files.remove(Self::SIGNATURES) {
            Some(text) => {
                toml::from_str::<Signatures>(&text).map_err(|e| BundleError::Signatures(e.to_string()))?.handtekening
            }
            None => Vec::new(),
        };
        Ok(Self { bundle: Bundle { files }, signatures })
    }

    /// From a bundle and signatures made over it.
    #[must_use]
    pub fn new(bundle: Bundle, signatures: Vec<Signature>) -> Self {
        Self { bundle, signatures }
    }

    /// The signatures beside it, whether they hold or not.
    #[must_use]
    pub fn signatures(&self) -> &[Signature] {
        &self.signatures
    }

    /// The text of the signatures file for some signatures.
    #[must_use]
    pub fn signatures_file(signatures: &[Signature]) -> String {
        let mut text =
            String::from("# Signatures of federation parties over the digest of the files beside this one.\n");
        for Signature { partij, handtekening } in signatures {
            let partij = toml::Value::from(partij.as_str());
            text.push_str(&format!("\n[[handtekening]]\npartij = {partij}\nhandtekening = \"{handtekening}\"\n"));
        }
        text
    }

    /// The bundle, whoever signed it.
    #[must_use]
    pub fn bundle(&self) -> &Bundle {
        &self.bundle
    }

    /// The catalogue, once at least two distinct trusted parties have signed exactly these files.
    ///
    /// # Errors
    /// [`BundleError::Quorum`] or [`BundleError::Catalogue`].
    pub fn open(&self, trusted: &[TrustedParty]) -> Result<Catalogue, BundleError> {
        let valid: BTreeSet<&str> = self.signers(trusted).map(|party| party.sleutel.as_str()).collect();
        if valid.len() < QUORUM {
            return Err(BundleError::Quorum { valid: valid.len() });
        }
        Ok(Catalogue::from_bundle(&self.bundle)?)
    }

    /// The trusted parties that have signed exactly these files.
    pub fn signers<'p>(&self, trusted: &'p [TrustedParty]) -> impl Iterator<Item = &'p TrustedParty> {
        let digest = self.bundle.digest();
        trusted.iter().filter(move |party| {
            self.signatures.iter().any(|signature| {
                signature.partij == party.partij && verifies(&party.sleutel, &digest, &signature.handtekening)
            })
        })
    }
}

fn verifies(key: &str, digest: &Digest, signature: &str) -> bool {
    let (Ok(key), Ok(signature)) = (BASE64.decode(key.as_bytes()), BASE64.decode(signature.as_bytes())) else {
        return false;
    };
    ring::signature::UnparsedPublicKey::new(&ring::signature::ED25519, key)
        .verify(digest.as_bytes(), &signature)
        .is_ok()
}

//! Keys, certificates and revocation lists out of PEM files, and the TLS configurations made of them. A new set is
//! put to use only when it is whole; until then the last good one stays.

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, SystemTime},
};

use arc_swap::ArcSwap;
use rustls::{
    ClientConfig, RootCertStore, ServerConfig,
    client::Resumption,
    crypto::CryptoProvider,
    server::{NoServerSessionStorage, WebPkiClientVerifier, danger::ClientCertVerifier},
};
use rustls_pki_types::{CertificateDer, CertificateRevocationListDer, PrivateKeyDer, pem::PemObject as _};
use serde::{Deserialize, Serialize};

/// Where the PEM files are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TlsFiles {
    /// Own certificate, followed by any intermediates.
    pub certificate: PathBuf,
    /// Own private key.
    pub key: PathBuf,
    /// The authorities whose certificates are accepted.
    pub roots: PathBuf,
    /// Revocation lists of those authorities; without it revocation is not checked.
    pub revoked: Option<PathBuf>,
}

/// Whether a client must show a certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClientCertificates {
    /// No certificate, no connection.
    Required,
    /// A certificate that is shown must be good.
    Optional,
    /// None is asked for: for people, who sign in otherwise.
    NotAsked,
}

/// Why credentials cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum CredentialError {
    /// A file could not be read.
    #[error("cannot read {}: {error}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// A file holds no usable PEM of the kind expected.
    #[error("{} holds no {expected} in PEM form", path.display())]
    NotPem {
        /// The file.
        path: PathBuf,
        /// What was looked for.
        expected: &'static str,
    },
    /// The parts do not fit together or are not acceptable to TLS.
    #[error("the certificate, key and roots cannot be used together: {0}")]
    Unusable(String),
}

/// A key with its certificate chain, and whom it trusts.
#[derive(Debug)]
pub struct Credentials {
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
    roots: Arc<RootCertStore>,
    revoked: Vec<CertificateRevocationListDer<'static>>,
}

impl Credentials {
    /// Reads the files.
    ///
    /// # Errors
    /// [`CredentialError`] naming the file.
    pub fn read(files: &TlsFiles) -> Result<Self, CredentialError> {
        let chain = certificates(&files.certificate)?;
        let key = PrivateKeyDer::from_pem_slice(&bytes(&files.key)?)
            .map_err(|_| CredentialError::NotPem { path: files.key.clone(), expected: "private key" })?;
        let roots = Arc::new(read_roots(&files.roots)?);
        let revoked = match &files.revoked {
            // A file without a list would be revocation switched off unseen.
            Some(path) => CertificateRevocationListDer::pem_slice_iter(&bytes(path)?)
                .collect::<Result<Vec<_>, _>>()
                .ok()
                .filter(|lists| !lists.is_empty())
                .ok_or_else(|| CredentialError::NotPem { path: path.clone(), expected: "revocation list" })?,
            None => Vec::new(),
        };
        Ok(Self { chain, key, roots, revoked })
    }

    /// The end-entity certificate, DER.
    #[must_use]
    pub fn certificate(&self) -> Option<&[u8]> {
        self.chain.first().map(AsRef::as_ref)
    }

    /// A server configuration: no session resumption, since the trust roots can be reloaded.
    ///
    /// # Errors
    /// [`CredentialError::Unusable`].
    pub fn server(&self, clients: ClientCertificates) -> Result<ServerConfig, CredentialError> {
        let unusable = |error: &dyn std::fmt::Display| CredentialError::Unusable(error.to_string());
        let versions: &[_] = match clients {
            ClientCertificates::Required => &[&rustls::version::TLS13],
            ClientCertificates::Optional | ClientCertificates::NotAsked => {
                &[&rustls::version::TLS13, &rustls::version::TLS12]
            }
        };
        let config = ServerConfig::builder_with_provider(provider())
            .with_protocol_versions(versions)
            .map_err(|error| unusable(&error))?;
        let config = match clients {
            ClientCertificates::NotAsked => config.with_no_client_auth(),
            ClientCertificates::Required | ClientCertificates::Optional => {
                config.with_client_cert_verifier(self.verifier(clients)?)
            }
        };
        let mut config =
            config.with_single_cert(self.chain.clone(), self.key.clone_key()).map_err(|error| unusable(&error))?;
        config.session_storage = Arc::new(NoServerSessionStorage {});
        config.send_tls13_tickets = 0;
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Ok(config)
    }

    fn verifier(&self, clients: ClientCertificates) -> Result<Arc<dyn ClientCertVerifier>, CredentialError> {
        let mut verifier = WebPkiClientVerifier::builder_with_provider(Arc::clone(&self.roots), provider());
        if !self.revoked.is_empty() {
            verifier = verifier.with_crls(self.revoked.clone()).enforce_revocation_expiration();
        }
        if clients == ClientCertificates::Optional {
            verifier = verifier.allow_unauthenticated();
        }
        verifier.build().map_err(|error| CredentialError::Unusable(error.to_string()))
    }

    /// A client configuration that shows this certificate: TLS 1.3 only, no resumption.
    ///
    /// # Errors
    /// [`CredentialError::Unusable`].
    pub fn client(&self) -> Result<ClientConfig, CredentialError> {
        let mut config = ClientConfig::builder_with_provider(provider())
            .with_protocol_versions(&[&rustls::version::TLS13])
            .map_err(|error| CredentialError::Unusable(error.to_string()))?
            .with_root_certificates(Arc::clone(&self.roots))
            .with_client_auth_cert(self.chain.clone(), self.key.clone_key())
            .map_err(|error| CredentialError::Unusable(error.to_string()))?;
        config.resumption = Resumption::disabled();
        Ok(config)
    }

    /// A client configuration that shows no certificate, for those who log in with a token.
    ///
    /// # Errors
    /// [`CredentialError`] for the file of roots.
    pub fn anonymous_client(roots: &Path) -> Result<ClientConfig, CredentialError> {
        Ok(ClientConfig::builder_with_provider(provider())
            .with_safe_default_protocol_versions()
            .map_err(|error| CredentialError::Unusable(error.to_string()))?
            .with_root_certificates(read_roots(roots)?)
            .with_no_client_auth())
    }
}

/// A server configuration that follows its files.
#[derive(Debug)]
pub struct TlsReload {
    files: TlsFiles,
    clients: ClientCertificates,
    current: Arc<ArcSwap<ServerConfig>>,
}

impl TlsReload {
    /// Reads the files for the first time.
    ///
    /// # Errors
    /// [`CredentialError`].
    pub fn start(files: TlsFiles, clients: ClientCertificates) -> Result<Self, CredentialError> {
        let config = Credentials::read(&files)?.server(clients)?;
        Ok(Self { files, clients, current: Arc::new(ArcSwap::from_pointee(config)) })
    }

    /// The configuration to accept with; it changes when the files do.
    #[must_use]
    pub fn current(&self) -> Arc<ArcSwap<ServerConfig>> {
        Arc::clone(&self.current)
    }

    /// Reads the files again and puts them to use if they are whole.
    ///
    /// # Errors
    /// [`CredentialError`]; the last good configuration stays.
    pub fn reload(&self) -> Result<(), CredentialError> {
        let config = Credentials::read(&self.files)?.server(self.clients)?;
        self.current.store(Arc::new(config));
        Ok(())
    }

    /// Looks every `interval` whether a file has changed, and reloads. Never returns.
    pub async fn follow(self, interval: Duration) {
        let mut seen = self.modified();
        loop {
            tokio::time::sleep(interval).await;
            let now = self.modified();
            if now != seen {
                match self.reload() {
                    Ok(()) => tracing::info!("TLS files reloaded"),
                    Err(error) => {
                        tracing::warn!(%error, "TLS files changed but cannot be used; the last good ones stay")
                    }
                }
                seen = now;
            }
        }
    }

    fn modified(&self) -> Vec<Option<SystemTime>> {
        [Some(&self.files.certificate), Some(&self.files.key), Some(&self.files.roots), self.files.revoked.as_ref()]
            .into_iter()
            .flatten()
            .map(|path| fs::metadata(path).and_then(|metadata| metadata.modified()).ok())
            .collect()
    }
}

fn provider() -> Arc<CryptoProvider> {
    Arc::new(rustls::crypto::ring::default_provider())
}

fn bytes(path: &Path) -> Result<Vec<u8>, CredentialError> {
    fs::read(path).map_err(|error| CredentialError::Unreadable { path: path.to_owned(), error })
}

fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, CredentialError> {
    CertificateDer::pem_slice_iter(&bytes(path)?)
        .collect::<Result<Vec<_>, _>>()
        .ok()
        .filter(|chain| !chain.is_empty())
        .ok_or_else(|| CredentialError::NotPem { path: path.to_owned(), expected: "certificate" })
}

fn read_roots(path: &Path) -> Result<RootCertStore, CredentialError> {
    let mut roots = RootCertStore::empty();
    for certificate in certificates(path)? {
        roots.add(certificate).map_err(|error| CredentialError::Unusable(error.to_string()))?;
    }
    Ok(roots)
}

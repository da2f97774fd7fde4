//! A throw-away certificate authority, with certificates that name an OIN where PKIoverheid puts it.

use std::{
    fs::{self, OpenOptions},
    io::Write as _,
    os::unix::fs::OpenOptionsExt as _,
    path::Path,
    sync::Arc,
};

use drempel_protocols::id::Oin;
use rcgen::{
    BasicConstraints, CertificateParams, CertificateRevocationListParams, CertifiedIssuer, DnType,
    ExtendedKeyUsagePurpose, IsCa, Issuer, KeyIdMethod, KeyPair, KeyUsagePurpose, RevokedCertParams, SerialNumber,
};
use rustls::{
    ClientConfig, RootCertStore, SupportedProtocolVersion,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject as _},
};

/// An authority that anyone can make: its certificates prove nothing to anyone who does not choose to trust it.
pub struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
}

/// A certificate with its key, PEM.
pub struct Issued {
    /// The certificate.
    pub certificate: String,
    /// Its key.
    pub key: String,
    /// Its number, for revocation.
    pub number: u64,
}

impl Authority {
    /// Makes an authority.
    ///
    /// # Errors
    /// If keys cannot be made.
    pub fn new(name: &str) -> anyhow::Result<Self> {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(DnType::CommonName, name);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        Ok(Self { issuer: CertifiedIssuer::self_signed(params, KeyPair::generate()?)? })
    }

    /// The authority's own certificate, PEM.
    #[must_use]
    pub fn root(&self) -> String {
        self.issuer.pem()
    }

    /// A certificate for an organisation that listens on this machine.
    ///
    /// # Errors
    /// If it cannot be made.
    pub fn issue(&self, oin: &Oin, number: u64) -> anyhow::Result<Issued> {
        self.issue_bent(oin, number, |_| {})
    }

    /// A certificate as [`Self::issue`] gives it, but for what `bend` changes: for what must be refused.
    ///
    /// # Errors
    /// If it cannot be made.
    pub fn issue_bent(
        &self,
        oin: &Oin,
        number: u64,
        bend: impl FnOnce(&mut CertificateParams),
    ) -> anyhow::Result<Issued> {
        let mut params = CertificateParams::new(["localhost".to_owned(), "127.0.0.1".to_owned()])?;
        params.distinguished_name.push(DnType::CommonName, format!("drempel {oin}"));
        params.distinguished_name.push(DnType::CustomDnType(vec![2, 5, 4, 5]), oin.to_string());
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth, ExtendedKeyUsagePurpose::ClientAuth];
        params.serial_number = Some(SerialNumber::from(number));
        bend(&mut params);
        let key = KeyPair::generate()?;
        let certificate = params.signed_by(&key, &self.issuer)?;
        Ok(Issued { certificate: certificate.pem(), key: key.serialize_pem(), number })
    }

    /// A revocation list that names certificates by number, PEM.
    ///
    /// # Errors
    /// If it cannot be made.
    pub fn revoke(&self, numbers: &[u64]) -> anyhow::Result<String> {
        let now = rcgen::date_time_ymd(2020, 1, 1);
        let revoked_certs = numbers
            .iter()
            .map(|number| RevokedCertParams {
                serial_number: SerialNumber::from(*number),
                revocation_time: now,
                reason_code: None,
                invalidity_date: None,
            })
            .collect();
        let params = CertificateRevocationListParams {
            this_update: now,
            next_update: rcgen::date_time_ymd(2099, 1, 1),
            crl_number: SerialNumber::from(1u64),
            issuing_distribution_point: None,
            revoked_certs,
            key_identifier_method: KeyIdMethod::Sha256,
        };
        let issuer: &Issuer<'_, KeyPair> = &self.issuer;
        Ok(params.signed_by(issuer)?.pem()?)
    }
}

impl Issued {
    /// Writes certificate, key and the authority's root into a folder, under the names that `init` uses.
    ///
    /// # Errors
    /// If a file cannot be written.
    pub fn write(&self, folder: &Path, name: &str, root: &str) -> anyhow::Result<()> {
        fs::create_dir_all(folder)?;
        write_private(&folder.join(format!("{name}.key")), self.key.as_bytes())?;
        fs::write(folder.join(format!("{name}.crt")), &self.certificate)?;
        fs::write(folder.join("federation-roots.pem"), root)?;
        Ok(())
    }
}

/// A TLS configuration that trusts `roots` and shows `identity`.
///
/// # Errors
/// If one of them is no certificate, or no key.
pub fn tls(
    roots: &str,
    identity: Option<&Issued>,
    versions: &[&'static SupportedProtocolVersion],
) -> anyhow::Result<ClientConfig> {
    let mut trusted = RootCertStore::empty();
    trusted.add(CertificateDer::from_pem_slice(roots.as_bytes())?)?;
    let builder = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_protocol_versions(versions)?
        .with_root_certificates(trusted);
    let Some(issued) = identity else { return Ok(builder.with_no_client_auth()) };
    let chain = CertificateDer::pem_slice_iter(issued.certificate.as_bytes()).collect::<Result<Vec<_>, _>>()?;
    Ok(builder.with_client_auth_cert(chain, PrivateKeyDer::from_pem_slice(issued.key.as_bytes())?)?)
}

/// Writes a file that only its owner can read.
///
/// # Errors
/// If it cannot be written.
pub fn write_private(path: &Path, content: &[u8]) -> anyhow::Result<()> {
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path)?;
    Ok(file.write_all(content)?)
}

//! Who a peer is: the OIN in its certificate, which the TLS handshake has verified. Never a header.

use serde::{Deserialize, Serialize};
use x509_parser::{extensions::GeneralName, prelude::FromDer as _, prelude::X509Certificate};

use crate::id::Oin;

/// Where in the certificate the OIN stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum IdentitySource {
    /// The subject's `serialNumber`, as PKIoverheid has it.
    #[default]
    SubjectSerialNumber,
    /// A subject alternative name `urn:oin:` followed by the OIN.
    SanUri,
}

/// The OIN in a DER certificate; `None` unless the source holds exactly one.
#[must_use]
pub fn peer_oin(certificate: &[u8], source: IdentitySource) -> Option<Oin> {
    let (_, certificate) = X509Certificate::from_der(certificate).ok()?;
    let mut found: Vec<String> = match source {
        IdentitySource::SubjectSerialNumber => certificate
            .subject()
            .iter_attributes()
            .filter(|attribute| *attribute.attr_type() == x509_parser::oid_registry::OID_X509_SERIALNUMBER)
            .map(|attribute| attribute.as_str().map(str::to_owned).unwrap_or_default())
            .collect(),
        IdentitySource::SanUri => certificate
            .subject_alternative_name()
            .ok()??
            .value
            .general_names
            .iter()
            .filter_map(|name| match name {
                GeneralName::URI(uri) => uri.strip_prefix("urn:oin:").map(str::to_owned),
                _ => None,
            })
            .collect(),
    };
    let only = found.pop()?;
    if found.is_empty() { only.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn no_bytes_make_it_panic_or_name_anyone(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
            prop_assert_eq!(peer_oin(&bytes, IdentitySource::SubjectSerialNumber), None);
            prop_assert_eq!(peer_oin(&bytes, IdentitySource::SanUri), None);
        }
    }
}

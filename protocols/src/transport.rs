//! The TLS side of both servers: mutual TLS with ring, an accept loop with time limits on every step, and the
//! identity of a peer taken out of its certificate. Nothing here decides what a peer may do.

mod cause;
mod credentials;
mod identity;
mod serve;

pub use self::{
    cause::innermost,
    credentials::{ClientCertificates, CredentialError, Credentials, TlsFiles, TlsReload},
    identity::{IdentitySource, peer_oin},
    serve::{Limits, PeerCertificate, serve},
};

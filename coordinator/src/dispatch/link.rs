//! How a question reaches a node. Behind a trait, so that a node that dials out can be reached the same way later,
//! and so that tests need no network.

use std::{pin::Pin, sync::Arc};

use drempel_protocols::trace::Trail;

use super::Outcome;
use crate::registry::Node;

/// The body of a node's answer, to come.
pub type Reply<'a> = Pin<Box<dyn Future<Output = Result<Vec<u8>, LinkError>> + Send + 'a>>;

/// Carries signed questions to nodes.
pub trait NodeLink: Send + Sync + 'static {
    /// Sends the bytes of a signed question, with the trail of this request; dropping the future withdraws it.
    fn ask<'a>(&'a self, node: &'a Node, signed: Arc<[u8]>, trail: Trail) -> Reply<'a>;
}

/// Carries logs to witnesses and back.
pub trait LogLink: Send + Sync + 'static {
    /// Asks a node for its log since so many records, up to so many if that is given.
    fn offer<'a>(&'a self, node: &'a Node, since: u64, until: Option<u64>) -> Reply<'a>;

    /// Brings a node the log of another, to be cosigned.
    fn testify<'a>(&'a self, node: &'a Node, relayed: Vec<u8>) -> Reply<'a>;

    /// Brings a node its own log, cosigned.
    fn cosigned<'a>(&'a self, node: &'a Node, checkpoint: String) -> Reply<'a>;
}

/// Why no answer came over a link.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LinkError {
    /// The node could not be reached, or broke off.
    #[error("{0}")]
    Unreachable(String),
    /// The node is there and cannot answer now.
    #[error("{0}")]
    Unavailable(String),
    /// Somebody else than the registered node answered.
    #[error("{0}")]
    Stranger(String),
    /// The node said no.
    #[error("{0}")]
    Refused(String),
}

impl LinkError {
    /// Whether the same bytes, sent again, may fare better.
    #[must_use]
    pub fn may_pass(&self) -> bool {
        matches!(self, Self::Unreachable(_) | Self::Unavailable(_))
    }
}

impl From<LinkError> for Outcome {
    fn from(error: LinkError) -> Self {
        match error {
            LinkError::Refused(reason) => Self::Refused(reason),
            LinkError::Unreachable(reason) | LinkError::Unavailable(reason) | LinkError::Stranger(reason) => {
                Self::Unreachable(reason)
            }
        }
    }
}

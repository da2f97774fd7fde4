//! How far a log went: what is kept outside of it, so that nothing before it is changed, lost or put back unseen.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use super::tree::{TreeError, TreeHash};

/// How far a log went: every record up to it is fixed by the root.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LogHead {
    /// How many records.
    pub size: u64,
    /// The root of the tree over them.
    pub root: TreeHash,
}

impl fmt::Display for LogHead {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.size, self.root)
    }
}

impl FromStr for LogHead {
    type Err = TreeError;

    fn from_str(text: &str) -> Result<Self, TreeError> {
        let (size, root) = text.split_once(':').ok_or(TreeError::Hash)?;
        Ok(Self { size: size.parse().map_err(|_| TreeError::Size)?, root: root.parse()? })
    }
}

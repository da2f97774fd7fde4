//! Who an analyst is: by the organisation in a client certificate, or by a token of which only the digest is known
//! here. What an analyst may ask for comes from the configuration, never from the certificate or the request.

use std::{
    collections::{BTreeSet, HashMap},
    fmt,
    str::FromStr,
    sync::Arc,
};

use data_encoding::{BASE64URL_NOPAD, HEXLOWER};
use drempel_protocols::id::{Malformed, Oin, PurposeId};
use ring::{
    digest::{SHA256, digest},
    error::Unspecified,
    rand::{SecureRandom as _, SystemRandom},
};
use serde::{Deserialize, Serialize};

/// Someone who may ask.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Analyst {
    /// The name given to the nodes and kept with the questions.
    pub name: String,
    /// The purposes this analyst may ask for.
    pub purposes: BTreeSet<PurposeId>,
}

/// SHA-256 of a token. Tokens are 256 random bits, so nothing is gained by a slow hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TokenHash([u8; 32]);

impl TokenHash {
    /// The hash of a token.
    #[must_use]
    pub fn of(token: &str) -> Self {
        let mut bytes = [0; 32];
        bytes.copy_from_slice(digest(&SHA256, token.as_bytes()).as_ref());
        Self(bytes)
    }
}

impl FromStr for TokenHash {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        let malformed = Malformed { expected: "the SHA-256 of a token, 64 lower-case hexadecimal digits" };
        let bytes = HEXLOWER.decode(text.as_bytes()).map_err(|_| malformed)?;
        bytes.try_into().map(Self).map_err(|_| malformed)
    }
}

impl TryFrom<String> for TokenHash {
    type Error = Malformed;

    fn try_from(text: String) -> Result<Self, Malformed> {
        text.parse()
    }
}

impl From<TokenHash> for String {
    fn from(hash: TokenHash) -> Self {
        hash.to_string()
    }
}

impl fmt::Display for TokenHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&HEXLOWER.encode(&self.0))
    }
}

/// A new token of 256 random bits.
///
/// # Errors
/// If the operating system gives no random bits.
pub fn new_token() -> Result<String, Unspecified> {
    let mut bytes = [0; 32];
    SystemRandom::new().fill(&mut bytes)?;
    Ok(BASE64URL_NOPAD.encode(&bytes))
}

/// The analysts, by what they show.
#[derive(Debug, Default)]
pub struct Analysts {
    by_oin: HashMap<Oin, Arc<Analyst>>,
    by_token: HashMap<TokenHash, Arc<Analyst>>,
}

impl Analysts {
    /// Adds an analyst with what it can show.
    pub fn add(&mut self, analyst: Analyst, oin: Option<Oin>, token: Option<TokenHash>) {
        let analyst = Arc::new(analyst);
        if let Some(oin) = oin {
            self.by_oin.insert(oin, Arc::clone(&analyst));
        }
        if let Some(token) = token {
            self.by_token.insert(token, analyst);
        }
    }

    /// The analyst whose token this is; with no token, the analyst of the organisation in the certificate.
    #[must_use]
    pub fn recognise(&self, token: Option<&str>, oin: Option<&Oin>) -> Option<Arc<Analyst>> {
        match token {
            Some(token) => self.by_token.get(&TokenHash::of(token)).cloned(),
            None => self.by_oin.get(oin?).cloned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_or_a_certificate_and_nothing_else() {
        let token = new_token().unwrap();
        let oin: Oin = "00000099000000000001".parse().unwrap();
        let mut analysts = Analysts::default();
        let analyst = |name: &str| Analyst { name: name.to_owned(), purposes: BTreeSet::new() };
        analysts.add(analyst("token"), None, Some(TokenHash::of(&token)));
        analysts.add(analyst("certificate"), Some(oin.clone()), None);
        let name = |token: Option<&str>, oin: Option<&Oin>| analysts.recognise(token, oin).map(|a| a.name.clone());
        assert_eq!(name(Some(&token), None).as_deref(), Some("token"));
        assert_eq!(name(None, Some(&oin)).as_deref(), Some("certificate"));
        assert_eq!(name(Some("wrong"), Some(&oin)), None);
        assert_eq!(name(None, None), None);
        assert_ne!(new_token().unwrap(), token);
    }

    #[test]
    fn the_hash_is_plain_sha_256() {
        let hash = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";
        assert_eq!(TokenHash::of("hello").to_string(), hash);
        assert_eq!(hash.parse::<TokenHash>().unwrap(), TokenHash::of("hello"));
    }
}

//! Who is signed in. A session is made when somebody signs in and never before, is known by 256 random bits of which only the
//! hash is kept, and ends after half an hour of rest, after a working day, or with the account as it was.

use std::collections::{BTreeMap, BTreeSet};

use data_encoding::HEXLOWER;
use drempel_protocols::id::Period;
use jiff::{SignedDuration, Timestamp};
use ring::{
    digest::{SHA256, digest},
    rand::{SecureRandom as _, SystemRandom},
};

use super::{Accounts, account::Account};

/// Rest after which a session ends.
const IDLE: SignedDuration = SignedDuration::from_mins(30);
/// After which it ends anyhow.
const LONGEST: SignedDuration = SignedDuration::from_hours(8);
/// Sessions at once; the one that has rested longest makes room.
const MOST: usize = 64;

/// A session.
#[derive(Clone)]
pub(super) struct Session {
    /// As it was when its holder signed in.
    account: Account,
    began: Timestamp,
    seen: Timestamp,
    /// What every form of it carries.
    pub(super) csrf: String,
    /// What is hidden and was shown in it, as the log has it: of which half-years, and as which preview.
    shown: BTreeSet<(Period, Option<Timestamp>)>,
}

/// The sessions of a node, by the hash of their token.
#[derive(Default)]
pub(super) struct Sessions(BTreeMap<String, Session>);

impl Sessions {
    /// A new one, and its token; none if the system gave no random bytes.
    pub(super) fn begin(&mut self, account: Account, now: Timestamp) -> Option<String> {
        let (token, csrf) = (random()?, random()?);
        if self.0.len() >= MOST {
            let longest = self.0.iter().min_by_key(|(_, session)| session.seen).map(|(key, _)| key.clone());
            longest.map(|key| self.0.remove(&key));
        }
        self.0.insert(key(&token), Session { account, began: now, seen: now, csrf, shown: BTreeSet::new() });
        Some(token)
    }

    /// The session of a token with its account, if both are as they were.
    pub(super) fn find<'a>(
        &mut self,
        token: &str,
        accounts: &'a Accounts,
        now: Timestamp,
    ) -> Option<(Session, &'a Account)> {
        let is_over = |session: &Session| {
            now.duration_since(session.seen) >= IDLE || now.duration_since(session.began) >= LONGEST
        };
        self.0.retain(|_, session| !is_over(session));
        let session = self.0.get_mut(&key(token))?;
        let account = accounts.find(session.account.name()).filter(|account| **account == session.account)?;
        session.seen = now;
        Some((session.clone(), account))
    }

    /// Whether the log has it already that what is hidden of a half-year was shown in the session of a token.
    pub(super) fn has_shown(&self, token: &str, hidden: (Period, Option<Timestamp>)) -> bool {
        self.0.get(&key(token)).is_some_and(|session| session.shown.contains(&hidden))
    }

    /// Takes note that the log has it.
    pub(super) fn showed(&mut self, token: &str, hidden: (Period, Option<Timestamp>)) {
        if let Some(session) = self.0.get_mut(&key(token)) {
            session.shown.insert(hidden);
        }
    }

    /// Ends the session of a token.
    pub(super) fn end(&mut self, token: &str) {
        self.0.remove(&key(token));
    }
}

fn random() -> Option<String> {
    let mut bytes = [0; 32];
    SystemRandom::new().fill(&mut bytes).ok()?;
    Some(HEXLOWER.encode(&bytes))
}

fn key(token: &str) -> String {
    HEXLOWER.encode(digest(&SHA256, token.as_bytes()).as_ref())
}

#[cfg(test)]
mod tests {
    use super::{super::Role, *};

    #[test]
    fn a_session_ends_by_rest_by_age_by_hand_and_with_its_account() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("accounts.toml");
        Accounts::add(&path, "officer", Role::Officer).unwrap();
        let accounts = Accounts::read(&path).unwrap();
        let account = accounts.find("officer").unwrap().clone();
        let at = |minutes: i64| Timestamp::UNIX_EPOCH + SignedDuration::from_mins(minutes);
        let mut sessions = Sessions::default();
        let token = sessions.begin(account.clone(), at(0)).unwrap();
        assert!(sessions.find(&token, &accounts, at(29)).is_some());
        assert!(sessions.find(&token, &accounts, at(58)).is_some());
        assert!(sessions.find("another", &accounts, at(58)).is_none());
        assert!(sessions.find(&token, &accounts, at(88)).is_none(), "it rested");
        let token = sessions.begin(account.clone(), at(100)).unwrap();
        assert!((0..17).all(|half| sessions.find(&token, &accounts, at(100 + 28 * half)).is_some()));
        assert!(sessions.find(&token, &accounts, at(100 + 480)).is_none(), "a working day");
        let token = sessions.begin(account.clone(), at(600)).unwrap();
        sessions.end(&token);
        assert!(sessions.find(&token, &accounts, at(600)).is_none());
        let token = sessions.begin(account.clone(), at(600)).unwrap();
        Accounts::reset(&path, "officer").unwrap();
        assert!(sessions.find(&token, &Accounts::read(&path).unwrap(), at(601)).is_none(), "another password");
        let first = sessions.begin(account.clone(), at(602)).unwrap();
        for minute in 0..MOST {
            sessions.begin(account.clone(), at(603) + SignedDuration::from_secs(minute as i64)).unwrap();
        }
        assert!(sessions.0.len() == MOST && sessions.find(&first, &accounts, at(605)).is_none());
    }
}

//! The accounts of the pages: a file that only the node's account can read. A password is kept as its argon2id hash. Each
//! account has a key of its own for the pseudonym by which the log has its holder, which goes with the account.

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::LazyLock,
};

use argon2::{
    Argon2,
    password_hash::{PasswordHasher as _, PasswordVerifier as _, phc::PasswordHash},
};
use data_encoding::{BASE32_NOPAD, HEXLOWER};
use drempel_protocols::id::Digest;
use jiff::Timestamp;
use ring::rand::{SecureRandom as _, SystemRandom};
use serde::{Deserialize, Serialize};
use totp_rs::{Builder, Secret, Totp};

use super::Role;
use crate::{audit::Holder, decision::Pseudonym, whole_file};

/// Why accounts cannot be used or changed.
#[derive(Debug, thiserror::Error)]
pub enum AccountError {
    /// The file.
    #[error("cannot use the accounts at {}: {error}", path.display())]
    Io {
        /// Where.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// It is no file of accounts.
    #[error("{} is no file of accounts: {error}", path.display())]
    Malformed {
        /// Where.
        path: PathBuf,
        /// Why; without the text, in which the secrets are.
        error: String,
    },
    /// The name is no name.
    #[error("a name has 2 to 64 letters, digits, spaces, dots, hyphens and @")]
    Name,
    /// There is one.
    #[error("there is an account of that name; make its password anew with: drempel-node account reset")]
    There,
    /// There is none.
    #[error("there is no account of that name; see: drempel-node account list")]
    NotThere,
    /// The system gave no random bytes, or they could not be hashed.
    #[error("a password cannot be made")]
    Random,
}

/// Somebody who may sign in.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Account {
    name: String,
    role: Role,
    /// The PHC string of the password.
    password: String,
    /// The secret of the codes (RFC 6238), base32.
    code: String,
    /// The key of the pseudonym, hexadecimal.
    person: String,
}

impl Account {
    /// The name that its holder signs in with.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What its holder is to the pages.
    #[must_use]
    pub const fn role(&self) -> Role {
        self.role
    }

    /// How the log has its holder.
    #[must_use]
    pub fn pseudonym(&self) -> Pseudonym {
        // A file with another key is none.
        Pseudonym::of(&self.name, &person(&self.person).unwrap_or_default())
    }

    /// As the log is to have it.
    #[must_use]
    pub fn holder(&self) -> Holder {
        let secrets = [self.password.as_bytes(), self.code.as_bytes()];
        Holder { role: self.role, credentials: Digest::of("drempel credentials v1", &secrets) }
    }

    /// The step of the code, if it is one of the moment or the half-minutes beside it.
    #[must_use]
    pub fn code_step(&self, code: &str, now: Timestamp) -> Option<u64> {
        let code: String = code.chars().filter(|of| !of.is_whitespace()).collect();
        codes(&self.name, &self.code)?.check(&code, u64::try_from(now.as_second()).ok()?)
    }

    /// The code of a moment: for who tries the pages out without a telephone.
    #[must_use]
    pub fn code(&self, now: Timestamp) -> Option<String> {
        Some(codes(&self.name, &self.code)?.generate(u64::try_from(now.as_second()).ok()?).to_string())
    }
}

/// What the holder of a new account is told, once.
pub struct Enrolment {
    /// The password.
    pub password: String,
    /// The secret of the codes, to type into an app.
    pub secret: String,
    /// The same as a URL, for an app that reads one.
    pub url: String,
}

/// Every account.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Accounts {
    #[serde(default, rename = "account")]
    accounts: Vec<Account>,
}

impl Accounts {
    /// Reads the file; no accounts where there is none.
    ///
    /// # Errors
    /// [`AccountError`].
    pub fn read(path: &Path) -> Result<Self, AccountError> {
        let text = match fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Self::default()),
            Err(error) => return Err(AccountError::Io { path: path.to_owned(), error }),
        };
        let malformed = |error: &str| AccountError::Malformed { path: path.to_owned(), error: error.to_owned() };
        let read: Self = toml::from_str(&text).map_err(|error: toml::de::Error| malformed(error.message()))?;
        let is_whole = |account: &Account| person(&account.person).is_some();
        if read.accounts.iter().all(is_whole) { Ok(read) } else { Err(malformed("the key of a person is none")) }
    }

    /// Adds one, with a password and a secret that are made here.
    ///
    /// # Errors
    /// [`AccountError`]; nothing is changed then.
    pub fn add(path: &Path, name: &str, role: Role) -> Result<Enrolment, AccountError> {
        let name = name.trim();
        let fits = |of: char| of.is_alphanumeric() || " .-@_".contains(of);
        if !(2..=64).contains(&name.chars().count()) || !name.chars().all(fits) {
            return Err(AccountError::Name);
        }
        let mut accounts = Self::read(path)?;
        if accounts.find(name).is_some() {
            return Err(AccountError::There);
        }
        let (mut account, enrolment) = enrol(name, role)?;
        let mut person = [0; 32];
        SystemRandom::new().fill(&mut person).map_err(|_| AccountError::Random)?;
        account.person = HEXLOWER.encode(&person);
        accounts.accounts.push(account);
        accounts.write(path)?;
        Ok(enrolment)
    }

    /// Makes the password and the secret of one anew. The log goes on to have its holder as before.
    ///
    /// # Errors
    /// [`AccountError`]; nothing is changed then.
    pub fn reset(path: &Path, name: &str) -> Result<Enrolment, AccountError> {
        let mut accounts = Self::read(path)?;
        let account =
            accounts.accounts.iter_mut().find(|account| account.name == name).ok_or(AccountError::NotThere)?;
        let (made, enrolment) = enrol(name, account.role)?;
        *account = Account { person: account.person.clone(), ..made };
        accounts.write(path)?;
        Ok(enrolment)
    }

    /// Removes one, and with it the key by which the log has its holder.
    ///
    /// # Errors
    /// [`AccountError`]; nothing is changed then.
    pub fn remove(path: &Path, name: &str) -> Result<(), AccountError> {
        let mut accounts = Self::read(path)?;
        let before = accounts.accounts.len();
        accounts.accounts.retain(|account| account.name != name);
        if accounts.accounts.len() == before {
            return Err(AccountError::NotThere);
        }
        accounts.write(path)
    }

    /// Every one, in the order in which they were made.
    pub fn iter(&self) -> impl Iterator<Item = &Account> {
        self.accounts.iter()
    }

    /// The one of a name.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<&Account> {
        self.accounts.iter().find(|account| account.name == name)
    }

    /// Whose pseudonym it is; none if the account is gone.
    #[must_use]
    pub fn named(&self, pseudonym: &Pseudonym) -> Option<&str> {
        self.accounts.iter().find(|account| account.pseudonym() == *pseudonym).map(Account::name)
    }

    /// The account of a name, if this is its password. It takes as long where there is no such account.
    #[must_use]
    pub fn with_password(&self, name: &str, password: &str) -> Option<&Account> {
        let account = self.find(name);
        let hash = account.map_or(NOBODY.as_str(), |account| account.password.as_str());
        let hash = PasswordHash::new(hash).ok()?;
        Argon2::default().verify_password(password.as_bytes(), &hash).ok()?;
        account
    }

    fn write(&self, path: &Path) -> Result<(), AccountError> {
        let io = |error| AccountError::Io { path: path.to_owned(), error };
        let text = toml::to_string(self).map_err(|_| AccountError::Random)?;
        whole_file::write(path, text.as_bytes()).map_err(io)
    }
}

/// The hash of a password that nobody has.
static NOBODY: LazyLock<String> = LazyLock::new(|| {
    let mut password = [0; 16];
    SystemRandom::new().fill(&mut password).unwrap_or_default();
    Argon2::default().hash_password(&password).map(|hash| hash.to_string()).unwrap_or_default()
});

fn enrol(name: &str, role: Role) -> Result<(Account, Enrolment), AccountError> {
    let (mut password, mut secret) = ([0; 15], [0; 20]);
    let random = SystemRandom::new();
    random.fill(&mut password).and_then(|()| random.fill(&mut secret)).map_err(|_| AccountError::Random)?;
    // In groups, to be read and typed: 120 bits.
    let password = BASE32_NOPAD.encode(&password).to_lowercase();
    let groups: Vec<&str> = password.as_bytes().chunks(6).filter_map(|group| std::str::from_utf8(group).ok()).collect();
    let password = groups.join("-");
    let secret = BASE32_NOPAD.encode(&secret);
    let hash = Argon2::default().hash_password(password.as_bytes()).map_err(|_| AccountError::Random)?.to_string();
    let url = codes(name, &secret).and_then(|codes| codes.to_url().ok()).ok_or(AccountError::Random)?;
    let account = Account { name: name.to_owned(), role, password: hash, code: secret.clone(), person: String::new() };
    Ok((account, Enrolment { password, secret, url }))
}

fn person(text: &str) -> Option<[u8; 32]> {
    HEXLOWER.decode(text.as_bytes()).ok()?.try_into().ok()
}

fn codes(name: &str, secret: &str) -> Option<Totp> {
    let secret = Secret::try_from_base32(secret).ok()?;
    Builder::new().with_secret(secret).with_account_name(name).with_issuer(Some("Drempel")).build().ok()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn an_account_is_for_its_password_and_its_codes_and_goes_with_its_key() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("accounts.toml");
        assert_eq!(Accounts::read(&path).unwrap().iter().count(), 0);
        let made = Accounts::add(&path, "J. de Vries", Role::Officer).unwrap();
        let other = Accounts::add(&path, "beheer@almere", Role::Beheerder).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o077, 0);
        assert!(matches!(Accounts::add(&path, "J. de Vries", Role::Lezer), Err(AccountError::There)));
        for name in ["", "a", "<b>", "a:b", "a\nb"] {
            assert!(matches!(Accounts::add(&path, name, Role::Lezer), Err(AccountError::Name)), "{name:?}");
        }
        let accounts = Accounts::read(&path).unwrap();
        let text = fs::read_to_string(&path).unwrap();
        assert!(!text.contains(&made.password) && text.contains("$argon2id$"), "kept as a hash");
        assert!(accounts.with_password("J. de Vries", &made.password).is_some());
        assert!(accounts.with_password("J. de Vries", &other.password).is_none());
        assert!(accounts.with_password("nobody", &made.password).is_none());
        let account = accounts.find("J. de Vries").unwrap();
        let at = |second: i64| Timestamp::from_second(second).unwrap();
        let code = account.code(at(1_795_000_000)).unwrap();
        let step = account.code_step(&code, at(1_795_000_000)).unwrap();
        assert_eq!(account.code_step(&format!(" {} {}", &code[..3], &code[3..]), at(1_795_000_025)), Some(step));
        assert_eq!(account.code_step(&code, at(1_795_000_090)), None);
        assert_eq!(accounts.find("beheer@almere").unwrap().code_step(&code, at(1_795_000_000)), None);
        let pseudonym = account.pseudonym();
        assert_eq!(accounts.named(&pseudonym), Some("J. de Vries"));
        // Reset: another password and other codes, and the same person.
        let again = Accounts::reset(&path, "J. de Vries").unwrap();
        let accounts = Accounts::read(&path).unwrap();
        assert!(accounts.with_password("J. de Vries", &made.password).is_none());
        assert!(accounts.with_password("J. de Vries", &again.password).is_some());
        assert_eq!(accounts.named(&pseudonym), Some("J. de Vries"));
        Accounts::remove(&path, "J. de Vries").unwrap();
        assert_eq!(Accounts::read(&path).unwrap().named(&pseudonym), None);
        // The same name again is another person.
        Accounts::add(&path, "J. de Vries", Role::Officer).unwrap();
        assert_eq!(Accounts::read(&path).unwrap().named(&pseudonym), None);
        fs::write(&path, "[[account]]\nname = 'secret'\n").unwrap();
        assert!(!Accounts::read(&path).err().unwrap().to_string().contains("secret"));
    }
}

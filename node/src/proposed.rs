//! The catalogue that the federation proposes, on this machine's own disk beside the one in use (rule R10): what it changes,
//! for the officer who decides about it. Nothing of it is used before the officer has accepted it and it was put in place.

use std::{
    collections::{BTreeMap, BTreeSet},
    io::ErrorKind,
    time::{Duration, Instant},
};

use drempel_protocols::{
    catalogue::{Bundle, BundleError, Catalogue, SignedBundle},
    id::Digest,
};
use similar::TextDiff;

use crate::{
    app::{StartError, fit},
    config::Config,
};

/// Longest that the shortest differences are looked for; after it longer ones are shown.
const LOOKING: Duration = Duration::from_secs(2);
/// Lines that are shown around what differs.
const AROUND: usize = 2;

/// A proposed catalogue that could be put in place.
pub struct Proposed {
    signed: SignedBundle,
    catalogue: Catalogue,
    signers: Vec<String>,
}

/// A file of a catalogue that becomes another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileChange {
    /// Its name.
    pub file: String,
    /// What differs, as a unified diff.
    pub difference: String,
}

/// The digest of what is proposed, whether it can be put in place or not; none where there is nothing, or what is in use.
///
/// # Errors
/// [`BundleError`].
pub fn digest(config: &Config) -> Result<Option<Digest>, BundleError> {
    Ok(read(config)?.map(|signed| signed.bundle().digest()))
}

fn read(config: &Config) -> Result<Option<SignedBundle>, BundleError> {
    let signed = match SignedBundle::read(&config.paths.catalogus_voorstel) {
        Err(BundleError::Unreadable(error)) if error.kind() == ErrorKind::NotFound => return Ok(None),
        read => read?,
    };
    let is_one = signed.bundle().files().next().is_some() && signed.bundle().digest() != config.catalogus.aanvaard;
    Ok(is_one.then_some(signed))
}

impl Proposed {
    /// What is proposed; none where there is nothing, or what is in use.
    ///
    /// # Errors
    /// [`StartError`] where a node could not start with it.
    pub fn read(config: &Config) -> Result<Option<Self>, StartError> {
        let Some(signed) = read(config)? else { return Ok(None) };
        let parties = &config.catalogus.parties;
        let catalogue = signed.open(parties)?;
        fit(config, &catalogue)?;
        let signers = signed.signers(parties).map(|party| party.partij.clone()).collect();
        Ok(Some(Self { signed, catalogue, signers }))
    }

    /// The catalogue.
    #[must_use]
    pub fn catalogue(&self) -> &Catalogue {
        &self.catalogue
    }

    /// The parties of the configuration that have signed it.
    #[must_use]
    pub fn signers(&self) -> &[String] {
        &self.signers
    }

    /// Its files.
    #[must_use]
    pub fn bundle(&self) -> &SignedBundle {
        &self.signed
    }

    /// Every file that is another than in the catalogue in use, or not in both, by name: the whole of what changes.
    #[must_use]
    pub fn file_changes(&self, in_use: &Bundle) -> Vec<FileChange> {
        file_changes(in_use, self.signed.bundle())
    }
}

fn file_changes(before: &Bundle, after: &Bundle) -> Vec<FileChange> {
    let (before, after): (BTreeMap<_, _>, BTreeMap<_, _>) = (before.files().collect(), after.files().collect());
    let names: BTreeSet<&str> = before.keys().chain(after.keys()).copied().collect();
    let text = |of: &BTreeMap<&str, &str>, name: &str| of.get(name).copied().unwrap_or_default().to_owned();
    let changed = names.into_iter().filter(|name| before.get(name) != after.get(name));
    let until = Instant::now() + LOOKING;
    let change = |name: &str| {
        let (before, after) = (text(&before, name), text(&after, name));
        let difference = TextDiff::configure().deadline(until).diff_lines(&before, &after);
        let difference = difference.unified_diff().context_radius(AROUND).to_string();
        FileChange { file: name.to_owned(), difference }
    };
    changed.map(change).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_that_differs_is_shown_and_no_file_that_is_the_same() {
        let bundle = |files: &[(&str, &str)]| {
            Bundle::from_files(files.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect())
        };
        let before = bundle(&[("a.toml", "one\ntwo\nthree\n"), ("b.toml", "same\n"), ("c.toml", "gone\n")]);
        let after = bundle(&[("a.toml", "one\n2\nthree\n"), ("b.toml", "same\n"), ("d.toml", "new")]);
        let changes = file_changes(&before, &after);
        let named: Vec<&str> = changes.iter().map(|change| change.file.as_str()).collect();
        assert_eq!(named, ["a.toml", "c.toml", "d.toml"]);
        let lines = |of: usize| {
            let lines = changes[of].difference.lines();
            lines.filter(|line| line.starts_with(['+', '-'])).map(str::to_owned).collect::<Vec<_>>()
        };
        assert_eq!(lines(0), ["-two", "+2"]);
        assert_eq!((lines(1), lines(2)), (vec!["-gone".to_owned()], vec!["+new".to_owned()]));
        assert!(file_changes(&before, &before).is_empty());
    }
}

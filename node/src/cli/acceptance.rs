//! `catalogue accept` and `catalogue adopt`: a catalogue comes into use (rule R10). Only one that is signed by enough parties,
//! is on this machine's own disk and is accepted by an officer can: by its digest on the command line, or where officers have
//! pages by a decision in the log. The configuration keeps its comments.

use std::{
    collections::BTreeSet,
    ffi::OsString,
    fs,
    io::{self, Write},
    os::unix::fs::{MetadataExt as _, fchown},
    path::Path,
};

use anyhow::{Context as _, bail, ensure};
use drempel_protocols::{
    catalogue::SignedBundle,
    clock::{Clock as _, SystemClock, dutch_day},
    id::Digest,
};
use tempfile::NamedTempFile;
use toml_edit::{DocumentMut, Item, value};

use crate::{
    config::Config,
    decision::{Decisions, Standing, Subject},
    proposed::Proposed,
};

/// Accepts the catalogue on disk, if this is its digest, in the configuration file.
pub(super) fn accept(file: &Path, digest: Digest, out: &mut impl Write) -> anyhow::Result<()> {
    let config = Config::read(file)?;
    let folder = config.paths.catalogus.display();
    let signed = SignedBundle::read(&config.paths.catalogus)?;
    let catalogue = signed.open(&config.catalogus.parties).with_context(|| format!("{folder} cannot be accepted"))?;
    ensure!(
        catalogue.digest() == digest,
        "the catalogue in {folder} is another: its digest is {}. Read it with catalogue show before you accept it",
        catalogue.digest()
    );
    let before = config.catalogus.aanvaard;
    if before == digest {
        writeln!(out, "catalogue {} was accepted already", catalogue.version())?;
        return Ok(());
    }
    // A log that has not begun is of a node that is being installed.
    if config.paginas.is_some() && config.paths.audit.exists() {
        decided(&config, digest)?;
    }
    write(file, &accepted(&fs::read_to_string(file)?, digest)?)?;
    writeln!(
        out,
        "accepted catalogue {} in {}\n  {digest}\nbefore it was\n  {before}\n\
         Restart the node to answer by it. The next release is made with it: release preview shows what that would hide.\n\
         The way back is to put the earlier files in {folder} and accept their digest.",
        catalogue.version(),
        file.display()
    )?;
    Ok(())
}

/// Puts what is proposed in the place of the catalogue in use, if an officer has accepted it, and keeps what it replaces.
pub(super) fn adopt(file: &Path, out: &mut impl Write) -> anyhow::Result<()> {
    let config = Config::read(file)?;
    let (proposed, folder) = (&config.paths.catalogus_voorstel, &config.paths.catalogus);
    let Some(found) = Proposed::read(&config).with_context(|| format!("{} cannot be used", proposed.display()))? else {
        bail!("nothing else than the catalogue in use is proposed: put its files in {}", proposed.display());
    };
    let (digest, version) = (found.catalogue().digest(), found.catalogue().version().to_owned());
    decided(&config, digest)?;
    let mut earlier = folder.file_name().unwrap_or_default().to_owned();
    earlier.push(format!("-{:.8}", config.catalogus.aanvaard.to_string()));
    let earlier = folder.with_file_name(earlier);
    // Not those of a replacement that broke off.
    if SignedBundle::read(folder).is_ok_and(|signed| signed.bundle().digest() == config.catalogus.aanvaard) {
        replace(folder, &earlier)?;
    }
    replace(proposed, folder)?;
    let placed = SignedBundle::read(folder)?.open(&config.catalogus.parties)?;
    ensure!(placed.digest() == digest, "{} was changed meanwhile; do it again", proposed.display());
    write(file, &accepted(&fs::read_to_string(file)?, digest)?)?;
    writeln!(
        out,
        "catalogue {version} is in {} and accepted in {}\n  {digest}\n\
         Restart the node to answer by it. The catalogue that it replaces is in {}; the way back is to propose that one: put \
         its files in {}, and have the officer accept it.",
        folder.display(),
        file.display(),
        earlier.display(),
        proposed.display()
    )?;
    Ok(())
}

/// Whether an officer has accepted a catalogue in the log, and it is accepted today.
fn decided(config: &Config, digest: Digest) -> anyhow::Result<()> {
    let today = dutch_day(SystemClock.now());
    match Decisions::read(&config.paths.audit)?.standing(&Subject::Catalogue(digest), today) {
        Standing::Accepted(_) => Ok(()),
        Standing::Declined => bail!("an officer has declined catalogue {digest}: the log says why, and by whom"),
        Standing::Lapsed(until) => {
            bail!("catalogue {digest} was accepted through {until}: have the officer decide again")
        }
        Standing::Undecided => bail!(
            "no officer has accepted catalogue {digest} yet, or it waits for a second one: it is on the pages, under the \
             cubes and purposes, while it is in {}",
            config.paths.catalogus_voorstel.display()
        ),
    }
}

/// Makes the catalogue of a folder that of another, file by file; the signatures last, so that whatever breaks off leaves
/// something that is not signed and can be done again.
fn replace(from: &Path, folder: &Path) -> anyhow::Result<()> {
    let cannot = || format!("cannot write {}", folder.display());
    let names = |folder: &Path| -> anyhow::Result<BTreeSet<OsString>> {
        let entries = fs::read_dir(folder)?.map(|entry| Ok(entry?.file_name())).collect::<io::Result<Vec<_>>>()?;
        Ok(entries.into_iter().filter(|name| Path::new(name).extension().is_some_and(|of| of == "toml")).collect())
    };
    fs::create_dir_all(folder).with_context(cannot)?;
    let (mut wanted, signatures) = (names(from)?, OsString::from(SignedBundle::SIGNATURES));
    wanted.remove(&signatures);
    for gone in names(folder)?.difference(&wanted) {
        fs::remove_file(folder.join(gone)).with_context(cannot)?;
    }
    for name in wanted.iter().chain([&signatures]) {
        let mut new = NamedTempFile::new_in(folder).with_context(cannot)?;
        let read = from.join(name);
        let bytes = fs::read(&read).with_context(|| format!("cannot read {}", read.display()))?;
        new.write_all(&bytes).with_context(cannot)?;
        new.as_file().set_permissions(fs::metadata(&read)?.permissions()).with_context(cannot)?;
        new.as_file().sync_all().with_context(cannot)?;
        new.persist(folder.join(name)).with_context(cannot)?;
    }
    fs::File::open(folder).and_then(|folder| folder.sync_all()).with_context(cannot)?;
    Ok(())
}

/// A configuration with another digest accepted.
fn accepted(text: &str, digest: Digest) -> anyhow::Result<String> {
    let mut document: DocumentMut = text.parse()?;
    let aanvaard = document.get_mut("catalogus").and_then(Item::as_table_like_mut);
    let aanvaard = aanvaard.and_then(|catalogus| catalogus.get_mut("aanvaard")).and_then(Item::as_value_mut);
    let aanvaard = aanvaard.context("the configuration has no aanvaard under [catalogus]")?;
    let decor = aanvaard.decor().clone();
    if let Item::Value(mut new) = value(digest.to_string()) {
        *new.decor_mut() = decor;
        *aanvaard = new;
    }
    Ok(document.to_string())
}

/// Writes a file as a whole or not at all, with the owner and permissions that it has; through a link, what it leads to.
fn write(file: &Path, text: &str) -> anyhow::Result<()> {
    let cannot = || format!("cannot write {}", file.display());
    let file = fs::canonicalize(file).with_context(cannot)?;
    let folder = file.parent().unwrap_or_else(|| Path::new("/"));
    let before = fs::metadata(&file).with_context(cannot)?;
    let mut new = NamedTempFile::new_in(folder).with_context(cannot)?;
    new.write_all(text.as_bytes()).with_context(cannot)?;
    fchown(new.as_file(), Some(before.uid()), Some(before.gid())).with_context(cannot)?;
    new.as_file().set_permissions(before.permissions()).with_context(cannot)?;
    new.as_file().sync_all().with_context(cannot)?;
    new.persist(&file).with_context(cannot)?;
    fs::File::open(folder).and_then(|folder| folder.sync_all()).with_context(cannot)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_digest_is_changed() {
        let text = "# first\n[catalogus] # the parties\naanvaard = \"00\"   # by the officer\n\n[[catalogus.partij]]\npartij = \"VNG\"\n";
        let digest = Digest::of("test", &[]);
        assert_eq!(accepted(text, digest).unwrap(), text.replace("00", &digest.to_string()));
        let inline = "catalogus = { aanvaard = '00', partij = [] }\n";
        assert!(accepted(inline, digest).unwrap().contains(&format!("aanvaard = \"{digest}\"")));
        let folder = tempfile::tempdir().unwrap();
        let (real, link) = (folder.path().join("real.toml"), folder.path().join("node.toml"));
        fs::write(&real, text).unwrap();
        std::os::unix::fs::symlink(&real, &link).unwrap();
        write(&link, "new").unwrap();
        assert!(fs::read_to_string(&real).unwrap() == "new" && fs::symlink_metadata(&link).unwrap().is_symlink());
        assert!(accepted("[catalogus]\n", digest).is_err());
        assert!(accepted("= 1", digest).is_err());
    }
}

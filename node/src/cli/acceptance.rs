//! `catalogue accept`: the privacy officer accepts a catalogue by its digest (rule R10). Only one that is signed by enough
//! parties and is the one on this machine's own disk can be accepted, and the configuration keeps its comments.

use std::{
    fs,
    io::Write,
    os::unix::fs::{MetadataExt as _, fchown},
    path::Path,
};

use anyhow::{Context as _, ensure};
use drempel_protocols::{catalogue::SignedBundle, id::Digest};
use tempfile::NamedTempFile;
use toml_edit::{DocumentMut, Item, value};

use crate::config::Config;

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

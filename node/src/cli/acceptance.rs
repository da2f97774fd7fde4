//! `catalogue accept` and `catalogue adopt`: a catalogue comes into use (rule R10). Only one that is signed by enough parties,
//! is on this machine's own disk and is accepted by an officer can: by its digest on the command line, or where officers have
//! pages by a decision in the log. The configuration keeps its comments.

use std::{
    collections::BTreeSet,
    fs,
    io::Write,
    os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown},
    path::{Path, PathBuf},
};

use anyhow::{Context as _, bail, ensure};
use drempel_protocols::{
    catalogue::SignedBundle,
    clock::{Clock as _, SystemClock, dutch_day},
    id::Digest,
};
use toml_edit::{DocumentMut, Item, value};

use crate::{
    config::Config,
    decision::{Decisions, Standing, Subject},
    proposed::Proposed,
    whole_file,
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
    let standing = standing(&config, digest)?;
    ensure!(
        standing != Standing::Declined,
        "an officer has declined catalogue {digest}: the log says why, and by whom"
    );
    write(file, &accepted(&fs::read_to_string(file)?, digest)?)?;
    writeln!(
        out,
        "accepted catalogue {} in {}\n  {digest}\nbefore it was\n  {before}\n\
         Restart the node to answer by it. The next release is made with it: release preview shows what that would hide.\n\
         The way back is to put the earlier files in {folder} and accept their digest.",
        catalogue.version(),
        file.display()
    )?;
    if !standing.is_answered() {
        writeln!(
            out,
            "Every question is refused until an officer accepts it on the pages, under the cubes and purposes."
        )?;
    }
    Ok(())
}

/// Puts what is proposed in the place of the catalogue in use, if an officer has accepted it, and keeps what it replaces.
pub(super) fn adopt(file: &Path, out: &mut impl Write) -> anyhow::Result<()> {
    let config = Config::read(file)?;
    let (proposed, folder) = (&config.paths.catalogus_voorstel, &config.paths.catalogus);
    let Some(found) = Proposed::read(&config).with_context(|| format!("{} cannot be used", proposed.display()))? else {
        bail!("nothing else than the catalogue in use is proposed: put its files in {}", proposed.display());
    };
    let is_same =
        |other: &PathBuf| fs::canonicalize(other).ok().is_some_and(|of| fs::canonicalize(folder).ok() == Some(of));
    ensure!(
        !is_same(proposed),
        "the proposed catalogue is in the folder of the one in use: give it a folder of its own"
    );
    let (digest, version) = (found.catalogue().digest(), found.catalogue().version());
    match standing(&config, digest)? {
        Standing::Accepted(_) => {}
        Standing::Declined => bail!("an officer has declined catalogue {digest}: the log says why, and by whom"),
        Standing::Lapsed(until) => {
            bail!("catalogue {digest} was accepted through {until}: have the officer decide again")
        }
        Standing::Undecided | Standing::Unaccepted => bail!(
            "no officer has accepted catalogue {digest}, or a second one has not confirmed it: it is on the pages, under the \
             cubes and purposes, while it is in {}. A gemeente without pages puts it in {} itself, and accepts it with \
             catalogue accept",
            proposed.display(),
            folder.display()
        ),
    }
    let mut earlier = folder.file_name().unwrap_or_default().to_owned();
    earlier.push(format!("-{:.8}", config.catalogus.aanvaard.to_string()));
    let earlier = folder.with_file_name(earlier);
    // What an earlier try has left behind is not what was in use, which it has kept already.
    let in_use = SignedBundle::read(folder).ok().filter(|signed| {
        signed.bundle().digest() == config.catalogus.aanvaard && signed.open(&config.catalogus.parties).is_ok()
    });
    if let Some(in_use) = in_use {
        place(&in_use, &earlier, folder)?;
    }
    place(found.bundle(), folder, folder)?;
    write(file, &accepted(&fs::read_to_string(file)?, digest)?)?;
    writeln!(
        out,
        "catalogue {version} is in {} and accepted in {}\n  {digest}\n\
         Restart the node to answer by it, once the coordinator has it too: a question under another catalogue is refused. \
         The catalogue that it replaces is in {}; the way back is to propose that one: put its files in {}, and have the \
         officer accept it.",
        folder.display(),
        file.display(),
        earlier.display(),
        proposed.display()
    )?;
    Ok(())
}

/// Where a catalogue stands in the log today.
fn standing(config: &Config, digest: Digest) -> anyhow::Result<Standing> {
    let today = dutch_day(SystemClock.now());
    Ok(Decisions::read(&config.paths.audit)?.standing(&Subject::Catalogue(digest), today))
}

/// Makes a folder hold a catalogue and nothing else of one, file by file, for whoever owns another folder; the signatures last,
/// so that whatever breaks off leaves something that is not signed and can be done again.
fn place(signed: &SignedBundle, folder: &Path, owner: &Path) -> anyhow::Result<()> {
    let cannot = || format!("cannot write {}", folder.display());
    fs::create_dir_all(folder).with_context(cannot)?;
    let owner = fs::metadata(owner).with_context(cannot)?;
    if fs::metadata(folder).with_context(cannot)?.uid() != owner.uid() {
        chown(folder, Some(owner.uid()), Some(owner.gid())).with_context(cannot)?;
    }
    let put = |name: &str, text: &str| {
        let access = ((owner.uid(), owner.gid()), fs::Permissions::from_mode(0o644));
        whole_file::write_for(&folder.join(name), text.as_bytes(), access)
    };
    let wanted: BTreeSet<&str> = signed.bundle().files().map(|(name, _)| name).collect();
    for (name, text) in signed.bundle().files() {
        put(name, text).with_context(cannot)?;
    }
    for entry in fs::read_dir(folder).with_context(cannot)? {
        let name = entry.with_context(cannot)?.file_name();
        let name = name.to_string_lossy();
        if name.ends_with(".toml") && name != SignedBundle::SIGNATURES && !wanted.contains(&*name) {
            fs::remove_file(folder.join(&*name)).with_context(cannot)?;
        }
    }
    put(SignedBundle::SIGNATURES, &SignedBundle::signatures_file(signed.signatures())).with_context(cannot)
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
    let before = fs::metadata(&file).with_context(cannot)?;
    let access = ((before.uid(), before.gid()), before.permissions());
    whole_file::write_for(&file, text.as_bytes(), access).with_context(cannot)
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

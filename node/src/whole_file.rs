//! A file that is there as a whole or not at all, and stays: written beside its place, brought to disk, and then moved there.

use std::{
    fs::{File, Permissions},
    io::{self, Write as _},
    os::unix::fs::fchown,
    path::Path,
};

use tempfile::NamedTempFile;

/// Writes a file that its owner alone can read, in the place of one that is there.
///
/// # Errors
/// As of the system; then what was there is there still, or the new file is.
pub(crate) fn write(path: &Path, content: &[u8]) -> io::Result<()> {
    put(path, content, |_| Ok(()))
}

/// The same for somebody, by the numbers of user and group, with permissions.
///
/// # Errors
/// As of the system.
pub(crate) fn write_for(
    path: &Path,
    content: &[u8],
    (owner, permissions): ((u32, u32), Permissions),
) -> io::Result<()> {
    put(path, content, |file| {
        fchown(file, Some(owner.0), Some(owner.1))?;
        file.set_permissions(permissions)
    })
}

fn put(path: &Path, content: &[u8], prepare: impl FnOnce(&File) -> io::Result<()>) -> io::Result<()> {
    let mut new = NamedTempFile::new_in(folder_of(path))?;
    new.write_all(content)?;
    prepare(new.as_file())?;
    new.as_file().sync_all()?;
    new.persist(path)?;
    sync_folder_of(path)
}

/// Brings to disk that something was made, renamed or removed under a path.
///
/// # Errors
/// As of the system.
pub(crate) fn sync_folder_of(path: &Path) -> io::Result<()> {
    File::open(folder_of(path))?.sync_all()
}

/// What a path is in; a bare name is in the working folder.
fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or_else(|| Path::new("."))
}

#[cfg(test)]
mod tests {
    use std::{fs, os::unix::fs::PermissionsExt as _};

    use super::*;

    #[test]
    fn a_file_is_written_as_a_whole_for_its_owner_or_as_it_is_said() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        let mode = || fs::metadata(&path).unwrap().permissions().mode() & 0o777;
        write(&path, b"one").unwrap();
        assert_eq!((fs::read(&path).unwrap(), mode()), (b"one".to_vec(), 0o600));
        let metadata = fs::metadata(&path).unwrap();
        let owner = (std::os::unix::fs::MetadataExt::uid(&metadata), std::os::unix::fs::MetadataExt::gid(&metadata));
        write_for(&path, b"two", (owner, Permissions::from_mode(0o644))).unwrap();
        assert_eq!((fs::read(&path).unwrap(), mode()), (b"two".to_vec(), 0o644));
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "nothing is left beside it");
        assert!(write(&folder.path().join("none/file"), b"three").is_err());
    }

    #[test]
    fn a_bare_name_is_in_the_working_folder() {
        assert_eq!(folder_of(Path::new("node.toml")), Path::new("."));
        assert_eq!(folder_of(Path::new("a/b")), Path::new("a"));
        assert!(sync_folder_of(Path::new("node.toml")).is_ok());
    }
}

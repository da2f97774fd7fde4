//! `import --watch`: looks into a folder now and then, and imports what is new and whole. Looking again is safe: what was
//! imported before changes nothing. Nothing in the folder is moved or removed.

use std::{collections::BTreeSet, io::Write, path::Path, thread, time::Duration};

use super::{Arguments, Setting, conclude, with_progress};
use crate::{
    config::Config,
    ingest::{Bestand, ImportError, ImportRequest, import_files},
};

pub(super) fn run(
    config: &Config,
    setting: &Setting,
    folder: &Path,
    arguments: &Arguments,
    out: &mut impl Write,
) -> anyhow::Result<()> {
    writeln!(out, "watching {} every {} seconds; Ctrl-C ends it", folder.display(), arguments.every)?;
    let mut watched = Watched::default();
    loop {
        match Bestand::in_folder(folder) {
            Ok(found) => {
                let ready = watched.ready(found);
                if !ready.is_empty() {
                    let request = ImportRequest { strict: arguments.strict, ..setting.request(config) };
                    let imported = with_progress(|progress| import_files(&request, &ready, progress))?;
                    // Files are done with once an import has judged them. What kept it from doing so may pass.
                    if matches!(&imported, Ok(_) | Err(ImportError::NothingUsable(_) | ImportError::Strict(_))) {
                        watched.done.extend(ready);
                    }
                    if let Err(error) = conclude(config, imported, arguments.report.as_deref(), out) {
                        writeln!(out, "{error:#}")?;
                    }
                }
            }
            Err(error) => writeln!(out, "cannot read {}: {error}", folder.display())?,
        }
        out.flush()?;
        thread::sleep(Duration::from_secs(arguments.every));
    }
}

/// The files of a folder as they were seen.
#[derive(Debug, Default)]
struct Watched {
    done: BTreeSet<Bestand>,
    seen: BTreeSet<Bestand>,
}

impl Watched {
    /// The files that are as they were at the last look, and are not done with. A file that is written again, or of
    /// which size or time changes while it is written, is another.
    fn ready(&mut self, found: Vec<Bestand>) -> Vec<Bestand> {
        let found: BTreeSet<Bestand> = found.into_iter().collect();
        let ready: Vec<Bestand> =
            found.intersection(&self.seen).filter(|file| !self.done.contains(file)).cloned().collect();
        self.done.retain(|file| found.contains(file));
        self.seen = found;
        ready
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn a_file_is_given_once_it_stays_the_same_and_again_when_it_changes() {
        let dir = tempfile::tempdir().unwrap();
        let mut watched = Watched::default();
        let mut look = || {
            let ready = watched.ready(Bestand::in_folder(dir.path()).unwrap());
            watched.done.extend(ready.iter().cloned());
            ready.len()
        };
        fs::write(dir.path().join("a.xml"), "half").unwrap();
        assert_eq!(look(), 0);
        fs::write(dir.path().join("a.xml"), "half and whole").unwrap();
        assert_eq!(look(), 0);
        assert_eq!(look(), 1);
        assert_eq!(look(), 0);
        fs::write(dir.path().join("b.xml"), "another").unwrap();
        assert_eq!([look(), look(), look()], [0, 1, 0]);
        fs::write(dir.path().join("a.xml"), "written again").unwrap();
        assert_eq!([look(), look(), look()], [0, 1, 0]);
    }
}

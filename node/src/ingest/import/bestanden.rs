//! The files of an import, one after another: found, read whole but never larger than OP179 allows, and each refused on
//! its own.

use std::{
    fs::{self, File, Metadata},
    io::{self, Read as _},
    path::{Path, PathBuf},
    time::SystemTime,
};

use drempel_protocols::id::Gemeentecode;
use jiff::civil::Date;

use super::super::{
    bericht::{self, Bericht, BerichtId, Gelezen, LARGEST_FILE, Uitspraak},
    bevinding::Bevinding,
    bsn::Bsn,
    codes::VerzoekAntwoord,
    report::{Bestanden, BestandsNaam, Bevindingen},
};

/// A file that may hold a message.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Bestand {
    path: PathBuf,
    pub(super) name: BestandsNaam,
    /// How large it was when it was found.
    pub bytes: u64,
    /// When it was last written; none where the system does not say.
    pub modified: Option<SystemTime>,
}

impl Bestand {
    /// Every `.xml` in a folder and below, by name.
    ///
    /// # Errors
    /// If a folder cannot be read.
    pub fn in_folder(dir: &Path) -> io::Result<Vec<Self>> {
        let mut found = Vec::new();
        let mut dirs = vec![dir.to_owned()];
        while let Some(next) = dirs.pop() {
            for entry in fs::read_dir(next)? {
                let entry = entry?;
                let path = entry.path();
                // A link to a directory is not followed, so that links cannot make a circle.
                if entry.file_type()?.is_dir() {
                    dirs.push(path);
                } else if path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("xml")) {
                    let name = BestandsNaam::new(&path.strip_prefix(dir).unwrap_or(&path).to_string_lossy());
                    let metadata = entry.metadata().ok();
                    let bytes = metadata.as_ref().map_or(0, Metadata::len);
                    let modified = metadata.and_then(|metadata| metadata.modified().ok());
                    found.push(Self { path, name, bytes, modified });
                }
            }
        }
        found.sort_unstable();
        Ok(found)
    }
}

/// What the files read so far say.
pub(super) struct Lezing {
    /// The gemeente, and those that became it.
    gemeenten: Vec<Gemeentecode>,
    /// A message cannot be from after tomorrow, whatever the zone of whoever dated it.
    latest: Date,
    pub(super) bestanden: Bestanden,
    pub(super) bevindingen: Bevindingen,
    buffer: Vec<u8>,
}

impl Lezing {
    pub(super) fn new(gemeente: Gemeentecode, voorgangers: &[Gemeentecode], today: Date) -> Self {
        Self {
            gemeenten: std::iter::once(gemeente).chain(voorgangers.iter().copied()).collect(),
            latest: today.tomorrow().unwrap_or(today),
            bestanden: Bestanden::default(),
            bevindingen: Bevindingen::default(),
            buffer: Vec::new(),
        }
    }

    /// What the file with this place in the order of names states, and in which message; nothing if it is refused.
    pub(super) fn file(&mut self, bestand: &Bestand, place: usize) -> Option<(Vec<(Bsn, Uitspraak)>, BerichtId)> {
        match read_file(&bestand.path, &mut self.buffer).and_then(|()| self.read()) {
            Ok(Gelezen::Bericht(bericht)) if bericht.header.bericht.dagtekening > self.latest => {
                self.refuse(Bevinding::DagtekeningInToekomst, place);
                None
            }
            Ok(Gelezen::Bericht(bericht)) => Some(self.take(*bericht, place)),
            Ok(Gelezen::Overgeslagen(name)) => {
                *self.bestanden.overgeslagen.entry(name).or_insert(0) += 1;
                None
            }
            Err(bevinding) => {
                self.refuse(bevinding, place);
                None
            }
        }
    }

    /// The message in the buffer, of or for any of the gemeenten.
    fn read(&self) -> Result<Gelezen, Bevinding> {
        let mut gelezen = Err(Bevinding::AndereGemeente);
        for gemeente in &self.gemeenten {
            gelezen = bericht::lees(&self.buffer, *gemeente);
            if !matches!(gelezen, Err(Bevinding::AndereGemeente)) {
                break;
            }
        }
        gelezen
    }

    fn refuse(&mut self, bevinding: Bevinding, place: usize) {
        self.bestanden.afgekeurd += 1;
        self.bevindingen.in_file(bevinding, place);
    }

    fn take(&mut self, bericht: Bericht, place: usize) -> (Vec<(Bsn, Uitspraak)>, BerichtId) {
        for bevinding in &bericht.bevindingen {
            self.bevindingen.in_file(*bevinding, place);
        }
        *self.bestanden.berichten.entry(bericht.soort.code()).or_insert(0) += 1;
        if let Some(antwoord) = bericht.antwoord {
            let name = match antwoord {
                VerzoekAntwoord::Afgewezen => "afgewezen",
                VerzoekAntwoord::InOnderzoek => "in_onderzoek",
            };
            *self.bestanden.antwoorden.entry(name).or_insert(0) += 1;
        }
        // Otherwise a directory of refused lines would pass for one of messages.
        if bericht.bruikbaar() {
            self.bestanden.gebruikt += 1;
        } else {
            self.bestanden.afgekeurd += 1;
        }
        (bericht.uitspraken, bericht.header.bericht)
    }
}

fn read_file(path: &Path, buffer: &mut Vec<u8>) -> Result<(), Bevinding> {
    buffer.clear();
    // Opening a pipe would wait for whoever writes to it.
    if !fs::metadata(path).is_ok_and(|metadata| metadata.is_file()) {
        return Err(Bevinding::NietLeesbaar);
    }
    let file = File::open(path).map_err(|_| Bevinding::NietLeesbaar)?;
    let read = file.take(LARGEST_FILE + 1).read_to_end(buffer).map_err(|_| Bevinding::NietLeesbaar)?;
    match u64::try_from(read) {
        Ok(..=LARGEST_FILE) => Ok(()),
        _ => Err(Bevinding::TeGroot),
    }
}

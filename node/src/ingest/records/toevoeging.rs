//! The way of facts into the records: added, staged beside the files in use, settled on disk, and committed in one step.
//! Until the last step nothing of it is of the records.

use std::path::PathBuf;

use drempel_protocols::id::Digest;
use jiff::civil::Date;

use super::{
    super::{
        bericht::{BerichtId, Uitspraak},
        bsn::Bsn,
        feit::{Dossier, Feit},
        sleutel::RecordKey,
    },
    BUFFER, MOST_SEGMENTS, Manifest, Records, RecordsError, SegmentEntry, manifest,
    opgeruimd::Opgeruimd,
    read,
    segment::{self, SegmentWriter},
    verzameling::Verzameling,
};

/// Facts on their way into the records.
pub struct Addition<'r> {
    records: &'r Records,
    buffer: Verzameling,
    segmenten: Vec<SegmentEntry>,
}

impl<'r> Addition<'r> {
    pub(super) fn of(records: &'r Records) -> Self {
        Self { records, buffer: Verzameling::default(), segmenten: Vec::new() }
    }

    /// Adds a fact.
    ///
    /// # Errors
    /// [`RecordsError`] if it cannot be written.
    pub fn add(&mut self, bsn: Bsn, uitspraak: Uitspraak, bericht: BerichtId) -> Result<(), RecordsError> {
        self.buffer.add(bsn, || self.records.key.persoon(bsn), Feit { uitspraak, bericht });
        if self.buffer.aantal() >= BUFFER { self.spill().map(|_| ()) } else { Ok(()) }
    }

    /// What the records will be when [`Settled::commit`] has been called.
    ///
    /// # Errors
    /// [`RecordsError`] if the last facts cannot be written.
    pub fn finish(mut self) -> Result<Staged, RecordsError> {
        let laatste = self.spill()?;
        let mut segmenten = self.records.manifest.segmenten.clone();
        segmenten.extend(self.segmenten);
        let Records { dir, key, opgeruimd, .. } = self.records;
        Ok(Staged { dir: dir.clone(), key: key.clone(), segmenten, laatste, opgeruimd: opgeruimd.clone() })
    }

    /// Writes what is in memory as a file; it is still there for whoever needs it next.
    fn spill(&mut self) -> Result<Option<Vec<Dossier>>, RecordsError> {
        let dossiers = self.buffer.orden();
        if dossiers.is_empty() {
            return Ok(None);
        }
        self.segmenten.push(segment::write(&self.records.dir, &self.records.key, &dossiers)?);
        Ok(Some(dossiers))
    }
}

/// The records as they will be: every file is written, and the manifest does not name the new ones yet.
#[derive(Debug)]
pub struct Staged {
    dir: PathBuf,
    key: RecordKey,
    segmenten: Vec<SegmentEntry>,
    /// What is in the last file, until it has been read.
    laatste: Option<Vec<Dossier>>,
    opgeruimd: Opgeruimd,
}

impl Staged {
    /// Every fact, once, person by person.
    ///
    /// # Errors
    /// [`RecordsError`], at once or on the way.
    pub fn dossiers(&mut self) -> Result<impl Iterator<Item = Result<Dossier, RecordsError>> + use<>, RecordsError> {
        let laatste = self.laatste.take();
        let on_disk = match (&laatste, self.segmenten.split_last()) {
            (Some(_), Some((_, others))) => others,
            _ => &self.segmenten,
        };
        read(&self.dir, &self.key, on_disk, laatste, &self.opgeruimd)
    }

    /// Removes a person for good: no message about the person from before a day counts any more.
    ///
    /// # Errors
    /// [`RecordsError::Random`].
    pub fn remove(&mut self, bsn: Bsn, tot: Date) -> Result<(), RecordsError> {
        self.opgeruimd.add(bsn, tot)
    }

    /// How many facts the files have, those that are in more than one counted in each.
    #[must_use]
    pub fn rijen(&self) -> u64 {
        self.segmenten.iter().map(|segment| segment.rijen).sum()
    }

    /// Whether the files should be made one while they are read.
    #[must_use]
    pub fn fragmented(&self) -> bool {
        self.segmenten.len() > MOST_SEGMENTS
    }

    /// Begins one file for all facts.
    ///
    /// # Errors
    /// [`RecordsError`].
    pub fn rewrite(&self, key: &RecordKey) -> Result<Rewrite, RecordsError> {
        Ok(Rewrite { writer: SegmentWriter::create(&self.dir, key)? })
    }

    /// These files, or the one that replaces them.
    ///
    /// # Errors
    /// [`RecordsError`] if the last facts cannot be written.
    pub fn settle(self, rewritten: Option<Rewrite>) -> Result<Settled, RecordsError> {
        let segmenten = match rewritten {
            Some(rewrite) => vec![rewrite.writer.finish()?],
            None => self.segmenten,
        };
        Ok(Settled { segmenten, opgeruimd: self.opgeruimd })
    }
}

/// The files that the records will be, all of them on disk.
#[derive(Debug)]
pub struct Settled {
    segmenten: Vec<SegmentEntry>,
    opgeruimd: Opgeruimd,
}

impl Settled {
    /// The digest by which a snapshot names the records that it was made from.
    #[must_use]
    pub fn digest(&self) -> Digest {
        manifest::digest(&self.segmenten)
    }

    /// Makes these files, which have so many facts, the records, from which retention has removed until a day.
    ///
    /// # Errors
    /// [`RecordsError`]; the records are then those that they were.
    pub fn commit(self, records: &mut Records, feiten: u64, opgeruimd_tot: Option<Date>) -> Result<(), RecordsError> {
        let opgeruimd_tot = records.manifest.opgeruimd_tot.max(opgeruimd_tot);
        let mut opgeruimd = records.manifest.opgeruimd.clone();
        if self.opgeruimd != records.opgeruimd {
            opgeruimd = self.opgeruimd.write(&records.dir, &records.key)?;
        }
        let segmenten = self.segmenten;
        records.commit(Manifest { segmenten, feiten, opgeruimd_tot, opgeruimd, ..records.manifest.clone() })?;
        records.opgeruimd = self.opgeruimd;
        Ok(())
    }
}

/// All facts on their way into one file.
pub struct Rewrite {
    writer: SegmentWriter,
}

impl Rewrite {
    /// Adds a dossier, which must come after the one before.
    ///
    /// # Errors
    /// [`RecordsError`] if it cannot be written.
    pub fn write(&mut self, dossier: &Dossier) -> Result<(), RecordsError> {
        self.writer.write(dossier)
    }
}

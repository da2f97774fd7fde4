//! One file of facts: written once, in order, under a key of its own, and never changed.

use std::{fs::File, io::Seek as _, path::Path};

use data_encoding::HEXLOWER;
use parquet::{
    arrow::{
        ArrowWriter,
        arrow_reader::{ArrowReaderOptions, ParquetRecordBatchReaderBuilder},
    },
    basic::Compression,
    encryption::{decrypt::FileDecryptionProperties, encrypt::FileEncryptionProperties},
    file::properties::{EnabledStatistics, WriterProperties},
    schema::types::ColumnPath,
};
use ring::rand::SecureRandom as _;

use super::{
    super::{bestand::sha256, feit::Dossier, sleutel::RecordKey},
    RecordsError, SegmentEntry, io_error,
    kolommen::{Kolommen, Rij, Rows, SCHEMA},
};

/// Facts in one batch of columns, written or read.
const BATCH: usize = 8192;
/// Rows and bytes that a reader must hold at once: several files are read side by side.
const ROW_GROUP: usize = 1 << 17;
const PAGE: usize = 1 << 16;

/// Whether a file is named as one of facts.
pub(super) fn is_name(name: &str) -> bool {
    name.strip_suffix(".parquet").is_some_and(|id| HEXLOWER.decode(id.as_bytes()).is_ok_and(|id| id.len() == 16))
}

/// Writes dossiers, which must be in order, as one file.
pub(super) fn write(dir: &Path, key: &RecordKey, dossiers: &[Dossier]) -> Result<SegmentEntry, RecordsError> {
    let mut writer = SegmentWriter::create(dir, key)?;
    dossiers.iter().try_for_each(|dossier| writer.write(dossier))?;
    writer.finish()
}

/// A file of facts on its way to disk.
pub(super) struct SegmentWriter {
    id: [u8; 16],
    name: String,
    writer: ArrowWriter<File>,
    file: File,
    kolommen: Kolommen,
    rijen: u64,
}

impl SegmentWriter {
    pub(super) fn create(dir: &Path, key: &RecordKey) -> Result<Self, RecordsError> {
        let mut id = [0; 16];
        ring::rand::SystemRandom::new().fill(&mut id).map_err(|_| RecordsError::Random)?;
        let name = format!("{}.parquet", HEXLOWER.encode(&id));
        let file = File::options().read(true).write(true).create_new(true).open(dir.join(&name));
        let file = file.map_err(io_error(name.clone()))?;
        let encryption = FileEncryptionProperties::builder(key.bestand(&id).to_vec()).build();
        let mut properties = WriterProperties::builder()
            .set_compression(Compression::SNAPPY)
            .set_statistics_enabled(EnabledStatistics::None)
            .set_max_row_group_row_count(Some(ROW_GROUP))
            .set_data_page_size_limit(PAGE)
            .set_dictionary_page_size_limit(PAGE)
            .with_file_encryption_properties(encryption.map_err(|_| RecordsError::Encoding)?);
        // Nearly every value is another one, so a dictionary would be made in vain.
        for column in
            ["persoon", "bsn", "toewijzing", "identificatie", "referentie", "vorige_referentie", "tijd", "bedrag"]
        {
            properties = properties.set_column_dictionary_enabled(ColumnPath::from(column), false);
        }
        let second = file.try_clone().map_err(io_error(name.clone()))?;
        let writer = ArrowWriter::try_new(second, SCHEMA.clone(), Some(properties.build()));
        let writer = writer.map_err(|error| failed(&name, error))?;
        Ok(Self { id, name, writer, file, kolommen: Kolommen::new(), rijen: 0 })
    }

    /// Adds a dossier, which must come after the one before.
    pub(super) fn write(&mut self, dossier: &Dossier) -> Result<(), RecordsError> {
        for feit in &dossier.feiten {
            self.kolommen.add(dossier, feit).map_err(|_| RecordsError::Encoding)?;
            self.rijen += 1;
            if self.kolommen.rows() >= BATCH {
                self.flush()?;
            }
        }
        Ok(())
    }

    pub(super) fn finish(mut self) -> Result<SegmentEntry, RecordsError> {
        self.flush()?;
        self.writer.close().map_err(|error| failed(&self.name, error))?;
        let io = |error| io_error(self.name.clone())(error);
        self.file.sync_all().map_err(io)?;
        self.file.rewind().map_err(io)?;
        let sha256 = sha256(&self.file).map_err(io)?;
        Ok(SegmentEntry { id: HEXLOWER.encode(&self.id), rijen: self.rijen, sha256 })
    }

    fn flush(&mut self) -> Result<(), RecordsError> {
        let batch = self.kolommen.batch().map_err(|_| RecordsError::Encoding)?;
        self.writer.write(&batch).map_err(|error| failed(&self.name, error))
    }
}

/// What the encoder says may quote a value; what the system says does not.
fn failed(name: &str, error: parquet::errors::ParquetError) -> RecordsError {
    match error {
        parquet::errors::ParquetError::External(source) => match source.downcast::<std::io::Error>() {
            Ok(source) => RecordsError::Io { file: name.to_owned(), source: *source },
            Err(_) => RecordsError::Encoding,
        },
        _ => RecordsError::Encoding,
    }
}

/// The dossiers of a file, in order.
pub(super) fn read(
    dir: &Path,
    entry: &SegmentEntry,
    key: &RecordKey,
) -> Result<impl Iterator<Item = Result<Dossier, RecordsError>> + use<>, RecordsError> {
    let name = entry.file();
    let corrupt = {
        let name = name.clone();
        move || RecordsError::Corrupt(name.clone())
    };
    let mut file = File::open(dir.join(&name)).map_err(io_error(name.clone()))?;
    if sha256(&file).map_err(io_error(name.clone()))? != entry.sha256 {
        return Err(corrupt());
    }
    file.rewind().map_err(io_error(name))?;
    let key = key.bestand(&entry.id().ok_or_else(&corrupt)?).to_vec();
    let decryption = FileDecryptionProperties::builder(key).build().map_err(|_| corrupt())?;
    let options = ArrowReaderOptions::new().with_file_decryption_properties(decryption);
    let reader = ParquetRecordBatchReaderBuilder::try_new_with_options(file, options).map_err(|_| corrupt())?;
    if reader.schema().fields() != SCHEMA.fields() {
        return Err(RecordsError::Format);
    }
    let batches = reader.with_batch_size(BATCH).build().map_err(|_| corrupt())?;
    let rows = batches.flat_map(move |batch| {
        let made = batch.ok().and_then(|batch| {
            let rows = Rows::of(&batch)?;
            (0..batch.num_rows()).map(|row| rows.feit(row)).collect::<Option<Vec<Rij>>>()
        });
        match made {
            Some(rows) => Batch::Rows(rows.into_iter()),
            None => Batch::Failed(Some(corrupt())),
        }
    });
    Ok(per_persoon(rows))
}

/// The rows of one person after another as dossiers.
fn per_persoon(
    rows: impl Iterator<Item = Result<Rij, RecordsError>>,
) -> impl Iterator<Item = Result<Dossier, RecordsError>> {
    let mut rows = rows;
    let mut begun: Option<Dossier> = None;
    std::iter::from_fn(move || {
        loop {
            match rows.next() {
                Some(Err(error)) => return Some(Err(error)),
                Some(Ok((persoon, bsn, feit))) => match &mut begun {
                    Some(dossier) if (dossier.persoon, dossier.bsn) == (persoon, bsn) => dossier.feiten.push(feit),
                    _ => {
                        let ended = begun.replace(Dossier { persoon, bsn, feiten: vec![feit] });
                        if let Some(dossier) = ended {
                            return Some(Ok(dossier));
                        }
                    }
                },
                None => return begun.take().map(Ok),
            }
        }
    })
}

enum Batch {
    Rows(std::vec::IntoIter<Rij>),
    Failed(Option<RecordsError>),
}

impl Iterator for Batch {
    type Item = Result<Rij, RecordsError>;

    fn next(&mut self) -> Option<Self::Item> {
        match self {
            Self::Rows(rows) => rows.next().map(Ok),
            Self::Failed(error) => error.take().map(Err),
        }
    }
}

//! Import of iJw messages: files of XML become facts of the records, encrypted and at BSN level, and the records a
//! snapshot without a BSN. To the gemeente it guarantees that the same messages give the same rows, in whatever order,
//! in however many runs and however often they came; to the child that no BSN, name, address or date of birth leaves
//! this module but into the encrypted records and an export by the gemeente itself: not in a snapshot, an error, a log
//! or a report. Everything between reading files and writing them is pure.

pub mod afbeelding;
pub mod afleiding;
pub mod bericht;
mod bestand;
pub mod bevinding;
pub mod bsn;
pub mod codes;
pub mod feit;
pub mod feiten;
mod import;
pub mod records;
pub mod regels;
pub mod report;
pub mod schatting;
pub mod sleutel;
pub mod snapshot;
#[cfg(test)]
mod tests;
pub mod traject;
pub mod view;
pub mod views;

pub(crate) use self::bestand::sha256;
pub use self::{
    import::{Bestand, ImportError, ImportRequest, Progress, import_files, import_ijw, rebuild},
    report::ImportReport,
    sleutel::RecordKey,
    views::{Vorm, import_views},
};

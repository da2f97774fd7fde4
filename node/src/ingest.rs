//! Import of iJw messages (JW301, JW305, JW307): a directory of XML in, a snapshot without a BSN out. To the gemeente
//! it guarantees that the same messages give the same rows, in whatever order and however often they came; to the
//! child that no BSN, name, address or date of birth leaves this module, neither in a snapshot nor in an error, log or
//! report. Everything between reading files and writing the snapshot is pure.

pub mod bericht;
pub mod bevinding;
pub mod bsn;
pub mod codes;
pub mod feiten;
mod import;
pub mod report;
pub mod sleutel;
pub mod snapshot;
#[cfg(test)]
mod tests;
pub mod traject;
pub mod view;

pub use self::{
    import::{ImportError, ImportRequest, Progress, import_ijw},
    report::ImportReport,
    sleutel::RecordKey,
};

//! Import of iJw messages: a directory of XML in, a snapshot without a BSN out.

pub mod bericht;
pub mod bevinding;
pub mod bsn;
pub mod codes;
pub mod sleutel;
pub mod traject;
pub mod view;

//! Everything that the log has of one question: its records, byte for byte, the answer that left, and the proof of all of it
//! for a third person.

use std::{collections::BTreeMap, path::Path};

use drempel_protocols::log::{Bundle, BundledAnswer};
use jiff::Timestamp;

use super::{
    AuditError,
    asked::{Asked, note},
    read,
    record::{Event, Intent, Outcome},
};
use crate::askers::Names;

/// What the log has of a question.
pub struct Dossier {
    /// What was asked, and what became of it.
    pub asked: Asked,
    /// The record of the intent; none of a question that was refused before it could run.
    pub intent: Option<Intent>,
    /// The record of what became of it, and when that was.
    pub ended: Option<(u64, Timestamp)>,
    /// Exactly what left, if an answer did.
    pub answer: Option<String>,
    /// The record that says that it was removed, if an answer left and was kept for long enough.
    pub removed: Option<u64>,
    /// The records, with the proof that they are in the log.
    pub bundle: Bundle,
}

/// Of the question whose first record is this one; none if that is no record of a question. A node may be writing to the log.
///
/// # Errors
/// [`AuditError`].
pub fn dossier(folder: &Path, record: u64, names: &Names) -> Result<Option<Dossier>, AuditError> {
    let (mut found, mut intent, mut ended, mut left, mut removed) = (BTreeMap::new(), None, None, None, None);
    let mut records = Vec::new();
    let verified = read(folder, |logged| {
        let entry = logged.entry;
        let is_its = match &entry.event {
            Event::Intent(_) | Event::Refused { .. } => entry.sequence == record,
            Event::Outcome { intent, .. } => *intent == record,
            _ => false,
        };
        if !is_its {
            return;
        }
        match &entry.event {
            Event::Intent(of) => intent = Some(of.as_ref().clone()),
            Event::Outcome { outcome, .. } => {
                ended = Some((entry.sequence, entry.time));
                removed = logged.removed;
                left =
                    logged.answer.filter(|_| matches!(outcome, Outcome::Answered { .. })).map(|of| of.text.to_owned());
            }
            _ => {}
        }
        let answer =
            logged.answer.map(|answer| BundledAnswer { text: answer.text.to_owned(), salt: answer.salt.to_owned() });
        records.push((entry.sequence, logged.json.to_owned(), answer));
        note(&mut found, logged, names);
    })?;
    let Some((verified, asked)) = verified.zip(found.into_values().next()) else { return Ok(None) };
    let checkpoint = verified.checkpoint.ok_or(AuditError::Encoding)?;
    let bundle = Bundle::of(&verified.tree, &checkpoint, &[], records).map_err(|_| AuditError::Encoding)?;
    Ok(Some(Dossier { asked, intent, ended, answer: left, removed, bundle }))
}

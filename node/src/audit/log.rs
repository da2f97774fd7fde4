//! Writing the log. A record is on disk, and signed, when the call returns: whoever writes meanwhile is written with it,
//! so that many wait for one disk. A write that fails closes the log until the node is started again, because what is on
//! disk is then not known.

mod commit;
mod decided;
mod removal;

use std::{
    collections::{BTreeMap, BTreeSet},
    fs, io,
    path::{Path, PathBuf},
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
};

use drempel_protocols::{
    answer::LoggedAnswer,
    clock::Clock,
    id::{Gemeentecode, Oin, QuestionId},
    log::{Consistency, LogHead, LogKey, LogProof, Offer, SignedCheckpoint, SigningKey, Tree},
    message::CLOCK_SKEW,
    problem::ProblemType,
};
use jiff::Timestamp;

use super::{
    AuditError,
    answered::AnsweredFrom,
    checkpoints::Checkpoints,
    holders::Holder,
    inventory::Inventory,
    memory::Memory,
    record::{Event, Intent, Outcome, salt},
    replay::{Answered, Earlier, Known},
    standing,
    start::{self, Start, Unread},
    verify::Beside,
    writer::Writer,
};
use crate::decision::{Decisions, Motivation, Pseudonym};

/// The open log of a node. One process has it open at a time.
pub struct AuditLog {
    folder: PathBuf,
    clock: Arc<dyn Clock>,
    key: SigningKey,
    state: Mutex<State>,
    /// How many records the standing is over; none is written any more after the last number there is.
    standing: Mutex<u64>,
    /// One at a time removes answers.
    removing: Mutex<()>,
    unread: Option<Unread>,
    /// Somebody has written what was waiting, or can write no more.
    written: Condvar,
}

/// Proof that the intent to run a question is on disk. The engine runs for nothing less.
#[derive(Debug, PartialEq, Eq)]
pub struct Receipt {
    intent: u64,
    question: QuestionId,
}

struct State {
    /// Over every record, also those that are not on disk yet.
    tree: Tree,
    /// Lines that are not on disk yet.
    waiting: String,
    /// Those that are on disk.
    checkpoints: Checkpoints,
    head: LogHead,
    /// None while somebody is writing.
    writer: Option<Writer>,
    /// Of the same records as the tree.
    memory: Memory,
    poisoned: bool,
}

impl AuditLog {
    /// Opens the log of a node, or begins it, with its key in a file, which is made where no log has begun. What was written
    /// after its standing is verified, or all of it where that is not believed; what a crash left unfinished at its end is
    /// completed, and intents without an outcome are recorded as cancelled.
    ///
    /// # Errors
    /// [`AuditError`]; a log that is not whole is not written to.
    pub fn open(
        folder: &Path,
        key_file: &Path,
        gemeente: Gemeentecode,
        oin: &Oin,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, AuditError> {
        Self::open_as_seen(folder, key_file, (gemeente, oin), clock, &[])
    }

    /// Opens the log of a node as [`AuditLog::open`] does, if it begins with what each of these witnesses saw of it.
    ///
    /// # Errors
    /// [`AuditError`]; a log that is not whole, or another than was seen, is not written to.
    pub fn open_as_seen(
        folder: &Path,
        key_file: &Path,
        (gemeente, oin): (Gemeentecode, &Oin),
        clock: Arc<dyn Clock>,
        seen: &[(String, LogHead)],
    ) -> Result<Self, AuditError> {
        let mut writer = Writer::lock(folder)?;
        let Start { key, verified, memory, unread, draft } = start::read(folder, key_file, gemeente)?;
        if let Some((witness, head)) = seen.iter().find(|(_, head)| !verified.begins_with(*head)) {
            return Err(AuditError::Contradicted { witness: witness.clone(), records: head.size });
        }
        writer.take_up(&verified).map_err(|error| AuditError::Io { path: folder.to_owned(), error })?;
        let head = verified.head;
        let state = State {
            tree: verified.tree,
            waiting: String::new(),
            checkpoints: verified.checkpoints,
            head,
            writer: Some(writer),
            memory,
            poisoned: false,
        };
        let (folder, state) = (folder.to_owned(), Mutex::new(state));
        let (standing, removing, written) = (Mutex::new(0), Mutex::new(()), Condvar::new());
        let log = Self { folder, clock, key, state, standing, removing, unread, written };
        if let Some(draft) = draft {
            log.stand(&draft);
        }
        if head.size == 0 {
            log.append(Event::Opened { gemeente, oin: oin.clone(), key: log.key.public().clone() })?;
        }
        let unfinished = log.state().memory.replays.unfinished();
        for (intent, question) in unfinished {
            log.outcome(&Receipt { intent, question }, Outcome::Cancelled)?;
        }
        Ok(log)
    }

    /// Records that a question is about to run. The id must be new, or its last use have come to nothing; this is
    /// decided together with the record, so of two equal questions at once only one runs.
    ///
    /// # Errors
    /// [`AuditError`], or what else the id was used for.
    pub fn intent(&self, intent: Intent) -> Result<Result<Receipt, Earlier>, AuditError> {
        self.intent_while(intent, |_, _| true)
    }

    /// Records that a question is about to run, as [`AuditLog::intent`] does. What was answered before is answered again only
    /// while something holds of what was decided and answered from, up to the record that is written next.
    ///
    /// # Errors
    /// [`AuditError`], or what else the id was used for.
    pub fn intent_while(
        &self,
        intent: Intent,
        holds: impl FnOnce(&Decisions, &AnsweredFrom) -> bool,
    ) -> Result<Result<Receipt, Earlier>, AuditError> {
        let question = intent.question;
        let mut state = self.state();
        if state.poisoned {
            return Err(AuditError::Poisoned);
        }
        match state.memory.replays.earlier(question, intent.content) {
            None => {}
            // It is not on disk yet.
            Some(Known::Answered(answered)) if answered.sequence > state.head.size => return Ok(Err(Earlier::Running)),
            Some(Known::Answered(_)) if !holds(&state.memory.decisions, &state.memory.answered) => {
                return Ok(Err(Earlier::Overtaken));
            }
            Some(Known::Answered(answered)) => {
                let again = self.logged_answer(&state, answered)?;
                return Ok(Err(Earlier::Answered(Box::new(again))));
            }
            Some(Known::Running) => return Ok(Err(Earlier::Running)),
            Some(Known::Other) => return Ok(Err(Earlier::Other)),
        }
        // Which ids may still be used is known by the time of the records: it must not run backwards.
        if self.clock.now().saturating_add(CLOCK_SKEW).unwrap_or(Timestamp::MAX) < state.memory.last_time {
            return Err(AuditError::Clock);
        }
        let (entry, _) = self.enqueue(&mut state, Event::Intent(Box::new(intent)), None)?;
        drop(self.commit(state, entry.sequence)?);
        Ok(Ok(Receipt { intent: entry.sequence, question }))
    }

    /// Records that an intent was answered with a text. Only what this returns may leave.
    ///
    /// # Errors
    /// [`AuditError`]; then nothing may leave. A text of several lines has no place in the log.
    pub fn answered(&self, receipt: &Receipt, answer: String) -> Result<LoggedAnswer, AuditError> {
        self.answered_while(receipt, answer, |_, _| true)?.ok_or(AuditError::Encoding)
    }

    /// Records that an intent was answered, as [`AuditLog::answered`] does, if something holds of what was decided and answered
    /// from up to this record; that it failed otherwise, and then there is nothing that may leave.
    ///
    /// # Errors
    /// [`AuditError`]; then nothing may leave.
    pub fn answered_while(
        &self,
        receipt: &Receipt,
        answer: String,
        holds: impl FnOnce(&Decisions, &AnsweredFrom) -> bool,
    ) -> Result<Option<LoggedAnswer>, AuditError> {
        if answer.contains('\n') {
            return Err(AuditError::Encoding);
        }
        let Receipt { intent, question } = *receipt;
        let salt = salt()?;
        let outcome = Outcome::Answered { answer: LoggedAnswer::digest(&salt, &answer) };
        let beside = Beside { salt: &salt, text: &answer };
        let mut state = self.state();
        if !holds(&state.memory.decisions, &state.memory.answered) {
            drop(state);
            self.failed(receipt, ProblemType::Unavailable)?;
            return Ok(None);
        }
        let (entry, record) = self.enqueue(&mut state, Event::Outcome { intent, question, outcome }, Some(beside))?;
        let state = self.commit(state, entry.sequence)?;
        self.logged_answer(&state, Answered { sequence: entry.sequence, answer, salt, record }).map(Some)
    }

    /// Records that nothing but a problem left for an intent.
    ///
    /// # Errors
    /// [`AuditError`].
    pub fn failed(&self, receipt: &Receipt, problem: ProblemType) -> Result<(), AuditError> {
        self.outcome(receipt, Outcome::Failed { problem })
    }

    /// Records that an intent was withdrawn before there was an answer.
    ///
    /// # Errors
    /// [`AuditError`].
    pub fn cancelled(&self, receipt: &Receipt) -> Result<(), AuditError> {
        self.outcome(receipt, Outcome::Cancelled)
    }

    /// Records something else. The number of its record.
    ///
    /// # Errors
    /// [`AuditError`].
    pub fn append(&self, event: Event) -> Result<u64, AuditError> {
        let mut state = self.state();
        let (entry, _) = self.enqueue(&mut state, event, None)?;
        drop(self.commit(state, entry.sequence)?);
        Ok(entry.sequence)
    }

    /// Records what became of accounts, so that the log has these.
    ///
    /// # Errors
    /// [`AuditError`].
    pub fn hold(&self, accounts: &BTreeMap<Pseudonym, Holder>) -> Result<(), AuditError> {
        let state = self.state();
        let changes = state.memory.holders.changes(accounts);
        self.append_all(state, changes)
    }

    /// Why the log takes the place of another, and when it began to; none where it does not.
    #[must_use]
    pub fn begun_anew(&self) -> Option<(Timestamp, Motivation)> {
        self.state().memory.anew.clone()
    }

    /// Those who asked and are forgotten.
    #[must_use]
    pub fn erased(&self) -> BTreeSet<Pseudonym> {
        self.state().memory.erased.clone()
    }

    /// Records what changed of the keys and the data of the node since what the log has.
    ///
    /// # Errors
    /// [`AuditError`].
    pub fn take_stock(&self, now: impl FnOnce(&Inventory) -> Inventory) -> Result<(), AuditError> {
        let now = now(&self.state().memory.inventory.clone());
        let state = self.state();
        let changes = state.memory.inventory.changes(&now);
        self.append_all(state, changes)
    }

    /// The records that the start did not read, to be verified once the node runs; none if it read all.
    #[must_use]
    pub fn unread(&self) -> Option<Unread> {
        self.unread.clone()
    }

    /// Closes the log, because it is not whole, or not the only one. It has no standing from here on, so that the next start
    /// reads all of it.
    pub fn close(&self) {
        self.state().poisoned = true;
        self.written.notify_all();
        let mut standing = self.standing.lock().unwrap_or_else(PoisonError::into_inner);
        *standing = u64::MAX;
        match fs::remove_file(standing::path(&self.folder)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                tracing::error!(%error, "the standing of the log cannot be removed; remove it before the next start");
            }
            _ => {}
        }
    }

    /// Whether the log is closed or an earlier write failed, so that nothing can be logged or answered until the node is
    /// started again.
    #[must_use]
    pub fn poisoned(&self) -> bool {
        self.state().poisoned
    }

    /// The releases that were answered from.
    #[must_use]
    pub fn answered_from(&self) -> AnsweredFrom {
        self.state().memory.answered.clone()
    }

    /// How far it goes on disk.
    #[must_use]
    pub fn head(&self) -> LogHead {
        self.state().head
    }

    /// Whether it begins so, with what is being written: that may be signed on disk a moment before it counts.
    #[must_use]
    pub fn has(&self, earlier: LogHead) -> bool {
        self.state().tree.root(earlier.size) == Ok(earlier.root)
    }

    /// As it is offered to a witness who saw so many records last: the last checkpoint, or the one over so many records, if
    /// there is such a one that a start has read. Of a witness who saw more than there are nothing is proved.
    #[must_use]
    pub fn offer(&self, old: u64, size: Option<u64>) -> Option<Offer> {
        let state = self.state();
        let size = size.unwrap_or(state.head.size);
        if !state.checkpoints.has(size) {
            return None;
        }
        let root = state.tree.root(size).ok()?;
        let proof = if old > size { Consistency(Vec::new()) } else { state.tree.consistency(old, size).ok()? };
        // Who asks something waits for the log, and not for this signature.
        drop(state);
        let checkpoint = SignedCheckpoint::sign(size, root, &self.key).ok()?;
        Some(Offer { old, proof, checkpoint })
    }

    /// The key that it is signed with.
    #[must_use]
    pub const fn key(&self) -> &LogKey {
        self.key.public()
    }

    fn append_all(&self, mut state: MutexGuard<'_, State>, events: Vec<Event>) -> Result<(), AuditError> {
        let last = events
            .into_iter()
            .try_fold(None, |_, event| self.enqueue(&mut state, event, None).map(|(entry, _)| Some(entry.sequence)))?;
        last.map_or(Ok(()), |last| self.commit(state, last).map(drop))
    }

    fn outcome(&self, receipt: &Receipt, outcome: Outcome) -> Result<(), AuditError> {
        let Receipt { intent, question } = *receipt;
        let mut state = self.state();
        let (entry, _) = self.enqueue(&mut state, Event::Outcome { intent, question, outcome }, None)?;
        self.commit(state, entry.sequence).map(drop)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// An answer that is on disk, with its record and the proof of the checkpoint that signed it first: the same whenever it is
    /// asked for.
    fn logged_answer(&self, state: &State, answered: Answered) -> Result<LoggedAnswer, AuditError> {
        let Answered { sequence, answer, salt, record } = answered;
        let size = state.checkpoints.signing(sequence).ok_or(AuditError::Poisoned)?;
        let of = |size| {
            let inclusion = state.tree.inclusion(sequence.saturating_sub(1), size).ok()?;
            let checkpoint = SignedCheckpoint::sign(size, state.tree.root(size).ok()?, &self.key).ok()?;
            Some(LogProof { inclusion, checkpoint }.to_string())
        };
        Ok(LoggedAnswer { answer, salt, record, proof: of(size).ok_or(AuditError::Encoding)? })
    }
}

#[cfg(test)]
impl AuditLog {
    /// Another segment from so many bytes on.
    pub(super) fn roll_at(&self, full: u64) {
        if let Some(writer) = &mut self.state().writer {
            writer.roll_at(full);
        }
    }
}

#[cfg(test)]
mod tests;

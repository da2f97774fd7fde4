//! Writing the log. A record is on disk when the call returns; a write that fails closes the log until the node is
//! started again, because what is on disk is then not known.

use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io::{self, Write as _},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use drempel_protocols::{
    answer::LogHead,
    clock::Clock,
    id::{Gemeentecode, Oin, QuestionId},
    message::CLOCK_SKEW,
};
use jiff::Timestamp;

use super::{
    AuditError,
    answered::AnsweredFrom,
    head,
    record::{Entry, Event, Intent, Outcome},
    replay::{Earlier, Replays},
    segment,
    verify::verify,
};
use crate::lock;

/// The open log of a node. One process has it open at a time.
pub struct AuditLog {
    folder: PathBuf,
    clock: Arc<dyn Clock>,
    state: Mutex<State>,
}

/// Proof that the intent to run a question is on disk. The engine runs for nothing less.
#[derive(Debug, PartialEq, Eq)]
pub struct Receipt {
    intent: u64,
    question: QuestionId,
}

struct State {
    segment: File,
    segment_bytes: u64,
    head_file: File,
    last: LogHead,
    last_time: Timestamp,
    replays: Replays,
    answered: AnsweredFrom,
    poisoned: bool,
}

impl AuditLog {
    /// Opens the log of a node, or begins it. The whole log is verified; what a crash left unfinished at its end is
    /// completed, and intents without an outcome are recorded as cancelled.
    ///
    /// # Errors
    /// [`AuditError`]; a log that is not whole is not written to.
    pub fn open(folder: &Path, gemeente: Gemeentecode, oin: &Oin, clock: Arc<dyn Clock>) -> Result<Self, AuditError> {
        let io = |error| AuditError::Io { path: folder.to_owned(), error };
        fs::create_dir_all(folder).map_err(io)?;
        begin(folder).map_err(io)?;
        let mut head_file = OpenOptions::new().read(true).write(true).open(folder.join(head::FILE)).map_err(io)?;
        match lock::take(&head_file) {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(AuditError::InUse { path: folder.to_owned() }),
            Err(TryLockError::Error(error)) => return Err(io(error)),
        }
        let (mut replays, mut answered) = (Replays::default(), AnsweredFrom::default());
        let (mut last_time, mut is_own) = (Timestamp::MIN, true);
        let verified = verify(folder, |entry, digest| {
            last_time = last_time.max(entry.time);
            is_own &= !matches!(&entry.event, Event::Opened { gemeente: of, .. } if *of != gemeente);
            answered.note(&entry.event);
            replays.note(entry, LogHead { sequence: entry.sequence, digest });
        })
        .map_err(io)?
        .map_err(AuditError::Broken)?;
        if !is_own {
            return Err(AuditError::OtherGemeente { path: folder.to_owned() });
        }
        let (segment, segment_bytes) = open_last(folder, verified.torn).map_err(io)?;
        if verified.ahead {
            head::write(&mut head_file, verified.head).map_err(io)?;
        }
        let last = verified.head;
        let state = State { segment, segment_bytes, head_file, last, last_time, replays, answered, poisoned: false };
        let log = Self { folder: folder.to_owned(), clock, state: Mutex::new(state) };
        if verified.head.sequence == 0 {
            log.append(Event::Opened { gemeente, oin: oin.clone() })?;
        }
        let unfinished = log.state().replays.unfinished();
        for (intent, question) in unfinished {
            log.append(Event::Outcome { intent, question, outcome: Outcome::Cancelled })?;
        }
        Ok(log)
    }

    /// Records that a question is about to run. The id must be new, or its last use have come to nothing; this is
    /// decided together with the record, so of two equal questions at once only one runs.
    ///
    /// # Errors
    /// [`AuditError`], or what else the id was used for.
    pub fn intent(&self, intent: Intent) -> Result<Result<Receipt, Earlier>, AuditError> {
        let question = intent.question;
        let mut state = self.state();
        match state.replays.earlier(question, intent.content) {
            Earlier::New => {}
            earlier => return Ok(Err(earlier)),
        }
        // Which ids may still be used is known by the time of the records: it must not run backwards.
        if self.clock.now().saturating_add(CLOCK_SKEW).unwrap_or(Timestamp::MAX) < state.last_time {
            return Err(AuditError::Clock);
        }
        let head = self.append_to(&mut state, Event::Intent(Box::new(intent)))?;
        Ok(Ok(Receipt { intent: head.sequence, question }))
    }

    /// Records what became of an intent. Only when this has returned may the answer leave.
    ///
    /// # Errors
    /// [`AuditError`]; then nothing may leave.
    pub fn outcome(&self, receipt: &Receipt, outcome: Outcome) -> Result<LogHead, AuditError> {
        self.append(Event::Outcome { intent: receipt.intent, question: receipt.question, outcome })
    }

    /// Records anything else.
    ///
    /// # Errors
    /// [`AuditError`].
    pub fn append(&self, event: Event) -> Result<LogHead, AuditError> {
        self.append_to(&mut self.state(), event)
    }

    /// Whether an earlier write failed, so that nothing can be logged or answered until the node is started again.
    #[must_use]
    pub fn poisoned(&self) -> bool {
        self.state().poisoned
    }

    /// The releases that were answered from.
    #[must_use]
    pub fn answered_from(&self) -> AnsweredFrom {
        self.state().answered.clone()
    }

    /// The last record.
    #[must_use]
    pub fn head(&self) -> LogHead {
        self.state().last
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn append_to(&self, state: &mut State, event: Event) -> Result<LogHead, AuditError> {
        if state.poisoned {
            return Err(AuditError::Poisoned);
        }
        let sequence = state.last.sequence.saturating_add(1);
        let entry = Entry::after(sequence, state.last.digest, self.clock.now(), event)?;
        let (line, digest) = entry.line()?;
        let head = LogHead { sequence, digest };
        state.poisoned = true;
        self.write(state, &line, head).map_err(|error| AuditError::Io { path: self.folder.clone(), error })?;
        state.poisoned = false;
        state.last = head;
        state.last_time = state.last_time.max(entry.time);
        state.answered.note(&entry.event);
        state.replays.note(&entry, head);
        Ok(head)
    }

    fn write(&self, state: &mut State, line: &str, head: LogHead) -> io::Result<()> {
        if state.segment_bytes >= segment::FULL {
            state.segment = create_segment(&self.folder, head.sequence)?;
            state.segment_bytes = 0;
        }
        state.segment.write_all(format!("{line}\n").as_bytes())?;
        state.segment.sync_data()?;
        state.segment_bytes = state.segment_bytes.saturating_add(line.len() as u64).saturating_add(1);
        head::write(&mut state.head_file, head)
    }
}

/// Begins a log, unless it has begun. The segment is there before the head, so that a head without a segment is never
/// a crash; a head cut short while no segment holds a record is one, and is written again.
fn begin(folder: &Path) -> io::Result<()> {
    let segments = segment::list(folder)?.segments;
    let records = segments.iter().any(|(_, path)| fs::metadata(path).is_ok_and(|found| found.len() > 0));
    match fs::metadata(folder.join(head::FILE)) {
        Ok(found) if records || found.len() >= head::initial().len() as u64 => return Ok(()),
        Ok(_) => {}
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        Err(_) if !records => {}
        Err(_) => {
            return Err(io::Error::new(io::ErrorKind::NotFound, "the file head is missing from a log with records"));
        }
    }
    if segments.is_empty() {
        create_segment(folder, 1)?;
    }
    let mut head_file = File::create(folder.join(head::FILE))?;
    head_file.write_all(head::initial().as_bytes())?;
    head_file.sync_all()?;
    segment::sync_folder(folder)
}

fn create_segment(folder: &Path, first: u64) -> io::Result<File> {
    let file = OpenOptions::new().append(true).create_new(true).open(folder.join(segment::name(first)))?;
    segment::sync_folder(folder)?;
    Ok(file)
}

/// Opens the last segment for appending, without the bytes of a write that a crash cut short.
fn open_last(folder: &Path, torn: u64) -> io::Result<(File, u64)> {
    let segments = segment::list(folder)?.segments;
    let (_, path) =
        segments.last().ok_or_else(|| io::Error::new(io::ErrorKind::NotFound, "the log has a head but no segment"))?;
    let file = OpenOptions::new().append(true).open(path)?;
    let bytes = file.metadata()?.len().saturating_sub(torn);
    if torn > 0 {
        file.set_len(bytes)?;
    }
    // Also without a torn write: a killed process may have left its last record in memory only.
    file.sync_all()?;
    Ok((file, bytes))
}

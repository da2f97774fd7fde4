//! What officers decide, in the log: under its lock, so that nothing that is decided meanwhile is undone by it.

use drempel_protocols::{catalogue::Catalogue, policy::Policy};
use jiff::civil::Date;

use super::AuditLog;
use crate::{
    audit::{AuditError, record::Event},
    decision::{Decision, Decisions, Overtaken, Pseudonym, Unconfirmed},
};

impl AuditLog {
    /// Records what an officer decided, if `last` is still the last record of a decision about the same. Its record.
    ///
    /// # Errors
    /// [`AuditError`], or that something else was decided meanwhile.
    pub fn decide(&self, decision: Decision, last: Option<u64>) -> Result<Result<u64, Overtaken>, AuditError> {
        let mut state = self.state();
        if state.memory.decisions.last(&decision.about) != last {
            return Ok(Err(Overtaken));
        }
        let (entry, _) = self.enqueue(&mut state, Event::Decided(decision), None)?;
        drop(self.commit(state, entry.sequence)?);
        Ok(Ok(entry.sequence))
    }

    /// Records that an officer confirms what another decided, if that may be.
    ///
    /// # Errors
    /// [`AuditError`], or why it may not be.
    pub fn confirm(&self, decision: u64, by: Pseudonym) -> Result<Result<(), Unconfirmed>, AuditError> {
        let mut state = self.state();
        if let Err(unconfirmed) = state.memory.decisions.confirmable(decision, &by) {
            return Ok(Err(unconfirmed));
        }
        let (entry, _) = self.enqueue(&mut state, Event::Confirmed { decision, by }, None)?;
        self.commit(state, entry.sequence).map(|_| Ok(()))
    }

    /// What the officers decided.
    #[must_use]
    pub fn decisions(&self) -> Decisions {
        self.state().memory.decisions.clone()
    }

    /// A policy under a catalogue with what the officers have declined on a day.
    #[must_use]
    pub fn policy(&self, policy: &Policy, catalogue: &Catalogue, day: Date) -> Policy {
        self.state().memory.decisions.over(policy, catalogue, day)
    }
}

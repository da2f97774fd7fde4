//! The messages that delivered and deleted one logical key, and whether the key lives (IV008, OP033, TR063, TR074).

use std::collections::BTreeSet;

use jiff::civil::{Date, Weekday};

use super::super::bericht::{Aanlevering, BerichtId};

/// The messages that delivered and deleted one logical key; at least one.
#[derive(Debug, Default)]
pub(super) struct Meldingen {
    aangeleverd: BTreeSet<BerichtId>,
    verwijderd: BTreeSet<BerichtId>,
}

impl Meldingen {
    pub(super) fn add(&mut self, status: Aanlevering, bericht: BerichtId) {
        match status {
            Aanlevering::Eerste => self.aangeleverd.insert(bericht),
            Aanlevering::Verwijderen => self.verwijderd.insert(bericht),
        };
    }

    /// Whether it was ever delivered (TR063).
    pub(super) fn ooit(&self) -> bool {
        !self.aangeleverd.is_empty()
    }

    pub(super) fn lives(&self) -> bool {
        let day = |named: &BTreeSet<BerichtId>| named.last().map(|id| id.dagtekening);
        match (day(&self.aangeleverd), day(&self.verwijderd)) {
            (None, _) => false,
            (Some(_), None) => true,
            (Some(delivered), Some(deleted)) if delivered == deleted => self.aangeleverd.len() > self.verwijderd.len(),
            (Some(delivered), Some(deleted)) => delivered > deleted,
        }
    }

    /// Whether it was delivered again without a deletion between (TR074).
    pub(super) fn dubbel(&self) -> bool {
        self.aangeleverd.len() > self.verwijderd.len().saturating_add(1)
    }

    /// The latest delivery, or else deletion.
    pub(super) fn bericht(&self) -> Option<&BerichtId> {
        self.aangeleverd.last().or_else(|| self.verwijderd.last())
    }

    /// The latest day of delivery.
    pub(super) fn dagtekening(&self) -> Option<Date> {
        self.aangeleverd.last().map(|id| id.dagtekening)
    }

    /// Whether the first delivery was more than five working days after what it reports (OP271, OP272).
    pub(super) fn te_laat(&self, day: Date) -> bool {
        self.aangeleverd.first().is_some_and(|id| id.dagtekening > five_working_days_after(day))
    }
}

/// Holidays are not counted: a day that is late without them may be in time with them, and is then no finding.
fn five_working_days_after(day: Date) -> Date {
    let mut last = day;
    let mut left = 5;
    while left > 0 {
        let Ok(next) = last.tomorrow() else { return last };
        last = next;
        if !matches!(last.weekday(), Weekday::Saturday | Weekday::Sunday) {
            left -= 1;
        }
    }
    last
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn op271_five_working_days_skip_the_weekend() {
        assert_eq!(five_working_days_after(date(2025, 6, 2)), date(2025, 6, 9));
        assert_eq!(five_working_days_after(date(2025, 6, 6)), date(2025, 6, 13));
        assert_eq!(five_working_days_after(date(2025, 6, 7)), date(2025, 6, 13));
    }
}

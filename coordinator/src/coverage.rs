//! Who was asked, who answered, and who did not and why: gemeente by gemeente, so that no gap is silent.

use std::collections::BTreeMap;

use drempel_protocols::id::Gemeentecode;
use serde::{Deserialize, Serialize};

use crate::{dispatch::Outcome, document::Missing};

/// What became of the asking at each gemeente; every gemeente asked is in exactly one of the four other lists.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Coverage {
    /// Every gemeente that the question was put to.
    pub asked: Vec<Gemeentecode>,
    /// Those whose answer is in the figures.
    pub answered: Vec<Gemeentecode>,
    /// Those whose node said no.
    #[serde(default)]
    pub refused: Vec<Missing>,
    /// Those whose node did not answer in time.
    #[serde(default)]
    pub late: Vec<Missing>,
    /// Those whose node could not be reached, or gave nothing that can be used.
    #[serde(default)]
    pub unreachable: Vec<Missing>,
}

impl Coverage {
    /// From what became of each gemeente.
    #[must_use]
    pub fn of(outcomes: &BTreeMap<Gemeentecode, Outcome>) -> Self {
        let mut coverage = Self::default();
        for (gemeente, outcome) in outcomes {
            let missing = |reason: &str| Missing { gemeente: *gemeente, reason: reason.to_owned() };
            coverage.asked.push(*gemeente);
            match outcome {
                Outcome::Answered(_) => coverage.answered.push(*gemeente),
                Outcome::Refused(reason) => coverage.refused.push(missing(reason)),
                Outcome::Late(reason) => coverage.late.push(missing(reason)),
                Outcome::Unreachable(reason) => coverage.unreachable.push(missing(reason)),
            }
        }
        coverage
    }

    /// Whether every gemeente asked has answered.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.answered.len() == self.asked.len()
    }

    /// Each gemeente that gave no answer, with what happened in a word and why.
    pub fn missing(&self) -> impl Iterator<Item = (&'static str, &Missing)> {
        [("refused", &self.refused), ("late", &self.late), ("unreachable", &self.unreachable)]
            .into_iter()
            .flat_map(|(what, list)| list.iter().map(move |missing| (what, missing)))
    }

    /// The gemeenten that gave no answer, named in one sentence.
    #[must_use]
    pub fn shortfall(&self) -> String {
        let missing: Vec<String> = self.missing().map(|(what, m)| format!("{} ({what})", m.gemeente)).collect();
        format!(
            "{} of {} gemeenten answered; missing: {}. Ask again, or ask for a partial answer.",
            self.answered.len(),
            self.asked.len(),
            missing.join(", ")
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_gemeente_asked_is_in_exactly_one_list() {
        let code = |text: &str| text.parse::<Gemeentecode>().unwrap();
        let outcomes = BTreeMap::from([
            (code("GM0014"), Outcome::Refused("no".to_owned())),
            (code("GM0034"), Outcome::Late("20 s".to_owned())),
            (code("GM0037"), Outcome::Unreachable("down".to_owned())),
        ]);
        let coverage = Coverage::of(&outcomes);
        assert_eq!(coverage.asked.len(), 3);
        assert_eq!(coverage.missing().count() + coverage.answered.len(), 3);
        assert!(!coverage.is_complete());
        assert!(coverage.shortfall().contains("GM0037 (unreachable)"), "{}", coverage.shortfall());
        assert!(coverage.shortfall().starts_with("0 of 3"));
    }
}

//! Every question of the log as one: what was asked, by whom and for what, and what became of it; and which of them an officer
//! looks for.

use std::{collections::BTreeMap, path::Path};

use clap::ValueEnum;
use drempel_protocols::{
    clock::dutch_day,
    id::{Oin, PurposeId, QuestionId},
    problem::ProblemType,
};
use jiff::{Timestamp, civil::Date};
use serde::Serialize;

use super::{
    AuditError, read,
    record::{Event, Outcome},
    verify::Logged,
};
use crate::askers::{Asker, Names};

/// A question of the log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Asked {
    /// The number of its first record.
    pub record: u64,
    /// When it came.
    pub time: Timestamp,
    /// The asking; none if it could not be read.
    pub question: Option<QuestionId>,
    /// The peer that sent it.
    pub peer: Oin,
    /// Who asks, according to the coordinator; none if it could not be read.
    pub asker: Option<Asker>,
    /// What for; none if it could not be read.
    pub purpose: Option<PurposeId>,
    /// The canonical text; none if what was asked is not one.
    pub sql: Option<String>,
    /// What became of it.
    pub became: Became,
    /// Why it failed or was refused.
    pub problem: Option<ProblemType>,
}

/// What became of a question.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ValueEnum)]
#[serde(rename_all = "snake_case")]
pub enum Became {
    /// Nothing yet.
    Running,
    /// An answer left.
    Answered,
    /// It ran, and nothing left but a problem.
    Failed,
    /// It was withdrawn before there was an answer.
    Withdrawn,
    /// It did not run.
    Refused,
}

/// What an officer looks for; of nothing that is not said every value is good.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sought {
    /// Any part of the text of the question, such as a column, a member or a half-year; large or small letters.
    pub text: Option<String>,
    /// Any part of the name of who asks.
    pub asker: Option<String>,
    /// What for.
    pub purpose: Option<PurposeId>,
    /// From this day on, in the time zone of the Netherlands.
    pub from: Option<Date>,
    /// Until this day, which is included.
    pub until: Option<Date>,
    /// What became of it.
    pub became: Option<Became>,
}

impl Sought {
    /// Whether it is one of those.
    #[must_use]
    pub fn is(&self, asked: &Asked) -> bool {
        let has = |text: Option<&str>, part: &Option<String>| {
            let part = part.as_ref().map(|part| part.to_lowercase());
            part.is_none_or(|part| text.is_some_and(|text| text.to_lowercase().contains(&part)))
        };
        let day = dutch_day(asked.time);
        has(asked.sql.as_deref(), &self.text)
            && has(asked.asker.as_ref().and_then(Asker::name), &self.asker)
            && self.purpose.as_ref().is_none_or(|purpose| asked.purpose.as_ref() == Some(purpose))
            && self.from.is_none_or(|from| day >= from)
            && self.until.is_none_or(|until| day <= until)
            && self.became.is_none_or(|became| asked.became == became)
    }
}

/// Every question of a log that is whole, in the order in which they came, with the names of who asked. A node may be writing
/// to it.
///
/// # Errors
/// [`AuditError`].
pub fn asked(folder: &Path, names: &Names) -> Result<Vec<Asked>, AuditError> {
    let mut found: BTreeMap<u64, Asked> = BTreeMap::new();
    read(folder, |logged| note(&mut found, logged, names))?;
    Ok(found.into_values().collect())
}

pub(super) fn note(found: &mut BTreeMap<u64, Asked>, Logged { entry, .. }: Logged<'_>, names: &Names) {
    let (record, time) = (entry.sequence, entry.time);
    match &entry.event {
        Event::Intent(intent) => {
            let asked = Asked {
                record,
                time,
                question: Some(intent.question),
                peer: intent.peer.clone(),
                asker: Some(names.of(&intent.asker)),
                purpose: Some(intent.purpose.clone()),
                sql: Some(intent.sql.clone()),
                became: Became::Running,
                problem: None,
            };
            found.insert(record, asked);
        }
        Event::Outcome { intent, outcome, .. } => {
            if let Some(asked) = found.get_mut(intent) {
                (asked.became, asked.problem) = match outcome {
                    Outcome::Answered { .. } => (Became::Answered, None),
                    Outcome::Failed { problem } => (Became::Failed, Some(*problem)),
                    Outcome::Cancelled => (Became::Withdrawn, None),
                };
            }
        }
        Event::Refused { peer, question, asker, purpose, sql, problem, .. } => {
            let asked = Asked {
                record,
                time,
                question: *question,
                peer: peer.clone(),
                asker: asker.as_ref().map(|asker| names.of(asker)),
                purpose: purpose.clone(),
                sql: sql.clone(),
                became: Became::Refused,
                problem: Some(*problem),
            };
            found.insert(record, asked);
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decision::Pseudonym;

    #[test]
    fn an_officer_finds_what_is_sought_and_nothing_else() {
        let asked = Asked {
            record: 3,
            // Half past midnight in the Netherlands.
            time: "2026-03-01T23:30:00Z".parse().unwrap(),
            question: None,
            peer: "00000099000000099999".parse().unwrap(),
            asker: Some(Asker::Named("VNG, regioteam".to_owned())),
            purpose: Some("landelijke-monitor".parse().unwrap()),
            sql: Some("SELECT categorie, COUNT(*) AS aantal FROM jeugdhulp WHERE periode = '2025H2'".to_owned()),
            became: Became::Answered,
            problem: None,
        };
        let text = |text: &str| Some(text.to_owned());
        let date = |text: &str| Some(text.parse().unwrap());
        let found = [
            Sought::default(),
            Sought { text: text("CATEGORIE"), asker: text("vng"), ..Sought::default() },
            Sought { from: date("2026-03-02"), until: date("2026-03-02"), ..Sought::default() },
            Sought { purpose: asked.purpose.clone(), became: Some(Became::Answered), ..Sought::default() },
        ];
        assert!(found.iter().all(|sought| sought.is(&asked)));
        let not = [
            Sought { text: text("verwijzer"), ..Sought::default() },
            Sought { asker: text("CBS"), ..Sought::default() },
            Sought { until: date("2026-03-01"), ..Sought::default() },
            Sought { from: date("2026-03-03"), ..Sought::default() },
            Sought { became: Some(Became::Refused), ..Sought::default() },
            Sought { purpose: Some("regionale-inkoop".parse().unwrap()), ..Sought::default() },
        ];
        assert!(!not.iter().any(|sought| sought.is(&asked)));
        let erased = Asked { asker: Some(Asker::Erased(Pseudonym::of("VNG, regioteam", &[1; 32]))), ..asked.clone() };
        assert!(!Sought { asker: text("vng"), ..Sought::default() }.is(&erased));
        let refused = Asked { sql: None, asker: None, became: Became::Refused, ..asked };
        assert!(!Sought { text: text("a"), ..Sought::default() }.is(&refused));
    }
}

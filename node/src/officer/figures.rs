//! How many questions there were and what became of them, and a question as a line of a table.

use drempel_protocols::{catalogue::Catalogue, id::CubeName, sql};

use super::language::{Language, moment};
use crate::{
    askers::Asker,
    audit::{Asked, Became},
};

/// How many questions, by what became of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Figures {
    pub(super) asked: usize,
    pub(super) answered: usize,
    pub(super) refused: usize,
    /// Failed, withdrawn or running.
    pub(super) other: usize,
}

impl Figures {
    pub(super) fn of<'a>(asked: impl IntoIterator<Item = &'a Asked>) -> Self {
        asked.into_iter().fold(Self::default(), |figures, asked| {
            let count = |is: bool| usize::from(is);
            let (answered, refused) = (asked.became == Became::Answered, asked.became == Became::Refused);
            Self {
                asked: figures.asked.saturating_add(1),
                answered: figures.answered.saturating_add(count(answered)),
                refused: figures.refused.saturating_add(count(refused)),
                other: figures.other.saturating_add(count(!answered && !refused)),
            }
        })
    }
}

/// What became of a question, in words.
pub(super) const fn became(became: Became, language: Language) -> &'static str {
    match became {
        Became::Answered => language.say("beantwoord", "answered"),
        Became::Refused => language.say("geweigerd", "refused"),
        Became::Failed => language.say("mislukt", "failed"),
        Became::Withdrawn => language.say("ingetrokken", "withdrawn"),
        Became::Running => language.say("loopt", "running"),
    }
}

/// The class of a label with that.
pub(super) const fn class(became: Became) -> &'static str {
    match became {
        Became::Answered => "goed",
        Became::Refused => "nee",
        Became::Failed | Became::Withdrawn | Became::Running => "let-op",
    }
}

/// A question in a table.
pub(super) struct Line {
    pub(super) record: u64,
    pub(super) moment: String,
    pub(super) purpose: String,
    pub(super) asker: String,
    pub(super) sql: String,
    pub(super) became: &'static str,
    pub(super) class: &'static str,
}

impl Line {
    pub(super) fn of(asked: &Asked, language: Language) -> Self {
        let unknown = || language.say("onbekend", "unknown").to_owned();
        Self {
            record: asked.record,
            moment: moment(asked.time),
            purpose: asked.purpose.as_ref().map_or_else(unknown, ToString::to_string),
            asker: match &asked.asker {
                None => unknown(),
                Some(Asker::Named(name)) => name.clone(),
                Some(Asker::Erased(of)) => {
                    format!("{} {}", language.say("gewist", "erased"), of.as_str().get(..8).unwrap_or_default())
                }
            },
            sql: asked
                .sql
                .clone()
                .unwrap_or_else(|| language.say("geen leesbare vraag", "no readable question").into()),
            became: became(asked.became, language),
            class: class(asked.became),
        }
    }
}

/// The registered cubes that hold a question.
pub(super) fn cubes_of(asked: &Asked, catalogue: &Catalogue) -> Vec<CubeName> {
    let (Some(text), Some(purpose)) = (&asked.sql, &asked.purpose) else { return Vec::new() };
    let Ok((question, _)) = sql::read(text, catalogue, purpose) else { return Vec::new() };
    let Some(view) = catalogue.view(question.view().as_str()) else { return Vec::new() };
    let holding = catalogue.cubes().filter(|cube| cube.holds(&question, purpose, view));
    holding.map(|cube| cube.name().clone()).collect()
}

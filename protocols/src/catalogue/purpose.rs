//! Purposes (doelen): why a question may be asked, on which grondslag, and how that was weighed beforehand. A table is
//! weighed for itself too, in the same words.

use serde::{Deserialize, Serialize};

use crate::id::PurposeId;

/// The most characters of a motivation, and of each part of a weighing.
const MOST: usize = 4_000;

/// A registered purpose. A question without one is not admitted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Purpose {
    /// Its name in questions and logs.
    pub id: PurposeId,
    /// What it is for, in a sentence.
    pub doel: String,
    /// The legal basis, by law and article.
    pub grondslag: String,
    /// The entry in the register van verwerkingsactiviteiten (Logboek Dataverwerkingen).
    pub verwerkingsactiviteit: String,
    /// How the use was weighed.
    pub weging: Weighing,
    /// Who may ask for it, by organisation or role.
    pub gebruikers: Vec<String>,
}

/// The weighing of the Interbestuurlijke Datastrategie, made before any data are used.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Weighing {
    /// Does it serve its end, at a fair cost?
    pub doelmatig: String,
    /// Is it allowed, and no more than is needed?
    pub rechtmatig: String,
    /// Is it right, also for those it is about?
    pub verantwoord: String,
}

impl Weighing {
    /// Whether each of the three says something, in text that can be shown: [`is_said`].
    #[must_use]
    pub fn is_whole(&self) -> bool {
        [&self.doelmatig, &self.rechtmatig, &self.verantwoord].into_iter().all(|text| is_said(text))
    }
}

/// Whether a text says something, in 1 to 4,000 characters without control characters but new lines: it is shown on other
/// people's terminals and pages, and in files.
#[must_use]
pub fn is_said(text: &str) -> bool {
    !text.trim().is_empty() && text.chars().count() <= MOST && !text.chars().any(|c| c.is_control() && c != '\n')
}

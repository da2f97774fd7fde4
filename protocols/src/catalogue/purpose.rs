//! Purposes (doelen): why a question may be asked, on which grondslag, and how that was weighed beforehand.

use serde::{Deserialize, Serialize};

use crate::id::PurposeId;

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
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Weighing {
    /// Does it serve its end, at a fair cost?
    pub doelmatig: String,
    /// Is it allowed, and no more than is needed?
    pub rechtmatig: String,
    /// Is it right, also for those it is about?
    pub verantwoord: String,
}

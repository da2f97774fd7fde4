//! Proposed cubes: a question that no registered table holds, kept with the table that it needs, why, and how whoever asks
//! weighed it, for the federation's parties to weigh. Kept in the store of questions; a proposal is made once, however often it is sent.

use std::{collections::BTreeSet, path::Path, sync::Arc};

use drempel_protocols::{
    catalogue::{Catalogue, Measure, Proposal, Weighing, is_said},
    id::{ColumnName, PurposeId, QuestionId, ViewName},
    refusal::{Refusal, RefusalCode},
    sql,
};
use jiff::Timestamp;
use rusqlite::{Connection, OpenFlags, OptionalExtension as _, TransactionBehavior, params};
use serde::{Deserialize, Serialize};

use super::{Jobs, Store, StoreError, SubmitError, prepared::not_for};
use crate::auth::Analyst;

/// The most proposals that one analyst has.
const MOST: i64 = 100;

/// What an analyst sends.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VoorstelRequest {
    /// A question that no registered table holds, in SQL.
    pub vraag: String,
    /// What for.
    pub doel: PurposeId,
    /// Why the figures are needed, and why no registered table will do.
    pub motivering: String,
    /// How whoever asks weighs it.
    pub weging: Weighing,
}

/// A proposed cube.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Voorstel {
    /// Its name.
    pub id: QuestionId,
    /// When it was proposed.
    pub ingediend: Timestamp,
    /// By whom.
    pub indiener: String,
    /// The canonical text of the question.
    pub vraag: String,
    /// What for.
    pub doel: PurposeId,
    /// Why.
    pub motivering: String,
    /// How whoever asks weighed it; says nothing in a proposal of before proposals were weighed.
    #[serde(default)]
    pub weging: Weighing,
    /// The view it would count.
    pub weergave: ViewName,
    /// Its dimensions.
    pub dimensies: Vec<ColumnName>,
    /// What it would count.
    pub tellingen: BTreeSet<Measure>,
    /// Its cells per gemeente and half-year, margins included.
    pub cellen: usize,
}

impl VoorstelRequest {
    /// The proposal that this is.
    fn weigh(&self, analyst: &Analyst, catalogue: &Catalogue, now: Timestamp) -> Result<Voorstel, SubmitError> {
        if !analyst.purposes.contains(&self.doel) {
            return Err(SubmitError::Purpose(not_for(analyst, &self.doel)));
        }
        let refused = |code, reason: &str, remedy: &str| {
            let (reason, remedy) = (reason.to_owned(), remedy.to_owned());
            SubmitError::Refused(vec![Refusal { code, position: None, reason, remedy }])
        };
        if !is_said(&self.motivering) {
            return Err(refused(
                RefusalCode::Purpose,
                "A proposal says why in 1 to 4000 characters, and no control characters.",
                "Say what the figures are for, and why no registered table will do.",
            ));
        }
        if !self.weging.is_whole() {
            return Err(refused(
                RefusalCode::Purpose,
                "A proposal is weighed: doelmatig, rechtmatig and verantwoord, each in 1 to 4000 characters.",
                "Say whether it serves its end at a fair cost, whether it is allowed and no more than is needed, and whether \
                 it is right, also for those it is about.",
            ));
        }
        let question = sql::outside(&self.vraag, catalogue, &self.doel).map_err(SubmitError::Refused)?;
        let Some(question) = question else {
            let reason = "A registered table holds this question already.";
            return Err(refused(RefusalCode::OutsideCubes, reason, "Ask it: drempel query."));
        };
        let table = Proposal::of(&question, &self.doel, catalogue).map_err(|problems| {
            let because = |problem: String| Refusal {
                code: RefusalCode::OutsideCubes,
                position: None,
                reason: format!("The table that this needs cannot be registered: {problem}."),
                remedy: "Ask for fewer or coarser dimensions, or other counts.".to_owned(),
            };
            SubmitError::Refused(problems.into_iter().map(because).collect())
        })?;
        Ok(Voorstel {
            id: QuestionId::at(now),
            ingediend: now,
            indiener: analyst.name.clone(),
            vraag: sql::render(&question),
            doel: table.purpose,
            motivering: self.motivering.trim().to_owned(),
            weging: self.weging.clone(),
            weergave: table.view,
            dimensies: table.dimensions,
            tellingen: table.measures,
            cellen: table.cells,
        })
    }
}

impl Voorstel {
    /// As an entry of a catalogue's `kubussen.toml`, for the parties to name, and to weigh for themselves.
    #[must_use]
    pub fn toml(&self) -> String {
        let quoted = |names: &mut dyn Iterator<Item = String>| {
            names.map(|name| format!("\"{name}\"")).collect::<Vec<_>>().join(", ")
        };
        let text = |text: &str| toml::Value::from(text).to_string();
        let tellingen = self.tellingen.iter().map(|measure| measure.default_name().to_owned());
        format!(
            "# {} of {}: {} cells per gemeente and half-year.\n[[kubus]]\nnaam = \"\"\nnl = \"\"\nen = \"\"\n\
             weergave = \"{}\"\ndimensies = [{}]\ntellingen = [{}]\ndoelen = [\"{}\"]\nmotivering = {}\n\
             [kubus.weging]\ndoelmatig = {}\nrechtmatig = {}\nverantwoord = {}\n",
            self.ingediend.strftime("%Y-%m-%d"),
            self.indiener,
            self.cellen,
            self.weergave,
            quoted(&mut self.dimensies.iter().map(ToString::to_string)),
            quoted(&mut tellingen.into_iter()),
            self.doel,
            text(&self.motivering),
            text(&self.weging.doelmatig),
            text(&self.weging.rechtmatig),
            text(&self.weging.verantwoord),
        )
    }
}

impl Jobs {
    /// Keeps a proposed cube. The same question for the same purpose is the same proposal.
    ///
    /// # Errors
    /// [`SubmitError`].
    pub async fn propose(&self, analyst: &Analyst, request: &VoorstelRequest) -> Result<Voorstel, SubmitError> {
        let (analyst, request, now) = (analyst.clone(), request.clone(), self.clock.now());
        let catalogue = Arc::clone(&self.catalogue);
        // To see whether a table could be registered takes too long for a thread that serves requests, and for the store.
        let weighed = tokio::task::spawn_blocking(move || request.weigh(&analyst, &catalogue, now)).await;
        let voorstel = weighed.map_err(|_| StoreError::Sqlite(rusqlite::Error::InvalidQuery))??;
        self.with_store(move |store| store.propose(&voorstel)).await
    }

    /// The proposals of an analyst, oldest first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn proposals(&self, analyst: &Analyst) -> Result<Vec<Voorstel>, StoreError> {
        let name = analyst.name.clone();
        self.with_store(move |store| proposals(&store.connection, Some(&name))).await
    }
}

impl Store {
    fn propose(&mut self, voorstel: &Voorstel) -> Result<Voorstel, SubmitError> {
        let change =
            self.connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(StoreError::from)?;
        let (analyst, purpose) = (voorstel.indiener.as_str(), voorstel.doel.as_str());
        let earlier = change
            .query_row(
                "SELECT document FROM voorstel WHERE analyst = ?1 AND question = ?2 AND purpose = ?3",
                [analyst, &voorstel.vraag, purpose],
                |row| row.get::<_, String>(0),
            )
            .optional()
            .map_err(StoreError::from)?;
        if let Some(earlier) = earlier.and_then(|text| serde_json::from_str(&text).ok()) {
            return Ok(earlier);
        }
        let count: i64 = change
            .query_row("SELECT count(*) FROM voorstel WHERE analyst = ?1", [analyst], |row| row.get(0))
            .map_err(StoreError::from)?;
        if count >= MOST {
            return Err(SubmitError::Full);
        }
        let document =
            serde_json::to_string(voorstel).map_err(|_| StoreError::Sqlite(rusqlite::Error::InvalidQuery))?;
        change
            .execute(
                "INSERT INTO voorstel (id, analyst, question, purpose, document) VALUES (?1, ?2, ?3, ?4, ?5)",
                params![voorstel.id.to_string(), analyst, voorstel.vraag, purpose, document],
            )
            .map_err(StoreError::from)?;
        change.commit().map_err(StoreError::from)?;
        Ok(voorstel.clone())
    }

    /// Every proposal in a store that a coordinator may be using, oldest first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn proposed(path: &Path) -> Result<Vec<Voorstel>, StoreError> {
        proposals(&Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?, None)
    }
}

fn proposals(connection: &Connection, analyst: Option<&str>) -> Result<Vec<Voorstel>, StoreError> {
    let mut select =
        connection.prepare("SELECT document FROM voorstel WHERE ?1 IS NULL OR analyst = ?1 ORDER BY id")?;
    let documents = select.query_map([analyst], |row| row.get::<_, String>(0))?.collect::<Result<Vec<_>, _>>()?;
    Ok(documents.iter().filter_map(|text| serde_json::from_str(text).ok()).collect())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use drempel_protocols::catalogue::{Bundle, SignedBundle};

    use super::*;
    use crate::fixture::{analyst, catalogue};

    const QUESTION: &str =
        "SELECT categorie, verwijzer, COUNT(*) FROM jeugdhulp WHERE periode = '2025H2' GROUP BY categorie, verwijzer";

    fn request(vraag: &str, motivering: &str) -> VoorstelRequest {
        let doel = "landelijke-monitor".parse().unwrap();
        let weging = Weighing {
            doelmatig: "Een \"open\" vraag".to_owned(),
            rechtmatig: "Niet meer\ndan nodig".to_owned(),
            verantwoord: "Geen rangorde".to_owned(),
        };
        VoorstelRequest { vraag: vraag.to_owned(), doel, motivering: motivering.to_owned(), weging }
    }

    fn weighed(vraag: &str, motivering: &str) -> Result<Voorstel, SubmitError> {
        let anna = analyst("anna", "landelijke-monitor");
        request(vraag, motivering).weigh(&anna, &catalogue(), Timestamp::UNIX_EPOCH)
    }

    #[test]
    fn a_proposal_is_an_entry_that_the_catalogue_takes() {
        let voorstel = weighed(QUESTION, "To see who refers\nto what.").unwrap();
        let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../config/catalogus"));
        let before = SignedBundle::read(folder).unwrap();
        let mut files: BTreeMap<String, String> =
            before.bundle().files().map(|(name, text)| (name.to_owned(), text.to_owned())).collect();
        let named = voorstel.toml().replace("naam = \"\"", "naam = \"categorie-verwijzer\"");
        files.get_mut("kubussen.toml").unwrap().push_str(&format!("\n{named}"));
        let after = Catalogue::from_bundle(&Bundle::from_files(files)).unwrap();
        let cube = after.cubes().find(|cube| cube.name().as_str() == "categorie-verwijzer").unwrap();
        assert!(*cube.dimensions() == voorstel.dimensies && *cube.measures() == voorstel.tellingen);
        assert_eq!((cube.motivation(), cube.weighing()), ("To see who refers\nto what.", &voorstel.weging));
    }

    #[test]
    fn what_can_be_asked_or_never_registered_is_not_proposed() {
        let within = "SELECT groep, COUNT(*) FROM jeugdhulp WHERE periode = '2025H2' GROUP BY groep";
        let circle = "SELECT levensfase, geslacht_groep, COUNT(*) FROM jeugdhulp WHERE periode = '2025H2' GROUP BY levensfase, geslacht_groep";
        for (sql, why, said) in [
            (within, "because", "holds this question already"),
            (circle, "because", "go round in a circle"),
            (QUESTION, " ", "says why"),
            (QUESTION, "\u{1b}[2J", "no control characters"),
            ("SELECT nergens FROM jeugdhulp", "because", "no column nergens"),
        ] {
            let Err(SubmitError::Refused(refusals)) = weighed(sql, why) else { panic!("{sql}") };
            assert!(refusals.iter().any(|refusal| refusal.reason.contains(said)), "{refusals:?}");
        }
        let mut unweighed = request(QUESTION, "because");
        unweighed.weging.rechtmatig = " ".to_owned();
        let anna = analyst("anna", "landelijke-monitor");
        let Err(SubmitError::Refused(refusals)) = unweighed.weigh(&anna, &catalogue(), Timestamp::UNIX_EPOCH) else {
            panic!("it says nothing of the law")
        };
        assert!(refusals[0].reason.contains("is weighed"), "{refusals:?}");
        let bram = analyst("bram", "regionale-inkoop");
        let not_his = request(QUESTION, "because").weigh(&bram, &catalogue(), Timestamp::UNIX_EPOCH);
        assert!(matches!(not_his, Err(SubmitError::Purpose(_))));
    }

    #[test]
    fn a_proposal_is_kept_once() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("jobs.sqlite");
        let mut store = Store::open(&path).unwrap();
        let first = store.propose(&weighed(QUESTION, "because").unwrap()).unwrap();
        let again = store.propose(&weighed(QUESTION, "for another reason").unwrap()).unwrap();
        assert_eq!(again, first);
        let other = Voorstel { indiener: "bram".to_owned(), id: QuestionId::at(Timestamp::MAX), ..first.clone() };
        store.propose(&other).unwrap();
        assert_eq!(proposals(&store.connection, Some("anna")).unwrap(), std::slice::from_ref(&first));
        assert_eq!(Store::proposed(&path).unwrap(), [first, other]);
        for number in 0..MOST {
            let one = Voorstel { vraag: number.to_string(), ..weighed(QUESTION, "because").unwrap() };
            assert_eq!(store.propose(&one).is_ok(), number + 1 < MOST, "{number}");
        }
    }
}

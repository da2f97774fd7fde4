//! The public register: which questions were asked for which purposes and what became of them, without anybody's name, so
//! that a gemeente can publish it as it is.

use std::{collections::BTreeMap, sync::Arc};

use askama::Template;
use axum::{extract::State, response::Response};
use drempel_protocols::{
    catalogue::{Catalogue, Purpose},
    clock::dutch_day,
    id::{Gemeentecode, PurposeId},
};
use jiff::civil::Date;
use serde::Serialize;

use super::{
    Office,
    page::{Admitted, Page, Refusal, file, html},
};
use crate::audit::{Asked, Became};

/// What may be published.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Template)]
#[template(path = "officer/register_public.html")]
pub struct Register {
    /// The gemeente.
    pub gemeente: Gemeentecode,
    /// Its name.
    pub naam: String,
    /// Until which day it goes.
    pub tot_en_met: Date,
    /// Fewer young persons than these are never shown, but that there are none.
    pub k: u32,
    /// The purposes that are registered, with how each was weighed.
    pub doelen: Vec<Purpose>,
    /// The questions.
    pub vragen: Vec<RegisterLine>,
}

/// A question, however often it was asked for a purpose.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RegisterLine {
    /// What for.
    pub doel: PurposeId,
    /// The canonical text.
    pub vraag: String,
    /// The day on which it was asked first.
    pub eerste: Date,
    /// And last.
    pub laatste: Date,
    /// How often an answer left.
    pub beantwoord: u64,
    /// How often it was refused, failed or was withdrawn.
    pub niet_beantwoord: u64,
}

impl Register {
    /// Of the questions of a log. What is no question of the catalogue's language has no text that may be published.
    #[must_use]
    pub fn of(
        asked: &[Asked],
        catalogue: &Catalogue,
        (gemeente, naam): (Gemeentecode, String),
        (k, today): (u32, Date),
    ) -> Self {
        let mut lines: BTreeMap<(PurposeId, String), RegisterLine> = BTreeMap::new();
        for asked in asked {
            let (Some(doel), Some(vraag)) = (&asked.purpose, &asked.sql) else { continue };
            let day = dutch_day(asked.time);
            let line = lines.entry((doel.clone(), vraag.clone())).or_insert_with(|| RegisterLine {
                doel: doel.clone(),
                vraag: vraag.clone(),
                eerste: day,
                laatste: day,
                beantwoord: 0,
                niet_beantwoord: 0,
            });
            line.laatste = line.laatste.max(day);
            line.eerste = line.eerste.min(day);
            let count = match asked.became {
                Became::Answered => &mut line.beantwoord,
                Became::Refused | Became::Failed | Became::Withdrawn | Became::Running => &mut line.niet_beantwoord,
            };
            *count = count.saturating_add(1);
        }
        let doelen = catalogue.purposes().cloned().collect();
        Self { gemeente, naam, tot_en_met: today, k, doelen, vragen: lines.into_values().collect() }
    }
}

#[derive(Template)]
#[template(path = "officer/register.html")]
struct RegisterPage {
    page: Page,
    register: Register,
}

pub(super) async fn show(State(office): State<Arc<Office>>, by: Admitted) -> Result<Response, Refusal> {
    let register = made(&office).await?;
    Ok(html(&RegisterPage { page: by.page("Openbaar register", "Public register"), register }))
}

pub(super) async fn json(State(office): State<Arc<Office>>, _by: Admitted) -> Result<Response, Refusal> {
    let text = serde_json::to_string_pretty(&made(&office).await?).map_err(|_| Refusal::Failed)?;
    Ok(file("application/json", "register.json", text))
}

async fn made(office: &Arc<Office>) -> Result<Register, Refusal> {
    let all = office.asked().await?;
    let node = &office.node;
    let today = dutch_day(node.clock.now());
    Ok(Register::of(&all, &node.catalogue, (node.config.gemeente, node.name()), (node.policy().k(), today)))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use drempel_protocols::catalogue::SignedBundle;

    use super::*;

    #[test]
    fn what_was_asked_is_in_it_as_often_as_it_was_and_nobody_is() {
        let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../config/catalogus"));
        let catalogue = Catalogue::from_bundle(SignedBundle::read(folder).unwrap().bundle()).unwrap();
        let asked = |day: &str, sql: Option<&str>, became| Asked {
            record: 1,
            time: format!("{day}T12:00:00Z").parse().unwrap(),
            question: None,
            peer: "00000099000000099999".parse().unwrap(),
            asker: Some(crate::askers::Asker::Named("Jansen".to_owned())),
            purpose: Some("landelijke-monitor".parse().unwrap()),
            sql: sql.map(str::to_owned),
            became,
            problem: None,
        };
        let all = [
            asked("2026-11-03", Some("SELECT b"), Became::Answered),
            asked("2026-11-01", Some("SELECT a"), Became::Answered),
            asked("2026-11-02", Some("SELECT a"), Became::Refused),
            asked("2026-11-04", None, Became::Refused),
        ];
        let (gemeente, today) = ("GM0014".parse().unwrap(), Date::constant(2026, 11, 29));
        let register = Register::of(&all, &catalogue, (gemeente, "Groningen".to_owned()), (12, today));
        let lines: Vec<_> = register
            .vragen
            .iter()
            .map(|of| (of.vraag.as_str(), of.eerste.day(), of.laatste.day(), of.beantwoord, of.niet_beantwoord))
            .collect();
        assert_eq!(lines, [("SELECT a", 1, 2, 1, 1), ("SELECT b", 3, 3, 1, 0)]);
        for published in [register.render().unwrap(), serde_json::to_string(&register).unwrap()] {
            assert!(published.contains("SELECT a") && published.contains("landelijke-monitor"));
            assert!(!published.contains("Jansen") && !published.contains("00000099000000099999"));
        }
        assert!(register.render().unwrap().contains("van 1 tot 12 jeugdigen"));
    }
}

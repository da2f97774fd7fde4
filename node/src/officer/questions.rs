//! Every question, the last one first, and those among them that somebody looks for.

use std::{str::FromStr, sync::Arc};

use askama::Template;
use axum::{
    extract::{Query, State},
    response::Response,
};
use clap::ValueEnum as _;
use drempel_protocols::id::{CubeName, Oin};
use serde::{Deserialize, Serialize};

use super::{
    Office,
    figures::{Line, became, cubes_of},
    page::{Admitted, Page, Refusal, html},
};
use crate::audit::{Became, Sought};

/// Questions on a page.
const ON_A_PAGE: usize = 50;

/// What is looked for, as it is filled in.
#[derive(Clone, Default, Deserialize, Serialize)]
#[serde(default)]
pub(super) struct Search {
    tekst: String,
    vrager: String,
    organisatie: String,
    doel: String,
    kubus: String,
    uitkomst: String,
    van: String,
    tot: String,
    pagina: usize,
}

#[derive(Template)]
#[template(path = "officer/questions.html")]
struct QuestionsPage {
    page: Page,
    search: Search,
    purposes: Vec<String>,
    cubes: Vec<String>,
    peers: Vec<(String, String)>,
    outcomes: Vec<(String, &'static str)>,
    lines: Vec<Line>,
    found: usize,
    all: usize,
    earlier: Option<String>,
    later: Option<String>,
}

pub(super) async fn show(
    State(office): State<Arc<Office>>,
    by: Admitted,
    search: Result<Query<Search>, axum::extract::rejection::QueryRejection>,
) -> Result<Response, Refusal> {
    let Query(search) = search.map_err(|_| Refusal::Malformed)?;
    let all = office.asked().await?;
    let page = by.page("Vragen", "Questions");
    let (language, catalogue) = (page.language(), &office.node.catalogue);
    let sought = search.sought()?;
    let (peer, cube) = (given::<Oin>(&search.organisatie)?, given::<CubeName>(&search.kubus)?);
    let mut found: Vec<_> = all
        .iter()
        .filter(|asked| sought.is(asked))
        .filter(|asked| peer.as_ref().is_none_or(|peer| asked.peer == *peer))
        .filter(|asked| cube.as_ref().is_none_or(|cube| cubes_of(asked, catalogue).contains(cube)))
        .collect();
    found.reverse();
    let first = search.pagina.saturating_mul(ON_A_PAGE);
    let lines = found.iter().skip(first).take(ON_A_PAGE).map(|asked| Line::of(asked, language)).collect();
    let to = |pagina: usize| serde_urlencoded::to_string(Search { pagina, ..search.clone() }).ok();
    let has_earlier = found.len() > first.saturating_add(ON_A_PAGE);
    let words = Became::value_variants().iter();
    Ok(html(&QuestionsPage {
        purposes: catalogue.purposes().map(|purpose| purpose.id.to_string()).collect(),
        cubes: catalogue.cubes().map(|cube| cube.name().to_string()).collect(),
        peers: office.node.config.peers.iter().map(|peer| (peer.oin.to_string(), peer.naam.clone())).collect(),
        outcomes: words.map(|of| (code(*of), became(*of, language))).collect(),
        lines,
        found: found.len(),
        all: all.len(),
        earlier: if has_earlier { to(search.pagina.saturating_add(1)) } else { None },
        later: search.pagina.checked_sub(1).and_then(to),
        search,
        page,
    }))
}

impl Search {
    fn sought(&self) -> Result<Sought, Refusal> {
        let text = |text: &str| Some(text.trim()).filter(|text| !text.is_empty()).map(str::to_owned);
        let became = match self.uitkomst.as_str() {
            "" => None,
            word => Some(Became::from_str(word, false).map_err(|_| Refusal::Malformed)?),
        };
        Ok(Sought {
            text: text(&self.tekst),
            asker: text(&self.vrager),
            purpose: given(&self.doel)?,
            from: given(&self.van)?,
            until: given(&self.tot)?,
            became,
        })
    }
}

/// A field that is filled in.
fn given<T: FromStr>(text: &str) -> Result<Option<T>, Refusal> {
    match text.trim() {
        "" => Ok(None),
        text => text.parse().map(Some).map_err(|_| Refusal::Malformed),
    }
}

fn code(became: Became) -> String {
    became.to_possible_value().map(|word| word.get_name().to_owned()).unwrap_or_default()
}

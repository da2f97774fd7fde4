//! The catalogue that the federation proposes: every table and purpose that comes, goes or becomes another, with its motivation
//! and weighing, every line that changes, and what it does to questions. The officer decides about it before it holds.

use std::sync::Arc;

use askama::Template;
use axum::{extract::State, response::Response};
use drempel_protocols::{
    catalogue::{Catalogue, Change, Cube, Purpose},
    clock::dutch_day,
    policy::Policy,
};
use jiff::ToSpan as _;

use super::{
    Office,
    decide::{DAYS, SHOWN},
    figures::{Figures, Line},
    language::Language,
    page::{Admitted, Page, Refusal, html},
    subjects::{CubeLine, Stand, waits},
};
use crate::{
    app::Node,
    audit::Asked,
    decision::{Decisions, Pseudonym, Standing, Subject},
    gate::{Under, refused_by_change},
    proposed::{FileChange, Proposed},
};

/// Something that changes, as it is shown.
struct ChangeLine<T> {
    name: String,
    words: &'static str,
    class: &'static str,
    before: Option<T>,
    after: Option<T>,
}

impl<T> ChangeLine<T> {
    fn of<C>(
        change: Change<'_, C>,
        language: Language,
        name: impl Fn(&C) -> String,
        (now, then): (impl Fn(&C) -> T, impl Fn(&C) -> T),
    ) -> Self {
        let (named, words, class, before, after) = match change {
            Change::Added(of) => (of, language.say("komt erbij", "comes"), "let-op", None, Some(then(of))),
            Change::Removed(of) => (of, language.say("verdwijnt", "goes"), "nee", Some(now(of)), None),
            Change::Altered { before, after } => {
                (after, language.say("verandert", "changes"), "let-op", Some(now(before)), Some(then(after)))
            }
        };
        Self { name: name(named), words, class, before, after }
    }
}

struct Shown {
    version: (String, String),
    digest: String,
    signers: Vec<String>,
    stand: Stand,
    is_accepted: bool,
    /// The record of the acceptance that waits for a second officer, and whether this one can be that.
    waits: Option<(u64, bool)>,
    is_known: bool,
    days: i64,
    asked: Figures,
    refused: usize,
    lines: Vec<Line>,
    cubes: Vec<ChangeLine<CubeLine>>,
    purposes: Vec<ChangeLine<Purpose>>,
    files: Vec<FileChange>,
}

#[derive(Template)]
#[template(path = "officer/proposed.html")]
struct ProposedPage {
    page: Page,
    /// Why what is proposed cannot be used.
    unfit: Option<String>,
    of: Option<Shown>,
}

pub(super) async fn show(State(office): State<Arc<Office>>, by: Admitted) -> Result<Response, Refusal> {
    let page = by.page("Voorgestelde catalogus", "Proposed catalogue");
    let (unfit, of) = match office.proposed().await? {
        Err(why) => (Some(why), None),
        Ok(None) => (None, None),
        Ok(Some(proposed)) => {
            // An officer can decide whatever becomes of the log.
            let asked = office.asked().await.ok();
            let (node, language) = (Arc::clone(&office.node), page.language());
            let own = page.visitor.who.as_ref().map(|who| who.by.clone());
            let shown = move || anyhow::Ok(Shown::of(&node, &proposed, asked, (own.as_ref(), language)));
            (None, Some(office.off_thread("a page cannot show what is proposed", shown).await?))
        }
    };
    Ok(html(&ProposedPage { page, unfit, of }))
}

impl Shown {
    fn of(
        node: &Node,
        proposed: &Proposed,
        asked: Option<Vec<Asked>>,
        (own, language): (Option<&Pseudonym>, Language),
    ) -> Self {
        let (before, after, today) = (&node.catalogue, proposed.catalogue(), dutch_day(node.clock.now()));
        let decisions = node.audit.decisions();
        let about = Subject::Catalogue(after.digest());
        let is_known = asked.is_some();
        let first = today.saturating_sub(DAYS.days());
        let all = asked.unwrap_or_default();
        let lately: Vec<&Asked> = all.iter().filter(|asked| dutch_day(asked.time) >= first).collect();
        let refused = refused_by(node, after, &decisions, &lately);
        let cube = |catalogue| move |cube: &Cube| CubeLine::of(cube, catalogue, language);
        let cubes = before.cube_changes(after).into_iter().map(|change| {
            let name = |cube: &Cube| cube.name().to_string();
            ChangeLine::of(change, language, name, (cube(before), cube(after)))
        });
        let purposes = before.purpose_changes(after).into_iter().map(|change| {
            let name = |purpose: &Purpose| purpose.id.to_string();
            ChangeLine::of(change, language, name, (Purpose::clone, Purpose::clone))
        });
        let waiting = decisions.newest_first().find(|(_, taken)| taken.decision.about == about);
        let waiting = waiting.filter(|(record, taken)| waits(&decisions, *record, taken));
        Self {
            version: (before.version().to_owned(), after.version().to_owned()),
            digest: after.digest().to_string(),
            signers: proposed.signers().to_vec(),
            stand: Stand::of(&about, (node.configured(), before, &decisions), today, language),
            is_accepted: matches!(decisions.standing(&about, today), Standing::Accepted(_)),
            waits: waiting.map(|(record, taken)| (record, own != Some(&taken.decision.by))),
            is_known,
            days: DAYS,
            asked: Figures::of(lately.iter().copied()),
            refused: refused.len(),
            lines: refused.iter().rev().take(SHOWN).map(|asked| Line::of(asked, language)).collect(),
            cubes: cubes.collect(),
            purposes: purposes.collect(),
            files: proposed.file_changes(&node.bundle),
        }
    }
}

/// Of these questions those that are answered now, and would be refused with a proposed catalogue once it is accepted.
pub(super) fn refused_by<'a>(
    node: &Node,
    proposed: &Catalogue,
    decisions: &Decisions,
    asked: &[&'a Asked],
) -> Vec<&'a Asked> {
    let today = dutch_day(node.clock.now());
    let before = decisions.over(node.configured(), &node.catalogue, today);
    let others = decisions.without(&Subject::Catalogue(proposed.digest()));
    // It was read from what could be put in place, so its policy is one.
    let Ok(then) = Policy::from_file(&node.config.beleid, proposed) else { return Vec::new() };
    let then = others.over(&then, proposed, today);
    let change = (Under { catalogue: &node.catalogue, policy: &before }, Under { catalogue: proposed, policy: &then });
    refused_by_change(asked.iter().copied(), node.config.gemeente, change)
}

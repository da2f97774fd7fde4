//! The report of a month, to print and for a spreadsheet: who asked what for, what became of it, and what was decided.

use std::{collections::BTreeMap, sync::Arc};

use askama::Template;
use axum::{
    extract::{Query, State},
    response::Response,
};
use drempel_protocols::clock::dutch_day;
use jiff::civil::Date;
use serde::Deserialize;

use super::{
    Accounts, Office,
    figures::{Figures, Line, cubes_of},
    language::{Language, moment},
    page::{Admitted, Page, Refusal, file, html},
    subjects::{DecisionLine, name_of},
};
use crate::{
    audit::{AccountChange, AccountKind, Asked, InventoryChange, account_changes, inventory_changes},
    decision::Decisions,
};

/// Which month, as 2026-11.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Month {
    maand: String,
}

impl Month {
    /// Its first day; of the month of today where none is given.
    fn first(&self, today: Date) -> Result<Date, Refusal> {
        match self.maand.trim() {
            "" => Ok(today.first_of_month()),
            text => format!("{text}-01").parse().map_err(|_| Refusal::Malformed),
        }
    }
}

fn is_in(first: Date, day: Date) -> bool {
    (first..=first.last_of_month()).contains(&day)
}

#[derive(Template)]
#[template(path = "officer/report.html")]
struct ReportPage {
    page: Page,
    month: String,
    earlier: String,
    later: String,
    made: String,
    all: Figures,
    by_purpose: Vec<(String, Figures)>,
    by_peer: Vec<(String, Figures)>,
    by_cube: Vec<(String, Figures)>,
    decisions: Vec<DecisionLine>,
    accounts: Vec<AccountLine>,
    inventory: Vec<InventoryLine>,
    lines: Vec<Line>,
}

pub(super) async fn show(
    State(office): State<Arc<Office>>,
    Query(month): Query<Month>,
    by: Admitted,
) -> Result<Response, Refusal> {
    let (first, asked) = of_month(&office, &month).await?;
    let accounts = office.accounts().await?;
    let changes = office.read(account_changes).await?;
    let inventory = office.read(inventory_changes).await?;
    let page = by.page("Maandverslag", "Monthly report");
    let (language, node) = (page.language(), &office.node);
    let unknown = || language.say("onbekend", "unknown").to_owned();
    let naam = |asked: &Asked| {
        let peer = node.config.peers.iter().find(|peer| peer.oin == asked.peer);
        vec![peer.map_or_else(|| asked.peer.to_string(), |peer| peer.naam.clone())]
    };
    let cubes = |asked: &Asked| cubes_of(asked, &node.catalogue).iter().map(ToString::to_string).collect();
    let decisions: Decisions = node.audit.decisions();
    let in_month: Vec<u64> = decisions
        .newest_first()
        .filter(|(_, taken)| is_in(first, dutch_day(taken.at)))
        .map(|(record, _)| record)
        .collect();
    let mut lines = DecisionLine::all(&decisions, &node.catalogue, &accounts, &page);
    lines.retain(|line| in_month.contains(&line.record));
    let name = |day: Date| day.strftime("%Y-%m").to_string();
    Ok(html(&ReportPage {
        month: name(first),
        earlier: name(first.yesterday().unwrap_or(first)),
        later: name(first.last_of_month().tomorrow().unwrap_or(first)),
        made: moment(node.clock.now()),
        all: Figures::of(&asked),
        by_purpose: counted(&asked, |asked| vec![asked.purpose.as_ref().map_or_else(unknown, ToString::to_string)]),
        by_peer: counted(&asked, naam),
        by_cube: counted(&asked, cubes),
        decisions: lines,
        accounts: changes
            .iter()
            .filter(|change| is_in(first, dutch_day(change.at)))
            .map(|change| AccountLine::of(change, &accounts, language))
            .collect(),
        inventory: inventory
            .iter()
            .filter(|change| is_in(first, dutch_day(change.at)))
            .map(|change| InventoryLine::of(change, language))
            .collect(),
        lines: asked.iter().map(|asked| Line::of(asked, language)).collect(),
        page,
    }))
}

/// A change of an account as it is shown.
struct AccountLine {
    moment: String,
    name: String,
    what: String,
    role: &'static str,
}

impl AccountLine {
    fn of(change: &AccountChange, accounts: &Accounts, language: Language) -> Self {
        let say = |nl: &str, en: &str| language.say(nl, en).to_owned();
        let (what, role) = match change.kind {
            AccountKind::Made(role) => (say("gemaakt", "made"), role.name()),
            AccountKind::Changed(role) => (say("rol of wachtwoord nieuw", "role or password anew"), role.name()),
            AccountKind::Removed => (say("verwijderd", "removed"), ""),
            AccountKind::SawHidden { period, preview: false } => {
                (format!("{} {period}", language.say("zag wat verborgen is van", "saw what is hidden of")), "")
            }
            AccountKind::SawHidden { period, preview: true } => {
                let saw = language.say("zag wat verborgen zou zijn van", "saw what would be hidden of");
                (format!("{saw} {period}"), "")
            }
        };
        Self { moment: moment(change.at), name: name_of(&change.of, accounts, language), what, role }
    }
}

/// A change of a key, or an import, as it is shown.
struct InventoryLine {
    moment: String,
    what: String,
    new: String,
}

impl InventoryLine {
    fn of(change: &InventoryChange, language: Language) -> Self {
        let InventoryChange { at, key, new } = change;
        let data = || language.say("gegevens ingelezen", "data imported").to_owned();
        let gone = || language.say("niet meer in gebruik", "not in use any more").to_owned();
        Self { moment: moment(*at), what: key.clone().unwrap_or_else(data), new: new.clone().unwrap_or_else(gone) }
    }
}

fn counted(asked: &[Asked], by: impl Fn(&Asked) -> Vec<String>) -> Vec<(String, Figures)> {
    let mut groups: BTreeMap<String, Vec<&Asked>> = BTreeMap::new();
    for asked in asked {
        for name in by(asked) {
            groups.entry(name).or_default().push(asked);
        }
    }
    groups.into_iter().map(|(name, asked)| (name, Figures::of(asked))).collect()
}

/// The questions of the month, one a line.
pub(super) async fn csv(
    State(office): State<Arc<Office>>,
    Query(month): Query<Month>,
    by: Admitted,
) -> Result<Response, Refusal> {
    let (first, asked) = of_month(&office, &month).await?;
    let language = by.visitor.language;
    let text = spreadsheet(asked.iter().map(|asked| Line::of(asked, language))).map_err(|_| Refusal::Failed)?;
    Ok(file("text/csv; charset=utf-8", &format!("drempel-{}.csv", first.strftime("%Y-%m")), text))
}

/// As CSV. What others wrote is no formula to a spreadsheet.
fn spreadsheet(lines: impl Iterator<Item = Line>) -> anyhow::Result<String> {
    // As a Dutch spreadsheet reads it without being asked: semicolons, and a mark that it is UTF-8.
    let mut writer = csv::WriterBuilder::new().delimiter(b';').from_writer("\u{feff}".as_bytes().to_vec());
    writer.write_record(["record", "tijd", "doel", "vrager_volgens_coordinator", "vraag", "uitkomst"])?;
    for Line { record, moment, purpose, asker, sql, became, .. } in lines {
        let (record, asker, sql) = (record.to_string(), plain(&asker), plain(&sql));
        writer.write_record([&record, &moment, &purpose, &asker, &sql, became])?;
    }
    Ok(String::from_utf8(writer.into_inner()?)?)
}

fn plain(text: &str) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{text}") } else { text.to_owned() }
}

async fn of_month(office: &Arc<Office>, month: &Month) -> Result<(Date, Vec<Asked>), Refusal> {
    let first = month.first(dutch_day(office.node.clock.now()))?;
    let mut all = office.asked().await?;
    all.retain(|asked| is_in(first, dutch_day(asked.time)));
    Ok((first, all))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_others_wrote_is_no_formula_and_no_other_cell() {
        let line = |asker: &str| Line {
            record: 3,
            moment: "28-11-2026 23:40".to_owned(),
            purpose: "landelijke-monitor".to_owned(),
            asker: asker.to_owned(),
            sql: "SELECT a, b".to_owned(),
            became: "beantwoord",
            class: "goed",
        };
        let text = spreadsheet([line("=HYPERLINK(\"x\")"), line("a\";b\n")].into_iter()).unwrap();
        let text = text.strip_prefix('\u{feff}').unwrap();
        let mut read = csv::ReaderBuilder::new().delimiter(b';').from_reader(text.as_bytes());
        let asker = |row: Result<csv::StringRecord, csv::Error>| row.unwrap().get(3).unwrap().to_owned();
        assert_eq!(read.records().map(asker).collect::<Vec<_>>(), ["'=HYPERLINK(\"x\")", "a\";b\n"]);
    }

    #[test]
    fn a_month_is_all_of_its_days_and_no_other() {
        let today = Date::constant(2028, 2, 10);
        let first = Month::default().first(today).unwrap();
        let day = |text: &str| text.parse::<Date>().unwrap();
        assert!(is_in(first, day("2028-02-01")) && is_in(first, day("2028-02-29")));
        assert!(!is_in(first, day("2028-01-31")) && !is_in(first, day("2028-03-01")));
        let month = |text: &str| Month { maand: text.to_owned() }.first(today);
        assert_eq!(month("2026-11"), Ok(day("2026-11-01")));
        assert!(month("2026-13").is_err() && month("<script>").is_err());
    }
}

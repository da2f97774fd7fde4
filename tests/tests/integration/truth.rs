//! Every visible count equals an independent recount of what really happened, and every cell of 1 to 9 persons is hidden,
//! with such others as protect it. The oracle is the generator's truth; it shares no code with the import, the release or
//! the engine.

use std::collections::{BTreeMap, BTreeSet};

use drempel_coordinator::{
    AnswerDocument,
    document::{Row, Shown},
};
use drempel_protocols::{
    catalogue::{Catalogue, Measure, ONBEKEND},
    id::{Gemeentecode, Period},
};
use drempel_tests::{
    federation::Federation,
    participants::Participant,
    synthetic::{Size, ViewRow},
};

const K: usize = 10;

/// Counts of a cell at one gemeente: distinct persons and trajecten.
type Counts = (usize, usize);

/// The member of a row for a column of the catalogue; groupings by the catalogue's own lists.
fn member<'a>(catalogue: &'a Catalogue, view: &str, row: &ViewRow, column: &str) -> &'a str {
    let view = catalogue.view(view).unwrap();
    let dimension = view.column(column).unwrap().dimension().unwrap();
    let code = match dimension.grouping() {
        Some(grouping) => {
            let finer = member(catalogue, view.name().as_str(), row, grouping.of().as_str()).parse().unwrap();
            grouping.group_of(&finer).unwrap().as_str()
        }
        None => row.member(column).unwrap_or(ONBEKEND),
    };
    let place = dimension.domain().index_of(code).unwrap();
    dimension.domain().member(place).unwrap().code.as_str()
}

fn recount(rows: &[ViewRow], mut keep: impl FnMut(&ViewRow) -> bool) -> Counts {
    let kept: Vec<usize> = rows.iter().filter(|row| keep(row)).map(|row| row.persoon()).collect();
    (kept.iter().collect::<BTreeSet<_>>().len(), kept.len())
}

/// What a cell of one gemeente may show: its count if it has no or enough persons, and otherwise nothing.
fn assert_one(found: Shown, counts: Counts, measure: Measure, of: &str) -> Shown {
    let count = match measure {
        Measure::Personen => counts.0,
        Measure::Aantal => counts.1,
    };
    match &found {
        Shown::Hidden => {}
        shown => assert!(!(1..K).contains(&counts.0) && *shown == Shown::Value(count as u64), "{shown:?}, {of}"),
    }
    found
}

/// What a sum over gemeenten must show.
fn sum(parts: &[Shown]) -> Shown {
    let visible: u64 = parts.iter().map(|part| if let Shown::Value(count) = part { *count } else { 0 }).sum();
    if parts.iter().all(|part| matches!(part, Shown::Value(_))) {
        Shown::Value(visible)
    } else if visible > 0 {
        Shown::AtLeast(visible)
    } else {
        Shown::Hidden
    }
}

/// The rows of a view for every gemeente and period, as they really are.
struct Oracle<'a> {
    catalogue: &'a Catalogue,
    view: &'a str,
    rows: BTreeMap<(Gemeentecode, Period), Vec<ViewRow>>,
}

impl<'a> Oracle<'a> {
    fn of(federation: &'a Federation, view: &'a str) -> Self {
        let catalogue = federation.catalogue();
        let rows = federation
            .members()
            .iter()
            .flat_map(|(code, member)| {
                let truth = member.truth.as_ref().unwrap();
                catalogue.periods().map(move |period| ((*code, period), truth.view_rows(view, period)))
            })
            .collect();
        Self { catalogue, view, rows }
    }

    /// The true counts of a row of an answer by gemeente, from its own names.
    fn counts(&self, row: &Row, period: Period, dimensions: &[&str]) -> Counts {
        let code: Gemeentecode = row.text("gemeente").parse().unwrap();
        let keep = |found: &ViewRow| {
            dimensions.iter().all(|column| member(self.catalogue, self.view, found, column) == row.text(column))
        };
        recount(&self.rows[&(code, period)], keep)
    }

    /// How many persons of such a row are clients of each aanbieder.
    fn clients(&self, row: &Row, period: Period, dimensions: &[&str]) -> Vec<usize> {
        let code: Gemeentecode = row.text("gemeente").parse().unwrap();
        let mut clients: BTreeMap<u32, BTreeSet<usize>> = BTreeMap::new();
        for found in &self.rows[&(code, period)] {
            let is_in = |column: &&str| member(self.catalogue, self.view, found, column) == row.text(column);
            for aanbieder in found.aanbieders().into_iter().filter(|_| dimensions.iter().all(is_in)) {
                clients.entry(aanbieder).or_default().insert(found.persoon());
            }
        }
        clients.values().map(BTreeSet::len).collect()
    }

    /// Whether a gemeente is in the area of a row.
    fn within(&self, code: Gemeentecode, row: &Row, period: Period, area: Option<&str>) -> bool {
        let division = self.catalogue.division(period).unwrap();
        area.is_none_or(|column| division.gemeente(code).unwrap().jeugdregio.as_str() == row.text(column))
    }
}

/// Gemeenten that release the half-years from one on, or one half-year only.
async fn federation(seed: u64, sizes: &[(&str, usize)], first_release: Option<Period>) -> Federation {
    let participants = sizes
        .iter()
        .map(|(code, persons)| Participant { code: code.parse().unwrap(), size: Size::Persons(*persons) })
        .collect();
    let builder = Federation::builder().participants(participants).seed(seed);
    match first_release {
        Some(period) => builder.first_release(period),
        None => builder,
    }
    .start()
    .await
    .unwrap()
}

#[derive(Debug, Default)]
struct Tally {
    values: usize,
    hidden: usize,
    bounds: usize,
    zeros: usize,
    /// Hidden though there are enough persons.
    secondary: usize,
}

impl Tally {
    fn add(&mut self, shown: &Shown, counts: Counts) {
        match shown {
            Shown::Value(0) => self.zeros += 1,
            Shown::Value(_) => self.values += 1,
            _ => self.hidden += 1,
        }
        self.secondary += usize::from(*shown == Shown::Hidden && counts.0 >= K);
    }
}

/// What each gemeente shows of a half-year, members and measure.
type Parts<'q> = BTreeMap<(Period, Vec<String>, &'q str), Vec<(Gemeentecode, Shown)>>;

/// A question without its area: view, columns, counts and conditions.
struct Asked<'q> {
    federation: &'q Federation,
    oracle: &'q Oracle<'q>,
    fixed: Option<Period>,
    dimensions: &'q [&'q str],
    measures: &'q [(&'q str, Measure)],
    conditions: &'q str,
}

impl Asked<'_> {
    async fn answer(&self, area: Option<&str>) -> AnswerDocument {
        let period = if self.fixed.is_none() { Some("periode") } else { None };
        let columns: Vec<&str> = period.into_iter().chain(area).chain(self.dimensions.iter().copied()).collect();
        let counts = self.measures.iter().map(|(name, measure)| format!("{} AS {name}", measure.sql()));
        let selected: Vec<String> = columns.iter().map(|column| (*column).to_owned()).chain(counts).collect();
        let group = if columns.is_empty() { String::new() } else { format!(" GROUP BY {}", columns.join(", ")) };
        let sql = format!("SELECT {} FROM {} {}{group}", selected.join(", "), self.oracle.view, self.conditions);
        self.federation.query(&sql).await.unwrap()
    }

    fn period(&self, row: &Row) -> Period {
        self.fixed.unwrap_or_else(|| row.text("periode").parse().unwrap())
    }

    /// Asks by gemeente and compares with the truth; then by an area, which must be the sum of what its gemeenten show.
    async fn check(&self, area: Option<&str>, tally: &mut Tally) -> usize {
        let own = self.answer(Some("gemeente")).await;
        let mut parts: Parts<'_> = BTreeMap::new();
        for row in &own.rows {
            let period = self.period(row);
            let members: Vec<String> = self.dimensions.iter().map(|column| row.text(column).to_owned()).collect();
            let counts = self.oracle.counts(row, period, self.dimensions);
            for (name, measure) in self.measures {
                let shown = assert_one(row.measure(name), counts, *measure, &format!("{row:?} in {}", own.question));
                tally.add(&shown, counts);
                let code = row.text("gemeente").parse().unwrap();
                parts.entry((period, members.clone(), name)).or_default().push((code, shown));
            }
        }
        if area == Some("gemeente") {
            return own.rows.len();
        }
        let answer = self.answer(area).await;
        for row in &answer.rows {
            let period = self.period(row);
            let members: Vec<String> = self.dimensions.iter().map(|column| row.text(column).to_owned()).collect();
            for (name, _) in self.measures {
                let all = &parts[&(period, members.clone(), *name)];
                let within = all.iter().filter(|(code, _)| self.oracle.within(*code, row, period, area));
                let within: Vec<Shown> = within.map(|(_, shown)| shown.clone()).collect();
                assert!(!within.is_empty(), "a row for an area where nobody takes part: {row:?}");
                assert_eq!(row.measure(name), sum(&within), "{name} of {row:?} in {}", answer.question);
                tally.bounds += usize::from(matches!(sum(&within), Shown::AtLeast(_)));
            }
        }
        answer.rows.len()
    }
}

/// Asks every margin of every cube in a half-year, and compares each count.
async fn every_cube(federation: &Federation, period: &str, regions: usize) -> BTreeMap<String, Tally> {
    let mut tallies: BTreeMap<String, Tally> = BTreeMap::new();
    let conditions = format!("WHERE periode = '{period}'");
    for cube in federation.catalogue().cubes() {
        let name = cube.view().as_str();
        let oracle = Oracle::of(federation, name);
        let tally = tallies.entry(name.to_owned()).or_default();
        let dimensions: Vec<&str> = cube.dimensions().iter().map(|name| name.as_str()).collect();
        let measures: Vec<(&str, Measure)> =
            cube.measures().iter().map(|measure| (measure.default_name(), *measure)).collect();
        let view = federation.catalogue().view(name).unwrap();
        for (area, areas) in [("gemeente", federation.members().len()), ("jeugdregio", regions)] {
            for dimensions in (0..=dimensions.len()).map(|count| &dimensions[..count]) {
                let members =
                    |column: &&str| view.column(column).unwrap().dimension().unwrap().domain().members().len();
                let cells: usize = dimensions.iter().map(members).product();
                let asked = Asked {
                    federation,
                    oracle: &oracle,
                    fixed: Some(period.parse().unwrap()),
                    dimensions,
                    measures: &measures,
                    conditions: &conditions,
                };
                let rows = asked.check(Some(area), tally).await;
                assert_eq!(rows, areas * cells, "the whole grid is answered: {area}, {dimensions:?}");
            }
        }
    }
    tallies
}

#[tokio::test(flavor = "multi_thread")]
async fn every_count_of_every_cube_equals_the_recount() {
    // Some large, some small, of both jeugdregio's: cells on either side of the threshold.
    let sizes = [("GM0014", 700), ("GM0037", 150), ("GM0765", 70), ("GM0034", 500), ("GM0050", 90)];
    let federation = federation(7, &sizes, None).await;
    let tallies = every_cube(&federation, "2025H2", 2).await;
    let tally = &tallies["jeugdhulp"];
    assert!(tally.values > 300 && tally.hidden > 300 && tally.bounds > 30 && tally.zeros > 30, "{tally:?}");
    assert!(tally.secondary > 30 && tally.secondary < tally.values, "{tally:?}");
    assert!(tallies.keys().eq(["herhaald_beroep", "jeugdhulp", "wisseling"]));
    for (view, tally) in &tallies {
        assert!(tally.values > 0 && tally.hidden > 10 && tally.zeros > 0, "{view}: {tally:?}");
    }
    federation.stop().await;
}

/// Rule R7: of no cell that is shown can an aanbieder tell that 1 to 9 others than its own clients are in it.
#[tokio::test(flavor = "multi_thread")]
async fn no_aanbieder_is_left_with_few_others() {
    let federation = federation(12, &[("GM0014", 900), ("GM0765", 80)], None).await;
    let catalogue = federation.catalogue();
    let (mut shown, mut hidden) = (0, 0);
    for cube in catalogue.cubes().filter(|cube| cube.view().as_str() == "jeugdhulp") {
        let oracle = Oracle::of(&federation, "jeugdhulp");
        let dimensions: Vec<&str> = cube.dimensions().iter().map(|name| name.as_str()).collect();
        let measures: Vec<(&str, Measure)> =
            cube.measures().iter().map(|measure| (measure.default_name(), *measure)).collect();
        for dimensions in (0..=dimensions.len()).map(|count| &dimensions[..count]) {
            let period = "2025H2".parse().unwrap();
            let asked = Asked {
                federation: &federation,
                oracle: &oracle,
                fixed: Some(period),
                dimensions,
                measures: &measures,
                conditions: "WHERE periode = '2025H2'",
            };
            for row in &asked.answer(Some("gemeente")).await.rows {
                let (persons, _) = oracle.counts(row, period, dimensions);
                let clients = oracle.clients(row, period, dimensions);
                let few = clients.iter().any(|clients| (1..K).contains(&(persons - clients)));
                let is_hidden = measures.iter().all(|(name, _)| row.measure(name) == Shown::Hidden);
                assert!(is_hidden || !few, "{row:?} of {persons}, and clients {clients:?}");
                shown += usize::from(!is_hidden && persons > 0);
                hidden += usize::from(few && persons >= K);
            }
        }
    }
    assert!(shown > 100 && hidden > 3, "{shown} shown, {hidden} hidden from an aanbieder");
    federation.stop().await;
}

/// What counts in a later half-year is decided by what was counted before: without corrections it is the same.
#[tokio::test(flavor = "multi_thread")]
async fn every_count_after_other_releases_equals_the_recount() {
    let federation = federation(9, &[("GM0014", 1_500), ("GM0034", 150)], Some("2025H1".parse().unwrap())).await;
    for period in ["2025H2", "2026H1"] {
        let tallies = every_cube(&federation, period, 2).await;
        assert!(tallies["jeugdhulp"].values > 300 && tallies["herhaald_beroep"].values > 10, "{tallies:?}");
    }
    federation.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_period_grouping_and_filter_equals_the_recount() {
    let federation = federation(8, &[("GM0014", 1_200), ("GM0034", 40)], Some("2024H1".parse().unwrap())).await;
    let oracle = Oracle::of(&federation, "jeugdhulp");
    let mut tally = Tally::default();
    let jeugdigen = [("jeugdigen", Measure::Personen)];

    let asked = |fixed: Option<&str>, dimensions, conditions| Asked {
        federation: &federation,
        oracle: &oracle,
        fixed: fixed.map(|period| period.parse().unwrap()),
        dimensions,
        measures: &jeugdigen,
        conditions,
    };
    assert_eq!(asked(None, &["groep"], "").check(None, &mut tally).await, 5 * 9);
    let some = "WHERE periode = '2024H1' AND levensfase = 'tot_12_jaar' AND hoofdgroep IN ('ggz', 'ambulant')";
    let rows = asked(Some("2024H1"), &["hoofdgroep", "levensfase"], some).check(Some("gemeente"), &mut tally).await;
    assert_eq!(rows, 2 * 2);
    assert_eq!(asked(Some("2026H1"), &[], "WHERE periode = '2026H1'").check(None, &mut tally).await, 1);

    // A filter that is not grouped by: the rows do not name it, so the recount is made by hand.
    let sql = "SELECT gemeente, COUNT(*) AS trajecten FROM jeugdhulp \
               WHERE periode = '2025H1' AND begin = 'al_lopend' AND einde_groep = 'loopt_door' GROUP BY gemeente";
    let answer = federation.query(sql).await.unwrap();
    for row in &answer.rows {
        let key = (row.text("gemeente").parse().unwrap(), "2025H1".parse().unwrap());
        let counts = recount(&oracle.rows[&key], |found| {
            let is = |column, code| member(oracle.catalogue, oracle.view, found, column) == code;
            is("begin", "al_lopend") && is("einde_groep", "loopt_door")
        });
        assert_one(row.measure("trajecten"), counts, Measure::Aantal, &answer.question);
        tally.values += 1;
    }
    assert!(tally.values > 10 && tally.bounds + tally.hidden > 0);
    federation.stop().await;
}

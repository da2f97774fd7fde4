//! Every visible count equals an independent recount of what really happened, every cell of 1 to 9 persons is hidden,
//! and nothing else is. The oracle is the generator's truth; it shares no code with the import or the engine.

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
            let finer = row.member(grouping.of().as_str()).unwrap_or(ONBEKEND).parse().unwrap();
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

/// What a cell must show for one gemeente.
fn one(counts: Counts, measure: Measure) -> Shown {
    match counts.0 {
        1..K => Shown::Hidden,
        _ => Shown::Value(match measure {
            Measure::Personen => counts.0,
            Measure::Aantal => counts.1,
        } as u64),
    }
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

    /// What a row of the answer must show, from its own names.
    fn expect(&self, row: &Row, period: Period, area: Option<&str>, dimensions: &[&str], measure: Measure) -> Shown {
        let division = self.catalogue.division(period).unwrap();
        let wanted = area.map(|column| row.text(column));
        let parts: Vec<Shown> = self
            .rows
            .iter()
            .filter(|((code, held), _)| {
                *held == period
                    && match (area, wanted) {
                        (Some("gemeente"), Some(wanted)) => code.to_string() == wanted,
                        (Some("jeugdregio"), Some(wanted)) => {
                            division.gemeente(*code).unwrap().jeugdregio.as_str() == wanted
                        }
                        _ => true,
                    }
            })
            .map(|(_, rows)| {
                let keep = |found: &ViewRow| {
                    dimensions.iter().all(|column| member(self.catalogue, self.view, found, column) == row.text(column))
                };
                one(recount(rows, keep), measure)
            })
            .collect();
        assert!(!parts.is_empty(), "a row for an area where nobody takes part: {wanted:?}");
        sum(&parts)
    }
}

async fn federation(seed: u64) -> Federation {
    // Some large, some small, of both jeugdregio's: cells on either side of the threshold.
    let sizes = [("GM0014", 700), ("GM0037", 150), ("GM0765", 70), ("GM0034", 500), ("GM0050", 90)];
    let participants = sizes
        .into_iter()
        .map(|(code, persons)| Participant { code: code.parse().unwrap(), size: Size::Persons(persons) })
        .collect();
    Federation::builder().participants(participants).seed(seed).start().await.unwrap()
}

#[derive(Debug, Default)]
struct Tally {
    values: usize,
    hidden: usize,
    bounds: usize,
    zeros: usize,
}

fn check(
    oracle: &Oracle<'_>,
    answer: &AnswerDocument,
    fixed: Option<Period>,
    area: Option<&str>,
    dimensions: &[&str],
    measures: &[(&str, Measure)],
    tally: &mut Tally,
) {
    for row in &answer.rows {
        let period = fixed.unwrap_or_else(|| row.text("periode").parse().unwrap());
        for (name, measure) in measures {
            let expected = oracle.expect(row, period, area, dimensions, *measure);
            assert_eq!(row.measure(name), expected, "{name} of {row:?} in {}", answer.question);
            match expected {
                Shown::Value(0) => tally.zeros += 1,
                Shown::Value(_) => tally.values += 1,
                Shown::Hidden => tally.hidden += 1,
                _ => tally.bounds += 1,
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_count_of_every_cube_equals_the_recount() {
    let federation = federation(7).await;
    let mut tallies: BTreeMap<&str, Tally> = BTreeMap::new();
    for cube in federation.catalogue().cubes() {
        let name = cube.view().as_str();
        let oracle = Oracle::of(&federation, name);
        let tally = tallies.entry(name).or_default();
        let dimensions: Vec<&str> = cube.dimensions().iter().map(|name| name.as_str()).collect();
        let measures: Vec<(&str, Measure)> =
            cube.measures().iter().map(|measure| (measure.default_name(), *measure)).collect();
        let counts: Vec<String> = measures.iter().map(|(_, measure)| measure.sql().to_owned()).collect();
        let view = federation.catalogue().view(name).unwrap();
        for (area, areas) in [("gemeente", 5), ("jeugdregio", 2)] {
            for dimensions in (0..=dimensions.len()).map(|count| &dimensions[..count]) {
                let columns = [&[area], dimensions].concat().join(", ");
                let sql = format!(
                    "SELECT {columns}, {} FROM {name} WHERE periode = '2025H2' GROUP BY {columns}",
                    counts.join(", ")
                );
                let answer = federation.query(&sql).await.unwrap();
                let members =
                    |column: &&str| view.column(column).unwrap().dimension().unwrap().domain().members().len();
                let cells: usize = dimensions.iter().map(members).product();
                assert_eq!(answer.rows.len(), areas * cells, "the whole grid is answered: {sql}");
                check(&oracle, &answer, Some("2025H2".parse().unwrap()), Some(area), dimensions, &measures, tally);
            }
        }
    }
    let tally = &tallies["jeugdhulp"];
    assert!(tally.values > 300 && tally.hidden > 300 && tally.bounds > 30 && tally.zeros > 30, "{tally:?}");
    assert_eq!(tallies.keys().copied().collect::<Vec<_>>(), ["herhaald_beroep", "jeugdhulp", "wisseling"]);
    for (view, tally) in &tallies {
        assert!(tally.values > 0 && tally.hidden > 30 && tally.zeros > 30, "{view}: {tally:?}");
    }
    federation.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_period_grouping_and_filter_equals_the_recount() {
    let federation = federation(8).await;
    let oracle = Oracle::of(&federation, "jeugdhulp");
    let mut tally = Tally::default();
    let jeugdigen = [("jeugdigen", Measure::Personen)];

    let sql = "SELECT periode, groep, COUNT(DISTINCT persoon) AS jeugdigen FROM jeugdhulp GROUP BY periode, groep";
    let answer = federation.query(sql).await.unwrap();
    assert_eq!(answer.rows.len(), 5 * 10);
    check(&oracle, &answer, None, None, &["groep"], &jeugdigen, &mut tally);

    let sql = "SELECT gemeente, groep, leeftijdsgroep, COUNT(DISTINCT persoon) AS jeugdigen FROM jeugdhulp \
               WHERE periode = '2024H1' AND leeftijdsgroep = 'onbekend' AND groep IN ('ggz', 'ambulant') \
               GROUP BY gemeente, groep, leeftijdsgroep";
    let answer = federation.query(sql).await.unwrap();
    assert_eq!(answer.rows.len(), 5 * 2);
    let period: Period = "2024H1".parse().unwrap();
    check(&oracle, &answer, Some(period), Some("gemeente"), &["groep", "leeftijdsgroep"], &jeugdigen, &mut tally);

    let sql = "SELECT COUNT(DISTINCT persoon) AS jeugdigen FROM jeugdhulp WHERE periode = '2026H1'";
    let answer = federation.query(sql).await.unwrap();
    assert_eq!(answer.rows.len(), 1);
    check(&oracle, &answer, Some("2026H1".parse().unwrap()), None, &[], &jeugdigen, &mut tally);

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
        assert_eq!(row.measure("trajecten"), one(counts, Measure::Aantal));
        tally.values += 1;
    }
    assert!(tally.values > 10 && tally.zeros > 0 && tally.bounds + tally.hidden > 0);
    federation.stop().await;
}

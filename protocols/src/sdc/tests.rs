//! Whole patterns against an oracle that shares nothing with them but the table: it goes through every table of small
//! numbers that a reader of the shown cells cannot exclude.

use std::{collections::BTreeSet, ops::Range};

use proptest::prelude::*;

use super::{
    Cell, Count, Earlier, Line, Microlp, Pattern, Reason, Rules, Shows, Status, System, Tie, intervals,
    pattern::protect,
    table::{Dimension, Rows, Table},
};

const K: i64 = 10;
const VALUES: usize = 4;

/// A small table: rows by columns, and perhaps the first two rows as a group.
#[derive(Clone, Debug)]
pub(super) struct Small {
    counts: Vec<Vec<i64>>,
    group: bool,
}

pub(super) fn small() -> impl Strategy<Value = Small> {
    of_sizes(2..4)
}

/// Of so many rows and columns.
pub(super) fn of_sizes(sizes: Range<usize>) -> impl Strategy<Value = Small> {
    let count = prop_oneof![2 => Just(0i64), 5 => 1..10i64, 6 => 10..30i64];
    (sizes.clone(), sizes, any::<bool>()).prop_flat_map(move |(rows, columns, group)| {
        let counts = proptest::collection::vec(proptest::collection::vec(count.clone(), columns), rows);
        counts.prop_map(move |counts| Small { counts, group: group && rows > 2 })
    })
}

impl Small {
    fn rows(&self) -> Vec<String> {
        (0..self.counts.len()).map(|row| format!("r{row}")).collect()
    }

    pub(super) fn table(&self) -> Table {
        let columns: Vec<String> = (0..self.counts[0].len()).map(|column| format!("c{column}")).collect();
        let group = ["r0", "r1"].map(|row| (row.to_owned(), "g".to_owned())).into();
        let groupings = if self.group { vec![group] } else { Vec::new() };
        let dimensions = vec![
            Dimension::new("row", &self.rows(), &groupings).unwrap(),
            Dimension::new("column", &columns, &[]).unwrap(),
        ];
        let mut rows = Vec::new();
        for (row, counts) in self.rows().into_iter().zip(&self.counts) {
            for (column, count) in columns.iter().zip(counts) {
                rows.push((vec![row.clone(), column.clone()], u64::try_from(*count).unwrap()));
            }
        }
        Table::new(dimensions, &[BTreeSet::from([0, 1])], &Rows::Counts(rows), false).unwrap()
    }
}

/// A cell by its labels: the rows and the columns that it adds up.
fn span(small: &Small, labels: &[&str]) -> (Vec<usize>, Vec<usize>) {
    let rows = match labels[0] {
        "*" => (0..small.counts.len()).collect(),
        "g" => vec![0, 1],
        row => vec![row[1..].parse().unwrap()],
    };
    let columns = match labels[1] {
        "*" => (0..small.counts[0].len()).collect(),
        column => vec![column[1..].parse().unwrap()],
    };
    (rows, columns)
}

/// What a reader knows of a cell.
struct Known {
    rows: Vec<usize>,
    columns: Vec<usize>,
    least: i64,
    most: i64,
}

/// Every value that each cell in `asked` can have in a table within `window` of the true one.
fn possible(small: &Small, known: &[Known], asked: &[usize], window: i64) -> Vec<BTreeSet<i64>> {
    let (height, width) = (small.counts.len(), small.counts[0].len());
    let truth: Vec<i64> = small.counts.iter().flatten().copied().collect();
    // The cells that are settled once this leaf is: those of which it is the last.
    let last = |cell: &Known| {
        cell.rows.iter().flat_map(|row| cell.columns.iter().map(move |column| row * width + column)).max().unwrap()
    };
    let settled: Vec<Vec<usize>> =
        (0..height * width).map(|leaf| (0..known.len()).filter(|cell| last(&known[*cell]) == leaf).collect()).collect();
    let sum = |values: &[i64], cell: &Known| -> i64 {
        cell.rows.iter().flat_map(|row| cell.columns.iter().map(move |column| values[row * width + column])).sum()
    };
    let mut seen = vec![BTreeSet::new(); asked.len()];
    let mut values: Vec<i64> = Vec::new();
    let mut next = vec![(truth[0] - window).max(0)];
    while let Some(value) = next.pop() {
        let leaf = next.len();
        values.truncate(leaf);
        if value > truth[leaf] + window {
            continue;
        }
        next.push(value + 1);
        values.push(value);
        let holds = settled[leaf].iter().all(|cell| {
            let cell = &known[*cell];
            (cell.least..=cell.most).contains(&sum(&values, cell))
        });
        if !holds {
            continue;
        }
        if values.len() < truth.len() {
            next.push((truth[values.len()] - window).max(0));
        } else {
            for (seen, cell) in seen.iter_mut().zip(asked) {
                seen.insert(sum(&values, &known[*cell]));
            }
        }
    }
    seen
}

fn check(small: &Small) -> Result<(), TestCaseError> {
    let table = small.table();
    let rules = Rules { k: 10, hide_zeros: false, values: VALUES, remainders: true };
    let pattern = protect(table.system(), rules, &table, &Microlp);
    let cells = table.system().cells();
    let mut known = Vec::new();
    for (cell, counted) in cells.iter().enumerate() {
        let (rows, columns) = span(small, &table.labels(cell));
        let value: i64 = rows.iter().flat_map(|row| columns.iter().map(|column| small.counts[*row][*column])).sum();
        prop_assert_eq!(value, i64::try_from(counted.persons).unwrap());
        let (least, most) = match (pattern.status(cell), (1..K).contains(&value)) {
            (Status::Value, too_few) => {
                prop_assert!(!too_few, "an unsafe cell is shown");
                (value, value)
            }
            (Status::Hidden, true) => (1, K - 1),
            (Status::Hidden, false) => (K, 1000),
        };
        prop_assert_eq!(pattern.reason(cell) == Some(Reason::Unsafe), (1..K).contains(&value));
        known.push(Known { rows, columns, least, most });
    }
    let asked: Vec<usize> = (0..cells.len())
        .filter(|cell| pattern.reason(*cell) == Some(Reason::Unsafe) && !pattern.unprotected().contains(cell))
        .collect();
    let mut lacking = asked;
    for window in [3, 6, 12] {
        let seen = possible(small, &known, &lacking, window);
        lacking = lacking.into_iter().zip(seen).filter(|(_, seen)| seen.len() < VALUES).map(|(cell, _)| cell).collect();
        if lacking.is_empty() {
            break;
        }
    }
    prop_assert!(lacking.is_empty(), "{lacking:?} keep fewer than four values");
    if !pattern.unprotected().is_empty() {
        let shown = known.iter().filter(|cell| cell.least == cell.most && cell.least > 0).count();
        prop_assert_eq!(shown, 0, "something more could be hidden");
    }
    remainders(small, &table, &pattern)
}

/// Rule R5 along rows and along columns, written out for tables with at most one group.
fn remainders(small: &Small, table: &Table, pattern: &Pattern) -> Result<(), TestCaseError> {
    let rows = small.rows();
    let columns: Vec<String> = (0..small.counts[0].len()).map(|column| format!("c{column}")).collect();
    let find = |row: &str, column: &str| {
        (0..table.system().cells().len()).find(|cell| table.labels(*cell) == [row, column]).unwrap()
    };
    let shown = |row: &str, column: &str| {
        let cell = find(row, column);
        (pattern.status(cell) == Status::Value).then(|| i64::try_from(table.system().cells()[cell].persons).unwrap())
    };
    let mut all_rows: Vec<&str> = rows.iter().map(String::as_str).collect();
    all_rows.push("*");
    let group = if small.group { vec!["r0", "r1"] } else { Vec::new() };
    if small.group {
        all_rows.push("g");
    }
    for row in &all_rows {
        if let Some(total) = shown(row, "*") {
            let parts: Vec<Option<i64>> = columns.iter().map(|column| shown(row, column)).collect();
            line(total, &parts)?;
        }
    }
    for column in columns.iter().map(String::as_str).chain(["*"]) {
        let leaves = |rows: &[&str]| rows.iter().map(|row| shown(row, column)).collect::<Vec<_>>();
        let rest: Vec<&str> = rows.iter().map(String::as_str).filter(|row| !group.contains(row)).collect();
        if let Some(total) = shown("*", column) {
            let mut parts = leaves(&rest);
            match small.group.then(|| shown("g", column)) {
                Some(Some(group)) => parts.push(Some(group)),
                Some(None) => parts.extend(leaves(&group)),
                None => {}
            }
            line(total, &parts)?;
        }
        if small.group
            && let Some(total) = shown("g", column)
        {
            line(total, &leaves(&group))?;
        }
    }
    Ok(())
}

fn line(total: i64, parts: &[Option<i64>]) -> Result<(), TestCaseError> {
    let remainder = total - parts.iter().flatten().sum::<i64>();
    prop_assert!(remainder == 0 || remainder >= K, "a remainder of {remainder}");
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn every_unsafe_cell_keeps_four_values_and_every_remainder_is_safe(small in small()) {
        check(&small)?;
    }
}

/// Nobody has two trajecten of one of two ways to begin, nor of the first kind: of 48 trajecten that 40 have eight are the
/// second of somebody, and of the other kind, though nothing crosses kinds with beginnings.
#[test]
fn r12_how_many_rows_somebody_has_is_bounded_by_two_lines_at_once() {
    let cell = |persons: u64, rows: u64| Cell {
        persons,
        rows: Some(rows),
        shows: Shows { persons: true, rows: true },
        ..Cell::default()
    };
    let cells = vec![cell(40, 48), cell(40, 40), cell(8, 8), cell(28, 28), cell(20, 20)];
    let line = |parts: [usize; 2], direction| Line { whole: 0, parts: parts.to_vec(), direction, overlaps: true };
    let one_each = Tie { terms: vec![(Count::Rows(1), 1), (Count::Persons(1), -1)], exactly: false, sum: 0 };
    let system = System::new(cells, vec![line([1, 2], 0), line([3, 4], 1)]).unwrap();
    let system = system.with(vec![one_each], Vec::new()).unwrap();
    let found = intervals(&system, &[false, true, true, false, false], 10, |_| 0, &Microlp);
    assert_eq!(found.iter().find(|interval| interval.cell == 2).map(|interval| interval.least), Some(8));
}

/// Of 30 and 25 beside 40 and 22 the first is known too well to an aanbieder: it is hidden, so is what it would follow from,
/// and it keeps as many values as the rules say though it has enough persons.
#[test]
fn what_an_aanbieder_knows_too_well_is_hidden_like_what_has_too_few() {
    let table = Small { counts: vec![vec![30, 25], vec![40, 22]], group: false }.table();
    let rules = Rules { k: 10, hide_zeros: false, values: VALUES, remainders: true };
    let number = (0..table.system().cells().len()).find(|cell| table.labels(*cell) == ["r0", "c0"]).unwrap();
    let system = table.system().clone().with_insiders([number]);
    let pattern = protect(&system, rules, &table, &Microlp);
    assert_eq!(pattern.reason(number), Some(Reason::Insider));
    assert!(pattern.unprotected().is_empty());
    let hidden = pattern.hidden();
    assert!(hidden.iter().filter(|hidden| **hidden).count() >= 4, "it would follow from the others");
    let found = intervals(&system, &hidden, 10, |_| 0, &Microlp);
    let own = found.iter().find(|interval| interval.cell == number).unwrap();
    assert!(own.most.is_none_or(|most| most - own.least >= 3), "{own:?}");
    // A later release knows it as it was.
    let later = System::new(
        system
            .cells()
            .iter()
            .zip(&hidden)
            .enumerate()
            .map(|(cell, (of, _))| Cell {
                earlier: Some(Earlier { reason: pattern.reason(cell), k: 10, settled: false }),
                insider: false,
                ..of.clone()
            })
            .collect(),
        system.lines().to_vec(),
    )
    .unwrap();
    assert_eq!(protect(&later, rules, &table, &Microlp).reason(number), Some(Reason::Insider));
}

/// Fifty whose help runs on or ended, each of three kinds of which the last has few. What runs on is a cell of the next
/// half-year, which may tell of its parts what this one does not.
#[test]
fn what_is_within_a_stock_is_looked_at_again() {
    let settled = |runs_on_is_stock: bool| {
        let cell = |persons: u64, stock: bool| Cell {
            persons,
            rows: Some(persons),
            shows: Shows { persons: true, rows: true },
            stock: stock && runs_on_is_stock,
            ..Cell::default()
        };
        let line = |whole: usize, parts: [usize; 3], direction: usize| Line {
            whole,
            parts: parts.to_vec(),
            direction,
            overlaps: false,
        };
        let persons = [(150, false), (75, true), (75, false), (0, false), (30, false), (39, false), (6, false)];
        let more = [(30, false), (38, false), (7, false)];
        let cells = persons.into_iter().chain(more).map(|(persons, stock)| cell(persons, stock)).collect();
        let lines = vec![line(0, [1, 2, 3], 0), line(1, [4, 5, 6], 1), line(2, [7, 8, 9], 1)];
        let system = System::new(cells, lines).unwrap();
        let rules = Rules { k: 10, hide_zeros: false, values: VALUES, remainders: true };
        let pattern = protect(&system, rules, &super::NoOverlaps, &Microlp);
        assert!(pattern.unprotected().is_empty() && pattern.status(6) != Status::Value);
        [6, 9].map(|cell| pattern.settled(cell))
    };
    assert_eq!((settled(false), settled(true)), ([true, true], [false, true]));
}

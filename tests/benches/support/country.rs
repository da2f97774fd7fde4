//! A whole country for benchmarks: gemeenten of their real sizes, as the rows that a node counts. There are some 9,000 test
//! BSNs, so a gemeente with more jongeren is made of several synthetic ones, each with persons of its own.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Context as _;
use drempel_node::engine::{Aanbieders, lattice::Coded};
use drempel_protocols::{
    catalogue::{Catalogue, ONBEKEND, Relation},
    id::{ColumnName, Gemeentecode, Period},
    lattice::Lattice,
};
use drempel_tests::synthetic::{Size, SyntheticGemeente, ViewRow, expected_jongeren};

/// What makes up a gemeente: as many jongeren with care on the last day as its inhabitants lead one to expect.
pub(crate) fn parts(
    code: Gemeentecode,
    seed: u64,
    first: Period,
    last: Period,
) -> anyhow::Result<Vec<SyntheticGemeente>> {
    let wanted = expected_jongeren(code).context("not a gemeente of 2026")?;
    let mut parts = vec![SyntheticGemeente::generate(code, seed, first, last, Size::Calibrated)?];
    let wanted = usize::try_from(wanted)?;
    let stock = |part: &SyntheticGemeente| part.count(last, |row| row.member("einde") == Some("loopt_door")).0;
    let (of_one, persons) = parts.first().map(|part| (stock(part), part.personen().len())).context("no part")?;
    let mut missing = wanted.saturating_sub(of_one);
    // Less than a tenth more or less is chance.
    while missing > of_one / 10 {
        let number = persons * missing.min(of_one) / of_one;
        let seed = seed + u64::try_from(parts.len())?;
        let part = SyntheticGemeente::generate(code, seed, first, last, Size::Persons(number))?;
        missing = missing.saturating_sub(stock(&part));
        parts.push(part);
    }
    Ok(parts)
}

/// Those of a row, as a node knows them.
fn aanbieders(row: &ViewRow) -> Aanbieders {
    let last = row.aanbieder().unwrap_or_default();
    let others: Vec<u32> = row.aanbieders().into_iter().filter(|aanbieder| *aanbieder != last).collect();
    let other = match others.as_slice() {
        [] => None,
        [other] => Some(*other),
        _ => Some(0),
    };
    Aanbieders::new(last, other)
}

/// The rows of every view that is part of no other, with the columns of its parts, as a node reads them.
pub(crate) fn tables(
    catalogue: &Catalogue,
    lattice: &Lattice,
    parts: &[SyntheticGemeente],
    period: Period,
) -> anyhow::Result<Vec<Coded>> {
    let mut tables = Vec::new();
    for view in catalogue.views().filter(|view| !matches!(view.relation(), Some(Relation::Part { .. }))) {
        let of_view = lattice.counting().iter().filter(|counting| counting.view == *view.name());
        let columns: BTreeSet<&ColumnName> =
            of_view.flat_map(|counting| counting.axes.iter().map(|axis| &axis.column)).collect();
        let within = catalogue
            .views()
            .filter(|part| matches!(part.relation(), Some(Relation::Part { view: whole, .. }) if whole == view.name()));
        let within: Vec<_> = within.collect();
        // A row of a part is the row of the whole of the same person and kind that has no other yet.
        let kind = |row: &ViewRow| (row.persoon(), row.member("categorie"), row.member("hulpvorm"));
        let mut made = Coded::new(view, columns.iter().copied());
        let mut persons = 0;
        for gemeente in parts {
            let mut of_parts: BTreeMap<_, Vec<ViewRow>> = BTreeMap::new();
            for row in within.iter().flat_map(|part| gemeente.view_rows(part.name().as_str(), period)) {
                of_parts.entry(kind(&row)).or_default().push(row);
            }
            let mut rows = gemeente.view_rows(view.name().as_str(), period);
            rows.sort_by_key(ViewRow::persoon);
            for row in &rows {
                let is_part = row.member("begin") == Some("gestart");
                let part = of_parts.get_mut(&kind(row)).filter(|_| is_part).and_then(Vec::pop);
                made.push(persons + u32::try_from(row.persoon())?, aanbieders(row), |column| {
                    let views = std::iter::once(&view).chain(&within);
                    let domain = views.filter_map(|view| view.dimension(column)).map(|found| found.domain()).next()?;
                    let own = row.member(column.as_str());
                    let member = own.or_else(|| part.as_ref().and_then(|part| part.member(column.as_str())));
                    domain.index_of(member.unwrap_or(ONBEKEND))
                });
            }
            persons += u32::try_from(gemeente.personen().len())?;
        }
        tables.push(made);
    }
    Ok(tables)
}

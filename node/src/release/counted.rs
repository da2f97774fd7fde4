//! What counts in a half-year (rule R2). A traject counts as *al lopend* if it was counted before and had not ended;
//! whatever else counts is *gestart*, also what became known late; what was counted and is no longer in the records ends
//! as *vervallen*. So the stock at the beginning is the stock at the end before, to the person, whatever was corrected
//! meanwhile. In the first half-year *al lopend* goes by date, and what ended before it never counts.
//!
//! A traject is all help of one categorie and hulpvorm to one person without a day between, so of each kind at most one
//! runs at a time and it is known by person and kind. Pure.

use std::collections::{BTreeMap, HashMap};

use drempel_protocols::{
    catalogue::{Catalogue, Dimension, Relation, View},
    id::{ColumnName, MemberCode, Period},
};

use super::{
    columns::Columns,
    rows::{Rows, ViewRows},
};
use crate::{
    engine::lattice::{Coded, CountError},
    ingest::sleutel::PersoonSleutel,
    ledger::{CountedSet, Geteld, Soort},
};

/// What counts in a half-year, and what is counted after it.
pub(super) struct Telling {
    tables: Vec<Coded>,
    counted: CountedSet,
    lost: bool,
}

impl Telling {
    /// Of the rows of a snapshot. `before` is what the release before counted; none for the first.
    pub(super) fn of(
        rows: &Rows,
        period: Period,
        before: Option<CountedSet>,
        renamed: &HashMap<PersoonSleutel, PersoonSleutel>,
        catalogue: &Catalogue,
    ) -> Result<Self, CountError> {
        let mut tables = Vec::new();
        let mut counted = CountedSet::new();
        let mut lost = false;
        for view in catalogue.views() {
            let Some(own) = rows.views.get(view.name()) else { continue };
            match (Columns::of(view), view.relation()) {
                (Some(columns), _) => {
                    let mut making = Making::new(view, columns, own, parts(view, rows, catalogue), period);
                    let first = before.is_none();
                    let mut before = before.clone().unwrap_or_default();
                    for (number, sleutel) in (0u32..).zip(&rows.persons) {
                        let earlier = [Some(sleutel), renamed.get(sleutel)].into_iter().flatten();
                        let earlier = earlier.filter_map(|sleutel| before.remove(sleutel)).next();
                        let after = making.person(number, earlier.unwrap_or_default(), first)?;
                        if !after.is_empty() {
                            counted.insert(*sleutel, after);
                        }
                    }
                    // Who is no longer in the snapshot at all.
                    let next = u32::try_from(rows.persons.len()).map_err(|_| CountError::TooMany)?;
                    let mut gone: Vec<_> = before.into_iter().collect();
                    gone.sort_unstable_by_key(|(sleutel, _)| *sleutel);
                    for (number, (_, earlier)) in (next..).zip(gone) {
                        making.person(number, earlier, first)?;
                    }
                    lost = making.vervallen * 2 > making.ran_on && making.ran_on > LEAST_TO_LOSE;
                    tables.push(making.made);
                }
                // What is part of another view is counted there.
                (None, Some(Relation::Part { .. })) => {}
                (None, _) => tables.push(of_period(view, own, period)),
            }
        }
        Ok(Self { tables, counted, lost })
    }

    /// The rows that count.
    pub(super) fn tables(&self) -> &[Coded] {
        &self.tables
    }

    /// Whether more than half of what ran on is no longer in the records.
    pub(super) const fn lost(&self) -> bool {
        self.lost
    }

    pub(super) fn into_counted(self) -> CountedSet {
        self.counted
    }
}

/// Of fewer trajecten than this no share means anything.
const LEAST_TO_LOSE: usize = 20;

/// The rows of a view without stocks: those of the half-year.
fn of_period(view: &View, rows: &ViewRows, period: Period) -> Coded {
    let mut made = Coded::new(view, rows.columns.keys());
    for (place, _) in rows.periods.iter().enumerate().filter(|(_, of)| **of == period) {
        let Some(person) = rows.persons.get(place) else { continue };
        let aanbieders = rows.aanbieders.get(place).copied().unwrap_or_default();
        made.push(*person, aanbieders, |column| rows.columns.get(column).and_then(|codes| codes.get(place)).copied());
    }
    made
}

/// The views that are parts of one, with their rows and the columns that only they have.
fn parts<'r>(view: &View, rows: &'r Rows, catalogue: &'r Catalogue) -> Vec<Part<'r>> {
    let is_part =
        |other: &&View| matches!(other.relation(), Some(Relation::Part { view: of, .. }) if of == view.name());
    let own = catalogue.views().filter(is_part).filter_map(|part| {
        let more = part
            .dimensions()
            .filter(|(name, dimension)| dimension.grouping().is_none() && view.column(name.as_str()).is_none());
        let more = more.map(|(name, dimension)| (name.clone(), dimension.domain().onbekend())).collect();
        Some(Part { rows: rows.views.get(part.name())?, more, next: 0 })
    });
    own.collect()
}

/// A view of which the rows are those of another that began in the half-year.
struct Part<'r> {
    rows: &'r ViewRows,
    /// Its own columns, each with the place of onbekend.
    more: Vec<(ColumnName, u8)>,
    /// The first row that no person has had.
    next: usize,
}

/// A traject as the snapshot has it: its rows, half-year by half-year.
struct Leven {
    rows: Vec<usize>,
    /// Whether its first row is that in which it began.
    began: bool,
    /// Its place among those of its kind that began in the same half-year.
    nth: usize,
}

/// A traject that counts: the row that its members are from, whether it ran on before, and how it ends.
struct Telt {
    soort: (u8, u8),
    row: Option<usize>,
    leven: Option<(Period, usize)>,
    al_lopend: bool,
    einde: u8,
}

struct Making<'r> {
    view: &'r View,
    columns: Columns,
    rows: &'r ViewRows,
    parts: Vec<Part<'r>>,
    period: Period,
    /// The first row that no person has had.
    next: usize,
    made: Coded,
    ran_on: usize,
    vervallen: usize,
}

impl<'r> Making<'r> {
    fn new(view: &'r View, columns: Columns, rows: &'r ViewRows, parts: Vec<Part<'r>>, period: Period) -> Self {
        let more = parts.iter().flat_map(|part| part.more.iter().map(|(name, _)| name));
        let made = Coded::new(view, rows.columns.keys().chain(columns.onbekend.keys()).chain(more));
        Self { view, columns, rows, parts, period, next: 0, made, ran_on: 0, vervallen: 0 }
    }

    /// Counts one person, and says what is counted of the person after it. Persons come in the order of their numbers.
    fn person(
        &mut self,
        number: u32,
        before: BTreeMap<Soort, Geteld>,
        first: bool,
    ) -> Result<BTreeMap<Soort, Geteld>, CountError> {
        let all = take(&self.rows.persons, &mut self.next, number);
        let own: Vec<usize> =
            all.filter(|row| self.rows.periods.get(*row).is_some_and(|of| *of <= self.period)).collect();
        let of_parts: Vec<Vec<usize>> =
            self.parts.iter_mut().map(|part| take(&part.rows.persons, &mut part.next, number).collect()).collect();
        let mut soorten: BTreeMap<(u8, u8), Vec<usize>> = BTreeMap::new();
        for row in &own {
            let soort = (self.code(&self.columns.categorie, *row), self.code(&self.columns.hulpvorm, *row));
            soorten.entry(soort).or_default().push(*row);
        }
        let mut earlier: BTreeMap<(u8, u8), Geteld> = BTreeMap::new();
        for ((categorie, hulpvorm), geteld) in before {
            let codes =
                (self.member(&self.columns.categorie, &categorie)?, self.member(&self.columns.hulpvorm, &hulpvorm)?);
            soorten.entry(codes).or_default();
            earlier.insert(codes, geteld);
        }
        let mut telt = Vec::new();
        let mut after = BTreeMap::new();
        for (soort, rows) in soorten {
            let levens = self.levens(&rows);
            let counted = self.soort(soort, &levens, earlier.get(&soort).copied().unwrap_or_default(), first);
            let running = counted.iter().filter(|telt| telt.einde == self.columns.loopt_door).count();
            let geteld = Geteld { running: small(running)?, known: small(levens.len())? };
            if geteld != Geteld::default() {
                after.insert(self.names(soort)?, geteld);
            }
            telt.extend(counted);
        }
        self.write(number, &own, &of_parts, &telt);
        Ok(after)
    }

    /// The trajecten that rows of one kind are of.
    fn levens(&self, rows: &[usize]) -> Vec<Leven> {
        let mut rows = rows.to_vec();
        let begins = |row: &usize| self.code(&self.columns.begin, *row) != self.columns.al_lopend;
        rows.sort_by_key(|row| (self.rows.periods.get(*row).copied(), begins(row)));
        let mut levens: Vec<Leven> = Vec::new();
        for row in rows {
            let running = levens.iter_mut().rev().find(|leven| {
                leven.rows.last().is_some_and(|last| self.code(&self.columns.einde, *last) == self.columns.loopt_door)
                    && self.last_period(leven) != self.rows.periods.get(row).copied()
            });
            match running {
                Some(leven) if !begins(&row) => leven.rows.push(row),
                _ => {
                    let began = begins(&row);
                    let same =
                        |leven: &&Leven| leven.began && self.first_period(leven) == self.rows.periods.get(row).copied();
                    let nth = levens.iter().filter(same).count();
                    levens.push(Leven { rows: vec![row], began, nth });
                }
            }
        }
        levens
    }

    /// Which trajecten of one kind count.
    fn soort(&mut self, soort: (u8, u8), levens: &[Leven], before: Geteld, first: bool) -> Vec<Telt> {
        let now = |leven: &Leven| self.last_period(leven) == Some(self.period);
        let telt = |leven: &Leven, al_lopend: bool| {
            let row = leven.rows.last().copied();
            let ended = row.map_or(self.columns.vervallen, |row| self.code(&self.columns.einde, row));
            // What has no row in the half-year ended before it, or is no longer there.
            let einde = if now(leven) || ended != self.columns.loopt_door { ended } else { self.columns.vervallen };
            let began = leven.began.then(|| self.first_period(leven)).flatten();
            // Of what is missing nothing is known but its kind, whatever a row of before says.
            let row = row.filter(|_| einde != self.columns.vervallen);
            Telt { soort, row, leven: began.map(|period| (period, leven.nth)), al_lopend, einde }
        };
        if first {
            let al_lopend = |leven: &Leven| {
                leven.rows.last().is_some_and(|row| self.code(&self.columns.begin, *row) == self.columns.al_lopend)
            };
            return levens.iter().filter(|leven| now(leven)).map(|leven| telt(leven, al_lopend(leven))).collect();
        }
        let wanted = before.running as usize;
        // What runs on into the half-year, then what ended last before it, and else any.
        let likely = |place: &usize| {
            let leven = levens.get(*place);
            let before = leven.is_some_and(|leven| !leven.began || self.first_period(leven) < Some(self.period));
            (before, leven.and_then(|leven| self.last_period(leven)))
        };
        let mut order: Vec<usize> = (0..levens.len()).rev().collect();
        order.sort_by_key(|place| std::cmp::Reverse(likely(place)));
        let running: Vec<usize> = order.iter().copied().take(wanted).collect();
        let mut counted: Vec<Telt> =
            running.iter().filter_map(|place| levens.get(*place)).map(|leven| telt(leven, true)).collect();
        let missing = wanted.saturating_sub(counted.len());
        let einde = self.columns.vervallen;
        counted.extend((0..missing).map(|_| Telt { soort, row: None, leven: None, al_lopend: true, einde }));
        let rest: Vec<&Leven> =
            order.iter().filter(|place| !running.contains(place)).filter_map(|place| levens.get(*place)).collect();
        counted.extend(rest.iter().filter(|leven| now(leven)).map(|leven| telt(leven, false)));
        // More than were known before, that are not of this half-year: they became known late. What ran on and is not there
        // any more was never counted, so that nothing of it ends.
        let late = levens.len().saturating_sub((before.known as usize).max(running.len()));
        let late = late.saturating_sub(rest.iter().filter(|leven| now(leven)).count());
        let ended = rest.iter().filter(|leven| !now(leven)).take(late).map(|leven| telt(leven, false));
        counted.extend(ended.filter(|telt| telt.einde != einde));
        self.ran_on += wanted;
        self.vervallen += counted.iter().filter(|telt| telt.al_lopend && telt.einde == self.columns.vervallen).count();
        counted
    }

    fn write(&mut self, number: u32, own: &[usize], of_parts: &[Vec<usize>], telt: &[Telt]) {
        let before = telt.iter().any(|telt| telt.al_lopend);
        let after = telt.iter().any(|telt| telt.einde == self.columns.loopt_door);
        let [through, entered, left, neither] = self.columns.flows;
        let stroom = match (before, after) {
            (true, true) => through,
            (false, true) => entered,
            (true, false) => left,
            (false, false) => neither,
        };
        // What a person has one of is as it is in the half-year, and else as it was last.
        let latest = own.iter().copied().max_by_key(|row| self.rows.periods.get(*row).copied());
        let (columns, rows, parts) = (&self.columns, self.rows, &self.parts);
        let code = |column: &ColumnName, row: Option<usize>| {
            let unknown = columns.onbekend.get(column).copied();
            row.and_then(|row| rows.columns.get(column)?.get(row).copied()).or(unknown)
        };
        for telt in telt {
            let more = parts.iter().zip(of_parts).map(|(part, own)| (part, part_row(part, own, columns, telt)));
            let more: Vec<(&Part<'_>, Option<usize>)> = more.collect();
            let aanbieders = telt.row.and_then(|row| rows.aanbieders.get(row)).copied().unwrap_or_default();
            self.made.push(number, aanbieders, |column| {
                if *column == columns.begin {
                    Some(if telt.al_lopend { columns.al_lopend } else { columns.gestart })
                } else if *column == columns.einde {
                    Some(telt.einde)
                } else if *column == columns.stroom {
                    Some(stroom)
                } else if *column == columns.categorie {
                    Some(telt.soort.0)
                } else if *column == columns.hulpvorm {
                    Some(telt.soort.1)
                } else if columns.een.contains(column) {
                    code(column, latest)
                } else if let Some((part, row, unknown)) = more.iter().find_map(|(part, row)| {
                    let (_, unknown) = part.more.iter().find(|(name, _)| name == column)?;
                    Some((part, row, *unknown))
                }) {
                    row.and_then(|row| part.rows.columns.get(column)?.get(row).copied()).or(Some(unknown))
                } else {
                    code(column, telt.row)
                }
            });
        }
    }

    fn first_period(&self, leven: &Leven) -> Option<Period> {
        leven.rows.first().and_then(|row| self.rows.periods.get(*row)).copied()
    }

    fn last_period(&self, leven: &Leven) -> Option<Period> {
        leven.rows.last().and_then(|row| self.rows.periods.get(*row)).copied()
    }

    fn code(&self, column: &ColumnName, row: usize) -> u8 {
        self.rows.columns.get(column).and_then(|codes| codes.get(row)).copied().unwrap_or(u8::MAX)
    }

    fn member(&self, column: &ColumnName, code: &MemberCode) -> Result<u8, CountError> {
        let domain = self.view.dimension(column).map(Dimension::domain);
        domain.and_then(|domain| domain.index_of(code.as_str())).ok_or(CountError::Member)
    }

    fn names(&self, (categorie, hulpvorm): (u8, u8)) -> Result<Soort, CountError> {
        let name = |column: &ColumnName, code: u8| {
            let domain = self.view.dimension(column).map(Dimension::domain);
            domain.and_then(|domain| domain.member(code)).map(|member| member.code.clone()).ok_or(CountError::Member)
        };
        Ok((name(&self.columns.categorie, categorie)?, name(&self.columns.hulpvorm, hulpvorm)?))
    }
}

/// The row of a part for a traject that counts as gestart: of the same kind, in the half-year in which it began.
fn part_row(part: &Part<'_>, own: &[usize], columns: &Columns, telt: &Telt) -> Option<usize> {
    let (period, nth) = telt.leven.filter(|_| !telt.al_lopend)?;
    let code =
        |column: &ColumnName, row: usize| part.rows.columns.get(column).and_then(|codes| codes.get(row)).copied();
    let same = |row: &&usize| {
        part.rows.periods.get(**row) == Some(&period)
            && (code(&columns.categorie, **row), code(&columns.hulpvorm, **row))
                == (Some(telt.soort.0), Some(telt.soort.1))
    };
    own.iter().filter(same).nth(nth).copied()
}

/// The rows of one person, from the first that no person before has had.
fn take(persons: &[u32], next: &mut usize, number: u32) -> std::ops::Range<usize> {
    let is_of = |compare: fn(&u32, &u32) -> bool, from: usize| {
        let rest = persons.get(from..).unwrap_or_default();
        from + rest.iter().take_while(|person| compare(person, &number)).count()
    };
    let first = is_of(|person, number| person < number, *next);
    let end = is_of(|person, number| person == number, first);
    *next = end;
    first..end
}

fn small(count: usize) -> Result<u32, CountError> {
    u32::try_from(count).map_err(|_| CountError::TooMany)
}

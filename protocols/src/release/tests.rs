//! Releases of made-up persons: what is published follows the rules, and a stock keeps its status.

mod certificate;
mod herindeling;
mod profile;
mod stock;

use std::collections::{BTreeMap, BTreeSet};

use super::*;
use crate::{
    catalogue::{Catalogue, tests::registered},
    id::{ColumnName, MemberCode},
    lattice::{self, Lattice},
    policy::{Policy, PolicyFile},
    sdc::{Microlp, NoOverlaps, Unions},
};

/// A row: a person, and a member of every dimension of the view.
struct Row {
    person: u32,
    members: BTreeMap<ColumnName, MemberCode>,
}

/// Records of one half-year; counts them cell by cell, as slowly and plainly as can be.
struct Records<'l> {
    lattice: &'l Lattice,
    rows: Vec<Row>,
}

impl Records<'_> {
    fn within(&self, cell: usize, row: &Row) -> bool {
        let place = &self.lattice.cells()[cell].place;
        place.view().as_str() == "jeugdhulp"
            && place
                .within()
                .iter()
                .all(|(column, members)| row.members.get(column).is_some_and(|m| members.contains(m)))
    }

    fn counts(&self) -> Vec<(u64, u64)> {
        let count = |cell: usize| {
            let rows: Vec<&Row> = self.rows.iter().filter(|row| self.within(cell, row)).collect();
            let persons: BTreeSet<u32> = rows.iter().map(|row| row.person).collect();
            (persons.len() as u64, rows.len() as u64)
        };
        (0..self.lattice.cells().len()).map(count).collect()
    }
}

impl Unions for Records<'_> {
    fn in_any(&self, asked: &[(usize, Vec<usize>)]) -> Vec<u64> {
        let count = |(_, parts): &(usize, Vec<usize>)| {
            let rows = self.rows.iter().filter(|row| parts.iter().any(|part| self.within(*part, row)));
            rows.map(|row| row.person).collect::<BTreeSet<_>>().len() as u64
        };
        asked.iter().map(count).collect()
    }
}

/// A traject: whose, its categorie, its begin, and whether it runs on.
type Drawn = (u32, &'static str, &'static str, bool);

/// Persons with one or two trajecten each, drawn from `seed`; who runs on, runs in the next half-year too.
fn rows(seed: u64, persons: u32, before: &[Row]) -> Vec<Row> {
    let mut state = seed;
    let mut draw = move |most: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % most
    };
    let mut drawn: Vec<Drawn> = Vec::new();
    let value = |row: &Row, column: &str| row.members[&column.parse::<ColumnName>().unwrap()].clone();
    let running = before.iter().filter(|row| value(row, "einde").as_str() == "loopt_door");
    for row in running {
        let categorie =
            ["45", "51", "52", "46", "43", "48"].into_iter().find(|code| *code == value(row, "categorie").as_str());
        // Two of one kind, from two gemeenten, are one from now on.
        let is_second = drawn.iter().any(|(person, code, ..)| (*person, *code) == (row.person, categorie.unwrap()));
        drawn.push((row.person, categorie.unwrap(), "al_lopend", draw(3) > 0 && !is_second));
    }
    let first = before.iter().map(|row| row.person + 1).max().unwrap_or(0);
    for person in first..first + persons {
        for _ in 0..=draw(2) {
            let categorie = ["45", "45", "45", "51", "51", "52", "46", "43"][usize::try_from(draw(8)).unwrap()];
            if !drawn.iter().any(|(other, code, ..)| *other == person && *code == categorie) {
                drawn.push((person, categorie, "gestart", draw(3) > 0));
            }
        }
    }
    let of = |person: u32, test: &dyn Fn(&Drawn) -> bool| drawn.iter().any(|row| row.0 == person && test(row));
    drawn
        .iter()
        .map(|(person, categorie, begin, runs_on)| {
            let stroom = match (of(*person, &|row| row.2 == "al_lopend"), of(*person, &|row| row.3)) {
                (true, true) => "doorlopend",
                (true, false) => "uitstroom",
                (false, true) => "instroom",
                (false, false) => "in_en_uit",
            };
            let members = [
                ("categorie", *categorie),
                ("begin", *begin),
                ("einde", if *runs_on { "loopt_door" } else { "31" }),
                ("leeftijdsgroep", ["0-3", "4-11", "4-11", "12-17"][(person % 4) as usize]),
                ("geslacht", ["M", "V"][(person % 2) as usize]),
                ("hulpvorm", "onbekend"),
                ("duurklasse", "tot_3_maanden"),
                ("stroom", stroom),
                ("verwijzer", ["01", "02", "02", "03"][(person / 7 % 4) as usize]),
                ("wachttijdklasse", "tot_4_weken"),
                ("herhaald", "eerste"),
            ];
            let members = members.map(|(column, member)| (column.parse().unwrap(), member.parse().unwrap()));
            Row { person: *person, members: members.into_iter().collect() }
        })
        .collect()
}

/// Half-years of made-up persons that follow each other: how many are new, and under which catalogue and policy each is
/// released.
fn history<'c>(
    halves: impl IntoIterator<Item = (&'static str, u32, &'c Catalogue, PolicyFile)>,
) -> Result<Vec<Release>, JointError> {
    let mut releases: Vec<Release> = Vec::new();
    let mut before: Vec<Row> = Vec::new();
    for (period, persons, catalogue, policy) in halves {
        let lattice = Lattice::of(catalogue).unwrap();
        let under = RuleSet::of(catalogue, &Policy::from_file(&policy, catalogue).unwrap());
        let records = Records { lattice: &lattice, rows: rows(persons.into(), persons, &before) };
        let uitgave = Uitgave::new("GM0014".parse().unwrap(), period.parse().unwrap());
        let joint = Joint::new(&releases, uitgave, &lattice, &records.counts(), &records)?;
        releases.push(joint.protect(under, &records, &Microlp)?);
        before = records.rows;
    }
    Ok(releases)
}

#[test]
fn releases_follow_each_other_with_one_status_for_each_stock() {
    let catalogue = Catalogue::from_bundle(registered().bundle()).unwrap();
    let lattice = Lattice::of(&catalogue).unwrap();
    let under = RuleSet::of(&catalogue, &Policy::constants());
    let gemeente = "GM0014".parse().unwrap();
    let mut releases: Vec<Release> = Vec::new();
    let mut before: Vec<Row> = Vec::new();
    for (period, persons) in [("2025H1", 60), ("2025H2", 30), ("2026H1", 40)] {
        let period: Period = period.parse().unwrap();
        let records = Records { lattice: &lattice, rows: rows(persons.into(), persons, &before) };
        let joint =
            Joint::new(&releases, Uitgave::new(gemeente, period), &lattice, &records.counts(), &records).unwrap();
        let told: usize = releases.iter().map(|release| release.told.len()).sum();
        assert_eq!(joint.system().told().len(), told, "what a release tells is known ever after");
        let unpublished = joint.system().unpublished().len();
        let release = joint.protect(under, &records, &Microlp).unwrap();
        for (cell, (persons, _)) in release.cells.iter().zip(records.counts()) {
            assert_eq!(cell.persons, persons);
            assert!(!(1..10).contains(&persons) || cell.reason.is_some() || cell.shows.nothing());
        }
        // A union of two stocks is one number in both half-years.
        let is_stock = |release: &Release, cell: usize| lattice::is_stock_after(&release.cells[cell].place);
        let of = |release: &Release| {
            release.unions.iter().filter(|union| !union.parts.iter().all(|part| is_stock(release, *part))).count()
        };
        let all: usize = releases.iter().chain([&release]).map(of).sum();
        assert!(of(&release) > 20 && unpublished >= all, "{unpublished} of {all} unions");
        if let Some(previous) = releases.last() {
            let stocks = release.cells.iter().filter_map(|cell| Some((cell, lattice::after(&cell.place)?)));
            let mut compared = 0;
            for (stock, place) in stocks {
                let same = previous.cells.iter().find(|cell| cell.place == place).unwrap();
                assert_eq!((same.reason, same.persons, same.shows), (stock.reason, stock.persons, stock.shows));
                compared += 1;
            }
            assert!(compared > 5, "{compared}");
        }
        let (shown, cells) = release.shown();
        assert!(shown > cells / 2 && shown < cells, "{shown} of {cells}");
        let read: Release = serde_json::from_str(&serde_json::to_string(&release).unwrap()).unwrap();
        assert_eq!(read, release);
        releases.push(release);
        before = records.rows;
    }
    assert!(releases[..2].iter().any(|release| !release.told.is_empty()), "no remainder was ever too small");
    let next: Period = "2025H2".parse().unwrap();
    let records = Records { lattice: &lattice, rows: Vec::new() };
    // Nobody any more: the stock that there was is not there.
    let stock = Joint::new(&releases[..1], Uitgave::new(gemeente, next), &lattice, &records.counts(), &records);
    assert_eq!(stock.err(), Some(JointError::Stock));
    let gap = Joint::new(
        &releases[..1],
        Uitgave::new(gemeente, "2026H1".parse().unwrap()),
        &lattice,
        &vec![(0, 0); lattice.cells().len()],
        &NoOverlaps,
    );
    assert_eq!(gap.err(), Some(JointError::Gap));
}

/// Boys of one age with one traject each, that ran before: so many of a categorie that run on, or do not.
fn boys(first: u32, of: &[(&str, bool, u32)]) -> Vec<Row> {
    let all = of.iter().flat_map(|(categorie, runs_on, number)| (0..*number).map(move |_| (*categorie, *runs_on)));
    let row = |(person, (categorie, runs_on)): (u32, (&str, bool))| {
        let members = [
            ("categorie", categorie),
            ("begin", "al_lopend"),
            ("einde", if runs_on { "loopt_door" } else { "31" }),
            ("leeftijdsgroep", "4-11"),
            ("geslacht", "M"),
            ("hulpvorm", "onbekend"),
            ("duurklasse", "1_tot_2_jaar"),
            ("stroom", if runs_on { "doorlopend" } else { "uitstroom" }),
            ("verwijzer", "01"),
            ("wachttijdklasse", "onbekend"),
            ("herhaald", "onbekend"),
        ];
        let members = members.map(|(column, member)| (column.parse().unwrap(), member.parse().unwrap()));
        Row { person, members: members.into_iter().collect() }
    };
    (first..).zip(all).map(row).collect()
}

/// What runs all through the first half-year has run for six months; of a later one it may be a correction (rule R12).
#[test]
fn r12_records_that_cannot_be_are_refused_by_name() {
    let catalogue = Catalogue::from_bundle(registered().bundle()).unwrap();
    let lattice = Lattice::of(&catalogue).unwrap();
    let short = |mut rows: Vec<Row>| {
        rows.iter_mut().for_each(|row| {
            row.members.insert("duurklasse".parse().unwrap(), "tot_3_maanden".parse().unwrap());
        });
        rows
    };
    let joint = |earlier: &[Release], period: &str, rows: Vec<Row>| {
        let records = Records { lattice: &lattice, rows };
        let uitgave = Uitgave::new("GM0014".parse().unwrap(), period.parse().unwrap());
        let joint = Joint::new(earlier, uitgave, &lattice, &records.counts(), &records)?;
        joint.protect(RuleSet::of(&catalogue, &Policy::constants()), &records, &Microlp)
    };
    let all = || boys(0, &[("45", true, 40)]);
    let refused = joint(&[], "2025H1", short(all())).unwrap_err();
    let said = "begin=al_lopend duurklasse=3_tot_6_maanden+tot_3_maanden einde=loopt_door";
    assert!(matches!(&refused, JointError::Excluded(place) if place.contains(said)), "{refused}");
    let first = joint(&[], "2025H1", all()).unwrap();
    assert!(joint(&[first], "2025H2", short(all())).is_ok());
}

/// Who began is in no table, but of all 48 trajecten 43 ran on from the half-year before: 5 began.
#[test]
fn who_began_is_not_what_is_left() {
    let bundle = crate::catalogue::tests::with("kubussen.toml", |text| {
        let cubes = text.split("[[kubus]]").skip(1).filter(|cube| cube.contains("naam = \"einde\""));
        cubes.map(|cube| format!("[[kubus]]{cube}")).collect()
    });
    let catalogue = Catalogue::from_bundle(&bundle).unwrap();
    let lattice = Lattice::of(&catalogue).unwrap();
    let under = RuleSet::of(&catalogue, &Policy::constants());
    let mut first = boys(0, &[("45", true, 43), ("45", false, 20)]);
    let mut second = boys(0, &[("45", true, 48)]);
    for row in second.iter_mut().skip(43) {
        row.members.insert("begin".parse().unwrap(), "gestart".parse().unwrap());
        row.person += 1_000;
    }
    let mut releases: Vec<Release> = Vec::new();
    for (period, rows) in [("2025H1", std::mem::take(&mut first)), ("2025H2", second)] {
        let uitgave = Uitgave::new("GM0014".parse().unwrap(), period.parse().unwrap());
        let records = Records { lattice: &lattice, rows };
        let joint = Joint::new(&releases, uitgave, &lattice, &records.counts(), &records).unwrap();
        releases.push(joint.protect(under, &records, &Microlp).unwrap());
    }
    let total = |release: &Release| release.cells.iter().find(|cell| cell.place.within().is_empty()).unwrap().clone();
    let [before, after] = [&releases[0], &releases[1]].map(total);
    assert_eq!((before.rows, after.rows), (63, 48));
    assert_eq!((before.reason, after.reason), (None, Some(Reason::Remainder)));
}

/// Of 61 that run on 5 and 6 are hidden: 11 are left, which was enough under a threshold of 10 and cannot be undone under
/// one of 12.
#[test]
fn a_stricter_policy_leaves_what_was_released_as_it_was() {
    let catalogue = Catalogue::from_bundle(registered().bundle()).unwrap();
    let lattice = Lattice::of(&catalogue).unwrap();
    let running = [("45", true, 20), ("51", true, 30), ("43", true, 5), ("50", true, 6)];
    let ended = [("45", false, 30), ("51", false, 30), ("43", false, 30), ("50", false, 30), ("48", false, 40)];
    let first = boys(0, &[running.as_slice(), &ended].concat());
    let mut second = boys(0, &running);
    second.extend(boys(1_000, &ended).into_iter().map(|mut row| {
        row.members.insert("begin".parse().unwrap(), "gestart".parse().unwrap());
        row.members.insert("stroom".parse().unwrap(), "in_en_uit".parse().unwrap());
        row
    }));
    let mut releases: Vec<Release> = Vec::new();
    for (period, k, rows) in [("2025H1", 10, first), ("2025H2", 12, second)] {
        let policy = Policy::from_file(&PolicyFile { k: Some(k), ..PolicyFile::default() }, &catalogue).unwrap();
        let uitgave = Uitgave::new("GM0014".parse().unwrap(), period.parse().unwrap());
        let records = Records { lattice: &lattice, rows };
        let joint = Joint::new(&releases, uitgave, &lattice, &records.counts(), &records).unwrap();
        let release = joint.protect(RuleSet::of(&catalogue, &policy), &records, &Microlp);
        releases.push(release.unwrap_or_else(|error| panic!("{period}: {error}")));
    }
    let of_running = |release: &Release, column: &str, code: &str| {
        let within = BTreeMap::from([(column.parse().unwrap(), BTreeSet::from([code.parse().unwrap()]))]);
        release.cells.iter().find(|cell| *cell.place.within() == within).unwrap().clone()
    };
    let (before, after) =
        (of_running(&releases[0], "einde", "loopt_door"), of_running(&releases[1], "begin", "al_lopend"));
    assert_eq!((before.rows, before.reason, after.reason), (61, None, None));
    assert!(releases[1].cells.iter().all(|cell| {
        cell.reason.is_some()
            || cell.shows.nothing()
            || cell.persons == 0
            || cell.persons >= 12
            || lattice::after(&cell.place).is_some()
    }));
}

/// A list of groups beside herhaald_beroep, and nothing else about begin: 14 less the 13 that ran on leaves 1. No line says
/// so, and a total is hidden all the same.
#[test]
fn what_ran_on_is_known_from_what_began() {
    let bundle = crate::catalogue::tests::with("kubussen.toml", |text| {
        let cubes = text.split("[[kubus]]").skip(1);
        let kept = cubes.filter(|cube| cube.contains("naam = \"categorie\"") || cube.contains("naam = \"herhaald\""));
        kept.map(|cube| format!("[[kubus]]{}", cube.replace("[\"categorie\"]", "[\"groep\"]"))).collect()
    });
    let catalogue = Catalogue::from_bundle(&bundle).unwrap();
    let lattice = Lattice::of(&catalogue).unwrap();
    let under = RuleSet::of(&catalogue, &Policy::constants());
    let row = |person: u32, categorie: &str, einde: &str| {
        let members = [
            ("categorie", categorie),
            ("begin", "al_lopend"),
            ("einde", einde),
            ("hulpvorm", "onbekend"),
            ("stroom", if einde == "loopt_door" { "doorlopend" } else { "uitstroom" }),
            ("herhaald", "onbekend"),
        ];
        let members = members.map(|(column, member)| (column.parse().unwrap(), member.parse().unwrap()));
        Row { person, members: members.into_iter().collect() }
    };
    let running = || (1..14).map(|person| row(person, "55", "loopt_door"));
    let mut releases = Vec::new();
    for (period, rows) in
        [("2025H1", std::iter::once(row(0, "41", "31")).chain(running()).collect()), ("2025H2", running().collect())]
    {
        let uitgave = Uitgave::new("GM0014".parse().unwrap(), period.parse().unwrap());
        let records = Records { lattice: &lattice, rows };
        let joint = Joint::new(&releases, uitgave, &lattice, &records.counts(), &records).unwrap();
        releases.push(joint.protect(under, &records, &Microlp).unwrap());
    }
    let total = |release: &Release| release.cells.iter().find(|cell| cell.place.within().is_empty()).unwrap().clone();
    assert!(releases.iter().any(|release| total(release).reason.is_some()), "13 of 14 ran on, so 1 ended");
}

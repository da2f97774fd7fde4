//! What counts (rule R2), over histories that are corrected between one release and the next.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    path::Path,
};

use drempel_protocols::{
    catalogue::{Catalogue, SignedBundle},
    id::{ColumnName, Period, ViewName},
    lattice::Lattice,
    sdc::Clients,
};
use proptest::prelude::*;

use super::{
    counted::Telling,
    rows::{Rows, ViewRows},
};
use crate::{
    engine::{
        Aanbieders,
        lattice::{Coded, Counted},
    },
    ingest::sleutel::PersoonSleutel,
    ledger::CountedSet,
};

fn catalogue() -> Catalogue {
    let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../config/catalogus"));
    Catalogue::from_bundle(SignedBundle::read(folder).unwrap().bundle()).unwrap()
}

/// A traject as the records have it: whose, which categorie, the half-years it runs from and to (by their place among
/// those below), and whether it ends in the last or runs on after all of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Traject {
    person: u32,
    categorie: &'static str,
    from: usize,
    to: usize,
    ends: bool,
}

const PERIODS: [&str; 5] = ["2024H1", "2024H2", "2025H1", "2025H2", "2026H1"];

fn period(place: usize) -> Period {
    PERIODS[place].parse().unwrap()
}

/// A row: person, half-year, members.
type Told = (u32, usize, [(&'static str, &'static str); 8]);

/// The rows that an import would make of trajecten; the first half-year has what began before it.
fn snapshot(trajecten: &[Traject], catalogue: &Catalogue) -> Rows {
    let view = catalogue.view("jeugdhulp").unwrap();
    let mut rows: Vec<Told> = Vec::new();
    let persons: BTreeSet<u32> = trajecten.iter().map(|traject| traject.person).collect();
    let number = |person: u32| u32::try_from(persons.iter().position(|other| *other == person).unwrap()).unwrap();
    for traject in trajecten {
        for place in traject.from..=traject.to {
            let began = place == traject.from && traject.from > 0;
            let ended = place == traject.to && traject.ends;
            let members = [
                ("categorie", traject.categorie),
                ("begin", if began { "gestart" } else { "al_lopend" }),
                ("einde", if ended { "31" } else { "loopt_door" }),
                ("geslacht", if traject.person % 2 == 0 { "M" } else { "V" }),
                ("leeftijdsgroep", "4-11"),
                ("verwijzer", "02"),
                ("wachttijdklasse", "tot_4_weken"),
                ("duurklasse", "6_tot_12_maanden"),
            ];
            rows.push((number(traject.person), place, members));
        }
    }
    rows.sort_unstable();
    let mut made = ViewRows::default();
    for (person, place, members) in rows {
        made.persons.push(person);
        made.periods.push(period(place));
        let members = BTreeMap::from(members);
        for (name, dimension) in view.dimensions().filter(|(_, dimension)| dimension.grouping().is_none()) {
            let domain = dimension.domain();
            let code = members.get(name.as_str()).map_or(domain.onbekend(), |code| domain.index_of(code).unwrap());
            made.columns.entry(name.clone()).or_default().push(code);
        }
    }
    let name: ViewName = "jeugdhulp".parse().unwrap();
    Rows { persons: persons.iter().map(|person| sleutel(*person)).collect(), views: BTreeMap::from([(name, made)]) }
}

fn sleutel(person: u32) -> PersoonSleutel {
    let mut bytes = [0; 16];
    bytes[..4].copy_from_slice(&person.to_be_bytes());
    PersoonSleutel::from_bytes(bytes)
}

fn tell(
    trajecten: &[Traject],
    at: usize,
    before: Option<CountedSet>,
    catalogue: &Catalogue,
) -> (Coded, CountedSet, bool) {
    let rows = snapshot(trajecten, catalogue);
    let telling = Telling::of(&rows, period(at), before, &HashMap::new(), catalogue).unwrap();
    let table = telling.tables()[0].clone();
    let lost = telling.lost();
    (table, telling.into_counted(), lost)
}

/// How many rows have these members.
fn count(table: &Coded, members: &[(&str, &str)], catalogue: &Catalogue) -> usize {
    let view = catalogue.view("jeugdhulp").unwrap();
    let code = |column: &ColumnName, member: &str| view.dimension(column).unwrap().domain().index_of(member).unwrap();
    let wanted: Vec<(ColumnName, u8)> = members
        .iter()
        .map(|(column, member)| {
            let column: ColumnName = column.parse().unwrap();
            let code = code(&column, member);
            (column, code)
        })
        .collect();
    let fits = |row: usize| wanted.iter().all(|(column, code)| table.code(column, row) == Some(*code));
    (0..table.rows()).filter(|row| fits(*row)).count()
}

fn one(from: usize, to: usize, ends: bool) -> Traject {
    Traject { person: 1, categorie: "45", from, to, ends }
}

#[test]
fn r2_what_becomes_known_late_counts_when_it_becomes_known() {
    let catalogue = catalogue();
    let (first, counted, _) = tell(&[one(0, 4, false)], 1, None, &catalogue);
    assert_eq!(count(&first, &[("begin", "al_lopend"), ("einde", "loopt_door")], &catalogue), 1);
    // The stop in the half-year that was released is known only now; so is another traject that began and ended then.
    let late = [one(0, 1, true), Traject { person: 2, categorie: "51", from: 1, to: 1, ends: true }];
    let (second, counted, _) = tell(&late, 2, Some(counted), &catalogue);
    assert_eq!(second.rows(), 2);
    assert_eq!(count(&second, &[("begin", "al_lopend"), ("einde", "31"), ("stroom", "uitstroom")], &catalogue), 1);
    assert_eq!(count(&second, &[("begin", "gestart"), ("einde", "31"), ("categorie", "51")], &catalogue), 1);
    let (third, ..) = tell(&late, 3, Some(counted), &catalogue);
    assert_eq!(third.rows(), 0);
}

/// A traject that was never counted, said that it ran on and is not there any more: it cannot begin and be missing at once.
#[test]
fn r2_what_was_never_counted_is_not_missing() {
    let catalogue = catalogue();
    let (_, counted, _) = tell(&[one(0, 4, false)], 1, None, &catalogue);
    let late = [one(0, 4, false), Traject { person: 2, categorie: "51", from: 1, to: 1, ends: false }];
    let (second, counted, _) = tell(&late, 2, Some(counted), &catalogue);
    assert_eq!((second.rows(), count(&second, &[("categorie", "45")], &catalogue)), (1, 1));
    let (third, ..) = tell(&late, 3, Some(counted), &catalogue);
    assert_eq!(third.rows(), 1);
}

#[test]
fn r2_what_is_deleted_or_changed_ends_as_vervallen() {
    let catalogue = catalogue();
    let all = [one(0, 4, false), Traject { person: 2, categorie: "51", from: 0, to: 4, ends: false }];
    let (_, counted, _) = tell(&all, 1, None, &catalogue);
    let changed = [Traject { categorie: "52", ..all[1] }];
    let (table, counted, _) = tell(&changed, 2, Some(counted), &catalogue);
    assert_eq!(
        count(&table, &[("einde", "vervallen"), ("begin", "al_lopend"), ("stroom", "uitstroom")], &catalogue),
        1
    );
    assert_eq!(count(&table, &[("einde", "vervallen"), ("categorie", "51"), ("stroom", "doorlopend")], &catalogue), 1);
    assert_eq!(count(&table, &[("begin", "gestart"), ("categorie", "52"), ("einde", "loopt_door")], &catalogue), 1);
    assert_eq!(table.rows(), 3);
    let (table, ..) = tell(&changed, 3, Some(counted), &catalogue);
    assert_eq!(count(&table, &[("begin", "al_lopend"), ("categorie", "52")], &catalogue), 1);
    assert_eq!(table.rows(), 1);
}

/// Of what said that it ran on and has no row of the next half-year it is not known either who referred.
#[test]
fn r2_of_what_is_missing_only_its_kind_is_known() {
    let catalogue = catalogue();
    let all = [one(0, 4, false), Traject { person: 2, categorie: "51", from: 0, to: 1, ends: false }];
    let (_, counted, _) = tell(&all, 1, None, &catalogue);
    let (table, ..) = tell(&all, 2, Some(counted), &catalogue);
    let missing = [("einde", "vervallen"), ("categorie", "51"), ("verwijzer", "onbekend"), ("duurklasse", "onbekend")];
    assert_eq!(count(&table, &missing, &catalogue), 1);
}

#[test]
fn r2_in_the_first_half_year_what_ended_before_never_counts() {
    let catalogue = catalogue();
    let (table, counted, _) = tell(&[one(0, 0, true), one(2, 4, false)], 2, None, &catalogue);
    assert_eq!((table.rows(), count(&table, &[("begin", "gestart")], &catalogue)), (1, 1));
    let (table, ..) = tell(&[one(0, 0, true), one(2, 4, false)], 3, Some(counted), &catalogue);
    assert_eq!((table.rows(), count(&table, &[("begin", "al_lopend")], &catalogue)), (1, 1));
}

#[test]
fn records_of_other_persons_are_not_taken_for_these() {
    let catalogue = catalogue();
    let all: Vec<Traject> = (0..40).map(|person| Traject { person, ..one(0, 4, false) }).collect();
    let (_, counted, lost) = tell(&all, 1, None, &catalogue);
    assert!(!lost);
    let others: Vec<Traject> = all.iter().map(|traject| Traject { person: traject.person + 30, ..*traject }).collect();
    assert!(tell(&others, 2, Some(counted.clone()), &catalogue).2);
    assert!(!tell(&all, 2, Some(counted), &catalogue).2);
}

#[test]
fn a_person_under_another_hash_is_the_one_that_was_counted() {
    let catalogue = catalogue();
    let trajecten: Vec<Traject> = (0..40).map(|person| Traject { person, ..one(0, 4, false) }).collect();
    let (_, counted, _) = tell(&trajecten, 1, None, &catalogue);
    let mut rows = snapshot(&trajecten, &catalogue);
    let renamed: HashMap<_, _> = (0..40).map(|person| (sleutel(person + 100), sleutel(person))).collect();
    rows.persons = (0..40).map(|person| sleutel(person + 100)).collect();
    let known = Telling::of(&rows, period(2), Some(counted.clone()), &renamed, &catalogue).unwrap();
    assert!(!known.lost());
    assert_eq!(count(&known.tables()[0], &[("begin", "al_lopend"), ("einde", "loopt_door")], &catalogue), 40);
    assert!(Telling::of(&rows, period(2), Some(counted), &HashMap::new(), &catalogue).unwrap().lost());
}

/// Rule R7: of 30 children 20 were at one aanbieder, 5 at another, and 5 at several; then one of the first is no longer
/// in the records.
#[test]
fn r7_who_had_several_or_is_gone_may_be_a_client_of_each() {
    let catalogue = catalogue();
    let lattice = Lattice::of(&catalogue).unwrap();
    let trajecten: Vec<Traject> = (0..30).map(|person| Traject { person, ..one(0, 4, false) }).collect();
    let made = |trajecten: &[Traject], first: u32, second: u32| {
        let mut rows = snapshot(trajecten, &catalogue);
        let own = rows.views.get_mut(&"jeugdhulp".parse::<ViewName>().unwrap()).unwrap();
        let at = |person: &u32| match *person {
            person if person < first => Aanbieders::new(1, None),
            person if person < second => Aanbieders::new(2, None),
            _ => Aanbieders::new(2, Some(0)),
        };
        own.aanbieders = own.persons.iter().map(at).collect();
        for view in ["wisseling", "herhaald_beroep"].map(|name| catalogue.view(name).unwrap()) {
            let columns = view.dimensions().filter(|(_, dimension)| dimension.grouping().is_none());
            let columns = columns.map(|(name, _)| (name.clone(), vec![])).collect();
            rows.views.insert(view.name().clone(), ViewRows { columns, ..ViewRows::default() });
        }
        rows
    };
    let clients = |rows: &Rows, at: usize, before: Option<CountedSet>| {
        let telling = Telling::of(rows, period(at), before, &HashMap::new(), &catalogue).unwrap();
        let counted = Counted::new(&lattice, telling.tables()).unwrap();
        let all = lattice
            .cells()
            .iter()
            .position(|cell| cell.place.view().as_str() == "jeugdhulp" && cell.place.within().is_empty());
        (counted.clients()[all.unwrap()].clone(), telling.into_counted())
    };
    let of = |known: u64, at_most: u64| Clients { known, at_most };
    let (found, counted) = clients(&made(&trajecten, 20, 25), 1, None);
    assert_eq!(found, [of(0, 5), of(10, 10), of(20, 25)]);
    assert_eq!(clients(&made(&trajecten[1..], 19, 29), 2, Some(counted)).0, [of(0, 1), of(10, 11), of(19, 20)]);
}

fn trajecten() -> impl Strategy<Value = Vec<Traject>> {
    let traject = (0u32..6, prop::sample::select(vec!["45", "51"]), 0usize..5, 0usize..5, any::<bool>());
    let traject = traject.prop_map(|(person, categorie, one, other, ends)| Traject {
        person,
        categorie,
        from: one.min(other),
        to: if ends { one.max(other) } else { 4 },
        ends,
    });
    prop::collection::vec(traject, 0..12).prop_map(|mut all| {
        // Within one person and categorie no two share a day: in the half-year in which one ends the next can begin.
        all.sort_unstable();
        let mut kept: Vec<Traject> = Vec::new();
        for traject in all {
            let clash = |other: &Traject| {
                (other.person, other.categorie) == (traject.person, traject.categorie)
                    && (other.to > traject.from || (other.to == traject.from && !other.ends))
            };
            if !kept.iter().any(clash) {
                kept.push(traject);
            }
        }
        kept
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// Where nothing is corrected what counts is what goes by date.
    #[test]
    fn r2_without_corrections_everything_goes_by_date(trajecten in trajecten()) {
        let catalogue = catalogue();
        let mut before = None;
        for at in 1..5 {
            let (table, counted, _) = tell(&trajecten, at, before, &catalogue);
            for (begin, began) in [("al_lopend", false), ("gestart", true)] {
                for (einde, ended) in [("loopt_door", false), ("31", true)] {
                    let there = trajecten.iter().filter(|traject| {
                        (traject.from..=traject.to).contains(&at)
                            && (traject.from == at) == began
                            && (traject.to == at && traject.ends) == ended
                    });
                    prop_assert_eq!(count(&table, &[("begin", begin), ("einde", einde)], &catalogue), there.count());
                }
            }
            before = Some(counted);
        }
    }

    /// However records are corrected from one release to the next, begin + in - uit = eind, and the stock at the
    /// beginning is the stock at the end before, categorie by categorie and for persons too; and of what is missing, and
    /// of nothing else, it is not known who referred, how long it takes and how long it took to begin.
    #[test]
    fn r2_stocks_follow_each_other(histories in prop::collection::vec(trajecten(), 4)) {
        let catalogue = catalogue();
        let mut before: Option<(CountedSet, BTreeMap<&str, usize>, usize)> = None;
        for (at, trajecten) in (1..).zip(&histories) {
            let earlier = before.as_ref().map(|(counted, ..)| counted.clone());
            let (table, counted, _) = tell(trajecten, at, earlier, &catalogue);
            let stock = |column: &str, member: &str| -> BTreeMap<&str, usize> {
                ["45", "51"].map(|c| (c, count(&table, &[(column, member), ("categorie", c)], &catalogue))).into()
            };
            let persons = |members: [&str; 2]| -> usize {
                let of = |row: &usize| members.iter().any(|member| {
                    let stroom: ColumnName = "stroom".parse().unwrap();
                    let domain = catalogue.view("jeugdhulp").unwrap().dimension(&stroom).unwrap().domain();
                    table.code(&stroom, *row) == domain.index_of(member)
                });
                (0..table.rows()).filter(of).map(|row| table.person(row)).collect::<BTreeSet<_>>().len()
            };
            let (begin, end) = (stock("begin", "al_lopend"), stock("einde", "loopt_door"));
            if let Some((_, stock_before, persons_before)) = &before {
                prop_assert_eq!(&begin, stock_before);
                prop_assert_eq!(persons(["doorlopend", "uitstroom"]), *persons_before);
            } else {
                // What is counted in the first release is what there is.
                let there = trajecten.iter().filter(|t| t.from <= at && t.to >= at).count();
                prop_assert_eq!(table.rows(), there);
            }
            let runs_on: BTreeMap<&str, usize> = ["45", "51"].map(|c| (c, trajecten.iter().filter(|t| {
                t.categorie == c && t.from <= at && (t.to > at || t.to == at && !t.ends)
            }).count())).into();
            prop_assert_eq!(&end, &runs_on);
            let missing = count(&table, &[("einde", "vervallen")], &catalogue);
            let unknown = ["verwijzer", "duurklasse", "wachttijdklasse"].map(|column| (column, "onbekend"));
            prop_assert_eq!(count(&table, &unknown, &catalogue), missing);
            for of in unknown {
                prop_assert_eq!(count(&table, &[of], &catalogue), missing);
            }
            before = Some((counted, end, persons(["doorlopend", "instroom"])));
        }
    }
}

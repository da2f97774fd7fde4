//! Gemeenten that become one: nothing of either is left by subtracting the other.

use super::*;

/// Two gemeenten that become one: what they had at the end is no longer to be had by subtraction from what it has at the
/// beginning.
struct Herindeling {
    catalogue: Catalogue,
    old: Vec<Release>,
    rows: Vec<Row>,
    uitgave: Uitgave,
}

impl Herindeling {
    fn of(parts: [Vec<Row>; 2]) -> Self {
        let catalogue = Catalogue::from_bundle(registered().bundle()).unwrap();
        let lattice = Lattice::of(&catalogue).unwrap();
        let under = RuleSet::of(&catalogue, &Policy::constants());
        let (mut old, mut all) = (Vec::new(), Vec::new());
        for (gemeente, rows) in ["GM0014", "GM0037"].into_iter().zip(parts) {
            let uitgave = Uitgave::new(gemeente.parse().unwrap(), "2025H2".parse().unwrap());
            let records = Records { lattice: &lattice, rows };
            let joint = Joint::new(&[], uitgave, &lattice, &records.counts(), &records).unwrap();
            old.push(joint.protect(under, &records, &Microlp).unwrap());
            all.extend(records.rows);
        }
        let voorgangers = old.iter().map(Release::gemeente).collect();
        let uitgave = Uitgave { gemeente: "GM1969".parse().unwrap(), period: "2026H1".parse().unwrap(), voorgangers };
        Self { catalogue, old, rows: all, uitgave }
    }

    /// The release of the new gemeente, of which every stock is looked at beside those of the old ones.
    fn check(&self, seed: u64) -> Release {
        let lattice = Lattice::of(&self.catalogue).unwrap();
        let under = RuleSet::of(&self.catalogue, &Policy::constants());
        let records = Records { lattice: &lattice, rows: rows(seed, 40, &self.rows) };
        let joint = Joint::new(&self.old, self.uitgave.clone(), &lattice, &records.counts(), &records).unwrap();
        let release = joint.protect(under, &records, &Microlp).unwrap();
        let mut stocks = 0;
        for cell in release.cells.iter().filter(|cell| !cell.shows.nothing()) {
            let Some(after) = lattice::after(&cell.place) else { continue };
            let of = |old: &Release| old.cells.iter().find(|cell| cell.place == after).unwrap().clone();
            let parts: Vec<ReleasedCell> = self.old.iter().map(of).collect();
            assert_eq!(cell.rows, parts.iter().map(|part| part.rows).sum::<u64>());
            let of_line: Vec<&ReleasedCell> = parts.iter().chain([cell]).collect();
            let hidden = of_line.iter().filter(|cell| cell.reason.is_some()).count();
            let is_unsafe = of_line.iter().any(|cell| cell.reason == Some(Reason::Unsafe));
            assert!(hidden != 1 || !is_unsafe, "one of three is left: {:?}", cell.place);
            stocks += 1;
        }
        assert!(stocks > 5, "{stocks}");
        // A later half-year goes on from this one alone, and still knows all of it.
        let last = Uitgave::new(self.uitgave.gemeente, "2026H2".parse().unwrap());
        let mut all = self.old.clone();
        all.push(serde_json::from_str(&serde_json::to_string(&release).unwrap()).unwrap());
        let later = Records { lattice: &lattice, rows: rows(seed + 1, 10, &records.rows) };
        let joint = Joint::new(&all, last, &lattice, &later.counts(), &later).unwrap();
        assert!(joint.system().cells().len() > 3 * lattice.cells().len());
        release
    }
}

#[test]
fn after_a_herindeling_nothing_is_left_by_subtracting_one_gemeente() {
    for seed in [5, 8] {
        let one = rows(seed, 60, &[]);
        let mut other = rows(seed + 100, 25, &[]);
        // Some were in both gemeenten.
        for row in other.iter_mut().filter(|row| row.person > 5) {
            row.person += 1_000;
        }
        let herindeling = Herindeling::of([one, other]);
        herindeling.check(seed);
    }
}

/// The case of the design: 19 run on in the new gemeente and 12 of them came from one of the two, so 7 from the other.
#[test]
fn nineteen_less_twelve_is_not_seven() {
    let with = |first: u32, ambulant: u32| {
        let others = [("45", false, 20), ("51", true, 30), ("51", false, 20), ("48", true, 20), ("48", false, 20)];
        boys(first, &[[("45", true, ambulant)].as_slice(), &others].concat())
    };
    let herindeling = Herindeling::of([with(0, 12), with(1_000, 7)]);
    let ambulant = |release: &Release, column: &str, code: &str| {
        let members = [(column, code), ("categorie", "45")];
        let within = members.map(|(column, code)| (column.parse().unwrap(), [code.parse().unwrap()].into()));
        let cell = release.cells.iter().find(|cell| *cell.place.within() == BTreeMap::from(within.clone()));
        (cell.unwrap().persons, cell.unwrap().reason)
    };
    assert_eq!(ambulant(&herindeling.old[0], "einde", "loopt_door"), (12, None), "what is subtracted is shown");
    assert_eq!(ambulant(&herindeling.old[1], "einde", "loopt_door"), (7, Some(Reason::Unsafe)));
    let release = herindeling.check(3);
    let (persons, reason) = ambulant(&release, "begin", "al_lopend");
    assert!(persons == 19 && reason.is_some());
}

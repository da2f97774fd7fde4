//! Certificates of releases: they hold, they fail where something is shown that may not be, and they say nothing else.

use super::*;
use crate::sdc::{Certificate, CertificateError, SystemError};

/// Three half-years, the last under a stricter policy.
fn released() -> (Catalogue, Vec<Release>) {
    let catalogue = Catalogue::from_bundle(registered().bundle()).unwrap();
    let halves = [("2025H1", 60, 10), ("2025H2", 30, 10), ("2026H1", 40, 12)];
    let of = |k| PolicyFile { k: Some(k), ..PolicyFile::default() };
    let releases = history(halves.map(|(period, persons, k)| (period, persons, &catalogue, of(k)))).unwrap();
    (catalogue, releases)
}

fn of(history: &[Release], withdrawn: &[usize], catalogue: &Catalogue, declined: &str) -> Certificate {
    let allowed = lattice::shown_by(catalogue, |cube| cube.name().as_str() != declined).unwrap();
    let withdrawn = withdrawn.iter().copied().collect();
    let certificate = certificate(history, &withdrawn, &allowed).unwrap();
    serde_json::from_str(&serde_json::to_string(&certificate).unwrap()).unwrap()
}

#[test]
fn a_certificate_holds_and_fails_when_one_more_cell_is_shown() {
    let (catalogue, releases) = released();
    let whole = of(&releases, &[], &catalogue, "");
    assert_eq!(whole.verify(&Microlp), Ok(()));
    let (shown, cells) = whole.shown();
    let (declined, fewer) = of(&releases, &[], &catalogue, "categorie").shown();
    assert!(declined < shown && fewer < cells, "{declined} of {fewer}, {shown} of {cells}");
    assert_eq!(of(&releases, &[], &catalogue, "categorie").verify(&Microlp), Ok(()));
    let withdrawn = of(&releases, &[1], &catalogue, "");
    assert!(withdrawn.shown() < (shown, cells));
    assert_eq!(withdrawn.verify(&Microlp), Ok(()));

    // One by one: a small cell, and one that others follow from.
    let (mut small, mut others) = (0, 0);
    for cell in 0..releases[0].cells.len() {
        let mut doctored = releases[..1].to_vec();
        let cell = &mut doctored[0].cells[cell];
        let Some(reason) = cell.reason.take_if(|_| !cell.shows.nothing()) else { continue };
        if if reason == Reason::Unsafe { small > 0 } else { others > 0 } {
            continue;
        }
        match of(&doctored, &[], &catalogue, "").verify(&Microlp) {
            Err(CertificateError::Shown(_)) => small += 1,
            Err(CertificateError::Remainder(_) | CertificateError::Narrow(_)) => others += 1,
            // Zeros, and rows of which the persons are in no table.
            Ok(()) => {}
            Err(other) => panic!("{other:?}"),
        }
    }
    assert!(small > 0 && others > 0, "{small} small cells and {others} others were told");
}

#[test]
fn of_cubes_that_are_answered_for_no_purpose_no_count_is_certified() {
    let (catalogue, releases) = released();
    let declines = |purposes: &[&str]| {
        let declined_purposes = purposes.iter().map(|id| id.parse().unwrap()).collect();
        let policy = Policy::from_file(&PolicyFile { declined_purposes, ..PolicyFile::default() }, &catalogue).unwrap();
        let allowed = lattice::shown_by(&catalogue, |cube| policy.answers(cube)).unwrap();
        certificate(&releases, &BTreeSet::new(), &allowed).unwrap().shown()
    };
    let all: Vec<&str> = catalogue.purposes().map(|purpose| purpose.id.as_str()).collect();
    assert_eq!(declines(&[]), of(&releases, &[], &catalogue, "").shown());
    assert_eq!(declines(&all), (0, 0));
}

#[test]
fn what_is_no_certificate_is_an_error_and_no_panic() {
    let (catalogue, releases) = released();
    let whole = serde_json::to_value(of(&releases[..1], &[], &catalogue, "")).unwrap();
    let changed = |path: &str, value: serde_json::Value| {
        let mut certificate = whole.clone();
        *certificate.pointer_mut(path).unwrap() = value;
        serde_json::from_value::<Certificate>(certificate).unwrap().verify(&Microlp)
    };
    let too_many = Err(CertificateError::System(SystemError::TooMany));
    assert_eq!(changed("/grounds/0/rules/k", u64::MAX.into()), too_many);
    assert_eq!(changed("/ties/0/terms/0/1", i64::MIN.into()), too_many);
    assert_eq!(changed("/ties/0/sum", i64::MIN.into()), too_many);
    assert_eq!(changed("/cells/0/ground", 7.into()), Err(CertificateError::Ground));
    assert_eq!(changed("/grounds", serde_json::json!([])), Err(CertificateError::Ground));
    assert_eq!(changed("/lines/0/whole", u32::MAX.into()), Err(CertificateError::System(SystemError::Unknown)));
}

#[test]
fn a_certificate_says_nothing_of_hidden_cells() {
    let (catalogue, releases) = released();
    let release = releases[..1].to_vec();
    let mut other = release.clone();
    let mut changed = 0;
    for cell in other[0].cells.iter_mut().filter(|cell| cell.reason.is_some()) {
        (cell.persons, cell.rows) = (cell.persons + 3, cell.rows + 5);
        (cell.reason, cell.settled) = (Some(Reason::Interval), !cell.settled);
        changed += 1;
    }
    other[0].told.clear();
    assert!(changed > 20, "{changed}");
    let text = |history: &[Release]| serde_json::to_string(&of(history, &[], &catalogue, "")).unwrap();
    assert_eq!(text(&release), text(&other));
}

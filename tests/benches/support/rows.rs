//! Rows of the view `jeugdhulp` for benchmarks, in any number: made directly, without messages or BSNs, of which there
//! are too few test numbers for a million rows. Skewed as real care is: half of it ambulant, most persons with one
//! traject, most trajecten shorter than a year.

use std::{ops::Range, path::Path};

use drempel_node::ingest::{
    codes::{Categorie, Geslacht, Hulpvorm, RedenBeeindiging, Verwijzer},
    snapshot::ManifestInput,
    view::{Begin, Duurklasse, Gebruik, JEUGDHULP, Leeftijdsgroep, Rij, Stroom, Uitkomst},
};
use drempel_protocols::{
    clock::{Clock as _, SystemClock},
    id::{Gemeentecode, Period},
};
use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;

const SEED: u64 = 1;

const CATEGORIEEN: [(Option<Categorie>, u32); 14] = [
    (Some(Categorie::C45), 460),
    (Some(Categorie::C54), 180),
    (Some(Categorie::C50), 80),
    (Some(Categorie::C52), 60),
    (Some(Categorie::C48), 45),
    (Some(Categorie::C43), 40),
    (Some(Categorie::C41), 30),
    (Some(Categorie::C44), 25),
    (Some(Categorie::C42), 20),
    (Some(Categorie::C46), 20),
    (Some(Categorie::C47), 15),
    (Some(Categorie::C51), 10),
    (Some(Categorie::C35), 10),
    (None, 5),
];
const GESLACHTEN: [(Geslacht, u32); 3] =
    [(Geslacht::Mannelijk, 550), (Geslacht::Vrouwelijk, 440), (Geslacht::Onbekend, 10)];
const REDENEN: [(Option<RedenBeeindiging>, u32); 5] = [
    (Some(RedenBeeindiging::VolgensPlan), 680),
    (Some(RedenBeeindiging::InOverleg), 150),
    (Some(RedenBeeindiging::DoorClient), 100),
    (Some(RedenBeeindiging::AndereAanbieder), 50),
    (None, 20),
];
const VERWIJZERS: [(Option<Verwijzer>, u32); 6] = [
    (Some(Verwijzer::Gemeente), 400),
    (Some(Verwijzer::Huisarts), 350),
    (Some(Verwijzer::GecertificeerdeInstelling), 100),
    (Some(Verwijzer::MedischSpecialist), 50),
    (Some(Verwijzer::Jeugdarts), 30),
    (None, 70),
];
/// Places in the list of the column; of a third nothing is known.
const WACHTTIJDKLASSEN: [(Option<u8>, u32); 6] =
    [(None, 330), (Some(0), 100), (Some(1), 250), (Some(2), 200), (Some(3), 90), (Some(4), 30)];

/// Exactly so many rows over these periods, in the order in which a snapshot holds them.
pub(crate) fn generate(count: usize, periods: &[Period]) -> anyhow::Result<Vec<Gebruik>> {
    let mut draw = ChaCha8Rng::seed_from_u64(SEED);
    let mut rows = Vec::with_capacity(count);
    let mut persoon = 0u32;
    while rows.len() < count {
        rows.extend(person(&mut draw, persoon, periods)?);
        persoon = persoon.saturating_add(1);
    }
    rows.truncate(count);
    rows.sort_by_key(|row| Rij::from(*row));
    Ok(rows)
}

/// Writes rows as the live snapshot of a node, in place of an import.
pub(crate) fn write(
    snapshots: &Path,
    gemeente: Gemeentecode,
    periods: &[Period],
    rows: Vec<Gebruik>,
) -> anyhow::Result<()> {
    let input = ManifestInput { gemeente, created: SystemClock.now(), periods: periods.to_vec(), afbeelding: true };
    drempel_tests::rows::write(snapshots, input, rows.into_iter().map(|row| (&JEUGDHULP, row.into())))
}

/// A traject by the half-years in which it runs, counted from the first period.
struct Traject {
    half_years: Range<i32>,
    categorie: Option<Categorie>,
    reden: Option<RedenBeeindiging>,
    verwijzer: Option<Verwijzer>,
    wachttijdklasse: Option<u8>,
    aanbieder: u32,
}

fn person(draw: &mut ChaCha8Rng, persoon: u32, periods: &[Period]) -> anyhow::Result<Vec<Gebruik>> {
    let count = i32::try_from(periods.len())?;
    let geslacht = one_of(draw, &GESLACHTEN)?;
    // In half-years at the first period; older children have more care than younger ones.
    let age: i32 = draw.random_range(0..36).max(draw.random_range(0..36));
    let trajecten: Vec<Traject> = (0..geometric(draw, 300))
        .map(|_| {
            let start = draw.random_range(-4..count);
            Ok(Traject {
                half_years: start..start.saturating_add(geometric(draw, 450)),
                categorie: one_of(draw, &CATEGORIEEN)?,
                reden: one_of(draw, &REDENEN)?,
                verwijzer: one_of(draw, &VERWIJZERS)?,
                wachttijdklasse: one_of(draw, &WACHTTIJDKLASSEN)?,
                aanbieder: draw.random_range(41_000_000..41_000_300),
            })
        })
        .collect::<anyhow::Result<_>>()?;
    let mut rows = Vec::new();
    for (place, periode) in (0..count).zip(periods) {
        for traject in trajecten.iter().filter(|traject| traject.half_years.contains(&place)) {
            let last = place.saturating_add(1) == traject.half_years.end;
            rows.push(Gebruik {
                periode: *periode,
                persoon,
                begin: if traject.half_years.start == place { Begin::Gestart } else { Begin::AlLopend },
                einde: if last { Uitkomst::Geeindigd(traject.reden) } else { Uitkomst::LooptDoor },
                categorie: traject.categorie,
                hulpvorm: traject.categorie.and_then(Hulpvorm::of),
                leeftijdsgroep: Some(leeftijdsgroep(age.saturating_add(place))),
                geslacht,
                duurklasse: duurklasse(place.saturating_sub(traject.half_years.start)),
                stroom: stroom(&trajecten, place),
                verwijzer: traject.verwijzer,
                wachttijdklasse: traject.wachttijdklasse,
                aanbieder: Some(traject.aanbieder),
                eerdere_aanbieder: None,
            });
        }
    }
    Ok(rows)
}

/// At least 1, and one more with this chance in a thousand, again and again.
fn geometric(draw: &mut ChaCha8Rng, per_mille: u32) -> i32 {
    let mut number = 1i32;
    while number < 12 && draw.random_range(0..1000) < per_mille {
        number = number.saturating_add(1);
    }
    number
}

fn one_of<T: Copy>(draw: &mut ChaCha8Rng, weights: &[(T, u32)]) -> anyhow::Result<T> {
    let mut left = draw.random_range(0..weights.iter().map(|(_, weight)| weight).sum());
    for (member, weight) in weights {
        match left.checked_sub(*weight) {
            None => return Ok(*member),
            Some(rest) => left = rest,
        }
    }
    anyhow::bail!("no weights")
}

fn leeftijdsgroep(half_years: i32) -> Leeftijdsgroep {
    match half_years {
        ..8 => Leeftijdsgroep::Tot4,
        8..24 => Leeftijdsgroep::Tot12,
        24..36 => Leeftijdsgroep::Tot18,
        36.. => Leeftijdsgroep::Vanaf18,
    }
}

fn duurklasse(half_years: i32) -> Duurklasse {
    match half_years {
        ..1 => Duurklasse::Tot6Maanden,
        1 => Duurklasse::Tot12Maanden,
        2..4 => Duurklasse::Tot2Jaar,
        4.. => Duurklasse::Vanaf2Jaar,
    }
}

fn stroom(trajecten: &[Traject], place: i32) -> Stroom {
    let runs_through = |from: i32, to: i32| {
        trajecten.iter().any(|traject| traject.half_years.contains(&from) && traject.half_years.contains(&to))
    };
    let before = runs_through(place.saturating_sub(1), place);
    let after = runs_through(place, place.saturating_add(1));
    match (before, after) {
        (true, true) => Stroom::Doorlopend,
        (true, false) => Stroom::Uitstroom,
        (false, true) => Stroom::Instroom,
        (false, false) => Stroom::InEnUit,
    }
}

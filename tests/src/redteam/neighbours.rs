//! Children that differ little from a child: one thing about one traject, one traject more or less, another geslacht or age.
//! The oracle makes its databases of them and trusts that each can be, as far as a reader knows.

use std::collections::BTreeMap;

use rand::{RngExt as _, seq::IndexedRandom as _};
use rand_chacha::ChaCha8Rng;

use super::{
    codebook::{Codebook, Column, Lid},
    figures::Figures,
    life::{HALF_YEARS, HALVES, Landmarks, Life, Path, Traject, View, Wisseling},
};

/// How many other trajecten a child is given to choose from.
const TRAJECTEN: usize = 40;

/// The members that can occur, of those that all cells treat alike one or two.
#[derive(Debug)]
pub struct Neighbours {
    landmarks: Landmarks,
    members: BTreeMap<Column, Vec<Lid>>,
    redenen: Vec<Lid>,
    changes: bool,
}

impl Neighbours {
    /// Of children whose counts are these, some of whom are known.
    #[must_use]
    pub fn of(figures: &Figures, codebook: &Codebook, landmarks: Landmarks, known: &[Life]) -> Self {
        let members: BTreeMap<Column, Vec<Lid>> = Column::ALL
            .into_iter()
            .map(|column| (column, alike(figures, codebook, &landmarks, column, known)))
            .collect();
        let einde = members.get(&Column::Einde).cloned().unwrap_or_default();
        let mut redenen: Vec<Lid> = einde.into_iter().filter(|lid| *lid != landmarks.loopt_door).collect();
        if redenen.iter().all(|lid| *lid == landmarks.vervallen) {
            let others = 0..Lid::try_from(codebook.size(Column::Einde)).unwrap_or_default();
            redenen.extend(others.filter(|lid| ![landmarks.loopt_door, landmarks.vervallen].contains(lid)).take(1));
        }
        let changes = figures.cells.iter().any(|cell| cell.view == View::Wisseling);
        Self { landmarks, members, redenen, changes }
    }

    /// What means something to a life.
    #[must_use]
    pub const fn landmarks(&self) -> &Landmarks {
        &self.landmarks
    }

    /// Any child with one traject.
    pub fn anybody(&self, random: &mut ChaCha8Rng) -> Option<Life> {
        let (geslacht, age) = (self.path(Column::Geslacht, random)?, self.path(Column::Leeftijdsgroep, random)?);
        let life = Life { geslacht, age, trajecten: vec![self.traject(random)?], wisselingen: Vec::new() };
        life.sound(&self.landmarks).then_some(life)
    }

    /// Those near to a child.
    pub fn of_life(&self, life: &Life, random: &mut ChaCha8Rng) -> Vec<Life> {
        let mut found = Vec::new();
        let with = |change: &dyn Fn(&mut Life)| {
            let mut other = life.clone();
            change(&mut other);
            other
        };
        for place in 0..life.trajecten.len() {
            let Some(traject) = life.trajecten.get(place) else { continue };
            for other in self.of_traject(traject) {
                found.push(with(&|life| {
                    if let Some(slot) = life.trajecten.get_mut(place) {
                        // What changes of its aanbieder goes with it.
                        let [old, new] = [&*slot, &other].map(|of| (of.categorie, of.hulpvorm));
                        for change in life.wisselingen.iter_mut().filter(|of| (of.categorie, of.hulpvorm) == old) {
                            (change.categorie, change.hulpvorm) = new;
                        }
                        *slot = other.clone();
                    }
                }));
            }
            found.push(with(&|life| {
                life.trajecten.remove(place);
            }));
            // The same once more, known late.
            for half in traject.begin.max(1)..=traject.einde.min(HALF_YEARS - 1) {
                for reden in self.redenen.iter().filter(|reden| **reden != self.landmarks.vervallen) {
                    let again = self.plain(Traject { begin: half, einde: half, reden: *reden, ..traject.clone() });
                    found.push(with(&|life| life.trajecten.push(again.clone())));
                }
            }
            for half in (traject.begin.max(0)..=traject.einde.min(HALF_YEARS - 1)).filter(|_| self.changes) {
                if let Some(change) = self.change(traject, half, random) {
                    found.push(with(&|life| life.wisselingen.push(change.clone())));
                }
            }
        }
        found.extend(self.joined(life));
        for place in 0..life.wisselingen.len() {
            found.push(with(&|life| {
                life.wisselingen.remove(place);
            }));
            for (column, lids) in [Column::Aansluiting, Column::Reden].map(|column| (column, self.list(column))) {
                for lid in lids {
                    found.push(with(&|life| {
                        if let Some(change) = life.wisselingen.get_mut(place) {
                            *(if column == Column::Reden { &mut change.reden } else { &mut change.aansluiting }) = *lid;
                        }
                    }));
                }
            }
        }
        for place in 0..TRAJECTEN {
            let drawn = self.traject(random);
            // Every other one is like one that there is, at another time or of another kind.
            let like = life.trajecten.choose(random).filter(|_| place % 2 == 0).zip(drawn.clone());
            let like = like.map(|(of, drawn)| {
                let Traject { begin, einde, reden, .. } = drawn;
                let (categorie, hulpvorm) =
                    if random.random() { (drawn.categorie, of.hulpvorm) } else { (of.categorie, drawn.hulpvorm) };
                self.plain(Traject { categorie, hulpvorm, begin, einde, reden, ..of.clone() })
            });
            if let Some(more) = like.or(drawn) {
                found.push(with(&|life| life.trajecten.push(more.clone())));
            }
        }
        for geslacht in self.paths(Column::Geslacht, &life.geslacht) {
            found.push(with(&|life| life.geslacht = geslacht));
        }
        for age in self.paths(Column::Leeftijdsgroep, &life.age) {
            found.push(with(&|life| life.age = age));
        }
        let mut found: Vec<Life> =
            found.into_iter().map(Life::ordered).filter(|of| of.sound(&self.landmarks)).collect();
        found.sort_unstable();
        found.dedup();
        found.retain(|other| other != life);
        found
    }

    /// With two trajecten of one kind as one, from the beginning of the first to the end of the last.
    fn joined(&self, life: &Life) -> Vec<Life> {
        let mut found = Vec::new();
        for (place, one) in life.trajecten.iter().enumerate() {
            for (other, last) in life.trajecten.iter().enumerate() {
                if place != other && one.begin <= last.begin && same_kind(one, last) {
                    let whole = Traject { einde: last.einde, reden: last.reden, ..one.clone() };
                    let others = life.trajecten.iter().enumerate().filter(|(of, _)| ![place, other].contains(of));
                    let trajecten = others.map(|(_, of)| of.clone()).chain([self.plain(whole)]).collect();
                    found.push(Life { trajecten, ..life.clone() });
                }
            }
        }
        found
    }

    /// Draws what a child has in a half-year and may not have in another.
    pub fn redraw(&self, life: &mut Life, half: usize, random: &mut ChaCha8Rng) {
        let mut draw = |column, path: &mut Path| {
            if let (Some(lid), Some(slot)) = (self.list(column).choose(random), path.get_mut(half)) {
                *slot = *lid;
            }
        };
        for of in &mut life.trajecten {
            draw(Column::Verwijzer, &mut of.verwijzer);
            draw(Column::Wachttijdklasse, &mut of.wachttijd);
            draw(Column::Duurklasse, &mut of.duur);
        }
        draw(Column::Geslacht, &mut life.geslacht);
        draw(Column::Leeftijdsgroep, &mut life.age);
        life.trajecten.iter_mut().for_each(|of| *of = self.plain(of.clone()));
    }

    fn list(&self, column: Column) -> &[Lid] {
        self.members.get(&column).map(Vec::as_slice).unwrap_or_default()
    }

    /// The same member all along, or now and then another from some half-year on.
    fn path(&self, column: Column, random: &mut ChaCha8Rng) -> Option<Path> {
        let mut path = [*self.list(column).choose(random)?; HALVES.len()];
        let (turn, then) = (random.random_range(1..3 * HALVES.len()), *self.list(column).choose(random)?);
        path.iter_mut().skip(turn).for_each(|lid| *lid = then);
        Some(path)
    }

    /// Another member all along, from a half-year on or in one half-year.
    fn paths(&self, column: Column, path: &Path) -> Vec<Path> {
        let mut found = Vec::new();
        for lid in self.list(column) {
            for first in 0..HALVES.len() {
                for last in [first + 1, HALVES.len()] {
                    let mut other = *path;
                    other.iter_mut().take(last).skip(first).for_each(|of| *of = *lid);
                    found.push(other);
                }
            }
        }
        found.sort_unstable();
        found.dedup();
        found.retain(|other| other != path);
        found
    }

    /// Any traject.
    fn traject(&self, random: &mut ChaCha8Rng) -> Option<Traject> {
        let begin = random.random_range(-1..HALF_YEARS);
        let mut draw = |column| self.list(column).choose(random).copied();
        let (categorie, hulpvorm) = (draw(Column::Categorie)?, draw(Column::Hulpvorm)?);
        let herhaald = draw(Column::Herhaald)?;
        let (verwijzer, wachttijd) =
            (self.path(Column::Verwijzer, random)?, self.path(Column::Wachttijdklasse, random)?);
        let duur = self.path(Column::Duurklasse, random)?;
        let reden = *self.redenen.choose(random)?;
        let einde = random.random_range(begin.max(0)..=HALF_YEARS);
        let traject =
            Traject { categorie, hulpvorm, begin, einde, reden, herhaald, verwijzer, wachttijd, duur, aanbieder: 0 };
        Some(self.plain(traject))
    }

    /// The same or the nearest that can be, where it says only what some half-year counts.
    fn plain(&self, traject: Traject) -> Traject {
        let (definities, vervallen) = (&self.landmarks.definities, self.landmarks.vervallen);
        let mut traject = definities.mended(traject, vervallen, |column| self.list(column).to_vec());
        if traject.einde >= HALF_YEARS {
            traject.reden = self.redenen.first().copied().unwrap_or_default();
        }
        if traject.begin < 0 {
            traject.herhaald = self.list(Column::Herhaald).first().copied().unwrap_or_default();
        }
        for (column, path) in [
            (Column::Verwijzer, &mut traject.verwijzer),
            (Column::Wachttijdklasse, &mut traject.wachttijd),
            (Column::Duurklasse, &mut traject.duur),
        ] {
            let usual = self.list(column).first().copied().unwrap_or_default();
            let counts = traject.begin..=traject.einde;
            (0..).zip(path).filter(|(half, _)| !counts.contains(half)).for_each(|(_, lid)| *lid = usual);
        }
        traject
    }

    fn of_traject(&self, traject: &Traject) -> Vec<Traject> {
        let mut found = Vec::new();
        let mut vary = |lids: &[Lid], set: &dyn Fn(&mut Traject, Lid)| {
            for lid in lids {
                let mut other = traject.clone();
                set(&mut other, *lid);
                found.push(other);
            }
        };
        vary(self.list(Column::Categorie), &|of, lid| of.categorie = lid);
        vary(self.list(Column::Hulpvorm), &|of, lid| of.hulpvorm = lid);
        if traject.begin >= 0 {
            vary(self.list(Column::Herhaald), &|of, lid| of.herhaald = lid);
        }
        if traject.einde < HALF_YEARS {
            vary(&self.redenen, &|of, lid| of.reden = lid);
        }
        for verwijzer in self.paths(Column::Verwijzer, &traject.verwijzer) {
            found.push(Traject { verwijzer, ..traject.clone() });
        }
        for wachttijd in self.paths(Column::Wachttijdklasse, &traject.wachttijd) {
            found.push(Traject { wachttijd, ..traject.clone() });
        }
        for duur in self.paths(Column::Duurklasse, &traject.duur) {
            found.push(Traject { duur, ..traject.clone() });
        }
        let spans = (-1..HALF_YEARS).flat_map(|begin| (0..=HALF_YEARS).map(move |einde| (begin, einde)));
        for (begin, einde) in spans.filter(|(begin, einde)| begin <= einde) {
            let own = [traject.reden];
            for reden in if einde < HALF_YEARS { self.redenen.as_slice() } else { own.as_slice() } {
                found.push(Traject { begin, einde, reden: *reden, ..traject.clone() });
            }
        }
        found.into_iter().map(|of| self.plain(of)).filter(|of| of != traject).collect()
    }

    /// A change of aanbieder in a traject, in a half-year.
    fn change(&self, traject: &Traject, half: i8, random: &mut ChaCha8Rng) -> Option<Wisseling> {
        let mut draw = |column| self.list(column).choose(random).copied();
        let (aansluiting, reden) = (draw(Column::Aansluiting)?, draw(Column::Reden)?);
        Some(Wisseling { half, categorie: traject.categorie, hulpvorm: traject.hulpvorm, aansluiting, reden })
    }
}

fn same_kind(one: &Traject, other: &Traject) -> bool {
    (one.categorie, one.hulpvorm) == (other.categorie, other.hulpvorm)
}

/// The members of a dimension that somebody can have, of those that no cell and no definition tells apart at most two.
fn alike(figures: &Figures, codebook: &Codebook, landmarks: &Landmarks, column: Column, known: &[Life]) -> Vec<Lid> {
    let lists: Vec<u64> = figures
        .cells
        .iter()
        .flat_map(|cell| cell.within.iter().filter(|(of, _)| *of == column).map(|(_, bits)| *bits))
        .collect();
    let kinds = matches!(column, Column::Categorie | Column::Hulpvorm);
    let mut groups: BTreeMap<(Lid, Vec<bool>), Vec<Lid>> = BTreeMap::new();
    let size = Lid::try_from(codebook.size(column)).unwrap_or_default();
    for lid in (0..size).filter(|lid| landmarks.definities.is_member(column, *lid)) {
        let told = lists.iter().map(|bits| bits >> lid & 1 == 1).collect();
        groups.entry((landmarks.definities.sort(column, lid), told)).or_default().push(lid);
    }
    let mut found: Vec<Lid> =
        groups.into_values().flat_map(|lids| lids.into_iter().take(if kinds { 2 } else { 1 })).collect();
    let used = known.iter().flat_map(|life| &life.trajecten);
    match column {
        Column::Categorie => found.extend(used.map(|of| of.categorie)),
        Column::Hulpvorm => found.extend(used.map(|of| of.hulpvorm)),
        _ => {}
    }
    found.sort_unstable();
    found.dedup();
    found
}

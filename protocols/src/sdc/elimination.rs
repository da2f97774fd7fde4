//! Secondary suppression by Gaussian elimination (Langsrud 2024): cells are shown one after another, the most wanted first,
//! unless showing one would make an unsafe cell a combination of what is shown. It sees which cells are unsafe and which
//! are zeros that are shown, and no other value.

#![expect(clippy::indexing_slicing, reason = "every place is of a cell of the system, which has all of them")]

use std::{
    collections::{BTreeMap, HashMap},
    hash::{DefaultHasher, Hash as _, Hasher as _},
};

use super::{
    combination::{Combinations, Vector, less, normal, scaled},
    residue::Residue,
    system::System,
};

/// Which cells are hidden so that none in `unsafe_cells` is a combination of the shown ones. `candidates` are the other
/// cells that may be shown, the most wanted first; of these the first `kept` are shown already, whatever follows. What is
/// in neither stays hidden, and is not protected. Of `sums`, which are not shown by themselves, those are not hidden that
/// follow from what is shown.
pub(super) fn suppress(
    system: &System,
    unsafe_cells: &[usize],
    candidates: &[usize],
    kept: usize,
    sums: &[usize],
) -> Vec<bool> {
    let mut known = lines(system);
    let mut hidden = vec![true; system.cells().len()];
    let mut protected = Protected::new(unsafe_cells.iter().map(|cell| known.reduce(&[(*cell, Residue::ONE)])));
    for (number, cell) in candidates.iter().enumerate() {
        let vector = known.reduce(&[(*cell, Residue::ONE)]);
        if vector.is_empty() {
            hidden[*cell] = false;
            continue;
        }
        let Some(normal) = normal(&vector) else { continue };
        if number >= kept && protected.contains(&normal) {
            continue;
        }
        let Some((pivot, vector)) = protected.pivot(&vector) else { continue };
        protected.eliminate(pivot, &vector);
        known.add(pivot, vector);
        hidden[*cell] = false;
    }
    for cell in sums {
        hidden[*cell] = !known.reduce(&[(*cell, Residue::ONE)]).is_empty();
    }
    hidden
}

/// What is known before anything is shown: that lines add up.
fn lines(system: &System) -> Combinations {
    let mut known = Combinations::none(system.cells().len());
    // From the bottom up, so that every whole becomes the sum of cells without parts.
    for line in system.lines() {
        let mut vector: Vector = line.parts.iter().map(|part| (*part, Residue::from(-1))).collect();
        vector.push((line.whole, Residue::ONE));
        let vector = known.reduce(&vector);
        let whole = vector.iter().find(|(place, _)| *place == line.whole);
        let Some((pivot, entry)) = whole.or_else(|| vector.last()).copied() else { continue };
        if let Some(inverse) = entry.inverse() {
            known.add(pivot, scaled(&vector, inverse));
        }
    }
    known
}

/// The unsafe cells as combinations of what is not known.
struct Protected {
    vectors: Vec<Vector>,
    /// The vectors with something at a place, and perhaps some that have it no more.
    at: HashMap<usize, Vec<usize>>,
    /// The vectors by the hash of their normal form.
    normal: HashMap<u64, Vec<usize>>,
}

impl Protected {
    fn new(vectors: impl Iterator<Item = Vector>) -> Self {
        let mut protected = Self { vectors: Vec::new(), at: HashMap::new(), normal: HashMap::new() };
        let mut seen = BTreeMap::new();
        for vector in vectors.filter_map(|vector| normal(&vector)) {
            // Cells that are the same combination are protected as one.
            if seen.insert(key(&vector), ()).is_some() && protected.contains(&vector) {
                continue;
            }
            let number = protected.vectors.len();
            for (place, _) in &vector {
                protected.at.entry(*place).or_default().push(number);
            }
            protected.normal.entry(key(&vector)).or_default().push(number);
            protected.vectors.push(vector);
        }
        protected
    }

    /// Whether showing this combination would make an unsafe cell known.
    fn contains(&self, normal: &Vector) -> bool {
        let candidates = self.normal.get(&key(normal)).into_iter().flatten();
        candidates.into_iter().any(|number| self.vectors[*number] == *normal)
    }

    /// The place to eliminate by, the one in the fewest unsafe cells, and the combination with 1 at that place.
    fn pivot(&self, vector: &Vector) -> Option<(usize, Vector)> {
        let uses = |place: usize| self.at.get(&place).map_or(0, Vec::len);
        let (pivot, entry) = vector.iter().min_by_key(|(place, _)| (uses(*place), *place))?;
        Some((*pivot, scaled(vector, entry.inverse()?)))
    }

    fn eliminate(&mut self, pivot: usize, vector: &Vector) {
        for number in self.at.remove(&pivot).unwrap_or_default() {
            let old = &self.vectors[number];
            let Some((_, factor)) = old.iter().find(|(place, _)| *place == pivot) else { continue };
            let Some(new) = normal(&less(old, *factor, vector)) else { continue };
            if let Some(numbers) = self.normal.get_mut(&key(old)) {
                numbers.retain(|other| *other != number);
            }
            for (place, _) in &new {
                let numbers = self.at.entry(*place).or_default();
                if !numbers.contains(&number) {
                    numbers.push(number);
                }
            }
            self.normal.entry(key(&new)).or_default().push(number);
            self.vectors[number] = new;
        }
    }
}

fn key(vector: &Vector) -> u64 {
    let mut hasher = DefaultHasher::new();
    vector.hash(&mut hasher);
    hasher.finish()
}

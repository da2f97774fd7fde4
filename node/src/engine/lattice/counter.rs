//! Distinct persons and rows of every cell of a cube in one pass over rows that come person by person. Who has one row
//! counts once in each of its cells, so such rows are counted by combination of members and added up at the end; for who
//! has more, each cell remembers the last person seen.

use std::sync::Arc;

use super::{CountError, combination::Combinations};

/// A cube while it is counted.
pub(super) struct Counter {
    combinations: Arc<Combinations>,
    /// Of persons with one row, by combination.
    alone: Vec<u32>,
    /// Rows of persons with several, by combination.
    shared: Vec<u32>,
    /// Of persons with several rows, by place of a cell.
    seen: Vec<Seen>,
    /// Persons with several rows so far.
    several: u32,
    /// The person of the last row, the combination of their first, and whether they have more.
    last: Option<Last>,
}

#[derive(Clone, Copy, Default)]
struct Seen {
    /// The last person counted, numbered from 1 among those with several rows.
    last: u32,
    persons: u32,
}

#[derive(Clone, Copy)]
struct Last {
    person: u32,
    combination: usize,
    several: bool,
}

impl Counter {
    /// Without rows.
    pub(super) fn new(combinations: Arc<Combinations>, cells: usize) -> Self {
        let none = vec![0; combinations.len()];
        Self {
            combinations,
            alone: none.clone(),
            shared: none,
            seen: vec![Seen::default(); cells],
            several: 0,
            last: None,
        }
    }

    /// Counts rows that follow on those before, of the same person or of persons with a higher number.
    pub(super) fn add(&mut self, persons: &[u32], combinations: &[u32]) -> Result<(), CountError> {
        for (person, combination) in persons.iter().zip(combinations) {
            let combination = *combination as usize;
            match &mut self.last {
                Some(last) if last.person == *person => {
                    let first = (!last.several).then_some(last.combination);
                    last.several = true;
                    if let Some(first) = first {
                        self.several += 1;
                        self.count(first);
                    }
                    self.count(combination);
                }
                Some(last) if last.person > *person => return Err(CountError::Order),
                _ => {
                    self.leave();
                    self.last = Some(Last { person: *person, combination, several: false });
                }
            }
        }
        Ok(())
    }

    /// The persons and the rows of every cell.
    pub(super) fn finish(mut self) -> Vec<(u64, u64)> {
        self.leave();
        let mut counts: Vec<(u64, u64)> = self.seen.iter().map(|seen| (u64::from(seen.persons), 0)).collect();
        for (combination, (alone, shared)) in self.alone.iter().zip(&self.shared).enumerate() {
            if (*alone, *shared) == (0, 0) {
                continue;
            }
            for place in self.combinations.places(combination) {
                if let Some((persons, rows)) = counts.get_mut(*place as usize) {
                    *persons += u64::from(*alone);
                    *rows += u64::from(*alone) + u64::from(*shared);
                }
            }
        }
        counts
    }

    /// The last person has no more rows.
    fn leave(&mut self) {
        if let Some(last) = self.last.take().filter(|last| !last.several)
            && let Some(alone) = self.alone.get_mut(last.combination)
        {
            *alone += 1;
        }
    }

    /// Counts a row of a person with several.
    fn count(&mut self, combination: usize) {
        if let Some(shared) = self.shared.get_mut(combination) {
            *shared += 1;
        }
        for place in self.combinations.places(combination) {
            if let Some(seen) = self.seen.get_mut(*place as usize).filter(|seen| seen.last != self.several) {
                seen.last = self.several;
                seen.persons += 1;
            }
        }
    }
}

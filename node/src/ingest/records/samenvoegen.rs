//! Merges streams of dossiers that are each in order into one that is, in which every person is once.

use std::{cmp::Reverse, collections::BinaryHeap};

use super::{super::feit::Dossier, RecordsError};

/// The dossiers of all streams in order, those about one person made one. An error of any stream comes first, and ends it.
pub(super) fn merge<S>(streams: Vec<S>) -> impl Iterator<Item = Result<Dossier, RecordsError>>
where
    S: Iterator<Item = Result<Dossier, RecordsError>>,
{
    let mut bronnen = Bronnen { streams, heads: BinaryHeap::new(), failed: None };
    for place in 0..bronnen.streams.len() {
        bronnen.advance(place);
    }
    let mut ended = false;
    std::iter::from_fn(move || {
        if ended {
            return None;
        }
        let made = bronnen.person();
        if let Some(error) = bronnen.failed.take() {
            ended = true;
            return Some(Err(error));
        }
        made.map(Ok)
    })
}

/// Streams, and the first of each.
struct Bronnen<S> {
    streams: Vec<S>,
    heads: BinaryHeap<Reverse<(Dossier, usize)>>,
    failed: Option<RecordsError>,
}

impl<S: Iterator<Item = Result<Dossier, RecordsError>>> Bronnen<S> {
    /// All that any stream has about the next person.
    fn person(&mut self) -> Option<Dossier> {
        let Reverse((mut dossier, place)) = self.heads.pop()?;
        self.advance(place);
        let same = |Reverse((next, _)): &Reverse<(Dossier, usize)>, dossier: &Dossier| {
            (next.persoon, next.bsn) == (dossier.persoon, dossier.bsn)
        };
        let mut merged = false;
        while self.heads.peek().is_some_and(|head| same(head, &dossier)) {
            let Reverse((next, place)) = self.heads.pop()?;
            self.advance(place);
            dossier.feiten.extend(next.feiten);
            merged = true;
        }
        if merged {
            dossier.orden();
        }
        Some(dossier)
    }

    fn advance(&mut self, place: usize) {
        match self.streams.get_mut(place).and_then(Iterator::next) {
            Some(Ok(next)) => self.heads.push(Reverse((next, place))),
            Some(Err(error)) => self.failed = Some(error),
            None => {}
        }
    }
}

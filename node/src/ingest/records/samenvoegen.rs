//! Merges streams of facts that are each in order into one that is.

use std::{cmp::Reverse, collections::BinaryHeap};

use super::{super::feit::Feit, RecordsError};

/// The facts of all streams in order. An error of any stream comes first, and ends it.
pub(super) fn merge<S>(streams: Vec<S>) -> impl Iterator<Item = Result<Feit, RecordsError>>
where
    S: Iterator<Item = Result<Feit, RecordsError>>,
{
    let mut streams = streams;
    let mut failed = None;
    let mut heads = BinaryHeap::new();
    for (place, stream) in streams.iter_mut().enumerate() {
        match stream.next() {
            Some(Ok(feit)) => heads.push(Reverse((feit, place))),
            Some(Err(error)) => failed = Some(error),
            None => {}
        }
    }
    let mut ended = false;
    std::iter::from_fn(move || {
        if ended {
            return None;
        }
        if let Some(error) = failed.take() {
            ended = true;
            return Some(Err(error));
        }
        let Reverse((feit, place)) = heads.pop()?;
        match streams.get_mut(place).and_then(Iterator::next) {
            Some(Ok(next)) => heads.push(Reverse((next, place))),
            Some(Err(error)) => failed = Some(error),
            None => {}
        }
        Some(Ok(feit))
    })
}

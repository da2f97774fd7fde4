//! Sampling: the thing measured and its baselines take turns, run by run, so that whatever else the machine does falls
//! on all of them alike.

use std::time::{Duration, Instant};

use super::report::Settings;

/// The times of one thing, in order of length.
pub(crate) struct Sample(Vec<Duration>);

impl From<Vec<Duration>> for Sample {
    fn from(mut times: Vec<Duration>) -> Self {
        times.sort_unstable();
        Self(times)
    }
}

impl Sample {
    /// The middle time.
    pub(crate) fn median(&self) -> Duration {
        self.at(0.5)
    }

    /// Least, median and 95th percentile in milliseconds, and the ratio of the median to that of a baseline.
    pub(crate) fn cells(&self, baseline: Option<&Self>) -> Vec<String> {
        let milliseconds = |time: Duration| format!("{:.2}", time.as_secs_f64() * 1e3);
        let mut cells = [0.0, 0.5, 0.95].map(|part| milliseconds(self.at(part))).to_vec();
        cells.push(match baseline {
            Some(baseline) => format!("{:.2}", self.median().as_secs_f64() / baseline.median().as_secs_f64()),
            None => "1".to_owned(),
        });
        cells
    }

    fn at(&self, part: f64) -> Duration {
        // Nearest rank; the skipped count is never beyond the last.
        let before = self.0.iter().enumerate().filter(|(place, _)| (*place as f64) < part * self.0.len() as f64);
        let rank = before.count().max(1);
        self.0.get(rank.saturating_sub(1)).copied().unwrap_or_default()
    }
}

/// Runs rounds, each of one run of every thing, after some that do not count.
pub(crate) async fn rounds<const THINGS: usize>(
    settings: Settings,
    runs: usize,
    mut round: impl AsyncFnMut() -> anyhow::Result<[Duration; THINGS]>,
) -> anyhow::Result<[Sample; THINGS]> {
    for _ in 0..settings.or_quick(5, 1) {
        round().await?;
    }
    let mut samples = std::array::from_fn(|_| Sample(Vec::with_capacity(runs)));
    for _ in 0..runs {
        for (sample, time) in samples.iter_mut().zip(round().await?) {
            sample.0.push(time);
        }
    }
    for sample in &mut samples {
        sample.0.sort_unstable();
    }
    Ok(samples)
}

/// How long something takes.
pub(crate) async fn timed<T>(work: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<Duration> {
    let start = Instant::now();
    work.await?;
    Ok(start.elapsed())
}

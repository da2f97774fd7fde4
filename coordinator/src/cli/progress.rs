//! How far a question is, on the error stream: "9/12 gemeenten".

use std::{
    io::{self, IsTerminal as _, Write},
    time::Duration,
};

use indicatif::{ProgressBar, ProgressStyle};

use super::args::ProgressMode;
use crate::http::StateDocument;

/// Shows how far a question is.
pub(super) enum Progress<'a, W> {
    Moving(ProgressBar),
    Lines { out: &'a mut W, last: Option<(usize, usize)> },
    Off,
}

impl<'a, W: Write> Progress<'a, W> {
    pub(super) fn new(mode: ProgressMode, out: &'a mut W) -> Self {
        match mode {
            ProgressMode::Off => Self::Off,
            ProgressMode::Auto if io::stderr().is_terminal() => {
                let bar = ProgressBar::new_spinner();
                if let Ok(style) = ProgressStyle::with_template("{spinner} {pos}/{len} gemeenten {wide_bar} {elapsed}")
                {
                    bar.set_style(style);
                }
                bar.enable_steady_tick(Duration::from_millis(100));
                Self::Moving(bar)
            }
            ProgressMode::Auto | ProgressMode::Lines => Self::Lines { out, last: None },
        }
    }

    pub(super) fn show(&mut self, state: &StateDocument) {
        self.count(state.aantallen.get("geantwoord").copied().unwrap_or(0), state.gemeenten.len());
    }

    pub(super) fn count(&mut self, answered: usize, asked: usize) {
        match self {
            Self::Off => {}
            Self::Moving(bar) => {
                bar.set_length(u64::try_from(asked).unwrap_or(u64::MAX));
                bar.set_position(u64::try_from(answered).unwrap_or(u64::MAX));
            }
            Self::Lines { out, last } if *last != Some((answered, asked)) => {
                *last = Some((answered, asked));
                // Progress that cannot be shown does not stop the question.
                let _shown = writeln!(out, "{answered}/{asked} gemeenten").is_ok();
            }
            Self::Lines { .. } => {}
        }
    }

    pub(super) fn end(&self) {
        if let Self::Moving(bar) = self {
            bar.finish_and_clear();
        }
    }
}

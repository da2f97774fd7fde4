//! What every benchmark says: on which machine it ran, and its figures as a table in Markdown, so that what is printed
//! is what the README shows.

use std::{
    fmt::Write as _,
    fs,
    io::{self, Write as _, stdout},
};

/// How thorough to be.
#[derive(Clone, Copy)]
pub(crate) struct Settings {
    /// A few runs on little data: whether the benchmark works, not what it measures.
    pub(crate) quick: bool,
}

impl Settings {
    /// From the command line. Cargo adds `--bench` of its own accord.
    pub(crate) fn from_arguments() -> anyhow::Result<Self> {
        let mut settings = Self { quick: false };
        for argument in std::env::args().skip(1) {
            match argument.as_str() {
                "--bench" => {}
                "--quick" => settings.quick = true,
                other => anyhow::bail!("{other} is not known; there is only --quick"),
            }
        }
        Ok(settings)
    }

    /// One of two: the second where it must be quick.
    pub(crate) fn or_quick<T>(self, thorough: T, quick: T) -> T {
        if self.quick { quick } else { thorough }
    }
}

/// Prints what is measured, and on which machine. The load says how far to trust the figures: on a calm machine it is
/// near zero.
pub(crate) fn title(settings: Settings, title: &str, explanation: &str) -> io::Result<()> {
    let cores = std::thread::available_parallelism()?;
    let field = |path: &str, name: &str| -> io::Result<String> {
        let text = fs::read_to_string(path)?;
        let line = text.lines().find(|line| line.starts_with(name)).and_then(|line| line.split_once(':'));
        Ok(line.map_or("unknown", |(_, value)| value.trim()).to_owned())
    };
    let processor = field("/proc/cpuinfo", "model name")?;
    let memory: u64 = field("/proc/meminfo", "MemTotal")?.trim_end_matches(" kB").parse().unwrap_or_default();
    let load = fs::read_to_string("/proc/loadavg")?;
    let load = load.split(' ').next().unwrap_or_default();
    let quick = if settings.quick { "\nQuick: these figures mean nothing.\n" } else { "" };
    line(&format!(
        "\n## {title}\n\n{explanation}\n\nMachine: {processor}, {cores} cores, {:.1} GiB of memory, load {load}.\n{quick}",
        memory as f64 / (1024.0 * 1024.0),
    ))
}

/// Prints a table in Markdown: so many columns of text to the left, then figures to the right.
pub(crate) fn table(head: &[&str], texts: usize, rows: &[Vec<String>]) -> io::Result<()> {
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column)).map(String::as_str).chain(head.get(column).copied());
        cells.map(|cell| cell.chars().count()).max().unwrap_or_default()
    };
    let widths: Vec<usize> = (0..head.len()).map(width).collect();
    let row = |cells: &mut dyn Iterator<Item = &str>| {
        let mut text = String::from("|");
        for (column, (cell, width)) in cells.zip(&widths).enumerate() {
            let written =
                if column < texts { write!(text, " {cell:<width$} |") } else { write!(text, " {cell:>width$} |") };
            written.unwrap_or_default();
        }
        text
    };
    line(&row(&mut head.iter().copied()))?;
    let rule = widths.iter().enumerate().map(|(column, width)| {
        let figures = column >= texts;
        let dashes = "-".repeat(width.saturating_sub(usize::from(figures)));
        if figures { format!("{dashes}:") } else { dashes }
    });
    let rule: Vec<String> = rule.collect();
    line(&row(&mut rule.iter().map(String::as_str)))?;
    for cells in rows {
        line(&row(&mut cells.iter().map(String::as_str)))?;
    }
    Ok(())
}

/// Prints a line.
pub(crate) fn line(text: &str) -> io::Result<()> {
    writeln!(stdout(), "{text}")
}

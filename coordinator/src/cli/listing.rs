//! Text in columns, for people as an aligned table and for programs as CSV.

use std::fmt::Write as _;

/// How a column is set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Align {
    Left,
    Right,
}

/// Rows of text under headers.
pub(super) struct Listing {
    headers: Vec<(String, Align)>,
    rows: Vec<Vec<String>>,
}

impl Listing {
    pub(super) fn new(headers: impl IntoIterator<Item = (String, Align)>) -> Self {
        Self { headers: headers.into_iter().collect(), rows: Vec::new() }
    }

    pub(super) fn left(headers: &[&str]) -> Self {
        Self::new(headers.iter().map(|header| ((*header).to_owned(), Align::Left)))
    }

    pub(super) fn push(&mut self, row: Vec<String>) {
        self.rows.push(row);
    }

    /// Aligned, with a rule under the headers.
    pub(super) fn table(&self) -> String {
        let widths: Vec<usize> = self
            .headers
            .iter()
            .enumerate()
            .map(|(column, (header, _))| {
                let cells = self.rows.iter().filter_map(|row| row.get(column)).map(String::as_str);
                cells.chain([header.as_str()]).map(|cell| cell.chars().count()).max().unwrap_or(0)
            })
            .collect();
        let mut text = String::new();
        let headers: Vec<String> = self.headers.iter().map(|(header, _)| header.clone()).collect();
        let rules: Vec<String> = widths.iter().map(|width| "-".repeat(*width)).collect();
        for row in [&headers, &rules].into_iter().chain(&self.rows) {
            let mut line = String::new();
            for ((cell, width), (_, align)) in row.iter().zip(&widths).zip(&self.headers) {
                let gap = if line.is_empty() { "" } else { "  " };
                // Writing to a string does not fail.
                let _ = match align {
                    Align::Left => write!(line, "{gap}{cell:<width$}"),
                    Align::Right => write!(line, "{gap}{cell:>width$}"),
                };
            }
            text.push_str(line.trim_end());
            text.push('\n');
        }
        text
    }

    /// As CSV.
    pub(super) fn csv(&self) -> Result<Vec<u8>, csv::Error> {
        let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
        writer.write_record(self.headers.iter().map(|(header, _)| header))?;
        for row in &self.rows {
            writer.write_record(row)?;
        }
        writer.into_inner().map_err(|error| error.into_error().into())
    }
}

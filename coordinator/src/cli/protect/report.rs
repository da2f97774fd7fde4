//! What `protect` prints: every cell once, in the order of dimensions and members.

use std::io::Write;

use drempel_protocols::sdc::{Interval, Reason, Status};
use serde_json::{Map, Value, json};

use super::{
    super::{CliError, Format, args::Protect},
    reason,
};

/// A cell as it is printed.
pub(super) struct Row<'t> {
    pub(super) labels: Vec<&'t str>,
    pub(super) persons: Option<u64>,
    pub(super) status: Status,
    pub(super) reason: Option<Reason>,
    pub(super) interval: Option<Interval>,
}

pub(super) fn write(
    rows: &[Row<'_>],
    dimensions: &[&str],
    args: &Protect,
    format: Format,
    out: &mut impl Write,
) -> Result<(), CliError> {
    let mut header: Vec<&str> = dimensions.to_vec();
    header.extend(["persons", "status"]);
    header.extend(args.reasons.then_some("reason"));
    if args.intervals {
        header.extend(["least", "most"]);
    }
    let lines: Vec<Vec<String>> = rows.iter().map(|row| fields(row, args)).collect();
    match format {
        Format::Csv => {
            let mut writer = csv::Writer::from_writer(&mut *out);
            writer.write_record(&header)?;
            for line in &lines {
                writer.write_record(line)?;
            }
            writer.flush()?;
        }
        Format::Json => {
            let cells: Vec<Value> = lines.iter().map(|line| object(&header, line, dimensions.len())).collect();
            serde_json::to_writer_pretty(&mut *out, &json!({ "cells": cells }))?;
            out.write_all(b"\n")?;
        }
        Format::Table => {
            let width = |column: usize| {
                let cells = lines.iter().filter_map(|line| line.get(column)).map(|text| text.chars().count());
                cells.chain(header.get(column).map(|name| name.chars().count())).max().unwrap_or(0)
            };
            let widths: Vec<usize> = (0..header.len()).map(width).collect();
            let header: Vec<String> = header.iter().map(|name| (*name).to_owned()).collect();
            for line in std::iter::once(&header).chain(&lines) {
                let cells = line.iter().zip(&widths).map(|(text, width)| format!("{text:<width$}"));
                writeln!(out, "{}", cells.collect::<Vec<_>>().join("  ").trim_end())?;
            }
        }
    }
    out.flush()?;
    Ok(())
}

fn fields(row: &Row<'_>, args: &Protect) -> Vec<String> {
    let mut fields: Vec<String> = row.labels.iter().map(|label| (*label).to_owned()).collect();
    fields.push(row.persons.map_or_else(String::new, |persons| persons.to_string()));
    fields.push(if row.status == Status::Value { "value" } else { "hidden" }.to_owned());
    if args.reasons {
        fields.push(row.reason.map_or("", reason).to_owned());
    }
    if args.intervals {
        fields.push(row.interval.map_or_else(String::new, |interval| interval.least.to_string()));
        let most = row.interval.and_then(|interval| interval.most);
        fields.push(most.map_or_else(String::new, |most| most.to_string()));
    }
    fields
}

/// A line by its columns; what comes after the dimensions and is a number is one.
fn object(header: &[&str], line: &[String], dimensions: usize) -> Value {
    let value = |(place, text): (usize, &String)| match text.parse::<i64>() {
        Ok(number) if place >= dimensions => Value::from(number),
        _ if text.is_empty() => Value::Null,
        _ => Value::from(text.clone()),
    };
    let values = header.iter().zip(line.iter().enumerate().map(value));
    Value::Object(values.map(|(name, value)| ((*name).to_owned(), value)).collect::<Map<_, _>>())
}

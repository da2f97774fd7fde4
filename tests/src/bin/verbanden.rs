//! Prints the cells of a catalogue and what is declared to hold between them, in JSON: for a judge that looks for what holds
//! and is not declared, and shares no code with what declares. Needs no records, and takes no part in a node.

use std::{collections::BTreeMap, io::Write as _, path::PathBuf};

use clap::Parser;
use drempel_protocols::{
    catalogue::{Catalogue, SignedBundle},
    lattice::{self, Lattice, LatticeCell},
    sdc::{Count, Line, Tie},
};
use serde_json::{Value, json};

/// Prints what is declared between the cells of a catalogue.
#[derive(Parser)]
struct Arguments {
    /// The folder of the catalogue.
    #[arg(long)]
    catalogus: PathBuf,
    /// Of a gemeente without a mapping of product codes.
    #[arg(long)]
    zonder_afbeelding: bool,
}

fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let catalogue = Catalogue::from_bundle(SignedBundle::read(&arguments.catalogus)?.bundle())?;
    let lattice = Lattice::of(&catalogue)?;
    let lattice = if arguments.zonder_afbeelding { lattice.unmapped(&catalogue) } else { lattice };
    let ties = |ties: &[Tie]| ties.iter().map(of_tie).collect::<Vec<_>>();
    let always = [ties(lattice.ties()), ties(lattice.ties_of_one_before())].concat();
    let declared = json!({
        "cells": lattice.cells().iter().map(of_cell).collect::<Vec<_>>(),
        "lines": lattice.lines().iter().map(of_line).collect::<Vec<_>>(),
        "ties": always,
        "ties_of_first": ties(lattice.ties_of_first()),
    });
    writeln!(std::io::stdout().lock(), "{declared}")?;
    Ok(())
}

fn of_cell(cell: &LatticeCell) -> Value {
    let within: BTreeMap<_, _> = cell.place.within().iter().collect();
    let has_rows = !lattice::is_of_persons(&cell.place);
    let shown = !cell.shows.nothing();
    json!({ "view": cell.place.view(), "within": within, "has_rows": has_rows, "shown": shown })
}

fn of_line(line: &Line) -> Value {
    json!({ "whole": line.whole, "parts": line.parts, "direction": line.direction, "overlaps": line.overlaps })
}

/// The number of a cell, whether its rows count or else its persons, and how many times.
fn of_tie(tie: &Tie) -> Value {
    let term = |(count, times): &(Count, i64)| json!([count.cell(), matches!(count, Count::Rows(_)), times]);
    json!({ "terms": tie.terms.iter().map(term).collect::<Vec<_>>(), "exactly": tie.exactly })
}

//! `drempel protect`: which cells of anybody's own linked tables to hide, by the engine that protects releases. No
//! federation is needed and nothing leaves the machine.

mod cells;
mod report;
mod spec;
#[cfg(test)]
mod tests;

use std::{collections::BTreeSet, fs, io::Write, path::Path};

use drempel_protocols::sdc::{
    Interval, Microlp, Pattern, Reason, Status, intervals, protect,
    table::{DimensionError, Table, TableError},
};

use self::{cells::Cells, report::Row, spec::Spec};
use super::{
    CliError, Exit,
    args::{Format, Protect},
};

/// Why a table is not protected. Names rows and columns, and no count.
#[derive(Debug, thiserror::Error)]
pub enum ProtectError {
    /// A file cannot be read.
    #[error("{0} cannot be read: {1}")]
    Read(String, std::io::Error),
    /// The specification is not one.
    #[error("{0}: {1}")]
    Spec(String, String),
    /// The cells cannot be read.
    #[error("{0}: {1}")]
    Cells(String, String),
    /// A dimension is not one.
    #[error(transparent)]
    Dimension(#[from] DimensionError),
    /// The tables are none.
    #[error(transparent)]
    Table(#[from] TableError),
    /// Cells are not protected: how many.
    #[error("{0} hidden cells keep too few values; nothing more can be hidden")]
    Unprotected(usize),
    /// Somebody else's pattern leaves cells too narrow: how many.
    #[error("{0} hidden cells keep too few values; --intervals shows what each can still be")]
    TooNarrow(usize),
}

impl ProtectError {
    /// The exit code that goes with it.
    pub(super) const fn exit(&self) -> Exit {
        match self {
            Self::Unprotected(_) | Self::TooNarrow(_) => Exit::Failed,
            _ => Exit::Usage,
        }
    }
}

pub(super) fn run(args: &Protect, format: Format, out: &mut impl Write, err: &mut impl Write) -> Result<(), CliError> {
    let spec = Spec::read(&args.spec)?;
    let content = fs::read(&args.cells).map_err(|error| ProtectError::Read(name(&args.cells), error))?;
    let cells = Cells::parse(&name(&args.cells), &content, &spec)?;
    let dimensions = spec.dimensions(&cells)?;
    let cubes: Vec<BTreeSet<usize>> = spec.cubes(&cells.dimensions());
    if let Some(said) = cells.said() {
        let (table, hidden) = Table::seen(dimensions, &cubes, said).map_err(ProtectError::from)?;
        return audit(args, format, &spec, &table, &hidden, out, err);
    }
    let table = Table::new(dimensions, &cubes, cells.rows(), spec.absent_structural()).map_err(ProtectError::from)?;
    let pattern = protect(table.system(), spec.rules(), &Microlp);
    let found =
        if args.intervals { intervals(table.system(), &pattern.hidden(), spec.least(), &Microlp) } else { Vec::new() };
    report::write(&rows(args, &table, &pattern, &found), &cells.dimensions(), args, format, out)?;
    writeln!(err, "{}", summary(&table, &pattern))?;
    match pattern.unprotected().len() {
        0 => Ok(()),
        cells => Err(ProtectError::Unprotected(cells).into()),
    }
}

/// What a reader of somebody else's pattern can still tell.
fn audit(
    args: &Protect,
    format: Format,
    spec: &Spec,
    table: &Table,
    hidden: &[bool],
    out: &mut impl Write,
    err: &mut impl Write,
) -> Result<(), CliError> {
    let found = intervals(table.system(), hidden, spec.least(), &Microlp);
    let is_hidden = |cell: usize| hidden.get(cell).is_some_and(|hidden| *hidden);
    let rows: Vec<Row<'_>> = (0..table.system().cells().len())
        .map(|cell| Row {
            labels: table.labels(cell),
            persons: if is_hidden(cell) { None } else { Some(persons(table, cell)) },
            status: if is_hidden(cell) { Status::Hidden } else { Status::Value },
            reason: None,
            interval: found.iter().find(|interval| interval.cell == cell).copied(),
        })
        .collect();
    let names: Vec<&str> = table.dimensions().iter().map(|dimension| dimension.name()).collect();
    report::write(&rows, &names, args, format, out)?;
    let narrow = found.iter().filter(|interval| spec.too_narrow(interval)).count();
    writeln!(err, "{} of {} cells are hidden; {narrow} of them keep too few values", found.len(), rows.len())?;
    if narrow == 0 { Ok(()) } else { Err(ProtectError::TooNarrow(narrow).into()) }
}

fn rows<'t>(args: &Protect, table: &'t Table, pattern: &Pattern, found: &[Interval]) -> Vec<Row<'t>> {
    let row = |cell: usize| Row {
        labels: table.labels(cell),
        persons: match pattern.status(cell) {
            Status::Value => Some(persons(table, cell)),
            Status::Hidden => None,
        },
        status: pattern.status(cell),
        reason: pattern.reason(cell).filter(|_| args.reasons),
        interval: found.iter().find(|interval| interval.cell == cell).copied(),
    };
    (0..table.system().cells().len()).map(row).collect()
}

fn persons(table: &Table, cell: usize) -> u64 {
    table.system().cells().get(cell).map_or(0, |cell| cell.persons)
}

/// How much is shown. The share of cells only: that of persons would tell about what is hidden (rule R4).
fn summary(table: &Table, pattern: &Pattern) -> String {
    let cells = table.system().cells().len();
    let hidden = (0..cells).filter(|cell| pattern.status(*cell) == Status::Hidden).count();
    format!("{} of {cells} cells are shown, {hidden} are hidden", cells - hidden)
}

fn name(path: &Path) -> String {
    path.display().to_string()
}

/// A reason as `--reasons` writes it.
const fn reason(reason: Reason) -> &'static str {
    match reason {
        Reason::Unsafe => "unsafe",
        Reason::Secondary => "secondary",
        Reason::Remainder => "remainder",
        Reason::Interval => "interval",
    }
}

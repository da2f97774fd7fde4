//! `drempel protect`: which cells of anybody's own linked tables to hide, by the engine that protects releases. No
//! federation is needed and nothing leaves the machine.

mod cells;
mod report;
mod spec;
#[cfg(test)]
mod tests;

use std::{collections::BTreeSet, fs, io::Write, path::Path};

#[cfg(feature = "highs")]
use drempel_protocols::sdc::Highs as Solver;
#[cfg(not(feature = "highs"))]
use drempel_protocols::sdc::Microlp as Solver;
use drempel_protocols::sdc::{
    Certificate, CertificateError, Flaw, Ground, Interval, Pattern, Reason, Status, intervals, protect, published,
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
    /// A certificate does not hold.
    #[error("{0}: {1}")]
    Certificate(String, CertificateError),
    /// What is said to be a certificate is none.
    #[error("{0} is no certificate of a protected table")]
    NoCertificate(String),
    /// Somebody else's pattern does not protect: how many flaws it has.
    #[error("{0} flaws; --intervals shows what each hidden cell can still be")]
    Flaws(usize),
    /// What is shown of somebody else's table contradicts itself.
    #[error("no numbers of persons in the hidden cells agree with those that are shown")]
    Contradiction,
}

impl ProtectError {
    /// The exit code that goes with it.
    pub(super) const fn exit(&self) -> Exit {
        match self {
            Self::Unprotected(_) | Self::Flaws(_) | Self::Certificate(..) => Exit::Failed,
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
    let pattern = protect(table.system(), spec.rules(), &table, &Solver);
    let found = if args.intervals { intervals_of(&spec, &table, &pattern.hidden()) } else { Vec::new() };
    report::write(&rows(args, &table, &pattern, &found), &cells.dimensions(), args, format, out)?;
    if let Some(path) = &args.certificate {
        let certificate = Certificate::of(&table, &pattern, spec.rules(), spec.digest());
        fs::write(path, serde_json::to_vec_pretty(&certificate)?)?;
    }
    writeln!(err, "{}", summary(&table, &pattern))?;
    match pattern.unprotected().len() {
        0 => Ok(()),
        cells => Err(ProtectError::Unprotected(cells).into()),
    }
}

/// Checks a certificate from what it publishes alone.
pub(super) fn verify(path: &Path, out: &mut impl Write) -> Result<(), CliError> {
    let content = fs::read(path).map_err(|error| ProtectError::Read(name(path), error))?;
    let certificate: Certificate =
        serde_json::from_slice(&content).map_err(|_| ProtectError::NoCertificate(name(path)))?;
    certificate.verify(&Solver).map_err(|error| ProtectError::Certificate(name(path), error))?;
    let (shown, cells) = certificate.shown();
    writeln!(out, "holds: {shown} of {cells} cells are shown, and every hidden one keeps enough values, under")?;
    for Ground { rules, catalogue, policy } in certificate.grounds() {
        let remainders = if rules.remainders { "remainders too" } else { "remainders not looked at" };
        write!(out, "  k = {}, {} values, {remainders}; registered by {catalogue}", rules.k, rules.values)?;
        match policy {
            Some(policy) => writeln!(out, ", policy {policy}")?,
            None => writeln!(out)?,
        }
    }
    writeln!(out, "How cells add up is as the certificate says.")?;
    Ok(())
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
    let found = intervals_of(spec, table, hidden);
    let is_hidden = |cell: usize| hidden.get(cell).is_some_and(|hidden| *hidden);
    let rows: Vec<Row<'_>> = (0..table.system().cells().len())
        .map(|cell| Row {
            labels: table.labels(cell),
            persons: if is_hidden(cell) { None } else { Some(persons(table, cell)) },
            status: if is_hidden(cell) { Status::Hidden } else { Status::Value },
            reason: None,
            interval: of_cell(&found, cell),
        })
        .collect();
    let names: Vec<&str> = table.dimensions().iter().map(|dimension| dimension.name()).collect();
    report::write(&rows, &names, args, format, out)?;
    if found.iter().any(|interval| interval.most.is_some_and(|most| most < interval.least)) {
        return Err(ProtectError::Contradiction.into());
    }
    let flaws = published(table.system(), hidden, spec.rules(), &Solver);
    let of = |kind: Flaw| flaws.iter().filter(|(_, flaw)| *flaw == kind).count();
    writeln!(
        err,
        "{} of {} cells are hidden; {} shown cells have too few persons, {} lines too small a remainder, and {} hidden \
         cells keep too few values",
        found.len(),
        rows.len(),
        of(Flaw::Shown),
        of(Flaw::Remainder),
        of(Flaw::Narrow)
    )?;
    if flaws.is_empty() { Ok(()) } else { Err(ProtectError::Flaws(flaws.len()).into()) }
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
        interval: of_cell(found, cell),
    };
    (0..table.system().cells().len()).map(row).collect()
}

fn intervals_of(spec: &Spec, table: &Table, hidden: &[bool]) -> Vec<Interval> {
    let (k, least) = spec.least();
    intervals(table.system(), hidden, k, |_| least, &Solver)
}

/// The interval of a cell, of intervals in the order of cells.
fn of_cell(found: &[Interval], cell: usize) -> Option<Interval> {
    found.binary_search_by_key(&cell, |interval| interval.cell).ok().and_then(|place| found.get(place)).copied()
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
        Reason::Insider => "insider",
        Reason::Secondary => "secondary",
        Reason::Remainder => "remainder",
        Reason::Interval => "interval",
    }
}

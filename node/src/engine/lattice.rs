//! Counting the lattice: distinct persons and rows of every cell of every cube of every view, as one plan with an operator
//! of its own ([`lattice`]) for each view. Rows come person by person, so that one pass is enough.

#![expect(clippy::disallowed_types, reason = "one of the modules that name DataFusion")]

mod clients;
mod combination;
mod counter;
mod exec;
mod node;
#[cfg(test)]
mod tests;
mod unions;

use std::{collections::BTreeMap, sync::Arc};

use datafusion::{
    arrow::{
        array::{ArrayRef, AsArray as _, RecordBatch, UInt8Array, UInt32Array},
        datatypes::{DataType, Field, Schema, UInt32Type, UInt64Type},
    },
    common::Result as PlanResult,
    datasource::{MemTable, provider_as_source},
    error::DataFusionError,
    execution::{
        SessionState, SessionStateBuilder, TaskContext,
        disk_manager::{DiskManagerBuilder, DiskManagerMode},
        runtime_env::RuntimeEnvBuilder,
    },
    logical_expr::{LogicalPlan, LogicalPlanBuilder},
    physical_plan::collect,
    prelude::SessionConfig,
};
use drempel_protocols::{
    catalogue::View,
    id::{ColumnName, ViewName},
    lattice::{Counting, Lattice},
    sdc::Clients,
};

pub use self::node::{LatticePlanner, PERSOON, lattice};
use self::unions::CodedCube;
use super::{Aanbieders, coded::AANBIEDER};

/// The rows that are worth a thread of their own.
const MANY_ROWS: usize = 1 << 16;
/// The rows of a batch: few enough for their members to stay near the processor.
const OF_BATCH: usize = 1 << 13;

/// Why the lattice could not be counted. Says nothing of records.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CountError {
    /// The rows lack a column that a cube has, or its members are not all there.
    #[error("the rows lack a column that a cube has; import again with this version")]
    Column,
    /// A member is not in the catalogue, for instance one that an earlier catalogue had.
    #[error("something is counted under a member that the catalogue does not have")]
    Member,
    /// Persons do not come one after another.
    #[error("the rows of a person do not stand together, in the order of persons")]
    Order,
    /// The engine failed, or ran out of memory.
    #[error("the count failed")]
    Failed,
    /// There are more than can be counted.
    #[error("there are more persons or rows than can be counted")]
    TooMany,
}

/// Rows of one view as codes, person by person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Coded {
    view: ViewName,
    persons: Vec<u32>,
    /// The aanbieders of each row; no plan reads them.
    aanbieders: Vec<Aanbieders>,
    /// Whether the view says where its rows were.
    says_aanbieders: bool,
    columns: BTreeMap<ColumnName, Vec<u8>>,
}

impl Coded {
    /// Without rows.
    #[must_use]
    pub fn new<'c>(view: &View, columns: impl IntoIterator<Item = &'c ColumnName>) -> Self {
        let says_aanbieders = view.column(AANBIEDER).is_some();
        let columns = columns.into_iter().map(|column| (column.clone(), Vec::new())).collect();
        let (persons, aanbieders) = (Vec::new(), Vec::new());
        Self { view: view.name().clone(), persons, aanbieders, says_aanbieders, columns }
    }

    /// Adds a row of a person with its aanbieders and the place of a member of each column. Persons come one after another.
    pub fn push(&mut self, person: u32, aanbieders: Aanbieders, code: impl Fn(&ColumnName) -> Option<u8>) {
        self.persons.push(person);
        self.aanbieders.push(aanbieders);
        for (column, codes) in &mut self.columns {
            codes.push(code(column).unwrap_or(u8::MAX));
        }
    }

    /// The person of a row.
    #[must_use]
    pub fn person(&self, row: usize) -> Option<u32> {
        self.persons.get(row).copied()
    }

    /// The place of a row's member of a column.
    #[must_use]
    pub fn code(&self, column: &ColumnName, row: usize) -> Option<u8> {
        self.columns.get(column).and_then(|codes| codes.get(row)).copied()
    }

    /// How many rows there are.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.persons.len()
    }

    /// The rows in parts of whole persons, each of at least [`MANY_ROWS`] but for the last.
    fn partitions(&self) -> Vec<std::ops::Range<usize>> {
        let mut parts = Vec::new();
        let mut from = 0;
        while from < self.rows() {
            let mut to = (from + MANY_ROWS).min(self.rows());
            while to < self.rows() && self.person(to) == self.person(to - 1) {
                to += 1;
            }
            parts.push(from..to);
            from = to;
        }
        parts
    }

    /// A plan that reads the rows.
    fn scan(&self) -> PlanResult<LogicalPlan> {
        let fields = self.columns.keys().map(|column| Field::new(column.as_str(), DataType::UInt8, false));
        let persons = Field::new(PERSOON, DataType::UInt32, false);
        let schema = Arc::new(Schema::new(std::iter::once(persons).chain(fields).collect::<Vec<_>>()));
        let all = std::iter::once(Arc::new(UInt32Array::from(self.persons.clone())) as ArrayRef)
            .chain(self.columns.values().map(|codes| Arc::new(UInt8Array::from(codes.clone())) as ArrayRef));
        let all = RecordBatch::try_new(Arc::clone(&schema), all.collect())?;
        let batches = |rows: std::ops::Range<usize>| {
            let starts = rows.clone().step_by(OF_BATCH);
            starts.map(|from| all.slice(from, OF_BATCH.min(rows.end - from))).collect()
        };
        let mut partitions: Vec<Vec<RecordBatch>> = self.partitions().into_iter().map(batches).collect();
        if partitions.is_empty() {
            partitions.push(Vec::new());
        }
        let table = MemTable::try_new(schema, partitions)?;
        LogicalPlanBuilder::scan(self.view.as_str(), provider_as_source(Arc::new(table)), None)?.build()
    }
}

/// The lattice of some rows, counted.
pub struct Counted<'r> {
    cubes: Vec<CodedCube<'r>>,
    counts: Vec<(u64, u64)>,
}

impl<'r> Counted<'r> {
    /// Counts every cell.
    ///
    /// # Errors
    /// [`CountError`].
    pub fn new(lattice: &Lattice, tables: &'r [Coded]) -> Result<Self, CountError> {
        let table_of = |counting: &&Counting| tables.iter().find(|table| table.view == counting.view);
        let cubes = lattice.counting().iter().filter_map(|counting| Some((counting, table_of(&counting)?)));
        let cubes = cubes.map(|(counting, table)| CodedCube::new(counting, table)).collect::<Result<_, _>>()?;
        let mut counts = vec![None; lattice.cells().len()];
        for (cell, counted) in count(lattice, tables)? {
            match counts.get_mut(cell) {
                // A cell of several cubes is the same in all of them.
                Some(Some(known)) if *known != counted => return Err(CountError::Failed),
                Some(count) => *count = Some(counted),
                None => return Err(CountError::Failed),
            }
        }
        sums(lattice, &mut counts);
        Ok(Self { cubes, counts: counts.into_iter().map(Option::unwrap_or_default).collect() })
    }

    /// For every cell how many of its persons are clients of each aanbieder that has any of them (rule R7).
    #[must_use]
    pub fn clients(&self) -> Vec<Vec<Clients>> {
        clients::of_cells(&self.cubes, self.counts.len())
    }

    /// The distinct persons and the rows of every cell of the lattice.
    #[must_use]
    pub fn counts(&self) -> Vec<(u64, u64)> {
        self.counts.clone()
    }
}

/// The number of a cell, and its distinct persons and rows.
type CountedCell = (usize, (u64, u64));

/// Plans and runs the count.
fn count(lattice: &Lattice, tables: &[Coded]) -> Result<Vec<CountedCell>, CountError> {
    let Some(plan) = plan(lattice, tables).map_err(|error| reduced(&error))? else { return Ok(Vec::new()) };
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let run = || {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(threads).build();
        runtime.map_err(|_| CountError::Failed)?.block_on(async {
            let state = session(threads).map_err(|error| reduced(&error))?;
            let physical = state.create_physical_plan(&plan).await.map_err(|error| reduced(&error))?;
            collect(physical, Arc::new(TaskContext::from(&state))).await.map_err(|error| reduced(&error))
        })
    };
    // On a thread of its own, as the caller may be within a runtime, where none can be begun or ended.
    let batches = std::thread::scope(|scope| scope.spawn(run).join().map_err(|_| CountError::Failed)?)?;
    let mut counts = Vec::new();
    for batch in &batches {
        let numbers = |place: usize| batch.columns().get(place);
        let cells = numbers(0).and_then(|column| column.as_primitive_opt::<UInt32Type>()).ok_or(CountError::Failed)?;
        let persons =
            numbers(1).and_then(|column| column.as_primitive_opt::<UInt64Type>()).ok_or(CountError::Failed)?;
        let rows = numbers(2).and_then(|column| column.as_primitive_opt::<UInt64Type>()).ok_or(CountError::Failed)?;
        for ((cell, persons), rows) in cells.values().iter().zip(persons.values()).zip(rows.values()) {
            counts.push((*cell as usize, (*persons, *rows)));
        }
    }
    Ok(counts)
}

/// The lattice of all views as one plan; none if there is nothing to count.
fn plan(counted: &Lattice, tables: &[Coded]) -> PlanResult<Option<LogicalPlan>> {
    let mut plan: Option<LogicalPlanBuilder> = None;
    for table in tables {
        let cubes = counted.counting().iter().filter(|counting| counting.view == table.view);
        let cubes: Vec<Counting> = cubes.cloned().collect();
        if cubes.is_empty() {
            continue;
        }
        let of_view = lattice(table.scan()?, cubes)?;
        plan = Some(match plan {
            Some(plan) => plan.union(of_view)?,
            None => LogicalPlanBuilder::from(of_view),
        });
    }
    plan.map(LogicalPlanBuilder::build).transpose()
}

/// A session without functions, that plans lattices, leaves partitions as they are, and writes no row to any disk.
fn session(threads: usize) -> PlanResult<SessionState> {
    let disk = DiskManagerBuilder::default().with_mode(DiskManagerMode::Disabled);
    let environment = RuntimeEnvBuilder::new().with_disk_manager_builder(disk).build_arc()?;
    let config = SessionConfig::new()
        .with_target_partitions(threads)
        .with_round_robin_repartition(false)
        .with_repartition_file_scans(false)
        .with_information_schema(false);
    let state = SessionStateBuilder::new().with_config(config).with_runtime_env(environment);
    Ok(state.with_query_planner(Arc::new(LatticePlanner)).build())
}

/// What is known of an error without its words.
fn reduced(error: &DataFusionError) -> CountError {
    match error.find_root() {
        DataFusionError::External(cause) => cause.downcast_ref().copied().unwrap_or(CountError::Failed),
        DataFusionError::SchemaError(..) | DataFusionError::Plan(_) => CountError::Column,
        _ => CountError::Failed,
    }
}

/// Sums that stand in no cube are over dimensions of which a person has one member.
fn sums(lattice: &Lattice, counts: &mut [Option<(u64, u64)>]) {
    for line in lattice.lines().iter().filter(|line| !line.overlaps) {
        let mut parts = line.parts.iter().map(|part| counts.get(*part).copied().flatten());
        let sum = parts.try_fold((0, 0), |sum, part| part.map(|part| (sum.0 + part.0, sum.1 + part.1)));
        if let (Some(count), Some(sum)) = (counts.get_mut(line.whole), sum) {
            count.get_or_insert(sum);
        }
    }
}

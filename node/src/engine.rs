//! The engine: counts the lattice of a release, and looks up what questions ask, with DataFusion, which no module beside
//! it names. An admitted question is lowered to one fixed shape of plan (scan, filter) over released cells in memory: no
//! text, no function, no file, no spill. Errors of DataFusion are reduced to one opaque kind.

#![expect(clippy::disallowed_types, reason = "the module that names DataFusion")]

mod aanbieders;
mod coded;
mod found;
pub mod lattice;
mod plan;
mod table;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

use datafusion::{
    arrow::array::{Array as _, BooleanArray, Int64Array, RecordBatch, UInt8Array, UInt16Array},
    execution::{
        SessionState, SessionStateBuilder, TaskContext,
        disk_manager::{DiskManagerBuilder, DiskManagerMode},
        memory_pool::GreedyMemoryPool,
        runtime_env::RuntimeEnvBuilder,
    },
    physical_plan::collect,
    prelude::SessionConfig,
};
use drempel_protocols::{
    catalogue::Catalogue,
    id::{ColumnName, MemberCode, ViewName},
    lattice::Place,
    release::Release,
};
use tokio::{runtime::Handle, sync::Semaphore};
use tokio_util::task::AbortOnDropHandle;

pub use self::{
    aanbieders::Aanbieders,
    coded::{CodedRows, TableError, coded},
    found::{Found, FoundCell},
    table::ReleasedTable,
};
use crate::{audit::Receipt, gate::Admitted};

/// Why a question was not counted. Says nothing of records.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EngineError {
    /// The engine failed, or ran out of the memory it may use.
    #[error("the count failed")]
    Failed,
    /// It took longer than allowed.
    #[error("the count took too long")]
    TimedOut,
    /// As many questions are running as may.
    #[error("too many questions are running")]
    Busy,
}

/// What a question may use.
#[derive(Clone, Copy, Debug)]
pub struct EngineLimits {
    /// Bytes for the engine's bookkeeping, over all running questions.
    pub memory: usize,
    /// For one question.
    pub time: Duration,
    /// Questions running at once; others wait for as long as their time allows.
    pub concurrent: usize,
    /// Questions running or waiting; more are refused at once.
    pub waiting: usize,
}

impl Default for EngineLimits {
    fn default() -> Self {
        Self { memory: 512 * 1024 * 1024, time: Duration::from_secs(30), concurrent: 2, waiting: 64 }
    }
}

/// The engine of a node.
pub struct Engine {
    runtime: Handle,
    state: SessionState,
    limits: EngineLimits,
    running: Arc<Semaphore>,
    waiting: Arc<Semaphore>,
}

impl Engine {
    /// An engine whose plans run on `runtime`, apart from the threads that serve HTTP.
    ///
    /// # Errors
    /// [`EngineError::Failed`] if DataFusion cannot be set up.
    pub fn new(runtime: Handle, limits: EngineLimits) -> Result<Self, EngineError> {
        let environment = RuntimeEnvBuilder::new()
            .with_memory_pool(Arc::new(GreedyMemoryPool::new(limits.memory)))
            .with_disk_manager_builder(DiskManagerBuilder::default().with_mode(DiskManagerMode::Disabled))
            .build_arc()
            .map_err(|_| EngineError::Failed)?;
        // An empty builder: a function that is not there cannot leak.
        let state = SessionStateBuilder::new()
            .with_config(SessionConfig::new().with_target_partitions(1).with_information_schema(false))
            .with_runtime_env(environment)
            .build();
        let running = Arc::new(Semaphore::new(limits.concurrent));
        let waiting = Arc::new(Semaphore::new(limits.waiting));
        Ok(Self { runtime, state, limits, running, waiting })
    }

    /// Looks up every cell of an admitted question. The receipt shows that the intent is on disk. Dropping the future
    /// stops the work.
    ///
    /// ```compile_fail
    /// use drempel_node::{engine::{Engine, Releases}, gate::Admitted};
    /// // A question cannot run unlogged: without a receipt there is no call to make.
    /// async fn unlogged(engine: &Engine, question: &Admitted, releases: &Releases) {
    ///     engine.run(question, releases).await;
    /// }
    /// ```
    ///
    /// # Errors
    /// [`EngineError`].
    pub async fn run(
        &self,
        question: &Admitted,
        _receipt: &Receipt,
        releases: &Releases,
    ) -> Result<Found, EngineError> {
        let _place = Arc::clone(&self.waiting).try_acquire_owned().map_err(|_| EngineError::Busy)?;
        tokio::time::timeout(self.limits.time, async {
            let slot = Arc::clone(&self.running).acquire_owned().await.map_err(|_| EngineError::Busy)?;
            let asked = Asked::of(question, releases)?;
            let Some(table) = asked.table else { return Ok(asked.fill(&[])) };
            let plan = plan::lower(question, table, &asked.nodes()).map_err(|_| EngineError::Failed)?;
            let state = self.state.clone();
            let task = self.runtime.spawn(async move {
                let _slot = slot;
                let physical = state.create_physical_plan(&plan).await?;
                collect(physical, Arc::new(TaskContext::from(&state))).await
            });
            let batches = AbortOnDropHandle::new(task)
                .await
                .map_err(|_| EngineError::Failed)?
                .map_err(|_| EngineError::Failed)?;
            let rows = batches.iter().map(|batch| rows(batch, table.axes().len()).ok_or(EngineError::Failed));
            Ok(asked.fill(&rows.collect::<Result<Vec<_>, _>>()?.concat()))
        })
        .await
        .map_err(|_| EngineError::TimedOut)?
    }

    /// How many questions are counting, or waiting to.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.limits.waiting.saturating_sub(self.waiting.available_permits())
    }

    /// Keeps every place to run taken for as long as the value lives, so that questions wait. For maintenance and
    /// for tests of what happens to a question that is withdrawn.
    pub async fn pause(&self) -> impl Drop + use<> {
        let all = u32::try_from(self.limits.concurrent).unwrap_or(u32::MAX);
        Pause(Arc::clone(&self.running).acquire_many_owned(all).await.ok())
    }
}

struct Pause(Option<tokio::sync::OwnedSemaphorePermit>);

impl Drop for Pause {
    fn drop(&mut self) {
        drop(self.0.take());
    }
}

/// Everything that is released, and the catalogue by which questions about it are read.
pub struct Releases {
    catalogue: Catalogue,
    tables: BTreeMap<ViewName, ReleasedTable>,
}

impl Releases {
    /// Of releases that are answered from.
    ///
    /// # Errors
    /// [`EngineError::Failed`] if DataFusion does not take them.
    pub fn new<'r>(
        catalogue: Catalogue,
        releases: impl Iterator<Item = &'r Release> + Clone,
    ) -> Result<Self, EngineError> {
        Ok(Self { catalogue, tables: ReleasedTable::of(releases)? })
    }

    /// How many cells there are, over all half-years.
    #[must_use]
    pub fn cells(&self) -> usize {
        self.tables.values().map(ReleasedTable::cells).sum()
    }
}

/// Where a cell of a question is.
enum Where {
    /// No row can be in it.
    Empty,
    /// At these nodes of a half-year; none where no release has it.
    At(Option<(u8, Vec<u16>)>),
}

/// A row of a released table: half-year, nodes, and what is found there.
type FoundRow = ((u8, Vec<u16>), FoundCell);

/// A question with the place of each of its cells.
struct Asked<'r> {
    table: Option<&'r ReleasedTable>,
    cells: Vec<Where>,
}

impl<'r> Asked<'r> {
    fn of(question: &Admitted, releases: &'r Releases) -> Result<Self, EngineError> {
        let catalogue = &releases.catalogue;
        let table = table::base(catalogue, question.view()).and_then(|view| releases.tables.get(&view));
        let domain = |column: &ColumnName| Some(catalogue.view(question.view().as_str())?.dimension(column)?.domain());
        let grid = question.grid();
        let grouped = |column: &ColumnName| grid.axes().iter().any(|axis| axis.column == *column);
        let filters = question.filters().iter().filter(|(column, _)| !grouped(column));
        let filters: Vec<(_, &MemberCode)> = filters
            .map(|(column, members)| {
                let [one] = members.as_slice() else { return None };
                Some((column, &domain(column)?.member(*one)?.code))
            })
            .collect::<Option<_>>()
            .ok_or(EngineError::Failed)?;
        let coordinates = grid.coordinates();
        let cells = coordinates.iter().map(|cell| {
            let period = cell.period;
            match Place::of(catalogue, question.view(), grid.members(cell).chain(filters.iter().copied()))? {
                None => {
                    Some(table.and_then(|table| table.period_code(period)).map_or(Where::At(None), |_| Where::Empty))
                }
                Some(place) => {
                    let at = table.and_then(|table| Some((table.period_code(period)?, table.nodes(&place)?)));
                    Some(Where::At(at))
                }
            }
        });
        Ok(Self { table, cells: cells.collect::<Option<_>>().ok_or(EngineError::Failed)? })
    }

    /// For each dimension of the table the nodes of any cell.
    fn nodes(&self) -> Vec<BTreeSet<u16>> {
        let axes = self.table.map_or(0, |table| table.axes().len());
        let mut nodes = vec![BTreeSet::new(); axes];
        for cell in &self.cells {
            if let Where::At(Some((_, of_cell))) = cell {
                for (nodes, node) in nodes.iter_mut().zip(of_cell) {
                    nodes.insert(*node);
                }
            }
        }
        nodes
    }

    fn fill(&self, rows: &[FoundRow]) -> Found {
        let rows: BTreeMap<&(u8, Vec<u16>), FoundCell> = rows.iter().map(|(at, cell)| (at, *cell)).collect();
        let cell = |cell: &Where| match cell {
            Where::Empty => FoundCell::Shown { persons: Some(0), rows: Some(0) },
            Where::At(at) => at.as_ref().and_then(|at| rows.get(at)).copied().unwrap_or(FoundCell::NotHeld),
        };
        Found::new(self.cells.iter().map(cell).collect())
    }
}

/// The rows of a batch; none if it does not have the columns of a released table.
fn rows(batch: &RecordBatch, axes: usize) -> Option<Vec<FoundRow>> {
    let column = |place: usize| batch.columns().get(place).map(|column| column.as_any());
    let periods = column(0)?.downcast_ref::<UInt8Array>()?;
    let nodes = (1..=axes).map(|place| column(place)?.downcast_ref::<UInt16Array>()).collect::<Option<Vec<_>>>()?;
    let persons = column(axes + 1)?.downcast_ref::<Int64Array>()?;
    let counted = column(axes + 2)?.downcast_ref::<Int64Array>()?;
    let hidden = column(axes + 3)?.downcast_ref::<BooleanArray>()?;
    let count = |column: &Int64Array, row: usize| column.is_valid(row).then(|| u64::try_from(column.value(row)).ok());
    let row = |row: usize| {
        let at = (periods.value(row), nodes.iter().map(|column| column.value(row)).collect());
        let shown = FoundCell::Shown { persons: count(persons, row).flatten(), rows: count(counted, row).flatten() };
        (at, if hidden.value(row) { FoundCell::Hidden } else { shown })
    };
    Some((0..batch.num_rows()).map(row).collect())
}

#[cfg(test)]
mod tests;

//! Counting, with DataFusion. The only module that names it. An admitted question is lowered to one fixed shape of
//! plan (scan, filter, aggregate) over codes in memory: no text, no function but `count`, no file, no spill. Errors
//! of the engine are reduced to one opaque kind, since their texts can hold values of records.

#![expect(clippy::disallowed_types, reason = "the one module that names DataFusion")]

mod plan;
mod raw;
mod table;

use std::{sync::Arc, time::Duration};

use datafusion::{
    arrow::array::{Array as _, Int64Array, RecordBatch, UInt8Array},
    execution::{
        SessionState, SessionStateBuilder, TaskContext,
        disk_manager::{DiskManagerBuilder, DiskManagerMode},
        memory_pool::GreedyMemoryPool,
        runtime_env::RuntimeEnvBuilder,
    },
    functions_aggregate::count::count_udaf,
    physical_plan::collect,
    prelude::SessionConfig,
};
use drempel_protocols::id::Period;
use tokio::{runtime::Handle, sync::Semaphore};
use tokio_util::task::AbortOnDropHandle;

pub use self::{
    raw::{RawCell, RawTable},
    table::{Table, TableBuilder, TableError},
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
            .with_config(SessionConfig::new().with_target_partitions(table::PARTITIONS).with_information_schema(false))
            .with_runtime_env(environment)
            .with_aggregate_functions(vec![count_udaf()])
            .build();
        let running = Arc::new(Semaphore::new(limits.concurrent));
        let waiting = Arc::new(Semaphore::new(limits.waiting));
        Ok(Self { runtime, state, limits, running, waiting })
    }

    /// Counts every cell of an admitted question. The receipt shows that the intent is on disk. Dropping the future
    /// stops the work.
    ///
    /// ```compile_fail
    /// use drempel_node::{engine::{Engine, Table}, gate::Admitted};
    /// // A question cannot run unlogged: without a receipt there is no call to make.
    /// async fn unlogged(engine: &Engine, question: &Admitted, table: &Table) {
    ///     engine.run(question, table).await;
    /// }
    /// ```
    ///
    /// # Errors
    /// [`EngineError`].
    pub async fn run(&self, question: &Admitted, _receipt: &Receipt, table: &Table) -> Result<RawTable, EngineError> {
        let _place = Arc::clone(&self.waiting).try_acquire_owned().map_err(|_| EngineError::Busy)?;
        tokio::time::timeout(self.limits.time, async {
            let slot = Arc::clone(&self.running).acquire_owned().await.map_err(|_| EngineError::Busy)?;
            let plan = plan::lower(question, table).map_err(|_| EngineError::Failed)?;
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
            fill(question, table, &batches)
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

/// Puts the groups that were found in the full grid; a cell that was not found counts nobody.
fn fill(question: &Admitted, table: &Table, batches: &[RecordBatch]) -> Result<RawTable, EngineError> {
    let grid = question.grid();
    let mut raw = RawTable::empty(grid, |period| table.holds(period)).ok_or(EngineError::Failed)?;
    let axes = grid.axes().len();
    for batch in batches {
        let codes = |column: usize| batch.column(column).as_any().downcast_ref::<UInt8Array>();
        let counts = |column: usize| batch.column(column).as_any().downcast_ref::<Int64Array>();
        if batch.num_columns() != axes.saturating_add(3) {
            return Err(EngineError::Failed);
        }
        let groups = (0..=axes).map(codes).collect::<Option<Vec<_>>>().ok_or(EngineError::Failed)?;
        let [periods, members @ ..] = groups.as_slice() else { return Err(EngineError::Failed) };
        let (Some(persons), Some(rows)) = (counts(axes.saturating_add(1)), counts(axes.saturating_add(2))) else {
            return Err(EngineError::Failed);
        };
        for row in 0..batch.num_rows() {
            let period: Period = table.period(periods.value(row)).ok_or(EngineError::Failed)?;
            let members: Vec<u8> = members.iter().map(|column| column.value(row)).collect();
            let position = grid.position(period, &members).ok_or(EngineError::Failed)?;
            let cell = RawCell::Counted {
                persons: u64::try_from(persons.value(row)).map_err(|_| EngineError::Failed)?,
                rows: u64::try_from(rows.value(row)).map_err(|_| EngineError::Failed)?,
            };
            raw.set(position, cell).ok_or(EngineError::Failed)?;
        }
    }
    Ok(raw)
}

#[cfg(test)]
mod tests;

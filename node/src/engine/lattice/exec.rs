//! Counting a lattice: each partition of the input by itself, as it has all rows of its persons, then the sum. That is
//! checked: persons come in ascending order, and no two partitions have persons of the same range.

use std::{fmt, ops::RangeInclusive, sync::Arc};

use datafusion::{
    arrow::{
        array::{Array as _, ArrayRef, AsArray as _, RecordBatch, UInt32Array, UInt64Array},
        datatypes::{UInt8Type, UInt32Type},
    },
    common::{Result, internal_err, runtime::SpawnedTask, tree_node::TreeNodeRecursion},
    error::DataFusionError,
    execution::{SendableRecordBatchStream, TaskContext},
    physical_expr::EquivalenceProperties,
    physical_plan::{
        DisplayAs, DisplayFormatType, ExecutionPlan, ExecutionPlanProperties as _, Partitioning, PhysicalExpr,
        PlanProperties,
        execution_plan::{Boundedness, EmissionType},
        stream::RecordBatchStreamAdapter,
    },
};
use drempel_protocols::{id::ColumnName, lattice::Counting};
use futures::{StreamExt as _, stream};

use super::{
    CountError,
    combination::Combinations,
    counter::Counter,
    node::{PERSOON, described, schema},
};

/// Counts every cell of some cubes over its input, in one pass.
#[derive(Debug)]
pub(super) struct LatticeExec {
    rows: Arc<dyn ExecutionPlan>,
    cubes: Arc<[Counting]>,
    combinations: Vec<Arc<Combinations>>,
    properties: Arc<PlanProperties>,
}

impl LatticeExec {
    pub(super) fn new(rows: Arc<dyn ExecutionPlan>, cubes: Arc<[Counting]>) -> Result<Self> {
        let combinations = cubes.iter().map(|cube| Combinations::of(cube).map(Arc::new)).collect::<Result<_, _>>();
        let properties = PlanProperties::new(
            EquivalenceProperties::new(schema()),
            Partitioning::UnknownPartitioning(1),
            EmissionType::Final,
            Boundedness::Bounded,
        );
        Ok(Self { rows, cubes, combinations: combinations.map_err(external)?, properties: Arc::new(properties) })
    }
}

impl DisplayAs for LatticeExec {
    fn fmt_as(&self, _form: DisplayFormatType, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "LatticeExec: cubes=[{}]", described(&self.cubes))
    }
}

impl ExecutionPlan for LatticeExec {
    fn name(&self) -> &str {
        "LatticeExec"
    }

    fn properties(&self) -> &Arc<PlanProperties> {
        &self.properties
    }

    fn children(&self) -> Vec<&Arc<dyn ExecutionPlan>> {
        vec![&self.rows]
    }

    /// Rows dealt out over more partitions would part a person's rows.
    fn benefits_from_input_partitioning(&self) -> Vec<bool> {
        vec![false]
    }

    fn apply_expressions(
        &self,
        _apply: &mut dyn FnMut(&Arc<dyn PhysicalExpr>) -> Result<TreeNodeRecursion>,
    ) -> Result<TreeNodeRecursion> {
        Ok(TreeNodeRecursion::Continue)
    }

    fn with_new_children(self: Arc<Self>, children: Vec<Arc<dyn ExecutionPlan>>) -> Result<Arc<dyn ExecutionPlan>> {
        let Ok([rows]) = <[Arc<dyn ExecutionPlan>; 1]>::try_from(children) else {
            return internal_err!("a lattice is counted over one input");
        };
        Ok(Arc::new(Self::new(rows, Arc::clone(&self.cubes))?))
    }

    fn execute(&self, _partition: usize, context: Arc<TaskContext>) -> Result<SendableRecordBatchStream> {
        let partitions = 0..self.rows.output_partitioning().partition_count();
        let tasks = partitions.map(|partition| {
            let rows = self.rows.execute(partition, Arc::clone(&context))?;
            let (cubes, combinations) = (Arc::clone(&self.cubes), self.combinations.clone());
            Ok(SpawnedTask::spawn(Part::count(rows, cubes, combinations)))
        });
        let tasks: Vec<SpawnedTask<Result<Part>>> = tasks.collect::<Result<_>>()?;
        let cubes = Arc::clone(&self.cubes);
        let counted = async move {
            let mut parts = Vec::new();
            for task in tasks {
                parts.push(task.join().await.map_err(external)??);
            }
            batch(&cubes, parts)
        };
        Ok(Box::pin(RecordBatchStreamAdapter::new(schema(), stream::once(counted))))
    }
}

/// What was counted of a partition.
struct Part {
    /// For each cube the persons and the rows of each of its cells.
    counts: Vec<Vec<(u64, u64)>>,
    /// The persons; none without rows.
    persons: Option<RangeInclusive<u32>>,
}

impl Part {
    async fn count(
        mut rows: SendableRecordBatchStream,
        cubes: Arc<[Counting]>,
        combinations: Vec<Arc<Combinations>>,
    ) -> Result<Self> {
        let cells = cubes.iter().map(|cube| cube.cells.len());
        let mut counters: Vec<Counter> =
            combinations.iter().zip(cells).map(|(of_cube, cells)| Counter::new(Arc::clone(of_cube), cells)).collect();
        let mut of_rows = Vec::new();
        let mut range: Option<(u32, u32)> = None;
        while let Some(batch) = rows.next().await {
            let batch = batch?;
            // What is null has a value underneath, that nobody meant.
            let column = |name: &str| batch.column_by_name(name).filter(|column| column.null_count() == 0);
            let persons = column(PERSOON).and_then(|column| column.as_primitive_opt::<UInt32Type>());
            let Some(persons) = persons.map(|persons| persons.values()) else {
                return Err(external(CountError::Column));
            };
            let codes = |name: &ColumnName| {
                let codes = column(name.as_str())?.as_primitive_opt::<UInt8Type>()?;
                Some(codes.values().as_ref())
            };
            for (counter, combinations) in counters.iter_mut().zip(&combinations) {
                combinations.of_rows(persons.len(), codes, &mut of_rows).map_err(external)?;
                counter.add(persons, &of_rows).map_err(external)?;
            }
            if let Some((first, last)) = persons.first().zip(persons.last()) {
                range = Some((range.map_or(*first, |(first, _)| first), *last));
            }
        }
        let counts = counters.into_iter().map(Counter::finish).collect();
        Ok(Self { counts, persons: range.map(|(first, last)| first..=last) })
    }
}

/// The sum of all partitions.
fn batch(cubes: &[Counting], mut parts: Vec<Part>) -> Result<RecordBatch> {
    parts.sort_by_key(|part| part.persons.as_ref().map(|range| *range.start()));
    let ranges: Vec<&RangeInclusive<u32>> = parts.iter().filter_map(|part| part.persons.as_ref()).collect();
    if ranges.windows(2).any(|pair| matches!(pair, [one, next] if one.end() >= next.start())) {
        return Err(external(CountError::Order));
    }
    let mut cells = Vec::new();
    let (mut persons, mut rows) = (Vec::new(), Vec::new());
    for (number, cube) in cubes.iter().enumerate() {
        for (place, cell) in cube.cells.iter().enumerate() {
            let of_parts = parts.iter().filter_map(|part| part.counts.get(number)?.get(place));
            let (in_cell, of_cell) = of_parts.fold((0, 0), |sum, count| (sum.0 + count.0, sum.1 + count.1));
            cells.push(u32::try_from(*cell).map_err(external)?);
            persons.push(in_cell);
            rows.push(of_cell);
        }
    }
    let columns: Vec<ArrayRef> = vec![
        Arc::new(UInt32Array::from(cells)),
        Arc::new(UInt64Array::from(persons)),
        Arc::new(UInt64Array::from(rows)),
    ];
    Ok(RecordBatch::try_new(schema(), columns)?)
}

fn external(error: impl std::error::Error + Send + Sync + 'static) -> DataFusionError {
    DataFusionError::External(Box::new(error))
}

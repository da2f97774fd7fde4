//! The lattice as a node of a logical plan: rows of one view in, the cells of its cubes with their counts out. What is
//! planned for it is [`LatticeExec`].

use std::{
    cmp::Ordering,
    fmt,
    hash::{Hash, Hasher},
    sync::Arc,
};

use async_trait::async_trait;
use datafusion::{
    arrow::datatypes::{DataType, Field, Schema, SchemaRef},
    catalog::Session,
    common::{DFSchema, DFSchemaRef, Result, internal_err, plan_err},
    execution::context::QueryPlanner,
    logical_expr::{
        Expr, Extension, LogicalPlan, UserDefinedLogicalNode, UserDefinedLogicalNodeCore,
        physical_planning_context::PhysicalPlanningContext,
    },
    physical_plan::ExecutionPlan,
    physical_planner::{DefaultPhysicalPlanner, ExtensionPlanner, PhysicalPlanner},
};
use drempel_protocols::lattice::Counting;

use super::exec::LatticeExec;

/// The column with persons: unsigned numbers of 32 bits, never null, in ascending order.
pub const PERSOON: &str = "persoon";

/// The number of a cell in the lattice, its distinct persons, and its rows.
pub(super) fn schema() -> SchemaRef {
    let field = |name: &str, kind: DataType| Field::new(name, kind, false);
    Arc::new(Schema::new(vec![
        field("cel", DataType::UInt32),
        field("personen", DataType::UInt64),
        field("aantal", DataType::UInt64),
    ]))
}

/// A plan that counts every cell of some cubes over the rows of another: one with a column `persoon`, and one of unsigned
/// bytes for each dimension, the places of its members. Each partition has all rows of its persons, in ascending order, and
/// only those. Out come, for every cell of every cube, its number, its distinct persons and its rows.
///
/// # Errors
/// If the rows lack one of these columns.
pub fn lattice(rows: LogicalPlan, cubes: Vec<Counting>) -> Result<LogicalPlan> {
    let node = LatticeNode::new(rows, cubes.into())?;
    Ok(LogicalPlan::Extension(Extension { node: Arc::new(node) }))
}

/// Plans queries with lattices.
#[derive(Debug)]
pub struct LatticePlanner;

#[async_trait]
impl QueryPlanner for LatticePlanner {
    async fn create_physical_plan(&self, plan: &LogicalPlan, session: &dyn Session) -> Result<Arc<dyn ExecutionPlan>> {
        let planner = DefaultPhysicalPlanner::with_extension_planners(vec![Arc::new(Self)]);
        planner.create_physical_plan(plan, session).await
    }
}

#[async_trait]
impl ExtensionPlanner for LatticePlanner {
    async fn plan_extension(
        &self,
        _planner: &dyn PhysicalPlanner,
        node: &dyn UserDefinedLogicalNode,
        _logical_inputs: &[&LogicalPlan],
        physical_inputs: &[Arc<dyn ExecutionPlan>],
        _session: &dyn Session,
        _context: &PhysicalPlanningContext,
    ) -> Result<Option<Arc<dyn ExecutionPlan>>> {
        let Some(node) = node.as_any().downcast_ref::<LatticeNode>() else { return Ok(None) };
        let [rows] = physical_inputs else { return internal_err!("a lattice is counted over one input") };
        Ok(Some(Arc::new(LatticeExec::new(Arc::clone(rows), Arc::clone(&node.cubes))?)))
    }
}

/// See [`lattice`].
#[derive(Clone, Debug, PartialEq, Eq)]
struct LatticeNode {
    rows: LogicalPlan,
    cubes: Arc<[Counting]>,
    schema: DFSchemaRef,
}

impl LatticeNode {
    fn new(rows: LogicalPlan, cubes: Arc<[Counting]>) -> Result<Self> {
        let columns = cubes.iter().flat_map(|cube| &cube.axes).map(|axis| (axis.column.as_str(), DataType::UInt8));
        for (name, kind) in columns.chain([(PERSOON, DataType::UInt32)]) {
            if rows.schema().field_with_unqualified_name(name)?.data_type() != &kind {
                return plan_err!("{name} must be of type {kind}");
            }
        }
        Ok(Self { rows, cubes, schema: Arc::new(DFSchema::try_from(schema())?) })
    }

    /// Whether it reads a column of its input.
    fn reads(&self, column: &str) -> bool {
        let mut axes = self.cubes.iter().flat_map(|cube| &cube.axes);
        column == PERSOON || axes.any(|axis| axis.column.as_str() == column)
    }
}

// Counting has no hash; equal nodes have equal inputs.
impl Hash for LatticeNode {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.rows.hash(state);
    }
}

impl PartialOrd for LatticeNode {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        (self == other).then_some(Ordering::Equal)
    }
}

impl UserDefinedLogicalNodeCore for LatticeNode {
    fn name(&self) -> &str {
        "Lattice"
    }

    fn inputs(&self) -> Vec<&LogicalPlan> {
        vec![&self.rows]
    }

    fn schema(&self) -> &DFSchemaRef {
        &self.schema
    }

    fn expressions(&self) -> Vec<Expr> {
        Vec::new()
    }

    fn fmt_for_explain(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Lattice: {}", described(&self.cubes))
    }

    fn with_exprs_and_inputs(&self, _expressions: Vec<Expr>, inputs: Vec<LogicalPlan>) -> Result<Self> {
        let Ok([rows]) = <[LogicalPlan; 1]>::try_from(inputs) else {
            return internal_err!("a lattice is counted over one input");
        };
        Self::new(rows, Arc::clone(&self.cubes))
    }

    fn necessary_children_exprs(&self, _output: &[usize]) -> Option<Vec<Vec<usize>>> {
        let fields = self.rows.schema().fields().iter().enumerate();
        Some(vec![fields.filter(|(_, field)| self.reads(field.name())).map(|(place, _)| place).collect()])
    }
}

/// The cubes of a lattice by their dimensions.
pub(super) fn described(cubes: &[Counting]) -> String {
    let cube = |cube: &Counting| {
        let axes: Vec<&str> = cube.axes.iter().map(|axis| axis.column.as_str()).collect();
        format!("[{}]", axes.join(", "))
    };
    cubes.iter().map(cube).collect::<Vec<_>>().join(", ")
}

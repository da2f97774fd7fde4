//! Lowering: from an admitted question to a logical plan of one shape. Every literal is a code out of the catalogue.

#![expect(clippy::disallowed_types, reason = "the one module that names DataFusion")]

use std::sync::Arc;

use datafusion::{
    common::Result,
    datasource::provider_as_source,
    functions_aggregate::count::{count_distinct, count_udaf},
    logical_expr::{Expr, LogicalPlan, LogicalPlanBuilder, col, lit},
};

use super::table::{PERIODE, PERSOON, Table};
use crate::gate::Admitted;

/// Groups by period and the question's dimensions, and counts distinct persons and rows, whatever was asked: the
/// status of a cell is decided on persons (rule R1).
pub(super) fn lower(question: &Admitted, table: &Table) -> Result<LogicalPlan> {
    let grid = question.grid();
    let mut builder =
        LogicalPlanBuilder::scan(question.view().as_str(), provider_as_source(Arc::clone(table.provider())), None)?;
    let periods = grid.periods().iter().filter_map(|period| table.period_code(*period));
    builder = builder.filter(any_of(PERIODE, periods))?;
    for (column, members) in question.filters() {
        builder = builder.filter(any_of(column.as_str(), members.iter().copied()))?;
    }
    let groups =
        std::iter::once(column_of(PERIODE)).chain(grid.axes().iter().map(|axis| column_of(axis.column.as_str())));
    let persons = count_distinct(column_of(PERSOON)).alias("personen");
    let rows = count_udaf().call(vec![column_of(PERSOON)]).alias("rijen");
    builder.aggregate(groups, [persons, rows])?.build()
}

/// An identifier as it stands; `col` would fold its case.
fn column_of(name: &str) -> Expr {
    col(datafusion::common::Column::new_unqualified(name))
}

fn any_of(column: &str, codes: impl Iterator<Item = u8>) -> Expr {
    column_of(column).in_list(codes.map(lit).collect(), false)
}

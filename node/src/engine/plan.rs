//! Lowering: from an admitted question to a logical plan of one shape over released cells. Every literal is a code out of
//! the catalogue.

#![expect(clippy::disallowed_types, reason = "one of the modules that name DataFusion")]

use std::{collections::BTreeSet, sync::Arc};

use datafusion::{
    common::Result,
    datasource::provider_as_source,
    logical_expr::{Expr, LogicalPlan, LogicalPlanBuilder, col, lit},
};

use super::table::{PERIODE, ReleasedTable};
use crate::gate::Admitted;

/// The cells of the question's half-years at any of these nodes, one set for each dimension of the table.
pub(super) fn lower(question: &Admitted, table: &ReleasedTable, nodes: &[BTreeSet<u16>]) -> Result<LogicalPlan> {
    let source = provider_as_source(Arc::clone(table.provider()));
    let mut builder = LogicalPlanBuilder::scan(question.view().as_str(), source, None)?;
    let periods = question.grid().periods().iter().filter_map(|period| table.period_code(*period));
    builder = builder.filter(column_of(PERIODE).in_list(periods.map(lit).collect(), false))?;
    for (axis, nodes) in table.axes().iter().zip(nodes) {
        let any_of = nodes.iter().copied().map(lit).collect();
        builder = builder.filter(column_of(axis.column.as_str()).in_list(any_of, false))?;
    }
    builder.build()
}

/// An identifier as it stands; `col` would fold its case.
fn column_of(name: &str) -> Expr {
    col(datafusion::common::Column::new_unqualified(name))
}

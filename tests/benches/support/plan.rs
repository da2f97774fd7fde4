//! The engine alone: the same rows, coded the same, in the same number of parts, and the same plan under the same
//! session, without anything of Drempel around it.

#![expect(clippy::disallowed_types, reason = "the baseline: the same plan without a node around it")]

use std::{collections::BTreeMap, sync::Arc};

use anyhow::Context as _;
use datafusion::{
    arrow::{
        array::{ArrayRef, Int64Array, RecordBatch, UInt8Array, UInt32Array},
        datatypes::{DataType, Field, Schema},
    },
    catalog::TableProvider,
    datasource::{MemTable, provider_as_source},
    execution::{
        SessionState, SessionStateBuilder, TaskContext,
        disk_manager::{DiskManagerBuilder, DiskManagerMode},
        memory_pool::GreedyMemoryPool,
        runtime_env::RuntimeEnvBuilder,
    },
    functions_aggregate::count::{count_distinct, count_udaf},
    logical_expr::{LogicalPlan, LogicalPlanBuilder, col, lit},
    physical_plan::collect,
    prelude::SessionConfig,
};
use drempel_node::ingest::{
    codes::Categorie,
    view::{Gebruik, Leeftijdsgroep},
};
use drempel_protocols::{catalogue::View, id::Period};
use tokio::runtime::Handle;

/// As many parts as a node's table has.
const PARTS: usize = 2;
/// As many rows as a batch of a node's table has.
const BATCH: usize = 1 << 16;

/// Persons and rows of each group, by period and members.
pub(crate) type Groups = BTreeMap<Vec<u8>, (u64, u64)>;

/// DataFusion with a table.
pub(crate) struct PlanAlone {
    state: SessionState,
    table: Arc<dyn TableProvider>,
    periods: Vec<u8>,
    runtime: Handle,
}

impl PlanAlone {
    /// Takes sorted rows up in memory.
    pub(crate) fn new(rows: &[Gebruik], view: &View, periods: &[Period], runtime: Handle) -> anyhow::Result<Self> {
        let environment = RuntimeEnvBuilder::new()
            .with_memory_pool(Arc::new(GreedyMemoryPool::new(512 * 1024 * 1024)))
            .with_disk_manager_builder(DiskManagerBuilder::default().with_mode(DiskManagerMode::Disabled))
            .build_arc()?;
        let state = SessionStateBuilder::new()
            .with_config(SessionConfig::new().with_target_partitions(PARTS).with_information_schema(false))
            .with_runtime_env(environment)
            .with_aggregate_functions(vec![count_udaf()])
            .build();
        let codes = |name| Field::new(name, DataType::UInt8, false);
        let schema = Arc::new(Schema::new(vec![
            codes("periode"),
            Field::new("persoon", DataType::UInt32, false),
            codes("categorie"),
            codes("groep"),
            codes("leeftijdsgroep"),
        ]));
        let coder = Coder::new(view, periods)?;
        let mut parts: Vec<Vec<RecordBatch>> = vec![Vec::new(); PARTS];
        for (place, rows) in rows.chunks(BATCH).enumerate() {
            let batch = RecordBatch::try_new(Arc::clone(&schema), coder.columns(rows)?)?;
            parts.get_mut(place % PARTS).context("no such part")?.push(batch);
        }
        let table = Arc::new(MemTable::try_new(schema, parts)?);
        let periods = (0..u8::try_from(periods.len())?).collect();
        Ok(Self { state, table, periods, runtime })
    }

    /// Plans and counts, on threads apart, as a node does.
    pub(crate) async fn count(&self, dimensions: &[&str]) -> anyhow::Result<Vec<RecordBatch>> {
        let (plan, state) = (self.plan(dimensions)?, self.state.clone());
        let counted = self.runtime.spawn(async move {
            let physical = state.create_physical_plan(&plan).await?;
            collect(physical, Arc::new(TaskContext::from(&state))).await
        });
        Ok(counted.await??)
    }

    fn plan(&self, dimensions: &[&str]) -> anyhow::Result<LogicalPlan> {
        let periods = self.periods.iter().map(|period| lit(*period)).collect();
        let groups = std::iter::once(&"periode").chain(dimensions).map(|name| col(*name));
        let counts =
            [count_distinct(col("persoon")).alias("personen"), count_udaf().call(vec![col("persoon")]).alias("rijen")];
        let scan = LogicalPlanBuilder::scan("jeugdhulp", provider_as_source(Arc::clone(&self.table)), None)?;
        Ok(scan.filter(col("periode").in_list(periods, false))?.aggregate(groups, counts)?.build()?)
    }
}

/// What was counted, to be held against what a node answered.
pub(crate) fn groups(batches: &[RecordBatch]) -> anyhow::Result<Groups> {
    let mut groups = Groups::new();
    for batch in batches {
        let (members, counts) =
            batch.columns().split_at_checked(batch.num_columns().saturating_sub(2)).context("shape")?;
        let members: Vec<&UInt8Array> =
            members.iter().map(|column| column.as_any().downcast_ref()).collect::<Option<_>>().context("shape")?;
        let counts: Vec<&Int64Array> =
            counts.iter().map(|column| column.as_any().downcast_ref()).collect::<Option<_>>().context("shape")?;
        let [persons, rows] = counts.as_slice() else { anyhow::bail!("shape") };
        for row in 0..batch.num_rows() {
            let key = members.iter().map(|column| column.value(row)).collect();
            groups.insert(key, (u64::try_from(persons.value(row))?, u64::try_from(rows.value(row))?));
        }
    }
    Ok(groups)
}

/// The codes of members, as places in the catalogue's domains.
struct Coder {
    periods: BTreeMap<Period, u8>,
    categorieen: BTreeMap<Option<Categorie>, (u8, u8)>,
    leeftijden: BTreeMap<Option<Leeftijdsgroep>, u8>,
}

impl Coder {
    fn new(view: &View, periods: &[Period]) -> anyhow::Result<Self> {
        let dimension =
            |name: &str| view.column(name).and_then(|column| column.dimension()).context("no such dimension");
        let (categorie, groep, leeftijd) = (dimension("categorie")?, dimension("groep")?, dimension("leeftijdsgroep")?);
        let categorie_code = |member: Option<Categorie>| {
            let finer = categorie.domain();
            let code = member.map_or(Some(finer.onbekend()), |member| finer.index_of(member.code()))?;
            let group = groep.grouping()?.group_of(&finer.member(code)?.code)?;
            Some((member, (code, groep.domain().index_of(group.as_str())?)))
        };
        let leeftijd_code = |member: Option<Leeftijdsgroep>| {
            let domain = leeftijd.domain();
            Some((member, member.map_or(Some(domain.onbekend()), |member| domain.index_of(member.code()))?))
        };
        let categorieen = Categorie::ALL.iter().copied().map(Some).chain([None]).map(categorie_code);
        let leeftijden = Leeftijdsgroep::ALL.iter().copied().map(Some).chain([None]).map(leeftijd_code);
        Ok(Self {
            periods: periods.iter().copied().zip(0..=u8::MAX).collect(),
            categorieen: categorieen.collect::<Option<_>>().context("a categorie without a code")?,
            leeftijden: leeftijden.collect::<Option<_>>().context("a leeftijdsgroep without a code")?,
        })
    }

    fn columns(&self, rows: &[Gebruik]) -> anyhow::Result<Vec<ArrayRef>> {
        let codes = |code: &dyn Fn(&Gebruik) -> Option<u8>| -> anyhow::Result<ArrayRef> {
            let codes: Option<Vec<u8>> = rows.iter().map(code).collect();
            Ok(Arc::new(UInt8Array::from(codes.context("a row without a code")?)))
        };
        Ok(vec![
            codes(&|row| self.periods.get(&row.periode).copied())?,
            Arc::new(UInt32Array::from_iter_values(rows.iter().map(|row| row.persoon))),
            codes(&|row| self.categorieen.get(&row.categorie).map(|(code, _)| *code))?,
            codes(&|row| self.categorieen.get(&row.categorie).map(|(_, group)| *group))?,
            codes(&|row| self.leeftijden.get(&row.leeftijdsgroep).copied())?,
        ])
    }
}

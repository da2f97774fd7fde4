//! How long it takes to count all margins of a cube of four dimensions, distinct persons included: by the operator that
//! counts every release, by the plan that DataFusion makes of `GROUP BY CUBE`, and by DuckDB and Polars. All read the same
//! Parquet file, and that is included. Beside it how long it would take to only read the columns from memory.

#![expect(clippy::disallowed_types, reason = "the baseline is a plan of DataFusion without the operator")]

#[path = "support/coded_file.rs"]
mod coded_file;
#[path = "support/report.rs"]
mod report;
#[path = "support/sample.rs"]
mod sample;

use std::{process::Command, sync::Arc, time::Duration};

use anyhow::{Context as _, ensure};
use datafusion::{
    arrow::{
        array::{AsArray as _, Int64Array, RecordBatch},
        datatypes::{SchemaRef, UInt64Type},
    },
    common::Column,
    datasource::{
        file_format::parquet::ParquetFormat,
        listing::{ListingOptions, ListingTable, ListingTableConfig, ListingTableUrl},
        provider_as_source,
    },
    execution::{SessionState, SessionStateBuilder, TaskContext},
    functions_aggregate::expr_fn::{count, count_distinct},
    logical_expr::{Expr, GroupingSet, LogicalPlan, LogicalPlanBuilder, lit},
    physical_plan::collect,
    prelude::SessionConfig,
};
use drempel_node::engine::lattice::{LatticePlanner, PERSOON, lattice};
use drempel_protocols::lattice::{Axis, Counting};
use serde::Deserialize;

use self::{
    coded_file::{CodedFile, Skewed},
    report::Settings,
    sample::{Sample, rounds, timed},
};

const DIMENSIONS: [Skewed; 4] = [
    ("categorie", &[470, 110, 90, 60, 40, 40, 40, 30, 30, 25, 15, 12, 12, 10, 6, 5, 4, 4, 4, 4, 3, 3, 2, 2, 5]),
    ("leeftijdsgroep", &[60, 420, 400, 110, 10]),
    ("geslacht", &[560, 435, 5]),
    ("verwijzer", &[480, 270, 40, 110, 30, 15, 15, 40]),
];
const THREADS: usize = 2;
/// The text that asks for twenty million rows too.
const BY_HAND: &str = "LATTICE_ROWS";

/// What a count came to: cells with rows, and the sums of persons and of rows over all of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Totals {
    cells: u64,
    persons: u64,
    rows: u64,
}

/// What another program measured.
#[derive(Deserialize)]
struct Peer {
    name: String,
    times: Vec<f64>,
    cells: u64,
    persons: u64,
    rows: u64,
}

fn main() -> anyhow::Result<()> {
    let settings = Settings::from_arguments()?;
    report::title(
        settings,
        "Counting a lattice",
        "All margins of a cube of four dimensions (25, 5, 3 and 8 members): distinct persons and rows of each cell, in \
         milliseconds, on two threads, from the same Parquet file, reading included. Baseline: the operator. DuckDB and \
         Polars by the python3 on the PATH, where it has them. LATTICE_ROWS=20000000 for another size.",
    )?;
    let sizes = match std::env::var(BY_HAND) {
        Ok(rows) => vec![rows.parse()?],
        Err(_) => settings.or_quick(vec![50_000, 1_000_000], vec![50_000]),
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(THREADS).build()?;
    let mut lines = Vec::new();
    for rows in sizes {
        lines.extend(runtime.block_on(measure(settings, rows))?);
    }
    report::table(&["rows", "what", "least", "median", "p95", "ratio", "ns a row"], 2, &lines)?;
    Ok(())
}

async fn measure(settings: Settings, rows: usize) -> anyhow::Result<Vec<Vec<String>>> {
    let folder = tempfile::tempdir()?;
    let file = CodedFile::write(&folder.path().join("rows.parquet"), rows, &DIMENSIONS, THREADS)?;
    let (path, columns) = (file.path().to_owned(), file.columns());
    report::line(&format!("{rows} rows: a file of {:.1} MB.", file.bytes() as f64 / 1e6))?;
    let scan = LogicalPlanBuilder::scan("rijen", provider_as_source(Arc::new(file)), None)?.build()?;
    let (own, operator) = (session(true), lattice(scan, vec![cube()?])?);
    let stock = session(false);
    let by_stock = stock_plan(&path, columns)?;

    let counted = operator_totals(&run(&own, &operator).await?)?;
    ensure!(stock_totals(&run(&stock, &by_stock).await?)? == counted, "the stock plan counts otherwise");
    let runs = settings.or_quick(if rows > 5_000_000 { 3 } else { 15 }, 2);
    let from_memory = vec![1u64; rows];
    let [operated, planned, read] = rounds(settings, runs, async || {
        let operated = timed(run(&own, &operator)).await?;
        let planned = timed(run(&stock, &by_stock)).await?;
        let read = timed(async { read_all(&from_memory) }).await?;
        Ok([operated, planned, read])
    })
    .await?;
    let line = |what: &str, sample: &Sample| {
        let mut cells = vec![rows.to_string(), what.to_owned()];
        cells.extend(sample.cells(Some(&operated)));
        cells.push(format!("{:.2}", sample.median().as_nanos() as f64 / rows as f64));
        cells
    };
    let mut lines = vec![
        line("the operator", &operated),
        line("8 bytes a row from memory and no more", &read),
        line("DataFusion: GROUP BY CUBE", &planned),
    ];
    for peer in peers(&path, runs)? {
        let totals = Totals { cells: peer.cells, persons: peer.persons, rows: peer.rows };
        ensure!(totals == counted, "{} counts otherwise", peer.name);
        let times = peer.times.iter().map(|time| Duration::from_secs_f64(time / 1e3)).collect::<Vec<_>>();
        lines.push(line(&peer.name, &Sample::from(times)));
    }
    Ok(lines)
}

/// All margins: node 0 of a dimension is the total, the others are its members.
fn cube() -> anyhow::Result<Counting> {
    let axes = DIMENSIONS.map(|(column, members)| {
        let of_member = (0..members.len()).map(|member| vec![0, member + 1]).collect();
        Ok(Axis { column: column.parse()?, nodes: members.len() + 1, of_member })
    });
    let axes = axes.into_iter().collect::<anyhow::Result<Vec<_>>>()?;
    let cells = axes.iter().map(|axis| axis.nodes).product();
    Ok(Counting { view: "jeugdhulp".parse()?, axes, cells: (0..cells).collect() })
}

/// With the operator: partitions stay as they are. Without: what DataFusion does of its own accord.
fn session(with_operator: bool) -> SessionState {
    let config = SessionConfig::new().with_target_partitions(THREADS);
    if with_operator {
        let config = config.with_round_robin_repartition(false).with_repartition_file_scans(false);
        SessionStateBuilder::new().with_config(config).with_query_planner(Arc::new(LatticePlanner)).build()
    } else {
        SessionStateBuilder::new().with_config(config).build()
    }
}

fn stock_plan(path: &str, columns: SchemaRef) -> anyhow::Result<LogicalPlan> {
    let options = ListingOptions::new(Arc::new(ParquetFormat::new()));
    let listing = ListingTableConfig::new(ListingTableUrl::parse(path)?).with_listing_options(options);
    let table = ListingTable::try_new(listing.with_schema(columns))?;
    let name = |column: &str| Expr::Column(Column::new_unqualified(column));
    let cube = Expr::GroupingSet(GroupingSet::Cube(DIMENSIONS.map(|(column, _)| name(column)).to_vec()));
    let rows = LogicalPlanBuilder::scan("rijen", provider_as_source(Arc::new(table)), None)?;
    Ok(rows.aggregate(vec![cube], vec![count_distinct(name(PERSOON)), count(lit(1))])?.build()?)
}

async fn run(session: &SessionState, plan: &LogicalPlan) -> anyhow::Result<Vec<RecordBatch>> {
    let physical = session.create_physical_plan(plan).await?;
    Ok(collect(physical, Arc::new(TaskContext::from(session))).await?)
}

fn operator_totals(batches: &[RecordBatch]) -> anyhow::Result<Totals> {
    let mut totals = Totals::default();
    for batch in batches {
        let [persons, rows] = [1, 2].map(|place| batch.column(place).as_primitive::<UInt64Type>().values());
        for (persons, rows) in persons.iter().zip(rows).filter(|(_, rows)| **rows > 0) {
            totals.add(*persons, *rows);
        }
    }
    Ok(totals)
}

fn stock_totals(batches: &[RecordBatch]) -> anyhow::Result<Totals> {
    let mut totals = Totals::default();
    for batch in batches {
        let counts: Vec<&Int64Array> =
            batch.columns().iter().filter_map(|column| column.as_any().downcast_ref()).collect();
        let [persons, rows] = counts.as_slice() else { anyhow::bail!("not two counts") };
        for (persons, rows) in persons.values().iter().zip(rows.values()) {
            totals.add(u64::try_from(*persons)?, u64::try_from(*rows)?);
        }
    }
    Ok(totals)
}

impl Totals {
    fn add(&mut self, persons: u64, rows: u64) {
        self.cells += 1;
        self.persons += persons;
        self.rows += rows;
    }
}

/// As many bytes as the columns have in memory, read by as many threads.
fn read_all(bytes: &[u64]) -> anyhow::Result<u64> {
    let half = bytes.len().div_ceil(THREADS).max(1);
    std::thread::scope(|scope| {
        let parts: Vec<_> = bytes.chunks(half).map(|part| scope.spawn(|| part.iter().sum::<u64>())).collect();
        parts.into_iter().map(|part| part.join().map_err(|_| anyhow::anyhow!("a thread failed"))).sum()
    })
}

fn peers(path: &str, runs: usize) -> anyhow::Result<Vec<Peer>> {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/support/peers.py");
    let names = DIMENSIONS.map(|(name, _)| name);
    let (runs, threads) = (runs.to_string(), THREADS.to_string());
    let ran = Command::new("python3").args([script, path, &runs, &threads]).args(names).output();
    let Ok(ran) = ran else {
        report::line("No python3 on the PATH, so no DuckDB and no Polars.")?;
        return Ok(Vec::new());
    };
    ensure!(ran.status.success(), "the other programs failed: {}", String::from_utf8_lossy(&ran.stderr));
    let lines = std::str::from_utf8(&ran.stdout)?.lines();
    let peers: Vec<Peer> =
        lines.map(serde_json::from_str).collect::<Result<_, _>>().context("not what was expected")?;
    if peers.is_empty() {
        report::line("python3 has neither duckdb nor polars.")?;
    }
    Ok(peers)
}

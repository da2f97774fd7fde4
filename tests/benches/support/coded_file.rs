//! A Parquet file of codes as the lattice operator likes it: ordered by person, small integers, and row groups that end
//! where a person ends, so that each thread reads persons of its own.

use std::{fs::File, ops::Range, path::Path, sync::Arc};

use anyhow::Context as _;
use async_trait::async_trait;
use datafusion::{
    arrow::{
        array::{ArrayRef, RecordBatch, UInt8Array, UInt32Array},
        datatypes::{DataType, Field, Schema, SchemaRef},
    },
    catalog::{Session, TableProvider},
    common::Result,
    datasource::{
        TableType,
        listing::PartitionedFile,
        object_store::ObjectStoreUrl,
        physical_plan::{
            FileGroup, FileScanConfigBuilder, ParquetSource,
            parquet::{ParquetAccessPlan, RowGroupAccess},
        },
        source::DataSourceExec,
    },
    logical_expr::Expr,
    physical_plan::ExecutionPlan,
};
use drempel_node::engine::lattice::PERSOON;
use parquet::{arrow::ArrowWriter, file::properties::WriterProperties};
use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;

const SEED: u64 = 1;
/// The rows of a row group, until its last person ends.
const OF_GROUP: usize = 1 << 15;

/// A dimension: its name, and how many of a thousand rows have each member.
pub(crate) type Skewed = (&'static str, &'static [u32]);

/// Such a file, and what a scan of it needs to know.
#[derive(Debug)]
pub(crate) struct CodedFile {
    path: String,
    bytes: u64,
    groups: usize,
    schema: SchemaRef,
    threads: usize,
}

impl CodedFile {
    /// Writes so many rows of persons with one or more each, to be read by so many threads.
    pub(crate) fn write(path: &Path, rows: usize, dimensions: &[Skewed], threads: usize) -> anyhow::Result<Self> {
        let mut fields = vec![Field::new(PERSOON, DataType::UInt32, false)];
        fields.extend(dimensions.iter().map(|(name, _)| Field::new(*name, DataType::UInt8, false)));
        let schema = Arc::new(Schema::new(fields));
        let properties = WriterProperties::builder().set_max_row_group_row_count(None).build();
        let mut writer = ArrowWriter::try_new(File::create(path)?, Arc::clone(&schema), Some(properties))?;
        let mut draw = ChaCha8Rng::seed_from_u64(SEED);
        let (mut written, mut groups, mut person) = (0, 0, 0u32);
        while written < rows {
            let mut persons = Vec::new();
            let mut codes: Vec<Vec<u8>> = vec![Vec::new(); dimensions.len()];
            while persons.len() < OF_GROUP && written + persons.len() < rows {
                for _ in 0..one_or_more(&mut draw).min(rows - written - persons.len()) {
                    persons.push(person);
                    for ((_, shares), codes) in dimensions.iter().zip(&mut codes) {
                        codes.push(member(&mut draw, shares)?);
                    }
                }
                person += 1;
            }
            written += persons.len();
            let mut columns: Vec<ArrayRef> = vec![Arc::new(UInt32Array::from(persons))];
            columns.extend(codes.into_iter().map(|codes| Arc::new(UInt8Array::from(codes)) as ArrayRef));
            writer.write(&RecordBatch::try_new(Arc::clone(&schema), columns)?)?;
            writer.flush()?;
            groups += 1;
        }
        writer.close()?;
        let bytes = std::fs::metadata(path)?.len();
        let path = path.to_str().context("a path that is no text")?.to_owned();
        Ok(Self { path, bytes, groups, schema, threads })
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &str {
        &self.path
    }

    /// How large it is.
    pub(crate) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// The columns.
    pub(crate) fn columns(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    /// The row groups of each thread: ranges of persons, one after another.
    fn ranges(&self) -> impl Iterator<Item = Range<usize>> {
        let each = self.groups.div_ceil(self.threads).max(1);
        (0..self.groups).step_by(each).map(move |from| from..(from + each).min(self.groups))
    }
}

#[async_trait]
impl TableProvider for CodedFile {
    fn schema(&self) -> SchemaRef {
        self.columns()
    }

    fn table_type(&self) -> TableType {
        TableType::Base
    }

    async fn scan(
        &self,
        _session: &dyn Session,
        projection: Option<&Vec<usize>>,
        _filters: &[Expr],
        _limit: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let of_thread = |range: Range<usize>| {
            let all = 0..self.groups;
            let access =
                all.map(|group| if range.contains(&group) { RowGroupAccess::Scan } else { RowGroupAccess::Skip });
            let plan = ParquetAccessPlan::new(access.collect());
            FileGroup::new(vec![PartitionedFile::new(&self.path, self.bytes).with_extension(plan)])
        };
        let source = Arc::new(ParquetSource::new(self.columns()));
        let scan = FileScanConfigBuilder::new(ObjectStoreUrl::local_filesystem(), source)
            .with_file_groups(self.ranges().map(of_thread).collect())
            .with_projection_indices(projection.cloned())?;
        Ok(DataSourceExec::from_data_source(scan.build()))
    }
}

/// Two of three persons have one row, and of those with more again two of three have one more.
fn one_or_more(draw: &mut ChaCha8Rng) -> usize {
    let mut rows = 1;
    while rows < 12 && draw.random_range(0..3) == 0 {
        rows += 1;
    }
    rows
}

fn member(draw: &mut ChaCha8Rng, shares: &[u32]) -> anyhow::Result<u8> {
    let mut left = draw.random_range(0..shares.iter().sum());
    for (code, share) in shares.iter().enumerate() {
        match left.checked_sub(*share) {
            None => return Ok(u8::try_from(code)?),
            Some(rest) => left = rest,
        }
    }
    anyhow::bail!("no shares")
}

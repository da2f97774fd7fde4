use std::{collections::BTreeSet, path::Path, sync::LazyLock};

use datafusion::{
    arrow::{
        array::{Array as _, Int64Array},
        datatypes::UInt8Type,
    },
    common::Column,
    functions_aggregate::expr_fn::{count, count_distinct},
    logical_expr::{Expr, GroupingSet, col, lit},
    physical_plan::displayable,
};
use drempel_protocols::{
    catalogue::{Catalogue, SignedBundle},
    lattice::Axis,
};
use proptest::prelude::*;

use super::*;

static CATALOGUE: LazyLock<Catalogue> = LazyLock::new(|| {
    let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../config/catalogus"));
    Catalogue::from_bundle(SignedBundle::read(folder).unwrap().bundle()).unwrap()
});

/// Rows of a view by person, with three dimensions of 4, 3 and 2 members.
type Row = (u32, [u8; 3]);

const COLUMNS: [(&str, usize); 3] = [("een", 4), ("twee", 3), ("drie", 2)];

/// All margins of the cube over the three dimensions: node 0 of each is the total, the others are its members.
fn cube() -> Counting {
    let axes = COLUMNS.map(|(column, members)| Axis {
        column: column.parse().unwrap(),
        nodes: members + 1,
        of_member: (0..members).map(|member| vec![0, member + 1]).collect(),
    });
    let cells = axes.iter().map(|axis| axis.nodes).product();
    Counting { view: "jeugdhulp".parse().unwrap(), axes: axes.to_vec(), cells: (0..cells).collect() }
}

fn coded(rows: &[Row]) -> Coded {
    coded_at("jeugdhulp", rows, &vec![Aanbieders::default(); rows.len()])
}

/// The same with the aanbieder of each row.
fn coded_at(view: &str, rows: &[Row], aanbieders: &[Aanbieders]) -> Coded {
    let columns = COLUMNS.map(|(column, _)| column.parse().unwrap());
    let mut coded = Coded::new(CATALOGUE.view(view).unwrap(), &columns);
    for ((person, codes), aanbieder) in rows.iter().zip(aanbieders) {
        coded
            .push(*person, *aanbieder, |column| columns.iter().position(|own| own == column).map(|place| codes[place]));
    }
    coded
}

/// A plan that reads rows in these partitions.
fn scan(partitions: &[&[Row]]) -> LogicalPlan {
    let batches: Vec<Vec<RecordBatch>> = partitions
        .iter()
        .map(|rows| {
            let mut columns: Vec<ArrayRef> =
                vec![Arc::new(UInt32Array::from_iter_values(rows.iter().map(|row| row.0)))];
            for place in 0..COLUMNS.len() {
                columns.push(Arc::new(UInt8Array::from_iter_values(rows.iter().map(|row| row.1[place]))));
            }
            vec![RecordBatch::try_new(schema(), columns).unwrap()]
        })
        .collect();
    let table = MemTable::try_new(schema(), batches).unwrap();
    LogicalPlanBuilder::scan("jeugdhulp", provider_as_source(Arc::new(table)), None).unwrap().build().unwrap()
}

fn schema() -> Arc<Schema> {
    let codes = COLUMNS.iter().map(|(column, _)| Field::new(*column, DataType::UInt8, false));
    let fields = std::iter::once(Field::new(PERSOON, DataType::UInt32, false)).chain(codes);
    Arc::new(Schema::new(fields.collect::<Vec<_>>()))
}

fn run(plan: &LogicalPlan) -> PlanResult<Vec<RecordBatch>> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).build().unwrap();
    runtime.block_on(async {
        let state = session(2).unwrap();
        let physical = state.create_physical_plan(plan).await?;
        collect(physical, Arc::new(TaskContext::from(&state))).await
    })
}

/// Persons and rows of each cell by the operator.
fn by_operator(rows: LogicalPlan) -> Result<BTreeMap<u32, (u64, u64)>, CountError> {
    let batches = run(&lattice(rows, vec![cube()]).unwrap()).map_err(|error| reduced(&error))?;
    let counts = batches.iter().flat_map(|batch| {
        let cells = batch.column(0).as_primitive::<UInt32Type>().values();
        let counts = [1, 2].map(|place| batch.column(place).as_primitive::<UInt64Type>().values());
        cells.iter().zip(counts[0]).zip(counts[1]).map(|((cell, persons), rows)| (*cell, (*persons, *rows)))
    });
    Ok(counts.collect())
}

/// The same by the plan that anybody would write: `GROUP BY CUBE`, with `COUNT(DISTINCT persoon)` and `COUNT(*)`. Cells
/// without rows are not in it.
fn by_stock_plan(rows: LogicalPlan) -> BTreeMap<u32, (u64, u64)> {
    let name = |column: &str| Expr::Column(Column::new_unqualified(column));
    let grouped = Expr::GroupingSet(GroupingSet::Cube(COLUMNS.map(|(column, _)| name(column)).to_vec()));
    let counted = vec![count_distinct(col(PERSOON)), count(lit(1))];
    let plan = LogicalPlanBuilder::from(rows).aggregate(vec![grouped], counted).unwrap().build().unwrap();
    let mut counts = BTreeMap::new();
    for batch in run(&plan).unwrap() {
        let counted: Vec<&Int64Array> = (0..batch.num_columns())
            .filter_map(|place| batch.column(place).as_any().downcast_ref::<Int64Array>())
            .collect();
        for row in 0..batch.num_rows() {
            let cell = COLUMNS.iter().enumerate().fold(0, |cell, (place, (_, members))| {
                let codes = batch.column(place).as_primitive::<UInt8Type>();
                let node = if codes.is_null(row) { 0 } else { u32::from(codes.value(row)) + 1 };
                cell * (u32::try_from(*members).unwrap() + 1) + node
            });
            let count = |place: usize| u64::try_from(counted[place].value(row)).unwrap();
            counts.insert(cell, (count(0), count(1)));
        }
    }
    counts
}

fn rows() -> impl Strategy<Value = Vec<Row>> {
    prop::collection::vec((0u32..30, (0u8..4, 0u8..3, 0u8..2)), 0..200).prop_map(|mut rows| {
        rows.sort_unstable();
        rows.into_iter().map(|(person, (one, two, three))| (person, [one, two, three])).collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Also where a person has several members of a dimension, and in two partitions.
    #[test]
    fn the_operator_counts_as_the_stock_plan_does(rows in rows(), at in 0usize..200) {
        let mut at = at.min(rows.len());
        while at > 0 && at < rows.len() && rows[at].0 == rows[at - 1].0 {
            at += 1;
        }
        let (one, two) = rows.split_at(at);
        let mut counts = by_operator(scan(&[two, one])).unwrap();
        prop_assert_eq!(counts.len(), cube().cells.len());
        // Of no rows at all the stock plan has the total and no other cell.
        let mut expected = by_stock_plan(scan(&[one, two]));
        for counts in [&mut counts, &mut expected] {
            counts.retain(|_, count| *count != (0, 0));
        }
        prop_assert_eq!(counts, expected);
    }

    /// Of two views: one says at which aanbieder a row is, but for some, and the other does not.
    #[test]
    fn clients_are_counted_person_by_person(
        rows in rows(),
        others in rows(),
        aanbieders in prop::collection::vec((0u32..4, prop::option::weighted(0.2, 0u32..4)), 200),
    ) {
        let at_each: Vec<Aanbieders> = aanbieders.iter().map(|(last, other)| Aanbieders::new(*last, *other)).collect();
        let own = coded_at("jeugdhulp", &rows, &at_each);
        let other = coded_at("wisseling", &others, &vec![Aanbieders::default(); others.len()]);
        let counting = Counting { view: "wisseling".parse().unwrap(), cells: (60..120).collect(), ..cube() };
        let cubes = [CodedCube::new(&cube(), &own).unwrap(), CodedCube::new(&counting, &other).unwrap()];
        let counted = clients::of_cells(&cubes, 120);
        let within = |row: &Row, cell: usize| {
            let nodes = [cell / 12 % 5, cell / 3 % 4, cell % 3];
            row.1.iter().zip(nodes).all(|(code, node)| node == 0 || usize::from(*code) + 1 == node)
        };
        let at = |aanbieder: u32, cell: Option<usize>| -> BTreeSet<u32> {
            let is_at = |(last, other): &(u32, Option<u32>)| *last == aanbieder || *other == Some(aanbieder);
            let own = rows.iter().zip(&aanbieders).filter(|(row, of)| is_at(of) && cell.is_none_or(|cell| within(row, cell)));
            own.map(|(row, _)| row.0).collect()
        };
        for (cell, counted) in counted.iter().enumerate() {
            let mut expected = Vec::new();
            let there: BTreeSet<u32> = match cell.checked_sub(60) {
                None => rows.iter().filter(|row| within(row, cell)).map(|row| row.0).collect(),
                Some(cell) => others.iter().filter(|row| within(row, cell)).map(|row| row.0).collect(),
            };
            let clients = |aanbieder| if cell < 60 { at(aanbieder, Some(cell)) } else { &at(aanbieder, None) & &there };
            let unsure = clients(0);
            for aanbieder in 1..4 {
                let known = clients(aanbieder);
                if !known.is_empty() {
                    expected.push(Clients { known: known.len() as u64, at_most: (&known | &unsure).len() as u64 });
                }
            }
            if !unsure.is_empty() {
                expected.push(Clients { known: 0, at_most: unsure.len() as u64 });
            }
            expected.sort_unstable();
            prop_assert_eq!(counted, &expected, "{}", cell);
        }
    }
}

#[test]
fn of_no_rows_every_cell_has_nobody() {
    let counts = by_operator(scan(&[&[]])).unwrap();
    assert_eq!(counts.len(), cube().cells.len());
    assert!(counts.values().all(|count| *count == (0, 0)));
    assert!(by_stock_plan(scan(&[&[]])).values().all(|count| *count == (0, 0)));
}

#[test]
fn rows_out_of_order_are_refused_and_not_counted_wrong() {
    let row = |person| (person, [0, 0, 0]);
    let refused = |partitions: &[&[Row]]| by_operator(scan(partitions)).unwrap_err();
    assert_eq!(refused(&[&[row(1), row(2), row(1)]]), CountError::Order);
    assert_eq!(refused(&[&[row(1), row(2)], &[row(2), row(3)]]), CountError::Order);
    assert_eq!(refused(&[&[row(1), row(9)], &[row(5)]]), CountError::Order);
    assert_eq!(refused(&[&[(1, [4, 0, 0])]]), CountError::Member);
    assert!(by_operator(scan(&[&[row(1), row(1)], &[row(2), row(3)]])).is_ok());
}

/// The value under a null would count as the first member.
#[test]
fn what_is_null_is_refused() {
    let fields = schema().fields().iter().map(|field| field.as_ref().clone().with_nullable(true)).collect::<Vec<_>>();
    let nullable = Arc::new(Schema::new(fields));
    for null in 0..=COLUMNS.len() {
        let known = |place: usize| if place == null { None } else { Some(0) };
        let mut columns: Vec<ArrayRef> = vec![Arc::new(UInt32Array::from(vec![known(0).map(u32::from)]))];
        columns.extend((1..=COLUMNS.len()).map(|place| Arc::new(UInt8Array::from(vec![known(place)])) as ArrayRef));
        let batch = RecordBatch::try_new(Arc::clone(&nullable), columns).unwrap();
        let table = MemTable::try_new(Arc::clone(&nullable), vec![vec![batch]]).unwrap();
        let rows = LogicalPlanBuilder::scan("jeugdhulp", provider_as_source(Arc::new(table)), None).unwrap();
        assert_eq!(by_operator(rows.build().unwrap()).unwrap_err(), CountError::Column, "{null}");
    }
}

#[test]
fn partitions_are_whole_persons() {
    let many = 3 * MANY_ROWS;
    let rows: Vec<Row> = (0..many).map(|row| (u32::try_from(row / 7).unwrap(), [0, 0, 0])).collect();
    let coded = coded(&rows);
    let parts = coded.partitions();
    assert_eq!(parts.iter().map(ExactSizeIterator::len).sum::<usize>(), many);
    assert!(parts.len() > 1);
    assert!(parts.windows(2).all(|pair| coded.person(pair[0].end - 1) < coded.person(pair[1].start)));
    let persons = u64::try_from(many.div_ceil(7)).unwrap();
    assert_eq!(by_operator(coded.scan().unwrap()).unwrap()[&0], (persons, u64::try_from(many).unwrap()));
}

#[test]
fn the_plan_shows_the_operator_and_reads_what_it_needs() {
    let plan = lattice(scan(&[&[]]), vec![Counting { axes: cube().axes[..1].to_vec(), ..cube() }]).unwrap();
    assert!(plan.display_indent().to_string().contains("Lattice: [een]"));
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let physical = runtime.block_on(session(2).unwrap().create_physical_plan(&plan)).unwrap();
    let shown = displayable(physical.as_ref()).indent(true).to_string();
    assert!(shown.contains("LatticeExec: cubes=[[een]]") && !shown.contains("Repartition"), "{shown}");
    assert_eq!(physical.children()[0].schema().fields().len(), 2, "{shown}");
}

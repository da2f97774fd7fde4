use super::*;

fn names(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

fn groups(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(part, group)| ((*part).to_owned(), (*group).to_owned())).collect()
}

fn persons(table: &Table, labels: &[&str]) -> u64 {
    let cell = (0..table.system().cells().len()).find(|cell| table.labels(*cell) == labels).unwrap();
    table.system().cells()[cell].persons
}

#[test]
fn groups_of_groups_and_alternatives_add_up() {
    let levels = groups(&[("a", "ab"), ("b", "ab"), ("ab", "abc"), ("c", "abc")]);
    let other = groups(&[("c", "cd"), ("d", "cd")]);
    let dimension = Dimension::new("x", &names(&["a", "b", "c", "d"]), &[levels, other]).unwrap();
    let rows = [("a", 1), ("b", 20), ("c", 300), ("d", 4000)];
    let rows = Rows::Counts(rows.iter().map(|(member, count)| (names(&[member]), *count)).collect());
    let table = Table::new(vec![dimension], &[BTreeSet::from([0])], &rows, false).unwrap();
    for (label, expected) in [("ab", 21), ("abc", 321), ("cd", 4300), ("*", 4321)] {
        assert_eq!(persons(&table, &[label]), expected, "{label}");
    }
    // One line for each group, and one for each grouping of the total.
    assert_eq!(table.system().lines().len(), 5);
}

#[test]
fn a_cell_of_two_cubes_is_one_cell() {
    let dimension = |name: &str| Dimension::new(name, &names(&["1", "2"]), &[]).unwrap();
    let rows = Rows::Counts(vec![(names(&["1", "1", "2"]), 7), (names(&["1", "2", "2"]), 5)]);
    let dimensions = vec![dimension("x"), dimension("y"), dimension("z")];
    let table = Table::new(dimensions, &[BTreeSet::from([0, 1]), BTreeSet::from([1, 2])], &rows, false).unwrap();
    // Nine cells each, of which y and the total are in both.
    assert_eq!(table.system().cells().len(), 15);
    assert_eq!(persons(&table, &["*", "1", "*"]), 7);
    assert_eq!(persons(&table, &["2", "1", "*"]), 0);
}

#[test]
fn combinations_without_a_row_are_impossible_only_where_that_is_said() {
    let dimension = || Dimension::new("x", &names(&["1", "2"]), &[]).unwrap();
    let rows = Rows::Counts(vec![(names(&["1"]), 0)]);
    let structural = |absent| {
        let table = Table::new(vec![dimension()], &[BTreeSet::from([0])], &rows, absent).unwrap();
        table.system().cells().iter().map(|cell| cell.structural).collect::<Vec<_>>()
    };
    assert_eq!(structural(false), [false, false, false]);
    assert_eq!(structural(true), [false, false, true], "total, 1, 2");
}

#[test]
fn too_many_cells_are_refused_before_they_are_made() {
    let members: Vec<String> = (0..1000).map(|number| number.to_string()).collect();
    let dimensions: Vec<Dimension> =
        ["x", "y", "z"].iter().map(|name| Dimension::new(name, &members, &[]).unwrap()).collect();
    let refused = Table::new(dimensions, &[BTreeSet::from([0, 1, 2])], &Rows::Counts(Vec::new()), false);
    assert_eq!(refused.unwrap_err(), TableError::TooLarge);
}

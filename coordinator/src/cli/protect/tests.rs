//! Published tables with known answers: the SDC Handbook's feasibility intervals, sdcTable's and SSBtools' own tests, and
//! the results of GaussSuppression 1.2.3 and sdcTable 0.34 on their example data.

use std::collections::BTreeMap;

use clap::Parser as _;

use super::super::{Args, Exit, run};

/// Runs the command on a specification and cells; gives the exit code, what it printed as rows, and what it said.
fn protect(spec: &str, cells: &str, options: &[&str]) -> (Exit, Vec<BTreeMap<String, String>>, String) {
    let folder = tempfile::tempdir().unwrap();
    let (spec_path, cells_path) = (folder.path().join("spec.toml"), folder.path().join("cells.csv"));
    std::fs::write(&spec_path, spec).unwrap();
    std::fs::write(&cells_path, cells).unwrap();
    let mut arguments = vec!["drempel", "--format", "csv", "protect", "--spec", spec_path.to_str().unwrap()];
    arguments.extend(options);
    arguments.push(cells_path.to_str().unwrap());
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let exit = runtime.block_on(run(Args::parse_from(arguments), &mut out, &mut err));
    let rows = csv::Reader::from_reader(out.as_slice()).deserialize().map(Result::unwrap).collect();
    (exit, rows, String::from_utf8(err).unwrap())
}

fn hidden(rows: &[BTreeMap<String, String>]) -> usize {
    rows.iter().filter(|row| row["status"] == "hidden").count()
}

/// The interval of a cell by its labels, in the order of the columns named.
fn interval(rows: &[BTreeMap<String, String>], labels: &[(&str, &str)]) -> (i64, Option<i64>) {
    let row = rows.iter().find(|row| labels.iter().all(|(column, label)| row[*column] == *label)).unwrap();
    (row["least"].parse().unwrap(), row["most"].parse().ok())
}

#[test]
fn ka01_geurts_intervals() {
    let cells = "r,c,n,status\n1,1,,hidden\n1,2,,hidden\n1,*,7,value\n2,1,,hidden\n2,2,,hidden\n2,*,3,value\n\
                 3,1,3,value\n3,2,3,value\n3,*,6,value\n*,1,9,value\n*,2,7,value\n*,*,16,value\n";
    let spec = "persons = \"n\"\nk = 3\nzeros = \"hidden\"\n[[cube]]\ndimensions = [\"r\", \"c\"]\n";
    let (exit, rows, _) = protect(spec, cells, &["--intervals"]);
    let at = |row, column| interval(&rows, &[("r", row), ("c", column)]);
    assert_eq!(at("1", "1"), (3, Some(6)));
    assert_eq!(at("1", "2"), (1, Some(4)));
    assert_eq!((at("2", "1"), at("2", "2")), ((0, Some(3)), (0, Some(3))));
    assert_eq!(exit, Exit::Ok);
    assert_eq!(rows.iter().find(|row| row["r"] == "1" && row["c"] == "1").unwrap()["persons"], "");
}

/// KA15: the values of the table, and which leaves are hidden.
fn ka15(suppressed: &[&str]) -> (String, Vec<BTreeMap<String, String>>) {
    let values = [[30, 47, 64, 89], [90, 124, 5, 31], [92, 100, 59, 85], [800, 991, 651, 685]];
    let mut cells = "r,c,n,status\n".to_owned();
    let (mut columns, mut total) = ([0; 4], 0);
    for (row, values) in "wxyz".chars().zip(values) {
        for (place, (column, value)) in "abcd".chars().zip(values).enumerate() {
            columns[place] += value;
            if suppressed.contains(&format!("{row}{column}").as_str()) {
                cells.push_str(&format!("{row},{column},,hidden\n"));
            } else {
                cells.push_str(&format!("{row},{column},{value},value\n"));
            }
        }
        total += values.iter().sum::<i32>();
        cells.push_str(&format!("{row},*,{},value\n", values.iter().sum::<i32>()));
    }
    for (column, value) in "abcd".chars().zip(columns) {
        cells.push_str(&format!("*,{column},{value},value\n"));
    }
    cells.push_str(&format!("*,*,{total},value\n"));
    let spec = "persons = \"n\"\nk = 50\nzeros = \"hidden\"\n[[cube]]\ndimensions = [\"r\", \"c\"]\n";
    let (exit, rows, said) = protect(spec, &cells, &["--intervals"]);
    assert_eq!(exit, Exit::Failed, "two cells below 50 are shown");
    (said, rows)
}

#[test]
fn ka15_two_in_every_line_are_not_enough() {
    let suppressed = ["wa", "wb", "wc", "xa", "xc", "yb", "yd", "zb", "zd"];
    let (said, rows) = ka15(&suppressed);
    let at = |row, column| interval(&rows, &[("r", row), ("c", column)]);
    assert_eq!(at("w", "b"), (47, Some(47)));
    assert_eq!((at("w", "a"), at("w", "c")), ((25, Some(94)), (0, Some(69))));
    assert_eq!((at("x", "a"), at("x", "c")), ((26, Some(95)), (0, Some(69))));
    assert!(said.contains("and 1 hidden cells keep too few values"), "{said}");
    let (said, rows) = ka15(&[&suppressed[..], &["xb"]].concat());
    assert_eq!(interval(&rows, &[("r", "w"), ("c", "b")]), (0, Some(141)));
    assert!(said.contains("and 0 hidden cells keep too few values"), "{said}");
}

const KA16: &str = "persons = \"n\"\nk = 4\nzeros = \"hidden\"\n[dimension.m]\n\
    groupings = [{ A = \"c1\", B = \"c1\", I = \"c1\", J = \"c1\", K = \"c2\", L = \"c2\", M = \"c2\", N = \"c2\" }, \
    { L = \"big\", M = \"big\", A = \"small\", B = \"small\", I = \"small\", J = \"small\", K = \"small\", N = \"small\" }]\n\
    [[cube]]\ndimensions = [\"m\"]\n";

#[test]
fn ka16_two_groupings_give_a_cell_away_that_each_alone_protects() {
    let values = [("A", 2), ("B", 2), ("I", 8), ("J", 8), ("K", 3), ("L", 3), ("M", 3), ("N", 7)];
    let cells = |suppressed: &str| {
        let margins = "c1,20,value\nc2,16,value\nbig,6,value\nsmall,30,value\n*,36,value\n";
        let line = |(name, value): &(&str, i32)| {
            if suppressed.contains(name) { format!("{name},,hidden\n") } else { format!("{name},{value},value\n") }
        };
        ["m,n,status\n", &values.iter().map(line).collect::<String>(), margins].concat()
    };
    let (exit, rows, _) = protect(KA16, &cells("ABKLM"), &["--intervals"]);
    assert_eq!((exit, interval(&rows, &[("m", "K")])), (Exit::Failed, (3, Some(3))));
    let (exit, rows, _) = protect(KA16, &cells("ABKLMN"), &["--intervals"]);
    assert_eq!((exit, interval(&rows, &[("m", "K")])), (Exit::Ok, (0, Some(10))));
    let leaves: String = values.iter().map(|(name, value)| format!("{name},{value}\n")).collect();
    let (exit, rows, _) = protect(&format!("values = 0\nremainders = false\n{KA16}"), &format!("m,n\n{leaves}"), &[]);
    assert_eq!((exit, hidden(&rows)), (Exit::Ok, 6), "K, A, B, L, M and one more");
}

/// Two tables that differ by a few children, as linked groupings, and what the difference holds.
#[test]
fn ka11_ka12_ka13_differences_are_hidden() {
    // KA12: bands that begin at 20 and at 25 differ by one man.
    let bands = "leeftijd,geslacht,n\n<20,m,6\n20-24,m,1\n25-39,m,8\n40-59,m,5\n60-69,m,8\n70+,m,4\n\
                 <20,f,10\n20-24,f,0\n25-39,f,38\n40-59,f,51\n60-69,f,42\n70+,f,32\n";
    let spec = "persons = \"n\"\nk = 3\n[dimension.leeftijd]\n\
        groupings = [{ \"20-24\" = \"20-39\", \"25-39\" = \"20-39\" }, { \"<20\" = \"<25\", \"20-24\" = \"<25\" }]\n\
        [[cube]]\ndimensions = [\"leeftijd\", \"geslacht\"]\n";
    let (exit, rows, _) = protect(spec, bands, &["--intervals"]);
    assert_eq!(exit, Exit::Ok);
    let (least, most) = interval(&rows, &[("leeftijd", "20-24"), ("geslacht", "m")]);
    assert!(most.is_none_or(|most| most > least), "{least} to {most:?}");

    // KA11: an area whose border moved by two and one persons; KA13: who lives, and who works, in one area.
    let areas = "gebied,groep,n\nA,1,50\nrand,1,2\nA,2,54\nrand,2,1\n";
    let spec = "persons = \"n\"\nk = 10\n[[cube]]\ndimensions = [\"gebied\", \"groep\"]\n";
    let (_, rows, _) = protect(spec, areas, &["--intervals"]);
    for groep in ["1", "2"] {
        let (least, most) = interval(&rows, &[("gebied", "rand"), ("groep", groep)]);
        assert!(most.is_none_or(|most| most - least >= 3), "{least} to {most:?}");
    }
    let lives = "woont,werkt,geslacht,n\nja,ja,man,21\nja,ja,vrouw,1\nja,nee,man,37\nja,nee,vrouw,43\n\
                 nee,ja,man,2\nnee,ja,vrouw,25\n";
    let spec = "persons = \"n\"\nk = 10\n[[cube]]\ndimensions = [\"woont\", \"werkt\", \"geslacht\"]\n";
    let (_, rows, _) = protect(spec, lives, &["--intervals"]);
    let (least, most) = interval(&rows, &[("woont", "ja"), ("werkt", "ja"), ("geslacht", "vrouw")]);
    assert!(most.is_none_or(|most| most - least >= 3), "{least} to {most:?}");
}

const BARE: &str = "persons = \"n\"\nvalues = 0\nremainders = false\n";
const EXAMPLE: &str =
    "age,geo,n\nyoung,Spain,5\nyoung,Iceland,2\nyoung,Portugal,0\nold,Spain,6\nold,Iceland,3\nold,Portugal,4\n";
const EU: &str = "[dimension.geo]\ngroupings = [{ Spain = \"EU\", Portugal = \"EU\", Iceland = \"nonEU\" }]\n";
const AGE_GEO: &str = "[[cube]]\ndimensions = [\"age\", \"geo\"]\n";
const V: &str = "[dimension.V1]\ngroupings = [{ Ba = \"B\", Bb = \"B\", Bc = \"B\" }]\n[[cube]]\ndimensions = [\"V1\", \"V2\", \"V3\"]\n";

/// The number of hidden cells beside that of the tools: T1, T2, T4, T6 and z1 of GaussSuppression, and the vignette by
/// sdcTable's GAUSS.
#[test]
fn no_more_is_hidden_than_by_the_tools_of_the_field() {
    let t6 = EXAMPLE.replace("young,Iceland,2\n", "");
    let (z1, vignette) = (include_str!("tests/z1.csv"), include_str!("tests/vignette.csv"));
    let cases = [
        (format!("{BARE}k = 2\nzeros = \"hidden\"\n{AGE_GEO}"), EXAMPLE, 4),
        (format!("{BARE}k = 3\nzeros = \"hidden\"\n{EU}{AGE_GEO}"), EXAMPLE, 8),
        (format!("{BARE}k = 5\n{EU}{AGE_GEO}"), EXAMPLE, 10),
        (format!("{BARE}k = 3\nzeros = \"hidden\"\nabsent = \"structural\"\n{EU}{AGE_GEO}"), &t6, 4),
        (format!("{BARE}k = 4\n[[cube]]\ndimensions = [\"region\", \"hovedint\"]\n"), z1, 6),
        (format!("{BARE}k = 11\n{V}"), vignette, 38),
    ];
    for (spec, cells, tool) in cases {
        let (exit, rows, said) = protect(&spec, cells, &["--reasons"]);
        assert_eq!((exit, hidden(&rows)), (Exit::Ok, tool), "{said}");
    }
}

#[test]
fn no_primary_of_the_vignette_is_disclosed() {
    let vignette = include_str!("tests/vignette.csv");
    let (_, rows, _) = protect(&format!("{BARE}k = 11\n{V}"), vignette, &["--reasons", "--intervals"]);
    let primaries: Vec<_> = rows.iter().filter(|row| row["reason"] == "unsafe").collect();
    assert_eq!(primaries.len(), 15);
    assert!(primaries.iter().all(|row| row["least"] != row["most"]));
    let (exit, rows, _) = protect(&format!("persons = \"n\"\nk = 11\n{V}"), vignette, &["--reasons", "--intervals"]);
    assert_eq!(exit, Exit::Ok);
    for row in rows.iter().filter(|row| row["reason"] == "unsafe") {
        let (least, most): (i64, Option<i64>) = (row["least"].parse().unwrap(), row["most"].parse().ok());
        assert!(most.is_none_or(|most| most - least >= 3));
    }
}

#[test]
fn rows_in_another_order_and_other_codes_give_the_same_pattern() {
    let (z1, codes) = (include_str!("tests/z1.csv"), ["A", "B", "C", "D", "E", "F", "G", "H"]);
    let spec = |codes: &[&str]| {
        let members: Vec<String> = codes.iter().map(|code| format!("{code:?}")).collect();
        format!(
            "persons = \"n\"\nk = 4\n[dimension.region]\nmembers = [{}]\n[[cube]]\ndimensions = [\"region\", \"hovedint\"]\n",
            members.join(", ")
        )
    };
    let statuses = |rows: &[BTreeMap<String, String>]| rows.iter().map(|row| row["status"].clone()).collect::<Vec<_>>();
    let (_, first, _) = protect(&spec(&codes), z1, &[]);
    let mut lines: Vec<&str> = z1.lines().skip(1).collect();
    lines.reverse();
    lines.swap(3, 17);
    let shuffled = format!("region,hovedint,n\n{}\n", lines.join("\n"));
    let (_, again, _) = protect(&spec(&codes), &shuffled, &[]);
    assert_eq!(first, again);
    let renamed = [".a", "zz", "b \"b\"", "c.c", "'", "=1", "é", "B"];
    let new_code = |code: &str| renamed[codes.iter().position(|known| *known == code).unwrap()];
    let lines = lines.iter().map(|line| {
        let (code, rest) = line.split_once(',').unwrap();
        format!("\"{}\",{rest}", new_code(code).replace('"', "\"\""))
    });
    let (_, other, _) =
        protect(&spec(&renamed), &format!("region,hovedint,n\n{}\n", lines.collect::<Vec<_>>().join("\n")), &[]);
    assert_eq!(statuses(&first), statuses(&other));
}

#[test]
fn what_is_wrong_is_said_with_its_place_and_without_counts() {
    let good = "persons = \"n\"\nk = 10\n[[cube]]\ndimensions = [\"r\"]\n";
    let cases = [
        ("k = 10\n[[cube]]\ndimensions = [\"r\"]\n", "r,n\na,12\n", "give either `persons`"),
        (&good.replace("10", "1"), "r,n\na,12\n", "from 2 to 1000000"),
        (&format!("values = 4\n{}", good.replace("10", "3")), "r,n\na,12\n", "leaves an unsafe cell 2 values"),
        (&format!("{good}[dimension.x]\n"), "r,n\na,12\n", "[dimension.x] is in no cube"),
        (
            &format!("{good}[dimension.r]\nper_persoon = \"meer\"\n"),
            "r,n\na,12\n",
            "a person can have several members of r",
        ),
        (good, "r,m\na,12\n", "there is no column `n`"),
        (good, "q,n\na,12\n", "there is no column `r`"),
        (good, "r,n\na,12\nb,7341x\n", "row 2: persons is no count"),
        (good, "r,n\na,12\na,7341\n", "row 2 is about a combination"),
        (
            &format!("{good}[dimension.r]\nmembers = [\"a\"]\n"),
            "r,n\na,12\nb,7341\n",
            "row 2: r has no member like this",
        ),
        (&format!("{good}[dimension.r]\ngroupings = [{{ a = \"*\" }}]\n"), "r,n\na,12\n", "is the name of two"),
        (
            &format!("{good}[dimension.r]\ngroupings = [{{ a = \"g\", g = \"h\", h = \"g\" }}]\n"),
            "r,n\na,12\n",
            "in itself",
        ),
        (good, "r,n,status\na,12,value\n*,7341,value\n", "does not add up"),
        (good, "r,n,status\na,,hidden\n", "there is no row for the cell (*)"),
        (good, "r,r,n\na,b,12\n", "two columns have the same name"),
        (good, "r,n\n,12\n", "row 1: there is no r"),
        (&good.replace("\"r\"", "\"n\""), "r,n\na,12\n", "`n` cannot be a dimension"),
        (&good.replace("\"r\"", "\"status\""), "status,n\na,12\n", "`status` cannot be a dimension"),
        (&good.replace("persons", "person"), "r,n\na,12\nb,\n", "row 2: there is no person"),
        (&format!("{good}[dimension.r]\ngroupings = [{{ Utrech = \"Midden\" }}]\n"), "r,n\nUtrecht,12\n", "no member"),
        (good, "r,n\na,12\nb,9223372036854775807\n", "too many"),
        (
            "persons = \"n\"\nk = 10\n[[cube]]\ndimensions = [\"x\", \"y\"]\n[[cube]]\ndimensions = [\"y\", \"z\"]\n\
             [[cube]]\ndimensions = [\"x\", \"z\"]\n",
            "x,y,z,n\n1,1,1,14\n",
            "the cubes over x, y, z go round in a circle",
        ),
        (good, "r,n,status\na,,hidden\nb,,hidden\nc,30,value\n*,25,value\n", "agree with those that are shown"),
        (good, "r,n,status\na,12,maybe\n", "status is `value` or `hidden`"),
    ];
    for (spec, cells, expected) in cases {
        let (exit, _, said) = protect(spec, cells, &[]);
        assert!(said.contains(expected), "{said}");
        assert!(!said.contains("7341"));
        assert_eq!(exit, Exit::Usage, "{said}");
    }
}

#[test]
fn an_audit_finds_small_cells_and_small_remainders_too() {
    let spec = "persons = \"n\"\nk = 10\n[[cube]]\ndimensions = [\"r\"]\n";
    let (exit, _, said) = protect(spec, "r,n,status\na,3,value\nb,20,value\n*,23,value\n", &[]);
    assert!(exit == Exit::Failed && said.contains("1 shown cells have too few persons"), "{said}");
    let (exit, _, said) = protect(spec, "r,n,status\na,,hidden\nb,,hidden\nc,20,value\n*,25,value\n", &[]);
    assert!(exit == Exit::Failed && said.contains("1 lines too small a remainder"), "{said}");
}

#[test]
fn groups_too_deep_are_refused() {
    let chain: Vec<String> = (0..40).map(|level| format!("g{level} = \"g{}\"", level + 1)).collect();
    let spec = format!(
        "persons = \"n\"\nk = 10\n[dimension.r]\ngroupings = [{{ a = \"g0\", {} }}]\n[[cube]]\ndimensions = [\"r\"]\n",
        chain.join(", ")
    );
    let (exit, _, said) = protect(&spec, "r,n\na,12\n", &[]);
    assert!(exit == Exit::Usage && said.contains("more than 32"), "{said}");
}

#[test]
fn records_count_persons_once() {
    let spec = "person = \"id\"\nk = 2\nvalues = 0\n[[cube]]\ndimensions = [\"r\"]\n";
    let (exit, rows, _) = protect(spec, "id,r\n1,a\n1,a\n2,a\n3,b\n4,b\n", &[]);
    let persons = |label: &str| rows.iter().find(|row| row["r"] == label).unwrap()["persons"].clone();
    assert_eq!((exit, persons("a"), persons("b"), persons("*")), (Exit::Ok, "2".into(), "2".into(), "4".into()));
    let (exit, _, said) = protect(spec, "id,r\n1,a\n1,b\n", &[]);
    assert_eq!(exit, Exit::Usage);
    assert!(said.contains("row 2: this person has another member of r too"), "{said}");
}

#[test]
fn a_certificate_holds_until_anything_in_it_is_changed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("certificate.json");
    let path = path.to_str().unwrap();
    let spec = "persons = \"n\"\nk = 10\n[[cube]]\ndimensions = [\"region\", \"hovedint\"]\n";
    let (exit, rows, _) = protect(spec, include_str!("tests/z1.csv"), &["--reasons", "--certificate", path]);
    assert_eq!(exit, Exit::Ok);
    let verify = |content: &str| {
        std::fs::write(path, content).unwrap();
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let arguments = Args::parse_from(["drempel", "release", "verify", path]);
        let exit = runtime.block_on(run(arguments, &mut out, &mut err));
        (exit, String::from_utf8([out, err].concat()).unwrap())
    };
    let whole = std::fs::read_to_string(path).unwrap();
    assert!(!["unsafe", "secondary", "remainder\"", "interval"].iter().any(|reason| whole.contains(reason)));
    let (exit, said) = verify(&whole);
    assert!(exit == Exit::Ok && said.starts_with("holds: "), "{said}");

    let certificate: serde_json::Value = serde_json::from_str(&whole).unwrap();
    // Every hidden cell in turn is shown with its true value: what was hidden for a reason is missed.
    let unsafe_cells = rows.iter().enumerate().filter(|(_, row)| row["reason"] == "unsafe");
    for (cell, _) in unsafe_cells {
        let mut shown = certificate.clone();
        shown["cells"][cell]["persons"] = 3.into();
        let (exit, said) = verify(&shown.to_string());
        assert!(exit == Exit::Failed && said.contains("or a hidden one has"), "{said}");
        shown["cells"][cell]["hidden"] = false.into();
        let (exit, said) = verify(&shown.to_string());
        assert!(exit == Exit::Failed && said.contains("too few persons"), "{said}");
    }
    let visible = rows.iter().position(|row| row["status"] == "value" && row["region"] != "*").unwrap();
    let mut changed = certificate.clone();
    changed["cells"][visible]["persons"] = 999_999.into();
    assert_eq!(verify(&changed.to_string()).0, Exit::Failed);
    let mut failing = certificate;
    failing["pass"] = false.into();
    assert!(verify(&failing.to_string()).1.contains("says itself"));
    assert_eq!(verify("{}").0, Exit::Usage);
    let mut huge: serde_json::Value = serde_json::from_str(&whole).unwrap();
    huge["cells"][visible]["persons"] = u64::MAX.into();
    assert!(verify(&huge.to_string()).1.contains("too many to count"));
    // Each cell in the next: what is followed line by line has an end.
    let mut deep: serde_json::Value = serde_json::from_str(&whole).unwrap();
    let cell = deep["cells"][0].clone();
    deep["cells"] = vec![cell; 1500].into();
    let line =
        |cell: usize| serde_json::json!({ "whole": cell, "parts": [cell + 1], "direction": 0, "overlaps": false });
    deep["lines"] = (0..1499).map(line).collect();
    assert!(verify(&deep.to_string()).1.contains("one in another"));
}

#[test]
fn parts_that_overlap_are_bounded_and_not_added() {
    let spec =
        "person = \"id\"\nk = 10\n[dimension.groep]\nper_persoon = \"meer\"\n[[cube]]\ndimensions = [\"groep\"]\n";
    // 17 persons, 10 with a, 14 with b: seven are without a (rule R5), and those must not be seen.
    let rows: String = (0..17)
        .flat_map(|id| [(id, 'a', id < 10), (id, 'b', id >= 3)])
        .filter(|(.., has)| *has)
        .map(|(id, groep, _)| format!("{id},{groep}\n"))
        .collect();
    let (exit, rows, said) = protect(spec, &format!("id,groep\n{rows}"), &["--reasons"]);
    assert_eq!(exit, Exit::Ok, "{said}");
    let of = |label: &str| rows.iter().find(|row| row["groep"] == label).unwrap()["status"].clone();
    assert_eq!((of("a"), of("b"), of("*")), ("hidden".into(), "hidden".into(), "value".into()));
    let groupings = "per_persoon = \"meer\"\ngroupings = [{ a = \"g\" }, { b = \"h\" }]";
    let (exit, _, said) = protect(&spec.replace("per_persoon = \"meer\"", groupings), "id,groep\n1,a\n1,b\n", &[]);
    assert!(exit == Exit::Usage && said.contains("has two groupings"), "{said}");
    let two = spec
        .replace("[[cube]]", "[dimension.x]\nper_persoon = \"meer\"\n[[cube]]")
        .replace("[\"groep\"]", "[\"groep\", \"x\"]");
    let (exit, _, said) = protect(&two, "id,groep,x\n1,a,b\n", &[]);
    assert!(exit == Exit::Usage && said.contains("it can count no persons"), "{said}");
}

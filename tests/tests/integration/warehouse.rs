//! Views as files: what a node exports another node takes in, as CSV or as Parquet, and has the same snapshot. Of a file
//! from a warehouse that is not as it should be, every bad row is left out and counted, and nothing else.

use std::{
    collections::BTreeMap,
    fs::{self, File},
    path::Path,
    sync::Arc,
};

use arrow::{
    array::{ArrayRef, Int64Array, RecordBatch, StringArray, UInt32Array},
    datatypes::{Field, Schema},
};
use drempel_tests::synthetic::Bsn;
use parquet::arrow::ArrowWriter;

use crate::gemeente::{Gemeente, persons, portions, rows, synthetic, text, true_persons};

/// The columns of each view, as the definitions have them.
const COLUMNS: [(&str, &str); 4] = [
    (
        "jeugdhulp",
        "persoon,periode,begin,einde,categorie,hulpvorm,leeftijdsgroep,geslacht,duurklasse,stroom,verwijzer,\
         wachttijdklasse,aanbieder,eerdere_aanbieder",
    ),
    ("herhaald_beroep", "persoon,periode,categorie,hulpvorm,herhaald,leeftijdsgroep,geslacht"),
    ("wisseling", "persoon,periode,categorie,hulpvorm,aansluiting,reden,leeftijdsgroep,geslacht"),
    ("declaratie", "persoon,periode,maand,categorie,aanbieder,bedrag"),
];

/// A node with records, and its views as CSV.
fn exported(seed: u64) -> (Gemeente, std::path::PathBuf) {
    let truth = synthetic(seed, 120);
    let gemeente = Gemeente::init();
    for portion in portions(&truth, &gemeente.path("berichten")) {
        gemeente.import(&portion);
    }
    assert_eq!(persons(&gemeente.views()), true_persons(&truth));
    let folder = gemeente.path("uitvoer");
    gemeente.run(&["records", "export", "--dir", text(&folder)]).unwrap();
    (gemeente, folder)
}

/// The header and the rows of a file without quotes.
fn read(folder: &Path, view: &str) -> (Vec<String>, Vec<Vec<String>>) {
    let content = fs::read_to_string(folder.join(format!("{view}.csv"))).unwrap();
    assert!(!content.contains('"'));
    let mut lines = content.lines().map(|line| line.split(',').map(str::to_owned).collect::<Vec<_>>());
    (lines.next().unwrap(), lines.collect())
}

/// The same as Parquet: numbers where the view has numbers, and else text.
fn to_parquet(from: &Path, to: &Path, view: &str) {
    let (header, rows) = read(from, view);
    let column = |(place, name): (usize, &String)| {
        let values = rows.iter().map(|row| Some(row[place].as_str()).filter(|value| !value.is_empty()));
        let column: ArrayRef = match name.as_str() {
            "aanbieder" | "eerdere_aanbieder" => {
                Arc::new(values.map(|value| value.map(|n| n.parse().unwrap())).collect::<UInt32Array>())
            }
            "bedrag" => Arc::new(values.map(|value| value.map(|n| n.parse().unwrap())).collect::<Int64Array>()),
            _ => Arc::new(values.collect::<StringArray>()),
        };
        (Field::new(name, column.data_type().clone(), true), column)
    };
    let (fields, columns): (Vec<Field>, Vec<ArrayRef>) = header.iter().enumerate().map(column).unzip();
    let batch = RecordBatch::try_new(Arc::new(Schema::new(fields)), columns).unwrap();
    let file = File::create(to.join(format!("{view}.parquet"))).unwrap();
    let mut writer = ArrowWriter::try_new(file, batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
}

#[test]
fn an_exported_view_is_taken_in_as_it_was() {
    let (gemeente, folder) = exported(34);
    let views = gemeente.views();
    for (view, columns) in COLUMNS {
        let (header, lines) = read(&folder, view);
        assert_eq!(header.join(","), columns);
        assert_eq!(lines.len(), rows(&views, view).iter().map(Vec::len).sum::<usize>());
        assert!(lines.len() > 3, "{} rows of {view}", lines.len());
    }
    let parquet = gemeente.path("parquet");
    fs::create_dir(&parquet).unwrap();
    COLUMNS.iter().for_each(|(view, _)| to_parquet(&folder, &parquet, view));
    for arguments in [["import", "--csv", text(&folder)], ["import", "--parquet", text(&parquet)]] {
        let other = Gemeente::with_the_key_of(&gemeente);
        other.run(&arguments).unwrap();
        let taken = other.views();
        for (view, _) in COLUMNS {
            assert!(rows(&taken, view) == rows(&views, view), "{} gives other rows of {view}", arguments[1]);
            assert!(taken[view] == views[view], "{} gives other persons in {view}", arguments[1]);
        }
        assert_eq!(other.remains(), Vec::<String>::new());
    }
}

#[test]
fn a_bad_row_is_left_out_and_counted() {
    let (gemeente, folder) = exported(35);
    let whole = persons(&gemeente.views());
    let (header, lines) = read(&folder, "jeugdhulp");
    let with = |changes: &[(&str, &str)]| {
        let mut row = lines[0].clone();
        for (column, value) in changes {
            row[header.iter().position(|name| name == column).unwrap()] = (*value).to_owned();
        }
        row
    };
    let known: Vec<&str> = lines.iter().map(|row| row[0].as_str()).collect();
    let child = Bsn::all().into_iter().map(|bsn| bsn.to_string()).find(|bsn| !known.contains(&bsn.as_str())).unwrap();
    let kept = with(&[("persoon", &child), ("periode", "2024H1")]);
    let bad = [
        with(&[("categorie", "39")]),
        with(&[("wachttijdklasse", "lang")]),
        with(&[("persoon", "123456789")]),
        with(&[("periode", "2025H3")]),
        with(&[("persoon", &child), ("periode", "2025H1"), ("geslacht", "M")]),
        with(&[("persoon", &child), ("periode", "2025H1"), ("geslacht", "V")]),
        // Not wrong, and of a half-year that the node does not cover.
        with(&[("persoon", &child), ("periode", "2019H1")]),
    ];
    let added: String = bad.iter().chain([&kept]).map(|row| row.join(",") + "\n").collect();
    let path = folder.join("jeugdhulp.csv");
    fs::write(&path, fs::read_to_string(&path).unwrap() + &added).unwrap();

    let before = gemeente.kept();
    let report = gemeente.path("verslag.json");
    let arguments = ["import", "--csv", text(&folder), "--report", text(&report), "--strict"];
    let refused = gemeente.run(&arguments).unwrap_err();
    assert!(refused.contains("--strict"), "{refused}");
    let after = gemeente.kept();
    assert!(before.iter().all(|(name, content)| after.get(name) == Some(content)), "changed by a strict import");

    gemeente.run(&arguments[..5]).unwrap();
    let mut expected = whole;
    let of_view = expected.get_mut("jeugdhulp").unwrap();
    of_view.push(vec![kept[1..].to_vec()]);
    of_view.sort_unstable();
    assert_eq!(persons(&gemeente.views()), expected);

    let said = fs::read_to_string(&report).unwrap();
    let html = fs::read_to_string(report.with_extension("html")).unwrap();
    let json: serde_json::Value = serde_json::from_str(&said).unwrap();
    let found: BTreeMap<&str, u64> = json["bevindingen"]
        .as_array()
        .unwrap()
        .iter()
        .map(|found| (found["code"].as_str().unwrap(), found["aantal"].as_u64().unwrap()))
        .collect();
    let counted = [("onbekende_code", 2), ("bsn_ongeldig", 1), ("periode_ongeldig", 1), ("meer_dan_een_lid", 2)];
    assert_eq!(found, BTreeMap::from(counted));
    for value in ["123456789", &child, "2025H3", "lang"] {
        assert!(!said.contains(&format!("\"{value}\"")) && !html.contains(&format!(">{value}<")), "{value}");
    }
}

#[test]
fn files_that_are_no_views_change_nothing() {
    let (gemeente, folder) = exported(36);
    let before = gemeente.kept();
    let path = folder.join("wisseling.csv");
    let whole = fs::read_to_string(&path).unwrap();
    let other_order = whole.replacen("persoon,periode", "periode,persoon", 1);
    let one_more = whole.replacen("\n", ",bsn\n", 1);
    for content in ["", "geen,kop\n1,2\n", &other_order, &one_more] {
        fs::write(&path, content).unwrap();
        let refused = gemeente.run(&["import", "--csv", text(&folder)]).unwrap_err();
        assert!(refused.contains("wisseling.csv") && refused.contains(COLUMNS[2].1), "{refused}");
        assert!(gemeente.kept() == before, "changed by {content:.20}");
    }
    let empty = gemeente.path("leeg");
    fs::create_dir(&empty).unwrap();
    assert!(gemeente.run(&["import", "--parquet", text(&empty)]).unwrap_err().contains("jeugdhulp.parquet"));
    assert!(gemeente.kept() == before);
}

#[test]
fn the_schema_names_every_view_and_column() {
    let gemeente = Gemeente::init();
    let all = gemeente.run(&["schema"]).unwrap();
    for (view, columns) in COLUMNS {
        let one = gemeente.run(&["schema", "--view", view]).unwrap();
        for said in [&all, &one] {
            assert!(said.contains(&format!("\n{view}: ")) && said.contains(&format!("\n  {columns}\n")), "{said}");
        }
        for column in columns.split(',') {
            let described = one.lines().any(|line| {
                line.starts_with(&format!("  {column}:")) || { line.starts_with(&format!("  {column}, ")) }
            });
            assert!(described, "{column} of {view}: {one}");
        }
    }
    for code in ["26_weken_of_langer  ", "binnen_12_maanden  ", "onderbroken  ", "voortijdig  "] {
        assert!(all.contains(&format!("    {code}")), "{code}: {all}");
    }
    assert!(gemeente.run(&["schema", "--view", "personen"]).unwrap_err().contains("jeugdhulp"));
}

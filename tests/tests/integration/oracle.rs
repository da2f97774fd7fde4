//! What a node may say of given rows, counted the long way: the full grid, and a cell of 1 to 9 persons hidden with
//! every measure. Shares nothing with the node's engine and gate but the question's own types.

use std::collections::BTreeSet;

use drempel_node::ingest::{
    codes::{Categorie, Geslacht, Hulpvorm, RedenBeeindiging},
    view::{Begin, Duurklasse, Leeftijdsgroep, Row, Stroom, Uitkomst},
};
use drempel_protocols::{
    answer::Payload,
    catalogue::{Catalogue, Measure, ONBEKEND, View},
    cell::Cell,
    grid::Grid,
    id::{ColumnName, Period},
    question::Question,
    sql,
};
use rand::{Rng, RngExt as _};

use crate::{asker::purpose, station::PERIOD};

/// Every question that the cubes allow in one half-year: each cube, each choice of its dimensions and of its measures,
/// the other dimensions left out or held at one member, and one with some members of a dimension.
pub fn questions(catalogue: &Catalogue, random: &mut impl Rng) -> Vec<String> {
    let mut texts = BTreeSet::new();
    for cube in catalogue.cubes().filter(|cube| cube.purposes().contains(&purpose())) {
        let view = catalogue.view(cube.view().as_str()).unwrap();
        let measures: Vec<&str> = cube.measures().iter().map(|measure| measure.sql()).collect();
        let counts: Vec<String> = match measures.as_slice() {
            [one, other] => vec![(*one).to_owned(), (*other).to_owned(), measures.join(", ")],
            one => vec![one.join(", ")],
        };
        for chosen in 0..1u32 << cube.dimensions().len() {
            let is_chosen = |place: usize| chosen & (1 << place) != 0;
            let groups: Vec<&str> =
                cube.dimensions().iter().enumerate().filter(|(n, _)| is_chosen(*n)).map(|(_, d)| d.as_str()).collect();
            for variant in 0..3 {
                let mut conditions = vec![format!("periode = '{PERIOD}'")];
                for (place, dimension) in cube.dimensions().iter().enumerate() {
                    let members = view.dimension(dimension).unwrap().domain().members();
                    let member = |random: &mut _| draw(random, members).code.to_string();
                    match (variant, is_chosen(place)) {
                        (1, false) => conditions.push(format!("{dimension} = '{}'", member(random))),
                        (2, true) => {
                            conditions.push(format!("{dimension} IN ('{}', '{}')", member(random), member(random)));
                        }
                        _ => {}
                    }
                }
                for counts in &counts {
                    let columns: Vec<&str> = groups.iter().copied().chain([counts.as_str()]).collect();
                    let mut text = format!(
                        "SELECT {} FROM {} WHERE {}",
                        columns.join(", "),
                        cube.view(),
                        conditions.join(" AND ")
                    );
                    if !groups.is_empty() {
                        text.push_str(&format!(" GROUP BY {}", groups.join(", ")));
                    }
                    texts.insert(sql::render(&read(catalogue, &text)));
                }
            }
        }
    }
    texts.into_iter().collect()
}

pub fn read(catalogue: &Catalogue, text: &str) -> Question {
    sql::read(text, catalogue, &purpose()).unwrap_or_else(|refusals| panic!("{text}: {refusals:?}")).0
}

/// The persons and rows of each cell.
pub fn counted(question: &Question, rows: &[Row], catalogue: &Catalogue) -> Vec<(usize, usize)> {
    let view = catalogue.view(question.view().as_str()).unwrap();
    let grid = Grid::of(question, catalogue).unwrap();
    let wanted: Vec<&Row> = rows
        .iter()
        .filter(|row| {
            question
                .filters()
                .iter()
                .all(|(column, members)| members.iter().any(|member| member.as_str() == code(row, column, view)))
        })
        .collect();
    grid.coordinates()
        .map(|(period, members)| {
            let within: Vec<u32> = wanted
                .iter()
                .filter(|row| row.periode == period)
                .filter(|row| {
                    let mut axes = grid.axes().iter().zip(&members);
                    axes.all(|(axis, member)| code(row, &axis.column, view) == member.as_str())
                })
                .map(|row| row.persoon)
                .collect();
            (within.iter().collect::<BTreeSet<_>>().len(), within.len())
        })
        .collect()
}

/// What may leave of these counts.
pub fn shown(question: &Question, counted: &[(usize, usize)]) -> Payload {
    let cell = |measure: Measure, (persons, rows): (usize, usize)| match (persons, measure) {
        (1..10, _) => Cell::Hidden,
        (_, Measure::Personen) => Cell::Value(persons as u64),
        (_, Measure::Aantal) => Cell::Value(rows as u64),
    };
    question
        .measures()
        .iter()
        .map(|measure| (*measure, counted.iter().map(|count| cell(*measure, *count)).collect()))
        .collect()
}

fn code(row: &Row, column: &ColumnName, view: &View) -> String {
    let found = match column.as_str() {
        "categorie" => row.categorie.map(Categorie::code),
        "hulpvorm" => row.hulpvorm.map(Hulpvorm::code),
        "begin" => Some(row.begin.code()),
        "einde" => Some(row.einde.code()),
        "leeftijdsgroep" => row.leeftijdsgroep.map(Leeftijdsgroep::code),
        "geslacht" => row.geslacht.member(),
        "duurklasse" => Some(row.duurklasse.code()),
        "stroom" => Some(row.stroom.code()),
        _ => {
            let grouping = view.dimension(column).unwrap().grouping().unwrap();
            let finer = code(row, grouping.of(), view).parse().unwrap();
            return grouping.group_of(&finer).unwrap().to_string();
        }
    };
    found.unwrap_or(ONBEKEND).to_owned()
}

fn draw<'t, T>(random: &mut impl Rng, all: &'t [T]) -> &'t T {
    &all[random.random_range(0..all.len())]
}

/// The first of a list far more often than the last, so that some cells are large and others small.
fn skewed<T: Copy>(random: &mut impl Rng, all: &[T]) -> T {
    let drawn: f64 = random.random();
    all[(drawn.powi(3) * all.len() as f64) as usize]
}

/// A row that is like most.
pub fn common(persoon: u32) -> Row {
    let categorie = Categorie::C45;
    Row {
        periode: PERIOD.parse::<Period>().unwrap(),
        persoon,
        begin: Begin::AlLopend,
        einde: Uitkomst::LooptDoor,
        categorie: Some(categorie),
        hulpvorm: Hulpvorm::of(categorie),
        leeftijdsgroep: Some(Leeftijdsgroep::Tot12),
        geslacht: Geslacht::Mannelijk,
        duurklasse: Duurklasse::Tot6Maanden,
        stroom: Stroom::Doorlopend,
    }
}

const ENDS: [Uitkomst; 6] = [
    Uitkomst::LooptDoor,
    Uitkomst::Geeindigd(RedenBeeindiging::VolgensPlan),
    Uitkomst::Geeindigd(RedenBeeindiging::DoorClient),
    Uitkomst::Geeindigd(RedenBeeindiging::AndereAanbieder),
    Uitkomst::Geeindigd(RedenBeeindiging::InOverleg),
    Uitkomst::Geeindigd(RedenBeeindiging::Overlijden),
];

/// A random gemeente.
pub fn rows(random: &mut impl Rng, persons: u32) -> Vec<Row> {
    let mut rows = Vec::new();
    for persoon in 0..persons {
        let person = Row {
            leeftijdsgroep: Some(skewed(random, Leeftijdsgroep::ALL)).filter(|_| random.random_range(0..40) > 0),
            geslacht: skewed(random, &[Geslacht::Mannelijk, Geslacht::Vrouwelijk, Geslacht::Onbekend]),
            stroom: skewed(random, Stroom::ALL),
            ..common(persoon)
        };
        for _ in 0..=skewed(random, &[0, 1, 2]) {
            let categorie = Some(skewed(random, Categorie::ALL)).filter(|_| random.random_range(0..40) > 0);
            rows.push(Row {
                categorie,
                hulpvorm: categorie.and_then(Hulpvorm::of),
                begin: skewed(random, Begin::ALL),
                einde: skewed(random, &ENDS),
                duurklasse: skewed(random, Duurklasse::ALL),
                ..person
            });
        }
    }
    rows
}

/// The same gemeente but for one person, and preferably one in a small category.
pub fn but_for_one(random: &mut impl Rng, rows: &[Row]) -> Vec<Row> {
    let persons = |categorie| {
        rows.iter().filter(|row| row.categorie == categorie).map(|row| row.persoon).collect::<BTreeSet<_>>().len()
    };
    let small: Vec<&Row> = rows.iter().filter(|row| persons(row.categorie) < 10).collect();
    let chosen = if small.is_empty() { draw(random, rows).persoon } else { draw(random, &small).persoon };
    let mut rows = rows.to_vec();
    let what = random.random_range(0..8);
    if what == 0 {
        rows.retain(|row| row.persoon != chosen);
        return rows;
    }
    let (leeftijdsgroep, geslacht, stroom) = (
        *draw(random, Leeftijdsgroep::ALL),
        *draw(random, &[Geslacht::Mannelijk, Geslacht::Vrouwelijk]),
        *draw(random, Stroom::ALL),
    );
    for row in rows.iter_mut().filter(|row| row.persoon == chosen) {
        match what {
            1 => row.leeftijdsgroep = Some(leeftijdsgroep),
            2 => row.geslacht = geslacht,
            3 => row.stroom = stroom,
            4 => row.einde = *draw(random, &ENDS),
            5 => row.duurklasse = *draw(random, Duurklasse::ALL),
            _ => {
                row.categorie = Some(*draw(random, Categorie::ALL));
                row.hulpvorm = row.categorie.and_then(Hulpvorm::of);
            }
        }
    }
    rows
}

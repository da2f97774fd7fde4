//! What a node may say of given rows, counted the long way: the full grid, a cell of 1 to 9 persons hidden with every
//! measure, and every other cell hidden or exact. Shares nothing with the node's release, engine and gate but the
//! question's own types.

use std::collections::{BTreeMap, BTreeSet};

use drempel_node::ingest::view::{
    HERHAALD_BEROEP, JEUGDHULP, MOST_LEDEN, ONBEKEND as NOT_KNOWN, Rij, VIEWS, ViewSchema, WISSELING,
};
use drempel_protocols::{
    answer::Payload,
    catalogue::{Catalogue, Measure, ONBEKEND, View},
    cell::Cell,
    grid::{Coordinate, Grid},
    id::ColumnName,
    question::Question,
    sql,
};
use rand::{Rng, RngExt as _};

use crate::{asker::purpose, station::PERIOD};

/// A row of a view.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    pub view: &'static ViewSchema,
    pub rij: Rij,
}

impl Row {
    /// A row of a person with these members, by column and code; every other column is onbekend.
    fn new(view: &'static ViewSchema, persoon: u32, members: &[(&str, &str)]) -> Self {
        let mut leden = [0; MOST_LEDEN];
        leden[..view.leden.len()].fill(NOT_KNOWN);
        let rij =
            Rij { persoon, periode: PERIOD.parse().unwrap(), leden, aanbieder: 0, eerdere_aanbieder: None, bedrag: 0 };
        members.iter().fold(Self { view, rij }, |row, (column, code)| row.with(column, Some(code)))
    }

    /// The same with another member in a column, where the view has the column; none is onbekend.
    pub fn with(mut self, column: &str, code: Option<&str>) -> Self {
        if let Some(place) = self.view.leden.iter().position(|(name, _)| *name == column) {
            let codes = self.view.leden[place].1;
            let lid = code.map(|code| codes.iter().position(|member| *member == code).unwrap() as u8);
            self.rij.leden[place] = lid.unwrap_or(NOT_KNOWN);
        }
        self
    }

    fn member(&self, column: &str) -> Option<&'static str> {
        let place = self.view.leden.iter().position(|(name, _)| *name == column).unwrap();
        self.view.leden[place].1.get(usize::from(self.rij.leden[place])).copied()
    }
}

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
                    if variant == 0 && groups.len() > 1 {
                        texts.insert(sql::render(&read(
                            catalogue,
                            &format!("{text} GROUP BY CUBE ({})", groups.join(", ")),
                        )));
                    }
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
    let wanted = rows.iter().filter(|row| row.view.naam == question.view().as_str()).filter(|row| {
        question
            .filters()
            .iter()
            .all(|(column, members)| members.iter().any(|member| member.as_str() == code(row, column, view)))
    });
    let wanted: Vec<&Row> = wanted.collect();
    let of_cell = |cell: &Coordinate, row: &Row| {
        row.rij.periode == cell.period
            && grid.members(cell).all(|(column, member)| code(row, column, view) == member.as_str())
    };
    let coordinates = grid.coordinates();
    let cells = coordinates.iter().map(|cell| {
        let within = wanted.iter().filter(|row| of_cell(cell, row)).map(|row| row.rij.persoon);
        (within.clone().collect::<BTreeSet<_>>().len(), within.count())
    });
    cells.collect()
}

/// Fails unless this may leave of these counts.
pub fn assert_allowed(question: &Question, counted: &[(usize, usize)], payload: &Payload, text: &str) {
    assert!(payload.keys().eq(question.measures()), "{text}");
    for (measure, cells) in payload {
        assert_eq!(cells.len(), counted.len(), "{text}");
        for (cell, (persons, rows)) in cells.iter().zip(counted) {
            let count = match measure {
                Measure::Personen => persons,
                Measure::Aantal => rows,
            };
            let exact = *cell == Cell::Value(*count as u64) && !(1..10).contains(persons);
            assert!(*cell == Cell::Hidden || exact, "{cell:?} of {persons} persons and {rows} rows: {text}");
        }
    }
}

/// As a gemeente can have them: of each categorie and hulpvorm a person has at most one traject at a time, what it has in
/// `stroom` follows from its trajecten, and only a traject that began has a row in `herhaald_beroep` (rules R2 and R12).
pub fn possible(rows: Vec<Row>) -> Vec<Row> {
    let mut running = BTreeSet::new();
    let mut one_at_a_time = |row: Row| {
        if row.view.naam != JEUGDHULP.naam {
            return row;
        }
        let kind = ["categorie", "hulpvorm"].map(|column| row.member(column).map(str::to_owned));
        let mut is_first = |moment: &'static str| running.insert((row.rij.persoon, kind.clone(), moment));
        let begins = row.member("begin") == Some("al_lopend") && !is_first("begin");
        let ends = row.member("einde") == Some("loopt_door") && !is_first("einde");
        let row = if begins { row.with("begin", Some("gestart")) } else { row };
        if ends { row.with("einde", Some("31")) } else { row }
    };
    let rows: Vec<Row> = rows.into_iter().map(&mut one_at_a_time).collect();
    let of_view = |row: &Row, view: &ViewSchema| row.view.naam == view.naam;
    let own = |persoon: u32| rows.iter().filter(move |row| of_view(row, &JEUGDHULP) && row.rij.persoon == persoon);
    let began = |persoon: u32, categorie: Option<&str>| {
        own(persoon)
            .filter(|row| row.member("categorie") == categorie && row.member("begin") != Some("al_lopend"))
            .count()
    };
    let mut left: BTreeMap<(u32, Option<&str>), usize> = BTreeMap::new();
    let mut made = Vec::new();
    for row in &rows {
        let (persoon, categorie) = (row.rij.persoon, row.member("categorie"));
        if of_view(row, &HERHAALD_BEROEP) {
            let left = left.entry((persoon, categorie)).or_insert_with(|| began(persoon, categorie));
            if *left == 0 {
                continue;
            }
            *left -= 1;
        }
        let before = own(persoon).any(|row| row.member("begin") == Some("al_lopend"));
        let after = own(persoon).any(|row| row.member("einde") == Some("loopt_door"));
        let stroom = match (before, after) {
            (true, true) => "doorlopend",
            (true, false) => "uitstroom",
            (false, true) => "instroom",
            (false, false) => "in_en_uit",
        };
        // Onbekend is no begin that a node knows: it counts what it did not count before as gestart.
        let begin = if row.view.leden.iter().any(|(name, _)| *name == "begin") {
            Some(row.member("begin").unwrap_or("gestart"))
        } else {
            None
        };
        let row = row.with("stroom", Some(stroom)).with("begin", begin);
        made.push(together(row, before));
    }
    made
}

fn code(row: &Row, column: &ColumnName, view: &View) -> String {
    match view.dimension(column).unwrap().grouping() {
        None => row.member(column.as_str()).unwrap_or(ONBEKEND).to_owned(),
        Some(grouping) => {
            let finer = code(row, grouping.of(), view).parse().unwrap();
            grouping.group_of(&finer).unwrap().to_string()
        }
    }
}

/// With details that go together in a first half-year, in which trajecten count by date, whoever had help before it.
fn together(row: Row, before: bool) -> Row {
    let with_verzoek = |row: Row| match (row.member("verwijzer"), row.member("wachttijdklasse")) {
        (None, _) => row.with("wachttijdklasse", None),
        (Some(verwijzer), None) if verwijzer != "01" => row.with("wachttijdklasse", Some("tot_4_weken")),
        _ => row,
    };
    let with_days = |row: Row| {
        let short = ["tot_3_maanden", "3_tot_6_maanden"];
        let is_short = row.member("duurklasse").is_some_and(|duur| short.contains(&duur));
        match (row.member("begin"), row.member("einde")) {
            (Some("gestart"), _) if !is_short => row.with("duurklasse", Some("tot_3_maanden")),
            (Some("al_lopend"), Some("loopt_door")) if is_short => row.with("duurklasse", Some("6_tot_12_maanden")),
            _ if row.member("duurklasse").is_none() => row.with("duurklasse", Some("1_tot_2_jaar")),
            _ => row,
        }
    };
    let new = ["eerste", "binnen_12_maanden", "later"];
    match row.view.naam {
        "jeugdhulp" => with_days(with_verzoek(row)),
        "herhaald_beroep" => match row.member("herhaald") {
            Some(herhaald) if !new.contains(&herhaald) => row,
            Some(_) if !before => row.with("herhaald", Some("eerste")),
            _ => row.with("herhaald", Some("aansluitend")),
        },
        _ => row.with("aansluiting", Some(row.member("aansluiting").unwrap_or("aansluitend"))),
    }
}

fn draw<'t, T>(random: &mut impl Rng, all: &'t [T]) -> &'t T {
    &all[random.random_range(0..all.len())]
}

/// The first of a list far more often than the last, so that some cells are large and others small.
fn skewed<T: Copy>(random: &mut impl Rng, all: &[T]) -> T {
    let drawn: f64 = random.random();
    all[(drawn.powi(3) * all.len() as f64) as usize]
}

/// Help that is like most, and of the same person a start and a change: a row of each view that is asked about.
pub fn common(persoon: u32) -> [Row; 3] {
    let (categorie, age, sex) = (("categorie", "45"), ("leeftijdsgroep", "4-11"), ("geslacht", "M"));
    let help = [("begin", "al_lopend"), ("einde", "loopt_door"), ("duurklasse", "6_tot_12_maanden")];
    let way = [("stroom", "doorlopend"), ("verwijzer", "02"), ("wachttijdklasse", "tot_4_weken")];
    [
        Row::new(&JEUGDHULP, persoon, &[help.as_slice(), &way, &[categorie, age, sex]].concat()),
        Row::new(&HERHAALD_BEROEP, persoon, &[categorie, ("herhaald", "eerste"), age, sex]),
        Row::new(&WISSELING, persoon, &[categorie, ("aansluiting", "aansluitend"), ("reden", "overstap"), age, sex]),
    ]
}

/// Of which a person has one member in every row.
const OF_PERSON: [&str; 3] = ["leeftijdsgroep", "geslacht", "stroom"];

/// The members of a column, in whichever view has it.
fn members(column: &str) -> &'static [&'static str] {
    let (_, codes) = VIEWS.iter().flat_map(|view| view.leden).find(|(name, _)| *name == column).unwrap();
    codes
}

/// The hulpvorm that the Beleidsinformatie Jeugd has for a categorie.
fn hulpvorm(categorie: Option<&str>) -> Option<&'static str> {
    let own = ["31", "32", "33", "34", "35", "36", "37", "38"];
    let place = own.iter().position(|code| Some(*code) == categorie)?;
    Some(["01", "02", "03", "04", "11", "12", "13", "14"][place])
}

/// The same help of another categorie.
pub fn of_categorie(row: Row, categorie: Option<&str>) -> Row {
    row.with("categorie", categorie).with("hulpvorm", hulpvorm(categorie))
}

/// A random gemeente.
pub fn rows(random: &mut impl Rng, persons: u32) -> Vec<Row> {
    let mut rows = Vec::new();
    for persoon in 0..persons {
        let person = OF_PERSON
            .map(|column| (column, Some(skewed(random, members(column))).filter(|_| random.random_range(0..40) > 0)));
        for _ in 0..=skewed(random, &[0, 1, 2]) {
            let categorie = Some(skewed(random, members("categorie"))).filter(|_| random.random_range(0..40) > 0);
            for like in common(persoon) {
                let mut row = of_categorie(like, categorie);
                for (column, codes) in row.view.leden {
                    if !["categorie", "hulpvorm"].contains(column) && !OF_PERSON.contains(column) {
                        let code = Some(skewed(random, codes)).filter(|_| random.random_range(0..40) > 0);
                        row = row.with(column, code);
                    }
                }
                rows.push(person.iter().fold(row, |row, (column, code)| row.with(column, *code)));
            }
        }
    }
    rows
}

/// The same gemeente but for one person: preferably one who has a member that few have, and gets another such member.
pub fn but_for_one(random: &mut impl Rng, rows: &[Row]) -> Vec<Row> {
    let mut changed = rows.to_vec();
    let column = *draw(random, &CHANGED);
    if column == "persoon" {
        let chosen = draw(random, rows).rij.persoon;
        changed.retain(|row| row.rij.persoon != chosen);
        return changed;
    }
    let has = |row: &Row| row.view.leden.iter().any(|(name, _)| *name == column);
    let persons = |code| {
        let of_code = rows.iter().filter(|row| has(row) && row.member(column) == code);
        of_code.map(|row| row.rij.persoon).collect::<BTreeSet<_>>().len()
    };
    let few: Vec<&Row> = rows.iter().filter(|row| has(row) && (2..10).contains(&persons(row.member(column)))).collect();
    let own: Vec<&Row> = rows.iter().filter(|row| has(row)).collect();
    let chosen = **draw(random, if few.is_empty() { &own } else { &few });
    let rare: Vec<&str> = members(column)
        .iter()
        .copied()
        .filter(|code| (1..9).contains(&persons(Some(*code))) && Some(*code) != chosen.member(column))
        .collect();
    let code = *draw(random, if rare.is_empty() { members(column) } else { &rare });
    for row in changed.iter_mut().filter(|row| row.rij.persoon == chosen.rij.persoon && has(row)) {
        if OF_PERSON.contains(&column) || row.member(column) == chosen.member(column) {
            *row = match column {
                "categorie" => of_categorie(*row, Some(code)),
                _ => row.with(column, Some(code)),
            };
        }
    }
    changed
}

/// What one person may differ in; "persoon" is everything.
const CHANGED: [&str; 12] = [
    "leeftijdsgroep",
    "geslacht",
    "stroom",
    "einde",
    "duurklasse",
    "verwijzer",
    "wachttijdklasse",
    "herhaald",
    "aansluiting",
    "categorie",
    "categorie",
    "persoon",
];

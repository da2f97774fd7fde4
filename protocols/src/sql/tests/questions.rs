//! Properties over every question the registered catalogue admits.

use super::*;
use crate::{
    catalogue::{AreaLevel, Cube, View},
    id::{ColumnName, MemberCode, Period},
    question::GroupingSet,
};

/// A cube, and a question that lies within it.
fn questions() -> impl Strategy<Value = (Question, PurposeId)> {
    let cubes: Vec<Cube> = CATALOGUE.cubes().cloned().collect();
    let purposes = |cube: &Cube| cube.purposes().iter().cloned().collect::<Vec<_>>();
    proptest::sample::select(cubes).prop_flat_map(move |cube| {
        let purpose = proptest::sample::select(purposes(&cube));
        (within(cube), purpose)
    })
}

/// A question over any columns of any view, within a cube or not.
fn any_question() -> impl Strategy<Value = Question> {
    proptest::sample::select(CATALOGUE.views().collect::<Vec<_>>()).prop_flat_map(|view| {
        let columns: Vec<ColumnName> = view.dimensions().map(|(name, _)| name.clone()).collect();
        over(view, columns, BTreeSet::from([Measure::Personen, Measure::Aantal]))
    })
}

fn within(cube: Cube) -> impl Strategy<Value = Question> {
    let view = CATALOGUE.view(cube.view().as_str()).unwrap();
    let columns: Vec<ColumnName> =
        view.dimensions().map(|(name, _)| name).filter(|name| cube.has_dimension(view, name)).cloned().collect();
    over(view, columns, cube.measures().clone())
}

/// What is done with a dimension: nothing, grouped, or filtered; grouped with some members.
#[derive(Clone, Debug)]
enum Use {
    Nothing,
    Group,
    Some(BTreeSet<MemberCode>),
    One(MemberCode),
}

fn over(view: &'static View, columns: Vec<ColumnName>, measures: BTreeSet<Measure>) -> impl Strategy<Value = Question> {
    let uses: Vec<_> = columns
        .iter()
        .map(|name| {
            let codes: Vec<MemberCode> =
                view.dimension(name).unwrap().domain().members().iter().map(|member| member.code.clone()).collect();
            let some = proptest::sample::subsequence(codes.clone(), 1..codes.len());
            prop_oneof![
                2 => Just(Use::Nothing),
                1 => Just(Use::Group),
                1 => some.prop_map(|codes| Use::Some(codes.into_iter().collect())),
                1 => proptest::sample::select(codes).prop_map(Use::One),
            ]
        })
        .collect();
    let all: Vec<Period> = CATALOGUE.periods().collect();
    let periods = prop_oneof![
        proptest::sample::select(all.clone()).prop_map(|period| (false, BTreeSet::from([period]))),
        proptest::sample::subsequence(all.clone(), 1..=all.len()).prop_map(|some| (true, some.into_iter().collect())),
    ];
    let measures: Vec<Measure> = measures.into_iter().collect();
    let measures = proptest::sample::subsequence(measures.clone(), 1..=measures.len());
    let sets = proptest::collection::vec((any::<bool>(), any::<u32>()), 0..4);
    (uses, periods, areas(), measures, sets).prop_map(
        move |(uses, (by_period, periods), (by_area, area_filters), measures, sets)| {
            let mut question = Question {
                view: view.name().clone(),
                periods,
                by_period,
                by_area,
                area_filters,
                group_by: Vec::new(),
                grouping_sets: BTreeSet::new(),
                filters: std::collections::BTreeMap::new(),
                measures: measures.into_iter().collect(),
            };
            for (name, what) in columns.iter().zip(uses) {
                if matches!(what, Use::Group | Use::Some(_)) {
                    question.group_by.push(name.clone());
                }
                match what {
                    Use::Some(codes) => drop(question.filters.insert(name.clone(), codes)),
                    Use::One(code) => drop(question.filters.insert(name.clone(), BTreeSet::from([code]))),
                    Use::Nothing | Use::Group => {}
                }
            }
            question.grouping_sets = grouping_sets(&question, &sets);
            question
        },
    )
}

/// Sets that together have all that a question is grouped by, and each of them what is also filtered.
fn grouping_sets(question: &Question, drawn: &[(bool, u32)]) -> BTreeSet<GroupingSet> {
    let area = question.by_area.is_some();
    let set = |by_area: bool, has: &dyn Fn(usize) -> bool| {
        let columns = question.group_by.iter().enumerate();
        let columns = columns.filter(|(place, name)| question.filters.contains_key(*name) || has(*place));
        GroupingSet::new(area && by_area, columns.map(|(_, name)| name.clone()).collect())
    };
    let mut sets: BTreeSet<GroupingSet> =
        drawn.iter().map(|(by_area, chosen)| set(*by_area, &|place| chosen >> place & 1 == 1)).collect();
    let has_all = question.group_by.iter().all(|name| sets.iter().any(|set| set.columns().contains(name)))
        && sets.iter().any(|set| set.by_area() == area);
    if !has_all {
        sets.insert(set(true, &|_| true));
    }
    sets
}

type Areas = (Option<AreaLevel>, std::collections::BTreeMap<AreaLevel, BTreeSet<MemberCode>>);

fn areas() -> impl Strategy<Value = Areas> {
    let levels = vec![AreaLevel::Gemeente, AreaLevel::Jeugdregio, AreaLevel::Provincie];
    let division = &CATALOGUE.divisions()[0];
    let level = proptest::sample::select(levels.clone());
    let filtered = level.prop_flat_map(move |level| {
        let all: Vec<MemberCode> = division.areas(level).into_iter().collect();
        let some = proptest::sample::subsequence(all.clone(), 1..all.len().min(250));
        let one = proptest::sample::select(all);
        prop_oneof![
            some.prop_map(move |codes| (Some(level), [(level, codes.into_iter().collect())].into())),
            (proptest::option::of(proptest::sample::select(levels.clone())), one)
                .prop_map(move |(by, code)| (by, [(level, BTreeSet::from([code]))].into())),
        ]
    });
    let levels = vec![AreaLevel::Gemeente, AreaLevel::Jeugdregio, AreaLevel::Provincie];
    prop_oneof![proptest::option::of(proptest::sample::select(levels)).prop_map(|by| (by, [].into())), filtered,]
}

/// The same question, worded by another hand.
fn reworded(text: &str, seed: u64) -> String {
    let mut state = seed;
    let mut draw = move |below: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(state >> 33).unwrap() % below
    };
    let mut text = text.to_owned();
    if let Some((head, tail)) = text.split_once(" WHERE ") {
        let (conditions, tail) = tail.split_once(" GROUP BY ").map_or((tail, None), |(a, b)| (a, Some(b)));
        let mut conditions: Vec<String> = conditions.split(" AND ").map(str::to_owned).collect();
        for condition in &mut conditions {
            if let Some(list) = condition.strip_suffix(')') {
                let (column, members) = list.split_once(" IN (").unwrap();
                let mut members: Vec<&str> =
                    members.split(", '").map(|member| member.trim_start_matches('\'')).collect();
                if members.len() < 250 {
                    members.push(members[draw(members.len())]);
                }
                let turn = draw(members.len());
                members.rotate_left(turn);
                *condition = format!("{column} in ('{})", members.join(" , '"));
            }
        }
        let turn = draw(conditions.len());
        conditions.rotate_left(turn);
        let reversed =
            |columns: &str| columns.split(", ").collect::<Vec<_>>().into_iter().rev().collect::<Vec<_>>().join(" ,");
        let groups = match tail.map(|tail| (tail, tail.strip_prefix("GROUPING SETS (("))) {
            None => String::new(),
            Some((columns, None)) => format!("\ngroup  by {}", reversed(columns)),
            Some((_, Some(sets))) => {
                let mut sets: Vec<&str> = sets.strip_suffix("))").unwrap().split("), (").collect();
                let turn = draw(sets.len());
                sets.rotate_left(turn);
                let sets: Vec<String> = sets.into_iter().map(reversed).collect();
                format!("\ngroup  by grouping\nsets((\t{}))", sets.join(") ,("))
            }
        };
        let conditions = conditions.join("\n  and\t");
        text = format!("{head}\r\nwhere {conditions}{groups}");
    }
    let mut quoted = false;
    let lower = draw(2) == 0;
    let cased = text.chars().map(|c| {
        quoted ^= c == '\'';
        if quoted {
            c
        } else if lower {
            c.to_ascii_lowercase()
        } else {
            c.to_ascii_uppercase()
        }
    });
    format!("  {} ;\n", cased.collect::<String>())
}

/// A text with some of its characters or words changed.
fn mutated() -> impl Strategy<Value = String> {
    let pieces = vec![
        "SELECT",
        "FROM",
        "WHERE",
        "GROUP BY",
        "ORDER BY",
        "LIMIT",
        "COUNT(*)",
        "COUNT(",
        "DISTINCT",
        "persoon",
        "(",
        ")",
        ",",
        "'",
        "\"",
        "=",
        "IN",
        "AND",
        "OR",
        "NOT",
        "--",
        "/*",
        "*/",
        ";",
        "::int",
        "1",
        "é",
        "CASE",
        "BETWEEN",
        "jeugdhulp",
        "wisseling",
        "herhaald",
        "bedrag",
        "aanbieder",
        "AS",
        ".",
        "[",
        "OVER",
        "UNION",
        "periode",
        "categorie",
        "'45'",
        "NULL",
        "INTERVAL",
        "ARRAY",
        "{",
        "$$",
        "$1",
        "E'",
    ];
    (
        any_question(),
        proptest::collection::vec(
            (any::<prop::sample::Index>(), proptest::sample::select(pieces), any::<bool>()),
            0..6,
        ),
    )
        .prop_map(|(question, changes)| {
            let mut words: Vec<String> = render(&question).split(' ').map(str::to_owned).collect();
            for (index, piece, replace) in changes {
                let place = index.index(words.len());
                if replace {
                    words[place] = piece.to_owned();
                } else {
                    words.insert(place, piece.to_owned());
                }
            }
            words.join(" ")
        })
}

proptest! {
    #[test]
    fn what_is_rendered_reads_as_the_same_question((question, purpose) in questions()) {
        let text = render(&question);
        let read = read(&text, &CATALOGUE, &purpose);
        prop_assert!(read.is_ok(), "{text}\n{}", worded(&read.unwrap_err()));
        let (again, presentation) = read.unwrap();
        prop_assert_eq!(&again, &question);
        prop_assert_eq!(render(&again), text);
        prop_assert_eq!(
            presentation.columns.len(),
            question.group_by.len() + question.measures.len() + usize::from(question.by_period)
                + usize::from(question.by_area.is_some())
        );
    }

    #[test]
    fn wording_does_not_change_the_question((question, purpose) in questions(), seed: u64) {
        let text = reworded(&render(&question), seed);
        let read = read(&text, &CATALOGUE, &purpose);
        prop_assert!(read.is_ok(), "{text}\n{}", worded(&read.unwrap_err()));
        prop_assert_eq!(read.unwrap().0, question);
    }

    #[test]
    fn two_questions_have_two_texts((one, _) in questions(), (other, _) in questions()) {
        prop_assert_eq!(one == other, render(&one) == render(&other));
    }

    #[test]
    fn advice_is_accepted(question in any_question()) {
        let view = CATALOGUE.view(question.view().as_str()).unwrap();
        let advised = within::nearest(&question, view, &CATALOGUE, &monitor());
        prop_assert_eq!(advised.is_some(), CATALOGUE.cubes().any(|cube| cube.view() == view.name()));
        let Some((_, advised)) = advised else { return Ok(()) };
        let read = read(&render(&advised), &CATALOGUE, &monitor());
        prop_assert!(read.is_ok(), "{}", worded(&read.unwrap_err()));
        prop_assert_eq!(read.unwrap().0, advised);
    }

    #[test]
    fn any_question_is_answered_or_refused_with_a_remedy(question in any_question()) {
        match read(&render(&question), &CATALOGUE, &monitor()) {
            Ok((again, _)) => prop_assert_eq!(again, question),
            Err(refusals) => for refusal in refusals {
                prop_assert!(matches!(refusal.code, RefusalCode::OutsideCubes | RefusalCode::TooManyCells | RefusalCode::TooLong), "{refusal}");
            },
        }
    }

    #[test]
    fn no_text_makes_the_reader_panic(text in any::<String>()) {
        let _ = read(&text, &CATALOGUE, &monitor());
    }

    #[test]
    fn changed_questions_are_refused_with_a_remedy_or_read_alike(text in mutated()) {
        match read(&text, &CATALOGUE, &monitor()) {
            Ok((question, _)) => prop_assert_eq!(read(&render(&question), &CATALOGUE, &monitor()).unwrap().0, question),
            Err(refusals) => {
                prop_assert!(!refusals.is_empty());
                prop_assert!(refusals.iter().all(|refusal| !refusal.remedy.is_empty()));
            }
        }
    }
}

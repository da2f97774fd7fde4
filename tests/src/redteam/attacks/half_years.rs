//! Sums over half-years: what came, left, changed or was deleted, and tables and policies that come later.

use std::str::FromStr as _;

use drempel_protocols::id::CubeName;

use super::{
    Attack, EINDE, GGZ, GROEP, GROEP_GESLACHT, GROEP_VERLOOP, HALF_YEARS, LIJST_HERHAALD, Plan, Planter, REST, STROOM,
    VERLOOP, naam, persons, plan, rows,
};

pub(super) fn all(of: &Planter<'_>) -> anyhow::Result<Vec<Attack>> {
    let flows = vec![
        (of.boy(&[("45", -1, HALF_YEARS)])?, 28),
        (of.boy(&[("45", 0, HALF_YEARS)])?, 12),
        (of.boy(&[("45", -1, 1)])?, 5),
        (of.boy(&[("45", 1, HALF_YEARS)])?, 14),
    ];
    let left = vec![
        (1, persons(0, &[("stroom", "doorlopend")])),
        (1, persons(0, &[("stroom", "instroom")])),
        (-1, persons(1, &[("stroom", "doorlopend")])),
    ];
    let mut withdrawn = plan(&[STROOM], 2);
    withdrawn.halves.iter_mut().take(1).for_each(|half| half.withdrawn = true);
    let late = Plan::new([vec![GROEP], vec![GROEP, VERLOOP]]);
    let mut declined = plan(&[GROEP, VERLOOP], 2);
    for half in &mut declined.halves {
        half.policy.declined_cubes = [CubeName::from_str(&naam(VERLOOP.0, VERLOOP.1))?].into();
    }
    let mut stricter = plan(&[GROEP_VERLOOP], 2);
    stricter.halves.iter_mut().skip(1).for_each(|half| half.policy.k = Some(12));
    let kinds = ["45", "51", "43"].map(|categorie| (categorie, -1, HALF_YEARS));
    let ended = kinds.map(|(categorie, begin, _)| (categorie, begin, 0));
    // How many more kinds of help than children there are, less how many later.
    let more = |kinds: &[&'static str]| {
        let of_half = |half, times: i64| {
            let kinds = kinds.iter().map(move |kind| (times, persons(half, &[("categorie", *kind)])));
            kinds.chain([(-times, persons(half, &[]))]).collect::<Vec<_>>()
        };
        [of_half(0, 1), of_half(1, -1)].concat()
    };
    let ran_on = rows(0, &[("einde", "loopt_door")]);
    let stocks = |half| rows(half, &[("begin", "al_lopend")]);
    Ok(vec![
        Attack {
            number: "A12",
            name: "flows over two half-years",
            sum: "33 + 12 - 40 = 5 left",
            children: flows.clone(),
            plan: plan(&[STROOM], 2),
            terms: left.clone(),
            gives: 5,
        },
        Attack {
            number: "A12",
            name: "the same, with the first release withdrawn",
            sum: "33 + 12 - 40 = 5 left",
            children: flows,
            plan: withdrawn,
            terms: left,
            gives: 5,
        },
        Attack {
            number: "A12",
            name: "a record that comes late",
            sum: "131 - 130 = 1 in every margin",
            children: vec![
                (of.boy(&[("45", -1, HALF_YEARS)])?, 60),
                (of.boy(&[("51", -1, HALF_YEARS)])?, 30),
                (of.girl(&[("45", -1, HALF_YEARS)])?, 40),
                (of.boy(&[("45", 1, 1)])?, 1),
            ],
            plan: plan(&[GROEP_GESLACHT, VERLOOP], 2),
            terms: vec![(1, rows(1, &[])), (-1, ran_on.clone())],
            gives: 1,
        },
        Attack {
            number: "A12",
            name: "records that are deleted",
            sum: "70 - 66 = 4 are gone",
            children: vec![
                (of.boy(&[("45", -1, HALF_YEARS)])?, 66),
                (of.lapsed(of.boy(&[("45", -1, 1)])?, None)?, 4),
                (of.girl(&[("51", 1, HALF_YEARS)])?, 20),
            ],
            plan: plan(&[GROEP_GESLACHT, VERLOOP], 2),
            terms: vec![(1, ran_on.clone()), (-1, rows(1, &[("begin", "al_lopend"), ("einde", "loopt_door")]))],
            gives: 4,
        },
        Attack {
            number: "A12",
            name: "records that change their categorie",
            sum: "43 - 40 = 3 are something else now",
            children: vec![
                (of.boy(&[("45", -1, HALF_YEARS)])?, 40),
                (of.lapsed(of.boy(&[("45", -1, 1)])?, Some(("51", 1, HALF_YEARS)))?, 3),
                (of.boy(&[("51", -1, HALF_YEARS)])?, 25),
            ],
            plan: plan(&[GROEP_VERLOOP], 2),
            terms: vec![
                (1, rows(0, &[("categorie", "45"), ("einde", "loopt_door")])),
                (-1, rows(1, &[("categorie", "45"), ("begin", "al_lopend"), ("einde", "loopt_door")])),
            ],
            gives: 3,
        },
        Attack {
            number: "R12",
            name: "who has two kinds of help, and later one",
            sum: "19 - 11 = 8 had something that ended",
            children: vec![
                (of.boy(&[kinds[0]])?, 14),
                (of.boy(&[kinds[1]])?, 14),
                (of.boy(&kinds[..2])?, 11),
                (of.boy(&[ended[0], kinds[1]])?, 4),
                (of.boy(&[kinds[0], ended[1]])?, 4),
            ],
            plan: plan(&[GROEP, EINDE], 2),
            terms: more(&["45", GGZ]),
            gives: 8,
        },
        Attack {
            number: "R12",
            name: "who has three kinds of help, and later one",
            sum: "80 - 64 = 16, two for each of 8 that had something that ended",
            children: vec![
                (of.boy(&[kinds[0]])?, 14),
                (of.boy(&[kinds[1]])?, 14),
                (of.boy(&[kinds[2]])?, 14),
                (of.boy(&kinds)?, 32),
                (of.boy(&[kinds[0], ended[1], ended[2]])?, 3),
                (of.boy(&[ended[0], kinds[1], ended[2]])?, 3),
                (of.boy(&[ended[0], ended[1], kinds[2]])?, 2),
            ],
            plan: plan(&[GROEP, EINDE], 2),
            terms: more(&["45", GGZ, REST]),
            gives: 16,
        },
        Attack {
            number: "R3",
            name: "a cube that comes late",
            sum: "45 - 38 = 7 began",
            children: vec![
                (of.boy(&[("45", -1, HALF_YEARS)])?, 38),
                (of.boy(&[("45", 1, HALF_YEARS)])?, 7),
                (of.boy(&[("45", -1, 0)])?, 20),
            ],
            plan: late,
            terms: vec![(1, rows(1, &[])), (-1, stocks(1))],
            gives: 7,
        },
        Attack {
            number: "R3",
            name: "a cube that is declined, and accepted later",
            sum: "45 - 38 = 7 began",
            children: vec![
                (of.boy(&[("45", -1, HALF_YEARS)])?, 38),
                (of.boy(&[("45", 1, HALF_YEARS)])?, 7),
                (of.boy(&[("45", -1, 0)])?, 20),
            ],
            plan: declined,
            terms: vec![(1, rows(1, &[])), (-1, stocks(1))],
            gives: 7,
        },
        Attack {
            number: "R12",
            name: "what began, without a table of it",
            sum: "48 - 43 = 5 began",
            children: vec![
                (of.boy(&[("45", -1, HALF_YEARS)])?, 43),
                (of.boy(&[("45", -1, 0)])?, 20),
                (of.boy(&[("45", 1, HALF_YEARS)])?, 5),
            ],
            plan: plan(&[EINDE], 2),
            terms: vec![(1, rows(1, &[])), (-1, ran_on)],
            gives: 5,
        },
        Attack {
            number: "R3",
            name: "a policy that becomes stricter",
            sum: "15 - 11 = 4 began, where 11 are too few by now",
            children: vec![
                (of.boy(&[("45", -1, HALF_YEARS)])?, 30),
                (of.boy(&[("51", -1, HALF_YEARS)])?, 11),
                (of.boy(&[("51", -1, 0)])?, 14),
                (of.boy(&[("51", 1, HALF_YEARS)])?, 4),
            ],
            plan: stricter,
            terms: vec![
                (1, rows(1, &[("categorie", GGZ)])),
                (-1, rows(0, &[("categorie", GGZ), ("einde", "loopt_door")])),
            ],
            gives: 4,
        },
        Attack {
            number: "R12",
            name: "what began in a list of its own",
            sum: "18 - 12 = 6 began",
            children: vec![(of.boy(&[("45", -1, HALF_YEARS)])?, 12), (of.boy(&[("45", 1, HALF_YEARS)])?, 6)],
            plan: plan(&[EINDE, LIJST_HERHAALD], 2),
            terms: vec![(1, rows(1, &[])), (-1, rows(0, &[("einde", "loopt_door")]))],
            gives: 6,
        },
    ])
}

//! The attacks on released figures: each a gemeente in which a sum of published counts would give a small number away, and the
//! tables that it takes. Most broke an earlier design, or another system.

mod half_years;
mod insiders;

use super::{
    attack::{Asked, Attack},
    codebook::Codebook,
    life::{HALF_YEARS, Landmarks},
    plan::Plan,
    planter::Planter,
    registry::{BOTH, Drawn, PERSONS, ROWS, naam},
};

const GROEP: Drawn = ("jeugdhulp", &["kerngroep"], BOTH);
const GROEP_GESLACHT: Drawn = ("jeugdhulp", &["kerngroep", "geslacht_groep"], BOTH);
const GROEP_LEEFTIJD: Drawn = ("jeugdhulp", &["kerngroep", "levensfase"], BOTH);
const NEGEN_GESLACHT: Drawn = ("jeugdhulp", &["groep", "geslacht_groep"], BOTH);
const CATEGORIE: Drawn = ("jeugdhulp", &["categorie"], BOTH);
const DUUR: Drawn = ("jeugdhulp", &["duur_lijst"], ROWS);
const HULPVORM: Drawn = ("jeugdhulp", &["hulpvorm"], BOTH);
const VERLOOP: Drawn = ("jeugdhulp", &["begin", "beeindigd"], ROWS);
const GROEP_VERLOOP: Drawn = ("jeugdhulp", &["kerngroep", "begin", "beeindigd"], ROWS);
const EINDE: Drawn = ("jeugdhulp", &["beeindigd"], ROWS);
const STROOM: Drawn = ("jeugdhulp", &["stroom"], PERSONS);
const VERWIJZER: Drawn = ("jeugdhulp", &["verwijzer_groep"], BOTH);
const HERHAALD: Drawn = ("herhaald_beroep", &["kerngroep", "herhaald"], ROWS);
const GROEP_WISSELING: Drawn = ("wisseling", &["kerngroep"], BOTH);
const LIJST_HERHAALD: Drawn = ("herhaald_beroep", &["herhaald"], ROWS);

/// The categorieën that are neither ambulant nor ggz.
const REST: &str = "31+32+33+34+35+36+37+38+40+41+42+43+44+46+47+48+49+50+53+55+onbekend";

/// The categorieën of ggz.
const GGZ: &str = "51+52+54";

fn persons(half: usize, within: &[(&'static str, &'static str)]) -> Asked {
    Asked::new(false, half, within)
}

fn rows(half: usize, within: &[(&'static str, &'static str)]) -> Asked {
    Asked::new(true, half, within)
}

fn plan(cubes: &[Drawn], halves: usize) -> Plan {
    Plan::new(std::iter::repeat_n(cubes.to_vec(), halves))
}

/// All of them.
///
/// # Errors
/// If the catalogue lacks a member that they plant.
pub fn all(codebook: &Codebook, landmarks: &Landmarks) -> anyhow::Result<Vec<Attack>> {
    let planter = Planter { codebook, landmarks };
    let unmapped = landmarks.unmapped(codebook)?;
    let of_unmapped = Planter { codebook, landmarks: &unmapped };
    let lists = between_lists(&of_unmapped)?;
    let (views, half_years, insiders) =
        (between_views(&planter)?, half_years::all(&planter)?, insiders::all(&planter)?);
    Ok([in_one_table(&planter)?, of_persons(&planter)?, lists, views, half_years, insiders].concat())
}

fn in_one_table(of: &Planter<'_>) -> anyhow::Result<Vec<Attack>> {
    let (a, b) = (("45", -1, HALF_YEARS), ("51", -1, HALF_YEARS));
    Ok(vec![
        Attack {
            number: "A1",
            name: "small cell",
            sum: "9 are shown",
            children: vec![(of.boy(&[a])?, 30), (of.boy(&[b])?, 9)],
            plan: plan(&[GROEP], 1),
            terms: vec![(1, persons(0, &[("categorie", GGZ)]))],
            gives: 9,
        },
        Attack {
            number: "A2",
            name: "complement",
            sum: "49 - 40 = 9 girls",
            children: vec![(of.boy(&[a])?, 40), (of.girl(&[a])?, 9)],
            plan: plan(&[GROEP_GESLACHT], 1),
            terms: vec![(1, persons(0, &[])), (-1, persons(0, &[("geslacht", "M")]))],
            gives: 9,
        },
        Attack {
            number: "A3",
            name: "individual tracker",
            sum: "20 - 19 = 1 that the others did not refer",
            children: vec![
                (of.boy(&[a])?, 19),
                (of.referred(of.boy(&[a])?, "06")?, 1),
                (of.referred(of.boy(&[b])?, "06")?, 30),
            ],
            plan: plan(&[("jeugdhulp", &["kerngroep", "verwijzer_groep"], ROWS)], 1),
            terms: vec![
                (1, rows(0, &[("categorie", "45")])),
                (-1, rows(0, &[("categorie", "45"), ("verwijzer", "01")])),
            ],
            gives: 1,
        },
        Attack {
            number: "A5",
            name: "one hidden in a table, told by its margins",
            sum: "29 - 25 = 4 girls",
            children: vec![(of.boy(&[a])?, 20), (of.girl(&[a])?, 4), (of.boy(&[b])?, 30), (of.girl(&[b])?, 25)],
            plan: plan(&[GROEP_GESLACHT], 1),
            terms: vec![
                (1, rows(0, &[("geslacht", "V+onbekend")])),
                (-1, rows(0, &[("categorie", GGZ), ("geslacht", "V+onbekend")])),
            ],
            gives: 4,
        },
        Attack {
            number: "A8",
            name: "overlapping groupings",
            sum: "85 - 60 - 20 = 5 in a leaf of a hidden group",
            children: vec![(of.boy(&[a])?, 60), (of.boy(&[b])?, 20), (of.boy(&[("52", -1, HALF_YEARS)])?, 5)],
            plan: plan(&[CATEGORIE, NEGEN_GESLACHT], 1),
            terms: vec![
                (1, persons(0, &[])),
                (-1, persons(0, &[("categorie", "45")])),
                (-1, persons(0, &[("categorie", "51")])),
            ],
            gives: 5,
        },
        Attack {
            number: "A15",
            name: "a rare member",
            sum: "53 - 50 = 3 of whom the referrer is not known",
            children: vec![(of.boy(&[a])?, 50), (of.referred(of.boy(&[a])?, "onbekend")?, 3)],
            plan: plan(&[VERWIJZER], 1),
            terms: vec![(1, persons(0, &[])), (-1, persons(0, &[("verwijzer", "01")]))],
            gives: 3,
        },
        Attack {
            number: "A1",
            name: "the same cell in two tables",
            sum: "8 of a list that a finer table leaves open",
            children: vec![
                (of.boy(&[a])?, 30),
                (of.older(of.boy(&[a])?)?, 12),
                (of.older(of.boy(&[b])?)?, 8),
                (of.boy(&[b])?, 20),
            ],
            plan: plan(&[GROEP_LEEFTIJD, GROEP_GESLACHT], 1),
            terms: vec![
                (1, rows(0, &[("categorie", GGZ)])),
                (-1, rows(0, &[("categorie", GGZ), ("leeftijdsgroep", "0-3+4-11+onbekend")])),
            ],
            gives: 8,
        },
    ])
}

fn of_persons(of: &Planter<'_>) -> anyhow::Result<Vec<Attack>> {
    let [a, b, c] = ["45", "51", "43"].map(|categorie| (categorie, -1, HALF_YEARS));
    let boys = vec![(of.boy(&[a])?, 10), (of.boy(&[a, b])?, 10), (of.boy(&[b, c])?, 4)];
    let girls = vec![(of.girl(&[a])?, 30), (of.girl(&[b])?, 20), (of.girl(&[c])?, 20)];
    let others = vec![(of.girl(&[a])?, 30), (of.girl(&[b])?, 20), (of.girl(&[c])?, 15)];
    Ok(vec![
        Attack {
            number: "R5",
            name: "a total less a part that a child can also be in",
            sum: "17 - 10 = 7 without ambulant",
            children: vec![(of.boy(&[a])?, 5), (of.boy(&[a, b])?, 5), (of.boy(&[b])?, 7)],
            plan: plan(&[GROEP], 1),
            terms: vec![(1, persons(0, &[])), (-1, persons(0, &[("categorie", "45")]))],
            gives: 7,
        },
        Attack {
            number: "R1",
            name: "24 boys in two of three groups, beside girls in as many",
            sum: "24 - 20 = 4 in the third",
            children: [boys.clone(), girls].concat(),
            plan: plan(&[NEGEN_GESLACHT], 1),
            terms: vec![
                (1, persons(0, &[("geslacht", "M")])),
                (-1, persons(0, &[("categorie", "45"), ("geslacht", "M")])),
            ],
            gives: 4,
        },
        Attack {
            number: "R1",
            name: "24 boys in two of three groups, beside girls in other numbers",
            sum: "24 - 20 = 4 in the third",
            children: [boys, others].concat(),
            plan: plan(&[NEGEN_GESLACHT], 1),
            terms: vec![
                (1, persons(0, &[("geslacht", "M")])),
                (-1, persons(0, &[("categorie", "45"), ("geslacht", "M")])),
            ],
            gives: 4,
        },
    ])
}

/// What one list of a traject says of another.
fn between_lists(of: &Planter<'_>) -> anyhow::Result<Vec<Attack>> {
    let kinds = [("45", 40), ("35", 12), ("36", 5), ("38", 15)];
    let child = |(categorie, many)| Ok((of.boy(&[(categorie, -1, HALF_YEARS)])?, many));
    let long = [("duurklasse", "6_tot_12_maanden")];
    let duur = Attack {
        number: "R12",
        name: "what is long ran before the first half-year",
        sum: "41 - 32 = 9 came",
        children: vec![
            (of.boy(&[("45", -1, HALF_YEARS)])?, 11),
            (of.again(of.boy(&[("45", -1, HALF_YEARS), ("51", 0, HALF_YEARS)])?, "aansluitend")?, 21),
            (of.boy(&[("45", 0, HALF_YEARS)])?, 9),
        ],
        plan: plan(&[STROOM, DUUR, EINDE], 1),
        terms: vec![(1, persons(0, &[])), (-1, rows(0, &long))],
        gives: 9,
    };
    let hulpvorm = Attack {
        number: "R12",
        name: "a hulpvorm that is a categorie, without a mapping",
        sum: "32 - 12 - 15 = 5 with verblijf in a family",
        children: kinds.into_iter().map(child).collect::<anyhow::Result<_>>()?,
        plan: Plan { unmapped: true, ..plan(&[CATEGORIE, HULPVORM], 1) },
        terms: vec![
            (1, persons(0, &[("hulpvorm", "11+12+13+14")])),
            (-1, persons(0, &[("categorie", "35")])),
            (-1, persons(0, &[("categorie", "38")])),
        ],
        gives: 5,
    };
    Ok(vec![hulpvorm, duur])
}

fn between_views(of: &Planter<'_>) -> anyhow::Result<Vec<Attack>> {
    let (began, before) = (("45", 0, HALF_YEARS), ("45", -1, HALF_YEARS));
    let part = [("begin", "gestart")];
    Ok(vec![
        Attack {
            number: "R12",
            name: "one view against another",
            sum: "59 - 40 - 12 = 7 that came back later",
            children: vec![
                (of.boy(&[before])?, 30),
                (of.boy(&[began])?, 40),
                (of.again(of.boy(&[began])?, "aansluitend")?, 12),
                (of.again(of.boy(&[began])?, "later")?, 7),
            ],
            plan: plan(&[HERHAALD, VERLOOP], 1),
            terms: vec![
                (1, rows(0, &part)),
                (-1, rows(0, &[part[0], ("herhaald", "eerste")])),
                (-1, rows(0, &[part[0], ("herhaald", "aansluitend")])),
            ],
            gives: 7,
        },
        Attack {
            number: "R5",
            name: "a view of some children",
            sum: "17 - 12 = 5 did not change aanbieder",
            children: vec![
                (of.changed(of.boy(&[before])?)?, 12),
                (of.boy(&[before])?, 5),
                (of.boy(&[("51", -1, HALF_YEARS)])?, 25),
            ],
            plan: plan(&[GROEP, GROEP_WISSELING], 1),
            terms: vec![
                (1, persons(0, &[("categorie", "45")])),
                (-1, persons(0, &[("categorie", "45")]).of("wisseling")),
            ],
            gives: 5,
        },
        Attack {
            number: "R12",
            name: "flows of persons against trajecten",
            sum: "52 - 45 = 7 came",
            children: vec![
                (of.boy(&[before])?, 45),
                (of.boy(&[began])?, 7),
                (of.boy(&[("45", -1, 0)])?, 12),
                (of.boy(&[("45", 0, 0)])?, 10),
            ],
            plan: plan(&[GROEP, STROOM, VERLOOP], 1),
            terms: vec![(1, rows(0, &[("einde", "loopt_door")])), (-1, persons(0, &[("stroom", "doorlopend")]))],
            gives: 7,
        },
    ])
}

//! What follows from how dimensions are made from records: cells in which nobody can be, cells that are the same, and who
//! cannot be in two.

use super::*;

/// What a definition excludes is empty, in tables and in crossings that no table has.
#[test]
fn r12_nobody_is_what_a_definition_excludes() {
    let catalogue = catalogue();
    let lattice = Lattice::of(&catalogue).unwrap();
    let structural = |view, members: &[(&str, &str)]| {
        lattice.number(&place(&catalogue, view, members)).map(|cell| lattice.cells()[cell].structural)
    };
    let jeugdhulp = |members: &[(&str, &str)]| structural("jeugdhulp", members);
    for (members, expected) in [
        ([("verwijzer_groep", "arts"), ("wachttijd_groep", "onbekend")].as_slice(), Structural::Always),
        (&[("verwijzer", "06"), ("wachttijd_groep", "onbekend")], Structural::Always),
        (&[("verwijzer", "onbekend"), ("wachttijd_groep", "tot_10_weken")], Structural::Always),
        (&[("verwijzer_groep", "overig"), ("wachttijd_groep", "tot_10_weken")], Structural::No),
        (&[("verwijzer", "01"), ("wachttijd_groep", "onbekend")], Structural::No),
        (&[("begin", "gestart"), ("duur_groep", "6_tot_12_maanden")], Structural::First),
        (&[("begin", "gestart"), ("beeindigd", "geeindigd"), ("duur_groep", "1_jaar_of_langer")], Structural::First),
        (&[("begin", "gestart"), ("duur_groep", "tot_6_maanden")], Structural::No),
        (&[("begin", "al_lopend"), ("beeindigd", "loopt_door"), ("duur_groep", "tot_6_maanden")], Structural::First),
        (&[("begin", "al_lopend"), ("beeindigd", "geeindigd"), ("duur_groep", "tot_6_maanden")], Structural::No),
    ] {
        assert_eq!(jeugdhulp(members), Some(expected), "{members:?}");
    }
    assert_eq!(structural("herhaald_beroep", &[("herhaald", "onbekend")]), Some(Structural::First));
    assert_eq!(structural("wisseling", &[("aansluiting", "onbekend")]), Some(Structural::Always));
    // A table by itself has nothing to be crossed with.
    let catalogue = Catalogue::from_bundle(&with("kubussen.toml", |text| {
        let cubes = text.split("[[kubus]]").skip(1).filter(|cube| cube.contains("naam = \"verwijzer\""));
        cubes.map(|cube| format!("[[kubus]]{cube}")).collect()
    }));
    let alone = Lattice::of(&catalogue.unwrap()).unwrap();
    assert!(alone.cells().iter().all(|cell| !cell.place.members().contains("wachttijdklasse")));
    // But readers know what runs on, whatever tables there are.
    let catalogue = Catalogue::from_bundle(&with("kubussen.toml", |text| {
        let cubes = text.split("[[kubus]]").skip(1).filter(|cube| cube.contains("naam = \"duur\""));
        cubes.map(|cube| format!("[[kubus]]{cube}")).collect()
    }));
    let catalogue = catalogue.unwrap();
    let lattice = Lattice::of(&catalogue).unwrap();
    let of = |members: &[(&str, &str)]| {
        lattice.number(&place(&catalogue, "jeugdhulp", members)).map(|cell| lattice.cells()[cell].structural)
    };
    let short = [("begin", "al_lopend"), ("beeindigd", "loopt_door"), ("duur_groep", "tot_6_maanden")];
    assert_eq!(of(&short), Some(Structural::First));
    assert_eq!(of(&[short[0], ("beeindigd", "geeindigd"), short[2]]), Some(Structural::No));
    assert_eq!(of(&[short[0], ("einde_groep", "anders"), short[2]]), None);
    assert!([Structural::No, Structural::First].iter().all(|of| !of.holds(false)));
    assert!(Structural::First.holds(true) && Structural::Always.holds(false));
}

/// Without a mapping of product codes pleegzorg is categorie 35 and nothing else, and of each categorie one runs at a time.
#[test]
fn r12_a_hulpvorm_without_a_mapping_is_some_categorieen() {
    let catalogue = catalogue();
    let mapped = Lattice::of(&catalogue).unwrap();
    let unmapped = mapped.clone().unmapped(&catalogue);
    let number = |members: &[(&str, &str)]| mapped.number(&place(&catalogue, "jeugdhulp", members)).unwrap();
    let added = &unmapped.lines()[mapped.lines().len()..];
    let parts = |whole: usize| added.iter().filter(move |line| line.whole == whole).map(|line| line.parts.clone());
    for moment in [[].as_slice(), &[("begin", "al_lopend")], &[("begin", "gestart"), ("einde", "loopt_door")]] {
        let of = |member| number(&[&[member], moment].concat());
        assert_eq!(parts(of(("hulpvorm", "11"))).collect::<Vec<_>>(), [[of(("categorie", "35"))]]);
        // Of the largest cells of categorieën without a hulpvorm, and of what is in none of these.
        let none = Count::Persons(of(("hulpvorm", "onbekend")));
        let is_part =
            |one: usize| unmapped.ties().iter().any(|tie| tie.terms == [(Count::Persons(one), 1), (none, -1)]);
        let inside = [("kerngroep", "ggz"), ("hoofdgroep", "dag_verblijf_crisis"), ("categorie", "40")];
        assert!(inside.into_iter().all(|member| is_part(of(member))), "{moment:?}");
        assert!(
            [("categorie", "41"), ("categorie", "35"), ("groep", "rest")]
                .into_iter()
                .all(|member| !is_part(of(member)))
        );
        let said = |terms: &[(Count, i64)]| unmapped.ties().iter().any(|tie| tie.terms == terms && !tie.exactly);
        let rest = [("kerngroep", "andere"), ("hulpvorm_groep", "met_verblijf"), ("hulpvorm_groep", "zonder_verblijf")];
        let [rest, with, without] = rest.map(of);
        let persons = |cell, times| (Count::Persons(cell), times);
        assert!(said(&[persons(with, 1), persons(rest, -1)]) && !said(&[persons(rest, 1), persons(with, -1)]));
        assert!(
            [[with, without], [without, with]].into_iter().any(|[one, other]| {
                said(&[(Count::Rows(one), 1), (Count::Rows(other), 1), (Count::Rows(rest), -1)])
            })
        );
    }
    let moment = |times: i64, members: &[(&str, &str)]| {
        let cell = number(members);
        Tie { terms: vec![(Count::Rows(cell), 1), (Count::Persons(cell), -times)], exactly: false, sum: 0 }
    };
    let loopt_door = ("einde", "loopt_door");
    // Hulpvorm 11 is categorie 35, and ggz is three of them.
    let running = [
        moment(1, &[("categorie", "45"), loopt_door]),
        moment(1, &[("hulpvorm", "11"), loopt_door]),
        moment(1, &[("hulpvorm", "11"), ("begin", "gestart"), loopt_door]),
        moment(3, &[("kerngroep", "ggz"), ("begin", "al_lopend")]),
    ];
    let said = |tie: &Tie| unmapped.ties().contains(tie) || unmapped.ties_of_one_before().contains(tie);
    assert!(running.iter().all(|tie| said(tie) && !mapped.ties().contains(tie)));
    // What ran before can be of two gemeenten that became one.
    assert!(!unmapped.ties().contains(&running[3]) && unmapped.ties().contains(&running[2]));
    let began = moment(1, &[("categorie", "45"), ("begin", "gestart")]);
    assert!(!unmapped.ties().contains(&began) && unmapped.is_unmapped() && !mapped.is_unmapped());
}

/// Who has two verwijzers of one categorie began it again; and of ggz, which is three, there are at most three trajecten to
/// each child of any verwijzer that ran before, besides what began, or that ran on, besides what ended.
#[test]
fn r12_of_one_categorie_who_has_two_began_one() {
    let catalogue = catalogue();
    let mapped = Lattice::of(&catalogue).unwrap();
    let unmapped = mapped.clone().unmapped(&catalogue);
    let of = |members: &[(&str, &str)]| mapped.number(&place(&catalogue, "jeugdhulp", members)).unwrap();
    let said = |lattice: &Lattice, terms: &[(Count, i64)]| {
        lattice.ties().iter().chain(lattice.ties_of_one_before()).any(|tie| !tie.exactly && tie.terms == terms)
    };
    let (ambulant, ggz) = (("kerngroep", "ambulant"), ("kerngroep", "ggz"));
    let (arts, gemeente) = (("verwijzer_groep", "arts"), ("verwijzer_groep", "gemeente"));
    let persons = |cell, times| (Count::Persons(cell), times);
    let line = unmapped
        .lines()
        .iter()
        .find(|line| line.whole == of(&[ambulant]) && line.parts.contains(&of(&[ambulant, arts])));
    let parts: Vec<usize> = line.unwrap().parts.clone();
    let two = parts.iter().filter(|part| [of(&[ambulant, arts]), of(&[ambulant, gemeente])].contains(part));
    let two = two.map(|part| persons(*part, 1));
    let began = [persons(of(&[ambulant]), -1), persons(of(&[ambulant, ("begin", "gestart")]), -1)];
    let two: Vec<_> = two.chain(began).collect();
    assert!(said(&unmapped, &two) && !said(&mapped, &two));
    let of_ggz = of(&[ggz, arts]);
    let own = [(Count::Rows(of_ggz), 1), persons(of_ggz, -3)];
    let began = [own.to_vec(), vec![(Count::Rows(of(&[ggz, ("begin", "gestart")])), -1)]].concat();
    let ended = [(Count::Rows(of(&[ggz])), -1), (Count::Rows(of(&[ggz, ("einde", "loopt_door")])), 1)];
    let ended = [own, ended].concat();
    assert!([began, ended].iter().all(|terms| said(&unmapped, terms) && !said(&mapped, terms)));
}

/// By date, who begins help and had none for half a year is nobody whose help ran before.
#[test]
fn r12_who_is_new_in_a_first_half_year_had_nothing_that_ran() {
    let catalogue = catalogue();
    let lattice = Lattice::of(&catalogue).unwrap();
    let persons = |members: &[(&str, &str)]| {
        let view = if members.iter().any(|(column, _)| column.starts_with("herhaald")) {
            "herhaald_beroep"
        } else {
            "jeugdhulp"
        };
        Count::Persons(lattice.number(&place(&catalogue, view, members)).unwrap())
    };
    let ties = lattice.ties_of_first();
    let new = |group: Option<(&'static str, &'static str)>, classes: &[&'static str]| {
        let of = |member: Option<(&'static str, &'static str)>| group.into_iter().chain(member).collect::<Vec<_>>();
        let mut terms: Vec<_> = classes.iter().map(|class| (persons(&of(Some(("herhaald", class)))), 1)).collect();
        terms.extend([(persons(&of(Some(("begin", "al_lopend")))), 1), (persons(&of(None)), -1)]);
        terms.sort_unstable();
        terms
    };
    let said: Vec<Vec<_>> = ties
        .iter()
        .map(|tie| {
            let mut terms = tie.terms.clone();
            terms.sort_unstable();
            terms
        })
        .collect();
    assert!(said.contains(&new(None, &["eerste", "binnen_12_maanden", "later"])));
    // Beside a kerngroep of help the table has two classes together with others.
    assert!(said.contains(&new(Some(("kerngroep", "ggz")), &["eerste"])));
    assert!(ties.iter().all(|tie| !tie.exactly && tie.sum == 0));
}

/// By date, whoever has help of a categorie that runs all through the half-year begins no other of it: where a categorie can
/// be several hulpvormen that need not be so, nor of two of them.
#[test]
fn r12_of_one_categorie_nobody_begins_what_runs_on_in_a_first_half_year() {
    let catalogue = catalogue();
    let mapped = Lattice::of(&catalogue).unwrap();
    let unmapped = mapped.clone().unmapped(&catalogue);
    let tie = |member: (&'static str, &'static str)| {
        let of = |flow: &[(&'static str, &'static str)]| {
            let members = [&[member], flow].concat();
            Count::Persons(mapped.number(&place(&catalogue, "jeugdhulp", &members)).unwrap())
        };
        let stays = of(&[("begin", "al_lopend"), ("einde", "loopt_door")]);
        let terms = vec![(of(&[("begin", "gestart")]), 1), (stays, 1), (of(&[]), -1)];
        Tie { terms, exactly: false, sum: 0 }
    };
    // Hulpvorm 11 is categorie 35, and ggz is three of them.
    for member in [("categorie", "45"), ("categorie", "35"), ("hulpvorm", "11")] {
        assert!(unmapped.ties_of_first().contains(&tie(member)), "{member:?}");
        assert!(!mapped.ties_of_first().contains(&tie(member)) && !unmapped.ties().contains(&tie(member)));
    }
    assert!(!unmapped.ties_of_first().contains(&tie(("kerngroep", "ggz"))));
}

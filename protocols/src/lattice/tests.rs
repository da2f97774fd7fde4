mod excluded;
mod newcomers;

use super::*;
use crate::{
    catalogue::tests::{WEIGHED, registered, with},
    sdc::Count,
};

fn catalogue() -> Catalogue {
    Catalogue::from_bundle(registered().bundle()).unwrap()
}

fn place(catalogue: &Catalogue, view: &str, members: &[(&str, &str)]) -> Place {
    let members: Vec<(ColumnName, _)> =
        members.iter().map(|(column, code)| (column.parse().unwrap(), code.parse().unwrap())).collect();
    let members = members.iter().map(|(column, code)| (column, code));
    Place::of(catalogue, &view.parse().unwrap(), members).unwrap().unwrap()
}

#[test]
fn the_same_rows_are_one_cell_whatever_they_are_called() {
    let catalogue = catalogue();
    let lattice = Lattice::of(&catalogue).unwrap();
    let same = |one: &Place, other: &Place| {
        assert_eq!(one, other);
        assert!(lattice.number(one).is_some());
    };
    same(
        &place(&catalogue, "jeugdhulp", &[("groep", "crisis")]),
        &place(&catalogue, "jeugdhulp", &[("categorie", "46")]),
    );
    same(
        &place(&catalogue, "herhaald_beroep", &[("groep", "ggz")]),
        &place(&catalogue, "jeugdhulp", &[("groep", "ggz"), ("begin", "gestart")]),
    );
    let cell = |view, members| &lattice.cells()[lattice.number(&place(&catalogue, view, members)).unwrap()];
    assert!(cell("jeugdhulp", &[("categorie", "46")]).sensitive);
    assert!(!cell("jeugdhulp", &[("groep", "rest")]).sensitive);
    let none: ViewName = "jeugdhulp".parse().unwrap();
    let (groep, categorie) = ("groep".parse().unwrap(), "categorie".parse().unwrap());
    let (crisis, ambulant) = ("crisis".parse().unwrap(), "45".parse().unwrap());
    assert_eq!(Place::of(&catalogue, &none, [(&groep, &crisis), (&categorie, &ambulant)]), Some(None));
}

#[test]
fn every_cell_with_finer_cells_below_it_is_their_sum() {
    let catalogue = catalogue();
    let lattice = Lattice::of(&catalogue).unwrap();
    let number = |view, members: &[(&str, &str)]| lattice.number(&place(&catalogue, view, members)).unwrap();
    let parts = |whole: usize| -> Vec<usize> {
        lattice.lines().iter().filter(|line| line.whole == whole).map(|line| line.parts.len()).collect()
    };
    // In this order: einde by beeindigd, geslacht by its groep, begin, then by their groups leeftijdsgroep, duurklasse,
    // wachttijdklasse, hulpvorm and categorie, verwijzer by its groep, stroom.
    let mut total = parts(number("jeugdhulp", &[]));
    total.sort_unstable();
    assert_eq!(total, [2, 2, 3, 3, 3, 3, 3, 3, 4, 5]);
    assert_eq!(
        parts(number("jeugdhulp", &[("hoofdgroep", "ggz"), ("levensfase", "12_tot_18_jaar")])),
        Vec::<usize>::new()
    );
    assert_eq!(parts(number("herhaald_beroep", &[("herhaald", "eerste")])), [3]);
    let overlaps = lattice.lines().iter().filter(|line| line.overlaps).count();
    assert!(overlaps > 0 && overlaps < lattice.lines().len());
}

#[test]
fn a_stock_at_the_beginning_is_the_one_at_the_end_before() {
    let catalogue = catalogue();
    let begin = place(&catalogue, "jeugdhulp", &[("begin", "al_lopend"), ("groep", "ggz")]);
    let end = place(&catalogue, "jeugdhulp", &[("einde", "loopt_door"), ("groep", "ggz")]);
    assert_eq!(after(&begin), Some(end.clone()));
    assert_eq!(after(&end), None);
    let lattice = Lattice::of(&catalogue).unwrap();
    let stocks: Vec<Place> = lattice.cells().iter().filter_map(|cell| after(&cell.place)).collect();
    assert!(stocks.len() > 10 && stocks.iter().all(is_stock_after) && !is_stock_after(&begin));
    assert_eq!(after(&place(&catalogue, "jeugdhulp", &[("begin", "al_lopend"), ("duurklasse", "1_tot_2_jaar")])), None);
    let unseen = || lattice.cells().iter().filter(|cell| cell.shows.nothing());
    assert_eq!(unseen().filter(|cell| is_of_persons(&cell.place)).count(), 2);
    assert!(unseen().filter_map(|cell| after(&cell.place)).all(|place| lattice.number(&place).is_some()));
    // Whatever stands in a table of categorieën or hulpvormen is one kind of traject, that can run on.
    for cell in lattice.cells().iter().filter(|cell| cell.place.view().as_str() == "jeugdhulp") {
        let kinds = ["categorie", "hulpvorm"].map(|column| column.parse::<ColumnName>().unwrap());
        if cell.place.within().len() == 1 && kinds.iter().any(|kind| cell.place.within().contains_key(kind)) {
            let running = |column: &str, code: &str| {
                let members = std::iter::once(code.parse().unwrap()).collect();
                lattice.number(&cell.place.with(&column.parse().unwrap(), Some(members)))
            };
            assert!(running("begin", "al_lopend").is_some() && running("einde", "loopt_door").is_some());
        }
    }
}

/// What began is known of every traject, and so is how every person flows: otherwise what ran before is not what is left
/// of what runs on without what began.
#[test]
fn nobody_is_where_begin_or_stroom_is_not_known() {
    let catalogue = catalogue();
    let lattice = Lattice::of(&catalogue).unwrap();
    let cell =
        |members: &[(&str, &str)]| &lattice.cells()[lattice.number(&place(&catalogue, "jeugdhulp", members)).unwrap()];
    let structural = |members: &[(&str, &str)]| cell(members).structural;
    for never in [
        [("categorie", "45"), ("begin", "onbekend"), ("einde", "loopt_door")].as_slice(),
        &[("begin", "onbekend")],
        &[("stroom", "onbekend")],
    ] {
        assert_eq!(structural(never), Structural::Always, "{never:?}");
    }
    for can_be in [("begin", "gestart"), ("einde_groep", "anders"), ("wachttijdklasse", "onbekend")] {
        assert_eq!(structural(&[can_be]), Structural::No, "{can_be:?}");
    }
}

#[test]
fn r12_cubes_of_which_not_all_is_declared_are_refused_by_name() {
    for (dimensions, crossed) in [
        ("\"groep\", \"hulpvorm\"", "kruising crosses categorie with hulpvorm"),
        ("\"stroom\", \"geslacht_groep\"", "kruising crosses stroom with geslacht"),
    ] {
        let measure = if dimensions.contains("stroom") { "personen" } else { "aantal" };
        let bundle = with("kubussen.toml", |text| {
            format!(
                "{text}\n[[kubus]]\nnaam = \"kruising\"\nnl = \"x\"\nen = \"x\"\nweergave = \"jeugdhulp\"\n\
                 dimensies = [{dimensions}]\ntellingen = [\"{measure}\"]\ndoelen = [\"landelijke-monitor\"]\n{WEIGHED}"
            )
        });
        let refused = Catalogue::from_bundle(&bundle).map(|catalogue| Lattice::of(&catalogue).map(|_| ()));
        let said = match refused {
            Ok(Err(error)) => error.to_string(),
            other => format!("{other:?}"),
        };
        assert!(said.contains(crossed), "{said}");
    }
}

/// Who left had something that ended, and who came and left had something that began and ended, and nothing that ran before
/// or runs on (rule R12).
#[test]
fn who_leaves_has_what_ended() {
    let catalogue = catalogue();
    let lattice = Lattice::of(&catalogue).unwrap();
    let persons =
        |members: &[(&str, &str)]| Count::Persons(lattice.number(&place(&catalogue, "jeugdhulp", members)).unwrap());
    let (left, both) = (persons(&[("stroom", "uitstroom")]), persons(&[("stroom", "in_en_uit")]));
    for (flows, ended) in [
        (vec![left], persons(&[("begin", "al_lopend"), ("beeindigd", "geeindigd")])),
        (vec![both], persons(&[("begin", "gestart"), ("beeindigd", "geeindigd")])),
        (vec![left, both], persons(&[("beeindigd", "geeindigd")])),
    ] {
        let terms = flows.into_iter().map(|flow| (flow, 1)).chain([(ended, -1)]).collect();
        assert!(lattice.ties().contains(&Tie { terms, exactly: false, sum: 0 }));
    }
    let (began, ran, ended) = (("begin", "gestart"), ("begin", "al_lopend"), ("beeindigd", "geeindigd"));
    for (other, all) in [
        (persons(&[began, ("beeindigd", "loopt_door")]), persons(&[began])),
        (persons(&[ran, ended]), persons(&[ended])),
    ] {
        assert_eq!(times(&lattice, vec![(both, 1), (other, 1), (all, -1)]), 1);
    }
}

/// How often a lattice has it that some counts, so many times each, are no more than nothing together.
fn times(lattice: &Lattice, mut terms: Vec<(Count, i64)>) -> usize {
    terms.sort_unstable();
    let is_it = |tie: &&Tie| {
        let mut found = tie.terms.clone();
        found.sort_unstable();
        found == terms && !tie.exactly && tie.sum == 0
    };
    lattice.ties().iter().filter(is_it).count()
}

/// Of 256 with jeugdhulp of one kind 53 left, and as nobody had two trajecten at the beginning and of that kind none began
/// and ended, the others have one that began or one of that kind that ran all through: 12 of the trajecten that ran all
/// through are of other kinds. And the same with the end of the half-year for its beginning (rule R12).
#[test]
fn who_had_help_left_or_has_help_that_goes_on() {
    let catalogue = catalogue();
    let lattice = Lattice::of(&catalogue).unwrap();
    let number = |members: &[(&str, &str)]| lattice.number(&place(&catalogue, "jeugdhulp", members)).unwrap();
    let (persons, rows) =
        (|of: &[(&str, &str)]| Count::Persons(number(of)), |of: &[(&str, &str)]| Count::Rows(number(of)));
    let (kind, before, after) = (("categorie", "45"), ("begin", "al_lopend"), ("einde", "loopt_door"));
    for (one, other, gone) in [(before, after, "uitstroom"), (after, before, "instroom")] {
        let terms = vec![
            (persons(&[kind]), 1),
            (persons(&[("stroom", gone)]), -1),
            (rows(&[kind]), -1),
            (rows(&[kind, one]), 1),
            (rows(&[kind, other]), 1),
            (rows(&[kind, one, other]), -2),
            (rows(&[other]), -1),
            (rows(&[one, other]), 1),
            (rows(&[one]), -1),
            (persons(&[one]), 1),
        ];
        assert_eq!(times(&lattice, terms), 1, "{gone}");
    }
}

/// Who began some help has some that runs on, or some that ended; who ended some had some before, or began some (rule R12).
#[test]
fn who_began_some_help_has_it_or_ended_it() {
    let catalogue = catalogue();
    let lattice = Lattice::of(&catalogue).unwrap();
    let number = |view, members: &[(&str, &str)]| lattice.number(&place(&catalogue, view, members)).unwrap();
    let of = |members: &[(&str, &str)]| number("jeugdhulp", members);
    let [before, began, runs_on] = [("begin", "al_lopend"), ("begin", "gestart"), ("einde", "loopt_door")];
    let later = number("herhaald_beroep", &[("herhaald", "later")]);
    let ended = of(&[("einde", "31")]);
    for (cell, persons, [all, through]) in [
        (later, of(&[began, runs_on]), [of(&[began]), of(&[began, runs_on])]),
        (ended, of(&[before]), [of(&[began]), of(&[began, runs_on])]),
        (ended, of(&[began]), [of(&[before]), of(&[before, runs_on])]),
    ] {
        let persons = [(Count::Persons(cell), 1), (Count::Persons(persons), -1)];
        let rows = [(Count::Rows(all), -1), (Count::Rows(through), 1)];
        assert_eq!(times(&lattice, [persons, rows].concat()), 1);
    }
}

/// If nobody has another hulpvorm than one, a categorie has as many persons as trajecten at any moment; and whoever has two
/// of a categorie has two hulpvormen.
#[test]
fn of_one_categorie_and_hulpvorm_one_traject_runs_at_a_time() {
    let catalogue = catalogue();
    let lattice = Lattice::of(&catalogue).unwrap();
    let hulpvorm: ColumnName = "hulpvorm".parse().unwrap();
    let domain = catalogue.view("jeugdhulp").unwrap().dimension(&hulpvorm).unwrap().domain();
    let codes = || domain.members().iter().map(|member| member.code.as_str());
    for moment in [("begin", "al_lopend"), ("einde", "loopt_door")] {
        let cell = |members: &[(&str, &str)]| lattice.number(&place(&catalogue, "jeugdhulp", members)).unwrap();
        let ambulant = cell(&[moment, ("categorie", "45")]);
        let of = |code| cell(&[moment, ("hulpvorm", code)]);
        let more = || vec![(Count::Rows(ambulant), 1), (Count::Persons(ambulant), -1)];
        let one =
            more().into_iter().chain(codes().filter(|code| *code != "02").map(|code| (Count::Rows(of(code)), -1)));
        let two = more().into_iter().chain(codes().map(|code| (Count::Persons(of(code)), -1)));
        let two = two.chain([(Count::Persons(cell(&[moment])), 1)]);
        // And of pleegzorg nobody has two that are ambulant, which is a categorie by itself among coarse ones.
        let pleegzorg = of("11");
        let kinds = ["ggz", "andere"].map(|kind| (Count::Rows(cell(&[moment, ("kerngroep", kind)])), -1));
        let coarse = [(Count::Rows(pleegzorg), 1), (Count::Persons(pleegzorg), -1)].into_iter().chain(kinds);
        for terms in [one.collect(), two.collect(), coarse.collect()] {
            assert_eq!(times(&lattice, terms), 1, "{moment:?}");
        }
    }
}

/// Of groups of hulpvorm nothing follows for a person who has two of a categorie, but that they are not both of the hulpvorm
/// that is in none of these.
#[test]
fn where_not_each_hulpvorm_is_there_a_categorie_is_tied_to_what_is_alone() {
    let catalogue = Catalogue::from_bundle(&with("kubussen.toml", |text| {
        text.replace("dimensies = [\"hulpvorm\"]", "dimensies = [\"hulpvorm_groep\"]")
    }));
    let catalogue = catalogue.unwrap();
    let lattice = Lattice::of(&catalogue).unwrap();
    let of = |member| lattice.number(&place(&catalogue, "jeugdhulp", &[("begin", "al_lopend"), member])).unwrap();
    let [with, without] = ["met_verblijf", "zonder_verblijf"].map(|group| of(("hulpvorm_groep", group)));
    let (unknown, ambulant) = (of(("hulpvorm", "onbekend")), of(("categorie", "45")));
    let own = vec![(Count::Rows(ambulant), 1), (Count::Persons(ambulant), -1)];
    let others = [(Count::Rows(with), -1), (Count::Rows(without), -1)];
    assert_eq!(times(&lattice, [own, others.to_vec()].concat()), 1);
    let is_tied = |tie: &&Tie| {
        [unknown, ambulant].iter().all(|cell| tie.terms.iter().any(|(count, _)| count.cell() == Some(*cell)))
    };
    // And of the hulpvorm that is alone not both are of that categorie.
    let terms = |tie: &Tie| tie.terms.iter().filter(|(count, _)| *count == Count::Persons(unknown)).count();
    assert!(lattice.ties().iter().filter(is_tied).all(|tie| terms(tie) == 1));
}

/// A table of what began beside one of everything, where none has what ran before: what began is part of it all the same.
#[test]
fn r12_what_began_is_part_of_what_there_is() {
    let catalogue = Catalogue::from_bundle(&with("kubussen.toml", |text| {
        text.replace("[\"kerngroep\", \"herhaald_groep\"]", "[\"kerngroep\", \"leeftijdsgroep\"]")
            .replace("\"levensfase\"", "\"leeftijdsgroep\"")
    }));
    let catalogue = catalogue.unwrap();
    let lattice = Lattice::of(&catalogue).unwrap();
    let number = |members: &[(&str, &str)]| lattice.number(&place(&catalogue, "jeugdhulp", members)).unwrap();
    let of = [("kerngroep", "ggz"), ("leeftijdsgroep", "12-17")];
    let (began, all) = (number(&[of[0], of[1], ("begin", "gestart")]), number(&of));
    assert!(lattice.lines().iter().all(|line| line.whole != all || !line.parts.contains(&began)));
    for count in [Count::Persons, Count::Rows] {
        assert_eq!(times(&lattice, vec![(count(began), 1), (count(all), -1)]), 1);
    }
}

/// Ten had help of one kind and ten changed from one aanbieder to another: nobody changed who had help of another kind,
/// though no table has how many those are (rule R12).
#[test]
fn r12_who_is_in_a_view_of_persons_has_what_those_have() {
    let catalogue = Catalogue::from_bundle(&with("kubussen.toml", |text| {
        text.replace("[\"aansluiting\"]", "[\"kerngroep\", \"leeftijdsgroep\", \"aansluiting\"]")
    }));
    let catalogue = catalogue.unwrap();
    let lattice = Lattice::of(&catalogue).unwrap();
    let aansluiting: ColumnName = "aansluiting".parse().unwrap();
    let changed = lattice.cells().iter().filter(|cell| cell.place.view().as_str() == "wisseling");
    let mut unpublished = 0;
    for cell in changed {
        let whole = cell.place.with(&aansluiting, None).in_view(&"jeugdhulp".parse().unwrap());
        let number = lattice.number(&whole).unwrap_or_else(|| panic!("{} has no whole", cell.place.members()));
        unpublished += usize::from(lattice.cells()[number].shows.nothing());
        if !cell.place.within().contains_key(&aansluiting) {
            let part = Count::Persons(lattice.number(&cell.place).unwrap());
            assert_eq!(times(&lattice, vec![(part, 1), (Count::Persons(number), -1)]), 1);
        }
    }
    assert!(unpublished > 10, "{unpublished}");
    // Who did not change is left of all who have that help, or any.
    let ggz = place(&catalogue, "wisseling", &[("kerngroep", "ggz")]);
    for of in [&[("kerngroep", "ggz")], &[] as &[_]] {
        let whole = lattice.number(&place(&catalogue, "jeugdhulp", of)).unwrap();
        assert!(lattice.inside().contains(&[lattice.number(&ggz).unwrap(), whole]));
    }
    let other = lattice.number(&place(&catalogue, "jeugdhulp", &[("kerngroep", "ambulant")])).unwrap();
    assert!(!lattice.inside().contains(&[lattice.number(&ggz).unwrap(), other]));
    // Nor has anybody changed in more kinds of help than the child has.
    let number = |view: &str, members: &[(&str, &str)]| {
        Count::Persons(lattice.number(&place(&catalogue, view, members)).unwrap())
    };
    let kinds = |view: &str, times: i64| {
        let kinds = ["ambulant", "andere", "ggz"].map(|kind| (number(view, &[("kerngroep", kind)]), times));
        kinds.into_iter().chain([(number(view, &[]), -times)]).collect::<Vec<_>>()
    };
    assert_eq!(times(&lattice, [kinds("wisseling", 1), kinds("jeugdhulp", -1)].concat()), 1);
}

/// Of 52 children with help of one kind in the 27 trajecten that ran on and 10 at most with any that ended (rule R12).
#[test]
fn r12_who_has_help_has_some_that_stays_or_some_that_goes() {
    let catalogue = catalogue();
    let lattice = Lattice::of(&catalogue).unwrap();
    let number = |members: &[(&str, &str)]| lattice.number(&place(&catalogue, "jeugdhulp", members)).unwrap();
    let persons = |members: &[(&str, &str)], times| (Count::Persons(number(members)), times);
    let (runs_on, ended) = (("einde", "loopt_door"), ("beeindigd", "geeindigd"));
    // The finest table of what ended that has it.
    let one = [("categorie", "51")];
    let terms = vec![persons(&one, 1), persons(&[one[0], runs_on], -1), persons(&[("hoofdgroep", "ggz"), ended], -1)];
    assert_eq!(times(&lattice, terms), 1);
    // A coarser one follows from it.
    let terms = vec![persons(&one, 1), persons(&[one[0], runs_on], -1), persons(&[ended], -1)];
    assert_eq!(times(&lattice, terms), 0);
    for (stays, goes) in [
        (runs_on, ended),
        (("begin", "al_lopend"), ("begin", "gestart")),
        (("begin", "gestart"), ("begin", "al_lopend")),
    ] {
        let kinds = ["ambulant", "ggz", "andere"].map(|code| ("kerngroep", code));
        let both = [persons(&kinds[..1], 1), persons(&kinds[1..2], 1), persons(&[], -1), persons(&[stays], 1)];
        let terms = both.into_iter().chain(kinds.map(|kind| persons(&[kind, stays], -1))).chain([persons(&[goes], -1)]);
        assert_eq!(times(&lattice, terms.collect()), 1, "{stays:?}");
        // Who has all three loses two at most.
        let all = kinds.map(|kind| persons(&[kind], 1)).into_iter().chain([persons(&[], -1), persons(&[stays], 1)]);
        let terms = all.chain(kinds.map(|kind| persons(&[kind, stays], -1))).chain([persons(&[goes], -2)]);
        assert_eq!(times(&lattice, terms.collect()), 1, "{stays:?}");
    }
    // What ended by hulpvorm is in no table.
    let zonder = ("hulpvorm_groep", "zonder_verblijf");
    let kinds = ["01", "02", "03", "04"].map(|code| ("hulpvorm", code));
    let terms = kinds.iter().flat_map(|kind| [persons(&[*kind, runs_on], 1), persons(&[*kind], -1)]);
    let terms = terms.chain([persons(&[zonder, runs_on], -1), persons(&[zonder], 1)]).collect();
    assert_eq!(times(&lattice, terms), 1);
}

/// Girls' help all runs on and ggz is of girls only: nobody's ggz ended, which no table of categorie says (rule R12).
#[test]
fn r12_what_runs_on_closes_circles_that_cubes_leave_open() {
    let registered = catalogue();
    assert!(Lattice::of(&registered).is_ok());
    let catalogue = Catalogue::from_bundle(&with("kubussen.toml", |text| {
        text.replace("dimensies = [\"reden_einde\"]", "dimensies = [\"reden_einde\", \"geslacht_groep\"]")
    }));
    let said = catalogue.map(|_| ()).unwrap_err().to_string();
    assert!(said.contains("categorie, einde, geslacht go round in a circle"), "{said}");
    // Where no table has begin or einde what runs on is known all the same, and so is of whom a view of some persons is.
    for (cubes, around) in [
        ([("jeugdhulp", "\"groep\", \"geslacht\""), ("jeugdhulp", "\"hulpvorm\", \"geslacht\"")], "hulpvorm"),
        ([("wisseling", "\"groep\", \"geslacht\""), ("jeugdhulp", "\"beeindigd\", \"geslacht\"")], "einde"),
    ] {
        let text = cubes.map(|(view, dimensions)| {
            let naam = dimensions.replace(['"', ','], "").replace(' ', "-");
            format!(
                "[[kubus]]\nnaam = \"{naam}\"\nnl = \"x\"\nen = \"x\"\nweergave = \"{view}\"\ndimensies = [{dimensions}]\n\
                 tellingen = [\"aantal\"]\ndoelen = [\"landelijke-monitor\"]\n{WEIGHED}"
            )
        });
        let catalogue = Catalogue::from_bundle(&with("kubussen.toml", |_| text.concat()));
        let said = catalogue.map(|_| ()).unwrap_err().to_string();
        assert!(said.contains("circle") && said.contains(around) && said.contains("geslacht"), "{said}");
    }
}

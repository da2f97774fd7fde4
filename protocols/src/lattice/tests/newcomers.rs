//! Who is of an age and has no help but of some kinds has help of these that ran before, or came; or that runs on, or left.

use super::*;

#[test]
fn r12_who_has_no_help_of_other_kinds_has_some_that_ran_before_or_is_new() {
    let catalogue = catalogue();
    let lattice = Lattice::of(&catalogue).unwrap();
    let persons = |members: &[(&str, &str)], times: i64| {
        (Count::Persons(lattice.number(&place(&catalogue, "jeugdhulp", members)).unwrap()), times)
    };
    let age = ("levensfase", "12_tot_18_jaar");
    for moment in [("begin", "al_lopend"), ("einde", "loopt_door")] {
        let own = |kinds: &[(&str, &str)], others: &[(&str, &str)]| {
            let running = kinds.iter().map(|kind| persons(&[*kind, moment], -1));
            let beside = others.iter().map(|kind| persons(&[*kind, age], -1));
            let all = [persons(&[age], 1), persons(&[moment], 1), persons(&[], -1)];
            running.chain(beside).chain(all).collect::<Vec<_>>()
        };
        let [ambulant, ggz, rest] = ["ambulant", "ggz", "andere"].map(|kind| ("kerngroep", kind));
        assert_eq!(times(&lattice, own(&[ggz], &[ambulant, rest])), 1);
        assert_eq!(times(&lattice, own(&[ggz, ambulant], &[rest])), 1);
        // A part of a part, beside the other parts of both.
        let [one, other] = ["dag_verblijf_crisis", "overige"].map(|kind| ("hoofdgroep", kind));
        assert_eq!(times(&lattice, own(&[one], &[ambulant, ggz, other])), 1);
        assert_eq!(times(&lattice, own(&[one], &[ambulant, ggz])), 0);
    }
    // Of rows of a verwijzer some help of a child may be elsewhere.
    let of_verwijzer = place(&catalogue, "jeugdhulp", &[("verwijzer_groep", "arts")]);
    let (whole, running) = (lattice.number(&of_verwijzer).unwrap(), persons(&[("begin", "al_lopend")], 1));
    let both = |tie: &&Tie| tie.terms.contains(&(Count::Persons(whole), 1)) && tie.terms.contains(&running);
    assert_eq!(lattice.ties().iter().filter(both).count(), 0);
}

/// Ten had help of other kinds before the half-year and eleven have it in it, so that of who is new at most one has that; the
/// others have help of a kind that began.
#[test]
fn r12_who_is_new_has_a_kind_of_help_that_did_not_run_before() {
    let catalogue = catalogue();
    let lattice = Lattice::of(&catalogue).unwrap();
    let persons = |members: &[(&str, &str)], times: i64| {
        (Count::Persons(lattice.number(&place(&catalogue, "jeugdhulp", members)).unwrap()), times)
    };
    let [ambulant, ggz, rest] = ["ambulant", "ggz", "andere"].map(|kind| ("kerngroep", kind));
    let [before, began, after] = [("begin", "al_lopend"), ("begin", "gestart"), ("einde", "loopt_door")];
    let (new, left) = (vec![persons(&[("stroom", "instroom")], 1)], vec![persons(&[("stroom", "uitstroom")], 1)]);
    let both = vec![persons(&[], 1), persons(&[before], -1)];
    for (who, moment, any) in
        [(new, before, vec![began, after]), (left, after, vec![before]), (both, before, vec![began])]
    {
        let own = [persons(&[rest, moment], 1), persons(&[rest], -1)];
        let others = [ambulant, ggz].map(|kind| persons(&[vec![kind], any.clone()].concat(), -1));
        assert_eq!(times(&lattice, [who, own.to_vec(), others.to_vec()].concat()), 1, "{any:?}");
    }
}

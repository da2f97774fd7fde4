use std::sync::LazyLock;

use drempel_protocols::catalogue::SignedBundle;
use proptest::prelude::*;

use super::*;
use crate::{audit::Holder, officer::Role};

static CATALOGUE: LazyLock<Catalogue> = LazyLock::new(|| {
    let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../config/catalogus"));
    Catalogue::from_bundle(SignedBundle::read(folder).unwrap().bundle()).unwrap()
});

fn cube(name: &str) -> Subject {
    Subject::Cube(name.parse().unwrap())
}

fn person(number: u8) -> Pseudonym {
    Pseudonym::of("J. de Vries", &[number; 32])
}

fn decision(about: Subject, verdict: Verdict, until: Option<Date>, four_eyes: bool) -> Decision {
    Decision { about, verdict, why: "omdat het kan".parse().unwrap(), until, four_eyes, by: person(1) }
}

fn day(text: &str) -> Date {
    text.parse().unwrap()
}

#[test]
fn a_withdrawal_holds_at_once_and_an_acceptance_waits_for_another() {
    let (mut decisions, at, today) = (Decisions::default(), Timestamp::UNIX_EPOCH, day("2026-11-28"));
    let about = cube("a");
    assert_eq!(decisions.standing(&about, today), Standing::Undecided);
    decisions.take(3, at, decision(about.clone(), Verdict::Decline, None, true));
    assert_eq!(decisions.standing(&about, today), Standing::Declined);
    decisions.take(4, at, decision(about.clone(), Verdict::Accept, Some(today), true));
    assert_eq!(decisions.standing(&about, today), Standing::Declined, "nobody confirmed it");
    assert_eq!(decisions.confirmable(4, &person(1)), Err(Unconfirmed::Same));
    assert_eq!(decisions.confirmable(3, &person(2)), Err(Unconfirmed::Nothing));
    decisions.confirm(4, &person(1), at);
    assert_eq!(decisions.standing(&about, today), Standing::Declined, "by the same officer");
    decisions.confirm(4, &person(2), at);
    assert_eq!(decisions.standing(&about, today), Standing::Accepted(Some(today)));
    assert_eq!(decisions.standing(&about, today.tomorrow().unwrap()), Standing::Lapsed(today));
    assert_eq!(decisions.standing(&cube("b"), today), Standing::Undecided);
    // Declined again while an acceptance waited: confirming that one must not undo it.
    decisions.take(5, at, decision(about.clone(), Verdict::Accept, None, true));
    decisions.take(6, at, decision(about.clone(), Verdict::Decline, None, true));
    assert_eq!(decisions.confirmable(5, &person(2)), Err(Unconfirmed::Overtaken));
    decisions.confirm(5, &person(2), at);
    assert_eq!(decisions.standing(&about, today), Standing::Declined);
}

#[test]
fn under_a_catalogue_that_is_declined_nothing_is_answered() {
    let (mut decisions, at, today) = (Decisions::default(), Timestamp::UNIX_EPOCH, day("2026-11-28"));
    let answers = |decisions: &Decisions, day| {
        let policy = decisions.over(&Policy::constants(), &CATALOGUE, day);
        CATALOGUE.cubes().filter(|cube| policy.answers(cube)).count()
    };
    let (all, in_use) = (CATALOGUE.cubes().count(), Subject::Catalogue(CATALOGUE.digest()));
    let another = Subject::Catalogue(Digest::of("another", &[]));
    decisions.take(1, at, decision(another, Verdict::Decline, None, false));
    assert_eq!(answers(&decisions, today), all, "it is not in use");
    decisions.take(2, at, decision(in_use.clone(), Verdict::Accept, Some(today), false));
    assert_eq!((answers(&decisions, today), answers(&decisions, today.tomorrow().unwrap())), (all, 0));
    decisions.take(3, at, decision(in_use.clone(), Verdict::Decline, None, false));
    assert_eq!(answers(&decisions, today), 0);
    assert_eq!(answers(&decisions.without(&in_use), today), all);
}

/// Started with catalogues by their letters, and one accepted where the letter is small.
fn after(steps: &str) -> Decisions {
    let of = |letter: char| Digest::of(&letter.to_ascii_uppercase().to_string(), &[]);
    let mut decisions = Decisions::default();
    let holder = Holder { role: Role::Officer, credentials: of('x') };
    decisions.catalogues.note(1, &Event::Account { of: person(1), holder: Some(holder) });
    for (record, letter) in (2u64..).zip(steps.chars()) {
        let (software, program, catalogue, policy) = (String::new(), None, of(letter), of('p'));
        if letter.is_ascii_uppercase() {
            decisions.catalogues.note(record, &Event::Started { software, program, catalogue, policy });
        } else {
            let accepted = decision(Subject::Catalogue(catalogue), Verdict::Accept, None, false);
            decisions.take(record, Timestamp::UNIX_EPOCH, accepted);
        }
    }
    decisions
}

#[test]
fn a_catalogue_that_comes_or_comes_back_needs_to_be_accepted_once_it_is_there_to_be() {
    let (accepted, first, not) = (Standing::Accepted(None), Standing::Undecided, Standing::Unaccepted);
    for (steps, letter, stands) in [
        ("", "A", first),
        ("A", "A", first),
        ("AA", "A", first),
        ("A", "B", not),
        ("AB", "B", not),
        ("ABb", "B", accepted),
        ("AbB", "B", accepted),
        ("AbBB", "B", accepted),
        ("AbB", "A", not),
        ("AbBA", "A", not),
        ("AbBAa", "A", accepted),
        ("AbBaA", "A", accepted),
        ("AbBcC", "B", not),
        ("AbBcCB", "B", not),
        ("AbBcCbB", "B", accepted),
    ] {
        let about = Subject::Catalogue(Digest::of(letter, &[]));
        assert_eq!(after(steps).standing(&about, day("2026-11-29")), stands, "{letter} after {steps}");
    }
    let of = |letter: &str| Digest::of(letter, &[]);
    assert!(after("A").knows(of("B")), "what was released before a first start is not known to be of another");
    assert!(!after("AA").knows(of("B")) && after("AB").knows(of("A")) && after("AB").knows(of("B")));
    let mut nobody = Decisions::default();
    for (record, letter) in [(2, "A"), (3, "B")] {
        let (software, program, policy) = (String::new(), None, Digest::of("p", &[]));
        let started = Event::Started { software, program, catalogue: Digest::of(letter, &[]), policy };
        nobody.catalogues.note(record, &started);
    }
    let mut anew = after("A");
    let (reason, before, seen, officers) = ("verloren".parse().unwrap(), None, BTreeMap::new(), true);
    anew.catalogues = Catalogues::default();
    anew.catalogues.note(9, &Event::BegunAnew { reason, before, seen, officers });
    let about = Subject::Catalogue(Digest::of("A", &[]));
    assert_eq!(anew.standing(&about, day("2026-11-29")), not, "what was decided is in the other log");
    anew.take(10, Timestamp::UNIX_EPOCH, decision(about.clone(), Verdict::Accept, None, false));
    assert_eq!(anew.standing(&about, day("2026-11-29")), accepted);
    let about = Subject::Catalogue(Digest::of("B", &[]));
    assert_eq!(nobody.standing(&about, day("2026-11-29")), first, "there is nobody to accept it");
}

#[test]
fn a_decision_says_why_in_words_that_can_be_shown() {
    for unfit in ["", "  a ", "x\u{1b}[2J yes"] {
        assert!(unfit.parse::<Motivation>().is_err(), "{unfit:?}");
    }
    assert_eq!(" a\n reason ".parse::<Motivation>().unwrap().as_str(), "a reason");
}

fn any_decision() -> impl Strategy<Value = (Decision, Option<u8>)> {
    let verdict = prop::sample::select(vec![Verdict::Accept, Verdict::Decline]);
    let until = prop::option::of((1i8..28).prop_map(|of| Date::new(2026, 11, of).unwrap()));
    ("[ab]", verdict, until, any::<bool>(), prop::option::of(1u8..3)).prop_map(
        |(name, verdict, until, four_eyes, confirmed)| (decision(cube(&name), verdict, until, four_eyes), confirmed),
    )
}

proptest! {
    /// Against a reading of the rules that goes through the decisions forwards.
    #[test]
    fn a_policy_is_never_laxer_and_declines_what_the_last_decision_that_holds_says(
        taken in prop::collection::vec(any_decision(), 0..12), of in 1i8..28
    ) {
        let today = Date::new(2026, 11, of).unwrap();
        let (mut decisions, mut says) = (Decisions::default(), BTreeMap::new());
        for (record, (decision, confirmed)) in (1u64..).zip(taken) {
            let holds = decision.verdict == Verdict::Decline || !decision.four_eyes || confirmed == Some(2);
            if holds {
                let ends = decision.until.is_some_and(|until| until < today);
                says.insert(decision.about.clone(), decision.verdict == Verdict::Accept && !ends);
            }
            decisions.take(record, Timestamp::UNIX_EPOCH, decision);
            if let Some(number) = confirmed {
                decisions.confirm(record, &person(number), Timestamp::UNIX_EPOCH);
            }
        }
        let before = Policy::constants().declining(BTreeSet::from(["a".parse().unwrap()]), BTreeSet::new());
        let after = decisions.over(&before, &CATALOGUE, today);
        prop_assert_eq!(&after.strictest(&before), &after);
        prop_assert!(!after.accepts_cube(&"a".parse().unwrap()), "the configuration declines it");
        let b = says.get(&cube("b")).copied().unwrap_or(true);
        prop_assert_eq!(after.accepts_cube(&"b".parse().unwrap()), b);
    }
}

//! The red team's attacks work where nothing, or only small cells, are hidden, and fail against Drempel.

use std::path::Path;

use drempel_tests::{
    federation::CATALOGUE,
    redteam::{
        attacks,
        chain::Protection,
        detours, lies,
        registry::Registry,
        search::Search,
        trial::{BROKEN_ONCE, Ground, Trial},
        twins,
    },
};

fn ground() -> Ground {
    Ground::of(Registry::read(Path::new(CATALOGUE)).unwrap()).unwrap()
}

#[test]
fn planned_attacks_work_without_protection_and_fail_against_drempel() {
    let ground = ground();
    for attack in attacks::all(&ground.codebook, &ground.landmarks).unwrap() {
        for protection in [Protection::Raw, Protection::Threshold, Protection::Drempel] {
            let succeeds = protection != Protection::Drempel;
            // What is narrow stays so, however often one looks.
            let outcome = attack.run(&ground, protection, if succeeds { 1 } else { 20 }).unwrap();
            assert_eq!(outcome.succeeded(&attack), succeeds, "{} against {protection:?}: {outcome:?}", attack.name);
            // Without protection the arithmetic is that of the attack.
            let found = (protection == Protection::Raw).then_some(attack.gives);
            assert!(outcome.found == found || protection == Protection::Threshold, "{}: {outcome:?}", attack.name);
            assert_eq!(outcome.refused, None, "{}", attack.name);
            assert!(outcome.fewest.is_none_or(|fewest| fewest > 0), "{}: the truth is possible", attack.name);
            // What others than the public know is counted over the children too.
            assert!(attack.number != "R7" || outcome.small.is_empty() != succeeds, "{}: {outcome:?}", attack.name);
        }
    }
}

#[test]
fn gemeenten_that_were_broken_once_are_so_no_longer() {
    let ground = ground();
    for (series, number, children) in BROKEN_ONCE {
        let trial = Trial::hold(&ground, (series, number), false, Protection::Drempel, 100).unwrap();
        assert_eq!(trial.chain.children.len(), children, "another gemeente is drawn: look for one in its place");
        assert!(!trial.is_broken(), "{series} {number}: {:?}", trial.told());
    }
}

#[test]
fn nasty_gemeenten_keep_their_promise_and_break_it_where_only_small_cells_are_hidden() {
    let ground = ground();
    let mut broken = 0;
    for number in 0..10 {
        let trial = Trial::hold(&ground, (1, number), false, Protection::Drempel, 20).unwrap();
        assert!(!trial.is_broken(), "{number}: {:?}", trial.told());
        let bare = Trial::hold(&ground, (1, number), false, Protection::Threshold, 1).unwrap();
        broken += usize::from(bare.is_broken());
    }
    assert!(broken > 3, "{broken} of 10 are broken under a threshold alone");
}

#[tokio::test]
async fn who_asks_what_it_likes_is_told_what_was_released_and_can_narrow_nothing() {
    let ground = ground();
    let mut broken = 0;
    for number in 0..4 {
        let (chain, plan) = ground.draw((1, number), false, Protection::Drempel).unwrap();
        let found = Search::new(&ground, &chain, &plan, number).await.unwrap().run(100, 20).await.unwrap();
        assert!(!found.is_broken(), "{number}: {found:?}");
        assert!(found.asked == 100 && found.cells > 0 && found.refused < 100, "{number}: {found:?}");
        let (bare, plan) = ground.draw((1, number), false, Protection::Threshold).unwrap();
        let found = Search::new(&ground, &bare, &plan, number).await.unwrap().run(200, 1).await.unwrap();
        broken += usize::from(found.is_broken());
    }
    assert!(broken > 1, "{broken} of 4 are broken under a threshold alone");
}

#[tokio::test]
async fn no_lie_is_answered_and_the_same_said_honestly_is() {
    let all = lies::tell(&ground()).await.unwrap();
    assert!(all.len() > 20, "{all:?}");
    for told in &all {
        assert!((400..500).contains(&told.status) && told.honest == 200, "{told:?}");
    }
}

#[tokio::test]
async fn every_way_around_works_and_is_stopped() {
    let all = detours::all(&ground()).await.unwrap();
    assert!(all.len() > 10, "{all:?}");
    for detour in &all {
        assert!(detour.works && detour.stopped.is_some(), "{detour:?}");
    }
}

#[tokio::test]
async fn twins_that_differ_in_what_is_hidden_are_told_apart_by_nothing_that_leaves() {
    let all = twins::tell(&ground()).await.unwrap();
    assert!(all.len() > 7, "{all:?}");
    for channel in &all {
        assert!(channel.is_as_wanted(), "{channel:?}");
    }
}

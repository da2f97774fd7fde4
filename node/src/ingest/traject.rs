//! Episodes of help merged into trajecten, as the Beleidsinformatie Jeugd counts them: within one person, categorie and
//! hulpvorm no two trajecten share a day. Pure: the same episodes give the same trajecten, in whatever order.

use jiff::civil::Date;

use super::codes::{Categorie, Hulpvorm, RedenBeeindiging};

/// Help from a start until its definitive stop, if that is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Episode {
    /// Productcategorie; none where neither toewijzing nor start has a Product.
    pub categorie: Option<Categorie>,
    /// The first day.
    pub aanvang: Date,
    /// How it ended; none while it runs.
    pub einde: Option<Einde>,
}

/// The end of an episode or traject. The order is by day, then by reden.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Einde {
    /// The last day.
    pub datum: Date,
    /// Why it ended.
    pub reden: RedenBeeindiging,
}

/// All help of one categorie and hulpvorm to one person without a day between.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Traject {
    /// Productcategorie.
    pub categorie: Option<Categorie>,
    /// Hulpvorm, where the categorie has one.
    pub hulpvorm: Option<Hulpvorm>,
    /// The first day.
    pub aanvang: Date,
    /// How it ended; none while it runs.
    pub einde: Option<Einde>,
}

/// Merges episodes of one person that share at least one day: first start, last end, and the reden of that end (the
/// smallest code where several end on that day). Open if any part is.
#[must_use]
pub fn merge(mut episodes: Vec<Episode>) -> Vec<Traject> {
    episodes.sort_unstable();
    let mut trajecten: Vec<Traject> = Vec::new();
    for episode in episodes {
        match trajecten.last_mut() {
            Some(last) if last.categorie == episode.categorie && last.lasts_until(episode.aanvang) => {
                last.einde = later(last.einde, episode.einde);
            }
            _ => trajecten.push(Traject {
                categorie: episode.categorie,
                hulpvorm: episode.categorie.and_then(Hulpvorm::of),
                aanvang: episode.aanvang,
                einde: episode.einde,
            }),
        }
    }
    trajecten
}

impl Traject {
    /// Whether a traject that started before `day` still runs on it.
    fn lasts_until(&self, day: Date) -> bool {
        self.einde.is_none_or(|einde| einde.datum >= day)
    }

    /// Whether the traject is running, or ends, somewhere between two days, both included.
    #[must_use]
    pub fn touches(&self, first: Date, last: Date) -> bool {
        self.aanvang <= last && self.lasts_until(first)
    }
}

fn later(one: Option<Einde>, other: Option<Einde>) -> Option<Einde> {
    let (one, other) = (one?, other?);
    Some(match one.datum.cmp(&other.datum) {
        std::cmp::Ordering::Less => other,
        std::cmp::Ordering::Equal => one.min(other),
        std::cmp::Ordering::Greater => one,
    })
}

#[cfg(test)]
pub(super) mod tests {
    use jiff::{ToSpan as _, civil::date};
    use proptest::prelude::*;

    use super::*;

    pub(in super::super) fn day(offset: i32) -> Date {
        date(2024, 1, 1).checked_add(offset.days()).unwrap()
    }

    fn episode(first: i32, last: Option<(i32, RedenBeeindiging)>) -> Episode {
        Episode {
            categorie: Some(Categorie::C32),
            aanvang: day(first),
            einde: last.map(|(last, reden)| Einde { datum: day(last), reden }),
        }
    }

    pub(in super::super) fn episodes() -> impl Strategy<Value = Vec<Episode>> {
        let categorie = prop_oneof![Just(None), Just(Some(Categorie::C32)), Just(Some(Categorie::C45))];
        let reden = prop_oneof![Just(RedenBeeindiging::VolgensPlan), Just(RedenBeeindiging::Overlijden)];
        let einde = prop::option::of((0i32..400, reden));
        let one = (categorie, 0i32..900, einde).prop_map(|(categorie, first, einde)| Episode {
            categorie,
            aanvang: day(first),
            einde: einde.map(|(length, reden)| Einde { datum: day(first + length), reden }),
        });
        prop::collection::vec(one, 0..12)
    }

    const PLAN: RedenBeeindiging = RedenBeeindiging::VolgensPlan;

    #[test]
    fn b2_a_shared_day_merges_and_the_next_day_does_not() {
        let merged = merge(vec![episode(0, Some((10, PLAN))), episode(10, Some((20, PLAN)))]);
        assert_eq!(merged.len(), 1);
        assert_eq!((merged[0].aanvang, merged[0].einde.unwrap().datum), (day(0), day(20)));
        assert_eq!(merge(vec![episode(0, Some((10, PLAN))), episode(11, Some((20, PLAN)))]).len(), 2);
    }

    #[test]
    fn b2_open_if_any_part_is_open() {
        let merged = merge(vec![episode(0, None), episode(5, Some((8, PLAN))), episode(400, Some((401, PLAN)))]);
        assert_eq!(merged.len(), 1);
        assert_eq!(merged[0].einde, None);
    }

    #[test]
    fn b2_reden_is_that_of_the_last_end_and_then_the_smallest() {
        let merged = merge(vec![
            episode(0, Some((20, RedenBeeindiging::DoorClient))),
            episode(5, Some((20, PLAN))),
            episode(6, Some((9, RedenBeeindiging::Overlijden))),
        ]);
        assert_eq!(merged[0].einde, Some(Einde { datum: day(20), reden: PLAN }));
    }

    proptest! {
        #[test]
        fn merging_keeps_every_day_and_shares_none(mut episodes in episodes(), rotate in 0usize..12) {
            let merged = merge(episodes.clone());
            for offset in (0..1400).step_by(7) {
                for categorie in [None, Some(Categorie::C32), Some(Categorie::C45)] {
                    let on = day(offset);
                    let before = episodes.iter().any(|e| {
                        e.categorie == categorie && e.aanvang <= on && e.einde.is_none_or(|e| e.datum >= on)
                    });
                    let after = merged.iter().filter(|t| t.categorie == categorie && t.touches(on, on)).count();
                    prop_assert_eq!(usize::from(before), after);
                }
            }
            let by = if episodes.is_empty() { 0 } else { rotate % episodes.len() };
            episodes.rotate_left(by);
            prop_assert_eq!(merge(episodes), merged);
        }
    }
}

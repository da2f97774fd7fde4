//! Ends that nobody reported, estimated the way CBS does: a traject without a stop that is not seen any more ends at the
//! average length of its hulpvorm. *Not seen* is here: its toewijzing has run out before the last peildatum, and nothing
//! was declared since. An estimate is never before the last day on which there demonstrably was help, never after the
//! last day for which help was assigned, and has no reden, so that it shows as such wherever it is counted. Pure.

use std::collections::BTreeMap;

use jiff::{Span, Unit, civil::Date};

use super::{
    afbeelding::Zorg,
    codes::{Categorie, Hulpvorm},
    traject::{Einde, Traject},
};

/// Average lengths in whole days, by hulpvorm, and by categorie for what has no hulpvorm.
#[derive(Clone, Debug, Default)]
pub struct Duren(BTreeMap<(Option<Hulpvorm>, Option<Categorie>), (i64, i64)>);

impl Duren {
    /// Counts a traject if its end was reported, on or after the first day that is counted: what ended earlier may have
    /// been removed, and must not matter then.
    pub fn tel(&mut self, traject: &Traject, first: Date) {
        if let Some(Einde { datum, reden: Some(_) }) = traject.einde
            && datum >= first
        {
            let (days, count) = self.0.entry(class(traject.zorg)).or_insert((0, 0));
            *days += i64::from(days_between(traject.aanvang, datum));
            *count += 1;
        }
    }

    fn gemiddelde(&self, zorg: Zorg) -> Option<i64> {
        self.0.get(&class(zorg)).and_then(|(days, count)| days.checked_div(*count))
    }

    /// Ends a traject that is not seen any more on `peildatum`; says whether it did.
    pub fn schat(&self, traject: &mut Traject, peildatum: Date) -> bool {
        if traject.einde.is_some() {
            return false;
        }
        let Some(tot) = seen_until(traject) else { return false };
        if tot >= peildatum {
            return false;
        }
        let bewijs = shown(traject);
        let datum = match self.gemiddelde(traject.zorg) {
            Some(days) => traject.aanvang.saturating_add(Span::new().days(days)).max(bewijs).min(tot),
            None => tot,
        };
        traject.einde = Some(Einde { datum, reden: None });
        true
    }
}

/// The last day on which there demonstrably was help.
fn shown(traject: &Traject) -> Date {
    let days = traject.episodes.iter().flat_map(|episode| [Some(episode.bewijs), episode.einde.map(|e| e.datum)]);
    days.flatten().max().map_or(traject.aanvang, |last| last.max(traject.aanvang))
}

/// The last day on which the traject is seen; none if it is assigned without an end.
pub(super) fn seen_until(traject: &Traject) -> Option<Date> {
    let mut seen = shown(traject);
    for episode in traject.episodes.iter().filter(|episode| episode.einde.is_none()) {
        seen = seen.max(episode.toegewezen_tot?);
    }
    Some(seen)
}

fn class(zorg: Zorg) -> (Option<Hulpvorm>, Option<Categorie>) {
    match zorg.hulpvorm {
        Some(hulpvorm) => (Some(hulpvorm), None),
        None => (None, zorg.categorie),
    }
}

fn days_between(first: Date, last: Date) -> i32 {
    first.until((Unit::Day, last)).map_or(0, |span| span.get_days())
}

#[cfg(test)]
mod tests {
    use super::{
        super::{
            codes::RedenBeeindiging,
            traject::{
                merge,
                tests::{day, of},
            },
        },
        *,
    };

    fn ended(length: i32) -> Traject {
        let einde = Einde { datum: day(length), reden: Some(RedenBeeindiging::VolgensPlan) };
        merge(vec![of(Some(Categorie::C45), day(0), Some(einde))]).remove(0)
    }

    fn duren() -> Duren {
        let mut duren = Duren::default();
        [5, 100, 201].iter().for_each(|length| duren.tel(&ended(*length), day(6)));
        duren
    }

    /// The end that is estimated for help until `tot`, last shown on `bewijs`.
    fn estimate(tot: Option<i32>, bewijs: i32) -> Option<Date> {
        let mut episode = of(Some(Categorie::C45), day(0), None);
        episode.toegewezen_tot = tot.map(day);
        episode.bewijs = day(bewijs);
        let mut traject = merge(vec![episode]).remove(0);
        let estimated = duren().schat(&mut traject, day(1000));
        assert_eq!(estimated, traject.einde.is_some());
        traject.einde.map(|einde| {
            assert_eq!(einde.reden, None);
            einde.datum
        })
    }

    #[test]
    fn a_traject_that_is_not_seen_any_more_ends_at_the_average_length() {
        assert_eq!(estimate(Some(400), 0), Some(day(150)));
        assert_eq!(estimate(Some(120), 0), Some(day(120)));
        assert_eq!(estimate(Some(400), 300), Some(day(300)));
        assert_eq!(estimate(Some(400), 450), Some(day(450)));
    }

    #[test]
    fn what_is_still_assigned_or_shown_runs_on() {
        assert_eq!(estimate(None, 0), None);
        assert_eq!(estimate(Some(1000), 0), None);
        assert_eq!(estimate(Some(400), 1000), None);
    }

    #[test]
    fn without_an_average_the_last_assigned_day_is_the_end() {
        let mut episode = of(Some(Categorie::C46), day(0), None);
        episode.toegewezen_tot = Some(day(40));
        let mut traject = merge(vec![episode]).remove(0);
        assert!(duren().schat(&mut traject, day(1000)));
        assert_eq!(traject.einde.unwrap().datum, day(40));
    }
}

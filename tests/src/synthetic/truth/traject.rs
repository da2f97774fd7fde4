//! Trajecten: episodes of one person, categorie and hulpvorm that share days, as one, with the end that is estimated
//! where none was reported and the care can no longer be seen.

use std::{cmp::Reverse, collections::BTreeMap};

use jiff::civil::Date;

use super::super::{
    draw::{after, days_between},
    episode::{Einde, Episode, Verwijzing},
    producten::Producten,
};

/// Episodes of one person, categorie and hulpvorm that share days, as one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Traject {
    /// The person, by position in the list of persons.
    pub persoon: usize,
    /// JZ020.
    pub categorie: &'static str,
    /// The BIJ hulpvorm.
    pub hulpvorm: Option<&'static str>,
    /// The first day.
    pub start: Date,
    /// The end, unless it runs on as far as anyone can see.
    pub einde: Option<Afloop>,
    /// That of its first episode.
    pub verwijzing: Verwijzing,
    pub(super) episodes: Vec<Episode>,
}

/// How a traject ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Afloop {
    /// The last day.
    pub dag: Date,
    /// JZ588; none for an end that is estimated.
    pub reden: Option<&'static str>,
}

impl Traject {
    /// The trajecten that these episodes make, as seen on the last of the days that are counted.
    pub(in super::super) fn all(episodes: &[Episode], producten: &Producten, days: (Date, Date)) -> Vec<Self> {
        let mut groups: BTreeMap<_, Vec<Episode>> = BTreeMap::new();
        for episode in episodes {
            let sorted = producten.sort(episode.product, episode.categorie);
            groups.entry((episode.persoon, sorted)).or_default().push(*episode);
        }
        let mut trajecten = Vec::new();
        for ((_, sorted), mut group) in groups {
            group.sort_by_key(|episode| episode.aanvang);
            let mut together: Vec<Episode> = Vec::new();
            let mut einde = None;
            for episode in group {
                let apart = !together.is_empty() && einde.is_some_and(|einde: Einde| einde.dag < episode.aanvang);
                if apart {
                    trajecten.extend(Self::of(std::mem::take(&mut together), sorted, einde));
                }
                einde = if together.is_empty() { episode.einde } else { later(einde, episode.einde) };
                together.push(episode);
            }
            trajecten.extend(Self::of(together, sorted, einde));
        }
        estimate(&mut trajecten, days);
        trajecten
    }

    /// Episodes in order of aanvang, as one.
    fn of(
        episodes: Vec<Episode>,
        (categorie, hulpvorm): (&'static str, Option<&'static str>),
        einde: Option<Einde>,
    ) -> Option<Self> {
        let first = episodes.first()?;
        let (persoon, start) = (first.persoon, first.aanvang);
        let einde = einde.map(|einde| Afloop { dag: einde.dag, reden: Some(einde.reden) });
        let verwijzingen = episodes.iter().filter(|episode| episode.aanvang == start).map(|episode| {
            let unknown = Verwijzing { verwijzer: None, verzoekdag: None };
            episode.toewijzing.map_or(unknown, |toewijzing| toewijzing.verwijzing)
        });
        let verwijzing = verwijzingen.min_by_key(|Verwijzing { verwijzer, verzoekdag }| {
            (verwijzer.is_none(), *verwijzer, verzoekdag.is_none(), *verzoekdag)
        })?;
        Some(Self { persoon, categorie, hulpvorm, start, einde, verwijzing, episodes })
    }

    /// Whether it runs or ends on this day or later.
    pub(super) fn runs_until(&self, day: Date) -> bool {
        self.einde.is_none_or(|einde| einde.dag >= day)
    }

    /// The latest day of which something is known of it.
    fn last_seen(&self) -> Date {
        let seen = self.episodes.iter().flat_map(|episode| {
            let einde = episode.einde.map(|einde| einde.dag);
            [Some(episode.aanvang), Some(episode.laatste_start), einde, episode.gedeclareerd]
        });
        seen.flatten().max().unwrap_or(self.start)
    }

    /// Of which trajecten the mean length is taken for this one.
    fn kind(&self) -> (Option<&'static str>, Option<&'static str>) {
        (self.hulpvorm, self.hulpvorm.is_none().then_some(self.categorie))
    }
}

/// The later end; on the same day that with the smaller reden; none if either is open.
fn later(one: Option<Einde>, other: Option<Einde>) -> Option<Einde> {
    let (one, other) = (one?, other?);
    Some([one, other].into_iter().max_by_key(|einde| (einde.dag, Reverse(einde.reden))).unwrap_or(one))
}

/// Ends the open trajecten of which nothing can be seen any more: after the mean length of its kind, but not before the
/// last day on which it was seen, nor after its last toewijzing. The mean is of what ended on or after the first day.
fn estimate(trajecten: &mut [Traject], (first, horizon): (Date, Date)) {
    let mut lengths: BTreeMap<_, (i32, i32)> = BTreeMap::new();
    for traject in trajecten.iter() {
        if let Some(einde) = traject.einde.filter(|einde| einde.dag >= first) {
            let (days, number) = lengths.entry(traject.kind()).or_default();
            *days += days_between(traject.start, einde.dag);
            *number += 1;
        }
    }
    for traject in trajecten.iter_mut().filter(|traject| traject.einde.is_none()) {
        let open = traject.episodes.iter().filter(|episode| episode.einde.is_none());
        let assigned = open.map(|episode| episode.toewijzing.and_then(|toewijzing| toewijzing.einddatum));
        let Some(assigned) = assigned.collect::<Option<Vec<Date>>>() else { continue };
        let seen = traject.last_seen();
        let until = assigned.into_iter().fold(seen, Date::max);
        if until < horizon {
            let mean = lengths.get(&traject.kind()).map(|(days, number)| days / number);
            let dag = mean.map_or(until, |mean| after(traject.start, mean).max(seen).min(until));
            traject.einde = Some(Afloop { dag, reden: None });
        }
    }
}

#[cfg(test)]
mod tests;

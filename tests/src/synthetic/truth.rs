//! An independent recount of the view `jeugdhulp` from the ground truth, for tests to hold the node's answers against.
//! It is written from the definitions alone and shares no code with the node, so a mistake has to be made twice, in
//! the same way, to go unseen.

use std::collections::BTreeMap;

use drempel_protocols::id::Period;
use jiff::{Span, civil::Date};

use super::{
    episode::{Einde, Episode},
    persoon::{DatumGebruik, Geslacht, Kenmerken, Persoon},
};

/// One row of the view: a traject in use in a period. None is onbekend.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct TruthRow {
    /// The person, by position in the list of persons.
    pub persoon: usize,
    /// `al_lopend` or `gestart`.
    pub begin: &'static str,
    /// JZ588 if it ended in the period, else `loopt_door`.
    pub einde: &'static str,
    /// JZ020.
    pub categorie: &'static str,
    /// The BIJ hulpvorm.
    pub hulpvorm: Option<&'static str>,
    /// By the age on the last day of the period.
    pub leeftijdsgroep: Option<&'static str>,
    /// `M` or `V`.
    pub geslacht: Option<&'static str>,
    /// How long it has lasted at its end or on the last day of the period.
    pub duurklasse: &'static str,
    /// How the person, over all trajecten, comes into the period and leaves it.
    pub stroom: &'static str,
}

impl TruthRow {
    /// The member code in a column of the view, by the column's name; None both for onbekend and for a column that the
    /// view does not have.
    #[must_use]
    pub fn member(&self, column: &str) -> Option<&'static str> {
        match column {
            "begin" => Some(self.begin),
            "einde" => Some(self.einde),
            "categorie" => Some(self.categorie),
            "hulpvorm" => self.hulpvorm,
            "leeftijdsgroep" => self.leeftijdsgroep,
            "geslacht" => self.geslacht,
            "duurklasse" => Some(self.duurklasse),
            "stroom" => Some(self.stroom),
            _ => None,
        }
    }
}

/// Episodes of one person, categorie and hulpvorm that share days, as one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Traject {
    /// The person, by position in the list of persons.
    pub persoon: usize,
    /// JZ020; it determines the hulpvorm.
    pub categorie: &'static str,
    /// The first day.
    pub start: Date,
    /// The end, unless one of the episodes is open.
    pub einde: Option<Einde>,
}

impl Traject {
    /// Merges episodes that share at least one day.
    pub(super) fn merge(episodes: &[Episode]) -> Vec<Self> {
        let mut groups: BTreeMap<(usize, &str), Vec<&Episode>> = BTreeMap::new();
        for episode in episodes {
            groups.entry((episode.persoon, episode.categorie)).or_default().push(episode);
        }
        let mut trajecten: Vec<Self> = Vec::new();
        for mut group in groups.into_values() {
            group.sort_by_key(|episode| episode.aanvang);
            let mut current: Option<Self> = None;
            for episode in group {
                match &mut current {
                    Some(traject) if traject.einde.is_none_or(|einde| episode.aanvang <= einde.dag) => {
                        traject.einde = later(traject.einde, episode.einde);
                    }
                    _ => {
                        trajecten.extend(current.take());
                        let Episode { persoon, categorie, aanvang, einde } = *episode;
                        current = Some(Self { persoon, categorie, start: aanvang, einde });
                    }
                }
            }
            trajecten.extend(current);
        }
        trajecten
    }

    fn runs_until(&self, day: Date) -> bool {
        self.einde.is_none_or(|einde| einde.dag >= day)
    }
}

/// The later end; on the same day that with the smaller reden; none if either is open.
fn later(one: Option<Einde>, other: Option<Einde>) -> Option<Einde> {
    let (one, other) = (one?, other?);
    if (other.dag, std::cmp::Reverse(other.reden)) > (one.dag, std::cmp::Reverse(one.reden)) {
        Some(other)
    } else {
        Some(one)
    }
}

/// The rows of one period.
pub(super) fn rows(personen: &[Persoon], trajecten: &[Traject], period: Period) -> Vec<TruthRow> {
    let (first, last) = (period.first_day(), period.last_day());
    let mut flows = vec![(false, false); personen.len()];
    for traject in trajecten {
        if let Some((before, after)) = flows.get_mut(traject.persoon) {
            *before |= traject.start < first && traject.runs_until(first);
            *after |= traject.start <= last && traject.einde.is_none_or(|einde| einde.dag > last);
        }
    }
    let used = trajecten.iter().filter(|traject| traject.start <= last && traject.runs_until(first));
    used.filter_map(|traject| {
        let kenmerken = personen.get(traject.persoon)?.kenmerken;
        let ended = traject.einde.filter(|einde| first <= einde.dag && einde.dag <= last);
        Some(TruthRow {
            persoon: traject.persoon,
            begin: if traject.start < first { "al_lopend" } else { "gestart" },
            einde: ended.map_or("loopt_door", |einde| einde.reden),
            categorie: traject.categorie,
            hulpvorm: hulpvorm(traject.categorie),
            leeftijdsgroep: leeftijdsgroep(kenmerken, last),
            geslacht: geslacht(kenmerken),
            duurklasse: duurklasse(traject.start, ended.map_or(last, |einde| einde.dag)),
            stroom: flows.get(traject.persoon).copied().map(stroom)?,
        })
    })
    .collect()
}

fn stroom(flow: (bool, bool)) -> &'static str {
    match flow {
        (true, true) => "doorlopend",
        (true, false) => "uitstroom",
        (false, true) => "instroom",
        (false, false) => "in_en_uit",
    }
}

fn hulpvorm(categorie: &str) -> Option<&'static str> {
    match categorie {
        "31" => Some("01"),
        "32" => Some("02"),
        "33" => Some("03"),
        "34" => Some("04"),
        "35" => Some("11"),
        "36" => Some("12"),
        "37" => Some("13"),
        "38" => Some("14"),
        _ => None,
    }
}

fn geslacht(kenmerken: Kenmerken) -> Option<&'static str> {
    match kenmerken.geslacht {
        Geslacht::Mannelijk => Some("M"),
        Geslacht::Vrouwelijk => Some("V"),
        Geslacht::Onbekend => None,
    }
}

fn leeftijdsgroep(kenmerken: Kenmerken, peildatum: Date) -> Option<&'static str> {
    let born = kenmerken.geboortedatum;
    if matches!(kenmerken.datum_gebruik, Some(DatumGebruik::DagEnMaandOnbekend | DatumGebruik::GeheelOnbekend))
        || born > peildatum
    {
        return None;
    }
    let had_birthday = (born.month(), born.day()) <= (peildatum.month(), peildatum.day());
    let age = peildatum.year() - born.year() - i16::from(!had_birthday);
    Some(match age {
        ..=3 => "0-3",
        4..=11 => "4-11",
        12..=17 => "12-17",
        _ => "18+",
    })
}

fn duurklasse(start: Date, until: Date) -> &'static str {
    const CLASSES: [(i32, &str); 4] =
        [(3, "tot_3_maanden"), (6, "3_tot_6_maanden"), (12, "6_tot_12_maanden"), (24, "1_tot_2_jaar")];
    let class = CLASSES.iter().find(|(months, _)| until < start.saturating_add(Span::new().months(*months)));
    class.map_or("2_jaar_of_langer", |(_, code)| code)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn episode(aanvang: Date, einde: Option<(Date, &'static str)>) -> Episode {
        let einde = einde.map(|(dag, reden)| Einde { dag, reden });
        Episode { persoon: 0, categorie: "45", aanvang, einde }
    }

    #[test]
    fn episodes_merge_where_they_share_a_day() {
        let first = episode(date(2025, 1, 1), Some((date(2025, 2, 1), "38")));
        let same_day = episode(date(2025, 2, 1), Some((date(2025, 3, 1), "31")));
        let day_after = episode(date(2025, 3, 2), None);
        let trajecten = Traject::merge(&[day_after, same_day, first]);
        assert_eq!(trajecten.len(), 2);
        assert_eq!(trajecten[0].start, date(2025, 1, 1));
        assert_eq!(trajecten[0].einde, Some(Einde { dag: date(2025, 3, 1), reden: "31" }));
        assert_eq!((trajecten[1].start, trajecten[1].einde), (date(2025, 3, 2), None));
    }

    #[test]
    fn the_last_end_gives_the_reden_and_an_open_part_keeps_it_open() {
        let long = episode(date(2025, 1, 1), Some((date(2025, 6, 1), "34")));
        let within = episode(date(2025, 2, 1), Some((date(2025, 3, 1), "31")));
        let alike = episode(date(2025, 4, 1), Some((date(2025, 6, 1), "33")));
        let open = episode(date(2025, 6, 1), None);
        assert_eq!(Traject::merge(&[long, within])[0].einde.unwrap().reden, "34");
        assert_eq!(Traject::merge(&[long, within, alike])[0].einde.unwrap().reden, "33");
        assert_eq!(Traject::merge(&[long, within, alike, open])[0].einde, None);
    }

    #[test]
    fn classes_change_on_their_boundary() {
        assert_eq!(duurklasse(date(2025, 1, 31), date(2025, 4, 29)), "tot_3_maanden");
        assert_eq!(duurklasse(date(2025, 1, 31), date(2025, 4, 30)), "3_tot_6_maanden");
        assert_eq!(duurklasse(date(2023, 6, 30), date(2025, 6, 29)), "1_tot_2_jaar");
        assert_eq!(duurklasse(date(2023, 6, 30), date(2025, 6, 30)), "2_jaar_of_langer");
        let born = |geboortedatum| Kenmerken { geboortedatum, datum_gebruik: None, geslacht: Geslacht::Onbekend };
        assert_eq!(leeftijdsgroep(born(date(2021, 6, 30)), date(2025, 6, 30)), Some("4-11"));
        assert_eq!(leeftijdsgroep(born(date(2021, 7, 1)), date(2025, 6, 30)), Some("0-3"));
        assert_eq!(leeftijdsgroep(born(date(2025, 7, 1)), date(2025, 6, 30)), None);
    }
}

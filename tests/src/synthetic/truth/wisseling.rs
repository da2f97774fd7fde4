//! The view `wisseling`: a row for each change of aanbieder, in the period in which the new one began.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet},
};

use drempel_protocols::id::Period;

use super::{
    super::{draw::days_between, episode::Episode, persoon::Persoon, producten::Producten},
    geslacht, leeftijdsgroep,
};

/// One row of the view. None is onbekend.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct WisselingRow {
    /// The person, by position in the list of persons.
    pub persoon: usize,
    /// JZ020, of the new care.
    pub categorie: &'static str,
    /// The BIJ hulpvorm of the new care.
    pub hulpvorm: Option<&'static str>,
    /// How the new care follows the old.
    pub aansluiting: &'static str,
    /// Why the old ended, in groups.
    pub reden: &'static str,
    /// By the age on the last day of the period.
    pub leeftijdsgroep: Option<&'static str>,
    /// `M` or `V`.
    pub geslacht: Option<&'static str>,
}

/// The rows of one period.
pub(in super::super) fn wisseling(
    personen: &[Persoon],
    episodes: &[Episode],
    producten: &Producten,
    period: Period,
) -> Vec<WisselingRow> {
    let last = period.last_day();
    let mut lines: BTreeMap<(usize, &'static str), Vec<&Episode>> = BTreeMap::new();
    for episode in episodes {
        let (categorie, _) = producten.sort(episode.product, episode.categorie);
        lines.entry((episode.persoon, categorie)).or_default().push(episode);
    }
    let mut rows = Vec::new();
    for ((persoon, categorie), line) in lines {
        let Some(kenmerken) = personen.get(persoon).map(|persoon| persoon.kenmerken) else { continue };
        let starts: BTreeSet<_> = line.iter().map(|episode| (episode.aanvang, episode.aanbieder)).collect();
        for (aanvang, aanbieder) in starts {
            let begun = || line.iter().filter(|episode| episode.aanvang < aanvang);
            let was_there = begun().any(|episode| {
                episode.aanbieder == aanbieder
                    && episode.einde.is_none_or(|einde| days_between(einde.dag, aanvang) <= 1)
            });
            let left = begun()
                .filter(|episode| episode.aanbieder != aanbieder)
                .filter_map(|episode| episode.einde)
                .filter(|einde| days_between(einde.dag, aanvang).abs() <= 30)
                .max_by_key(|einde| (einde.dag, Reverse(einde.reden)));
            let Some(left) = left.filter(|_| !was_there && Period::containing(aanvang) == Some(period)) else {
                continue;
            };
            let hulpvormen = line
                .iter()
                .filter(|episode| (episode.aanvang, episode.aanbieder) == (aanvang, aanbieder))
                .map(|episode| producten.sort(episode.product, episode.categorie).1);
            rows.push(WisselingRow {
                persoon,
                categorie,
                hulpvorm: hulpvormen.flatten().min(),
                aansluiting: aansluiting(days_between(left.dag, aanvang)),
                reden: reden(left.reden),
                leeftijdsgroep: leeftijdsgroep(kenmerken, last),
                geslacht: geslacht(kenmerken),
            });
        }
    }
    rows
}

fn aansluiting(days: i32) -> &'static str {
    match days {
        ..0 => "overlappend",
        0..=1 => "aansluitend",
        _ => "onderbroken",
    }
}

fn reden(of_end: &str) -> &'static str {
    match of_end {
        "38" => "overstap",
        "31" => "volgens_plan",
        "32" | "33" | "34" | "35" => "voortijdig",
        _ => "anders",
    }
}

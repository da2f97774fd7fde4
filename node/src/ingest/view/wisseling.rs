//! The rows of `wisseling`: changes of aanbieder within one categorie, seen from the help that begins.

use std::{cmp::Reverse, collections::BTreeMap};

use drempel_protocols::{catalogue::Wisseling, id::Period};
use jiff::{Span, Unit, civil::Date};

use super::{
    super::{
        codes::{Categorie, RedenBeeindiging},
        traject::Episode,
    },
    AANSLUITING, ONBEKEND, Persoon, RedenGroep, Rij, of, place,
};

/// The rows of a person in a half-year: one for each time that another aanbieder began where one ended.
#[must_use]
pub fn wisseling(person: &Persoon, periode: Period, definitie: &Wisseling) -> Vec<Rij> {
    let episodes: Vec<&Episode> = person.trajecten.iter().flat_map(|traject| &traject.episodes).collect();
    let began = |episode: &&&Episode| (periode.first_day()..=periode.last_day()).contains(&episode.aanvang);
    // An aanbieder that begins twice on one day began once.
    let mut found: BTreeMap<(Option<Categorie>, Date, u32), (u8, Change)> = BTreeMap::new();
    for episode in episodes.iter().filter(began) {
        if let Some(change) = change(&episodes, episode, definitie) {
            let hulpvorm = of(episode.zorg.hulpvorm, |hulpvorm| hulpvorm as u8);
            let row =
                found.entry((episode.zorg.categorie, episode.aanvang, episode.aanbieder)).or_insert((hulpvorm, change));
            row.0 = row.0.min(hulpvorm);
        }
    }
    let (leeftijdsgroep, geslacht) = person.kenmerken(periode);
    let row = |((categorie, ..), (hulpvorm, change)): ((Option<Categorie>, Date, u32), (u8, Change))| {
        Rij::new(
            person.nummer,
            periode,
            [
                of(categorie, |categorie| categorie as u8),
                hulpvorm,
                change.aansluiting,
                change.reden.map_or(ONBEKEND, |reden| group(reden) as u8),
                leeftijdsgroep,
                geslacht,
            ],
        )
    };
    found.into_iter().map(row).collect()
}

struct Change {
    aansluiting: u8,
    reden: Option<RedenBeeindiging>,
}

fn change(episodes: &[&Episode], new: &Episode, definitie: &Wisseling) -> Option<Change> {
    let same = |episode: &&&Episode| episode.zorg.categorie == new.zorg.categorie && episode.aanvang < new.aanvang;
    let adjoining = new.aanvang.saturating_sub(Span::new().days(definitie.aansluitend_dagen()));
    let delivers = |episode: &Episode| episode.einde.is_none_or(|einde| einde.datum >= adjoining);
    if episodes.iter().filter(same).any(|episode| episode.aanbieder == new.aanbieder && delivers(episode)) {
        return None;
    }
    let others = episodes.iter().filter(same).filter(|episode| episode.aanbieder != new.aanbieder);
    let near = others.filter_map(|episode| episode.einde).filter_map(|einde| {
        let days = einde.datum.until((Unit::Day, new.aanvang)).ok()?.get_days();
        definitie.class(days).map(|class| (einde, class))
    });
    // The latest end, then the smallest reden.
    let (einde, class) = near.max_by_key(|(einde, _)| (einde.datum, Reverse(einde.reden)))?;
    Some(Change { aansluiting: place(AANSLUITING, class), reden: einde.reden })
}

const fn group(reden: RedenBeeindiging) -> RedenGroep {
    match reden {
        RedenBeeindiging::AndereAanbieder => RedenGroep::Overstap,
        RedenBeeindiging::VolgensPlan => RedenGroep::VolgensPlan,
        RedenBeeindiging::DoorClient
        | RedenBeeindiging::DoorAanbieder
        | RedenBeeindiging::InOverleg
        | RedenBeeindiging::ExterneOorzaak => RedenGroep::Voortijdig,
        _ => RedenGroep::Anders,
    }
}

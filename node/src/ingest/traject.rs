//! Episodes of help merged into trajecten, as the Beleidsinformatie Jeugd counts them: within one person, categorie and
//! hulpvorm no two trajecten share a day. Pure: the same episodes give the same trajecten, in whatever order.

use compact_str::CompactString;
use jiff::civil::Date;

use super::{afbeelding::Zorg, bericht::BerichtId, codes::RedenBeeindiging, feiten::Verwijzing};

/// In the place of an AGB-code: more than one aanbieder.
pub const MEER_AANBIEDERS: u32 = 0;

/// Help from a start until its definitive stop, if that is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Episode {
    /// What it is counted as.
    pub zorg: Zorg,
    /// Its product code.
    pub code: Option<CompactString>,
    /// Whether its hulpvorm is known, or the mapping says that it has none.
    pub afgebeeld: bool,
    /// The first day.
    pub aanvang: Date,
    /// How it ended; none while it runs.
    pub einde: Option<Einde>,
    /// AGB-code of the aanbieder that reported its last start.
    pub aanbieder: u32,
    /// Who referred, and when help was asked for.
    pub verwijzing: Verwijzing,
    /// The last day on which a start or declaratie shows that there was help.
    pub bewijs: Date,
    /// Einddatum of its toewijzing.
    pub toegewezen_tot: Option<Date>,
    /// The message that reported its last start.
    pub bericht: BerichtId,
}

/// The end of an episode or traject. The order is by day, then by reden.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Einde {
    /// The last day.
    pub datum: Date,
    /// Why it ended; none where no stop was received and the end was estimated.
    pub reden: Option<RedenBeeindiging>,
}

/// All help of one categorie and hulpvorm to one person without a day between.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Traject {
    /// What it is counted as.
    pub zorg: Zorg,
    /// The first day.
    pub aanvang: Date,
    /// How it ended; none while it runs.
    pub einde: Option<Einde>,
    /// Its episodes by aanvang.
    pub episodes: Vec<Episode>,
}

/// Merges episodes of one person that share at least one day: first start, last end, and the reden of that end (the
/// smallest code where several end on that day). Open if any part is.
#[must_use]
pub fn merge(mut episodes: Vec<Episode>) -> Vec<Traject> {
    episodes.sort_by(|one, other| one.volgorde().cmp(&other.volgorde()));
    let mut trajecten: Vec<Traject> = Vec::new();
    for episode in episodes {
        match trajecten.last_mut() {
            Some(last) if last.zorg == episode.zorg && last.lasts_until(episode.aanvang) => {
                last.einde = later(last.einde, episode.einde);
                last.episodes.push(episode);
            }
            _ => trajecten.push(Traject {
                zorg: episode.zorg,
                aanvang: episode.aanvang,
                einde: episode.einde,
                episodes: vec![episode],
            }),
        }
    }
    trajecten
}

impl Episode {
    /// A total order, so that the same episodes in any order make the same trajecten.
    fn volgorde(&self) -> impl Ord + '_ {
        let referral = self.verwijzing.volgorde();
        (self.zorg, self.aanvang, self.einde, self.aanbieder, referral, self.bewijs, self.toegewezen_tot, &self.bericht)
    }
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

    /// Who referred to the first of its episodes.
    #[must_use]
    pub fn verwijzing(&self) -> Verwijzing {
        let first = self.episodes.iter().map(|episode| (episode.aanvang, episode.verwijzing));
        let first = first.min_by(|one, other| (one.0, one.1.volgorde()).cmp(&(other.0, other.1.volgorde())));
        first.map_or(Verwijzing::ONBEKEND, |(_, verwijzing)| verwijzing)
    }

    /// Who delivered last, of the episodes that began on or before a day.
    #[must_use]
    pub fn aanbieder(&self, on: Date) -> Option<u32> {
        let begun = self.episodes.iter().filter(|episode| episode.aanvang <= on);
        begun.max_by_key(|episode| (episode.aanvang, episode.aanbieder)).map(|episode| episode.aanbieder)
    }

    /// Who else delivered, of the episodes that began on or before a day; [`MEER_AANBIEDERS`] if several others did.
    #[must_use]
    pub fn eerdere_aanbieder(&self, on: Date) -> Option<u32> {
        let last = self.aanbieder(on)?;
        let begun = self.episodes.iter().filter(|episode| episode.aanvang <= on).map(|episode| episode.aanbieder);
        let mut others = begun.filter(|aanbieder| *aanbieder != last);
        let first = others.next()?;
        Some(if others.all(|other| other == first) { first } else { MEER_AANBIEDERS })
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
pub(super) mod tests;

//! The view `jeugdhulp`: a row for each traject in use in a period.

use std::collections::BTreeSet;

use drempel_protocols::id::Period;
use jiff::{Span, civil::Date};

use super::{
    super::{
        draw::days_between,
        episode::{Episode, Verwijzing},
        persoon::Persoon,
    },
    Traject, geslacht, leeftijdsgroep,
};

/// One row of the view: a traject in use in a period. None is onbekend.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct TruthRow {
    /// The person, by position in the list of persons.
    pub persoon: usize,
    /// `al_lopend` or `gestart`.
    pub begin: &'static str,
    /// JZ588 if it ended in the period, else `loopt_door`; none if the end is estimated.
    pub einde: Option<&'static str>,
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
    /// COD327.
    pub verwijzer: Option<&'static str>,
    /// From the first verzoek until the first day.
    pub wachttijdklasse: Option<&'static str>,
    /// The AGB code of who gave the care last.
    pub aanbieder: u32,
    /// The AGB codes of all who gave the care until the last day of the period.
    pub aanbieders: BTreeSet<u32>,
}

impl TruthRow {
    /// The member code in a column of the view, by the column's name; None both for onbekend and for a column that is
    /// no dimension of the view.
    #[must_use]
    pub fn member(&self, column: &str) -> Option<&'static str> {
        match column {
            "begin" => Some(self.begin),
            "einde" => self.einde,
            "categorie" => Some(self.categorie),
            "hulpvorm" => self.hulpvorm,
            "leeftijdsgroep" => self.leeftijdsgroep,
            "geslacht" => self.geslacht,
            "duurklasse" => Some(self.duurklasse),
            "stroom" => Some(self.stroom),
            "verwijzer" => self.verwijzer,
            "wachttijdklasse" => self.wachttijdklasse,
            _ => None,
        }
    }
}

/// The rows of one period.
pub(in super::super) fn jeugdhulp(personen: &[Persoon], trajecten: &[Traject], period: Period) -> Vec<TruthRow> {
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
            einde: ended.map_or(Some("loopt_door"), |einde| einde.reden),
            categorie: traject.categorie,
            hulpvorm: traject.hulpvorm,
            leeftijdsgroep: leeftijdsgroep(kenmerken, last),
            geslacht: geslacht(kenmerken),
            duurklasse: duurklasse(traject.start, ended.map_or(last, |einde| einde.dag)),
            stroom: flows.get(traject.persoon).copied().map(stroom)?,
            verwijzer: traject.verwijzing.verwijzer,
            wachttijdklasse: wachttijdklasse(traject.verwijzing, traject.start),
            aanbieder: aanbieder(traject, last)?,
            aanbieders: begun(traject, last).map(|episode| episode.aanbieder).collect(),
        })
    })
    .collect()
}

/// Of those who began by this day, the one who began last.
fn aanbieder(traject: &Traject, by: Date) -> Option<u32> {
    begun(traject, by).map(|episode| (episode.aanvang, episode.aanbieder)).max().map(|(_, aanbieder)| aanbieder)
}

fn begun(traject: &Traject, by: Date) -> impl Iterator<Item = &Episode> {
    traject.episodes.iter().filter(move |episode| episode.aanvang <= by)
}

fn stroom(flow: (bool, bool)) -> &'static str {
    match flow {
        (true, true) => "doorlopend",
        (true, false) => "uitstroom",
        (false, true) => "instroom",
        (false, false) => "in_en_uit",
    }
}

fn duurklasse(start: Date, until: Date) -> &'static str {
    const CLASSES: [(i32, &str); 4] =
        [(3, "tot_3_maanden"), (6, "3_tot_6_maanden"), (12, "6_tot_12_maanden"), (24, "1_tot_2_jaar")];
    let class = CLASSES.iter().find(|(months, _)| until < start.saturating_add(Span::new().months(*months)));
    class.map_or("2_jaar_of_langer", |(_, code)| code)
}

fn wachttijdklasse(verwijzing: Verwijzing, start: Date) -> Option<&'static str> {
    Some(match days_between(verwijzing.verzoekdag?, start) {
        ..=0 => "voor_verzoek",
        1..=27 => "tot_4_weken",
        28..=69 => "4_tot_10_weken",
        70..=181 => "10_tot_26_weken",
        _ => "26_weken_of_langer",
    })
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn classes_change_on_their_boundary() {
        assert_eq!(duurklasse(date(2025, 1, 31), date(2025, 4, 29)), "tot_3_maanden");
        assert_eq!(duurklasse(date(2025, 1, 31), date(2025, 4, 30)), "3_tot_6_maanden");
        assert_eq!(duurklasse(date(2023, 6, 30), date(2025, 6, 29)), "1_tot_2_jaar");
        assert_eq!(duurklasse(date(2023, 6, 30), date(2025, 6, 30)), "2_jaar_of_langer");
        let waited = |month, day| {
            let verwijzing = Verwijzing { verwijzer: Some("02"), verzoekdag: Some(date(2025, 1, 1)) };
            wachttijdklasse(verwijzing, date(2025, month, day))
        };
        assert_eq!(waited(1, 1), Some("voor_verzoek"));
        assert_eq!(waited(1, 2), Some("tot_4_weken"));
        assert_eq!(waited(1, 28), Some("tot_4_weken"));
        assert_eq!(waited(1, 29), Some("4_tot_10_weken"));
        assert_eq!(waited(3, 12), Some("10_tot_26_weken"));
        assert_eq!(waited(7, 1), Some("10_tot_26_weken"));
        assert_eq!(waited(7, 2), Some("26_weken_of_langer"));
    }
}

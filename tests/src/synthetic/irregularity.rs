//! What real messages do that neat ones do not. The generator notes each irregularity as it makes it, so that a test
//! can show that the node has met every one.

use std::collections::BTreeMap;

/// A way in which the messages are not neat.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Irregularity {
    /// DatumGebruik 1.
    BirthDayUnknown,
    /// DatumGebruik 2.
    BirthMonthUnknown,
    /// DatumGebruik 3.
    BirthYearUnknown,
    /// A birth date after the first start, by mistake.
    BornAfterStart,
    /// Geslacht 0.
    GeslachtUnknown,
    /// The messages of the earliest day have another geslacht, and perhaps another birth date.
    FormerKenmerken,
    /// A stop 38 and a start at another aanbieder, under a new toewijzing of the same categorie.
    Switch,
    /// The same, with days at both aanbieders.
    OverlappingSwitch,
    /// A stop 20, then a new start.
    PauseResumed,
    /// A stop 20, then a definitive stop without a new start.
    PauseStopped,
    /// A definitive stop, then a new start under the same toewijzing.
    Restart,
    /// An end without a stop.
    StopMissing,
    /// A stop that was sent months late.
    StopLate,
    /// A toewijzing sent anew with a later Einddatum.
    Extension,
    /// A start deleted and sent anew with another date.
    StartCorrected,
    /// A start deleted and never sent anew.
    StartDeleted,
    /// A stop deleted and sent anew.
    StopCorrected,
    /// A stop deleted while the care goes on.
    StopDeleted,
    /// A toewijzing removed with RedenWijziging 13, which had a start.
    RemovedWithStart,
    /// A toewijzing removed with RedenWijziging 13 before any start.
    RemovedWithoutStart,
    /// A toewijzing that was never used.
    NeverStarted,
    /// A toewijzing without Product.
    Generiek,
    /// A toewijzing with only a categorie.
    Aspecifiek,
    /// A person in the messages without any care.
    NoCare,
    /// A toewijzing with care, of which no message was ever sent.
    ToewijzingMissing,
    /// A toewijzing that refers to a verzoek which was never sent.
    VerzoekMissing,
    /// A verzoek sent once more, with another verwijzer, on the same or a later day.
    VerzoekTwice,
    /// A verzoek of another aanbieder with the same ReferentieAanbieder.
    VerzoekElsewhere,
    /// A verzoek from the first day of the care or later.
    VerzoekAfterStart,
    /// A verzoek that never led to a toewijzing.
    VerzoekUnanswered,
    /// A month of care that was not declared, though others were.
    MonthNotDeclared,
    /// A line declared months after the care.
    DeclaratieLate,
    /// A line credited, and declared anew with another amount.
    DeclaratieCorrected,
    /// A line credited for good.
    DeclaratieCredited,
    /// A line credited under two numbers.
    CreditedTwice,
    /// A credit of a line that was never sent.
    CreditWithoutDebit,
    /// A line under a toewijzing that was removed with RedenWijziging 13.
    DeclaratieRemoved,
    /// A line under a toewijzing without any start.
    DeclaratieWithoutStart,
    /// A file that was delivered twice.
    DeliveredTwice,
}

impl Irregularity {
    /// Every irregularity.
    pub const ALL: [Self; 39] = [
        Self::BirthDayUnknown,
        Self::BirthMonthUnknown,
        Self::BirthYearUnknown,
        Self::BornAfterStart,
        Self::GeslachtUnknown,
        Self::FormerKenmerken,
        Self::Switch,
        Self::OverlappingSwitch,
        Self::PauseResumed,
        Self::PauseStopped,
        Self::Restart,
        Self::StopMissing,
        Self::StopLate,
        Self::Extension,
        Self::StartCorrected,
        Self::StartDeleted,
        Self::StopCorrected,
        Self::StopDeleted,
        Self::RemovedWithStart,
        Self::RemovedWithoutStart,
        Self::NeverStarted,
        Self::Generiek,
        Self::Aspecifiek,
        Self::NoCare,
        Self::ToewijzingMissing,
        Self::VerzoekMissing,
        Self::VerzoekTwice,
        Self::VerzoekElsewhere,
        Self::VerzoekAfterStart,
        Self::VerzoekUnanswered,
        Self::MonthNotDeclared,
        Self::DeclaratieLate,
        Self::DeclaratieCorrected,
        Self::DeclaratieCredited,
        Self::CreditedTwice,
        Self::CreditWithoutDebit,
        Self::DeclaratieRemoved,
        Self::DeclaratieWithoutStart,
        Self::DeliveredTwice,
    ];
}

/// How often each irregularity was made.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally(BTreeMap<Irregularity, usize>);

impl Tally {
    /// How often this one was made.
    #[must_use]
    pub fn of(&self, irregularity: Irregularity) -> usize {
        self.0.get(&irregularity).copied().unwrap_or_default()
    }

    pub(super) fn note(&mut self, irregularity: Irregularity) {
        *self.0.entry(irregularity).or_default() += 1;
    }

    pub(super) fn add(&mut self, other: &Self) {
        for (irregularity, times) in &other.0 {
            *self.0.entry(*irregularity).or_default() += times;
        }
    }
}

//! The ground truth: what care was delivered, as far as anyone who reads all messages well can know it.

use jiff::civil::Date;

/// Care of one categorie under one toewijzing, from its true first day to its true last day.
///
/// A pause does not end it. It has no end if the care runs on at the horizon, or if its stop was never sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Episode {
    /// The person, by position in the list of persons.
    pub persoon: usize,
    /// JZ020.
    pub categorie: &'static str,
    /// The first day.
    pub aanvang: Date,
    /// How it ended.
    pub einde: Option<Einde>,
}

/// A definitive end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Einde {
    /// The last day.
    pub dag: Date,
    /// JZ588, never 20.
    pub reden: &'static str,
}

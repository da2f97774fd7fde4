//! The ground truth: what care was delivered and declared, as far as anyone who reads all messages well can know it.

use std::fmt;

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
    /// The productcode of the toewijzing, or else of the start.
    pub product: Option<Productcode>,
    /// The AGB code of the aanbieder.
    pub aanbieder: u32,
    /// The first day.
    pub aanvang: Date,
    /// The first day after the last pause; that of the care where there was none.
    pub laatste_start: Date,
    /// How it ended.
    pub einde: Option<Einde>,
    /// The toewijzing in its last version; none if no message about it was sent.
    pub toewijzing: Option<Toegewezen>,
    /// The last day that was declared under the toewijzing, and not credited.
    pub gedeclareerd: Option<Date>,
}

/// A definitive end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Einde {
    /// The last day.
    pub dag: Date,
    /// JZ588, never 20.
    pub reden: &'static str,
}

/// What is knowable of a toewijzing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Toegewezen {
    /// Its last day.
    pub einddatum: Option<Date>,
    /// How it came about.
    pub verwijzing: Verwijzing,
}

/// Who referred, and when the aanbieder first asked for the toewijzing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verwijzing {
    /// COD327.
    pub verwijzer: Option<&'static str>,
    /// None if the aanbieder did not ask, or if that was not sent.
    pub verzoekdag: Option<Date>,
}

/// A productcode, such as 45A04.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Productcode {
    /// JZ020.
    pub categorie: &'static str,
    /// The number within the categorie.
    pub nummer: i32,
}

/// What was declared for a month of care under one toewijzing and not taken back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Declaratie {
    /// The person, by position in the list of persons.
    pub persoon: usize,
    /// The first day of the month of the care.
    pub maand: Date,
    /// The productcode.
    pub product: Productcode,
    /// The AGB code of the aanbieder.
    pub aanbieder: u32,
    /// In cents.
    pub bedrag: i64,
}

impl fmt::Display for Productcode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}A{:02}", self.categorie, self.nummer)
    }
}

//! The language of the pages: Dutch, or English for who wants that.

use jiff::Timestamp;

use drempel_protocols::{catalogue::Label, clock::dutch};

/// A language.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Language {
    /// Dutch.
    #[default]
    Nl,
    /// English.
    En,
}

impl Language {
    /// By its code, where it is one of these.
    pub(super) fn of(code: &str) -> Option<Self> {
        match code {
            "nl" => Some(Self::Nl),
            "en" => Some(Self::En),
            _ => None,
        }
    }

    /// Its code, as HTML has it.
    pub(super) const fn code(self) -> &'static str {
        match self {
            Self::Nl => "nl",
            Self::En => "en",
        }
    }

    /// The one of two texts.
    pub(super) const fn say<'t>(self, nl: &'t str, en: &'t str) -> &'t str {
        match self {
            Self::Nl => nl,
            Self::En => en,
        }
    }

    /// A label of the catalogue.
    pub(super) fn label(self, label: &Label) -> &str {
        self.say(&label.nl, &label.en)
    }
}

/// A moment, for people in the Netherlands.
pub(super) fn moment(at: Timestamp) -> String {
    dutch(at).strftime("%d-%m-%Y %H:%M").to_string()
}

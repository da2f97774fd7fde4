//! The gemeente's own mapping of product codes: which hulpvorm of the Beleidsinformatie Jeugd a product is, and which
//! categorie it counts under if not its own. Categories 31-38 have a hulpvorm by equal wording (B3); the others have an
//! official one nowhere, so without a line here their hulpvorm is onbekend.

use std::{
    collections::BTreeMap,
    io::{self, Read},
};

use compact_str::CompactString;

use super::codes::{Categorie, Hulpvorm};

/// What help is counted as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Zorg {
    /// Productcategorie; none where neither toewijzing nor start has a Product.
    pub categorie: Option<Categorie>,
    /// Hulpvorm; none where the product is not mapped.
    pub hulpvorm: Option<Hulpvorm>,
}

/// The mapping of product codes.
#[derive(Clone, Debug, Default)]
pub struct Afbeelding(BTreeMap<CompactString, Regel>);

#[derive(Clone, Copy, Debug)]
struct Regel {
    categorie: Option<Categorie>,
    hulpvorm: Option<Hulpvorm>,
}

/// Why a mapping cannot be used; lines are counted from 1, the header included.
#[derive(Debug, thiserror::Error)]
pub enum AfbeeldingError {
    /// It cannot be read.
    #[error("the mapping cannot be read")]
    Unreadable(#[from] io::Error),
    /// The header is another.
    #[error("the mapping must begin with the line: productcode,categorie,hulpvorm")]
    Header,
    /// A line is not one of a mapping.
    #[error(
        "line {line} of the mapping: {what}; a line is a product code of 1 to 5 characters, a categorie of JZ020 or \
         nothing, and a hulpvorm 01-04, 11-14 or nothing"
    )]
    Line {
        /// Which line.
        line: u64,
        /// What is the matter.
        what: &'static str,
    },
}

impl Afbeelding {
    /// From CSV with the header `productcode,categorie,hulpvorm`; the last two may be empty.
    ///
    /// # Errors
    /// [`AfbeeldingError`].
    pub fn read(csv: impl Read) -> Result<Self, AfbeeldingError> {
        let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(csv);
        if !reader.headers().map_err(unreadable)?.iter().eq(["productcode", "categorie", "hulpvorm"]) {
            return Err(AfbeeldingError::Header);
        }
        let mut regels = BTreeMap::new();
        for record in reader.records() {
            let record = record.map_err(unreadable)?;
            let line = record.position().map_or(0, csv::Position::line);
            let refuse = |what| AfbeeldingError::Line { line, what };
            let [code, categorie, hulpvorm] = [0, 1, 2].map(|place| record.get(place).unwrap_or_default());
            if !(1..=5).contains(&code.chars().count()) {
                return Err(refuse("the product code is not 1 to 5 characters"));
            }
            let regel = Regel {
                categorie: member(categorie, Categorie::from_code).ok_or(refuse("there is no such categorie"))?,
                hulpvorm: member(hulpvorm, Hulpvorm::from_code).ok_or(refuse("there is no such hulpvorm"))?,
            };
            if regels.insert(code.into(), regel).is_some() {
                return Err(refuse("the product code was there before"));
            }
        }
        Ok(Self(regels))
    }

    /// What a product is counted as.
    #[must_use]
    pub fn zorg(&self, categorie: Option<Categorie>, code: Option<&str>) -> Zorg {
        match code.and_then(|code| self.0.get(code)) {
            Some(regel) => Zorg { categorie: regel.categorie.or(categorie), hulpvorm: regel.hulpvorm },
            None => Zorg { categorie, hulpvorm: categorie.and_then(Hulpvorm::of) },
        }
    }

    /// Whether a product code has a line.
    #[must_use]
    pub fn kent(&self, code: &str) -> bool {
        self.0.contains_key(code)
    }

    /// How many product codes have a line.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is no line.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// A member, nothing for an empty text, or `None` for another text.
#[expect(clippy::option_option, reason = "absent and wrong are two things")]
fn member<T>(text: &str, from_code: impl Fn(&str) -> Option<T>) -> Option<Option<T>> {
    if text.is_empty() { Some(None) } else { from_code(text).map(Some) }
}

fn unreadable(error: csv::Error) -> AfbeeldingError {
    let line = error.position().map_or(0, csv::Position::line);
    match error.into_kind() {
        csv::ErrorKind::Io(error) => AfbeeldingError::Unreadable(error),
        csv::ErrorKind::Utf8 { .. } => AfbeeldingError::Line { line, what: "it is not UTF-8" },
        _ => AfbeeldingError::Line { line, what: "it has more or fewer than three fields" },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(lines: &str) -> Result<Afbeelding, AfbeeldingError> {
        Afbeelding::read(format!("productcode,categorie,hulpvorm\n{lines}").as_bytes())
    }

    #[test]
    fn b3_a_product_counts_by_its_line_and_else_by_its_categorie() {
        let mapping = read("45A04,,02\n50X01,45,\n").unwrap();
        let zorg = |categorie, code| mapping.zorg(Categorie::from_code(categorie), code);
        assert_eq!(zorg("45", Some("45A04")).hulpvorm, Some(Hulpvorm::H02));
        assert_eq!(zorg("50", Some("50X01")), Zorg { categorie: Some(Categorie::C45), hulpvorm: None });
        assert_eq!(zorg("35", Some("35A01")).hulpvorm, Some(Hulpvorm::H11));
        assert_eq!(zorg("45", None).hulpvorm, None);
        assert!(mapping.kent("45A04") && !mapping.kent("35A01"));
    }

    #[test]
    fn a_wrong_line_is_named() {
        let line = |lines: &str| match read(lines) {
            Err(AfbeeldingError::Line { line, .. }) => line,
            other => panic!("{other:?}"),
        };
        assert_eq!(line("45A04,,02\n45A05,39,02\n"), 3);
        assert_eq!(line("45A04,,05\n"), 2);
        assert_eq!(line("45A041,,02\n"), 2);
        assert_eq!(line("45A04,,02\n45A04,,03\n"), 3);
        assert_eq!(line("45A04,02\n"), 2);
        assert!(matches!(Afbeelding::read("code,categorie\n".as_bytes()), Err(AfbeeldingError::Header)));
    }
}

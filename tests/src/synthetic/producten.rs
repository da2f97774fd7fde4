//! A gemeente's own table of productcodes: which categorie and hulpvorm a code counts as. Without a table the categorie
//! of the message counts, and its hulpvorm where the Beleidsinformatie Jeugd has the same words for both.

use std::{collections::BTreeMap, fmt::Write as _};

use super::episode::Productcode;

/// The productcodes that a gemeente has sorted.
#[derive(Clone, Debug, Default)]
pub struct Producten(BTreeMap<Productcode, Indeling>);

#[derive(Clone, Copy, Debug)]
struct Indeling {
    /// In place of that of the message.
    categorie: Option<&'static str>,
    hulpvorm: Option<&'static str>,
}

impl Producten {
    /// A table that sorts part of the codes: most within their categorie, one out of it, one as no hulpvorm at all.
    #[must_use]
    pub fn example() -> Self {
        let mut table = BTreeMap::new();
        let mut sort = |own: &'static str, numbers: &[i32], categorie, hulpvorm| {
            for nummer in numbers {
                table.insert(Productcode { categorie: own, nummer: *nummer }, Indeling { categorie, hulpvorm });
            }
        };
        sort("45", &[1, 2, 3, 4, 5, 6, 7], None, Some("02"));
        sort("45", &[8, 9, 10, 11, 12], Some("45"), Some("03"));
        sort("43", &[2, 4, 6, 8, 10, 12, 14, 16, 18, 20], None, Some("14"));
        sort("54", &[5], Some("45"), Some("02"));
        sort("35", &[3], None, None);
        Self(table)
    }

    /// As the file that a node reads.
    #[must_use]
    pub fn to_csv(&self) -> String {
        let mut text = String::from("productcode,categorie,hulpvorm\n");
        for (code, Indeling { categorie, hulpvorm }) in &self.0 {
            let (categorie, hulpvorm) = (categorie.unwrap_or_default(), hulpvorm.unwrap_or_default());
            let _ = writeln!(text, "{code},{categorie},{hulpvorm}");
        }
        text
    }

    /// The categorie and hulpvorm that care with this code, in a message with this categorie, counts as.
    pub(super) fn sort(
        &self,
        code: Option<Productcode>,
        categorie: &'static str,
    ) -> (&'static str, Option<&'static str>) {
        match code.and_then(|code| self.0.get(&code)) {
            Some(indeling) => (indeling.categorie.unwrap_or(categorie), indeling.hulpvorm),
            None => (categorie, hulpvorm(categorie)),
        }
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

//! The view `declaratie`: what was declared and not taken back, by person, month, categorie and aanbieder.

use std::collections::BTreeMap;

use drempel_protocols::id::Period;

use super::super::{episode::Declaratie, producten::Producten};

/// One row of the view.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct DeclaratieRow {
    /// The person, by position in the list of persons.
    pub persoon: usize,
    /// 01 to 12.
    pub maand: &'static str,
    /// JZ020.
    pub categorie: &'static str,
    /// The AGB code.
    pub aanbieder: u32,
    /// In cents, never 0.
    pub bedrag: i64,
}

/// The rows of one period.
pub(in super::super) fn declaratie(
    declaraties: &[Declaratie],
    producten: &Producten,
    period: Period,
) -> Vec<DeclaratieRow> {
    let mut sums: BTreeMap<_, i64> = BTreeMap::new();
    for declaratie in declaraties.iter().filter(|declaratie| Period::containing(declaratie.maand) == Some(period)) {
        let (categorie, _) = producten.sort(Some(declaratie.product), declaratie.product.categorie);
        let Declaratie { persoon, maand, aanbieder, bedrag, .. } = *declaratie;
        *sums.entry((persoon, maand, categorie, aanbieder)).or_default() += bedrag;
    }
    let rows = sums.into_iter().filter(|(_, bedrag)| *bedrag != 0);
    rows.filter_map(|((persoon, maand, categorie, aanbieder), bedrag)| {
        let maand = MAANDEN.get(usize::try_from(maand.month() - 1).ok()?)?;
        Some(DeclaratieRow { persoon, maand, categorie, aanbieder, bedrag })
    })
    .collect()
}

const MAANDEN: [&str; 12] = ["01", "02", "03", "04", "05", "06", "07", "08", "09", "10", "11", "12"];

//! The rows of `declaratie`: what was declared for a person, net of credits, by month, categorie and aanbieder.

use super::{super::feiten::Declaraties, Rij, of};

/// The rows of a person, of every half-year.
pub fn declaratie(nummer: u32, declaraties: &Declaraties) -> impl Iterator<Item = Rij> + '_ {
    declaraties.bedragen.iter().map(move |(cel, bedrag)| {
        let maand = u8::try_from(cel.maand.saturating_sub(1)).unwrap_or_default();
        let categorie = of(cel.categorie, |categorie| categorie as u8);
        let mut rij = Rij::new(nummer, cel.periode, [maand, categorie]);
        (rij.aanbieder, rij.bedrag) = (cel.aanbieder, *bedrag);
        rij
    })
}

//! Holds the rows of every person to `per_persoon = "een"` (rule R1): what the suppression takes to add up over persons
//! must do so in every snapshot, wherever its rows came from.

use drempel_protocols::id::Period;

use super::{EEN, Rij, ViewSchema};

/// The members of one person until now. Persons come one after another.
#[derive(Debug, Default)]
pub struct EenPerPersoon {
    persoon: Option<u32>,
    seen: Vec<(Period, &'static str, u8)>,
}

impl EenPerPersoon {
    /// Takes rows of one person in a view.
    ///
    /// # Errors
    /// The column of which the person has a second member in a half-year.
    pub fn check(&mut self, view: &ViewSchema, rows: &[Rij]) -> Result<(), &'static str> {
        for rij in rows {
            if self.persoon != Some(rij.persoon) {
                self.persoon = Some(rij.persoon);
                self.seen.clear();
            }
            for (place, (column, _)) in view.leden.iter().enumerate() {
                if !EEN.contains(column) {
                    continue;
                }
                let member = rij.leden.get(place).copied().unwrap_or_default();
                match self.seen.iter().find(|(period, name, _)| *period == rij.periode && name == column) {
                    Some((_, _, seen)) if *seen != member => return Err(column),
                    Some(_) => {}
                    None => self.seen.push((rij.periode, column, member)),
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::{
        super::{HERHAALD_BEROEP, WISSELING},
        *,
    };

    #[test]
    fn r1_a_second_member_is_found_across_views_and_not_across_persons_or_periods() {
        let row = |persoon, periode: &str, view: &ViewSchema, geslacht| {
            let mut leden = [0; super::super::MOST_LEDEN];
            leden[view.leden.len() - 1] = geslacht;
            Rij { persoon, periode: periode.parse().unwrap(), leden, aanbieder: 0, eerdere_aanbieder: None, bedrag: 0 }
        };
        let mut een = EenPerPersoon::default();
        assert_eq!(een.check(&HERHAALD_BEROEP, &[row(1, "2025H1", &HERHAALD_BEROEP, 0)]), Ok(()));
        assert_eq!(een.check(&WISSELING, &[row(1, "2025H2", &WISSELING, 1)]), Ok(()));
        assert_eq!(een.check(&WISSELING, &[row(1, "2025H1", &WISSELING, 1)]), Err("geslacht"));
        assert_eq!(een.check(&WISSELING, &[row(2, "2025H1", &WISSELING, 1)]), Ok(()));
    }
}

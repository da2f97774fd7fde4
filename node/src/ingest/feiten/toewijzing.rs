//! What the current toewijzing says about a start, stop or declaratie that names it: the product to count by, who
//! referred, how long help may last; and what is the matter with the toewijzingen themselves.

use jiff::civil::Date;

use super::{
    super::{
        afbeelding::{Afbeelding, Zorg},
        bericht::{Geleverd, Product, Toewijzing},
        bevinding::Bevinding,
        codes::{RedenWijziging, Verwijzer},
    },
    PersoonFeiten, Vondst,
};

/// What a toewijzing says about a start or stop that names it.
pub(super) enum Grond<'f> {
    /// RedenWijziging 13: as if never sent, with all that refers to it.
    Verwijderd,
    /// The current toewijzing.
    Geldig(&'f Toewijzing),
    /// None is named; the line's own Product counts.
    Geen,
    /// Not there; the line's own Product counts.
    Onbekend,
    /// Not there, and no Product either.
    Niets,
}

/// Who referred, and when help was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verwijzing {
    /// Type verwijzer; none where it is not known.
    pub verwijzer: Option<Verwijzer>,
    /// Dagtekening of the first JW315.
    pub verzoekdag: Option<Date>,
}

impl Verwijzing {
    /// Nothing is known.
    pub const ONBEKEND: Self = Self { verwijzer: None, verzoekdag: None };

    /// What comes first is what counts for a traject; what is not known comes last.
    #[must_use]
    pub fn volgorde(self) -> impl Ord {
        (self.verwijzer.is_none(), self.verwijzer, self.verzoekdag.is_none(), self.verzoekdag)
    }
}

impl PersoonFeiten {
    pub(super) fn grond(&self, wat: &Geleverd) -> Grond<'_> {
        let Some(nummer) = wat.toewijzing else { return Grond::Geen };
        match self.toewijzingen.get(&nummer) {
            Some((current, _)) if current.verwijderd() => Grond::Verwijderd,
            Some((current, _)) => Grond::Geldig(current),
            None if wat.product.is_some() => Grond::Onbekend,
            None => Grond::Niets,
        }
    }

    /// Whether a toewijzing with this number is current, removed (`Some(false)`) or not there.
    pub(super) fn toegewezen(&self, nummer: u32) -> Option<(bool, &Toewijzing)> {
        self.toewijzingen.get(&nummer).map(|(current, _)| (!current.verwijderd(), current))
    }

    /// Who referred to the help under a toewijzing: the JW315 that it answers, or else the gemeente's own toegang.
    pub(super) fn verwijzing(&self, toewijzing: &Toewijzing) -> Verwijzing {
        let Some(referentie) = &toewijzing.referentie else {
            return Verwijzing { verwijzer: Some(Verwijzer::Gemeente), verzoekdag: None };
        };
        self.verzoeken.get(&(toewijzing.aanbieder, referentie.clone())).map_or(
            Verwijzing::ONBEKEND,
            |(verzoekdag, verwijzer)| Verwijzing { verwijzer: Some(*verwijzer), verzoekdag: Some(*verzoekdag) },
        )
    }

    /// What is the matter with the current toewijzingen.
    pub(super) fn check_toewijzingen(&self, vondsten: &mut Vec<Vondst>) {
        let mut current: Vec<_> =
            self.toewijzingen.values().filter(|(toewijzing, _)| !toewijzing.verwijderd()).collect();
        for (toewijzing, bericht) in self.toewijzingen.values() {
            if toewijzing.verwijderd() && toewijzing.einddatum != Some(toewijzing.ingangsdatum) {
                vondsten.push((Bevinding::VerwijderdMetLooptijd, bericht.clone()));
            }
        }
        for (toewijzing, bericht) in &current {
            if toewijzing.referentie.is_some() && self.verwijzing(toewijzing).verzoekdag.is_none() {
                vondsten.push((Bevinding::VerzoekOnbekend, bericht.clone()));
            }
        }
        // OP259, each with the one before it of the same product and aanbieder.
        let product = |toewijzing: &Toewijzing| (toewijzing.aanbieder, toewijzing.product.clone());
        current.sort_by_key(|(toewijzing, _)| (product(toewijzing), toewijzing.ingangsdatum, toewijzing.nummer));
        for pair in current.windows(2) {
            if let [(one, _), (other, bericht)] = pair
                && one.product.is_some()
                && product(one) == product(other)
                && one.einddatum.is_none_or(|einde| einde >= other.ingangsdatum)
            {
                vondsten.push((Bevinding::ToewijzingGestapeld, bericht.clone()));
            }
        }
    }

    /// How many toewijzingen are current, those with RedenWijziging 13 not.
    #[must_use]
    pub fn toewijzingen(&self) -> usize {
        self.toewijzingen.values().filter(|(toewijzing, _)| !toewijzing.verwijderd()).count()
    }
}

impl Toewijzing {
    /// JZ002 13: it counts as never sent.
    fn verwijderd(&self) -> bool {
        self.reden == Some(RedenWijziging::Verwijderd)
    }
}

/// The help that is counted, and its product code: the toewijzing says which, and the line itself what the toewijzing
/// leaves open.
pub(super) fn zorg<'f>(
    afbeelding: &Afbeelding,
    toewijzing: Option<&'f Toewijzing>,
    regel: Option<&'f Product>,
) -> (Zorg, Option<&'f str>) {
    let assigned = toewijzing.and_then(|toewijzing| toewijzing.product.as_ref());
    let categorie = assigned.or(regel).map(|product| product.categorie);
    let code = |product: Option<&'f Product>| product.and_then(|product| product.code.as_deref());
    let code = code(assigned).or_else(|| code(regel));
    (afbeelding.zorg(categorie, code), code)
}

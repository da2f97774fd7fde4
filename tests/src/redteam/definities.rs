//! What the definitions of the dimensions say of one traject and of one child, whatever the catalogue declares: which details
//! go together, for whoever makes children that can be and knows no others. By code, as the node derives them.

use super::{
    codebook::{Codebook, Column, Lid},
    life::{HALF_YEARS, Life, Traject},
};

/// How many categorieën there can be.
const KINDS: usize = 64;

/// The members that definitions speak of.
#[derive(Clone, Copy, Debug)]
pub struct Definities {
    /// Verwijzer: the gemeente itself, with or without a verzoek.
    gemeente: Lid,
    /// Verwijzer: the verzoek is not there.
    geen_verwijzer: Lid,
    /// Wachttijd: there is no verzoek, or it is not there.
    geen_wachttijd: Lid,
    /// Duur, less than half a year, as bits.
    kort: u64,
    /// Duur of what is no longer in the records.
    geen_duur: Lid,
    /// Herhaald, without help in the half-year before, as bits.
    nieuw: u64,
    /// Herhaald, of what became known late or changed.
    geen_herhaald: Lid,
    /// Aansluiting that there never is.
    geen_aansluiting: Lid,
    /// Of each categorie the hulpvorm that it is, if no product codes are mapped.
    hulpvorm: Option<[Lid; KINDS]>,
}

impl Definities {
    /// By the codes of the catalogue.
    ///
    /// # Errors
    /// If it lacks one.
    pub fn of(codebook: &Codebook) -> anyhow::Result<Self> {
        let bits = |column, codes: &[&str]| {
            codes.iter().try_fold(0, |bits, code| anyhow::Ok(bits | 1 << codebook.lid(column, code)?))
        };
        let onbekend = |column| codebook.lid(column, "onbekend");
        Ok(Self {
            gemeente: codebook.lid(Column::Verwijzer, "01")?,
            geen_verwijzer: onbekend(Column::Verwijzer)?,
            geen_wachttijd: onbekend(Column::Wachttijdklasse)?,
            kort: bits(Column::Duurklasse, &["tot_3_maanden", "3_tot_6_maanden"])?,
            geen_duur: onbekend(Column::Duurklasse)?,
            nieuw: bits(Column::Herhaald, &["eerste", "binnen_12_maanden", "later"])?,
            geen_herhaald: onbekend(Column::Herhaald)?,
            geen_aansluiting: onbekend(Column::Aansluiting)?,
            hulpvorm: None,
        })
    }

    /// Of a gemeente without a mapping of its product codes: the categorieën of 2015 are a hulpvorm, the others none that is
    /// known.
    ///
    /// # Errors
    /// If the catalogue lacks one.
    pub fn unmapped(self, codebook: &Codebook) -> anyhow::Result<Self> {
        let mut hulpvorm = [codebook.lid(Column::Hulpvorm, "onbekend")?; KINDS];
        let same = [
            ("31", "01"),
            ("32", "02"),
            ("33", "03"),
            ("34", "04"),
            ("35", "11"),
            ("36", "12"),
            ("37", "13"),
            ("38", "14"),
        ];
        for (categorie, of) in same {
            if let Some(slot) = hulpvorm.get_mut(usize::from(codebook.lid(Column::Categorie, categorie)?)) {
                *slot = codebook.lid(Column::Hulpvorm, of)?;
            }
        }
        Ok(Self { hulpvorm: Some(hulpvorm), ..self })
    }

    /// Whether anybody is of a member.
    #[must_use]
    pub fn is_member(&self, column: Column, lid: Lid) -> bool {
        column != Column::Aansluiting || lid != self.geen_aansluiting
    }

    /// Which members of a dimension definitions tell apart.
    #[must_use]
    pub fn sort(&self, column: Column, lid: Lid) -> Lid {
        match column {
            Column::Categorie => self.hulpvorm_of(lid).unwrap_or_default(),
            Column::Verwijzer if lid == self.gemeente => 1,
            Column::Verwijzer if lid == self.geen_verwijzer => 2,
            Column::Wachttijdklasse => Lid::from(lid == self.geen_wachttijd),
            Column::Duurklasse if lid == self.geen_duur => 2,
            Column::Duurklasse => Lid::from(self.kort >> lid & 1 == 1),
            Column::Herhaald if lid == self.geen_herhaald => 2,
            Column::Herhaald => Lid::from(self.nieuw >> lid & 1 == 1),
            _ => 0,
        }
    }

    /// The hulpvorm that a categorie is, if it is one.
    #[must_use]
    pub fn hulpvorm_of(&self, categorie: Lid) -> Option<Lid> {
        self.hulpvorm.as_ref()?.get(usize::from(categorie)).copied()
    }

    /// Whether a child can be.
    #[must_use]
    pub fn allow(&self, life: &Life, vervallen: Lid) -> bool {
        let kinds = life.trajecten.iter().map(|of| (of.categorie, of.hulpvorm));
        let kinds = kinds.chain(life.wisselingen.iter().map(|of| (of.categorie, of.hulpvorm)));
        let mut new = life
            .trajecten
            .iter()
            .filter(|of| of.begin == 0)
            .map(|of| of.herhaald)
            .filter(|lid| self.nieuw >> lid & 1 == 1);
        let first = new.next();
        let began_with_nothing =
            first.is_none_or(|first| new.all(|other| other == first) && life.trajecten.iter().all(|of| of.begin >= 0));
        life.trajecten.iter().all(|of| self.allow_traject(of, vervallen))
            && life.wisselingen.iter().all(|of| of.aansluiting != self.geen_aansluiting)
            && kinds
                .into_iter()
                .all(|(categorie, own)| self.hulpvorm_of(categorie).is_none_or(|hulpvorm| hulpvorm == own))
            && began_with_nothing
    }

    fn allow_traject(&self, traject: &Traject, vervallen: Lid) -> bool {
        let each = |half: i8| {
            let detail = |path: &[Lid]| usize::try_from(half).ok().and_then(|half| path.get(half)).copied();
            let (Some(verwijzer), Some(wachttijd), Some(duur)) =
                (detail(&traject.verwijzer), detail(&traject.wachttijd), detail(&traject.duur))
            else {
                return false;
            };
            let verzoek = if verwijzer == self.geen_verwijzer {
                wachttijd == self.geen_wachttijd
            } else {
                verwijzer == self.gemeente || wachttijd != self.geen_wachttijd
            };
            let gone = traject.einde == half && traject.reden == vervallen;
            // By date: what began in the first half-year is short, and what ran all through it is not.
            let by_date = match (half, traject.begin, traject.einde) {
                (0, 0, _) => self.is_short(duur),
                (0, _, 1..) => !self.is_short(duur),
                _ => true,
            };
            // Of what is no longer in the records nothing is known but its kind of help.
            let known = if gone { self.is_unknown([verwijzer, wachttijd, duur]) } else { duur != self.geen_duur };
            verzoek && by_date && known
        };
        let counted = traject.begin.max(0)..=traject.einde.min(HALF_YEARS - 1);
        counted.into_iter().all(each) && (traject.begin != 0 || traject.herhaald != self.geen_herhaald)
    }

    fn is_unknown(&self, details: [Lid; 3]) -> bool {
        details == [self.geen_verwijzer, self.geen_wachttijd, self.geen_duur]
    }

    const fn is_short(&self, duur: Lid) -> bool {
        self.kort >> duur & 1 == 1
    }

    /// The nearest that a traject can be, with these members to choose from: another wachttijd for its verwijzer, another
    /// duur for its days, another herhaald for its beginning, and the hulpvorm that its categorie is.
    #[must_use]
    pub fn mended(&self, mut traject: Traject, vervallen: Lid, members: impl Fn(Column) -> Vec<Lid>) -> Traject {
        let counted = traject.begin.max(0)..=traject.einde.min(HALF_YEARS - 1);
        let known = |column: Column, wanted: &dyn Fn(Lid) -> bool| members(column).into_iter().find(|lid| wanted(*lid));
        for half in counted {
            let Ok(place) = usize::try_from(half) else { continue };
            let (Some(verwijzer), Some(wachttijd), Some(duur)) =
                (traject.verwijzer.get_mut(place), traject.wachttijd.get_mut(place), traject.duur.get_mut(place))
            else {
                continue;
            };
            if traject.einde == half && traject.reden == vervallen {
                [*verwijzer, *wachttijd, *duur] = [self.geen_verwijzer, self.geen_wachttijd, self.geen_duur];
                continue;
            }
            if *verwijzer == self.geen_verwijzer {
                *wachttijd = self.geen_wachttijd;
            } else if *verwijzer != self.gemeente && *wachttijd == self.geen_wachttijd {
                *wachttijd = known(Column::Wachttijdklasse, &|lid| lid != self.geen_wachttijd).unwrap_or(*wachttijd);
            }
            let short = match (half, traject.begin, traject.einde) {
                (0, 0, _) => Some(true),
                (0, _, 1..) => Some(false),
                _ => None,
            };
            if short.is_some_and(|short| short != self.is_short(*duur)) || *duur == self.geen_duur {
                let wanted = |lid: Lid| lid != self.geen_duur && short.is_none_or(|short| short == self.is_short(lid));
                *duur = known(Column::Duurklasse, &wanted).unwrap_or(*duur);
            }
        }
        if traject.begin == 0 && traject.herhaald == self.geen_herhaald {
            traject.herhaald = known(Column::Herhaald, &|lid| lid != self.geen_herhaald).unwrap_or(traject.herhaald);
        }
        traject.hulpvorm = self.hulpvorm_of(traject.categorie).unwrap_or(traject.hulpvorm);
        traject
    }
}

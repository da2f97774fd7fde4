//! From records to the rows of a snapshot, person by person. Two steps: what each person's facts make, and then, when
//! the average lengths are known, estimated ends and the rows that depend on them. To whoever keeps the result it
//! guarantees that the same set of facts gives the same rows in the same order.

use drempel_protocols::{catalogue::Definitions, id::Period};
use jiff::civil::Date;

use super::{
    afbeelding::Afbeelding,
    bericht::Uitspraak,
    bevinding::Bevinding,
    bsn::Bsn,
    feit::{Dossier, Feit},
    feiten::PersoonFeiten,
    import::ImportError,
    report::{Bevindingen, Geteld},
    schatting::Duren,
    sleutel::{PersoonSleutel, RecordKey},
    snapshot::{SnapshotWriter, TrajectRow},
    traject::{Traject, merge},
    view::{
        DECLARATIE, HERHAALD_BEROEP, JEUGDHULP, Persoon, Rij, ViewSchema, WISSELING, declaratie, herhaald_beroep,
        jeugdhulp, wisseling,
    },
};

/// What the rows are made by.
#[derive(Clone, Copy, Debug)]
pub struct Regels<'r> {
    /// The half-years to make rows for; at least one.
    pub periods: &'r [Period],
    /// The gemeente's mapping of product codes.
    pub afbeelding: &'r Afbeelding,
    /// The federation's definitions.
    pub definities: &'r Definitions,
    /// The key of identifiers.
    pub key: &'r RecordKey,
}

/// Where rows go, person by person in the order of their numbers.
pub trait Uitvoer {
    /// All rows of one person in a view.
    ///
    /// # Errors
    /// If they cannot be written.
    fn rows(&mut self, bsn: Bsn, view: &ViewSchema, rows: &mut [Rij]) -> Result<(), ImportError>;

    /// A person, and by what the person is known from one snapshot to the next.
    ///
    /// # Errors
    /// If it cannot be written.
    fn persoon(&mut self, nummer: u32, sleutel: PersoonSleutel) -> Result<(), ImportError> {
        let _ = (nummer, sleutel);
        Ok(())
    }

    /// All trajecten of one person.
    ///
    /// # Errors
    /// If they cannot be written.
    fn trajecten(&mut self, rows: &mut [TrajectRow]) -> Result<(), ImportError>;
}

impl Uitvoer for SnapshotWriter {
    fn rows(&mut self, _bsn: Bsn, view: &ViewSchema, rows: &mut [Rij]) -> Result<(), ImportError> {
        Ok(Self::rows(self, view, rows)?)
    }

    fn persoon(&mut self, nummer: u32, sleutel: PersoonSleutel) -> Result<(), ImportError> {
        Ok(Self::persoon(self, nummer, sleutel)?)
    }

    fn trajecten(&mut self, rows: &mut [TrajectRow]) -> Result<(), ImportError> {
        Ok(Self::trajecten(self, rows)?)
    }
}

/// The persons whose facts were taken until now.
pub struct Afleiding<'r> {
    regels: Regels<'r>,
    duren: Duren,
    personen: Vec<(Bsn, Persoon)>,
    /// Everything found about the facts.
    pub(super) bevindingen: Bevindingen,
    /// What counts.
    pub(super) geteld: Geteld,
}

impl<'r> Afleiding<'r> {
    /// Of nobody yet.
    #[must_use]
    pub fn new(regels: Regels<'r>) -> Self {
        Self {
            regels,
            duren: Duren::default(),
            personen: Vec::new(),
            bevindingen: Bevindingen::default(),
            geteld: Geteld::default(),
        }
    }

    /// Takes what the facts of one person make, and writes what depends on nobody else. Only persons with a traject or
    /// a declaratie are numbered.
    ///
    /// # Errors
    /// [`ImportError`].
    pub fn persoon(&mut self, stand: Stand, uitvoer: &mut impl Uitvoer) -> Result<(), ImportError> {
        let Stand { bsn, feiten, declaraties, vondsten, starts, stops, trajecten } = stand;
        for (bevinding, bericht) in vondsten.iter().chain(&declaraties.vondsten) {
            self.bevindingen.in_records(*bevinding, bericht);
        }
        self.geteld.toewijzingen += feiten.toewijzingen();
        self.geteld.starts += starts;
        self.geteld.stops += stops;
        self.geteld.declaratieregels += declaraties.regels;
        for traject in &trajecten {
            for episode in &traject.episodes {
                self.bevindingen.start(episode);
            }
            self.duren.tel(traject, self.first_day());
        }
        if trajecten.is_empty() && declaraties.bedragen.is_empty() {
            return Ok(());
        }
        let nummer = u32::try_from(self.personen.len()).map_err(|_| ImportError::TooMany)?;
        let held = |rij: &Rij| self.regels.periods.contains(&rij.periode);
        let mut rows: Vec<Rij> = declaratie(nummer, &declaraties).filter(held).collect();
        self.geteld.tel(&DECLARATIE, &rows);
        uitvoer.rows(bsn, &DECLARATIE, &mut rows)?;
        uitvoer.persoon(nummer, self.regels.key.persoon(bsn))?;
        // Who is in declaraties only has no trajecten, so that nothing is counted by these.
        let gegevens = feiten.gegevens().unwrap_or_default();
        self.personen.push((bsn, Persoon { nummer, gegevens, trajecten }));
        Ok(())
    }

    /// Estimates ends and writes all other rows.
    ///
    /// # Errors
    /// [`ImportError`].
    pub fn finish(mut self, uitvoer: &mut impl Uitvoer) -> Result<(Bevindingen, Geteld), ImportError> {
        let peildatum = self.regels.periods.last().map_or(Date::MIN, |period| period.last_day());
        for (bsn, mut persoon) in std::mem::take(&mut self.personen) {
            for traject in &mut persoon.trajecten {
                if self.duren.schat(traject, peildatum) {
                    self.geteld.geschat += 1;
                    if let Some(last) = traject.episodes.iter().max_by_key(|episode| episode.aanvang) {
                        self.bevindingen.in_records(Bevinding::EindeGeschat, &last.bericht);
                    }
                }
            }
            self.geteld.personen += usize::from(!persoon.trajecten.is_empty());
            self.geteld.trajecten += persoon.trajecten.len();
            // Who is in declaraties only has no other rows.
            if !persoon.trajecten.is_empty() {
                self.write(bsn, &persoon, uitvoer)?;
            }
        }
        Ok((self.bevindingen, self.geteld))
    }

    fn write(&mut self, bsn: Bsn, persoon: &Persoon, uitvoer: &mut impl Uitvoer) -> Result<(), ImportError> {
        let Regels { periods, definities, key, .. } = self.regels;
        let mut trajecten: Vec<TrajectRow> =
            persoon.trajecten.iter().map(|traject| row(bsn, persoon, traject, key)).collect();
        uitvoer.trajecten(&mut trajecten)?;
        let each = |rows: &dyn Fn(Period) -> Vec<Rij>| periods.iter().flat_map(|period| rows(*period)).collect();
        let views: [(&ViewSchema, Vec<Rij>); 3] = [
            (&JEUGDHULP, each(&|p| jeugdhulp(persoon, p, &definities.wachttijd).map(Rij::from).collect())),
            (&HERHAALD_BEROEP, each(&|p| herhaald_beroep(persoon, p, &definities.herhaald).collect())),
            (&WISSELING, each(&|p| wisseling(persoon, p, &definities.wisseling))),
        ];
        for (view, mut rows) in views {
            self.geteld.tel(view, &rows);
            uitvoer.rows(bsn, view, &mut rows)?;
        }
        Ok(())
    }

    fn first_day(&self) -> Date {
        self.regels.periods.first().map_or(Date::MIN, |period| period.first_day())
    }
}

fn row(bsn: Bsn, persoon: &Persoon, traject: &Traject, key: &RecordKey) -> TrajectRow {
    TrajectRow {
        persoon: persoon.nummer,
        zorg: traject.zorg,
        aanvang: traject.aanvang,
        einde: traject.einde,
        geslacht: persoon.gegevens.geslacht,
        traject_id: key.traject(bsn, traject.zorg, traject.aanvang),
    }
}

/// What the facts of one person make.
#[derive(Debug)]
pub struct Stand {
    bsn: Bsn,
    feiten: PersoonFeiten,
    declaraties: super::feiten::Declaraties,
    vondsten: Vec<super::feiten::Vondst>,
    starts: usize,
    stops: usize,
    /// Help, merged.
    pub trajecten: Vec<Traject>,
}

impl Stand {
    /// Of the facts of one person.
    #[must_use]
    pub fn of(dossier: Dossier, afbeelding: &Afbeelding) -> Self {
        let bsn = dossier.bsn;
        let mut feiten = PersoonFeiten::default();
        for Feit { uitspraak, bericht } in dossier.feiten {
            feiten.add(uitspraak, bericht);
        }
        let declaraties = feiten.declaraties(afbeelding);
        let found = feiten.episodes(afbeelding, &declaraties);
        let trajecten = merge(found.episodes);
        Self { bsn, feiten, declaraties, vondsten: found.vondsten, starts: found.starts, stops: found.stops, trajecten }
    }

    /// The last day of which there is any sign of the person: a message, help, or help that may go on. None while help
    /// goes on without a known end.
    #[must_use]
    pub fn laatste_dag(&self) -> Option<Date> {
        let mut last = self.feiten.laatste()?;
        for traject in &self.trajecten {
            last = last.max(match traject.einde {
                Some(einde) => einde.datum,
                None => super::schatting::seen_until(traject)?,
            });
        }
        Some(last)
    }
}

/// The name of the kind of a fact, as reports count them.
#[must_use]
pub const fn soort(uitspraak: &Uitspraak) -> &'static str {
    match uitspraak {
        Uitspraak::Gegevens(_) => "persoonsgegevens",
        Uitspraak::Toewijzing(_) => "toewijzingen",
        Uitspraak::Start(..) => "starts",
        Uitspraak::Stop(..) => "stops",
        Uitspraak::Verzoek(_) => "verzoeken",
        Uitspraak::Prestatie(_) => "prestaties",
    }
}

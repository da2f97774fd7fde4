//! Writes views and facts as CSV, for the gemeente itself: with BSN, so never for anyone else.

use std::{fs::File, io, os::unix::fs::OpenOptionsExt as _, path::Path};

use csv::Writer;

use super::{
    super::{
        afleiding::{Afleiding, Regels, Stand, Uitvoer, soort},
        bericht::Uitspraak,
        bsn::Bsn,
        feit::{Dossier, Feit},
        import::{ImportError, ImportRequest},
        records::{Records, RecordsError},
        report::Agb,
        snapshot::TrajectRow,
        view::{Rij, VIEWS, ViewSchema},
    },
    ViewsError,
};

/// A file of each view on its way to disk.
pub struct CsvExport {
    views: Vec<(&'static ViewSchema, Writer<File>)>,
}

impl CsvExport {
    /// Makes the files in a folder that has none of them.
    ///
    /// # Errors
    /// [`ViewsError`].
    pub fn create(dir: &Path) -> Result<Self, ViewsError> {
        let view = |view: &'static ViewSchema| {
            let name = format!("{}.csv", view.naam);
            let mut writer = create(dir, &name)?;
            writer.write_record(view.kolommen()).map_err(failed(&name))?;
            Ok((view, writer))
        };
        Ok(Self { views: VIEWS.into_iter().map(view).collect::<Result<_, ViewsError>>()? })
    }

    /// Brings everything to disk.
    ///
    /// # Errors
    /// [`ViewsError`].
    pub fn finish(self) -> Result<(), ViewsError> {
        for (view, mut writer) in self.views {
            writer.flush().map_err(|source| ViewsError::Io { file: view.naam.to_owned(), source })?;
        }
        Ok(())
    }
}

impl Uitvoer for CsvExport {
    fn rows(&mut self, bsn: Bsn, view: &ViewSchema, rows: &mut [Rij]) -> Result<(), ImportError> {
        let Some((_, writer)) = self.views.iter_mut().find(|(known, _)| known.naam == view.naam) else { return Ok(()) };
        rows.sort_unstable();
        for rij in rows {
            let mut record = vec![bsn.text().to_owned(), rij.periode.to_string()];
            record.extend((0..view.leden.len()).map(|column| view.lid(column, rij).unwrap_or_default().to_owned()));
            if view.aanbieder {
                record.push(if rij.aanbieder == 0 { String::new() } else { Agb(rij.aanbieder).to_string() });
            }
            if view.eerdere_aanbieder {
                record.push(rij.eerdere_aanbieder.map(|agb| Agb(agb).to_string()).unwrap_or_default());
            }
            if view.bedrag {
                record.push(rij.bedrag.to_string());
            }
            writer.write_record(record).map_err(failed(view.naam))?;
        }
        Ok(())
    }

    fn trajecten(&mut self, _rows: &mut [TrajectRow]) -> Result<(), ImportError> {
        Ok(())
    }
}

/// Writes a CSV of each view of the records as they are, to a folder that has none of them; says how many persons have
/// help.
///
/// # Errors
/// [`ImportError`].
pub fn export_views(request: &ImportRequest<'_>, records: &Records, dir: &Path) -> Result<usize, ImportError> {
    let periods = request.periods()?;
    let regels =
        Regels { periods: &periods, afbeelding: request.afbeelding, definities: request.definities, key: request.key };
    let mut files = CsvExport::create(dir)?;
    let mut afleiding = Afleiding::new(regels);
    for dossier in records.dossiers()? {
        afleiding.persoon(Stand::of(dossier?, request.afbeelding), &mut files)?;
    }
    let (_, geteld) = afleiding.finish(&mut files)?;
    files.finish()?;
    Ok(geteld.personen)
}

/// Writes every fact as a line of `feiten.csv`; says how many.
///
/// # Errors
/// [`ImportError`].
pub fn export_feiten(
    dir: &Path,
    dossiers: impl Iterator<Item = Result<Dossier, RecordsError>>,
) -> Result<u64, ImportError> {
    const NAME: &str = "feiten.csv";
    let mut writer = create(dir, NAME)?;
    writer
        .write_record(["bsn", "soort", "dagtekening", "aanbieder", "identificatie", "inhoud"])
        .map_err(failed(NAME))?;
    let mut written = 0;
    for dossier in dossiers {
        let dossier = dossier?;
        for Feit { uitspraak, bericht } in &dossier.feiten {
            let record = [
                dossier.bsn.text(),
                soort(uitspraak),
                &bericht.dagtekening.to_string(),
                &Agb(bericht.aanbieder).to_string(),
                &bericht.identificatie,
                &inhoud(uitspraak),
            ];
            writer.write_record(record).map_err(failed(NAME))?;
            written += 1;
        }
    }
    writer.flush().map_err(|source| ViewsError::Io { file: NAME.to_owned(), source })?;
    Ok(written)
}

/// What a fact states, as `element=value` with the names of the standard.
fn inhoud(uitspraak: &Uitspraak) -> String {
    let mut parts: Vec<(&str, String)> = Vec::new();
    let levering = |levering: &super::super::bericht::Levering, parts: &mut Vec<(&str, String)>| {
        parts.extend(levering.wat.toewijzing.map(|nummer| ("ToewijzingNummer", nummer.to_string())));
        product(levering.wat.product.as_ref(), parts);
        parts.push(("Begindatum", levering.begindatum.to_string()));
    };
    match uitspraak {
        Uitspraak::Gegevens(gegevens) => {
            parts.push(("Geboortedatum", gegevens.geboortedatum.to_string()));
            parts.extend(gegevens.datumgebruik.map(|gebruik| ("DatumGebruik", gebruik.code().to_owned())));
            parts.push(("Geslacht", gegevens.geslacht.code().to_owned()));
        }
        Uitspraak::Toewijzing(toewijzing) => {
            parts.push(("ToewijzingNummer", toewijzing.nummer.to_string()));
            product(toewijzing.product.as_ref(), &mut parts);
            parts.push(("Toewijzingsdatum", toewijzing.datum.to_string()));
            parts.push(("Toewijzingstijd", toewijzing.tijd.to_string()));
            parts.push(("Ingangsdatum", toewijzing.ingangsdatum.to_string()));
            parts.extend(toewijzing.einddatum.map(|dag| ("Einddatum", dag.to_string())));
            parts.extend(toewijzing.reden.map(|reden| ("RedenWijziging", reden.code().to_owned())));
            parts.extend(toewijzing.referentie.iter().map(|text| ("ReferentieAanbieder", text.to_string())));
        }
        Uitspraak::Start(start, status) => {
            levering(start, &mut parts);
            parts.push(("StatusAanlevering", status.code().to_owned()));
        }
        Uitspraak::Stop(stop, status) => {
            levering(&stop.levering, &mut parts);
            parts.push(("RedenBeeindiging", stop.reden.code().to_owned()));
            parts.push(("Einddatum", stop.einddatum.to_string()));
            parts.push(("StatusAanlevering", status.code().to_owned()));
        }
        Uitspraak::Verzoek(verzoek) => {
            parts.push(("ReferentieAanbieder", verzoek.referentie.to_string()));
            parts.push(("ToewijzingIngangsdatum", verzoek.ingangsdatum.to_string()));
            parts.push(("Verwijzer/Type", verzoek.verwijzer.code().to_owned()));
        }
        Uitspraak::Prestatie(prestatie) => {
            parts.push(("ReferentieNummer", prestatie.referentie.to_string()));
            parts.extend(prestatie.vorige.iter().map(|text| ("VorigReferentieNummer", text.to_string())));
            parts.push(("ToewijzingNummer", prestatie.toewijzing.to_string()));
            parts.push(("ProductCategorie", prestatie.categorie.code().to_owned()));
            parts.push(("ProductCode", prestatie.code.to_string()));
            parts.push(("ProductPeriode", format!("{}/{}", prestatie.begin, prestatie.einde)));
            parts.push(("Bedrag", prestatie.bedrag.to_string()));
            parts.push(("DebetCredit", prestatie.debet_credit.code().to_owned()));
        }
    }
    parts.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("; ")
}

fn product(product: Option<&super::super::bericht::Product>, parts: &mut Vec<(&str, String)>) {
    if let Some(product) = product {
        parts.push(("Categorie", product.categorie.code().to_owned()));
        parts.extend(product.code.iter().map(|code| ("Code", code.to_string())));
    }
}

fn create(dir: &Path, name: &str) -> Result<Writer<File>, ViewsError> {
    let io = |source| ViewsError::Io { file: name.to_owned(), source };
    let file = File::options().write(true).create_new(true).mode(0o600).open(dir.join(name)).map_err(io)?;
    Ok(Writer::from_writer(file))
}

fn failed(name: &str) -> impl FnOnce(csv::Error) -> ViewsError + use<> {
    let name = name.to_owned();
    move |error| {
        let source = match error.into_kind() {
            csv::ErrorKind::Io(source) => source,
            _ => io::Error::other("a record cannot be written"),
        };
        ViewsError::Io { file: name, source }
    }
}

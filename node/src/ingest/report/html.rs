//! The report as one page of HTML that needs nothing from outside: to mail, to print, and to read in a browser. In Dutch,
//! for the employee who talks to the aanbieders.

use askama::Template;

use super::{AanbiederRegel, Aard, BevindingRegel, Gevolg, ImportReport};

#[derive(Template)]
#[template(path = "kwaliteit.html")]
struct Pagina<'r> {
    report: &'r ImportReport,
    soorten: Vec<Soort<'r>>,
}

/// All findings of one kind.
struct Soort<'r> {
    naam: &'static str,
    uitleg: &'static str,
    regels: Vec<&'r BevindingRegel>,
}

impl ImportReport {
    /// The report as HTML.
    ///
    /// # Errors
    /// If it cannot be formatted.
    pub fn html(&self) -> Result<String, askama::Error> {
        let soorten = Aard::ALL.iter().map(|aard| {
            let (naam, uitleg) = words(*aard);
            Soort { naam, uitleg, regels: self.bevindingen.iter().filter(|line| line.aard == *aard).collect() }
        });
        let soorten = soorten.filter(|soort| !soort.regels.is_empty()).collect();
        Pagina { report: self, soorten }.render()
    }
}

impl BevindingRegel {
    const fn telt(&self) -> &'static str {
        match self.gevolg {
            Gevolg::Afgekeurd => "telt niet mee",
            Gevolg::Behouden => "telt mee",
        }
    }
}

impl AanbiederRegel {
    fn van(&self, aard: Aard) -> usize {
        self.bevindingen.get(aard.code()).copied().unwrap_or_default()
    }
}

const fn words(aard: Aard) -> (&'static str, &'static str) {
    match aard {
        Aard::Ongeldig => ("Ongeldig", "Bestanden en regels die niet aan de standaard voldoen; zij tellen niet mee."),
        Aard::Ontbreekt => ("Ontbreekt", "Er wordt verwezen naar iets dat er niet is."),
        Aard::TeLaat => ("Te laat", "Gemeld na de termijn van de standaard."),
        Aard::Tegenstrijdig => ("Tegenstrijdig", "Berichten die elkaar tegenspreken."),
        Aard::NietAfgebeeld => ("Niet afgebeeld", "Producten zonder hulpvorm in de afbeelding van de gemeente."),
        Aard::Geschat => ("Geschat", "Trajecten waarvan het einde niet is gemeld en daarom is geschat."),
    }
}

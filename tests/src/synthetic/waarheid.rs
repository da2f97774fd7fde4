//! The ground truth of a gemeente as JSON, for an implementation in another language to count from.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::Serialize;

use super::{SyntheticGemeente, episode};

/// What is knowable from the messages of a gemeente.
#[derive(Debug, Serialize)]
pub struct Waarheid {
    gemeente: String,
    eerste: String,
    laatste: String,
    personen: Vec<Persoon>,
    episodes: Vec<Episode>,
    declaraties: Vec<Declaratie>,
}

#[derive(Debug, Serialize)]
struct Persoon {
    bsn: String,
    geboortedatum: Date,
    datumgebruik: Option<&'static str>,
    geslacht: &'static str,
}

#[derive(Debug, Serialize)]
struct Episode {
    persoon: String,
    categorie: &'static str,
    productcode: Option<String>,
    aanbieder: String,
    aanvang: Date,
    laatste_start: Date,
    einde: Option<Date>,
    reden: Option<&'static str>,
    toewijzing_bekend: bool,
    toewijzing_einddatum: Option<Date>,
    verwijzer: Option<&'static str>,
    verzoekdag: Option<Date>,
    laatst_gedeclareerd: Option<Date>,
}

#[derive(Debug, Serialize)]
struct Declaratie {
    persoon: String,
    maand: String,
    productcode: String,
    categorie: &'static str,
    aanbieder: String,
    bedrag: i64,
}

impl SyntheticGemeente {
    /// The ground truth, with categorieën as the messages have them.
    #[must_use]
    pub fn waarheid(&self) -> Waarheid {
        let bsn = |persoon: usize| self.personen.get(persoon).map(|persoon| persoon.bsn.to_string());
        let mut net: BTreeMap<_, i64> = BTreeMap::new();
        for declaratie in &self.declaraties {
            let episode::Declaratie { persoon, maand, product, aanbieder, bedrag } = *declaratie;
            *net.entry((persoon, maand, product, aanbieder)).or_default() += bedrag;
        }
        Waarheid {
            gemeente: self.code.to_string(),
            eerste: self.first.to_string(),
            laatste: self.last.to_string(),
            personen: self.personen.iter().map(person).collect(),
            episodes: self.episodes.iter().filter_map(|found| Some(episode(found, bsn(found.persoon)?))).collect(),
            declaraties: net
                .into_iter()
                .filter_map(|((persoon, maand, product, aanbieder), bedrag)| {
                    Some(Declaratie {
                        persoon: bsn(persoon)?,
                        maand: maand.strftime("%Y-%m").to_string(),
                        productcode: product.to_string(),
                        categorie: product.categorie,
                        aanbieder: aanbieder.to_string(),
                        bedrag,
                    })
                })
                .collect(),
        }
    }
}

fn person(persoon: &super::Persoon) -> Persoon {
    let kenmerken = persoon.kenmerken;
    Persoon {
        bsn: persoon.bsn.to_string(),
        geboortedatum: kenmerken.geboortedatum,
        datumgebruik: kenmerken.datum_gebruik.map(super::DatumGebruik::ijw),
        geslacht: kenmerken.geslacht.ijw(),
    }
}

fn episode(found: &episode::Episode, persoon: String) -> Episode {
    let verwijzing = found.toewijzing.map(|toewijzing| toewijzing.verwijzing);
    Episode {
        persoon,
        categorie: found.categorie,
        productcode: found.product.map(|code| code.to_string()),
        aanbieder: found.aanbieder.to_string(),
        aanvang: found.aanvang,
        laatste_start: found.laatste_start,
        einde: found.einde.map(|einde| einde.dag),
        reden: found.einde.map(|einde| einde.reden),
        toewijzing_bekend: found.toewijzing.is_some(),
        toewijzing_einddatum: found.toewijzing.and_then(|toewijzing| toewijzing.einddatum),
        verwijzer: verwijzing.and_then(|verwijzing| verwijzing.verwijzer),
        verzoekdag: verwijzing.and_then(|verwijzing| verwijzing.verzoekdag),
        laatst_gedeclareerd: found.gedeclareerd,
    }
}

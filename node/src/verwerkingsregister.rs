//! Entries for the register van verwerkingsactiviteiten of the gemeente (AVG article 30), one for each purpose of the catalogue:
//! in the form of the Registers that the Logboek Dataverwerkingen refers to, and as a page. All of it follows from catalogue,
//! policy and configuration. What does not is named as what the gemeente has to fill in itself, and nothing is put there.

use std::collections::BTreeSet;

use askama::Template;
use drempel_protocols::{
    catalogue::{Catalogue, Cube, Purpose, View, Weighing},
    id::{Gemeentecode, Oin},
    policy::Policy,
};
use jiff::civil::Date;
use serde_json::{Value, json};

use crate::config::{Config, Role};

/// What no catalogue, policy or configuration says.
const OPEN: [(&str, &str); 7] = [
    ("verwerkingsverantwoordelijke", "De contactgegevens van het college en van de functionaris gegevensbescherming."),
    (
        "legalBasis",
        "De rechtsgrond van AVG artikel 6 lid 1 en, omdat gegevens over jeugdhulp gegevens over gezondheid kunnen zijn, de \
         uitzondering van artikel 9 lid 2.",
    ),
    ("recipients.legalRole", "De rol van elke ontvanger, en of er een verwerker is."),
    ("doorgifte", "Of er gegevens naar een land buiten de Europese Economische Ruimte gaan."),
    ("organisatorisch", "De maatregelen van de gemeente zelf, buiten wat hieronder staat."),
    ("effectbeoordeling", "Of er een gegevensbeschermingseffectbeoordeling is, en waar die staat."),
    ("version, validFrom", "Het nummer van deze versie in het register, en vanaf wanneer die geldt."),
];

/// What has to be filled in where no retention is configured.
const RETENTION: (&str, &str) = (
    "personalData.retentionPeriod",
    "De bewaartermijn: in node.toml is er geen ingesteld ([bewaren] jaren), dus de gegevens worden nu niet verwijderd.",
);

/// The entries.
#[derive(Clone, Debug, PartialEq, Eq, Template)]
#[template(path = "verwerkingsregister.html")]
pub struct Verwerkingsregister {
    /// The gemeente.
    pub gemeente: Gemeentecode,
    /// Its name.
    pub naam: String,
    /// Its OIN.
    pub oin: Oin,
    /// The day on which they were made.
    pub dag: Date,
    /// The version of the catalogue.
    pub catalogus: String,
    /// For each purpose.
    pub verwerkingen: Vec<Activiteit>,
    /// Who asks on behalf of the recipients, and whose questions are taken.
    pub coordinatoren: Vec<String>,
    /// What protects the betrokkenen by technical means.
    pub technisch: Vec<String>,
    /// And by how it is organised.
    pub organisatorisch: Vec<String>,
    /// Years after the last sign of a person that the records are removed.
    pub jaren: Option<u16>,
    /// What the gemeente has to fill in: the field, and what.
    pub open: Vec<(&'static str, &'static str)>,
}

/// The entry of a purpose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Activiteit {
    /// Its name in the register, by which the log refers to it.
    pub id: String,
    /// The purpose by its name.
    pub naam: String,
    /// What it is for.
    pub doel: String,
    /// The legal basis, by law and article.
    pub grondslag: String,
    /// How it was weighed.
    pub weging: Weighing,
    /// Whether this gemeente answers questions for it.
    pub beantwoord: bool,
    /// The records that are counted.
    pub gegevens: Vec<String>,
    /// The kinds of data of which counts leave.
    pub kenmerken: Vec<String>,
    /// The tables that can be asked.
    pub tabellen: Vec<String>,
    /// Who may ask.
    pub ontvangers: Vec<String>,
}

impl Verwerkingsregister {
    /// Of the catalogue, under the policy of a day.
    #[must_use]
    pub fn of(catalogue: &Catalogue, policy: &Policy, config: &Config, (naam, dag): (String, Date)) -> Self {
        let jaren = config.bewaren.jaren;
        let coordinators = config.peers.iter().filter(|peer| peer.rol == Role::Coordinator);
        Self {
            gemeente: config.gemeente,
            naam,
            oin: config.oin.clone(),
            dag,
            catalogus: catalogue.version().to_owned(),
            verwerkingen: catalogue.purposes().map(|purpose| Activiteit::of(purpose, catalogue, policy)).collect(),
            coordinatoren: coordinators.map(|peer| format!("{} (OIN {})", peer.naam, peer.oin)).collect(),
            technisch: technical(policy, config),
            organisatorisch: organisational(config),
            jaren,
            open: OPEN.into_iter().chain(jaren.is_none().then_some(RETENTION)).collect(),
        }
    }

    /// As a `ProcessingActivityVersion` each, with what that has no place for under `drempel`.
    #[must_use]
    pub fn entries(&self) -> Vec<Value> {
        let measures = |of: &[String], kind: &str| -> Vec<Value> {
            of.iter().map(|measure| json!({ "measureType": kind, "measure": measure })).collect()
        };
        let measures = [measures(&self.technisch, "Technical"), measures(&self.organisatorisch, "Organisational")];
        let measures = measures.concat();
        let entry = |of: &Activiteit| {
            let mut personal = json!({ "categories": of.kenmerken });
            if let (Some(jaren), Some(personal)) = (self.jaren, personal.as_object_mut()) {
                personal.insert("retentionPeriod".to_owned(), format!("P{jaren}Y").into());
            }
            json!({
                "id": of.id,
                "name": of.naam,
                "purpose": of.doel,
                // Children are vulnerable natural persons (AVG recital 75); the list has no word of its own for them.
                "dataSubjects": ["VulnerableHuman"],
                "personalData": personal,
                "processingOptions": ["Store", "Organise", "Transform", "Use"],
                "recipients": { "names": of.ontvangers },
                "measures": measures,
                "drempel": {
                    "verantwoordelijke": { "naam": self.naam, "gemeente": self.gemeente, "oin": self.oin },
                    "betrokkenen": "jeugdigen",
                    "grondslag": of.grondslag,
                    "weging": of.weging,
                    "beantwoord": of.beantwoord,
                    "gegevens": of.gegevens,
                    "tabellen": of.tabellen,
                    "coordinatoren": self.coordinatoren,
                    "catalogus": self.catalogus,
                    "gemaakt": self.dag,
                    "in_te_vullen": self.open.iter().map(|(field, what)| json!({ "veld": field, "wat": what })).collect::<Vec<_>>(),
                },
            })
        };
        self.verwerkingen.iter().map(entry).collect()
    }
}

impl Activiteit {
    fn of(purpose: &Purpose, catalogue: &Catalogue, policy: &Policy) -> Self {
        let registered = || catalogue.cubes().filter(|cube| cube.purposes().contains(&purpose.id));
        let beantwoord = policy.accepts_purpose(&purpose.id);
        let accepted = || registered().filter(|cube| beantwoord && policy.accepts_cube(cube.name()));
        // What this gemeente does not answer for it does not process for either.
        let views = catalogue.views().filter(|view| accepted().any(|cube| cube.view() == view.name()));
        let (mut gegevens, mut kenmerken) = (Vec::new(), Vec::new());
        for view in views {
            gegevens.push(view.label().nl.clone());
            kenmerken.extend(characteristics(view, accepted().filter(|cube| cube.view() == view.name())));
        }
        let mut seen = BTreeSet::new();
        kenmerken.retain(|kenmerk: &String| seen.insert(kenmerk.clone()));
        Self {
            id: purpose.verwerkingsactiviteit.clone(),
            naam: purpose.id.to_string(),
            doel: purpose.doel.clone(),
            grondslag: purpose.grondslag.clone(),
            weging: purpose.weging.clone(),
            beantwoord,
            gegevens,
            kenmerken,
            tabellen: accepted().map(|cube| cube.label().nl.clone()).collect(),
            ontvangers: purpose.gebruikers.clone(),
        }
    }
}

/// The columns that cubes are made from, each in its finest form, in the order of the view.
fn characteristics<'v>(view: &'v View, cubes: impl Iterator<Item = &'v Cube>) -> Vec<String> {
    let roots: BTreeSet<_> = cubes.flat_map(Cube::dimensions).map(|dimension| view.root(dimension)).collect();
    let used = view.columns().iter().filter(|column| roots.contains(column.name()));
    used.map(|column| column.label().nl.clone()).collect()
}

fn technical(policy: &Policy, config: &Config) -> Vec<String> {
    let zeros = if policy.hides_zeros() {
        "Dat ergens niemand is, wordt ook verborgen."
    } else {
        "Dat ergens niemand is, wordt getoond, behalve bij gevoelige kenmerken."
    };
    let mut measures = vec![
        format!(
            "Alleen aantallen van ten minste {} jeugdigen verlaten de gemeente. Kleinere aantallen worden verborgen, en ook \
             andere aantallen waaruit die zouden volgen.",
            policy.k()
        ),
        zeros.to_owned(),
    ];
    if policy.round_to() > 1 {
        measures.push(format!("Wat wordt getoond, is afgerond op veelvouden van {}.", policy.round_to()));
    }
    measures.extend(
        [
            "Vragen worden beantwoord uit een vrijgave, die per halfjaar één keer wordt gemaakt en niet meer verandert. Een \
             vraag leest geen gegevens van jeugdigen.",
            "Het burgerservicenummer staat alleen in de versleutelde gegevens van de gemeente zelf (AES-256-GCM). Geteld wordt \
             in een bestand zonder burgerservicenummer, naam en geboortedatum.",
            "Alleen wie in de configuratie staat en zich met een certificaat van de federatie meldt, kan iets vragen \
             (wederzijdse TLS); elke vraag is ondertekend.",
            "Elke vraag staat in een logboek voordat zij loopt, en elk antwoord voordat het vertrekt. Het logboek is \
             ondertekend, zodat een wijziging opvalt.",
            "De regels voor het Logboek Dataverwerkingen noemen geen betrokkene: een vraag is een telling over alle jeugdigen, \
             en een regel per jeugdige zou het logboek tot een tweede bestand van hulp maken. De vraag zelf staat er wel in.",
        ]
        .map(str::to_owned),
    );
    if !config.getuigen.is_empty() {
        measures.push(format!(
            "Het logboek wordt mede ondertekend door {} getuigen buiten de gemeente.",
            config.getuigen.len()
        ));
    }
    measures
}

fn organisational(config: &Config) -> Vec<String> {
    let mut measures = vec![
        "Elk doel is vooraf gewogen op doelmatig, rechtmatig en verantwoord; de catalogus is door ten minste twee partijen van \
         de federatie ondertekend en door de gemeente aanvaard."
            .to_owned(),
    ];
    if let Some(pages) = &config.paginas {
        let officers = if pages.vier_ogen { "; aanvaarden vraagt er twee" } else { "" };
        measures.push(format!(
            "Een medewerker van de gemeente ziet elke vraag en elk antwoord, en kan een tabel of een doel afwijzen{officers}. \
             Aanmelden gaat met een wachtwoord en een code."
        ));
    }
    measures
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use drempel_protocols::{catalogue::SignedBundle, policy::PolicyFile};

    use super::*;
    use crate::config::EXAMPLE;

    fn register(beleid: PolicyFile, jaren: Option<u16>) -> Verwerkingsregister {
        let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../config/catalogus"));
        let catalogue = Catalogue::from_bundle(SignedBundle::read(folder).unwrap().bundle()).unwrap();
        let text = EXAMPLE.replace("{gemeente}", "GM0014").replace("{oin}", "00000099000000000014");
        let mut config = Config::parse(&text).unwrap();
        config.bewaren.jaren = jaren;
        let policy = Policy::from_file(&beleid, &catalogue).unwrap();
        Verwerkingsregister::of(&catalogue, &policy, &config, ("Groningen".to_owned(), "2026-03-01".parse().unwrap()))
    }

    #[test]
    fn an_entry_has_what_is_processed_for_the_purpose_and_nothing_that_is_declined() {
        let all = register(PolicyFile::default(), Some(20));
        let [monitor, inkoop] = all.verwerkingen.as_slice() else { panic!("two purposes") };
        let age = "Leeftijd op de laatste dag".to_owned();
        assert!(monitor.kenmerken.contains(&age) && !inkoop.kenmerken.contains(&age), "{inkoop:?}");
        assert!(inkoop.tabellen.len() < monitor.tabellen.len() && inkoop.gegevens.len() == 1, "{inkoop:?}");
        let entries = all.entries();
        assert_eq!(entries[0]["id"], "urn:drempel:verwerkingsactiviteit:landelijke-monitor");
        assert_eq!(entries[0]["personalData"]["retentionPeriod"], "P20Y");
        assert!(all.technisch[0].contains("ten minste 10 jeugdigen"));

        let declined_purposes = ["regionale-inkoop".parse().unwrap()].into();
        let declined_cubes = ["kerngroep-herhaald".parse().unwrap()].into();
        let beleid = PolicyFile { declined_purposes, declined_cubes, k: Some(25), ..PolicyFile::default() };
        let some = register(beleid, Some(20));
        assert!(!some.verwerkingen[1].beantwoord && some.verwerkingen[1].kenmerken.is_empty());
        assert!(some.verwerkingen[0].tabellen.len() < monitor.tabellen.len());
        assert!(some.technisch[0].contains("ten minste 25 jeugdigen"));
        assert!(some.render().unwrap().contains("De gemeente heeft dit doel afgewezen"));
    }

    #[test]
    fn what_nobody_configured_is_left_to_the_gemeente_and_said_to_be() {
        let register = register(PolicyFile::default(), None);
        let page = register.render().unwrap();
        for entry in register.entries() {
            for field in ["legalBasis", "version", "validFrom"] {
                assert!(entry.get(field).is_none(), "{field} is not Drempel's to say");
            }
            assert!(entry["personalData"].get("retentionPeriod").is_none());
            let open = entry["drempel"]["in_te_vullen"].as_array().unwrap();
            assert_eq!(open.len(), OPEN.len() + 1);
            for open in open {
                assert!(page.contains(open["wat"].as_str().unwrap()), "{open}");
            }
        }
        assert!(page.contains("Er is geen bewaartermijn ingesteld."));
    }
}

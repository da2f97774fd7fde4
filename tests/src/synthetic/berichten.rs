//! Bundles what is reported into messages as the standard asks: one client, one sender, one receiver and one day per
//! message, and in a JW301 every toewijzing of that client and aanbieder that is valid on that day (OP087). Only a
//! declaratie is about all clients of an aanbieder, in a month.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;

use super::{
    dossier::{Dossier, Toewijzing, Versie},
    draw::{Draw, after},
    irregularity::{Irregularity, Tally},
    persoon::Persoon,
};

/// A message.
#[derive(Debug)]
pub(super) struct Bericht {
    pub(super) aanbieder: u32,
    pub(super) dagtekening: Date,
    pub(super) inhoud: Inhoud,
}

#[derive(Debug)]
pub(super) enum Inhoud {
    Client(Client),
    /// Of this month; each line by its person and its position in the dossier.
    Declaratie {
        maand: Date,
        regels: Vec<(usize, usize)>,
    },
    /// By person and position in the dossier.
    Antwoord(usize, usize),
    /// That the message of this number and day was received and is in order.
    Retour {
        van: Soort,
        identificatie: usize,
        dagtekening: Date,
    },
}

/// What a message is about that is about one person. Positions refer to the person's dossier.
#[derive(Debug)]
pub(super) struct Client {
    pub(super) persoon: usize,
    /// Not later than the person's first toewijzing, start or stop, so with the person's former characteristics.
    pub(super) earliest: bool,
    pub(super) soort: Soort,
    pub(super) regels: Vec<Regel>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Soort {
    Toewijzing,
    Start,
    Stop,
    Verzoek,
    Wijziging,
}

/// The position of a line, and of a toewijzing also which version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Regel {
    pub(super) positie: usize,
    pub(super) versie: usize,
}

/// The messages of a gemeente, and the order in which their files are named.
#[derive(Debug)]
pub(super) struct Berichten {
    pub(super) berichten: Vec<Bericht>,
    /// For each file the position of its message; a message that was delivered twice is in it twice.
    pub(super) files: Vec<usize>,
}

impl Berichten {
    pub(super) fn bundle(draw: &mut Draw, personen: &mut [Persoon], dossiers: &[Dossier], tally: &mut Tally) -> Self {
        let mut berichten = Vec::new();
        for (position, (persoon, dossier)) in personen.iter_mut().zip(dossiers).enumerate() {
            let mut own = bundle_dossier(position, dossier);
            let named = own.iter().filter(|bericht| bericht.tells_who());
            let earliest = named.clone().map(|bericht| bericht.dagtekening).min();
            let later = named.clone().any(|bericht| Some(bericht.dagtekening) != earliest);
            if later && draw.chance(12) {
                tally.note(Irregularity::FormerKenmerken);
                persoon.vroeger = Some(persoon.former(draw));
            }
            for bericht in &mut own {
                if let Inhoud::Client(client) = &mut bericht.inhoud {
                    client.earliest = earliest.is_some_and(|earliest| bericht.dagtekening <= earliest);
                }
            }
            berichten.append(&mut own);
        }
        berichten.sort_by_key(|bericht| (bericht.dagtekening, bericht.persoon()));
        berichten.append(&mut bundle_declaraties(draw, dossiers));
        let mut retour = retour(draw, &berichten);
        berichten.append(&mut retour);
        let mut files: Vec<usize> = (0..berichten.len()).collect();
        for position in 0..berichten.len() {
            if draw.chance(8) {
                tally.note(Irregularity::DeliveredTwice);
                files.push(position);
            }
        }
        // No meaning may be attached to the order of receipt (OP080), so the names do not follow it.
        draw.shuffle(&mut files);
        Self { berichten, files }
    }
}

impl Bericht {
    fn persoon(&self) -> Option<usize> {
        match &self.inhoud {
            Inhoud::Client(client) => Some(client.persoon),
            Inhoud::Antwoord(persoon, _) => Some(*persoon),
            Inhoud::Declaratie { .. } | Inhoud::Retour { .. } => None,
        }
    }

    /// Whether a person's characteristics are known from it without regard to verzoeken.
    fn tells_who(&self) -> bool {
        matches!(&self.inhoud, Inhoud::Client(client) if client.soort <= Soort::Stop)
    }
}

fn bundle_dossier(persoon: usize, dossier: &Dossier) -> Vec<Bericht> {
    let mut moments: BTreeMap<(Date, u32, Soort), BTreeSet<Regel>> = BTreeMap::new();
    let mut add = |dagtekening, aanbieder, soort, positie| {
        moments.entry((dagtekening, aanbieder, soort)).or_default().insert(Regel { positie, versie: 0 });
    };
    for (position, toewijzing) in dossier.toewijzingen.iter().enumerate() {
        for versie in &toewijzing.versies {
            add(versie.dagtekening, toewijzing.aanbieder, Soort::Toewijzing, position);
        }
    }
    for (position, melding) in dossier.meldingen.iter().enumerate() {
        let soort = if melding.stop.is_some() { Soort::Stop } else { Soort::Start };
        if let Some(toewijzing) = dossier.toewijzingen.get(melding.toewijzing) {
            add(melding.dagtekening, toewijzing.aanbieder, soort, position);
        }
    }
    for (position, verzoek) in dossier.verzoeken.iter().enumerate() {
        add(verzoek.dagtekening, verzoek.aanbieder, Soort::Verzoek, position);
    }
    let client = |((dagtekening, aanbieder, soort), regels): ((Date, u32, Soort), BTreeSet<Regel>)| {
        let regels = if soort == Soort::Toewijzing { current(dossier, aanbieder, dagtekening) } else { regels };
        let client = Client { persoon, earliest: false, soort, regels: regels.into_iter().collect() };
        Bericht { aanbieder, dagtekening, inhoud: Inhoud::Client(client) }
    };
    let mut berichten: Vec<Bericht> = moments.into_iter().map(client).collect();
    for (positie, wijziging) in dossier.wijzigingen.iter().enumerate() {
        if let Some(toewijzing) = dossier.toewijzingen.get(wijziging.toewijzing) {
            let regels = vec![Regel { positie, versie: 0 }];
            let inhoud = Inhoud::Client(Client { persoon, earliest: false, soort: Soort::Wijziging, regels });
            let (aanbieder, dagtekening) = (toewijzing.aanbieder, wijziging.dagtekening);
            berichten.push(Bericht { aanbieder, dagtekening, inhoud });
        }
    }
    for (position, antwoord) in dossier.antwoorden.iter().enumerate() {
        let inhoud = Inhoud::Antwoord(persoon, position);
        berichten.push(Bericht { aanbieder: antwoord.aanbieder, dagtekening: antwoord.dagtekening, inhoud });
    }
    berichten
}

/// The toewijzingen that a message of this day holds: in their latest version, if valid or just changed.
fn current(dossier: &Dossier, aanbieder: u32, day: Date) -> BTreeSet<Regel> {
    let mut held = BTreeSet::new();
    for (positie, toewijzing) in dossier.toewijzingen.iter().enumerate() {
        if toewijzing.aanbieder == aanbieder
            && let Some((number, versie)) = latest(toewijzing, day)
            && (versie.dagtekening == day || versie.einde.is_none_or(|einde| einde >= day))
        {
            held.insert(Regel { positie, versie: number });
        }
    }
    held
}

fn latest(toewijzing: &Toewijzing, day: Date) -> Option<(usize, &Versie)> {
    toewijzing.versies.iter().enumerate().rfind(|(_, versie)| versie.dagtekening <= day)
}

/// One declaratie for every aanbieder and month in which there is something to declare.
fn bundle_declaraties(draw: &mut Draw, dossiers: &[Dossier]) -> Vec<Bericht> {
    let mut months: BTreeMap<(Date, u32), Vec<(usize, usize)>> = BTreeMap::new();
    for (persoon, dossier) in dossiers.iter().enumerate() {
        for (position, prestatie) in dossier.prestaties.iter().enumerate() {
            if let Some(toewijzing) = dossier.toewijzingen.get(prestatie.toewijzing) {
                let key = (prestatie.declaratiemaand, toewijzing.aanbieder);
                months.entry(key).or_default().push((persoon, position));
            }
        }
    }
    let bericht = |((maand, aanbieder), regels): ((Date, u32), Vec<(usize, usize)>)| {
        let dagtekening = after(maand.last_of_month(), draw.number(2..=25));
        Bericht { aanbieder, dagtekening, inhoud: Inhoud::Declaratie { maand, regels } }
    };
    months.into_iter().map(bericht).collect()
}

/// That some of the starts and stops were received.
fn retour(draw: &mut Draw, berichten: &[Bericht]) -> Vec<Bericht> {
    let mut found = Vec::new();
    for (position, bericht) in berichten.iter().enumerate() {
        if let Inhoud::Client(Client { soort: van @ (Soort::Start | Soort::Stop), .. }) = bericht.inhoud
            && draw.chance(15)
        {
            let (identificatie, dagtekening) = (position + 1, bericht.dagtekening);
            let inhoud = Inhoud::Retour { van, identificatie, dagtekening };
            let dagtekening = after(dagtekening, draw.number(0..=3));
            found.push(Bericht { aanbieder: bericht.aanbieder, dagtekening, inhoud });
        }
    }
    found
}

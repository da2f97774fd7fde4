//! Bundles what is reported into messages as the standard asks: one client, one sender, one receiver and one day per
//! message, and in a JW301 every toewijzing of that client and aanbieder that is valid on that day (OP087).

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;

use super::{
    dossier::{Dossier, Toewijzing, Versie},
    draw::Draw,
    irregularity::{Irregularity, Tally},
    persoon::Persoon,
};

/// A message about one person. Positions refer to the person's dossier.
#[derive(Debug)]
pub(super) struct Bericht {
    pub(super) persoon: usize,
    pub(super) aanbieder: u32,
    pub(super) dagtekening: Date,
    /// Of the person's earliest day, so with the person's former characteristics.
    pub(super) earliest: bool,
    pub(super) inhoud: Inhoud,
}

#[derive(Debug)]
pub(super) enum Inhoud {
    /// The toewijzing and its version.
    Toewijzingen(Vec<(usize, usize)>),
    Starts(Vec<usize>),
    Stops(Vec<usize>),
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Soort {
    Toewijzing,
    Start,
    Stop,
}

/// The messages of a gemeente in order of Dagtekening, and the order in which their files are named.
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
            let earliest = own.iter().map(|bericht| bericht.dagtekening).min();
            let later = own.iter().any(|bericht| Some(bericht.dagtekening) != earliest);
            if later && draw.chance(12) {
                tally.note(Irregularity::FormerKenmerken);
                persoon.vroeger = Some(persoon.former(draw));
            }
            for bericht in &mut own {
                bericht.earliest = Some(bericht.dagtekening) == earliest;
            }
            berichten.append(&mut own);
        }
        berichten.sort_by_key(|bericht| (bericht.dagtekening, bericht.persoon));
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

fn bundle_dossier(persoon: usize, dossier: &Dossier) -> Vec<Bericht> {
    let mut moments: BTreeMap<(Date, u32, Soort), Vec<usize>> = BTreeMap::new();
    for toewijzing in &dossier.toewijzingen {
        for versie in &toewijzing.versies {
            moments.entry((versie.dagtekening, toewijzing.aanbieder, Soort::Toewijzing)).or_default();
        }
    }
    for (position, melding) in dossier.meldingen.iter().enumerate() {
        let soort = if melding.stop.is_some() { Soort::Stop } else { Soort::Start };
        if let Some(toewijzing) = dossier.toewijzingen.get(melding.toewijzing) {
            moments.entry((melding.dagtekening, toewijzing.aanbieder, soort)).or_default().push(position);
        }
    }
    let bericht = |((dagtekening, aanbieder, soort), positions)| {
        let inhoud = match soort {
            Soort::Toewijzing => Inhoud::Toewijzingen(current(dossier, aanbieder, dagtekening)),
            Soort::Start => Inhoud::Starts(positions),
            Soort::Stop => Inhoud::Stops(positions),
        };
        Bericht { persoon, aanbieder, dagtekening, earliest: false, inhoud }
    };
    moments.into_iter().map(bericht).collect()
}

/// The toewijzingen that a message of this day holds: in their latest version, if valid or just changed.
fn current(dossier: &Dossier, aanbieder: u32, day: Date) -> Vec<(usize, usize)> {
    let mut held = BTreeSet::new();
    for (position, toewijzing) in dossier.toewijzingen.iter().enumerate() {
        if toewijzing.aanbieder == aanbieder
            && let Some((number, versie)) = latest(toewijzing, day)
            && (versie.dagtekening == day || versie.einde.is_none_or(|einde| einde >= day))
        {
            held.insert((position, number));
        }
    }
    held.into_iter().collect()
}

fn latest(toewijzing: &Toewijzing, day: Date) -> Option<(usize, &Versie)> {
    toewijzing.versies.iter().enumerate().rfind(|(_, versie)| versie.dagtekening <= day)
}

//! Findings as they are collected: how many of each, in which files, and about which messages of which aanbieder. What is
//! kept does not grow with the number of findings, but for the aanbieders they are about.

use std::collections::{BTreeMap, BTreeSet};

use compact_str::CompactString;
use jiff::civil::Date;

use super::{
    super::{
        bericht::BerichtId,
        bevinding::{Bevinding, Gevolg},
        traject::Episode,
    },
    AanbiederBerichten, AanbiederRegel, Agb, BerichtRegel, BestandsNaam, BevindingRegel,
};

/// How many file names, and how many messages of one aanbieder, are listed with one finding; the others are counted.
const LISTED: usize = 20;

/// Findings as they are collected.
#[derive(Debug, Default)]
pub struct Bevindingen {
    codes: BTreeMap<Bevinding, Gevonden>,
    starts: BTreeMap<u32, (usize, Date)>,
}

#[derive(Debug, Default)]
struct Gevonden {
    aantal: usize,
    bestanden: BTreeSet<usize>,
    aanbieders: BTreeMap<u32, (usize, Berichten)>,
}

/// Messages by Dagtekening and Identificatie.
type Berichten = BTreeSet<(Date, CompactString)>;

impl Bevindingen {
    /// Counts a finding in the file with this place in the order of names.
    pub(in super::super) fn in_file(&mut self, bevinding: Bevinding, file: usize) {
        let found = self.codes.entry(bevinding).or_default();
        found.aantal += 1;
        found.bestanden.insert(file);
    }

    /// Counts a finding about what a message says of a person.
    pub(in super::super) fn in_records(&mut self, bevinding: Bevinding, bericht: &BerichtId) {
        let found = self.codes.entry(bevinding).or_default();
        found.aantal += 1;
        let (aantal, berichten) = found.aanbieders.entry(bericht.aanbieder).or_default();
        *aantal += 1;
        // Most findings are about messages before those that are listed already.
        if berichten.len() >= LISTED && berichten.first().is_some_and(|(first, _)| *first > bericht.dagtekening) {
            return;
        }
        berichten.insert((bericht.dagtekening, bericht.identificatie.clone()));
        if berichten.len() > LISTED {
            berichten.pop_first();
        }
    }

    /// Counts an episode of help.
    pub(in super::super) fn start(&mut self, episode: &Episode) {
        let sent = episode.bericht.dagtekening;
        let (starts, last) = self.starts.entry(episode.aanbieder).or_insert((0, sent));
        *starts += 1;
        *last = sent.max(*last);
    }

    /// Adds what was found elsewhere.
    pub(in super::super) fn join(&mut self, other: Self) {
        for (bevinding, found) in other.codes {
            let own = self.codes.entry(bevinding).or_default();
            own.aantal += found.aantal;
            own.bestanden.extend(found.bestanden);
            own.aanbieders.extend(found.aanbieders);
        }
        self.starts.extend(other.starts);
    }

    /// Whether something was left out.
    pub(in super::super) fn rejected(&self) -> bool {
        self.codes.keys().any(|bevinding| bevinding.gevolg() == Gevolg::Afgekeurd)
    }

    /// One line for each code.
    pub(in super::super) fn lines(&self, names: &[BestandsNaam]) -> Vec<BevindingRegel> {
        let bericht = |(dagtekening, identificatie): &(Date, CompactString)| BerichtRegel {
            dagtekening: *dagtekening,
            identificatie: BestandsNaam::new(identificatie).to_string(),
        };
        let aanbieder = |(aanbieder, (aantal, berichten)): (&u32, &(usize, Berichten))| {
            let berichten = berichten.iter().rev().map(bericht).collect();
            AanbiederBerichten { aanbieder: Agb(*aanbieder), aantal: *aantal, berichten }
        };
        let line = |(code, found): (&Bevinding, &Gevonden)| BevindingRegel {
            code: *code,
            aard: code.aard(),
            gevolg: code.gevolg(),
            omschrijving: code.omschrijving(),
            wat_te_doen: code.wat_te_doen(),
            aantal: found.aantal,
            aantal_bestanden: found.bestanden.len(),
            bestanden: found.bestanden.iter().filter_map(|file| names.get(*file)).take(LISTED).cloned().collect(),
            aanbieders: found.aanbieders.iter().map(aanbieder).collect(),
        };
        self.codes.iter().map(line).collect()
    }

    /// One line for each aanbieder.
    pub(in super::super) fn aanbieders(&self) -> Vec<AanbiederRegel> {
        let mut lines: BTreeMap<u32, AanbiederRegel> = BTreeMap::new();
        let empty = |aanbieder| AanbiederRegel {
            aanbieder: Agb(aanbieder),
            episodes: 0,
            laatste_bericht: None,
            bevindingen: BTreeMap::new(),
        };
        for (aanbieder, (episodes, last)) in &self.starts {
            let line = lines.entry(*aanbieder).or_insert_with(|| empty(*aanbieder));
            (line.episodes, line.laatste_bericht) = (*episodes, Some(*last));
        }
        for (bevinding, found) in &self.codes {
            for (aanbieder, (aantal, _)) in &found.aanbieders {
                let line = lines.entry(*aanbieder).or_insert_with(|| empty(*aanbieder));
                *line.bevindingen.entry(bevinding.aard().code()).or_default() += aantal;
            }
        }
        lines.into_values().collect()
    }
}

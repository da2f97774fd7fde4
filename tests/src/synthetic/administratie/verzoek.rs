//! What aanbieders ask for: verzoeken om toewijzing, of which one in the messages tells who referred and when, and
//! verzoeken om wijziging, which tell nothing that is counted.

use jiff::civil::Date;

use super::{
    super::{
        dossier::{Antwoord, Dossier, Product, Toewijzing, Verzoek, Wijziging},
        draw::{Weights, after},
        episode::Verwijzing,
        irregularity::Irregularity,
        loopbaan::{Levering, ZORGSOORTEN},
    },
    Administratie,
};

impl Administratie<'_> {
    /// Gives a toewijzing its verzoek, or lets the gemeente's own toegang decide; gives what is knowable of it.
    pub(super) fn request(
        &mut self,
        dossier: &mut Dossier,
        toewijzing: &mut Toewijzing,
        aanvang: Date,
        vastgesteld: Date,
    ) -> Verwijzing {
        if !self.beside.chance(600) {
            return Verwijzing { verwijzer: Some("01"), verzoekdag: None };
        }
        let Toewijzing { aanbieder, product, ingang, .. } = *toewijzing;
        let referentie = self.nummers.verzoek();
        toewijzing.referentie = Some(referentie);
        let late = self.beside.chance(80);
        let dagtekening = if late {
            after(aanvang, self.beside.number(0..=30)).min(self.horizon)
        } else {
            after(vastgesteld, -self.beside.length(30))
        };
        let verwijzer = self.beside.one_of(&VERWIJZERS);
        let verzoek = Verzoek { aanbieder, referentie, dagtekening, product, ingang, verwijzer };
        if self.beside.chance(30) {
            self.tally.note(Irregularity::VerzoekElsewhere);
            let other = Verzoek {
                aanbieder: (aanbieder + 1) % self.aanbieders,
                dagtekening: after(dagtekening, -self.beside.number(1..=60)),
                verwijzer: other_than(verwijzer),
                ..verzoek
            };
            dossier.verzoeken.push(other);
        }
        if self.beside.chance(30) {
            self.tally.note(Irregularity::VerzoekMissing);
            return Verwijzing { verwijzer: None, verzoekdag: None };
        }
        if late {
            self.tally.note(Irregularity::VerzoekAfterStart);
        }
        dossier.verzoeken.push(verzoek);
        let mut verwijzing = Verwijzing { verwijzer: Some(verwijzer), verzoekdag: Some(dagtekening) };
        if self.beside.chance(40) {
            self.tally.note(Irregularity::VerzoekTwice);
            let (delay, other) = (self.beside.one_of(&REPEAT_DELAYS), other_than(verwijzer));
            dossier.verzoeken.push(Verzoek { dagtekening: after(dagtekening, delay), verwijzer: other, ..verzoek });
            if delay == 0 {
                verwijzing.verwijzer = Some(verwijzer.min(other));
            }
        }
        if self.beside.chance(30) {
            let dagtekening = after(dagtekening, self.beside.number(1..=5));
            dossier.antwoorden.push(Antwoord { aanbieder, referentie, dagtekening, afgewezen: false });
        }
        verwijzing
    }

    /// A verzoek that never led to a toewijzing, sometimes with the gemeente's refusal.
    pub(super) fn report_unanswered(&mut self, dossier: &mut Dossier, levering: &Levering) {
        self.tally.note(Irregularity::VerzoekUnanswered);
        let (aanbieder, referentie) = (levering.aanbieder, self.nummers.verzoek());
        let dagtekening = after(levering.aanvang, -self.beside.number(1..=90));
        let categorie = self.beside.one_of(&ZORGSOORTEN).categorie;
        dossier.verzoeken.push(Verzoek {
            aanbieder,
            referentie,
            dagtekening,
            product: Some(Product { categorie, nummer: Some(self.beside.number(1..=20)) }),
            ingang: after(dagtekening, 14),
            verwijzer: self.beside.one_of(&VERWIJZERS),
        });
        if self.beside.chance(600) {
            let dagtekening = after(dagtekening, self.beside.number(2..=30));
            dossier.antwoorden.push(Antwoord { aanbieder, referentie, dagtekening, afgewezen: true });
        }
    }

    /// The verzoek om wijziging before a toewijzing is stretched until `einde`, if there was one.
    pub(super) fn request_change(&mut self, toewijzing: usize, decided: Date, einde: Date) -> Option<Wijziging> {
        if !self.beside.chance(100) {
            return None;
        }
        let dagtekening = after(decided, -self.beside.number(1..=20));
        Some(Wijziging { toewijzing, referentie: self.nummers.verzoek(), dagtekening, einde })
    }
}

fn other_than(verwijzer: &str) -> &'static str {
    if verwijzer == "02" { "05" } else { "02" }
}

/// Who refers, where the aanbieder asks (COD327): the gemeente's own toegang seldom does it this way.
const VERWIJZERS: Weights<&str> =
    Weights { usual: "02", rarer: &[("05", 130), ("04", 120), ("03", 80), ("06", 50), ("08", 35), ("01", 25)] };

/// Days from a verzoek to the same verzoek once more.
const REPEAT_DELAYS: Weights<i32> = Weights { usual: 14, rarer: &[(0, 200), (1, 200), (45, 200)] };

//! Starts and stops of a levering, with the ones that were wrong, late, repaired or never sent.

use jiff::civil::Date;

use super::{
    super::{
        dossier::{Dossier, Product},
        draw::{Weights, after, days_between},
        episode::Einde,
        irregularity::Irregularity,
        loopbaan::Levering,
    },
    Administratie, Lines, Verloop,
};

impl Administratie<'_> {
    /// Reports one levering from start to stop.
    pub(super) fn deliver(
        &mut self,
        dossier: &mut Dossier,
        index: usize,
        product: Option<Product>,
        levering: &Levering,
    ) -> Verloop {
        let Levering { aanvang, einde, .. } = *levering;
        let mut lines = Lines { dossier, toewijzing: index, product };
        let length = days_between(aanvang, einde);
        self.report_start(&mut lines, aanvang, length);
        let mut verloop = Verloop { aanvang, laatste_start: aanvang, einde: None, perioden: vec![(aanvang, einde)] };
        let (mut begin, mut paused) = (aanvang, false);
        if length > 150 && self.draw.chance(60) {
            let pause = after(aanvang, length / 3);
            let hervat = after(pause, self.draw.number(7..=(length / 3).min(60)));
            if pause <= self.horizon {
                paused = true;
                verloop.perioden = vec![(aanvang, pause)];
                lines.stop(begin, Einde { dag: pause, reden: "20" }, self.soon(pause), false);
                if self.draw.chance(600) && hervat <= self.horizon {
                    self.tally.note(Irregularity::PauseResumed);
                    verloop.perioden.push((hervat, einde));
                    lines.start(hervat, self.soon(hervat), false);
                    begin = hervat;
                    verloop.laatste_start = hervat;
                }
            }
        }
        if einde > self.horizon {
            if !paused && days_between(begin, self.horizon) > 60 && self.draw.chance(15) {
                self.report_mistaken_stop(&mut lines, begin);
            }
            return verloop;
        }
        let mut sent = self.soon(einde);
        if einde >= self.first && self.draw.chance(150) {
            // The yearly reconciliation finds about half of what is missing, and then the stop is sent after all.
            if einde > after(self.horizon, -365) || self.draw.chance(500) {
                self.tally.note(Irregularity::StopMissing);
                return verloop;
            }
            self.tally.note(Irregularity::StopLate);
            sent = after(einde, self.draw.number(90..=365));
        }
        if paused && begin == aanvang {
            self.tally.note(Irregularity::PauseStopped);
        }
        let known = Einde { dag: einde, reden: levering.reden };
        self.report_stop(&mut lines, begin, known, sent);
        verloop.einde = Some(known);
        verloop
    }

    fn report_start(&mut self, lines: &mut Lines<'_>, aanvang: Date, length: i32) {
        let mut sent = self.soon(aanvang);
        // A start can only be deleted before its stop is sent (TR071), so a short levering keeps its first one.
        if length > 60 && self.draw.chance(30) {
            self.tally.note(Irregularity::StartCorrected);
            let wrong = after(aanvang, self.draw.number(1..=14));
            lines.start(wrong, sent.max(self.soon(wrong)), false);
            sent = after(sent, 14 + self.draw.number(8..=20));
            lines.start(wrong, sent, true);
            sent = after(sent, self.draw.one_of(&CORRECTION_DELAYS));
        }
        lines.start(aanvang, sent, false);
    }

    fn report_stop(&mut self, lines: &mut Lines<'_>, begin: Date, einde: Einde, mut sent: Date) {
        if days_between(begin, einde.dag) > 30 && self.draw.chance(30) {
            self.tally.note(Irregularity::StopCorrected);
            let wrong = if self.draw.chance(500) {
                Einde { dag: after(einde.dag, -self.draw.number(1..=14)), ..einde }
            } else {
                Einde { reden: if einde.reden == "36" { "35" } else { "36" }, ..einde }
            };
            lines.stop(begin, wrong, sent, false);
            sent = after(sent, self.draw.number(3..=40));
            lines.stop(begin, wrong, sent, true);
            sent = after(sent, self.draw.one_of(&CORRECTION_DELAYS));
        }
        lines.stop(begin, einde, sent, false);
    }

    fn report_mistaken_stop(&mut self, lines: &mut Lines<'_>, begin: Date) {
        self.tally.note(Irregularity::StopDeleted);
        let mistaken = Einde { dag: after(self.horizon, -self.draw.number(5..=40)), reden: "31" };
        let sent = self.soon(mistaken.dag);
        lines.stop(begin, mistaken, sent, false);
        lines.stop(begin, mistaken, after(sent, self.draw.number(1..=20)), true);
    }
}

/// Days from the deletion to the replacement: most often in the same message.
const CORRECTION_DELAYS: Weights<i32> = Weights { usual: 0, rarer: &[(1, 150), (4, 150), (6, 50)] };

//! The care that a jeugdige really gets, day by day and before anyone reports it: which categorieën, at whom, how
//! long, in what order, and why it ends. Shares and lengths follow the published totals in broad strokes.

use jiff::civil::Date;

use super::{
    draw::{Draw, Weights, after},
    irregularity::{Irregularity, Tally},
};

/// Care of one categorie by one aanbieder without a break.
#[derive(Clone, Copy, Debug)]
pub(super) struct Levering {
    pub(super) categorie: &'static str,
    pub(super) aanbieder: u32,
    pub(super) aanvang: Date,
    pub(super) einde: Date,
    pub(super) reden: &'static str,
}

/// A categorie of JZ020 and the median length of a traject in it, in days.
#[derive(Clone, Copy)]
pub(super) struct Zorgsoort {
    pub(super) categorie: &'static str,
    median: i32,
}

/// All care of one jeugdige from a first day on, ordered as it was started per line of care.
pub(super) fn loopbaan(draw: &mut Draw, first: Date, aanbieders: u32, tally: &mut Tally) -> Vec<Levering> {
    let mut leveringen = Vec::new();
    let mut aanvang = first;
    let mut soort = draw.one_of(&ZORGSOORTEN);
    loop {
        let einde = traject(draw, soort, aanvang, aanbieders, &mut leveringen, tally);
        if draw.chance(600) {
            // Help beside the help: ambulant beside pleegzorg, vervoer beside dagbehandeling.
            let beside = draw.one_of(&ZORGSOORTEN);
            let later = draw.number(0..=90);
            traject(draw, beside, after(aanvang, later), aanbieders, &mut leveringen, tally);
        }
        if !draw.chance(360) {
            break;
        }
        if draw.chance(700) {
            soort = draw.one_of(&ZORGSOORTEN);
        }
        let gap = draw.one_of(&GAPS);
        aanvang = after(einde, if gap < 2 { gap } else { draw.number(2..=gap) });
    }
    end_at_death(&mut leveringen);
    leveringen
}

/// One traject, at one aanbieder or at two in turn; gives its last day.
fn traject(
    draw: &mut Draw,
    soort: Zorgsoort,
    aanvang: Date,
    aanbieders: u32,
    into: &mut Vec<Levering>,
    tally: &mut Tally,
) -> Date {
    let length = draw.length(soort.median).max(3);
    let einde = after(aanvang, length);
    let (categorie, aanbieder) = (soort.categorie, draw.skewed_position(aanbieders));
    let reden = draw.one_of(&REDENEN);
    if aanbieders < 2 || length < 90 || !draw.chance(90) {
        into.push(Levering { categorie, aanbieder, aanvang, einde, reden });
        return einde;
    }
    let overstap = after(aanvang, draw.number(30..=length - 30));
    let hervat = after(overstap, draw.one_of(&SWITCH_GAPS));
    tally.note(if hervat < overstap { Irregularity::OverlappingSwitch } else { Irregularity::Switch });
    into.push(Levering { categorie, aanbieder, aanvang, einde: overstap, reden: "38" });
    into.push(Levering { categorie, aanbieder: (aanbieder + 1) % aanbieders, aanvang: hervat, einde, reden });
    einde
}

fn end_at_death(leveringen: &mut Vec<Levering>) {
    let Some(death) = leveringen.iter().filter(|levering| levering.reden == "02").map(|levering| levering.einde).min()
    else {
        return;
    };
    leveringen.retain(|levering| levering.aanvang < death);
    for levering in leveringen.iter_mut().filter(|levering| levering.einde > death) {
        levering.einde = death;
        levering.reden = "02";
    }
}

const fn soort(categorie: &'static str, median: i32) -> Zorgsoort {
    Zorgsoort { categorie, median }
}

/// New trajecten by categorie, in thousandths. Ambulant and ggz prevail, the codes of 2015 are running out, gesloten
/// plaatsing is rare; pleegzorg and voogdij last longest, so weigh more on a peildatum than here.
pub(super) const ZORGSOORTEN: Weights<Zorgsoort> = Weights {
    usual: soort("45", 270),
    rarer: &[
        (soort("54", 300), 145),
        (soort("51", 200), 80),
        (soort("52", 330), 85),
        (soort("50", 300), 55),
        (soort("41", 300), 45),
        (soort("48", 480), 40),
        (soort("34", 240), 30),
        (soort("31", 200), 30),
        (soort("32", 240), 30),
        (soort("35", 600), 28),
        (soort("44", 270), 25),
        (soort("46", 28), 25),
        (soort("43", 240), 15),
        (soort("40", 300), 15),
        (soort("42", 300), 15),
        (soort("47", 240), 15),
        (soort("53", 150), 15),
        (soort("33", 240), 12),
        (soort("38", 240), 10),
        (soort("36", 420), 9),
        (soort("55", 300), 10),
        (soort("49", 90), 5),
        (soort("37", 120), 3),
    ],
};

/// Why care ends (JZ588); 38 comes with a switch of aanbieder, 20 with a pause.
pub(super) const REDENEN: Weights<&str> = Weights {
    usual: "31",
    rarer: &[("34", 150), ("32", 95), ("35", 55), ("36", 35), ("37", 40), ("39", 45), ("33", 30), ("02", 2)],
};

/// Days from the end of a traject to the start of the next, at most; the same day and the day after are just together
/// and just apart.
const GAPS: Weights<i32> = Weights { usual: 120, rarer: &[(0, 120), (1, 180), (500, 200)] };

/// Days from the last day at one aanbieder to the first at the next.
const SWITCH_GAPS: Weights<i32> = Weights { usual: 1, rarer: &[(0, 200), (-14, 150), (-1, 100), (5, 100), (2, 50)] };

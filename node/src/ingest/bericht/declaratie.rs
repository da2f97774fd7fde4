//! What a declaratie says of itself as a whole: its month and its total. The month is checked against the standard, the
//! total against the lines.

use jiff::civil::Date;

use super::{
    super::{bevinding::Bevinding, codes::DebetCredit},
    Prestatie,
    plek::Veld,
    velden::{self, code, vereist, vul},
};

/// What was read so far of a declaratie.
#[derive(Default)]
pub(super) struct Declaratie {
    begin: Option<Date>,
    einde: Option<Date>,
    totaal: Option<u64>,
    debet_credit: Option<DebetCredit>,
    saldo: i64,
}

impl Declaratie {
    /// Takes the text of a field.
    pub(super) fn vul(&mut self, veld: Veld, text: &str) -> Result<(), Bevinding> {
        match veld {
            Veld::DeclaratieBegin => vul(&mut self.begin, velden::datum(text)),
            Veld::DeclaratieEinde => vul(&mut self.einde, velden::datum(text)),
            Veld::Totaal => vul(&mut self.totaal, velden::totaal(text)),
            Veld::TotaalDebetCredit => vul(&mut self.debet_credit, code(DebetCredit::from_code(text))),
            _ => Ok(()),
        }
    }

    /// Adds a line to the balance.
    pub(super) fn tel(&mut self, prestatie: &Prestatie) {
        self.saldo = self.saldo.saturating_add(saldo(u64::from(prestatie.bedrag), prestatie.debet_credit));
    }

    /// Refuses a declaratie that is not of one whole month (CS340, CS100); says whether its total is that of its lines.
    pub(super) fn finish(&self) -> Result<bool, Bevinding> {
        let (begin, einde) = (vereist(self.begin)?, vereist(self.einde)?);
        if begin.year() < FIRST_YEAR || begin.day() != 1 || einde != begin.last_of_month() {
            return Err(Bevinding::PeriodeOngeldig);
        }
        let (totaal, debet_credit) = (vereist(self.totaal)?, vereist(self.debet_credit)?);
        Ok(saldo(totaal, debet_credit) == self.saldo)
    }
}

/// The first year of which may be declared (CS100).
pub(super) const FIRST_YEAR: i16 = 2021;

fn saldo(bedrag: u64, debet_credit: DebetCredit) -> i64 {
    let bedrag = i64::try_from(bedrag).unwrap_or(i64::MAX);
    match debet_credit {
        DebetCredit::Debet => bedrag,
        DebetCredit::Credit => bedrag.saturating_neg(),
    }
}

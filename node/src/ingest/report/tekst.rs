//! The report as text, for the terminal in which an import was run.

use std::fmt;

use super::{Bestanden, Geteld, Gevolg, ImportReport};

/// Lines of one finding; the other reports list more.
const LINES: usize = 5;

impl fmt::Display for ImportReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "Import voor {} op {}", self.gemeente, self.moment())?;
        let Bestanden { gevonden, gebruikt, afgekeurd, berichten, overgeslagen, antwoorden } = &self.bestanden;
        writeln!(f, "Bestanden: {gevonden} gevonden, {gebruikt} gebruikt, {afgekeurd} afgekeurd")?;
        for (name, count) in berichten {
            writeln!(f, "  {name}: {count}")?;
        }
        for (name, count) in overgeslagen {
            writeln!(f, "  {name}: {count} overgeslagen, dit bericht wordt niet gebruikt")?;
        }
        for (name, count) in antwoorden {
            writeln!(f, "  antwoorden op verzoeken, {name}: {count}")?;
        }
        write!(f, "Records: {} nieuwe feiten;", self.nieuwe_feiten)?;
        for (name, count) in &self.feiten {
            write!(f, " {count} {name}")?;
        }
        writeln!(f)?;
        if self.opgeruimd > 0 {
            writeln!(f, "Opgeruimd na de bewaartermijn: {} personen", self.opgeruimd)?;
        }
        let Geteld { personen, toewijzingen, starts, stops, declaratieregels, trajecten, geschat, rijen } =
            &self.geteld;
        writeln!(
            f,
            "Gebruikt: {toewijzingen} toewijzingen, {starts} starts, {stops} stops, {declaratieregels} declaratieregels"
        )?;
        writeln!(f, "Resultaat: {trajecten} trajecten van {personen} personen, {geschat} met een geschat einde")?;
        for (view, periods) in rijen {
            let periods: Vec<String> = periods.iter().map(|(period, count)| format!("{period} {count}")).collect();
            writeln!(f, "  {view}: {}", periods.join(", "))?;
        }
        for line in &self.bevindingen {
            let gevolg = match line.gevolg {
                Gevolg::Afgekeurd => "afgekeurd",
                Gevolg::Behouden => "telt mee",
            };
            writeln!(f, "{} ({}x, {gevolg}): {}", line.code, line.aantal, line.omschrijving)?;
            writeln!(f, "  Wat te doen: {}", line.wat_te_doen)?;
            for name in line.bestanden.iter().take(LINES) {
                writeln!(f, "  {name}")?;
            }
            if let Some(more @ 1..) = line.aantal_bestanden.checked_sub(line.bestanden.len().min(LINES)) {
                writeln!(f, "  en nog {more} bestanden")?;
            }
            if !line.aanbieders.is_empty() {
                let aanbieders = if line.aanbieders.len() == 1 { "aanbieder" } else { "aanbieders" };
                writeln!(f, "  bij {} {aanbieders}; het rapport noemt de berichten", line.aanbieders.len())?;
            }
        }
        match &self.snapshot {
            Some(id) => writeln!(f, "De nieuwe momentopname is {id}"),
            None => writeln!(f, "Er is geen nieuwe momentopname; de vorige blijft in gebruik"),
        }
    }
}

//! Declaraties for benchmarks, as large as a file may be: made directly, every client with two lines of one month.

use std::{fmt::Write as _, fs, path::Path};

use drempel_tests::synthetic::Bsn;
use jiff::civil::{Date, date};

/// Bytes of the largest file: a little less than OP179 allows.
pub(crate) const LARGEST: usize = 24 * 1024 * 1024;

/// Writes the declaratie with this number, of at least so many bytes, to a folder.
pub(crate) fn write(folder: &Path, number: usize, bytes: usize) -> anyhow::Result<()> {
    fs::create_dir_all(folder)?;
    let bsns: Vec<String> = Bsn::all().iter().map(ToString::to_string).collect();
    let month = i8::try_from(number % 12)? + 1;
    let first = date(2021 + i16::try_from(number / 12 % 5)?, month, 1);
    let (mut lines, mut total) = (String::with_capacity(bytes + 2048), 0);
    for (client, bsn) in bsns.iter().cycle().skip(number * 31).step_by(7).enumerate() {
        if lines.len() >= bytes {
            break;
        }
        write!(lines, "<d:Client><d:Bsn>{bsn}</d:Bsn><d:Prestaties>")?;
        for line in 0..2 {
            total += prestatie(&mut lines, number, client * 2 + line, first)?;
        }
        lines.push_str("</d:Prestaties></d:Client>");
    }
    let head = head(number, first, total);
    fs::write(
        folder.join(format!("jw323_{number:04}.xml")),
        [head.as_str(), &lines, "</d:Clienten></d:Declaratie></d:Bericht>"].concat(),
    )?;
    Ok(())
}

fn head(number: usize, first: Date, total: usize) -> String {
    let last = first.last_of_month();
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<d:Bericht xmlns:d=\"http://www.istandaarden.nl/ijw/3_2/jw323/schema\" \
         xmlns:ijw=\"http://www.istandaarden.nl/ijw/3_2/basisschema/schema\"><d:Header><d:BerichtCode>490</d:BerichtCode>\
         <d:BerichtVersie>3</d:BerichtVersie><d:BerichtSubversie>2</d:BerichtSubversie><d:Afzender>{:08}</d:Afzender>\
         <d:Ontvanger>0014</d:Ontvanger><d:BerichtIdentificatie><ijw:Identificatie>D{number}</ijw:Identificatie>\
         <ijw:Dagtekening>{last}</ijw:Dagtekening></d:BerichtIdentificatie><d:XsdVersie>\
         <ijw:BasisschemaXsdVersie>1.0.0</ijw:BasisschemaXsdVersie><ijw:BerichtXsdVersie>1.0.0</ijw:BerichtXsdVersie>\
         </d:XsdVersie></d:Header><d:Declaratie><d:DeclaratieNummer>{number}</d:DeclaratieNummer><d:DeclaratiePeriode>\
         <ijw:Begindatum>{first}</ijw:Begindatum><ijw:Einddatum>{last}</ijw:Einddatum></d:DeclaratiePeriode>\
         <d:DeclaratieDagtekening>{last}</d:DeclaratieDagtekening><d:TotaalIngediendBedrag>\
         <ijw:TotaalBedrag>{total}</ijw:TotaalBedrag><ijw:DebetCredit>D</ijw:DebetCredit></d:TotaalIngediendBedrag>\
         <d:Clienten>",
        99_001_000 + number
    )
}

fn prestatie(lines: &mut String, number: usize, line: usize, first: Date) -> anyhow::Result<usize> {
    let amount = 1000 + line * 37 % 90_000;
    write!(
        lines,
        "<d:Prestatie><d:ProductReferentie><ijw:ReferentieNummer>R{number:04}{line:08}</ijw:ReferentieNummer>\
         </d:ProductReferentie><d:ToewijzingNummer>{}</d:ToewijzingNummer><d:ProductCategorie>45</d:ProductCategorie>\
         <d:ProductCode>45A{:02}</d:ProductCode><d:ProductPeriode><ijw:Begindatum>{first}</ijw:Begindatum>\
         <ijw:Einddatum>{}</ijw:Einddatum></d:ProductPeriode><d:GeleverdVolume>{}</d:GeleverdVolume>\
         <d:Eenheid>04</d:Eenheid><d:ProductTarief>9500</d:ProductTarief><d:IngediendBedrag>\
         <ijw:Bedrag>{amount}</ijw:Bedrag><ijw:DebetCredit>D</ijw:DebetCredit></d:IngediendBedrag></d:Prestatie>",
        100_000 + line % 50_000,
        line % 20 + 1,
        first.last_of_month(),
        line % 30 + 1,
    )?;
    Ok(amount)
}

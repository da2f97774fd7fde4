//! Reads one file of XML as an iJw message, event by event. Elements are recognised by namespace and place; the text of
//! every other element is passed over and never copied. A DOCTYPE, and any entity besides the predefined five, refuses
//! the file: no iJw message has one, and expanding them is how XML is used to attack its readers.

use std::mem;

use drempel_protocols::id::Gemeentecode;
use quick_xml::{
    Reader,
    escape::resolve_predefined_entity,
    events::{BytesRef, BytesStart, Event},
    name::{Prefix, QName},
};

use super::{
    super::{bevinding::Bevinding, bsn::Bsn, codes::VerzoekAntwoord},
    Bericht, Gelezen, Soort, Uitspraak,
    declaratie::Declaratie,
    herkenning::{Element, Herkenning},
    kop::{Client, Kop},
    naamruimte::Naamruimten,
    plek::{Plek, Veld},
    regel::{self, Regel},
};

/// Bounds that no message of the schema comes near. They keep the time to read a file linear in its size: names are
/// looked up in, and attributes compared with, all that came before them.
const DEEPEST: usize = 64;
const LONGEST_ATTRIBUTES: usize = 4096;

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// Reads the message in `xml`, which must be of `gemeente`.
///
/// # Errors
/// A [`Bevinding`] that refuses the whole file.
pub fn lees(xml: &[u8], gemeente: Gemeentecode) -> Result<Gelezen, Bevinding> {
    // The parser takes these as they come, but not all references to them. Without a way out of the inner loops they
    // look at many bytes at a time.
    let least = |part: &[u8]| part.iter().fold(u8::MAX, |least, byte| least.min(*byte));
    let controls = |part: &[u8]| part.iter().fold(false, |found, byte| found | is_control(u32::from(*byte)));
    if xml.chunks(4096).any(|part| least(part) < 0x20 && controls(part)) {
        return Err(unreadable(xml));
    }
    let mut reader = Reader::from_reader(xml.strip_prefix(BYTE_ORDER_MARK).unwrap_or(xml));
    reader.config_mut().expand_empty_elements = true;
    let mut ruimten = Naamruimten::default();
    let mut herkenning = Herkenning::default();
    let mut lezer: Option<Lezer> = None;
    loop {
        // Matched where it was made: moving every event would cost as much as finding it.
        let Ok(event) = &reader.read_event() else { return Err(unreadable(xml)) };
        match event {
            Event::Start(start) => {
                let depth = lezer.as_ref().map_or(0, |lezer| lezer.elementen.len());
                // Nothing is bound where nothing is said.
                if !start.attributes_raw().trim_ascii().is_empty() {
                    check_attributes(start)?;
                    if ruimten.bind(start, depth)? {
                        herkenning.vergeet();
                    }
                }
                let name = start.name();
                match &mut lezer {
                    Some(lezer) => {
                        let rond = lezer.elementen.last().copied().ok_or(Bevinding::GeenXml)?;
                        let element = herkenning.element(rond, name.as_ref(), || {
                            let (local, prefix) = parts(&name)?;
                            lezer.soort.plek(rond.plek, ruimten.of(prefix)?, local)
                        })?;
                        lezer.open(element)?;
                    }
                    None => {
                        let (local, prefix) = parts(&name)?;
                        match root(ruimten.named(prefix)?, local)? {
                            Root::Gebruikt(soort) => {
                                ruimten.own(prefix)?;
                                lezer = Some(Lezer::new(soort, gemeente));
                            }
                            Root::Overgeslagen(name) => return Ok(Gelezen::Overgeslagen(name)),
                        }
                    }
                }
            }
            Event::End(_) => {
                let lezer = lezer.as_mut().ok_or(Bevinding::GeenXml)?;
                lezer.close()?;
                if ruimten.unbind(lezer.elementen.len()) {
                    herkenning.vergeet();
                }
            }
            Event::Text(text) => match &mut lezer {
                Some(lezer) => lezer.text(text)?,
                None if text.trim_ascii().is_empty() => {}
                None => return Err(Bevinding::GeenXml),
            },
            Event::CData(text) => lezer.as_mut().ok_or(Bevinding::GeenXml)?.text(text)?,
            Event::GeneralRef(reference) => {
                let mut utf8 = [0; 4];
                let text = resolve(reference, &mut utf8)?;
                lezer.as_mut().ok_or(Bevinding::GeenXml)?.text(text)?;
            }
            Event::DocType(_) => return Err(Bevinding::DtdGeweigerd),
            Event::Decl(decl) => match decl.encoding() {
                None => {}
                Some(Ok(encoding)) if encoding.eq_ignore_ascii_case("utf-8") => {}
                Some(_) => return Err(Bevinding::NietLeesbaar),
            },
            Event::Comment(_) | Event::PI(_) | Event::Empty(_) => {}
            Event::Eof => return lezer.ok_or(Bevinding::GeenXml)?.finish(),
        }
    }
}

/// Why the parser cannot go on: it takes no text that is not UTF-8 either.
fn unreadable(xml: &[u8]) -> Bevinding {
    if std::str::from_utf8(xml).is_ok() { Bevinding::GeenXml } else { Bevinding::NietLeesbaar }
}

/// The local part and the prefix of a name.
fn parts<'n>(name: &QName<'n>) -> Result<(&'n str, &'n str), Bevinding> {
    let (local, prefix) = name.decompose();
    let (local, prefix) = (local.into_inner(), prefix.map_or("", Prefix::into_inner));
    // The parser takes `< />` for an element.
    if local.is_empty() { Err(Bevinding::GeenXml) } else { Ok((local, prefix)) }
}

enum Root {
    Gebruikt(Soort),
    Overgeslagen(&'static str),
}

fn root(namespace: &str, local: &str) -> Result<Root, Bevinding> {
    let name = namespace.strip_prefix("http://www.istandaarden.nl/ijw/").ok_or(Bevinding::AnderBericht)?;
    let name = name.strip_suffix("/schema").ok_or(Bevinding::AnderBericht)?;
    let (version, name) = name.split_once('/').ok_or(Bevinding::AnderBericht)?;
    if local != "Bericht" {
        return Err(Bevinding::AnderBericht);
    }
    match version {
        "3_2" => {}
        "3_0" => return Err(Bevinding::Versie30),
        "3_1" => return Err(Bevinding::Versie31),
        _ => return Err(Bevinding::AndereVersie),
    }
    Ok(match name {
        "jw301" => Root::Gebruikt(Soort::Jw301),
        "jw305" => Root::Gebruikt(Soort::Jw305),
        "jw307" => Root::Gebruikt(Soort::Jw307),
        "jw315" => Root::Gebruikt(Soort::Jw315),
        "jw317" => Root::Gebruikt(Soort::Jw317),
        "jw319" => Root::Gebruikt(Soort::Jw319),
        "jw323" => Root::Gebruikt(Soort::Jw323),
        "jw302" => Root::Overgeslagen("JW302"),
        "jw306" => Root::Overgeslagen("JW306"),
        "jw308" => Root::Overgeslagen("JW308"),
        "jw316" => Root::Overgeslagen("JW316"),
        "jw318" => Root::Overgeslagen("JW318"),
        "jw320" => Root::Overgeslagen("JW320"),
        "jw325" => Root::Overgeslagen("JW325"),
        _ => return Err(Bevinding::AnderBericht),
    })
}

/// The parser takes attributes as they come; this refuses malformed, repeated and entity-bearing ones.
fn check_attributes(start: &BytesStart<'_>) -> Result<(), Bevinding> {
    let raw = start.attributes_raw();
    if raw.len() > LONGEST_ATTRIBUTES {
        return Err(Bevinding::NietVolgensSchema);
    }
    if start.attributes().any(|attribute| attribute.is_err()) {
        return Err(Bevinding::GeenXml);
    }
    let known = |reference: &str| match reference.split_once(';') {
        Some((name, _)) => name.starts_with('#') || resolve_predefined_entity(name).is_some(),
        None => false,
    };
    if raw.split('&').skip(1).all(known) { Ok(()) } else { Err(Bevinding::DtdGeweigerd) }
}

fn resolve<'b>(reference: &BytesRef<'_>, utf8: &'b mut [u8; 4]) -> Result<&'b str, Bevinding> {
    match reference.resolve_char_ref() {
        Ok(Some(character)) if is_control(u32::from(character)) => Err(Bevinding::GeenXml),
        Ok(Some(character)) => Ok(character.encode_utf8(utf8)),
        Ok(None) => resolve_predefined_entity(reference).ok_or(Bevinding::DtdGeweigerd),
        Err(_) => Err(Bevinding::GeenXml),
    }
}

/// The control characters that no XML has, written out or by reference.
const fn is_control(code: u32) -> bool {
    code < 0x20 && !matches!(code, 0x09 | 0x0a | 0x0d)
}

/// The state of one file.
struct Lezer {
    soort: Soort,
    /// The elements that are open, the innermost last.
    elementen: Vec<Element>,
    text: String,
    kop: Kop,
    declaratie: Declaratie,
    client: Client,
    regel: Regel,
    /// The lines of the client that could be used.
    regels: Vec<Uitspraak>,
    uitspraken: Vec<(Bsn, Uitspraak)>,
    bevindingen: Vec<Bevinding>,
    antwoord: Option<VerzoekAntwoord>,
    /// Clients, or answers of a JW319.
    clienten: usize,
}

impl Lezer {
    fn new(soort: Soort, eigen: Gemeentecode) -> Self {
        Self {
            soort,
            elementen: vec![Element::WORTEL],
            text: String::new(),
            kop: Kop::new(soort, eigen),
            declaratie: Declaratie::default(),
            client: Client::default(),
            regel: Regel::default(),
            regels: Vec::new(),
            uitspraken: Vec::new(),
            bevindingen: Vec::new(),
            antwoord: None,
            clienten: 0,
        }
    }

    /// Where the parser is.
    fn plek(&self) -> Option<Plek> {
        self.elementen.last().map(|element| element.plek)
    }

    fn open(&mut self, element: Element) -> Result<(), Bevinding> {
        if self.elementen.len() >= DEEPEST {
            return Err(Bevinding::NietVolgensSchema);
        }
        match element.plek {
            Plek::Regel => self.regel = Regel::default(),
            Plek::Client => {
                self.client = Client::default();
                self.regels.clear();
            }
            _ => {}
        }
        self.text.clear();
        self.elementen.push(element);
        Ok(())
    }

    fn text(&mut self, text: &str) -> Result<(), Bevinding> {
        match self.plek() {
            Some(Plek::Veld(_)) => self.text.push_str(text),
            Some(_) => {}
            None if text.trim_ascii().is_empty() => {}
            None => return Err(Bevinding::GeenXml),
        }
        Ok(())
    }

    fn close(&mut self) -> Result<(), Bevinding> {
        match self.elementen.pop().ok_or(Bevinding::GeenXml)?.plek {
            Plek::Veld(veld) => {
                let text = mem::take(&mut self.text);
                self.field(veld, &text)?;
                // Its allocation serves the next field.
                self.text = text;
            }
            Plek::Regel => self.line()?,
            Plek::Client => self.client()?,
            _ => {}
        }
        Ok(())
    }

    fn field(&mut self, veld: Veld, text: &str) -> Result<(), Bevinding> {
        match self.plek() {
            Some(parent) if parent.in_regel() => self.regel.vul(self.soort, veld, text),
            Some(Plek::Client | Plek::Geboortedatum) => self.client.vul(veld, text),
            Some(Plek::DeclaratiePeriode | Plek::TotaalIngediend) => self.declaratie.vul(veld, text)?,
            _ => self.kop.vul(veld, text)?,
        }
        Ok(())
    }

    fn line(&mut self) -> Result<(), Bevinding> {
        self.client.gezien = true;
        if self.soort == Soort::Jw319 {
            self.clienten += 1;
        }
        let aanbieder = self.kop.aanbieder()?;
        match self.regel.finish(self.soort, aanbieder) {
            Ok(regel::Gelezen::Uitspraak(uitspraak)) => {
                if let Uitspraak::Prestatie(prestatie) = &uitspraak {
                    self.declaratie.tel(prestatie);
                }
                self.regels.push(uitspraak);
            }
            Ok(regel::Gelezen::Wijzigingsverzoek) => {}
            Ok(regel::Gelezen::Antwoord(antwoord, bevinding)) => {
                self.antwoord = Some(antwoord);
                self.bevindingen.extend(bevinding);
            }
            Err(bevinding) => self.bevindingen.push(bevinding),
        }
        Ok(())
    }

    fn client(&mut self) -> Result<(), Bevinding> {
        self.clienten += 1;
        match mem::take(&mut self.client).finish(self.soort) {
            Ok((bsn, gegevens)) => {
                self.uitspraken.extend(self.regels.drain(..).chain(gegevens).map(|uitspraak| (bsn, uitspraak)));
            }
            // Only a declaratie has more clients, who count without this one.
            Err(bevinding) if self.soort == Soort::Jw323 => self.bevindingen.push(bevinding),
            Err(bevinding) => return Err(bevinding),
        }
        Ok(())
    }

    fn finish(mut self) -> Result<Gelezen, Bevinding> {
        if !self.elementen.is_empty() {
            return Err(Bevinding::GeenXml);
        }
        let header = self.kop.finish()?;
        if self.clienten != 1 && (self.soort != Soort::Jw323 || self.clienten == 0) {
            return Err(Bevinding::NietVolgensSchema);
        }
        // The one line of a JW319 is refused with its message.
        if self.soort == Soort::Jw319 && self.antwoord.is_none() {
            return Err(self.bevindingen.first().copied().unwrap_or(Bevinding::NietVolgensSchema));
        }
        if self.soort == Soort::Jw323 && !self.declaratie.finish()? && self.bevindingen.is_empty() {
            self.bevindingen.push(Bevinding::TotaalWijktAf);
        }
        Ok(Gelezen::Bericht(Box::new(Bericht {
            soort: self.soort,
            header,
            uitspraken: self.uitspraken,
            bevindingen: self.bevindingen,
            antwoord: self.antwoord,
        })))
    }
}

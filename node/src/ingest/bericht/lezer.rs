//! Reads one file of XML as an iJw message, event by event. Elements are recognised by namespace and place; the text of
//! every other element is passed over and never copied. A DOCTYPE, and any entity besides the predefined five, refuses
//! the file: no iJw message has one, and expanding them is how XML is used to attack its readers.

use std::mem;

use drempel_protocols::id::Gemeentecode;
use quick_xml::{
    NsReader,
    escape::resolve_predefined_entity,
    events::{BytesRef, BytesStart, Event},
    name::{Namespace, ResolveResult},
};

use super::{
    super::bevinding::Bevinding,
    Bericht, Gelezen, Regels,
    kop::Kop,
    plek::{Plek, basis_child},
    regel::Regel,
    velden::Soort,
};

const BASISSCHEMA: &str = "http://www.istandaarden.nl/ijw/3_2/basisschema/schema";

/// Bounds that no message of the schema comes near. They keep the time to read a file linear in its size: names are
/// looked up in, and attributes compared with, all that came before them.
const DEEPEST: usize = 64;
const LONGEST_ATTRIBUTES: usize = 4096;

/// Reads the message in `xml`, which must be of `gemeente`.
///
/// # Errors
/// A [`Bevinding`] that refuses the whole file.
pub fn lees(xml: &[u8], gemeente: Gemeentecode) -> Result<Gelezen, Bevinding> {
    let text = std::str::from_utf8(xml).map_err(|_| Bevinding::NietLeesbaar)?;
    let mut reader = NsReader::from_str(text.strip_prefix('\u{feff}').unwrap_or(text));
    reader.config_mut().expand_empty_elements = true;
    let mut lezer: Option<Lezer> = None;
    loop {
        let (namespace, event) = reader.read_resolved_event().map_err(|_| Bevinding::GeenXml)?;
        match event {
            Event::Start(start) => {
                check_attributes(&start)?;
                let namespace = match namespace {
                    ResolveResult::Bound(Namespace(namespace)) => namespace,
                    ResolveResult::Unbound => "",
                    ResolveResult::Unknown(_) => return Err(Bevinding::GeenXml),
                };
                let local = start.local_name();
                match &mut lezer {
                    Some(lezer) => lezer.open(namespace, local.as_ref())?,
                    None => match root(namespace, local.as_ref())? {
                        Root::Gebruikt(soort) => lezer = Some(Lezer::new(soort, namespace, gemeente)),
                        Root::Overgeslagen(name) => return Ok(Gelezen::Overgeslagen(name)),
                    },
                }
            }
            Event::End(_) => lezer.as_mut().ok_or(Bevinding::GeenXml)?.close()?,
            Event::Text(text) => match &mut lezer {
                Some(lezer) => lezer.text(&text)?,
                None if text.trim_ascii().is_empty() => {}
                None => return Err(Bevinding::GeenXml),
            },
            Event::CData(text) => lezer.as_mut().ok_or(Bevinding::GeenXml)?.text(&text)?,
            Event::GeneralRef(reference) => {
                let mut utf8 = [0; 4];
                let text = resolve(&reference, &mut utf8)?;
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
    if version != "3_2" {
        return Err(Bevinding::AndereVersie);
    }
    Ok(match name {
        "jw301" => Root::Gebruikt(Soort::Jw301),
        "jw305" => Root::Gebruikt(Soort::Jw305),
        "jw307" => Root::Gebruikt(Soort::Jw307),
        "jw302" => Root::Overgeslagen("JW302"),
        "jw306" => Root::Overgeslagen("JW306"),
        "jw308" => Root::Overgeslagen("JW308"),
        "jw315" => Root::Overgeslagen("JW315"),
        "jw316" => Root::Overgeslagen("JW316"),
        "jw317" => Root::Overgeslagen("JW317"),
        "jw318" => Root::Overgeslagen("JW318"),
        "jw319" => Root::Overgeslagen("JW319"),
        "jw320" => Root::Overgeslagen("JW320"),
        "jw323" => Root::Overgeslagen("JW323"),
        "jw325" => Root::Overgeslagen("JW325"),
        _ => return Err(Bevinding::AnderBericht),
    })
}

/// The parser takes attributes as they come; this refuses malformed, repeated and entity-bearing ones.
fn check_attributes(start: &BytesStart<'_>) -> Result<(), Bevinding> {
    let raw = start.attributes_raw();
    if raw.trim_ascii().is_empty() {
        return Ok(());
    }
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
        Ok(Some(character)) => Ok(character.encode_utf8(utf8)),
        Ok(None) => resolve_predefined_entity(reference).ok_or(Bevinding::DtdGeweigerd),
        Err(_) => Err(Bevinding::GeenXml),
    }
}

/// The state of one file.
struct Lezer {
    soort: Soort,
    namespace: String,
    plekken: Vec<Plek>,
    text: String,
    kop: Kop,
    regel: Regel,
    regels: Regels,
    afgekeurd: Vec<Bevinding>,
}

impl Lezer {
    fn new(soort: Soort, namespace: &str, eigen: Gemeentecode) -> Self {
        Self {
            soort,
            namespace: namespace.to_owned(),
            plekken: vec![Plek::Bericht],
            text: String::new(),
            kop: Kop::new(soort, eigen),
            regel: Regel::default(),
            regels: Regels::none(soort),
            afgekeurd: Vec::new(),
        }
    }

    fn open(&mut self, namespace: &str, local: &str) -> Result<(), Bevinding> {
        if self.plekken.len() >= DEEPEST {
            return Err(Bevinding::NietVolgensSchema);
        }
        let plek = match self.plekken.last() {
            None => return Err(Bevinding::GeenXml),
            Some(Plek::Veld(_)) => return Err(Bevinding::NietVolgensSchema),
            Some(Plek::Overig) => Plek::Overig,
            Some(parent) if namespace == self.namespace => self.soort.child(*parent, local),
            Some(parent) if namespace == BASISSCHEMA => basis_child(*parent, local),
            Some(_) => Plek::Overig,
        };
        if plek == Plek::Regel {
            self.regel = Regel::default();
        }
        self.text.clear();
        self.plekken.push(plek);
        Ok(())
    }

    fn text(&mut self, text: &str) -> Result<(), Bevinding> {
        match self.plekken.last() {
            Some(Plek::Veld(_)) => self.text.push_str(text),
            Some(_) => {}
            None if text.trim_ascii().is_empty() => {}
            None => return Err(Bevinding::GeenXml),
        }
        Ok(())
    }

    fn close(&mut self) -> Result<(), Bevinding> {
        match self.plekken.pop().ok_or(Bevinding::GeenXml)? {
            Plek::Veld(veld) => {
                let text = mem::take(&mut self.text);
                let of_regel = self.plekken.contains(&Plek::Regel);
                if of_regel {
                    self.regel.vul(veld, &text);
                } else {
                    self.kop.vul(veld, &text)?;
                }
                // Its allocation serves the next field.
                self.text = text;
            }
            Plek::Regel => {
                let regel = mem::take(&mut self.regel);
                if let Err(bevinding) = regel.add_to(&mut self.regels) {
                    self.afgekeurd.push(bevinding);
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn finish(self) -> Result<Gelezen, Bevinding> {
        if !self.plekken.is_empty() {
            return Err(Bevinding::GeenXml);
        }
        let (header, client) = self.kop.finish()?;
        if self.afgekeurd.is_empty() && self.regels.is_empty() {
            return Err(Bevinding::NietVolgensSchema);
        }
        Ok(Gelezen::Bericht(Box::new(Bericht { header, client, regels: self.regels, afgekeurd: self.afgekeurd })))
    }
}

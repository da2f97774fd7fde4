//! A message being written, element by element.

use std::io;

use quick_xml::{
    Writer,
    events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event},
};

/// An element of the message's own namespace or of the basisschema's.
#[derive(Clone, Copy)]
pub(super) enum Name<'a> {
    Own(&'a str),
    Base(&'a str),
}
pub(super) use Name::{Base, Own};

pub(super) struct Sheet {
    writer: Writer<Vec<u8>>,
    /// The prefix of the message's own namespace with its colon, or nothing.
    own: String,
}

impl Sheet {
    /// A whole message of this name, such as jw301.
    pub(super) fn message(
        name: &str,
        prefixed: bool,
        inner: impl FnOnce(&mut Self) -> io::Result<()>,
    ) -> io::Result<Vec<u8>> {
        let own = if prefixed { format!("{name}:") } else { String::new() };
        let mut sheet = Self { writer: Writer::new(Vec::with_capacity(4096)), own };
        sheet.writer.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
        let root = format!("{}Bericht", sheet.own);
        let mut start = BytesStart::new(root.as_str());
        let attribute = if prefixed { format!("xmlns:{name}") } else { "xmlns".to_owned() };
        start.push_attribute((attribute.as_str(), format!("{NAMESPACE}/{name}/schema").as_str()));
        start.push_attribute(("xmlns:ijw", format!("{NAMESPACE}/basisschema/schema").as_str()));
        sheet.writer.write_event(Event::Start(start))?;
        inner(&mut sheet)?;
        sheet.writer.write_event(Event::End(BytesEnd::new(root.as_str())))?;
        Ok(sheet.writer.into_inner())
    }

    pub(super) fn group(&mut self, name: Name<'_>, inner: impl FnOnce(&mut Self) -> io::Result<()>) -> io::Result<()> {
        let name = self.qualified(name);
        self.writer.write_event(Event::Start(BytesStart::new(name.as_str())))?;
        inner(self)?;
        self.writer.write_event(Event::End(BytesEnd::new(name.as_str())))
    }

    pub(super) fn leaf(&mut self, name: Name<'_>, text: &str) -> io::Result<()> {
        self.group(name, |sheet| sheet.writer.write_event(Event::Text(BytesText::new(text))))
    }

    fn qualified(&self, name: Name<'_>) -> String {
        match name {
            Own(local) => format!("{}{local}", self.own),
            Base(local) => format!("ijw:{local}"),
        }
    }
}

const NAMESPACE: &str = "http://www.istandaarden.nl/ijw/3_2";

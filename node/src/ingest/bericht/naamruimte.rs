//! Which namespace a prefix stands for, where in the document it is used. Messages bind a handful of prefixes at their
//! root, so what is kept is a short list, and an element without attributes costs one look through it.

use quick_xml::{events::BytesStart, name::PrefixDeclaration};

use super::super::bevinding::Bevinding;

const BASISSCHEMA: &str = "http://www.istandaarden.nl/ijw/3_2/basisschema/schema";
const XML: &str = "http://www.w3.org/XML/1998/namespace";

/// More bindings than this at one place are no message of the schema, and would make the look through them long.
const MOST: usize = 32;

/// Which of the namespaces of a message an element is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ruimte {
    /// The message's own.
    Eigen,
    /// That of the basisschema.
    Basis,
    /// None, or another.
    Anders,
}

/// The bindings in force, the innermost last.
#[derive(Default)]
pub(super) struct Naamruimten {
    bindings: Vec<Binding>,
}

struct Binding {
    depth: usize,
    prefix: String,
    name: String,
    ruimte: Ruimte,
}

impl Naamruimten {
    /// Takes what a start tag with so many elements around it binds; says whether that is anything.
    pub(super) fn bind(&mut self, start: &BytesStart<'_>, depth: usize) -> Result<bool, Bevinding> {
        let before = self.bindings.len();
        for attribute in start.attributes() {
            let attribute = attribute.map_err(|_| Bevinding::GeenXml)?;
            let prefix = match attribute.key.as_namespace_binding() {
                None => continue,
                Some(PrefixDeclaration::Default) => "",
                Some(PrefixDeclaration::Named(prefix)) => prefix,
            };
            // No name of a namespace that matters has anything to unescape.
            let name: &str = attribute.value.as_ref();
            let reserved =
                prefix == "xmlns" || (prefix == "xml") != (name == XML) || (name.is_empty() && !prefix.is_empty());
            if reserved || self.bindings.len() >= MOST {
                return Err(Bevinding::GeenXml);
            }
            let ruimte = match self.bindings.iter().find(|known| known.name == name) {
                Some(known) => known.ruimte,
                None if name == BASISSCHEMA => Ruimte::Basis,
                None => Ruimte::Anders,
            };
            self.bindings.push(Binding { depth, prefix: prefix.to_owned(), name: name.to_owned(), ruimte });
        }
        Ok(self.bindings.len() > before)
    }

    /// Forgets what was bound at this depth, once its element has ended; says whether that was anything.
    pub(super) fn unbind(&mut self, depth: usize) -> bool {
        let before = self.bindings.len();
        while self.bindings.last().is_some_and(|binding| binding.depth >= depth) {
            self.bindings.pop();
        }
        self.bindings.len() < before
    }

    /// The namespace of a prefix; the empty prefix is that of names without one, which need none.
    pub(super) fn of(&self, prefix: &str) -> Result<Ruimte, Bevinding> {
        match self.bindings.iter().rev().find(|binding| binding.prefix == prefix) {
            Some(binding) => Ok(binding.ruimte),
            None if prefix.is_empty() || prefix == "xml" => Ok(Ruimte::Anders),
            None => Err(Bevinding::GeenXml),
        }
    }

    /// The name of the namespace of a prefix.
    pub(super) fn named(&self, prefix: &str) -> Result<&str, Bevinding> {
        self.of(prefix)?;
        let bound = self.bindings.iter().rev().find(|binding| binding.prefix == prefix);
        Ok(bound.map_or("", |binding| &binding.name))
    }

    /// Makes the namespace of a prefix the message's own.
    pub(super) fn own(&mut self, prefix: &str) -> Result<(), Bevinding> {
        let name = self.named(prefix)?.to_owned();
        for binding in self.bindings.iter_mut().filter(|binding| binding.name == name) {
            binding.ruimte = Ruimte::Eigen;
        }
        Ok(())
    }
}

//! The same message written otherwise: other prefixes, character references and CDATA instead of text and the other way
//! about, comments and processing instructions in between.

use std::fmt::Write as _;

use quick_xml::{
    Reader,
    events::{BytesStart, Event},
};

/// The same as the reader's: a longer start tag is refused, whatever it holds.
const LONGEST_ATTRIBUTES: usize = 4096;

/// A well-formed message otherwise; none where that would be longer than the reader allows.
pub(crate) fn rewritten(text: &str) -> Option<String> {
    let mut reader = Reader::from_str(text.strip_prefix('\u{feff}').unwrap_or(text));
    let mut out = String::with_capacity(text.len() * 4);
    out.push_str("\u{feff}<?xml version='1.0' encoding='utf-8'?><!-- otherwise --><?and so?>");
    let mut depth = 0usize;
    loop {
        match reader.read_event().unwrap_or_else(|error| unreachable!("{error}")) {
            Event::Start(start) => {
                depth += 1;
                open(&mut out, &start)?;
                out.push('>');
            }
            Event::Empty(start) => {
                open(&mut out, &start)?;
                out.push_str("/>");
            }
            Event::End(end) => {
                depth -= 1;
                write!(out, "</{} \n>", renamed(end.name().0)).ok()?;
            }
            Event::Text(text) if depth > 0 => sections(&mut out, &text),
            Event::CData(text) => references(&mut out, &text),
            Event::GeneralRef(reference) => match reference.resolve_char_ref() {
                Ok(Some(character)) => write!(out, "&#x{:X};", u32::from(character)).ok()?,
                _ => write!(out, "&{};", &*reference).ok()?,
            },
            Event::Text(_) | Event::Comment(_) | Event::PI(_) | Event::Decl(_) => {}
            Event::DocType(_) => unreachable!("a DOCTYPE was read"),
            Event::Eof => break,
        }
    }
    out.push_str("\n<!-- the end -->\n");
    Some(out)
}

fn open(out: &mut String, start: &BytesStart<'_>) -> Option<()> {
    write!(out, "<{}", renamed(start.name().0)).ok()?;
    let before = out.len();
    for attribute in start.attributes() {
        let attribute = attribute.unwrap_or_else(|error| unreachable!("{error}"));
        let quote = if attribute.value.contains('"') { '\'' } else { '"' };
        let key = match attribute.key.0.split_once(':') {
            Some(("xmlns", prefix)) => format!("xmlns:{}", renamed_prefix(prefix)),
            _ => renamed(attribute.key.0),
        };
        write!(out, "\n{key} = {quote}{}{quote}", attribute.value).ok()?;
    }
    (out.len() - before <= LONGEST_ATTRIBUTES).then_some(())
}

fn renamed(name: &str) -> String {
    match name.split_once(':') {
        Some((prefix, local)) => format!("{}:{local}", renamed_prefix(prefix)),
        None => name.to_owned(),
    }
}

fn renamed_prefix(prefix: &str) -> String {
    // The reader takes a colon with nothing before it for no prefix.
    if matches!(prefix, "" | "xml" | "xmlns") { prefix.to_owned() } else { format!("{prefix}x") }
}

/// Text as two sections with a comment between.
fn sections(out: &mut String, text: &str) {
    let middle = text.char_indices().nth(text.chars().count() / 2).map_or(0, |(place, _)| place);
    let (one, other) = text.split_at(middle);
    for part in [one, other] {
        // Text may hold what ends a section.
        write!(out, "<![CDATA[{}]]><!-- - -->", part.replace("]]>", "]]]]><![CDATA[>")).unwrap_or_default();
    }
}

fn references(out: &mut String, text: &str) {
    for character in text.chars() {
        write!(out, "&#{};", u32::from(character)).unwrap_or_default();
    }
}

//! What can be asked, of whom, and what a question would ask: listings that touch no data.

use std::io::Write;

use drempel_protocols::catalogue::Weighing;
use serde::Serialize;
use serde_json::Value;

use super::{CliError, args, args::Format, client::Client, listing::Listing, query::read};
use crate::jobs::{Request, Voorstel, VoorstelRequest};

pub(super) async fn explain(
    client: &Client,
    question: &args::Question,
    format: Format,
    out: &mut (impl Write + Send),
) -> Result<(), CliError> {
    let request = Request { vraag: read(question)?, doel: question.purpose.clone(), gedeeltelijk: false };
    let explanation = client.explain(&request).await?;
    let codes: Vec<String> = explanation.gemeenten.iter().map(ToString::to_string).collect();
    let mut listing = Listing::left(&["what", "value"]);
    for (what, value) in [
        ("question", explanation.vraag.clone()),
        ("digest", explanation.digest.to_string()),
        ("purpose", explanation.doel.to_string()),
        ("cube", explanation.kubus.as_ref().map_or_else(String::new, ToString::to_string)),
        ("cells per gemeente", explanation.cellen.to_string()),
        ("gemeenten asked", format!("{}: {}", codes.len(), codes.join(" "))),
        ("gemeenten not taking part", explanation.afwezig.to_string()),
    ] {
        listing.push(vec![what.to_owned(), value]);
    }
    write(&explanation, &[("", listing)], format, out)
}

pub(super) async fn propose(
    client: &Client,
    propose: &args::Propose,
    format: Format,
    out: &mut (impl Write + Send),
) -> Result<(), CliError> {
    let args::Propose { question, why, doelmatig, rechtmatig, verantwoord } = propose;
    let (doelmatig, rechtmatig, verantwoord) = (doelmatig.clone(), rechtmatig.clone(), verantwoord.clone());
    let request = VoorstelRequest {
        vraag: read(question)?,
        doel: question.purpose.clone(),
        motivering: why.clone(),
        weging: Weighing { doelmatig, rechtmatig, verantwoord },
    };
    let voorstel = client.propose(&request).await?;
    let listing = proposed(std::slice::from_ref(&voorstel));
    write(
        &voorstel,
        &[("Proposed; a gemeente answers once the federation registers it and its officer accepts it.", listing)],
        format,
        out,
    )
}

pub(super) async fn proposals(client: &Client, format: Format, out: &mut (impl Write + Send)) -> Result<(), CliError> {
    let document: Value = client.get("/v1/voorstellen").await?;
    let all: Vec<Voorstel> = serde_json::from_value(document.get("voorstellen").cloned().unwrap_or_default())?;
    write(&document, &[("", proposed(&all))], format, out)
}

fn proposed(all: &[Voorstel]) -> Listing {
    let mut listing = Listing::left(&["proposed", "view", "dimensions", "counts", "purpose", "cells", "why"]);
    for voorstel in all {
        let dimensions: Vec<&str> = voorstel.dimensies.iter().map(|name| name.as_str()).collect();
        let counts: Vec<&str> = voorstel.tellingen.iter().map(|measure| measure.default_name()).collect();
        listing.push(vec![
            voorstel.ingediend.strftime("%Y-%m-%d").to_string(),
            voorstel.weergave.to_string(),
            dimensions.join(", "),
            counts.join(", "),
            voorstel.doel.to_string(),
            voorstel.cellen.to_string(),
            voorstel.motivering.split_whitespace().collect::<Vec<_>>().join(" "),
        ]);
    }
    listing
}

pub(super) async fn nodes(client: &Client, format: Format, out: &mut (impl Write + Send)) -> Result<(), CliError> {
    let document: Value = client.get("/v1/knooppunten").await?;
    let mut listing = Listing::left(&["gemeente", "name", "jeugdregio", "oin", "last asked", "state"]);
    for node in list(&document, "knooppunten") {
        let last = node.get("laatst").unwrap_or(&Value::Null);
        listing.push(vec![
            text(node, "gemeente"),
            text(node, "naam"),
            text(node, "jeugdregio"),
            text(node, "oin"),
            text(last, "tijdstip"),
            text(last, "staat"),
        ]);
    }
    write(&document, &[("", listing)], format, out)
}

pub(super) async fn catalogue(client: &Client, format: Format, out: &mut (impl Write + Send)) -> Result<(), CliError> {
    let document: Value = client.get("/v1/catalogus").await?;
    let mut columns = Listing::left(&["view", "column", "role", "member", "description"]);
    for view in list(&document, "weergaven") {
        for column in list(view, "kolommen") {
            let row = |member: String, description: String| {
                vec![text(view, "naam"), text(column, "naam"), text(column, "rol"), member, description]
            };
            columns.push(row(String::new(), text(column, "en")));
            for member in list(column, "leden") {
                columns.push(row(text(member, "code"), text(member, "en")));
            }
        }
    }
    let mut cubes = Listing::left(&["cube", "view", "dimensions", "counts", "purposes", "description"]);
    for cube in list(&document, "kubussen") {
        cubes.push(vec![
            text(cube, "naam"),
            text(cube, "weergave"),
            joined(cube, "dimensies"),
            joined(cube, "tellingen"),
            joined(cube, "doelen"),
            text(cube, "en"),
        ]);
    }
    let mut purposes =
        Listing::left(&["purpose", "yours", "legal basis", "users", "processing activity", "description"]);
    for purpose in list(&document, "doelen") {
        let yours = purpose.get("toegestaan").and_then(Value::as_bool).unwrap_or(false);
        purposes.push(vec![
            text(purpose, "id"),
            if yours { "yes" } else { "no" }.to_owned(),
            text(purpose, "grondslag"),
            joined(purpose, "gebruikers"),
            text(purpose, "verwerkingsactiviteit"),
            text(purpose, "doel"),
        ]);
    }
    let periods = joined(&document, "perioden");
    let title = format!("Catalogue {}, half-years {periods}", text(&document, "versie"));
    let parts = [(title.as_str(), columns), ("Cubes", cubes), ("Purposes", purposes)];
    write(&document, &parts, format, out)
}

/// Writes a document as JSON, its listings as tables, or the first of them as CSV.
fn write(
    document: &impl Serialize,
    listings: &[(&str, Listing)],
    format: Format,
    out: &mut impl Write,
) -> Result<(), CliError> {
    match format {
        Format::Json => {
            serde_json::to_writer_pretty(&mut *out, document)?;
            out.write_all(b"\n")?;
        }
        Format::Csv => {
            for (_, listing) in listings.iter().take(1) {
                out.write_all(&listing.csv()?)?;
            }
        }
        Format::Table => {
            for (title, listing) in listings {
                if title.is_empty() {
                    write!(out, "{}", listing.table())?;
                } else {
                    write!(out, "{title}\n\n{}\n", listing.table())?;
                }
            }
        }
    }
    out.flush()?;
    Ok(())
}

fn list<'a>(value: &'a Value, name: &str) -> &'a [Value] {
    value.get(name).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

fn text(value: &Value, name: &str) -> String {
    value.get(name).and_then(Value::as_str).unwrap_or_default().to_owned()
}

fn joined(value: &Value, name: &str) -> String {
    list(value, name).iter().filter_map(Value::as_str).collect::<Vec<_>>().join(", ")
}

//! `schema`: the columns and members of the views, for whoever makes their files in a warehouse.

use std::io::Write;

use anyhow::bail;
use drempel_protocols::catalogue::{Catalogue, View};

use crate::{
    app::open_catalogue,
    config::Config,
    ingest::view::{EEN, VIEWS, ViewSchema},
};

pub(super) fn print(config: &Config, only: Option<&str>, out: &mut impl Write) -> anyhow::Result<()> {
    let catalogue = open_catalogue(config)?;
    let views: Vec<&ViewSchema> = VIEWS.into_iter().filter(|view| only.is_none_or(|name| name == view.naam)).collect();
    if views.is_empty() {
        let names: Vec<&str> = VIEWS.iter().map(|view| view.naam).collect();
        bail!("there is no view {}; there are {}", only.unwrap_or_default(), names.join(", "));
    }
    writeln!(
        out,
        "One file a view, with exactly these columns in this order: CSV (comma, UTF-8, header) for `import --csv FOLDER`,\n\
         or Parquet for `import --parquet FOLDER`. An empty field is onbekend. An import takes the place of the whole\n\
         snapshot; a view without a file is empty in it."
    )?;
    for view in views {
        one(view, &catalogue, out)?;
    }
    Ok(())
}

fn one(view: &ViewSchema, catalogue: &Catalogue, out: &mut impl Write) -> anyhow::Result<()> {
    let known = catalogue.view(view.naam);
    writeln!(out, "\n{}: {}", view.naam, known.map_or("", |known| known.label().nl.as_str()))?;
    writeln!(out, "  {}", view.kolommen().collect::<Vec<_>>().join(","))?;
    writeln!(
        out,
        "  persoon: a BSN, or the warehouse's own number of the child, at most 36 characters; never kept as it is"
    )?;
    writeln!(out, "  periode: a half-year, such as 2025H2")?;
    for (column, codes) in view.leden {
        let een = if EEN.contains(column) { ", one for each child and half-year" } else { "" };
        writeln!(out, "  {column}{een}:")?;
        for code in *codes {
            writeln!(out, "    {code}  {}", known.and_then(|known| label(known, column, code)).unwrap_or_default())?;
        }
    }
    if view.aanbieder {
        writeln!(out, "  aanbieder: AGB-code of 8 digits; never leaves the node")?;
    }
    if view.eerdere_aanbieder {
        writeln!(
            out,
            "  eerdere_aanbieder: that of another who delivered the same, 00000000 for several others; never leaves the node"
        )?;
    }
    if view.bedrag {
        writeln!(out, "  bedrag: whole eurocents, net of credits")?;
    }
    Ok(())
}

fn label<'c>(view: &'c View, column: &str, code: &str) -> Option<&'c str> {
    let domain = view.column(column)?.dimension()?.domain();
    domain.member(domain.index_of(code)?).map(|member| member.label.nl.as_str())
}

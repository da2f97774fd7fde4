//! `mapping check`: which product codes have no hulpvorm, and how much help is behind each.

use std::{collections::BTreeMap, io::Write};

use super::import::Setting;
use crate::{
    config::Config,
    ingest::{afleiding::Stand, codes::Categorie, records::Records},
};

pub(super) fn check(config: &Config, out: &mut impl Write) -> anyhow::Result<()> {
    let setting = Setting::of(config)?;
    let request = setting.request(config);
    let records = Records::open(&config.paths.records, config.gemeente, request.key)?;
    let mut unmapped: BTreeMap<(Option<Categorie>, String), usize> = BTreeMap::new();
    let mut episodes = 0usize;
    for dossier in records.dossiers()? {
        let stand = Stand::of(dossier?, request.afbeelding);
        for episode in stand.trajecten.iter().flat_map(|traject| &traject.episodes) {
            episodes += 1;
            if !episode.afgebeeld {
                let code = episode.code.as_deref().unwrap_or_default().to_owned();
                *unmapped.entry((episode.zorg.categorie, code)).or_default() += 1;
            }
        }
    }
    let missing: usize = unmapped.values().sum();
    writeln!(out, "{missing} of {episodes} episodes of help have a product without hulpvorm")?;
    if unmapped.is_empty() {
        return Ok(());
    }
    let mut lines: Vec<_> = unmapped.into_iter().collect();
    lines.sort_by(|(one, many), (other, more)| more.cmp(many).then_with(|| one.cmp(other)));
    writeln!(out, "{:>8}  categorie  productcode", "episodes")?;
    for ((categorie, code), count) in &lines {
        let categorie = categorie.map_or("--", Categorie::code);
        writeln!(out, "{count:>8}  {categorie:<9}  {}", if code.is_empty() { "(none in the messages)" } else { code })?;
    }
    match &config.paths.mapping {
        Some(path) => writeln!(
            out,
            "add lines `productcode,,hulpvorm` to {}, then: drempel-node import --rebuild",
            path.display()
        )?,
        None => writeln!(
            out,
            "make a file with the header productcode,categorie,hulpvorm, name it under [paths] mapping, then: drempel-node \
             import --rebuild"
        )?,
    }
    Ok(())
}

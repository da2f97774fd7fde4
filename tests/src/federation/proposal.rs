//! The next catalogue, as the federation's parties propose it to a gemeente: the registered one with changes, signed with the
//! throw-away keys.

use std::{collections::BTreeMap, fs, path::Path};

use anyhow::Context as _;
use drempel_protocols::{
    catalogue::{Bundle, SignedBundle},
    id::Digest,
};

use super::layout::{CATALOGUE, signatures};

/// A table that is not registered.
const CUBE: &str = r#"
[[kubus]]
naam = "categorie-verwijzer"
nl = "Productcategorieën naar verwijzer"
en = "Product categories by referrer"
weergave = "jeugdhulp"
dimensies = ["categorie", "verwijzer"]
tellingen = ["aantal"]
doelen = ["landelijke-monitor"]
motivering = "Laat zien naar welke categorieën elke soort verwijzer verwijst, wat de hoofdgroepen niet tonen."
[kubus.weging]
doelmatig = "Beantwoordt een vraag die nu met een steekproef wordt geschat."
rechtmatig = "Soorten van verwijzers en alleen trajecten; in kleine gemeenten blijft er weinig van zichtbaar."
verantwoord = "Het verwijsgedrag van één verwijzer is er niet uit op te maken."
"#;

/// Writes the registered catalogue as `versie` 2027.1 with one table more and what else is changed in its files, signed.
/// Its digest.
///
/// # Errors
/// If it cannot be read or written.
pub fn propose(to: &Path, change: impl FnOnce(&mut BTreeMap<String, String>)) -> anyhow::Result<Digest> {
    let registered = SignedBundle::read(Path::new(CATALOGUE))?;
    let mut files: BTreeMap<String, String> =
        registered.bundle().files().map(|(name, text)| (name.to_owned(), text.to_owned())).collect();
    files.get_mut("kubussen.toml").context("the catalogue has no cubes")?.push_str(CUBE);
    let head = files.get_mut("catalogus.toml").context("the catalogue has no head")?;
    let version = |line: &str| if line.starts_with("versie = ") { "versie = \"2027.1\"" } else { line }.to_owned();
    *head = head.lines().map(version).collect::<Vec<_>>().join("\n");
    change(&mut files);
    fs::create_dir_all(to)?;
    for (name, text) in &files {
        fs::write(to.join(name), text)?;
    }
    let bundle = Bundle::from_files(files);
    fs::write(to.join(SignedBundle::SIGNATURES), SignedBundle::signatures_file(&signatures(&bundle)?))?;
    Ok(bundle.digest())
}

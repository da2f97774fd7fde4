//! `catalogue show` for the privacy officer, who accepts a catalogue by its digest; `catalogue check` and `catalogue sign`
//! for the federation's parties. What no node could release from is not signed.

use std::{
    fs::{self, OpenOptions},
    io::Write,
    os::unix::fs::OpenOptionsExt as _,
    path::Path,
};

use anyhow::{Context as _, anyhow};
use data_encoding::BASE64;
use drempel_protocols::{
    catalogue::{Catalogue, Signature, SignedBundle},
    id::MemberCode,
    lattice::Lattice,
};
use ring::{
    rand::SystemRandom,
    signature::{Ed25519KeyPair, KeyPair as _},
};

use crate::{config::Config, proposed::Proposed};

pub(super) fn show(config: &Config, out: &mut impl Write) -> anyhow::Result<()> {
    let signed = SignedBundle::read(&config.paths.catalogus)?;
    let catalogue = Catalogue::from_bundle(signed.bundle())?;
    writeln!(out, "catalogue {} with digest\n  {}", catalogue.version(), catalogue.digest())?;
    match signed.open(&config.catalogus.parties) {
        Ok(_) => writeln!(out, "signed by enough of the parties in the configuration")?,
        Err(error) => writeln!(out, "NOT usable: {error}")?,
    }
    let accepted = catalogue.digest() == config.catalogus.aanvaard;
    writeln!(
        out,
        "{}",
        if accepted { "accepted in the configuration" } else { "not accepted: catalogue accept, with this digest" }
    )?;
    describe(&catalogue, out)
}

/// Shows the catalogue that is proposed, and every line that it changes.
pub(super) fn show_proposed(config: &Config, out: &mut impl Write) -> anyhow::Result<()> {
    let folder = config.paths.catalogus_voorstel.display();
    let Some(proposed) = Proposed::read(config).with_context(|| format!("{folder} cannot be used"))? else {
        writeln!(out, "nothing else than the catalogue in use is proposed: {folder}")?;
        return Ok(());
    };
    let catalogue = proposed.catalogue();
    writeln!(out, "proposed: catalogue {} with digest\n  {}", catalogue.version(), catalogue.digest())?;
    writeln!(out, "signed by {}", proposed.signers().join(", "))?;
    describe(catalogue, out)?;
    writeln!(out, "\nevery line that it changes:")?;
    for change in proposed.file_changes(SignedBundle::read(&config.paths.catalogus)?.bundle()) {
        writeln!(out, "\n{}\n{}", change.file, change.difference)?;
    }
    Ok(())
}

fn describe(catalogue: &Catalogue, out: &mut impl Write) -> anyhow::Result<()> {
    writeln!(out, "\nprofiles ([beleid] profiel):")?;
    for profile in catalogue.profiles() {
        writeln!(out, "  {}: {}", profile.naam, profile.nl)?;
    }
    writeln!(out, "\npurposes:")?;
    for purpose in catalogue.purposes() {
        writeln!(out, "  {}: {}\n    grondslag: {}", purpose.id, purpose.doel, purpose.grondslag)?;
        let weighing = &purpose.weging;
        writeln!(
            out,
            "    doelmatig: {}\n    rechtmatig: {}\n    verantwoord: {}",
            weighing.doelmatig, weighing.rechtmatig, weighing.verantwoord
        )?;
    }
    writeln!(out, "\ncubes:")?;
    for cube in catalogue.cubes() {
        let dimensions: Vec<&str> = cube.dimensions().iter().map(|name| name.as_str()).collect();
        let purposes: Vec<&str> = cube.purposes().iter().map(|name| name.as_str()).collect();
        let measures: Vec<&str> = cube.measures().iter().map(|measure| measure.sql()).collect();
        writeln!(
            out,
            "  {}: {} of {} by {} ({}), for {}",
            cube.name(),
            measures.join(" and "),
            cube.view(),
            dimensions.join(" x "),
            cube.label().nl,
            purposes.join(", ")
        )?;
        let weighing = cube.weighing();
        writeln!(
            out,
            "    {}\n    doelmatig: {}\n    rechtmatig: {}\n    verantwoord: {}",
            cube.motivation(),
            weighing.doelmatig,
            weighing.rechtmatig,
            weighing.verantwoord
        )?;
    }
    writeln!(out, "\ndefinitions:")?;
    let definitions = catalogue.definitions();
    let herhaald = &definitions.herhaald;
    let classes = |classes: &[(MemberCode, u32)]| {
        classes.iter().map(|(code, bound)| format!("{code} < {bound}")).collect::<Vec<_>>().join(", ")
    };
    writeln!(
        out,
        "  herhaald_beroep: aansluitend up to {} days after an einde; in months: {}",
        herhaald.aansluitend_dagen(),
        classes(herhaald.klassen())
    )?;
    writeln!(
        out,
        "  wisseling: einde and aanvang at most {} days apart; aansluitend up to {}",
        definitions.wisseling.hoogstens_dagen(),
        definitions.wisseling.aansluitend_dagen()
    )?;
    let wachttijd = &definitions.wachttijd;
    writeln!(out, "  wachttijd: in weeks: {}, then {}", classes(wachttijd.klassen()), wachttijd.laatste())?;
    Ok(())
}

pub(super) fn check(dir: &Path, out: &mut impl Write) -> anyhow::Result<()> {
    let signed = SignedBundle::read(dir)?;
    let catalogue = Catalogue::from_bundle(signed.bundle())?;
    let lattice = Lattice::of(&catalogue)?;
    let cells = lattice.cells().iter().filter(|cell| !cell.shows.nothing()).count();
    writeln!(
        out,
        "catalogue {} holds: {} cubes with {cells} cells for each gemeente and half-year; digest\n  {}",
        catalogue.version(),
        catalogue.cubes().count(),
        catalogue.digest()
    )?;
    let parties: Vec<&str> = signed.signatures().iter().map(|signature| signature.partij.as_str()).collect();
    match parties.as_slice() {
        [] => writeln!(out, "nobody signed it yet: drempel-node catalogue sign")?,
        parties => writeln!(out, "with signatures, not checked here, of {}", parties.join(", "))?,
    }
    Ok(())
}

pub(super) fn sign(dir: &Path, party: &str, key: &Path, out: &mut impl Write) -> anyhow::Result<()> {
    let pair = read_or_make_key(key, out)?;
    let signed = SignedBundle::read(dir)?;
    Lattice::of(&Catalogue::from_bundle(signed.bundle())?)?;
    let mut signatures: Vec<Signature> =
        signed.signatures().iter().filter(|signature| signature.partij != party).cloned().collect();
    signatures.push(signed.bundle().sign(party, &pair));
    let path = dir.join(SignedBundle::SIGNATURES);
    fs::write(&path, SignedBundle::signatures_file(&signatures))
        .with_context(|| format!("cannot write {}", path.display()))?;
    writeln!(out, "signed for {party}: digest {}", signed.bundle().digest())?;
    writeln!(out, "public key of {party}: {}", BASE64.encode(pair.public_key().as_ref()))?;
    Ok(())
}

fn read_or_make_key(path: &Path, out: &mut impl Write) -> anyhow::Result<Ed25519KeyPair> {
    if !path.exists() {
        let made = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).map_err(|_| anyhow!("cannot make a key"))?;
        OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?.write_all(made.as_ref())?;
        writeln!(out, "made a key: {}; keep it secret", path.display())?;
    }
    let bytes = fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    Ed25519KeyPair::from_pkcs8_maybe_unchecked(&bytes).map_err(|_| anyhow!("{} is no Ed25519 key", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_catalogue_that_goes_round_in_a_circle_is_not_signed() {
        let folder = tempfile::tempdir().unwrap();
        let registered = Path::new(env!("CARGO_MANIFEST_DIR")).join("../config/catalogus");
        for file in fs::read_dir(registered).unwrap().map(Result::unwrap) {
            fs::copy(file.path(), folder.path().join(file.file_name())).unwrap();
        }
        let mut said = Vec::new();
        check(folder.path(), &mut said).unwrap();
        let said = String::from_utf8(said).unwrap();
        assert!(said.contains(" holds: ") && said.contains("of Wegwerp-VNG, Wegwerp-VWS"), "{said}");

        // Categorieen are crossed with both already.
        let mut cubes = OpenOptions::new().append(true).open(folder.path().join("kubussen.toml")).unwrap();
        let cube = r#"
[[kubus]]
naam = "leeftijd-geslacht"
nl = "Leeftijd naar geslacht"
en = "Age by sex"
weergave = "jeugdhulp"
dimensies = ["levensfase", "geslacht_groep"]
tellingen = ["personen"]
doelen = ["landelijke-monitor"]
motivering = "x"
weging = { doelmatig = "x", rechtmatig = "x", verantwoord = "x" }
"#;
        cubes.write_all(cube.as_bytes()).unwrap();
        let key = folder.path().join("sleutel.pk8");
        for refused in
            [check(folder.path(), &mut Vec::new()), sign(folder.path(), "Wegwerp-VNG", &key, &mut Vec::new())]
        {
            let error = refused.unwrap_err().to_string();
            assert!(error.contains("go round in a circle"), "{error}");
        }
    }
}

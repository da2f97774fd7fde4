//! `init`: everything a new node needs of its own. Nothing that exists is overwritten.

use std::{
    fs::{self, OpenOptions},
    io::Write,
    os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _},
    path::{Path, PathBuf},
};

use anyhow::{Context as _, bail};
use drempel_protocols::{
    catalogue::{Catalogue, SignedBundle},
    id::{Gemeentecode, Oin},
};
use rcgen::{CertificateParams, DnType, KeyPair};

use crate::{config::EXAMPLE, ingest::RecordKey};

pub(super) struct Request {
    pub(super) dir: PathBuf,
    pub(super) gemeente: Gemeentecode,
    pub(super) oin: Oin,
    pub(super) names: Vec<String>,
    pub(super) catalogue: PathBuf,
}

pub(super) fn run(request: &Request, out: &mut impl Write) -> anyhow::Result<()> {
    let Request { dir, gemeente, oin, names, catalogue } = request;
    if dir.join("node.toml").exists() {
        bail!("{} is there already; nothing was changed", dir.join("node.toml").display());
    }
    let signed = SignedBundle::read(catalogue).with_context(|| format!("--catalogue {}", catalogue.display()))?;
    Catalogue::from_bundle(signed.bundle())?;
    private_folder(dir)?;
    private_folder(&dir.join("keys"))?;

    let key = KeyPair::generate()?;
    write_private(&dir.join("keys/node.key"), key.serialize_pem().as_bytes())?;
    let request = certificate_request(&key, *gemeente, oin, names)?;
    write_private(&dir.join("keys/node.csr"), request.as_bytes())?;
    write_private(&dir.join("keys/records.key"), &RecordKey::random_bytes()?)?;

    fs::create_dir_all(dir.join("catalogus"))?;
    for entry in fs::read_dir(catalogue)? {
        let entry = entry?;
        if entry.path().extension().is_some_and(|extension| extension == "toml") {
            fs::copy(entry.path(), dir.join("catalogus").join(entry.file_name()))?;
        }
    }
    let config = EXAMPLE.replace("{gemeente}", &gemeente.to_string()).replace("{oin}", &oin.to_string());
    write_private(&dir.join("node.toml"), config.as_bytes())?;
    let dir = dir.display();
    writeln!(
        out,
        "made a node for {gemeente} in {dir}

next:
 1. have {dir}/keys/node.csr signed by the federation's authority; put the certificate in {dir}/keys/node.crt
    and the authority's own certificate in {dir}/keys/federation-roots.pem
 2. put the coordinator under [[peer]] and the federation's parties under [[catalogus.partij]] in {dir}/node.toml
 3. let the privacy officer read the catalogue (drempel-node --config {dir}/node.toml catalogue show) and accept it
    (catalogue accept, with the digest)
 4. drempel-node --config {dir}/node.toml check
 5. drempel-node --config {dir}/node.toml import --ijw FOLDER
 6. drempel-node --config {dir}/node.toml serve"
    )?;
    Ok(())
}

fn certificate_request(key: &KeyPair, gemeente: Gemeentecode, oin: &Oin, names: &[String]) -> anyhow::Result<String> {
    let mut params = CertificateParams::new(names.to_vec())?;
    params.distinguished_name.push(DnType::CommonName, format!("drempel-node {gemeente}"));
    params.distinguished_name.push(DnType::OrganizationName, gemeente.to_string());
    // id-at-serialNumber, where PKIoverheid puts the OIN.
    params.distinguished_name.push(DnType::CustomDnType(vec![2, 5, 4, 5]), oin.to_string());
    Ok(params.serialize_request(key)?.pem()?)
}

fn private_folder(path: &Path) -> anyhow::Result<()> {
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(path)
        .with_context(|| format!("cannot make {}", path.display()))
}

fn write_private(path: &Path, content: &[u8]) -> anyhow::Result<()> {
    OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
        .and_then(|mut file| file.write_all(content))
        .with_context(|| format!("cannot write {}", path.display()))
}

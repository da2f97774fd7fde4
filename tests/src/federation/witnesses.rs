//! Who witnesses whose log in a federation: the coordinator, and the next gemeenten by their codes. Their keys are made before
//! anything is started, as each must know those of the others.

use std::{collections::BTreeMap, fs, path::Path};

use anyhow::anyhow;
use drempel_coordinator::{config::WitnessConfig, registry, witness::WITNESSES};
use drempel_node::config::Getuige;
use drempel_protocols::{
    id::Gemeentecode,
    log::{Kind, SigningKey, WitnessKey, witness_name},
};
use ring::{rand::SystemRandom, signature::Ed25519KeyPair};

use super::layout::Layout;
use crate::{authority::write_private, participants};

/// The keys of the witnesses.
pub(super) struct Witnesses {
    coordinator: WitnessKey,
    nodes: BTreeMap<Gemeentecode, WitnessKey>,
}

impl Witnesses {
    /// Of a federation of these gemeenten; keys that are there are used.
    pub(super) fn of(layout: &Layout, codes: impl Iterator<Item = Gemeentecode>) -> anyhow::Result<Self> {
        let coordinator = key(&layout.coordinator().join("getuige.pk8"), &WitnessConfig::default().naam)?;
        let nodes =
            codes.map(|code| Ok((code, key(&layout.node(code).join("keys/getuige.pk8"), &witness_name(code))?)));
        Ok(Self { coordinator, nodes: nodes.collect::<anyhow::Result<_>>()? })
    }

    /// That of a node.
    pub(super) fn of_node(&self, code: Gemeentecode) -> Option<WitnessKey> {
        self.nodes.get(&code).cloned()
    }

    /// Those that the node of a gemeente believes.
    pub(super) fn of_log(&self, code: Gemeentecode) -> anyhow::Result<Vec<Getuige>> {
        let nodes = self.nodes.iter().map(|(gemeente, key)| {
            Ok(registry::Node {
                gemeente: *gemeente,
                oin: participants::oin(*gemeente)?,
                url: String::new(),
                logsleutel: None,
                getuigesleutel: Some(key.clone()),
            })
        });
        let registry = registry::Registry::new(nodes.collect::<anyhow::Result<Vec<_>>>()?);
        let nodes = registry.witnesses(code, WITNESSES).into_iter();
        let mut known = vec![Getuige { naam: "Throw-away coordinator".to_owned(), sleutel: self.coordinator.clone() }];
        known.extend(nodes.filter_map(|node| {
            Some(Getuige { naam: node.gemeente.to_string(), sleutel: node.getuigesleutel.clone()? })
        }));
        Ok(known)
    }
}

fn key(file: &Path, name: &str) -> anyhow::Result<WitnessKey> {
    if !file.exists() {
        let pkcs8 = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).map_err(|_| anyhow!("cannot make a key"))?;
        fs::create_dir_all(file.parent().ok_or_else(|| anyhow!("a file is in a folder"))?)?;
        write_private(file, pkcs8.as_ref())?;
    }
    Ok(SigningKey::from_pkcs8(name, Kind::Witness, &fs::read(file)?)?.public().clone().try_into()?)
}

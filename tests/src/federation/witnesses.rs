//! Who witnesses whose log in a federation: the coordinator, and the next gemeenten by their codes. Their keys are made before
//! anything is started, as each must know those of the others.

use std::{collections::BTreeMap, fs, path::Path};

use drempel_coordinator::{
    config::WitnessConfig,
    jobs::Store,
    registry,
    witness::{Sightings, WITNESSES, key_of},
};
use drempel_node::{config::Getuige, witness::Witness};
use drempel_protocols::{
    clock::{Clock as _, SystemClock},
    id::Gemeentecode,
    log::WitnessKey,
};

use super::layout::Layout;
use crate::participants;

/// The keys of the witnesses.
pub(super) struct Witnesses {
    coordinator: WitnessKey,
    nodes: BTreeMap<Gemeentecode, WitnessKey>,
}

impl Witnesses {
    /// Of a federation of these gemeenten; keys that are there are used.
    pub(super) fn of(layout: &Layout, codes: impl Iterator<Item = Gemeentecode>) -> anyhow::Result<Self> {
        let nodes = codes.map(|code| Ok((code, node(&layout.node(code), code)?)));
        let coordinator = coordinator(&layout.coordinator())?;
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

/// The key of a coordinator, with the store that it goes with.
fn coordinator(folder: &Path) -> anyhow::Result<WitnessKey> {
    fs::create_dir_all(folder)?;
    let store = folder.join("bevragingen.sqlite");
    drop(Store::open(&store)?);
    let key = key_of(&Sightings::open(&store)?, &folder.join("getuige.pk8"), &WitnessConfig::default().naam)?;
    Ok(key.public().clone().try_into()?)
}

/// The key of a node, with the file that it goes with.
fn node(folder: &Path, code: Gemeentecode) -> anyhow::Result<WitnessKey> {
    fs::create_dir_all(folder)?;
    let files = (folder.join("getuigenis.sqlite"), folder.join("keys/getuige.pk8"));
    let witness = Witness::open((&files.0, &files.1), code, [], SystemClock.now())?;
    Ok(witness.key().clone().try_into()?)
}

//! The registered catalogue with other cubes in it, or with fewer inhabitants: what may be registered has no end, and an
//! attack wants what gives most away.

use std::{collections::BTreeMap, path::Path};

use anyhow::Context as _;
use drempel_protocols::catalogue::{Bundle, Catalogue, SignedBundle};

/// Which gemeente is attacked.
pub const GEMEENTE: &str = "GM0014";

/// The files of a catalogue.
const FILES: [&str; 6] =
    ["catalogus.toml", "weergaven.toml", "definities.toml", "doelen.toml", "kubussen.toml", "gebieden.toml"];

/// A cube that may be registered: view, dimensions, measures. Some are in the catalogue and some are not.
pub type Drawn = (&'static str, &'static [&'static str], &'static [&'static str]);

/// Persons and rows.
pub const BOTH: &[&str] = &["personen", "aantal"];
/// Rows.
pub const ROWS: &[&str] = &["aantal"];
/// Persons.
pub const PERSONS: &[&str] = &["personen"];

/// The registered catalogue, in which other cubes are registered.
#[derive(Debug)]
pub struct Registry(BTreeMap<String, String>);

impl Registry {
    /// From the folder of a catalogue.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn read(folder: &Path) -> anyhow::Result<Self> {
        let bundle = SignedBundle::read(folder)?;
        let text = |name: &str| Some((name.to_owned(), bundle.bundle().file(name)?.to_owned()));
        Ok(Self(FILES.into_iter().filter_map(text).collect()))
    }

    /// As it is registered.
    ///
    /// # Errors
    /// If it is not whole.
    pub fn registered(&self) -> anyhow::Result<Catalogue> {
        Ok(Catalogue::from_bundle(&Bundle::from_files(self.0.clone()))?)
    }

    /// With other cubes, if there are, and other inhabitants of the gemeente that is attacked.
    ///
    /// # Errors
    /// If the cubes cannot be registered together.
    pub fn with(&self, cubes: Option<&[Drawn]>, inwoners: Option<u32>) -> anyhow::Result<Catalogue> {
        Ok(Catalogue::from_bundle(&self.bundle(cubes, inwoners)?)?)
    }

    /// The files of that.
    ///
    /// # Errors
    /// If the gemeente is not in it.
    pub fn bundle(&self, cubes: Option<&[Drawn]>, inwoners: Option<u32>) -> anyhow::Result<Bundle> {
        let mut files = self.0.clone();
        if let Some(inwoners) = inwoners {
            let text = files.get_mut("gebieden.toml").context("a catalogue without gebieden")?;
            let mut gebieden: toml::Table = text.parse()?;
            let indelingen = gebieden.get_mut("indeling").and_then(toml::Value::as_array_mut);
            for indeling in indelingen.into_iter().flatten() {
                let gemeente = indeling.get_mut("gemeente").and_then(|all| all.get_mut(GEMEENTE));
                let gemeente = gemeente.and_then(toml::Value::as_table_mut).context("a gemeente that is not there")?;
                gemeente.insert("inwoners".to_owned(), inwoners.into());
            }
            *text = toml::to_string(&gebieden)?;
        }
        if let Some(cubes) = cubes {
            files.insert("kubussen.toml".to_owned(), Self::kubussen(cubes));
        }
        Ok(Bundle::from_files(files))
    }

    fn kubussen(cubes: &[Drawn]) -> String {
        let text = cubes.iter().map(|(view, dimensions, measures)| {
            let naam = naam(view, dimensions);
            let list = |of: &[&str]| format!("[\"{}\"]", of.join("\", \""));
            format!(
                "[[kubus]]\nnaam = \"{naam}\"\nnl = \"{naam}\"\nen = \"{naam}\"\nweergave = \"{view}\"\ndimensies = \
                 {}\ntellingen = {}\ndoelen = [\"landelijke-monitor\"]\nmotivering = \"drawn\"\n\
                 weging = {{ doelmatig = \"drawn\", rechtmatig = \"drawn\", verantwoord = \"drawn\" }}\n",
                list(dimensions),
                list(measures)
            )
        });
        text.collect()
    }
}

/// What a cube is called.
pub(super) fn naam(view: &str, dimensions: &[&str]) -> String {
    format!("{view}-{}", dimensions.join("-")).replace('_', "-")
}

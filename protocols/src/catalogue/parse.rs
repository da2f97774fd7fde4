//! From the bundle's TOML to a [`Catalogue`], or to every problem in it at once, each with the place where it is.

mod cube;
mod exclusion;
mod view;

use std::collections::BTreeMap;

use serde::Deserialize;

use self::{cube::Cubes, view::Views};
use super::{
    Bundle, Catalogue, Division, GemeenteEntry, LANDELIJK, Profile, Purpose, View, definition::RawDefinitions, is_said,
};
use crate::{
    id::{Gemeentecode, MemberCode, Period, ProfileName, PurposeId, ViewName},
    lattice::Lattice,
    policy::LEAST_K,
};

/// What is wrong with a catalogue: every problem found, each as "place: problem".
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the catalogue is not whole: {}", .problems.join("; "))]
pub struct CatalogueError {
    /// The problems, in the order of the files.
    pub problems: Vec<String>,
}

impl Catalogue {
    /// Reads a bundle whose signatures have been looked at elsewhere.
    ///
    /// # Errors
    /// [`CatalogueError`] with every problem: TOML that does not parse, a name used but not defined, a grouping that
    /// leaves a member without a group, a column that means one thing in one view and another in the next, a
    /// definition whose classes are not the members it defines, a cube that breaks a rule on measures or is too large,
    /// cubes that go round in a circle.
    pub fn from_bundle(bundle: &Bundle) -> Result<Self, CatalogueError> {
        let mut problems = Vec::new();
        let head: Option<Head> = read(bundle, "catalogus.toml", &mut problems);
        let views: Option<Views> = read(bundle, "weergaven.toml", &mut problems);
        let definitions: Option<RawDefinitions> = read(bundle, "definities.toml", &mut problems);
        let purposes: Option<Purposes> = read(bundle, "doelen.toml", &mut problems);
        let cubes: Option<Cubes> = read(bundle, "kubussen.toml", &mut problems);
        let areas: Option<Areas> = read(bundle, "gebieden.toml", &mut problems);
        let (Some(head), Some(views), Some(definitions), Some(purposes), Some(cubes), Some(areas)) =
            (head, views, definitions, purposes, cubes, areas)
        else {
            return Err(CatalogueError { problems });
        };

        if head.laatste_periode < head.eerste_periode {
            problems.push("catalogus.toml: laatste_periode lies before eerste_periode".to_owned());
        }
        let profiles = profiles(head.profiel, &mut problems);
        let divisions: Vec<Division> = areas.indeling.into_iter().map(Division::from).collect();
        for period in head.eerste_periode.through(head.laatste_periode) {
            if divisions.iter().filter(|division| division.holds_in(period.year())).count() != 1 {
                problems.push(format!("gebieden.toml: {period} needs exactly one indeling for its year"));
            }
        }
        let views = views.build(&mut problems);
        let definitions = definitions.build(&views, &mut problems);
        let purposes: BTreeMap<PurposeId, Purpose> =
            purposes.doel.into_iter().map(|purpose| (purpose.id.clone(), purpose)).collect();
        for purpose in purposes.values().filter(|purpose| !is_said(&purpose.doel) || !purpose.weging.is_whole()) {
            problems.push(format!("doelen.toml: {}: doel and weging each say something", purpose.id));
        }
        check_populations(&divisions, &views, &mut problems);
        let cubes = cubes.build(&views, &purposes, &mut problems);
        let Some(definitions) = definitions.filter(|_| problems.is_empty()) else {
            return Err(CatalogueError { problems });
        };
        let catalogue = Self {
            digest: bundle.digest(),
            version: head.versie,
            first_period: head.eerste_periode,
            last_period: head.laatste_periode,
            days_before_release: head.uitgave_na_dagen,
            profiles,
            views,
            definitions,
            purposes,
            divisions,
            cubes,
        };
        // What cannot be protected as one system is not registered (rule R12).
        match Lattice::of(&catalogue) {
            Ok(_) => Ok(catalogue),
            Err(error) => Err(CatalogueError { problems: vec![format!("kubussen.toml: {error}")] }),
        }
    }
}

/// Profiles by name: each once, [`LANDELIJK`] among them, and none that rounds what may be shown to nobody.
fn profiles(all: Vec<Profile>, problems: &mut Vec<String>) -> BTreeMap<ProfileName, Profile> {
    let mut profiles = BTreeMap::new();
    for profile in all {
        if !(1..=LEAST_K).contains(&profile.afronden) {
            problems.push(format!(
                "catalogus.toml: profiel {} rounds to multiples of {}; of 1, which is exact, to {LEAST_K} can be",
                profile.naam, profile.afronden
            ));
        }
        let name = profile.naam.clone();
        if profiles.insert(name.clone(), profile).is_some() {
            problems.push(format!("catalogus.toml: profiel {name} is there twice"));
        }
    }
    if !profiles.keys().any(|name| name.as_str() == LANDELIJK) {
        problems.push(format!(
            "catalogus.toml: there is no profiel {LANDELIJK}, which holds where a gemeente chooses none"
        ));
    }
    profiles
}

/// A population is of a leeftijdsgroep that there is, and of no more persons than the gemeente has.
fn check_populations(divisions: &[Division], views: &BTreeMap<ViewName, View>, problems: &mut Vec<String>) {
    let is_known = |age: &MemberCode| {
        let dimension = |view: &View| Some(view.column("leeftijdsgroep")?.dimension()?.domain().index_of(age.as_str()));
        views.values().filter_map(dimension).any(|place| place.is_some())
    };
    for (code, entry) in divisions.iter().flat_map(Division::gemeenten) {
        let all: u64 = entry.leeftijdsgroepen.values().fold(0, |sum, persons| sum.saturating_add(*persons));
        if !entry.leeftijdsgroepen.keys().all(is_known) || entry.inwoners.is_some_and(|inwoners| inwoners < all) {
            problems.push(format!(
                "gebieden.toml: {code} has leeftijdsgroepen that no weergave has, or more jeugdigen than inwoners"
            ));
        }
    }
}

fn read<T: for<'de> Deserialize<'de>>(bundle: &Bundle, name: &str, problems: &mut Vec<String>) -> Option<T> {
    let Some(text) = bundle.file(name) else {
        problems.push(format!("{name}: the file is missing"));
        return None;
    };
    toml::from_str(text).map_err(|error| problems.push(format!("{name}: {error}"))).ok()
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Head {
    versie: String,
    eerste_periode: Period,
    laatste_periode: Period,
    uitgave_na_dagen: u16,
    profiel: Vec<Profile>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Purposes {
    doel: Vec<Purpose>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Areas {
    indeling: Vec<RawDivision>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawDivision {
    eerste_jaar: i16,
    laatste_jaar: i16,
    gemeente: BTreeMap<Gemeentecode, GemeenteEntry>,
}

impl From<RawDivision> for Division {
    fn from(raw: RawDivision) -> Self {
        Self { first_year: raw.eerste_jaar, last_year: raw.laatste_jaar, gemeenten: raw.gemeente }
    }
}

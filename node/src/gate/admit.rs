//! Admission: a question lies within a registered cube that this gemeente accepts, for a purpose it accepts, and its
//! answer is not too large; or it is refused, with what to ask instead.

use std::collections::BTreeMap;

use drempel_protocols::{
    catalogue::{Catalogue, Measure},
    grid::Grid,
    id::{ColumnName, Digest, Gemeentecode, PurposeId, ViewName},
    policy::Policy,
    question::Question,
    refusal::{Refusal, RefusalCode},
    sql,
};

/// A question that may run. Only [`admit`] makes one.
///
/// ```compile_fail
/// fn forge() -> drempel_node::gate::Admitted {
///     drempel_node::gate::Admitted { ..unreachable!() }
/// }
/// ```
#[derive(Clone, Debug)]
pub struct Admitted {
    view: ViewName,
    grid: Grid,
    filters: BTreeMap<ColumnName, Vec<u8>>,
    measures: Vec<Measure>,
    digest: Digest,
}

impl Admitted {
    /// The view to count.
    #[must_use]
    pub fn view(&self) -> &ViewName {
        &self.view
    }

    /// The cells to count.
    #[must_use]
    pub fn grid(&self) -> &Grid {
        &self.grid
    }

    /// The members that rows are limited to, by their place in the domain.
    #[must_use]
    pub fn filters(&self) -> &BTreeMap<ColumnName, Vec<u8>> {
        &self.filters
    }

    /// What was asked for.
    #[must_use]
    pub fn measures(&self) -> &[Measure] {
        &self.measures
    }

    /// The digest of the canonical question.
    #[must_use]
    pub fn digest(&self) -> Digest {
        self.digest
    }
}

/// Admits a question for a purpose at a gemeente, or says everything that is against it.
///
/// # Errors
/// Every [`Refusal`] at once. They depend on question, catalogue and policy only.
pub fn admit(
    question: &Question,
    purpose: &PurposeId,
    gemeente: Gemeentecode,
    catalogue: &Catalogue,
    policy: &Policy,
) -> Result<Admitted, Vec<Refusal>> {
    let mut refusals = Vec::new();
    let mut refuse = |code, reason: String, remedy: &str| {
        refusals.push(Refusal { code, position: None, reason, remedy: remedy.to_owned() });
    };
    if catalogue.purpose(purpose).is_none() || !policy.accepts_purpose(purpose) {
        refuse(
            RefusalCode::Policy,
            format!("This gemeente does not answer for the purpose {purpose}."),
            "Ask for another registered purpose, or leave this gemeente out.",
        );
    }
    let view = catalogue.view(question.view().as_str());
    let grid = Grid::of(question, catalogue);
    let (Some(view), Some(grid)) = (view, grid) else {
        refuse(
            RefusalCode::UnknownColumn,
            "The question names what this node's catalogue does not have.".to_owned(),
            "Ask with the catalogue that this node has.",
        );
        return Err(refusals);
    };
    let cubes: Vec<_> = catalogue.cubes().filter(|cube| cube.holds(question, purpose, view)).collect();
    if cubes.is_empty() {
        refuse(
            RefusalCode::OutsideCubes,
            "No registered cube holds this question for this purpose.".to_owned(),
            "Ask within one of the registered cubes; the catalogue lists them.",
        );
    } else if !cubes.iter().any(|cube| policy.accepts_cube(cube.name())) {
        let names: Vec<&str> = cubes.iter().map(|cube| cube.name().as_str()).collect();
        refuse(
            RefusalCode::Policy,
            format!("This gemeente has declined the cube {}.", names.join(", ")),
            "Ask within another cube, or leave this gemeente out.",
        );
    }
    if grid.cells().is_none_or(|cells| cells > policy.max_cells()) {
        refuse(
            RefusalCode::TooManyCells,
            format!("The answer would have more than {} cells.", policy.max_cells()),
            "Ask for fewer periods or dimensions at once.",
        );
    }
    let within_own_area = question.periods().iter().all(|period| {
        catalogue.division(*period).is_some_and(|division| {
            question
                .area_filters()
                .iter()
                .all(|(level, areas)| division.area_of(gemeente, *level).is_some_and(|own| areas.contains(&own)))
        })
    });
    if !within_own_area {
        refuse(
            RefusalCode::Filter,
            format!("The question is not about {gemeente}."),
            "Send it to the gemeenten that it is about.",
        );
    }
    let filters = question
        .filters()
        .iter()
        .map(|(column, members)| {
            let domain = view.dimension(column)?.domain();
            let places = members.iter().map(|member| domain.index_of(member.as_str())).collect::<Option<Vec<_>>>()?;
            Some((column.clone(), places))
        })
        .collect::<Option<BTreeMap<_, _>>>();
    let Some(filters) = filters else {
        refuse(
            RefusalCode::UnknownMember,
            "The question names a member that this node's catalogue does not have.".to_owned(),
            "Ask with the catalogue that this node has.",
        );
        return Err(refusals);
    };
    if !refusals.is_empty() {
        return Err(refusals);
    }
    Ok(Admitted {
        view: question.view().clone(),
        grid,
        filters,
        measures: question.measures().iter().copied().collect(),
        digest: sql::digest(question),
    })
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, path::Path};

    use drempel_protocols::{catalogue::SignedBundle, policy::PolicyFile};

    use super::*;

    fn refused(sql: &str, gemeente: &str, file: PolicyFile) -> Vec<RefusalCode> {
        let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../config/catalogus"));
        let catalogue = Catalogue::from_bundle(SignedBundle::read(folder).unwrap().bundle()).unwrap();
        let purpose: PurposeId = "landelijke-monitor".parse().unwrap();
        let (question, _) = sql::read(sql, &catalogue, &purpose).unwrap();
        match admit(
            &question,
            &purpose,
            gemeente.parse().unwrap(),
            &catalogue,
            &Policy::from_file(&file, &catalogue).unwrap(),
        ) {
            Ok(_) => Vec::new(),
            Err(refusals) => refusals.into_iter().map(|refusal| refusal.code).collect(),
        }
    }

    const GROUPS: &str = "SELECT groep, COUNT(DISTINCT persoon) FROM jeugdhulp WHERE periode = '2025H2' GROUP BY groep";

    #[test]
    fn a_declined_cube_is_refused_unless_another_holds_the_question() {
        let declining = |names: &[&str]| PolicyFile {
            declined_cubes: names.iter().map(|name| name.parse().unwrap()).collect(),
            ..PolicyFile::default()
        };
        assert_eq!(refused(GROUPS, "GM0014", PolicyFile::default()), []);
        assert_eq!(refused(GROUPS, "GM0014", declining(&["groep-geslacht"])), []);
        let all = declining(&["groep-geslacht", "categorie"]);
        assert_eq!(refused(GROUPS, "GM0014", all), [RefusalCode::Policy]);
    }

    #[test]
    fn purpose_size_and_area_are_all_named_at_once() {
        let strict = PolicyFile {
            max_cells: Some(3),
            declined_purposes: BTreeSet::from(["landelijke-monitor".parse().unwrap()]),
            ..PolicyFile::default()
        };
        let elsewhere = GROUPS.replace("GROUP BY", "AND gemeente = 'GM0034' GROUP BY");
        assert_eq!(
            refused(&elsewhere, "GM0014", strict),
            [RefusalCode::Policy, RefusalCode::TooManyCells, RefusalCode::Filter]
        );
    }
}

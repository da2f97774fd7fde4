//! A proposed cube: the table that a question needs and that no registered one is. What the federation could not register
//! by its own rules is no proposal, so that whoever asks hears it at once, and no officer weighs it in vain.

use std::collections::BTreeSet;

use super::{
    Catalogue, Cube, Label, Measure, View, Weighing,
    cube::{broken_rules, cells},
};
use crate::{
    id::{ColumnName, CubeName, PurposeId, ViewName},
    lattice::Lattice,
    question::Question,
};

/// A table of a view that could be registered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proposal {
    /// The view it counts.
    pub view: ViewName,
    /// Its dimensions, in the view's order, each as fine as the question has it.
    pub dimensions: Vec<ColumnName>,
    /// What it counts.
    pub measures: BTreeSet<Measure>,
    /// What for.
    pub purpose: PurposeId,
    /// Its cells per gemeente and half-year, margins included.
    pub cells: usize,
}

impl Proposal {
    /// The table that a question needs.
    ///
    /// # Errors
    /// Every reason why it could not be registered beside the cubes that are, in words.
    pub fn of(question: &Question, purpose: &PurposeId, catalogue: &Catalogue) -> Result<Self, Vec<String>> {
        let Some(view) = catalogue.view(question.view().as_str()) else {
            return Err(vec![format!("there is no view {}", question.view())]);
        };
        let used: BTreeSet<&ColumnName> = question.group_by().iter().chain(question.filters().keys()).collect();
        let finer_is_used = |name: &ColumnName| used.iter().any(|other| *other != name && follows(view, name, other));
        let dimensions = view.dimensions().map(|(name, _)| name);
        let dimensions: Vec<ColumnName> =
            dimensions.filter(|name| used.contains(name) && !finer_is_used(name)).cloned().collect();
        let mut problems: Vec<String> = broken_rules(view, &dimensions, question.measures()).collect();
        let proposal = Self {
            view: view.name().clone(),
            cells: cells(view, &dimensions).unwrap_or(usize::MAX),
            dimensions,
            measures: question.measures().clone(),
            purpose: purpose.clone(),
        };
        if problems.is_empty()
            && let Some(all) = proposal.registered(catalogue)
            && let Err(error) = Lattice::of(&all)
        {
            problems.push(error.to_string());
        }
        if problems.is_empty() { Ok(proposal) } else { Err(problems) }
    }

    /// The catalogue with this table as one of its cubes.
    fn registered(&self, catalogue: &Catalogue) -> Option<Catalogue> {
        let name: CubeName = "voorgesteld".parse().ok()?;
        let cube = Cube {
            name: name.clone(),
            label: Label { nl: String::new(), en: String::new() },
            view: self.view.clone(),
            dimensions: self.dimensions.clone(),
            measures: self.measures.clone(),
            purposes: BTreeSet::from([self.purpose.clone()]),
            motivation: String::new(),
            weighing: Weighing::default(),
        };
        let mut all = catalogue.clone();
        all.cubes.insert(name, cube);
        Some(all)
    }
}

/// Whether a column is a grouping of another, at any level.
fn follows(view: &View, coarser: &ColumnName, finer: &ColumnName) -> bool {
    let of = view.dimension(coarser).and_then(|dimension| dimension.grouping()).map(|grouping| grouping.of());
    of.is_some_and(|of| of == finer || follows(view, of, finer))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{catalogue::tests::registered, sql};

    fn proposed(sql: &str) -> Result<Proposal, Vec<String>> {
        let catalogue = Catalogue::from_bundle(registered().bundle()).unwrap();
        let purpose: PurposeId = "landelijke-monitor".parse().unwrap();
        let question = sql::outside(sql, &catalogue, &purpose).unwrap().expect("no table holds it");
        Proposal::of(&question, &purpose, &catalogue)
    }

    #[test]
    fn a_question_needs_the_table_of_its_finest_columns() {
        let proposal = proposed(
            "SELECT groep, categorie, COUNT(*) FROM jeugdhulp WHERE periode = '2025H2' AND verwijzer = '01' GROUP BY ROLLUP (groep, categorie)",
        );
        let Proposal { view, dimensions, measures, cells, .. } = proposal.unwrap();
        assert_eq!(view.as_str(), "jeugdhulp");
        let dimensions: Vec<&str> = dimensions.iter().map(|name| name.as_str()).collect();
        assert_eq!(dimensions, ["categorie", "verwijzer"]);
        assert!(measures == BTreeSet::from([Measure::Aantal]) && cells > 200, "{cells}");
    }

    #[test]
    fn what_could_not_be_registered_is_no_proposal() {
        for (sql, problem) in [
            (
                "SELECT levensfase, geslacht_groep, COUNT(DISTINCT persoon) FROM jeugdhulp WHERE periode = '2025H2' GROUP BY levensfase, geslacht_groep",
                "go round in a circle",
            ),
            (
                "SELECT categorie, hulpvorm, COUNT(DISTINCT persoon) FROM jeugdhulp WHERE periode = '2025H2' GROUP BY categorie, hulpvorm",
                "counts rows only",
            ),
            (
                "SELECT categorie, hulpvorm, COUNT(*) FROM jeugdhulp WHERE periode = '2025H2' GROUP BY categorie, hulpvorm",
                "crosses categorie with hulpvorm",
            ),
            (
                "SELECT stroom, COUNT(*) FROM jeugdhulp WHERE periode = '2025H2' GROUP BY stroom",
                "stroom counts persons only",
            ),
        ] {
            let problems = proposed(sql).unwrap_err();
            assert!(problems.iter().any(|found| found.contains(problem)), "{sql}: {problems:?}");
        }
    }
}

//! The rows of a snapshot as codes: for each view the person, the half-year and the place of a member of every dimension
//! that follows from no other, in the order in which a snapshot holds them: by person, then by half-year.

use std::collections::BTreeMap;

use drempel_protocols::{
    catalogue::Catalogue,
    id::{ColumnName, Period, ViewName},
};

use crate::{
    engine::{Aanbieders, TableError, coded},
    ingest::{
        sleutel::PersoonSleutel,
        snapshot::{Snapshot, SnapshotError},
        view::ViewSchema,
    },
    release::BuildError,
};

/// The rows of one view.
#[derive(Debug, Default)]
pub(super) struct ViewRows {
    pub(super) persons: Vec<u32>,
    pub(super) periods: Vec<Period>,
    pub(super) aanbieders: Vec<Aanbieders>,
    pub(super) columns: BTreeMap<ColumnName, Vec<u8>>,
}

/// The rows of every view that a cube counts, and by what persons are known.
pub(super) struct Rows {
    pub(super) persons: Vec<PersoonSleutel>,
    pub(super) views: BTreeMap<ViewName, ViewRows>,
}

impl Rows {
    pub(super) fn read(snapshot: &Snapshot, catalogue: &Catalogue) -> Result<Self, BuildError> {
        let periods = &snapshot.manifest().periods;
        let mut views = BTreeMap::new();
        for view in catalogue.views() {
            let counted = catalogue.cubes().any(|cube| cube.view() == view.name());
            let Some(schema) = ViewSchema::by_name(view.name().as_str()).filter(|_| counted) else { continue };
            let mut rows = ViewRows::default();
            let roots = || view.dimensions().filter(|(_, dimension)| dimension.grouping().is_none());
            rows.columns.extend(roots().map(|(name, _)| (name.clone(), Vec::new())));
            for batch in snapshot.rows(schema)? {
                let unusable = |error: TableError| SnapshotError::Encoding(error.to_string());
                let coded = coded(view, periods, &batch?).map_err(unusable)?;
                rows.persons.extend_from_slice(coded.persons());
                rows.aanbieders.extend_from_slice(coded.aanbieders());
                rows.periods.extend(coded.periods().iter().filter_map(|code| periods.get(usize::from(*code))));
                for (name, codes) in &mut rows.columns {
                    codes.extend_from_slice(coded.column(name));
                }
            }
            views.insert(view.name().clone(), rows);
        }
        Ok(Self { persons: snapshot.personen()?, views })
    }
}

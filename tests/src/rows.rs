//! Rows of views as the live snapshot of a node, in place of an import: for tests and benchmarks that choose their rows.

use std::path::Path;

use drempel_node::ingest::{
    sleutel::PersoonSleutel,
    snapshot::{ManifestInput, SnapshotWriter},
    view::{Rij, VIEWS, ViewSchema},
};

/// Writes rows, each of a view, in any order.
///
/// # Errors
/// If they cannot be written, or are not rows of a snapshot.
pub fn write(
    snapshots: &Path,
    input: ManifestInput,
    rows: impl IntoIterator<Item = (&'static ViewSchema, Rij)>,
) -> anyhow::Result<()> {
    let mut rows: Vec<(&ViewSchema, Rij)> = rows.into_iter().collect();
    rows.sort_by_key(|(_, rij)| *rij);
    let mut writer = SnapshotWriter::create(snapshots, input)?;
    let last = rows.iter().map(|(_, rij)| rij.persoon).max();
    for nummer in last.into_iter().flat_map(|last| 0..=last) {
        let mut sleutel = [0; 16];
        sleutel.iter_mut().zip(nummer.to_be_bytes()).for_each(|(slot, byte)| *slot = byte);
        writer.persoon(nummer, PersoonSleutel::from_bytes(sleutel))?;
    }
    for person in rows.chunk_by(|(_, one), (_, other)| one.persoon == other.persoon) {
        for view in VIEWS {
            let mut own: Vec<Rij> = person.iter().filter(|(of, _)| of.naam == view.naam).map(|(_, rij)| *rij).collect();
            writer.rows(view, &mut own)?;
        }
    }
    // No question reads the trajecten themselves.
    writer.finish(None)?.publish()?;
    Ok(())
}

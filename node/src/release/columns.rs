//! The columns of a view with stocks and flows (rule R2): those that decide what counts, with the members that mean
//! something to it.

use std::collections::BTreeMap;

use drempel_protocols::{
    catalogue::{Dimension, PerPersoon, View},
    id::ColumnName,
};

const BEGIN: &str = "begin";
const EINDE: &str = "einde";
const STROOM: &str = "stroom";
const CATEGORIE: &str = "categorie";
const HULPVORM: &str = "hulpvorm";

/// The columns that decide what counts, and their members.
pub(super) struct Columns {
    pub(super) begin: ColumnName,
    pub(super) einde: ColumnName,
    pub(super) stroom: ColumnName,
    pub(super) categorie: ColumnName,
    pub(super) hulpvorm: ColumnName,
    pub(super) al_lopend: u8,
    pub(super) gestart: u8,
    pub(super) loopt_door: u8,
    pub(super) vervallen: u8,
    /// Before and after, after only, before only, neither.
    pub(super) flows: [u8; 4],
    /// Columns of which a person has one member, and the place of onbekend in every column.
    pub(super) een: Vec<ColumnName>,
    pub(super) onbekend: BTreeMap<ColumnName, u8>,
}

impl Columns {
    /// None of a view without stocks.
    pub(super) fn of(view: &View) -> Option<Self> {
        let name =
            |column: &str| view.column(column).filter(|column| column.dimension().is_some()).map(|c| c.name().clone());
        let code = |column: &str, member: &str| view.column(column)?.dimension()?.domain().index_of(member);
        let roots = || view.dimensions().filter(|(_, dimension)| dimension.grouping().is_none());
        let one = |(name, dimension): &(&ColumnName, &Dimension)| {
            dimension.per_persoon() == PerPersoon::Een && name.as_str() != STROOM
        };
        Some(Self {
            begin: name(BEGIN)?,
            einde: name(EINDE)?,
            stroom: name(STROOM)?,
            categorie: name(CATEGORIE)?,
            hulpvorm: name(HULPVORM)?,
            al_lopend: code(BEGIN, "al_lopend")?,
            gestart: code(BEGIN, "gestart")?,
            loopt_door: code(EINDE, "loopt_door")?,
            vervallen: code(EINDE, "vervallen")?,
            flows: [
                code(STROOM, "doorlopend")?,
                code(STROOM, "instroom")?,
                code(STROOM, "uitstroom")?,
                code(STROOM, "in_en_uit")?,
            ],
            een: roots().filter(one).map(|(name, _)| name.clone()).collect(),
            onbekend: roots().map(|(name, dimension)| (name.clone(), dimension.domain().onbekend())).collect(),
        })
    }
}

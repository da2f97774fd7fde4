//! The members of the dimensions that the red team's children have, as small numbers: read from the catalogue, for whoever
//! counts and compares them by the million.

use anyhow::Context as _;
use drempel_protocols::{
    catalogue::Catalogue,
    id::{ColumnName, MemberCode},
};

/// A dimension that follows from no other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Column {
    /// The categorie of a traject.
    Categorie,
    /// Its hulpvorm.
    Hulpvorm,
    /// How it began.
    Begin,
    /// How it ended.
    Einde,
    /// How old the child is.
    Leeftijdsgroep,
    /// Its geslacht.
    Geslacht,
    /// How the child flows.
    Stroom,
    /// Who referred it.
    Verwijzer,
    /// How long it waited.
    Wachttijdklasse,
    /// How long the traject takes.
    Duurklasse,
    /// Whether it had help before.
    Herhaald,
    /// How a change of aanbieder joins.
    Aansluiting,
    /// Why there was one.
    Reden,
}

impl Column {
    /// All of them, in the order of their numbers.
    pub const ALL: [Self; 13] = [
        Self::Categorie,
        Self::Hulpvorm,
        Self::Begin,
        Self::Einde,
        Self::Leeftijdsgroep,
        Self::Geslacht,
        Self::Stroom,
        Self::Verwijzer,
        Self::Wachttijdklasse,
        Self::Duurklasse,
        Self::Herhaald,
        Self::Aansluiting,
        Self::Reden,
    ];

    /// Its name in the catalogue.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Categorie => "categorie",
            Self::Hulpvorm => "hulpvorm",
            Self::Begin => "begin",
            Self::Einde => "einde",
            Self::Leeftijdsgroep => "leeftijdsgroep",
            Self::Geslacht => "geslacht",
            Self::Stroom => "stroom",
            Self::Verwijzer => "verwijzer",
            Self::Wachttijdklasse => "wachttijdklasse",
            Self::Duurklasse => "duurklasse",
            Self::Herhaald => "herhaald",
            Self::Aansluiting => "aansluiting",
            Self::Reden => "reden",
        }
    }
}

/// A member of a dimension, by its place in the catalogue.
pub type Lid = u8;

/// The members of every dimension.
#[derive(Clone, Debug)]
pub struct Codebook {
    names: Vec<ColumnName>,
    members: Vec<Vec<MemberCode>>,
    sensitive: Vec<u64>,
}

impl Codebook {
    /// As a catalogue has them.
    ///
    /// # Errors
    /// If it lacks one of the dimensions, or has one with more than 64 members.
    pub fn of(catalogue: &Catalogue) -> anyhow::Result<Self> {
        let mut codebook = Self { names: Vec::new(), members: Vec::new(), sensitive: Vec::new() };
        for column in Column::ALL {
            let name: ColumnName = column.name().parse()?;
            let dimension = catalogue.views().find_map(|view| view.dimension(&name));
            let members = dimension.with_context(|| format!("no view has {name}"))?.domain().members();
            anyhow::ensure!(members.len() <= 64, "{name} has too many members");
            let bits = members.iter().enumerate().filter(|(_, member)| member.sensitive);
            codebook.sensitive.push(bits.map(|(place, _)| 1 << place).sum());
            codebook.members.push(members.iter().map(|member| member.code.clone()).collect());
            codebook.names.push(name);
        }
        Ok(codebook)
    }

    /// The dimension of this name.
    #[must_use]
    pub fn column(&self, name: &ColumnName) -> Option<Column> {
        Column::ALL.into_iter().find(|column| column.name() == name.as_str())
    }

    /// The name of a dimension.
    #[must_use]
    pub fn name(&self, column: Column) -> Option<&ColumnName> {
        self.names.get(column as usize)
    }

    /// How many members a dimension has.
    #[must_use]
    pub fn size(&self, column: Column) -> usize {
        self.members.get(column as usize).map_or(0, Vec::len)
    }

    /// A member by its code.
    ///
    /// # Errors
    /// If there is none.
    pub fn lid(&self, column: Column, code: &str) -> anyhow::Result<Lid> {
        let place = self.members.get(column as usize).and_then(|of| of.iter().position(|one| one.as_str() == code));
        let place = place.with_context(|| format!("{} has no {code}", column.name()))?;
        Ok(Lid::try_from(place)?)
    }

    /// The code of a member.
    #[must_use]
    pub fn code(&self, column: Column, lid: Lid) -> Option<&MemberCode> {
        self.members.get(column as usize)?.get(usize::from(lid))
    }

    /// The bit of each member of a list; those that are none are left out.
    #[must_use]
    pub fn bits<'c>(&self, column: Column, codes: impl IntoIterator<Item = &'c MemberCode>) -> u64 {
        let bit = |code: &MemberCode| self.lid(column, code.as_str()).map_or(0, |lid| 1 << lid);
        codes.into_iter().map(bit).sum()
    }

    /// Whether all of some members are gevoelig.
    #[must_use]
    pub fn sensitive(&self, column: Column, bits: u64) -> bool {
        self.sensitive.get(column as usize).is_some_and(|sensitive| bits & !sensitive == 0)
    }
}

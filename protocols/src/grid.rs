//! The grid of a question: every cell its answer has, in canonical order. It follows from question and catalogue
//! alone, so which cells an answer has tells nothing about records.

use crate::{
    catalogue::{Catalogue, View},
    id::{ColumnName, MemberCode, Period},
    question::Question,
};

/// The axes of an answer of one node: the periods, then each dimension grouped by. Areas are not an axis: a node
/// answers for its own gemeente only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grid {
    periods: Vec<Period>,
    axes: Vec<Axis>,
}

/// A dimension of the grid with the members that are asked, by their place in the domain, in canonical order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Axis {
    /// The dimension.
    pub column: ColumnName,
    /// The members asked: their place in the domain and their code.
    pub members: Vec<(u8, MemberCode)>,
}

impl Grid {
    /// The grid of a question read with this catalogue; `None` if the question names what the catalogue lacks.
    #[must_use]
    pub fn of(question: &Question, catalogue: &Catalogue) -> Option<Self> {
        let view = catalogue.view(question.view().as_str())?;
        let axes =
            question.group_by().iter().map(|column| Axis::of(column, question, view)).collect::<Option<Vec<_>>>()?;
        Some(Self { periods: question.periods().iter().copied().collect(), axes })
    }

    /// The half-years, in order.
    #[must_use]
    pub fn periods(&self) -> &[Period] {
        &self.periods
    }

    /// The dimensions, in the view's order.
    #[must_use]
    pub fn axes(&self) -> &[Axis] {
        &self.axes
    }

    /// How many cells there are; `None` if more than can be counted.
    #[must_use]
    pub fn cells(&self) -> Option<usize> {
        self.axes.iter().try_fold(self.periods.len(), |cells, axis| cells.checked_mul(axis.members.len()))
    }

    /// The place of a cell: periods vary slowest, the last dimension fastest. `members` are places in the domains, in
    /// the order of the axes; `None` for a cell that was not asked.
    #[must_use]
    pub fn position(&self, period: Period, members: &[u8]) -> Option<usize> {
        let mut position = self.periods.iter().position(|asked| *asked == period)?;
        if members.len() != self.axes.len() {
            return None;
        }
        for (axis, member) in self.axes.iter().zip(members) {
            let place = axis.members.iter().position(|(index, _)| index == member)?;
            position = position.checked_mul(axis.members.len())?.checked_add(place)?;
        }
        Some(position)
    }

    /// The period and members of every cell, in canonical order.
    pub fn coordinates(&self) -> impl Iterator<Item = (Period, Vec<&MemberCode>)> {
        let per_period: usize = self.axes.iter().map(|axis| axis.members.len()).product();
        self.periods.iter().flat_map(move |period| (0..per_period).map(move |cell| (*period, self.members_at(cell))))
    }

    fn members_at(&self, mut cell: usize) -> Vec<&MemberCode> {
        let mut members: Vec<&MemberCode> = self
            .axes
            .iter()
            .rev()
            .filter_map(|axis| {
                let place = cell.checked_rem(axis.members.len())?;
                cell = cell.checked_div(axis.members.len())?;
                axis.members.get(place).map(|(_, code)| code)
            })
            .collect();
        members.reverse();
        members
    }
}

impl Axis {
    fn of(column: &ColumnName, question: &Question, view: &View) -> Option<Self> {
        let domain = view.dimension(column)?.domain();
        let filter = question.filters().get(column);
        let members = domain
            .members()
            .iter()
            .filter(|member| filter.is_none_or(|wanted| wanted.contains(&member.code)))
            .map(|member| Some((domain.index_of(member.code.as_str())?, member.code.clone())))
            .collect::<Option<Vec<_>>>()?;
        Some(Self { column: column.clone(), members })
    }
}

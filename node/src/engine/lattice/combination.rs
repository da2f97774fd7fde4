//! Which cells of a cube a row counts in: looked up by the combination of its members, one for each dimension.

use drempel_protocols::{id::ColumnName, lattice::Counting};

use super::CountError;

/// The cells of a cube by combination of members.
#[derive(Clone, Debug)]
pub(super) struct Combinations {
    /// The dimensions, each with how many members it has.
    axes: Vec<(ColumnName, usize)>,
    /// The places of the cells of all combinations, one combination after another.
    places: Vec<u32>,
    /// Where those of each combination begin, and where the last end.
    starts: Vec<usize>,
}

impl Combinations {
    pub(super) fn of(counting: &Counting) -> Result<Self, CountError> {
        let mut of_members = vec![vec![0usize]];
        for axis in &counting.axes {
            let with = |places: &Vec<usize>, nodes: &Vec<usize>| {
                places.iter().flat_map(|place| nodes.iter().map(move |node| place * axis.nodes + node)).collect()
            };
            of_members = of_members
                .iter()
                .flat_map(|places| axis.of_member.iter().map(move |nodes| with(places, nodes)))
                .collect();
        }
        let mut starts = vec![0];
        let mut places = Vec::new();
        for of_one in of_members {
            for place in of_one {
                places.push(u32::try_from(place).map_err(|_| CountError::TooMany)?);
            }
            starts.push(places.len());
        }
        let axes = counting.axes.iter().map(|axis| (axis.column.clone(), axis.of_member.len())).collect();
        Ok(Self { axes, places, starts })
    }

    /// How many combinations there are.
    pub(super) fn len(&self) -> usize {
        self.starts.len().saturating_sub(1)
    }

    /// The places of the cells of a combination.
    pub(super) fn places(&self, combination: usize) -> &[u32] {
        let bounds = self.starts.get(combination).zip(self.starts.get(combination + 1));
        bounds.and_then(|(from, to)| self.places.get(*from..*to)).unwrap_or_default()
    }

    /// The combination of each row, given the places of its members in each dimension.
    pub(super) fn of_rows<'c>(
        &self,
        rows: usize,
        codes_of: impl Fn(&ColumnName) -> Option<&'c [u8]>,
        found: &mut Vec<u32>,
    ) -> Result<(), CountError> {
        found.clear();
        found.resize(rows, 0);
        for (column, members) in &self.axes {
            let codes = codes_of(column).filter(|codes| codes.len() == rows).ok_or(CountError::Column)?;
            if codes.iter().max().is_some_and(|most| usize::from(*most) >= *members) {
                return Err(CountError::Member);
            }
            let members = u32::try_from(*members).map_err(|_| CountError::TooMany)?;
            for (combination, code) in found.iter_mut().zip(codes) {
                *combination = *combination * members + u32::from(*code);
            }
        }
        Ok(())
    }
}

//! The rows of a table to protect: `CELLS.csv`.

use std::collections::{BTreeMap, BTreeSet};

use drempel_protocols::sdc::table::{Rows, TOTAL};

use super::{ProtectError, spec::Spec};

/// The column that fixes a pattern.
const STATUS: &str = "status";

/// What rows say.
pub(super) struct Cells {
    dimensions: Vec<String>,
    rows: Rows,
    /// What is shown of cells, where a column of statuses fixes the pattern.
    said: Option<BTreeMap<Vec<String>, Option<u64>>>,
}

impl Cells {
    /// Reads rows whose first line names the columns. The dimensions come in the order of the columns.
    pub(super) fn parse(name: &str, content: &[u8], spec: &Spec) -> Result<Self, ProtectError> {
        let failed = |message: String| ProtectError::Cells(name.to_owned(), message);
        let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(content);
        let header = reader.headers().map_err(|_| failed("the first line cannot be read as CSV".to_owned()))?.clone();
        let place = |column: &str| {
            let missing = || failed(format!("there is no column `{column}`"));
            header.iter().position(|known| known == column).ok_or_else(missing)
        };
        let used = spec.used();
        let columns: BTreeSet<&str> = header.iter().collect();
        if columns.len() < header.len() {
            return Err(failed("two columns have the same name".to_owned()));
        }
        for column in &used {
            place(column)?;
        }
        let dimensions: Vec<String> = header.iter().filter(|column| used.contains(column)).map(str::to_owned).collect();
        let places = dimensions.iter().map(|column| place(column)).collect::<Result<Vec<_>, _>>()?;
        let counted = spec.persons.as_deref().or(spec.person.as_deref()).unwrap_or_default();
        let (counted, status) = (place(counted)?, place(STATUS).ok());

        let (mut counts, mut records, mut said) = (Vec::new(), Vec::new(), BTreeMap::new());
        let mut persons: BTreeMap<String, u64> = BTreeMap::new();
        for (row, record) in reader.records().enumerate() {
            let record = record.map_err(|_| failed(format!("row {} cannot be read as CSV", row + 1)))?;
            let field = |place: usize| record.get(place).unwrap_or_default();
            let members: Vec<String> = places.iter().map(|place| field(*place).to_owned()).collect();
            if let Some((blank, _)) = dimensions.iter().zip(&members).find(|(_, member)| member.is_empty()) {
                return Err(failed(format!("row {}: there is no {blank}", row + 1)));
            }
            if spec.person.is_some() && field(counted).is_empty() {
                return Err(failed(format!("row {}: there is no person", row + 1)));
            }
            let count =
                || field(counted).parse::<u64>().map_err(|_| failed(format!("row {}: persons is no count", row + 1)));
            if spec.person.is_some() {
                let next = persons.len() as u64;
                records.push((members, *persons.entry(field(counted).to_owned()).or_insert(next)));
                continue;
            }
            let Some(status) = status else {
                counts.push((members, count()?));
                continue;
            };
            let shown = match field(status) {
                "value" => Some(count()?),
                "hidden" => None,
                _ => return Err(failed(format!("row {}: status is `value` or `hidden`", row + 1))),
            };
            if said.insert(members, shown).is_some() {
                return Err(failed(format!("row {} is about a cell that an earlier row is about", row + 1)));
            }
        }
        let rows = if spec.person.is_some() { Rows::Records(records) } else { Rows::Counts(counts) };
        let fixed = status.is_some() && spec.persons.is_some();
        Ok(Self { dimensions, rows, said: fixed.then_some(said) })
    }

    /// The dimensions in the order of their columns.
    pub(super) fn dimensions(&self) -> Vec<&str> {
        self.dimensions.iter().map(String::as_str).collect()
    }

    pub(super) const fn rows(&self) -> &Rows {
        &self.rows
    }

    pub(super) const fn said(&self) -> Option<&BTreeMap<Vec<String>, Option<u64>>> {
        self.said.as_ref()
    }

    /// The members, and perhaps groups, that the rows have of a dimension.
    pub(super) fn members(&self, dimension: usize) -> BTreeSet<&str> {
        let (Rows::Counts(rows) | Rows::Records(rows)) = &self.rows;
        let of_rows = rows.iter().map(|(members, _)| members);
        let all = of_rows.chain(self.said.iter().flat_map(BTreeMap::keys));
        all.filter_map(|members| members.get(dimension)).map(String::as_str).filter(|member| *member != TOTAL).collect()
    }
}

//! An answer as CSV: a measure without a value is an empty field with its status beside it.

use crate::document::{AnswerDocument, bound_column, status_column};

/// The rows in CSV (RFC 4180), with `<m>_status` and `<m>_at_least` after each measure `<m>`.
///
/// # Errors
/// If a row cannot be written.
pub fn csv(answer: &AnswerDocument) -> Result<Vec<u8>, csv::Error> {
    let mut names = Vec::new();
    for column in &answer.columns {
        names.push(column.clone());
        if answer.measures.contains(column) {
            names.push(status_column(column));
            names.push(bound_column(column));
        }
    }
    let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    writer.write_record(&names)?;
    for row in &answer.rows {
        writer.write_record(names.iter().map(|name| match row.get(name) {
            Some(serde_json::Value::String(text)) => text.clone(),
            Some(serde_json::Value::Null) | None => String::new(),
            Some(other) => other.to_string(),
        }))?;
    }
    writer.into_inner().map_err(|error| error.into_error().into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::tests::answer;

    #[test]
    fn a_measure_without_value_is_empty_with_its_status() {
        let text = String::from_utf8(csv(&answer()).unwrap()).unwrap();
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[0], "groep,personen,personen_status,personen_at_least");
        assert_eq!(lines[1], "verblijf,12345,value,");
        assert_eq!(lines[2], "ambulant,,at_least,1240");
        assert_eq!(lines[3], "onbekend,,hidden,");
    }
}

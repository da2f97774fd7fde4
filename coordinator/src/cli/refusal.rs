//! Refusals for people: the line of the question with a mark under the place, why, and what to write instead.

use drempel_protocols::refusal::Refusal;

/// Every refusal of a question, each under the line it is about.
#[must_use]
pub fn refusals(refusals: &[Refusal], sql: &str) -> String {
    let mut text = String::new();
    for refusal in refusals {
        let place = refusal.position.and_then(|position| {
            let nth = |number: u64| usize::try_from(number.saturating_sub(1)).ok();
            Some((position, sql.lines().nth(nth(position.line)?)?, nth(position.column)?))
        });
        if let Some((position, line, column)) = place {
            // Tabs stay tabs, so that the mark stands under its place.
            let indent: String = line.chars().take(column).map(|c| if c == '\t' { '\t' } else { ' ' }).collect();
            text.push_str(&format!("\n  {line}\n  {indent}^ line {}, column {}\n", position.line, position.column));
        } else {
            text.push('\n');
        }
        text.push_str(&format!("  {}\n  {}\n", refusal.reason, refusal.remedy));
    }
    text
}

#[cfg(test)]
mod tests {
    use drempel_protocols::refusal::{Position, RefusalCode};

    use super::*;

    #[test]
    fn the_mark_stands_under_the_place() {
        let refusal = |position| Refusal {
            code: RefusalCode::UnknownColumn,
            position,
            reason: "There is no column naam.".to_owned(),
            remedy: "Use groep.".to_owned(),
        };
        let sql = "SELECT groep,\n       naam FROM jeugdhulp";
        let text = refusals(&[refusal(Some(Position { line: 2, column: 8 })), refusal(None)], sql);
        assert_eq!(
            text,
            "\n         naam FROM jeugdhulp\n         ^ line 2, column 8\n  There is no column naam.\n  Use groep.\n\
             \n  There is no column naam.\n  Use groep.\n"
        );
        assert!(refusals(&[refusal(Some(Position { line: 99, column: 99 }))], sql).contains("Use groep."));
    }
}

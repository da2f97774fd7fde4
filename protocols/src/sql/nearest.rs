//! Suggestions: the known name nearest to a mistaken one. They only word a refusal; nothing is ever corrected.

/// Longest text a suggestion is looked for, which bounds the work that mistakes can cause.
const LONGEST: usize = 64;
/// Most names that a remedy lists.
const MOST_LISTED: usize = 12;

/// The name with the fewest edits from a text, if it is close enough to be meant.
pub(super) fn nearest<'a, T>(text: &str, names: impl Iterator<Item = (&'a str, T)>) -> Option<T> {
    let text: Vec<char> = text.to_lowercase().chars().collect();
    if text.len() > LONGEST {
        return None;
    }
    let enough = (text.len() / 3).clamp(1, 3);
    names
        .filter_map(|(name, value)| Some((edits(&text, name, enough)?, value)))
        .min_by_key(|(edits, _)| *edits)
        .map(|(_, value)| value)
}

/// The names in a sentence; only the first of very many.
pub(super) fn listed<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let mut names: Vec<&str> = names.collect();
    let more = names.len().saturating_sub(MOST_LISTED);
    names.truncate(MOST_LISTED);
    let listed = names.join(", ");
    if more > 0 { format!("{listed} and {more} more") } else { listed }
}

/// The edits from one text to another (Levenshtein), if at most `enough`.
fn edits(text: &[char], name: &str, enough: usize) -> Option<usize> {
    let name: Vec<char> = name.to_lowercase().chars().collect();
    if name.len().abs_diff(text.len()) > enough {
        return None;
    }
    let mut row: Vec<usize> = (0..=name.len()).collect();
    for (line, wanted) in text.iter().enumerate() {
        let mut diagonal = line;
        let mut left = line.saturating_add(1);
        if let Some(first) = row.first_mut() {
            *first = left;
        }
        for (above, found) in row.iter_mut().skip(1).zip(&name) {
            let substituted = diagonal.saturating_add(usize::from(wanted != found));
            diagonal = *above;
            left = substituted.min(above.saturating_add(1)).min(left.saturating_add(1));
            *above = left;
        }
    }
    row.last().copied().filter(|edits| *edits <= enough)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_name_is_found_if_near() {
        let among = |text: &str| nearest(text, ["categorie", "groep", "geslacht"].into_iter().map(|name| (name, name)));
        assert_eq!(among("catagorie"), Some("categorie"));
        assert_eq!(among("Groep"), Some("groep"));
        assert_eq!(among("geslagt"), Some("geslacht"));
        assert_eq!(among("bsn"), None);
        assert_eq!(among(&"g".repeat(10_000)), None);
    }

    #[test]
    fn edits_are_counted() {
        let count = |a: &str, b: &str| edits(&a.chars().collect::<Vec<_>>(), b, 9);
        assert_eq!(count("", "abc"), Some(3));
        assert_eq!(count("kitten", "sitting"), Some(3));
        assert_eq!(count("abc", "abc"), Some(0));
        assert_eq!(count("abc", "cab"), Some(2));
    }
}

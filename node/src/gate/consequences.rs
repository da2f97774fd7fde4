//! What a change of policy would do: which questions that were asked would be refused by it.

use drempel_protocols::{catalogue::Catalogue, id::Gemeentecode, policy::Policy, sql};

use super::admit;
use crate::audit::Asked;

/// Of these questions those that one policy admits and another refuses. What the catalogue no longer has is in neither.
pub fn refused_by_change<'a>(
    asked: impl IntoIterator<Item = &'a Asked>,
    catalogue: &Catalogue,
    gemeente: Gemeentecode,
    (before, after): (&Policy, &Policy),
) -> Vec<&'a Asked> {
    let is_refused = |asked: &&Asked| {
        let (Some(sql), Some(purpose)) = (&asked.sql, &asked.purpose) else { return false };
        let Ok((question, _)) = sql::read(sql, catalogue, purpose) else { return false };
        let admits = |policy: &Policy| admit(&question, purpose, gemeente, catalogue, policy).is_ok();
        admits(before) && !admits(after)
    };
    asked.into_iter().filter(is_refused).collect()
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, path::Path};

    use drempel_protocols::catalogue::SignedBundle;
    use jiff::Timestamp;

    use super::*;
    use crate::audit::Became;

    #[test]
    fn only_what_was_answered_and_would_not_be_is_named() {
        let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../config/catalogus"));
        let catalogue = Catalogue::from_bundle(SignedBundle::read(folder).unwrap().bundle()).unwrap();
        let asked = |record, sql: Option<&str>| Asked {
            record,
            time: Timestamp::UNIX_EPOCH,
            question: None,
            peer: "00000099000000099999".parse().unwrap(),
            asker: None,
            purpose: Some("landelijke-monitor".parse().unwrap()),
            sql: sql.map(str::to_owned),
            became: Became::Answered,
            problem: None,
        };
        let of = |columns: &str| {
            format!("SELECT {columns}, COUNT(*) FROM jeugdhulp WHERE periode = '2025H2' GROUP BY {columns}")
        };
        let all = [
            asked(1, Some(&of("hoofdgroep, verwijzer_groep"))),
            asked(2, Some(&of("groep"))),
            asked(3, Some("SELECT nothing")),
            asked(4, None),
        ];
        let (before, cube) = (Policy::constants(), "hoofdgroep-verwijzer".parse().unwrap());
        let after = before.declining(BTreeSet::from([cube]), BTreeSet::new());
        let gemeente = "GM0014".parse().unwrap();
        let refused = |change| {
            let refused = refused_by_change(&all, &catalogue, gemeente, change);
            refused.into_iter().map(|asked| asked.record).collect::<Vec<_>>()
        };
        assert_eq!(refused((&before, &after)), [1]);
        assert_eq!(refused((&after, &after)), [0; 0], "refused before as well");
        assert_eq!(refused((&after, &before)), [0; 0]);
        let purpose = before.declining(BTreeSet::new(), BTreeSet::from(["landelijke-monitor".parse().unwrap()]));
        assert_eq!(refused((&before, &purpose)), [1, 2]);
    }
}

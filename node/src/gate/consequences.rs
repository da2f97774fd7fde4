//! What a change of policy or catalogue would do: which questions that were asked would be refused by it.

use drempel_protocols::{catalogue::Catalogue, id::Gemeentecode, policy::Policy, sql};

use super::admit;
use crate::audit::Asked;

/// What a question is admitted by.
#[derive(Clone, Copy, Debug)]
pub struct Under<'u> {
    /// The catalogue.
    pub catalogue: &'u Catalogue,
    /// The policy.
    pub policy: &'u Policy,
}

impl Under<'_> {
    fn admits(&self, asked: &Asked, gemeente: Gemeentecode) -> bool {
        let (Some(sql), Some(purpose)) = (&asked.sql, &asked.purpose) else { return false };
        let read = sql::read(sql, self.catalogue, purpose);
        read.is_ok_and(|(question, _)| admit(&question, purpose, gemeente, self.catalogue, self.policy).is_ok())
    }
}

/// Of these questions those that would be admitted before a change, and refused after it.
pub fn refused_by_change<'a>(
    asked: impl IntoIterator<Item = &'a Asked>,
    gemeente: Gemeentecode,
    (before, after): (Under<'_>, Under<'_>),
) -> Vec<&'a Asked> {
    let is_refused = |asked: &&Asked| before.admits(asked, gemeente) && !after.admits(asked, gemeente);
    asked.into_iter().filter(is_refused).collect()
}

#[cfg(test)]
mod tests {
    use std::{
        collections::{BTreeMap, BTreeSet},
        path::Path,
    };

    use drempel_protocols::catalogue::{Bundle, SignedBundle};
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
        let refused = |(before, after): (&Policy, &Policy)| {
            let of = |policy| Under { catalogue: &catalogue, policy };
            let refused = refused_by_change(&all, gemeente, (of(before), of(after)));
            refused.into_iter().map(|asked| asked.record).collect::<Vec<_>>()
        };
        assert_eq!(refused((&before, &after)), [1]);
        assert_eq!(refused((&after, &after)), [0; 0], "refused before as well");
        assert_eq!(refused((&after, &before)), [0; 0]);
        let purpose = before.declining(BTreeSet::new(), BTreeSet::from(["landelijke-monitor".parse().unwrap()]));
        assert_eq!(refused((&before, &purpose)), [1, 2]);
        let mut files: BTreeMap<String, String> = SignedBundle::read(folder)
            .unwrap()
            .bundle()
            .files()
            .map(|(name, text)| (name.into(), text.into()))
            .collect();
        let cubes = files.get_mut("kubussen.toml").unwrap();
        let kept = cubes.split("[[kubus]]").filter(|cube| !cube.contains("naam = \"hoofdgroep-verwijzer\""));
        *cubes = kept.collect::<Vec<_>>().join("[[kubus]]");
        let fewer = Catalogue::from_bundle(&Bundle::from_files(files)).unwrap();
        let of = |catalogue| Under { catalogue, policy: &before };
        let refused = |from, to| {
            let refused = refused_by_change(&all, gemeente, (of(from), of(to)));
            refused.into_iter().map(|asked| asked.record).collect::<Vec<_>>()
        };
        assert_eq!((refused(&catalogue, &fewer), refused(&fewer, &catalogue)), (vec![1], vec![]));
    }
}

//! What a bundle excludes: members of dimensions of one view, or all members but those.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use crate::{
    catalogue::{Exclusion, Holds, View},
    id::{ColumnName, MemberCode},
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawExclusion {
    #[serde(rename = "waarom")]
    _why: String,
    geldt: Holds,
    #[serde(default)]
    leden: BTreeMap<ColumnName, BTreeSet<MemberCode>>,
    #[serde(default)]
    andere_dan: BTreeMap<ColumnName, BTreeSet<MemberCode>>,
}

impl RawExclusion {
    pub(super) fn build(self, view: &View, problems: &mut Vec<String>) -> Option<Exclusion> {
        let mut members = BTreeMap::new();
        let mut wrong = |what: String| problems.push(format!("weergaven.toml: {}.uitgesloten: {what}", view.name()));
        let named = self.leden.into_iter().map(|named| (named, false));
        for ((column, codes), others) in named.chain(self.andere_dan.into_iter().map(|named| (named, true))) {
            let Some(dimension) = view.dimension(&column).filter(|dimension| dimension.grouping().is_none()) else {
                wrong(format!("{column} is no dimension of it, or follows from another"));
                continue;
            };
            let all = || dimension.domain().members().iter().map(|member| member.code.clone());
            if let Some(unknown) = codes.iter().find(|code| dimension.domain().index_of(code.as_str()).is_none()) {
                wrong(format!("{column} does not have {unknown}"));
            }
            let excluded: BTreeSet<MemberCode> = all().filter(|code| codes.contains(code) != others).collect();
            if excluded.is_empty() || excluded.len() == all().count() {
                wrong(format!("{column} excludes all of its members or none"));
            }
            if members.insert(column.clone(), excluded).is_some() {
                wrong(format!("{column} is there twice"));
            }
        }
        if members.is_empty() {
            wrong("names no dimension".to_owned());
        }
        Some(Exclusion { members, holds: self.geldt }).filter(|exclusion| !exclusion.members.is_empty())
    }
}

//! What must hold for every text read as a question, shared by the fuzz target and by the test that runs its corpus.

use std::collections::BTreeMap;

use drempel_protocols::{
    catalogue::{Bundle, Catalogue},
    sql,
};

/// The registered catalogue.
pub(crate) fn catalogue() -> Catalogue {
    let files = [
        ("catalogus.toml", include_str!("../../config/catalogus/catalogus.toml")),
        ("weergaven.toml", include_str!("../../config/catalogus/weergaven.toml")),
        ("definities.toml", include_str!("../../config/catalogus/definities.toml")),
        ("doelen.toml", include_str!("../../config/catalogus/doelen.toml")),
        ("kubussen.toml", include_str!("../../config/catalogus/kubussen.toml")),
        ("gebieden.toml", include_str!("../../config/catalogus/gebieden.toml")),
    ];
    let files: BTreeMap<String, String> =
        files.into_iter().map(|(name, text)| (name.to_owned(), text.to_owned())).collect();
    Catalogue::from_bundle(&Bundle::from_files(files)).unwrap_or_else(|error| unreachable!("{error}"))
}

/// Reading never panics; an accepted question survives its canonical text; every refusal says what to do and points
/// into the text.
pub(crate) fn check(catalogue: &Catalogue, data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    for purpose in catalogue.purposes() {
        match sql::read(&text, catalogue, &purpose.id) {
            Ok((question, presentation)) => {
                let canonical = sql::render(&question);
                let again = sql::read(&canonical, catalogue, &purpose.id);
                assert_eq!(again.as_ref().map(|(question, _)| question), Ok(&question), "{canonical}");
                assert_eq!(sql::render(&question), canonical);
                assert!(presentation.order_by.iter().all(|key| key.column < presentation.columns.len()));
            }
            Err(refusals) => {
                assert!((1..=32).contains(&refusals.len()));
                for refusal in refusals {
                    assert!(!refusal.reason.is_empty() && !refusal.remedy.is_empty(), "{refusal}");
                    assert!(refusal.to_string().len() < 4096, "{refusal}");
                    if let Some(position) = refusal.position {
                        let line = usize::try_from(position.line).ok().and_then(|line| text.split('\n').nth(line - 1));
                        let length = line.map(|line| line.chars().count() as u64);
                        assert!(length.is_some_and(|length| position.column <= length + 1), "{refusal}");
                    }
                }
            }
        }
    }
}

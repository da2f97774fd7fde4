//! Lines of an Authorization Decision Log: for each question of the log whether it was admitted, as an evaluation of AuthZEN,
//! under which policy, and its place in the trace. The subject is the organisation that asked; no person is in it.

use drempel_protocols::catalogue::Catalogue;
use serde_json::{Map, Value, json};

use crate::{
    audit::{Became, Verwerking},
    config::Config,
    dataverwerking::{organisatie, verwerkingsactiviteit},
};

/// The decision on a question.
#[must_use]
pub fn besluit(verwerking: &Verwerking, config: &Config, catalogue: &Catalogue) -> Value {
    let asked = filled([
        ("vraag_id", verwerking.question.map(|question| json!(question))),
        ("vraag", verwerking.sql.as_ref().map(|sql| json!(sql))),
    ]);
    let action = filled([(
        "dpl.core.processing_activity_id",
        verwerkingsactiviteit(verwerking, catalogue).map(|activiteit| json!(activiteit)),
    )]);
    let context = filled([
        ("time", Some(json!(verwerking.began))),
        ("traceparent", verwerking.parent.map(|parent| json!(parent))),
    ]);
    // What failed or was withdrawn later had been admitted.
    let is_refused = verwerking.became == Became::Refused;
    let reason = filled([("reason", verwerking.problem.filter(|_| is_refused).map(|problem| json!(problem)))]);
    let mut response = Map::from_iter([("decision".to_owned(), json!(!is_refused))]);
    if !reason.is_empty() {
        response.insert("context".to_owned(), reason.into());
    }
    let policies = verwerking
        .admitted
        .as_ref()
        .map(|admitted| json!({ "beleid": admitted.policy, "catalogus": admitted.catalogue }));
    filled([
        ("timestamp", Some(json!(verwerking.began))),
        ("type", Some(json!("access_evaluation"))),
        (
            "request",
            Some(json!({
                "subject": { "type": "organisatie", "id": organisatie(&verwerking.peer) },
                "action": { "name": "vragen", "properties": action },
                "resource": { "type": "knooppunt", "id": organisatie(&config.oin), "properties": asked },
                "context": context,
            })),
        ),
        ("response", Some(response.into())),
        ("trace_id", Some(json!(verwerking.trace))),
        ("span_id", Some(json!(verwerking.span))),
        ("transaction_id", verwerking.transaction.map(|transaction| json!(transaction))),
        ("policies", policies),
    ])
    .into()
}

/// What there is something to say of.
fn filled<const N: usize>(fields: [(&str, Option<Value>); N]) -> Map<String, Value> {
    fields.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?))).collect()
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use drempel_protocols::{catalogue::SignedBundle, problem::ProblemType};

    use super::*;
    use crate::{audit::verwerking, config::EXAMPLE};

    #[test]
    fn what_failed_or_was_withdrawn_had_been_admitted() {
        let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../config/catalogus"));
        let catalogue = Catalogue::from_bundle(SignedBundle::read(folder).unwrap().bundle()).unwrap();
        let text = EXAMPLE.replace("{gemeente}", "GM0014").replace("{oin}", "00000099000000000014");
        let config = Config::parse(&text).unwrap();
        for (became, problem, reason) in [
            (Became::Running, None, None),
            (Became::Answered, None, None),
            (Became::Failed, Some(ProblemType::Failed), None),
            (Became::Withdrawn, None, None),
            (Became::Refused, Some(ProblemType::Stale), Some(ProblemType::Stale.urn())),
        ] {
            let besluit = besluit(&verwerking(became, problem), &config, &catalogue);
            assert_eq!(besluit["response"]["decision"], reason.is_none(), "{became:?}");
            assert_eq!(besluit["response"]["context"]["reason"].as_str(), reason, "{became:?}");
            assert_eq!(besluit["policies"]["beleid"].is_string(), reason.is_none(), "{became:?}");
            assert_eq!(besluit["request"]["resource"]["id"], "urn:oin:00000099000000000014");
        }
    }
}

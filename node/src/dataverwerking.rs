//! Logregels of the standard Logboek Dataverwerkingen, in the JSON of OTLP: for each question of the log one request to export
//! one span, so that any logboek that speaks OTLP takes them as they are. Nothing is sampled away.
//!
//! There is no `dpl.core.data_subject_id` in them. A question is a count over all that a gemeente has of a half-year, looked up
//! in a release; no betrokkene is picked out by it, and a line for each would make the logboek a second copy of who has help.
//! The standard lets a line name none. What a line has instead is the text of the question, in which the columns stand. Who
//! asks is an organisation, by its OIN: the name of the person, which the log has, is not known here.

use drempel_protocols::{
    catalogue::Catalogue,
    id::{Digest, Oin},
};
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::{
    audit::{Became, Verwerking},
    config::Config,
};

/// A server's side of a request, in OTLP.
const SERVER: u8 = 2;

/// An organisation as the standards name it.
#[must_use]
pub fn organisatie(oin: &Oin) -> String {
    format!("urn:oin:{oin}")
}

/// The register entry that a question is part of; none of a question that was refused for a purpose that is not registered:
/// nothing was processed for it.
#[must_use]
pub fn verwerkingsactiviteit<'v>(verwerking: &'v Verwerking, catalogue: &'v Catalogue) -> Option<&'v str> {
    let purpose = || catalogue.purpose(verwerking.purpose.as_ref()?);
    let admitted = verwerking.admitted.as_ref().map(|admitted| admitted.verwerkingsactiviteit.as_str());
    admitted.or_else(|| Some(purpose()?.verwerkingsactiviteit.as_str()))
}

/// A question as an `ExportTraceServiceRequest`.
#[must_use]
pub fn logregel(verwerking: &Verwerking, config: &Config, catalogue: &Catalogue) -> Value {
    let software = verwerking.software.as_deref().unwrap_or_default();
    let resource = [
        text("service.name", Some("drempel-node")),
        text("service.version", Some(software)),
        text("drempel.organisatie", Some(&organisatie(&config.oin))),
        text("drempel.gemeente", Some(&config.gemeente.to_string())),
    ];
    json!({ "resourceSpans": [{
        "resource": { "attributes": resource },
        "scopeSpans": [{
            "scope": { "name": "drempel-node", "version": software },
            "spans": [span(verwerking, catalogue)],
        }],
    }] })
}

fn span(verwerking: &Verwerking, catalogue: &Catalogue) -> Value {
    let admitted = verwerking.admitted.as_ref();
    let digest = |of: Option<Digest>| of.map(|digest| digest.to_string());
    let attributes: Vec<Value> = [
        text("dpl.core.processing_activity_id", verwerkingsactiviteit(verwerking, catalogue)),
        text("dpl.core.foreign_operation.processor", Some(&organisatie(&verwerking.peer))),
        text("exception.type", verwerking.problem().map(|problem| problem.urn())),
        text("exception.message", verwerking.problem().map(|problem| problem.title())),
        text("drempel.vraag_id", verwerking.question.map(|question| question.to_string()).as_deref()),
        text("drempel.vraag", verwerking.sql.as_deref()),
        text("drempel.vraag_kenmerk", digest(admitted.map(|admitted| admitted.question)).as_deref()),
        text("drempel.catalogus", digest(admitted.map(|admitted| admitted.catalogue)).as_deref()),
        text("drempel.beleid", digest(admitted.map(|admitted| admitted.policy)).as_deref()),
        text("fsc.transaction_id", verwerking.transaction.map(|transaction| transaction.to_string()).as_deref()),
        Some(json!({ "key": "drempel.record", "value": { "intValue": verwerking.record.to_string() } })),
    ]
    .into_iter()
    .flatten()
    .collect();
    let mut span = json!({
        "traceId": verwerking.trace,
        "spanId": verwerking.span,
        "name": "vraag",
        "kind": SERVER,
        "startTimeUnixNano": nanoseconds(verwerking.began),
        "endTimeUnixNano": nanoseconds(verwerking.ended.unwrap_or(verwerking.began)),
        "attributes": attributes,
        "status": status(verwerking),
    });
    if let (Some(parent), Some(fields)) = (verwerking.parent, span.as_object_mut()) {
        fields.insert("parentSpanId".to_owned(), parent.span().to_string().into());
    }
    span
}

/// Unset while it runs.
fn status(verwerking: &Verwerking) -> Value {
    match (verwerking.became, verwerking.problem()) {
        (Became::Answered, _) => json!({ "code": 1 }),
        (_, Some(problem)) => json!({ "code": 2, "message": problem.title() }),
        (_, None) => json!({}),
    }
}

/// An attribute, where there is something to say.
fn text(key: &str, value: Option<&str>) -> Option<Value> {
    value.map(|value| json!({ "key": key, "value": { "stringValue": value } }))
}

fn nanoseconds(time: Timestamp) -> String {
    time.as_nanosecond().to_string()
}

#[cfg(test)]
mod tests {
    use drempel_protocols::problem::ProblemType;

    use super::*;
    use crate::audit::verwerking;

    #[test]
    fn a_status_says_whether_an_answer_left_and_nothing_while_it_runs() {
        let (failed, cancelled) = (ProblemType::Failed, ProblemType::Cancelled);
        let error = |problem: ProblemType| json!({ "code": 2, "message": problem.title() });
        for (became, problem, expected) in [
            (Became::Running, None, json!({})),
            (Became::Answered, None, json!({ "code": 1 })),
            (Became::Failed, Some(failed), error(failed)),
            (Became::Refused, Some(ProblemType::Stale), error(ProblemType::Stale)),
            (Became::Withdrawn, None, error(cancelled)),
        ] {
            assert_eq!(status(&verwerking(became, problem)), expected, "{became:?}");
        }
    }
}

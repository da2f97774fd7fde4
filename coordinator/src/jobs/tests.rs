use std::sync::atomic::Ordering;

use drempel_protocols::cell::Cell;

use super::*;
use crate::{
    dispatch::{
        LinkError,
        tests::{Act, FakeLink},
    },
    document::Shown,
    fixture::{analyst, app},
};

fn request(partial: bool) -> Request {
    Request {
        vraag: "SELECT COUNT(*) AS n FROM jeugdhulp WHERE periode = '2025H1'".to_owned(),
        doel: "landelijke-monitor".parse().unwrap(),
        gedeeltelijk: partial,
    }
}

fn one_down() -> Arc<FakeLink> {
    FakeLink::new(1, |node, _| match node.gemeente.to_string().as_str() {
        "GM0034" => Act::Fail(LinkError::Unreachable("connection refused".to_owned())),
        _ => Act::Answer(Cell::Value(10)),
    })
}

async fn ended(jobs: &Arc<Jobs>, request: &Request) -> (Job, Parts) {
    let anna = analyst("anna", "landelijke-monitor");
    let id = jobs.submit(&anna, request, None, Trail::default()).await.unwrap();
    jobs.wait(id, Duration::from_secs(10)).await;
    jobs.state(&anna, id).await.unwrap().unwrap()
}

#[tokio::test]
async fn an_incomplete_answer_is_kept_back_unless_it_is_asked_for() {
    let app = app(&one_down());
    let (job, parts) = ended(&app.jobs, &request(false)).await;
    assert_eq!(job.status, Status::Onvolledig);
    let missing: Gemeentecode = "GM0034".parse().unwrap();
    assert_eq!(parts[&missing], (crate::registry::State::Onbereikbaar, Some("connection refused".to_owned())));

    let (job, _) = ended(&app.jobs, &request(true)).await;
    assert_eq!(job.status, Status::Klaar);
    let answer = app.jobs.answer(job.id).await.unwrap().unwrap();
    assert_eq!(answer.rows[0].measure("n"), Shown::AtLeast(20));
    assert_eq!(answer.coverage.unreachable[0].gemeente, missing);
    assert_eq!(app.registry.last_seen(missing).unwrap().state, crate::registry::State::Onbereikbaar);
}

#[tokio::test]
async fn cancelling_withdraws_the_question_at_every_node() {
    let link = FakeLink::new(1, |_, _| Act::Hang);
    let app = app(&link);
    let anna = analyst("anna", "landelijke-monitor");
    let id = app.jobs.submit(&anna, &request(false), None, Trail::default()).await.unwrap();
    tokio::time::sleep(Duration::from_millis(100)).await;
    app.jobs.cancel(id).await;
    let (job, parts) = app.jobs.state(&anna, id).await.unwrap().unwrap();
    assert_eq!(job.status, Status::Geannuleerd);
    assert!(parts.values().all(|(state, _)| *state == crate::registry::State::Gevraagd));
    assert_eq!(link.withdrawn.load(Ordering::SeqCst), 3);
}

#[tokio::test]
async fn stopping_stores_that_what_ran_has_failed() {
    let app = app(&FakeLink::new(1, |_, _| Act::Hang));
    let anna = analyst("anna", "landelijke-monitor");
    let id = app.jobs.submit(&anna, &request(false), None, Trail::default()).await.unwrap();
    app.jobs.stop().await;
    assert_eq!(app.jobs.state(&anna, id).await.unwrap().unwrap().0.status, Status::Mislukt);
}

#[tokio::test]
async fn an_analyst_has_so_many_under_way() {
    let app = app(&FakeLink::new(1, |_, _| Act::Hang));
    let anna = analyst("anna", "landelijke-monitor");
    for _ in 0..2 {
        app.jobs.submit(&anna, &request(false), None, Trail::default()).await.unwrap();
    }
    assert!(matches!(app.jobs.submit(&anna, &request(false), None, Trail::default()).await, Err(SubmitError::Busy)));
    let carla = analyst("carla", "landelijke-monitor");
    assert!(app.jobs.submit(&carla, &request(false), None, Trail::default()).await.is_ok());
}

#[tokio::test]
async fn nobody_to_ask_is_a_refusal() {
    let app = app(&one_down());
    let request = Request {
        vraag: "SELECT COUNT(*) FROM jeugdhulp WHERE periode = '2025H1' AND gemeente = 'GM0363'".to_owned(),
        ..request(false)
    };
    let refused = app.jobs.prepare(&analyst("anna", "landelijke-monitor"), &request);
    assert!(matches!(refused, Err(SubmitError::Refused(refusals)) if refusals[0].reason.contains("takes part")));
}

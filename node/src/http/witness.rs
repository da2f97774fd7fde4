//! The log on its way to witnesses and back: this node's own, offered and taken back cosigned, and that of another gemeente,
//! to be cosigned here. Nothing of it holds up a question.

use std::sync::Arc;

use axum::{
    body::Bytes,
    extract::{
        Query, State,
        rejection::{BytesRejection, QueryRejection},
    },
    http::{StatusCode, header},
    response::{IntoResponse as _, Response},
};
use drempel_protocols::{
    log::{Relayed, Testimony},
    problem::ProblemType,
};
use serde::Deserialize;
use tokio::sync::Semaphore;

use super::problem::Refused;
use crate::{
    app::Node,
    witness::{Unkept, WitnessError},
};

/// Which part of the log is offered.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Since {
    #[serde(default)]
    sinds: u64,
    tot: Option<u64>,
}

/// The log since so many records.
pub(super) async fn offer(
    State(node): State<Arc<Node>>,
    since: Result<Query<Since>, QueryRejection>,
) -> Result<Response, Refused> {
    let Ok(Query(Since { sinds, tot })) = since else { return Err(Refused::of(ProblemType::Malformed)) };
    let offer = one_of_few(&node, move |node| node.audit.offer(sinds, tot)).await?;
    let offer = offer.ok_or_else(|| Refused::of(ProblemType::Conflict))?;
    Ok(([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], offer.to_string()).into_response())
}

/// The log of another, which is cosigned here or not.
pub(super) async fn testify(
    State(node): State<Arc<Node>>,
    body: Result<Bytes, BytesRejection>,
) -> Result<axum::Json<Testimony>, Refused> {
    let body = read(body)?;
    let relayed: Relayed = serde_json::from_slice(&body).map_err(|_| Refused::of(ProblemType::Malformed))?;
    let witness = move |node: &Node| node.witness.testify(&relayed, node.clock.now());
    match one_of_few(&node, witness).await? {
        Ok(testimony) => Ok(axum::Json(testimony)),
        Err(WitnessError::Offer(_) | WitnessError::NotAnother) => Err(Refused::of(ProblemType::Malformed)),
        Err(error) => {
            tracing::error!(%error, "the log of another cannot be cosigned");
            Err(Refused::of(ProblemType::Unavailable))
        }
    }
}

/// The own log, cosigned.
pub(super) async fn keep(
    State(node): State<Arc<Node>>,
    body: Result<Bytes, BytesRejection>,
) -> Result<StatusCode, Refused> {
    let body = read(body)?;
    let cosigned = String::from_utf8(body.to_vec()).map_err(|_| Refused::of(ProblemType::Malformed))?;
    let keep = move |node: &Node| node.witness.keep(&cosigned, &node.audit, &node.config.getuigen, node.clock.now());
    match one_of_few(&node, keep).await? {
        Ok(_) => Ok(StatusCode::NO_CONTENT),
        Err(error) => {
            let kind = match &error {
                Unkept::Checkpoint(_) | Unkept::Nobody => ProblemType::Signature,
                Unkept::Contradicted { .. } => ProblemType::Conflict,
                Unkept::Store(_) => ProblemType::Unavailable,
            };
            match kind {
                ProblemType::Signature => tracing::warn!(%error, "a cosigned log was not kept"),
                // The officer has been told.
                ProblemType::Conflict => {}
                _ => tracing::error!(%error, "a cosigned log was not kept"),
            }
            Err(Refused::of(kind))
        }
    }
}

fn read(body: Result<Bytes, BytesRejection>) -> Result<Bytes, Refused> {
    body.map_err(|rejection| match rejection.status() {
        StatusCode::PAYLOAD_TOO_LARGE => Refused::of(ProblemType::TooLarge),
        _ => Refused::of(ProblemType::Malformed),
    })
}

/// Does what waits for the disk or for the log, off the threads that serve requests, and never more than a few at once: its
/// place is free again when it is done, also if nobody waits for that any more.
async fn one_of_few<T: Send + 'static>(
    node: &Arc<Node>,
    work: impl FnOnce(&Node) -> T + Send + 'static,
) -> Result<T, Refused> {
    let (places, node) = (Arc::clone(&node.witnessing), Arc::clone(node));
    one_of(places, move || work(&node)).await
}

async fn one_of<T: Send + 'static>(
    places: Arc<Semaphore>,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Refused> {
    let place = places.try_acquire_owned().map_err(|_| Refused::of(ProblemType::Busy))?;
    let held = move || {
        let _place = place;
        work()
    };
    tokio::task::spawn_blocking(held).await.map_err(|_| Refused::of(ProblemType::Failed))
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    #[tokio::test]
    async fn work_keeps_its_place_when_nobody_waits_for_it_any_more() {
        let places = Arc::new(Semaphore::new(1));
        let (finish, finished) = mpsc::channel::<()>();
        let (begin, mut begun) = tokio::sync::mpsc::unbounded_channel();
        let (of, done) = (Arc::clone(&places), tokio::sync::oneshot::channel());
        let asked = tokio::spawn(async move {
            let work = move || {
                begin.send(()).unwrap();
                finished.recv().unwrap();
                done.0.send(()).unwrap();
            };
            drop(one_of(of, work).await);
        });
        begun.recv().await.unwrap();
        // The peer goes away.
        asked.abort();
        assert!(asked.await.unwrap_err().is_cancelled());
        let Err(refused) = one_of(Arc::clone(&places), || ()).await else { panic!("there was a place") };
        assert_eq!(refused.into_response().status().as_u16(), ProblemType::Busy.status());
        finish.send(()).unwrap();
        done.1.await.unwrap();
        let place = Arc::clone(&places).acquire_owned().await.unwrap();
        drop(place);
        assert!(one_of(Arc::clone(&places), || ()).await.is_ok());
    }
}

//! Puts one question to many nodes: never more than so many at a time, never longer than the deadline, with one
//! retry of the very same signed bytes. What comes back is checked against the question before it counts; whatever
//! goes wrong at one node stays with that node and is named.

mod check;
mod https;
mod link;

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use drempel_protocols::{
    answer::{Answer, LoggedAnswer},
    catalogue::Measure,
    clock::Clock,
    id::{Digest, Gemeentecode, PurposeId, QuestionId},
    message::{Ask, LIFE, SignedAsk},
    trace::{Traceparent, Trail, TransactionId},
};
use ring::signature::Ed25519KeyPair;
use tokio::{
    sync::Semaphore,
    task::JoinSet,
    time::{Instant, timeout, timeout_at},
};

pub use self::{
    check::Unusable,
    https::{HttpsLink, LinkSetupError},
    link::{LinkError, LogLink, NodeLink, Reply},
};
use crate::registry::{Node, State};

/// How long to wait before the one retry.
const PAUSE: Duration = Duration::from_millis(250);

/// How long a question may take at all nodes together. Less than [`LIFE`], so that no node is asked under an id that
/// is no longer fresh: what still waits for a place by then is late.
const WHOLE: Duration = Duration::from_secs(4 * 60);

/// A question as it is put to every node alike.
#[derive(Clone, Debug)]
pub struct Asking {
    /// The id, the same at every node.
    pub id: QuestionId,
    /// Who asks.
    pub asker: String,
    /// What for.
    pub purpose: PurposeId,
    /// The canonical text.
    pub sql: String,
    /// Its digest.
    pub digest: Digest,
    /// The catalogue it was read with.
    pub catalogue: Digest,
    /// What is counted.
    pub measures: Vec<Measure>,
    /// How many cells an answer has for each measure.
    pub cells: usize,
    /// The trail of the request that asked it.
    pub trail: Trail,
}

/// What became of a question at one node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// A checked answer, and as it was sent.
    Answered(Box<(Answer, LoggedAnswer)>),
    /// The node said no: why.
    Refused(String),
    /// No answer within the deadline: which.
    Late(String),
    /// Not reached, or what came cannot be used: why.
    Unreachable(String),
}

impl Outcome {
    /// The state this leaves the gemeente in.
    #[must_use]
    pub fn state(&self) -> State {
        match self {
            Self::Answered(_) => State::Geantwoord,
            Self::Refused(_) => State::Geweigerd,
            Self::Late(_) => State::TeLaat,
            Self::Unreachable(_) => State::Onbereikbaar,
        }
    }

    /// Why there is no answer.
    #[must_use]
    pub fn reason(&self) -> Option<&str> {
        match self {
            Self::Answered(_) => None,
            Self::Refused(reason) | Self::Late(reason) | Self::Unreachable(reason) => Some(reason),
        }
    }
}

/// Hears how far an asking is: a gemeente and its new state.
pub trait Progress: Send + Sync + 'static {
    /// A gemeente has come to a state.
    fn reached(&self, gemeente: Gemeentecode, state: State);
}

/// Puts questions to nodes.
pub struct Dispatcher {
    link: Arc<dyn NodeLink>,
    key: Ed25519KeyPair,
    clock: Arc<dyn Clock>,
    places: Semaphore,
    deadline: Duration,
}

impl Dispatcher {
    /// A dispatcher that signs with `key`, asks at most `concurrency` nodes at a time over all questions together,
    /// and waits at most `deadline` for each, within four minutes for all.
    #[must_use]
    pub fn new(
        link: Arc<dyn NodeLink>,
        key: Ed25519KeyPair,
        clock: Arc<dyn Clock>,
        concurrency: usize,
        deadline: Duration,
    ) -> Self {
        Self { link, key, clock, places: Semaphore::new(concurrency.max(1)), deadline }
    }

    /// Asks every node and returns once each has an outcome. Dropping the future drops every request under way.
    pub async fn ask_all(
        self: &Arc<Self>,
        asking: Arc<Asking>,
        nodes: Vec<Node>,
        progress: Arc<dyn Progress>,
    ) -> BTreeMap<Gemeentecode, Outcome> {
        let mut outcomes: BTreeMap<Gemeentecode, Outcome> = nodes
            .iter()
            .map(|node| (node.gemeente, Outcome::Unreachable("the question broke off".to_owned())))
            .collect();
        let mut under_way = JoinSet::new();
        let end = Instant::now() + WHOLE;
        for node in nodes {
            let (this, asking, progress) = (Arc::clone(self), Arc::clone(&asking), Arc::clone(&progress));
            under_way.spawn(async move {
                let outcome = this.ask_one(&asking, &node, end, progress.as_ref()).await;
                progress.reached(node.gemeente, outcome.state());
                (node.gemeente, outcome)
            });
        }
        while let Some(ended) = under_way.join_next().await {
            if let Ok((gemeente, outcome)) = ended {
                outcomes.insert(gemeente, outcome);
            }
        }
        outcomes
    }

    async fn ask_one(&self, asking: &Asking, node: &Node, end: Instant, progress: &dyn Progress) -> Outcome {
        let _place = match timeout_at(end, self.places.acquire()).await {
            Ok(Ok(place)) => place,
            Ok(Err(_)) => return Outcome::Unreachable("the coordinator is stopping".to_owned()),
            Err(_) => return Outcome::Late(format!("not asked within {} seconds", WHOLE.as_secs())),
        };
        let patience = self.deadline.min(end.saturating_duration_since(Instant::now()));
        let Some(bytes) = self.sign(asking, node) else {
            return Outcome::Unreachable("the question could not be signed".to_owned());
        };
        progress.reached(node.gemeente, State::Gevraagd);
        let traceparent = asking.trail.traceparent.and_then(Traceparent::child);
        let trail = Trail { traceparent, ..asking.trail };
        match timeout(patience, self.exchange(node, &bytes, trail)).await {
            Err(_) => Outcome::Late(format!("no answer within {} seconds", patience.as_secs())),
            Ok(Err(error)) => error.into(),
            Ok(Ok(body)) => match check::answer(&body, asking, node) {
                Ok(answer) => Outcome::Answered(Box::new(answer)),
                Err(unusable) => Outcome::Unreachable(unusable.to_string()),
            },
        }
    }

    /// One request, and one more of the same bytes where that may help; a node answers the same bytes the same.
    async fn exchange(&self, node: &Node, bytes: &Arc<[u8]>, trail: Trail) -> Result<Vec<u8>, LinkError> {
        // Each request is a transaction of its own, unless an outway has said of which it is part.
        let trail = || {
            let transaction = trail.transaction.or_else(|| Some(TransactionId::at(self.clock.now())));
            Trail { transaction, ..trail }
        };
        match self.link.ask(node, Arc::clone(bytes), trail()).await {
            Err(error) if error.may_pass() => {
                tokio::time::sleep(PAUSE).await;
                self.link.ask(node, Arc::clone(bytes), trail()).await
            }
            ended => ended,
        }
    }

    fn sign(&self, asking: &Asking, node: &Node) -> Option<Arc<[u8]>> {
        let issued = self.clock.now();
        let ask = Ask {
            id: asking.id,
            recipient: node.oin.clone(),
            asker: asking.asker.clone(),
            purpose: asking.purpose.clone(),
            sql: asking.sql.clone(),
            digest: asking.digest,
            catalogue: asking.catalogue,
            issued,
            expires: issued.checked_add(LIFE).ok()?,
        };
        let signed = SignedAsk::sign(&ask, &self.key).ok()?;
        serde_json::to_vec(&signed).ok().map(Arc::from)
    }
}

#[cfg(test)]
pub(crate) mod tests;

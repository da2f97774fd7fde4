//! The coordinator as a witness of the logs of gemeenten, and as the carrier of each log to other gemeenten that witness it.
//! What it saw of a log is on disk before its cosignature leaves, and its key cosigns only by what was seen with it. A log
//! that is not what it was is kept as such with the name of the witness who says so; a node or a witness that is down holds up
//! no other.

mod key;
mod store;

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use drempel_protocols::{
    clock::Clock,
    log::{
        CheckpointError, LogHead, LogKey, Offer, OfferError, Relayed, Seen, SignedCheckpoint, SigningKey, Testimony,
        Unwitnessed, WitnessKey,
    },
};
use tokio::{sync::Semaphore, task::JoinSet};

use self::store::Weighed;
pub use self::{
    key::{WitnessKeyError, of as key_of, read as read_key},
    store::{Cosigned, Dispute, Evidence, Report, Settled, Settlement, Sightings},
};
use crate::{
    dispatch::{LinkError, LogLink},
    jobs::StoreError,
    registry::{Node, Registry},
};

/// How many other gemeenten witness a log.
pub const WITNESSES: usize = 2;
/// How many logs are carried at a time.
const AT_A_TIME: usize = 16;

/// Why a log could not be cosigned this time. The next round tries again.
#[derive(Debug, thiserror::Error)]
pub enum RoundError {
    /// A node could not be reached, or said no.
    #[error(transparent)]
    Link(#[from] LinkError),
    /// What a node offered is not its log.
    #[error("it offered what is not its log by the logsleutel of the configuration: {0}")]
    Offer(#[from] OfferError),
    /// What a node said as a witness cannot be used.
    #[error("what the witness sent cannot be used")]
    Unusable,
    /// What the witness says to have cosigned.
    #[error("what the witness cosigned cannot be used: {0}")]
    Checkpoint(#[from] CheckpointError),
    /// What is kept.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A witness with the logs that it knows.
pub struct Witnessing {
    link: Arc<dyn LogLink>,
    registry: Arc<Registry>,
    clock: Arc<dyn Clock>,
    key: SigningKey,
    store: Mutex<Sightings>,
}

impl Witnessing {
    /// Of the logs of these nodes.
    #[must_use]
    pub fn new(
        link: Arc<dyn LogLink>,
        registry: Arc<Registry>,
        clock: Arc<dyn Clock>,
        key: SigningKey,
        store: Sightings,
    ) -> Arc<Self> {
        Arc::new(Self { link, registry, clock, key, store: Mutex::new(store) })
    }

    /// Goes past all nodes every so often. Never returns.
    pub async fn follow(self: Arc<Self>, interval: Duration) {
        loop {
            tokio::time::sleep(interval).await;
            self.round().await;
        }
    }

    /// Goes past all nodes of whose log the key is known, and returns once each has its log back or could not be reached.
    pub async fn round(self: &Arc<Self>) {
        let places = Arc::new(Semaphore::new(AT_A_TIME));
        let mut under_way = JoinSet::new();
        for node in self.registry.nodes().cloned() {
            let Some(log) = node.logsleutel.clone() else { continue };
            let (this, places) = (Arc::clone(self), Arc::clone(&places));
            under_way.spawn(async move {
                let _place = places.acquire().await;
                if let Err(error) = this.witness(&node, &log).await {
                    tracing::warn!(gemeente = %node.gemeente, %error, "a log was not cosigned in this round");
                }
            });
        }
        while under_way.join_next().await.is_some() {}
    }

    async fn witness(self: &Arc<Self>, node: &Node, log: &LogKey) -> Result<(), RoundError> {
        let name = log.name().to_owned();
        let since = self.with_store(move |store, _| store.seen(&name)).await?.map_or(0, |seen| seen.head().size);
        let relayed = Relayed { log: log.clone(), offer: self.offer(node, since, None).await? };
        let shown = Offer::open(&relayed.offer, log).ok().map(|offer| offer.checkpoint.checkpoint().head());
        let (mut carried, weighed) = (Vec::new(), relayed.clone());
        match self.with_store(move |store, this| store.weigh(&weighed, &this.key, this.clock.now())).await? {
            Ok(Weighed::Cosigned(cosigned)) => carried.push(cosigned),
            Ok(Weighed::Refused(Unwitnessed::Other(_), _)) => return Err(RoundError::Unusable),
            Ok(Weighed::Refused(why, kept)) => {
                let (seen, kept) = (kept.as_ref().map(Seen::head), kept.map(Seen::into_checkpoint));
                let text = kept.as_ref().map(SignedCheckpoint::to_string);
                self.dispute(&relayed, self.key.public().name(), (why, seen), text.as_deref()).await?;
                // The node is shown what it signed before.
                carried.extend(kept);
            }
            Err(error) => return Err(error.into()),
        }
        let until = shown.map(|head| head.size);
        for witness in self.registry.witnesses(node.gemeente, WITNESSES) {
            let Some(key) = &witness.getuigesleutel else { continue };
            match self.carry(node, log, (witness, key), until).await {
                Ok(None) => {}
                Ok(Some(cosigned)) => {
                    // One that is of another checkpoint goes back by itself.
                    if carried.first_mut().is_none_or(|first| first.join(&cosigned, &[key.key()]).is_err()) {
                        carried.push(cosigned);
                    }
                }
                Err(error) => {
                    tracing::warn!(gemeente = %node.gemeente, witness = key.name(), %error, "a witness did not cosign");
                }
            }
        }
        for cosigned in carried {
            self.link.cosigned(node, cosigned.to_string()).await?;
        }
        Ok(())
    }

    /// Brings a log to a witness: from where that saw it last, which is asked of it if it is not what it was.
    async fn carry(
        self: &Arc<Self>,
        node: &Node,
        log: &LogKey,
        (witness, key): (&Node, &WitnessKey),
        until: Option<u64>,
    ) -> Result<Option<SignedCheckpoint>, RoundError> {
        let (of, by) = (log.name().to_owned(), key.name().to_owned());
        let known = self.with_store(move |store, _| store.cosigned(&of, &by)).await?;
        let mut since = known.map_or(0, |head| head.size);
        for _ in 0..2 {
            let offer = self.offer(node, since, until.filter(|until| since <= *until)).await?;
            Offer::open(&offer, log)?;
            let relayed = Relayed { log: log.clone(), offer };
            let body = serde_json::to_vec(&relayed).map_err(|_| RoundError::Unusable)?;
            let said = self.link.testify(witness, body).await?;
            let said: Testimony = serde_json::from_slice(&said).map_err(|_| RoundError::Unusable)?;
            match said.weigh(log, key)? {
                Ok(cosigned) => {
                    let head = cosigned.checkpoint().head();
                    let time = cosigned.witnesses(&[key.key()])?.remove(key.name()).ok_or(RoundError::Unusable)?;
                    let noted = Cosigned { log: log.name().to_owned(), witness: key.name().to_owned(), head, time };
                    self.with_store(move |store, _| store.note(&noted)).await?;
                    return Ok(Some(cosigned));
                }
                Err((Unwitnessed::Other(records), _)) if records != since => since = records,
                Err((Unwitnessed::Other(_), _)) => return Err(RoundError::Unusable),
                Err(refused) => {
                    let text = match &said {
                        Testimony::Refused { seen, .. } => seen.as_deref(),
                        Testimony::Cosigned(_) => None,
                    };
                    self.dispute(&relayed, key.name(), refused, text).await?;
                    return Ok(None);
                }
            }
        }
        Err(RoundError::Unusable)
    }

    async fn offer(&self, node: &Node, since: u64, until: Option<u64>) -> Result<String, RoundError> {
        let offer = self.link.offer(node, since, until).await?;
        String::from_utf8(offer).map_err(|_| OfferError::Malformed.into())
    }

    async fn dispute(
        self: &Arc<Self>,
        relayed: &Relayed,
        witness: &str,
        (why, seen): (Unwitnessed, Option<LogHead>),
        text: Option<&str>,
    ) -> Result<(), RoundError> {
        let log = relayed.log.name();
        tracing::error!(log, witness, %why, "a log is not what it was, says a witness; see `heads`");
        let offered = Offer::open(&relayed.offer, &relayed.log);
        let dispute = Dispute {
            log: log.to_owned(),
            witness: witness.to_owned(),
            why,
            seen,
            shown: offered.ok().map(|offer| offer.checkpoint.checkpoint().head()),
            time: self.clock.now(),
            evidence: text.and_then(|seen| Evidence::of(relayed, why, seen)),
        };
        Ok(self.with_store(move |store, _| store.dispute(&dispute)).await?)
    }

    /// Does what waits for the disk, one at a time, off the threads that wait for nodes.
    async fn with_store<T: Send + 'static>(
        self: &Arc<Self>,
        work: impl FnOnce(&mut Sightings, &Self) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let this = Arc::clone(self);
        let work = move || work(&mut this.store.lock().unwrap_or_else(PoisonError::into_inner), &this);
        let done = tokio::task::spawn_blocking(work).await;
        done.unwrap_or_else(|_| Err(StoreError::Sqlite(rusqlite::Error::InvalidQuery)))
    }
}

#[cfg(test)]
mod tests;

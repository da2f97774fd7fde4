//! A running node: the parts put together from a configuration, and nothing started unless all of them are whole.

mod running;

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
};

use arc_swap::ArcSwapOption;
use drempel_protocols::{
    catalogue::{Bundle, BundleError, Catalogue, SignedBundle},
    clock::{Clock, dutch_day},
    id::{Digest, Period},
    policy::{Policy, PolicyError},
    transport::CredentialError,
};
use jiff::civil::Date;
use tokio::{runtime::Handle, sync::Semaphore};

pub use self::running::Running;
use crate::{
    anew,
    askers::{Askers, AskersError},
    audit::{AuditError, AuditLog, Event, has_begun_with},
    config::Config,
    decision::{Decisions, Subject},
    engine::{Engine, EngineError, Releases},
    inventory,
    ledger::{Ledger, LedgerError, Stored, Version},
    witness::{Contradiction, Cosigned, Witness, WitnessError},
};

/// Most questions in hand at once; more are refused unread.
const QUESTIONS: usize = 128;

/// Most logs in hand at once that are offered, cosigned or come back.
const WITNESSING: usize = 4;

/// Why a node cannot start, or cannot take up new releases.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The catalogue.
    #[error(transparent)]
    Catalogue(#[from] BundleError),
    /// The catalogue on disk is not the accepted one.
    #[error(
        "the catalogue on disk has digest {found}, and the configuration accepts {accepted}; let the privacy officer \
         look at it (drempel-node catalogue show) and accept it (catalogue accept)"
    )]
    NotAccepted {
        /// Of the bundle on disk.
        found: Digest,
        /// In the configuration.
        accepted: Digest,
    },
    /// No officer has accepted it, or one has declined it.
    #[error(
        "catalogue {0} is not accepted in the log: the officer decides about it on the pages, where a node that has it in use \
         shows it under the cubes and purposes"
    )]
    Unaccepted(Digest),
    /// The policy declines what the catalogue does not have: a rule that would be none.
    #[error("[beleid] declines {0}, which the catalogue does not have; write it as `drempel-node catalogue show` does")]
    UnknownDeclined(String),
    /// The policy is none.
    #[error(transparent)]
    Policy(#[from] PolicyError),
    /// The periods are in the wrong order.
    #[error("[perioden] laatste lies before eerste")]
    Periods,
    /// The catalogue has no such gemeente in the years of the periods.
    #[error("the catalogue does not know the gemeente of this node in the years it covers")]
    UnknownGemeente,
    /// TLS.
    #[error(transparent)]
    Credentials(#[from] CredentialError),
    /// The log.
    #[error(transparent)]
    Audit(#[from] AuditError),
    /// What was seen of logs.
    #[error(transparent)]
    Witness(#[from] WitnessError),
    /// Who asked.
    #[error(transparent)]
    Askers(#[from] AskersError),
    /// The ledger.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// The ledger is another gemeente's.
    #[error("the ledger is of another gemeente; use this gemeente's own")]
    OtherGemeente,
    /// The engine.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// The address.
    #[error("cannot listen on {address}: {error}")]
    Listen {
        /// The address of the configuration.
        address: SocketAddr,
        /// Why.
        error: std::io::Error,
    },
}

/// The releases in use.
pub(crate) struct Loaded {
    /// The version of the ledger that they are of.
    version: Version,
    /// The random id of the release of each half-year that is answered from.
    pub(crate) ids: BTreeMap<Period, String>,
    /// What the counts of each are rounded to multiples of.
    pub(crate) round_to: BTreeMap<Period, u32>,
    pub(crate) releases: Releases,
}

/// The parts of a node.
pub struct Node {
    pub(crate) config: Config,
    pub(crate) catalogue: Catalogue,
    /// What it was read from: the files on disk may be others by now.
    pub(crate) bundle: Bundle,
    /// As the configuration has it; what officers decide comes over it.
    configured: Policy,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) audit: AuditLog,
    pub(crate) witness: Witness,
    pub(crate) engine: Engine,
    pub(crate) askers: Askers,
    /// Places for questions in hand, from the first byte to the last.
    pub(crate) asking: Semaphore,
    /// Places for logs of others that are cosigned, and for the own one that is offered or comes back.
    pub(crate) witnessing: Arc<Semaphore>,
    loaded: ArcSwapOption<Loaded>,
    loading: Mutex<()>,
}

impl Node {
    /// Puts a node together. A node without releases starts, and holds no half-year until there is one.
    ///
    /// # Errors
    /// [`StartError`].
    pub fn new(config: Config, clock: Arc<dyn Clock>, engine_runtime: Handle) -> Result<Arc<Self>, StartError> {
        let (catalogue, bundle) = open_bundle(&config)?;
        let (folder, key) = (&config.paths.audit, &config.paths.log_key);
        let gemeenten = catalogue.divisions().iter().flat_map(|division| division.gemeenten().map(|(code, _)| code));
        let files = (config.paths.getuigenis.as_path(), config.paths.witness_key.as_path());
        let witness = Witness::open(files, config.gemeente, gemeenten, clock.now())?;
        let seen = witness.seen()?;
        let own = (config.gemeente, &config.oin);
        anew::is_finished(folder)?;
        let audit = AuditLog::open_as_seen(folder, key, own, Arc::clone(&clock), &seen)?;
        let engine = Engine::new(engine_runtime, config.limits.engine())?;
        let policy = Policy::from_file(&config.beleid, &catalogue)?;
        let askers = Askers::open(&config.paths.vragers)?;
        let node = Self {
            config,
            catalogue,
            bundle,
            configured: policy,
            clock,
            audit,
            witness,
            engine,
            askers,
            asking: Semaphore::new(QUESTIONS),
            witnessing: Arc::new(Semaphore::new(WITNESSING)),
            loaded: ArcSwapOption::empty(),
            loading: Mutex::new(()),
        };
        node.audit.append(Event::Started {
            software: env!("CARGO_PKG_VERSION").to_owned(),
            program: inventory::software_digest(),
            catalogue: node.catalogue.digest(),
            policy: node.configured.digest(),
        })?;
        node.askers.erase_again(&node.audit.erased())?;
        node.log_inventory()?;
        node.reload()?;
        Ok(Arc::new(node))
    }

    /// Takes up releases that were added to the ledger or withdrawn, and logs each before anything is answered from it.
    /// Says whether there were any.
    ///
    /// # Errors
    /// [`StartError`]; the releases in use stay.
    pub fn reload(&self) -> Result<bool, StartError> {
        let _one_at_a_time = self.loading.lock().unwrap_or_else(PoisonError::into_inner);
        let ledger = Ledger::open(&self.config.paths.ledger)?;
        let version = ledger.version()?;
        let before = self.loaded.load_full();
        if before.as_ref().is_some_and(|loaded| loaded.version == version) {
            return Ok(false);
        }
        let stored = ledger.releases_after(&self.audit.answered_from())?;
        if stored.iter().any(|stored| stored.release.gemeente() != self.config.gemeente) {
            return Err(StartError::OtherGemeente);
        }
        // One that was made with a catalogue that this node was never started with waits for that: it is on disk and not here
        // yet, or nobody has accepted it.
        let decisions = self.audit.decisions();
        let is_in_use = |stored: &Stored| {
            before.as_ref().is_some_and(|loaded| loaded.ids.values().any(|id| *id == stored.id))
                || stored.release.catalogue() == self.catalogue.digest()
                || (before.is_none() && decisions.knows(stored.release.catalogue()))
        };
        for stored in stored.iter().filter(|stored| stored.withdrawn.is_none() && !is_in_use(stored)) {
            let period = stored.release.period();
            tracing::warn!(%period, "a release was made with another catalogue; it is answered from after a restart with that");
        }
        let answered = || stored.iter().filter(|stored| stored.withdrawn.is_none() && is_in_use(stored));
        let releases = Releases::new(self.catalogue.clone(), answered().map(|stored| &stored.release))?;
        let ids: BTreeMap<Period, String> =
            answered().map(|stored| (stored.release.period(), stored.id.clone())).collect();
        let round_to = answered().map(|stored| (stored.release.period(), stored.release.round_to())).collect();
        for (period, id) in &ids {
            if before.as_ref().is_none_or(|loaded| loaded.ids.get(period) != Some(id)) {
                self.audit.append(Event::Release { period: *period, release: id.clone() })?;
            }
        }
        for stored in stored.iter().filter(|stored| stored.withdrawn.is_some()) {
            let period = stored.release.period();
            if before.as_ref().is_none_or(|loaded| loaded.ids.contains_key(&period)) {
                self.audit.append(Event::Withdrawn { period, release: stored.id.clone() })?;
            }
        }
        tracing::info!(releases = ids.len(), cells = releases.cells(), "releases in use");
        self.loaded.store(Some(Arc::new(Loaded { version, ids, round_to, releases })));
        Ok(true)
    }

    /// Logs what changed of its keys and its data since it was last looked at.
    ///
    /// # Errors
    /// [`AuditError`].
    pub fn log_inventory(&self) -> Result<(), AuditError> {
        self.audit.take_stock(|before| inventory::of(&self.config, before))
    }

    /// Logs whose key was erased since it was last looked at.
    ///
    /// # Errors
    /// [`StartError`]; the next time goes on with it.
    pub fn log_the_erased(&self) -> Result<(), StartError> {
        let said = self.audit.erased();
        for of in self.askers.erased()? {
            if !said.contains(&of) {
                self.audit.append(Event::AskerErased { of: of.clone() })?;
            }
            self.askers.is_logged(&of)?;
        }
        Ok(())
    }

    /// The name of the gemeente, as the catalogue has it.
    #[must_use]
    pub fn name(&self) -> String {
        name(&self.config, &self.catalogue)
    }

    /// The policy of the configuration, without what is decided over it.
    #[must_use]
    pub const fn configured(&self) -> &Policy {
        &self.configured
    }

    /// The policy of this moment: of the configuration, with what the officers have declined.
    #[must_use]
    pub fn policy(&self) -> Policy {
        self.audit.policy(&self.configured, &self.catalogue, dutch_day(self.clock.now()))
    }

    /// The log, for those who verify what left.
    #[must_use]
    pub fn audit(&self) -> &AuditLog {
        &self.audit
    }

    /// The node as a witness of the logs of others, and what others witnessed of its own.
    #[must_use]
    pub fn witness(&self) -> &Witness {
        &self.witness
    }

    /// The names of the witnesses that are late with the log.
    ///
    /// # Errors
    /// [`WitnessError`].
    pub fn late_witnesses(&self) -> Result<Vec<String>, WitnessError> {
        self.witness.late(&self.config.getuigen, self.audit.head(), self.clock.now())
    }

    /// The engine.
    #[must_use]
    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    /// Forgets who asked last as long ago as the configuration has it, and removes the answers from the log that were kept for
    /// that long.
    ///
    /// # Errors
    /// [`StartError`]; the log is whole, and the next time goes on with it.
    pub fn retain(&self) -> Result<(), StartError> {
        if let Some(day) = self.config.bewaren.askers_from(self.clock.now()) {
            self.askers.erase_before(day)?;
            self.log_the_erased()?;
        }
        let Some(from) = self.config.bewaren.answers_from(self.clock.now()) else { return Ok(()) };
        let before = self.audit.removed().map(|removed| removed.record);
        let removed = self.audit.remove_answers(from)?;
        if let Some(removed) = removed.filter(|removed| Some(removed.record) != before) {
            tracing::info!(
                record = removed.record,
                through = removed.through,
                "answers were kept long enough, and removed"
            );
        }
        Ok(())
    }

    pub(crate) fn loaded(&self) -> Option<Arc<Loaded>> {
        self.loaded.load_full()
    }
}

/// The name of the gemeente of a configuration, as a catalogue has it last.
#[must_use]
pub fn name(config: &Config, catalogue: &Catalogue) -> String {
    let last = catalogue.division(config.perioden.laatste);
    let entry = last.and_then(|division| division.gemeente(config.gemeente));
    entry.map_or_else(|| config.gemeente.to_string(), |entry| entry.naam.clone())
}

/// Opens the catalogue of a configuration: signed by the quorum, accepted by the officer, and fit for the rest of it.
///
/// # Errors
/// [`StartError`].
pub fn open_catalogue(config: &Config) -> Result<Catalogue, StartError> {
    Ok(open_bundle(config)?.0)
}

/// The same, where what is made of it cannot be taken back: the officer must have accepted it in the log too.
///
/// # Errors
/// [`StartError`].
pub fn open_accepted_catalogue(config: &Config, today: Date) -> Result<Catalogue, StartError> {
    let catalogue = open_catalogue(config)?;
    let about = Subject::Catalogue(catalogue.digest());
    // A log that is not the one that was is no word of an officer.
    anew::is_finished(&config.paths.audit)?;
    let seen = Cosigned::read(&config.paths.getuigenis)?.into_iter().map(|of| (of.key.name().to_owned(), of.head));
    let contradictions = Contradiction::read(&config.paths.getuigenis)?.into_iter().map(|of| (of.witness, of.head));
    has_begun_with(&config.paths.audit, seen.chain(contradictions))?;
    let is_answered = Decisions::read(&config.paths.audit)?.standing(&about, today).is_answered();
    if is_answered { Ok(catalogue) } else { Err(StartError::Unaccepted(catalogue.digest())) }
}

fn open_bundle(config: &Config) -> Result<(Catalogue, Bundle), StartError> {
    let signed = SignedBundle::read(&config.paths.catalogus)?;
    let catalogue = signed.open(&config.catalogus.parties)?;
    let (found, accepted) = (catalogue.digest(), config.catalogus.aanvaard);
    if found != accepted {
        return Err(StartError::NotAccepted { found, accepted });
    }
    fit(config, &catalogue)?;
    Ok((catalogue, signed.bundle().clone()))
}

/// Whether the rest of a configuration can be used with a catalogue.
///
/// # Errors
/// [`StartError`] that says why not.
pub fn fit(config: &Config, catalogue: &Catalogue) -> Result<(), StartError> {
    if config.perioden.laatste < config.perioden.eerste {
        return Err(StartError::Periods);
    }
    let cubes = config.beleid.declined_cubes.iter().filter(|name| !catalogue.cubes().any(|cube| cube.name() == *name));
    let purposes = config.beleid.declined_purposes.iter().filter(|id| catalogue.purpose(id).is_none());
    if let Some(name) = cubes.map(ToString::to_string).chain(purposes.map(ToString::to_string)).next() {
        return Err(StartError::UnknownDeclined(name));
    }
    let known =
        config.perioden.eerste.through(config.perioden.laatste).all(|period| {
            catalogue.division(period).is_some_and(|division| division.gemeente(config.gemeente).is_some())
        });
    if !known {
        return Err(StartError::UnknownGemeente);
    }
    Policy::from_file(&config.beleid, catalogue)?;
    Ok(())
}

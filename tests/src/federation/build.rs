//! Setting up a federation: an authority, a folder for each node with keys, configuration, messages and their import,
//! a coordinator that knows them all, and an analyst with a token.

use std::{
    collections::{BTreeMap, VecDeque},
    fs,
    path::Path,
    sync::{Arc, Mutex, PoisonError},
};

use anyhow::{Context as _, anyhow, bail, ensure};
use data_encoding::HEXLOWER;
use drempel_coordinator::{
    auth::TokenHash,
    config::{AnalystConfig, CatalogueConfig, LimitsConfig, WitnessConfig},
};
use drempel_node::{
    config::{Config, Pages, Periods},
    ingest::{afbeelding::Afbeelding, bevinding::Bevinding, import_ijw},
    ledger::Ledger,
    release::Build,
};
use drempel_protocols::{catalogue::Catalogue, id::Period, transport::IdentitySource};
use ring::{
    rand::{SecureRandom as _, SystemRandom},
    signature::Ed25519KeyPair,
};

use super::{
    Federation, FederationBuilder,
    configuration::{configuration, loopback, tls_files},
    layout::{Layout, copy_catalogue, registered_catalogue, trusted_parties},
    node::Member,
    witnesses::Witnesses,
};
use crate::{
    authority::{Authority, write_private},
    participants::{self, Participant},
    synthetic::SyntheticGemeente,
};

/// The file that says what a node's records were made of.
const MADE_OF: &str = "population.txt";

/// The half-year that is released unless a first one is chosen, counted from the end: the last but one.
const FROM_END: usize = 2;

impl FederationBuilder {
    /// Sets everything up and starts it.
    ///
    /// # Errors
    /// If any part cannot be made or started.
    pub async fn start(self) -> anyhow::Result<Federation> {
        let temporary = match self.folder {
            Some(_) => None,
            None => Some(tempfile::tempdir()?),
        };
        let root = match (&self.folder, &temporary) {
            (Some(folder), _) => folder.clone(),
            (None, Some(temporary)) => temporary.path().to_owned(),
            (None, None) => return Err(anyhow!("no folder")),
        };
        let layout = Layout::new(root);
        let setup = Setup::new(self, layout.clone())?;
        let progress = Arc::clone(&setup.builder.progress);
        let (setup, members) = tokio::task::spawn_blocking(move || {
            let members = setup.members()?;
            anyhow::Ok((setup, members))
        })
        .await??;

        let counting = tokio::runtime::Builder::new_multi_thread().thread_name("count").enable_time().build()?;
        let mut members: BTreeMap<_, _> = members.into_iter().map(|member| (member.code, member)).collect();
        progress("starting the nodes");
        for member in members.values_mut() {
            member.start(Arc::clone(&setup.builder.clock), counting.handle().clone()).await?;
        }
        progress("starting the coordinator");
        let config = setup.coordinator(&members)?;
        let coordinator = drempel_coordinator::start(config, Arc::clone(&setup.builder.clock)).await?;
        let coordinator_url = format!("https://{}", coordinator.local_addr());
        let file = layout.coordinator().join("coordinator.toml");
        let text = fs::read_to_string(&file)?;
        fs::write(&file, text.replacen(&loopback().to_string(), &coordinator.local_addr().to_string(), 1))?;
        Ok(Federation {
            layout,
            catalogue: setup.catalogue,
            authority: setup.authority,
            signing_key: setup.signing_key,
            clock: setup.builder.clock,
            members,
            coordinator: Some(coordinator),
            coordinator_url,
            counting: Some(counting),
            _temporary: temporary,
        })
    }
}

struct Setup {
    builder: FederationBuilder,
    layout: Layout,
    chosen: Vec<Participant>,
    witnesses: Witnesses,
    catalogue: Catalogue,
    authority: Authority,
    signing_key: Ed25519KeyPair,
    signing_pkcs8: Vec<u8>,
}

impl Setup {
    fn new(builder: FederationBuilder, layout: Layout) -> anyhow::Result<Self> {
        let catalogue = registered_catalogue()?;
        let pkcs8 =
            Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).map_err(|_| anyhow!("cannot make a signing key"))?;
        let signing_key =
            Ed25519KeyPair::from_pkcs8(pkcs8.as_ref()).map_err(|_| anyhow!("the signing key is no key"))?;
        let chosen = match &builder.participants {
            Some(participants) => participants.clone(),
            None => participants::choose(&catalogue, builder.gemeenten)?,
        };
        let witnesses = Witnesses::of(&layout, chosen.iter().map(|participant| participant.code))?;
        Ok(Self {
            builder,
            layout,
            chosen,
            witnesses,
            catalogue,
            authority: Authority::new("Drempel throw-away authority")?,
            signing_key,
            signing_pkcs8: pkcs8.as_ref().to_vec(),
        })
    }

    /// Makes every node's folder, several at a time.
    fn members(&self) -> anyhow::Result<Vec<Member>> {
        let count = self.chosen.len();
        let waiting = Mutex::new(self.chosen.iter().copied().collect::<VecDeque<_>>());
        let made = Mutex::new(Vec::with_capacity(count));
        let workers = std::thread::available_parallelism()?.get().min(count);
        std::thread::scope(|scope| {
            let work = || -> anyhow::Result<()> {
                loop {
                    let next = waiting.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
                    let Some(participant) = next else { return Ok(()) };
                    let member = self.member(participant).with_context(|| format!("{}", participant.code))?;
                    let mut made = made.lock().unwrap_or_else(PoisonError::into_inner);
                    made.push(member);
                    (self.builder.progress)(&format!("{}/{count} gemeenten with records", made.len()));
                }
            };
            let workers: Vec<_> = (0..workers).map(|_| scope.spawn(work)).collect();
            workers.into_iter().try_for_each(|worker| worker.join().map_err(|_| anyhow!("a worker panicked"))?)
        })?;
        made.into_inner().map_err(|_| anyhow!("a worker panicked"))
    }

    fn member(&self, participant: Participant) -> anyhow::Result<Member> {
        let code = participant.code;
        let folder = self.layout.node(code);
        let oin = participants::oin(code)?;
        let number = u64::from(code.ijw().parse::<u16>()?);
        self.authority.issue(&oin, number)?.write(&folder.join("keys"), "node", &self.authority.root())?;
        copy_catalogue(&folder.join("catalogus"))?;
        let record_key = folder.join("keys").join("records.key");
        if !record_key.exists() {
            let mut bytes = [0; 32];
            SystemRandom::new().fill(&mut bytes).map_err(|_| anyhow!("cannot make a key"))?;
            write_private(&record_key, &bytes)?;
        }
        let config = self.node_config(participant)?;
        let config_path = self.layout.node_config(code);
        fs::write(&config_path, toml::to_string_pretty(&config)?)?;
        let config = Config::read(&config_path)?;
        let made_of = format!("seed {}, {:?}\n", self.builder.seed, participant.size);
        let truth = if config.paths.snapshots.join("current").exists() {
            // A snapshot that something else made, as the benchmarks do, has no such file and is taken as it is.
            if fs::read_to_string(folder.join(MADE_OF)).is_ok_and(|found| found != made_of) {
                bail!("{} was made with another seed or size; use that, or another folder", folder.display());
            }
            None
        } else {
            fs::write(folder.join(MADE_OF), made_of)?;
            Some(self.import(participant, &folder, &config)?)
        };
        self.release(&config)?;
        let mut member = Member { code, truth, config_path, config, running: None, passwords: BTreeMap::new() };
        member.enrol()?;
        Ok(member)
    }

    fn import(&self, participant: Participant, folder: &Path, config: &Config) -> anyhow::Result<SyntheticGemeente> {
        let Periods { eerste, laatste } = config.perioden;
        let mut truth =
            SyntheticGemeente::generate(participant.code, self.builder.seed, eerste, laatste, participant.size)?;
        if let Some((bsn, name)) = &self.builder.canary {
            truth = truth.with_canary(*bsn, name);
        }
        let messages = folder.join("berichten");
        if messages.exists() {
            // Left by a run that did not come to an import.
            fs::remove_dir_all(&messages)?;
        }
        fs::create_dir_all(&messages)?;
        truth.write_messages(&messages)?;
        let (key, afbeelding) = (config.read_record_key()?, Afbeelding::default());
        let request = config.import(&key, &afbeelding, self.catalogue.definitions(), self.builder.clock.now());
        let report = import_ijw(&request, &messages, &mut |_| {})?;
        let early = report.bevindingen.iter().any(|found| found.code == Bevinding::DagtekeningInToekomst);
        ensure!(!early, "the clock is before the last half-year of the catalogue has been reported");
        fs::write(folder.join("import.json"), serde_json::to_vec_pretty(&report)?)?;
        fs::write(folder.join("import.html"), report.html()?)?;
        if self.builder.pages {
            fs::create_dir_all(&config.paths.rapporten)?;
            fs::write(config.paths.rapporten.join("import.html"), report.html()?)?;
        }
        fs::write(folder.join("import.txt"), report.to_string())?;
        Ok(truth)
    }

    /// Every release that is due and not there yet.
    fn release(&self, config: &Config) -> anyhow::Result<()> {
        let now = self.builder.clock.now();
        let build = Build { config, catalogue: &self.catalogue, now, accept_loss: false };
        let mut ledger = Ledger::open(&config.paths.ledger)?;
        if ledger.releases()?.is_empty() {
            let periods: Vec<Period> = self.catalogue.periods().collect();
            let one = periods.len().saturating_sub(FROM_END);
            let first = self.builder.first_release.or(periods.get(one).copied()).context("no half-years")?;
            build.add(first, &mut ledger, &mut |_| {})?;
        }
        if self.builder.first_release.is_some() {
            build.add_all(&mut ledger, &mut |_, _| {}, &mut |_| {})?;
        }
        Ok(())
    }

    fn node_config(&self, participant: Participant) -> anyhow::Result<Config> {
        let first = self.catalogue.periods().next().context("the catalogue has no periods")?;
        let last = self.catalogue.periods().last().context("the catalogue has no periods")?;
        let perioden = Periods { eerste: first, laatste: last };
        let own = configuration(Path::new(""), participant.code, &self.catalogue, perioden, &self.signing_key)?;
        let beleid = self.builder.policies.get(&participant.code).cloned().unwrap_or_default();
        let getuigen = self.witnesses.of_log(participant.code)?;
        let paginas = self.builder.pages.then(|| Pages {
            listen: loopback(),
            accounts: "accounts.toml".into(),
            certificate: None,
            key: None,
            vier_ogen: self.builder.four_eyes,
        });
        Ok(Config { beleid, limits: self.builder.limits, getuigen, paginas, ..own })
    }

    /// Makes the coordinator's folder and the analyst's.
    fn coordinator(
        &self,
        members: &BTreeMap<drempel_protocols::id::Gemeentecode, Member>,
    ) -> anyhow::Result<drempel_coordinator::Config> {
        let folder = self.layout.coordinator();
        let oin = participants::coordinator_oin()?;
        self.authority.issue(&oin, 99_999)?.write(&folder.join("keys"), "coordinator", &self.authority.root())?;
        write_private(&folder.join("keys").join("questions.pk8"), &self.signing_pkcs8)?;
        copy_catalogue(&folder.join("catalogus"))?;
        let mut token = [0; 32];
        SystemRandom::new().fill(&mut token).map_err(|_| anyhow!("cannot make a token"))?;
        let token = HEXLOWER.encode(&token);
        fs::create_dir_all(self.layout.root().join("analyst"))?;
        write_private(&self.layout.analyst_token(), token.as_bytes())?;
        fs::write(self.layout.analyst_roots(), self.authority.root())?;
        let config = drempel_coordinator::Config {
            listen: loopback(),
            store: "bevragingen.sqlite".into(),
            signing_key: "keys/questions.pk8".into(),
            catalogue: CatalogueConfig { folder: "catalogus".into(), parties: trusted_parties()? },
            tls: tls_files(Path::new(""), "coordinator"),
            federation: tls_files(Path::new(""), "coordinator"),
            identity: IdentitySource::default(),
            limits: LimitsConfig { node_seconds: self.builder.node_seconds, ..LimitsConfig::default() },
            getuige: WitnessConfig { seconden: self.builder.witness_seconds, ..WitnessConfig::default() },
            analysts: vec![AnalystConfig {
                name: "synthetic analyst".to_owned(),
                oin: None,
                token_sha256: Some(TokenHash::of(&token)),
                purposes: self.catalogue.purposes().map(|purpose| purpose.id.clone()).collect(),
            }],
            nodes: members
                .values()
                .map(|member| drempel_coordinator::registry::Node {
                    gemeente: member.code,
                    oin: member.config().oin.clone(),
                    url: member.url(),
                    logsleutel: member.node().map(|node| node.audit().key().clone()),
                    getuigesleutel: self.witnesses.of_node(member.code),
                })
                .collect(),
        };
        let path = folder.join("coordinator.toml");
        fs::write(&path, toml::to_string_pretty(&config)?)?;
        Ok(drempel_coordinator::Config::read(&path)?)
    }
}

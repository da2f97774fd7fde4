//! `check`: every problem at once, each with where it is and what to do, before anything is started.

use std::{fmt::Display, io::Write, path::Path};

use anyhow::bail;
use drempel_protocols::{
    catalogue::{Catalogue, SignedBundle},
    clock::{Clock as _, SystemClock, dutch_day},
    policy::LEAST_K,
    transport::{ClientCertificates, Credentials, peer_oin},
};
use jiff::Timestamp;
use x509_parser::prelude::{FromDer as _, X509Certificate};

use crate::{
    anew,
    app::{StartError, open_accepted_catalogue, open_catalogue},
    audit::{AnsweredFrom, AuditError, Verified, has_key, verify, verwerkingen},
    config::{Config, Role},
    ingest::snapshot::{Snapshot, SnapshotError},
    ledger::{Ledger, LedgerError},
    logboek::{Collector, Stand, due},
    witness::{Contradiction, Cosigned, PATIENCE},
};

/// Days before the end of a certificate from which it is a problem.
const RENEW: i64 = 30;

pub(super) fn run(path: &Path, out: &mut impl Write) -> anyhow::Result<()> {
    let config = Config::read(path)?;
    let mut findings = Findings { out, problems: 0 };
    findings.configuration(&config)?;
    findings.certificates(&config)?;
    findings.catalogue_and_snapshot(&config)?;
    findings.log(&config)?;
    match findings.problems {
        0 => Ok(writeln!(findings.out, "\nno problems: the node can be started with: drempel-node serve")?),
        1 => bail!("1 problem"),
        problems => bail!("{problems} problems"),
    }
}

struct Findings<'a, W> {
    out: &'a mut W,
    problems: usize,
}

impl<W: Write> Findings<'_, W> {
    fn good(&mut self, place: &str, found: impl Display) -> std::io::Result<()> {
        writeln!(self.out, "ok       {place}: {found}")
    }

    fn problem(&mut self, place: &str, found: impl Display) -> std::io::Result<()> {
        self.problems = self.problems.saturating_add(1);
        writeln!(self.out, "PROBLEM  {place}: {found}")
    }

    fn configuration(&mut self, config: &Config) -> std::io::Result<()> {
        self.good("node", format_args!("{} with OIN {}", config.gemeente, config.oin))?;
        if config.perioden.laatste < config.perioden.eerste {
            self.problem("[perioden]", "laatste lies before eerste")?;
        }
        if config.beleid.k.is_some_and(|k| k < LEAST_K) {
            self.problem("[beleid] k", format_args!("lower than {LEAST_K} has no effect; leave it out"))?;
        }
        let coordinators = config.peers.iter().filter(|peer| peer.rol == Role::Coordinator);
        if coordinators.clone().count() == 0 {
            self.problem("[[peer]]", "nobody has rol = \"coordinator\", so nobody can ask; put the coordinator here")?;
        }
        for peer in coordinators.filter(|peer| peer.vraagsleutel.is_none()) {
            self.problem(
                "[[peer]]",
                format_args!(
                    "{} has no vraagsleutel, so its questions cannot be checked; ask it for its key",
                    peer.naam
                ),
            )?;
        }
        match config.read_record_key() {
            Ok(key) => self.good("record_key", format_args!("fingerprint {}", key.vingerafdruk()))?,
            Err(error) => self.problem("[paths] record_key", format_args!("{error}; `init` makes one"))?,
        }
        match config.read_mapping() {
            Ok(mapping) if mapping.is_empty() => {
                self.good("mapping", "none: only the categories 31-38 have a hulpvorm")
            }
            Ok(mapping) => self.good("mapping", format_args!("{} product codes", mapping.len())),
            Err(error) => self.problem("[paths] mapping", error),
        }
    }

    fn certificates(&mut self, config: &Config) -> std::io::Result<()> {
        let credentials = match Credentials::read(&config.tls) {
            Ok(credentials) => credentials,
            Err(error) => {
                return self
                    .problem("[tls]", format_args!("{error}; have keys/node.csr signed and put the answer there"));
            }
        };
        if let Err(error) = credentials.server(ClientCertificates::Required) {
            return self.problem("[tls]", error);
        }
        let certificate = credentials.certificate().unwrap_or_default();
        if peer_oin(certificate, Default::default()).as_ref() != Some(&config.oin) {
            self.problem("[tls] certificate", format_args!("its subject serialNumber is not the OIN {}", config.oin))?;
        }
        match X509Certificate::from_der(certificate) {
            Err(_) => self.problem("[tls] certificate", "cannot be read"),
            Ok((_, parsed)) => {
                let left =
                    parsed.validity().not_after.timestamp().saturating_sub(SystemClock.now().as_second()) / 86_400;
                if left < RENEW {
                    self.problem("[tls] certificate", format_args!("ends in {left} days; have a new one signed"))
                } else {
                    self.good("certificate", format_args!("valid for {left} days"))
                }
            }
        }?;
        match &config.tls.revoked {
            Some(path) => self.good("revoked", path.display()),
            None => self.good("revoked", "not set: a stolen certificate works until it expires"),
        }
    }

    fn catalogue_and_snapshot(&mut self, config: &Config) -> std::io::Result<()> {
        let catalogue = match open_catalogue(config) {
            Ok(catalogue) => catalogue,
            Err(error) => {
                self.problem("[catalogus]", error)?;
                match SignedBundle::read(&config.paths.catalogus) {
                    Ok(signed) => writeln!(self.out, "         its digest is {}", signed.bundle().digest())?,
                    Err(error) => writeln!(self.out, "         {error}")?,
                }
                return Ok(());
            }
        };
        self.good("catalogue", format_args!("{} ({})", catalogue.version(), catalogue.digest()))?;
        let today = dutch_day(SystemClock.now());
        if open_accepted_catalogue(config, today).is_err_and(|error| matches!(error, StartError::Unaccepted(_))) {
            let found = "no officer has accepted it in the log, or one has declined it: every question is refused until one \
                         accepts it on the pages";
            self.problem("[catalogus]", found)?;
        }
        match Snapshot::open_current(&config.paths.snapshots) {
            Err(SnapshotError::None) => self
                .problem("[paths] snapshots", "there is no snapshot; make one with: drempel-node import --ijw FOLDER"),
            Err(error) => self.problem("[paths] snapshots", format_args!("{error}; import again")),
            Ok(snapshot) => {
                let periods = &snapshot.manifest().periods;
                if snapshot.manifest().gemeente != config.gemeente {
                    self.problem("snapshot", "was made for another gemeente; import again")?;
                }
                if !config.perioden.eerste.through(config.perioden.laatste).eq(periods.iter().copied()) {
                    self.problem("snapshot", "covers other periods than [perioden]; import again")?;
                }
                self.good("snapshot", format_args!("made {}", snapshot.manifest().created))
            }
        }?;
        self.releases(config, &catalogue)
    }

    fn releases(&mut self, config: &Config, catalogue: &Catalogue) -> std::io::Result<()> {
        // A log that is not whole has its own line.
        let answered = AnsweredFrom::read(&config.paths.audit).unwrap_or_default();
        if !config.paths.ledger.exists() {
            if let Some(period) = answered.lacking([]) {
                return self.problem("[paths] ledger", LedgerError::Behind(period));
            }
            return self.good("releases", "none yet; make them with: drempel-node release build --all");
        }
        let after = |ledger: Ledger| ledger.releases_after(&answered);
        let releases = match Ledger::open(&config.paths.ledger).and_then(after) {
            Ok(releases) => releases,
            Err(error) => return self.problem("[paths] ledger", error),
        };
        if releases.iter().any(|stored| stored.release.gemeente() != config.gemeente) {
            return self.problem("[paths] ledger", "is of another gemeente; use this gemeente's own");
        }
        let others = releases.iter().filter(|stored| stored.release.catalogue() != catalogue.digest()).count();
        self.good("releases", format_args!("{}, of which {others} under an earlier catalogue", releases.len()))
    }

    fn log(&mut self, config: &Config) -> std::io::Result<()> {
        if let Err(error) = anew::is_finished(&config.paths.audit) {
            return self.problem("[paths] audit", error);
        }
        if !config.paths.audit.exists() {
            return self.good("log", "begins at the first start");
        }
        match verify(&config.paths.audit, |_| {}) {
            Ok(Ok(verified)) => {
                let has_key = |key| has_key(&config.paths.log_key, config.gemeente, key);
                match verified.key.as_ref().map_or(Ok(()), has_key) {
                    Ok(()) => self.good("log", format_args!("whole, {} records", verified.head.size)),
                    Err(error) => self.problem("[paths] log_key", error),
                }?;
                self.witnesses(config, &verified)?;
                self.logboek(config)
            }
            Ok(Err(finding)) => {
                self.problem("[paths] audit", format_args!("{finding}; keep the folder and tell the privacy officer"))
            }
            Err(error) => self.problem("[paths] audit", error),
        }
    }

    /// A logboek that is behind is told of, and is no problem of the node: nothing waits for it.
    fn logboek(&mut self, config: &Config) -> std::io::Result<()> {
        let Some(of) = &config.logboek else {
            return self.good("logboek", "none: questions go to files only, with audit dataverwerkingen");
        };
        if let Err(error) = Collector::new(of) {
            return self.problem("[logboek]", error);
        }
        // A log that is not whole has its own line.
        let Ok(Some((questions, log))) = verwerkingen(&config.paths.audit) else { return Ok(()) };
        let found = log.key.map(|key| {
            let through = Stand::read(&config.paths.logboek_stand, &key, &questions);
            through.map(|through| due(&questions, through).count())
        });
        match found {
            None | Some(Ok(0)) => self.good("logboek", "has taken every question that has ended"),
            Some(Ok(behind)) => self
                .good("logboek", format_args!("has not taken {behind} questions yet: drempel-node audit send --watch")),
            Some(Err(error)) => self.problem("[paths] logboek_stand", error),
        }
    }

    /// A witness that is late is told of, and is no problem of the node: nothing waits for it.
    fn witnesses(&mut self, config: &Config, verified: &Verified) -> std::io::Result<()> {
        let file = &config.paths.getuigenis;
        let kept = Cosigned::read(file).and_then(|cosigned| Ok((cosigned, Contradiction::read(file)?)));
        let (cosigned, contradictions) = match kept {
            Ok(kept) => kept,
            Err(error) => return self.problem("[paths] getuigenis", error),
        };
        let contradictions = contradictions.into_iter().map(|of| (of.witness, of.head));
        let mut seen = cosigned.iter().map(|of| (of.key.name().to_owned(), of.head)).chain(contradictions);
        if let Some((witness, head)) = seen.find(|(_, head)| !verified.begins_with(*head)) {
            return self.problem("[paths] audit", AuditError::Contradicted { witness, records: head.size });
        }
        let (records, now) = (verified.head.size, SystemClock.now());
        for getuige in &config.getuigen {
            let last = getuige.of(&cosigned);
            let upto = last.map_or_else(
                || "has cosigned nothing".to_owned(),
                |last| format!("cosigned the first {} records, {}", last.head.size, last.time),
            );
            if Cosigned::is_late(last, records, Timestamp::MIN, now) {
                let (naam, minutes) = (&getuige.naam, PATIENCE.as_mins());
                writeln!(
                    self.out,
                    "LATE     witness {naam}: {upto}, nothing for {minutes} minutes, and there are newer records; ask the \
                     coordinator"
                )?;
            } else {
                self.good("witness", format_args!("{}: {upto}", getuige.naam))?;
            }
        }
        if config.getuigen.is_empty() {
            self.good("witnesses", "none: with a [[getuige]] it is seen if the log is put back or has two histories")?;
        }
        Ok(())
    }
}

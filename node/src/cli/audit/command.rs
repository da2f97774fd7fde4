//! The commands of `audit` as they are given, and what each does.

use std::{io::Write, path::PathBuf};

use clap::Subcommand;
use drempel_protocols::{
    id::{Gemeentecode, PurposeId, QuestionId},
    log::{LogHead, LogKey},
};
use jiff::civil::Date;

use super::{export, forget, key, register, search, show, verify_log, witness_key, witnessed};
use crate::{
    audit::{Became, Sought},
    cli::{anew, send, verwerkingen},
    config::{Config, ConfigError},
};

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum AuditCommand {
    /// Says whether the log is whole, and if not, the first record that is not as it was written.
    Verify {
        /// How far the log went when the coordinator kept that with an answer, RECORDS:ROOT, as `drempel-coordinator heads`
        /// prints it; the log must still begin so.
        #[arg(long, value_name = "RECORDS:ROOT")]
        head: Option<LogHead>,
        /// The public key that the log must be signed with, as `audit key` prints it.
        #[arg(long, value_name = "NAME+ID+KEY")]
        key: Option<LogKey>,
        /// The folder of a log, such as a copy from a backup; without it that of the configuration.
        #[arg(long, value_name = "FOLDER")]
        log: Option<PathBuf>,
    },
    /// Writes records with the proof that they are in the log, for a third person: with the key of the log and nothing else,
    /// `drempel audit verify` checks them on any machine. The answers that left are in it; nothing else of the node is.
    Export {
        /// The file to write; one that is there is not overwritten.
        #[arg(long, value_name = "BUNDLE.json")]
        out: PathBuf,
        /// Only what was asked under this id, and what became of it; can be given more than once. Without it every record.
        #[arg(long = "question", value_name = "ID")]
        questions: Vec<QuestionId>,
        /// How far the log went before, RECORDS:ROOT: with the proof that it still begins so; can be given more than once.
        #[arg(long = "since", value_name = "RECORDS:ROOT")]
        since: Vec<LogHead>,
    },
    /// Writes the proof that single records are in the log, as `export` does: of a decision, an import, or an answer.
    Prove {
        /// The numbers of the records, as `audit search`, `audit show` and the pages have them.
        #[arg(required = true, value_name = "RECORD")]
        records: Vec<u64>,
        /// The file to write; one that is there is not overwritten.
        #[arg(long, value_name = "BUNDLE.json")]
        out: PathBuf,
        /// How far the log went before, RECORDS:ROOT: with the proof that it still begins so; can be given more than once.
        #[arg(long = "since", value_name = "RECORDS:ROOT")]
        since: Vec<LogHead>,
    },
    /// Forgets who somebody was that asked: erases the key behind the pseudonym in the log, which stays as it is. There is no way
    /// back.
    Forget {
        /// The name, exactly as the coordinator sent it.
        asker: String,
    },
    /// Prints the records and the answers, one JSON object a line.
    Show,
    /// Finds questions: what was asked, by whom and for what, and what became of it. Those that are sought in several ways must
    /// be all of that.
    Search {
        /// Any part of the text of the question, such as a column, a member or a half-year.
        #[arg(long, value_name = "TEXT")]
        text: Option<String>,
        /// Any part of the name of who asks.
        #[arg(long, value_name = "NAME")]
        asker: Option<String>,
        /// What for.
        #[arg(long, value_name = "PURPOSE")]
        purpose: Option<PurposeId>,
        /// From this day on.
        #[arg(long, value_name = "2026-01-31")]
        from: Option<Date>,
        /// Until this day, which is included.
        #[arg(long, value_name = "2026-12-31")]
        until: Option<Date>,
        /// What became of it.
        #[arg(long, value_enum)]
        became: Option<Became>,
        /// One JSON object a line.
        #[arg(long)]
        json: bool,
    },
    /// Writes the public register, register.html and register.json: which questions were asked for which purposes and what
    /// became of them, without anybody's name. The gemeente can publish it as it is.
    Register {
        /// The folder to write to; what is there by these names is replaced.
        #[arg(long, value_name = "FOLDER")]
        out: PathBuf,
    },
    /// Writes every question of the log for a Logboek Dataverwerkingen, as OTLP in JSON, one question a line; without anybody's
    /// name. What is printed at the end is on disk.
    Dataverwerkingen {
        /// The file to write; one that is there is not overwritten.
        #[arg(long, value_name = "FILE.jsonl")]
        out: PathBuf,
        /// The same questions for an Authorization Decision Log, one decision a line; a file that is there is not overwritten.
        #[arg(long, value_name = "FILE.jsonl")]
        besluiten: Option<PathBuf>,
        /// Only what was asked from this day on.
        #[arg(long, value_name = "2026-01-31")]
        from: Option<Date>,
        /// Only what was asked until this day, which is included.
        #[arg(long, value_name = "2026-12-31")]
        until: Option<Date>,
    },
    /// Sends every question that has ended to the gemeente's own Logboek Dataverwerkingen, that of `[logboek]`, and keeps how
    /// far it is: each once the logboek has said that it took the one before.
    Send(send::Arguments),
    /// Writes the entries for the register van verwerkingsactiviteiten (AVG article 30), verwerkingsregister.html and
    /// verwerkingsregister.json: one for each purpose of the catalogue, with what the gemeente has to fill in itself.
    Verwerkingsregister {
        /// The folder to write to; what is there by these names is replaced.
        #[arg(long, value_name = "FOLDER")]
        out: PathBuf,
    },
    /// Begins another log under another key, where the one that was is lost, or contradicted and cannot be put back. What is left
    /// of it is kept. The node may not be running.
    BeginAnew {
        /// What happened: it is the second record of the log.
        #[arg(long, value_name = "TEXT")]
        reason: String,
        /// Says that this gemeente never had an account for the pages, so that nobody decides.
        #[arg(long)]
        no_officers: bool,
    },
    /// Takes the log of another gemeente for that of a key, as its node is a witness of it: before it has seen any, or once that
    /// gemeente had to begin another log and said so.
    Pin {
        /// The other gemeente, as GM0034.
        gemeente: Gemeentecode,
        /// The key, as `audit key` prints it there.
        #[arg(value_name = "NAME+ID+KEY")]
        key: LogKey,
    },
    /// Prints the public key that the log is signed with: for the coordinator, and for whoever is to verify the log.
    Key,
    /// Prints the public key with which this node cosigns the logs of others: for the coordinator, and for their `[[getuige]]`.
    WitnessKey,
}

impl AuditCommand {
    /// Does it; `config` reads the configuration, which not every one needs.
    pub(in crate::cli) fn run(
        self,
        config: impl Fn() -> Result<Config, ConfigError>,
        out: &mut impl Write,
    ) -> anyhow::Result<()> {
        match self {
            Self::Verify { head, key, log } => {
                let Some(folder) = log else {
                    let config = config()?;
                    let verified = verify_log(&config.paths.audit, head, key.as_ref(), out)?;
                    return witnessed(&config, &verified, out);
                };
                verify_log(&folder, head, key.as_ref(), out).map(drop)
            }
            Self::Export { out: file, questions, since } => {
                export(&config()?.paths.audit, (&questions, &[], &since), &file, out)
            }
            Self::Prove { records, out: file, since } => {
                export(&config()?.paths.audit, (&[], &records, &since), &file, out)
            }
            Self::Search { text, asker, purpose, from, until, became, json } => {
                let sought = Sought { text, asker, purpose, from, until, became };
                search(&config()?, &sought, json, out)
            }
            Self::Forget { asker } => forget(&config()?, &asker, out),
            Self::Register { out: folder } => register(&config()?, &folder, out),
            Self::Dataverwerkingen { out: file, besluiten, from, until } => {
                verwerkingen::write(&config()?, (&file, besluiten.as_deref()), (from, until), out)
            }
            Self::Send(arguments) => send::run(config, &arguments, out),
            Self::Verwerkingsregister { out: folder } => verwerkingen::register(&config()?, &folder, out),
            Self::BeginAnew { reason, no_officers } => anew::begin(&config()?, (&reason, !no_officers), out),
            Self::Pin { gemeente, key } => anew::pin(&config()?, (gemeente, &key), out),
            Self::Key => key(&config()?.paths.audit, out),
            Self::WitnessKey => witness_key(&config()?, out),
            Self::Show => show(&config()?.paths.audit, out),
        }
    }
}

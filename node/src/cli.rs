//! The commands of `drempel-node`. Each prints what it did and what to do next; none prints a value of a record.

mod acceptance;
mod account;
mod anew;
mod audit;
mod catalogue;
mod check;
mod import;
mod init;
mod ledger;
mod mapping;
mod policy;
mod records;
mod release;
mod schema;
mod send;
mod serve;
mod verwerkingen;

use std::{io::Write, path::PathBuf};

use clap::{Parser, Subcommand};
use drempel_protocols::id::{Digest, Gemeentecode, Oin, Period};

use crate::{config::Config, ingest::regels::markdown, officer::Role};

/// One gemeente's node of Drempel.
///
/// A node keeps the gemeente's own jeugdzorg records and answers registered questions about them with counts of at
/// least k persons. It logs every question, and everything that leaves.
///
/// To begin: `init`, have the certificate request signed, fill in node.toml, `check`, `import --ijw DIR`,
/// `release build --all`, `serve`.
#[derive(Debug, Parser)]
#[command(name = "drempel-node", version, max_term_width = 110)]
pub struct Cli {
    /// The configuration of the node.
    #[arg(long, global = true, default_value = "node.toml", env = "DREMPEL_NODE_CONFIG")]
    config: PathBuf,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Makes keys, a certificate request and a commented configuration in an empty folder.
    Init {
        /// The folder to make.
        #[arg(long)]
        dir: PathBuf,
        /// The gemeente, as GM0014.
        #[arg(long)]
        gemeente: Gemeentecode,
        /// Its OIN, 20 digits.
        #[arg(long)]
        oin: Oin,
        /// The name under which the coordinator reaches the node; for the certificate request. May be repeated.
        #[arg(long = "name", default_value = "localhost")]
        names: Vec<String>,
        /// The federation's signed catalogue, to copy into the folder.
        #[arg(long)]
        catalogue: PathBuf,
    },
    /// Looks for every problem in configuration, certificates, catalogue, snapshot and log, and says what to do.
    Check,
    /// Adds iJw messages to the records and makes a new snapshot of all of them, or takes views from a warehouse.
    Import(import::Arguments),
    /// The encrypted records of the gemeente.
    Records {
        #[command(subcommand)]
        command: RecordsCommand,
    },
    /// The mapping of product codes to hulpvormen.
    Mapping {
        #[command(subcommand)]
        command: MappingCommand,
    },
    /// Prints the rules of iJw 3.2 that an import applies, with the test of each.
    Rules,
    /// Prints the columns and members of the views, for files from the gemeente's own warehouse.
    Schema {
        /// Only this view.
        #[arg(long)]
        view: Option<String>,
    },
    /// What is published of each half-year: all that questions are answered from.
    Release {
        #[command(subcommand)]
        command: ReleaseCommand,
    },
    /// The ledger of everything that was released.
    Ledger {
        #[command(subcommand)]
        command: LedgerCommand,
    },
    /// Answers questions until it is told to stop (SIGTERM, Ctrl-C).
    Serve,
    /// The log of what was asked and what left.
    Audit {
        #[command(subcommand)]
        command: audit::AuditCommand,
    },
    /// Who may sign in to the pages of the privacy officer.
    Account {
        #[command(subcommand)]
        command: AccountCommand,
    },
    /// The gemeente's own policy.
    Policy {
        #[command(subcommand)]
        command: PolicyCommand,
    },
    /// The federation's catalogue.
    Catalogue {
        #[command(subcommand)]
        command: CatalogueCommand,
    },
}

#[derive(Debug, Subcommand)]
enum AccountCommand {
    /// Makes an account, and prints its password and the secret of its codes, once.
    Add {
        /// The name to sign in with.
        name: String,
        /// What its holder may see and do: an officer everything, a beheerder the data and the log too, a lezer what was asked
        /// and what left.
        #[arg(long, value_enum)]
        role: Role,
    },
    /// Makes the password and the secret of an account anew; who is signed in with it is signed out.
    Reset {
        /// The name.
        name: String,
    },
    /// Removes an account, and with it the key by which the log knows its holder: the log stays whole, and says of its records
    /// no more whose they are.
    Remove {
        /// The name.
        name: String,
    },
    /// Lists the accounts.
    List,
}

#[derive(Debug, Subcommand)]
enum PolicyCommand {
    /// Says which questions that were answered in the last days the policy in the configuration file would refuse: before
    /// the node is restarted with it.
    Check {
        /// How many days.
        #[arg(long, default_value_t = 30)]
        days: u16,
    },
}

#[derive(Debug, Subcommand)]
enum ReleaseCommand {
    /// Builds the release of a half-year: counts every registered cube, protects it together with everything released
    /// before, and adds it to the ledger, for good.
    Build(release::Arguments),
    /// For the officer: shows what the next release would hide and why, without releasing anything.
    Preview {
        /// The half-year; without it the next one.
        #[arg(long)]
        period: Option<Period>,
        /// Shown cells too.
        #[arg(long)]
        all: bool,
    },
    /// Lists the releases.
    List,
    /// For the officer: shows what a release hides and why.
    Show {
        /// The half-year.
        period: Period,
        /// Shown cells too.
        #[arg(long)]
        all: bool,
    },
    /// Writes a certificate of everything released so far, which anybody can check with `drempel release verify`. It holds
    /// what the accepted cubes show, and of hidden cells only that they are hidden.
    Certificate {
        /// Up to this half-year; without it the last one.
        #[arg(long)]
        period: Option<Period>,
        /// The file to write; it may not be there yet.
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
    /// Stops answering from a release that is wrong. Its figures stay known, and later releases are protected with them.
    Withdraw {
        /// The half-year.
        period: Period,
        /// Why; kept with the release.
        #[arg(long)]
        reason: String,
    },
}

#[derive(Debug, Subcommand)]
enum LedgerCommand {
    /// After a herindeling: takes over the releases and the counted set of a gemeente that became this one, before the
    /// first release that counts its children. Import its records here first, so that its children are known; once for
    /// each gemeente.
    Import {
        /// The ledger.sqlite of its node, stopped, or of a backup.
        ledger: PathBuf,
        /// The key of its records: a child is known there by a hash under that key.
        #[arg(long, value_name = "FILE")]
        record_key: PathBuf,
        /// The folder of its log: from an older backup than what its node answered from nothing is taken over.
        #[arg(long, value_name = "FOLDER")]
        log: PathBuf,
        /// Take it over although less than half of the children it counted are in the records here.
        #[arg(long)]
        accept_loss: bool,
    },
}

#[derive(Debug, Subcommand)]
enum RecordsCommand {
    /// Reads everything and says whether it is as it was written.
    Verify,
    /// Writes facts and views as CSV, with BSN: for the gemeente's own use only.
    Export {
        /// A folder without such files; made if it is not there.
        #[arg(long)]
        dir: PathBuf,
    },
    /// Encrypts everything again under a new key, and makes a new snapshot with other person numbers.
    Rotate {
        /// The file of the new key; without it one is made, and takes the place of the configured file.
        #[arg(long)]
        new_key: Option<PathBuf>,
    },
}

#[derive(Debug, Subcommand)]
enum MappingCommand {
    /// Lists the product codes without hulpvorm, and how much help each is.
    Check,
}

#[derive(Debug, Subcommand)]
enum CatalogueCommand {
    /// Shows what a catalogue lets be asked, who signed it, and the digest to accept.
    Show {
        /// The one that is proposed, with every line that it changes.
        #[arg(long)]
        proposed: bool,
    },
    /// Puts the proposed catalogue in the place of the one in use, once an officer has accepted it on the pages.
    Adopt,
    /// For the privacy officer, at the installation or where there are no pages: accepts the catalogue with this digest, in the
    /// configuration file.
    Accept {
        /// The digest that `catalogue show` prints.
        digest: Digest,
    },
    /// For a federation party: says whether nodes can release from a catalogue, and how many cells it has.
    Check {
        /// The folder of the catalogue.
        #[arg(long)]
        dir: PathBuf,
    },
    /// For a federation party: signs a catalogue with the party's key, or makes that key.
    Sign {
        /// The folder of the catalogue.
        #[arg(long)]
        dir: PathBuf,
        /// The name of the party.
        #[arg(long)]
        party: String,
        /// The party's Ed25519 key (PKCS#8); made if there is no such file.
        #[arg(long)]
        key: PathBuf,
    },
}

impl Cli {
    /// Does what was asked.
    ///
    /// # Errors
    /// What went wrong and what to do about it.
    pub fn run(self, out: &mut impl Write) -> anyhow::Result<()> {
        let config = || Config::read(&self.config);
        match self.command {
            Command::Init { dir, gemeente, oin, names, catalogue } => {
                init::run(&init::Request { dir, gemeente, oin, names, catalogue }, out)
            }
            Command::Check => check::run(&self.config, out),
            Command::Import(arguments) => import::run(&config()?, &arguments, out),
            Command::Records { command: RecordsCommand::Verify } => records::verify(&config()?, out),
            Command::Records { command: RecordsCommand::Export { dir } } => records::export(&config()?, &dir, out),
            Command::Records { command: RecordsCommand::Rotate { new_key } } => {
                records::rotate(&config()?, new_key.as_deref(), out)
            }
            Command::Mapping { command: MappingCommand::Check } => mapping::check(&config()?, out),
            Command::Rules => Ok(write!(out, "{}", markdown())?),
            Command::Schema { view } => schema::print(&config()?, view.as_deref(), out),
            Command::Ledger { command: LedgerCommand::Import { ledger, record_key, log, accept_loss } } => {
                ledger::import(&config()?, &ledger, (&record_key, &log), accept_loss, out)
            }
            Command::Release { command: ReleaseCommand::Build(arguments) } => {
                release::build(&config()?, &arguments, out)
            }
            Command::Release { command: ReleaseCommand::Preview { period, all } } => {
                release::preview(&config()?, period, all, out)
            }
            Command::Release { command: ReleaseCommand::List } => release::list(&config()?, out),
            Command::Release { command: ReleaseCommand::Show { period, all } } => {
                release::show(&config()?, period, all, out)
            }
            Command::Release { command: ReleaseCommand::Certificate { period, out: file } } => {
                release::certify(&config()?, period, &file, out)
            }
            Command::Release { command: ReleaseCommand::Withdraw { period, reason } } => {
                release::withdraw(&config()?, period, &reason, out)
            }
            Command::Serve => serve::run(config()?),
            Command::Audit { command } => command.run(config, out),
            Command::Account { command: AccountCommand::Add { name, role } } => {
                account::add(&config()?, &name, role, out)
            }
            Command::Account { command: AccountCommand::Reset { name } } => account::reset(&config()?, &name, out),
            Command::Account { command: AccountCommand::Remove { name } } => account::remove(&config()?, &name, out),
            Command::Account { command: AccountCommand::List } => account::list(&config()?, out),
            Command::Policy { command: PolicyCommand::Check { days } } => policy::check(&config()?, days, out),
            Command::Catalogue { command: CatalogueCommand::Show { proposed: false } } => {
                catalogue::show(&config()?, out)
            }
            Command::Catalogue { command: CatalogueCommand::Show { proposed: true } } => {
                catalogue::show_proposed(&config()?, out)
            }
            Command::Catalogue { command: CatalogueCommand::Adopt } => acceptance::adopt(&self.config, out),
            Command::Catalogue { command: CatalogueCommand::Accept { digest } } => {
                acceptance::accept(&self.config, digest, out)
            }
            Command::Catalogue { command: CatalogueCommand::Check { dir } } => catalogue::check(&dir, out),
            Command::Catalogue { command: CatalogueCommand::Sign { dir, party, key } } => {
                catalogue::sign(&dir, &party, &key, out)
            }
        }
    }
}

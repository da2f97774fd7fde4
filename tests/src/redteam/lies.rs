//! What a coordinator may say that is not so, and what may be asked that is no question: each sent to a running node, beside
//! the same said honestly. A lie succeeds when the node answers it.

use std::sync::Arc;

use drempel_protocols::{
    clock::SystemClock,
    id::QuestionId,
    message::{Ask, LIFE},
    policy::PolicyFile,
};
use jiff::SignedDuration;
use ring::{
    rand::SystemRandom,
    signature::{Ed25519KeyPair, KeyPair as _},
};

use super::{
    chain::{Chain, Protection},
    life::HALF_YEARS,
    plan::Plan,
    planter::Planter,
    registry::BOTH,
    target::Target,
    trial::Ground,
};

/// A question that the node answers.
pub(super) const HONEST: &str = "SELECT kerngroep, COUNT(*) FROM jeugdhulp WHERE periode = '2025H1' GROUP BY kerngroep";

/// Another one.
const OTHER: &str = "SELECT COUNT(*) FROM jeugdhulp WHERE periode = '2025H1'";

/// What would tell of one child, or of small numbers, where a text was run as it is: each is a good question but for one thing.
pub(super) const HOSTILE: [(&str, &str); 12] = [
    (
        "cells of few persons",
        "SELECT kerngroep, COUNT(*) FROM jeugdhulp WHERE periode = '2025H1' GROUP BY kerngroep HAVING COUNT(*) < 10",
    ),
    ("one row for each child", "SELECT persoon, COUNT(*) FROM jeugdhulp WHERE periode = '2025H1' GROUP BY persoon"),
    ("the children themselves", "SELECT * FROM jeugdhulp WHERE periode = '2025H1'"),
    (
        "an error that depends on a count",
        "SELECT CASE WHEN COUNT(*) > 3 THEN 1 / 0 ELSE COUNT(*) END FROM jeugdhulp WHERE periode = '2025H1'",
    ),
    ("a complement", "SELECT COUNT(*) FROM jeugdhulp WHERE periode = '2025H1' AND NOT (kerngroep = 'ambulant')"),
    (
        "a union of members",
        "SELECT COUNT(*) FROM jeugdhulp WHERE periode = '2025H1' AND (kerngroep = 'ambulant' OR kerngroep = 'ggz')",
    ),
    ("an extreme", "SELECT MIN(kerngroep) FROM jeugdhulp WHERE periode = '2025H1'"),
    ("a table within a table", "SELECT COUNT(*) FROM (SELECT * FROM jeugdhulp LIMIT 1) WHERE periode = '2025H1'"),
    (
        "two tables",
        "SELECT COUNT(*) FROM jeugdhulp WHERE periode = '2025H1' UNION ALL SELECT COUNT(*) FROM jeugdhulp WHERE periode = \
         '2025H1'",
    ),
    ("a name for a table", "WITH een AS (SELECT * FROM jeugdhulp) SELECT COUNT(*) FROM een WHERE periode = '2025H1'"),
    ("a comment", "SELECT COUNT(*) FROM jeugdhulp WHERE periode = '2025H1' -- AND kerngroep = 'ggz'"),
    ("a file", "SELECT COUNT(*) FROM '/etc/passwd' WHERE periode = '2025H1'"),
];

/// A lie: about what, what it says, and how an honest question becomes one.
type Lie = (&'static str, &'static str, fn(&mut Ask) -> anyhow::Result<()>);

const LIES: [Lie; 7] = [
    ("replay", "a question to another node", |ask| {
        ask.recipient = "00000099000000099997".parse()?;
        Ok(())
    }),
    ("time", "a question of an hour ago", |ask| {
        ask.issued -= SignedDuration::from_hours(1);
        ask.expires = ask.issued + LIFE;
        Ok(())
    }),
    ("time", "a question that is good for a day", |ask| {
        ask.expires = ask.issued + SignedDuration::from_hours(24);
        Ok(())
    }),
    ("time", "a new question with an old number", |ask| {
        ask.id = QuestionId::at(ask.issued - SignedDuration::from_hours(1));
        Ok(())
    }),
    ("catalogue", "another catalogue", |ask| {
        ask.catalogue = ask.digest;
        Ok(())
    }),
    ("question", "another question than its digest is of", |ask| {
        ask.digest = ask.catalogue;
        Ok(())
    }),
    ("purpose", "a purpose that is not registered", |ask| {
        ask.purpose = "nieuwsgierigheid".parse()?;
        Ok(())
    }),
];

/// What came of a lie.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// About what.
    pub about: &'static str,
    /// What it says.
    pub name: &'static str,
    /// The status that the node answered it with.
    pub status: u16,
    /// That of the same said honestly.
    pub honest: u16,
}

impl Told {
    /// Whether the node answered the lie.
    #[must_use]
    pub const fn succeeded(&self) -> bool {
        self.status == 200
    }
}

/// Tells all of them to a node of a gemeente that was planted.
///
/// # Errors
/// If the node does not start, or does not answer at all.
pub async fn tell(ground: &Ground) -> anyhow::Result<Vec<Told>> {
    let (codebook, landmarks) = (&ground.codebook, &ground.landmarks);
    let planter = Planter { codebook, landmarks };
    let of = |categorie, many| Ok::<_, anyhow::Error>(vec![planter.boy(&[(categorie, -1, HALF_YEARS)])?; many]);
    let children = [of("45", 40)?, of("51", 9)?, of("43", 30)?].concat();
    let plan = Plan::new([vec![("jeugdhulp", &["kerngroep"][..], BOTH)]]);
    let chain = Chain::release(&ground.registry, children, &plan, Protection::Drempel, (codebook, landmarks))?;
    let cubes = plan.halves.first().and_then(|half| half.cubes.as_deref());
    let bundle = ground.registry.bundle(cubes, None)?;
    let clock = Arc::new(SystemClock);
    let mut node = Target::start(&bundle, &chain.ledger(), PolicyFile::default(), clock).await?;
    let mut found = Vec::new();
    for (about, name, bend) in LIES {
        let mut ask = node.question(HONEST)?;
        let honest = node.send(&ask, node.key()).await?.status;
        ask = node.question(HONEST)?;
        bend(&mut ask)?;
        let status = node.send(&ask, node.key()).await?.status;
        found.push(Told { about, name, status, honest });
    }
    let ask = node.question(HONEST)?;
    let honest = node.send(&ask, node.key()).await?.status;
    let again = Ask { id: ask.id, ..node.question(OTHER)? };
    let status = node.send(&again, node.key()).await?.status;
    found.push(Told { about: "replay", name: "another question under the same number", status, honest });
    let pkcs8 = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).map_err(|_| anyhow::anyhow!("no key"))?;
    let key = Ed25519KeyPair::from_pkcs8(pkcs8.as_ref()).map_err(|_| anyhow::anyhow!("the key is no key"))?;
    anyhow::ensure!(key.public_key().as_ref() != node.key().public_key().as_ref(), "two keys are one");
    let status = node.send(&node.question(HONEST)?, &key).await?.status;
    found.push(Told { about: "signature", name: "a key of its own", status, honest });
    for (name, text) in HOSTILE {
        let status = node.ask(text).await?.status;
        found.push(Told { about: "SQL", name, status, honest });
    }
    node.stop().await;
    Ok(found)
}

//! Two gemeenten whose children differ in what is hidden and in nothing else. Whoever has all that leaves them (answers,
//! refusals, their sizes and headers, the certificate, the log, how long an answer takes) must not be able to tell them apart;
//! by the same means two that differ in what is shown must be told apart, where that can be at all.

use std::{collections::BTreeMap, fs, sync::Arc, time::Instant};

use drempel_node::{
    ledger::Ledger,
    officer::{Role, Route},
};
use drempel_protocols::{
    catalogue::{Catalogue, Measure},
    clock::{Clock, SystemClock},
    lattice::shown_by,
    message::Ask,
    policy::PolicyFile,
    release::certificate,
};
use jiff::Timestamp;
use rand::{SeedableRng as _, seq::SliceRandom as _};
use rand_chacha::ChaCha8Rng;

use super::{
    chain::{Chain, Protection},
    codebook::Codebook,
    lies::{HONEST, HOSTILE},
    life::{HALF_YEARS, HALVES, Landmarks, Life},
    plan::Plan,
    planter::Planter,
    registry::{BOTH, Drawn, ROWS},
    target::Target,
    trial::Ground,
};

const CUBES: [Drawn; 3] = [
    ("jeugdhulp", &["kerngroep"], BOTH),
    ("jeugdhulp", &["categorie"], BOTH),
    ("jeugdhulp", &["kerngroep", "begin", "beeindigd"], ROWS),
];

/// How often the same records are released in another order.
const ORDERS: u64 = 20;

/// How often each twin is asked in a round, and how often before that, until it answers as fast as it will.
const ASKED: usize = 100;
const WARMED: usize = 20;

/// Differences of rounds with a mean that is so many standard errors from none are no chance.
const FAR: f64 = 5.0;

/// What can be seen of a gemeente, and whether it tells twins apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Channel {
    /// What is seen.
    pub name: &'static str,
    /// Whether it tells those apart that differ in what is shown.
    pub shown: bool,
    /// Whether it tells any apart that differ in what is hidden.
    pub hidden: bool,
}

impl Channel {
    /// Whether it is as it should be; a refusal knows no records, so that it tells nobody apart.
    #[must_use]
    pub fn is_as_wanted(&self) -> bool {
        let knows_records = ![REFUSALS, HEADERS].contains(&self.name);
        self.hidden == (self.name == OFFICER) && self.shown == knows_records
    }
}

const REFUSALS: &str = "refusals";
const PAGES: &str = "the pages, to a lezer";
const OFFICER: &str = "what is hidden, to the officer";
const HEADERS: &str = "headers";

/// How long answers took, over some rounds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Times {
    /// How much longer one twin takes than the other, in microseconds.
    pub apart: f64,
    /// The same in standard errors over the rounds.
    pub errors: f64,
    /// By how many standard errors a larger question takes longer: what this can tell.
    pub of_size: f64,
}

impl Times {
    /// Whether twins are told apart, by a clock that can tell a larger question from a smaller.
    #[must_use]
    pub fn is_as_wanted(&self) -> bool {
        self.errors.abs() < FAR && self.of_size > FAR
    }
}

/// A clock that stands still, so that no two records of a log differ in their time.
struct Still(Timestamp);

impl Clock for Still {
    fn now(&self) -> Timestamp {
        self.0
    }
}

type Pair = [Vec<Life>; 2];

/// Some that differ in what is shown, and some that do in what is hidden.
fn pairs(codebook: &Codebook, landmarks: &Landmarks) -> anyhow::Result<(Pair, Vec<Pair>)> {
    let planter = Planter { codebook, landmarks };
    let of = |groups: &[(&'static str, i8, usize)]| {
        let boys =
            groups.iter().map(|(categorie, einde, many)| Ok(vec![planter.boy(&[(*categorie, -1, *einde)])?; *many]));
        Ok::<_, anyhow::Error>(boys.collect::<anyhow::Result<Vec<_>>>()?.concat())
    };
    let common = |others: &[(&'static str, i8, usize)]| of(&[&[("45", HALF_YEARS, 90)], others].concat());
    let stays = |one, other| common(&[("37", HALF_YEARS, one), ("38", HALF_YEARS, other)]);
    let ends = |one, other| common(&[("37", 0, one), ("37", 1, other)]);
    let all = |many| of(&[("45", HALF_YEARS, many)]);
    Ok((
        [stays(3, 5)?, common(&[("45", HALF_YEARS, 20), ("37", HALF_YEARS, 3), ("38", HALF_YEARS, 5)])?],
        vec![
            [stays(3, 5)?, stays(4, 4)?],
            [stays(1, 8)?, stays(8, 1)?],
            [ends(4, 5)?, ends(5, 4)?],
            [all(3)?, all(9)?],
        ],
    ))
}

/// A gemeente, and the node that answers from its releases.
struct Twin {
    chain: Chain,
    node: Target,
}

impl Twin {
    async fn start(ground: &Ground, children: Vec<Life>, clock: Arc<dyn Clock>) -> anyhow::Result<Self> {
        let chain = release(ground, children)?;
        let bundle = ground.registry.bundle(Some(&CUBES), None)?;
        let node = Target::start(&bundle, &chain.ledger(), PolicyFile::default(), clock).await?;
        Ok(Self { chain, node })
    }

    /// Everything that can be seen of it, with the same questions.
    async fn seen(&self, asked: &[Ask], refused: &[Ask]) -> anyhow::Result<BTreeMap<&'static str, String>> {
        let (mut answers, mut refusals) = (Vec::new(), Vec::new());
        for ask in asked {
            answers.push(self.node.send(ask, self.node.key()).await?);
        }
        for ask in refused {
            refusals.push(self.node.send(ask, self.node.key()).await?);
        }
        anyhow::ensure!(answers.iter().all(|seen| seen.answer().is_some()), "a question is not answered");
        anyhow::ensure!(refusals.iter().all(|seen| seen.answer().is_none()), "a text is answered");
        // Those of an officer show what is hidden: that they tell is what the others are held against.
        let lezer = self.node.pages(Role::Lezer, &pages(true)).await?;
        let officer = self.node.pages(Role::Officer, &pages(false)).await?;
        let history = Ledger::open(&self.chain.ledger())?.history()?;
        let allowed = shown_by(&self.node.catalogue, |_| true)?;
        let mut log = String::new();
        for file in fs::read_dir(&self.node.config().paths.audit)? {
            log += &fs::read_to_string(file?.path())?;
        }
        let text = |body: &[u8]| plain(&String::from_utf8_lossy(body));
        Ok(BTreeMap::from([
            ("answers", answers.iter().map(|seen| text(&seen.body)).collect()),
            ("sizes of answers", format!("{:?}", answers.iter().map(|seen| seen.body.len()).collect::<Vec<_>>())),
            // The length of an answer is seen above.
            (HEADERS, format!("{:?}", answers.iter().map(|seen| seen.without_length()).collect::<Vec<_>>())),
            (REFUSALS, refusals.iter().map(|seen| format!("{} {}", seen.status, text(&seen.body))).collect()),
            (PAGES, plain(&lezer)),
            (OFFICER, plain(&officer)),
            ("the certificate", serde_json::to_string(&certificate(&history, &[].into(), &allowed)?)?),
            ("the log", plain(&log)),
            ("the size of the log", log.len().to_string()),
        ]))
    }
}

/// Whether twins can be told apart, by whatever can be seen but time.
///
/// # Errors
/// If a node does not start, or answers otherwise than it must.
pub async fn tell(ground: &Ground) -> anyhow::Result<Vec<Channel>> {
    let (shown, hidden) = pairs(&ground.codebook, &ground.landmarks)?;
    let mut found: BTreeMap<&'static str, Channel> = BTreeMap::new();
    for (is_hidden, pair) in std::iter::once((false, shown)).chain(hidden.into_iter().map(|pair| (true, pair))) {
        for (name, differs) in compare(ground, pair).await? {
            let channel = found.entry(name).or_insert(Channel { name, shown: false, hidden: false });
            *(if is_hidden { &mut channel.hidden } else { &mut channel.shown }) |= differs;
        }
    }
    Ok(found.into_values().collect())
}

async fn compare(ground: &Ground, pair: Pair) -> anyhow::Result<Vec<(&'static str, bool)>> {
    let clock: Arc<dyn Clock> = Arc::new(Still(SystemClock.now()));
    let [one, other] = pair;
    let mut one = Twin::start(ground, one, Arc::clone(&clock)).await?;
    let mut other = Twin::start(ground, other, clock).await?;
    let asks =
        |texts: Vec<String>| texts.iter().map(|text| one.node.question(text)).collect::<anyhow::Result<Vec<_>>>();
    let (asked, refused) = (asks(questions(&one.node.catalogue))?, asks(refused())?);
    let (left, right) = (one.seen(&asked, &refused).await?, other.seen(&asked, &refused).await?);
    let mut found: Vec<_> = left.iter().map(|(name, text)| (*name, right.get(name) != Some(text))).collect();
    // In another order the same is released; in the control, that of the other.
    let mut random = ChaCha8Rng::seed_from_u64(1);
    let mut children = other.chain.children.clone();
    for _ in 0..ORDERS {
        children.shuffle(&mut random);
        found.push(("the order of records", pattern(&release(ground, children.clone())?) != pattern(&one.chain)));
    }
    one.node.stop().await;
    other.node.stop().await;
    Ok(found)
}

/// How long answers take, over so many rounds in each of which both twins are started anew.
///
/// # Errors
/// If a node does not start or answer.
pub async fn times(ground: &Ground, rounds: usize) -> anyhow::Result<Times> {
    let (_, hidden) = pairs(&ground.codebook, &ground.landmarks)?;
    let (mut apart, mut of_size) = (Vec::new(), Vec::new());
    let pairs = hidden.len();
    for (round, pair) in hidden.into_iter().cycle().take(rounds).enumerate() {
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let [one, other] = pair;
        // Of no pair is one always the first.
        let is_turned = round / pairs % 2 == 1;
        let (first, second) = if is_turned { (other, one) } else { (one, other) };
        let mut nodes = [
            Twin::start(ground, first, Arc::clone(&clock)).await?.node,
            Twin::start(ground, second, clock).await?.node,
        ];
        let [first, second] = &nodes;
        let large = questions(&first.catalogue).pop().unwrap_or_default();
        let mut took = [(first, HONEST), (second, HONEST), (first, large.as_str())].map(|of| (of, Vec::new()));
        for number in 0..WARMED + ASKED {
            for ((node, text), took) in &mut took {
                let ask = node.question(text)?;
                let begun = Instant::now();
                node.send(&ask, node.key()).await?;
                if number >= WARMED {
                    took.push(begun.elapsed().as_secs_f64() * 1e6);
                }
            }
        }
        let [first, second, large] = took.map(|(_, took)| median(took));
        apart.push(if is_turned { second - first } else { first - second });
        of_size.push(large - first);
        for node in &mut nodes {
            node.stop().await;
        }
    }
    let (mean, errors) = from_none(&apart);
    Ok(Times { apart: mean, errors, of_size: from_none(&of_size).1 })
}

/// The median of a sample that is not empty.
fn median(mut sample: Vec<f64>) -> f64 {
    sample.sort_by(f64::total_cmp);
    sample.get(sample.len() / 2).copied().unwrap_or_default()
}

/// The mean of a sample, and how many standard errors it is from none (Student's t).
fn from_none(sample: &[f64]) -> (f64, f64) {
    let many = sample.len() as f64;
    let mean = sample.iter().sum::<f64>() / many;
    let spread = sample.iter().map(|one| (one - mean).powi(2)).sum::<f64>() / (many - 1.0);
    (mean, mean / (spread / many).sqrt())
}

fn release(ground: &Ground, children: Vec<Life>) -> anyhow::Result<Chain> {
    let (codebook, landmarks) = (&ground.codebook, &ground.landmarks);
    let plan = Plan::new([CUBES.to_vec(), CUBES.to_vec()]);
    let chain = Chain::release(&ground.registry, children, &plan, Protection::Drempel, (codebook, landmarks))?;
    anyhow::ensure!(chain.refused.is_none(), "a half-year is refused");
    Ok(chain)
}

/// What is published of every cell.
fn pattern(chain: &Chain) -> Vec<(String, Option<(u64, u64)>)> {
    let of = chain.cells.iter().map(|cell| {
        let name = format!("{} {} {}", cell.half, cell.place.view(), cell.place.members());
        (name, cell.reason.is_none().then_some((cell.persons, cell.rows)))
    });
    of.collect()
}

/// Every cube of every half-year, with all measures, and its total; the largest last.
fn questions(catalogue: &Catalogue) -> Vec<String> {
    let of = |half: &'static str| {
        catalogue.cubes().flat_map(move |cube| {
            let measures: Vec<&str> = cube.measures().iter().map(|measure: &Measure| measure.sql()).collect();
            let measures = measures.join(", ");
            let columns: Vec<String> = cube.dimensions().iter().map(ToString::to_string).collect();
            let (columns, view) = (columns.join(", "), cube.view());
            [
                format!("SELECT {measures} FROM {view} WHERE periode = '{half}'"),
                format!("SELECT {columns}, {measures} FROM {view} WHERE periode = '{half}' GROUP BY {columns}"),
            ]
        })
    };
    let mut all: Vec<String> = HALVES.into_iter().take(2).flat_map(of).collect();
    all.sort_by_key(|text| text.matches(", ").count());
    all
}

/// What the pages show of a gemeente: to all of it, or to its officer only.
fn pages(to_all: bool) -> Vec<String> {
    let of = |half: &str| {
        let release = Route::Release.path().replace("{periode}", half);
        if to_all { release } else { Route::Hidden.path().replace("{periode}", half) }
    };
    let mut paths: Vec<String> = HALVES.into_iter().take(2).map(of).collect();
    if to_all {
        let others = Route::ALL.iter().filter(|route| route.method() == "GET" && !route.path().contains('{'));
        paths.extend(others.map(|route| route.path().to_owned()));
        // The records of the first questions, after those of the start.
        let question = |record: usize| Route::Question.path().replace("{record}", &record.to_string());
        paths.extend((1..20).map(question));
        paths.extend((1..20).map(question).map(|path| format!("{path}/bewijs.json")));
        // What a lezer may not see is said the same way whatever it is.
        paths.push(Route::Hidden.path().replace("{periode}", HALVES.first().copied().unwrap_or_default()));
    }
    paths
}

/// What must be refused, that which would take long or much memory too.
fn refused() -> Vec<String> {
    let many = |of: &str, times| vec![of; times].join(" ");
    let long = [
        format!("{HONEST} {}", many("AND kerngroep = 'ggz'", 5000)),
        format!("SELECT COUNT(*) FROM jeugdhulp WHERE periode IN ({} '2025H1')", many("'2025H1',", 5000)),
        format!("SELECT COUNT(*) FROM jeugdhulp WHERE {}periode = '2025H1'{}", "(".repeat(5000), ")".repeat(5000)),
        format!("SELECT COUNT(*) FROM {} jeugdhulp WHERE periode = '2025H1'", many("jeugdhulp,", 100)),
    ];
    HOSTILE.iter().map(|(_, text)| (*text).to_owned()).chain(long).collect()
}

/// Without what is random: digests, salts and ids are as many dots.
fn plain(text: &str) -> String {
    // Of hexadecimal and base64: ids, digests, hashes and signatures.
    let is_of_random = |byte: char| byte.is_ascii_alphanumeric() || "-+/=".contains(byte);
    let mut found = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let run = rest.find(|byte| !is_of_random(byte)).unwrap_or(rest.len());
        let taken = run.max(first.len_utf8());
        let (part, after) = rest.split_at(taken);
        if run >= 32 {
            found.extend(std::iter::repeat_n('.', run))
        } else {
            found += part
        }
        rest = after;
    }
    found
}

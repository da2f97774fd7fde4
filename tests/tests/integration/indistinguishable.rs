//! Two databases that differ in one person within hidden cells are one and the same to whoever asks: status, headers,
//! length and every byte of the answer, but for the random id of the release and what is drawn for each asking.

use drempel_protocols::{answer::Answer, cell::Cell};
use rand::{RngExt as _, SeedableRng as _};

use crate::{
    asker::{Asker, QUESTION, Reply},
    oracle::{self, Row},
    station::Station,
};

/// Two nodes of one gemeente, that get the same questions.
struct Twins {
    nodes: [Station; 2],
    askers: [Asker; 2],
}

impl Twins {
    async fn start() -> Self {
        let nodes = [Station::start(Vec::new()).await, Station::start(Vec::new()).await];
        let askers = [nodes[0].coordinator(), nodes[1].coordinator()];
        Self { nodes, askers }
    }

    async fn replace(&mut self, rows: [&[Row]; 2]) {
        self.nodes[0].replace(rows[0].to_vec()).await;
        self.nodes[1].replace(rows[1].to_vec()).await;
        self.askers = [self.nodes[0].coordinator(), self.nodes[1].coordinator()];
    }

    async fn ask(&self, text: &str) -> [Reply; 2] {
        let ask = self.nodes[0].ask(text);
        self.send(&ask).await
    }

    async fn send(&self, ask: &drempel_protocols::message::Ask) -> [Reply; 2] {
        [self.askers[0].post(self.nodes[0].sign(ask)).await, self.askers[1].post(self.nodes[1].sign(ask)).await]
    }

    /// Asks a question and compares: each answer is what may be said of its rows, and where the cells are the same, nothing
    /// tells them apart.
    async fn compare(&self, rows: [&[Row]; 2], text: &str) -> Compared {
        let catalogue = &self.nodes[0].catalogue;
        let question = oracle::read(catalogue, text);
        let counted = rows.map(|rows| oracle::counted(&question, rows, catalogue));
        let replies = self.ask(text).await;
        let [one, other] = replies.each_ref().map(|reply| reply.answer().payload);
        for (payload, counted) in [&one, &other].into_iter().zip(&counted) {
            oracle::assert_allowed(&question, counted, payload, text);
        }
        if one != other {
            return Compared::ToldApart;
        }
        assert_same(text, &replies);
        if counted[0] == counted[1] { Compared::Equal } else { Compared::Indistinguishable }
    }
}

/// What came of asking both.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Compared {
    /// What may be said of them differs.
    ToldApart,
    /// The question counts nothing in which they differ.
    Equal,
    /// The counts differ, and nothing shows it.
    Indistinguishable,
}

/// No difference but in the id of the release, which is random, and in the record and its proof, which have random bits.
fn assert_same(text: &str, replies: &[Reply; 2]) {
    let [one, other] = replies;
    assert_eq!((one.status, &one.headers), (other.status, &other.headers), "{text}");
    assert_eq!(one.body.len(), other.body.len(), "{text}");
    if one.status != 200 {
        assert_eq!(one.body, other.body, "{text}");
        return;
    }
    let plain = |reply: &Reply| {
        let logged = reply.logged();
        let answer: Answer = serde_json::from_str(&logged.answer).unwrap();
        answer.releases.values().fold(logged.answer, |text, id| {
            assert_eq!(id.len(), 32);
            text.replace(id, "................................")
        })
    };
    assert_eq!(plain(one), plain(other), "{text}");
}

/// A large visible gemeente, and some persons in two categories of one group, one hulpvorm each.
fn gemeente(in_37: u32, in_38: u32) -> Vec<Row> {
    let with = |persoon: u32, categorie| oracle::common(persoon).map(|row| oracle::of_categorie(row, Some(categorie)));
    let large = (0..40).map(|persoon| with(persoon, "45"));
    let one = (40..40 + in_37).map(|persoon| with(persoon, "37"));
    let other = (40 + in_37..40 + in_37 + in_38).map(|persoon| with(persoon, "38"));
    oracle::possible(large.chain(one).chain(other).flatten().collect())
}

/// A gemeente of a few persons only, whose trajecten began and ended within the half-year: of such a person can have many.
fn few(persons: u32, trajecten: u32) -> Vec<Row> {
    let within = |row: Row| row.with("begin", Some("gestart")).with("einde", Some("31"));
    let rows = (0..persons).flat_map(|persoon| (0..trajecten).flat_map(move |_| oracle::common(persoon)));
    oracle::possible(rows.map(within).collect())
}

#[tokio::test]
async fn what_is_in_hidden_cells_changes_no_byte() {
    let mut twins = Twins::start().await;
    let mut random = rand_chacha::ChaCha20Rng::seed_from_u64(6);
    let questions = oracle::questions(&twins.nodes[0].catalogue, &mut random);
    assert!(questions.len() > 100, "{}", questions.len());
    let pairs = [
        ("one person moved", gemeente(3, 5), gemeente(4, 4)),
        ("1 against 9", gemeente(1, 9), gemeente(9, 1)),
        ("3 or 4 persons in all", few(3, 1), few(4, 1)),
        ("1 or 9 persons, 1 or 40 trajecten", few(1, 1), few(9, 40)),
    ];
    for (what, one, other) in &pairs {
        twins.replace([one, other]).await;
        let mut hidden = 0;
        for question in &questions {
            let compared = twins.compare([one, other], question).await;
            assert_ne!(compared, Compared::ToldApart, "{what} is not a pair that must be the same: {question}");
            hidden += usize::from(compared == Compared::Indistinguishable);
        }
        assert!(hidden > 5, "{what}: the counts differ in {hidden} questions only");
    }
}

#[tokio::test]
async fn random_databases_that_differ_in_one_person_differ_in_visible_cells_only() {
    let mut twins = Twins::start().await;
    let catalogue = &twins.nodes[0].catalogue.clone();
    let mut the_same = 0;
    for (seed, persons) in (0..).zip([12, 30, 60, 120, 240]) {
        let mut random = rand_chacha::ChaCha20Rng::seed_from_u64(seed);
        let one = oracle::possible(oracle::rows(&mut random, persons));
        let other = oracle::possible(oracle::but_for_one(&mut random, &one));
        twins.replace([&one, &other]).await;
        for question in oracle::questions(catalogue, &mut random) {
            let read = oracle::read(catalogue, &question);
            let differ = oracle::counted(&read, &one, catalogue) != oracle::counted(&read, &other, catalogue);
            // Most questions count nothing in which the two differ; some of those are enough.
            if differ || random.random_ratio(1, 16) {
                let compared = twins.compare([&one, &other], &question).await;
                the_same += usize::from(compared == Compared::Indistinguishable);
            }
        }
    }
    assert!(the_same > 10, "only {the_same} questions were about hidden cells");
}

#[tokio::test]
async fn a_hidden_cell_hides_both_measures_and_a_refusal_knows_no_records() {
    let mut twins = Twins::start().await;
    let (one, other) = (gemeente(3, 5), few(9, 40));
    twins.replace([&one, &other]).await;
    for reply in twins.ask(QUESTION).await {
        let payload = reply.answer().payload;
        let mut cells = payload.values();
        let (persons, rows) = (cells.next().unwrap(), cells.next().unwrap());
        let hidden = |cells: &[Cell]| cells.iter().map(|cell| *cell == Cell::Hidden).collect::<Vec<_>>();
        assert_eq!(hidden(persons), hidden(rows));
        assert!(hidden(persons).contains(&true));
    }
    let refused = [
        "SELECT persoon, COUNT(*) FROM jeugdhulp WHERE periode = '2025H2' GROUP BY persoon",
        "SELECT COUNT(*) FROM jeugdhulp WHERE periode = '2025H2' AND categorie = '39'",
        "SELECT COUNT(*) FROM jeugdhulp WHERE periode = '2025H2' AND 1 / 0 = 1",
        "SELECT COUNT(*) FROM jeugdhulp WHERE periode = '2025H2' AND CAST(categorie AS INT) = 45",
        "SELECT CASE WHEN COUNT(*) > 3 THEN 1 / 0 ELSE 0 END FROM jeugdhulp",
        "SELECT categorie, COUNT(*) FROM jeugdhulp WHERE periode = '2025H2' GROUP BY categorie HAVING COUNT(*) < 10",
        "SELECT categorie, hulpvorm, COUNT(*) FROM jeugdhulp WHERE periode = '2025H2' GROUP BY categorie, hulpvorm",
        "SELECT COUNT(*) FROM jeugdhulp WHERE periode = '1999H1'",
    ];
    for text in refused {
        let mut ask = twins.nodes[0].ask(QUESTION);
        ask.sql = text.to_owned();
        let replies = twins.send(&ask).await;
        assert!((400..500).contains(&replies[0].status), "{text}");
        assert_same(text, &replies);
    }
    // A half-year that was not released, however many records there are.
    let lacking = twins.ask("SELECT COUNT(*) FROM jeugdhulp WHERE periode = '2024H1'").await;
    assert!(lacking[0].answer().payload.values().flatten().all(|cell| *cell == Cell::NotHeld));
    assert_same("a half-year that is not held", &lacking);
}

//! A next catalogue that is proposed to a gemeente: what the officer sees of it, that nothing of it is used before the officer
//! has accepted it, and that it can be put in place then and not otherwise.

use std::{fs, path::Path, sync::Arc, time::Duration};

use clap::Parser as _;
use drempel_node::{
    app::Node,
    audit::{Event, verify},
    cli::Cli,
    config::Config,
};
use drempel_protocols::{
    catalogue::SignedBundle,
    id::{Digest, Period},
};
use drempel_tests::{
    clock::TestClock,
    federation::{Federation, FederationBuilder, propose},
};

use crate::{
    asker::{Asker, QUESTION, ask_of, records_of, sign, small},
    browser::{Browser, CUBE},
};

struct Gemeente {
    federation: Federation,
    clock: Arc<TestClock>,
    config: String,
}

impl Gemeente {
    async fn new() -> Self {
        Self::with(small(1).pages()).await
    }

    async fn with(builder: FederationBuilder) -> Self {
        let clock = TestClock::shared();
        let federation = builder.clock(clock.clone()).start().await.unwrap();
        let config = federation.layout().node_config("GM0014".parse().unwrap());
        Self { federation, clock, config: config.to_str().unwrap().to_owned() }
    }

    fn config(&self) -> Config {
        Config::read(Path::new(&self.config)).unwrap()
    }

    /// The registered catalogue without the cube that the question lies in, and with a weighing that is none of ours.
    fn propose(&self) -> Digest {
        propose(&self.config().paths.catalogus_voorstel, |files| {
            let cubes = files.get_mut("kubussen.toml").unwrap();
            let kept = cubes.split("[[kubus]]").filter(|cube| !cube.contains(&format!("naam = \"{CUBE}\"")));
            *cubes = kept
                .collect::<Vec<_>>()
                .join("[[kubus]]")
                .replace("Beantwoordt een vraag", "<b>Beantwoordt</b> een vraag");
        })
        .unwrap()
    }

    async fn browser(&self, name: &str) -> Browser {
        let mut browser = Browser::new(&self.federation, "GM0014".parse().unwrap());
        assert_eq!(browser.sign_in(&self.federation, &self.clock, name).await.status, 303);
        browser
    }

    fn command(&self, arguments: &[&str]) -> Result<String, String> {
        command(&self.config, arguments)
    }

    fn node(&self, config: Config) -> Arc<Node> {
        Node::new(config, Arc::<TestClock>::clone(&self.clock), tokio::runtime::Handle::current()).unwrap()
    }
}

fn command(config: &str, arguments: &[&str]) -> Result<String, String> {
    let mut out = Vec::new();
    let cli = Cli::try_parse_from(["drempel-node", "--config", config].iter().chain(arguments)).unwrap();
    let ran = cli.run(&mut out);
    ran.map(|()| String::from_utf8(out).unwrap()).map_err(|error| format!("{error:#}"))
}

async fn decide(browser: &mut Browser, digest: Digest, verdict: &str) -> u16 {
    let (csrf, digest) = (browser.csrf().await, digest.to_string());
    let form = browser.get(&format!("/besluit?soort=catalogus&naam={digest}")).await.text();
    let Some((_, since)) = form.split_once("name=\"sinds\" value=\"") else { return 404 };
    let since = since.split('"').next().unwrap();
    let form =
        [("soort", "catalogus"), ("naam", &digest), ("besluit", verdict), ("reden", "gewogen"), ("sinds", since)];
    browser.post("/besluit", &[&form[..], &[("csrf", &csrf)]].concat()).await.status
}

fn files(folder: &Path) -> Vec<(String, String)> {
    let signed = SignedBundle::read(folder).unwrap();
    let files = signed.bundle().files().map(|(name, text)| (name.to_owned(), text.to_owned()));
    files.chain([("signatures".to_owned(), SignedBundle::signatures_file(signed.signatures()))]).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_officer_sees_what_a_proposed_catalogue_changes_before_it_holds() {
    let at = Gemeente::new().await;
    let code = "GM0014".parse().unwrap();
    let asker = Asker::coordinator(&at.federation, code);
    asker.post(sign(&ask_of(&at.federation, code, QUESTION), at.federation.signing_key())).await.logged();
    let mut officer = at.browser("officer").await;
    assert!(officer.get("/catalogus/voorstel").await.text().contains("geen andere catalogus voorgesteld"));
    assert!(!officer.get("/").await.text().contains("/catalogus/voorstel"));

    // What too few have signed is nothing to decide about.
    let (digest, folder) = (at.propose(), at.config().paths.catalogus_voorstel);
    let signatures = folder.join(SignedBundle::SIGNATURES);
    let signed = fs::read_to_string(&signatures).unwrap();
    fs::write(&signatures, signed.replace("Wegwerp-VWS", "Wegwerp-CBS")).unwrap();
    let page = officer.get("/catalogus/voorstel").await.text();
    assert!(page.contains("1 valid signatures") && !page.contains("categorie-verwijzer"), "{page}");
    assert_eq!(decide(&mut officer, digest, "aanvaarden").await, 404);
    fs::write(&signatures, signed).unwrap();

    assert!(officer.get("/").await.text().contains("href=\"/catalogus/voorstel\""));
    let page = officer.get("/catalogus/voorstel").await.text();
    for shown in [
        "2027.1",
        "Wegwerp-VNG, Wegwerp-VWS",
        "nog niet aanvaard",
        "categorie-verwijzer <span class=\"etiket let-op\">komt erbij",
        "hoofdgroep-leeftijd <span class=\"etiket nee\">verdwijnt",
        "Laat zien naar welke categorieën elke soort verwijzer verwijst",
        "&#60;b&#62;Beantwoordt&#60;/b&#62; een vraag",
        "<strong>1</strong> worden geweigerd",
        "+naam = &#34;categorie-verwijzer&#34;",
        "-naam = &#34;hoofdgroep-leeftijd&#34;",
        "Besluit over deze catalogus",
    ] {
        assert!(page.contains(shown), "{shown} is not in {page}");
    }
    assert!(!page.contains("groep-geslacht <span"), "it stays as it is");
    let said = at.command(&["catalogue", "show", "--proposed"]).unwrap();
    assert!(said.contains("+naam = \"categorie-verwijzer\"") && said.contains(&digest.to_string()), "{said}");
    let lezer = at.browser("lezer").await.get("/catalogus/voorstel").await.text();
    assert!(lezer.contains("categorie-verwijzer") && !lezer.contains("/besluit?"), "{lezer}");

    // What the next release would show with it is computed, and released to nobody.
    let csrf = officer.csrf().await;
    let other = Digest::of("other", &[]).to_string();
    let begin = async |browser: &mut Browser, digest: &str| {
        browser.post("/vrijgaven/voorbeeld", &[("csrf", &csrf), ("catalogus", digest)]).await.status
    };
    assert_eq!(begin(&mut officer, &other).await, 404);
    assert_eq!(begin(&mut officer, &digest.to_string()).await, 303);
    let preview = loop {
        let page = officer.get("/vrijgaven/voorbeeld").await.text();
        if !page.contains("Bezig:") {
            break page;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    };
    assert!(preview.contains("Met de voorgestelde catalogus 2027.1"), "{preview}");
    let cells = officer.get("/vrijgaven/voorbeeld?zoek=verwijzer%3D").await.text();
    assert!(cells.contains("categorie=") && cells.contains("verwijzer="), "{cells}");
    asker.post(sign(&ask_of(&at.federation, code, QUESTION), at.federation.signing_key())).await.logged();
    at.federation.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proposed_catalogue_is_put_in_place_once_it_is_accepted_and_not_otherwise() {
    let mut at = Gemeente::new().await;
    let (before, digest) = (at.config(), at.propose());
    let (folder, proposed) = (&before.paths.catalogus, &before.paths.catalogus_voorstel);
    let old_files = files(folder);
    let undecided = at.command(&["catalogue", "adopt"]).unwrap_err();
    assert!(undecided.contains("no officer has accepted"), "{undecided}");
    let mut officer = at.browser("officer").await;
    assert_eq!(decide(&mut officer, digest, "afwijzen").await, 303);
    let declined = at.command(&["catalogue", "adopt"]).unwrap_err();
    assert!(declined.contains("has declined"), "{declined}");
    assert_eq!((files(folder), at.config().catalogus.aanvaard), (old_files.clone(), before.catalogus.aanvaard));

    // Who writes the files and the configuration is not the officer: nothing is answered, and nothing released.
    let code = "GM0014".parse().unwrap();
    at.federation.stop_node(code).await.unwrap();
    let mut around = before.clone();
    around.paths.catalogus.clone_from(proposed);
    around.catalogus.aanvaard = digest;
    let by_hand = folder.with_file_name("around.toml");
    fs::write(&by_hand, toml::to_string(&around).unwrap()).unwrap();
    let built = command(by_hand.to_str().unwrap(), &["release", "build"]).unwrap_err();
    assert!(built.contains("not accepted in the log"), "{built}");
    around.paginas = None;
    let node = at.node(around);
    let catalogue = SignedBundle::read(proposed).unwrap().open(&before.catalogus.parties).unwrap();
    assert!(!catalogue.cubes().any(|cube| node.policy().answers(cube)));
    drop(node);
    // And once another was there, the one of before needs an officer again.
    at.federation.start_node(code).await.unwrap();
    let asker = Asker::coordinator(&at.federation, code);
    let ask = async |federation: &Federation| {
        asker.post(sign(&ask_of(federation, code, QUESTION), federation.signing_key())).await.status
    };
    assert_eq!(ask(&at.federation).await, 400);
    let mut officer = at.browser("officer").await;
    assert!(officer.get("/").await.text().contains("De catalogus is niet aanvaard"));
    assert_eq!(decide(&mut officer, before.catalogus.aanvaard, "aanvaarden").await, 303);
    assert_eq!(ask(&at.federation).await, 200);

    let mut officer = at.browser("officer").await;
    assert_eq!(decide(&mut officer, digest, "aanvaarden").await, 303);
    assert!(officer.get("/catalogus/voorstel").await.text().contains("drempel-node catalogue adopt"));
    // One that broke off on its way is done again, and what it has kept stays as it was.
    let kept = folder.with_file_name(format!("catalogus-{:.8}", before.catalogus.aanvaard.to_string()));
    fs::create_dir(&kept).unwrap();
    for file in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        fs::copy(file.path(), kept.join(file.file_name())).unwrap();
    }
    fs::remove_file(folder.join(SignedBundle::SIGNATURES)).unwrap();
    fs::write(folder.join("meer.toml"), "").unwrap();
    let said = at.command(&["catalogue", "adopt"]).unwrap();
    assert!(said.contains("2027.1 is in"), "{said}");
    assert_eq!((files(folder), at.config().catalogus.aanvaard), (files(proposed), digest));
    assert_eq!(files(&kept), old_files);
    let again = at.command(&["catalogue", "adopt"]).unwrap_err();
    assert!(again.contains("nothing else than the catalogue in use is proposed"), "{again}");
    at.federation.stop_node(code).await.unwrap();
    let node = at.node(at.config());
    let catalogue = SignedBundle::read(folder).unwrap().open(&before.catalogus.parties).unwrap();
    assert!(catalogue.cubes().all(|cube| node.policy().answers(cube)));
    drop(node);
    let mut started = None;
    verify(&before.paths.audit, |logged| {
        if let Event::Started { catalogue, .. } = &logged.entry.event {
            started = Some(*catalogue);
        }
    })
    .unwrap()
    .unwrap();
    assert_eq!(started, Some(digest));
    at.federation.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_replaced_is_kept_and_a_catalogue_that_is_declined_answers_nothing() {
    let mut at = Gemeente::new().await;
    let (before, digest) = (at.config(), at.propose());
    let old = files(&before.paths.catalogus);
    let (code, in_use) = ("GM0014".parse().unwrap(), before.catalogus.aanvaard);
    let mut officer = at.browser("officer").await;
    let asker = Asker::coordinator(&at.federation, code);
    let ask = async || asker.post(sign(&ask_of(&at.federation, code, QUESTION), at.federation.signing_key())).await;
    assert_eq!(ask().await.status, 200);
    assert_eq!(decide(&mut officer, digest, "afwijzen").await, 303);
    assert_eq!(ask().await.status, 200, "it is not in use");
    assert_eq!(decide(&mut officer, in_use, "afwijzen").await, 303);
    assert_eq!(ask().await.status, 400);
    assert!(officer.get("/").await.text().contains("iedere vraag wordt geweigerd"));
    assert_eq!(decide(&mut officer, in_use, "aanvaarden").await, 303);
    assert_eq!(ask().await.status, 200);
    assert_eq!(decide(&mut officer, digest, "aanvaarden").await, 303);
    at.command(&["catalogue", "adopt"]).unwrap();
    let kept = before.paths.catalogus.with_file_name(format!("catalogus-{:.8}", in_use.to_string()));
    assert_eq!(files(&kept), old);

    // What is released with it before the restart is answered from after that.
    let released = at.command(&["release", "build"]).unwrap();
    let period: Period = released.split(':').next().unwrap().parse().unwrap();
    let is_answered_from = |federation: &Federation| {
        let is_it = |event: &Event| matches!(event, Event::Release { period: of, .. } if *of == period);
        records_of(federation, code).iter().any(|record| is_it(&record.entry.event))
    };
    assert!(at.federation.member(code).unwrap().node().unwrap().reload().unwrap(), "there is something new");
    assert!(!is_answered_from(&at.federation));
    at.federation.stop_node(code).await.unwrap();
    drop(at.node(at.config()));
    assert!(is_answered_from(&at.federation));
    at.federation.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_read_is_not_confirmed_or_accepted_and_can_be_declined() {
    let at = Gemeente::with(small(1).pages().four_eyes()).await;
    let (folder, digest) = (at.config().paths.catalogus_voorstel, at.propose());
    let (mut one, mut two) = (at.browser("officer").await, at.browser("tweede officer").await);
    assert_eq!(decide(&mut one, digest, "aanvaarden").await, 303);
    assert!(at.command(&["catalogue", "adopt"]).unwrap_err().contains("second one has not confirmed"));
    let decided = records_of(&at.federation, "GM0014".parse().unwrap());
    let decided = decided.iter().rev().find(|record| matches!(record.entry.event, Event::Decided(_))).unwrap();
    let (decision, csrf) = (decided.entry.sequence.to_string(), two.csrf().await);
    let confirm = async |browser: &mut Browser| {
        browser.post("/besluit/bevestiging", &[("csrf", &csrf), ("besluit", &decision)]).await.status
    };
    // Another lies there by now than the first officer has read.
    propose(&folder, |_| {}).unwrap();
    assert_eq!(confirm(&mut two).await, 404);
    at.propose();
    assert!(!two.get("/kubussen").await.text().contains("Bevestigen"), "it is confirmed where it can be read");
    assert!(two.get("/catalogus/voorstel").await.text().contains("Bevestigen"));
    assert!(!one.get("/catalogus/voorstel").await.text().contains("Bevestigen"), "not one's own");
    assert_eq!(confirm(&mut two).await, 303);
    // An acceptance of what is gone can be taken back.
    fs::remove_dir_all(&folder).unwrap();
    assert!(one.get("/kubussen").await.text().contains(&format!("/besluit?soort=catalogus&amp;naam={digest}")));
    assert_eq!(decide(&mut one, digest, "aanvaarden").await, 404);
    assert_eq!(decide(&mut one, digest, "afwijzen").await, 303);
    at.propose();
    assert!(at.command(&["catalogue", "adopt"]).unwrap_err().contains("has declined"));
    at.federation.stop().await;
}

//! The pages of the privacy officer, as a browser uses them and as an attacker would: every route by every role, forms of
//! others, sessions that are not one's own, passwords that are guessed, and texts that are none of ours.

use drempel_node::{
    audit::{Event, verify},
    officer::{Asks, Role, Route, may},
};
use drempel_protocols::id::Gemeentecode;
use drempel_tests::{clock::TestClock, federation::Federation};
use jiff::SignedDuration;
use reqwest::Method;

use crate::{
    asker::{Asker, QUESTION, ask_of, records_of, sign, small},
    browser::{Browser, CUBE, url_encoded},
};

async fn office() -> (Federation, std::sync::Arc<TestClock>, Gemeentecode) {
    let clock = TestClock::shared();
    let federation = small(1).pages().clock(clock.clone()).start().await.unwrap();
    let code = *federation.members().keys().next().unwrap();
    (federation, clock, code)
}

async fn signed_in(federation: &Federation, clock: &TestClock, code: Gemeentecode, name: &str) -> Browser {
    let mut browser = Browser::new(federation, code);
    let reply = browser.sign_in(federation, clock, name).await;
    assert_eq!((reply.status, reply.headers["location"].as_str()), (303, "/"), "{}", reply.text());
    browser
}

/// A path of a route with something in its places, and what its form holds.
fn filled(route: Route, record: u64) -> (String, Vec<(&'static str, String)>) {
    let path = route.path().replace("{record}", &record.to_string()).replace("{periode}", "2025H2");
    let path = path.replace("{rapport}", "import.html");
    let form = match route {
        Route::Decide => vec![
            ("soort", "kubus".to_owned()),
            ("naam", CUBE.to_owned()),
            ("besluit", "aanvaarden".to_owned()),
            ("reden", "proef".to_owned()),
        ],
        Route::Confirm => vec![("besluit", "1".to_owned())],
        _ => Vec::new(),
    };
    let path = if route == Route::DecideForm { format!("{path}?soort=kubus&naam={CUBE}") } else { path };
    (path, form)
}

#[tokio::test]
async fn every_route_gives_each_role_what_it_may_have_and_others_nothing() {
    let (federation, clock, code) = office().await;
    let asked = Asker::coordinator(&federation, code);
    asked.post(sign(&ask_of(&federation, code, QUESTION), federation.signing_key())).await.logged();
    let records = records_of(&federation, code);
    let intent = records.iter().find(|record| matches!(record.entry.event, Event::Intent(_))).unwrap().entry.sequence;
    let mut nobody = Browser::new(&federation, code);
    for route in Route::ALL {
        let (path, _) = filled(*route, intent);
        let reply = match route.method() {
            "GET" => nobody.get(&path).await,
            _ => nobody.post(&path, &[("csrf", "")]).await,
        };
        match route.asks() {
            Asks::Nothing => assert_ne!(reply.status, 303, "{path}"),
            Asks::ToMay(_) => {
                let to = reply.headers.get("location").map(String::as_str);
                assert_eq!((reply.status, to, reply.body.len()), (303, Some("/aanmelden"), 0), "{path}");
            }
        }
    }
    for role in Role::ALL {
        for route in Route::ALL.iter().filter(|route| !matches!(route, Route::SignIn | Route::SignInForm)) {
            // Signing out ends it, so each has a session of its own.
            let mut browser = signed_in(&federation, &clock, code, role.name()).await;
            let (csrf, (path, form)) = (browser.csrf().await, filled(*route, intent));
            let reply = match route.method() {
                "GET" => browser.get(&path).await,
                _ => {
                    let mut form: Vec<_> = form.iter().map(|(name, value)| (*name, value.as_str())).collect();
                    form.push(("csrf", &csrf));
                    browser.post(&path, &form).await
                }
            };
            let allowed = match route.asks() {
                Asks::Nothing => true,
                Asks::ToMay(act) => may(role, act),
            };
            let is_given = matches!((reply.status, route), (200 | 303, _) | (409, Route::Confirm));
            assert_eq!(is_given, allowed, "{role:?} {path}: {}", reply.status);
            assert_eq!(reply.status == 403, !allowed, "{role:?} {path}: {}", reply.status);
            // Of every page: nothing from elsewhere, nothing kept.
            let policy = &reply.headers["content-security-policy"];
            let style = if *route == Route::QualityReport && allowed { "'sha256-" } else { "'self';" };
            assert!(policy.starts_with(&format!("default-src 'none'; style-src {style}")), "{path}: {policy}");
            assert_eq!(reply.headers["cache-control"], "no-store");
            assert!(!reply.text().contains("<script"));
        }
    }
    for path in ["/vragen/0", "/vragen/999999", "/vragen/x", "/vrijgaven/2019H1", "/gegevens/..%2Fnode.toml", "/admin"]
    {
        let mut officer = signed_in(&federation, &clock, code, "officer").await;
        let reply = officer.get(path).await;
        assert_eq!((reply.status, reply.headers["cache-control"].as_str()), (404, "no-store"), "{path}");
        assert!(reply.headers["content-security-policy"].starts_with("default-src 'none'"));
    }
    federation.stop().await;
}

#[tokio::test]
async fn an_officer_finds_a_question_sees_what_left_and_declines_a_cube() {
    let (federation, clock, code) = office().await;
    let asker = Asker::coordinator(&federation, code);
    let ask = ask_of(&federation, code, QUESTION);
    let answer = asker.post(sign(&ask, federation.signing_key())).await.answer();
    let mut officer = signed_in(&federation, &clock, code, "officer").await;
    let today = officer.get("/").await.text();
    assert!(today.contains("landelijke-monitor") && today.contains("levensfase"), "{today}");
    let found = officer.get("/vragen?tekst=levensfase&uitkomst=answered").await.text();
    assert!(found.contains("1 van 1 vragen"), "{found}");
    assert!(officer.get("/vragen?tekst=verwijzer").await.text().contains("0 van 1 vragen"));
    assert!(officer.get(&format!("/vragen?kubus={CUBE}")).await.text().contains("1 van 1 vragen"));
    assert_eq!(officer.get("/vragen?van=morgen").await.status, 400);
    let (_, link) = found.split_once("href=\"/vragen/").unwrap();
    let record = link.split('"').next().unwrap();
    // The table has exactly the cells of the answer, in its order.
    let page = officer.get(&format!("/vragen/{record}")).await.text();
    let (_, table) = page.split_once("Precies deze tabel").unwrap();
    let shown: Vec<&str> =
        table.split("<td class=\"n\">").skip(1).map(|cell| cell.split('<').next().unwrap()).collect();
    let measures: Vec<_> = answer.payload.values().collect();
    let cell = |cell: &drempel_protocols::cell::Cell| match cell {
        drempel_protocols::cell::Cell::Value(count) => count.to_string(),
        drempel_protocols::cell::Cell::Hidden => "verborgen".to_owned(),
        drempel_protocols::cell::Cell::NotHeld => "niet aanwezig".to_owned(),
    };
    let left: Vec<String> =
        (0..measures[0].len()).flat_map(|row| measures.iter().map(move |of| cell(&of[row]))).collect();
    assert_eq!(shown, left);
    assert!(left.iter().any(|cell| cell == "verborgen") && left.iter().any(|cell| cell.parse::<u64>().is_ok()));
    // The proof convinces somebody who has the key and nothing else.
    let folder = tempfile::tempdir().unwrap();
    let bundle = folder.path().join("bewijs.json");
    std::fs::write(&bundle, officer.get(&format!("/vragen/{record}/bewijs.json")).await.body).unwrap();
    let key = federation.member(code).unwrap().node().unwrap().audit().key().to_string();
    let said = federation.drempel(&["audit", "verify", bundle.to_str().unwrap(), "--log-key", &key]).await.unwrap();
    assert_eq!(said.out.lines().count(), 2, "{}{}", said.out, said.err);

    // Who sees what is hidden is in the log, once a session, and in the report of the month.
    let seen = || {
        let records = records_of(&federation, code);
        records.iter().filter(|record| matches!(record.entry.event, Event::HiddenSeen { preview: false, .. })).count()
    };
    for path in ["/vrijgaven", "/vrijgaven/2025H2", "/vrijgaven/2019H1/verborgen"] {
        officer.get(path).await;
    }
    assert_eq!(seen(), 0);
    for path in ["/vrijgaven/2025H2/verborgen", "/vrijgaven/2025H2/verborgen?zoek=groep"] {
        assert_eq!(officer.get(path).await.status, 200);
    }
    assert_eq!(seen(), 1);
    signed_in(&federation, &clock, code, "tweede officer").await.get("/vrijgaven/2025H2/verborgen").await;
    assert_eq!(seen(), 2);
    assert!(officer.get("/maandverslag").await.text().contains("zag wat verborgen is van 2025H2"));
    let mut officer = signed_in(&federation, &clock, code, "officer").await;

    // Declining says first what it would change, and holds at once.
    let form = officer.get(&format!("/besluit?soort=kubus&naam={CUBE}")).await.text();
    assert!(form.contains("<strong>1</strong>"), "{form}");
    let csrf = officer.csrf().await;
    let decide = |verdict: &'static str| {
        vec![("csrf", csrf.clone()), ("soort", "kubus".into()), ("naam", CUBE.into()), ("besluit", verdict.into())]
    };
    let with = |form: Vec<(&'static str, String)>, more: &[(&'static str, &str)]| {
        form.into_iter().chain(more.iter().map(|(name, value)| (*name, (*value).to_owned()))).collect::<Vec<_>>()
    };
    for (more, why) in [
        (vec![("reden", "x")], "a reason"),
        (vec![("reden", "genoeg"), ("tot", "2020-01-01")], "a day that has passed"),
        (vec![("reden", "genoeg"), ("tot", "morgen")], "no day"),
    ] {
        let form = with(decide("aanvaarden"), &more);
        let form: Vec<_> = form.iter().map(|(name, value)| (*name, value.as_str())).collect();
        assert_eq!(officer.post("/besluit", &form).await.status, 422, "{why}");
    }
    let before = records_of(&federation, code).len();
    let form = with(decide("afwijzen"), &[("reden", "De weging <b>klopt</b> niet meer")]);
    let form: Vec<_> = form.iter().map(|(name, value)| (*name, value.as_str())).collect();
    assert_eq!(officer.post("/besluit", &form).await.status, 303);
    let records = records_of(&federation, code);
    assert!(records[before..].iter().any(|record| matches!(&record.entry.event, Event::Decided(_))));
    assert!(!records.iter().any(|record| record.json.contains("\"officer\"") && record.json.contains("decided")));
    let refused = asker.post(sign(&ask_of(&federation, code, QUESTION), federation.signing_key())).await.problem();
    assert!(refused.refusals.iter().any(|refusal| refusal.reason.contains("declined the cube")), "{refused:?}");
    let purpose = Federation::purpose().unwrap().to_string();
    let said = federation.drempel(&["query", QUESTION, "--purpose", &purpose]).await.unwrap();
    assert!(
        said.err.contains("declined the cube") || said.out.contains("declined the cube"),
        "{}{}",
        said.out,
        said.err
    );
    let page = officer.get("/kubussen").await.text();
    assert!(
        page.contains("De weging &#60;b&#62;klopt") && page.contains("afgewezen") && page.contains(">officer<"),
        "{page}"
    );
    // Also after a restart; and accepted again it is answered again.
    let mut federation = federation;
    federation.stop_node(code).await.unwrap();
    federation.start_node(code).await.unwrap();
    asker.post(sign(&ask_of(&federation, code, QUESTION), federation.signing_key())).await.problem();
    let mut officer = signed_in(&federation, &clock, code, "officer").await;
    let csrf = officer.csrf().await;
    // A page from before the decline undoes nothing.
    let accept = |sinds: &str| {
        [("csrf", csrf.as_str()), ("soort", "kubus"), ("naam", CUBE), ("besluit", "aanvaarden"), ("reden", "toch")]
            .into_iter()
            .chain([("sinds", sinds)])
            .map(|(name, value)| (name, value.to_owned()))
            .collect::<Vec<_>>()
    };
    let post = async |officer: &mut Browser, form: Vec<(&str, String)>| {
        let form: Vec<_> = form.iter().map(|(name, value)| (*name, value.as_str())).collect();
        officer.post("/besluit", &form).await
    };
    let stale = post(&mut officer, accept("")).await;
    assert!(stale.status == 409 && stale.text().contains("intussen iets anders"), "{}", stale.status);
    asker.post(sign(&ask_of(&federation, code, QUESTION), federation.signing_key())).await.problem();
    let sinds = officer.since().await;
    assert_eq!(post(&mut officer, accept(&sinds)).await.status, 303);
    asker.post(sign(&ask_of(&federation, code, QUESTION), federation.signing_key())).await.logged();
    // The log is whole, and says so on its page.
    let verified = officer.post("/logboek/controle", &[("csrf", &csrf)]).await.text();
    assert!(verified.contains("het logboek is ongeschonden"), "{verified}");
    let report = officer.get("/maandverslag").await.text();
    assert!(report.contains("Throw-away coordinator") && report.contains("toch"), "{report}");
    let english = officer.get("/maandverslag?taal=en").await;
    assert!(english.text().contains("Monthly report") && officer.get("/").await.text().contains("Today"));
    let folder = &federation.member(code).unwrap().config().paths.audit;
    assert!(verify(folder, |_| {}).unwrap().is_ok());
    federation.stop().await;
}

#[tokio::test]
async fn accepting_takes_two_officers_where_the_gemeente_wants_that() {
    let clock = TestClock::shared();
    let federation = small(1).pages().four_eyes().clock(clock.clone()).start().await.unwrap();
    let code = *federation.members().keys().next().unwrap();
    let asker = Asker::coordinator(&federation, code);
    let answered =
        async || asker.post(sign(&ask_of(&federation, code, QUESTION), federation.signing_key())).await.status;
    let mut one = signed_in(&federation, &clock, code, "officer").await;
    let mut two = signed_in(&federation, &clock, code, "tweede officer").await;
    let (csrf_one, csrf_two) = (one.csrf().await, two.csrf().await);
    let decide = |csrf: &str, verdict: &str| {
        [("csrf", csrf), ("soort", "kubus"), ("naam", CUBE), ("besluit", verdict), ("reden", "proef")]
            .map(|(name, value)| (name, value.to_owned()))
    };
    let send = async |browser: &mut Browser, csrf: &str, verdict: &str| {
        let sinds = browser.since().await;
        let form = decide(csrf, verdict).into_iter().chain([("sinds", sinds)]).collect::<Vec<_>>();
        let form: Vec<_> = form.iter().map(|(name, value)| (*name, value.as_str())).collect();
        assert_eq!(browser.post("/besluit", &form).await.status, 303);
    };
    send(&mut one, &csrf_one, "afwijzen").await;
    assert_eq!(answered().await, 400, "one is enough to decline");
    send(&mut one, &csrf_one, "aanvaarden").await;
    assert_eq!(answered().await, 400, "one is not enough to accept");
    let last = records_of(&federation, code);
    let decided = last.iter().rev().find(|record| matches!(record.entry.event, Event::Decided(_))).unwrap();
    let decision = decided.entry.sequence.to_string();
    let confirm = async |browser: &mut Browser, csrf: &str| {
        browser.post("/besluit/bevestiging", &[("csrf", csrf), ("besluit", &decision)]).await.status
    };
    assert!(one.get("/").await.text().contains("op een tweede medewerker wachten: 1"));
    assert!(!one.get("/kubussen").await.text().contains("Bevestigen"), "not one's own");
    assert!(two.get("/kubussen").await.text().contains("Bevestigen"));
    assert_eq!(confirm(&mut one, &csrf_one).await, 409, "not oneself");
    assert_eq!(answered().await, 400);
    assert_eq!(confirm(&mut two, &csrf_two).await, 303);
    assert_eq!(answered().await, 200);
    assert_eq!(confirm(&mut two, &csrf_two).await, 409, "once");
    federation.stop().await;
}

#[tokio::test]
async fn forms_of_others_sessions_of_others_and_guesses_are_refused() {
    let (federation, clock, code) = office().await;
    let member = federation.member(code).unwrap();
    let mut officer = signed_in(&federation, &clock, code, "officer").await;
    let csrf = officer.csrf().await;
    // A form of another site, of another session, of none, and one that is no form.
    let body = format!("csrf={csrf}");
    let kind = "application/x-www-form-urlencoded";
    for (name, value) in [("sec-fetch-site", "cross-site"), ("origin", "https://elders.example"), ("origin", "null")] {
        let request = officer.request(Method::POST, "/logboek/controle").header("content-type", kind);
        assert_eq!(officer.send(request.header(name, value).body(body.clone())).await.status, 403, "{name} {value}");
    }
    let mut second = signed_in(&federation, &clock, code, "tweede officer").await;
    let others = second.csrf().await;
    for wrong in [others.as_str(), "", "x"] {
        assert_eq!(officer.post("/logboek/controle", &[("csrf", wrong)]).await.status, 403);
    }
    assert_eq!(officer.post("/logboek/controle", &[]).await.status, 403);
    let request = officer.request(Method::POST, "/logboek/controle").header("content-type", "text/plain");
    assert_eq!(officer.send(request.body(body)).await.status, 400);
    assert_eq!(officer.post("/logboek/controle", &[("csrf", &csrf)]).await.status, 200);
    assert_eq!(officer.get("/logboek/controle").await.status, 405, "nothing is done by a link");

    // A session that somebody else chose is none, before and after signing in.
    let mut fixed = Browser::new(&federation, code);
    let chosen = "0".repeat(64);
    fixed.cookies.insert("__Host-sessie".to_owned(), chosen.clone());
    assert_eq!(fixed.get("/").await.status, 303);
    let reply = fixed.sign_in(&federation, &clock, "lezer").await;
    let cookie = &reply.headers["set-cookie"];
    assert!(cookie.starts_with("__Host-sessie=") && !cookie.contains(&chosen));
    for part in ["Secure", "HttpOnly", "SameSite=Strict", "Path=/"] {
        assert!(cookie.contains(part), "{cookie}");
    }
    let own = fixed.cookies.insert("__Host-sessie".to_owned(), chosen).unwrap();
    assert_eq!(fixed.get("/").await.status, 303);
    fixed.cookies.insert("__Host-sessie".to_owned(), own.clone());
    assert_eq!(fixed.get("/").await.status, 200);
    // Signed out, the token is worth nothing.
    let csrf = fixed.csrf().await;
    assert_eq!(fixed.post("/afmelden", &[("csrf", &csrf)]).await.status, 303);
    fixed.cookies.insert("__Host-sessie".to_owned(), own);
    assert_eq!(fixed.get("/").await.status, 303);

    // A code that was used, and guesses until the account is closed, which is logged; others still sign in.
    let mut guesser = Browser::new(&federation, code);
    clock.advance(SignedDuration::from_secs(30));
    let (password, now) = (member.passwords()["lezer"].clone(), federation.clock().now());
    let good = member.code("lezer", now).unwrap();
    let try_in = async |browser: &mut Browser, password: &str, code: &str| {
        browser.post("/aanmelden", &[("naam", "lezer"), ("wachtwoord", password), ("code", code)]).await.status
    };
    assert_eq!(try_in(&mut guesser, &password, &good).await, 303);
    assert_eq!(try_in(&mut guesser, &password, &good).await, 401, "used");
    let wrong = if good == "000000" { "000001" } else { "000000" };
    for _ in 0..4 {
        assert_eq!(try_in(&mut guesser, &password, wrong).await, 401);
    }
    clock.advance(SignedDuration::from_secs(60));
    let good = member.code("lezer", federation.clock().now()).unwrap();
    assert_eq!(try_in(&mut guesser, &password, &good).await, 429, "closed, also to its holder");
    let records = records_of(&federation, code);
    assert_eq!(records.iter().filter(|record| matches!(record.entry.event, Event::LockedOut { .. })).count(), 1);
    signed_in(&federation, &clock, code, "beheerder").await;
    clock.advance(SignedDuration::from_mins(15));
    assert_eq!(try_in(&mut guesser, "anders", &good).await, 401, "open again");
    // Names that are none are closed in the same way, and keep nobody else out.
    let mut nobody = Vec::new();
    for name in ["niemand"; 6].into_iter().chain(["iemand"]) {
        nobody.push(guesser.post("/aanmelden", &[("naam", name), ("wachtwoord", "x"), ("code", "1")]).await.status);
    }
    assert_eq!(nobody, [401, 401, 401, 401, 401, 429, 401], "as an account would be");
    // No password and no token is in the log.
    let text: String = records_of(&federation, code).into_iter().map(|record| record.json).collect();
    assert!(!text.contains(&password) && !text.contains(&csrf) && text.contains("signed_in"));
    assert!(!text.contains("lezer\",\"time") && !text.contains("tweede officer"));
    federation.stop().await;
}

#[tokio::test]
async fn texts_of_others_are_text_on_every_page() {
    let (federation, clock, code) = office().await;
    let asker = Asker::coordinator(&federation, code);
    let hostile = "\"><script>alert(1)</script>{{ 7 * 7 }}";
    let mut ask = ask_of(&federation, code, QUESTION);
    ask.asker = hostile.to_owned();
    asker.post(sign(&ask, federation.signing_key())).await.logged();
    let mut officer = signed_in(&federation, &clock, code, "officer").await;
    let record = records_of(&federation, code);
    let intent = record.iter().find(|record| matches!(record.entry.event, Event::Intent(_))).unwrap().entry.sequence;
    let in_query = url_encoded(&format!("{hostile}\r\nSet-Cookie: a=b"));
    for path in [
        "/".to_owned(),
        "/vragen".to_owned(),
        format!("/vragen/{intent}"),
        "/maandverslag".to_owned(),
        format!("/vragen?tekst={in_query}&vrager={in_query}"),
        format!("/vrijgaven/2025H2?zoek={in_query}"),
        format!("/maandverslag?maand={in_query}"),
        format!("/besluit?soort=kubus&naam={in_query}"),
        format!("/?taal={in_query}"),
    ] {
        let reply = officer.get(&path).await;
        assert!(matches!(reply.status, 200 | 400 | 404), "{path}: {}", reply.status);
        let text = reply.text();
        assert!(!text.contains("<script") && !text.contains(">49<") && !text.contains("\"><script"), "{path}");
        assert!(reply.headers.values().all(|value| !value.contains("a=b")), "{path}");
    }
    let csv = officer.get("/maandverslag.csv").await;
    assert!(csv.headers["content-disposition"].starts_with("attachment; filename=\"drempel-20"));
    federation.stop().await;
}

//! Who may connect, and as what: a certificate of the federation's authority, in date, for a client, not revoked, with
//! the OIN of a configured peer; and then only what that peer's role allows.

use std::{fs, time::Duration};

use drempel_protocols::{message::ASK_PATH, problem::ProblemType};
use drempel_tests::{
    authority::{Authority, Issued, tls},
    participants::coordinator_oin,
};
use rcgen::{CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, date_time_ymd};

use crate::{
    asker::{Asker, QUESTION, intents, records},
    slow::raw,
    station::{Station, monitor_oin, stranger_oin},
};

async fn refused_by_tls(station: &Station, what: &str, asker: Asker) {
    let asked = asker.try_post(station.sign(&station.ask(QUESTION))).await;
    assert!(asked.is_err(), "{what}: {asked:?}");
    let status = asker.send(asker.request(reqwest::Method::GET, "/v1/status")).await;
    assert!(status.is_err(), "{what}: {status:?}");
}

fn bent(station: &Station, bend: impl FnOnce(&mut CertificateParams)) -> Issued {
    station.authority.issue_bent(&coordinator_oin().unwrap(), 60_000, bend).unwrap()
}

#[tokio::test]
async fn only_a_good_client_certificate_of_the_authority_gets_a_connection() {
    let station = Station::start(Vec::new()).await;
    let v13 = &[&rustls::version::TLS13];
    let root = station.authority.root();
    let before = records(&station.config.paths.audit).len();

    refused_by_tls(&station, "no certificate", Asker::new(station.url(), tls(&root, None, v13).unwrap())).await;

    // The same name of the authority, the same OIN, another key.
    let other = Authority::new("Drempel throw-away authority").unwrap();
    let issued = other.issue(&coordinator_oin().unwrap(), 60_000).unwrap();
    refused_by_tls(&station, "other authority", station.asker(&issued)).await;

    let server_only = bent(&station, |params| params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth]);
    refused_by_tls(&station, "for servers only", station.asker(&server_only)).await;

    let expired = bent(&station, |params| params.not_after = date_time_ymd(2020, 1, 1));
    refused_by_tls(&station, "expired", station.asker(&expired)).await;

    let early = bent(&station, |params| params.not_before = date_time_ymd(2090, 1, 1));
    refused_by_tls(&station, "not valid yet", station.asker(&early)).await;

    let revoked = station.issue(&coordinator_oin().unwrap(), 2);
    refused_by_tls(&station, "revoked", station.asker(&revoked)).await;

    let good = station.issue(&coordinator_oin().unwrap(), 50_001);
    let old = Asker::new(station.url(), tls(&root, Some(&good), &[&rustls::version::TLS12]).unwrap());
    refused_by_tls(&station, "TLS 1.2", old).await;

    assert_eq!(records(&station.config.paths.audit).len(), before, "nothing of this reached the node");
    let answered = station.asker(&good).post(station.sign(&station.ask(QUESTION))).await;
    assert_eq!(answered.status, 200, "the same client with a good certificate is answered");
}

#[tokio::test]
async fn plain_http_gets_no_answer() {
    let station = Station::start(Vec::new()).await;
    let address = station.address();
    let said = format!("POST {ASK_PATH} HTTP/1.1\r\nHost: node\r\nContent-Length: 0\r\n\r\n").into_bytes();
    let said = tokio::task::spawn_blocking(move || raw(address, None, &said)).await.unwrap().unwrap();
    assert!(!said.windows(4).any(|part| part == b"HTTP"), "{:?}", String::from_utf8_lossy(&said));
}

#[tokio::test]
async fn a_certificate_is_refused_once_the_list_names_it_without_a_restart() {
    let station = Station::start(Vec::new()).await;
    let stolen = station.issue(&coordinator_oin().unwrap(), 3);
    let sound = station.issue(&coordinator_oin().unwrap(), 4);
    assert_eq!(station.asker(&stolen).get("/v1/status").await.status, 200);

    let list = station.authority.revoke(&[2, 3]).unwrap();
    fs::write(station.config.tls.revoked.as_ref().unwrap(), list).unwrap();
    let mut refused = false;
    for _ in 0..40 {
        let asker = station.asker(&stolen);
        if asker.send(asker.request(reqwest::Method::GET, "/v1/status")).await.is_err() {
            refused = true;
            break;
        }
        tokio::time::sleep(Duration::from_millis(250)).await;
    }
    assert!(refused, "the list was not taken up within ten seconds");
    refused_by_tls(&station, "revoked", station.asker(&stolen)).await;
    assert_eq!(station.asker(&sound).get("/v1/status").await.status, 200);

    // A list that cannot be read does not open the door again.
    fs::write(station.config.tls.revoked.as_ref().unwrap(), "no list").unwrap();
    tokio::time::sleep(Duration::from_secs(6)).await;
    refused_by_tls(&station, "revoked, with a broken list", station.asker(&stolen)).await;
    assert_eq!(station.asker(&sound).get("/v1/status").await.status, 200);
}

#[tokio::test]
async fn what_a_peer_may_do_follows_from_its_oin_in_the_configuration() {
    let station = Station::start(Vec::new()).await;
    let before = records(&station.config.paths.audit).len();

    let oin = |oin: &str, also: Option<&str>| {
        let mut name = DistinguishedName::new();
        name.push(DnType::CommonName, coordinator_oin().unwrap().to_string());
        name.push(DnType::CustomDnType(vec![2, 5, 4, 5]), oin);
        if let Some(also) = also {
            // The same attribute under another string type, so that rcgen keeps both.
            name.push(DnType::CustomDnType(vec![2, 5, 4, 97]), also);
        }
        name
    };
    let coordinator = coordinator_oin().unwrap().to_string();
    let strangers = [
        ("an OIN that is not configured", station.issue(&stranger_oin(), 10)),
        ("the OIN as common name only", bent(&station, |p| p.distinguished_name = oin("", None))),
        ("the OIN of another attribute", bent(&station, |p| p.distinguished_name = oin("x", Some(&coordinator)))),
        ("an OIN with a zero less", bent(&station, |p| p.distinguished_name = oin(&coordinator[1..], None))),
        ("an OIN with a space", bent(&station, |p| p.distinguished_name = oin(&format!("{coordinator} "), None))),
    ];
    for (what, issued) in &strangers {
        let asker = station.asker(issued);
        for reply in [
            asker.post(station.sign(&station.ask(QUESTION))).await,
            asker.post("junk").await,
            asker.get("/v1/status").await,
            asker.get("/").await,
        ] {
            assert_eq!(reply.problem().kind, ProblemType::Forbidden, "{what}");
        }
    }

    let monitor = station.asker(&station.issue(&monitor_oin(), 11));
    let asked = monitor.post(station.sign(&station.ask(QUESTION))).await;
    assert_eq!(asked.problem().kind, ProblemType::Forbidden);
    let status = monitor.get("/v1/status").await;
    assert_eq!(status.status, 200);
    assert!(status.text().contains("\"answering\":true"), "{}", status.text());
    assert_eq!(monitor.get("/v1/vragen").await.problem().kind, ProblemType::Forbidden);
    assert_eq!(monitor.get("/metrics").await.problem().kind, ProblemType::NotFound);
    for way in ["//v1/vragen", "/v1/vragen/", "/v1/./vragen", "/v1/%76ragen", "/V1/VRAGEN", "/v1/vragen?x=1"] {
        let asked = monitor.request(reqwest::Method::POST, way).body(station.sign(&station.ask(QUESTION)));
        let reply = monitor.send(asked).await.unwrap();
        assert!([403, 404, 405].contains(&reply.problem().status), "{way}: {}", reply.status);
    }

    let records = records(&station.config.paths.audit);
    assert!(intents(&records).is_empty());
    assert!(records.len() >= before);
}

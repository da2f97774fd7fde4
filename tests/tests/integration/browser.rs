//! A browser of somebody at the gemeente, on the pages of a node: without JavaScript, with cookies and forms.

use std::collections::BTreeMap;

use drempel_protocols::id::Gemeentecode;
use drempel_tests::{authority::tls, clock::TestClock, federation::Federation};
use jiff::SignedDuration;
use reqwest::Method;

use crate::asker::{Asker, Reply};

/// The cube that is decided about.
pub const CUBE: &str = "hoofdgroep-leeftijd";

/// A browser: it keeps cookies, and sends the headers that browsers send.
pub struct Browser {
    pub asker: Asker,
    pub cookies: BTreeMap<String, String>,
}

impl Browser {
    pub fn new(federation: &Federation, code: Gemeentecode) -> Self {
        let url = federation.member(code).unwrap().pages().expect("the node has pages");
        let versions = [&rustls::version::TLS13];
        let asker = Asker::new(url, tls(&federation.authority().root(), None, &versions).unwrap());
        Self { asker, cookies: BTreeMap::new() }
    }

    pub fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        let cookies: Vec<_> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        self.asker.request(method, path).header("cookie", cookies.join("; "))
    }

    pub async fn send(&mut self, request: reqwest::RequestBuilder) -> Reply {
        let reply = self.asker.send(request).await.unwrap();
        if let Some(set) = reply.headers.get("set-cookie") {
            let (name, value) = set.split(';').next().unwrap().split_once('=').unwrap();
            self.cookies.insert(name.to_owned(), value.to_owned());
        }
        reply
    }

    pub async fn get(&mut self, path: &str) -> Reply {
        let request = self.request(Method::GET, path);
        self.send(request).await
    }

    pub async fn post(&mut self, path: &str, form: &[(&str, &str)]) -> Reply {
        let body =
            form.iter().map(|(name, value)| format!("{name}={}", url_encoded(value))).collect::<Vec<_>>().join("&");
        let request = self.request(Method::POST, path).header("content-type", "application/x-www-form-urlencoded");
        self.send(request.header("sec-fetch-site", "same-origin").body(body)).await
    }

    /// What every form of the session carries.
    pub async fn csrf(&mut self) -> String {
        let page = self.get("/").await.text();
        let (_, rest) = page.split_once("name=\"csrf\" value=\"").expect("a form");
        rest.split('"').next().unwrap().to_owned()
    }

    /// The last decision about the cube, as the form to decide on it has it.
    pub async fn since(&mut self) -> String {
        let page = self.get(&format!("/besluit?soort=kubus&naam={CUBE}")).await.text();
        let (_, rest) = page.split_once("name=\"sinds\" value=\"").expect("the form");
        rest.split('"').next().unwrap().to_owned()
    }

    /// Signs in; `clock` moves on, since each code is good once.
    pub async fn sign_in(&mut self, federation: &Federation, clock: &TestClock, name: &str) -> Reply {
        clock.advance(SignedDuration::from_secs(30));
        let member = federation.members().values().next().unwrap();
        let (password, code) = (&member.passwords()[name], member.code(name, federation.clock().now()).unwrap());
        self.post("/aanmelden", &[("naam", name), ("wachtwoord", password), ("code", &code)]).await
    }
}

pub fn url_encoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

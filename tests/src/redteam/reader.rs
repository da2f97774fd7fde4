//! Somebody of the gemeente who may read its pages and no more, or its officer: everything that they show, as text.

use anyhow::{Context as _, ensure};
use drempel_node::{
    app::Running,
    config::Pages,
    officer::{Accounts, Role, Route},
};
use jiff::Timestamp;
use reqwest::header::{COOKIE, LOCATION, SET_COOKIE};

use crate::{
    authority::{Authority, tls},
    federation::loopback,
};

/// The accounts of a node's pages, with their passwords.
pub(super) struct Readers {
    pages: Pages,
    root: String,
    passwords: Vec<(Role, String)>,
}

impl Readers {
    /// An account for each role, in a file in this folder.
    pub(super) fn new(folder: &std::path::Path, authority: &Authority) -> anyhow::Result<Self> {
        let accounts = folder.join("accounts.toml");
        let add = |role: Role| Ok((role, Accounts::add(&accounts, role.name(), role)?.password));
        let passwords = Role::ALL.into_iter().map(add).collect::<anyhow::Result<_>>()?;
        let pages = Pages { listen: loopback(), accounts, certificate: None, key: None, vier_ogen: false };
        Ok(Self { pages, root: authority.root(), passwords })
    }

    /// What the node's configuration says of its pages.
    pub(super) fn pages(&self) -> Pages {
        self.pages.clone()
    }

    /// What a role is shown of these paths at a node, one after another, with what is said where it may not see one.
    pub(super) async fn see(
        &self,
        node: &Running,
        (role, now): (Role, Timestamp),
        paths: &[String],
    ) -> anyhow::Result<String> {
        let url = format!("https://{}", node.pages().context("the node has no pages")?);
        let tls = tls(&self.root, None, &[&rustls::version::TLS13])?;
        let stay = reqwest::redirect::Policy::none();
        let client = reqwest::Client::builder()
            .tls_backend_preconfigured(tls)
            .https_only(true)
            .no_proxy()
            .redirect(stay)
            .build()?;
        let (_, password) = self.passwords.iter().find(|(of, _)| *of == role).context("no such role")?;
        let accounts = Accounts::read(&self.pages.accounts)?;
        let code = accounts.find(role.name()).and_then(|account| account.code(now)).context("no such account")?;
        let form = format!("naam={}&wachtwoord={password}&code={code}", role.name());
        let sign_in = client.post(format!("{url}{}", Route::SignIn.path())).body(form);
        let signed_in = sign_in.header("content-type", "application/x-www-form-urlencoded").send().await?;
        ensure!(signed_in.headers().contains_key(LOCATION), "nobody is signed in");
        let cookie =
            signed_in.headers().get(SET_COOKIE).and_then(|cookie| cookie.to_str().ok()).context("no cookie")?;
        let cookie = cookie.split(';').next().unwrap_or_default().to_owned();
        let mut seen = String::new();
        for path in paths {
            let response = client.get(format!("{url}{path}")).header(COOKIE, &cookie).send().await?;
            seen += &format!("{path} {} {}\n", response.status().as_u16(), response.text().await?);
        }
        Ok(seen)
    }
}

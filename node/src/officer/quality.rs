//! The data-quality reports of imports, as the imports wrote them.

use std::{fs, io, path::Path as Folder, sync::Arc};

use askama::Template;
use axum::{
    extract::{Path, State},
    http::{HeaderValue, header},
    response::{Html, IntoResponse as _, Response},
};
use data_encoding::BASE64;
use ring::digest::{SHA256, digest};

use super::{
    Office,
    page::{Admitted, Page, Refusal, html},
};

#[derive(Template)]
#[template(path = "officer/quality.html")]
struct QualityPage {
    page: Page,
    /// The last one first.
    reports: Vec<String>,
}

pub(super) async fn show(State(office): State<Arc<Office>>, by: Admitted) -> Result<Response, Refusal> {
    let reports = reports(&office.node.config.paths.rapporten).map_err(|error| {
        tracing::error!(%error, "a page cannot show the reports of imports");
        Refusal::Failed
    })?;
    Ok(html(&QualityPage { page: by.page("Gegevens", "Data"), reports }))
}

/// A report as it was written. Its own style is the only thing besides text that it may use.
pub(super) async fn report(
    State(office): State<Arc<Office>>,
    Path(name): Path<String>,
    _by: Admitted,
) -> Result<Response, Refusal> {
    let folder = &office.node.config.paths.rapporten;
    // Only what the list has: a name from outside leads to no other file.
    let known = reports(folder).map_err(|_| Refusal::Failed)?.into_iter().find(|known| *known == name);
    let text = fs::read_to_string(folder.join(known.ok_or(Refusal::NotFound)?)).map_err(|_| Refusal::Failed)?;
    let style = text.split_once("<style>").and_then(|(_, rest)| rest.split_once("</style>")).map_or("", |(of, _)| of);
    let hash = BASE64.encode(digest(&SHA256, style.as_bytes()).as_ref());
    let rule = format!("default-src 'none'; style-src 'sha256-{hash}'; frame-ancestors 'none'; base-uri 'none'");
    let rule = HeaderValue::from_str(&rule).map_err(|_| Refusal::Failed)?;
    Ok(([(header::CONTENT_SECURITY_POLICY, rule)], Html(text)).into_response())
}

fn reports(folder: &Folder) -> io::Result<Vec<String>> {
    let mut names = match fs::read_dir(folder) {
        Ok(files) => files
            .map(|file| file.map(|file| file.file_name().to_string_lossy().into_owned()))
            .collect::<io::Result<Vec<_>>>()?,
        Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
        Err(error) => return Err(error),
    };
    names.retain(|name| name.ends_with(".html"));
    names.sort();
    names.reverse();
    Ok(names)
}

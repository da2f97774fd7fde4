//! A bare server: the same accept loop and mutual TLS as a node, and behind it nothing but a fixed body.

use std::{convert::Infallible, net::SocketAddr};

use drempel_protocols::transport::{ClientCertificates, Limits, TlsFiles, TlsReload, serve};
use http::{Request, Response};
use http_body_util::{BodyExt as _, Full};
use hyper::body::{Bytes, Incoming};
use tokio::net::TcpListener;

/// Serves for as long as the runtime lives. Gives the address it was given or found.
pub(crate) async fn start(files: TlsFiles, listen: SocketAddr, body: Vec<u8>) -> anyhow::Result<SocketAddr> {
    let tls = TlsReload::start(files, ClientCertificates::Required)?.current();
    let listener = TcpListener::bind(listen).await?;
    let address = listener.local_addr()?;
    let body = Bytes::from(body);
    let service = tower::service_fn(move |request: Request<Incoming>| {
        let body = body.clone();
        async move {
            // The question is read to its end, as a node would.
            let whole = request.into_body().collect().await.is_ok();
            Ok::<_, Infallible>(Response::new(Full::new(if whole { body } else { Bytes::new() })))
        }
    });
    tokio::spawn(serve(listener, tls, service, Limits::default(), std::future::pending()));
    Ok(address)
}

//! Clients that take their time. A connection that does not come to a request is cut off, or a few hundred of them
//! would keep everyone else out.

use std::{
    io::{self, ErrorKind, Read as _, Write as _},
    net::{SocketAddr, TcpStream},
    sync::Arc,
    time::{Duration, Instant},
};

use drempel_tests::{authority::tls, participants::coordinator_oin};
use rustls::{ClientConfig, ClientConnection, StreamOwned, pki_types::ServerName};

use crate::station::Station;

/// Longest of the limits for a handshake and a header, with room for a busy machine.
const CUT_OFF: Duration = Duration::from_secs(20);

/// Says something over a connection of its own and hears what comes until the other side closes it.
pub fn raw(address: SocketAddr, config: Option<ClientConfig>, said: &[u8]) -> io::Result<Vec<u8>> {
    let mut plain = TcpStream::connect(address)?;
    plain.set_read_timeout(Some(CUT_OFF))?;
    let mut heard = Vec::new();
    let ended = match config {
        None => {
            plain.write_all(said)?;
            plain.read_to_end(&mut heard)
        }
        Some(config) => {
            let name = ServerName::try_from("localhost").map_err(io::Error::other)?;
            let mut connection = ClientConnection::new(Arc::new(config), name).map_err(io::Error::other)?;
            while connection.is_handshaking() {
                connection.complete_io(&mut plain)?;
            }
            let mut stream = StreamOwned::new(connection, plain);
            stream.write_all(said)?;
            stream.flush()?;
            stream.read_to_end(&mut heard)
        }
    };
    match ended {
        Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => Err(error),
        // Broken off or closed: it is over either way.
        _ => Ok(heard),
    }
}

fn cut_off(what: &str, address: SocketAddr, config: Option<ClientConfig>, said: &[u8]) {
    let begin = Instant::now();
    let heard = raw(address, config, said);
    assert!(heard.is_ok(), "{what}: still connected after {:?}", begin.elapsed());
    assert!(!heard.unwrap().windows(8).any(|part| part == b" 200 OK\r"), "{what}");
}

#[tokio::test]
async fn a_client_that_does_not_come_to_a_request_is_cut_off() {
    let station = Station::start(Vec::new()).await;
    let address = station.address();
    let issued = station.issue(&coordinator_oin().unwrap(), 50_000);
    let config = |alpn: &[&[u8]]| {
        let mut config = tls(&station.authority.root(), Some(&issued), &[&rustls::version::TLS13]).unwrap();
        config.alpn_protocols = alpn.iter().map(|name| name.to_vec()).collect();
        Some(config)
    };
    let half = b"GET /v1/status HTTP/1.1\r\nHost: no".as_slice();
    let clients = [
        ("no handshake", None, b"".as_slice()),
        ("half a header", config(&[b"http/1.1"]), half),
        ("half a header, no protocol named", config(&[]), half),
        ("nothing over HTTP/1.1", config(&[b"http/1.1"]), b""),
        ("nothing over HTTP/2", config(&[b"h2"]), b""),
        ("nothing, no protocol named", config(&[]), b""),
        ("half a preface", config(&[b"h2"]), b"PRI * HTTP/2"),
    ];
    let waiting: Vec<_> = clients
        .into_iter()
        .map(|(what, config, said)| tokio::task::spawn_blocking(move || cut_off(what, address, config, said)))
        .collect();
    let mut failed = Vec::new();
    for waiting in waiting {
        failed.extend(waiting.await.err().map(|error| error.to_string()));
    }
    assert!(failed.is_empty(), "{failed:#?}");
}

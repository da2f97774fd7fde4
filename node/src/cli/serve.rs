//! `serve`: the node as a service. HTTP and counting have threads of their own, so that a long count does not keep the
//! node from answering that it is busy.

use std::time::Duration;

use drempel_protocols::clock::SystemClock;
use tokio::{
    runtime::Builder,
    signal::unix::{SignalKind, signal},
};
use tracing_subscriber::EnvFilter;

use crate::{
    app::{Node, Running},
    config::Config,
};

/// For work that nobody waits for to end.
const STOPPING: Duration = Duration::from_secs(5);

pub(super) fn run(config: Config) -> anyhow::Result<()> {
    let filter = EnvFilter::try_from_env("DREMPEL_LOG").unwrap_or_else(|_| EnvFilter::new("info"));
    tracing_subscriber::fmt().json().with_env_filter(filter).with_writer(std::io::stderr).init();
    let counting = Builder::new_multi_thread()
        .thread_name("count")
        .worker_threads(std::thread::available_parallelism()?.get().saturating_sub(1).max(1))
        .enable_time()
        .build()?;
    let serving = Builder::new_multi_thread().thread_name("serve").worker_threads(2).enable_all().build()?;
    let served = serving.block_on(async {
        let mut terminate = signal(SignalKind::terminate())?;
        let node = Node::new(config, SystemClock::shared(), counting.handle().clone())?;
        let running = Running::start(node).await?;
        tracing::info!(address = %running.address(), "listening");
        tokio::select! {
            _ = terminate.recv() => {}
            interrupted = tokio::signal::ctrl_c() => interrupted?,
        }
        tracing::info!("stopping");
        running.stop().await;
        anyhow::Ok(())
    });
    // What is still at work, such as a preview of a release, leaves nothing behind.
    serving.shutdown_timeout(STOPPING);
    served
}

//! Drempel as a whole: the federation in one process, over real TLS and with real logs. Asked and recounted
//! (`truth`), broken (`faults`), and attacked: each attack bends one thing of an honest request and expects a refusal,
//! or looks for what must not be anywhere.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    unreachable_pub,
    reason = "a test that cannot go on has failed"
)]

mod anew;
mod asker;
mod browser;
mod canary;
mod certificates;
mod dumps;
mod faults;
mod full_disk;
mod gemeente;
mod herindeling;
mod hostile;
mod indistinguishable;
mod kill;
mod logboek;
mod malformed;
mod officer;
mod oracle;
mod privileges;
mod proposed;
mod questions;
mod receipts;
mod redteam;
mod releases;
mod replay;
mod retention;
mod rotate;
mod slow;
mod station;
mod trail;
mod truth;
mod warehouse;
mod watch;
mod watched;
mod witnesses;

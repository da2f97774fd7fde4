//! What tries Drempel out: synthetic gemeenten with truth beside them, a federation in one process, and the demo.

pub mod authority;
pub mod clock;
pub mod federation;
pub mod logboek;
pub mod participants;
pub mod redteam;
pub mod releasing;
pub mod rows;
pub mod synthetic;

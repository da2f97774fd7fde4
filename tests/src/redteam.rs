//! The red team: tries for a living to find out what Drempel hides, for whoever has to trust it. What it names as possible is
//! possible: its oracle reasons over whole databases and shares no code with what hides. It attacks released figures as a
//! reader who has all of them; lies, replays and the log are attacked by the integration tests, and what aanbieders know
//! (rule R7), herindelingen, declined cubes and the profile cbs not here yet.

pub mod attack;
pub mod attacks;
pub mod case;
pub mod chain;
pub mod codebook;
pub mod databases;
pub mod definities;
pub mod figures;
pub mod life;
pub mod neighbours;
mod planter;
pub mod population;
pub mod remainders;
pub mod trial;

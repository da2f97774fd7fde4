//! The red team: tries for a living to find out what Drempel hides, for whoever has to trust it. What it names as possible is
//! possible: its oracle reasons over whole databases and shares no code with what hides. It attacks released figures as a
//! reader who has all of them, cells as an aanbieder who knows its own clients, a node as somebody who asks what it likes or
//! lies to it, the algorithm by running it backwards, what leaves besides by holding twins against each other, and what hiding
//! alone does not see by going around it.

pub mod attack;
pub mod attacks;
pub mod case;
pub mod chain;
pub mod codebook;
pub mod databases;
pub mod definities;
pub mod detours;
pub mod figures;
pub mod insiders;
pub mod inversion;
pub mod lies;
pub mod life;
pub mod neighbours;
pub mod plan;
mod planter;
pub mod population;
mod reader;
pub mod registry;
pub mod remainders;
pub mod search;
pub mod target;
pub mod trial;
pub mod twins;

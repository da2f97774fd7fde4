//! The red team: tries for a living to find out what Drempel hides. Its attacks use what an analyst, a coordinator, an
//! aanbieder or another gemeente can see and nothing else; its oracle reasons over whole databases and shares no code with
//! what hides.

pub mod attack;
pub mod attacks;
pub mod chain;
pub mod codebook;
pub mod databases;
pub mod figures;
pub mod life;
pub mod neighbours;
mod planter;
pub mod population;
pub mod remainders;
pub mod trial;

//! Why Drempel is as it is: what was tried against it and what came of that, and why each number is what it is. For the
//! privacy officer who has to say yes or no, and for whoever comes after us.
//!
//! [`samenvatting`] is the same in Dutch, on one page.

pub mod attacks;
pub mod defaults;
#[doc = include_str!("manual/samenvatting.md")]
pub mod samenvatting {}

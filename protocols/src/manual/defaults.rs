//! Why each number is what it is. None of them can be lowered by a gemeente; those that a gemeente can make stricter say so.
//!
//! | number | value | why |
//! | --- | ---: | --- |
//! | the least children of a shown cell, k | 10 | Stricter than comparable systems (vantage6's algorithms ask for 5 rows, OpenSAFELY shows from 8), and where tables are chosen well it costs little: of the cells with children 97 % are shown in a large gemeente and two thirds in a median one. A gemeente can ask for more (`[beleid] k`). |
//! | values that a hidden number keeps | 4 | Of a reader who runs the algorithm backwards nothing is promised but that it was tried: with four values audited, in trials no 2 x 2 table left an unsafe number fewer than four, 3 in 1,000 of 2 x 3 and 5 in 1,000 of 3 x 3, and none an exact value; with plain bounds there were exact values. Five values bring it to 3 in 10,000 and cost about two points of visible cells, seven cost nine (rule R8). |
//! | cells of a cube | 2,500 | More are nearly all hidden in a small gemeente, and hide others. |
//! | the only period | half-year | That of the Beleidsinformatie Jeugd. A year over the same children would tie three periods through every life: 15 in the year and 11 in the second half leave 4. |
//! | days after a half-year before it is released | as the catalogue has it | Messages come late; what comes later still enters in the half-year in which it becomes known, so that nothing is ever revised. |
//! | minutes that a signed question is good for | 5 | Longer than clocks may differ; after that a copy of the question is worth nothing, and within it the same question gets the same bytes. |
//! | parties that sign a catalogue | 2 | Neither the party that asks nor the one that runs the coordinator can register a table alone. |
//! | random bits in every record of the log, and beside every answer | 128 | Who guesses what was asked cannot check the guess against a hash; nor what was answered, once the answer is gone and its bits with it. |
//! | rounding under the profile `cbs` | to 5, after protection | As the profile has it. Rounding hides nothing by itself, so it comes last and nothing counts on it. |
//! | zeros | shown | That nobody in a gemeente has some kind of help says nothing about anybody, unless the kind is *gevoelig* (crisis, gesloten, jeugdbescherming, jeugdreclassering, overlijden). Hiding others to protect what is small was tried: it gave a reader who runs the algorithm backwards exact values in 3 of 1,000 small tables, and gained nothing (rule R6). Under `cbs` all are hidden. |
//!
//! Noise is not used: a monitor that counts children in care should not have numbers that are wrong on purpose, and what noise
//! protects against (any knowledge from elsewhere) it protects against at a price in accuracy that small gemeenten would pay
//! most of. That is a choice, and its cost is said: see what is not promised in the README.

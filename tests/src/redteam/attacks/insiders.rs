//! What is shown to somebody who knows part of it already: an aanbieder its own clients, everybody how many children there are.

use super::{Attack, GROEP, GROEP_GESLACHT, HALF_YEARS, Plan, Planter, persons, plan};

pub(super) fn all(of: &Planter<'_>) -> anyhow::Result<Vec<Attack>> {
    let boy = of.boy(&[("45", -1, HALF_YEARS)])?;
    let own = |many| (Planter::at(boy.clone(), 1), many);
    let girl = of.girl(&[("45", -1, HALF_YEARS)])?;
    Ok(vec![
        Attack {
            number: "R7",
            name: "an aanbieder that knows its own clients",
            sum: "30 less its own 25 are 5 at another",
            children: vec![own(25), (Planter::at(boy.clone(), 2), 5)],
            plan: plan(&[GROEP], 1),
            terms: vec![(1, persons(0, &[]))],
            gives: 30,
        },
        Attack {
            number: "R7",
            name: "an aanbieder that knows its own clients in a smaller cell",
            sum: "33 less its own 28 are 5 girls at another",
            children: vec![own(60), (Planter::at(girl.clone(), 1), 28), (Planter::at(girl, 2), 5)],
            plan: plan(&[GROEP_GESLACHT], 1),
            terms: vec![(1, persons(0, &[("geslacht", "V+onbekend")]))],
            gives: 33,
        },
        Attack {
            number: "R7",
            name: "nearly everybody",
            sum: "35 inhabitants less 30 are 5 without help",
            children: vec![own(30)],
            plan: Plan { inwoners: Some(35), ..plan(&[GROEP], 1) },
            terms: vec![(1, persons(0, &[]))],
            gives: 30,
        },
    ])
}

//! HiGHS behind the same trait, for tables of thousands of hidden cells that hang together: written in C++, so an optional
//! feature (`highs`), that needs cmake, a C++ compiler and libclang to build. What it says is believed no more than what
//! another solver says.

use std::{cell::RefCell, num::NonZeroU32};

use highs::{Col, HighsModelStatus, Model, RowProblem, Sense};

use super::{
    bounds::Unknowns,
    linear::{Found, Goal, Linear, Nearest, float},
};

/// The solver in C++.
#[derive(Clone, Copy, Debug, Default)]
pub struct Highs;

/// Branches of a search for whole values. A count and not a time, so that every machine finds the same.
const MOST_BRANCHES: i32 = 2_000;

impl Linear for Highs {
    fn reach(&self, unknowns: &Unknowns, place: usize, goal: Goal) -> Found {
        let mut problem = RowProblem::new();
        let bounds = unknowns.bounds.iter().enumerate();
        let columns: Vec<Col> = bounds
            .map(|(column, (least, most))| {
                let cost = if column == place { 1.0 } else { 0.0 };
                problem.add_column(cost, float(*least)..=most.map_or(f64::INFINITY, float))
            })
            .collect();
        constrain(&mut problem, unknowns, &columns);
        let sense = match goal {
            Goal::Least => Sense::Minimise,
            Goal::Most => Sense::Maximise,
        };
        solved(problem, sense, &|_| ())
    }

    fn nearest(&self, unknowns: &Unknowns) -> Nearest {
        let moves = Moves::of(unknowns);
        Box::new(move |place, step| moves.to(place, step))
    }

    fn whole(&self, unknowns: &Unknowns, place: usize, value: i64) -> Found {
        let mut problem = RowProblem::new();
        let bounds = unknowns.bounds.iter().enumerate();
        let columns: Vec<Col> = bounds
            .map(|(column, (least, most))| {
                let (least, most) = if column == place { (value, Some(value)) } else { (*least, *most) };
                problem.add_integer_column(0.0, float(least)..=most.map_or(f64::INFINITY, float))
            })
            .collect();
        constrain(&mut problem, unknowns, &columns);
        let found = solved(problem, Sense::Minimise, &|model| {
            model.set_option("mip_max_nodes", MOST_BRANCHES);
        });
        match found {
            Found::Point(point) => Found::Point(point),
            // Its search among whole values has said nothing where there was something.
            _ => Found::Unknown,
        }
    }
}

/// How far unknowns go up and down from their true values, with the sum of both to be the least. The model goes on from
/// where the last move left it.
struct Moves {
    model: RefCell<Option<Model>>,
    up: Vec<(Col, f64)>,
    down: Vec<(Col, f64)>,
    truth: Vec<i64>,
}

impl Moves {
    fn of(unknowns: &Unknowns) -> Self {
        let mut problem = RowProblem::new();
        let (mut up, mut down) = (Vec::new(), Vec::new());
        for ((least, most), truth) in unknowns.bounds.iter().zip(&unknowns.truth) {
            let most_up = most.map_or(f64::INFINITY, |most| float(most - truth));
            let most_down = float(truth - least);
            up.push((problem.add_column(1.0, 0.0..=most_up), most_up));
            down.push((problem.add_column(1.0, 0.0..=most_down), most_down));
        }
        for constraint in &unknowns.constraints {
            let mut terms = Vec::new();
            let mut rest = constraint.sum;
            for (place, times) in &constraint.terms {
                let ways = up.get(*place).zip(down.get(*place)).zip(unknowns.truth.get(*place));
                if let Some(((up, down), truth)) = ways {
                    terms.extend([(up.0, float(*times)), (down.0, -float(*times))]);
                    rest -= times * truth;
                }
            }
            let least = if constraint.exactly { float(rest) } else { f64::NEG_INFINITY };
            problem.add_row(least..=float(rest), terms);
        }
        let model = problem.try_optimise(Sense::Minimise).ok().map(|mut model| {
            settle(&mut model);
            model
        });
        Self { model: RefCell::new(model), up, down, truth: unknowns.truth.clone() }
    }

    fn to(&self, place: usize, step: i64) -> Found {
        let Some(((up, down), mut model)) = self.up.get(place).zip(self.down.get(place)).zip(self.model.take()) else {
            return Found::Unknown;
        };
        let (to, other) = if step > 0 { (up, down) } else { (down, up) };
        let by = float(step.abs());
        if by > to.1 {
            self.model.replace(Some(model));
            return Found::Nothing;
        }
        model.change_column_bounds(to.0, by..=by);
        model.change_column_bounds(other.0, 0.0..=0.0);
        let Ok(moved) = model.try_solve() else { return Found::Unknown };
        let found = match moved.status() {
            HighsModelStatus::Optimal => {
                let solution = moved.get_solution();
                let moves = solution.columns().chunks(2).zip(&self.truth);
                let value = |(way, truth): (&[f64], &i64)| match way {
                    [up, down] => float(*truth) + up - down,
                    _ => float(*truth),
                };
                Found::Point(moves.map(value).collect())
            }
            HighsModelStatus::Infeasible => Found::Nothing,
            _ => Found::Unknown,
        };
        let mut model = Model::from(moved);
        model.change_column_bounds(up.0, 0.0..=up.1);
        model.change_column_bounds(down.0, 0.0..=down.1);
        self.model.replace(Some(model));
        found
    }
}

fn constrain(problem: &mut RowProblem, unknowns: &Unknowns, columns: &[Col]) {
    for constraint in &unknowns.constraints {
        let terms = constraint.terms.iter();
        let terms: Vec<_> = terms.filter_map(|(place, times)| Some((*columns.get(*place)?, float(*times)))).collect();
        let least = if constraint.exactly { float(constraint.sum) } else { f64::NEG_INFINITY };
        problem.add_row(least..=float(constraint.sum), terms);
    }
}

/// One thread, and nothing simplified: that has given wrong answers for whole values.
fn settle(model: &mut Model) {
    model.set_threads(NonZeroU32::MIN);
    model.set_option("presolve", "off");
}

fn solved(problem: RowProblem, sense: Sense, more: &dyn Fn(&mut Model)) -> Found {
    let Ok(mut model) = problem.try_optimise(sense) else { return Found::Unknown };
    settle(&mut model);
    more(&mut model);
    let Ok(found) = model.try_solve() else { return Found::Unknown };
    match found.status() {
        HighsModelStatus::Optimal => Found::Point(found.get_solution().columns().to_vec()),
        HighsModelStatus::Infeasible => Found::Nothing,
        HighsModelStatus::Unbounded => Found::Unbounded,
        _ => Found::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::sdc::{
        Microlp, Rules, protect,
        tests::{Small, small},
    };

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        /// Another solver may find other witnesses, and so hide other cells: what it hides is as safe, and no more.
        #[test]
        fn it_protects_as_the_solver_in_rust_does(drawn in small()) {
            let table = Small::table(&drawn);
            let rules = Rules { k: 10, hide_zeros: false, values: 4, remainders: true };
            let [one, other] = [
                protect(table.system(), rules, &table, &Highs),
                protect(table.system(), rules, &table, &Microlp),
            ];
            prop_assert_eq!(one.unprotected(), other.unprotected());
            prop_assert_eq!(one.hidden(), other.hidden());
        }
    }
}

//! Linear programs over unknowns, behind one small trait. What a solver says is never believed: its points are rounded and
//! checked in integers by whoever asks, and a cell for which it finds none stays hidden with more around it.

use microlp::{ComparisonOp, Error, OptimizationDirection, Problem, Solution, SolveOptions, SolveOutcome, Variable};

use super::bounds::Unknowns;

/// What is asked of a solver.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Goal {
    /// The least that they can be.
    Least,
    /// The most.
    Most,
}

/// What a solver found.
#[derive(Clone, Debug, PartialEq)]
pub enum Found {
    /// Values of all unknowns at which the goal is reached.
    Point(Vec<f64>),
    /// There is no least or most.
    Unbounded,
    /// No values are possible.
    Nothing,
    /// The solver does not know.
    Unknown,
}

/// Gives the point nearest to the true values, by the sum of all differences, at which the unknown at a place is so many
/// away from its own.
pub type Nearest = Box<dyn Fn(usize, i64) -> Found>;

/// A solver of linear programs.
pub trait Linear {
    /// Reaches a goal for the unknown at a place, in fractions.
    fn reach(&self, unknowns: &Unknowns, place: usize, goal: Goal) -> Found;

    /// The nearest points, in fractions: prepared once, as it is asked for many places.
    fn nearest(&self, unknowns: &Unknowns) -> Nearest;

    /// Whole values of all unknowns of which the one at a place has this value.
    fn whole(&self, unknowns: &Unknowns, place: usize, value: i64) -> Found;
}

/// The solver in pure Rust.
#[derive(Clone, Copy, Debug, Default)]
pub struct Microlp;

/// Branches of a search for whole values. A count and not a time, so that every machine finds the same.
const MOST_BRANCHES: u64 = 2_000;

impl Linear for Microlp {
    fn reach(&self, unknowns: &Unknowns, place: usize, goal: Goal) -> Found {
        let direction = match goal {
            Goal::Least => OptimizationDirection::Minimize,
            Goal::Most => OptimizationDirection::Maximize,
        };
        let mut problem = Problem::new(direction);
        let variables: Vec<_> = (0..unknowns.bounds.len())
            .zip(&unknowns.bounds)
            .map(|(variable, (least, most))| {
                let objective = if variable == place { 1.0 } else { 0.0 };
                problem.add_var(objective, (float(*least), most.map_or(f64::INFINITY, float)))
            })
            .collect();
        solve(&mut problem, unknowns, &variables, SolveOptions::default())
    }

    fn nearest(&self, unknowns: &Unknowns) -> Nearest {
        let moves = Moves::of(unknowns);
        Box::new(move |place, step| moves.as_ref().map_or(Found::Unknown, |moves| moves.to(place, step)))
    }

    fn whole(&self, unknowns: &Unknowns, place: usize, value: i64) -> Found {
        let mut problem = Problem::new(OptimizationDirection::Minimize);
        let variables: Vec<_> = (0..unknowns.bounds.len())
            .zip(&unknowns.bounds)
            .map(|(variable, (least, most))| {
                let (least, most) = if variable == place { (value, Some(value)) } else { (*least, *most) };
                let bound = |number: i64| i32::try_from(number).unwrap_or(i32::MAX);
                problem.add_integer_var(0.0, (bound(least), most.map_or(i32::MAX, bound)))
            })
            .collect();
        let mut options = SolveOptions::default();
        options.node_limit = Some(MOST_BRANCHES);
        solve(&mut problem, unknowns, &variables, options)
    }
}

/// How far unknowns go up and down from their true values, with the sum of both to be the least. Nothing moves yet, so
/// that a solver goes on from here to any move, and does not begin anew.
struct Moves {
    up: Vec<Variable>,
    down: Vec<Variable>,
    truth: Vec<i64>,
    still: Solution,
}

impl Moves {
    fn of(unknowns: &Unknowns) -> Option<Self> {
        let mut problem = Problem::new(OptimizationDirection::Minimize);
        let (mut up, mut down) = (Vec::new(), Vec::new());
        for ((least, most), truth) in unknowns.bounds.iter().zip(&unknowns.truth) {
            up.push(problem.add_var(1.0, (0.0, most.map_or(f64::INFINITY, |most| float(most - truth)))));
            down.push(problem.add_var(1.0, (0.0, float(truth - least))));
        }
        for constraint in &unknowns.constraints {
            let mut terms = Vec::new();
            let mut rest = constraint.sum;
            for (place, times) in &constraint.terms {
                terms.push((*up.get(*place)?, float(*times)));
                terms.push((*down.get(*place)?, -float(*times)));
                rest -= times * unknowns.truth.get(*place)?;
            }
            let operator = if constraint.exactly { ComparisonOp::Eq } else { ComparisonOp::Le };
            problem.add_constraint(terms.as_slice(), operator, float(rest));
        }
        let mut options = SolveOptions::default();
        // A problem that was simplified is not gone on from.
        options.presolve = false;
        let still = problem.solve_with(options).ok()?.into_solution().ok()?;
        Some(Self { up, down, truth: unknowns.truth.clone(), still })
    }

    fn to(&self, place: usize, step: i64) -> Found {
        let (Some(up), Some(down)) = (self.up.get(place), self.down.get(place)) else { return Found::Unknown };
        let (to, other) = if step > 0 { (up, down) } else { (down, up) };
        let still = self.still.clone().fix_var(*other, 0.0).map(SolveOutcome::into_solution);
        let moved = match still {
            Ok(Ok(still)) => still.fix_var(*to, float(step.abs())).map(SolveOutcome::into_solution),
            _ => return Found::Unknown,
        };
        match moved {
            Ok(Ok(moved)) => {
                let ways = self.up.iter().zip(&self.down).zip(&self.truth);
                let value = |((up, down), truth): ((&Variable, &Variable), &i64)| {
                    float(*truth) + moved.var_value(*up) - moved.var_value(*down)
                };
                Found::Point(ways.map(value).collect())
            }
            Err(Error::Infeasible) => Found::Nothing,
            _ => Found::Unknown,
        }
    }
}

fn solve(problem: &mut Problem, unknowns: &Unknowns, variables: &[Variable], options: SolveOptions) -> Found {
    for constraint in &unknowns.constraints {
        let terms = constraint.terms.iter();
        let terms: Vec<_> = terms.filter_map(|(place, times)| Some((*variables.get(*place)?, float(*times)))).collect();
        let operator = if constraint.exactly { ComparisonOp::Eq } else { ComparisonOp::Le };
        problem.add_constraint(terms.as_slice(), operator, float(constraint.sum));
    }
    match problem.solve_with(options) {
        Ok(outcome) => match outcome.solution() {
            Some(solution) => Found::Point(variables.iter().map(|variable| solution.var_value(*variable)).collect()),
            None => Found::Unknown,
        },
        Err(Error::Infeasible) => Found::Nothing,
        Err(Error::Unbounded) => Found::Unbounded,
        Err(_) => Found::Unknown,
    }
}

/// Persons are far fewer than the whole numbers that a float holds.
#[expect(clippy::cast_precision_loss, reason = "counts of persons and sums of them are below 2^53")]
pub(super) const fn float(number: i64) -> f64 {
    number as f64
}

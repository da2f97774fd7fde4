//! Linear programs over unknowns, behind one small trait. What a solver says is never believed: its points are rounded and
//! checked in integers by whoever asks, and a cell for which it finds none stays hidden with more around it.

use microlp::{ComparisonOp, Error, OptimizationDirection, Problem, SolveOptions};

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

/// A solver of linear programs.
pub trait Linear {
    /// Reaches a goal for the sum of the unknowns at these places, in fractions.
    fn reach(&self, unknowns: &Unknowns, places: &[usize], goal: Goal) -> Found;

    /// Whole values of all unknowns of which the one at a place has this value.
    fn whole(&self, unknowns: &Unknowns, place: usize, value: i64) -> Found;
}

/// The solver in pure Rust.
#[derive(Clone, Copy, Debug, Default)]
pub struct Microlp;

/// Branches of a search for whole values. A count and not a time, so that every machine finds the same.
const MOST_BRANCHES: u64 = 2_000;

impl Linear for Microlp {
    fn reach(&self, unknowns: &Unknowns, places: &[usize], goal: Goal) -> Found {
        let direction = match goal {
            Goal::Least => OptimizationDirection::Minimize,
            Goal::Most => OptimizationDirection::Maximize,
        };
        let mut problem = Problem::new(direction);
        let variables: Vec<_> = (0..unknowns.bounds.len())
            .zip(&unknowns.bounds)
            .map(|(variable, (least, most))| {
                let objective = if places.contains(&variable) { 1.0 } else { 0.0 };
                problem.add_var(objective, (float(*least), most.map_or(f64::INFINITY, float)))
            })
            .collect();
        solve(&mut problem, unknowns, &variables, SolveOptions::default())
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

fn solve(problem: &mut Problem, unknowns: &Unknowns, variables: &[microlp::Variable], options: SolveOptions) -> Found {
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
const fn float(number: i64) -> f64 {
    number as f64
}

//! The conditions of `WHERE`, as written: a conjunction of `column = 'member'` and `column IN ('member', …)`.

use sqlparser::ast::{BinaryOperator, Expr, Ident, Value, ValueWithSpan};

use super::{
    constructs,
    draft::{Condition, Written},
    findings::{Findings, position, shown},
    shape::{name, not_here, place},
};
use crate::refusal::{Position, RefusalCode};

/// The conditions joined by `AND`, in the order written.
pub(super) fn conditions(selection: &Expr, around: Option<Position>, findings: &mut Findings) -> Vec<Condition> {
    let mut conditions = Vec::new();
    let mut open = vec![selection];
    while let Some(expr) = open.pop() {
        match expr {
            Expr::BinaryOp { left, op: BinaryOperator::And, right } => open.extend([right.as_ref(), left.as_ref()]),
            Expr::Nested(inner) => open.push(inner),
            Expr::BinaryOp { left, op: BinaryOperator::Or, right } => {
                // Refused; both sides are read for what else is wrong with them.
                not_here(expr, "WHERE", "conditions joined by AND", around, findings);
                open.extend([right.as_ref(), left.as_ref()]);
            }
            _ => conditions.extend(condition(expr, around, findings)),
        }
    }
    conditions
}

fn condition(expr: &Expr, around: Option<Position>, findings: &mut Findings) -> Option<Condition> {
    match expr {
        Expr::BinaryOp { left, op: BinaryOperator::Eq, right } => {
            let column = column(left, around, findings);
            let member = member(right, around, findings);
            Some(Condition { column: column?, members: vec![member?], listed: false })
        }
        Expr::InList { expr, list, negated } => {
            if *negated {
                not_here(expr, "WHERE", "IN without NOT", around, findings);
            }
            let column = column(expr, around, findings);
            if list.is_empty() {
                let remedy = "Name the members, or leave the condition out to see them all.";
                findings.add(RefusalCode::Filter, place(expr.as_ref(), around), "IN names no member.", remedy);
            }
            let members = list.iter().filter_map(|expr| member(expr, around, findings)).collect();
            Some(Condition { column: column?, members, listed: true })
        }
        other => {
            not_here(other, "WHERE", "column = 'member'", around, findings);
            None
        }
    }
}

fn column(expr: &Expr, around: Option<Position>, findings: &mut Findings) -> Option<Written> {
    match expr {
        Expr::Identifier(ident) => Some(name(ident)),
        Expr::Value(ValueWithSpan { value, span }) => {
            findings.add_unless_construct(
                RefusalCode::NotSupported,
                position(span.start),
                format!("{} stands where a column should.", shown(&value.to_string())),
                "Write the column first: column = 'member'.",
            );
            None
        }
        other => {
            not_here(other, "A condition", "the column itself", around, findings);
            None
        }
    }
}

fn member(expr: &Expr, around: Option<Position>, findings: &mut Findings) -> Option<Written> {
    match expr {
        Expr::Value(ValueWithSpan { value: Value::SingleQuotedString(text), span }) => {
            Some(Written { text: text.clone(), at: position(span.start) })
        }
        Expr::Value(ValueWithSpan { value: Value::Number(number, _), span }) => {
            let number = shown(number);
            findings.add(
                RefusalCode::NotSupported,
                position(span.start),
                format!("{number} is a number, and members are text."),
                format!("Write '{number}' with single quotes."),
            );
            None
        }
        Expr::Identifier(Ident { value, quote_style: _, span }) if constructs::is_plain(&value.to_lowercase()) => {
            let value = shown(value);
            findings.add(
                RefusalCode::NotSupported,
                position(span.start),
                format!("{value} is a name, and a column is only compared with a member."),
                format!("Write '{value}' with single quotes if it is a member."),
            );
            None
        }
        other => {
            not_here(other, "A condition", "a member in single quotes", around, findings);
            None
        }
    }
}

//! The two counts. Every other function, and every other way to write these, is refused.

use sqlparser::ast::{
    DuplicateTreatment, Expr, Function, FunctionArg, FunctionArgExpr, FunctionArgumentList, FunctionArguments,
};

use super::{
    constructs,
    draft::Content,
    findings::Findings,
    shape::{name, none, plain_name},
};
use crate::refusal::{Position, RefusalCode};

/// The count that a function is.
pub(super) fn read(function: &Function, at: Option<Position>, findings: &mut Findings) -> Option<Content> {
    let Function { name: object, uses_odbc_syntax, parameters, args, filter, null_treatment, over, within_group } =
        function;
    let Some(called) = plain_name(object) else {
        only_these(at, findings);
        return None;
    };
    if called.text != "count" {
        let (reason, remedy) = constructs::function(&called.text);
        findings.add(RefusalCode::NotSupported, at, reason, remedy);
        return None;
    }
    none(!uses_odbc_syntax && matches!(parameters, FunctionArguments::None), "other form of COUNT", at, findings);
    none(filter.is_none(), "FILTER", at, findings);
    none(null_treatment.is_none() && within_group.is_empty(), "order or NULLS within COUNT", at, findings);
    none(over.is_none(), "OVER", at, findings);
    let FunctionArguments::List(FunctionArgumentList { duplicate_treatment, args, clauses }) = args else {
        only_these(at, findings);
        return None;
    };
    none(clauses.is_empty(), "clause within COUNT", at, findings);
    match (duplicate_treatment, args.as_slice()) {
        (
            Some(DuplicateTreatment::Distinct),
            [FunctionArg::Unnamed(FunctionArgExpr::Expr(Expr::Identifier(ident)))],
        ) => Some(Content::CountDistinct(name(ident))),
        (None, [FunctionArg::Unnamed(FunctionArgExpr::Wildcard)]) => Some(Content::CountRows),
        (None, [FunctionArg::Unnamed(FunctionArgExpr::Expr(Expr::Identifier(ident)))]) => {
            let column = name(ident);
            findings.add(
                RefusalCode::Role,
                column.at.or(at),
                "A column is not counted without DISTINCT.",
                "Write COUNT(DISTINCT persoon) for persons, or COUNT(*) for rows.",
            );
            None
        }
        _ => {
            only_these(at, findings);
            None
        }
    }
}

fn only_these(at: Option<Position>, findings: &mut Findings) {
    findings.add_unless_construct(
        RefusalCode::NotSupported,
        at,
        "COUNT is only written in two ways.",
        "Write COUNT(DISTINCT persoon) for persons, or COUNT(*) for rows.",
    );
}

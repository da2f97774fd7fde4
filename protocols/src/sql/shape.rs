//! From the parser's tree to a [`Draft`]: the only place where SQL is accepted. Every struct of the tree is taken
//! apart field by field, so that a field a later version adds does not compile until someone decides what it means.

use sqlparser::{
    ast::{
        Distinct, Expr, Ident, LimitClause, ObjectName, ObjectNamePart, OrderBy, OrderByExpr, OrderByKind,
        OrderByOptions, Query, Select, SelectFlavor, SelectItem, SetExpr, Spanned, TableFactor, TableWithJoins, Value,
        ValueWithSpan,
    },
    keywords::Keyword,
    tokenizer::{Location, Token, TokenWithSpan},
};

use super::{
    constructs, count,
    draft::{Content, Draft, Item, Key, KeyBy, Written},
    findings::{Findings, position, shown},
    grouping, predicate,
};
use crate::refusal::{Position, RefusalCode};

/// Most rows that `LIMIT` may name.
const MOST_ROWS: u32 = 10_000;

/// What the query says; what it says beyond the dialect is among the findings.
pub(super) fn draft(query: &Query, tokens: &[TokenWithSpan], findings: &mut Findings) -> Draft {
    let Query { with, body, order_by, limit_clause, fetch, locks, for_clause, settings, format_clause, pipe_operators } =
        query;
    let at = position(query.span().start);
    none(with.is_none(), "WITH", at, findings);
    none(fetch.is_none(), "FETCH", at, findings);
    none(locks.is_empty() && for_clause.is_none(), "FOR", at, findings);
    none(
        settings.is_none() && format_clause.is_none() && pipe_operators.is_empty(),
        "SETTINGS, FORMAT or pipe",
        at,
        findings,
    );

    let mut draft = Draft::default();
    match body.as_ref() {
        SetExpr::Select(select) => read_select(select, tokens, &mut draft, findings),
        SetExpr::Query(_)
        | SetExpr::SetOperation { .. }
        | SetExpr::Values(_)
        | SetExpr::Insert(_)
        | SetExpr::Update(_)
        | SetExpr::Delete(_)
        | SetExpr::Merge(_)
        | SetExpr::Table(_) => findings.add_unless_construct(
            RefusalCode::NotSupported,
            at,
            "A question is one SELECT.",
            "Write SELECT, FROM, WHERE and GROUP BY once, without parentheses around them.",
        ),
    }
    if let Some(order_by) = order_by {
        draft.order = order(order_by, at, findings);
    }
    if let Some(clause) = limit_clause {
        draft.limit = limit(clause, at, findings);
    }
    draft
}

fn read_select(select: &Select, tokens: &[TokenWithSpan], draft: &mut Draft, findings: &mut Findings) {
    let Select {
        select_token,
        optimizer_hints,
        distinct,
        select_modifiers,
        top,
        top_before_distinct,
        projection,
        exclude,
        into,
        from,
        lateral_views,
        prewhere,
        selection,
        connect_by,
        group_by,
        cluster_by,
        distribute_by,
        sort_by,
        having,
        named_window,
        qualify,
        window_before_qualify,
        value_table_mode,
        flavor,
    } = select;
    let at = position(select_token.0.span.start);
    if let Some(Distinct::Distinct | Distinct::On(_)) = distinct {
        findings.add(
            RefusalCode::NotSupported,
            at,
            "SELECT DISTINCT does not exist here: every row of an answer is already distinct.",
            "Leave out DISTINCT, or count persons with COUNT(DISTINCT persoon).",
        );
    }
    none(!matches!(distinct, Some(Distinct::All)), "ALL", at, findings);
    none(
        optimizer_hints.is_empty() && select_modifiers.is_none() && value_table_mode.is_none(),
        "hint or mode",
        at,
        findings,
    );
    none(top.is_none() && !top_before_distinct, "TOP", at, findings);
    none(exclude.is_none(), "EXCLUDE", at, findings);
    none(into.is_none(), "INTO", at, findings);
    none(lateral_views.is_empty(), "LATERAL VIEW", at, findings);
    none(prewhere.is_none(), "PREWHERE", at, findings);
    none(connect_by.is_empty(), "CONNECT BY", at, findings);
    none(
        cluster_by.is_empty() && distribute_by.is_empty() && sort_by.is_empty(),
        "CLUSTER, DISTRIBUTE or SORT BY",
        at,
        findings,
    );
    none(having.is_none(), "HAVING", at, findings);
    none(named_window.is_empty() && qualify.is_none() && !window_before_qualify, "WINDOW or QUALIFY", at, findings);
    none(matches!(flavor, SelectFlavor::Standard), "FROM before SELECT", at, findings);

    draft.items = projection.iter().filter_map(|item| select_item(item, tokens, at, findings)).collect();
    draft.view = view(from, at, findings);
    if let Some(selection) = selection {
        draft.conditions = predicate::conditions(selection, at, findings);
    }
    grouping::read(group_by, at, draft, findings);
}

fn select_item(
    item: &SelectItem,
    tokens: &[TokenWithSpan],
    around: Option<Position>,
    findings: &mut Findings,
) -> Option<Item> {
    let (expr, alias) = match item {
        SelectItem::UnnamedExpr(expr) => (expr, None),
        SelectItem::ExprWithAlias { expr, alias } => (expr, Some(alias)),
        SelectItem::Wildcard(_) | SelectItem::QualifiedWildcard(..) => {
            findings.add(
                RefusalCode::NotSupported,
                place(item, around),
                "SELECT * would show rows, and no row is ever shown.",
                "Name the columns to group by, and count with COUNT(DISTINCT persoon) or COUNT(*).",
            );
            return None;
        }
        SelectItem::ExprWithAliases { expr, aliases: _ } => {
            none(false, "list of names", place(expr, around), findings);
            return None;
        }
    };
    let at = place(expr, around);
    let content = match expr {
        Expr::Identifier(ident) => Content::Column(name(ident)),
        Expr::Function(function) => count::read(function, at, findings)?,
        other => {
            not_here(other, "SELECT", "a column or a count", around, findings);
            return None;
        }
    };
    if let Some(alias) = alias {
        if alias.quote_style == Some('\'') {
            findings.add(
                RefusalCode::Output,
                position(alias.span.start).or(at),
                "A name is not written in single quotes.",
                "After AS, write the name without quotes.",
            );
        } else if !follows_as(alias.span.start, tokens) {
            findings.add(
                RefusalCode::NotSupported,
                position(alias.span.start).or(at),
                format!("{} stands beside another column without a sign between.", shown(&alias.value)),
                "Write a comma before it if it is a column, or AS if it is a name.",
            );
        }
    }
    Some(Item { content, alias: alias.map(name), at })
}

/// Whether the token before a place is `AS`.
fn follows_as(place: Location, tokens: &[TokenWithSpan]) -> bool {
    tokens
        .iter()
        .take_while(|token| token.span.start < place)
        .filter(|token| !matches!(token.token, Token::Whitespace(_)))
        .last()
        .is_some_and(|token| constructs::is_keyword(token, Keyword::AS))
}

fn view(from: &[TableWithJoins], around: Option<Position>, findings: &mut Findings) -> Option<Written> {
    let remedy = "Write FROM and the name of one view of the catalogue.";
    let Some((first, others)) = from.split_first() else {
        findings.add_unless_construct(RefusalCode::UnknownView, around, "The question names no view.", remedy);
        return None;
    };
    if let Some(other) = others.first() {
        let at = place(other, around);
        findings.add(RefusalCode::NotSupported, at, "A question counts one view.", remedy);
    }
    let TableWithJoins { relation, joins } = first;
    none(joins.is_empty(), "JOIN", place(relation, around), findings);
    let TableFactor::Table {
        name: object,
        alias,
        args,
        with_hints,
        version,
        with_ordinality,
        partitions,
        json_path,
        sample,
        index_hints,
    } = relation
    else {
        let reason = "Only a view of the catalogue can be counted.";
        findings.add_unless_construct(RefusalCode::NotSupported, place(relation, around), reason, remedy);
        return None;
    };
    let view = plain_name(object);
    let at = view.as_ref().and_then(|view| view.at).or(around);
    if let Some(alias) = alias {
        findings.add(
            RefusalCode::NotSupported,
            position(alias.name.span.start).or(at),
            "A view has no second name here.",
            "Leave out the name after the view, and write columns by their own name.",
        );
    }
    if args.is_some() {
        findings.add(RefusalCode::NotSupported, at, "Table functions do not exist here.", remedy);
    }
    let bare = with_hints.is_empty()
        && version.is_none()
        && !with_ordinality
        && partitions.is_empty()
        && json_path.is_none()
        && sample.is_none()
        && index_hints.is_empty();
    none(bare, "hint, version, partition or sample", at, findings);
    none(view.is_some(), "qualified name", around, findings);
    view
}

fn order(order_by: &OrderBy, around: Option<Position>, findings: &mut Findings) -> Vec<Key> {
    let OrderBy { kind, interpolate } = order_by;
    none(interpolate.is_none(), "INTERPOLATE", around, findings);
    let OrderByKind::Expressions(exprs) = kind else {
        none(false, "ORDER BY ALL", around, findings);
        return Vec::new();
    };
    let mut keys = Vec::new();
    for OrderByExpr { expr, options: OrderByOptions { asc, nulls_first }, with_fill } in exprs {
        let at = place(expr, around);
        none(nulls_first.is_none(), "NULLS", at, findings);
        none(with_fill.is_none(), "WITH FILL", at, findings);
        let by = match expr {
            Expr::Identifier(ident) => Some(KeyBy::Name(name(ident).text)),
            Expr::Value(ValueWithSpan { value: Value::Number(number, false), span: _ }) => {
                number.parse().ok().map(KeyBy::Place)
            }
            _ => None,
        };
        match by {
            Some(by) => keys.push(Key { by, at, descending: *asc == Some(false) }),
            None => not_here(expr, "ORDER BY", "the name of a shown column or its place", around, findings),
        }
    }
    keys
}

fn limit(clause: &LimitClause, around: Option<Position>, findings: &mut Findings) -> Option<u32> {
    let LimitClause::LimitOffset { limit, offset, limit_by } = clause else {
        none(false, "LIMIT with two numbers", around, findings);
        return None;
    };
    none(offset.is_none() && limit_by.is_empty(), "OFFSET or LIMIT BY", around, findings);
    let limit = limit.as_ref()?;
    let at = place(limit, around);
    let reason = "LIMIT does not have a number of rows from 1 to 10000.";
    let remedy = "Write LIMIT and a whole number from 1 to 10000.";
    match limit {
        Expr::Value(ValueWithSpan { value: Value::Number(number, _), span: _ }) => {
            let rows = number.parse().ok().filter(|rows| (1..=MOST_ROWS).contains(rows));
            if rows.is_none() {
                findings.add(RefusalCode::Output, at, reason, remedy);
            }
            rows
        }
        _ => {
            findings.add_unless_construct(RefusalCode::Output, at, reason, remedy);
            None
        }
    }
}

/// A name as written: folded to lower case unless quoted.
pub(super) fn name(ident: &Ident) -> Written {
    let Ident { value, quote_style, span } = ident;
    let text = if quote_style.is_some() { value.clone() } else { value.to_ascii_lowercase() };
    Written { text, at: position(span.start) }
}

/// The one name of an object; `None` if it is qualified or computed.
pub(super) fn plain_name(ObjectName(parts): &ObjectName) -> Option<Written> {
    match parts.as_slice() {
        [ObjectNamePart::Identifier(ident)] => Some(name(ident)),
        _ => None,
    }
}

/// Where a part of the tree begins, or what is around it where the parser does not say.
pub(super) fn place(part: &impl Spanned, around: Option<Position>) -> Option<Position> {
    position(part.span().start).or(around)
}

/// Refuses what a question does not have, unless its words were refused already.
pub(super) fn none(absent: bool, what: &str, at: Option<Position>, findings: &mut Findings) {
    if !absent {
        findings.add_unless_construct(
            RefusalCode::NotSupported,
            at,
            format!("A question has no {what}."),
            "Leave it out.",
        );
    }
}

/// Refuses an expression where only something simpler can stand.
pub(super) fn not_here(expr: &Expr, clause: &str, wanted: &str, around: Option<Position>, findings: &mut Findings) {
    let at = place(expr, around);
    match expr {
        Expr::Function(function) if plain_name(&function.name).is_some_and(|name| name.text != "count") => {
            let name = plain_name(&function.name).map(|name| name.text).unwrap_or_default();
            let (reason, remedy) = constructs::function(&name);
            findings.add(RefusalCode::NotSupported, at, reason, remedy);
        }
        _ => findings.add_unless_construct(
            RefusalCode::NotSupported,
            at,
            format!("{clause} cannot have this here."),
            format!("Write {wanted}, without parentheses around it."),
        ),
    }
}

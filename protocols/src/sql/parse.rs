//! The parser's part: tokens to a syntax tree, on a stack whose depth is bounded beforehand.
//!
//! The dialect switches on as little of the parser as it can. What the parser still accepts beyond the dialect is
//! refused by the exhaustive reading of its tree in `shape`, not here.

use sqlparser::{
    ast::{Expr, Query},
    dialect::Dialect,
    keywords::Keyword,
    parser::{Parser, ParserError},
    tokenizer::{Token, TokenWithSpan},
};

use super::{
    constructs,
    findings::{Findings, position, shown},
};
use crate::refusal::{Position, RefusalCode};

/// Deepest nesting the parser follows; nesting of parentheses is bounded before, at 8.
const DEEPEST: usize = 24;

/// The dialect as the tokenizer and parser see it: ASCII names, quoted with `"` only.
#[derive(Debug)]
pub(super) struct Drempel;

impl Dialect for Drempel {
    fn is_identifier_start(&self, ch: char) -> bool {
        ch.is_ascii_alphabetic() || ch == '_'
    }

    fn is_identifier_part(&self, ch: char) -> bool {
        ch.is_ascii_alphanumeric() || ch == '_'
    }

    fn is_delimited_identifier_start(&self, ch: char) -> bool {
        ch == '"'
    }

    // The parser reads what follows INTERVAL twice and without counting the depth.
    fn parse_prefix(&self, parser: &mut Parser<'_>) -> Option<Result<Expr, ParserError>> {
        let refused = ParserError::ParserError("INTERVAL".to_owned());
        constructs::is_keyword(parser.peek_token_ref(), Keyword::INTERVAL).then_some(Err(refused))
    }

    fn supports_in_empty_list(&self) -> bool {
        true
    }

    fn supports_group_by_expr(&self) -> bool {
        true
    }

    fn supports_limit_comma(&self) -> bool {
        true
    }

    fn supports_filter_during_aggregation(&self) -> bool {
        true
    }
}

/// The tree of a text that is one query and nothing more.
pub(super) fn query(text: &str, tokens: Vec<TokenWithSpan>, findings: &mut Findings) -> Option<Box<Query>> {
    let first = tokens.iter().find(|token| !matches!(token.token, Token::Whitespace(_)));
    if !first.is_some_and(|first| constructs::is_keyword(first, Keyword::SELECT)) {
        let at = first.and_then(|first| position(first.span.start)).or(end(text));
        // WITH, for one, already has a refusal of its own here.
        if !findings.has_one_at(at) {
            findings.add(
                RefusalCode::NotSupported,
                at,
                "A question begins with SELECT; nothing else can be run.",
                "Write SELECT, the columns and counts to show, FROM and the view.",
            );
        }
        return None;
    }
    let mut parser = Parser::new(&Drempel).with_recursion_limit(DEEPEST).with_tokens_with_locations(tokens);
    match parser.parse_query() {
        Ok(query) => {
            let next = match parser.next_token() {
                semicolon if semicolon.token == Token::SemiColon => parser.next_token(),
                other => other,
            };
            if next.token == Token::EOF {
                return Some(query);
            }
            findings.add_unless_construct(
                RefusalCode::NotSql,
                position(next.span.start),
                format!("The question ends before {}.", shown(&next.token.to_string())),
                "Write the parts in the order SELECT, FROM, WHERE, GROUP BY, ORDER BY, LIMIT, each once.",
            );
            None
        }
        Err(error) => {
            not_sql(text, &error, findings);
            None
        }
    }
}

fn not_sql(text: &str, error: &ParserError, findings: &mut Findings) {
    let remedy = "Write it as in: SELECT categorie, COUNT(DISTINCT persoon) FROM jeugdhulp WHERE periode = '2025H2' GROUP BY categorie";
    let (said, at) = match error {
        ParserError::RecursionLimitExceeded => ("it is nested too deep".to_owned(), None),
        ParserError::ParserError(message) | ParserError::TokenizerError(message) => place(message),
    };
    findings.add_unless_construct(
        RefusalCode::NotSql,
        at.or(end(text)),
        format!("This does not read as SQL: {said}."),
        remedy,
    );
}

/// The parser's message and the place it ends with, ` at Line: 1, Column: 2`.
fn place(message: &str) -> (String, Option<Position>) {
    const LONGEST: usize = 160;
    let (said, at) = match message.rsplit_once(" at Line: ") {
        Some((said, place)) => {
            let at = place.split_once(", Column: ").and_then(|(line, column)| {
                Some(Position { line: line.parse().ok()?, column: column.trim().parse().ok()? })
            });
            (said, at)
        }
        None => (message, None),
    };
    let plain = |c: char| if matches!(c, ' '..='~') { c.to_ascii_lowercase() } else { '?' };
    let mut said: String = said.chars().take(LONGEST).map(plain).collect();
    said.truncate(said.trim_end_matches('.').len());
    (said, at)
}

/// Just after the last character.
pub(super) fn end(text: &str) -> Option<Position> {
    let line = text.matches('\n').count().saturating_add(1);
    let column = text.rsplit('\n').next().unwrap_or_default().chars().count().saturating_add(1);
    Some(Position { line: u64::try_from(line).ok()?, column: u64::try_from(column).ok()? })
}

//! The text as tokens, once its size and characters are within bounds: nothing that could exhaust the stack of the
//! parser, and nothing that reads differently to a person than to the parser, gets past this.

use std::collections::BTreeSet;

use sqlparser::{
    keywords::Keyword,
    tokenizer::{Location, Token, TokenWithSpan, Tokenizer, Whitespace, Word},
};

use super::{
    findings::{Findings, position},
    parse::{self, Drempel},
};
use crate::refusal::{Position, RefusalCode};

/// Longest text, in bytes.
const LONGEST: usize = 16 * 1024;
/// Most words and signs, not counting members and commas. Chains without parentheses nest in the parser's tree, so
/// this bounds its depth.
const MOST_PARTS: usize = 640;
/// Most names in `GROUP BY`: of 32 sets of 8 columns.
const MOST_GROUPS: usize = 256;
/// Most filters.
const MOST_PREDICATES: usize = 64;
/// Most members in one `IN`.
const MOST_MEMBERS: usize = 256;
/// Deepest nesting of parentheses.
const DEEPEST: usize = 8;

/// The tokens of a text, without its comments; `None` if it must not be parsed.
pub(super) fn tokens(text: &str, findings: &mut Findings) -> Option<Vec<TokenWithSpan>> {
    if text.len() > LONGEST {
        let remedy = "Ask for fewer members, or split it into several questions.";
        findings.add(RefusalCode::TooLong, None, format!("The text is longer than {LONGEST} bytes."), remedy);
        return None;
    }
    let mut tokens = Vec::new();
    let tokenized = Tokenizer::new(&Drempel, text).tokenize_with_location_into_buf(&mut tokens);
    let plain = only_plain_characters(text, &tokens, tokenized.is_ok(), findings);
    if let Err(error) = tokenized {
        findings.add(
            RefusalCode::NotSql,
            position(error.location).or(parse::end(text)),
            format!("This does not read as SQL: {}.", error.message.trim_end_matches('.').to_lowercase()),
            "Close every quote that is opened, and write a quote inside a member twice.",
        );
        return None;
    }
    without_comments(&mut tokens, findings);
    if tokens.iter().all(|token| matches!(token.token, Token::Whitespace(_))) {
        findings.add(
            RefusalCode::NotSql,
            Some(Position { line: 1, column: 1 }),
            "There is no question in the text.",
            "Write SELECT, the columns and counts to show, FROM and the view.",
        );
        return None;
    }
    (within_limits(&tokens, findings) && plain).then_some(tokens)
}

/// Refuses a question whose canonical text would itself be refused as too long: a node reads that text again.
pub(super) fn check_canonical(canonical: &str, findings: &mut Findings) {
    if canonical.len() > LONGEST {
        let remedy = "Name fewer members, or split it into several questions.";
        findings.add(
            RefusalCode::TooLong,
            None,
            format!("In full, the question is longer than {LONGEST} bytes."),
            remedy,
        );
    }
}

/// Refuses characters that look like others or are not seen at all, wherever they are not part of a member.
fn only_plain_characters(text: &str, tokens: &[TokenWithSpan], whole: bool, findings: &mut Findings) -> bool {
    let mut members = tokens
        .iter()
        .filter(|token| matches!(token.token, Token::SingleQuotedString(_)))
        .map(|token| (token.span.start, token.span.end))
        .peekable();
    let last = tokens.last().map(|token| token.span.end);
    let mut at = Location { line: 1, column: 1 };
    let mut lines_refused = BTreeSet::new();
    for c in text.chars() {
        if !whole && last.is_none_or(|last| at >= last) {
            break;
        }
        while members.next_if(|(_, end)| *end <= at).is_some() {}
        let in_member = members.peek().is_some_and(|(start, _)| *start <= at);
        if !in_member && !matches!(c, ' '..='~' | '\n' | '\r' | '\t') && lines_refused.insert(at.line) {
            findings.add(
                RefusalCode::NotSql,
                position(at),
                format!(
                    "The character U+{:04X} cannot stand here, as it may look like another or like none.",
                    u32::from(c)
                ),
                "Outside members in quotes, write only letters without accents, digits and the usual signs.",
            );
        }
        at = if c == '\n' {
            Location { line: at.line.saturating_add(1), column: 1 }
        } else {
            Location { line: at.line, column: at.column.saturating_add(1) }
        };
    }
    lines_refused.is_empty()
}

/// Refuses comments, and takes them out so that the rest can still be read.
fn without_comments(tokens: &mut Vec<TokenWithSpan>, findings: &mut Findings) {
    tokens.retain(|token| {
        let comment = matches!(
            token.token,
            Token::Whitespace(Whitespace::SingleLineComment { .. } | Whitespace::MultiLineComment(_))
        );
        if comment {
            findings.add(
                RefusalCode::NotSupported,
                position(token.span.start),
                "A question has no comments: what is logged is what was asked, and nothing beside it.",
                "Remove the comment.",
            );
        }
        !comment
    });
}

fn within_limits(tokens: &[TokenWithSpan], findings: &mut Findings) -> bool {
    let mut limits = Limits::default();
    let mut refused = BTreeSet::new();
    for token in tokens {
        if let Some((what, remedy)) = limits.passed_by(&token.token)
            && refused.insert(what)
        {
            findings.add(RefusalCode::TooLong, position(token.span.start), what, remedy);
        }
    }
    refused.is_empty()
}

/// What has been counted up to a token.
#[derive(Default)]
struct Limits {
    parts: usize,
    depth: usize,
    predicates: usize,
    members: usize,
    grouping: bool,
    groups: usize,
}

impl Limits {
    /// Counts a token, and says which limit it passes and what to do.
    fn passed_by(&mut self, token: &Token) -> Option<(&'static str, &'static str)> {
        match token {
            Token::Whitespace(_) => return None,
            Token::SingleQuotedString(_) => {
                self.members = self.members.saturating_add(1);
                return (self.members > MOST_MEMBERS).then_some((
                    "IN names more than 256 members.",
                    "Name fewer, or leave the filter out to see them all.",
                ));
            }
            Token::Comma => {
                self.groups = self.groups.saturating_add(usize::from(self.grouping));
                return (self.grouping && self.groups > MOST_GROUPS)
                    .then_some(("GROUP BY has more than 256 names.", "Group by fewer columns, or in fewer sets."));
            }
            Token::LParen => {
                self.depth = self.depth.saturating_add(1);
                self.members = 0;
            }
            Token::RParen => {
                self.depth = self.depth.saturating_sub(1);
                self.members = 0;
            }
            Token::Word(Word { quote_style: None, keyword, .. }) => self.count_keyword(*keyword),
            _ => {}
        }
        self.parts = self.parts.saturating_add(1);
        if self.depth > DEEPEST {
            Some(("Parentheses are nested deeper than 8.", "Remove the parentheses that a question does not need."))
        } else if self.predicates > MOST_PREDICATES {
            Some(("WHERE has more than 64 conditions.", "Filter each column once at most."))
        } else if self.parts > MOST_PARTS {
            Some(("The question has too many parts.", "Leave out what the question does not need."))
        } else {
            None
        }
    }

    fn count_keyword(&mut self, keyword: Keyword) {
        match keyword {
            Keyword::WHERE | Keyword::AND => {
                self.predicates = self.predicates.saturating_add(1);
                self.members = 0;
            }
            Keyword::GROUP => {
                self.grouping = true;
                self.groups = 1;
            }
            Keyword::ORDER | Keyword::LIMIT | Keyword::HAVING => self.grouping = false,
            _ => {}
        }
    }
}

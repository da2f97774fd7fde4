//! What SQL has and this dialect does not, known by its words and signs: each with its place, the reason and what to
//! write instead. This is for the asker's sake; what is accepted is decided by `shape`, which knows the dialect only.

use sqlparser::{
    keywords::Keyword,
    tokenizer::{Token, TokenWithSpan, Word},
};

use super::findings::{Findings, position, shown};

type Why = (&'static str, &'static str);

/// Words that cannot be names of columns or views unless quoted, because the dialect uses them.
const DIALECT: [&str; 18] = [
    "select", "from", "where", "group", "by", "order", "limit", "as", "and", "in", "asc", "desc", "count", "distinct",
    "rollup", "cube", "grouping", "sets",
];

/// Whether a name can be written without quotes.
pub(super) fn is_plain(name: &str) -> bool {
    !name.starts_with(|c: char| c.is_ascii_digit())
        && !DIALECT.contains(&name)
        && word(&name.to_ascii_uppercase()).is_none()
}

/// Most such words and signs that a text may have and still be parsed. The parser follows some of them deeper than
/// its own limit on recursion counts, and some of them twice at each depth.
const MOST: usize = 12;

/// Refuses every such word and sign; `false` if there are so many that the text must not be parsed.
pub(super) fn scan(tokens: &[TokenWithSpan], findings: &mut Findings) -> bool {
    let solid: Vec<&TokenWithSpan> =
        tokens.iter().filter(|token| !matches!(token.token, Token::Whitespace(_))).collect();
    let question = solid.first().is_some_and(|first| is_keyword(first, Keyword::SELECT));
    let last = solid.len().saturating_sub(1);
    let mut before: Option<&TokenWithSpan> = None;
    let mut set_operation = false;
    let mut found = 0usize;
    for (place, token) in solid.into_iter().enumerate() {
        let why = match &token.token {
            Token::Word(Word { quote_style: None, .. }) if before.is_some_and(|it| is_keyword(it, Keyword::AS)) => None,
            Token::Word(Word { quote_style: None, keyword: Keyword::SELECT, .. }) => {
                (place > 0 && !set_operation).then_some(SUBQUERY)
            }
            Token::Word(Word { quote_style: None, keyword: Keyword::WITH, .. }) if place > 0 => Some(TOTALS),
            Token::Word(Word { quote_style: None, value, .. }) => word(&value.to_ascii_uppercase()),
            Token::SingleQuotedString(_) => before
                .filter(|before| before.span.end == token.span.start && matches!(before.token, Token::Word(_)))
                .map(|_| STRING_FORM),
            Token::SemiColon => (place < last).then_some(ONE_AT_A_TIME),
            sign => self::sign(sign),
        };
        if let Some((reason, remedy)) = why {
            findings.add_construct(position(token.span.start), reason, remedy);
            found = found.saturating_add(1);
        }
        // What follows another statement's first word, or a semicolon, is no part of a question to be mended.
        if !question || (place < last && token.token == Token::SemiColon) {
            break;
        }
        set_operation |= why == Some(SETS);
        before = Some(token);
    }
    found <= MOST
}

/// Whether a token is this word, not quoted.
pub(super) fn is_keyword(token: &TokenWithSpan, wanted: Keyword) -> bool {
    matches!(&token.token, Token::Word(Word { quote_style: None, keyword, .. }) if *keyword == wanted)
}

const SUBQUERY: Why =
    ("A question has one SELECT; subqueries do not exist here.", "Ask the inner question on its own.");
const ONE_AT_A_TIME: Why =
    ("One question is asked at a time.", "Remove what follows the semicolon, and ask it on its own.");
const STRING_FORM: Why =
    ("Only plain text in single quotes is a member.", "Remove the letters or signs before the quotes, as in '45'.");
const CAST: Why = (
    "Values are not converted here; every column has its own fixed members.",
    "Leave out the conversion and write the member in single quotes.",
);
const LOGIC: Why = (
    "Conditions are only joined by AND.",
    "For several members of a column that is grouped by, write IN ('a', 'b'); else ask one question for each.",
);
const COMPARISON: Why = (
    "Members are not compared by order or likeness.",
    "Name them: column = 'member', or IN ('a', 'b') where the column is grouped by.",
);
const TRUTH: Why = ("There are no truth values and no NULL here.", "For what is not known, write = 'onbekend'.");
const JOIN: Why = ("A question counts one view; joins do not exist here.", "Write FROM and the name of one view.");
const SETS: Why = ("The results of questions cannot be put together here.", "Ask each question on its own.");
const TOTALS: Why = (
    "Totals are asked for within GROUP BY, and not with WITH after it.",
    "Write GROUP BY ROLLUP (a, b), CUBE (a, b) or GROUPING SETS ((a, b), (a), ()).",
);
const ROWS: Why = ("Rows cannot be skipped or fetched in parts.", "Write LIMIT and a whole number from 1 to 10000.");
const WINDOW: Why = ("Window functions do not exist here.", "Ask for the counts, and compare them afterwards.");
const ARITHMETIC: Why = ("There is no arithmetic in a question.", "Ask for the counts, and calculate with the answer.");
const PLACEHOLDER: Why = ("A question has no placeholders or variables.", "Write the member itself in single quotes.");
const QUALIFIED: Why = ("Names are not qualified here.", "Write the name of the column or view only.");
const ENGINE: Why = ("The answer's form and the way it is made are not part of a question.", "Leave this clause out.");
const NULLS: Why = ("Where rows without a value come is fixed: last.", "Leave out NULLS.");
const BRACKETS: Why =
    ("There are no lists, records or subscripts in a question.", "Write columns and members by name.");
const QUALIFIER: Why = ("ALL, ANY and SOME do not exist here.", "Leave the word out, and name the columns or members.");
const PARTS: Why = ("Parts and groups of a view are chosen in WHERE only.", "Write WHERE column = 'member'.");

/// Why a word, in capitals, is refused.
fn word(word: &str) -> Option<Why> {
    Some(match word {
        "WITH" | "RECURSIVE" => (
            "WITH and common table expressions do not exist here.",
            "Ask the question over a view of the catalogue directly.",
        ),
        "UNION" | "EXCEPT" | "INTERSECT" | "MINUS" => SETS,
        "JOIN" | "NATURAL" | "LATERAL" | "UNNEST" | "APPLY" | "USING" | "PIVOT" | "UNPIVOT" | "MATCH_RECOGNIZE" => JOIN,
        "VALUES" | "TABLE" => ("Rows cannot be written into a question.", "Write FROM and the name of a view."),
        "HAVING" => ("Groups cannot be selected by their counts.", "Leave out HAVING, and select in the answer."),
        "OVER" | "WINDOW" | "PARTITION" | "QUALIFY" | "WITHIN" => WINDOW,
        "CASE" | "IF" | "IIF" | "DECODE" => {
            ("Values are not computed from others here.", "Group by a column that has the members you need.")
        }
        "CAST" | "TRY_CAST" | "SAFE_CAST" | "CONVERT" | "TRY_CONVERT" | "COLLATE" | "EXTRACT" => CAST,
        "FILTER" => ("A count has no filter of its own.", "Put the condition in WHERE, and ask a question for each."),
        "OR" | "XOR" | "NOT" => LOGIC,
        "BETWEEN" | "LIKE" | "ILIKE" | "RLIKE" | "SIMILAR" | "REGEXP" | "GLOB" | "ESCAPE" | "OVERLAPS" => COMPARISON,
        "IS" | "NULL" | "TRUE" | "FALSE" | "UNKNOWN" | "ISNULL" | "NOTNULL" => TRUTH,
        "EXISTS" => ("Subqueries do not exist here.", "Name the members: column = 'member'."),
        "ALL" | "ANY" | "SOME" => QUALIFIER,
        "TOTALS" => TOTALS,
        "OFFSET" | "FETCH" | "TOP" => ROWS,
        "FOR" | "LOCK" => ("A question locks nothing and changes nothing.", "Leave out FOR and what follows it."),
        "INTO" | "OUTFILE" => {
            ("An answer is returned, and never stored by the question.", "Leave out INTO and what follows it.")
        }
        "DISTRIBUTE" | "CLUSTER" | "SORT" | "SETTINGS" | "FORMAT" | "INTERPOLATE" | "OPTION" | "HIGH_PRIORITY" => {
            ENGINE
        }
        "PREWHERE" | "CONNECT" | "TABLESAMPLE" | "SAMPLE" => PARTS,
        "NULLS" => NULLS,
        "INTERVAL" | "CURRENT_DATE" | "CURRENT_TIME" | "CURRENT_TIMESTAMP" | "CURRENT_USER" | "LOCALTIME" | "USER" => (
            "The moment and the asker are not values of a question.",
            "Write the half-year itself: periode = '2025H2'.",
        ),
        "ARRAY" | "STRUCT" | "MAP" => BRACKETS,
        _ => return None,
    })
}

/// Why a sign is refused.
fn sign(token: &Token) -> Option<Why> {
    Some(match token {
        Token::EOF
        | Token::Word(_)
        | Token::Number(..)
        | Token::SingleQuotedString(_)
        | Token::Comma
        | Token::Whitespace(_)
        | Token::Eq
        | Token::Mul
        | Token::LParen
        | Token::RParen
        | Token::SemiColon => return None,
        Token::DoubleEq => ("Equality is written with one sign.", "Write = instead of ==."),
        Token::Neq | Token::ExclamationMark | Token::Spaceship => (
            "A condition names the members that are wanted.",
            "Write = 'member', or IN ('a', 'b') where the column is grouped by.",
        ),
        Token::Lt | Token::Gt | Token::LtEq | Token::GtEq => COMPARISON,
        Token::Plus
        | Token::Minus
        | Token::Div
        | Token::DuckIntDiv
        | Token::Mod
        | Token::StringConcat
        | Token::Ampersand
        | Token::Pipe
        | Token::Caret
        | Token::ShiftLeft
        | Token::ShiftRight
        | Token::Tilde => ARITHMETIC,
        Token::DoubleColon => CAST,
        Token::Period => QUALIFIED,
        Token::Placeholder(_) | Token::Question | Token::Colon | Token::AtSign | Token::Assignment => PLACEHOLDER,
        Token::LBracket | Token::RBracket | Token::LBrace | Token::RBrace => BRACKETS,
        Token::DollarQuotedString(_)
        | Token::NationalStringLiteral(_)
        | Token::HexStringLiteral(_)
        | Token::EscapedStringLiteral(_)
        | Token::UnicodeStringLiteral(_)
        | Token::DoubleQuotedString(_)
        | Token::TripleSingleQuotedString(_)
        | Token::TripleDoubleQuotedString(_)
        | Token::SingleQuotedByteStringLiteral(_)
        | Token::DoubleQuotedByteStringLiteral(_)
        | Token::TripleSingleQuotedByteStringLiteral(_)
        | Token::TripleDoubleQuotedByteStringLiteral(_)
        | Token::SingleQuotedRawStringLiteral(_)
        | Token::DoubleQuotedRawStringLiteral(_)
        | Token::TripleSingleQuotedRawStringLiteral(_)
        | Token::TripleDoubleQuotedRawStringLiteral(_)
        | Token::QuoteDelimitedStringLiteral(_)
        | Token::NationalQuoteDelimitedStringLiteral(_) => STRING_FORM,
        Token::Char('`') => ("Names are not quoted with backticks.", "Write the name without quotes."),
        _ => ("This sign has no meaning in a question.", "Leave it out; conditions are written with = and IN."),
    })
}

/// Why a function is refused.
pub(super) fn function(name: &str) -> (String, String) {
    let reason = format!("The function {} does not exist here.", shown(name));
    let counts = "Count with COUNT(DISTINCT persoon) or COUNT(*).";
    match name {
        "sum" | "total" => ("Amounts cannot be summed yet.".to_owned(), counts.to_owned()),
        "avg" | "mean" | "median" | "min" | "max" | "percentile" | "percentile_cont" | "percentile_disc"
        | "quantile" | "mode" | "stddev" | "stddev_pop" | "stddev_samp" | "variance" | "var_pop" | "var_samp"
        | "approx_percentile" => (
            format!(
                "{} says something about single persons or rows, so {} does not exist here.",
                name.to_uppercase(),
                "it"
            ),
            counts.to_owned(),
        ),
        "now" | "today" | "getdate" | "random" | "rand" | "uuid" | "version" => (
            format!("The outcome of {name} is not fixed by the question, so it does not exist here."),
            "Write the member itself in single quotes.".to_owned(),
        ),
        "grouping" | "grouping_id" => {
            (reason, "A row that counts all members of a column has the member totaal there.".to_owned())
        }
        "rollup" | "cube" => (reason, "Within GROUPING SETS, write each set of columns in parentheses.".to_owned()),
        "row_number" | "rank" | "dense_rank" | "lag" | "lead" => (reason, WINDOW.1.to_owned()),
        _ => (reason, format!("{counts} Columns are used as they are.")),
    }
}

//! The two corpora: questions that must be refused, each with its code, and questions that are accepted, each with its
//! canonical text.

use super::*;

struct Entry<'a> {
    name: &'a str,
    expected: &'a str,
    text: &'a str,
}

fn entries(corpus: &str) -> Vec<Entry<'_>> {
    let corpus = corpus.strip_suffix('\n').unwrap();
    corpus
        .split("\n==== ")
        .skip(1)
        .map(|entry| {
            let (head, text) = entry.split_once('\n').unwrap();
            let (name, expected) = head.split_once(": ").unwrap();
            Entry { name, expected, text }
        })
        .collect()
}

fn code(name: &str) -> RefusalCode {
    serde_json::from_str(&format!("\"{name}\"")).unwrap()
}

fn assert_refused(name: &str, expected: RefusalCode, text: &str) {
    let refusals = match read(text, &CATALOGUE, &monitor()) {
        Ok((question, _)) => panic!("{name} is accepted as {}", render(&question)),
        Err(refusals) => refusals,
    };
    assert!(refusals.iter().any(|refusal| refusal.code == expected), "{name}: {text}\n{}", worded(&refusals));
    for refusal in &refusals {
        assert!(refusal.reason.ends_with('.'), "{name}: {refusal}");
        assert!(refusal.remedy.len() > 10, "{name}: {refusal}");
        let whole = matches!(
            refusal.code,
            RefusalCode::OutsideCubes
                | RefusalCode::TooManyCells
                | RefusalCode::Period
                | RefusalCode::Grouping
                | RefusalCode::Filter
        ) || (refusal.code, text.len() > 16 * 1024) == (RefusalCode::TooLong, true);
        assert!(refusal.position.is_some() || whole, "{name}: {refusal}");
        if let Some(position) = refusal.position {
            let line = text.split('\n').nth(usize::try_from(position.line).unwrap() - 1).unwrap();
            assert!(position.column <= line.chars().count() as u64 + 1, "{name}: {refusal}");
        }
    }
}

#[test]
fn hostile_questions_are_refused() {
    let entries = entries(include_str!("hostile.sql"));
    assert!(entries.len() >= 450);
    for Entry { name, expected, text } in &entries {
        assert_refused(name, code(expected), text);
    }
}

#[test]
fn too_large_questions_are_refused_before_they_are_parsed() {
    let filter = |filter: &str| format!("SELECT COUNT(*) FROM jeugdhulp WHERE periode = '2025H2' AND {filter}");
    let members = |n: usize| vec!["'45'"; n].join(",");
    let too_long = RefusalCode::TooLong;
    for (name, text) in [
        ("long text", format!("{}{}", filter("categorie = '45'"), " ".repeat(16 * 1024))),
        ("long member", filter(&format!("categorie = '{}'", "4".repeat(17_000)))),
        ("many members", filter(&format!("categorie IN ({})", members(257)))),
        ("many conditions", filter(&vec!["categorie = '45'"; 100].join(" AND "))),
        ("deep parentheses", filter(&format!("{}categorie = '45'{}", "(".repeat(5_000), ")".repeat(5_000)))),
        ("open parentheses", "SELECT ".to_owned() + &"(".repeat(16_000)),
        ("long sum", format!("SELECT {}1 FROM jeugdhulp", "1+".repeat(7_000))),
        ("long alternation", filter(&vec!["a='b'"; 1_500].join(" OR "))),
        ("long negation", filter(&format!("{}TRUE", "NOT ".repeat(3_000)))),
        ("long minus", format!("SELECT {}1 FROM jeugdhulp", "- ".repeat(7_000))),
        ("long casts", format!("SELECT 1{} FROM jeugdhulp", "::int".repeat(3_000))),
        ("many nulls", filter(&format!("categorie{}", " IS NULL".repeat(1_500)))),
        ("many selects", vec!["SELECT 1"; 1_200].join(" UNION ")),
        ("many cases", format!("SELECT {}", "CASE WHEN ".repeat(1_500))),
        ("many columns", format!("SELECT {}COUNT(*) FROM jeugdhulp", "categorie, ".repeat(1_400))),
        ("many subscripts", format!("SELECT a{}", "[1]".repeat(5_000))),
        ("many intervals", format!("SELECT {}", "INTERVAL ".repeat(1_700))),
    ] {
        assert_refused(name, too_long, &text);
    }
}

#[test]
fn what_is_just_within_the_limits_exhausts_neither_stack_nor_time() {
    let select = |columns: String| format!("SELECT {columns} FROM jeugdhulp WHERE periode = '2025H2'");
    let texts = [
        select(format!("{}1", "NOT ".repeat(600))),
        select(format!("{}1", "- ".repeat(600))),
        select(format!("1{}", "+1".repeat(300))),
        select(format!("1{}", "::int".repeat(300))),
        select(format!("1{}", " IS NULL".repeat(300))),
        select(format!("1{}", " COLLATE a".repeat(300))),
        select(format!("a{}", "[1]".repeat(200))),
        select("CASE WHEN ".repeat(300)),
        select("CASE ".repeat(600)),
        select("INTERVAL ".repeat(600)),
        select(format!("{})", "INTERVAL ".repeat(12))),
        select("ARRAY<".repeat(300)),
        select("CAST(a AS ARRAY<ARRAY<ARRAY<ARRAY<ARRAY<".to_owned()),
        select("STRUCT<a ".repeat(200)),
        select("NULLABLE(".repeat(8)),
        select(format!("{}a", "((a, ".repeat(4))),
        select(format!("{}a", "f(a, (".repeat(4))),
        select("CAST ".repeat(600)),
        select("EXISTS SELECT ".repeat(300)),
        select(format!("{}1{}", "f(".repeat(8), ")".repeat(8))),
        select(format!("{}1{}", "(SELECT ".repeat(8), ")".repeat(8))),
        select(format!("{}1{}", "CASE (".repeat(8), ")".repeat(8))),
        select(format!("{}1{}", "NOT - (".repeat(8), ")".repeat(8))),
        select("f(a => ".repeat(8)),
        select("((((((((".to_owned()),
        vec!["SELECT 1"; 200].join(" UNION "),
        format!("SELECT 1 FROM {}jeugdhulp{}", "(".repeat(8), ")".repeat(8)),
        format!("SELECT 1 FROM jeugdhulp{}", " JOIN jeugdhulp".repeat(300)),
        format!("SELECT 1 FROM jeugdhulp{}", " PIVOT (a FOR b IN (c))".repeat(70)),
        format!("SELECT 1 FROM a WHERE {}1", "a IN (SELECT 1 WHERE ".repeat(8)),
        format!("SELECT 1 FROM a WHERE {}", vec!["a = 'b'"; 100].join(" OR ")),
    ];
    let started = std::time::Instant::now();
    for text in &texts {
        assert!(!refused(text).is_empty());
    }
    assert!(started.elapsed().as_secs() < 5, "{:?}", started.elapsed());
}

#[test]
fn the_limits_themselves_are_kept_to() {
    let members = vec!["'45'"; 256].join(",");
    accepted(&format!(
        "SELECT categorie, COUNT(*) FROM jeugdhulp WHERE periode = '2025H2' AND categorie IN ({members}) GROUP BY categorie"
    ));
    accepted(&format!(
        "SELECT COUNT(*) FROM jeugdhulp WHERE {}periode = '2025H2'{} LIMIT 1",
        "(".repeat(8),
        ")".repeat(8)
    ));
    let text = "SELECT COUNT(*) FROM jeugdhulp WHERE periode = '2025H2'";
    accepted(&format!("{text}{}", " ".repeat(16 * 1024 - text.len())));
}

/// Set `BLESS=1` to write the canonical texts anew, and read the difference.
#[test]
fn good_questions_have_their_canonical_text() {
    let corpus = include_str!("good.sql");
    let mut golden = format!("{}\n", corpus.lines().next().unwrap());
    let entries = entries(corpus);
    assert!(entries.len() >= 44);
    for Entry { name, expected: purpose, text } in &entries {
        let (text, _) = text.split_once("\n----\n").unwrap();
        let id = purpose.parse().unwrap();
        let (question, _) =
            read(text, &CATALOGUE, &id).unwrap_or_else(|refusals| panic!("{name}\n{}", worded(&refusals)));
        let canonical = render(&question);
        assert_eq!(read(&canonical, &CATALOGUE, &id).unwrap().0, question, "{name}");
        write!(golden, "==== {name}: {purpose}\n{text}\n----\n{canonical}\n").unwrap();
    }
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(concat!(env!("CARGO_MANIFEST_DIR"), "/src/sql/tests/good.sql"), &golden).unwrap();
    } else {
        assert_eq!(golden, corpus);
    }
}

/// Set `BLESS=1` to write what is missing.
#[test]
fn the_fuzzer_starts_from_both_corpora() {
    let good = entries(include_str!("good.sql")).into_iter().map(|entry| {
        let (text, _) = entry.text.split_once("\n----\n").unwrap();
        (format!("good-{}", entry.name), text)
    });
    let hostile = entries(include_str!("hostile.sql")).into_iter();
    let hostile = hostile.map(|entry| (format!("hostile-{}", entry.name), entry.text));
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus/sql_read");
    for (name, text) in good.chain(hostile) {
        let path = folder.join(&name);
        if std::env::var_os("BLESS").is_some() {
            std::fs::write(&path, text).unwrap();
        } else {
            assert_eq!(std::fs::read_to_string(&path).unwrap_or_default(), text, "{name}");
        }
    }
}

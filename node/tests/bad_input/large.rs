//! Large files, made to be slow to read: the time that they take is that of their size.

use std::{fs, time::Duration};

use drempel_node::ingest::bericht::{Gelezen, LARGEST_FILE, lees};

/// A fifth of the largest file: enough to tell, and thirty of them are read.
const SIZE: u64 = LARGEST_FILE / 5;

/// A few times what the slowest takes where nothing is optimised; what grows with the square of the size takes hours.
const LONGEST: Duration = Duration::from_secs(4);

const ROOT: &str = "<m:Bericht xmlns:m='http://www.istandaarden.nl/ijw/3_2/jw323/schema' \
                    xmlns:b='http://www.istandaarden.nl/ijw/3_2/basisschema/schema'>";

fn slow(head: &str, part: &str, tail: &str) -> Duration {
    let size = usize::try_from(SIZE).unwrap();
    let parts = (size - head.len() - tail.len()) / part.len();
    let xml = format!("{head}{}{tail}", part.repeat(parts));
    let begun = used();
    let gelezen = lees(xml.as_bytes(), "GM0014".parse().unwrap());
    let took = used() - begun;
    assert!(!matches!(gelezen, Ok(Gelezen::Bericht(_))));
    took
}

/// Time of a processor that this thread has used, in ticks of a hundredth of a second: whatever else the machine does.
fn used() -> Duration {
    let stat = fs::read_to_string("/proc/thread-self/stat").unwrap();
    // The name of the thread, in parentheses, may hold anything.
    let (_, fields) = stat.rsplit_once(')').unwrap();
    let ticks = |place| fields.split_ascii_whitespace().nth(place).unwrap().parse::<u64>().unwrap();
    Duration::from_millis(10 * (ticks(11) + ticks(12)))
}

#[test]
fn no_file_takes_longer_to_read_than_its_size() {
    let attributes: String = (0..500).map(|place| format!(" a{place}=''")).collect();
    let namespaces: String = (0..14).map(|place| format!(" xmlns:n{place}='u'")).collect();
    let nested = format!("{ROOT}<m:a{namespaces}><m:a{namespaces}>");
    let deep = format!("{}{}", "<m:a>".repeat(60), "</m:a>".repeat(60));
    let unclosed = format!("<m:a{namespaces}>");
    let clients = format!("{ROOT}<m:Declaratie><m:Clienten>");
    let afzender = "<m:Header><m:Afzender>12345678</m:Afzender></m:Header>";
    let lines = format!("{ROOT}{afzender}<m:Declaratie><m:Clienten><m:Client><m:Prestaties>");
    let header = format!("{ROOT}<m:Header>");
    let field = format!("{header}<m:BerichtCode>");
    let cases: Vec<(&str, &str, &str)> = vec![
        ("", "<", ""),
        ("", "&amp;", ""),
        ("", "\n", ""),
        ("", "<!-- -->", ""),
        ("", "<?a?>", ""),
        ("<!DOCTYPE a [", "<!ENTITY a 'b'>", "]>"),
        ("<!DOCTYPE a ", "[", "]>"),
        ("<!DOCTYPE a ", "<", ">"),
        ("<m:Bericht", " xmlns:m='u'", "/>"),
        ("<m:Bericht a='", "&amp;", "'/>"),
        ("<", "a", "/>"),
        (ROOT, "<a>", ""),
        (ROOT, "<a/>", ""),
        (ROOT, "<m:a/>", ""),
        (ROOT, &deep, ""),
        (ROOT, &unclosed, ""),
        (ROOT, "&amp;", ""),
        (ROOT, "&#65;", ""),
        (ROOT, "<![CDATA[]]>", ""),
        (ROOT, "<!---->", ""),
        (ROOT, "]]>", ""),
        (&nested, "<a/>", ""),
        (&nested, "<b:a/>", ""),
        (&header, "<m:Overig>", ""),
        (&field, "9", ""),
        (&field, "&#57;", ""),
        (&field, "<![CDATA[9]]>", ""),
        (&clients, "<m:Client/>", ""),
        (&clients, "<m:Client><m:Bsn>999900006</m:Bsn></m:Client>", ""),
        (&lines, "<m:Prestatie/>", ""),
        (&lines, "<m:Prestatie><m:ProductCode>1</m:ProductCode></m:Prestatie>", ""),
    ];
    let with_attributes = format!("<m:a{attributes}/>");
    let with_namespaces = format!("<m:a{namespaces}/>");
    let more = [(ROOT, with_attributes.as_str(), ""), (ROOT, with_namespaces.as_str(), "")];
    for (head, part, tail) in cases.into_iter().chain(more) {
        let took = slow(head, part, tail);
        let shown: String = part.chars().take(40).collect();
        assert!(took < LONGEST, "{shown}: {took:?}");
    }
}

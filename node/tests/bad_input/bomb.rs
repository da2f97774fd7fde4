//! Entity bombs as large as a message may be, imported by the binary itself, as a process whose memory is watched.

use std::{
    fs,
    io::{self, BufWriter, Write},
    path::Path,
    process::{Command, Output, Stdio},
    thread,
    time::Duration,
};

use drempel_node::ingest::bericht::LARGEST_FILE;

const MIB: u64 = 1024 * 1024;

/// The throw-away parties of this repository.
const PARTIES: &str = r#"
[[catalogus.partij]]
partij = "Wegwerp-VNG"
sleutel = "ILbPwJohCHqmfZKf2As9BXNOZDvBUNFE9KfWMM3WkMM="
[[catalogus.partij]]
partij = "Wegwerp-VWS"
sleutel = "QHNQtf+/2JLY+X18M2usbVfuHfUyeZPcwOaZuFTAmfE="
"#;

fn node() -> Command {
    Command::new(env!("CARGO_BIN_EXE_drempel-node"))
}

fn text(output: &Output) -> String {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout.clone()).unwrap()
}

/// Makes a node that accepts the registered catalogue.
fn init(dir: &Path) {
    let catalogue = concat!(env!("CARGO_MANIFEST_DIR"), "/../config/catalogus");
    let made = node()
        .args(["init", "--gemeente", "GM0014", "--oin", "00000099000000000014", "--catalogue", catalogue, "--dir"])
        .arg(dir)
        .output()
        .unwrap();
    text(&made);
    let path = dir.join("node.toml");
    let config = fs::read_to_string(&path).unwrap() + PARTIES;
    fs::write(&path, &config).unwrap();
    let shown = text(&node().arg("--config").arg(&path).args(["catalogue", "show"]).output().unwrap());
    let digest = shown.lines().nth(1).unwrap().trim();
    assert_eq!(digest.len(), 64);
    fs::write(&path, config.replace(&"0".repeat(64), digest)).unwrap();
}

/// Runs an import of one folder to its end, and gives its output and the most memory that it had resident.
fn import(dir: &Path, messages: &Path) -> (Output, u64) {
    let mut child = node()
        .arg("--config")
        .arg(dir.join("node.toml"))
        .args(["import", "--ijw"])
        .arg(messages)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut most = 0;
    while child.try_wait().unwrap().is_none() {
        most = most.max(high_water(child.id()));
        thread::sleep(Duration::from_micros(200));
    }
    (child.wait_with_output().unwrap(), most)
}

/// VmHWM of a process; nothing once it has ended.
fn high_water(process: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or_default();
    line.trim().strip_suffix(" kB").map_or(0, |kib| kib.parse::<u64>().unwrap() * 1024)
}

/// A file of exactly the largest size: a head, what fits of a million and more parts, and a tail.
fn write(path: &Path, head: &str, part: impl Fn(u64) -> String, tail: &str) -> io::Result<()> {
    let mut file = BufWriter::new(fs::File::create(path)?);
    file.write_all(head.as_bytes())?;
    let mut left = LARGEST_FILE - (head.len() + tail.len()) as u64;
    for place in 0.. {
        let next = part(place);
        match left.checked_sub(next.len() as u64) {
            Some(after) => left = after,
            None => break,
        }
        file.write_all(next.as_bytes())?;
    }
    file.write_all(&vec![b' '; usize::try_from(left).unwrap()])?;
    file.write_all(tail.as_bytes())?;
    file.flush()
}

#[test]
fn a_bomb_of_entities_is_refused_before_it_expands_in_less_than_100_mib() {
    let node = tempfile::tempdir().unwrap();
    init(&node.path().join("node"));
    let root = r#"<m:Bericht xmlns:m="http://www.istandaarden.nl/ijw/3_2/jw305/schema"><m:Client>"#;
    let end = "</m:Client></m:Bericht>";
    let declared = |place: u64| match place {
        0 => "<!ENTITY e0 'lol'>".to_owned(),
        place => format!("<!ENTITY e{place:x} '&e{:x};'>", place - 1),
    };
    let last = format!("<!DOCTYPE m [<!ENTITY e '{}'>]>{root}", "lol".repeat(1000));
    type Part<'p> = &'p dyn Fn(u64) -> String;
    let bombs: [(&str, &str, Part<'_>, &str); 3] = [
        ("declarations", "<!DOCTYPE m [", &declared, &format!("]>{root}&e0;{end}")),
        ("references", &last, &|_| "&e;".to_owned(), end),
        ("undeclared", root, &|_| "&e;".to_owned(), end),
    ];
    for (name, head, part, tail) in bombs {
        let messages = tempfile::tempdir().unwrap();
        let file = messages.path().join(format!("{name}.xml"));
        write(&file, head, part, tail).unwrap();
        assert_eq!(fs::metadata(&file).unwrap().len(), LARGEST_FILE);
        let (output, most) = import(&node.path().join("node"), messages.path());
        let said = String::from_utf8(output.stdout).unwrap();
        assert!(!output.status.success());
        assert!(said.contains("dtd_geweigerd (1x, afgekeurd)") && said.contains(&format!("{name}.xml")), "{said}");
        // Less than the file itself would be a process that was not seen reading it.
        assert!((LARGEST_FILE..100 * MIB).contains(&most), "{name}: {} MiB", most / MIB);
    }
}

//! Looks for the canary: in everything that is logged at any level, in panics, in texts and in whole folders. What is
//! looked for was planted in the messages of every gemeente, and may be nowhere else.

use std::{
    collections::BTreeSet,
    fs, io,
    path::{Path, PathBuf},
    sync::{
        LazyLock, Mutex, Once, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
};

use arrow::{
    array::{AsArray as _, RecordBatch},
    datatypes::{DataType, Int64Type, UInt32Type},
};
use drempel_tests::synthetic::Bsn;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use tracing_subscriber::{
    Layer as _, filter::dynamic_filter_fn, layer::SubscriberExt as _, util::SubscriberInitExt as _,
};

pub const NAME: &str = "Zeldzaamkanarie";
/// Logged on purpose, to see that the watch sees.
pub const PROBE: &str = "proefkanarie-in-een-logregel";

pub fn bsn() -> Bsn {
    static BSN: LazyLock<Bsn> = LazyLock::new(|| Bsn::all()[4_321]);
    *BSN
}

static BEGIN: Once = Once::new();
/// How many tests watch: formatting every event at every level is slow, and the others need not wait for it.
static WATCHED: AtomicUsize = AtomicUsize::new(0);
static EVENTS: AtomicUsize = AtomicUsize::new(0);
static SEEN: Mutex<Vec<String>> = Mutex::new(Vec::new());

struct Sink;

impl io::Write for Sink {
    fn write(&mut self, event: &[u8]) -> io::Result<usize> {
        EVENTS.fetch_add(1, Ordering::Relaxed);
        look(&String::from_utf8_lossy(event));
        Ok(event.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn look(text: &str) {
    if holds_text(text) || text.contains(PROBE) {
        SEEN.lock().unwrap_or_else(PoisonError::into_inner).push(text.to_owned());
    }
}

/// Watches everything that any part logs, at every level, and every panic, for as long as the value lives.
pub fn begin() -> Watching {
    BEGIN.call_once(|| {
        let watched = dynamic_filter_fn(|_, _| WATCHED.load(Ordering::Relaxed) > 0);
        let lines = tracing_subscriber::fmt::layer().with_ansi(false).with_writer(|| Sink).with_filter(watched);
        tracing_subscriber::registry().with(lines).init();
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            look(&panic.to_string());
            before(panic);
        }));
    });
    WATCHED.fetch_add(1, Ordering::Relaxed);
    Watching(())
}

/// That there is being watched.
pub struct Watching(());

impl Drop for Watching {
    fn drop(&mut self) {
        WATCHED.fetch_sub(1, Ordering::Relaxed);
    }
}

/// How many events there were, and those that held the canary or the probe.
pub fn seen() -> (usize, Vec<String>) {
    (EVENTS.load(Ordering::Relaxed), SEEN.lock().unwrap_or_else(PoisonError::into_inner).clone())
}

/// Whether a text holds the name, or the number plain, with dots, or as the bytes of it are printed.
pub fn holds_text(text: &str) -> bool {
    static NEEDLES: LazyLock<Vec<String>> = LazyLock::new(|| {
        let number = bsn().to_string();
        let dotted = format!("{}.{}.{}", &number[..4], &number[4..6], &number[6..]);
        let list = |bytes: &[u8]| bytes.iter().map(u8::to_string).collect::<Vec<_>>().join(", ");
        let (base64, hex) =
            (data_encoding::BASE64.encode(number.as_bytes()), data_encoding::HEXLOWER.encode(number.as_bytes()));
        let names = [NAME.to_owned(), NAME.to_lowercase(), NAME.to_uppercase(), list(NAME.as_bytes())];
        [list(number.as_bytes()), number, dotted, base64, hex].into_iter().chain(names).collect()
    });
    NEEDLES.iter().any(|needle| text.contains(needle))
}

/// Whether bytes hold the canary as text, in one byte a letter or two, or the number as a number in either order.
pub fn holds(bytes: &[u8]) -> bool {
    let wide = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
    let (text, number) = (latin(bytes), bsn().to_string());
    let value: u32 = number.parse().unwrap();
    let needles = [value.to_le_bytes().to_vec(), value.to_be_bytes().to_vec(), wide(&number), wide(NAME)];
    holds_text(&text) || needles.iter().any(|needle| text.contains(&latin(needle)))
}

/// One letter for each byte, so that the search of the standard library can be used.
fn latin(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| char::from(*byte)).collect()
}

/// Whether bytes are a Parquet file of which even the footer is encrypted.
pub fn encrypted(bytes: &[u8]) -> bool {
    bytes.starts_with(b"PARE") && bytes.ends_with(b"PARE")
}

/// Asserts that no file below a folder holds any of these numbers of nine digits, or any of these texts.
pub fn assert_none(folder: &Path, but_for: &str, numbers: &BTreeSet<String>, texts: &[String]) {
    for path in files(folder, but_for) {
        let bytes = fs::read(&path).unwrap();
        let text = latin(&bytes);
        for found in bytes.windows(9).filter(|window| window.iter().all(u8::is_ascii_digit)) {
            assert!(!numbers.contains(std::str::from_utf8(found).unwrap()), "a BSN in {}", path.display());
        }
        assert!(!texts.iter().any(|needle| text.contains(needle)), "{}", path.display());
    }
}

/// Every file below a folder, but for folders of this name.
pub fn files(folder: &Path, but_for: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if !path.is_dir() {
            found.push(path);
        } else if path.file_name().is_none_or(|name| name != but_for) {
            found.extend(files(&path, but_for));
        }
    }
    found
}

/// Asserts that no file below a folder holds the canary, in its name, its bytes, or what a table of it decodes to. Of an
/// encrypted table only its bytes can be read, and four of them in a row may by chance be any number.
pub fn assert_absent(folder: &Path, but_for: &str) -> usize {
    let files = files(folder, but_for);
    for path in &files {
        let name = path.strip_prefix(folder).unwrap().to_string_lossy().into_owned();
        assert!(!holds(name.as_bytes()), "the name of {name}");
        let bytes = fs::read(path).unwrap();
        if encrypted(&bytes) {
            assert!(!holds_text(&latin(&bytes)), "{name}");
            assert!(ParquetRecordBatchReaderBuilder::try_new(fs::File::open(path).unwrap()).is_err(), "{name}");
            continue;
        }
        assert!(!holds(&bytes), "{name}");
        if name.ends_with(".parquet") {
            let reader = ParquetRecordBatchReaderBuilder::try_new(fs::File::open(path).unwrap()).unwrap();
            for batch in reader.build().unwrap() {
                assert_absent_in_table(&name, &batch.unwrap());
            }
        }
    }
    files.len()
}

fn assert_absent_in_table(file: &str, batch: &RecordBatch) {
    for (field, column) in batch.schema().fields().iter().zip(batch.columns()) {
        match column.data_type() {
            DataType::Utf8 => {
                let texts = column.as_string::<i32>();
                assert!(texts.iter().flatten().all(|text| !holds(text.as_bytes())), "{} of {file}", field.name());
            }
            DataType::UInt32 => {
                let number: u32 = bsn().to_string().parse().unwrap();
                let numbers = column.as_primitive::<UInt32Type>();
                assert!(numbers.iter().flatten().all(|found| found != number), "{} of {file}", field.name());
            }
            DataType::Int64 => {
                let number: i64 = bsn().to_string().parse().unwrap();
                let numbers = column.as_primitive::<Int64Type>();
                assert!(numbers.iter().flatten().all(|found| found != number), "{} of {file}", field.name());
            }
            // A date, and nothing else, is small enough to hold no number of nine digits and wide enough to be one.
            DataType::Date32 | DataType::FixedSizeBinary(_) | DataType::Dictionary(..) => {}
            other => panic!("{} of {file} has a type that is not looked at: {other}", field.name()),
        }
    }
}

//! The text of one element as a value of its type. Every function gives a value of the form that the XSD of iJw 3.2
//! prescribes or a finding that does not repeat the text.

use compact_str::CompactString;
use drempel_protocols::id::Gemeentecode;
use jiff::civil::{Date, Time};

use super::{super::bevinding::Bevinding, Aanlevering};

/// An `LDT_Datum`: year, month and day without zone.
pub(super) fn datum(text: &str) -> Result<Date, Bevinding> {
    let [y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2] = text.trim_ascii().as_bytes() else {
        return Err(Bevinding::DatumOnmogelijk);
    };
    let number = |digits: &[&u8]| {
        digits
            .iter()
            .try_fold(0i16, |number, digit| digit.is_ascii_digit().then(|| number * 10 + i16::from(**digit - b'0')))
    };
    let part = |digits: &[&u8]| number(digits).and_then(|number| i8::try_from(number).ok());
    let parts = number(&[y1, y2, y3, y4]).zip(part(&[m1, m2])).zip(part(&[d1, d2]));
    // xs:date has no year 0.
    let parts = parts.filter(|((year, _), _)| *year > 0);
    parts.and_then(|((year, month), day)| Date::new(year, month, day).ok()).ok_or(Bevinding::DatumOnmogelijk)
}

/// An `LDT_Tijd`: hours, minutes and seconds, with at most nine decimals, without zone.
pub(super) fn tijd(text: &str) -> Result<Time, Bevinding> {
    let text = text.trim_ascii();
    let [_, _, b':', _, _, b':', _, _, rest @ ..] = text.as_bytes() else { return Err(Bevinding::DatumOnmogelijk) };
    if !matches!(rest, [] | [b'.', _, ..]) || !rest.iter().skip(1).all(u8::is_ascii_digit) {
        return Err(Bevinding::DatumOnmogelijk);
    }
    // jiff reads a second 60 as 59; xs:time has none.
    if text.get(6..8) == Some("60") {
        return Err(Bevinding::DatumOnmogelijk);
    }
    text.parse().map_err(|_| Bevinding::DatumOnmogelijk)
}

/// An `LDT_Nummer`: 0 to 999999999.
pub(super) fn nummer(text: &str) -> Result<u32, Bevinding> {
    let number: u32 = text.trim_ascii().parse().map_err(|_| Bevinding::NietVolgensSchema)?;
    if number <= 999_999_999 { Ok(number) } else { Err(Bevinding::NietVolgensSchema) }
}

/// BerichtSubversie: 2, or an earlier one that is recognised.
pub(super) fn subversie(text: &str) -> Result<(), Bevinding> {
    match nummer(text)? {
        0 => Err(Bevinding::Versie30),
        1 => Err(Bevinding::Versie31),
        2 => Ok(()),
        _ => Err(Bevinding::AndereVersie),
    }
}

/// An `LDT_Bedrag` in eurocent or an `LDT_Volume`: 0 to 99999999.
pub(super) fn bedrag(text: &str) -> Result<u32, Bevinding> {
    let number = nummer(text)?;
    if number <= 99_999_999 { Ok(number) } else { Err(Bevinding::NietVolgensSchema) }
}

/// An `LDT_TotaalBedrag`: 0 to 999999999999 eurocent.
pub(super) fn totaal(text: &str) -> Result<u64, Bevinding> {
    let number: u64 = text.trim_ascii().parse().map_err(|_| Bevinding::NietVolgensSchema)?;
    if number <= 999_999_999_999 { Ok(number) } else { Err(Bevinding::NietVolgensSchema) }
}

/// An `LDT_StatusAanlevering` that may be used (CS058).
pub(super) fn status(text: &str) -> Result<Aanlevering, Bevinding> {
    match text {
        "2" | "9" => Err(Bevinding::StatusNietToegestaan),
        _ => code(Aanlevering::from_code(text)),
    }
}

/// An `LDT_AgbCode`: eight digits.
pub(super) fn agb(text: &str) -> Result<u32, Bevinding> {
    if text.len() == 8 && text.bytes().all(|b| b.is_ascii_digit()) {
        text.parse().map_err(|_| Bevinding::NietVolgensSchema)
    } else {
        Err(Bevinding::NietVolgensSchema)
    }
}

/// An `LDT_Gemeente`: four digits.
pub(super) fn gemeente(text: &str) -> Result<Gemeentecode, Bevinding> {
    Gemeentecode::from_ijw(text).map_err(|_| Bevinding::NietVolgensSchema)
}

/// A text of one line of at most `longest` characters that is not blank.
pub(super) fn tekst(text: &str, longest: usize) -> Result<CompactString, Bevinding> {
    let fits = text.len() <= longest || text.chars().count() <= longest;
    if fits && !text.bytes().any(|byte| matches!(byte, b'\n' | b'\r')) && !text.chars().all(char::is_whitespace) {
        Ok(text.into())
    } else {
        Err(Bevinding::NietVolgensSchema)
    }
}

/// A member of a code list, or the finding that there is no such member.
pub(super) fn code<T>(member: Option<T>) -> Result<T, Bevinding> {
    member.ok_or(Bevinding::OnbekendeCode)
}

/// Nothing, or a finding where something does not hold.
pub(super) fn gelijk(holds: bool, otherwise: Bevinding) -> Result<(), Bevinding> {
    if holds { Ok(()) } else { Err(otherwise) }
}

/// Puts a value where none is yet; every field that is read occurs at most once.
pub(super) fn vul<T>(slot: &mut Option<T>, value: Result<T, Bevinding>) -> Result<(), Bevinding> {
    match slot.replace(value?) {
        None => Ok(()),
        Some(_) => Err(Bevinding::NietVolgensSchema),
    }
}

/// A value that the schema requires.
pub(super) fn vereist<T>(value: Option<T>) -> Result<T, Bevinding> {
    value.ok_or(Bevinding::NietVolgensSchema)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_and_times_have_one_form() {
        assert!(datum("2024-02-29").is_ok());
        assert!(datum(" 2024-02-29\n").is_ok());
        for bad in [
            "2023-02-29",
            "2024-2-29",
            "20240229",
            "2024-02-29Z",
            "2024-02-29+01:00",
            "-2024-02-29",
            "0000-01-01",
            "",
            "２024-02-29",
        ] {
            assert_eq!(datum(bad), Err(Bevinding::DatumOnmogelijk), "{bad}");
        }
        assert!(tijd("23:59:59").is_ok());
        assert!(tijd("23:59:59.123").is_ok());
        for bad in ["24:00:00", "23:59", "235959", "23:59:60", "23:59:59Z", "23:59:59+01", "23:59:59.", "T23:59:5"] {
            assert_eq!(tijd(bad), Err(Bevinding::DatumOnmogelijk), "{bad}");
        }
    }

    #[test]
    fn numbers_stay_within_the_schema() {
        assert_eq!(nummer("007"), Ok(7));
        assert_eq!(nummer("999999999"), Ok(999_999_999));
        for bad in ["1000000000", "-1", "", "1.0", "x"] {
            assert_eq!(nummer(bad), Err(Bevinding::NietVolgensSchema), "{bad}");
        }
        assert!(agb("00123456").is_ok());
        assert!(agb("+1234567").is_err());
        assert!(tekst("123456789012", 12).is_ok());
        assert!(tekst("1234567890123", 12).is_err());
        assert!(tekst("  ", 12).is_err());
        assert!(tekst("A\n1", 12).is_err());
    }
}

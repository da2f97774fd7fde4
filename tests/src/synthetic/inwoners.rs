//! How large each gemeente is, and how many jongeren with jeugdzorg that gives. `inwoners.csv` holds the inhabitants
//! of 2021 merged to the division of 1-1-2026 (CBS, CC BY 4.0); it serves to give synthetic gemeenten a realistic size
//! and for nothing else.

use drempel_protocols::id::Gemeentecode;

/// Jongeren with jeugdzorg in the Netherlands on 30-6-2025 (CBS StatLine, provisional).
const JONGEREN_NATIONAL: u64 = 326_505;

const INWONERS: &str = include_str!("inwoners.csv");

/// The jongeren with jeugdzorg on a peildatum that a gemeente of this size has if it is like the country as a whole.
/// None for a gemeente that does not exist in 2026.
#[must_use]
pub fn expected_jongeren(code: Gemeentecode) -> Option<u64> {
    let national: u64 = inwoners().map(|(_, number)| number).sum();
    let (_, own) = inwoners().find(|(digits, _)| *digits == code.ijw())?;
    Some((own * JONGEREN_NATIONAL).div_ceil(national))
}

fn inwoners() -> impl Iterator<Item = (&'static str, u64)> {
    INWONERS.lines().skip(1).filter_map(|line| {
        let (digits, number) = line.split_once(',')?;
        Some((digits, number.parse().ok()?))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_gemeente_of_2026_has_inhabitants() {
        assert_eq!(inwoners().count(), 342);
        assert!(inwoners().all(|(digits, number)| Gemeentecode::from_ijw(digits).is_ok() && number > 500));
    }

    #[test]
    fn the_expected_numbers_add_up_to_the_national_one() {
        let sum: u64 =
            inwoners().filter_map(|(digits, _)| expected_jongeren(Gemeentecode::from_ijw(digits).unwrap())).sum();
        assert!((JONGEREN_NATIONAL..JONGEREN_NATIONAL + 342).contains(&sum), "{sum}");
        assert_eq!(expected_jongeren("GM9999".parse().unwrap()), None);
    }
}

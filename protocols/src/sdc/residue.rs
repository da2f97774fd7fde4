//! Numbers modulo two primes at once, for elimination without fractions and without growth. A number that is zero modulo
//! both is taken for zero: for one that is not, the chance is less than one in 10^36.

use std::ops::{Mul, Sub};

/// Two primes below 2^61, so that sums of two residues fit in 64 bits.
const PRIMES: [u64; 2] = [(1 << 61) - 1, (1 << 61) - 31];

/// An integer modulo each of the primes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Residue([u64; 2]);

impl Residue {
    pub(super) const ZERO: Self = Self([0, 0]);
    pub(super) const ONE: Self = Self([1, 1]);

    pub(super) fn is_zero(self) -> bool {
        self == Self::ZERO
    }

    /// The inverse; none of a number that either prime divides.
    pub(super) fn inverse(self) -> Option<Self> {
        let Self([one, other]) = self;
        if one == 0 || other == 0 {
            return None;
        }
        let [p, q] = PRIMES;
        Some(Self([power(one, p - 2, p), power(other, q - 2, q)]))
    }
}

impl From<i64> for Residue {
    fn from(number: i64) -> Self {
        let [p, q] = PRIMES;
        let of = |prime: u64| {
            let size = number.unsigned_abs() % prime;
            if number < 0 && size != 0 { prime - size } else { size }
        };
        Self([of(p), of(q)])
    }
}

impl Mul for Residue {
    type Output = Self;

    fn mul(self, other: Self) -> Self {
        let ([a, b], [c, d], [p, q]) = (self.0, other.0, PRIMES);
        Self([product(a, c, p), product(b, d, q)])
    }
}

impl Sub for Residue {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        let ([a, b], [c, d], [p, q]) = (self.0, other.0, PRIMES);
        Self([difference(a, c, p), difference(b, d, q)])
    }
}

const fn difference(one: u64, other: u64, prime: u64) -> u64 {
    if one >= other { one - other } else { one + prime - other }
}

/// As the primes are little less than 2^61, what is above the 61st bit is that many times the little: twice makes it small.
#[expect(clippy::cast_possible_truncation, reason = "the low 61 bits fit, and so does what is above twice as many")]
const fn product(one: u64, other: u64, prime: u64) -> u64 {
    const LOW: u128 = (1 << 61) - 1;
    let little = ((1 << 61) - prime) as u128;
    let product = one as u128 * other as u128;
    let once = (product & LOW) + (product >> 61) * little;
    let twice = ((once & LOW) + (once >> 61) * little) as u64;
    if twice >= prime { twice - prime } else { twice }
}

const fn power(base: u64, exponent: u64, prime: u64) -> u64 {
    let (mut result, mut base, mut exponent) = (1, base, exponent);
    while exponent > 0 {
        if exponent & 1 == 1 {
            result = product(result, base, prime);
        }
        base = product(base, base, prime);
        exponent >>= 1;
    }
    result
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Miller-Rabin with bases that decide for every number below 2^64.
    fn is_prime(number: u64) -> bool {
        let (twos, odd) = ((number - 1).trailing_zeros(), (number - 1) >> (number - 1).trailing_zeros());
        [2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37].into_iter().all(|base| {
            let mut value = power(base, odd, number);
            let mut passes = value == 1 || value == number - 1;
            for _ in 1..twos {
                value = product(value, value, number);
                passes |= value == number - 1;
            }
            passes
        })
    }

    #[test]
    fn the_moduli_are_primes() {
        assert!(PRIMES.into_iter().all(is_prime));
        assert!(!is_prime((1 << 61) - 3));
    }

    proptest! {
        #[test]
        fn arithmetic_is_that_of_a_field(a in -1_000_000_000i64..1_000_000_000, b in -1_000_000_000i64..1_000_000_000) {
            let (x, y) = (Residue::from(a), Residue::from(b));
            prop_assert_eq!(x * y, Residue::from(a * b));
            prop_assert_eq!(x - y, Residue::from(a - b));
            prop_assert_eq!(x.inverse().is_none(), a == 0);
            if let Some(inverse) = x.inverse() {
                prop_assert_eq!(x * inverse, Residue::ONE);
            }
        }
    }
}

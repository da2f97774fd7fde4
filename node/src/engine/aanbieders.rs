//! Who delivered what a row counts, as far as the records say (rule R7). It never leaves the node, in no form.

/// The aanbieders of one row.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Aanbieders {
    last: u32,
    other: Option<u32>,
}

impl Aanbieders {
    /// By AGB-code who delivered last, 0 where that is not known; and who else did, if anybody, 0 where those are several.
    #[must_use]
    pub const fn new(last: u32, other: Option<u32>) -> Self {
        Self { last, other }
    }

    /// Those that are known.
    pub fn known(self) -> impl Iterator<Item = u32> {
        [Some(self.last), self.other].into_iter().flatten().filter(|aanbieder| *aanbieder != 0)
    }

    /// Whether there may be others than those that are known.
    #[must_use]
    pub fn may_be_more(self) -> bool {
        self.last == 0 || self.other == Some(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn those_that_are_known_are_not_always_all() {
        for (last, other, known, more) in [
            (7, None, vec![7], false),
            (7, Some(9), vec![7, 9], false),
            (7, Some(0), vec![7], true),
            (0, None, vec![], true),
        ] {
            let aanbieders = Aanbieders::new(last, other);
            assert_eq!((aanbieders.known().collect::<Vec<_>>(), aanbieders.may_be_more()), (known, more));
        }
        assert!(Aanbieders::default().may_be_more());
    }
}

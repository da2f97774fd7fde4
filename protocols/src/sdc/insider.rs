//! Who else looks (rule R7): an aanbieder knows its own clients among those in a cell, and everybody knows how many
//! children there are. A cell from which either tells of too few others is hidden, and protected like an unsafe one. Only
//! cells by themselves are looked at in this way: the four values are promised to the public, who has all that is released.

/// The clients of one aanbieder among the persons in a cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Clients {
    /// Those that are known.
    pub known: u64,
    /// With those that may be: of whom it is not known where they all were.
    pub at_most: u64,
}

/// What others than the public know of the persons in a cell.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Insiders {
    /// Of each aanbieder with clients among them.
    pub clients: Vec<Clients>,
    /// How many persons there are altogether who could be in it; none if that is not published.
    pub population: Option<u64>,
}

impl Insiders {
    /// Whether one of them may know of 1 to k-1 others that they are in the cell, or of fewer than k that they are not.
    #[must_use]
    pub fn know_too_much(&self, persons: u64, k: u64) -> bool {
        let others = |clients: u64| persons.saturating_sub(clients);
        let few = |clients: &Clients| others(clients.known) > 0 && others(clients.at_most) < k;
        persons > 0
            && (self.clients.iter().any(few)
                || self.population.is_some_and(|population| population.saturating_sub(persons) < k))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_aanbieder_with_all_clients_or_few_of_them_knows_of_no_few_others() {
        let few = Clients { known: 3, at_most: 3 };
        for (known, at_most, too_much) in [
            (30, 30, false),
            (29, 29, true),
            (21, 21, true),
            (20, 20, false),
            (1, 1, false),
            (20, 21, true),
            (0, 21, true),
        ] {
            let insiders = Insiders { clients: vec![few, Clients { known, at_most }], population: None };
            assert_eq!(insiders.know_too_much(30, 10), too_much, "{known} to {at_most} of 30");
        }
        assert!(!Insiders { clients: vec![], population: None }.know_too_much(30, 10));
    }

    #[test]
    fn of_nearly_all_children_the_others_are_known() {
        for (population, known) in [(29, true), (30, true), (39, true), (40, false)] {
            let insiders = Insiders { clients: vec![], population: Some(population) };
            assert_eq!(insiders.know_too_much(30, 10), known, "30 of {population}");
            assert!(!insiders.know_too_much(0, 10), "that nobody is in a cell is no matter of who is not");
        }
    }
}

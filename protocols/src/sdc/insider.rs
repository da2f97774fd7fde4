//! Who else looks (rule R7): an aanbieder knows its own clients among those in a cell, and everybody knows how many
//! children there are. A cell from which either tells of too few others is hidden, and protected like an unsafe one. Only
//! cells by themselves are looked at in this way: the four values are promised to the public, who has all that is released.

/// What others than the public know of the persons in a cell.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Insiders {
    /// Of each aanbieder with clients among them: how many.
    pub clients: Vec<u64>,
    /// How many persons there are altogether who could be in it; none if that is not published.
    pub population: Option<u64>,
}

impl Insiders {
    /// Whether one of them knows of 1 to k-1 others that they are in the cell, or of fewer than k that they are not.
    #[must_use]
    pub fn know_too_much(&self, persons: u64, k: u64) -> bool {
        let others = |clients: &u64| persons.saturating_sub(*clients);
        let few = |others: u64| others > 0 && others < k;
        persons > 0
            && (self.clients.iter().any(|clients| few(others(clients)))
                || self.population.is_some_and(|population| population.saturating_sub(persons) < k))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_aanbieder_with_all_clients_or_few_of_them_knows_of_no_few_others() {
        for (clients, known) in [(30, false), (29, true), (21, true), (20, false), (1, false)] {
            let insiders = Insiders { clients: vec![3, clients], population: None };
            assert_eq!(insiders.know_too_much(30, 10), known, "{clients} of 30");
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

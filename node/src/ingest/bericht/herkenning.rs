//! Remembers which elements were recognised. A message repeats the same elements in the same order thousands of times, so
//! the element that followed last time is looked at first, and usually it is the one. What is remembered holds while the
//! bindings of namespaces stay what they are.

use super::plek::Plek;

/// More than this is no message of the schema, which has fewer than a hundred elements; the rest is not remembered.
const MOST: usize = 128;

/// The elements that were recognised, each by the element around it and its name as written.
#[derive(Default)]
pub(super) struct Herkenning {
    bekend: Vec<Bekend>,
    /// How many were forgotten: no number is given twice.
    vergeten: usize,
    /// Where the one is that was seen last.
    laatste: usize,
}

/// An element that is open: its place, and its number where it is remembered.
#[derive(Clone, Copy)]
pub(super) struct Element {
    pub(super) plek: Plek,
    nummer: Option<usize>,
}

struct Bekend {
    /// The number of the element around it.
    rond: usize,
    naam: String,
    element: Element,
    /// Where the one is that followed it last time.
    volgende: usize,
}

impl Element {
    /// The outermost.
    pub(super) const WORTEL: Self = Self { plek: Plek::Bericht, nummer: Some(0) };
}

impl Herkenning {
    /// An element within another; `look_up` finds its place if it is not remembered.
    pub(super) fn element<E>(
        &mut self,
        rond: Element,
        naam: &str,
        look_up: impl FnOnce() -> Result<Plek, E>,
    ) -> Result<Element, E> {
        let Some(rond) = rond.nummer else { return Ok(Element { plek: look_up()?, nummer: None }) };
        let same = |bekend: &Bekend| bekend.rond == rond && bekend.naam == naam;
        let volgende = self.bekend.get(self.laatste).map_or(0, |bekend| bekend.volgende);
        let expected = self.bekend.get(volgende).filter(|bekend| same(bekend));
        let (found, element) = match expected {
            Some(bekend) => {
                self.laatste = volgende;
                return Ok(bekend.element);
            }
            None => match self.bekend.iter().enumerate().find(|(_, bekend)| same(bekend)) {
                Some((found, bekend)) => (found, bekend.element),
                None => {
                    let (found, plek) = (self.bekend.len(), look_up()?);
                    if found >= MOST {
                        return Ok(Element { plek, nummer: None });
                    }
                    let element = Element { plek, nummer: Some(1 + self.vergeten + found) };
                    self.bekend.push(Bekend { rond, naam: naam.to_owned(), element, volgende: 0 });
                    (found, element)
                }
            },
        };
        if let Some(laatste) = self.bekend.get_mut(self.laatste) {
            laatste.volgende = found;
        }
        self.laatste = found;
        Ok(element)
    }

    /// Forgets everything, because names may mean something else from here on.
    pub(super) fn vergeet(&mut self) {
        self.vergeten += self.bekend.len();
        self.bekend.clear();
        self.laatste = 0;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const PLEKKEN: [Plek; 3] = [Plek::Client, Plek::Regel, Plek::Overig];

    /// What a name means depends on the place around it and on the bindings.
    fn meaning(rond: Plek, naam: usize, bindings: usize) -> Plek {
        let rond = PLEKKEN.iter().position(|plek| *plek == rond).map_or(3, |place| place);
        PLEKKEN[(rond * 5 + naam * 7 + bindings * 3) % PLEKKEN.len()]
    }

    #[derive(Clone, Copy, Debug)]
    enum Step {
        Open(usize),
        Close,
        Bind,
    }

    fn steps() -> impl Strategy<Value = Vec<Step>> {
        let step = prop_oneof![
            4 => (0..3usize).prop_map(Step::Open),
            2 => (0..200usize).prop_map(Step::Open),
            4 => Just(Step::Close),
            1 => Just(Step::Bind),
        ];
        proptest::collection::vec(step, 0..600)
    }

    proptest! {
        #[test]
        fn what_is_remembered_is_what_would_be_found(steps in steps()) {
            let mut herkenning = Herkenning::default();
            let mut open = vec![Element::WORTEL];
            let mut bindings = 0;
            for step in steps {
                match step {
                    Step::Open(naam) => {
                        let rond = open[open.len() - 1];
                        let meant = meaning(rond.plek, naam, bindings);
                        let found = herkenning.element(rond, &naam.to_string(), || Ok::<_, ()>(meant)).unwrap();
                        prop_assert!(found.plek == meant);
                        open.push(found);
                    }
                    Step::Close if open.len() > 1 => {
                        open.pop();
                    }
                    Step::Close => {}
                    Step::Bind => {
                        herkenning.vergeet();
                        bindings += 1;
                    }
                }
            }
        }
    }

    #[test]
    fn an_element_that_is_refused_is_not_remembered() {
        let mut herkenning = Herkenning::default();
        let refused = herkenning.element(Element::WORTEL, "a", || Err(()));
        assert!(refused.is_err());
        let found = herkenning.element(Element::WORTEL, "a", || Ok::<_, ()>(Plek::Client)).unwrap();
        assert!(found.plek == Plek::Client);
    }
}

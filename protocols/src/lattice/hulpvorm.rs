//! Help whose hulpvorm follows from its categorie, as it does where a gemeente has no mapping of its product codes: a cell of
//! some hulpvormen is then one of some categorieën, and of each categorie a person has at most one traject at a time
//! (rule R12).

use std::collections::{BTreeMap, BTreeSet};

use super::{
    Place,
    flows::{AL_LOPEND, BEGIN, EINDE, GESTART, KEPT, LOOPT_DOOR, STROOM, flowing, members, name, overlap},
    moments, staying,
};
use crate::{
    catalogue::{Catalogue, Holds, View},
    id::{ColumnName, MemberCode, ViewName},
    sdc::{Count, Line, Tie},
};

/// The cells of one hulpvorm that are cells of categorieën, of all views, in a direction of their own.
pub(super) fn lines(catalogue: &Catalogue, numbers: &BTreeMap<Place, usize>, direction: usize) -> Vec<Line> {
    let mut lines = Vec::new();
    for view in catalogue.views() {
        let Some(categorieen) = Categorieen::of(view) else { continue };
        let same = |(place, whole): (&Place, &usize)| {
            let (rest, codes) = categorieen.of_place(place)?;
            let part = *numbers.get(&rest.with(&categorieen.categorie, Some(codes.clone())))?;
            Some(Line { whole: *whole, parts: vec![part], direction, overlaps: false })
        };
        lines.extend(numbers.iter().filter(|(place, _)| place.view() == view.name()).filter_map(same));
    }
    lines
}

/// Of cells of hulpvormen and the cells of categorieën within them, and the other way round: who is in one of these is in the
/// whole, and who is in the whole, of which they are all, is in one of these; and together they have no more rows.
pub(super) fn ties(catalogue: &Catalogue, numbers: &BTreeMap<Place, usize>) -> Vec<Tie> {
    let mut ties = Vec::new();
    for view in catalogue.views() {
        let Some(categorieen) = Categorieen::of(view) else { continue };
        for nodes in categorieen.nodes(view.name(), numbers).into_values() {
            for (codes, whole, is_hulpvorm) in &nodes {
                let inside =
                    || nodes.iter().filter(|(within, _, other)| other != is_hulpvorm && within.is_subset(codes));
                if inside().next().is_none() || inside().any(|(within, ..)| within == codes) {
                    continue;
                }
                let is_largest = |within: &BTreeSet<MemberCode>| {
                    !inside().any(|(other, ..)| other != within && within.is_subset(other))
                };
                let parts: Vec<_> = inside().filter(|(within, ..)| is_largest(within)).collect();
                for (_, part, _) in &parts {
                    ties.push(at_most([(*part, 1), (*whole, -1)].map(|(cell, times)| (Count::Persons(cell), times))));
                    ties.push(at_most(overlap(*part, 1).into_iter().chain(overlap(*whole, -1))));
                }
                let rows = parts.iter().map(|(_, part, _)| (Count::Rows(*part), 1));
                ties.push(at_most(rows.chain([(Count::Rows(*whole), -1)])));
                let covered: BTreeSet<&MemberCode> = parts.iter().flat_map(|(within, ..)| within.iter()).collect();
                if covered.len() == codes.len() {
                    let parts = parts.iter().map(|(_, part, _)| (Count::Persons(*part), -1));
                    ties.push(at_most(parts.chain([(Count::Persons(*whole), 1)])));
                }
            }
        }
    }
    ties
}

/// In the first half-year of a gemeente, which goes by date, nobody begins a categorie of which it has help that ran before
/// and runs on.
pub(super) fn ties_of_first(catalogue: &Catalogue, numbers: &BTreeMap<Place, usize>) -> Vec<Tie> {
    let Some((view, _)) = flowing(catalogue) else { return Vec::new() };
    let Some(categorieen) = catalogue.view(view.as_str()).and_then(Categorieen::of) else { return Vec::new() };
    let nodes = categorieen.nodes(&view, numbers);
    let everybody = Place::new(view, BTreeMap::new());
    let of = |place: Place, column, code| Some(place.with(&name(column)?, Some(members(&[code])?)));
    let began = of(everybody.clone(), BEGIN, GESTART);
    let stays = of(everybody.clone(), BEGIN, AL_LOPEND).and_then(|ran| of(ran, EINDE, LOOPT_DOOR));
    let tie = |(codes, whole, is_hulpvorm): &Node| {
        let cell = |rest: &Option<Place>| {
            let same = |node: &&Node| node.0 == *codes && node.2 == *is_hulpvorm;
            nodes.get(rest.as_ref()?)?.iter().find(same).map(|(_, cell, _)| (Count::Persons(*cell), 1))
        };
        Some(at_most([cell(&began)?, cell(&stays)?, (Count::Persons(*whole), -1)]))
    };
    let kinds = nodes.get(&everybody).into_iter().flatten();
    kinds.filter(|(codes, ..)| codes.len() == 1).filter_map(tie).collect()
}

/// What holds where nobody has two trajecten of one categorie at a time.
#[derive(Default)]
pub(super) struct OneAtATime {
    /// After a half-year, whoever the gemeente was before.
    pub(super) after: Vec<Tie>,
    /// Before it, which somebody can have had in two gemeenten that became one.
    pub(super) before: Vec<Tie>,
}

impl OneAtATime {
    pub(super) fn of(catalogue: &Catalogue, numbers: &BTreeMap<Place, usize>, lines: &[Line]) -> Self {
        let Some((view, _)) = flowing(catalogue) else { return Self::default() };
        let (after, before) = ties_of_changes(&view, catalogue, numbers, lines);
        let [running, ran] = [(EINDE, LOOPT_DOOR), (BEGIN, AL_LOPEND)]
            .map(|(column, code)| ties_of_moment(&view, catalogue, numbers, column, code));
        Self { after: [after, running].concat(), before: [before, ran].concat() }
    }
}

/// That of so many categorieën nobody has more trajecten at a moment, however it is said.
fn ties_of_moment(
    view: &ViewName,
    catalogue: &Catalogue,
    numbers: &BTreeMap<Place, usize>,
    column: &str,
    code: &str,
) -> Vec<Tie> {
    let Some(categorieen) = catalogue.view(view.as_str()).and_then(Categorieen::of) else { return Vec::new() };
    let Some((column, moment)) = name(column).zip(members(&[code])) else { return Vec::new() };
    let nodes = categorieen.nodes(view, numbers).into_iter();
    let nodes = nodes.filter(|(rest, _)| rest.within().get(&column) == Some(&moment));
    let few = nodes.flat_map(|(_, nodes)| nodes).filter(|(codes, ..)| codes.len() <= FEW);
    let tie = |(codes, cell, _): Node| {
        let each = i64::try_from(codes.len()).unwrap_or(i64::MAX);
        at_most([(Count::Rows(cell), 1), (Count::Persons(cell), -each)])
    };
    few.map(tie).collect()
}

/// Of one categorie nobody has two trajecten of which none began in the half-year, nor two of which none ended: who is in
/// several cells of it has begun some, and a cell has no more rows than one for each, and what began, or ended, of all. What
/// is said by what ended, then by what began.
fn ties_of_changes(
    view: &ViewName,
    catalogue: &Catalogue,
    numbers: &BTreeMap<Place, usize>,
    lines: &[Line],
) -> (Vec<Tie>, Vec<Tie>) {
    let (mut by_end, mut by_begin) = (Vec::new(), Vec::new());
    let Some(categorieen) = catalogue.view(view.as_str()).and_then(Categorieen::of) else { return (by_end, by_begin) };
    let everybody = Place::new(view.clone(), BTreeMap::new());
    let moment = |column, code| Some(everybody.with(&name(column)?, Some(members(&[code])?)));
    let nodes = categorieen.nodes(view, numbers);
    let cell = |rest: &Place, codes: &BTreeSet<MemberCode>| {
        nodes.get(rest)?.iter().find(|(own, ..)| own == codes).map(|(_, cell, _)| *cell)
    };
    let flows = |rest: &Place| rest.within().keys().any(|column| [BEGIN, EINDE, STROOM].contains(&column.as_str()));
    for own in nodes.iter().filter(|(rest, _)| !flows(rest)).map(|(_, own)| own) {
        for (codes, whole, _) in own.iter().filter(|(codes, ..)| codes.len() <= moments::FEW) {
            let each = i64::try_from(codes.len()).unwrap_or(i64::MAX);
            let rows = [(Count::Rows(*whole), 1), (Count::Persons(*whole), -each)];
            let began = moment(BEGIN, GESTART).and_then(|began| cell(&began, codes));
            by_begin.extend(began.map(|began| at_most(rows.into_iter().chain([(Count::Rows(began), -1)]))));
            let runs_on = moment(EINDE, LOOPT_DOOR).and_then(|runs_on| cell(&runs_on, codes));
            let ended = cell(&everybody, codes).zip(runs_on);
            let ended = ended.map(|(all, runs_on)| [(Count::Rows(all), -1), (Count::Rows(runs_on), 1)]);
            by_end.extend(ended.map(|ended| at_most(rows.into_iter().chain(ended))));
            let Some(began) = began.filter(|_| codes.len() == 1) else { continue };
            for line in lines.iter().filter(|line| line.overlaps && line.whole == *whole) {
                for some in staying::several(&line.parts) {
                    let more = i64::try_from(some.len()).unwrap_or(i64::MAX) - 1;
                    let parts = some.into_iter().map(|part| (Count::Persons(part), 1));
                    by_begin.push(at_most(parts.chain([(Count::Persons(*whole), -1), (Count::Persons(began), -more)])));
                }
            }
        }
    }
    (by_end, by_begin)
}

/// Of more categorieën than this nobody has so many trajecten at a time that it says anything.
const FEW: usize = 8;

fn at_most(terms: impl IntoIterator<Item = (Count, i64)>) -> Tie {
    Tie { terms: terms.into_iter().collect(), exactly: false, sum: 0 }
}

/// Categorieën, the cell of them, and whether it is said as one of hulpvormen.
type Node = (BTreeSet<MemberCode>, usize, bool);

/// Of each hulpvorm the categorieën that are it.
struct Categorieen {
    categorie: ColumnName,
    hulpvorm: ColumnName,
    of: BTreeMap<MemberCode, BTreeSet<MemberCode>>,
}

impl Categorieen {
    /// None for a view in which a categorie can be more than one hulpvorm, whatever the gemeente has.
    fn of(view: &View) -> Option<Self> {
        let (categorie, hulpvorm) = (name(KEPT[0])?, name(KEPT[1])?);
        let codes = |column| {
            let members = view.dimension(column)?.domain().members();
            Some(members.iter().map(|member| &member.code))
        };
        let is_excluded = |one: &MemberCode, other: &MemberCode| {
            let both = view.exclusions().iter().filter(|exclusion| exclusion.holds() == Holds::ZonderAfbeelding);
            let has = |members: &BTreeMap<ColumnName, BTreeSet<MemberCode>>| {
                let has = |column, code| members.get(column).is_some_and(|codes: &BTreeSet<_>| codes.contains(code));
                has(&categorie, one) && has(&hulpvorm, other)
            };
            both.into_iter().any(|exclusion| has(exclusion.members()))
        };
        let mut of: BTreeMap<MemberCode, BTreeSet<MemberCode>> = BTreeMap::new();
        for one in codes(&categorie)? {
            let mut can_be = codes(&hulpvorm)?.filter(|other| !is_excluded(one, other));
            let (only, more) = (can_be.next()?, can_be.next());
            if more.is_some() {
                return None;
            }
            of.entry(only.clone()).or_default().insert(one.clone());
        }
        Some(Self { categorie, hulpvorm, of })
    }

    /// A place of one hulpvorm without that, and the categorieën that are it; none of other places.
    fn of_place(&self, place: &Place) -> Option<(Place, &BTreeSet<MemberCode>)> {
        let hulpvormen = place.within().get(&self.hulpvorm).filter(|codes| codes.len() == 1)?;
        let categorieen = hulpvormen.iter().find_map(|code| self.of.get(code))?;
        Some((place.with(&self.hulpvorm, None), categorieen))
    }

    /// The cells of a view that limit one of both dimensions, by what else they limit: the categorieën that they are, and
    /// whether they are said as hulpvormen.
    fn nodes(&self, view: &ViewName, numbers: &BTreeMap<Place, usize>) -> BTreeMap<Place, Vec<Node>> {
        let mut found: BTreeMap<Place, Vec<Node>> = BTreeMap::new();
        for (place, cell) in numbers.iter().filter(|(place, _)| place.view() == view) {
            let (categorieen, hulpvormen) = (place.within().get(&self.categorie), place.within().get(&self.hulpvorm));
            let node = match (categorieen, hulpvormen) {
                (Some(codes), None) => (codes.clone(), *cell, false),
                (None, Some(codes)) => {
                    let codes = codes.iter().filter_map(|code| self.of.get(code)).flatten();
                    (codes.cloned().collect(), *cell, true)
                }
                _ => continue,
            };
            let rest = place.with(&self.categorie, None).with(&self.hulpvorm, None);
            found.entry(rest).or_default().push(node);
        }
        found
    }
}

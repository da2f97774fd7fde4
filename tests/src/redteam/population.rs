//! Gemeenten made to be nasty to their protection, for whoever wants to know whether it holds: a handful of children, families
//! that are alike, one kind of help that almost everybody has, sizes around the threshold, records that come late, change or
//! are deleted. Every child is one that can be, and the same seed gives the same children.

use rand::{RngExt as _, SeedableRng as _, seq::IndexedRandom as _};
use rand_chacha::ChaCha8Rng;

use super::{
    codebook::{Codebook, Column, Lid},
    life::{HALF_YEARS, HALVES, Landmarks, Life, Traject, Wisseling},
};

/// What kind of gemeente.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Character {
    /// Fifteen children at most.
    Tiny,
    /// Children in families, each like its brothers and sisters.
    Families,
    /// All alike but for one thing in a few.
    Uniform,
    /// Groups of a size just under and just over the threshold.
    Threshold,
    /// Anything.
    Mixed,
}

impl Character {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Tiny, Self::Families, Self::Uniform, Self::Threshold, Self::Mixed];

    /// That of a gemeente by its number in a series.
    #[must_use]
    pub fn of(number: u64) -> Self {
        let place = usize::try_from(number).unwrap_or_default() % Self::ALL.len();
        Self::ALL.get(place).copied().unwrap_or(Self::Mixed)
    }

    /// How many children are alike, drawn from these.
    const fn sizes(self) -> &'static [usize] {
        match self {
            Self::Tiny => &[1, 1, 2],
            Self::Families => &[2, 2, 3, 4],
            Self::Uniform => &[1],
            Self::Threshold => &[8, 9, 10, 11, 12],
            Self::Mixed => &[1, 1, 2, 9, 40],
        }
    }

    /// How many children there are, drawn from these.
    const fn most(self) -> &'static [usize] {
        match self {
            Self::Tiny => &[4, 8, 15],
            Self::Families => &[20, 40, 80],
            Self::Uniform => &[30, 60, 120],
            Self::Threshold => &[40, 80, 160],
            Self::Mixed => &[25, 60, 120, 200],
        }
    }
}

/// What children of a gemeente have, and how often.
#[derive(Debug)]
struct Palette {
    categorie: Vec<Lid>,
    hulpvorm: Vec<Lid>,
    reden: Vec<Lid>,
    herhaald: Vec<Lid>,
    verwijzer: Vec<Lid>,
    wachttijd: Vec<Lid>,
    aansluiting: Vec<Lid>,
    waarom: Vec<Lid>,
    geslacht: Vec<Lid>,
    ages: Vec<Lid>,
    duur: Vec<Lid>,
    /// In a hundred: with another traject, begun before, ended in each half-year, with a change, with a correction.
    several: u32,
    before: u32,
    leaves: [u32; HALVES.len()],
    changes: u32,
    corrected: u32,
}

/// The aanbieder that has most of the trajecten.
const LARGE: u32 = 1;

/// Categorieën, the common ones more often.
const CATEGORIEEN: [&str; 19] = [
    "45", "45", "45", "45", "51", "52", "54", "41", "43", "48", "47", "46", "50", "53", "55", "35", "36", "32",
    "onbekend",
];

/// The children of a gemeente.
///
/// # Errors
/// If the catalogue lacks a member.
pub fn children(
    character: Character,
    codebook: &Codebook,
    landmarks: &Landmarks,
    seed: u64,
) -> anyhow::Result<Vec<Life>> {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let palette = Palette::draw(codebook, &mut random)?;
    let most = character.most().choose(&mut random).copied().unwrap_or(20);
    let usual = palette.child(landmarks, &mut random);
    let mut found: Vec<Life> = Vec::new();
    while found.len() < most {
        let size = character.sizes().choose(&mut random).copied().unwrap_or(1);
        let is_usual = character == Character::Uniform && random.random_range(0..10) > 0;
        let child = if is_usual { usual.clone() } else { palette.child(landmarks, &mut random) };
        found.extend(std::iter::repeat_n(child, size));
    }
    Ok(found)
}

/// Gives each traject an aanbieder: one has most of them, and of a few it is now and then not known.
pub fn deliver(children: &mut [Life], random: &mut ChaCha8Rng) {
    let of_hundred = [50, 80, 95].choose(random).copied().unwrap_or(80);
    let unknown = [0, 0, 0, 2].choose(random).copied().unwrap_or(0);
    for of in children.iter_mut().flat_map(|child| &mut child.trajecten) {
        of.aanbieder = match random.random_range(0..100) {
            drawn if drawn < unknown => 0,
            drawn if drawn < of_hundred => LARGE,
            _ => random.random_range(LARGE + 1..LARGE + 4),
        };
    }
    for child in children {
        *child = child.clone().ordered();
    }
}

impl Palette {
    fn draw(codebook: &Codebook, random: &mut ChaCha8Rng) -> anyhow::Result<Self> {
        let mut some = |column, codes: &[&str], most: usize| {
            let many = random.random_range(1..=most);
            let drawn: Vec<&str> = (0..many).filter_map(|_| codes.choose(random).copied()).collect();
            drawn.into_iter().map(|code| codebook.lid(column, code)).collect::<anyhow::Result<Vec<Lid>>>()
        };
        let categorie = some(Column::Categorie, &CATEGORIEEN, 5)?;
        let hulpvorm = some(Column::Hulpvorm, &["onbekend", "02", "11"], 2)?;
        let reden = some(Column::Einde, &["31", "31", "32", "36", "39", "02", "onbekend"], 3)?;
        let mut herhaald = some(Column::Herhaald, &["eerste", "aansluitend", "later", "onbekend"], 3)?;
        let verwijzer = some(Column::Verwijzer, &["01", "02", "04", "06", "onbekend"], 3)?;
        let mut wachttijd = some(Column::Wachttijdklasse, &["tot_4_weken", "26_weken_of_langer", "onbekend"], 2)?;
        let aansluiting = some(Column::Aansluiting, &["overlappend", "aansluitend", "onderbroken"], 2)?;
        let waarom = some(Column::Reden, &["overstap", "anders"], 2)?;
        let geslacht = some(Column::Geslacht, &["M", "M", "V", "onbekend"], 3)?;
        let ages = some(Column::Leeftijdsgroep, &["0-3", "4-11", "12-17", "18+"], 3)?;
        let mut duur = some(Column::Duurklasse, &["tot_3_maanden", "3_tot_6_maanden", "6_tot_12_maanden"], 2)?;
        // What began in the first half-year is short, and what ran all through it is not.
        duur.push(codebook.lid(Column::Duurklasse, "tot_3_maanden")?);
        duur.push(codebook.lid(Column::Duurklasse, "1_tot_2_jaar")?);
        // Whom others than the gemeente referred has a verzoek.
        wachttijd.push(codebook.lid(Column::Wachttijdklasse, "tot_4_weken")?);
        herhaald.push(codebook.lid(Column::Herhaald, "aansluitend")?);
        let mut one = |of: &[u32]| of.choose(random).copied().unwrap_or_default();
        Ok(Self {
            categorie,
            hulpvorm,
            reden,
            herhaald,
            verwijzer,
            wachttijd,
            aansluiting,
            waarom,
            geslacht,
            ages,
            duur,
            several: one(&[0, 20, 50, 80]),
            before: one(&[10, 50, 90, 100]),
            leaves: [(); HALVES.len()].map(|()| one(&[0, 5, 30, 60, 100])),
            changes: one(&[0, 5, 30, 80]),
            corrected: one(&[0, 0, 20, 40]),
        })
    }

    fn child(&self, landmarks: &Landmarks, random: &mut ChaCha8Rng) -> Life {
        loop {
            let mut trajecten = self.traject(landmarks, random);
            while trajecten.len() < 6 && random.random_range(0..100) < self.several {
                trajecten.extend(self.traject(landmarks, random));
            }
            let mut wisselingen = Vec::new();
            for of in &trajecten {
                if random.random_range(0..100) < self.changes {
                    let half = random.random_range(of.begin.max(0)..=of.einde.min(HALF_YEARS - 1));
                    wisselingen.push(Wisseling {
                        half,
                        categorie: of.categorie,
                        hulpvorm: of.hulpvorm,
                        aansluiting: draw(&self.aansluiting, random),
                        reden: draw(&self.waarom, random),
                    });
                }
            }
            let (age, older) = (draw(&self.ages, random), draw(&self.ages, random));
            let turn = random.random_range(1..2 * HALVES.len());
            let mut ages = [age; HALVES.len()];
            ages.iter_mut().skip(turn).for_each(|of| *of = older.max(age));
            let geslacht = [draw(&self.geslacht, random); HALVES.len()];
            let life = Life { geslacht, age: ages, trajecten, wisselingen }.ordered();
            if life.sound(landmarks) {
                return life;
            }
        }
    }

    /// A traject, and where it was corrected what it was told to be after that.
    fn traject(&self, landmarks: &Landmarks, random: &mut ChaCha8Rng) -> Vec<Traject> {
        let before = random.random_range(0..100) < self.before;
        let begin = if before { -1 } else { random.random_range(0..HALF_YEARS) };
        let leaves = |half: i8| usize::try_from(half).ok().and_then(|half| self.leaves.get(half)).copied().unwrap_or(0);
        let einde = (begin.max(0)..HALF_YEARS).find(|half| random.random_range(0..100) < leaves(*half));
        let traject = Traject {
            categorie: draw(&self.categorie, random),
            hulpvorm: draw(&self.hulpvorm, random),
            begin,
            einde: einde.unwrap_or(HALF_YEARS),
            reden: draw(&self.reden, random),
            herhaald: draw(&self.herhaald, random),
            verwijzer: [draw(&self.verwijzer, random); HALVES.len()],
            wachttijd: [draw(&self.wachttijd, random); HALVES.len()],
            duur: [(); HALVES.len()].map(|()| draw(&self.duur, random)),
            aanbieder: 0,
        };
        let members = |column| match column {
            Column::Wachttijdklasse => self.wachttijd.clone(),
            Column::Duurklasse => self.duur.clone(),
            Column::Herhaald => self.herhaald.clone(),
            _ => Vec::new(),
        };
        let traject = landmarks.definities.mended(traject, landmarks.vervallen, members);
        let lasts = (begin.max(0) + 1)..=traject.einde.min(HALF_YEARS - 1);
        if random.random_range(0..100) >= self.corrected || lasts.is_empty() {
            return vec![traject];
        }
        let half = random.random_range(lasts);
        let mended = |of: Traject| landmarks.definities.mended(of, landmarks.vervallen, members);
        let gone = |of: Traject| mended(Traject { einde: half, reden: landmarks.vervallen, ..of });
        match random.random_range(0..3) {
            // Known late: all of it counts in the half-year in which it is known.
            0 => vec![Traject { begin: half, ..traject }],
            1 => vec![gone(traject)],
            _ => {
                let other = Traject { categorie: draw(&self.categorie, random), begin: half, ..traject };
                vec![gone(traject), mended(other)]
            }
        }
    }
}

fn draw(lids: &[Lid], random: &mut ChaCha8Rng) -> Lid {
    lids.choose(random).copied().unwrap_or_default()
}

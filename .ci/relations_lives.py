"""Lives for the search for relations: random ones, ones like others, and what each counts.

Guarantees, to whom trusts that search, that every life it makes can be: it keeps to the definitions
(`release_oracle_definitions.py`), of each kind of help one runs at a time, and it counts as rule R2 has it
(`release_oracle_lives.py`). Of some kinds of help all that readers cannot tell apart are there, and every verwijzer,
duur, wachttijd and reden, so that nothing holds for want of them.
"""

import collections
import functools
import itertools

import numpy
from release_oracle_definitions import UNKNOWN, Definitions
from release_oracle_lives import AGES, DUREN, Person, Traject, Uitgave, Wisseling

CATEGORIEEN = [str(code) for code in [*range(31, 39), *range(40, 56)]] + [UNKNOWN]
HULPVORMEN = ["01", "02", "03", "04", "11", "12", "13", "14", UNKNOWN]
DETAILS = ["01", "02", "06", UNKNOWN], DUREN[:2] + DUREN[3:], ["tot_4_weken", "26_weken_of_langer", UNKNOWN]
HERHAALD = ["aansluitend", "binnen_6_maanden", "eerste", "later", UNKNOWN]
# The most trajecten and changes of a life, the most kinds of help in one cell that are few, lives to begin with, and
# steps without a better one after which a search stops.
MOST, KINDS, START, STEPS = 8, 5, 4000, 60
# What the trajecten of a half-year are that ran before.
STOCK = {"begin": frozenset(["al_lopend"])}


class Lives:
    """Of some half-years that follow each other, maybe from a gemeente's first half-year on."""

    def __init__(self, rng, cells, halves, first, unmapped):
        self.rng, self.cells, self.definitions = rng, cells, Definitions((0,), unmapped)
        self.halves = range(0, halves) if first else range(1, 1 + halves)
        self.columns = sorted({column for cell in cells for column in cell["within"]})
        places = {(cell["view"], self.within(cell["within"])): at for at, cell in enumerate(cells)}
        stocks = {at: places.get((cell["view"], self.before(cell["within"]))) for at, cell in enumerate(cells)}
        self.numbers = {}
        for number, at in itertools.product(range(halves), range(len(cells))):
            same = number and stocks[at] is not None
            self.numbers[number, at] = self.numbers[number - 1, stocks[at]] if same else (number, at)
        self.inside = functools.cache(self.inside)
        self.draw_kinds()
        lasting = rng.sample(HERHAALD, 2) if "herhaald" in self.columns else HERHAALD[:4]
        self.herhaald = [of for of in lasting if not first or of != UNKNOWN] or HERHAALD[:1]
        self.redenen = ["31", "32", "36", "02", *["vervallen"] * rng.choice([0, 1])]
        of = [(geslacht, AGES[1]) for geslacht in rng.sample(["M", "V"], rng.choice([1, 2]))]
        self.owns = [*itertools.product(of, repeat=self.halves.stop)]
        aansluitingen = rng.sample(["aansluitend", "onderbroken", "overlappend"], 2)
        self.how = [*itertools.product(aansluitingen, ["overstap", "anders"])]
        # Whether no life was made of cells that those at the start are not in.
        self.is_closed = True
        self.changes = any(cell["view"] == "wisseling" for cell in cells)

    @staticmethod
    def within(members):
        return frozenset((column, frozenset(codes)) for column, codes in members.items())

    def before(self, members):
        """For what ran before a half-year what it is at the end of the one before; else nothing."""
        members = {column: frozenset(codes) for column, codes in members.items()}
        if members.get("begin") == STOCK["begin"] and set(members) <= {"begin", "categorie", "hulpvorm"}:
            del members["begin"]
            return frozenset((members | {"einde": frozenset(["loopt_door"])}).items())
        if members == {"stroom": frozenset(["doorlopend", "uitstroom"])}:
            return frozenset({"stroom": frozenset(["doorlopend", "instroom"])}.items())
        return None

    def cell(self, number, cell):
        """A cell of a half-year: that of the one before if it is a stock."""
        return self.numbers[number, cell]

    def has_rows(self, cell):
        return self.cells[cell[1]]["has_rows"]

    def text(self, cell):
        number, at = cell
        within = (f"{column}={'+'.join(codes)}" for column, codes in sorted(self.cells[at]["within"].items()))
        return " ".join([self.cells[at]["view"], *[str(number + 1)] * (len(self.halves) > 1), *within])

    def draw_kinds(self):
        """Kinds of help: all of the same cells as some that are drawn, and of which of these there are many."""
        kinds = sorted({(of, self.definitions.kind(of, form)) for of in CATEGORIEEN for form in HULPVORMEN})
        drawn = self.rng.sample([kind for kind in kinds if UNKNOWN not in kind[:1]], self.rng.choice([1, 2, 2, 3]))
        sort = functools.cache(lambda kind: tuple(map(self.shown, ("categorie", "hulpvorm"), kind)))
        alike, sorts = collections.defaultdict(list), [set(of) for of in zip(*map(sort, drawn))]
        for kind in kinds:
            if all(own in of for own, of in zip(sort(kind), sorts)):
                alike[sort(kind)].append(kind)
        self.kinds = list(alike.values())
        self.many = {kind for of in self.kinds if len(of) > KINDS for kind in of}

    def shown(self, column, code):
        """The cells of tables of jeugdhulp that limit a column to a member among others."""
        of = (at for at, cell in enumerate(self.cells) if cell["shown"] and cell["view"] == "jeugdhulp")
        return frozenset(at for at in of if code in self.cells[at]["within"].get(column, ()))

    def inside(self, members):
        """The cells that a row with these members is in."""
        members = dict(members)

        def has(cell):
            within = cell["within"].items()
            return cell["view"] == members["weergave"] and all(members.get(column) in codes for column, codes in within)

        return tuple(at for at, cell in enumerate(self.cells) if has(cell))

    def counts(self, life):
        """The rows that somebody has in each cell."""
        found = {}
        for number, half in enumerate(self.halves):
            rows = collections.Counter()
            for members in life.rows(Uitgave(half)):
                asked = [(of, members[of]) for of in ("weergave", *self.columns) if of in members]
                rows.update(self.inside(tuple(asked)))
            found |= {self.numbers[number, at]: many for at, many in rows.items()}
        return found

    def more(self, life):
        """What more of the same would add, where somebody can have any number of it: rows and nobody."""
        for traject in life.trajecten:
            if traject.begin == traject.einde or traject.kind() in self.many:
                yield self.counts(Person(life.own, (traject,)))
        for wisseling in life.wisselingen:
            own = Person(life.own, life.trajecten)
            both, without = self.counts(own._replace(wisselingen=(wisseling,))), self.counts(own)
            yield {cell: many for cell, many in both.items() if cell not in without}

    def sound(self, life):
        few = len(life.trajecten) <= MOST and len(life.wisselingen) <= MOST
        return bool(life.trajecten) and few and life.sound(self.definitions)

    def traject(self, like=None):
        """A traject, or one that differs in something from another; none if that cannot be."""
        rng, halves = self.rng, self.halves
        kind, begin = rng.choice(rng.choice(self.kinds)), rng.randrange(halves.start - 1, halves.stop)
        einde = rng.randrange(halves.start, halves.stop + 1)
        reden, herhaald = rng.choice(self.redenen), rng.choice(self.herhaald)
        known, new = {}, (kind, begin, einde, reden, herhaald)
        if like:
            old = like.kind(), like.begin, like.einde, like.reden, like.herhaald
            other = rng.randrange(len(old) + 1)
            kind, begin, einde, reden, herhaald = (new[at] if at == other else old[at] for at in range(len(old)))
            # Else it is the details that are others.
            if other < len(old):
                known = {max(like.begin, 0) + at: details for at, details in enumerate(like.details)}
        if einde < max(begin, halves.start) or reden == "vervallen" and begin == einde:
            return None
        reden, herhaald = reden if einde < halves.stop else "31", herhaald if begin >= halves.start else HERHAALD[0]
        shell = Traject(kind[0], begin, einde, reden, herhaald, kind[1])
        path = []
        for half in range(max(begin, 0), min(einde, halves.stop - 1) + 1):
            gone = reden == "vervallen" and half == einde
            tries = [*filter(None, [known.get(half)]), *(tuple(map(rng.choice, DETAILS)) for _ in range(8))]
            tries = [(UNKNOWN,) * 3] if gone else tries
            one = next((one for one in tries if self.definitions.allows_details(shell, half, one)), None)
            if one is None:
                return None
            path.append(one)
        traject = shell._replace(details=tuple(path))
        return traject if self.definitions.allows_traject(traject) else None

    def change(self, trajecten):
        of = self.rng.choice(trajecten)
        half = self.rng.randint(max(of.begin, self.halves.start), min(of.einde, self.halves.stop - 1))
        return Wisseling(half, *of.kind(), *self.rng.choice(self.how))

    def anybody(self, many=None):
        while True:
            trajecten = [self.traject() for _ in range(many or self.rng.choice([1, 1, 2, 2, 3, 4]))]
            trajecten = tuple(sorted(traject for traject in trajecten if traject))
            changes = self.changes and trajecten and self.rng.random() < 0.5
            wisselingen = tuple(self.change(trajecten) for _ in range(self.rng.choice([1, 2]) if changes else 0))
            life = Person(self.rng.choice(self.owns), trajecten, wisselingen)
            if self.sound(life):
                return life

    def start(self):
        """Lives to begin with, half of them of one traject. No others reach cells that these do not."""
        lives = [self.anybody(number % 2 or None) for number in range(START)]
        self.reached = {cell for life in lives for cell in self.counts(life)}
        return lives

    def like(self, life):
        """A life that differs in one thing."""
        rng, move = self.rng, self.rng.random()
        own, trajecten, changes = life.own, list(life.trajecten), list(life.wisselingen)
        if move < 0.35:
            place = rng.randrange(len(trajecten))
            trajecten[place] = self.traject(trajecten[place]) or trajecten[place]
        elif move < 0.6:
            trajecten += filter(None, [self.traject(rng.choice([None, *trajecten]))])
        elif move < 0.8 and len(trajecten) > 1:
            trajecten.pop(rng.randrange(len(trajecten)))
        elif move < 0.85 or not self.changes:
            own = rng.choice(self.owns)
        elif changes and rng.random() < 0.4:
            changes.pop(rng.randrange(len(changes)))
        else:
            changes.append(self.change(trajecten))
        return Person(own, tuple(sorted(trajecten)), tuple(sorted(changes)))

    def below(self, price, known, effort):
        """Lives that a price is below nothing for, from so many known and so many others; none if none is found."""
        def worth(life):
            counts = self.counts(life)
            if not counts.keys() <= self.reached:
                self.is_closed = False
                return numpy.inf
            return sum(price[cell, False] + rows * price.get((cell, True), 0) for cell, rows in counts.items())

        some = self.rng.sample(list(known), min(300, len(known)))
        starts = sorted(some, key=worth)[:effort] + [self.anybody() for _ in range(effort)]
        found = []
        for life in starts:
            best, stuck = worth(life), 0
            while stuck < STEPS:
                near = self.like(life)
                value = worth(near) if self.sound(near) else best + 1
                stuck = 0 if value < best - 1e-9 else stuck + 1
                if value <= best + 1e-12:
                    best, life = value, near
            if best < -1e-6:
                found.append(life)
        return found or None

"""Judges releases of half-years that follow each other, from whole databases of persons and their trajecten.

Guarantees, to whom trusts Drempel with figures about persons, that for every chain of releases tried:

1. every count is the true one, no shown cell has 1 to 9 persons, and no zero is hidden but of a gevoelig cell, or in
   a later half-year (where it would give away what an earlier one hid), and then it keeps four values too;
2. every unsafe cell of every half-year keeps at least four values, of persons and of rows if it shows them, for a
   reader who knows all shown counts of all half-years, all statuses, which hidden cells are unsafe, that a shown cell
   has nobody or at least 10 persons, and how trajecten live on from one half-year to the next;
3. the subtractions that broke earlier designs (`known_breaks`) lack a figure.

A reader can rule out a value only if no database has it. So the unknowns here are the numbers of persons of each type:
a geslacht and age in each half-year, and trajecten with the half-years in which they begin and end. A value counts as
possible only with a database that was checked in integers. If none is found among few types, more are tried (`STEPS`),
at last without presolve. What fails only for a reader who knows that ages rise and that verwijzers and geslacht stay
is a note, not a violation: the node takes the latest, and only categorie and hulpvorm are kept (rule R2). Not judged: remainders, wisselingen. No code or method is shared with protocols/src. Needs numpy and scipy.

    python3 .ci/release_oracle.py --geef-uit PATH --catalogus DIR --seed S --cases N [--only I]
"""

import argparse
import collections
import functools
import itertools
import json
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib
from typing import NamedTuple

import numpy
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array

K, VALUES, INFEASIBLE = 10, 4, 2
HALVES, AGES = ["2025H1", "2025H2", "2026H1", "2026H2"], ["0-3", "4-11", "12-17", "18+"]
# How many types to try, the seconds of a solve, and how much the reader does not know (see `KNOWING`).
STEPS = [(500, 3, 0), (3000, 10, 0), (12000, 60, 0), (12000, 60, 1), (60000, 200, 2)]
KNOWING = ["if ages, verwijzers and geslacht last", "if geslacht lasts", "anyhow"]
CATEGORIES = [*["45"] * 4, "51", "52", "54", "41", "42", "43", "48", "46", "50", "53", "55", "37"]
CODES = {"einde": ["31", "31", "32", "34", "38", "02"], "verwijzer": ["01", "02", "04"]}
CODES |= {"herhaald": ["eerste", "aansluitend", "later"], "hulpvorm": ["onbekend", "onbekend", "02", "11"]}
BOTH = ["personen", "aantal"]
# Of each cube its view, dimensions, measures, and how often it is drawn.
CUBES = {
    "groep": ("jeugdhulp", ["groep"], BOTH, 0),
    "categorie": ("jeugdhulp", ["categorie"], BOTH, 2),
    "groep-geslacht": ("jeugdhulp", ["groep", "geslacht"], BOTH, 3),
    "groep-leeftijd": ("jeugdhulp", ["groep", "leeftijdsgroep"], BOTH, 1),
    "groep-verloop": ("jeugdhulp", ["groep", "begin", "einde_groep"], ["aantal"], 3),
    "verloop": ("jeugdhulp", ["begin", "einde_groep"], ["aantal"], 3),
    "einde": ("jeugdhulp", ["einde"], ["aantal"], 3),
    "stroom": ("jeugdhulp", ["stroom"], ["personen"], 3),
    "groep-verwijzer": ("jeugdhulp", ["groep", "verwijzer"], ["aantal"], 1),
    "hulpvorm": ("jeugdhulp", ["hulpvorm"], BOTH, 2),
    "herhaald": ("herhaald_beroep", ["groep", "herhaald"], ["aantal"], 1),
}


class Traject(NamedTuple):
    """Begun in half-year `begin` (-1: before the first), ended in `einde` (after the last one: runs on)."""

    categorie: str
    begin: int
    einde: int
    reden: str = "31"
    verwijzers: tuple = ("01",) * len(HALVES)
    herhaald: str = "eerste"
    hulpvorm: str = "onbekend"


class Person(NamedTuple):
    """A geslacht and age in each half-year, and trajecten."""

    own: tuple
    trajecten: tuple

    def rows(self, half):
        """The members of each row of a half-year."""
        used = [traject for traject in self.trajecten if traject.begin <= half <= traject.einde]
        before, after = any(traject.begin < half for traject in used), any(traject.einde > half for traject in used)
        stroom = [["in_en_uit", "instroom"], ["uitstroom", "doorlopend"]][before][after]
        own = {"geslacht": self.own[half][0], "leeftijdsgroep": self.own[half][1]}
        for traject in used:
            starts = {"begin": "gestart", "herhaald": traject.herhaald}
            members = own | (starts if traject.begin == half else {"begin": "al_lopend"}) | {"stroom": stroom}
            members |= {"einde": traject.reden if traject.einde == half else "loopt_door"}
            kind = {"categorie": traject.categorie, "hulpvorm": traject.hulpvorm}
            yield members | kind | {"verwijzer": traject.verwijzers[half]}

    def sound(self):
        """Whether trajecten of one categorie and hulpvorm follow each other."""
        pairs = itertools.combinations(self.trajecten, 2)
        kinds = ((a, b) for a, b in pairs if (a.categorie, a.hulpvorm) == (b.categorie, b.hulpvorm))
        return all(a.einde <= b.begin or b.einde <= a.begin for a, b in kinds)


class Case(NamedTuple):
    """Cubes, a number of half-years, and how many persons there are of each type."""

    cubes: list
    halves: int
    persons: dict

    def released(self, geef_uit, catalogus):
        """What the program makes of it: cells of each half-year, or why there are none."""
        everybody = list(enumerate(person for person, number in self.persons.items() for _ in range(number)))
        periods, cubes, view = [], "", {"view": "jeugdhulp"}
        for half, period in enumerate(HALVES[: self.halves]):
            rows = [view | {"person": n, "members": of} for n, person in everybody for of in person.rows(half)]
            periods.append({"period": period, "rows": rows})
        for name in self.cubes:
            view, dimensions, measures, _ = CUBES[name]
            texts = {"naam": name, "nl": name, "en": name, "weergave": view, "doelen": ["landelijke-monitor"]}
            cube = texts | {"dimensies": dimensions, "tellingen": measures}
            cubes += "[[kubus]]\n" + "".join(f"{key} = {json.dumps(value)}\n" for key, value in cube.items())
        with tempfile.TemporaryDirectory() as made:
            catalogue = shutil.copytree(catalogus, pathlib.Path(made, "catalogus"))
            pathlib.Path(catalogue, "kubussen.toml").write_text(cubes, encoding="utf-8")
            line = json.dumps({"catalogue": str(catalogue), "periods": periods}) + "\n"
            ran = subprocess.run([geef_uit], input=line, capture_output=True, text=True, check=False, timeout=600)
        if ran.returncode:
            raise RuntimeError(f"exit code {ran.returncode}: {ran.stderr.strip()}")
        return json.loads(ran.stdout)


class Reader:
    """Who knows everything that is shown, and how the data work. Counts are of persons in each cell, then of rows."""

    def __init__(self, case, releases, gevoelig, rng):
        self.case, self.rng, self.loose = case, rng, 0
        self.having, self.inside = functools.cache(self.having), functools.cache(self.inside)
        self.cells = [(half, cell) for half, cells in enumerate(releases) for cell in cells]
        self.columns = sorted({"einde"}.union(*(cell["within"] for _, cell in self.cells)))
        within = [cell["within"].items() for _, cell in self.cells]
        self.gevoelig = [any(gevoelig[column] >= set(codes) for column, codes in of) for of in within]
        self.truth = numpy.array(list(case.persons.values())) @ numpy.array(list(map(self.counts, case.persons)))
        size = len(self.cells)
        least, most = numpy.zeros(2 * size), numpy.full(2 * size, numpy.inf)
        targets, self.zeros = [], numpy.zeros(2 * size, dtype=bool)
        for persons, (_, cell) in enumerate(self.cells):
            shown = [at for at, name in [(persons, "persons"), (size + persons, "rows")] if cell[f"shows_{name}"]]
            if cell["reason"] == "unsafe":
                nobody = self.gevoelig[persons] or not self.truth[persons]
                least[persons], most[persons] = 0 if nobody else 1, K - 1
                targets += sorted({persons, *shown})
            else:
                least[persons] = K
            if not cell["reason"]:
                least[persons] = K if self.truth[persons] else 0
                least[shown] = most[shown] = self.truth[shown]
                self.zeros[[persons, size + persons]] = self.truth[persons] == 0
        self.of_stroom = numpy.array(["stroom" in cell["within"] for _, cell in self.cells] * 2)
        bound = (least > 0) | (most < numpy.inf) | numpy.isin(numpy.arange(2 * size), targets)
        self.kept = numpy.flatnonzero(bound & ~self.zeros)
        self.least, self.most, self.true = least[self.kept], most[self.kept], self.truth[self.kept]
        self.targets, self.known = numpy.searchsorted(self.kept, targets).tolist(), [self.true]

    def having(self, half, column, member):
        """The cells in which a row with a member can be."""
        return numpy.array([half == of and member in cell["within"].get(column, [member]) for of, cell in self.cells])

    def inside(self, half, members):
        """The cells in which a row is."""
        return functools.reduce(numpy.logical_and, [self.having(half, *of) for of in zip(self.columns, members)])

    def counts(self, person):
        """Whether somebody is counted in each cell, and with how many rows."""
        rows = numpy.zeros(len(self.cells), dtype=int)
        for half in range(self.case.halves):
            for members in person.rows(half):
                rows += self.inside(half, tuple(members.get(column) for column in self.columns))
        return numpy.concatenate([rows > 0, rows])

    def name(self, place):
        half, cell = self.cells[place % len(self.cells)]
        within = {column: "+".join(codes) for column, codes in cell["within"].items()}
        return f"{['persons', 'rows'][place // len(self.cells)]} of {HALVES[half]} {within}"

    def wrong(self):
        """Cells with counts that are not the true ones, or shown or hidden against the primary rules."""
        found = []
        for place, (half, cell) in enumerate(self.cells):
            persons, rows = self.truth[place], self.truth[len(self.cells) + place]
            allowed = ["unsafe"] if 1 <= persons < K else [None, "unsafe"] if half or self.gevoelig[place] else [None]
            allowed = [None, "secondary", "remainder", "interval"] if persons >= K else allowed
            if (persons, rows) != (cell["persons"], cell["rows"]) or cell["reason"] not in allowed:
                found.append(f"{self.name(place)}: {persons} persons, {rows} rows, but it has {[*cell.values()][-3:]}")
        return found

    def members(self, column, default, each=1):
        """Members of a column that can occur: so many of those that all cells treat alike."""
        lists = [(cell, cell["within"][column]) for _, cell in self.cells if column in cell["within"]]
        alike = collections.defaultdict(list)
        for code in sorted({code for _, within in lists for code in within}):
            margins = [cell for cell, within in lists if code in within and len(cell["within"]) == 1]
            if not margins or any(cell["reason"] or cell["persons"] for cell in margins):
                alike[tuple(code in within for _, within in lists)].append(code)
        return [code for same in alike.values() for code in same[:each]] or default

    def prepare(self):
        """What persons can be apart from their trajecten, and all trajecten they can have."""
        halves, codes = self.case.halves, self.members
        both = [codes("geslacht", ["M"]), codes("verwijzer", ["01"])]
        paths = [list(itertools.product(of, repeat=halves)) for of in both]
        same = [[path for path in of if len(set(path)) == 1] for of in paths]
        sexes, verwijzers = (paths if self.loose > 1 else same)[0], (paths if self.loose else same)[1]
        aging = list(itertools.product(codes("leeftijdsgroep", AGES[:1]), repeat=halves))
        aging = aging if self.loose else [ages for ages in aging if sorted(ages, key=AGES.index) == list(ages)]
        self.owns = [tuple(zip(*of)) for of in itertools.product(sexes, aging)]
        redenen = [reden for reden in codes("einde", []) if reden != "loopt_door"] or ["31"]
        herhaald, hulpvormen = codes("herhaald", ["eerste"]), codes("hulpvorm", ["onbekend", "02"])
        self.lives, some = [], [self.rng.choice(self.owns) for _ in range(10)]
        for categorie, begin in itertools.product(codes("categorie", ["45", "51"], 2), range(-1, halves)):
            for einde, path in itertools.product(range(max(begin, 0), halves + 1), verwijzers):
                ends, starts = redenen if einde < halves else redenen[:1], herhaald if begin >= 0 else herhaald[:1]
                which = itertools.product(ends, [path], starts, hulpvormen)
                self.lives += [Traject(categorie, begin, einde, *of) for of in which]
        self.lives = self.rng.sample(self.lives, min(3000, len(self.lives)))
        zeros = self.zeros & ~self.of_stroom
        self.lives = [t for t in self.lives if any(not self.counts(Person(own, (t,)))[zeros].any() for own in some)]

    def neighbour(self, person):
        """Somebody like a person, with a traject more, less or instead of another, or something else."""
        own = person.own if self.rng.random() < 0.8 else self.rng.choice(self.owns)
        trajecten, move = self.rng.sample(person.trajecten, len(person.trajecten)), self.rng.random()
        trajecten = trajecten[1:] if 0.35 < move < 0.7 else trajecten
        trajecten += [self.rng.choice(self.lives)] if move < 0.6 or not trajecten else []
        return Person(own, tuple(sorted(trajecten)))

    def enlarge(self, size):
        """Chooses types: everybody there is, some that differ little from them, and others."""
        self.prepare()
        real, rng, types = list(self.case.persons), self.rng, dict.fromkeys(self.case.persons)
        if self.lives and len(self.owns) * len(self.lives) <= size:
            types |= dict.fromkeys(Person(own, (life,)) for own in self.owns for life in self.lives)
        for _ in range(size if self.lives else 0):
            near, several = self.neighbour(rng.choice(real)), rng.choices(self.lives, k=rng.choice([1, 2, 2, 3]))
            types |= dict.fromkeys([near, self.neighbour(near), Person(rng.choice(self.owns), tuple(sorted(several)))])
        counts = numpy.array([self.counts(person) for person in types if person.sound()])
        self.types = numpy.unique(counts[~counts[:, self.zeros].any(axis=1)][:, self.kept], axis=0).T
        rows, row_of = numpy.unique(self.types, axis=0, return_inverse=True)
        self.rows, self.row_of = csr_array(rows.astype(float)), row_of.ravel()

    def ask(self, towards, integrality=1, at=None, value=None, **options):
        """Notes the counts of a database, if it is in integers; the least there is of something, and the status."""
        least, most = self.least.copy(), self.most.copy()
        if at is not None:
            least[at] = most[at] = value
        ends = numpy.zeros(self.rows.shape[0]), numpy.full(self.rows.shape[0], numpy.inf)
        numpy.maximum.at(ends[0], self.row_of, least)
        numpy.minimum.at(ends[1], self.row_of, most)
        if numpy.any(ends[0] > ends[1]):
            return None, INFEASIBLE
        types, system = numpy.ones(self.types.shape[1]), LinearConstraint(self.rows, *ends)
        of = {"integrality": types * integrality, "bounds": Bounds(0, numpy.inf), "constraints": system}
        answer = milp(towards @ self.types, **of, options=options)
        if answer.x is not None and integrality:
            persons = numpy.rint(answer.x).astype(int)
            counts = self.types @ persons
            if numpy.all(persons >= 0) and numpy.all((counts >= least) & (counts <= most)):
                self.known.append(counts)
        return answer.fun if answer.success else None, answer.status

    def any(self, seconds, **of):
        """Asks for a database, whatever its other counts, and looks elsewhere each time."""
        towards = numpy.zeros(len(self.true))
        towards[self.targets] = self.rng.choices([-1, 0, 1], k=len(self.targets))
        towards[self.most == numpy.inf] = 0
        return self.ask(towards, time_limit=seconds, mip_rel_gap=0.5, **of)[1]

    def values(self, target):
        return sorted({int(counts[target]) for counts in self.known})

    def narrow(self):
        """What keeps too few values, the true one, the values, and the least that a reader has to know for it."""
        left, found = self.targets, {}
        for size, seconds, self.loose in STEPS:
            if left:
                self.enlarge(size)
                _ = [self.any(seconds) for _ in range(4)]
            certain = size >= STEPS[-2][0]
            for target in left:
                self.widen(target, seconds, certain)
            left = [target for target in left if len(self.values(target)) < VALUES]
            found |= {target: (self.values(target), KNOWING[self.loose]) for target in left if certain}
        return [(self.name(self.kept[target]), int(self.true[target]), *of) for target, of in found.items()]

    def widen(self, at, seconds, certain):
        """Looks for databases in which a cell has another value, nearest to the truth first."""
        if len(self.values(at)) >= VALUES:
            return
        true, one = int(self.true[at]), numpy.arange(len(self.true)) == at
        low, high = (self.ask(sign * one, integrality=0, presolve=not certain)[0] for sign in [1, -1])
        low = max(true - 2 * VALUES, int(self.least[at] if low is None else numpy.ceil(low - 1e-6)))
        high = int(min(self.most[at], true + 2 * VALUES, numpy.inf if high is None else numpy.floor(1e-6 - high)))
        tries = sorted(range(low, high + 1), key=lambda value: abs(value - true))
        for presolve, value in itertools.product([True, False] if certain else [True], tries):
            known = self.values(at)
            if value not in known and VALUES > len(known) and (certain or len(tries) >= VALUES):
                status = self.any(seconds, at=at, value=value, presolve=presolve)
                if not presolve and status != INFEASIBLE and value not in self.values(at):
                    raise RuntimeError(f"undecided whether {self.name(self.kept[at])} can be {value}")


def random_person(rng, palette, halves):
    """Somebody with trajecten of a few categorieen, who comes and leaves about as often as the half-years have it."""
    while True:
        trajecten = []
        for _ in range(rng.choices([1, 2, 3], palette["several"])[0]):
            begin = -1 if rng.random() < palette["before"] else rng.randrange(halves)
            ends = (half for half in range(max(begin, 0), halves) if rng.random() < palette["leaves"][half])
            categorie, reden, verwijzer, how, hulpvorm = (rng.choice(palette[of]) for of in ["categorie", *CODES])
            of = reden, (verwijzer,) * halves, how, hulpvorm
            trajecten.append(Traject(categorie, begin, next(ends, halves), *of))
        first, geslacht = rng.randrange(3), rng.choices("MV", palette["geslacht"])[0]
        ages = sorted(rng.choices(AGES[first : first + 2], [4, 1], k=halves), key=AGES.index)
        if (drawn := Person(tuple((geslacht, age) for age in ages), tuple(sorted(trajecten)))).sound():
            return drawn


def random_case(rng):
    """A small gemeente: groups of persons that are alike, of sizes around the threshold or small."""
    halves, drawn = rng.choices([2, 3, 4], [5, 3, 1])[0], rng.choice([2, 2, 3, 4])
    cubes = sorted(set(rng.choices(list(CUBES), [cube[3] for cube in CUBES.values()], k=drawn)))
    palette = {
        "categorie": rng.choices(CATEGORIES, k=rng.choice([2, 3, 4])),
        "several": rng.choice([[1, 0, 0], [8, 2, 0], [5, 3, 2], [1, 5, 2]]),
        "before": rng.choice([0.1, 0.5, 0.9, 1]),
        "leaves": [rng.choice([0, 0.05, 0.3, 0.6, 1]) for _ in range(halves)],
        **{column: rng.sample(codes, rng.choice([1, 2, 3])) for column, codes in CODES.items()},
        "geslacht": rng.choice([[1, 0], [9, 1], [1, 1]]),
    }
    persons, most = collections.Counter(), rng.choice([15, 25, 40, 60, 80, 120])
    sizes = rng.choice([[1, 2, 3], [1, 4, 9, 10, 11], [8, 9, 10, 11, 12], [1, 1, 2, 9, 40], [3, 7, 12, 20, 33]])
    while persons.total() < most:
        persons[random_person(rng, palette, halves)] += rng.choice(sizes)
    return Case(cubes, halves, dict(persons))


def known_breaks():
    """Subtractions that give a small number away where cells are hidden one by one: counts by measure, half-year and
    members, of which readers may not have all of the first few."""

    def person(*lives, halves=1, geslacht="M"):
        return Person(((geslacht, "4-11"),) * halves, tuple(sorted(Traject(*life) for life in lives)))

    ggz, a, b, c, d = "51+52+54", ("45", -1, 1), ("51", -1, 1), ("43", -1, 1), ("52", -1, 1)
    flows = {("45", -1, 2): 28, ("45", 0, 2): 12, a: 5, ("45", 1, 2): 14}
    persons = {person(life, halves=2): number for life, number in flows.items()}
    counts = {at("persons", stroom="doorlopend"): 33, at("persons", stroom="instroom"): 12}
    counts |= {at("persons", 1, stroom="doorlopend"): 40, at("persons", 1, stroom="uitstroom"): 5}
    yield "33 + 12 - 40 = 5 leave", 3, Case(["stroom"], 2, persons), counts

    counts = {at("persons"): 17, at("persons", categorie="45"): 10, at("persons", categorie=ggz): 12}
    persons = {person(a): 5, person(a, b): 5, person(b): 7}
    yield "17 - 10 = 7 are without ambulant", 2, Case(["groep"], 1, persons), counts

    groups = [{}, {"categorie": "45"}, {"categorie": ggz}, {"categorie": "43+44"}]
    persons = {person(a): 10, person(a, b): 10, person(b, c): 4}
    persons |= {person(life, geslacht="V"): number for life, number in {a: 30, b: 20, c: 15}.items()}
    counts = {at("persons", geslacht="M", **of): number for of, number in zip(groups, [24, 20, 14, 4])}
    yield "24 - 20 = 4 boys", 2, Case(["groep-geslacht"], 1, persons), counts

    how = {"eerste": 40, "aansluitend": 12, "later": 7}
    persons = {person(a): 30} | {person(("45", 0, 1, "31", ("01",), name)): number for name, number in how.items()}
    counts = {at("rows", begin="gestart"): 59}
    counts |= {at("rows", begin="gestart", herhaald=name): number for name, number in how.items()}
    yield "59 - 40 - 12 = 7 across views", 3, Case(["herhaald", "verloop"], 1, persons), counts

    lists = {"45": 60, "51": 20, "52": 5}
    counts = {at("persons"): 85} | {at("persons", categorie=of): number for of, number in lists.items()}
    case = Case(["categorie", "groep-geslacht"], 1, {person(a): 60, person(b): 20, person(d): 5})
    yield "85 - 60 - 20 = 5 beside a leaf", 3, case, counts

    counts = {at("rows", einde="loopt_door"): 52, at("persons", stroom="doorlopend"): 45}
    counts |= {at("persons", stroom="instroom"): 7}
    persons = {person(a): 45, person(("45", 0, 1)): 7, person(("45", -1, 0)): 12, person(("45", 0, 0)): 10}
    yield "52 trajecten - 45 persons = 7", 2, Case(["groep", "stroom", "verloop"], 1, persons), counts

    def lives(*of, geslacht="M"):
        return {person(life, halves=2, geslacht=geslacht): number for life, number in of}

    stock = lives((("51", -1, 0), 10), (("51", -1, 2), 9), (("52", -1, 2), 30), (("45", -1, 2), 20))
    stock |= lives((("43", -1, 0), 15), (("43", -1, 2), 15))
    yield "19 less 10 that ended run on", 0, Case(["categorie", "groep-verloop"], 2, stock), {}
    stroom = lives((("53", -1, 2), 20), (("45", 1, 2), 12), geslacht="V") | lives((("45", -1, 2), 33))
    yield "45 less 12 that came are all boys", 0, Case(["einde", "groep-geslacht", "stroom"], 2, stroom), {}
    part = lives((("45", -1, 2), 12), (("45", 1, 2), 6))
    yield "18 less 12 that ran on began", 0, Case(["einde", "herhaald"], 2, part), {}
    yield "10 of 10 began in one group", 0, Case(["einde", "herhaald"], 1, {person(("45", 0, 1)): 10}), {}
    ended = lives((("53", -1, 2), 10), geslacht="V") | lives((("53", -1, 0), 10))
    yield "boys who all left", 0, Case(["groep-geslacht", "verloop"], 2, ended), {}


def at(measure, half=0, **within):
    return measure, half, tuple(sorted((column, tuple(codes.split("+"))) for column, codes in within.items()))


def missed(needed, counts, releases):
    """Where a release is not as a subtraction has it, or lets readers make it."""
    cells = {}
    for (half, release), measure in itertools.product(enumerate(releases), ["persons", "rows"]):
        for cell in [cell for cell in release if cell[f"shows_{measure}"]]:
            cells[at(measure, half, **{of: "+".join(codes) for of, codes in cell["within"].items()})] = cell
    found = [f"{key} is not {count}" for key, count in counts.items() if cells[key][key[0]] != count]
    hidden = any(cells[key]["reason"] for key in list(counts)[:needed])
    return found + ([] if hidden else ["everything that the subtraction takes is shown"])


def sensitive_members(catalogus):
    """The gevoelige members of each column."""
    found, text = collections.defaultdict(set), pathlib.Path(catalogus, "weergaven.toml").read_text(encoding="utf-8")
    for column in [column for view in tomllib.loads(text)["weergave"] for column in view["kolom"]]:
        found[column["naam"]] |= {member["code"] for member in column.get("leden", []) if member.get("gevoelig")}
    return found


def judge(case, releases, gevoelig, needed, counts, rng):
    """Counts of what was judged, violations, and what only fails a reader who knows more (`KNOWING`)."""
    reader = Reader(case, releases, gevoelig, rng)
    wrong = reader.wrong() + (missed(needed, counts, releases) if needed else [])
    hidden = sum(bool(cell["reason"]) for _, cell in reader.cells)
    total = collections.Counter(cells=len(reader.cells), hidden=hidden, figures=len(reader.targets))
    narrow = [] if wrong else reader.narrow()
    lines = [f"{name} keeps only {left} ({true} is true) {of}" for name, true, left, of in narrow]
    serious = any(knowing == KNOWING[-1] for *_, knowing in narrow)
    return total, wrong + (lines if serious else []), [] if serious else lines


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--geef-uit", required=True, help="the program to judge")
    parser.add_argument("--catalogus", required=True, help="the folder of the catalogue whose views and members count")
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--cases", type=int, required=True)
    parser.add_argument("--only", type=int, help="judge one case of the series, besides the known breaks")
    args = parser.parse_args()
    gevoelig, started, total = sensitive_members(args.catalogus), time.monotonic(), collections.Counter()
    numbers, refusals = range(args.cases) if args.only is None else [args.only], collections.Counter()
    drawn = ((f"--only {number}", 0, random_case(random.Random(f"{args.seed} {number}")), {}) for number in numbers)
    for name, needed, case, counts in itertools.chain(known_breaks(), drawn):
        asked, found, notes = time.monotonic(), [], []
        try:
            outcome = case.released(args.geef_uit, args.catalogus)
            total["program"] += time.monotonic() - asked
            if "releases" in outcome:
                rng = random.Random(f"{args.seed} {name}")
                judged, found, notes = judge(case, outcome["releases"], gevoelig, needed, counts, rng)
                total += judged
            else:
                refusals[outcome["refused"]] += 1
                found = [f"refused: {outcome['refused']}"] if needed else []
        except (RuntimeError, ValueError, KeyError, subprocess.TimeoutExpired) as error:
            found = [f"no release or no judgement: {error!r}"]
        total += collections.Counter(cases=1, halves=case.halves, wrong=bool(found), notes=bool(notes))
        if found or notes:
            print(f"{'VIOLATION' if found else 'NOTE'} in --seed {args.seed}: {name}", *found, *notes, sep="\n  ")
            print(f"  cubes: {case.cubes}, {case.halves} half-years")
            print(*(f"  {number} x {tuple(who)}" for who, number in case.persons.items()), sep="\n", flush=True)
    for reason, times in refusals.items():
        print(f"{times} refused: {reason}")
    print(f"{total['cases']} cases ({refusals.total()} refused), {total['halves']} half-years, {total['cells']} cells")
    print(f"{total['hidden']} hidden, {total['figures']} figures judged; {total['notes']} cases with notes")
    took = time.monotonic() - started
    print(f"{total['wrong']} cases with violations, {took:.0f} seconds, {total['program']:.0f} of them by the program")
    return 1 if total["wrong"] or not total["cells"] else 0


if __name__ == "__main__":
    sys.exit(main())

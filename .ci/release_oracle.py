"""Judges releases of half-years that follow each other, from whole databases of persons and their trajecten.

Guarantees, to whom trusts Drempel with figures about persons, that for every chain of releases tried:

1. every count is the true one, no shown cell has 1 to 9 persons, and only a zero of a gevoelig cell is hidden;
2. every unsafe cell of every half-year keeps at least four values, of persons and of each measure it shows, for a reader
   who knows all shown counts of all half-years, all statuses, which hidden cells are unsafe, that a shown cell has no
   persons or at least 10, and how trajecten live on from one half-year to the next;
3. the subtractions that broke earlier designs (`known_breaks`) lack a figure.

A reader can rule out a value only if no database has it. So the unknowns here are the numbers of persons of each type: a
geslacht, ages, and all trajecten with the half-years in which they begin and end. A value counts as possible only with a
database that was checked in integers. If it has none among few types, more types are tried; only then, and after a solve
without presolve, the value counts as impossible. No code or method is shared with protocols/src. Needs numpy and scipy.

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

K, VALUES = 10, 4
HALVES = ["2025H1", "2025H2", "2026H1", "2026H2"]
FAMILIES, SECONDS_OF_SOLVE, INFEASIBLE, UNBOUNDED = [500, 3000, 15000], [3, 10, 60], 2, 3
AGES = ["0-3", "4-11", "12-17", "18+"]
CUBES = {
    "groep-geslacht": ("jeugdhulp", ["groep", "geslacht"], ["personen", "aantal"]),
    "categorie": ("jeugdhulp", ["categorie"], ["personen", "aantal"]),
    "groep": ("jeugdhulp", ["groep"], ["personen", "aantal"]),
    "groep-verloop": ("jeugdhulp", ["groep", "begin", "einde_groep"], ["aantal"]),
    "verloop": ("jeugdhulp", ["begin", "einde_groep"], ["aantal"]),
    "einde": ("jeugdhulp", ["einde"], ["aantal"]),
    "stroom": ("jeugdhulp", ["stroom"], ["personen"]),
    "groep-verwijzer": ("jeugdhulp", ["groep", "verwijzer"], ["aantal"]),
    "groep-leeftijd": ("jeugdhulp", ["groep", "leeftijdsgroep"], ["personen", "aantal"]),
    "herhaald": ("herhaald_beroep", ["groep", "herhaald"], ["aantal"]),
    "wisseling": ("wisseling", ["groep", "aansluiting"], ["aantal"]),
}


class Traject(NamedTuple):
    """Begun in half-year `begin` (-1: before the first), ended in `einde` (the number of half-years: after the last)."""

    categorie: str
    begin: int
    einde: int
    reden: str = "31"
    verwijzer: str = "01"
    herhaald: str = "eerste"


class Person(NamedTuple):
    """What there is to know about somebody: an age in each half-year, changes of aanbieder as (half-year, categorie, how)."""

    geslacht: str
    leeftijden: tuple
    trajecten: tuple
    wisselingen: tuple = ()

    def rows(self, half):
        """The rows of a half-year, each as its view and members."""
        used = [traject for traject in self.trajecten if traject.begin <= half <= traject.einde]
        before = any(traject.begin < half for traject in used)
        after = any(traject.einde > half for traject in used)
        stroom = [["in_en_uit", "instroom"], ["uitstroom", "doorlopend"]][before][after]
        own = (("geslacht", self.geslacht), ("leeftijdsgroep", self.leeftijden[half]), ("hulpvorm", "onbekend"))
        for traject in used:
            begin = "gestart" if traject.begin == half else "al_lopend"
            einde = traject.reden if traject.einde == half else "loopt_door"
            members = (("categorie", traject.categorie), ("begin", begin), ("einde", einde), ("stroom", stroom))
            herhaald = (("herhaald", traject.herhaald),) if begin == "gestart" else ()
            yield "jeugdhulp", (*own, *members, ("verwijzer", traject.verwijzer), *herhaald)
        for when, categorie, how in self.wisselingen:
            if when == half:
                yield "wisseling", (*own, ("categorie", categorie), ("aansluiting", how), ("reden", "anders"))

    def sound(self):
        """Whether trajecten of one categorie follow each other, and changes of aanbieder are of a traject in use."""
        pairs = itertools.combinations(self.trajecten, 2)
        apart = all(a.categorie != b.categorie or a.einde <= b.begin or b.einde <= a.begin for a, b in pairs)
        used = {(half, t.categorie) for t in self.trajecten for half in range(t.begin, t.einde + 1)}
        return bool(self.trajecten) and apart and all(change[:2] in used for change in self.wisselingen)


class Case(NamedTuple):
    """Cubes, a number of half-years, and how many persons there are of each type."""

    cubes: list
    halves: int
    persons: dict

    def released(self, geef_uit, catalogus):
        """What the program makes of it: cells of each half-year, or why there are none."""
        everybody = [person for person, number in self.persons.items() for _ in range(number)]
        periods = []
        for half in range(self.halves):
            rows = [
                {"view": view, "person": number, "members": dict(members)}
                for number, person in enumerate(everybody)
                for view, members in person.rows(half)
            ]
            periods.append({"period": HALVES[half], "rows": rows})
        tables = []
        for name in self.cubes:
            view, dimensions, measures = CUBES[name]
            known = f'[[kubus]]\nnaam = "{name}"\nnl = "{name}"\nen = "{name}"\nweergave = "{view}"\n'
            lists = {"dimensies": dimensions, "tellingen": measures, "doelen": ["landelijke-monitor"]}
            tables.append(known + "".join(f"{key} = {json.dumps(values)}\n" for key, values in lists.items()))
        with tempfile.TemporaryDirectory() as made:
            catalogue = shutil.copytree(catalogus, pathlib.Path(made, "catalogus"))
            pathlib.Path(catalogue, "kubussen.toml").write_text("\n".join(tables), encoding="utf-8")
            line = json.dumps({"catalogue": str(catalogue), "periods": periods}) + "\n"
            ran = subprocess.run([geef_uit], input=line, capture_output=True, text=True, check=False, timeout=600)
        if ran.returncode:
            raise RuntimeError(f"exit code {ran.returncode}: {ran.stderr.strip()}")
        return json.loads(ran.stdout)


class Undecided(Exception):
    """Neither a database nor its absence was found."""


class Reader:
    """Who knows everything that is shown, and how the data work."""

    def __init__(self, case, releases, gevoelig, rng):
        self.case, self.rng = case, rng
        self.having, self.inside = functools.cache(self.having), functools.cache(self.inside)
        self.cells = [(half, cell) for half, cells in enumerate(releases) for cell in cells]
        self.columns = sorted({column for _, cell in self.cells for column in cell["within"]})
        size = len(self.cells)
        self.gevoelig = [any(gevoelig[of] >= set(codes) for of, codes in cell["within"].items()) for _, cell in self.cells]
        everybody = numpy.array([self.counts(person) for person in case.persons])
        self.truth = numpy.array(list(case.persons.values())) @ everybody
        self.least, self.most = numpy.zeros(2 * size), numpy.full(2 * size, numpy.inf)
        self.targets, self.zeros, asked = [], numpy.zeros(2 * size, dtype=bool), numpy.zeros(2 * size, dtype=bool)
        for place, (_, cell) in enumerate(self.cells):
            persons, rows = place, size + place
            if cell["reason"] == "unsafe":
                self.least[persons], self.most[persons] = 0 if self.gevoelig[place] else 1, K - 1
                self.targets += [persons, rows] if cell["shows_rows"] else [persons]
            elif cell["reason"] or not cell["shows_persons"]:
                self.least[persons] = K
            if not cell["reason"]:
                shown = [at for at, name in [(persons, "persons"), (rows, "rows")] if cell[f"shows_{name}"]]
                self.least[shown] = self.most[shown] = self.truth[shown]
                if self.truth[persons] == 0:
                    self.least[persons], self.zeros[[persons, rows]] = 0, True
        asked[self.targets] = True
        self.kept = numpy.flatnonzero(((self.least > 0) | (self.most < numpy.inf) | asked) & ~self.zeros)
        self.least, self.most = self.least[self.kept], self.most[self.kept]
        self.targets = [int(numpy.searchsorted(self.kept, target)) for target in self.targets]
        self.true = self.truth[self.kept]
        self.known = [self.true]

    def having(self, half, column, member):
        """The cells in which a row with a member can be."""
        return numpy.array([half == of and member in cell["within"].get(column, [member]) for of, cell in self.cells])

    def inside(self, half, view, members):
        """The cells in which a row is."""
        within = numpy.array([half == of and cell["view"] == view for of, cell in self.cells])
        missing = set(self.columns) - {column for column, _ in members}
        for column, member in [*members, *((column, None) for column in missing)]:
            within &= self.having(half, column, member) if column in self.columns else True
        return within

    def counts(self, person):
        """The cells in which somebody is counted, and how many rows each counts."""
        rows = numpy.zeros(len(self.cells), dtype=int)
        for half in range(self.case.halves):
            for view, members in person.rows(half):
                rows += self.inside(half, view, tuple(pair for pair in members if pair[0] in self.columns))
        return numpy.concatenate([rows > 0, rows])

    def wrong(self):
        """Cells with counts that are not the true ones, or shown or hidden against the primary rules."""
        found = []
        for place, (_, cell) in enumerate(self.cells):
            persons, rows = self.truth[place], self.truth[len(self.cells) + place]
            is_unsafe = 1 <= persons < K
            allowed = {"unsafe"} if is_unsafe else {None, "unsafe"} if not persons and self.gevoelig[place] else {None}
            allowed |= {"secondary", "remainder", "interval"} if persons >= K else set()
            if (persons, rows) != (cell["persons"], cell["rows"]) or cell["reason"] not in allowed:
                found.append(f"{self.name(place)} has {persons} persons, {rows} rows: {cell}")
        return found

    def name(self, place):
        half, cell = self.cells[place % len(self.cells)]
        within = {column: "+".join(codes) for column, codes in cell["within"].items()}
        return f"{['persons', 'rows'][place // len(self.cells)]} of {HALVES[half]} {cell['view']} {within}"

    def members(self, column, twice=False):
        """Members of a column that can occur, one or two of those that all cells treat alike."""
        lists = [(half, cell, cell["within"][column]) for half, cell in self.cells if column in cell["within"]]
        codes = sorted({code for _, _, within in lists for code in within})
        alike = collections.defaultdict(list)
        for code in codes:
            margins = [cell for _, cell, within in lists if code in within and len(cell["within"]) == 1]
            if not margins or any(cell["reason"] or cell["persons"] for cell in margins):
                alike[tuple(code in within for _, _, within in lists)].append(code)
        return [code for same in alike.values() for code in same[: 2 if twice else 1]]

    @functools.cached_property
    def own(self):
        """What persons can be, apart from their trajecten."""
        ages = self.members("leeftijdsgroep") or AGES[:1]
        spread = [itertools.repeat(age, self.case.halves) for age in ages]
        older = [
            [first] * half + [AGES[AGES.index(first) + 1]] * (self.case.halves - half)
            for first in ages
            if first != AGES[-1] and AGES[AGES.index(first) + 1] in ages
            for half in range(1, self.case.halves)
        ]
        return list(itertools.product(self.members("geslacht") or ["M"], map(tuple, [*spread, *older])))

    @functools.cached_property
    def lives(self):
        """All trajecten there can be that are in no cell shown as zero."""
        last = self.case.halves
        verwijzers, herhaald = self.members("verwijzer") or ["01"], self.members("herhaald") or ["eerste"]
        redenen = [reden for reden in self.members("einde") if reden != "loopt_door"] or ["31"]
        found = []
        for categorie in self.members("categorie", twice=True) or ["45", "51"]:
            for begin, einde in itertools.product(range(-1, last), range(last + 1)):
                every = itertools.product(redenen[:1] if einde == last else redenen, verwijzers, herhaald)
                for reden, verwijzer, how in every if begin <= einde else []:
                    if begin >= 0 or how == herhaald[0]:
                        found.append(Traject(categorie, begin, einde, reden, verwijzer, how))
        return [life for life in found if any(self.possible(Person(*own, (life,))) for own in self.own)]

    def possible(self, person):
        return not self.counts(person)[self.zeros & ~self.of_stroom].any()

    @functools.cached_property
    def of_stroom(self):
        return numpy.array(["stroom" in cell["within"] for _, cell in self.cells] * 2)

    @functools.cached_property
    def changes(self):
        ways = self.members("aansluiting") if any(cell["view"] == "wisseling" for _, cell in self.cells) else []
        return list(itertools.product(range(self.case.halves), self.members("categorie"), ways))

    def neighbour(self, person):
        """Somebody like a person, with a traject or something else that differs."""
        geslacht, ages = person[:2] if self.rng.random() < 0.8 else self.rng.choice(self.own)
        trajecten, changes = list(person.trajecten), list(person.wisselingen)
        move = self.rng.random()
        if move < 0.7:
            self.rng.shuffle(trajecten)
            trajecten = trajecten[1:] if move > 0.35 else trajecten
            trajecten += [self.rng.choice(self.lives)] if move < 0.6 or not trajecten else []
        if self.changes and self.rng.random() < 0.5:
            self.rng.shuffle(changes)
            changes = changes[1:] if self.rng.random() < 0.5 else [*changes, self.rng.choice(self.changes)]
        return Person(geslacht, ages, tuple(sorted(trajecten)), tuple(sorted(changes)))

    def enlarge(self, size):
        """Chooses types: everybody there is, some that differ little from them, and others."""
        real, rng = list(self.case.persons), self.rng
        singles = [Person(*own, (life,)) for own in self.own for life in self.lives]
        types = dict.fromkeys([*real, *(singles if len(singles) < size else rng.sample(singles, size))])
        for _ in range(size if self.lives else 0):
            near = self.neighbour(rng.choice(real))
            pair = Person(*rng.choice(self.own), tuple(sorted(rng.choices(self.lives, k=rng.choice([2, 2, 3])))))
            types |= dict.fromkeys([near, self.neighbour(near), pair])
        counts = numpy.array([self.counts(person) for person in types if person.sound()])
        counts = counts[~counts[:, self.zeros].any(axis=1)][:, self.kept]
        self.types = numpy.unique(counts, axis=0).T
        _, first, same = numpy.unique(self.types, axis=0, return_index=True, return_inverse=True)
        self.rows, self.row_of = csr_array(self.types[first].astype(float)), same.ravel()

    def bounds(self, target=None, value=None):
        least, most = self.least.copy(), self.most.copy()
        if target is not None:
            least[target] = most[target] = value
        tightest = numpy.zeros(self.rows.shape[0]), numpy.full(self.rows.shape[0], numpy.inf)
        numpy.maximum.at(tightest[0], self.row_of, least)
        numpy.minimum.at(tightest[1], self.row_of, most)
        return least, most, LinearConstraint(self.rows, *tightest)

    def range(self, target, presolve):
        """The values that linear programming does not rule out, the nearest to the truth first."""
        true, most = int(self.true[target]), int(min(self.most[target], self.true[target] + 2 * VALUES))
        ends = [int(self.least[target]), most]
        for end, sign in enumerate([1, -1]):
            options = {"presolve": presolve}
            answer = milp(sign * self.types[target], bounds=Bounds(0, numpy.inf), constraints=self.bounds()[2], options=options)
            if answer.success:
                ends[end] = sign * int(numpy.ceil(answer.fun - 1e-6))
        return sorted(range(max(ends[0], true - 2 * VALUES), min(ends[1], most) + 1), key=lambda value: abs(value - true))

    def ask(self, seconds, presolve=True, target=None, value=None):
        """Notes the counts of a database, in which a cell has a value, if there is one; whether that is certain."""
        least, most, system = self.bounds(target, value)
        if numpy.any(least > most):
            return True
        towards = numpy.zeros(len(self.true))
        towards[self.targets] = [self.rng.choice([-1, 0, 1]) if presolve else 0 for _ in self.targets]
        towards[self.most == numpy.inf] = 0
        answer = milp(
            towards @ self.types,
            integrality=numpy.ones(self.types.shape[1]),
            bounds=Bounds(0, numpy.inf),
            constraints=system,
            options={"presolve": presolve, "time_limit": seconds, "mip_rel_gap": 0.5},
        )
        if answer.x is None:
            return answer.status == INFEASIBLE
        persons = numpy.rint(answer.x).astype(int)
        counts = self.types @ persons
        if numpy.all(persons >= 0) and numpy.all((counts >= least) & (counts <= most)):
            self.known.append(counts)
            return True
        return False

    def values(self, target):
        return {int(counts[target]) for counts in self.known}

    def narrow(self):
        """What keeps too few values, each with these values."""
        left = self.targets
        for step, (size, seconds) in enumerate(zip(FAMILIES, SECONDS_OF_SOLVE)):
            if left:
                self.enlarge(size)
                for _ in range(4):
                    self.ask(seconds)
            certain = step == len(FAMILIES) - 1
            for target in left:
                if len(self.values(target)) < VALUES:
                    self.widen(target, seconds, certain)
            left = [target for target in left if len(self.values(target)) < VALUES]
        return [(self.name(self.kept[target]), sorted(self.values(target)), int(self.true[target])) for target in left]

    def widen(self, target, seconds, certain):
        """Looks for databases in which a cell has another value."""
        tries = self.range(target, presolve=not certain)
        if len(tries) < VALUES and not certain:
            return
        for value, presolve in [(value, True) for value in tries] + [(value, False) for value in tries if certain]:
            if value not in self.values(target) and len(self.values(target)) < VALUES:
                if not self.ask(seconds, presolve, target, value) and not presolve:
                    raise Undecided(f"whether {self.name(self.kept[target])} can be {value}")


def random_person(rng, palette, halves):
    """Somebody with trajecten of a few categorieen, who comes and leaves about as often as the half-years have it."""
    while True:
        trajecten = []
        for _ in range(rng.choices([1, 2, 3], palette["several"])[0]):
            begin = -1 if rng.random() < palette["before"] else rng.randrange(halves)
            einde = next((half for half in range(max(begin, 0), halves) if rng.random() < palette["leaves"][half]), halves)
            reden, verwijzer = rng.choice(palette["redenen"]), rng.choice(palette["verwijzers"])
            life = Traject(rng.choice(palette["categorie"]), begin, einde, reden, verwijzer, rng.choice(palette["herhaald"]))
            trajecten.append(life)
        used = [(half, t.categorie) for t in trajecten for half in range(max(t.begin, 0), min(t.einde, halves - 1) + 1)]
        changes = [(*rng.choice(used), rng.choice(["aansluitend", "overlappend"]))] if rng.random() < palette["changes"] else []
        age = rng.choices(AGES, [1, 5, 5, 1])[0]
        older = AGES[min(AGES.index(age) + 1, 3)]
        birthday = rng.choice([halves, halves, rng.randrange(halves)])
        ages = tuple(age if half <= birthday else older for half in range(halves))
        person = Person(rng.choices("MV", palette["geslacht"])[0], ages, tuple(sorted(trajecten)), tuple(changes))
        if person.sound():
            return person


def random_case(rng):
    """A small gemeente: groups of persons that are alike, of sizes around the threshold, and some persons by themselves."""
    halves = rng.choices([2, 3, 4], [5, 3, 1])[0]
    pool = ["45"] * 4 + ["51", "52", "54", "41", "42", "43", "48", "46", "50", "53", "55", "37"]
    palette = {
        "categorie": rng.choices(pool, k=rng.choice([2, 3, 4])),
        "several": rng.choice([[1, 0, 0], [8, 2, 0], [5, 3, 2], [1, 5, 2]]),
        "before": rng.choice([0.1, 0.5, 0.9, 1]),
        "leaves": [rng.choice([0, 0.05, 0.3, 0.6, 1]) for _ in range(halves)],
        "redenen": rng.sample(["31", "31", "32", "34", "38", "02"], rng.choice([1, 2, 3])),
        "verwijzers": rng.sample(["01", "02", "04"], rng.choice([1, 2, 3])),
        "herhaald": rng.sample(["eerste", "aansluitend", "later"], rng.choice([1, 2, 3])),
        "geslacht": rng.choice([[1, 0], [9, 1], [1, 1]]),
        "changes": 0,
    }
    weights = {"groep": 0, "herhaald": 1, "wisseling": 1, "groep-leeftijd": 1, "groep-verwijzer": 1, "categorie": 2}
    cubes = {rng.choices(list(CUBES), [weights.get(name, 3) for name in CUBES])[0] for _ in range(rng.choice([2, 2, 3, 4]))}
    palette["changes"] = 0.3 if "wisseling" in cubes else 0
    persons, most = collections.Counter(), rng.choice([15, 25, 40, 60, 80, 120])
    sizes = rng.choice([[1, 2, 3], [1, 4, 9, 10, 11], [8, 9, 10, 11, 12], [1, 1, 2, 9, 40], [3, 7, 12, 20, 33]])
    while persons.total() < most:
        persons[random_person(rng, palette, halves)] += rng.choice(sizes)
    return Case(sorted(cubes), halves, dict(persons))


class Break(NamedTuple):
    """A subtraction: counts by half-year, members and measure, of which readers may not have all that are in `needed`."""

    name: str
    case: Case
    counts: dict
    needed: list


def known_breaks():
    """Subtractions that give a small number away where cells are hidden one by one."""

    def person(*lives, halves=1, geslacht="M"):
        return Person(geslacht, ("4-11",) * halves, tuple(sorted(Traject(*life) for life in lives)))

    def at(half=0, **within):
        return half, tuple(sorted((column, tuple(str(codes).split("+"))) for column, codes in within.items()))

    def persons(*place):
        return "persons", *place

    def rows(*place):
        return "rows", *place

    def stroom(name, half=0):
        return persons(*at(half, stroom=name))

    ggz = "51+52+54"
    lives = {
        person(("45", -1, 2), halves=2): 28,
        person(("45", 0, 2), halves=2): 12,
        person(("45", -1, 1), halves=2): 5,
        person(("45", 1, 2), halves=2): 14,
    }
    counts = {stroom("doorlopend"): 33, stroom("instroom"): 12, stroom("doorlopend", 1): 40, stroom("uitstroom", 1): 5}
    yield Break("33 + 12 - 40 = 5 left", Case(["stroom"], 2, lives), counts, list(counts)[:3])

    lives = {person(("45", -1, 1)): 5, person(("45", -1, 1), ("51", -1, 1)): 5, person(("51", -1, 1)): 7}
    counts = {persons(*at()): 17, persons(*at(categorie="45")): 10, persons(*at(categorie=ggz)): 12}
    yield Break("17 - 10 = 7 without ambulant", Case(["groep"], 1, lives), counts, list(counts)[:2])

    lives = {
        person(("45", -1, 1)): 10,
        person(("45", -1, 1), ("51", -1, 1)): 10,
        person(("51", -1, 1), ("43", -1, 1)): 4,
        person(("45", -1, 1), geslacht="V"): 30,
        person(("51", -1, 1), geslacht="V"): 20,
        person(("43", -1, 1), geslacht="V"): 15,
    }
    boys = [persons(*at(geslacht="M", **within)) for within in [{}, {"categorie": "45"}, {"categorie": ggz}, {"categorie": "43+44"}]]
    counts = dict(zip(boys, [24, 20, 14, 4]))
    yield Break("24 boys, 20 and 14 leave 4", Case(["groep-geslacht"], 1, lives), counts, boys[:2])

    how = {"eerste": 40, "aansluitend": 12, "later": 7}
    lives = {person((categorie, 0, 1, "31", "01", name)): number for categorie, (name, number) in zip(["45"] * 3, how.items())}
    lives |= {person(("45", -1, 1)): 30}
    counts = {rows(*at(begin="gestart")): 59}
    counts |= {rows(*at(begin="gestart", herhaald=name)): number for name, number in how.items()}
    yield Break("59 - 40 - 12 = 7 across views", Case(["herhaald", "verloop"], 1, lives), counts, list(counts)[:3])

    lives = {person(("45", -1, 1)): 60, person(("51", -1, 1)): 20, person(("52", -1, 1)): 5}
    counts = {persons(*at()): 85, persons(*at(categorie="45")): 60, persons(*at(categorie="51")): 20}
    counts |= {persons(*at(categorie="52")): 5}
    yield Break("85 - 60 - 20 = 5 beside a leaf", Case(["categorie", "groep-geslacht"], 1, lives), counts, list(counts)[:3])

    lives = {person(("45", -1, 1)): 45, person(("45", 0, 1)): 7, person(("45", -1, 0)): 12, person(("45", 0, 0)): 10}
    counts = {rows(*at(einde="loopt_door")): 52, stroom("doorlopend"): 45, stroom("instroom"): 7}
    yield Break("52 trajecten - 45 persons = 7", Case(["groep", "stroom", "verloop"], 1, lives), counts, list(counts)[:2])


def missed(known, releases):
    """What is not as a subtraction has it, or a subtraction that readers can make."""
    cells = {
        (measure, half, tuple(sorted((column, tuple(codes)) for column, codes in cell["within"].items()))): cell
        for half, release in enumerate(releases)
        for cell in release
        for measure in ["persons", "rows"]
        if cell["view"] == "jeugdhulp" and cell[f"shows_{measure}"]
    }
    found = [f"{key} is not {count}" for key, count in known.counts.items() if cells[key][key[0]] != count]
    if not any(cells[key]["reason"] for key in known.needed):
        found.append(f"{known.name}: everything that it needs is shown")
    return found


def sensitive_members(catalogus):
    """The gevoelige members of each column."""
    views = tomllib.loads(pathlib.Path(catalogus, "weergaven.toml").read_text(encoding="utf-8"))["weergave"]
    found = collections.defaultdict(set)
    for column in [column for view in views for column in view["kolom"]]:
        found[column["naam"]] |= {member["code"] for member in column.get("leden", []) if member.get("gevoelig")}
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--geef-uit", required=True, help="the program to judge")
    parser.add_argument("--catalogus", required=True, help="the folder of the catalogue whose views and members count")
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--cases", type=int, required=True)
    parser.add_argument("--only", type=int, help="judge one case of the series, besides the known breaks")
    args = parser.parse_args()
    gevoelig = sensitive_members(args.catalogus)
    started, total, refusals = time.monotonic(), collections.Counter(), collections.Counter()
    numbers = range(args.cases) if args.only is None else [args.only]
    drawn = ((number, random_case(random.Random(f"{args.seed} {number}"))) for number in numbers)
    for which, case in itertools.chain(((known, known.case) for known in known_breaks()), drawn):
        known = which if isinstance(which, Break) else None
        found, releases, asked = [], [], time.monotonic()
        try:
            outcome = case.released(args.geef_uit, args.catalogus)
            total["milliseconds of the program"] += round(1000 * (time.monotonic() - asked))
            releases = outcome.get("releases", [])
            if releases:
                reader = Reader(case, releases, gevoelig, random.Random(f"{args.seed} {which}"))
                found = reader.wrong() + (missed(known, releases) if known else [])
                found += [] if found else [f"{name} keeps only {left} ({true} is true)" for name, left, true in reader.narrow()]
                total += collections.Counter(judged=len(reader.targets), hidden=sum(bool(c["reason"]) for _, c in reader.cells))
            else:
                refusals[outcome["refused"]] += 1
                found = [f"refused: {outcome['refused']}"] if known else []
        except Undecided as undecided:
            found = [f"undecided {undecided}"]
        except (RuntimeError, ValueError, KeyError, subprocess.TimeoutExpired) as error:
            found = [f"the program failed: {error!r}"]
        total += collections.Counter(cases=1, halves=case.halves, cells=sum(map(len, releases)), wrong=bool(found))
        if found:
            print(f"VIOLATION in {known.name if known else f'--seed {args.seed} --cases 1 --only {which}'}", *found, sep="\n  ")
            print(f"  cubes: {case.cubes}, {case.halves} half-years", flush=True)
            print(*(f"  {number} x {tuple(person)}" for person, number in case.persons.items()), sep="\n", flush=True)
    for reason, times in refusals.items():
        print(f"{times} refused: {reason}")
    print(f"{total['cases']} cases of {total['halves']} half-years, {refusals.total()} refused, {total['cells']} cells")
    print(f"{total['hidden']} hidden, {total['judged']} figures judged; {total['wrong']} cases with violations")
    took, by_program = time.monotonic() - started, total["milliseconds of the program"] / 1000
    print(f"{took:.0f} seconds, {by_program:.0f} of them by the program")
    return 1 if total["wrong"] or not total["cells"] else 0


if __name__ == "__main__":
    sys.exit(main())

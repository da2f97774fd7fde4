"""A reader of releases who knows everything that is shown and how the data work, and rules out what no database has.

Guarantees, to whom trusts the oracle of releases, that a value which this reader still holds possible is the value of
a database of persons that agrees with every shown count, with the status of every cell, and with how trajecten live
on: the database was checked in integers. The unknowns are the numbers of persons of each type: a geslacht and age in
each half-year, trajecten with the half-years in which they begin and end, and changes of aanbieder. Types are drawn
near those there are, in one gemeente or in several that become one; where a cell seems to keep too few values, more
are made for that cell (`bound`): the duals of a linear program price a type, and those that would help are added
until none is found. What is not proved is the other side: that a value for which no database was found has none.
"""

import collections
import functools
import itertools

import numpy
from release_oracle_lives import AGES, DETAILS, DUREN, UNKNOWN, USUAL, Person, Traject, Wisseling
from scipy.optimize import Bounds, LinearConstraint, linprog, milp
from scipy.sparse import csr_array

# Verwijzer, duur and wachttijd that definitions ask for where no table tells them apart.
OTHERS = (), DUREN[:1], ("onbekend",)
VALUES, LIVES, TRIES, ROUNDS, INFEASIBLE = 4, 3000, 10, 15, 2
# How many types to draw, the seconds of a solve, whether more are made for a cell, and whether records may come late
# and ages, verwijzers and geslacht change at will: what is impossible only where they do not is possible.
STEPS = [(500, 3, False, False), (2000, 10, False, False), (2000, 20, True, True), (3000, 20, True, True)]


class Reader:
    """Counts are of persons in each cell, then of rows. `unseen` are cells that this reader has no release of."""

    def __init__(self, releases, case, status, rng, unseen=frozenset()):
        self.case, self.rng, self.loose, self.definitions = case, rng, False, case.definitions()
        # For each half-year the releases of it, with whose they are.
        self.of_half = collections.defaultdict(dict)
        for number, uitgave in enumerate(case.uitgaven):
            self.of_half[uitgave.half][uitgave.gemeente] = number
        self.halves = max(self.of_half) + 1
        self.gemeenten = sorted({of for _, of in case.uitgaven if of is not None}) or [0]
        self.having, self.inside = functools.cache(self.having), functools.cache(self.inside)
        self.cells = [(number, cell) for number, cells in enumerate(releases) for cell in cells]
        self.columns = sorted({"einde"}.union(*(cell["within"] for _, cell in self.cells)))
        size = len(self.cells)
        self.truth = sum((many * self.counts(person) for person, many in case.persons.items()), numpy.zeros(2 * size))
        least, most = numpy.zeros(2 * size), numpy.full(2 * size, numpy.inf)
        targets, self.zeros = [], numpy.zeros(2 * size, dtype=bool)
        for persons, (_, cell) in enumerate(self.cells):
            shown = [at for at, name in [(persons, "persons"), (size + persons, "rows")] if cell[f"shows_{name}"]]
            if cell["reason"] in ["unsafe", "insider"]:
                targets += sorted({persons, *shown})
            if persons in unseen:
                continue
            k = status.k(persons)
            if cell["reason"] == "unsafe":
                nobody = status.gevoelig(persons) or not self.truth[persons]
                least[persons], most[persons] = 0 if nobody else 1, k - 1
            else:
                least[persons] = k
            if not cell["reason"]:
                least[persons] = k if self.truth[persons] else 0
                least[shown] = most[shown] = self.truth[shown]
                self.zeros[[persons, size + persons]] = self.truth[persons] == 0
        self.of_stroom = numpy.array(["stroom" in cell["within"] for _, cell in self.cells] * 2)
        bound = (least > 0) | (most < numpy.inf) | numpy.isin(numpy.arange(2 * size), targets)
        self.kept = numpy.flatnonzero(bound & ~self.zeros)
        self.least, self.most, self.true = least[self.kept], most[self.kept], self.truth[self.kept]
        self.targets, self.known = numpy.searchsorted(self.kept, targets).tolist(), [self.true]

    def having(self, number, column, member):
        """The cells in which a row with a member can be."""
        within = (({"weergave": [cell["view"]]} | cell["within"]).get(column, [member]) for _, cell in self.cells)
        return numpy.array([number == of and member in codes for (of, _), codes in zip(self.cells, within)])

    def inside(self, number, members):
        """The cells of a release in which a row is."""
        return functools.reduce(numpy.logical_and, [self.having(number, *of) for of in zip(self.asked(), members)])

    def asked(self):
        return ["weergave", *self.columns]

    def counts(self, person):
        """Whether somebody is counted in each cell, and with how many rows."""
        rows = numpy.zeros(len(self.cells), dtype=numpy.int32)
        for number, uitgave in enumerate(self.case.uitgaven):
            for members in person.rows(uitgave):
                rows += self.inside(number, tuple(members.get(column) for column in self.asked()))
        return numpy.concatenate([rows > 0, rows])

    def name(self, place):
        number, cell = self.cells[place % len(self.cells)]
        within = {column: "+".join(codes) for column, codes in cell["within"].items()}
        of = f"{cell['view']} {self.case.uitgaven[number].text()} {within}"
        return f"{['persons', 'rows'][place // len(self.cells)]} of {of}"

    def members(self, column, default, each=1, view="jeugdhulp"):
        """Members of a column of a view that can occur: so many of those that all cells and definitions treat alike."""
        lists = [cell["within"][column] for _, cell in self.cells if column in cell["within"]]
        alike = collections.defaultdict(list)
        for code in sorted({code for within in lists for code in within}):
            # In each release a shown zero of the members and nothing else: nobody can have it.
            of_code = [(of, cell) for of, cell in self.cells if code in cell["within"].get(column, [])]
            margins = [(of, cell) for of, cell in of_code if cell["view"] == view and len(cell["within"]) == 1]
            never = {of for of, cell in margins if not cell["reason"] and not cell["persons"]}
            if len(never) < len(self.case.uitgaven):
                told = tuple(code in within for within in lists)
                alike[self.definitions.sort(column, code), told].append(code)
        return [code for same in alike.values() for code in same[:each]] or default

    def prepare(self):
        """What persons can be apart from their trajecten, and trajecten they can have."""
        halves, codes, rng = self.halves, self.members, self.rng
        sexes = [path for path in itertools.product(codes("geslacht", ["M"]), repeat=halves)]
        sexes = sexes if self.loose else [path for path in sexes if len(set(path)) == 1]
        aging = list(itertools.product(codes("leeftijdsgroep", AGES[1:2]), repeat=halves))
        aging = aging if self.loose else [ages for ages in aging if sorted(ages, key=AGES.index) == list(ages)]
        some = [rng.sample(of, min(60, len(of))) for of in (sexes, aging)]
        owns = [tuple(zip(*of)) for of in itertools.product(*some)]
        names = ("geslacht", "leeftijdsgroep")
        can = [all(self.somewhere(half, dict(zip(names, of))) for half, of in enumerate(own)) for own in owns]
        self.owns = [own for own, passed in zip(owns, can) if passed] or [person.own for person in self.case.persons]
        self.redenen = [reden for reden in codes("einde", []) if reden != "loopt_door"] or ["31"]
        self.herhaald, self.hulpvormen = codes("herhaald", ["eerste", "aansluitend"]), codes("hulpvorm", ["onbekend", "02"])
        # Somebody can have three of a group at once.
        self.categories = codes("categorie", ["45", "51"], 3 if self.loose else 2)
        self.codes = [codes(column, sorted({usual, *more})) for column, usual, more in zip(DETAILS, USUAL, OTHERS)]
        # Of a change it is known how it joins.
        usual = [("aansluiting", "aansluitend"), ("reden", "anders")]
        how = [codes(column, [code], view="wisseling") for column, code in usual]
        self.how = list(itertools.product(*how))
        self.wisselt = any(cell["view"] == "wisseling" for _, cell in self.cells)
        spans = [(begin, einde) for begin in range(-1, halves) for einde in range(max(begin, 0), halves + 1)]
        lists = self.redenen, self.herhaald, self.hulpvormen, [()], self.gemeenten
        kinds = list(itertools.product(self.categories, spans, *lists))
        bare = {Traject(of, *span, *rest) for of, span, *rest in rng.sample(kinds, min(2 * LIVES, len(kinds)))}
        made = (self.detailed(traject) for traject in sorted(bare) for _ in range(max(1, LIVES // len(bare))))
        self.lives = sorted({traject for traject in made if traject})
        self.lives = rng.sample(self.lives, min(LIVES, len(self.lives)))

    def number(self, half, gemeente):
        """The release in which something counts; none if there is none."""
        return self.of_half[half].get(None, self.of_half[half].get(gemeente))

    def somewhere(self, half, members):
        """Whether there can be a row with some members in a gemeente."""
        return not self.of_half[half] or any(self.possible(number, members) for number in self.of_half[half].values())

    def possible(self, number, members):
        """Whether there can be a row with some members, by the shown zeros."""
        if number is None:
            return True
        members = {"weergave": "jeugdhulp"} | members
        inside = self.inside(number, tuple(members.get(column) for column in self.asked()))
        return not (inside & self.zeros[: len(self.cells)]).any()

    def detailed(self, traject, known=None):
        """A traject with a verwijzer, duur and wachttijd in each of its half-years, of those that can be, as known or
        drawn; none if there are none."""
        begin, einde = traject.begin, traject.einde
        traject = traject if begin >= 0 else traject._replace(herhaald="eerste")
        traject = traject if einde < self.halves else traject._replace(reden="31")
        traject = traject._replace(hulpvorm=self.definitions.kind(traject.categorie, traject.hulpvorm))
        # Nothing is missing of the first half-year, nor, as far as one knows, in that in which it became known.
        first = all(self.number(half, traject.gemeente) is None for half in range(einde))
        if traject.reden == "vervallen" and (first or einde == begin and not self.loose):
            return None
        path, (verwijzer, _, wachttijd) = [], map(self.rng.choice, self.codes)
        for half in range(max(begin, 0), min(einde, self.halves - 1) + 1):
            natural = [duur for duur in self.codes[1] if duur in DUREN and self.lasts(duur, half, begin, einde, path)]
            drawn = [tuple(map(self.rng.choice, self.codes)) for _ in range(12)]
            lasting = [(verwijzer, duur, wachttijd) for duur in self.rng.sample(natural, len(natural)) or self.codes[1]]
            # Of a record that is gone nothing is known but its kind.
            gone = [UNKNOWN] if half == einde and traject.reden == "vervallen" else []
            tries = gone or [*([known[half]] if known and half in known else []), *(drawn if self.loose else lasting)]
            number, allows = self.number(half, traject.gemeente), self.definitions.allows_details
            tries = [one for one in tries if allows(traject, half, one)] or self.allowed(traject, half)
            some = (one for one in tries if self.possible(number, traject._replace(details=(*path, one)).members(half)))
            if (one := next(some, None)) is None:
                return None
            path.append(one)
        return traject._replace(details=tuple(path))

    def allowed(self, traject, half):
        """Details that go with a half-year of a traject."""
        found = [one for one in itertools.product(*self.codes) if self.definitions.allows_details(traject, half, one)]
        return self.rng.sample(found, min(len(found), 12))

    @staticmethod
    def lasts(duur, half, begin, einde, path):
        """Whether a traject that became known in time can be so long in a half-year."""
        place = DUREN.index(duur)
        before = DUREN.index(path[-1][1]) if path and path[-1][1] in DUREN else 0
        return place < 2 if half == begin else place >= max(before, 2 if half < einde else 0)

    def varied(self, traject):
        """A traject that differs in one thing from another, if that can be."""
        rng, halves = self.rng, self.halves
        known = {max(traject.begin, 0) + place: detail for place, detail in enumerate(traject.details)}
        columns = ["categorie", "begin", "einde", "reden", "herhaald", "hulpvorm", "gemeente", "details"]
        column = rng.choice([of for of in columns if of != "gemeente" or len(self.gemeenten) > 1])
        if column == "details":
            known.pop(rng.choice(list(known) or [0]), None)
            return self.detailed(traject, known) or traject
        lists = self.categories, range(-1, halves), range(halves + 1), self.redenen, self.herhaald, self.hulpvormen
        lists = *lists, self.gemeenten
        other = traject._replace(**{column: rng.choice(lists[columns.index(column)])})
        return (self.detailed(other, known) if other.einde >= max(other.begin, 0) else None) or traject

    def neighbour(self, person):
        """Somebody like a person, with a traject more, less or other, or something else."""
        rng = self.rng
        own = person.own if rng.random() < 0.8 else rng.choice(self.owns)
        trajecten, move = rng.sample(person.trajecten, len(person.trajecten)), rng.random()
        if move < 0.4 and trajecten:
            trajecten[0] = self.varied(trajecten[0])
        elif move < 0.45:
            trajecten = self.joined(trajecten)
        elif move < 0.7 and len(trajecten) > 1:
            trajecten = trajecten[1:]
        elif move < 0.9:
            trajecten += [rng.choice(self.lives)]
        wisselingen = list(person.wisselingen)
        if self.wisselt and rng.random() < 0.5:
            wisselingen = wisselingen[1:] if rng.random() < 0.5 else [*wisselingen, self.change(rng.choice(trajecten))]
        return Person(own, tuple(sorted(trajecten)), tuple(sorted(wisselingen)))

    def joined(self, trajecten):
        """With two trajecten of one kind as one, if there are."""
        pairs = itertools.permutations(trajecten, 2)
        alike = [(a, b) for a, b in pairs if a.kind() == b.kind() and a.gemeente == b.gemeente and a.begin <= b.begin]
        if not alike:
            return trajecten
        one, other = self.rng.choice(alike)
        whole = self.detailed(one._replace(einde=other.einde, reden=other.reden))
        return [of for of in trajecten if of not in (one, other)] + [whole] if whole else trajecten

    def somebody(self, trajecten):
        """Anybody with some trajecten, and often a wisseling of one."""
        changes = [self.change(self.rng.choice(trajecten))] if self.wisselt and self.rng.random() < 0.7 else []
        return Person(self.rng.choice(self.owns), tuple(sorted(trajecten)), tuple(changes))

    def change(self, traject):
        """A wisseling of somebody with a traject."""
        half = self.rng.randrange(max(traject.begin, 0), min(traject.einde, self.halves - 1) + 1)
        return Wisseling(half, *traject.kind(), *self.rng.choice(self.how), traject.gemeente)

    def enlarge(self, size):
        """Chooses types: everybody there is, some that differ little from them, and others."""
        self.prepare()
        real, rng, types = list(self.case.persons), self.rng, dict.fromkeys(self.case.persons)
        if self.lives and len(self.owns) * len(self.lives) <= size:
            types |= dict.fromkeys(Person(own, (life,)) for own in self.owns for life in self.lives)
        for _ in range(size if self.lives else 0):
            near, several = self.neighbour(rng.choice(real)), rng.choices(self.lives, k=rng.choice([1, 2, 2, 3]))
            types |= dict.fromkeys([near, self.neighbour(near), self.somebody(several)])
        kept = [person for person in types if person in self.case.persons or person.sound(self.definitions, self.loose)]
        self.people, self.types = [], numpy.zeros((len(self.kept), 0))
        self.add(kept)

    def add(self, people):
        """Takes types in, one of those that count alike. How many were new."""
        counts = numpy.array([self.counts(person) for person in people])
        possible = ~counts[:, self.zeros].any(axis=1)
        people = [person for person, can in zip(people, possible) if can] + self.people
        types = numpy.concatenate([counts[possible][:, self.kept].T, self.types], axis=1)
        _, first = numpy.unique(types, axis=1, return_index=True)
        before = len(self.people)
        self.people, self.types = [people[place] for place in first], types[:, first]
        rows, row_of = numpy.unique(self.types, axis=0, return_inverse=True)
        self.rows, self.row_of = csr_array(rows.astype(float)), row_of.ravel()
        return len(self.people) - before

    def ask(self, towards, at=None, value=None, **options):
        """Notes the counts of a database, if there is one with a value; the status of the search."""
        least, most = self.least.copy(), self.most.copy()
        if at is not None:
            least[at] = most[at] = value
        ends = numpy.zeros(self.rows.shape[0]), numpy.full(self.rows.shape[0], numpy.inf)
        numpy.maximum.at(ends[0], self.row_of, least)
        numpy.minimum.at(ends[1], self.row_of, most)
        if numpy.any(ends[0] > ends[1]):
            return INFEASIBLE
        whole, system = numpy.ones(self.types.shape[1]), LinearConstraint(self.rows, *ends)
        of = {"integrality": whole, "bounds": Bounds(0, numpy.inf), "constraints": system}
        answer = milp(towards @ self.types, **of, options=options)
        if answer.x is not None:
            persons = numpy.rint(answer.x).astype(int)
            counts = self.types @ persons
            if numpy.all(persons >= 0) and numpy.all((counts >= least) & (counts <= most)):
                self.known.append(counts)
        return answer.status

    def any(self, seconds, **of):
        """Asks for a database, whatever its other counts, and looks elsewhere each time."""
        towards, lacking = numpy.zeros(len(self.true)), self.lacking(self.targets)
        towards[lacking] = self.rng.choices([-1, 0, 1], k=len(lacking))
        towards[(self.most == numpy.inf) & (towards < 0)] = 0
        return self.ask(towards, time_limit=seconds, mip_rel_gap=0.5, **of)

    def lacking(self, targets):
        """Those that keep too few values so far."""
        return [target for target in targets if len(self.values(target)) < VALUES]

    def values(self, target):
        return sorted({int(counts[target]) for counts in self.known})

    def bound(self, sign, at, rounds, reach):
        """The least or most that a cell can have with these types, in fractions; with more types for some rounds, while
        that helps and it is nearer to the truth than `reach`. None if it is not known."""
        exact = self.least == self.most
        upper, lower = ~exact & (self.most < numpy.inf), ~exact & (self.least > 0)
        least, most = max(self.least[at], self.true[at] - reach), min(self.most[at], self.true[at] + reach)
        far = least if sign > 0 else -most
        for _ in range(rounds):
            of = csr_array(self.types.astype(float))
            limits = numpy.concatenate([self.most[upper], -self.least[lower]])
            within = {"A_eq": of[numpy.flatnonzero(exact)], "b_eq": self.least[exact]} if exact.any() else {}
            if limits.size:
                rows = [of[numpy.flatnonzero(upper)].toarray(), -of[numpy.flatnonzero(lower)].toarray()]
                within |= {"A_ub": csr_array(numpy.concatenate(rows)), "b_ub": limits}
            answer = linprog(sign * self.types[at], **within, method="highs")
            if answer.status:
                return None
            price = numpy.zeros(len(self.true))
            price[at] = sign
            if exact.any():
                price[exact] -= answer.eqlin.marginals
            if limits.size:
                price[upper] -= answer.ineqlin.marginals[: upper.sum()]
                price[lower] += answer.ineqlin.marginals[upper.sum() :]
            used = numpy.flatnonzero(answer.x > 1e-9)
            # What is drawn by chance is drawn again before it counts as not there.
            done = answer.fun <= far or rounds == 1 or not self.lives
            if done or not any(self.make(price, used) for _ in range(3)):
                return sign * answer.fun
        return None

    def make(self, price, used):
        """Adds types that a price is below nothing for, from those in use and others on. How many."""
        found, worth = set(), functools.cache(lambda person: self.worth(person, price))
        starts = [self.people[place] for place in self.rng.sample(list(used), min(20, len(used)))]
        starts += self.rng.choices(self.people, k=10) + self.rng.choices(list(self.case.persons), k=10)
        starts += sorted((self.somebody([life]) for life in self.rng.choices(self.lives, k=500)), key=worth)[:20]
        found |= {person for person in starts if worth(person) < -1e-6}
        for person in starts:
            best = 1e9
            for _ in range(12):
                near = [self.neighbour(person) for _ in range(15)]
                near = [(worth(one), one) for one in near if one.sound(self.definitions, self.loose)]
                if not near or (least := min(near))[0] >= best:
                    break
                best, person = least
                found |= {one for value, one in near if value < -1e-6}
        return self.add(sorted(found, key=worth)[:80]) if found else 0

    def worth(self, person, price):
        counts = self.counts(person)
        return 1e9 if counts[self.zeros].any() else float(counts[self.kept] @ price)

    def narrow(self):
        """What keeps too few values, the true one, and the values."""
        left = self.targets
        for size, seconds, makes, self.loose in STEPS:
            if left:
                self.enlarge(size)
                _ = [self.any(seconds) for _ in range(TRIES) if self.lacking(left)]
            for target in left:
                self.widen(target, seconds, makes)
            left = self.lacking(left)
        return [(self.name(self.kept[at]), int(self.true[at]), self.values(at)) for at in left]

    def widen(self, at, seconds, makes):
        """Looks for databases in which a cell has another value, nearest to the truth first."""
        true = int(self.true[at])
        # With more types than the bounds need there may be whole numbers where there were fractions only.
        for reach in [VALUES, numpy.inf] if makes else [VALUES]:
            if len(self.values(at)) >= VALUES:
                return
            low, high = (self.bound(sign, at, ROUNDS if makes else 1, reach) for sign in [1, -1])
            low = max(true - 2 * VALUES, int(self.least[at] if low is None else numpy.ceil(low - 1e-6)))
            high = int(min(self.most[at], true + 2 * VALUES, numpy.inf if high is None else numpy.floor(high + 1e-6)))
            tries = sorted(range(low, high + 1), key=lambda value: abs(value - true))
            for presolve, value in itertools.product([True, False] if makes else [True], tries):
                known = self.values(at)
                if value not in known and VALUES > len(known) and (makes or len(tries) >= VALUES):
                    self.any(seconds, at=at, value=value, presolve=presolve)

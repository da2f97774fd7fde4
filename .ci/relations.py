"""Looks for relations between figures that hold of every child and that the product does not declare (rule R12).

Guarantees, to whom trusts the audit of a release, that for the tables tried it knows all that readers can: of random
cubes and random kinds of help, one half-year or two in a row, every figure that agrees with everything declared is a
sum of lives. The declared relations make a cone, and so do the counts of lives (`relations_lives.py`). A linear program
goes to a corner of the first; another separates it from the second; and lives are made, by what the separation asks for
them, until one crosses it or none is found. What is left then is a relation that holds and is not declared.

Left out on purpose: what takes more than two of something at once to say, of which less is declared; that who is in
several cells, which are not all of a line of few, has as many rows outside a given cell or is in that (both counted,
and said); and what follows from a geslacht or age that stays, which can be corrected between half-years. What no life that
was made crosses may have one all the same, which the printed relation shows: look at it before you call it one. Needs
numpy and scipy.

    python3 .ci/relations.py --verbanden PATH --catalogus DIR --seed S --tables N [--only I]
"""

import argparse
import collections
import json
import pathlib
import random
import subprocess
import sys
import tempfile
import time

# Leaves nothing compiled beside the sources.
sys.dont_write_bytecode = True

import numpy
from relations_lives import Lives
from release_oracle_catalogue import Catalogue
from scipy.optimize import linprog
from scipy.sparse import csr_array

# How many times a figure may count in a relation that has to be declared, the most cells of the half-years, corners of
# a table that are looked at, and rounds of a search from a corner.
TIMES, CELLS, CORNERS, ROUNDS = 2, 900, 12, 40
# The most parts of one line that the product holds others against, as it says.
FEW, SMALL = 3, 1e-6
# How many lives a search for one that crosses a relation goes out from, the first time and after that.
EFFORTS = 6, 40, 150


def declared(lines, has_rows, present, ties):
    """What the product says of a half-year: equations, and what is at most nothing. Of cells with somebody."""
    exact, most, below = [], [], collections.defaultdict(list)
    for line in lines:
        whole, parts = line["whole"], line["parts"]
        below[whole].append(line)
        if all(map(has_rows, [whole, *parts])):
            exact.append([(whole, True, 1), *((part, True, -1) for part in parts)])
        (most if line["overlaps"] else exact).append([(whole, False, 1), *((part, False, -1) for part in parts)])
        most += [[(part, False, 1), (whole, False, -1)] for part in parts if line["overlaps"]]
    most += [[(cell, False, 1), (cell, True, -1)] for cell in filter(has_rows, present)]
    for whole, of in below.items():
        overlapping = [line for line in of if line["overlaps"]]
        few = ((across, others) for across in overlapping for others in few_parts(across, below, present))
        for across, others in ((across, others) for across, others in few if all(map(has_rows, [whole, *others]))):
            more = [(whole, True, 1), (whole, False, -1)]
            more += [(part, rows, -1 if rows else 1) for part in others for rows in (True, False)]
            for line in (line for line in overlapping if line["direction"] != across["direction"]):
                parts = there(line, below, present)
                if len(parts) < 2 or not all(map(has_rows, parts)):
                    continue
                for first in parts:
                    rest = [(part, False, 1 - len(others)) for part in parts if part != first]
                    most.append([*more, (first, True, -1), (first, False, 1), *rest])
                    rest = [(part, True, -1) for part in parts if part != first]
                    most.append([*((part, False, 1) for part in others), (first, False, -len(others)), *rest])
            for line in of:
                if divides(line, across, below) and all(map(has_rows, line["parts"])):
                    numbers = part_by_part(line, across, others, below, has_rows, present, (exact, most))
                    exact.append([*numbers, (whole, False, 1), *((part, False, -1) for part in others)])
    for tie in ties:
        (exact if tie["exactly"] else most).append([tuple(term) for term in tie["terms"]])
    return exact, most


def there(line, below, present):
    """The parts of a line that can have somebody; of the only one its own parts."""
    parts = [part for part in line["parts"] if part in present]
    finer = finer_of(parts[0], line, below) if len(parts) == 1 else None
    return there(finer, below, present) if finer else parts


def finer_of(cell, line, below):
    """How a part falls apart as its line does."""
    return next((of for of in below.get(cell, []) if of["direction"] == line["direction"]), None)


def few_parts(line, below, present):
    """The ways in which a line falls apart in few such parts."""
    found = [parts for parts in [there(line, below, present)] if 2 <= len(parts) <= FEW]
    for parts in found:
        for part in parts:
            finer = finer_of(part, line, below)
            own = sorted({*parts, *there(finer, below, present)} - {part}) if finer else []
            if 2 <= len(own) <= FEW and own not in found:
                found.append(own)
    return found


def divides(line, across, below):
    """Whether everybody is in one part of a line, and no part of it falls apart as another line does."""
    crossed = any(of["direction"] == across["direction"] for part in line["parts"] for of in below.get(part, []))
    return not line["overlaps"] and not crossed


def part_by_part(line, across, others, below, has_rows, present, found):
    """Says of each part of a line what bounds how many of some other parts more than one its persons are in together;
    the numbers that it speaks of."""
    numbers, (exact, most) = [], found
    for part in filter(present.__contains__, line["parts"]):
        number, times = (("more", across["whole"], tuple(others), part), None, 1), len(others)
        most += [[number, (part, False, 1 - times)], [number, (part, True, -1), (part, False, 1)]]
        for of in below.get(part, []):
            parts = there(of, below, present)
            if of["overlaps"] and of["direction"] != across["direction"] and all(map(has_rows, parts)):
                for one in parts:
                    rest = [cell for cell in parts if cell != one]
                    within = [(one, True, -1), (one, False, 1), *((cell, False, 1 - times) for cell in rest)]
                    beside = [(one, False, -times), (part, False, 1), *((cell, True, -1) for cell in rest)]
                    most += [[number, *within], [number, *beside]]
        for finer in below.get(part, []):
            if finer["direction"] == line["direction"] and divides(finer, across, below):
                of_parts = part_by_part(finer, across, others, below, has_rows, present, found)
                exact.append([*of_parts, (number[0], None, -1)])
        numbers.append(number)
    return numbers


class Table:
    """Cubes, kinds of help, and the lives and declared relations of some half-years."""

    def __init__(self, rng, catalogue, verbanden):
        self.rng, self.unmapped, self.two = rng, rng.random() < 0.5, rng.random() < 0.4
        while True:
            free = [cube for cube in (catalogue.random_cube(rng) for _ in range(6)) if catalogue.declares(cube)]
            pool = [*catalogue.registered, *free, *[catalogue.cubes["stroom"]] * rng.choice([0, 3])]
            self.cubes = list(dict.fromkeys(rng.sample(pool, rng.choice([1, 2, 2, 3, 3, 4]))))
            with tempfile.TemporaryDirectory() as made:
                folder = pathlib.Path(made, "catalogus")
                catalogue.write(self.cubes, folder)
                asked = [verbanden, "--catalogus", str(folder), *["--zonder-afbeelding"] * self.unmapped]
                ran = subprocess.run(asked, capture_output=True, text=True, check=False)
            # Cubes that go round in a circle are drawn again.
            if not ran.returncode and len((said := json.loads(ran.stdout))["cells"]) < CELLS / (1 + self.two):
                break
        self.first = rng.random() < 0.3
        self.lines = [line for line in said["lines"] if line["overlaps"]]
        self.lives = Lives(rng, said["cells"], 1 + self.two, self.first, self.unmapped)
        self.known = dict.fromkeys(self.lives.start())
        counted = [self.lives.counts(life) for life in self.known]
        self.present = sorted({cell for counts in counted for cell in counts})
        self.names = [(cell, False) for cell in self.present]
        self.names += [(cell, True) for cell in self.present if self.lives.has_rows(cell)]
        self.index = {name: at for at, name in enumerate(self.names)}
        self.rays = numpy.unique(numpy.array([ray for life in self.known for ray in self.of_life(life)]), axis=0)
        exact, most, self.of_few = [], [], []
        for number in range(1 + self.two):
            present = {cell for cell in range(len(said["cells"])) if self.lives.cell(number, cell) in set(self.present)}
            ties = said["ties"] + (said["ties_of_first"] if self.first and not number else [])
            has_rows = [cell["has_rows"] for cell in said["cells"]].__getitem__
            self.of_few += self.few(number, said["lines"], present)
            for all_of, of in zip((exact, most), declared(said["lines"], has_rows, present, ties)):
                all_of += [(number, terms) for terms in of]
        # Numbers that are in no table come after the figures.
        self.numbers = {}
        of_none = ((number, name) for number, terms in exact + most for name, rows, _ in terms if rows is None)
        for number, name in of_none:
            self.numbers.setdefault((number, name), len(self.names) + len(self.numbers))
        rows = ([self.row(number, terms) for number, terms in of] for of in (exact, most))
        self.exact, self.most = (numpy.unique(numpy.array(of), axis=0) for of in rows)
        # Of a corner, so that it is not nowhere or without end.
        size = [0.3 if rows else 1.0 for _, rows in self.names]
        self.size = numpy.array(size + [0.0] * len(self.numbers))

    def few(self, number, lines, present):
        """The parts of each line that falls apart in few, in every way that it does."""
        below = collections.defaultdict(list)
        for line in lines:
            below[line["whole"]].append(line)
        ways = (parts for line in self.lines for parts in few_parts(line, below, present))
        return [{self.lives.cell(number, part) for part in parts} for parts in ways]

    def row(self, number, terms):
        found = numpy.zeros(len(self.names) + len(self.numbers))
        for cell, rows, times in terms:
            if rows is None:
                found[self.numbers[number, cell]] += times
            elif (at := self.index.get((self.lives.cell(number, cell), rows))) is not None:
                found[at] += times
        return found

    def of_life(self, life):
        """Its counts, and the rows that more of the same would add, if there can be."""
        for counts, persons in [(self.lives.counts(life), True), *((more, False) for more in self.lives.more(life))]:
            found = numpy.zeros(len(self.names))
            for cell, rows in counts.items():
                found[self.index[cell, False]] = persons
                if (cell, True) in self.index:
                    found[self.index[cell, True]] = rows
            yield found

    def unsound(self):
        """What is declared and does not hold of a life."""
        rays = numpy.array([[*ray, *self.more(ray)] for ray in self.rays])
        wrong = [row for row in self.exact if numpy.abs(rays @ row).max() > SMALL]
        return wrong + [row for row in self.most if (rays @ row).max() > SMALL]

    def more(self, ray):
        """Of a life, or of rows that it can have more of, the numbers that are in no table."""
        inside = {cell for (cell, rows), count in zip(self.names, ray) if count and not rows}
        for number, (_, _, others, part) in self.numbers:
            cells = [self.lives.cell(number, cell) for cell in (part, *others)]
            yield (cells[0] in inside) * (sum(cell in inside for cell in cells[1:]) - 1)

    def missing(self):
        """Relations that are not declared, one after another, each with which one goes on."""
        of = {"A_eq": csr_array(numpy.vstack([self.exact, self.size])), "method": "highs"}
        of["b_eq"] = numpy.append(numpy.zeros(len(self.exact)), 1)
        for _ in range(CORNERS):
            towards = self.direction() if self.rng.random() < 0.5 or not self.lines else self.of_line()
            corner = linprog(towards, A_ub=csr_array(self.most), b_ub=numpy.zeros(len(self.most)), **of)
            apart = self.separated(corner.x[: len(self.names)]) if corner.status == 0 else None
            if apart is not None:
                self.most = numpy.vstack([self.most, numpy.append(-apart, numpy.zeros(len(self.numbers)))])
                yield apart

    def direction(self):
        """Some figures, any of them."""
        towards = numpy.zeros(len(self.size))
        for at in self.rng.sample(range(len(self.names)), min(len(self.names), self.rng.choice([2, 3, 5, 8]))):
            towards[at] = self.rng.choice([-2, -1, 1, 2])
        return towards

    def of_line(self):
        """How many more rows than persons the parts of a line have, against what a few cells have."""
        towards, line = numpy.zeros(len(self.size)), self.rng.choice(self.lines)
        number = self.rng.randrange(1 + self.two)
        for part in line["parts"]:
            towards += self.row(number, [(part, True, 1), (part, False, -1)])
        for cell in self.rng.sample(self.present, min(len(self.present), self.rng.choice([1, 1, 2]))):
            for rows, times in [(True, -1), (False, self.rng.choice([1, 1, 2]))]:
                if (cell, rows) in self.index:
                    towards[self.index[cell, rows]] += times
        return towards

    def separated(self, corner):
        """A relation of all lives that a corner does not have, of as few figures as can be; none if there is none."""
        size = len(self.names)
        for _ in range(ROUNDS):
            within = numpy.vstack([numpy.hstack([-self.rays, self.rays]), numpy.ones(2 * size)])
            limits = numpy.append(numpy.zeros(len(self.rays)), 1)
            found = linprog(numpy.concatenate([corner, -corner]) + 1e-5, A_ub=within, b_ub=limits, method="highs")
            apart = found.x[:size] - found.x[size:]
            if apart @ corner > -SMALL:
                return None
            price = {name: value for name, value in zip(self.names, apart)}
            found = (self.lives.below(price, self.known, effort) for effort in EFFORTS)
            crossing = next(filter(None, found), None)
            if crossing is None:
                return apart / numpy.abs(apart[numpy.abs(apart) > SMALL]).min()
            new = [ray for life in crossing for ray in self.of_life(life)]
            self.known |= dict.fromkeys(crossing)
            self.rays = numpy.unique(numpy.vstack([self.rays, *new]), axis=0)
        return None

    def text(self, row):
        """A relation, as what is at least nothing."""
        terms = ((value, *self.names[at]) for at, value in enumerate(row) if abs(value) > SMALL)
        kinds = "persons", "rows"
        return "  ".join(f"{value:+.3g} {kinds[rows]}[{self.lives.text(cell)}]" for value, cell, rows in terms)

    def kind(self):
        """What table it is."""
        what = ["two half-years" if self.two else "a half-year"]
        what += ["the first"] * self.first + ["unmapped"] * self.unmapped
        return f"{', '.join(what)}: {', '.join(cube.naam for cube in self.cubes)}"

    def is_of_many(self, row):
        """Whether some figure counts too often for that it has to be declared."""
        return numpy.abs(row).max() > TIMES + SMALL

    def is_of_parts(self, row):
        """Whether it says that who is in several cells, which are not all of a line of few, has as many rows outside a
        given cell, or is in that."""
        terms = [(value, *self.names[at]) for at, value in enumerate(row) if abs(value) > SMALL]
        parts = {cell for value, cell, rows in terms if value < 0 and not rows}
        ones = all(abs(value + 1) < SMALL for value, *_ in terms if value < 0)
        others = all(value < (1 if rows else len(parts)) + SMALL for value, _, rows in terms if value > 0)
        return ones and others and len(parts) > 1 and parts not in self.of_few


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--verbanden", required=True, help="the program that prints what is declared")
    parser.add_argument("--catalogus", required=True, help="the folder of the catalogue whose views and cubes count")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--tables", type=int, default=20)
    parser.add_argument("--only", type=int, help="one of the series")
    args = parser.parse_args()
    catalogue, started, total = Catalogue(args.catalogus), time.monotonic(), collections.Counter()
    for number in range(args.tables) if args.only is None else [args.only]:
        table = Table(random.Random(f"{args.seed} {number}"), catalogue, args.verbanden)
        unsound = table.unsound()
        missing = [] if unsound else list(table.missing())
        many = [row for row in missing if table.is_of_many(row)]
        parts = [row for row in missing if table.is_of_parts(row)]
        missing = [row for row in missing if not table.is_of_many(row) and not table.is_of_parts(row)]
        if not table.lives.is_closed:
            total += collections.Counter(left=1)
            continue
        found = [f"  declared, and not so: {table.text(-row)} >= 0" for row in unsound]
        found += [f"  not declared: {table.text(row)} >= 0" for row in missing]
        total += collections.Counter(tables=1, wrong=bool(found), many=len(many), parts=len(parts))
        total += collections.Counter(cells=len(table.present), lives=len(table.known))
        total += collections.Counter(two=table.two, first=table.first, unmapped=table.unmapped)
        if found:
            print(f"--seed {args.seed} --only {number}: {table.kind()}", *found, sep="\n", flush=True)
    kinds = f"{total['two']} of two half-years, {total['first']} from the first on, {total['unmapped']} unmapped"
    print(f"{total['tables']} tables ({kinds}), and {total['left']} left of which some cells came late")
    many = f"{total['many']} relations with a figure more than {TIMES} times"
    many += f", {total['parts']} of who is in several parts"
    print(f"{total['cells']} cells, {total['lives']} lives made, {many}")
    print(f"{total['wrong']} tables with relations that are not declared, {time.monotonic() - started:.0f} seconds")
    return 1 if total["wrong"] or not total["cells"] else 0


if __name__ == "__main__":
    sys.exit(main())

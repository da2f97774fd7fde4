"""Looks for relations between figures that hold of every child and that the product does not declare (rule R12).

Guarantees, to whom trusts the audit of a release, that for the tables tried it knows all that readers can: of random
cubes and random kinds of help, one half-year or two in a row, every figure that agrees with everything declared is a
sum of lives. The declared relations make a cone, and so do the counts of lives (`relations_lives.py`). A linear program
goes to a corner of the first; another separates it from the second; and lives are made, by what the separation asks for
them, until one crosses it or none is found. What is left then is a relation that holds and is not declared.

Left out on purpose: what takes more than two of something at once to say, of which less is declared; what some parts of
a line have of few cells of another, where the line has more parts than the product holds against another (counted, and
said); and what follows from a geslacht or age that stays, which can be corrected between half-years. What no life that
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
# The most parts of one line that the product holds another against, as it says.
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
        of = [line for line in of if line["overlaps"]]
        pairs = ((one, other) for one in of for other in of if one["direction"] != other["direction"])
        for one, other in pairs:
            parts, others = ([part for part in line["parts"] if part in present] for line in (one, other))
            if 2 <= len(others) <= FEW and len(parts) > 1 and all(map(has_rows, [whole, *parts, *others])):
                more = [(whole, True, 1), (whole, False, -1)]
                more += [(part, rows, -1 if rows else 1) for part in others for rows in (True, False)]
                for first in parts:
                    rest = [(part, False, 1 - len(others)) for part in parts if part != first]
                    most.append([*more, (first, True, -1), (first, False, 1), *rest])
                    rest = [(part, True, -1) for part in parts if part != first]
                    most.append([*((part, False, 1) for part in others), (first, False, -len(others)), *rest])
    for tie in ties:
        (exact if tie["exactly"] else most).append([tuple(term) for term in tie["terms"]])
    return exact, most


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
        exact, most = [], []
        for number in range(1 + self.two):
            present = {cell for cell in range(len(said["cells"])) if self.lives.cell(number, cell) in set(self.present)}
            ties = said["ties"] + (said["ties_of_first"] if self.first and not number else [])
            has_rows = [cell["has_rows"] for cell in said["cells"]].__getitem__
            for all_of, of in zip((exact, most), declared(said["lines"], has_rows, present, ties)):
                all_of += [self.row(number, terms) for terms in of]
        self.exact, self.most = (numpy.unique(numpy.array(of), axis=0) for of in (exact, most))
        # Of a corner, so that it is not nowhere or without end.
        self.size = numpy.array([0.3 if rows else 1.0 for _, rows in self.names])

    def row(self, number, terms):
        found = numpy.zeros(len(self.names))
        for cell, rows, times in terms:
            at = self.index.get((self.lives.cell(number, cell), rows))
            if at is not None:
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
        wrong = [row for row in self.exact if numpy.abs(self.rays @ row).max() > SMALL]
        return wrong + [row for row in self.most if (self.rays @ row).max() > SMALL]

    def missing(self):
        """Relations that are not declared, one after another, each with which one goes on."""
        of = {"A_eq": csr_array(numpy.vstack([self.exact, self.size])), "method": "highs"}
        of["b_eq"] = numpy.append(numpy.zeros(len(self.exact)), 1)
        for _ in range(CORNERS):
            towards = numpy.zeros(len(self.names))
            for at in self.rng.sample(range(len(self.names)), min(len(self.names), self.rng.choice([2, 3, 5, 8]))):
                towards[at] = self.rng.choice([-2, -1, 1, 2])
            corner = linprog(towards, A_ub=csr_array(self.most), b_ub=numpy.zeros(len(self.most)), **of)
            apart = self.separated(corner.x) if corner.status == 0 else None
            if apart is not None:
                self.most = numpy.vstack([self.most, -apart])
                yield apart

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

    def is_of_long_line(self, row):
        """Whether it says that who is in some parts of a line of many has so many rows, or is in a cell of another."""
        terms = [(value, *self.names[at]) for at, value in enumerate(row) if abs(value) > SMALL]
        parts = {cell for value, cell, _ in terms if value < 0}
        ones = all(abs(value + 1) < SMALL and not rows for value, _, rows in terms if value < 0)
        others = all(value < (1 if rows else len(parts)) + SMALL for value, _, rows in terms if value > 0)
        return ones and others and len(parts) > 1 and any(self.is_long(line, parts) for line in self.lines)

    def is_long(self, line, parts):
        """Whether cells of one half-year are parts of a line with too many parts to be held against others, with those
        beside its whole."""
        halves, numbers = {number for number, _ in parts}, {at for _, at in parts}
        present = {at for number, at in self.present if number in halves}

        def size(line):
            same = (of for of in self.lines if of["direction"] == line["direction"])
            above = next((of for of in same if line["whole"] in of["parts"]), None)
            return len(present.intersection(line["parts"])) + (size(above) - 1 if above else 0)

        return len(halves) == 1 and numbers <= set(line["parts"]) and size(line) > FEW


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
        long = [row for row in missing if table.is_of_long_line(row)]
        missing = [row for row in missing if not table.is_of_many(row) and not table.is_of_long_line(row)]
        if not table.lives.is_closed:
            total += collections.Counter(left=1)
            continue
        found = [f"  declared, and not so: {table.text(-row)} >= 0" for row in unsound]
        found += [f"  not declared: {table.text(row)} >= 0" for row in missing]
        total += collections.Counter(tables=1, wrong=bool(found), many=len(many), long=len(long))
        total += collections.Counter(cells=len(table.present), lives=len(table.known))
        total += collections.Counter(two=table.two, first=table.first, unmapped=table.unmapped)
        if found:
            print(f"--seed {args.seed} --only {number}: {table.kind()}", *found, sep="\n", flush=True)
    kinds = f"{total['two']} of two half-years, {total['first']} from the first on, {total['unmapped']} unmapped"
    print(f"{total['tables']} tables ({kinds}), and {total['left']} left of which some cells came late")
    many = f"{total['many']} relations with a figure more than {TIMES} times"
    many += f", {total['long']} of lines of more than {FEW} parts"
    print(f"{total['cells']} cells, {total['lives']} lives made, {many}")
    print(f"{total['wrong']} tables with relations that are not declared, {time.monotonic() - started:.0f} seconds")
    return 1 if total["wrong"] or not total["cells"] else 0


if __name__ == "__main__":
    sys.exit(main())

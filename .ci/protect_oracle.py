"""Judges `drempel protect` on random tables, from whole databases instead of cells.

Guarantees, to whom trusts its output with figures about persons, that for every table tried:

1. no shown cell counts 1 to 9 persons, every shown value is the true count, and every zero is shown;
2. an unsafe cell (1 to 9 persons) keeps at least four values for a reader who knows all shown cells, all statuses and
   which hidden cells are unsafe; or the tool says that it does not, and shows no cell that has persons;
3. what a shown cell leaves of any line below it is nobody or at least 10 persons (rule R5).

A reader can rule out a value only if no database has it. So the unknowns here are the numbers of persons of each type:
one member of each dimension, and a nonempty set of members where a person can have several (`per_persoon = "meer"`).
A value counts as possible only with a database that was checked in integers, and as impossible only after a second
solve without presolve. No code or method is shared with protocols/src/sdc. Needs numpy and scipy.

    python3 .ci/protect_oracle.py --drempel PATH --seed S --tables N [--meer] [--alternatives] [--only I]
"""

import argparse
import collections
import itertools
import json
import pathlib
import random
import re
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass

import numpy
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array

K, VALUES, TOTAL = 10, 4, "*"
MOST_CELLS, MOST_CELLS_OF_OPTIMUM, SECONDS_OF_SOLVE = 200, 14, 20
FAILED, INFEASIBLE = 4, 2
# Acyclic sets of cubes, by the places of their dimensions.
CUBES = {
    2: [["01"], ["01"], ["01", "0"], ["0", "1"]],
    3: [["012"], ["012"], ["01", "12"], ["01", "12"], ["01", "2"], ["01", "12", "1"], ["0", "12", "01"], ["012", "01"]],
}


@dataclass
class Dimension:
    """Members, groupings (each from a member or group to the group it is in), and whether a person can have several."""

    name: str
    members: list
    groupings: list
    meer: bool

    def labels(self):
        """The members under each label."""
        under = {TOTAL: frozenset(self.members)} | {member: frozenset([member]) for member in self.members}
        for grouping in self.groupings:
            for member in self.members:
                group = grouping.get(member)
                while group is not None:
                    under[group] = under.get(group, frozenset()) | {member}
                    group = grouping.get(group)
        return under

    def parts(self, label, grouping):
        """The labels one level below a label in one grouping."""
        known = dict.fromkeys([*self.members, *grouping.values()])
        return [part for part in known if grouping.get(part, TOTAL) == label]

    def choices(self):
        """What one person can have."""
        sizes = range(1, len(self.members) + 1) if self.meer else [1]
        return [frozenset(chosen) for size in sizes for chosen in itertools.combinations(self.members, size)]


class Case:
    """Linked cubes, and the persons of each type."""

    def __init__(self, dimensions, cubes, persons, by_record):
        self.dimensions, self.cubes, self.persons, self.by_record = dimensions, cubes, persons, by_record
        self.labels = [dimension.labels() for dimension in dimensions]
        cells = {}
        for cube in cubes:
            of_cube = [labels if place in cube else [TOTAL] for place, labels in enumerate(self.labels)]
            cells |= dict.fromkeys(itertools.product(*of_cube))
        self.cells = list(cells)
        self.truth = {cell: self.count(cell) for cell in self.cells}

    def inside(self, has, cell):
        """Whether somebody of a type is counted in a cell."""
        return all(chosen & labels[label] for chosen, labels, label in zip(has, self.labels, cell))

    def count(self, cell, condition=lambda has: True):
        return sum(number for has, number in self.persons.items() if self.inside(has, cell) and condition(has))

    def unsafe(self):
        return [cell for cell in self.cells if 1 <= self.truth[cell] < K]

    def spec(self):
        """SPEC.toml."""
        counted = 'person = "id"' if self.by_record else 'persons = "n"'
        lines = [counted, f"k = {K}", f"values = {VALUES}", "remainders = true", 'zeros = "shown"']
        for dimension in self.dimensions:
            tables = [", ".join(f'{part} = "{group}"' for part, group in of.items()) for of in dimension.groupings]
            lines += [f"[dimension.{dimension.name}]", f"members = {json.dumps(dimension.members)}"]
            lines += [f"groupings = [{', '.join(f'{{ {table} }}' for table in tables)}]"]
            lines += ['per_persoon = "meer"'] if dimension.meer else []
        for cube in self.cubes:
            names = [self.dimensions[place].name for place in sorted(cube)]
            lines += ["[[cube]]", f"dimensions = {json.dumps(names)}"]
        return "\n".join(lines) + "\n"

    def rows(self, rng):
        """CELLS.csv: a row for each person and member, or for each combination, with some of nobody left out."""
        members = {has: list(itertools.product(*map(sorted, has))) for has in self.persons}
        if self.by_record:
            everybody = [has for has, number in self.persons.items() for _ in range(number)]
            rows = [(*of, person) for person, has in enumerate(everybody) for of in members[has]]
        else:
            rows = [(*members[has][0], number) for has, number in self.persons.items() if number or rng.random() < 0.5]
        rng.shuffle(rows)
        header = [*(dimension.name for dimension in self.dimensions), "id" if self.by_record else "n"]
        return "".join(",".join(map(str, row)) + "\n" for row in [header, *rows])


def random_groupings(rng, name, members):
    """None, one or two groupings; some leave members out, some have groups in groups."""
    groupings = []
    for number in range(rng.choices([0, 1, 2], [4, 5, 2])[0] if len(members) > 2 else 0):
        groups = [f"{name}_{number}{letter}" for letter in "gh"]
        grouping = {member: group for member in members if (group := rng.choice([*groups, *groups, None]))}
        if len(set(grouping.values())) == 2 and len(grouping) == len(members) and rng.random() < 0.3:
            grouping[groups[0]] = groups[1]
        groupings += [grouping] if grouping else []
    return groupings


def random_case(rng, meer):
    while True:
        count, sizes = rng.choice([(2, [2, 2, 3]), (2, [2, 3, 4, 4]), (2, [2, 6]), (3, [2, 2, 3]), (3, [2, 3, 4])])
        several = rng.randrange(count) if meer else None
        dimensions = []
        for place, name in enumerate("xyz"[:count]):
            members = [f"{name}{number}" for number in range(rng.choice(sizes))]
            groupings = random_groupings(rng, name, members)
            # Alternative groupings of a dimension of several members a person are refused.
            groupings = groupings[:1] if place == several else groupings
            dimensions.append(Dimension(name, members, groupings, place == several))
        order = rng.sample(range(count), count)
        cubes = [{order[int(place)] for place in cube} for cube in rng.choice(CUBES[count])]
        shares = [rng.uniform(0.05, 0.6), rng.uniform(0.05, 0.6), rng.uniform(0.1, 2)]
        rarity, few, many = rng.choice([2, 5, 20]), rng.choice([2, 9, 9]), rng.choice([12, 30, 30])
        persons = {}
        for has in itertools.product(*(dimension.choices() for dimension in dimensions)):
            extra = sum(len(chosen) - 1 for chosen in has)
            kind = rng.choices([0, 1, 2], shares)[0] if rng.random() < rarity**-extra else 0
            persons[has] = [0, rng.randint(1, few), rng.randint(10, many)][kind]
        case = Case(dimensions, cubes, persons, meer or rng.random() < 0.3)
        if len(case.cells) <= MOST_CELLS and any(persons.values()) and (case.unsafe() or rng.random() < 0.1):
            return case


class Undecided(Exception):
    """Neither a database nor its absence was found."""


class Reader:
    """Who knows all shown cells, all statuses and which hidden cells are unsafe."""

    def __init__(self, case, rng):
        self.case, self.rng = case, rng
        self.types = list(case.persons)
        self.counts = numpy.array([[case.inside(has, cell) for has in self.types] for cell in case.cells], dtype=int)
        self.matrix = csr_array(self.counts.astype(float))
        self.truth = numpy.array([case.truth[cell] for cell in case.cells])
        self.known, self.suspect = [self.truth], None

    def narrow(self, hidden, certain=True):
        """The unsafe cells that keep too few values, each with these values; only one of them, unless `certain`."""
        is_hidden = numpy.array([cell in hidden for cell in self.case.cells])
        is_unsafe = (self.truth >= 1) & (self.truth < K)
        least = numpy.where(is_hidden, numpy.where(is_unsafe, 1, K), self.truth).astype(float)
        most = numpy.where(is_hidden, numpy.where(is_unsafe, K - 1, numpy.inf), self.truth)
        known = [cells for cells in self.known if numpy.all((cells >= least) & (cells <= most))]
        found = []
        for place in sorted(numpy.flatnonzero(is_unsafe), key=lambda place: place != self.suspect):
            values = {int(cells[place]) for cells in known}
            tries = [(value, True) for value in self.linear_range(place, least, most)] if len(values) < VALUES else []
            tries += [(value, False) for value in range(1, K)] if certain else []
            for value, presolve in tries:
                if value not in values and len(values) < VALUES:
                    known += self.ask(place, value, least, most, presolve)
                    values = {int(cells[place]) for cells in known}
            if len(values) < VALUES:
                self.suspect = place
                found.append((self.case.cells[place], sorted(values)))
                if not certain:
                    break
        return found

    def linear_range(self, place, least, most):
        """The unsafe values that linear programming does not rule out, the nearest to the truth first."""
        system, ends = LinearConstraint(self.matrix, least, most), [1, K - 1]
        for end, sign in enumerate([1, -1]):
            answer = milp(sign * self.counts[place], bounds=Bounds(0, numpy.inf), constraints=system)
            if answer.success:
                ends[end] = sign * int(numpy.ceil(answer.fun - 1e-6))
        return sorted(range(max(ends[0], 1), min(ends[1], K - 1) + 1), key=lambda value: abs(value - self.truth[place]))

    def ask(self, place, value, least, most, presolve):
        """The cells of a database in which a cell has a value, if there is one."""
        least, most = least.copy(), most.copy()
        least[place] = most[place] = value
        towards = [self.rng.choice([-1, 0, 1]) if presolve and 1 <= number < K else 0 for number in self.truth]
        answer = milp(
            towards @ self.counts,
            integrality=numpy.ones(len(self.types)),
            bounds=Bounds(0, numpy.inf),
            constraints=LinearConstraint(self.matrix, least, most),
            options={"presolve": presolve, "time_limit": SECONDS_OF_SOLVE, "mip_rel_gap": 0.5},
        )
        if answer.x is not None:
            persons = numpy.rint(answer.x).astype(int)
            cells = self.counts @ persons
            if numpy.all(persons >= 0) and numpy.all((cells >= least) & (cells <= most)):
                self.known.append(cells)
                return [cells]
        if not presolve and answer.status != INFEASIBLE:
            raise Undecided(f"whether {self.case.cells[place]} can be {value}: {answer.message}")
        return []


def small_remainders(case, hidden, alternatives=False):
    """What shown cells leave of lines below them, where that is 1 to 9 persons."""
    found = []
    for whole, (place, dimension) in itertools.product(case.cells, enumerate(case.dimensions)):
        under = case.labels[place]
        below = {label: (*whole[:place], label, *whole[place + 1 :]) for label in under}
        if whole in hidden or below[dimension.members[0]] not in case.truth:
            continue
        lines = set()
        for grouping in dimension.groupings or [{}]:
            parts = dimension.parts(whole[place], grouping)
            for part in parts:
                parts += dimension.parts(part, grouping) if below[part] in hidden else []
            if parts:
                lines.add(frozenset(part for part in parts if below[part] not in hidden))
        if alternatives:
            lines |= across_groupings([label for label in under if below[label] not in hidden], under, whole[place])
        for shown in sorted(map(sorted, lines)):
            covered = frozenset().union(*(under[part] for part in shown))
            outside = under[whole[place]] - covered
            left = {f"not {shown}": case.count(whole, lambda has: not has[place] & covered)}
            if dimension.meer:
                left[f"something that is not {shown}"] = case.count(whole, lambda has: has[place] & outside)
                left |= {f"not {part}": case.truth[whole] - case.truth[below[part]] for part in shown}
            small = [f"{persons} have {what}" for what, persons in left.items() if 1 <= persons < K]
            found += [f"of {whole} along {dimension.name}, {text}" for text in small]
    return found


def across_groupings(shown, under, whole):
    """The largest sets of disjoint parts of a whole, of whatever groupings."""
    parts = [label for label in shown if under[label] < under[whole]]
    lines = []
    for size in range(len(under[whole]), -1, -1):
        for line in map(frozenset, itertools.combinations(parts, size)):
            disjoint = sum(len(under[part]) for part in line) == len(frozenset().union(*map(under.get, line)))
            if disjoint and not any(line < larger for larger in lines):
                lines.append(line)
    return set(lines)


def optimum(case, reader, hidden, alternatives):
    """The size of the smallest hidden set that keeps the promise, given one that does."""
    unsafe = set(case.unsafe())
    safe = [cell for cell in case.cells if case.truth[cell] >= K]
    for size in range(len(hidden - unsafe)):
        for more in itertools.combinations(safe, size):
            tried = unsafe | set(more)
            if not small_remainders(case, tried, alternatives) and not reader.narrow(tried, certain=False):
                return len(tried)
    return len(hidden)


def printed(case, drempel, spec, rows):
    """What the tool shows, the reasons it gives for what it hides, and how many cells it says keep too few values."""
    with tempfile.TemporaryDirectory() as made:
        files = [pathlib.Path(made, "SPEC.toml"), pathlib.Path(made, "CELLS.csv")]
        for file, content in zip(files, [spec, rows]):
            file.write_text(content, encoding="utf-8")
        command = [drempel, "protect", "--reasons", "--format", "json", "--spec", *files]
        ran = subprocess.run(command, capture_output=True, text=True, check=False, timeout=600)
    said = re.search(r"(\d+) hidden cells keep too few values", ran.stderr)
    if ran.returncode not in (0, FAILED) or (ran.returncode == FAILED) != bool(said):
        raise RuntimeError(f"exit code {ran.returncode}: {ran.stderr.strip()}")
    shown, reasons = {}, {}
    for row in json.loads(ran.stdout)["cells"]:
        cell = tuple(row[dimension.name] for dimension in case.dimensions)
        if row["status"] == "value":
            shown[cell] = row["persons"]
        else:
            reasons[cell] = row["reason"]
    return shown, reasons, int(said[1]) if said else 0


def violations(case, reader, shown, reasons, said, alternatives):
    found = []
    if set(shown) & set(reasons) or set(shown) | set(reasons) != set(case.cells):
        found.append("the cells are not those of the cubes")
    for cell, persons in case.truth.items():
        is_unsafe, is_shown = 1 <= persons < K, cell in shown
        if is_shown and (is_unsafe or shown[cell] != persons or (said and persons)):
            found.append(f"{cell} is shown as {shown[cell]} and has {persons} persons ({said} cells said unprotected)")
        if not is_shown and (persons == 0 or (reasons.get(cell) == "unsafe") != is_unsafe):
            found.append(f"{cell} is hidden as {reasons.get(cell)} and has {persons} persons")
    try:
        narrow = reader.narrow(set(reasons))
        if len(narrow) > said:
            found += [f"{cell} keeps only {left} ({case.truth[cell]} is true)" for cell, left in narrow]
    except Undecided as undecided:
        found.append(f"undecided {undecided}")
    return found + small_remainders(case, set(reasons), alternatives)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--drempel", required=True, help="the program to judge")
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--tables", type=int, required=True)
    parser.add_argument("--meer", action="store_true", help="let persons have several members of one dimension")
    parser.add_argument("--alternatives", action="store_true", help="demand rule R5 across alternative groupings too")
    parser.add_argument("--only", type=int, help="judge one table of the series")
    parser.add_argument("--corrupt", action="store_true", help="show one secondary cell of each table: is it noticed?")
    args = parser.parse_args()
    started, total = time.monotonic(), collections.Counter()
    for number in range(args.tables) if args.only is None else [args.only]:
        rng = random.Random(f"{args.seed} {number} {args.meer}")
        case = random_case(rng, args.meer)
        reader = Reader(case, rng)
        spec, rows = case.spec(), case.rows(rng)
        shown, reasons, said, found = {}, {}, 0, []
        try:
            shown, reasons, said = printed(case, args.drempel, spec, rows)
        except (RuntimeError, ValueError, KeyError, subprocess.TimeoutExpired) as error:
            found = [f"the tool failed: {error}"]
        secondary = sorted(cell for cell, reason in reasons.items() if reason != "unsafe")
        if args.corrupt and not found:
            if said or not secondary:
                continue
            cell = rng.choice(secondary)
            shown[cell] = case.truth[cell]
            del reasons[cell]
        found = found or violations(case, reader, shown, reasons, said, args.alternatives)
        total += collections.Counter(tables=1, wrong=bool(found), cells=len(case.cells), hidden=len(reasons))
        total["unprotected"] += bool(said)
        if found and not args.corrupt:
            options = "".join(f" --{name}" for name in ["meer", "alternatives"] if getattr(args, name))
            print(f"VIOLATION in --seed {args.seed} --tables 1{options} --only {number}", *found, sep="\n  ")
            print(spec, rows, f"hidden: {reasons}\n", sep="\n", flush=True)
        if not (found or said or args.corrupt) and len(case.cells) <= MOST_CELLS_OF_OPTIMUM:
            best = optimum(case, reader, set(reasons), args.alternatives)
            total += collections.Counter(small=1, small_hidden=len(reasons), small_best=best)
    hidden, said = total["hidden"] / max(total["cells"], 1), total["unprotected"]
    print(f"{total['tables']} tables ({said} said unprotected), {total['cells']} cells, {hidden:.1%} hidden")
    if args.corrupt:
        print(f"{total['wrong']} of {total['tables']} corrupted tables noticed")
        return 0 if total["wrong"] else 1
    at_best = f"{total['small_hidden']} hidden, {total['small_best']} at best"
    ratio = total["small_hidden"] / max(total["small_best"], 1)
    print(f"{total['small']} tables of at most {MOST_CELLS_OF_OPTIMUM} cells: {at_best}, ratio {ratio:.3f}")
    print(f"{total['wrong']} tables with violations, {time.monotonic() - started:.0f} seconds")
    return 1 if total["wrong"] or not total["tables"] else 0


if __name__ == "__main__":
    sys.exit(main())

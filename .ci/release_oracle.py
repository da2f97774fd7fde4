"""Judges releases of half-years that follow each other, from whole databases of persons and their trajecten.

Guarantees, to whom trusts Drempel with figures about persons, that for every chain of releases tried:

1. every count is the true one, no shown cell has 1 to k-1 persons, no zero is hidden without need, a stock at the
   beginning is the stock at the end before, and every remainder of a line is nobody or at least k persons
   (`release_oracle_rules.py`);
2. every unsafe cell of every half-year keeps at least four values, of persons and of rows if it shows them, for a
   reader who knows all shown counts of all half-years, withdrawn ones too, and of all cubes, declined ones too; all
   statuses, which hidden cells are unsafe, that a shown cell has nobody or at least k persons, and how trajecten live
   on from one half-year to the next (`release_oracle_reader.py`). Who sees fewer cubes knows less: of what fails it is
   said whether it also fails a reader of the accepted ones;
3. the subtractions that broke earlier designs lack a figure (`release_oracle_breaks.py`);
4. all of this holds of gemeenten that become one, whose figures are read together (`release_oracle_herindeling.py`);
5. a release is refused by name only (`REFUSALS`), and what was released before a refusal keeps all of this.

That records come in time, that ages rise and that verwijzers and geslacht stay is nothing that a reader knows here:
the node takes the latest, and only categorie and hulpvorm are kept (rule R2). No code or method is shared with
protocols/src. Needs numpy and scipy.

    python3 .ci/release_oracle.py --geef-uit PATH --catalogus DIR --seed S --cases N [--only I]
    python3 .ci/release_oracle.py --geef-uit PATH --catalogus DIR --gemeente FILE   (of `redteam --write FILE`)
"""

import argparse
import collections
import itertools
import random
import re
import subprocess
import sys
import time

# Leaves nothing compiled beside the sources.
sys.dont_write_bytecode = True

from release_oracle_breaks import known_breaks, missed
from release_oracle_cases import CORRECTIONS, case_of, random_case
from release_oracle_catalogue import Catalogue
from release_oracle_herindeling import known_herindelingen, random_herindeling
from release_oracle_reader import Reader
from release_oracle_rules import Status, place

# The most lines about one case.
SHOWN = 12
# Why there may be no release, whatever the records are.
REFUSALS = {
    "stocks grouped otherwise": "the catalogue groups what ran on by categorie or hulpvorm otherwise",
    "too few jeugdigen": "cells cannot be protected, whatever else is hidden",
    "a circle": "go round in a circle",
    "a crossing of which not all is declared": "is not known to be all of it, so it cannot be registered yet",
}


def refusal(why):
    """The name of a refusal that is allowed; none of others."""
    return next((name for name, text in REFUSALS.items() if text in why), None)


def unseen(releases, case, catalogue):
    """The cells that are in no cube that the gemeente accepts."""
    found, first = set(), 0
    for cubes, cells in zip(case.cubes, releases):
        accepted = [cube for cube in cubes if cube.naam not in case.declined]
        seen = {of for cube in accepted for of in catalogue.cells(cube)}
        found |= {first + at for at, cell in enumerate(cells) if place(cell) not in seen}
        first += len(cells)
    return frozenset(found)


def judge(case, releases, catalogue, needed, counts, rng):
    """Counts of what was judged, and violations."""
    case = case.until(len(releases))
    status = Status(releases, case, catalogue)
    reader = Reader(releases, case, status, rng)
    judged, left = status.remainders()
    wrong = status.wrong(reader.truth) + left + missed(needed, counts, releases)
    hidden = sum(bool(cell["reason"]) for _, cell in reader.cells)
    total = collections.Counter(cells=len(reader.cells), hidden=hidden, figures=len(reader.targets), lines=judged)
    narrow = reader.narrow()
    lines = [f"{name} keeps only {values}, {true} is true" for name, true, values in narrow]
    if narrow and case.declined:
        without = Reader(releases, case, status, rng, unseen(releases, case, catalogue)).narrow()
        names = [name for name, *_ in without] or "none"
        lines.append(f"for a reader without the cubes {case.declined}, which are declined: {names}")
    return total, wrong + lines


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--geef-uit", required=True, help="the program to judge")
    parser.add_argument("--catalogus", required=True, help="the folder of the catalogue whose views and cubes count")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--cases", type=int, default=0)
    parser.add_argument("--gemeente", help="judge a gemeente of the red team, and nothing else")
    parser.add_argument("--only", type=int, help="judge one case of the series, besides the known breaks")
    args = parser.parse_args()
    catalogue, started, total = Catalogue(args.catalogus), time.monotonic(), collections.Counter()
    numbers, refusals = range(args.cases) if args.only is None else [args.only], collections.defaultdict(list)
    kinds = {of: random_case if of % 3 else random_herindeling for of in numbers}
    drawn = ((f"--only {of}", 0, *kinds[of](random.Random(f"{args.seed} {of}"), catalogue)) for of in numbers)
    drawn = ((name, needed, case, {}, done) for name, needed, case, done in drawn)
    known = itertools.chain(known_breaks(catalogue), known_herindelingen(catalogue))
    fixed = ((*one, collections.Counter()) for one in known)
    cases = itertools.chain(fixed, drawn)
    if args.gemeente:
        cases = [(args.gemeente, 0, case_of(args.gemeente, catalogue), {}, collections.Counter())]
    for name, needed, case, counts, done in cases:
        asked, found = time.monotonic(), []
        try:
            outcome = case.released(args.geef_uit, catalogue)
            total["program"] += time.monotonic() - asked
            releases, refused = outcome["releases"], outcome["refused"]
            if refused:
                why = refusal(refused)
                refusals[why or re.sub(r"\d+", "N", refused)].append(f"{name} at {case.uitgaven[len(releases)].text()}")
                found = [f"refused: {refused}"] if needed or why is None else []
            if releases:
                rng = random.Random(f"{args.seed} {name}")
                judged, more = judge(case, releases, catalogue, needed, counts, rng)
                total += judged
                found += more
            total["halves"] += len(releases)
        except (RuntimeError, ValueError, KeyError, subprocess.TimeoutExpired) as error:
            found = [f"no release or no judgement: {error!r}"]
        varied = {"cubes": len(set(map(tuple, case.cubes))) > 1, "policy": len(set(case.ks)) > 1}
        varied["herindeling"] = case.uitgaven[0].gemeente is not None
        varied |= {"declined": bool(case.declined), "withdrawn": bool(case.withdrawn), **{of: True for of in done}}
        total += collections.Counter(cases=1, wrong=bool(found), **varied)
        if found:
            print(f"VIOLATION in --seed {args.seed}: {name}, {len(found)} in all", *found[:SHOWN], sep="\n  ")
            for uitgave, k, cubes in zip(case.uitgaven, case.ks, case.cubes):
                print(f"  {uitgave.text()}, k {k}: {[cube.naam for cube in cubes]}")
            print(f"  declined {case.declined}, withdrawn {case.withdrawn}, the first goes on: {case.stays}")
            print(*(f"  {number} x {tuple(who)}" for who, number in case.persons.items()), sep="\n", flush=True)
    for reason, refused in refusals.items():
        print(f"{len(refused)} refused: {reason} ({', '.join(refused)})")
    none = sum(map(len, refusals.values()))
    print(f"{total['cases']} cases ({none} refused), {total['halves']} half-years, {total['cells']} cells")
    print(f"{total['hidden']} hidden, {total['figures']} figures and {total['lines']} lines judged")
    changes = ["cubes", "policy", *CORRECTIONS, "declined", "withdrawn", "herindeling"]
    print("cases with changes of", {of: total[of] for of in changes})
    took = time.monotonic() - started
    print(f"{total['wrong']} cases with violations, {took:.0f} seconds, {total['program']:.0f} of them by the program")
    return 1 if total["wrong"] or not total["cells"] else 0


if __name__ == "__main__":
    sys.exit(main())

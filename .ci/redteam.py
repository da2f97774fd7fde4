"""Runs the red team, and gives each gemeente that it leaves open to the oracle that looks at it in another way.

Guarantees, to whom wants to know whether gemeenten made to be nasty were broken, a verdict on every one: the red team
walks from one database to others and may miss some, so that what it finds too few values for is only open; it looks
again with more tries, and `release_oracle.py` judges what is open then. What a search leaves open is judged so too, by all
that was released. Ends with 0 if no planned attack, lie or way around succeeded, no twins were told apart, nothing was told
otherwise than released, no table had an exact value backwards, no remainder was too small and nothing is left open; with 1
else. Needs numpy and scipy.

    python3 .ci/redteam.py --redteam PATH --geef-uit PATH --catalogus DIR --seed S --populations N [--registered]
"""

import argparse
import pathlib
import re
import subprocess
import sys
import tempfile

# How often the red team looks at each figure of a gemeente that it left open.
TRIES = 100
OPEN = re.compile(r"--seed (\d+) --only (\d+): ")
EXACT = re.compile(r" [1-9]\d* tables with an exact one$")
SMALL = re.compile(r"^  .* (hidden part|no shown part|one shown part|gevoelig part|one cell|one aanbieder) of half-year ")


def ran(command):
    """The lines that a program prints, and whether it ended well."""
    found = subprocess.run([*map(str, command)], stdout=subprocess.PIPE, text=True, check=False)
    return found.stdout.splitlines(), not found.returncode


def judged(args, seed, number, folder):
    """What the other oracle says of a gemeente, if the red team leaves it open again."""
    written = folder / f"{seed}-{number}.json"
    again = [args.redteam, "--seed", seed, "--only", number, "--tries", TRIES, "--write", written]
    lines, is_closed = ran([*again, *["--registered"] * args.registered])
    if is_closed:
        return "wide, with more tries", True
    if any(map(SMALL.match, lines)):
        return "broken: a remainder is too small", False
    oracle = pathlib.Path(__file__).with_name("release_oracle.py")
    of = ["--geef-uit", args.geef_uit, "--catalogus", args.catalogus, "--gemeente", written]
    lines, is_wide = ran([sys.executable, oracle, *of])
    return ("wide, by the other oracle" if is_wide else "\n".join(["open", *lines])), is_wide


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--redteam", required=True, help="the program that attacks")
    parser.add_argument("--geef-uit", required=True, help="the program that releases, for the other oracle")
    parser.add_argument("--catalogus", required=True, help="the folder of the catalogue")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--populations", type=int, default=50)
    parser.add_argument("--search", type=int, default=0, help="gemeenten to ask a node of what it likes")
    parser.add_argument("--questions", type=int, default=1000, help="that a search asks")
    parser.add_argument("--invert", type=int, default=0, help="small tables to run the algorithm backwards on")
    parser.add_argument("--registered", action="store_true", help="with the cubes of the catalogue in place of small ones")
    parser.add_argument("--first", action="store_true", help="stop at the first gemeente that is left open by both")
    args = parser.parse_args()
    asked = [args.redteam, "--seed", args.seed, "--populations", args.populations]
    asked += ["--search", args.search, "--questions", args.questions, "--invert", args.invert]
    lines, held = ran([*asked, *["--registered"] * args.registered])
    print(*lines, sep="\n", flush=True)
    places = list(dict.fromkeys(found.groups() for found in map(OPEN.match, lines) if found))
    # A planned attack that succeeds or is not let, or too few gemeenten to attack.
    others = [line for line in lines if line.startswith("NOT AS") or "was refused a half-year" in line]
    others += [line for line in lines if line.startswith("  a half-year is refused")]
    others += [line for line in lines if line.endswith("is told otherwise than released")]
    others += [line for line in lines if EXACT.search(line)]
    if others or not places and not held:
        print("not as it should be:", *others, sep="\n")
        return 1
    verdicts = []
    with tempfile.TemporaryDirectory() as folder:
        for seed, number in places:
            text, is_wide = judged(args, seed, number, pathlib.Path(folder))
            verdicts.append(is_wide)
            print(f"--seed {seed} --only {number}: {text}", flush=True)
            if args.first and not is_wide:
                break
    print(f"{len(places)} gemeenten left open by the red team, {verdicts.count(False)} of them after the other oracle")
    return 0 if all(verdicts) else 1


if __name__ == "__main__":
    sys.exit(main())

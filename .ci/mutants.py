"""Takes away parts of what hides, one at a time, and sees that the red team notices, with no other test at work.

Guarantees, to whom trusts the red team, that it would find such a mistake: each mutant is built and attacked, and the
attack must succeed for both oracles (`redteam.py`), or be met by so many refusals that it says so. Changes sources while
it runs and puts them back; run it on a clean checkout that nothing else builds from. By hand, three or four minutes for
each mutant. Needs numpy and scipy.

    python3 .ci/mutants.py [--populations N] [--only NAME]
"""

import argparse
import pathlib
import re
import subprocess
import sys

# What the red team says of all of it: how many gemeenten it left open, or what is not as it should be.
SAYS = [r"\d+ gemeenten left open", "not as it should be", "NOT AS IT SHOULD BE", "more than one gemeente"]
SAYS = re.compile("|".join([*SAYS, ".* is told otherwise", r".* [1-9]\d* tables with an exact one"]))
ROOT = pathlib.Path(__file__).resolve().parent.parent
# What it is called, the file, what stands there once, and what comes in its place.
MUTANTS = [
    (
        "which hidden cells are the unsafe ones told by another answer (R4)",
        "node/src/engine/table.rs",
        "releases.clone().map(Release::published).collect();",
        "releases.clone().map(|of| { let told = |place: &Place| of.reasons().any(|cell| cell.place == place && "
        "cell.reason.is_some_and(|why| why != drempel_protocols::sdc::Reason::Unsafe)); "
        "of.published().into_iter().filter(|(place, _)| !told(place)).collect::<BTreeMap<_, _>>() })"
        ".collect();",
    ),
    ("no remainders (R5)", "protocols/src/release/joint.rs", "remainders: true }", "remainders: false }"),
    (
        "what is left beside a view of some persons forgotten (R5)",
        "protocols/src/sdc/remainder.rs",
        "found.extend(beside(system, &shown, demand));",
        "found.extend(beside(system, &shown, demand).into_iter().filter(|_| false));",
    ),
    ("no audit of values (R4)", "protocols/src/release/joint.rs", "values: VALUES,", "values: 1,"),
    (
        "persons add up over dimensions of which a person can have several members (R1)",
        "protocols/src/sdc/bounds/unseen.rs",
        "self.constraint(sum(Count::Persons), !line.overlaps, 0);",
        "self.constraint(sum(Count::Persons), true, 0);",
    ),
    (
        "unions and overlaps forgotten (R1)",
        "protocols/src/release/joint.rs",
        "making.ties.into_iter().chain(overlaps).collect();",
        "making.ties.into_iter().chain(overlaps.into_iter().filter(|_| false)).collect();",
    ),
    (
        "what is shown chosen by its value (R8)",
        "protocols/src/sdc/primary.rs",
        "(None, _) => (2, u64::MAX - cell.wanted),",
        "(None, _) => (2, cell.persons),",
    ),
    (
        "what earlier half-years hid forgotten (R3)",
        "protocols/src/sdc/audit.rs",
        "cell.earlier.is_none_or(|earlier| !earlier.settled)",
        "cell.earlier.is_none()",
    ),
    (
        "each view protected alone (R12)",
        "protocols/src/catalogue/view.rs",
        "        self.relation.as_ref()\n",
        "        self.relation.as_ref().filter(|_| false)\n",
    ),
    (
        "persons of a view not tied to those of another (R12)",
        "protocols/src/lattice.rs",
        "ties.extend(personen_in::ties(catalogue, &numbers, &lines));",
        "ties.extend(personen_in::ties(catalogue, &numbers, &lines).into_iter().filter(|_| false));",
    ),
    (
        "changes of aanbieder in several kinds of help forgotten (R12)",
        "protocols/src/lattice/personen_in.rs",
        "for line in lines.iter().filter(|line| line.overlaps) {",
        "for line in lines.iter().filter(|_| false) {",
    ),
    (
        "who is new not tied to what ran before (R12)",
        "protocols/src/lattice.rs",
        "ties.extend(newcomers::ties(catalogue, &numbers, &lines));",
        "",
    ),
    (
        "two lines not held against each other (R1)",
        "protocols/src/sdc/bounds/unseen.rs",
        "for others in self.few_parts(across) {",
        "for others in self.few_parts(across).into_iter().filter(|_| false) {",
    ),
    (
        "ages not held against beginnings (R12)",
        "protocols/src/sdc/bounds/unseen.rs",
        "        self.divided();\n",
        "",
    ),
    (
        "aanbieders forgotten (R7)",
        "protocols/src/sdc/insider.rs",
        "self.clients.iter().any(few)",
        "self.clients.iter().filter(|_| false).any(few)",
    ),
    (
        "what definitions exclude forgotten (R12)",
        "protocols/src/lattice/excluded.rs",
        "filter_map(of_view).flatten().collect())",
        "filter_map(of_view).flatten().filter(|_| false).collect())",
    ),
    (
        "hulpvormen that are categorieen forgotten (R12)",
        "protocols/src/lattice.rs",
        "self.is_unmapped = true;",
        "if !self.is_unmapped { return self; }",
    ),
    (
        "flows of persons not tied to trajecten (R12)",
        "protocols/src/lattice.rs",
        "let mut ties = flows::ties(catalogue, &numbers);",
        "let mut ties: Vec<Tie> = flows::ties(catalogue, &numbers).into_iter().filter(|_| false).collect();",
    ),
    (
        "what stays not tied to what goes (R12)",
        "protocols/src/lattice.rs",
        "ties.extend(staying::ties(catalogue, &numbers, &lines));",
        "ties.extend(staying::ties(catalogue, &numbers, &lines).into_iter().filter(|_| false));",
    ),
    (
        "a ledger from before what was answered from is taken (R3)",
        "node/src/ledger.rs",
        "answered.lacking(here)",
        "answered.lacking(here).filter(|_| false)",
    ),
    (
        "a half-year is built again from such a ledger (R3)",
        "node/src/release.rs",
        "ledger.releases_after(&AnsweredFrom::read(&self.config.paths.audit)?)?;",
        "ledger.releases_after(&AnsweredFrom::default())?;",
    ),
    (
        "hidden counts in the certificate (R4)",
        "protocols/src/release/certificate.rs",
        "certified.persons = (!certified.hidden && shows.persons)",
        "certified.persons = (cell.shows.persons)",
    ),
    (
        "cubes may go round in a circle (R12)",
        "protocols/src/lattice.rs",
        "    if around.is_empty() {",
        "    if around.len() < usize::MAX {",
    ),
    (
        "what runs on not tied to all of it (R12)",
        "protocols/src/lattice.rs",
        "ties.extend(flows::running_ties(catalogue, &numbers));",
        "ties.extend(flows::running_ties(catalogue, &numbers).into_iter().filter(|_| false));",
    ),
]


def attacked(populations, seed):
    """What the red team makes of what is built now: whether it found nothing, and what it says last."""
    asked = ["cargo", "build", "--quiet", "--locked", "--bin", "redteam", "--bin", "geef-uit"]
    if subprocess.run(asked, cwd=ROOT, check=False).returncode:
        sys.exit("the mutant does not build")
    asked = [sys.executable, ".ci/redteam.py", "--redteam", "target/debug/redteam", "--geef-uit", "target/debug/geef-uit"]
    asked += ["--catalogus", "config/catalogus", "--populations", str(populations), "--seed", str(seed), "--first"]
    asked += ["--search", "3", "--questions", "200", "--invert", "300"]
    ran = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, check=False)
    return ran.returncode == 0, next(filter(SAYS.match, reversed(ran.stdout.splitlines())), "nothing")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--populations", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", help="one mutant: a part of its name")
    args = parser.parse_args()
    missed = 0
    for name, file, old, new in MUTANTS:
        if args.only and args.only not in name:
            continue
        path = ROOT / file
        text = path.read_text(encoding="utf-8")
        if text.count(old) != 1:
            sys.exit(f"{file} does not have once: {old}")
        path.write_text(text.replace(old, new), encoding="utf-8")
        try:
            nothing, said = attacked(args.populations, args.seed)
        finally:
            path.write_text(text, encoding="utf-8")
        missed += nothing
        print(f"{'MISSED' if nothing else 'noticed'}: {name}: {said}", flush=True)
    print(f"{missed} mutants were not noticed")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())

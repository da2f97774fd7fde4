"""Made-up gemeenten whose releases are judged, and what the program makes of them.

Guarantees, to whom trusts the oracle of releases, that random gemeenten have what the promise must hold for: up to four
half-years; cubes as registered, others, and cubes that come or go between half-years; a gemeente that declines some; a
policy that changes; now and then the profile cbs; records that come late, change or are deleted between releases; and
a release that is withdrawn.
"""

import collections
import json
import pathlib
import subprocess
import tempfile
from typing import NamedTuple

from release_oracle_catalogue import MORE, Cube
from release_oracle_definitions import GEMEENTE, Definitions
from release_oracle_lives import AGES, DUREN, HALVES, UNKNOWN, Person, Traject, Uitgave, Wisseling

CATEGORIES = [*["45"] * 5, "51", "52", "54", "41", "42", "43", "44", "48", "47", "46", "50", "53", "55", "37"]
CATEGORIES += ["onbekend"]
CODES = {"reden": ["31", "31", "32", "34", "36", "38", "39", "02", "onbekend"], "verwijzer": ["01", "02", "04", "06"]}
CODES |= {"herhaald": ["eerste", "aansluitend", "later", "onbekend"], "hulpvorm": ["onbekend", "onbekend", "02", "11"]}
CODES |= {"wachttijdklasse": ["tot_4_weken", "26_weken_of_langer", "onbekend"]}
CODES |= {"aansluiting": ["overlappend", "aansluitend", "onderbroken"], "reden_wisseling": ["overstap", "anders"]}
# How many persons are alike: around the threshold, or few.
SIZES = [[1, 2, 3], [1, 4, 9, 10, 11], [8, 9, 10, 11, 12], [1, 1, 2, 9, 40], [3, 7, 12, 20, 33]]
# What happens to records between releases, and how often it is drawn in a gemeente where anything does.
CORRECTIONS = {"late": 0.2, "changed": 0.2, "deleted": 0.2}


class Case(NamedTuple):
    """The cubes of each release, how many persons there are of each type, and what else of each release: the least
    persons of a shown cell, the cubes that are declined, which are withdrawn, and whose they are. Those of voorgangers
    come first; if the first of these `stays`, the others join it."""

    cubes: list
    persons: dict
    ks: tuple = (10,) * len(HALVES)
    declined: tuple = ()
    withdrawn: tuple = ()
    uitgaven: tuple = tuple(map(Uitgave, range(len(HALVES))))
    stays: bool = False
    profiel: str = "landelijk"
    unmapped: bool = False
    inwoners: int | None = None

    def has_insiders(self):
        """Whether others than the public know anything of these gemeenten (rule R7)."""
        return self.inwoners is not None or any(of.aanbieder for person in self.persons for of in person.trajecten)

    def definitions(self):
        """What goes together in the records of these gemeenten."""
        gemeenten = {uitgave.gemeente or 0 for uitgave in self.uitgaven}
        first = (min(of.half for of in self.uitgaven if (of.gemeente or 0) == own) for own in sorted(gemeenten))
        return Definitions(tuple(first), self.unmapped)

    def until(self, number):
        """What there is of it in the first releases."""
        persons, uitgaven = collections.Counter(), self.uitgaven[:number]
        halves = 1 + max((uitgave.half for uitgave in uitgaven), default=-1)
        of_half = {half: [uitgave for uitgave in uitgaven if uitgave.half == half] for half in range(halves)}

        def counts(part, halves):
            return any(uitgave.has(part) for half in halves for uitgave in of_half.get(half, []))

        for person, many in self.persons.items():
            trajecten = (of for of in person.trajecten if counts(of, range(max(of.begin, 0), of.einde + 1)))
            wisselingen = (of for of in person.wisselingen if counts(of, [of.half]))
            if kept := tuple(trajecten):
                persons[Person(person.own[:halves], kept, tuple(wisselingen))] += many
        return self._replace(cubes=self.cubes[:number], persons=dict(persons), uitgaven=uitgaven)

    def before(self, at):
        """The releases of which the stocks at the end are those at the beginning of another one."""
        half, gemeente = self.uitgaven[at]
        alike = [of for of, other in enumerate(self.uitgaven[:at]) if gemeente in (None, other.gemeente)]
        return [of for of in alike if self.uitgaven[of].half == half - 1]

    def released(self, geef_uit, catalogue):
        """What the program makes of it: the cells of each release, and why there are no more."""
        everybody = list(enumerate(person for person, number in self.persons.items() for _ in range(number)))
        with tempfile.TemporaryDirectory() as made:
            chains = collections.defaultdict(list)
            for at, (cubes, uitgave) in enumerate(zip(self.cubes, self.uitgaven)):
                folder = pathlib.Path(made, str(at))
                catalogue.write(cubes, folder, self.inwoners)
                rows = [(n, dict(row)) for n, person in everybody for row in person.rows(uitgave)]
                known = ((n, members.pop("weergave"), members.pop("aanbieder", 0) or None, members) for n, members in rows)
                rows = [dict(zip(["person", "view", "aanbieder", "members"], row)) for row in known]
                policy = {"profiel": self.profiel, "k": self.ks[at], "declined_cubes": list(self.declined)}
                of = {"zonder_afbeelding": self.unmapped}
                of |= {"period": HALVES[uitgave.half], "catalogue": str(folder), "policy": policy, "rows": rows}
                own = uitgave.gemeente is None or self.stays and not uitgave.gemeente
                chains[None if own else uitgave.gemeente].append(of | {"withdrawn": at in self.withdrawn})
            codes = {None: "GM1969", 0: "GM0014", 1: "GM0037", 2: "GM0047"}
            of = {code: {"gemeente": codes[code], "periods": periods} for code, periods in chains.items()}
            own = of.pop(None, {"gemeente": codes[None], "periods": []})
            line = json.dumps(own | {"voorgangers": list(of.values())}) + "\n"
            ran = subprocess.run([geef_uit], input=line, capture_output=True, text=True, check=False, timeout=900)
        if ran.returncode:
            raise RuntimeError(f"exit code {ran.returncode}: {ran.stderr.strip()}")
        return json.loads(ran.stdout)


def case_of(path, catalogue):
    """A gemeente that the red team wrote."""
    written = json.loads(pathlib.Path(path).read_text(encoding="utf-8"))
    persons, halves = collections.Counter(), len(written["halves"])
    for child in written["children"]:
        own = tuple(map(tuple, child["own"][:halves]))
        trajecten = (of | {"details": tuple(map(tuple, of["details"]))} for of in child["trajecten"])
        # What is said of no half-year that counts is as it is of anybody.
        trajecten = (of if of["begin"] >= 0 else of | {"herhaald": "eerste"} for of in trajecten)
        trajecten = (Traject(**(of if of["einde"] < halves else of | {"reden": "31"})) for of in trajecten)
        wisselingen = (Wisseling(**of) for of in child["wisselingen"])
        persons[Person(own, tuple(sorted(trajecten)), tuple(sorted(wisselingen)))] += 1
    cubes = []
    for half in written["halves"]:
        named = (("-".join([view, *of]).replace("_", "-"), view, tuple(of), tuple(counts)) for view, of, counts in half["cubes"] or [])
        cubes.append([Cube(*one) for one in named] or list(catalogue.registered))
    ks, withdrawn = (half["k"] for half in written["halves"]), (half["withdrawn"] for half in written["halves"])
    of = {"withdrawn": tuple(at for at, gone in enumerate(withdrawn) if gone)}
    of |= {name: written[name] for name in ["unmapped", "profiel", "inwoners"]}
    return Case(cubes, dict(persons), tuple(ks), uitgaven=tuple(map(Uitgave, range(halves))), **of)


def random_traject(rng, palette, halves, definitions):
    """One that comes and leaves about as often as the half-years have it."""
    begin = -1 if rng.random() < palette["before"] else rng.randrange(halves)
    ends = (half for half in range(max(begin, 0), halves) if rng.random() < palette["leaves"][half])
    einde = next(ends, halves)
    categorie, reden, verwijzer, herhaald, hulpvorm, wachttijd = (
        rng.choice(palette[of]) for of in ["categorie", "reden", "verwijzer", "herhaald", "hulpvorm", "wachttijdklasse"]
    )
    hulpvorm = definitions.kind(categorie, hulpvorm)
    if verwijzer != GEMEENTE and wachttijd == "onbekend":
        # Another verwijzer has a verzoek, or the verzoek is not there.
        verwijzer, wachttijd = rng.choice([("onbekend", wachttijd), (verwijzer, "tot_4_weken")])
    first = definitions.first_of(0)
    herhaald = "aansluitend" if herhaald == "onbekend" and begin == first else herhaald
    long, details = rng.randrange(2 if begin >= 0 else 5), []
    if begin < first <= einde and einde > first:
        long = max(long, 2)
    for half in range(max(begin, 0), einde + 1):
        long = max(long, 2 if begin < half < einde else 0)
        details.append((verwijzer, DUREN[long], wachttijd))
        long = min(long + rng.choice([1, 1, 2]), len(DUREN) - 1)
    return Traject(categorie, begin, einde, reden, herhaald, hulpvorm, tuple(details))


def corrected(traject, rng, palette, halves, definitions):
    """What counts of a traject whose record comes late, changes or is deleted; itself if nothing of it does. Then what
    was done, if anything."""
    lasts = range(max(traject.begin + 1, 1), min(traject.einde, halves - 1) + 1)
    done = next((of for of, share in palette["corrections"].items() if rng.random() < share), None)
    if done == "late" and traject.einde < halves - 1:
        half = rng.randrange(max(traject.einde, 0) + 1, halves)
        details = (traject.details[-1],)
        return [traject._replace(begin=half, einde=half, details=details)], done
    if done not in ["changed", "deleted"] or not lasts:
        return [traject], None
    half = rng.choice(lasts)
    place = half - max(traject.begin, 0)
    gone = traject._replace(einde=half, reden="vervallen", details=(*traject.details[:place], UNKNOWN))
    if done == "deleted":
        return [gone], done
    other = rng.choice(palette["categorie"])
    hulpvorm = definitions.kind(other, traject.hulpvorm)
    again = traject._replace(categorie=other, hulpvorm=hulpvorm, begin=half, details=traject.details[place:])
    return ([gone, again], done) if other != traject.categorie else ([traject], None)


def random_person(rng, palette, halves, definitions):
    """Somebody with some trajecten and changes of aanbieder, and what was corrected of them."""
    while True:
        trajecten, done = [], collections.Counter()
        for _ in range(rng.choices([1, 2, 3], palette["several"])[0]):
            drawn = random_traject(rng, palette, halves, definitions)
            counted, what = corrected(drawn, rng, palette, halves, definitions)
            trajecten += counted
            done[what] += 1
        wisselingen = []
        for traject in trajecten:
            if rng.random() < palette["wisselt"]:
                half = rng.randrange(max(traject.begin, 0), min(traject.einde, halves - 1) + 1)
                how = (rng.choice(palette[of]) for of in ["aansluiting", "reden_wisseling"])
                wisselingen.append(Wisseling(half, *traject.kind(), *how))
        first, geslacht = rng.randrange(3), rng.choices(["M", "V", "onbekend"], palette["geslacht"])[0]
        ages = sorted(rng.choices(AGES[first : first + 2], [4, 1], k=halves), key=AGES.index)
        ages = ["onbekend"] * halves if rng.random() < 0.02 else ages
        own = tuple((geslacht, age) for age in ages)
        if (drawn := Person(own, tuple(sorted(trajecten)), tuple(sorted(wisselingen)))).sound(definitions):
            return drawn, done


def random_cubes(rng, catalogue, halves):
    """The cubes of each half-year: some that are registered and some that are not, or now and then all that are
    registered; and sometimes cubes that come later, or go."""
    if rng.random() < 0.05:
        return [list(catalogue.registered)] * halves
    pool = [cube for cube in [*catalogue.registered, *catalogue.registered, *MORE] if catalogue.declares(cube)]
    drawn = {cube.naam: cube for cube in rng.sample(pool, rng.choice([2, 3, 3, 4, 5]))}
    for _ in range(rng.choice([0, 0, 1, 2])):
        cube = catalogue.random_cube(rng)
        drawn |= {cube.naam: cube} if catalogue.declares(cube) else {}
    cubes = sorted(drawn.values())
    since = {cube: rng.randrange(1, halves) if rng.random() < 0.35 else 0 for cube in cubes}
    lists = set().union(*(catalogue.kept(cube) for cube in cubes if not since[cube]))
    if rng.random() < 0.4:
        # No new lists of categorieen and hulpvormen.
        since = {cube: of if catalogue.kept(cube) <= lists else 0 for cube, of in since.items()}
    until = {cube: rng.randrange(1, halves) if rng.random() < 0.05 else halves for cube in cubes}
    changing = [[cube for cube in cubes if since[cube] <= half < until[cube]] for half in range(halves)]
    return changing if rng.random() < 0.5 and all(changing) else [cubes] * halves


def random_palette(rng, cubes, halves):
    """What persons of a gemeente have, and how often."""
    changes = any(cube.weergave == "wisseling" for of in cubes for cube in of)
    corrections = {of: rng.choice([0, share, 2 * share]) for of, share in CORRECTIONS.items()}
    return {
        "categorie": rng.choices(CATEGORIES, k=rng.choice([2, 3, 4, 5])),
        "several": rng.choice([[1, 0, 0], [8, 2, 0], [5, 3, 2], [1, 5, 2]]),
        "before": rng.choice([0.1, 0.5, 0.9, 1]),
        "leaves": [rng.choice([0, 0.05, 0.3, 0.6, 1]) for _ in range(halves)],
        **{column: rng.sample(codes, rng.choice([1, 2, min(3, len(codes))])) for column, codes in CODES.items()},
        "geslacht": rng.choice([[1, 0, 0], [9, 1, 0], [10, 10, 1]]),
        "wisselt": rng.choice([0.05, 0.3, 0.8]) if changes else 0,
        "corrections": corrections if rng.random() < 0.7 else {},
    }


def random_declined(rng, cubes):
    """Cubes that a gemeente declines, if any."""
    names = sorted({cube.naam for of in cubes for cube in of})
    return tuple(rng.sample(names, rng.randrange(1, len(names)))) if len(names) > 1 and rng.random() < 0.3 else ()


def random_case(rng, catalogue):
    """A small gemeente, of groups of persons that are alike, of sizes around the threshold or small; and what was
    corrected in it."""
    halves = rng.choices([2, 3, 4], [4, 3, 3])[0]
    cubes = random_cubes(rng, catalogue, halves)
    palette = random_palette(rng, cubes, halves)
    persons, done = collections.Counter(), collections.Counter()
    most = rng.choice([15, 25, 40, 60, 80, 120, 200]) * (2 if len(cubes[0]) > 8 else 1)
    sizes, unmapped = rng.choice(SIZES), rng.random() < 0.5
    while persons.total() < most:
        person, what = random_person(rng, palette, halves, Definitions(unmapped=unmapped))
        size = rng.choice(sizes)
        persons[person] += size
        done.update({of: number * size for of, number in what.items() if of})
    ks = [10] * halves
    if rng.random() < 0.35:
        turn, first, then = rng.randrange(1, halves), rng.choice([10, 12]), rng.choice([10, 12, 15])
        ks = [first if half < turn else then for half in range(halves)]
    declined = random_declined(rng, cubes)
    withdrawn = (rng.randrange(halves),) if rng.random() < 0.2 else ()
    profiel = "cbs" if rng.random() < 0.1 else "landelijk"
    return Case(cubes, dict(persons), tuple(ks), declined, withdrawn, profiel=profiel, unmapped=unmapped), done

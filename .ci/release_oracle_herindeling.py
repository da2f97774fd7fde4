"""Gemeenten that become one on 1 January 2026, as the oracle of releases judges them.

Guarantees, to whom trusts the oracle of releases, that what must hold of one gemeente is tried of some that become one:
one, two or three of them, each with a half-year or two; all of them gone, or the first going on with the others; help
that runs on into the new gemeente or ends before; children who had help in two of them, of one kind too; and cubes and
policies that were not the same everywhere. The subtractions are those of the new stocks less what each had.
"""

import collections

from release_oracle_breaks import at, person
from release_oracle_cases import SIZES, Case, random_cubes, random_declined, random_palette, random_person
from release_oracle_definitions import Definitions
from release_oracle_lives import HALVES, JOINED, UNKNOWN, USUAL, Person, Traject, Uitgave, Wisseling

# The most cubes of a random case.
CUBES = 6


def random_herindeling(rng, catalogue):
    """Small gemeenten of groups of persons that are alike; and what was corrected in them."""
    halves = rng.choices([JOINED + 1, JOINED + 2], [3, 2])[0]
    first = [rng.choice([JOINED - 2, JOINED - 1, JOINED - 1]) for _ in range(rng.choice([1, 2, 2, 2, 3]))]
    uitgaven = [Uitgave(half, of) for of, begin in enumerate(first) for half in range(begin, JOINED)]
    uitgaven += [Uitgave(half) for half in range(JOINED, halves)]
    while len((cubes := random_cubes(rng, catalogue, halves))[-1]) > CUBES:
        pass
    palette = random_palette(rng, cubes, halves)
    unmapped, persons, done = rng.random() < 0.5, collections.Counter(), collections.Counter()
    definitions = Definitions(tuple(first), unmapped)
    most, sizes, several = rng.choice([15, 25, 40, 60, 80]) * len(first), rng.choice(SIZES), rng.choice([0, 0.1, 0.4])
    while persons.total() < most:
        drawn, what = random_person(rng, palette, halves, Definitions((min(first),), unmapped))
        spread = somewhere(rng, drawn, first, several)
        if spread and spread.sound(definitions):
            size = rng.choice(sizes)
            persons[spread] += size
            done.update({of: number * size for of, number in what.items() if of})
    # Each gemeente has a policy, and may have had other cubes.
    policies = {of: rng.choice([10, 12, 15]) if rng.random() < 0.2 else 10 for of in [None, *range(len(first))]}
    lacking, lists = rng.choice(cubes[-1]), {of: cubes[of.half] for of in uitgaven}
    if rng.random() < 0.2:
        without = rng.randrange(len(first))
        lists |= {of: [cube for cube in lists[of] if cube != lacking] for of in uitgaven if of.gemeente == without}
    cubes = [lists[of] if lists[of] else cubes[of.half] for of in uitgaven]
    withdrawn = (rng.randrange(len(uitgaven)),) if rng.random() < 0.2 else ()
    of = {"ks": tuple(policies[of.gemeente] for of in uitgaven), "declined": random_declined(rng, cubes)}
    of |= {"withdrawn": withdrawn, "uitgaven": tuple(uitgaven), "stays": len(first) > 1 and rng.random() < 0.3}
    of |= {"unmapped": unmapped}
    return Case(cubes, dict(persons), **of), done


def somewhere(rng, drawn, first, several):
    """Somebody in one of the gemeenten, or now and then in several; nobody if that cannot be."""
    home, others, trajecten, wisselingen = rng.randrange(len(first)), range(len(first)), [], []
    for traject in drawn.trajecten:
        elsewhere = rng.random() < several and traject.begin < JOINED
        trajecten.append(traject._replace(gemeente=rng.choice(others) if elsewhere else home))
    for wisseling in drawn.wisselingen:
        of = [traject for traject in trajecten if traject.kind() == (wisseling.categorie, wisseling.hulpvorm)]
        of = [traject for traject in of if traject.begin <= wisseling.half <= traject.einde]
        wisselingen.append(Wisseling(*wisseling[:-1], of[0].gemeente))
    # What began elsewhere before and runs on: the other gemeente counts it too, until they are one.
    twice = [of for of in trajecten if of.begin < JOINED <= of.einde and of.reden != "vervallen"]
    if len(first) > 1 and twice and rng.random() < several:
        other = rng.choice([of for of in others if of != twice[0].gemeente])
        known = twice[0].details[: JOINED - max(twice[0].begin, 0)]
        gone = {"einde": JOINED, "reden": "vervallen", "gemeente": other, "details": (*known, UNKNOWN)}
        trajecten.append(twice[0]._replace(**gone))
    # Of what ended before the first release of a gemeente, or is missing of that, nothing is known.
    if any(of.einde < first[of.gemeente] + (of.reden == "vervallen") for of in trajecten):
        return None
    return Person(drawn.own, tuple(sorted(trajecten)), tuple(sorted(wisselingen)))


def of_gemeente(gemeente, *of, halves=JOINED + 1):
    """Persons with one traject each, of a categorie, that runs until a half-year."""
    trajecten = [(Traject(categorie, -1, einde, gemeente=gemeente), number) for categorie, einde, number in of]
    return {person(traject, halves=halves): number for traject, number in trajecten}


def known_herindelingen(catalogue):
    """As the known breaks, of gemeenten with one half-year each before they became one."""

    def case(names, persons, number=2, halves=1, **more):
        uitgaven = [Uitgave(JOINED - 1, of) for of in range(number)]
        uitgaven += [Uitgave(half) for half in range(JOINED, JOINED + halves)]
        cubes = [[catalogue.cubes[name] for name in names]] * len(uitgaven)
        return Case(cubes, persons, uitgaven=tuple(uitgaven), **more)

    def ran(of, number, **within):
        return {at("rows", of, einde="loopt_door", **within): number}

    last, on = JOINED - 1, len(HALVES)
    others = ("45", last, 20), ("51", on, 30), ("51", last, 20), ("48", on, 20), ("48", last, 20)
    persons = of_gemeente(0, ("45", on, 12), *others) | of_gemeente(1, ("45", on, 7), *others)
    counts = {at("rows", 2, begin="al_lopend", categorie="45"): 19}
    counts |= ran(0, 12, categorie="45") | ran(1, 7, categorie="45")
    yield "19 less 12 are 7 of the other", 2, case(["categorie", "extra-groep-verloop"], persons), counts

    # Nobody of the small gemeente may be told from the large one, now or when that is no longer new.
    small = of_gemeente(0, ("45", on, 40), ("51", on, 20), ("48", last, 30), halves=4)
    small |= of_gemeente(1, ("45", on, 4), ("51", on, 3), halves=4)
    small |= {person(Traject("45", JOINED, on), halves=4): 15, person(Traject("51", JOINED + 1, on), halves=4): 12}
    counts = {at("rows", 2, begin="al_lopend"): 67} | ran(0, 60) | ran(1, 7)
    for how, stays in {"joins one of 60": True, "and one of 60 become one": False}.items():
        name = f"a gemeente of 7 {how}"
        names = ["categorie", "extra-groep-verloop", "stroom"]
        yield name, 2, case(names, small, halves=2, stays=stays), counts

    # Of three gemeenten two hide what the third and the new one show, of two categorieen each.
    three = of_gemeente(0, ("45", on, 7), ("51", on, 5), ("48", on, 30), ("48", last, 20))
    three |= of_gemeente(1, ("45", on, 4), ("51", on, 8), ("48", on, 30), ("51", last, 14))
    three |= of_gemeente(2, ("45", on, 15), ("51", on, 22), ("48", on, 30), ("45", last, 11))
    counts = {at("rows", 3, begin="al_lopend", categorie="45"): 26} | ran(2, 15, categorie="45")
    counts |= ran(0, 7, categorie="45")
    yield "26 less 15 are 11 of two", 0, case(["categorie", "extra-groep-verloop"], three, 3), counts

    # Of 65 children whose help runs on 60 had it in the one: 5 had it in the other alone, though no table says so.
    both = person(Traject("45", -1, on), Traject("51", -1, on, gemeente=1), halves=JOINED + 1)
    alone = of_gemeente(0, ("45", on, 15), ("45", last, 20), ("51", JOINED, 20)) | of_gemeente(1, ("51", on, 5))
    alone |= of_gemeente(1, ("45", last, 20)) | {person(Traject("52", JOINED, on), halves=JOINED + 1): 20}
    counts = {at("persons", 2, stroom="doorlopend"): 45, at("persons", 2, stroom="uitstroom"): 20}
    counts |= {at("persons", 0, stroom="doorlopend"): 60}
    yield "65 less 60 are 5 of the other alone", 3, case(["stroom", "categorie"], alone | {both: 25}), counts

    # Of 32 children who had help 12 had it in both, of one kind: for each of them one traject is no longer there.
    gone = Traject("45", -1, JOINED, "vervallen", details=(*[USUAL] * JOINED, UNKNOWN), gemeente=1)
    twice = {person(Traject("45", -1, on), gone, halves=JOINED + 1): 12}
    twice |= of_gemeente(0, ("45", on, 13), ("51", last, 20)) | of_gemeente(1, ("45", on, 7), ("51", last, 20))
    names = ["categorie", "extra-groep-verloop", "stroom"]
    yield "12 were in both", 0, case(names, twice), {}
    # Without a table of product codes that is one categorie, of which they had two trajecten before and began none.
    yield "12 were in both, of one categorie", 0, case(names, twice, unmapped=True), {}

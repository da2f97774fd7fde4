"""The subtractions that broke earlier designs, as gemeenten that the oracle of releases judges in every run.

Guarantees, to whom trusts the oracle of releases, that what once gave a small number away is tried again, whatever is
drawn: each break is a gemeente with the counts that its subtraction takes, of which readers may not have all of the
first few. Those without counts broke the design in another way, and only have to keep their promise.
"""

from release_oracle_cases import Case
from release_oracle_catalogue import BOTH, Cube
from release_oracle_lives import AGES, UNKNOWN, USUAL, Person, Traject, Wisseling

GGZ = "51+52+54"
A, B, C, D = (Traject(categorie, -1, 1) for categorie in ["45", "51", "43", "52"])


def person(*trajecten, halves=1, geslacht="M", wisselingen=()):
    return Person(((geslacht, AGES[1]),) * halves, tuple(sorted(trajecten)), wisselingen)


def lives(*of, halves=2, geslacht="M"):
    return {person(Traject(*life), halves=halves, geslacht=geslacht): number for life, number in of}


def at(measure, half=0, view="jeugdhulp", **within):
    members = sorted((column, tuple(sorted(codes.split("+")))) for column, codes in within.items())
    return measure, half, view, tuple(members)


def known_breaks(catalogue):
    """Each with its name, how many counts readers may not all have, the gemeente, and the counts."""

    def case(names, halves, persons, **more):
        return Case([[catalogue.cubes[name] for name in names]] * halves, persons, **more)

    flows = lives((("45", -1, 2), 28), (("45", 0, 2), 12), (("45", -1, 1), 5), (("45", 1, 2), 14))
    counts = {at("persons", stroom="doorlopend"): 33, at("persons", stroom="instroom"): 12}
    counts |= {at("persons", 1, stroom="doorlopend"): 40, at("persons", 1, stroom="uitstroom"): 5}
    yield "33 + 12 - 40 = 5 leave", 3, case(["stroom"], 2, flows), counts
    yield "33 + 12 - 40 = 5 leave, withdrawn", 3, case(["stroom"], 2, flows, withdrawn=(0,)), counts

    counts = {at("persons"): 17, at("persons", categorie="45"): 10, at("persons", categorie=GGZ): 12}
    persons = {person(A): 5, person(A, B): 5, person(B): 7}
    yield "17 - 10 = 7 are without ambulant", 2, case(["extra-groep"], 1, persons), counts

    groups = [{}, {"categorie": "45"}, {"categorie": GGZ}, {"categorie": "43+44"}]
    boys = {person(A): 10, person(A, B): 10, person(B, C): 4}
    counts = {at("persons", geslacht="M", **of): number for of, number in zip(groups, [24, 20, 14, 4])}
    girls = {"with many": {A: 30, B: 20, C: 15}, "with 20 and 20": {A: 30, B: 20, C: 20}}
    for name, of in girls.items():
        persons = boys | {person(life, geslacht="V"): number for life, number in of.items()}
        yield f"24 - 20 = 4 boys beside girls {name}", 2, case(["groep-geslacht"], 1, persons), counts

    how = {"eerste": 40, "aansluitend": 12, "later": 7}
    persons = {person(A): 30} | {person(Traject("45", 0, 1, "31", name)): number for name, number in how.items()}
    counts = {at("rows", begin="gestart"): 59}
    counts |= {at("rows", begin="gestart", herhaald=name): number for name, number in how.items()}
    yield "59 - 40 - 12 = 7 across views", 3, case(["extra-herhaald", "verloop"], 1, persons), counts

    lists = {"45": 60, "51": 20, "52": 5}
    counts = {at("persons"): 85} | {at("persons", categorie=of): number for of, number in lists.items()}
    persons = {person(A): 60, person(B): 20, person(D): 5}
    yield "85 - 60 - 20 = 5 beside a leaf", 3, case(["categorie", "groep-geslacht"], 1, persons), counts

    # Without a table of product codes a list of hulpvormen is one of categorieen.
    of_2015 = {"45": ("onbekend", 40), "35": ("11", 12), "36": ("12", 5), "38": ("14", 15)}
    persons = {person(Traject(of, -1, 1, hulpvorm=form)): number for of, (form, number) in of_2015.items()}
    counts = {at("persons", hulpvorm="11+12+13+14"): 32}
    counts |= {at("persons", categorie=of): of_2015[of][1] for of in ["35", "38"]}
    names = ["categorie", "hulpvorm"]
    yield "32 - 12 - 15 = 5 in a family", 3, case(names, 1, persons, unmapped=True), counts
    # In a list of groups it is within one.
    names = ["extra-groep", "hulpvorm"]
    yield "10 with verblijf within a group", 0, case(names, 1, {
        person(Traject("36", -1, 1, hulpvorm="12")): 10,
        person(Traject("51", -1, 1)): 10,
    }, unmapped=True), {}

    counts = {at("rows", einde="loopt_door"): 52, at("persons", stroom="doorlopend"): 45}
    counts |= {at("persons", stroom="instroom"): 7}
    persons = lives((("45", -1, 1), 45), (("45", 0, 1), 7), (("45", -1, 0), 12), (("45", 0, 0), 10), halves=1)
    yield "52 trajecten - 45 persons = 7", 2, case(["extra-groep", "stroom", "verloop"], 1, persons), counts

    # Twelve tables of H2 would each have one more than runs on from H1, where a record came late.
    names = [cube.naam for cube in catalogue.registered if cube.weergave == "jeugdhulp"]
    details = (("02", "1_tot_2_jaar", "10_tot_26_weken"),)
    late = Traject("45", 1, 1, "34", "onbekend", "onbekend", details)
    persons = lives((("45", -1, 2), 60), (("51", -1, 2), 30)) | lives((("45", -1, 2), 40), geslacht="V")
    counts = {at("rows", einde="loopt_door"): 130, at("rows", 1): 131}
    yield "a late record grows every margin by 1", 2, case(names, 2, persons | {person(late, halves=2): 1}), counts
    # One child's record changed its categorie, and one was deleted.
    gone = Traject("45", -1, 1, "vervallen", details=(USUAL, UNKNOWN))
    again = Traject("51", 1, 2, details=(USUAL,))
    persons |= {person(gone, again, halves=2): 1, person(gone, halves=2, geslacht="V"): 1}
    yield "a record changed and one deleted", 0, case(names, 2, persons), {}

    # Of 14 trajecten 13 ran on, as nothing began: the other had ended, and no dagbehandeling runs on.
    ended = lives((("41", -1, 0), 1), (("55", -1, 2), 13))
    counts = {at("rows"): 14, at("rows", 1): 13, at("rows", 1, begin="gestart"): 0, at("persons", categorie="41+42"): 1}
    yield "14 - 13 = 1 ended", 0, case(["extra-groep", "herhaald"], 2, ended), counts

    # Of 22 trajecten of a hulpvorm 20 ran on, of 31 ambulant 20, of all 101 90: who ended was ambulant.
    kinds = {("45", "02", 0): 2, ("45", "11", 0): 9, ("45", "onbekend", 2): 20}
    kinds |= {("51", "02", 2): 20, ("51", "11", 2): 30, ("51", "onbekend", 2): 20}
    persons = {
        person(Traject(categorie, -1, einde, hulpvorm=hulpvorm), halves=2): number
        for (categorie, hulpvorm, einde), number in kinds.items()
    }
    counts = {at("rows", hulpvorm="02"): 22, at("rows", 1, hulpvorm="02"): 20, at("rows", categorie="45"): 31}
    counts |= {at("rows", 1, categorie="45"): 20, at("rows"): 101, at("rows", 1): 90}
    # Such a crossing is refused by name.
    yield "22 - 20 = 2 ended, all ambulant", 0, case(["extra-groep-hulpvorm", "verloop"], 2, persons), counts

    # Of 33 trajecten of boys that run on 30 are of boys who were counted before: 3 boys entered. Refused by name too.
    boys = lives((("45", -1, 1), 30), (("45", 0, 1), 3), (("45", -1, 0), 14), halves=1)
    girls = lives((("45", -1, 1), 40), (("45", 0, 1), 20), (("45", -1, 0), 14), halves=1, geslacht="V")
    counts = {at("rows", geslacht="M", einde="loopt_door"): 33, at("persons", geslacht="M", stroom="doorlopend"): 30}
    names = ["extra-stroom-geslacht", "extra-einde-geslacht"]
    yield "33 trajecten of boys - 30 boys = 3", 0, case(names, 1, boys | girls), counts

    stock = lives((("51", -1, 0), 10), (("51", -1, 2), 9), (("52", -1, 2), 30), (("45", -1, 2), 20))
    stock |= lives((("43", -1, 0), 15), (("43", -1, 2), 15))
    yield "19 less 10 that ended run on", 0, case(["categorie", "extra-groep-verloop"], 2, stock), {}
    stroom = lives((("53", -1, 2), 20), (("45", 1, 2), 12), geslacht="V") | lives((("45", -1, 2), 33))
    yield "45 less 12 that came are all boys", 0, case(["extra-einde", "extra-groep-geslacht", "stroom"], 2, stroom), {}
    part = lives((("45", -1, 2), 12), (("45", 1, 2), 6))
    yield "18 less 12 that ran on began", 0, case(["extra-einde", "extra-herhaald"], 2, part), {}
    # Nothing shows who began, but of all 48 trajecten 43 ran on from the half-year before.
    began = lives((("45", -1, 1), 43), (("45", -1, 0), 20), (("45", 1, 1), 5))
    counts = {at("rows", einde="loopt_door"): 43, at("rows", 1): 48}
    yield "48 - 43 = 5 began", 2, case(["einde"], 2, began), counts
    ten = lives((("45", 0, 1), 10), halves=1)
    yield "10 of 10 began in one group", 0, case(["extra-einde", "extra-herhaald"], 1, ten), {}
    ended = lives((("53", -1, 2), 10), geslacht="V") | lives((("53", -1, 0), 10))
    yield "boys who all left", 0, case(["extra-groep-geslacht", "extra-verloop"], 2, ended), {}

    # Of 47 who had 66 kinds of help 19 had both; of the same 47 with 58 that still have it 11 do: 8 had something that ended.
    here, both = (-1, 2), [(("45", -1, 2), 14), (("51", -1, 2), 14)]
    several = {("45", *here): ("51", *here), ("45", -1, 0): ("51", *here), ("51", -1, 0): ("45", *here)}
    persons = lives(*both)
    for (one, other), number in zip(several.items(), [11, 4, 4]):
        persons[person(Traject(*one), Traject(*other), halves=2)] = number
    counts = {at("persons"): 47, at("persons", categorie="45"): 33, at("persons", categorie=GGZ): 33}
    counts |= {at("persons", 1): 47, at("persons", 1, categorie="45"): 29, at("persons", 1, categorie=GGZ): 29}
    yield "19 had both, 11 have: 8 ended", 6, case(["extra-groep", "einde"], 2, persons), counts
    # Of 82 with 162 kinds of help, and 146 of the same 82 later, eight had something that ended: who loses two loses two.
    kinds = ["45", "51", "43"]
    persons = lives(*(((kind, *here), 14) for kind in kinds))
    for left, number in [(kinds, 32), (["43"], 2), (["51"], 3), (["45"], 3)]:
        trajecten = (Traject(kind, -1, 2 if kind in left else 0) for kind in kinds)
        persons[person(*trajecten, halves=2)] = number
    counts = {at("persons"): 82, at("persons", 1): 82}
    yield "80 kinds more than children, then 64", 0, case(["extra-groep", "einde"], 2, persons), counts
    # All that girls have runs on, and ggz is of girls only. Refused as a circle.
    girls = lives((("51", -1, 1), 15), geslacht="V", halves=1)
    boys = lives((("45", -1, 1), 20), (("45", -1, 0), 12), halves=1)
    names = ["extra-groep-geslacht", "extra-einde-geslacht"]
    yield "ggz of girls, whose help all runs on", 0, case(names, 1, boys | girls), {}

    # What a stricter policy may not show any more, an earlier release did.
    stricter = lives((("45", -1, 2), 30), (("51", -1, 2), 11), (("51", -1, 0), 14), (("43", -1, 1), 13))
    yield "11 run on, then k is 12", 0, case(["categorie", "verloop", "stroom"], 2, stricter, ks=(10, 12)), {}

    # Who changed aanbieder has help of that kind: of 12 with verblijf 12 changed, and of 20 all.
    changed = Wisseling(0, "45", "onbekend", "aansluitend", "overstap")
    persons = {person(A, wisselingen=(changed,)): 12, person(A): 5, person(B): 25}
    counts = {at("persons", categorie="45"): 17, at("persons", view="wisseling", categorie="45"): 12}
    yield "12 of 17 changed aanbieder", 2, case(["extra-groep", "extra-wisseling"], 1, persons), counts
    persons = {person(A, wisselingen=(changed, changed)): 7, person(A): 3, person(B): 25}
    names = ["extra-groep", "extra-wisseling-hoofdgroep", "aansluiting"]
    yield "7 of 10 changed aanbieder twice", 0, case(names, 1, persons), {}
    # Of 40 with 48 trajecten none has two that began alike, of two ways to begin, nor two of ambulant: 8 have ggz too.
    began = {of: Traject("45", 0, 2, herhaald=of) for of in ["aansluitend", "later"]}
    two = began["aansluitend"], Traject("52", 0, 2, herhaald="later")
    persons = {person(began["aansluitend"], halves=2): 20, person(began["later"], halves=2): 12}
    persons |= {person(*two, halves=2): 8}
    twice = [[catalogue.cubes["extra-groep"], Cube("los-herhaald", "herhaald_beroep", ("herhaald",), BOTH)]] * 2
    yield "8 of 40 have ggz beside ambulant", 0, Case(twice, persons, unmapped=True), {}
    # What runs on is of one hulpvorm beside others, so 13 of it; of 17 trajecten 4 began.
    form = {"hulpvorm": "02"}
    again = Traject("32", -1, 0, **form), Traject("32", 0, 1, herhaald="aansluitend", **form)
    persons = {person(A): 25, person(Traject("32", -1, 1, **form)): 9, person(*again): 4, person(Traject("45", -1, 0)): 3}
    yield "4 began again in one hulpvorm", 0, case(["hulpvorm", "verloop", "stroom"], 1, persons, unmapped=True), {}
    # Ten came and went, so their help does not run on: 18 have ambulant, of whom 8 began.
    of = {"aansluitend": 3, "later": 5}
    persons = {person(Traject("45", 1, 2, herhaald=how), halves=2): many for how, many in of.items()}
    of = [("45", 0, 0), ("45", -1, 2), ("51", -1, 2), ("51", 1, 2)]
    for life, many in zip(of, [10, 10, 10, 31]):
        persons[person(Traject(*life, herhaald="aansluitend"), halves=2)] = many
    names = ["kerngroep-herhaald", "stroom", "extra-groep"]
    yield "8 began where 10 came and went", 0, case(names, 2, persons, unmapped=True), {}
    # Of 25 whose help ran on at most nine are older, and of the young at most nine and nine have either kind of it: whoever
    # has another kind came later, so that 7, 8 or 9 are older.
    young, older = AGES[1], AGES[2]
    of = {("45", 0, young): 5, ("45", 1, young): 7, ("45", 1, older): 3, ("45", 2, young): 2, ("41", 0, young): 4}
    of |= {("35", 2, young): 2, ("41", 1, older): 4, ("35", 1, older): 2, ("35", 0, older): 6}
    persons = {Person((("V", age),) * 2, (Traject(kind, -1, einde),)): many for (kind, einde, age), many in of.items()}
    gone = {"41": 3, "35": 2}
    gone = {Traject(kind, -1, 1, "vervallen", details=(USUAL, UNKNOWN)): many for kind, many in gone.items()}
    persons |= {Person((("V", young),) * 2, (of,)): many for of, many in gone.items()}
    names = ["hoofdgroep-leeftijd", "stroom", "verwijzer"]
    yield "7, 8 or 9 of 25 are older", 0, case(names, 2, persons), {}
    # Ten had other help than ambulant before the half-year and eleven have it in it, and after it nobody has ambulant: at
    # most one came.
    rest, more, again = Traject("48", -1, 1), Traject("50", -1, 1, "vervallen"), Traject("48", 1, 1, "31", "aansluitend")
    of = {(rest,): 4, (rest, more): 1, (A,): 3, (A, rest._replace(einde=2)): 1, (rest._replace(einde=2),): 1}
    of |= {(rest, again._replace(categorie="45")): 2, (more, again): 1}
    of |= {(rest._replace(einde=3), again._replace(einde=2, categorie="50")): 1}
    persons = {person(*trajecten, halves=3): many for trajecten, many in of.items()}
    cubes = [catalogue.cubes["extra-hoofdgroep"], catalogue.cubes["verloop"], catalogue.cubes["stroom"]]
    yield "10 before and 11 now, so one came", 0, Case([cubes] * 3, persons), {}
    # Of 64 who changed 31 and 41 did in two kinds: 8 did in both, who are boys, as girls have one traject each.
    both = tuple(Wisseling(0, of, "onbekend", "aansluitend", "overstap") for of in ["45", "51"])
    persons = {person(A, B, wisselingen=both): 8, person(B): 9, person(B, wisselingen=both[1:]): 33}
    persons |= {person(A, geslacht="V", wisselingen=both[:1]): 23, person(B, geslacht="V"): 12}
    names = ["extra-groep", "groep-geslacht", "extra-wisseling"]
    yield "8 boys changed in two kinds of help", 0, case(names, 1, persons), {}
    # All ten trajecten are of the kind in which all ten changed, so nobody changed in another.
    changed = Wisseling(0, "50", "onbekend", "aansluitend", "overstap")
    persons = {person(Traject("50", -1, 1), wisselingen=(changed,)): 10}
    yield "10 of 10 changed aanbieder", 0, case(["extra-wisseling", "wachttijd"], 1, persons), {}


def missed(needed, counts, releases):
    """Where a release is not as a subtraction has it, or lets readers make it."""
    # A refused half-year shows nothing.
    counts = {key: count for key, count in counts.items() if key[1] < len(releases)}
    cells = {}
    for half, cell in [(half, cell) for half, release in enumerate(releases) for cell in release]:
        for measure in [of for of in ["persons", "rows"] if cell[f"shows_{of}"]]:
            key = at(measure, half, cell["view"], **{of: "+".join(codes) for of, codes in cell["within"].items()})
            cells[key] = cell
    found = [f"{key} is not {count}" for key, count in counts.items() if cells[key][key[0]] != count]
    hidden = any(cells[key]["reason"] for key in list(counts)[:needed])
    return found + ([] if hidden or not needed else ["everything that the subtraction takes is shown"])

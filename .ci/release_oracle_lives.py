"""Children with their trajecten from beginning to end, as they count in each half-year.

Guarantees, to whom trusts the oracle of releases, that the rows it gives are those of rule R2, worked out from whole
lives: what was counted before and had not ended is al lopend, whatever else counts is gestart, and what is no longer
in the records ends as vervallen. A life is told as it is counted, so that records which come late, change or go are
lives like others: what becomes known late begins in the half-year in which it becomes known; what is deleted ends as
vervallen in the half-year of which it is missing, with nothing known of it but its kind; and what changes its
categorie or hulpvorm does both. A wisseling counts by its date, for who has a traject of its kind in that half-year.
A herindeling makes one gemeente of some on 1 January 2026: until then each of them counts what began there, after that
the new one counts everything. Who had the same kind of help in two of them has it once from then on: of two trajecten
one ends in that half-year.
"""

import itertools
from typing import NamedTuple

HALVES = ["2025H1", "2025H2", "2026H1", "2026H2"]
AGES = ["0-3", "4-11", "12-17", "18+", "onbekend"]
DUREN = ["tot_3_maanden", "3_tot_6_maanden", "6_tot_12_maanden", "1_tot_2_jaar", "2_jaar_of_langer"]
DETAILS = ("verwijzer", "duurklasse", "wachttijdklasse")
UNKNOWN, USUAL = ("onbekend",) * 3, ("01", "6_tot_12_maanden", "tot_4_weken")
# The first half-year of a gemeente that others became.
JOINED = HALVES.index("2026H1")


class Uitgave(NamedTuple):
    """A release: of a half-year, and of one of the gemeenten that become one, or else of everybody."""

    half: int
    gemeente: int | None = None

    def has(self, traject):
        """Whether something of a traject, or a wisseling, counts there if it counts in that half-year."""
        return self.gemeente in (None, traject.gemeente)

    def text(self):
        return HALVES[self.half] if self.gemeente is None else f"{HALVES[self.half]} of voorganger {self.gemeente}"


class Traject(NamedTuple):
    """Begun in half-year `begin` (-1: before the first), ended in `einde` (after the last one: runs on). Where it began
    is said by `gemeente`, if that was before a herindeling; which `aanbieder` delivers it, where that is any matter."""

    categorie: str
    begin: int
    einde: int
    reden: str = "31"
    herhaald: str = "eerste"
    hulpvorm: str = "onbekend"
    details: tuple = ()
    gemeente: int = 0
    aanbieder: int = 0

    def kind(self):
        return self.categorie, self.hulpvorm

    def members(self, half):
        """Those of its row in a half-year, but for what its person has."""
        starts = {"begin": "gestart", "herhaald": self.herhaald} if self.begin == half else {"begin": "al_lopend"}
        ends = {"einde": self.reden if self.einde == half else "loopt_door"}
        kind = {"categorie": self.categorie, "hulpvorm": self.hulpvorm, "aanbieder": self.aanbieder}
        return {"weergave": "jeugdhulp"} | starts | ends | kind | dict(zip(DETAILS, self.at(half)))

    def at(self, half):
        """The verwijzer, duur and wachttijd of a half-year: where none are given nothing of what is gone, and else those
        of most who begin and run on."""
        place, gone = half - max(self.begin, 0), self.einde == half and self.reden == "vervallen"
        usual = UNKNOWN if gone else USUAL if self.begin < half else (USUAL[0], DUREN[0], USUAL[2])
        return self.details[place] if place < len(self.details) else usual


class Wisseling(NamedTuple):
    """A change of aanbieder within one kind of help."""

    half: int
    categorie: str
    hulpvorm: str
    aansluiting: str
    reden: str
    gemeente: int = 0


class Person(NamedTuple):
    """A geslacht and age in each half-year, trajecten, and changes of aanbieder."""

    own: tuple
    trajecten: tuple
    wisselingen: tuple = ()

    def rows(self, uitgave):
        """The members of each row of a release, with its view."""
        half = uitgave.half
        used = [traject for traject in self.trajecten if traject.begin <= half <= traject.einde and uitgave.has(traject)]
        before, after = any(traject.begin < half for traject in used), any(traject.einde > half for traject in used)
        stroom = [["in_en_uit", "instroom"], ["uitstroom", "doorlopend"]][before][after]
        own = {"geslacht": self.own[half][0], "leeftijdsgroep": self.own[half][1]}
        yield from (traject.members(half) | own | {"stroom": stroom} for traject in used)
        for wisseling in self.wisselingen:
            if wisseling.half == half and uitgave.has(wisseling):
                of = {column: getattr(wisseling, column) for column in Wisseling._fields[1:-1]}
                yield {"weergave": "wisseling"} | own | of

    def sound(self, definitions, late=True):
        """Whether of each kind at most one runs on at a time in one gemeente, every wisseling is of help that there is, and
        all goes together. Without `late` records what began and ended in one half-year did so before or after what
        runs."""
        pairs = [(a, b) for a, b in itertools.combinations(self.trajecten, 2) if a.kind() == b.kind()]
        # The first half-year goes by date.
        passed = (late and (a.begin == a.einde > 0 or b.begin == b.einde > 0) for a, b in pairs)
        apart = (gone or a.einde <= b.begin or b.einde <= a.begin or in_two(a, b) for gone, (a, b) in zip(passed, pairs))
        changes = (any(wisseling_of(of, traject) for traject in self.trajecten) for of in self.wisselingen)
        return all(apart) and all(changes) and definitions.allows(self)


def in_two(a, b):
    """Whether two trajecten run in two gemeenten, and not both after these became one."""
    return a.gemeente != b.gemeente and max(a.begin, b.begin) < JOINED and min(a.einde, b.einde) <= JOINED


def wisseling_of(wisseling, traject):
    """Whether somebody with a traject can have a wisseling."""
    here = wisseling.half >= JOINED or wisseling.gemeente == traject.gemeente
    kind = wisseling.categorie, wisseling.hulpvorm
    return here and traject.begin <= wisseling.half <= traject.einde and kind == traject.kind()

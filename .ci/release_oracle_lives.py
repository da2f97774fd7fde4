"""Children with their trajecten from beginning to end, as they count in each half-year.

Guarantees, to whom trusts the oracle of releases, that the rows it gives are those of rule R2, worked out from whole
lives: what was counted before and had not ended is al lopend, whatever else counts is gestart, and what is no longer
in the records ends as vervallen. A life is told as it is counted, so that records which come late, change or go are
lives like others: what becomes known late begins in the half-year in which it becomes known; what is deleted ends as
vervallen in the half-year of which it is missing, with nothing known of it but its kind; and what changes its
categorie or hulpvorm does both. A wisseling counts by its date, for who has a traject of its kind in that half-year.
"""

import itertools
from typing import NamedTuple

HALVES = ["2025H1", "2025H2", "2026H1", "2026H2"]
AGES = ["0-3", "4-11", "12-17", "18+", "onbekend"]
DUREN = ["tot_3_maanden", "3_tot_6_maanden", "6_tot_12_maanden", "1_tot_2_jaar", "2_jaar_of_langer"]
DETAILS = ("verwijzer", "duurklasse", "wachttijdklasse")
UNKNOWN, USUAL = ("onbekend",) * 3, ("01", "6_tot_12_maanden", "tot_4_weken")


class Traject(NamedTuple):
    """Begun in half-year `begin` (-1: before the first), ended in `einde` (after the last one: runs on)."""

    categorie: str
    begin: int
    einde: int
    reden: str = "31"
    herhaald: str = "eerste"
    hulpvorm: str = "onbekend"
    details: tuple = ()

    def kind(self):
        return self.categorie, self.hulpvorm

    def members(self, half):
        """Those of its row in a half-year, but for what its person has."""
        starts = {"begin": "gestart", "herhaald": self.herhaald} if self.begin == half else {"begin": "al_lopend"}
        place = half - max(self.begin, 0)
        details = self.details[place] if place < len(self.details) else USUAL
        ends = {"einde": self.reden if self.einde == half else "loopt_door"}
        kind = {"categorie": self.categorie, "hulpvorm": self.hulpvorm}
        return {"weergave": "jeugdhulp"} | starts | ends | kind | dict(zip(DETAILS, details))


class Wisseling(NamedTuple):
    """A change of aanbieder within one kind of help."""

    half: int
    categorie: str
    hulpvorm: str
    aansluiting: str
    reden: str


class Person(NamedTuple):
    """A geslacht and age in each half-year, trajecten, and changes of aanbieder."""

    own: tuple
    trajecten: tuple
    wisselingen: tuple = ()

    def rows(self, half):
        """The members of each row of a half-year, with its view."""
        used = [traject for traject in self.trajecten if traject.begin <= half <= traject.einde]
        before, after = any(traject.begin < half for traject in used), any(traject.einde > half for traject in used)
        stroom = [["in_en_uit", "instroom"], ["uitstroom", "doorlopend"]][before][after]
        own = {"geslacht": self.own[half][0], "leeftijdsgroep": self.own[half][1]}
        yield from (traject.members(half) | own | {"stroom": stroom} for traject in used)
        for wisseling in self.wisselingen:
            if wisseling.half == half:
                of = wisseling._asdict()
                yield {"weergave": "wisseling"} | own | {column: of[column] for column in of if column != "half"}

    def sound(self, late=True):
        """Whether of each kind at most one runs on at a time, and every wisseling is of help that there is. Without
        `late` records what began and ended in one half-year did so before or after what runs."""
        pairs = [(a, b) for a, b in itertools.combinations(self.trajecten, 2) if a.kind() == b.kind()]
        passed = (late and (a.begin == a.einde or b.begin == b.einde) for a, b in pairs)
        apart = all(gone or a.einde <= b.begin or b.einde <= a.begin for gone, (a, b) in zip(passed, pairs))
        kinds = {half: {t.kind() for t in self.trajecten if t.begin <= half <= t.einde} for half in range(len(HALVES))}
        return apart and all((of.categorie, of.hulpvorm) in kinds[of.half] for of in self.wisselingen)

"""What the definitions of the dimensions say of one row, one traject and one child, whatever the catalogue declares.

Guarantees, to whom trusts the oracle of releases, that the children it makes are such as a node can have: a verwijzer
that is known has a verzoek, and so a wachttijd, unless it is the gemeente itself; days are known of what is in the
records, and of what is gone nothing is known but its kind of help; in the first half-year of a gemeente trajecten count
by date, so that what begins is short, what runs all through it is not, nothing is missing and nobody who had help
before is new; and without a table of product codes the categorieen of 2015 are a hulpvorm each, and the others none
that is known.
"""

from typing import NamedTuple

GEMEENTE, UNKNOWN, GONE = "01", "onbekend", "vervallen"
SHORT = ("tot_3_maanden", "3_tot_6_maanden")
NEW = ("eerste", "binnen_12_maanden", "later")
OF_2015 = dict(zip(["31", "32", "33", "34", "35", "36", "37", "38"], ["01", "02", "03", "04", "11", "12", "13", "14"]))


class Definitions(NamedTuple):
    """Of which half-year the first release of each gemeente is, and whether there is no table of product codes."""

    first: tuple = (0,)
    unmapped: bool = False

    def first_of(self, gemeente):
        """None if it never had a release of its own: nothing is its first half-year."""
        return self.first[gemeente] if gemeente < len(self.first) else None

    def kind(self, categorie, hulpvorm):
        """The hulpvorm that help counts as."""
        return OF_2015.get(categorie, UNKNOWN) if self.unmapped else hulpvorm

    def sort(self, column, code):
        """Which members of a dimension definitions tell apart."""
        of = {
            "categorie": self.kind(code, UNKNOWN),
            "verwijzer": code if code in (GEMEENTE, UNKNOWN) else "",
            "wachttijdklasse": code == UNKNOWN,
            "duurklasse": (code in SHORT, code == UNKNOWN),
            "herhaald": (code in NEW, code == UNKNOWN),
            "aansluiting": code == UNKNOWN,
        }
        return of.get(column)

    def allows(self, person):
        """Whether somebody can be."""
        trajecten = all(self.allows_traject(traject) for traject in person.trajecten)
        changes = all(of.aansluiting != UNKNOWN and self.allows_kind(of) for of in person.wisselingen)
        gemeenten = {traject.gemeente for traject in person.trajecten}
        return trajecten and changes and all(self.allows_new(person, of) for of in gemeenten)

    def allows_kind(self, of):
        return of.hulpvorm == self.kind(of.categorie, of.hulpvorm)

    def allows_new(self, person, gemeente):
        """Whether who begins help in a first half-year without any for half a year had none that ran."""
        first = self.first_of(gemeente)
        own = [traject for traject in person.trajecten if traject.gemeente == gemeente]
        new = {traject.herhaald for traject in own if traject.begin == first and traject.herhaald in NEW}
        return not new or len(new) == 1 and all(traject.begin >= first for traject in own)

    def allows_traject(self, traject):
        first = self.first_of(traject.gemeente)
        known = traject.begin != first or traject.herhaald != UNKNOWN
        halves = range(max(traject.begin, 0), max(traject.begin, 0) + len(traject.details))
        details = (self.allows_details(traject, half, traject.at(half)) for half in halves)
        return known and self.allows_kind(traject) and all(details)

    def allows_details(self, traject, half, details):
        """Whether a verwijzer, duur and wachttijd go with each other and with a half-year of a traject."""
        if half == traject.einde and traject.reden == GONE:
            return details == (UNKNOWN,) * 3 and half != self.first_of(traject.gemeente)
        verwijzer, duur, wachttijd = details
        if verwijzer == UNKNOWN:
            verzoek = wachttijd == UNKNOWN
        else:
            verzoek = verwijzer == GEMEENTE or wachttijd != UNKNOWN
        by_date = True
        if half == self.first_of(traject.gemeente) and traject.begin == half:
            by_date = duur in SHORT
        elif half == self.first_of(traject.gemeente) and traject.einde > half:
            by_date = duur not in SHORT
        return verzoek and by_date and duur != UNKNOWN


def never(within, first):
    """Whether nobody can be in a cell with these members; in a first half-year or any."""

    def only(column, *codes):
        return column in within and set(within[column]) <= set(codes)

    def none(column, *codes):
        return column in within and not set(within[column]) & set(codes)

    always = [
        only("begin", UNKNOWN),
        only("stroom", UNKNOWN),
        only("begin", "gestart") and only("einde", GONE),
        none("verwijzer", GEMEENTE, UNKNOWN) and only("wachttijdklasse", UNKNOWN),
        only("verwijzer", UNKNOWN) and none("wachttijdklasse", UNKNOWN),
        only("duurklasse", UNKNOWN) and (none("einde", GONE) or only("begin", "gestart")),
        *(
            gone and none(column, UNKNOWN)
            for gone in [only("einde", GONE), only("duurklasse", UNKNOWN)]
            for column in ["duurklasse", "verwijzer", "wachttijdklasse"]
        ),
        only("aansluiting", UNKNOWN),
    ]
    at_first = [
        only("einde", GONE),
        only("duurklasse", UNKNOWN),
        only("herhaald", UNKNOWN),
        only("begin", "gestart") and none("duurklasse", *SHORT),
        only("begin", "al_lopend") and only("einde", "loopt_door") and only("duurklasse", *SHORT),
    ]
    return any(always) or first and any(at_first)

"""What must hold of each cell and line of a release by itself: counts, primary rules, stocks and remainders.

Guarantees, to whom trusts the oracle of releases, that every count is the true one and every table has its cells;
that no shown cell has 1 to k-1 persons, or none under cbs, and no zero is hidden elsewhere but of a gevoelig cell, or
in a later half-year (where it would give away what an earlier one hid); that a stock at the beginning has the count and status it had at the end
before, or after a herindeling the trajecten of all gemeenten and as many persons as that can be; and that of every
shown cell and dimension the part beside its topmost shown parts is nobody or at least k persons (rule R5). Where
persons can be in several parts that is three things: who is in the hidden part, who is in no shown part, and who is
not in one of the shown parts; and who has help and did not change aanbieder is left too. All of it is counted over the persons, not over cells.
"""

from release_oracle_catalogue import KEPT
from release_oracle_definitions import never


class Status:
    """The k of each cell, whether it is gevoelig, and what is wrong with it by itself."""

    def __init__(self, releases, case, catalogue):
        self.case, self.catalogue = case, catalogue
        self.cells = [(half, cell) for half, cells in enumerate(releases) for cell in cells]
        self.places = {(half, *place(cell)): at for at, (half, cell) in enumerate(self.cells)}
        # The stock at the end before that a cell is, and after a herindeling those of which it is the sum.
        self.before, self.sums = {}, {}
        for at, (number, cell) in enumerate(self.cells):
            if ended := at_end(cell["within"]):
                stocks = [self.places.get((before, cell["view"], ended)) for before in case.before(number)]
                if len(stocks) > 1:
                    self.sums[at] = stocks
                elif stocks and stocks[0] is not None:
                    self.before[at] = stocks[0]

    def k(self, at):
        """The least persons that it was shown with: of a stock, at the end of the half-year before."""
        return self.case.ks[self.cells[self.before.get(at, at)][0]]

    def gevoelig(self, at):
        """Whether it is hidden of it that nobody is in it."""
        within = self.cells[at][1]["within"].items()
        members = any(self.catalogue.gevoelig.get(column, set()) >= set(codes) for column, codes in within)
        return self.case.profiel == "cbs" or members

    def wrong(self, truth):
        """Cells with counts that are not the true ones, or shown or hidden against the primary rules."""
        found, size = [], len(self.cells)
        for number, cubes in enumerate(self.case.cubes):
            have = {place(cell) for of, cell in self.cells if of == number}
            need = {cell for cube in cubes for cell in self.catalogue.cells(cube)}
            # A stock shows what it showed at the end before, whichever tables have it now.
            stocks = {cell for cell in need ^ have if self.case.before(number) and at_end(dict(cell[1]))}
            name = self.case.uitgaven[number].text()
            found += [f"{of} in {name} is not as registered" for of in (need ^ have) - stocks]
        for at, (number, cell) in enumerate(self.cells):
            persons, rows, k = truth[at], truth[size + at], self.k(at)
            later = self.case.before(number) or self.gevoelig(at)
            hidden = self.case.profiel == "cbs" and not never(cell["within"], first=not self.case.before(number))
            allowed = ["unsafe"] if hidden or 1 <= persons < k else [None, "unsafe"] if later else [None]
            large = [None, "secondary", "remainder", "interval", *["insider"] * self.case.has_insiders()]
            allowed = large if persons >= k else allowed
            if at in self.before:
                allowed = [self.cells[self.before[at]][1]["reason"]]
            if (persons, rows) != (cell["persons"], cell["rows"]) or cell["reason"] not in allowed:
                found.append(f"{number} {cell} has {persons} persons and {rows} rows")
        return found + [f"{self.named(at)} is not the sum of what there was" for at in self.sums if not self.is_sum(at)]

    def is_sum(self, at):
        """Whether a stock has the trajecten of those of all gemeenten before, of whom some persons may be in several."""
        if None in self.sums[at]:
            # Of one of them no table has it.
            return True
        cell, parts = self.cells[at][1], [self.cells[part][1] for part in self.sums[at]]
        persons = [part["persons"] for part in parts]
        return cell["rows"] == sum(part["rows"] for part in parts) and max(persons) <= cell["persons"] <= sum(persons)

    def remainders(self):
        """How many remainders there are, and those with too few persons."""
        judged, found = 0, []
        for release, uitgave in enumerate(self.case.uitgaven):
            own = [at for at, (of, _) in enumerate(self.cells) if of == release]
            rows = [
                (who, number, row)
                for who, (person, number) in enumerate(self.case.persons.items())
                for row in person.rows(uitgave)
            ]
            around = {}
            for at in own:
                cell = self.cells[at][1]
                for column, codes in cell["within"].items():
                    rest = frozenset((name, frozenset(of)) for name, of in cell["within"].items() if name != column)
                    around.setdefault((cell["view"], column, rest), []).append((frozenset(codes), at))
            for (view, column, rest), parts in around.items():
                every = self.places.get((release, view, rest))
                wholes = [(None, every)] if every is not None else []
                for codes, whole in wholes + parts:
                    inside = [part for part in parts if codes is None or part[0] < codes]
                    if inside and not self.cells[whole][1]["reason"]:
                        in_whole = [of for of in rows if holds(of[2], self.cells[whole][1])]
                        judged += 1
                        found += self.left(whole, column, inside, in_whole)
        aside = [*self.aside()]
        return judged + len(aside), found + [text for text in aside if text]

    def aside(self):
        """For each shown cell of changes and each of who has that help: nothing, or that few of these did not change."""
        shown = [(of, cell) for of, cell in self.cells if cell["shows_persons"] and not cell["reason"] and cell["persons"]]
        for release, part in shown:
            for _, whole in [(of, cell) for of, cell in shown if of == release and cell["view"] == "jeugdhulp"]:
                within = whole["within"].items()
                is_in = all(set(part["within"].get(column, ["none"])) <= set(codes) for column, codes in within)
                if part["view"] == "wisseling" and is_in:
                    left = whole["persons"] - part["persons"]
                    few = 0 < left < self.case.ks[release]
                    yield few and f"{left} persons of {self.text(release, whole)} are not in {self.text(release, part)}"

    def left(self, whole, column, parts, rows):
        """What of a shown cell is left beside its topmost shown parts."""
        shown = [(codes, at) for codes, at in parts if not self.cells[at][1]["reason"]]
        top = [(codes, at) for codes, at in shown if not any(codes < other for other, _ in shown)]
        if all(at in self.before for at in [whole, *(at for _, at in top)]):
            return []
        covered = frozenset().union(*(codes for codes, _ in top))
        numbers = {who: number for who, number, _ in rows}
        hidden = {who for who, _, row in rows if row[column] not in covered}
        visible = {who for who, _, row in rows if row[column] in covered}

        def count(persons):
            return sum(numbers[who] for who in persons)

        k, name = self.case.ks[self.cells[whole][0]], self.named(whole)
        secret = any(not codes & covered and self.cells[at][1]["reason"] and self.gevoelig(at) for codes, at in parts)
        left = {"in a hidden part": count(hidden), "in no shown part": count(set(numbers) - visible)}
        # Where nobody is in a shown part what is left is the whole, which was shown as it may be.
        left = {what: persons for what, persons in left.items() if persons < count(numbers)}
        found = [f"{persons} persons {what} of {name} by {column}" for what, persons in left.items() if 0 < persons < k]
        if secret and not hidden and top:
            found.append(f"nobody is in the hidden gevoelig part of {name} by {column}")
        if self.cells[whole][1]["shows_persons"]:
            for codes, part in [(codes, part) for codes, part in top if self.cells[part][1]["shows_persons"]]:
                without = count(set(numbers) - {who for who, _, row in rows if row[column] in codes})
                if 0 < without < k and without < count(numbers):
                    found.append(f"{without} persons of {name} are not in {self.named(part)}")
        return found

    def named(self, at):
        return self.text(*self.cells[at])

    def text(self, number, cell):
        within = {column: "+".join(codes) for column, codes in cell["within"].items()}
        return f"{cell['view']} {self.case.uitgaven[number].text()} {within}"


def place(cell):
    """The name of a cell within its half-year."""
    return cell["view"], frozenset((column, frozenset(codes)) for column, codes in cell["within"].items())


def at_end(within):
    """For a stock at the beginning of a half-year what it is at the end of the one before; else nothing."""
    within = {column: frozenset(codes) for column, codes in within.items()}
    if within.pop("begin", None) != {"al_lopend"} or not set(within) <= KEPT:
        return None
    return frozenset((within | {"einde": frozenset(["loopt_door"])}).items())


def holds(row, cell):
    """Whether a row is in a cell."""
    return row["weergave"] == cell["view"] and all(row.get(column) in codes for column, codes in cell["within"].items())

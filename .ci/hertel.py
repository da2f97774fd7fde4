#!/usr/bin/env python3
"""Counts the four views of a synthetic gemeente once more, and compares them with what a node exported.

    hertel.py --waarheid truth.json [--mapping producten.csv] --export DIR_WITH_CSV

The second implementation beside the node, from the written definitions and the ground truth alone: it reads no message
and shares no code. Exits 1 if a row differs, a persoon counts twice where it may not, or begin + in - uit is not eind;
it then prints at most ten differing rows of each view, BSNs included. That is allowed only because every record is
synthetic and every BSN a test BSN: never run it on an export of real records.
"""

import argparse
import csv
import json
import sys
from calendar import monthrange
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

COLUMNS = {
    "jeugdhulp": "persoon periode begin einde categorie hulpvorm leeftijdsgroep geslacht duurklasse stroom verwijzer "
    "wachttijdklasse aanbieder eerdere_aanbieder",
    "herhaald_beroep": "persoon periode categorie hulpvorm herhaald leeftijdsgroep geslacht",
    "wisseling": "persoon periode categorie hulpvorm aansluiting reden leeftijdsgroep geslacht",
    "declaratie": "persoon periode maand categorie aanbieder bedrag",
}
COLUMNS = {view: names.split() for view, names in COLUMNS.items()}
HULPVORMEN = {"31": "01", "32": "02", "33": "03", "34": "04", "35": "11", "36": "12", "37": "13", "38": "14"}
STROOM = {(1, 1): "doorlopend", (1, 0): "uitstroom", (0, 1): "instroom", (0, 0): "in_en_uit"}
REDENEN = {"38": "overstap", "31": "volgens_plan", **dict.fromkeys(("32", "33", "34", "35"), "voortijdig")}

# Sorts after every code.
LAST = "~"


def months_later(day: date, months: int) -> date:
    """The same day so many months later, or the last day of that month if it has no such day."""
    year, month = day.year + (day.month - 1 + months) // 12, (day.month - 1 + months) % 12 + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))


@dataclass(frozen=True)
class Halfjaar:
    """A half-year."""

    jaar: int
    helft: int

    @classmethod
    def of(cls, day: date) -> "Halfjaar":
        return cls(day.year, 1 if day.month <= 6 else 2)

    def __str__(self) -> str:
        return f"{self.jaar}H{self.helft}"

    @property
    def first(self) -> date:
        return date(self.jaar, 1, 1) if self.helft == 1 else date(self.jaar, 7, 1)

    @property
    def last(self) -> date:
        return self.next.first - timedelta(days=1)

    @property
    def next(self) -> "Halfjaar":
        return Halfjaar(self.jaar, 2) if self.helft == 1 else Halfjaar(self.jaar + 1, 1)


@dataclass(frozen=True)
class Episode:
    """Help from a start until its definitive stop."""

    persoon: str
    categorie: str | None
    hulpvorm: str | None
    aanbieder: str
    aanvang: date
    laatste_start: date
    einde: date | None
    reden: str | None
    einddatum: date | None
    verwijzer: str | None
    verzoekdag: date | None
    gedeclareerd: date | None


@dataclass
class Traject:
    """Episodes of one person, categorie and hulpvorm that share days."""

    persoon: str
    categorie: str | None
    hulpvorm: str | None
    episodes: list[Episode] = field(default_factory=list)
    einde: date | None = None
    reden: str | None = None

    @property
    def aanvang(self) -> date:
        return min(episode.aanvang for episode in self.episodes)

    @property
    def soort(self) -> tuple[str, str]:
        return self.categorie or "", self.hulpvorm or ""


def as_date(text):
    return text and date.fromisoformat(text)


class Gemeente:
    """The ground truth, sorted by the mapping."""

    def __init__(self, waarheid: dict, mapping: dict[str, tuple[str, str]]):
        self.mapping = mapping
        self.eerste, self.laatste = (Halfjaar(*map(int, waarheid[which].split("H"))) for which in ("eerste", "laatste"))
        self.personen = {persoon["bsn"]: persoon for persoon in waarheid["personen"]}
        self.declaraties = waarheid["declaraties"]
        self.episodes = [self.episode(found) for found in waarheid["episodes"]]
        self.trajecten = estimated(merged(self.episodes), self.eerste.first, self.laatste.last)
        self.of_persoon = defaultdict(list)
        for traject in self.trajecten:
            self.of_persoon[traject.persoon].append(traject)

    def halfjaren(self):
        halfjaar = self.eerste
        while halfjaar.first <= self.laatste.first:
            yield halfjaar
            halfjaar = halfjaar.next

    def counts(self, day: date) -> bool:
        """Whether this day is in a half-year that is counted."""
        return self.eerste.first <= day <= self.laatste.last

    def sorted_as(self, code, categorie):
        """The categorie and hulpvorm of a productcode in a message with this categorie."""
        if code in self.mapping:
            other, hulpvorm = self.mapping[code]
            return other or categorie, hulpvorm or None
        return categorie, HULPVORMEN.get(categorie)

    def episode(self, found: dict) -> Episode:
        categorie, hulpvorm = self.sorted_as(found["productcode"], found["categorie"])
        known = found["toewijzing_bekend"]
        return Episode(
            persoon=found["persoon"],
            categorie=categorie,
            hulpvorm=hulpvorm,
            aanbieder=found["aanbieder"],
            aanvang=as_date(found["aanvang"]),
            laatste_start=as_date(found["laatste_start"]),
            einde=as_date(found["einde"]),
            reden=found["reden"],
            einddatum=as_date(found["toewijzing_einddatum"]) if known else None,
            verwijzer=found["verwijzer"] if known else None,
            verzoekdag=as_date(found["verzoekdag"]) if known else None,
            gedeclareerd=as_date(found["laatst_gedeclareerd"]),
        )

    def wie(self, bsn: str, day: date) -> tuple[str, str]:
        """Leeftijdsgroep on a day, and geslacht."""
        persoon = self.personen[bsn]
        geslacht = {"1": "M", "2": "V"}.get(persoon["geslacht"], "")
        born = as_date(persoon["geboortedatum"])
        if persoon["datumgebruik"] in ("2", "3") or born > day:
            return "", geslacht
        age = day.year - born.year - ((day.month, day.day) < (born.month, born.day))
        classes = ((4, "0-3"), (12, "4-11"), (18, "12-17"))
        return next((name for until, name in classes if age < until), "18+"), geslacht


def merged(episodes: list[Episode]) -> list[Traject]:
    """Trajecten: the days of the episodes of a kind, in stretches without a day between that no episode has."""
    kinds = defaultdict(list)
    for episode in episodes:
        kinds[episode.persoon, episode.categorie, episode.hulpvorm].append(episode)
    found = []
    for kind, of_kind in kinds.items():
        until = date.min
        for episode in sorted(of_kind, key=lambda episode: episode.aanvang):
            if episode.aanvang > until:
                found.append(Traject(*kind))
            found[-1].episodes.append(episode)
            until = max(until, episode.einde or date.max)
    for traject in found:
        if all(episode.einde for episode in traject.episodes):
            traject.einde = max(episode.einde for episode in traject.episodes)
            traject.reden = min(episode.reden for episode in traject.episodes if episode.einde == traject.einde)
    return found


def estimated(trajecten: list[Traject], first: date, horizon: date) -> list[Traject]:
    """The same trajecten with an einde for those that can no longer be seen."""

    def kind(traject):
        return ("hulpvorm", traject.hulpvorm) if traject.hulpvorm else ("categorie", traject.categorie)

    lengths = defaultdict(list)
    for traject in trajecten:
        if traject.einde and traject.einde >= first:
            lengths[kind(traject)].append((traject.einde - traject.aanvang).days)
    for traject in trajecten:
        einddatums = [episode.einddatum for episode in traject.episodes if episode.einde is None]
        if not einddatums or None in einddatums:
            continue
        signs = [(e.aanvang, e.laatste_start, e.einde, e.gedeclareerd) for e in traject.episodes]
        bewijs = max(day for days in signs for day in days if day)
        tot = max(bewijs, *einddatums)
        if tot >= horizon:
            continue
        traject.einde = tot
        if of_kind := lengths.get(kind(traject)):
            mean = timedelta(days=sum(of_kind) // len(of_kind))
            traject.einde = min(max(traject.aanvang + mean, bewijs), tot)
    return trajecten


def jeugdhulp(gemeente: Gemeente):
    for halfjaar in gemeente.halfjaren():
        first, until = halfjaar.first, halfjaar.last
        for bsn, own in gemeente.of_persoon.items():
            before = any(t.aanvang < first and not (t.einde and t.einde < first) for t in own)
            after = any(t.aanvang <= until and (t.einde is None or t.einde > until) for t in own)
            for traject in own:
                if traject.aanvang > until or (traject.einde and traject.einde < first):
                    continue
                ended = traject.einde is not None and traject.einde <= until
                episode = min(
                    traject.episodes, key=lambda e: (e.aanvang, e.verwijzer or LAST, e.verzoekdag or date.max)
                )
                begun = [(e.aanvang, e.aanbieder) for e in traject.episodes if e.aanvang <= until]
                begin = "al_lopend" if traject.aanvang < first else "gestart"
                einde = (traject.reden or "") if ended else "loopt_door"
                duur = duurklasse(traject.aanvang, traject.einde if ended else until)
                wachttijd = wachttijdklasse(episode.verzoekdag, traject.aanvang)
                row = (bsn, str(halfjaar), begin, einde, *traject.soort, *gemeente.wie(bsn, until))
                last = max(begun)[1]
                others = {aanbieder for _, aanbieder in begun} - {last}
                other = "" if not others else others.pop() if len(others) == 1 else "00000000"
                yield *row, duur, STROOM[before, after], episode.verwijzer or "", wachttijd, last, other


def duurklasse(aanvang: date, day: date) -> str:
    classes = ((3, "tot_3_maanden"), (6, "3_tot_6_maanden"), (12, "6_tot_12_maanden"), (24, "1_tot_2_jaar"))
    return next((name for months, name in classes if day < months_later(aanvang, months)), "2_jaar_of_langer")


def wachttijdklasse(verzoekdag, aanvang: date) -> str:
    if verzoekdag is None:
        return ""
    days = (aanvang - verzoekdag).days
    classes = ((1, "voor_verzoek"), (28, "tot_4_weken"), (70, "4_tot_10_weken"), (182, "10_tot_26_weken"))
    return next((name for until, name in classes if days < until), "26_weken_of_langer")


def herhaald_beroep(gemeente: Gemeente):
    for traject in gemeente.trajecten:
        if not gemeente.counts(traject.aanvang):
            continue
        halfjaar = Halfjaar.of(traject.aanvang)
        earlier = [other.einde for other in gemeente.of_persoon[traject.persoon] if other.aanvang < traject.aanvang]
        if not earlier:
            herhaald = "eerste"
        elif any(einde is None or (traject.aanvang - einde).days <= 7 for einde in earlier):
            herhaald = "aansluitend"
        elif traject.aanvang < months_later(max(earlier), 6):
            herhaald = "binnen_6_maanden"
        elif traject.aanvang < months_later(max(earlier), 12):
            herhaald = "binnen_12_maanden"
        else:
            herhaald = "later"
        wie = gemeente.wie(traject.persoon, halfjaar.last)
        yield traject.persoon, str(halfjaar), *traject.soort, herhaald, *wie


def wisseling(gemeente: Gemeente):
    lines = defaultdict(list)
    for episode in gemeente.episodes:
        lines[episode.persoon, episode.categorie].append(episode)
    for (bsn, categorie), line in lines.items():
        changes = defaultdict(list)
        for new in line:
            before = [old for old in line if old.aanvang < new.aanvang]
            others = [old for old in before if old.aanbieder != new.aanbieder and old.einde]
            left = [(old.einde, old.reden) for old in others if -30 <= (new.aanvang - old.einde).days <= 30]
            same = [old.einde for old in before if old.aanbieder == new.aanbieder]
            known = any(einde is None or einde >= new.aanvang - timedelta(days=1) for einde in same)
            if left and not known:
                changes[new.aanbieder, new.aanvang].append((new.hulpvorm, left))
        for (_, aanvang), news in changes.items():
            if not gemeente.counts(aanvang):
                continue
            hulpvorm, left = min(news, key=lambda new: new[0] or LAST)
            einde = max(einde for einde, _ in left)
            reden = REDENEN.get(min(reden for day, reden in left if day == einde), "anders")
            days = (aanvang - einde).days
            aansluiting = "overlappend" if days < 0 else "aansluitend" if days <= 1 else "onderbroken"
            wie = gemeente.wie(bsn, Halfjaar.of(aanvang).last)
            yield bsn, str(Halfjaar.of(aanvang)), categorie or "", hulpvorm or "", aansluiting, reden, *wie


def declaratie(gemeente: Gemeente):
    sums = Counter()
    for regel in gemeente.declaraties:
        categorie, _ = gemeente.sorted_as(regel["productcode"], regel["categorie"])
        maand = date.fromisoformat(regel["maand"] + "-01")
        sums[regel["persoon"], maand, categorie, regel["aanbieder"]] += regel["bedrag"]
    for (bsn, maand, categorie, aanbieder), bedrag in sums.items():
        if bedrag != 0 and gemeente.counts(maand):
            yield bsn, str(Halfjaar.of(maand)), f"{maand.month:02}", categorie, aanbieder, str(bedrag)


VIEWS = {view.__name__: view for view in (jeugdhulp, herhaald_beroep, wisseling, declaratie)}


def read_view(path: Path, columns: list[str]) -> list[tuple]:
    with path.open(encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file)
    if header != columns:
        raise SystemExit(f"{path.name}: the header is not {','.join(columns)}")
    return [tuple(row) for row in rows]


def differences(view: str, counted: list[tuple], exported: list[tuple]) -> int:
    """Prints the first ten rows that one has and the other has not; gives how many there are."""
    ours, theirs = Counter(counted), Counter(exported)
    found = [("only in the recount", row) for row in (ours - theirs).elements()]
    found += [("only in the export ", row) for row in (theirs - ours).elements()]
    for which, row in sorted(found, key=lambda item: item[1])[:10]:
        print(f"{view}: {which} {','.join(row)}")
    if found:
        print(f"{view}: {len(counted)} rows counted, {len(exported)} exported, {len(found)} differ")
    return len(found)


def flow_errors(rows: list[tuple], halfjaren: list[str]) -> list[str]:
    """Where begin + in - uit is not the eind, in slices by what stays the same for a traject (not leeftijdsgroep)."""
    errors = []
    rows = [dict(zip(COLUMNS["jeugdhulp"], row)) for row in rows]
    names = ("categorie", "hulpvorm", "geslacht", "verwijzer", "wachttijdklasse")
    for slicing in ((), *((name,) for name in names), ("categorie", "hulpvorm")):
        begin, left, runs_on = Counter(), Counter(), Counter()
        for row in rows:
            key = row["periode"], tuple(row[name] for name in slicing)
            begin[key] += row["begin"] == "al_lopend"
            left[key] += (row["begin"] in ("al_lopend", "gestart")) - (row["einde"] != "loopt_door")
            runs_on[key] += row["einde"] == "loopt_door"
        for members in sorted({members for _, members in begin}):
            for here, following in zip(halfjaren, [*halfjaren[1:], None]):
                end, runs = left[here, members], runs_on[here, members]
                next_begin = begin[following, members] if following else runs
                if not end == runs == next_begin:
                    errors.append(f"{here} {members}: {end} left, {runs} run on, {next_begin} then begin")
    return errors


def single_errors(view: str, rows: list[tuple]) -> list[str]:
    """Persons with more than one member of a dimension that has exactly one for a person and half-year."""
    errors = []
    for place, name in enumerate(COLUMNS[view]):
        if name in ("leeftijdsgroep", "geslacht", "stroom"):
            members = defaultdict(set)
            for row in rows:
                members[row[0], row[1]].add(row[place])
            twice = [where for where, found in members.items() if len(found) > 1]
            errors += [f"{view}: {bsn} has more than one {name} in {periode}" for bsn, periode in twice]
    return errors


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--waarheid", type=Path, required=True, help="the ground truth, as JSON")
    parser.add_argument("--mapping", type=Path, help="productcode,categorie,hulpvorm")
    parser.add_argument("--export", type=Path, required=True, help="the folder with a CSV of each view")
    arguments = parser.parse_args()

    mapping = {}
    if arguments.mapping:
        with arguments.mapping.open(encoding="utf-8", newline="") as file:
            mapping = {row["productcode"]: (row["categorie"], row["hulpvorm"]) for row in csv.DictReader(file)}
    gemeente = Gemeente(json.loads(arguments.waarheid.read_text(encoding="utf-8")), mapping)

    wrong, counts = 0, []
    for view, count in VIEWS.items():
        exported = read_view(arguments.export / f"{view}.csv", COLUMNS[view])
        wrong += differences(view, list(count(gemeente)), exported)
        errors = single_errors(view, exported)
        if view == "jeugdhulp":
            errors += flow_errors(exported, [str(halfjaar) for halfjaar in gemeente.halfjaren()])
        for error in errors[:10]:
            print(error)
        wrong += len(errors)
        counts.append(f"{len(exported)} {view}")
    if not wrong:
        print("equal to the recount: " + ", ".join(counts))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())

"""The catalogue as the oracle of releases reads it: views, groupings, and the cells that a registered cube has.

Guarantees, to whom trusts the oracle, that what it expects of a release follows from weergaven.toml and kubussen.toml
and from nothing that the product makes of them. A grouping is the sets of members that it is made of; members that it
does not list are its onbekend. What is part of another view counts there.
"""

import functools
import itertools
import json
import pathlib
import re
import shutil
import tomllib
from typing import NamedTuple

BOTH = ("personen", "aantal")
# What a traject keeps from one half-year to the next (rule R2).
KEPT = {"categorie", "hulpvorm"}


class Cube(NamedTuple):
    """A table of a view with all its margins."""

    naam: str
    weergave: str
    dimensies: tuple
    tellingen: tuple

    def text(self):
        texts = {"naam": self.naam, "nl": self.naam, "en": self.naam, "weergave": self.weergave}
        lists = {"dimensies": self.dimensies, "tellingen": self.tellingen, "doelen": ["landelijke-monitor"]}
        lines = [f"{key} = {json.dumps(value)}" for key, value in (texts | {"motivering": self.naam} | lists).items()]
        weighing = ", ".join(f'{part} = "oracle"' for part in ("doelmatig", "rechtmatig", "verantwoord"))
        return "\n".join(["[[kubus]]", *lines, f"weging = {{ {weighing} }}", ""])


# Cubes that are registered nowhere: finer or coarser than those that are, and what the known breaks need.
MORE = [
    Cube("extra-groep", "jeugdhulp", ("groep",), BOTH),
    Cube("extra-hoofdgroep", "jeugdhulp", ("hoofdgroep",), BOTH),
    Cube("extra-groep-geslacht", "jeugdhulp", ("groep", "geslacht"), BOTH),
    Cube("extra-groep-leeftijd", "jeugdhulp", ("groep", "leeftijdsgroep"), BOTH),
    Cube("extra-groep-verloop", "jeugdhulp", ("groep", "begin", "einde_groep"), ("aantal",)),
    Cube("extra-groep-verwijzer", "jeugdhulp", ("groep", "verwijzer"), ("aantal",)),
    Cube("extra-groep-hulpvorm", "jeugdhulp", ("groep", "hulpvorm"), ("aantal",)),
    Cube("extra-einde", "jeugdhulp", ("einde",), ("aantal",)),
    Cube("extra-einde-geslacht", "jeugdhulp", ("beeindigd", "geslacht"), ("aantal",)),
    Cube("extra-verloop", "jeugdhulp", ("begin", "einde_groep"), ("aantal",)),
    Cube("extra-herhaald", "herhaald_beroep", ("groep", "herhaald"), ("aantal",)),
    Cube("extra-wisseling", "wisseling", ("groep",), BOTH),
    Cube("extra-wisseling-hoofdgroep", "wisseling", ("hoofdgroep",), ("aantal",)),
    Cube("extra-wisseling-reden", "wisseling", ("reden", "geslacht"), BOTH),
    Cube("extra-stroom-geslacht", "jeugdhulp", ("stroom", "geslacht_groep"), ("personen",)),
]


class Catalogue:
    """The views and cubes of a folder."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        views = tomllib.loads(pathlib.Path(folder, "weergaven.toml").read_text(encoding="utf-8"))["weergave"]
        cubes = tomllib.loads(pathlib.Path(folder, "kubussen.toml").read_text(encoding="utf-8"))["kubus"]
        self.views = {view["naam"]: {column["naam"]: column for column in view["kolom"]} for view in views}
        self.parts = {view["naam"]: view["deel_van"] for view in views if "deel_van" in view}
        lists = [(cube["naam"], cube["weergave"], cube["dimensies"], cube["tellingen"]) for cube in cubes]
        self.registered = [Cube(naam, view, tuple(of), tuple(counts)) for naam, view, of, counts in lists]
        self.cubes = {cube.naam: cube for cube in self.registered + MORE}
        self.leaves = functools.cache(self.leaves)
        self.gevoelig, self.per_persoon = {}, {}
        for view, column in [(view, column) for view, columns in self.views.items() for column in columns.values()]:
            if "per_persoon" in column and "volgt_uit" not in column:
                of = {member["code"] for member in self.listed(view, column["naam"]) if member.get("gevoelig")}
                self.gevoelig[column["naam"]] = of
                self.per_persoon[column["naam"]] = column["per_persoon"]

    def listed(self, view, column):
        """The members that are listed for a column, here or in the view above."""
        found = self.views[view][column]
        return found["leden"] if "leden" in found else self.listed(found["leden_van"], column)

    def root(self, view, column):
        """The dimension that a column groups, through all groupings between."""
        return self.root(view, of) if (of := self.views[view][column].get("volgt_uit")) else column

    def leaves(self, view, column):
        """For each member of a column that is made of anything, the members of its root."""
        members, of = self.listed(view, column), self.views[view][column].get("volgt_uit")
        if not of:
            return {code: frozenset([code]) for code in [*(member["code"] for member in members), "onbekend"]}
        finer = self.leaves(view, of)
        made = {member["code"]: frozenset().union(*(finer[code] for code in member["uit"])) for member in members}
        left = frozenset().union(*finer.values()) - frozenset().union(*made.values())
        return made | ({"onbekend": left} if left else {})

    def codes(self, view, column):
        """The members of a dimension that groups no other."""
        return list(self.leaves(view, column))

    def levels(self, view, column):
        """A dimension of a cube and the groupings over it."""
        over = [name for name, of in self.views[view].items() if of.get("volgt_uit") == column]
        return [column, *(level for name in over for level in self.levels(view, name))]

    def cells(self, cube):
        """The places of the cells of a cube: the view that counts, and the members of what is limited."""
        part, axes = self.parts.get(cube.weergave), {}
        base = part["weergave"] if part else cube.weergave
        for column in cube.dimensies:
            root, levels = self.root(cube.weergave, column), self.levels(cube.weergave, column)
            every = len(self.leaves(cube.weergave, root))
            nodes = {node for level in levels for node in self.leaves(cube.weergave, level).values()}
            axes.setdefault(root, {None}).update(node for node in nodes if len(node) < every)
        if part:
            axes[part["kolom"]] = {frozenset([part["lid"]])}
        for nodes in itertools.product(*axes.values()):
            yield base, frozenset((column, node) for column, node in zip(axes, nodes) if node)

    def kept(self, cube):
        """The groups of what a traject keeps that a cube has."""
        return {of for _, within in self.cells(cube) for of in within if of[0] in KEPT}

    def declares(self, cube):
        """Whether the build takes such a crossing; it refuses categorie with hulpvorm, and stroom with anything."""
        roots = {self.root(cube.weergave, column) for column in cube.dimensies}
        return not {"categorie", "hulpvorm"} <= roots and ("stroom" not in roots or roots == {"stroom"})

    def write(self, cubes, folder, inwoners=None):
        """The catalogue with other cubes, and other inhabitants of each gemeente if that is said."""
        shutil.copytree(self.folder, folder)
        if inwoners is not None:
            gebieden = pathlib.Path(folder, "gebieden.toml")
            text = re.sub(r"inwoners = \d+", f"inwoners = {inwoners}", gebieden.read_text(encoding="utf-8"))
            gebieden.write_text(text, encoding="utf-8")
        pathlib.Path(folder, "kubussen.toml").write_text("".join(cube.text() for cube in cubes), encoding="utf-8")

    def random_cube(self, rng):
        """A cube that the catalogue allows: any view, and one to three of its dimensions at any level."""
        view = rng.choice(["jeugdhulp", "jeugdhulp", "jeugdhulp", "herhaald_beroep", "wisseling"])
        dimensions = [name for name, column in self.views[view].items() if column["rol"] == "dimensie"]
        chosen = {}
        for column in rng.sample(dimensions, rng.choice([1, 2, 2, 3])):
            chosen.setdefault(self.root(view, column), column)
        if "stroom" in chosen:
            chosen = {root: column for root, column in chosen.items() if self.per_persoon[root] == "een"}
        several = sum(self.per_persoon[root] == "meer" for root in chosen)
        counts = rng.choice([BOTH, BOTH, ("aantal",)])
        counts = ("aantal",) if several > 1 or {"begin", "einde"} & set(chosen) else counts
        counts = ("personen",) if "stroom" in chosen else counts
        naam = "-".join(["los", *chosen.values(), view[0]]).replace("_", "-")
        return Cube(naam, view, tuple(chosen.values()), counts)

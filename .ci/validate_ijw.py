#!/usr/bin/env python3
"""Validate iJw messages against the official schemas of iJw 3.2.

    validate_ijw.py --xsd DIR_WITH_XSDS DIR_WITH_MESSAGES

Exits 1 if any message is invalid or of a type that the generator does not write, and also if there was no message of
one of its types: a check that saw nothing has shown nothing. Uses lxml, or xmllint where lxml is not installed.
Prints the name of an invalid file and the line, never a value from it.
"""

import argparse
import re
import subprocess
import sys
from pathlib import Path

TYPES = ("jw301", "jw305", "jw306", "jw307", "jw308", "jw315", "jw317", "jw319", "jw323")
ROOT = re.compile(rb"http://www\.istandaarden\.nl/ijw/3_2/(jw\d{3})/schema")


def validator(xsd: Path):
    """A function from a message to where it is invalid, or None."""
    try:
        from lxml import etree
    except ImportError:
        return lambda path: with_xmllint(path, xsd)
    schema = etree.XMLSchema(etree.parse(str(xsd)))
    parser = etree.XMLParser(resolve_entities=False, no_network=True)

    def with_lxml(path: Path):
        try:
            document = etree.parse(str(path), parser)
        except etree.XMLSyntaxError as error:
            return f"line {error.lineno}: not well-formed"
        if schema.validate(document):
            return None
        first = schema.error_log[0]
        return f"line {first.line}: {first.type_name} at {first.path}"

    return with_lxml


def with_xmllint(path: Path, xsd: Path):
    """The same by way of the command, which quotes values: so only its verdict is kept."""
    command = ["xmllint", "--nonet", "--noout", "--schema", str(xsd), str(path)]
    return None if subprocess.run(command, capture_output=True, check=False).returncode == 0 else "invalid"


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--xsd", type=Path, required=True, help="the folder with JW301.xsd and the others")
    arguments.add_argument("messages", type=Path, help="the folder with messages, searched in depth")
    arguments = arguments.parse_args()

    validators = {name: validator(arguments.xsd / f"{name.upper()}.xsd") for name in TYPES}
    valid = dict.fromkeys(TYPES, 0)
    invalid = 0
    for path in sorted(arguments.messages.rglob("*.xml")):
        found = ROOT.search(path.read_bytes()[:1024])
        name = found.group(1).decode() if found else None
        problem = validators[name](path) if name in validators else "not of iJw 3.2, or of another type"
        if problem is None:
            valid[name] += 1
        else:
            invalid += 1
            print(f"{path}: {problem}", file=sys.stderr)
    print(", ".join(f"{count} valid {name}" for name, count in valid.items()), f"and {invalid} invalid")
    missing = [name for name, count in valid.items() if count == 0]
    if missing:
        print("no valid message of " + ", ".join(missing), file=sys.stderr)
    return 1 if invalid or missing else 0


if __name__ == "__main__":
    sys.exit(main())

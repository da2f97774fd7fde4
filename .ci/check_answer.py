"""Checks the form of a demo's JSON answer as a program that reads it would: exits non-zero where it is not so."""

import json
import sys

with open(sys.argv[1], encoding="utf-8") as file:
    answer = json.load(file)

assert set(answer) >= {"question", "purpose", "coverage", "columns", "rows"}, sorted(answer)
coverage = answer["coverage"]
assert set(coverage) == {"asked", "answered", "refused", "late", "unreachable"}, sorted(coverage)
assert coverage["asked"] == coverage["answered"] and len(coverage["asked"]) == 3, coverage
assert answer["columns"] == ["gemeente", "categorie", "jeugdigen", "trajecten"], answer["columns"]
assert len(answer["rows"]) == 3 * 25, len(answer["rows"])
statuses = {"value": 0, "hidden": 0}
for row in answer["rows"]:
    assert row["jeugdigen_status"] == row["trajecten_status"], row
    status = row["jeugdigen_status"]
    statuses[status] += 1
    if status == "value":
        assert row["jeugdigen"] == 0 or row["jeugdigen"] >= 10, row
        assert row["trajecten"] >= row["jeugdigen"], row
    else:
        assert row["jeugdigen"] is None and row["trajecten"] is None, row
assert all(statuses.values()), statuses
print("answer:", statuses)

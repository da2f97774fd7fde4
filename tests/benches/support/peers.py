"""The cube of the benchmark by DuckDB and by Polars, each in its own best way, reading included: for whoever doubts the
baseline. Prints a line of JSON for each: name and version, the milliseconds of every run, cells, and the sums of persons
and rows over all cells, by which the benchmark sees that all of them counted the same.

python3 peers.py FILE RUNS THREADS DIMENSION...
"""

import itertools
import json
import os
import sys
import time

file, runs, threads, *dimensions = sys.argv[1:]
os.environ["POLARS_MAX_THREADS"] = threads


def duckdb_cube():
    import duckdb

    connection = duckdb.connect()
    connection.execute(f"SET threads = {threads}")
    names = ", ".join(dimensions)
    query = f"SELECT {names}, COUNT(DISTINCT persoon), COUNT(*) FROM read_parquet('{file}') GROUP BY CUBE ({names})"

    def count():
        rows = connection.execute(query).fetchall()
        return len(rows), sum(row[-2] for row in rows), sum(row[-1] for row in rows)

    return f"DuckDB {duckdb.__version__}: GROUP BY CUBE", count


def polars_cube():
    import polars

    counts = [polars.col("persoon").n_unique().alias("personen"), polars.len().alias("aantal")]
    sets = [names for many in range(len(dimensions) + 1) for names in itertools.combinations(dimensions, many)]

    def count():
        scan = polars.scan_parquet(file)
        plans = [scan.group_by(names).agg(counts) if names else scan.select(counts) for names in sets]
        tables = polars.collect_all(plans)
        sums = [(len(table), table["personen"].sum(), table["aantal"].sum()) for table in tables]
        return tuple(sum(column) for column in zip(*sums))

    return f"Polars {polars.__version__}: all grouping sets, collect_all", count


for peer in (duckdb_cube, polars_cube):
    try:
        name, count = peer()
    except ImportError:
        continue
    cells, persons, rows = count()
    times = []
    for _ in range(int(runs)):
        start = time.perf_counter()
        count()
        times.append(1000 * (time.perf_counter() - start))
    print(json.dumps({"name": name, "times": times, "cells": cells, "persons": persons, "rows": rows}))

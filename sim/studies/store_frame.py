"""A store's rows as a pandas table, in an order that does not depend on the order of running."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence

import pandas as pd

from sim.studies.study import Value


def runs_frame(connection: sqlite3.Connection, keys: Sequence[str], columns: Sequence[str]) -> pd.DataFrame:
    """The table that ``Store.frame`` describes. keys: what varies; columns: what is kept."""
    kept = ", ".join(f'"{name}"' for name in columns)
    query = (f"SELECT point, replicate, plan, error, {kept} FROM planned JOIN run USING (digest) "
             "LEFT JOIN plan_run USING (digest) ORDER BY point, replicate, place")  # fmt: skip
    rows = connection.execute(query).fetchall()
    values = dict(connection.execute("SELECT number, settings FROM point"))
    points = {number: json.loads(text) for number, text in values.items()}
    table = {"point": pd.Series([row[0] for row in rows], dtype="int64")}
    for place, key in enumerate(keys):
        table[key] = _column([points[row[0]][place] for row in rows])
    table["replicate"] = pd.Series([row[1] for row in rows], dtype="int64")
    table["plan"] = pd.Series([row[2] for row in rows], dtype="object")
    for place, name in enumerate(columns, 4):
        table[name] = pd.Series([row[place] for row in rows], dtype="float64")
    table["error"] = pd.Series([row[3] for row in rows], dtype="object")
    return pd.DataFrame(table)


def _column(values: Sequence[Value]) -> pd.Series:
    """What varies, as numbers, words or booleans; lists and mixtures as JSON."""
    kinds = {"number" if type(value) in (int, float) else type(value).__name__ for value in values if value is not None}
    if kinds <= {"number"} or (len(kinds) == 1 and kinds & {"str", "bool"} and None not in values):
        return pd.Series(values, dtype="object" if "str" in kinds else None)
    return pd.Series([None if value is None else _text(value) for value in values], dtype="object")


def _text(value: Value) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)

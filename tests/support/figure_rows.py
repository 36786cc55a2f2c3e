# SPDX-License-Identifier: Apache-2.0
"""Figures written into reporting's tables as the fold writes them, for tests of those who read them.

    rows = FigureRows()
    rows.add("2026-11-01", CASES, count=3, branch="north", channel="phone")
    rows.add("2026-11-01", FIRST_RESPONSE, values=[60_000_000, 90_000_000], branch="north")
    rows.write(system)

Each is counted over all, by each of its dimensions, and in its own branch; per day and per month.
"""

import collections
import math

import figure_sheet_pb2 as sheet_pb

# Numbers of figure.h.
SHEETS = {range(1, 40): 1, range(40, 80): 2, range(80, 120): 3, range(120, 160): 4, range(160, 200): 5}
DIMENSIONS = {"branch": 1, "channel": 2, "team": 3, "staff": 4, "category": 5, "product": 6, "tier": 7,
              "priority": 8, "contact_kind": 9, "promise_kind": 10, "cause": 11, "rule": 12, "trigger": 13,
              "reason": 14, "servqual": 15, "answer": 16, "chance": 17, "standard": 18, "currency": 19,
              "level": 20, "move": 21, "question": 22}
CASES, COMPLAINTS, FIRST_RESPONSE, FIRST_RESPONSE_IN_TARGET, RESOLUTION, REOPENINGS = 1, 2, 4, 9, 7, 12
BACKLOG, SOLVED_AT_FIRST, SOLVED_QUIETLY = 14, 18, 19
PROMISES_MADE, PROMISES_KEPT, PROMISES_BROKEN, FORECASTS, FORECAST_CHANCE = 40, 41, 43, 49, 50
CSAT, CSAT_SQUARES, CSAT_SATISFIED, PROMOTERS, PASSIVES, DETRACTORS = 80, 81, 82, 83, 84, 85
GAP, GAP_SQUARES, EXPECTATION, PERCEPTION = 89, 90, 91, 92
FOLLOW_UPS_DUE, FOLLOW_UPS_DONE = 121, 122
OWN_ANSWERS, TIER_UP = 93, 163
PURCHASES, REVENUE, INDEX_FELL = 160, 161, 166

GAMMA = 1.01 / 0.99


def part_of(dimension):
    """Staff, category, product, standard and question have many values, and stand in a row of their own."""
    return 2 if dimension in (4, 5, 6, 18, 22) else 1


def _zigzag(value):
    out = bytearray()
    left = value << 1 if value >= 0 else (-value << 1) - 1
    while left >= 0x80:
        out.append(left & 0x7F | 0x80)
        left >>= 7
    out.append(left)
    return bytes(out)


def packed_histogram(values):
    """As log_histogram_pack() writes it."""
    counts = collections.Counter(math.ceil(math.log(v, GAMMA) - 1e-9) for v in values if v > 0)
    out, last = _zigzag(sum(v == 0 for v in values)), 0
    for index, count in sorted(counts.items()):
        out += _zigzag(index - last) + _zigzag(count)
        last = index
    return out


class _Sum:
    def __init__(self):
        self.count = self.sum = 0
        self.values = []


class FigureRows:
    def __init__(self):
        self._rows = collections.defaultdict(lambda: collections.defaultdict(_Sum))

    def add(self, day, measure, count=0, total=0, values=(), lane=0, **dimensions):
        """count and total (the sum), or values of a duration."""
        (sheet,) = [number for numbers, number in SHEETS.items() if measure in numbers]
        branch = dimensions.get("branch", "")
        keys = [(0, "")] + [(DIMENSIONS[name], value) for name, value in dimensions.items()]
        for dimension, value in keys:
            for where in {"", branch if dimension != 1 else ""}:
                for table, first in (("daily_fact", day), ("monthly_fact", day[:8] + "01")):
                    one = self._rows[table, lane, sheet, dimension, where, first, value][measure]
                    one.count += count or len(values)
                    one.sum += total or sum(values)
                    one.values += values

    def write(self, system):
        packed = collections.defaultdict(sheet_pb.FigureRow)
        for (table, lane, sheet, dimension, where, first, value), measures in sorted(self._rows.items()):
            figures = sheet_pb.FigureSheet(measures=[
                sheet_pb.MeasureSum(measure=measure, count=one.count, sum=one.sum,
                                    histogram=packed_histogram(one.values) if one.values else None)
                for measure, one in sorted(measures.items())])
            packed[table, lane, sheet, part_of(dimension), where, first].cells.add(
                dimension=dimension, value=value, figures=figures)
        lines = collections.defaultdict(list)
        for (table, lane, sheet, part, where, first), row in packed.items():
            lines[table].append(f"({lane}, {sheet}, {part}, '{where}', '{first}', '\\x{row.SerializeToString().hex()}')")
        for table, values in lines.items():
            for at in range(0, len(values), 500):
                system.psql(f"INSERT INTO reporting.{table} VALUES " + ", ".join(values[at:at + 500]))

# SPDX-License-Identifier: Apache-2.0
"""The figures as they stand in reporting's tables, decoded.

Measures and dimensions have the names of services/reporting/figure.c.
"""

import math
import re
from collections import namedtuple
from pathlib import Path

import figure_sheet_pb2

ROOT = Path(__file__).resolve().parent.parent.parent
GROWTH = 1.01 / 0.99

Measure = namedtuple("Measure", "number form name dimensions")
Key = namedtuple("Key", "measure dimension branch day value")


def read_tables():
    """What is counted, from the one table of it: {number: Measure}, [dimension's name]."""
    header = (ROOT / "services/reporting/figure.h").read_text()
    source = (ROOT / "services/reporting/figure.c").read_text()
    numbers = {name: int(value) for name, value in re.findall(r"\b(MEASURE_\w+) =\s+(\d+)", header)}
    places = {name: int(value) for name, value in re.findall(r"\bDIMENSION_(\w+) =\s+(\d+)", header)}
    names = [name for _, name in sorted((places[enum], name) for enum, name in
                                        re.findall(r'\[DIMENSION_(\w+)\] = "(\w+)"', source))]
    sets = {}
    for macro, body in re.findall(r"#define (CASE|PROMISE|ANSWER|SERVQUAL|FOLLOW_UP|ENDED)\s+((?:.*\\\n)*.*)", source):
        sets[macro] = read_set(body, sets)
    measures = {}
    for enum, form, name, body in re.findall(r'\{(MEASURE_\w+), SHEET_\w+, FORM_(\w+), "(\w+)", ([^"]*?), (?:[A-Z]+,|")',
                                             source):
        measures[numbers[enum]] = Measure(numbers[enum], form, name, read_set(body, sets))
    return measures, names


def read_set(text, sets):
    found = {name.lower() for name in re.findall(r"BIT\((\w+)\)", text)}
    for name in re.findall(r"\b[A-Z_]+\b", re.sub(r"BIT\(\w+\)", "", text)):
        found |= sets.get(name, set())
    return found


MEASURES, DIMENSIONS = read_tables()
BY_NAME = {measure.name: measure for measure in MEASURES.values()}


class Sum:
    def __init__(self, count=0, total=0):
        self.count = count
        self.total = total
        self.zeros = 0
        self.buckets = {}  # index: count

    def add_packed(self, found):
        self.count += found.count
        self.total += found.sum
        numbers = list(varints(found.histogram))
        if numbers:
            self.zeros += numbers[0]
        index = 0
        for step, count in zip(numbers[1::2], numbers[2::2]):
            index += step
            self.buckets[index] = self.buckets.get(index, 0) + count

    def add(self, other):
        self.count += other.count
        self.total += other.total
        self.zeros += other.zeros
        for index, count in other.buckets.items():
            self.buckets[index] = self.buckets.get(index, 0) + count

    def quantile(self, q):
        rank = math.floor(1 + q * (self.values() - 1))
        until = self.zeros
        if until >= rank:
            return 0
        for index in sorted(self.buckets):
            until += self.buckets[index]
            if until >= rank:
                return 2 * GROWTH ** index / (GROWTH + 1)
        raise AssertionError("the histogram is empty")

    def values(self):
        return self.zeros + sum(self.buckets.values())

    def is_nothing(self):
        return not self.count and not self.total and not self.zeros and not any(self.buckets.values())


def varints(data):
    value = shift = 0
    for byte in data:
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            yield (value >> 1) ^ -(value & 1)
            value = shift = 0


def read_rows(system, table="daily_fact", where="true"):
    """{Key: Sum} over all lanes."""
    found = {}
    for line in system.psql(f"""SELECT encode(convert_to(branch, 'UTF8'), 'hex'), day, encode(figures, 'hex')
                                  FROM reporting.{table} WHERE {where}""").splitlines():
        branch, day, figures = line.split("|")
        for cell in figure_sheet_pb2.FigureRow.FromString(bytes.fromhex(figures)).cells:
            for one in cell.figures.measures:
                key = Key(MEASURES[one.measure].name, DIMENSIONS[cell.dimension], bytes.fromhex(branch).decode(), day,
                          cell.value)
                found.setdefault(key, Sum()).add_packed(one)
    return found


def totals(system, branch=""):
    """{measure: Sum} over all days, of all branches or one."""
    sums = {}
    for key, one in read_rows(system, where=f"part = 1 AND branch = '{branch}'").items():
        if key.dimension == "all":
            sums.setdefault(key.measure, Sum()).add(one)
    return sums


def count(system, measure, branch=""):
    return totals(system, branch).get(measure, Sum()).count

# SPDX-License-Identifier: Apache-2.0
"""Real complaints and reviews in Chinese: what triage learns from three quarters of them, it tells of
the rest. The held-out quarter is always the same one (held_out.py)."""

import csv
import json
import resource
import subprocess

import pytest

from tests.support.held_out import is_held_out

# file, columns, purpose, categories, share right of all at least, of the surest 80 % at least
SETS = {
    "complaints": (["shop_negatives_10cats.csv"], "review", "cat", "category", 10, 0.87, 0.96),
    "moods": (["hotel_ChnSentiCorp_htl_all.csv", "waimai_10k.csv"], "review", "label", "mood", 2, 0.87, 0.93),
}
SECONDS_MAX = 120  # of one core


def write_split(source, target, text):
    """A copy of the file with one column more: which rows are held out."""
    with open(source, encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    with open(target, "w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, [*rows[0], "held_out"])
        writer.writeheader()
        writer.writerows({**row, "held_out": int(is_held_out(row[text]))} for row in rows)
    return target


@pytest.mark.parametrize("name", SETS)
def test_held_out_texts_are_told_right(programs, reference_data, tmp_path, record_property, name):
    files, text, label, purpose, labels, of_all, of_surest = SETS[name]
    folder = reference_data / "zh_reviews"
    if not folder.is_dir():
        pytest.skip("SKIP: reference data not present")
    split = [write_split(folder / one, tmp_path / one, text) for one in files]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    command = [programs / "troth", "triage", "train", *split, "--text", text,
               "--label", label, "--purpose", purpose, "--held-out", "held_out", "--out", tmp_path / "model"]
    done = subprocess.run([*map(str, command), "--json"], capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode == 0, done.stderr
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    model = json.loads(done.stdout)
    held = model["held_out"]
    for what in ["all", "surest_90", "surest_80", "over_threshold"]:
        share = held[what]
        line = (f"{100 * share['right'] / share['texts']:.2f} % of {share['texts']}"
                f" [{100 * share['low']:.2f} %, {100 * share['high']:.2f} %]")
        record_property(what, line)
        print(name, what, line)
    assert len(held["labels"]) == labels
    assert held["all"]["right"] >= of_all * held["all"]["texts"]
    assert held["surest_80"]["right"] >= of_surest * held["surest_80"]["texts"]
    # What the model says about itself, from texts that were held back while it learned, holds here.
    believed = model["held_back"]["right"] / model["held_back"]["texts"]
    assert abs(held["all"]["right"] / held["all"]["texts"] - believed) < 0.02
    assert held["over_threshold"]["right"] >= 0.95 * held["over_threshold"]["texts"]
    assert after.ru_utime - before.ru_utime < SECONDS_MAX
    assert (tmp_path / "model").stat().st_size < 4 * 1024 * 1024

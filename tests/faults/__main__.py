# SPDX-License-Identifier: Apache-2.0
"""Runs fault tests and prints what they counted.

    python3 -m tests.faults --test F6 --seed 7            one, or a family: F1 is F1-intake, F1-followup, ...
    python3 -m tests.faults --form long --markdown FILE   all, as 'make faults-night' does
    python3 -m tests.faults --test F6 --control           the same against a system that is wrong: must turn red

The status is 0 when every verdict is green, or, with --control, when every one is red.
"""

import argparse
import os
import random
import signal
import sys
import time
import traceback
from pathlib import Path

from tests.faults.verdict import Row, load_faults, table
from tests.faults.trial import FAULTS, Trial
from tests.support.system import ROOT

MIDDLE_TIMES = 4  # short forms, of the form between short and long
GREEN_STATUS, RED_STATUS, USAGE_STATUS = 0, 1, 2


def chosen(names):
    """Of 'F1' also 'F1-intake'; all of them without a name. Numbers in the order of the catalogue."""
    found = [number for number in FAULTS
             if not names or any(number == name or number.startswith(f"{name}-") for name in names)]
    return sorted(found, key=lambda number: (int("".join(filter(str.isdigit, number.split("-")[0])) or 0), number))


def rounds_of(fault, options):
    if options.rounds:
        return options.rounds
    if options.control:
        return fault.control_rounds or fault.short
    return {"short": fault.short, "middle": min(fault.long, MIDDLE_TIMES * fault.short), "long": fault.long}[options.form]


def run_one(fault, options, programs):
    rounds = rounds_of(fault, options)
    control = fault.control if options.control else None
    trial = Trial(options.seed, rounds, programs, control, options.form)
    print(f"{fault.number}: {fault.title}; seed {options.seed}, {rounds} {fault.unit}"
          + (f", control {control}" if control else ""), flush=True)
    begun = time.monotonic()
    error = None
    try:
        found = fault.run(trial)
    except Exception:  # pylint: disable=broad-except  # whatever it is, the table has to be printed
        found, error = trial.found, traceback.format_exc()
    return Row(fault, found, is_control=bool(control), seed=options.seed, seconds=time.monotonic() - begun, error=error)


def leave_out(fault, options):
    """Why it is not run, or None."""
    if options.control and fault.control is None:
        return "has no control"
    if not rounds_of(fault, options):
        return f"has no {options.form} form"
    return fault.needs()


def parse():
    parser = argparse.ArgumentParser(prog="python3 -m tests.faults", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--test", action="append", help="number in the catalogue; usual: all")
    parser.add_argument("--seed", type=int, help="usual: another one each time; it is printed")
    parser.add_argument("--rounds", type=int, help="usual: those of the form")
    parser.add_argument("--form", choices=["short", "middle", "long"], default="short")
    parser.add_argument("--control", action="store_true", help="against a system that is wrong on purpose")
    parser.add_argument("--markdown", type=Path, help="add the table to this file, too")
    parser.add_argument("--list", action="store_true", help="what there is")
    options = parser.parse_args()
    if options.seed is None:
        options.seed = random.SystemRandom().randrange(1, 10**6)
    return options


def print_list():
    for number in chosen(None):
        fault = FAULTS[number]
        print(f"{number:<14} short {fault.short:>5}  long {fault.long:>7} {fault.unit:<14} control"
              f" {fault.control or '-':<22} {fault.title}")


def main():
    options = parse()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))  # what was started is ended, too
    load_faults()
    if options.list:
        print_list()
        return GREEN_STATUS
    numbers = chosen(options.test)
    if not numbers:
        print(f"no such test: {options.test}; there are {', '.join(chosen(None))}", file=sys.stderr)
        return USAGE_STATUS
    programs = ROOT / os.environ.get("TROTH_OUT", "build") / "bin"
    rows = []
    for number in numbers:
        reason = leave_out(FAULTS[number], options)
        if reason:
            print(f"{number}: left out: {reason}", flush=True)
            continue
        rows.append(run_one(FAULTS[number], options, programs))
        print("\n".join(rows[-1].lines()), flush=True)
    text = table(rows)
    print(text)
    if options.markdown:
        with open(options.markdown, "a", encoding="utf-8") as file:
            file.write(text + "".join(f"\n{line}" for row in rows for line in row.notes()) + "\n")
    return GREEN_STATUS if rows and all(row.is_as_it_must_be() for row in rows) else RED_STATUS


if __name__ == "__main__":
    sys.exit(main())

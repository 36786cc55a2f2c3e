#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""coverage_table.py SUMMARY [--below PERCENT] - a row per folder of what gcovr counted, in Markdown; or the files below a share."""

import argparse
import json
from collections import defaultdict
from pathlib import Path

KINDS = ["line", "branch"]


def share(covered, total):
    return 100 * covered / total if total else 100.0


def main():
    parser = argparse.ArgumentParser(description="A row per folder of gcovr's JSON summary.")
    parser.add_argument("summary", type=Path)
    parser.add_argument("--below", type=float, help="list files whose statements are covered less than this instead")
    args = parser.parse_args()
    files = json.loads(args.summary.read_text(encoding="utf-8"))["files"]
    if args.below is not None:
        for one in sorted(files, key=lambda one: one["line_covered"] - one["line_total"]):
            if share(one["line_covered"], one["line_total"]) < args.below:
                print(f"{one['filename']}  {one['line_covered']} of {one['line_total']}")
        return
    folders = defaultdict(lambda: defaultdict(int))
    for one in files:
        for name in (str(Path(one["filename"]).parent), "all"):
            folders[name]["files"] += 1
            for kind in KINDS:
                folders[name][f"{kind}_covered"] += one[f"{kind}_covered"]
                folders[name][f"{kind}_total"] += one[f"{kind}_total"]
    print("| folder | files | statements | covered | branches | covered |\n| --- | --- | --- | --- | --- | --- |")
    for name, row in sorted(folders.items(), key=lambda item: (item[0] == "all", item[0])):
        print(f"| {name} | {row['files']} | {row['line_total']:,} | {share(row['line_covered'], row['line_total']):.1f} % |"
              f" {row['branch_total']:,} | {share(row['branch_covered'], row['branch_total']):.1f} % |")


if __name__ == "__main__":
    main()

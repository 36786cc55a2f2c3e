# SPDX-License-Identifier: Apache-2.0
"""A page of /metrics, read strictly: whatever Prometheus might take in another way than it was meant fails."""

import re

SAMPLE = re.compile(r'([a-z_][a-z0-9_]*)(?:\{((?:[a-z_]+="[^"\\\n]*",?)+)\})? (-?[0-9]+(?:\.[0-9]+)?)')
LABEL = re.compile(r'([a-z_]+)="([^"]*)"')
TYPES = {"counter", "gauge", "histogram"}


class MetricsPage:
    """names: of the families; value("name", label="x")."""

    def __init__(self, text):
        assert text.endswith("\n")
        self.types, self.samples = {}, {}
        family = None
        for line in text.splitlines():
            if line.startswith("# HELP "):
                family = line.split(" ", 3)[2]
                assert family not in self.types, f"{family} stands in two places"
                assert line.split(" ", 3)[3].endswith("."), line
            elif line.startswith("# TYPE "):
                _, _, name, kind = line.split(" ")
                assert name == family and kind in TYPES, line
                self.types[name] = kind
            else:
                self._take(family, line)
        self._check_histograms()

    @property
    def names(self):
        return set(self.types)

    def value(self, name, **labels):
        return self.samples[name, tuple(sorted(labels.items()))]

    def get(self, name, **labels):
        """None where it is not told."""
        return self.samples.get((name, tuple(sorted(labels.items()))))

    def labels(self):
        """{name of a family: names of its labels}, of those that have a number. The bound of a bucket is none."""
        found = {}
        for name, labels in self.samples:
            family = name if name in self.types else name.rpartition("_")[0]
            found.setdefault(family, set()).update({label for label, _ in labels} - {"le"})
        return found

    def _take(self, family, line):
        found = SAMPLE.fullmatch(line)
        assert found, line
        name, labels, value = found.groups()
        ends = ("_bucket", "_sum", "_count") if self.types[family] == "histogram" else ("",)
        assert name in {family + end for end in ends}, line
        assert (self.types[family] == "counter") == family.endswith("_total"), line
        identity = name, tuple(sorted(LABEL.findall(labels or "")))
        assert identity not in self.samples, f"{line}: twice"
        self.samples[identity] = float(value)

    def _check_histograms(self):
        """Buckets only grow, and the last has all."""
        rows = {}
        for (name, labels), value in self.samples.items():
            if self.types.get(name.removesuffix("_bucket")) == "histogram" and name.endswith("_bucket"):
                labels = dict(labels)
                bound = float(labels.pop("le").replace("+Inf", "inf"))
                rows.setdefault((name.removesuffix("_bucket"), tuple(sorted(labels.items()))), []).append((bound, value))
        for (name, labels), row in rows.items():
            counts = [count for _, count in sorted(row)]
            assert counts == sorted(counts), (name, labels)
            assert sorted(row)[-1] == (float("inf"), self.samples[name + "_count", labels]), (name, labels)

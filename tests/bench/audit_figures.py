# SPDX-License-Identifier: Apache-2.0
"""The tamper-evident record: how fast it takes what is there, and how long a million entries take to verify.

The events are made here, as wide as intake's own, over all buckets; intake finds them as it would after an hour's pause.
"""

import json

from tests.bench.measure import Figure, progress, run_once
from tests.support.system import System, wait_until

ENTRIES, ENTRIES_QUICK = 1_000_000, 100_000
VERIFY_SECONDS_MAX = 60
EVENTS_PER_SECOND_MIN = 20_000
EVENTS = """
INSERT INTO log.event SELECT 'intake.0', i & 255, (i >> 8) + 1, i, 1, 'promise_changed', now() + i * interval '1 microsecond',
    decode(repeat(md5(i::text), 7) || lpad(to_hex(i), 8, '0'), 'hex') FROM generate_series(0, {count} - 1) AS i;
INSERT INTO log.head SELECT stream, bucket, max(seq) FROM log.event GROUP BY stream, bucket;
VACUUM ANALYZE log.event;
"""


def audit_figures(bench):
    count = bench.sizes.choose(ENTRIES_QUICK, ENTRIES)
    progress(f"audit: {count} entries" + (", a tenth of the full size" if count < ENTRIES else ""))
    figures = [Figure("audit_events", "1/s", 1, True, f"{EVENTS_PER_SECOND_MIN} 1/s"),
               Figure(f"audit_verify_{count}", "s", 1, False, f"{VERIFY_SECONDS_MAX} s")]
    run_once(figures, lambda: measure(bench, count), bench.roots)
    return figures


def measure(bench, count):
    database = bench.cluster.new_database()
    bench.cluster.psql(EVENTS.format(count=count), database)
    with System(bench.cluster, bench.programs, database) as system:
        key = system.folder / "audit.key"
        assert system.run("troth", "audit", "key", "new", key).returncode == 0
        intake = system.start("intake", audit_key_file=key, audit_every="1s", audit_copy=system.folder / "heads")
        wait_until(lambda: size_of(system) == count, 600, "the last entry")
        rate = float(system.psql("SELECT (max(tree_size) - min(tree_size)) / extract(epoch FROM max(at) - min(at)) FROM audit.head"))
        intake.terminate()
        done = system.run("troth", "audit", "verify", "--key", key, "--copies", system.folder / "heads", "--json",
                          "--database", system.conninfo("troth_operator"))
        verified = json.loads(done.stdout)
        if done.returncode != 0 or verified["entries"] != count:
            raise RuntimeError(done.stdout + done.stderr)
    bench.cluster.drop_database(database)
    return [(rate, EVENTS_PER_SECOND_MIN), (verified["seconds"], VERIFY_SECONDS_MAX)]


def size_of(system):
    return int(system.psql("SELECT coalesce(max(tree_size), 0) FROM audit.head"))

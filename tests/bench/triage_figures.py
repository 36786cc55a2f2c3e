# SPDX-License-Identifier: Apache-2.0
"""Texts that need triage: what one of them costs, and contacts without a category beside those that bring one."""

from tests.bench.intake_loader import IN_FLIGHT, Loader
from tests.bench.limit_figures import TRIAGE, limit_figures
from tests.bench.measure import Figure, run_pairs
from tests.support import triage_texts
from tests.support.system import wait_until


def triage_figures(bench):
    untold = Figure("intake_untold_contacts", "records/s", 0.9, True, "contacts that bring their category")
    count = bench.sizes.choose(20_000, 100_000)

    def rate(kind):
        database = bench.cluster.new_database()
        with Loader(bench, database) as loader:
            put_models_in_force(loader.system)
            wait_until(lambda: loader.intake.log().count("triage_model_in_force") == 2, what="the models are in force")
            bench.cluster.psql("CHECKPOINT", database)
            result = loader.run(kind, count, IN_FLIGHT, first=1_000_000)
            told = bench.cluster.psql("SELECT count(*) FROM intake.service_case WHERE category_by = 2", database)
            assert (int(told) >= count) == (kind == "untold"), told
        bench.cluster.drop_database(database)
        return count / result["seconds"]

    text = limit_figures(bench, "triage_bench", TRIAGE)
    run_pairs(bench.sizes, [untold], lambda: [(rate("untold"), rate("contact"))], bench.roots)
    return [*text, untold]


def put_models_in_force(system):
    """Learned from texts of our own: which labels they tell makes no difference."""
    cases = triage_texts.cases(200)
    moods = [(text, "negative") for text, _ in cases]
    moods += [(text, "positive") for text in triage_texts.sentences(triage_texts.PRAISE, 200)]
    for purpose, rows in [("category", cases), ("mood", moods)]:
        texts = triage_texts.write_csv(system.folder / f"{purpose}.csv", rows, ("text", "label"))
        model = system.folder / f"{purpose}.triage"
        commands = [("train", texts, "--text", "text", "--label", "label", "--purpose", purpose, "--out", model),
                    ("install", model, "--database", system.conninfo("troth_operator"))]
        for command in commands:
            done = system.run("troth", "triage", *command)
            assert done.returncode == 0, done.stderr

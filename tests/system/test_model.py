# SPDX-License-Identifier: Apache-2.0
"""Models fitted to a history: `troth model`, the jobs behind it, and the running service that takes what they found."""

import json

import pytest

from tests.support.made_history import MadeHistory
from tests.support.system import config_text, wait_until

MADE_OF = {"r": 0.9, "alpha": 45, "a": 0.8, "b": 3}
NAMES = ["purchases", "spend", "churn", "averages", "rfm"]


class Model:
    """`troth model`, with the settings for the system."""

    def __init__(self, system):
        self.system = system
        self.config = system.folder / "troth.conf"
        service = system.write_settings("loyalty", "loyalty-job", requests="", events="", http="")
        self.config.write_text(config_text({
            "database": system.conninfo("troth_operator"), "loyalty_config": service}))

    def __call__(self, *arguments, status=0):
        done = self.system.run("troth", "model", *arguments, "--config", self.config)
        assert done.returncode == status, (arguments, done.stdout, done.stderr)
        return done.stdout

    def json(self, *arguments):
        return json.loads(self(*arguments, "--json"))

    def made(self, *arguments):
        """The fits of a run, by model."""
        return {fit["model"]: fit for fit in self.json(*arguments)}


@pytest.fixture
def model(system):
    return Model(system)


def start(system):
    return system.start("loyalty", poll="50ms", lease="1s")


def wait_applied(history):
    wait_until(lambda: history.feed.is_read_by("loyalty"), seconds=120)


def scored_with(system):
    """The fits that the scores of all customers were made with."""
    return system.psql("SELECT string_agg(DISTINCT fit_id::text, ' ') FROM loyalty.customer_score")


def test_fits_come_near_what_made_the_history_and_are_used_at_once(system, model):
    history = MadeHistory(system, seed=7)
    history.buyers(2000, days=800, model=MADE_OF)
    history.commit()
    loyalty = start(system)
    wait_applied(history)
    assert scored_with(system) == "0"

    fits = model.made("fit")
    assert set(fits) == {"purchases", "spend", "averages", "rfm"}
    purchases = fits["purchases"]
    assert purchases["is_in_force"] and purchases["is_converged"] and purchases["why_not"] is None
    assert purchases["observations"] == 2000
    assert purchases["log_likelihood"] < 0 < purchases["iterations"]
    parameters = purchases["parameters"]
    assert parameters["r"] == pytest.approx(MADE_OF["r"], rel=0.15)
    assert parameters["alpha"] == pytest.approx(MADE_OF["alpha"], rel=0.2)
    assert parameters["a"] / (parameters["a"] + parameters["b"]) == pytest.approx(0.8 / 3.8, abs=0.04)
    held = purchases["holdout"]
    assert held["held_customers"] == 2000
    assert held["expected_mean"] == pytest.approx(held["actual_mean"], rel=0.1)
    assert held["correlation"] > 0.6
    assert fits["spend"]["is_in_force"] and fits["spend"]["parameters"]["currency"] == "CNY"
    assert fits["rfm"]["is_in_force"]
    assert not fits["averages"]["is_in_force"]  # nobody was asked

    # The service goes on running, and takes them.
    newest = str(max(fit["id"] for fit in fits.values() if fit["is_in_force"]))
    wait_until(lambda: scored_with(system) == newest, seconds=60)
    assert loyalty.popen.poll() is None


def test_broken_promises_that_made_customers_leave_are_found(system, model):
    history = MadeHistory(system, seed=11)
    history.leavers(1500, quarters=12, base=-2.2, effect=2.5)
    history.commit()
    start(system)
    wait_applied(history)

    fit = model.made("train")["churn"]
    assert fit["is_in_force"], fit
    assert fit["observations"] > 3000
    parameters, told = fit["parameters"], fit["holdout"]
    # A broken promise counts twice, as itself and against trust; together they must raise the odds.
    assert parameters["broken"] + parameters["distrust"] * 0.2 > 0.3
    assert told["auc"] > 0.6
    assert told["told_share"] == pytest.approx(told["left_share"], abs=0.05)
    assert told["calibration_error"] < 0.08
    assert told["brier"] < told["brier_of_share"]
    assert told["brier"] < told["rule_brier"]
    assert 0 < parameters["standard_errors"]["broken"] < 0.5
    wait_until(lambda: scored_with(system) == str(fit["id"]), seconds=60)


def test_too_little_history_is_said_and_the_fallback_named(system, model):
    history = MadeHistory(system, seed=3)
    history.buyers(20, days=400, model=MADE_OF)
    history.commit()
    start(system)
    wait_applied(history)

    lines = model("fit") + model("train")
    assert "20 customers bought" in lines and "100 and 30 are needed" in lines
    assert "200 are needed" in lines
    shown = model("show")
    assert [line.split(":")[0] for line in shown.splitlines() if line and line[0] != " "] == NAMES
    assert shown.count("not in force; instead") == len(NAMES)
    assert "the documented rule tells it" in shown
    assert system.psql("SELECT count(*) FROM loyalty.model_fit WHERE is_in_force") == "0"
    assert scored_with(system) == "0"


def test_a_fit_that_does_not_converge_leaves_the_one_before_in_force(system, model):
    system.psql("INSERT INTO loyalty.model_fit (id, model, fitted_at, is_in_force, is_converged, observations, parameters,"
                " holdout) VALUES (1, 'purchases', now(), true, true, 500,"
                " '{\"r\": 0.5, \"alpha\": 40, \"a\": 0.8, \"b\": 2.5}', '{}')")
    history = MadeHistory(system, seed=5)
    history.clockwork(150, purchases=12)
    history.commit()
    start(system)
    wait_applied(history)

    fits = model.made("fit")
    assert not fits["purchases"]["is_converged"] and not fits["purchases"]["is_in_force"]
    assert fits["purchases"]["why_not"] and fits["purchases"]["parameters"] == {}
    (shown,) = model.json("show", "purchases")
    assert shown["in_force"]["id"] == 1 and shown["in_force"]["parameters"]["alpha"] == 40
    assert shown["newest"]["id"] == fits["purchases"]["id"]
    text = model("show", "purchases")
    assert "in force: fit 1" in text and "was not put in force, it did not converge" in text
    compared = model("compare", "purchases")
    assert f"FIT {fits['purchases']['id']}" in compared and "FIT 1" in compared
    assert "log_likelihood" in compared and "alpha" in compared


def test_no_number_that_is_none_ever_leaves(system, model):
    """Also where there is nothing at all."""
    for verb in ("fit", "train"):
        for fit in model.json(verb):
            assert not fit["is_in_force"] and fit["why_not"]
    text = system.psql("SELECT string_agg(f::text, ' ') FROM loyalty.model_fit f").lower()
    assert "nan" not in text and "infinity" not in text


@pytest.mark.parametrize("arguments, words", [
    ((), "say fit, train, show or compare"),
    (("forget",), "say fit, train, show or compare"),
    (("show", "love"), "the models are purchases, spend, churn, averages and rfm"),
    (("compare",), "the models are"),
    (("compare", "churn", "--last", "9"), "at most 8"),
    (("fit",), "--service-config"),
])
def test_wrong_words_are_answered_with_the_right_ones(system, arguments, words):
    done = system.run("troth", "model", *arguments)
    assert done.returncode == 2
    assert words in done.stderr

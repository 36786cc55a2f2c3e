# SPDX-License-Identifier: Apache-2.0
"""What troth-loyalty answers: questions, answers, rights. (What it makes of events: test_loyalty_events.py.)"""

import event_pb2 as event
import pytest
import score_pb2 as score

from tests.support.event_feed import EventFeed, number, spelled
from tests.support.system import wait_until

KEPT, BROKEN = event.PROMISE_STATE_KEPT, event.PROMISE_STATE_BROKEN


@pytest.fixture
def feed(system):
    return EventFeed(system)


def start(system, **settings):
    return system.start("loyalty", poll="50ms", lease="1s", **settings)


@pytest.fixture
def reader(system):
    system.key("reader", rights=["scores"])
    return system.client("loyalty", "reader")


def ask(client, **body):
    return client.ask(score.ScoreRequest(request_id="r-1", **body), score.ScoreReply)


def score_of(client, customer):
    reply = ask(client, customer=score.ScoreOfCustomer(customer_number=spelled("K", customer)))
    assert reply.code == "", reply
    assert reply.request_id == "r-1"
    (one,) = reply.scores
    return one


def test_a_customer_without_evidence_stands_where_everybody_starts(system, feed, reader):
    customer = number(12, 1)
    feed.add_customer(customer)
    start(system)
    one = score_of(reader, customer)
    assert one.index == 50
    assert not one.HasField("csat_mean")
    assert not one.HasField("changed_us")
    assert one.trust_uncertainty == 1


def test_a_correction_replaces_the_broken_promise(system, feed, reader):
    customer = number(13, 2)
    feed.add_customer(customer)
    feed.promise(customer, number(1, 2), BROKEN, version=2)
    feed.commit()
    start(system)
    wait_until(lambda: feed.is_read_by("loyalty"))
    assert score_of(reader, customer).promises_broken == 1
    feed.promise(customer, number(1, 2), KEPT, version=3, is_correction=True)
    feed.commit()
    wait_until(lambda: feed.is_read_by("loyalty"))
    one = score_of(reader, customer)
    assert (one.promises_kept, one.promises_broken) == (1, 0)


def test_an_unknown_reference_or_source_is_an_unknown_customer(system, reader):
    start(system)
    for source in ["", "reader", "nowhere"]:
        asked = score.ScoreOfCustomer(source=source, customer_ref="nobody")
        assert ask(reader, customer=asked).code == "customer_unknown"


def test_wrong_questions_are_answered_with_a_code(system, reader):
    start(system)
    unknown = score.ScoreOfCustomer(customer_number=spelled("K", number(999, 1)))
    assert ask(reader, customer=unknown).code == "customer_unknown"
    assert ask(reader, customer=score.ScoreOfCustomer(customer_number="K-12-0")).code == "customer_unknown"
    assert ask(reader).code == "request_invalid"
    assert ask(reader, fallen=score.FallenScores(limit=101)).code == "request_invalid"
    reader.send(b"\xff\xff\xff")
    assert reader.receive(score.ScoreReply).code == "malformed"


def test_a_key_without_the_right_learns_nothing(system):
    system.key("garage", rights=["records"])
    start(system)
    stranger = system.client("loyalty", "garage")
    reply = ask(stranger, customer=score.ScoreOfCustomer(customer_number=spelled("K", number(1, 1))))
    assert reply.code == "not_permitted"
    assert not reply.scores

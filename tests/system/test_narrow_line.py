# SPDX-License-Identifier: Apache-2.0
"""A line to the database over which a batch does not fit into the deadline of one step."""

import pytest

from tests.faults.proxies import before_database, why_no_proxy
from tests.support.intake_client import ACCEPTED, DUPLICATE, IntakeClient, contact

pytestmark = pytest.mark.skipif(why_no_proxy() is not None, reason=str(why_no_proxy()))

RECORDS = 256  # in one message, and so in one batch
REFERENCE = "a customer whose reference is as long as it may be, so that much has to be said to ask about a few of them: number {:06d}"
# What is read about all of them takes several times the deadline; about a few of them it fits.
BYTES_PER_SECOND = 40_000
DEADLINE = "1s"
SECONDS = 30  # a few are enough here


def test_a_batch_that_misses_its_deadline_on_a_narrow_line_is_halved(system):
    garage = IntakeClient(system.client("intake", "garage", rights=["records"]))
    proxy, conninfo = before_database(system)
    with proxy:
        intake = system.start("intake", database=conninfo("troth_intake"), db_deadline=DEADLINE, lanes=1)
        assert garage.send_one(contact()).status == ACCEPTED  # it has its stream
        proxy.say(f"bandwidth {BYTES_PER_SECOND}")
        records = [contact(REFERENCE.format(i)) for i in range(RECORDS)]
        garage.send(records)
        first = garage.receive(SECONDS)  # the same again would never be through
        assert f"event=batch_failed what=records records={RECORDS} " in intake.log()  # else the line was not narrow
        proxy.say("pass")
        receipts = garage.collect({one.key for one in records} - {one.key for one in first}, SECONDS)
        # A COMMIT whose answer came too late was found when the same records were tried again.
        assert {one.status for one in [*first, *receipts.values()]} <= {ACCEPTED, DUPLICATE}
        assert system.psql("SELECT count(*) FROM intake.receipt") == str(1 + RECORDS)

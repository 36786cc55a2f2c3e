# SPDX-License-Identifier: Apache-2.0
"""An authenticator that dies takes its process along; until then it lets nobody in."""

import pytest

from tests.support.intake_client import ACCEPTED, IntakeClient, contact
from tests.support.system import wait_until
from tests.support.threads import end_thread, thread_named


def test_a_process_whose_authenticator_died_ends_and_let_nobody_in_meanwhile(system):
    garage = IntakeClient(system.client("intake", "garage", rights=["records"]))
    intake = system.start("intake")
    assert garage.send_one(contact()).status == ACCEPTED
    tid = thread_named(intake.pid, "zap")
    assert tid is not None
    try:
        end_thread(intake.pid, tid)
    except PermissionError:
        pytest.skip("SKIP: ptrace is forbidden here")
    assert thread_named(intake.pid, "zap") is None

    # Neither a key that is known nor one that is not.
    strangers = [system.client("intake", "garage"),
                 system.client("intake", "stranger", key=system.unknown_key("stranger"))]
    for one in strangers:
        with pytest.raises(TimeoutError):
            IntakeClient(one).send([contact()], seconds=0.5)
    assert intake.wait() == 1
    assert "event=zap_failed" in intake.log()
    system.start("intake")
    wait_until(lambda: accepts(garage), what="intake's return")


def accepts(client):
    try:
        return client.send_one(contact(), seconds=1).status == ACCEPTED
    except TimeoutError:
        return False

# SPDX-License-Identifier: Apache-2.0
"""All programs at work with a bad network between each of them and PostgreSQL, and, when asked for, between them."""

import bisect

from tests.faults.live_rig import LiveRig
from tests.faults.proxies import before_database, before_endpoint
from tests.support.stage import SERVICES


class NetRig(LiveRig):
    """Its proxies: of each service, the one before its database; of each link of LINKS, the one in it, by its name."""

    # name: (who connects, the setting that says where, the service that is connected to)
    LINKS = {"followup-intake": ("followup", "intake", "intake"),
             "dialer-followup": ("dialer", "followup", "followup"),
             "source-intake": (None, None, "intake")}

    def __init__(self, trial, *, links=(), **options):
        super().__init__(trial, **options)
        self.links = links
        self.proxies = {}

    def __enter__(self):
        super().__enter__()
        if "source-intake" in self.links:
            self.load.endpoints = [self.place("source-intake")]
        return self

    def __exit__(self, *unused):
        super().__exit__(*unused)
        for proxy in self.proxies.values():
            proxy.stop()

    def place(self, link):
        """Where the proxy of a link listens."""
        return f"ipc://{self.system.folder}/{link}"

    def start(self, **settings):
        values = {name: dict(settings.get(name, {})) for name in self.programs}
        for number, service in enumerate(name for name in self.programs if name in SERVICES):
            self.proxies[service], conninfo = before_database(self.system, f"net-{service}", self.trial.seed + number)
            values[service].setdefault("database", conninfo(f"troth_{service}"))
        for link in self.links:
            client, setting, server = self.LINKS[link]
            self.proxies[link] = before_endpoint(self.system.endpoint(server), self.place(link), self.trial.seed)
            if client:
                values[client][setting] = self.place(link)
        super().start(**values)

    # ---- looking

    def new_receipts_after(self, moments):
        """Of each moment, the seconds until the first receipt of a record that was sent after it."""
        acks = sorted(self.load.acks().values(), key=lambda ack: ack.sent)
        sent = [ack.sent for ack in acks]
        first = [float("inf")] * (len(acks) + 1)  # of those from here on, the first that arrived
        for place in range(len(acks) - 1, -1, -1):
            first[place] = min(first[place + 1], acks[place].at)
        return [first[bisect.bisect_right(sent, moment)] - moment for moment in moments]

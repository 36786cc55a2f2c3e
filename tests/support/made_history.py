# SPDX-License-Identifier: Apache-2.0
"""Histories that somebody made up, seeded: of customers who buy as a model says, and of customers who
leave when promises to them are broken. Events as intake would have written them at the time.

    history = MadeHistory(system, seed=7)
    history.buyers(2000, days=800)
    history.commit()
"""

import math
import random
import time

import event_pb2 as event

from tests.support.event_feed import SECOND_US, EventFeed, number

DAY_US = 86_400 * SECOND_US


def logistic(logit):
    return 1 / (1 + math.exp(-logit))


class MadeHistory:
    def __init__(self, system, seed, now_us=None):
        self.feed = EventFeed(system)
        self.random = random.Random(seed)
        self.now_us = now_us or int(time.time() * SECOND_US)
        self.customers = 0
        self.things = 0

    def commit(self):
        self.feed.commit()

    def new_customer(self):
        self.customers += 1
        return number(self.customers, self.customers * 37 % 256)

    def new_thing(self, customer):
        self.things += 1
        return number(self.things, customer & 255)

    def at(self, at_us):
        """The next event occurs then."""
        self.feed.now_us = int(at_us) - SECOND_US

    def purchase(self, customer, at_us, amount_minor):
        self.at(at_us)
        self.feed.add(customer, purchase_made=event.PurchaseMade(
            purchase=self.new_thing(customer), amount_minor=int(amount_minor), currency="CNY"))

    def promise(self, customer, at_us, is_broken):
        promise = self.new_thing(customer)
        to = event.PROMISE_STATE_BROKEN if is_broken else event.PROMISE_STATE_KEPT
        self.at(at_us)
        self.feed.promise(customer, promise, to, made_us=int(at_us) - DAY_US, done_us=int(at_us), kind="callback")

    # ---- who buys as BG/NBD says, and spends as Gamma-Gamma says

    def buyers(self, count, days, model):
        """model: r, alpha (days), a, b. The first purchase is in the first half of the days."""
        for _ in range(count):
            customer = self.new_customer()
            rate = self.random.gammavariate(model["r"], 1 / model["alpha"])
            leaves = self.random.betavariate(model["a"], model["b"])
            mean = 10_000 * self.random.uniform(0.5, 3)
            first = day = -days * self.random.uniform(0.5, 1)
            while day < 0:
                self.purchase(customer, self.now_us + day * DAY_US, mean * self.random.uniform(0.8, 1.2))
                if day > first and self.random.random() < leaves:
                    break
                day += self.random.expovariate(rate)

    def clockwork(self, count, purchases):
        """All alike: every ten days for ever."""
        for _ in range(count):
            customer = self.new_customer()
            for i in range(purchases):
                self.purchase(customer, self.now_us - (i * 10 + 1) * DAY_US, 5000)

    # ---- who leaves when promises are broken

    def leavers(self, count, quarters, base, effect):
        """Each quarter a customer buys and is promised something; then leaves with the odds of base,
        plus effect when the promise was broken."""
        for _ in range(count):
            customer = self.new_customer()
            begin = self.random.randrange(quarters - 2)
            for quarter in range(begin, quarters):
                start_us = self.now_us - (quarters - quarter) * 91 * DAY_US
                is_broken = self.random.random() < 0.3
                self.purchase(customer, start_us + self.random.uniform(5, 40) * DAY_US, 5000)
                self.promise(customer, start_us + self.random.uniform(45, 85) * DAY_US, is_broken)
                if self.random.random() < logistic(base + effect * is_broken):
                    break

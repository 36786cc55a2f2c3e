# SPDX-License-Identifier: Apache-2.0
"""Customers to whom everything happens that loyalty scoring takes notice of."""

import random

import event_pb2 as event
import intake_pb2 as intake

from tests.support.event_feed import SECOND_US, number

OPEN, KEPT, LATE, BROKEN, WITHDRAWN = (event.PROMISE_STATE_OPEN, event.PROMISE_STATE_KEPT, event.PROMISE_STATE_KEPT_LATE,
                                       event.PROMISE_STATE_BROKEN, event.PROMISE_STATE_WITHDRAWN)
CSAT, NPS, CES = (intake.SURVEY_INSTRUMENT_CSAT, intake.SURVEY_INSTRUMENT_NPS, intake.SURVEY_INSTRUMENT_CES)
HOUR_US = 3600 * SECOND_US


class Life:
    """Customers to whom everything happens that says something, by a seed; things are answered, corrected, taken back."""

    def __init__(self, feed, seed, customers=24, pace_us=HOUR_US):
        self.feed, self.pace_us = feed, pace_us
        self.random = random.Random(seed)
        self.customers = [number(50 + i, i * 11 % 256) for i in range(customers)]
        self.things = 1000
        self.promises, self.answers, self.purchases, self.cases = [], [], [], []

    def thing(self, customer):
        self.things += 1
        return number(self.things, customer & 255)

    def promise(self, customer):
        promise = {"customer": customer, "promise": self.thing(customer), "version": 1,
                   "branch": self.random.choice(["north", "south", ""]), "kind": self.random.choice(["resolution", "callback"]),
                   "owner_team": self.random.choice(["desk", "workshop"])}
        self.promises.append(promise)
        return self.end(promise)

    def end(self, promise=None):
        """It ends, or ends in another way than was thought."""
        if promise is None and not self.promises:
            return
        promise = promise or self.random.choice(self.promises)
        promise["version"] += 1
        state = self.random.choice([KEPT, KEPT, LATE, BROKEN, BROKEN, WITHDRAWN, OPEN])
        done_us = self.feed.now_us + self.random.randrange(3 * HOUR_US)
        body = {key: value for key, value in promise.items() if key not in ("customer", "version")}
        self.feed.add(promise["customer"], promise["version"], promise_changed=event.PromiseChanged(
            to=state, promise_version=promise["version"], made_us=self.feed.now_us - HOUR_US, due_us=self.feed.now_us,
            done_us=done_us if state in (KEPT, LATE) else None, **{"from": KEPT}, **body))

    def word(self, customer):
        if self.promises:
            one = self.random.choice(self.promises)
            self.feed.add(one["customer"], self.things, promise_answered=event.PromiseAnswered(
                promise=one["promise"], is_confirmed=self.random.random() < 0.5))
            self.feed.add(one["customer"], self.things + 1, break_explained=event.BreakExplained(
                promise=one["promise"], cause=self.random.randrange(1, 4)))
            self.things += 2

    def answer(self, customer):
        instrument, highest = self.random.choice([(CSAT, 5), (NPS, 10), (CES, 7)])
        body = event.SurveyAnswered(answer=self.thing(customer), instrument=instrument, value=self.random.randrange(1, highest + 1))
        if self.random.random() < 0.6:
            if not self.cases or self.random.random() < 0.3:
                self.cases.append((customer, self.thing(customer)))
            customer, body.service_case = self.random.choice(self.cases)
        self.answers.append((customer, body))
        self.feed.add(customer, survey_answered=body)

    def items(self, customer):
        items = [intake.ServqualItem(item=item, dimension=(item + 4) // 5, expectation=self.random.randrange(1, 8),
                                     perception=self.random.randrange(1, 8)) for item in self.random.sample(range(1, 22), 4)]
        body = event.SurveyAnswered(answer=self.thing(customer), instrument=intake.SURVEY_INSTRUMENT_SERVQUAL, items=items)
        self.answers.append((customer, body))
        self.feed.add(customer, survey_answered=body)

    def complaint(self, customer):
        self.feed.add(customer, case_opened=event.CaseOpened(
            service_case=self.thing(customer), kind=intake.CONTACT_KIND_COMPLAINT, branch="north"))

    def purchase(self, customer):
        body = event.PurchaseMade(purchase=self.thing(customer), amount_minor=self.random.randrange(1, 100000), currency="CNY")
        self.purchases.append((customer, body))
        self.feed.add(customer, purchase_made=body)

    def take_back(self, customer):
        for list_, field in ((self.answers, "survey_answered"), (self.purchases, "purchase_made")):
            if list_:
                customer, body = list_.pop(self.random.randrange(len(list_)))
                self.feed.add(customer, 2, is_reversal=True, **{field: body})

    def redeem(self, customer):
        self.feed.add(customer, points_spent=event.PointsSpent(
            redemption=self.thing(customer), points=self.random.randrange(1, 1500)))

    def happen(self, steps):
        """So many happenings; who calls commits them."""
        happenings = [self.promise, self.end_of, self.word, self.answer, self.answer, self.items, self.complaint,
                      self.purchase, self.take_back, self.redeem]
        for _ in range(steps):
            self.feed.now_us += self.random.randrange(self.pace_us)
            self.random.choice(happenings)(self.random.choice(self.customers))

    def live(self, steps, in_a_commit=60):
        for done in range(0, steps, in_a_commit):
            self.happen(min(in_a_commit, steps - done))
            self.feed.commit()
        self.feed.promise(self.customers[0], self.thing(self.customers[0]), KEPT)
        self.feed.commit()

    def end_of(self, customer):
        self.end()

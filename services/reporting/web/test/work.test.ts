// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { test } from "node:test";
import { readSession } from "../src/base/api";
import { unansweredSince } from "../src/pages/case";
import { countedUs, sumsOf } from "../src/desk/clock_bar";
import { inOrder } from "../src/desk/case_promises";
import { identifier } from "../src/desk/identifier";
import { lateness, type DayCount } from "../src/desk/late_branch";
import { leaseEndMs } from "../src/desk/lease";
import { scaleOf } from "../src/desk/score_view";
import { caseStory, isLowAnswer, promiseEntries } from "../src/desk/story_entries";
import { fromInput, toInput } from "../src/desk/time";
import type { ClockInterval } from "../src/desk/types";

const hourUs = 3_600_000_000;

test("a number gets the check digit that the services give it", () => {
    // Of common/domain/identifier.c.
    const table: [string, number, string][] = [
        ["C", 572, "C-572-4"],
        ["P", 0, "P-0-0"],
    ];
    for (const [letter, number, text] of table)
        assert.equal(identifier(letter as "C" | "P", number), text);
});

/** A month of days: kept and broken of each, by its place from the beginning. */
function month(counts: (at: number) => [number, number]): DayCount[] {
    return [...Array(28).keys()].map((at) => {
        const [kept, broken] = counts(at);
        return { day: `2026-11-${String(at + 1).padStart(2, "0")}`, kept, broken };
    });
}

test("a branch is late since the day on which its week began to be worse than usual", () => {
    const days = month((at) => (at < 20 ? [9, 1] : [4, 6]));
    const found = lateness(days, 0.85);
    assert.equal(found?.since, "2026-11-21");
    assert.equal(found?.share, 0.4);
    assert.equal(found?.broken, 42);
});

test("a branch that keeps what is usual is not late, whatever it was before", () => {
    assert.equal(
        lateness(
            month(() => [9, 1]),
            0.85,
        ),
        null,
    );
    assert.equal(
        lateness(
            month((at) => (at < 20 ? [4, 6] : [10, 0])),
            0.85,
        ),
        null,
    );
});

test("too few promises, or one alone that makes the difference, make no branch late", () => {
    assert.equal(
        lateness(
            month((at) => (at === 27 ? [0, 4] : [0, 0])),
            0.85,
        ),
        null,
    );
    assert.equal(
        lateness(
            month((at) => (at > 20 ? [1, at === 27 ? 1 : 0] : [0, 0])),
            0.9,
        ),
        null,
    );
    assert.equal(lateness([], 0.9), null);
});

test("a week without promises does not end the stretch in which a branch is late", () => {
    const days = month((at) => (at < 5 ? [9, 1] : at < 8 ? [1, 9] : at < 20 ? [0, 0] : [2, 8]));
    assert.equal(lateness(days, 0.85)?.since, "2026-11-06");
});

test("a lease that cannot be right by this clock is taken as the usual one", () => {
    const nowMs = 1_800_000_000_000;
    const table: [number | undefined, number][] = [
        [(nowMs + 120_000) * 1000, 120_000],
        [(nowMs - 5_000) * 1000, 300_000],
        [(nowMs + 7_200_000) * 1000, 300_000],
        [undefined, 300_000],
    ];
    for (const [until, leftMs] of table) assert.equal(leaseEndMs(until, nowMs) - nowMs, leftMs);
});

test("a time that is typed is read as it is shown", () => {
    const us = 1_795_000_000_000_000 - (1_795_000_000_000_000 % 60_000_000);
    assert.equal(fromInput(toInput(us)), us);
    assert.equal(fromInput(""), null);
    assert.equal(fromInput("tomorrow"), null);
});

const intervals: ClockInterval[] = [
    { from_us: 0, to_us: hourUs, kind: "before", is_counted: false, words: "not promised yet" },
    { from_us: hourUs, to_us: 3 * hourUs, kind: "counted", is_counted: true, words: "counted" },
    { from_us: 3 * hourUs, to_us: 18 * hourUs, kind: "closed", is_counted: false, words: "night" },
    {
        from_us: 18 * hourUs,
        to_us: 19 * hourUs,
        kind: "paused",
        is_counted: false,
        words: "waiting",
    },
    { from_us: 19 * hourUs, to_us: 34 * hourUs, kind: "closed", is_counted: false, words: "night" },
];

test("what did not count is added up by its reason, the longest first", () => {
    assert.deepEqual(sumsOf(intervals.slice(1)), [
        ["night", 30 * hourUs],
        ["waiting", hourUs],
    ]);
});

test("counted time is the service's own figure, else the sum of what counted", () => {
    assert.equal(countedUs({ promise_number: "P-1-0", intervals }), 2 * hourUs);
    assert.equal(countedUs({ promise_number: "P-1-0", intervals, counted_us: 5 }), 5);
});

test("open promises come first, by what is due first, then broken ones, then the newest", () => {
    const order = inOrder([
        { promise_number: "kept", state: "kept", made_us: 9 },
        { promise_number: "later", state: "open", due_us: 50 },
        { promise_number: "broken", state: "broken", made_us: 1 },
        { promise_number: "first", state: "at_risk", due_us: 20 },
    ]);
    assert.deepEqual(
        order.map((p) => p.promise_number),
        ["first", "later", "broken", "kept"],
    );
});

test("a promise that was kept late is told twice: broken when due, kept when done", () => {
    const p = { kind: "callback", state: "kept_late", made_us: 1, due_us: 2, done_us: 3 };
    const told = promiseEntries(p, "C-1-3");
    assert.deepEqual(
        told.map((entry) => [entry.at, entry.tone]),
        [
            [1, undefined],
            [2, "bad"],
            [3, "warn"],
        ],
    );
});

test("what is still ahead is not told", () => {
    const ahead = Date.now() * 1000 + hourUs;
    const told = promiseEntries(
        { kind: "callback", state: "broken", made_us: 1, due_us: ahead },
        "",
    );
    assert.equal(told.length, 1);
});

test("a contact is told once, though the history names it too", () => {
    const story = caseStory({
        contacts: [{ at_us: 5, kind: "complaint", channel: "phone" }],
        history: [
            { at_us: 5, what: "contact" },
            { at_us: 1, what: "opened" },
        ],
    });
    assert.deepEqual(
        story.map((entry) => entry.kind),
        ["contacts", "cases"],
    );
});

test("an answer is low by the limits of its instrument", () => {
    const table: [string, number, boolean][] = [
        ["csat", 2, true],
        ["csat", 3, false],
        ["nps", 6, true],
        ["nps", 7, false],
        ["ces", 3, true],
        ["own", 0, false],
    ];
    for (const [instrument, value, isLow] of table)
        assert.equal(isLowAnswer({ instrument, value }), isLow, `${instrument} ${value}`);
});

test("bars are to the scale of the widest part; where everybody starts is none", () => {
    assert.equal(
        scaleOf([
            { name: "base", points: 50, points_min: 50, points_max: 50 },
            { name: "trust", points_min: -25, points_max: 20 },
        ]),
        25,
    );
});

test("the customer waits since the first question that nobody has answered", () => {
    const at = (us: number, what: string) => ({ at_us: us, what });
    assert.equal(unansweredSince([at(1, "opened")]), 1);
    assert.equal(unansweredSince([at(2, "responded"), at(1, "opened")]), undefined);
    const again = [at(1, "opened"), at(2, "responded"), at(3, "contact"), at(4, "contact")];
    assert.equal(unansweredSince(again), 3);
    assert.equal(unansweredSince([...again, at(5, "waiting_customer")]), undefined);
    assert.equal(unansweredSince([...again, at(5, "note")]), 3);
});

test("a time is typed in the zone of the figures, on both sides of a change of the clock", async () => {
    const session = { name: "li", role: "agent", csrf_token: "", time_zone: "Europe/Berlin" };
    globalThis.fetch = async () => new Response(JSON.stringify(session));
    await readSession();
    const table: [string, string][] = [
        ["2026-10-25T01:30", "2026-10-24T23:30:00Z"],
        ["2026-10-25T03:30", "2026-10-25T02:30:00Z"],
        ["2026-07-01T12:00", "2026-07-01T10:00:00Z"],
    ];
    for (const [typed, utc] of table) assert.equal(fromInput(typed), Date.parse(utc) * 1000, typed);
});

// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { test } from "node:test";
import { addDays, change, day, duration, figure, money, share, today } from "../src/base/format";

const minute = 60_000_000;

test("a duration has its two largest units, rounded before they are split", () => {
    const table: [number, string][] = [
        [0, "0s"],
        [59 * 1_000_000, "59s"],
        [59.6 * 1_000_000, "1m"],
        [42 * minute, "42m"],
        [59.7 * minute, "1h"],
        [23.995 * 60 * minute, "1d"],
        [60 * minute, "1h"],
        [134 * minute, "2h 14m"],
        [119.7 * minute, "2h"],
        [24 * 60 * minute, "1d"],
        [(24 * 3 + 4) * 60 * minute, "3d 4h"],
        [-90 * minute, "−1h 30m"],
    ];
    for (const [us, text] of table) assert.equal(duration(us), text);
});

test("a figure without a value is a dash, never a nought", () => {
    assert.equal(figure("count", undefined), "–");
    assert.equal(figure("share", undefined), "–");
    assert.equal(duration(undefined), "–");
});

test("money has the digits of its currency", () => {
    assert.equal(money(1999, "EUR"), "€19.99");
    assert.equal(money(1999, "JPY"), "JP¥1,999");
    assert.equal(money(1999, ""), "19.99");
});

test("shares differ by points, not by percent", () => {
    assert.equal(share(0.821), "82.1%");
    assert.equal(change("share", 0.82, 0.8), "+2.0 points");
    assert.equal(change("count", 80, 100), "−20%");
    assert.equal(change("count", 5, 0), "+5");
    assert.equal(change("count", 5, 5), "unchanged");
});

test("days are calendar days, whatever the zone of this computer is", () => {
    const year = today().slice(0, 4);
    assert.equal(day(`${year}-11-01`), "1 Nov");
    assert.equal(day("2019-11-01"), "1 Nov 2019");
    assert.equal(day("2026-11-01", "long"), "Sun, 1 Nov 2026");
    assert.equal(addDays("2024-02-28", 1), "2024-02-29");
    assert.equal(addDays("2026-03-29", 1), "2026-03-30");
});

// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { test } from "node:test";
import { filtersOf, periodOf } from "../src/base/period";

test("each preset ends where it says", () => {
    const now = "2026-03-01";
    const table: [string, string, string][] = [
        ["7", "2026-02-23", "2026-03-01"],
        ["30", "2026-01-31", "2026-03-01"],
        ["month", "2026-03-01", "2026-03-01"],
        ["last_month", "2026-02-01", "2026-02-28"],
        ["year", "2026-01-01", "2026-03-01"],
        ["nonsense", "2026-01-31", "2026-03-01"],
    ];
    for (const [period, from, to] of table) {
        const found = periodOf({ period }, now);
        assert.deepEqual([found.from, found.to], [from, to], period);
    }
});

test("own days win over a preset, and days that make no period do not", () => {
    const days = { from: "2026-01-05", to: "2026-01-09", period: "7" };
    assert.deepEqual(periodOf(days, "2026-03-01").preset, "custom");
    assert.equal(periodOf({ ...days, to: "2026-01-01" }, "2026-03-01").preset, "7");
});

test("what is no parameter of the page is a filter", () => {
    const params = { period: "7", branch: "north", "first.as": "table", group: "day", team: "" };
    assert.deepEqual(filtersOf(params), { branch: "north" });
});

// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { test } from "node:test";
import type { FigureTable } from "../src/base/report";
import type { PageContext } from "../src/base/router";
import { casesAddress, csvAddress, lastDayOf } from "../src/chart/desk";
import { warningCases } from "../src/improve/warning_section";

const context = (params: Record<string, string>): PageContext => ({
    name: "timeliness",
    rest: [],
    params: { from: "2026-10-07", to: "2026-11-10", ...params },
    signal: new AbortController().signal,
    change: () => undefined,
});

const grouped = (group: string): FigureTable => ({
    name: "timeliness",
    columns: [],
    rows: [],
    notes: [],
    group_by: group,
    cases: "answered",
});

test("a period that begins in its middle ends where the calendar says", () => {
    assert.equal(lastDayOf("week", "2026-10-07"), "2026-10-11");
    assert.equal(lastDayOf("week", "2026-10-12"), "2026-10-18");
    assert.equal(lastDayOf("week", "2026-10-18"), "2026-10-18");
    assert.equal(lastDayOf("month", "2026-02-10"), "2026-02-28");
    assert.equal(lastDayOf("month", "2026-12-01"), "2026-12-31");
    assert.equal(lastDayOf("day", "2026-10-12"), "2026-10-12");
});

test("the cases behind a row are those of its days or its value, within the page's filters", () => {
    const page = context({ branch: "north", "first.as": "table", servqual: "empathy" });
    const days = casesAddress(page, grouped("month"), "2026-11-01");
    assert.equal(days, "#/cases?list=answered&branch=north&from=2026-11-01&to=2026-11-10");
    const channel = casesAddress(page, grouped("channel"), "phone");
    assert.match(channel ?? "", /&channel=phone$/);
});

test("a row of what cases are not listed by has no link, nor has a report without a list", () => {
    assert.equal(casesAddress(context({}), grouped("servqual"), "empathy"), null);
    assert.equal(casesAddress(context({}), { ...grouped("day"), cases: undefined }), null);
});

test("an early warning leads to the cases of its day and place", () => {
    assert.deepEqual(warningCases("2026-11-21/category/complaints/a/b"), {
        from: "2026-11-21",
        to: "2026-11-21",
        category: "a/b",
        contact_kind: "complaint",
    });
    assert.equal(warningCases("nonsense"), null);
});

test("the CSV has the marks that a spreadsheet needs, and no empty parameters", () => {
    assert.equal(
        csvAddress("promises", { from: "2026-10-07", branch: "", compare: true }),
        "/v1/reports/promises?from=2026-10-07&compare=1&format=csv&bom=1",
    );
});

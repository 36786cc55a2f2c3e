// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { test } from "node:test";
import { firstWithCases } from "../src/desk/case_pages";
import type { CaseList } from "../src/desk/types";

const one = { case_number: "C-1-2" };

/** Pages by the place they begin at; what was asked for. */
function list(pages: Record<string, CaseList>): [(after?: string) => Promise<CaseList>, string[]] {
    const asked: string[] = [];
    const ask = async (after = "first"): Promise<CaseList> => {
        asked.push(after);
        return pages[after] ?? {};
    };
    return [ask, asked];
}

test("empty pages are passed over until there is a case, from the place that was asked for", async () => {
    const [ask, asked] = list({
        first: { next: "b" },
        b: { cases: [], next: "c" },
        c: { cases: [one], next: "d" },
    });
    assert.deepEqual(await firstWithCases(ask, undefined), { cases: [one], next: "d" });
    assert.deepEqual(asked, ["first", "b", "c"]);
    assert.deepEqual(await firstWithCases(ask, "c"), { cases: [one], next: "d" });
});

test("a list without cases ends where the service has no next, and a place that leads to itself", async () => {
    const [ask] = list({ first: { next: "b" }, b: {}, c: { next: "c" } });
    assert.deepEqual(await firstWithCases(ask, undefined), {});
    assert.deepEqual(await firstWithCases(ask, "c"), {});
});

test("a page with cases is shown as it is", async () => {
    const [ask, asked] = list({ first: { cases: [one] } });
    assert.deepEqual(await firstWithCases(ask, undefined), { cases: [one] });
    assert.equal(asked.length, 1);
});

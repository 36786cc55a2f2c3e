// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { test } from "node:test";
import { Newest } from "../src/base/newest";

test("of answers that overtake each other the one to the last question is shown", () => {
    const newest = new Newest();
    const first = newest.ask();
    assert.equal(first(), true);
    const second = newest.ask();
    assert.deepEqual([first(), second()], [false, true]);
    assert.deepEqual([second(), first()], [true, false], "in whatever order they come");
    assert.equal(new Newest().ask()(), true, "each place counts its own");
});

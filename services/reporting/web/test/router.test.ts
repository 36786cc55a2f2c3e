// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { test } from "node:test";
import { link, parsePlace } from "../src/base/router";

test("a link reads back as the place it was made from", () => {
    const place = parsePlace(link(["case", "C-12/3-4"], { tab: "a&b", none: "", n: 3 }));
    assert.deepEqual(place, { name: "case", rest: ["C-12/3-4"], params: { tab: "a&b", n: "3" } });
});

test("an empty hash is no page, and a broken escape is kept as it is", () => {
    assert.deepEqual(parsePlace(""), { name: "", rest: [], params: {} });
    assert.deepEqual(parsePlace("#/case/%zz").rest, ["%zz"]);
});

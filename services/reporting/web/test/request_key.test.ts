// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { webcrypto } from "node:crypto";
import { test } from "node:test";
import { requestKeys } from "../src/base/request_key";

if (!("crypto" in globalThis)) Object.assign(globalThis, { crypto: webcrypto });

test("a form that is sent again has its key, one that was changed another", () => {
    const keyOf = requestKeys();
    const first = keyOf({ title: "Pads", owner: "li" });
    assert.match(first, /^[0-9a-f]{32}$/);
    assert.equal(keyOf({ title: "Pads", owner: "li" }), first);
    assert.notEqual(keyOf({ title: "Pads", owner: "mei" }), first);
    assert.equal(keyOf({ title: "Pads", owner: "li" }), first);
});

test("two forms have no key in common", () => {
    assert.notEqual(requestKeys()({ title: "Pads" }), requestKeys()({ title: "Pads" }));
});

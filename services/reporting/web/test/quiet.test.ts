// SPDX-License-Identifier: Apache-2.0
// What a page asks for by itself is no use of the session; what somebody asks for is.
import assert from "node:assert/strict";
import { test } from "node:test";
import { FakeBrowser } from "./fake_browser";

const browser = new FakeBrowser();
// After the browser is there: the module listens to its window.
const { ApiError, get, send } = await import("../src/base/api");

async function isQuiet(ask: () => Promise<unknown>): Promise<boolean> {
    await ask();
    return browser.asked.at(-1)?.isQuiet ?? false;
}

test("whoever has not touched the page for half a minute does not use the session by looking", async () => {
    assert.equal(await isQuiet(() => get("/v1/today")), false, "who has just come");
    await browser.pass(31_000);
    assert.equal(await isQuiet(() => get("/v1/today")), true);
    assert.equal(await isQuiet(() => get("/v1/reports/promises")), true);
});

test("a key, a click or a turn of the wheel is use for half a minute, moving past is none", async () => {
    for (const type of ["pointerdown", "keydown", "wheel"]) {
        await browser.pass(60_000);
        browser.window.dispatchEvent(new Event(type));
        assert.equal(await isQuiet(() => get("/v1/today")), false, type);
        await browser.pass(29_000);
        assert.equal(await isQuiet(() => get("/v1/today")), false, type);
        await browser.pass(2_000);
        assert.equal(await isQuiet(() => get("/v1/today")), true, type);
    }
    browser.window.dispatchEvent(new Event("pointermove"));
    assert.equal(await isQuiet(() => get("/v1/today")), true);
});

test("what changes something is use, whenever it was pressed", async () => {
    await browser.pass(60_000);
    assert.equal(await isQuiet(() => send("POST", "/v1/worklist/take")), false);
});

test("an error says when to come again, or that nobody said so", async () => {
    const told = async (headers: Record<string, string>): Promise<number> => {
        browser.answers.set("/v1/today", () => ({ status: 429, headers }));
        const error: unknown = await get("/v1/today").catch((one: unknown) => one);
        assert.ok(error instanceof ApiError);
        return error.retryAfterMs;
    };
    assert.equal(await told({ "Retry-After": "7" }), 7000);
    assert.equal(await told({}), 0);
    assert.equal(await told({ "Retry-After": "Wed, 21 Oct 2026 07:28:00 GMT" }), 0);
});

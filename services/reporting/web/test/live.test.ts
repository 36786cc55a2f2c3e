// SPDX-License-Identifier: Apache-2.0
// Live updates: how often the server is asked, and how often a page is made anew.
import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { FakeBrowser, somebody, type FakeAnswer } from "./fake_browser";

const browser = new FakeBrowser();
browser.answers.set("/v1/session", () => ({ body: somebody }));
const { readSession } = await import("../src/base/api");
const { startLive, stopLive, whenChanged, whenLive } = await import("../src/base/live");
await readSession();

const changes = "/v1/changes";
let token = 0;

/** A server on which something changes all the time. */
function busy(...changed: string[]): () => FakeAnswer {
    return () => ({ body: { token: String((token += 1)), changed } });
}

async function during(ms: number, answer: () => FakeAnswer): Promise<number[]> {
    browser.answers.set(changes, answer);
    browser.asked.length = 0;
    startLive();
    await browser.pass(ms);
    return browser.asked.filter(({ url }) => url.startsWith(changes)).map(({ atMs }) => atMs);
}

const gaps = (at: number[]): number[] => at.slice(1).map((one, i) => one - (at[i] ?? 0));

afterEach(async () => {
    stopLive();
    await browser.pass(120_000);
});

test("a server that answers at once is asked once a second", async () => {
    const asked = await during(5_500, busy("figures"));
    assert.deepEqual(gaps(asked), [1000, 1000, 1000, 1000, 1000]);
});

test("a server with too many pages open is asked when it says, and the page is no less live", async () => {
    let isLive = false;
    whenLive((now) => (isLive = now));
    const asked = await during(23_000, () => ({
        body: { token: "1", changed: [], retry_after_s: 7 },
    }));
    assert.deepEqual(gaps(asked), [7000, 7000, 7000]);
    assert.equal(isLive, true);
});

test("what changed is told although the server sends the page away", async () => {
    let told = 0;
    whenChanged(["figures"], new AbortController().signal, () => (told += 1));
    await during(8_000, () => ({ body: { token: "1", changed: ["figures"], retry_after_s: 3 } }));
    assert.ok(told > 0);
});

test("nobody waits for longer than a minute, whatever a server says", async () => {
    const asked = await during(130_000, () => ({ body: { token: "1", retry_after_s: 86_400 } }));
    assert.deepEqual(gaps(asked), [60_000, 60_000]);
});

test("after a failure the wait doubles, or is as long as the server says", async () => {
    const alone = await during(8_000, () => ({ status: 503 }));
    assert.deepEqual(gaps(alone), [1000, 2000, 4000]);
    stopLive();
    await browser.pass(120_000);
    const told = await during(25_000, () => ({ status: 429, headers: { "Retry-After": "10" } }));
    assert.deepEqual(gaps(told), [10_000, 10_000]);
});

test("a page is made anew at most every five seconds, and once more for what came meanwhile", async () => {
    const at: number[] = [];
    const ended = new AbortController();
    whenChanged(["today"], ended.signal, () => at.push(Date.now()));
    await during(30_000, busy("figures", "today"));
    assert.ok(at.length >= 5, String(at));
    assert.ok(
        gaps(at).every((gap) => gap >= 5000),
        String(gaps(at)),
    );
    const before = at.length;
    // The last change is not lost, though nothing follows it.
    stopLive();
    await browser.pass(120_000);
    assert.ok(at.length <= before + 1);
    ended.abort();
});

test("a page hears of its own topics alone, and of nothing once it is left", async () => {
    const heard: string[] = [];
    const left = new AbortController();
    const stays = new AbortController();
    whenChanged(["today"], stays.signal, () => heard.push("other"));
    whenChanged(["figures"], left.signal, () => heard.push("left"));
    left.abort();
    whenChanged(["figures"], left.signal, () => heard.push("late"));
    whenChanged(["figures"], stays.signal, () => heard.push("here"));
    await during(3_000, busy("figures"));
    assert.deepEqual(heard, ["here"]);
    stays.abort();
});

test("a page that is left while it waits for its turn is not made anew", async () => {
    let count = 0;
    const left = new AbortController();
    whenChanged(["figures"], left.signal, () => (count += 1));
    await during(2_500, busy("figures"));
    assert.equal(count, 1);
    left.abort();
    await browser.pass(20_000);
    assert.equal(count, 1);
});

test("while nobody can see the page nothing is asked", async () => {
    await during(1_500, busy("figures"));
    browser.document.hidden = true;
    const before = browser.count(changes);
    await browser.pass(60_000);
    assert.ok(browser.count(changes) <= before + 1);
    browser.document.hidden = false;
    browser.document.dispatchEvent(new Event("visibilitychange"));
    await browser.pass(100);
    assert.ok(browser.count(changes) > before);
});

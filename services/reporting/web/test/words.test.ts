// SPDX-License-Identifier: Apache-2.0
// Every dictionary of src/words: both languages say something, with the same places to fill in.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

const pair = /\[\s*"((?:[^"\\]|\\.)*)",\s*"((?:[^"\\]|\\.)*)",?\s*\]/g;
const places = (text: string): string[] => (text.match(/\{\w+\}/g) ?? []).sort();

test("no words are missing in either language, and both fill in the same places", () => {
    let count = 0;
    for (const name of readdirSync("src/words")) {
        const text = readFileSync(join("src/words", name), "utf8");
        for (const [whole, english = "", chinese = ""] of text.matchAll(pair)) {
            assert.ok(english.trim() && chinese.trim(), `${name}: ${whole}`);
            assert.deepEqual(places(english), places(chinese), `${name}: ${whole}`);
            count += 1;
        }
    }
    assert.ok(count > 100, `${count} words`);
});

test("no source sets HTML, and no page asks another host", () => {
    const files = readdirSync("src", { recursive: true }) as string[];
    for (const name of files.filter((file) => /\.(ts|css)$/.test(file))) {
        const text = readFileSync(join("src", name), "utf8");
        assert.doesNotMatch(text, /\.innerHTML|insertAdjacentHTML|outerHTML|document\.write/, name);
        assert.doesNotMatch(text.replace("http://www.w3.org/2000/svg", ""), /https?:\/\//, name);
    }
});

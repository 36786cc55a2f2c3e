// SPDX-License-Identifier: Apache-2.0
// Runs scenarios in one Chromium, one after the other: a line of JSON in, a line of JSON out.
//   in   {"scenario": "pages.isSound", "world": {...}, "args": {...}}
//   out  {"ok": true, "result": ...} or {"ok": false, "error": "..."}
// The first line out says that the browser is there. It ends when its input does.
import { createInterface } from "node:readline";

import { Office } from "./office.mjs";

const stories = ["door", "figures", "live", "pages", "picture", "progress", "questions", "work"];
const found = Object.fromEntries(
    await Promise.all(stories.map(async (name) => [name, await import(`./${name}.mjs`)])),
);

function say(answer) {
    process.stdout.write(`${JSON.stringify(answer)}\n`);
}

async function run(office, { scenario, world, args }) {
    const [story, name] = scenario.split(".");
    office.enter(world);
    try {
        return { ok: true, result: (await found[story][name](office, args)) ?? null };
    } catch (error) {
        return { ok: false, error: String(error?.stack ?? error) };
    } finally {
        await office.clear();
    }
}

const office = await Office.open();
say({ ok: true, result: office.version });
for await (const line of createInterface({ input: process.stdin }))
    say(await run(office, JSON.parse(line)));
await office.close();

// SPDX-License-Identifier: Apache-2.0
// Opens pages of the mock server (which must run) in Debian's chromium and writes pictures:
//   node dev/screenshots.mjs [--out FOLDER] [--base URL] [--user NAME] [--password WORD] [--quick] [HASH ...]   e.g. timeliness "case/C-123-4"
// Says what the console said and how wide the page is when that is more than the screen.
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { chromium } from "playwright-core";

const given = process.argv.slice(2);
function option(name, usual) {
    const at = given.indexOf(name);
    return at < 0 ? usual : given.splice(at, 2)[1];
}
const out = option("--out", "/tmp/troth-screenshots");
const base = option("--base", "http://127.0.0.1:5174");
const user = option("--user", "admin");
const password = option("--password", "troth");
const quick = given.includes("--quick");
const names = given.filter((name) => !name.startsWith("--"));
const all = [
    ...readFileSync(new URL("../src/pages.ts", import.meta.url), "utf8").matchAll(
        /^ {4}name: "(\w+)"/gm,
    ),
].map(([, name]) => name);
const hashes = names.length > 0 ? names : all;

mkdirSync(out, { recursive: true });
const browser = await chromium.launch({
    executablePath: "/usr/bin/chromium",
    args: ["--no-sandbox"],
});
const variants = quick
    ? [
          ["en", "light", 1280],
          ["zh-Hans", "dark", 360],
      ]
    : ["en", "zh-Hans"].flatMap((language) =>
          ["light", "dark"].flatMap((theme) =>
              [1280, 360].map((width) => [language, theme, width]),
          ),
      );
let failures = 0;
for (const [language, theme, width] of variants) {
    const context = await browser.newContext({
        viewport: { width, height: 900 },
        colorScheme: theme,
        locale: language === "en" ? "en-GB" : "zh-CN",
    });
    const page = await context.newPage();
    const complain = (text) => {
        failures += 1;
        console.log(`${language} ${theme} ${width}: ${text}`);
    };
    page.on("console", (message) => {
        const text = message.text();
        if (["error", "warning"].includes(message.type()) && !/status of 401/.test(text))
            complain(text);
    });
    page.on("pageerror", (error) => complain(String(error)));
    page.on("request", (request) => {
        if (!request.url().startsWith(base)) complain(`foreign request ${request.url()}`);
    });
    await page.goto(`${base}/`);
    await page.locator("form input").first().waitFor();
    await page.screenshot({ path: join(out, `login-${language}-${theme}-${width}.png`) });
    await page.locator('input[type="text"]').fill(user);
    await page.locator('input[type="password"]').fill(password);
    await page.locator('button[type="submit"]').click();
    await page.locator("nav").waitFor({ state: "attached" });
    await page.evaluate(async (to) => {
        const session = await (await fetch("/v1/session")).json();
        await fetch("/v1/session/language", {
            method: "PUT",
            headers: { "Content-Type": "application/json", "X-CSRF-Token": session.csrf_token },
            body: JSON.stringify({ language: to }),
        });
    }, language);
    await page.evaluate(
        ([to, look]) => (
            localStorage.setItem("troth.language", to),
            localStorage.setItem("troth.theme", look)
        ),
        [language, theme],
    );
    for (const hash of hashes) {
        await page.goto(`${base}/#/${hash}`);
        await page.reload();
        await page.locator("h1").waitFor();
        await page.waitForLoadState("load");
        await page.waitForTimeout(1200);
        const wide = await page.evaluate(() => document.documentElement.scrollWidth);
        if (wide > width) complain(`${hash} is ${wide} pixels wide`);
        const file = hash.replace(/[^A-Za-z0-9]+/g, "_");
        await page.screenshot({
            path: join(out, `${file}-${language}-${theme}-${width}.png`),
            fullPage: true,
        });
    }
    await context.close();
}
await browser.close();
console.log(`${out}: ${failures === 0 ? "no complaints" : `${failures} complaints`}`);
process.exit(failures === 0 ? 0 : 1);

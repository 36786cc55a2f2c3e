// SPDX-License-Identifier: Apache-2.0
// One Chromium and who sits before it: a context for each person, logged in once. Everything that a page
// complains about is kept and makes check() fail.
import { createRequire } from "node:module";
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const modules = createRequire(join(process.env.TROTH_BROWSER_MODULES, "package.json"));
const { chromium } = modules("playwright-core");
const axeSource = readFileSync(modules.resolve("axe-core/axe.min.js"), "utf8");

/** Generous: the machine may be shared by many. */
export const patienceMs = 60_000;
export const wide = { width: 1280, height: 900 };
export const phone = { width: 360, height: 740 };

export function must(isTrue, what) {
    if (!isTrue) throw new Error(what);
}

export function same(found, expected, what) {
    const [a, b] = [JSON.stringify(found), JSON.stringify(expected)];
    must(a === b, `${what}: ${a} instead of ${b}`);
}

/** Waits until read() gives something, a frame of the page at a time. */
export async function until(page, read, what) {
    const end = Date.now() + patienceMs;
    for (;;) {
        const value = await read();
        if (value) return value;
        must(Date.now() < end, `waited in vain for ${what} at ${page.url()}`);
        await page.evaluate(() => new Promise((done) => setTimeout(done, 50)));
    }
}

export class Office {
    constructor(browser) {
        this.browser = browser;
        this.version = browser.version();
        this.people = new Map();
        this.guests = [];
        this.desks = [];
    }

    static async open() {
        const browser = await chromium.launch({
            executablePath: process.env.TROTH_CHROMIUM,
            args: ["--no-sandbox", "--disable-dev-shm-usage"],
            timeout: patienceMs,
        });
        return new Office(browser);
    }

    enter(world) {
        this.world = world;
    }

    /** Who has not logged in. Its desk is gone with the scenario. */
    async guest(options = {}) {
        const context = await this.newContext(options);
        this.guests.push(context);
        return this.desk(context);
    }

    /** A page of somebody who is logged in: "viewer", "agent", "manager", "admin". */
    async person(name) {
        let context = this.people.get(name);
        if (!context) {
            context = await this.newContext({});
            const desk = await this.desk(context);
            await desk.logIn(name);
            await desk.page.close();
            this.people.set(name, context);
        }
        return this.desk(context);
    }

    async newContext(options) {
        const context = await this.browser.newContext({
            viewport: wide,
            locale: "en-GB",
            timezoneId: "Asia/Shanghai",
            reducedMotion: "reduce",
            ...options,
        });
        context.setDefaultTimeout(patienceMs);
        return context;
    }

    async desk(context) {
        const desk = new Desk(this.world, await context.newPage());
        this.desks.push(desk);
        return desk;
    }

    async clear() {
        for (const desk of this.desks) await desk.page.close();
        for (const guest of this.guests) await guest.close();
        this.desks = [];
        this.guests = [];
    }

    async close() {
        await this.browser.close();
    }
}

/** A page, and what went wrong on it. */
export class Desk {
    constructor(world, page) {
        this.world = world;
        this.page = page;
        this.complaints = [];
        this.underWay = new Set();
        this.watch();
    }

    watch() {
        const { page } = this;
        const over = (request) => this.underWay.delete(request);
        page.on("console", (message) => {
            if (!["error", "warning"].includes(message.type())) return;
            this.complain(`console: ${message.text()} (${message.location().url})`);
        });
        page.on("pageerror", (error) => this.complain(`error: ${error.stack ?? error}`));
        page.on("request", (request) => {
            const url = new URL(request.url());
            if (["data:", "blob:"].includes(url.protocol)) return;
            if (url.origin !== this.world.url) this.complain(`foreign request: ${url}`);
            // It is answered when something changes: nobody waits for it.
            if (url.pathname !== "/v1/changes") this.underWay.add(request);
        });
        page.on("requestfinished", over);
        page.on("requestfailed", (request) => {
            over(request);
            const why = request.failure()?.errorText;
            // A page that is left ends what it asked.
            if (why !== "net::ERR_ABORTED") this.complain(`${request.url()}: ${why}`);
        });
        page.on("response", (response) => {
            if (response.status() >= 400) this.complain(`${response.url()}: ${response.status()}`);
        });
    }

    complain(what) {
        this.complaints.push(what);
    }

    /** What is expected to be complained about is named by an expression. */
    check(allowed = /^$/) {
        const left = this.complaints.filter((one) => !allowed.test(one));
        must(left.length === 0, `the browser complains at ${this.page.url()}:\n${left.join("\n")}`);
    }

    /** Goes to a page of the dashboard, "today" or "case/C-1-2?promise=P-1-2", and waits for all of it. */
    async go(hash) {
        const response = await this.page.goto(`${this.world.url}/#/${hash}`);
        await this.settled();
        return response;
    }

    /** Nothing is loaded any more, and the page says that it is whole. */
    async settled() {
        const { page } = this;
        const isWhole = () =>
            document.querySelector("h1, .state-title") !== null &&
            document.querySelector(".is-loading, [aria-busy=true]") === null;
        const quiet = async () => this.underWay.size === 0 && (await page.evaluate(isWhole));
        // Twice: what came last may have begun something.
        await until(page, async () => (await quiet()) && (await quiet()), "all of the page");
        await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => done())));
    }

    async fillIn(name, password) {
        const { page } = this;
        await page.locator("form.login-form input").first().fill(name);
        await page.locator('input[type="password"]').fill(password);
        await page.locator('form.login-form button[type="submit"]').click();
    }

    /** Who is not logged in is told so by 401, and the console repeats it. */
    async logIn(name) {
        await this.page.goto(`${this.world.url}/`);
        await this.fillIn(name, this.world.password);
        await this.page.locator("#navigation").waitFor({ state: "attached" });
        await this.settled();
        this.check(/401/);
        this.complaints = [];
    }

    /** A request of the page itself, with its cookie and token: {status, body}. */
    async ask(method, path, body) {
        return this.page.evaluate(
            async ([method, path, body]) => {
                const headers = {};
                if (method !== "GET") {
                    const session = await (await fetch("/v1/session")).json();
                    headers["X-CSRF-Token"] = session.csrf_token;
                    headers["Content-Type"] = "application/json";
                }
                const init = { method, headers, body: body ? JSON.stringify(body) : undefined };
                const answer = await fetch(path, init);
                const text = await answer.text();
                const isJson = answer.headers.get("Content-Type")?.includes("json");
                return { status: answer.status, body: isJson ? JSON.parse(text) : text };
            },
            [method, path, body],
        );
    }

    async read(path) {
        const { status, body } = await this.ask("GET", path);
        same(status, 200, path);
        return body;
    }

    /** The same page again. language: "en" or "zh-Hans"; theme: "light" or "dark". */
    async dress(language, theme) {
        await this.page.emulateMedia({ colorScheme: theme });
        await this.ask("PUT", "/v1/session/language", { language });
        // What is about to be loaded again must not be asking for anything: nobody hears how that ends.
        await this.settled();
        await this.page.reload();
        await this.settled();
    }

    async text(selector) {
        return (await this.page.locator(selector).first().innerText()).trim();
    }

    async picture(name) {
        const folder = this.world.pictures;
        mkdirSync(folder, { recursive: true });
        await this.page.screenshot({ path: join(folder, `${name}.png`), fullPage: true });
    }

    /** Nothing that keeps people with other senses or hands from working. */
    async isAccessible(what) {
        await this.page.evaluate(axeSource);
        const violations = await this.page.evaluate(async () => {
            const found = await globalThis.axe.run(document, { resultTypes: ["violations"] });
            return found.violations
                .filter((one) => ["serious", "critical"].includes(one.impact))
                .map(({ id, help, nodes }) => ({
                    id,
                    help,
                    nodes: nodes.slice(0, 3).map((n) => `${n.html.slice(0, 160)} ${n.failureSummary}`),
                }));
        });
        must(violations.length === 0, `${what}: ${JSON.stringify(violations, null, 1)}`);
    }

    /** A page may be long, never wide. */
    async fits(what) {
        const [page, screen] = await this.page.evaluate(() => [
            document.documentElement.scrollWidth,
            document.documentElement.clientWidth,
        ]);
        must(page <= screen, `${what} is ${page} pixels wide on a screen of ${screen}`);
    }
}

// SPDX-License-Identifier: Apache-2.0
// Pages that stay open: what comes late, what fails, what is made anew under somebody's hands, and
// when a page that nobody looks at is left.
import { must, phone, same, until } from "./office.mjs";

/** Live updates of a page that come when a scenario says so, and not else. */
class Bell {
    constructor() {
        this.token = 1;
        this.waiting = [];
    }

    static async of(desk) {
        const bell = new Bell();
        await desk.page.route("**/v1/changes*", (route) => bell.asked(route));
        return bell;
    }

    answer(route, changed) {
        const body = JSON.stringify({ token: String(this.token), changed });
        // A page that is left has ended what it asked.
        return route.fulfill({ contentType: "application/json", body }).catch(() => undefined);
    }

    asked(route) {
        if (!route.request().url().includes("since=")) return this.answer(route, []);
        this.waiting.push(route);
        return undefined;
    }

    /** Something changed: returns when the page has asked for path again, and all has settled. */
    async ring(desk, path) {
        await until(desk.page, () => this.waiting.length > 0, "the question for changes");
        const again = desk.page.waitForResponse((response) => response.url().includes(path));
        this.token += 1;
        for (const route of this.waiting.splice(0)) await this.answer(route, ["figures", "today"]);
        await again;
        await desk.settled();
    }
}

/** Answers to some requests wait until they are let go. */
class Hold {
    constructor() {
        this.held = [];
    }

    static async of(desk, isHeld) {
        const hold = new Hold();
        await desk.page.route("**/v1/**", (route) => {
            const request = route.request();
            if (!isHeld(new URL(request.url()), request)) return route.fallback();
            desk.underWay.delete(request);
            hold.held.push(route);
            return undefined;
        });
        return hold;
    }

    async release(desk) {
        for (const route of this.held.splice(0)) {
            const { page } = desk;
            const there = page.waitForEvent("requestfinished", (one) => one === route.request());
            await route.continue();
            await there;
        }
        await desk.settled();
    }
}

async function fail(desk, glob) {
    await desk.page.route(glob, (route) =>
        route.fulfill({
            status: 503,
            contentType: "application/json",
            body: JSON.stringify({ code: "unavailable", text: "" }),
        }),
    );
}

const focused = (desk) =>
    desk.page.evaluate(() => {
        const { tagName, className, textContent, value, dataset } = document.activeElement;
        return { tagName, className, text: textContent.slice(0, 40), value, data: dataset.value };
    });

/* ---- a page that nobody looks at */

/** Logs in and touches nothing any more. */
export async function isLeftOpen(office) {
    const desk = await office.guest();
    const { page } = desk;
    await page.clock.install();
    await desk.logIn("viewer");
    await desk.go("today");
    await page.clock.fastForward(40_000);
    // Kept open beyond this scenario, with its context.
    office.desks = [];
    office.guests = [];
    office.left = desk;
}

export async function showsWhatHappens(office, { caseNumber }) {
    const { left: desk } = office;
    const isThere = async () => (await desk.page.content()).includes(caseNumber);
    await until(desk.page, isThere, `${caseNumber} on Today`);
}

export async function isLeft(office) {
    const desk = office.left;
    office.guests.push(desk.page.context());
    await desk.page.locator("form.login-form").waitFor();
    must(!/[CKP]-\d+-\d/.test(await desk.page.locator("body").innerText()), "what was shown is still there");
    desk.check(/401/);
}

/* ---- answers that overtake each other */

const tiles = (desk) => desk.page.locator(".tile").allInnerTexts();
const tableOf = (desk, panel) => desk.page.locator(`[data-testid="panel-${panel}"] table`).innerText();

export async function newestPeriodWins(office) {
    const desk = await office.person("viewer");
    const { page } = desk;
    await desk.go("promises?kept.as=table&group=branch");
    const slow = await Hold.of(desk, (url) => url.searchParams.get("branch") === "north");
    const go = (more) => page.evaluate((to) => (location.hash = to), `#/promises?kept.as=table&group=branch${more}`);
    await go("&branch=north");
    await until(page, () => slow.held.length > 2, "what is asked of one branch");
    await go("&branch=south");
    await until(page, async () => /south/.test(await tableOf(desk, "kept")), "the other branch");
    await desk.settled();
    const before = [await tiles(desk), await tableOf(desk, "kept")];
    await slow.release(desk);
    same([await tiles(desk), await tableOf(desk, "kept")], before, "after the older answers came");
    must(!/north/.test(before[1]), before[1]);
    desk.check();
}

export async function newestListWins(office) {
    const desk = await office.person("agent");
    const { page } = desk;
    await desk.go("follow-ups");
    const slow = await Hold.of(desk, (url) => url.pathname === "/v1/worklist" && url.searchParams.get("state") === "done");
    const choose = (state) => page.locator('[data-testid="state"]').selectOption(state);
    await choose("done");
    await until(page, () => slow.held.length > 0, "the list of those that are done");
    await choose("planned");
    await until(page, async () => /planned/.test(await page.locator("#list table").innerText()), "the list of planned ones");
    const before = await page.locator("#list").innerText();
    await slow.release(desk);
    same(await page.locator("#list").innerText(), before, "after the older answer came");
    desk.check();
}

/* ---- what cannot be made anew */

/** of: {hash, path: what is asked again, where: what must stay} */
export async function staysWhenItFails(office, { hash, path, where }) {
    const desk = await office.person("viewer");
    const { page } = desk;
    const bell = await Bell.of(desk);
    await desk.go(hash);
    const note = page.locator(".stale-note");
    const before = await page.locator(where).allInnerTexts();
    must(before.length > 0 && (await note.count()) === 0, `${hash} is whole`);
    await fail(desk, `**${path}*`);
    await bell.ring(desk, path);
    await note.first().waitFor();
    same(await page.locator(where).allInnerTexts(), before, "what stood there");
    same(await page.locator(".state.is-error").count(), 0, "errors in place of it");
    await page.unroute(`**${path}*`);
    await bell.ring(desk, path);
    await note.first().waitFor({ state: "detached" });
    same(await note.count(), 0, "notes, when all is well again");
    desk.check(/503/);
}

/** Old figures under new filters would be wrong ones. */
export async function isNoAnswerToAnotherQuestion(office) {
    const desk = await office.person("viewer");
    const { page } = desk;
    await desk.go("promises");
    await fail(desk, "**/v1/reports/promises*");
    await page.locator("main select").first().selectOption("7");
    await page.locator('[data-testid="panel-kept"] .state.is-error').waitFor();
    await desk.settled();
    same(await page.locator('[data-testid="panel-kept"] .chart').count(), 0, "the chart of another period");
    same(await page.locator('[data-testid^="tile-"]').count(), 0, "tiles of another period");
    await page.unroute("**/v1/reports/promises*");
    await page.locator('[data-testid="panel-kept"] .state.is-error button').click();
    await page.locator('[data-testid="panel-kept"] .chart').waitFor();
    await desk.settled();
    desk.check(/503/);
}

/* ---- a conversation in hand */

const order = {
    order: { key: "F-7-8/1", phone: "+8613800000000", language: "en", items: [], agenda: [{ rule: "broken" }] },
    customer_number: "K-1-2",
    story: [],
};

/** The worklist of a service that gives out one conversation; what was said to it. */
async function worklist(desk) {
    const said = [];
    const answer = (route, body) => {
        said.push(`${new URL(route.request().url()).pathname} ${route.request().postDataJSON()?.action ?? ""}`.trim());
        return route.fulfill({ contentType: "application/json", body: JSON.stringify(body) });
    };
    await desk.page.route("**/v1/worklist/take", (route) => answer(route, order));
    await desk.page.route("**/v1/worklist/report", (route) => answer(route, {}));
    return said;
}

/** The session is over without a log out, which forgets all. */
async function endSession(desk) {
    await desk.page.context().clearCookies();
    await desk.page.reload();
    await desk.page.locator("form.login-form").waitFor();
}

export async function conversationIsKeptForWhoTookIt(office) {
    const desk = await office.guest();
    const { page } = desk;
    await desk.logIn("agent");
    const said = await worklist(desk);
    const back = page.getByRole("button", { name: "Give it back" });
    await desk.go("follow-ups");
    await page.locator('[data-testid="take"]').click();
    await page.locator("#desk .agenda-title").waitFor();
    same(await page.locator('#desk a[href^="#/customer/"]').first().getAttribute("target"), "_blank", "beside this page");
    await desk.go("today");
    await desk.go("follow-ups");
    must((await desk.text("#desk")).includes(order.order.key), "the conversation in hand");
    await page.reload();
    await back.waitFor();
    const stored = await page.evaluate(() => JSON.stringify(sessionStorage));
    must(!stored.includes(order.order.phone) && !stored.includes(order.customer_number), stored);

    await endSession(desk);
    await desk.logIn("admin");
    await desk.go("follow-ups");
    await page.locator('[data-testid="take"]').waitFor();
    must(!(await desk.text("#desk")).includes(order.order.key), "somebody else's conversation");
    await endSession(desk);

    await desk.logIn("agent");
    await desk.go("follow-ups");
    await back.click();
    await page.locator('[data-testid="take"]').waitFor();
    same(said, ["/v1/worklist/take", "/v1/worklist/report return"], "what was said to the service");
    desk.check(/401/);
}

export async function conversationIsKeptWhenThePageIsLeftBeforeItComes(office) {
    const desk = await office.guest();
    const { page } = desk;
    await desk.logIn("agent");
    await worklist(desk);
    const slow = await Hold.of(desk, (url) => url.pathname === "/v1/worklist/take");
    await desk.go("follow-ups");
    await page.locator('[data-testid="take"]').click();
    await until(page, () => slow.held.length > 0, "the question");
    await desk.go("today");
    const [route] = slow.held;
    const there = page.waitForEvent("requestfinished", (one) => one === route.request());
    await route.fallback();
    await there;
    await desk.settled();
    await desk.go("follow-ups");
    await page.getByRole("button", { name: "Give it back" }).waitFor();
    desk.check();
}

export async function addressTakesNothing(office) {
    const desk = await office.person("agent");
    const said = await worklist(desk);
    await desk.go("follow-ups?take=1");
    await desk.page.reload();
    await desk.settled();
    same((await desk.page.evaluate(() => document.activeElement.dataset.testid)) ?? "", "take", "the focus");
    same(said, [], "what the address alone did");
    desk.check();
}

/* ---- who works on a page that is made anew */

export async function focusStays(office, { caseNumber, promise }) {
    const desk = await office.person("manager");
    const { page } = desk;
    const bell = await Bell.of(desk);
    await desk.go(`case/${caseNumber}?promise=${promise}`);
    same(await page.evaluate(() => document.activeElement.id), `promise-${promise}`, "who came for a promise is at it");
    const places = ["#history .segments button:last-of-type", "#texts button", '#history a[href^="#/"]', "details summary"];
    for (const place of places) {
        const control = page.locator(place).first();
        if ((await control.count()) === 0) continue;
        await control.focus();
        const before = await focused(desk);
        await bell.ring(desk, `/v1/cases/${caseNumber}`);
        same(await focused(desk), before, `the focus at ${place}`);
    }
    const days = page.locator('input[type="number"]').first();
    await days.fill("7");
    await bell.ring(desk, `/v1/cases/${caseNumber}`);
    same((await focused(desk)).value, "7", "what was typed");
    // Who comes for it again sees it again.
    await desk.go("today");
    await desk.go(`case/${caseNumber}?promise=${promise}`);
    same(await page.evaluate(() => document.activeElement.id), `promise-${promise}`, "the second time");
    desk.check();
}

export async function placeInFiguresStays(office) {
    const desk = await office.person("viewer");
    const { page } = desk;
    await page.setViewportSize(phone);
    const bell = await Bell.of(desk);
    await desk.go("teams");
    const box = page.locator('[data-testid="panel-card"] .table-box');
    const frame = page.locator('[data-testid="panel-card"] .table-frame');
    must(/has-more/.test(await frame.getAttribute("class")), "that there is more to the right is not said");
    must(await frame.locator(".table-hint").isVisible(), "the hint is not seen");
    await box.evaluate((element) => (element.scrollLeft = 120));
    await page.locator('[data-testid="panel-card"] a[download]').focus();
    const before = await focused(desk);
    await bell.ring(desk, "/v1/reports/teams");
    same(await box.evaluate((element) => element.scrollLeft), 120, "the place of the table");
    same(await focused(desk), before, "the focus");
    // The first column stays in sight.
    const [left, edge] = await box.evaluate((element) => [
        element.querySelector("tbody th").getBoundingClientRect().left,
        element.getBoundingClientRect().left,
    ]);
    must(Math.abs(left - edge) < 2, `the names are at ${left}, the table begins at ${edge}`);
    await box.evaluate((element) => (element.scrollLeft = element.scrollWidth));
    await until(page, async () => !/has-more/.test(await frame.getAttribute("class")), "the end of the table");
    desk.check();
}

/* ---- lists */

export async function emptyPagesArePassedOver(office) {
    const desk = await office.person("viewer");
    const { page } = desk;
    let count = 0;
    await page.route("**/v1/cases?*", (route) => {
        const url = new URL(route.request().url());
        count += 1;
        if (count < 4) {
            same(url.searchParams.get("after"), count === 1 ? null : `p${count - 1}`, "where the page begins");
            const body = JSON.stringify({ cases: [], next: `p${count}` });
            return route.fulfill({ contentType: "application/json", body });
        }
        url.searchParams.delete("after");
        return route.continue({ url: url.href });
    });
    await desk.go("cases");
    same(count, 4, "pages that were asked for");
    must((await page.locator('main a[href^="#/case/"]').count()) > 0, "no cases");
    desk.check();
}

/** Each look at them is written down: they are read by a click alone, and stay when the page is made anew. */
export async function referencesAreReadOnce(office, { customer }) {
    const desk = await office.person("agent");
    const { page } = desk;
    let looks = 0;
    await page.route(`**/v1/customers/${customer}/references`, (route) => {
        looks += 1;
        const references = [{ source: "garage", customer_ref: "BROWSER-1" }];
        return route.fulfill({ contentType: "application/json", body: JSON.stringify({ references }) });
    });
    const bell = await Bell.of(desk);
    await desk.go(`customer/${customer}`);
    await bell.ring(desk, `/v1/customers/${customer}`);
    same(looks, 0, "looks before anybody asked");
    await page.locator("#references button").click();
    await page.locator("#references dl").waitFor();
    await bell.ring(desk, `/v1/customers/${customer}`);
    same(looks, 1, "looks");
    must(/BROWSER-1/.test(await desk.text("#references")), "what was shown is gone");
    desk.check();
}

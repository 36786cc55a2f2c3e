// SPDX-License-Identifier: Apache-2.0
// The customer's own page of a case, on a telephone.
import { must, phone, same } from "./office.mjs";

async function visit(office, url, locale) {
    const desk = await office.guest({ viewport: phone, isMobile: true, hasTouch: true, locale });
    const response = await desk.page.goto(url);
    same(response.status(), 200, url);
    return desk;
}

async function isSound(desk, what) {
    await desk.fits(what);
    await desk.isAccessible(what);
    desk.check();
}

/** secrets: texts that must not be on it. */
export async function tellsWithoutName(office, { url, secrets, name }) {
    const desk = await visit(office, url, "en-GB");
    const { page } = desk;
    for (const id of ["turn", "promises", "history"])
        must((await page.locator(`section[aria-labelledby="${id}"]`).innerText()).length > 20, id);
    const all = await page.content();
    const shown = secrets.filter((secret) => all.includes(secret));
    same(shown, [], "what the page gives away");
    same(await page.locator("script").count(), 0, "scripts");
    await isSound(desk, name);
    await desk.picture(`progress-${name}`);
    await page.emulateMedia({ colorScheme: "dark" });
    await isSound(desk, `${name} dark`);
    await desk.picture(`progress-${name}-dark`);
}

export async function notSolved(office, { url }) {
    const desk = await visit(office, url, "en-GB");
    const { page } = desk;
    const form = page.locator('section[aria-labelledby="unsolved"] form');
    await desk.picture("progress-resolved");
    await form.locator("textarea").fill("It squeals again.");
    await form.locator("button").click();
    await page.locator("h1").waitFor();
    await page.goto(url);
    same(await form.count(), 0, "the form, when the case is open again");
    await isSound(desk, "reopened");
    await desk.picture("progress-reopened");
}

// SPDX-License-Identifier: Apache-2.0
// The pages where people work: the worklist, what is personal, what changes while one looks.
import { must, same, until } from "./office.mjs";

/** From "take" to the outcome: {customer, case} of whom was called. */
export async function worklistFromTakeToOutcome(office, { comment }) {
    const desk = await office.person("agent");
    const { page } = desk;
    await desk.go("follow-ups");
    await takeOneToCall(desk);
    const customer = await page.locator('#desk a[href^="#/customer/"]').first().innerText();
    must(/^K-\d+-\d$/.test(customer), customer);
    await desk.isAccessible("the conversation");
    await desk.picture("conversation");
    await page.locator('[data-testid="accept"]').click();
    await page.locator('[data-testid="accept"]').waitFor({ state: "detached" });
    const answered = await answer(desk, comment);
    await page.locator('input[type="radio"][value="answered"]').check();
    await page.locator('[data-testid="save"]').click();
    await page.locator('[data-testid="take"]').waitFor();
    await desk.settled();
    desk.check();
    return { customer, answered };
}

/** Who must not be called now, or is only told something, is given back: it does not come again for an hour. */
async function takeOneToCall(desk) {
    const { page } = desk;
    const accept = page.locator('[data-testid="accept"]');
    for (let i = 0; i < 20; i++) {
        await page.locator('[data-testid="take"]').click();
        await page.locator("#desk .agenda-title, #desk .state").first().waitFor();
        await desk.settled();
        if ((await accept.count()) && (await page.locator(".questions fieldset").count())) return;
        await page.getByRole("button", { name: "Give it back" }).click();
        await page.locator("#desk .agenda-title").waitFor({ state: "detached" });
    }
    throw new Error("there is nobody to call");
}

/** Every question of the conversation that is open: the best of a scale, and words. */
async function answer(desk, comment) {
    const questions = desk.page.locator(".questions fieldset:visible");
    let answered = 0;
    for (let i = 0; i < (await questions.count()); i++) {
        const one = questions.nth(i);
        const scale = one.locator('input[type="radio"]:not([value=""])');
        if (await scale.count()) await scale.last().check();
        else if (await one.locator("textarea").count()) await one.locator("textarea").fill(comment);
        answered += 1;
    }
    return answered;
}

/** What a customer said is text, whatever it looks like. */
export async function scriptIsText(office, { caseNumber, text }) {
    const desk = await office.person("agent");
    const { page } = desk;
    await page.addInitScript(() => {
        globalThis.alert = () => (globalThis.wasAlerted = true);
    });
    await page.reload();
    await desk.go(`case/${caseNumber}`);
    await page.locator("#texts button").click();
    await page.locator("#texts .text-body").first().waitFor();
    const bodies = await page.locator("#texts .text-body").allInnerTexts();
    must(bodies.includes(text), `${JSON.stringify(bodies)} does not have ${text}`);
    same(await page.locator("#texts script, #texts img").count(), 0, "elements made by the text");
    same(await page.evaluate(() => globalThis.wasAlerted ?? false), false, "alert() was called");
    await desk.settled();
    desk.check();
}

/** viewer: no button at all. */
export async function viewerSeesNoPersonalData(office, { caseNumber, customer, secrets }) {
    const desk = await office.person("viewer");
    for (const hash of [`case/${caseNumber}`, `customer/${customer}`]) {
        await desk.go(hash);
        same(await desk.page.locator(".disclosure").count(), 0, `buttons on ${hash}`);
        const all = await desk.page.content();
        same(secrets.filter((one) => all.includes(one)), [], `personal data on ${hash}`);
    }
    desk.check();
    const { status } = await desk.ask("POST", `/v1/customers/${customer}/contact`, {});
    same(status, 403, "asking for it all the same");
    desk.check(/403/);
}

export async function agentSeesPersonalData(office, { customer, secrets }) {
    const desk = await office.person("agent");
    const { page } = desk;
    await desk.go(`customer/${customer}`);
    const before = await page.content();
    same(secrets.filter((one) => before.includes(one)), [], "personal data before it is asked for");
    await page.locator("#contact button").click();
    await page.locator("#contact dl").waitFor();
    const shown = await page.locator("#contact").innerText();
    same(secrets.filter((one) => !shown.includes(one)), [], `what is missing in ${shown}`);
    await desk.settled();
    desk.check();
}

/** The page stays open; the case comes. Who tells it is the test: it is asked by two calls. */
export async function todayBeforeCase(office) {
    const desk = await office.person("viewer");
    await desk.go("today");
    await desk.page.evaluate(() => (globalThis.wasHereBefore = true));
    // Kept open beyond this scenario.
    office.desks = office.desks.filter((one) => one !== desk);
    office.left = desk;
}

export async function caseComesWithoutReload(office, { caseNumber }) {
    const desk = office.left;
    office.desks.push(desk);
    const isThere = async () => (await desk.page.content()).includes(caseNumber);
    await until(desk.page, isThere, `${caseNumber} on Today`);
    must(await desk.page.evaluate(() => globalThis.wasHereBefore), "the page was loaded again");
    desk.check();
}

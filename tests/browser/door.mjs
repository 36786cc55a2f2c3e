// SPDX-License-Identifier: Apache-2.0
// Who comes in, and who is out again.
import { must, same, until } from "./office.mjs";

export async function wrongThenRight(office) {
    const desk = await office.guest();
    const { page, world } = desk;
    await page.goto(`${world.url}/#/today`);
    await desk.fillIn("viewer", "not the password");
    await until(page, () => desk.text(".form-error"), "the refusal");
    must(/not right/.test(await desk.text(".form-error")), await desk.text(".form-error"));
    same(await page.locator("#navigation").count(), 0, "navigation");
    await desk.picture("login-en-light");
    await desk.isAccessible("log in");
    await desk.fillIn("viewer", world.password);
    await page.locator("#navigation").waitFor();
    await desk.settled();
    same(await desk.text("h1"), "Today", "heading");
    desk.check(/401/);
}

/** What a page may show of the service. */
async function isEmptyOfData(desk, known) {
    await desk.page.locator("form.login-form").waitFor();
    const text = await desk.page.locator("body").innerText();
    must(!/[CKP]-\d+-\d/.test(text) && !known.some((one) => text.includes(one)), text);
}

export async function backAfterLogout(office, { caseNumber }) {
    const desk = await office.guest();
    const { page } = desk;
    await desk.logIn("viewer");
    await desk.go("cases");
    await desk.go(`case/${caseNumber}`);
    await page.locator('[data-testid="account"]').click();
    await page.getByRole("button", { name: "Log out" }).click();
    await isEmptyOfData(desk, [caseNumber]);
    for (let i = 0; i < 2; i++) {
        await page.goBack();
        await isEmptyOfData(desk, [caseNumber]);
    }
    await page.reload();
    await isEmptyOfData(desk, [caseNumber]);
    const status = await page.evaluate(async () => (await fetch("/v1/today")).status);
    same(status, 401, "/v1/today after the log out");
    desk.check(/401/);
}

/** From the log in to a case without a mouse. */
export async function keyboardAlone(office) {
    const desk = await office.guest();
    const { page, world } = desk;
    const { keyboard } = page;
    await page.goto(`${world.url}/`);
    await page.locator("form.login-form").waitFor();
    await keyboard.type("viewer");
    await keyboard.press("Tab");
    await keyboard.type(world.password);
    await keyboard.press("Enter");
    await page.locator("#navigation").waitFor();
    await desk.settled();
    // The first stop is the way past the navigation.
    await keyboard.press("Tab");
    same(await page.evaluate(() => document.activeElement.className), "skip", "the first stop");
    await keyboard.press("Enter");
    const at = () => page.evaluate(() => document.activeElement?.getAttribute("href") ?? "");
    let href = "";
    for (let i = 0; i < 40 && !href.startsWith("#/case/"); i++) {
        await keyboard.press("Tab");
        href = await at();
        const isSeen = await page.evaluate(() => {
            const style = getComputedStyle(document.activeElement);
            return style.outlineStyle !== "none" || style.boxShadow !== "none";
        });
        must(isSeen, `the focus on ${href} cannot be seen`);
    }
    must(href.startsWith("#/case/"), "no case was reached by Tab");
    await keyboard.press("Enter");
    await until(page, async () => /C-\d+-\d/.test(await desk.text("h1")), "the case");
    await desk.settled();
    desk.check(/401/);
}

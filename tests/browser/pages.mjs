// SPDX-License-Identifier: Apache-2.0
// Each page in both languages and themes.
import { must, phone, same, until, wide } from "./office.mjs";

const looks = [
    ["en", "light"],
    ["en", "dark"],
    ["zh-Hans", "light"],
    ["zh-Hans", "dark"],
];

/** In these all is looked at: each language and each theme once. */
const isThorough = (language, theme) => (language === "en") === (theme === "light");

function policyOf(response) {
    const headers = response.headers();
    const policy = headers["content-security-policy"] ?? "";
    must(/default-src '(none|self)'/.test(policy), `the policy is "${policy}"`);
    must(!/unsafe|https?:|\*/.test(policy), `the policy allows too much: ${policy}`);
    same(headers["x-content-type-options"], "nosniff", "X-Content-Type-Options");
}

/** Something that the service counted or listed. */
async function hasFigure(desk, where) {
    const texts = await desk.page.locator(where).allInnerTexts();
    must(
        texts.some((text) => /[1-9]/.test(text)),
        `no figure at ${where}: ${JSON.stringify(texts.slice(0, 10))}`,
    );
}

/** What is written in a language that was not asked for. */
async function isInLanguage(desk, language) {
    same(await desk.page.evaluate(() => document.documentElement.lang), language, "lang");
    if (language === "en") return;
    const text = await desk.page.locator("#navigation").innerText();
    must(!/[A-Za-z]{3}/.test(text), `English in the navigation: ${text}`);
}

async function noError(desk) {
    const errors = await desk.page.locator(".state.is-error").allInnerTexts();
    same(errors, [], "parts that failed");
}

/** page: {hash, user, name, title: {language: text}, figure: selector} */
export async function isSound(office, { page }) {
    const desk = await office.person(page.user);
    await desk.go(page.hash);
    for (const [language, theme] of looks) {
        const what = `${page.name} ${language} ${theme}`;
        await desk.page.setViewportSize(wide);
        await desk.dress(language, theme);
        await until(desk.page, () => desk.page.locator(page.figure).count(), page.figure);
        await isInLanguage(desk, language);
        const shown = await desk.page.evaluate(() => document.documentElement.dataset.theme);
        same(shown, theme, "theme");
        must((await desk.text("h1")).includes(page.title[language]), `${what}: ${await desk.text("h1")}`);
        must((await desk.page.title()).includes(page.title[language]), await desk.page.title());
        await hasFigure(desk, page.figure);
        await noError(desk);
        await desk.picture(`${page.name}-${language}-${theme}`);
        if (isThorough(language, theme)) {
            await desk.isAccessible(what);
            await desk.page.setViewportSize(phone);
            await desk.settled();
            await desk.fits(what);
            await desk.picture(`${page.name}-${language}-${theme}-phone`);
        }
        desk.check();
    }
    await desk.ask("PUT", "/v1/session/language", { language: "en" });
}

export async function headersAreStrict(office) {
    const desk = await office.person("viewer");
    policyOf(await desk.go("today"));
    desk.check();
}

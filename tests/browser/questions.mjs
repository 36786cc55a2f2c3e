// SPDX-License-Identifier: Apache-2.0
// A manager's five questions: each is answered on the way from the page Today to a case, in two clicks.
import { must, same, until } from "./office.mjs";

const casePattern = /C-\d+-\d/;
const customerPattern = /K-\d+-\d/;

async function start(office) {
    const desk = await office.person("manager");
    await desk.go("today");
    return desk;
}

/** The first line of a section of Today: what it says. */
async function lineOf(desk, id) {
    const line = desk.page.locator(`#${id} a.work-line`).first();
    await line.waitFor();
    return (await line.innerText()).replace(/\s+/g, " ");
}

async function follow(desk, selector) {
    await desk.page.locator(selector).first().click();
    await desk.settled();
}

async function endsAtCase(desk) {
    await until(desk.page, async () => casePattern.test(await desk.text("h1")), "a case");
    await desk.settled();
    must((await desk.page.locator("main dl").count()) > 0, "the case is empty");
    desk.check();
    return (await desk.text("h1")).match(casePattern)[0];
}

export async function whichPromiseBreaksNext(office) {
    const desk = await start(office);
    const { due_next: [next] } = await desk.read("/v1/today");
    const line = await lineOf(desk, "due");
    must(line.includes(next.case_number), `${line} instead of ${next.case_number}`);
    await follow(desk, "#due a.work-line");
    same(await endsAtCase(desk), next.case_number, "case");
}

export async function whyDidThisScoreFall(office) {
    const desk = await start(office);
    const { scores: [fell] } = await desk.read("/v1/fallen?limit=5&language=en");
    const line = await lineOf(desk, "fallen");
    must(line.includes(fell.customer_number) && /−\d/.test(line), line);
    await follow(desk, "#fallen a.work-line");
    must(customerPattern.test(await desk.text("h1")), await desk.text("h1"));
    // Why: what was added and taken away, each with its reason.
    const reasons = fell.contributions.filter((one) => one.points < 0 && one.because);
    const page = await desk.page.locator("main").innerText();
    for (const { because } of reasons) must(page.includes(because), `"${because}" is not said`);
    await follow(desk, 'main a[href^="#/case/"]');
    await endsAtCase(desk);
}

/** The branch. */
export async function whichBranchIsLateSinceWhen(office) {
    const desk = await start(office);
    const line = await lineOf(desk, "late");
    must(/since \d/i.test(line), line);
    // Not as it looks: the page writes names with a capital.
    const branch = (await desk.page.locator("#late a.work-line strong").first().textContent()).trim();
    await follow(desk, "#late a.work-line");
    must(desk.page.url().includes(`branch=${branch}`), desk.page.url());
    await follow(desk, 'main a[href^="#/case/"]');
    const number = await endsAtCase(desk);
    same((await desk.read(`/v1/cases/${number}`)).branch, branch, "the branch of the case");
    return branch;
}

const verdicts = {
    better: "better",
    worse: "worse",
    no_difference: "no difference",
    too_early: "too early to say",
};

export async function didTheFixHelp(office) {
    const desk = await start(office);
    const { improvements: [fix] } = await desk.read("/v1/improvements?language=en");
    const line = await lineOf(desk, "fix");
    must(line.includes(fix.title), line);
    must(line.includes(verdicts[fix.effect.verdict]), `${fix.effect.verdict} is not in "${line}"`);
    await follow(desk, "#fix a.work-line");
    await follow(desk, 'main a[href^="#/case/"]');
    await endsAtCase(desk);
}

export async function whomToCallNow(office) {
    const desk = await start(office);
    const line = await lineOf(desk, "call");
    await follow(desk, "#call a.work-line");
    const number = await endsAtCase(desk);
    must(line.includes(number), `${line} leads to ${number}`);
}

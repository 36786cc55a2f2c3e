// SPDX-License-Identifier: Apache-2.0
// Three of a manager's questions, answered on the page Today: why did this score fall, which branch
// is late and since when, did the fix help. Each asks for itself and fills in when it has an answer.

import { ApiError, get } from "../base/api";
import { h, type Child } from "../base/dom";
import { addDays, day, number, share, today } from "../base/format";
import { readReport, type FigureTable } from "../base/report";
import { link } from "../base/router";
import { codeWords } from "../words/codes";
import { todayWords as t } from "../words/today";
import { countOf, countsOf, lateness, type Lateness } from "./late_branch";
import { badge, type Tone } from "../ui/tile";
import { line, lines, load, none, section } from "./parts";
import { brief } from "./time";
import type { Contribution, Improvement, Score } from "./types";

const shown = 5;
const usualDays = 28;
const weekDays = 7;
const leastDecided = 5;

/** A service without this answer: the section says that there is nothing, instead of failing. */
async function orEmpty<T>(asked: Promise<T>, empty: T): Promise<T> {
    try {
        return await asked;
    } catch (error) {
        if (error instanceof ApiError && error.status === 404) return empty;
        throw error;
    }
}

/* ---- why did this score fall */

/** The part that lowers it most; where everybody starts lowers nothing. */
function weighsMost(s: Score): Contribution | undefined {
    const parts = (s.contributions ?? []).filter(
        (c) => (c.points_min ?? 0) < (c.points_max ?? 0) && (c.points ?? 0) < 0,
    );
    return parts.sort((a, b) => (a.points ?? 0) - (b.points ?? 0))[0];
}

function fallenLine(s: Score): HTMLElement {
    const before = s.index_before ?? 0;
    const now = s.index ?? 0;
    const most = weighsMost(s);
    return line(
        link(["customer", s.customer_number ?? ""], { part: "score" }),
        h("span", { class: "text-bad" }, `−${number(before - now, 1)}`),
        [
            [
                h("strong", null, s.customer_number ?? ""),
                ` ${number(before, 1)} → ${number(now, 1)}, ${brief(s.changed_us)}`,
            ],
            most ? `${codeWords(most.name)}: ${most.because ?? ""}` : null,
        ],
        s.tier ? badge(codeWords(s.tier)) : null,
    );
}

export function fallenSection(signal: AbortSignal): HTMLElement {
    const body = h("div");
    void load(body, async () => {
        const asked = get<{ scores?: Score[] }>("/v1/fallen", { limit: shown }, signal);
        const scores = (await orEmpty(asked, {})).scores ?? [];
        return scores.length === 0 ? none(t("fallen_none")) : lines(scores.map(fallenLine));
    });
    return section(t("fallen_title"), { id: "fallen", note: t("fallen_note") }, body);
}

/* ---- which branch is late, and since when */

interface LateBranch extends Lateness {
    branch: string;
}

function lateLine(one: LateBranch, usual: number, now: string): HTMLElement {
    return line(
        link("cases", { list: "broken", branch: one.branch, from: one.since, to: now }),
        h("span", { class: "text-bad" }, t("late_since", { day: day(one.since) })),
        [
            h("strong", null, one.branch),
            t("late_share", { share: share(one.share, 0), all: share(usual, 0) }),
        ],
        t("late_counts", { broken: number(one.broken), all: number(one.kept + one.broken) }),
    );
}

/** The branches with the smallest share of this week; whether they are late is seen from their days. */
function suspects(week: FigureTable, usual: number): string[] {
    const shares: [string, number][] = [];
    for (const row of week.rows) {
        const kept = countOf(week, row, "kept");
        const decided = kept + countOf(week, row, "broken");
        if (row.key && decided >= leastDecided && kept / decided < usual)
            shares.push([row.key, kept / decided]);
    }
    shares.sort((a, b) => a[1] - b[1]);
    return shares.slice(0, shown).map(([branch]) => branch);
}

async function lateBranches(only: string, signal: AbortSignal): Promise<Child> {
    const now = today();
    const promises = (query: Record<string, string>): Promise<FigureTable> =>
        readReport("promises", { to: now, ...query }, signal);
    const from = addDays(now, 1 - usualDays);
    const all = await promises({ group: "none", from });
    const kept = countOf(all, all.total, "kept");
    const decided = kept + countOf(all, all.total, "broken");
    if (decided === 0) return none(t("late_none"));
    const usual = kept / decided;
    const week = await promises({ group: "branch", from: addDays(now, 1 - weekDays) });
    const late: LateBranch[] = [];
    for (const branch of only ? [only] : suspects(week, usual)) {
        const found = lateness(countsOf(await promises({ group: "day", from, branch })), usual);
        if (found) late.push({ branch, ...found });
    }
    if (late.length === 0) return none(t("late_none"));
    return lines(late.map((one) => lateLine(one, usual, now)));
}

export function lateSection(branch: string, signal: AbortSignal): HTMLElement {
    const body = h("div");
    void load(body, () => lateBranches(branch, signal));
    return section(t("late_title"), { id: "late", note: t("late_note") }, body);
}

/* ---- did the fix help */

const verdictTones: Record<string, Tone> = { better: "good", worse: "bad" };

function verdictWords(verdict: string): string {
    switch (verdict) {
        case "better":
            return t("verdict_better");
        case "worse":
            return t("verdict_worse");
        case "no_difference":
            return t("verdict_no_difference");
        default:
            return t("verdict_too_early");
    }
}

function fixLine(one: Improvement, now: string): HTMLElement {
    const effect = one.effect ?? {};
    const verdict = effect.verdict ?? "too_early";
    // The cases of the cause since then: what is left of it.
    const address = link("cases", {
        list: "opened",
        from: one.starts_on,
        to: one.ends_on ?? now,
        category: one.category,
        product: one.product,
        branch: one.branch,
    });
    return line(
        address,
        day(one.starts_on),
        [h("strong", null, one.title ?? ""), effect.words],
        badge(verdictWords(verdict), verdictTones[verdict] ?? "plain"),
    );
}

export function fixSection(branch: string, signal: AbortSignal): HTMLElement {
    const body = h("div");
    void load(body, async () => {
        const asked = get<{ improvements?: Improvement[] }>("/v1/improvements", {}, signal);
        const all = (await orEmpty(asked, {})).improvements ?? [];
        const now = today();
        const rows = all.filter(
            (one) =>
                (!one.ends_on || one.ends_on >= now) &&
                (!branch || !one.branch || one.branch === branch),
        );
        if (rows.length === 0) return none(t("fix_none"));
        return lines(rows.slice(0, shown).map((one) => fixLine(one, now)));
    });
    const actions = h("a", { href: link("causes") }, t("fix_all"));
    return section(t("fix_title"), { id: "fix", note: t("fix_note"), actions }, body);
}

// SPDX-License-Identifier: Apache-2.0
// One case: its state and whose turn it is, promises with their clocks, what happened, follow-ups,
// and on demand what was said. Without personal data until somebody asks for it.

import { get, may, nowUs } from "../base/api";
import { fill, h, type Child } from "../base/dom";
import { duration, instant, timeZone } from "../base/format";
import { whenChanged } from "../base/live";
import type { Page, PageContext } from "../base/router";
import { caseLink, copyable, customerLink } from "../ui/copy";
import { badge } from "../ui/tile";
import { caseWords as t } from "../words/case";
import { codeWords } from "../words/codes";
import { linkSection } from "../desk/case_link";
import { promisesSection } from "../desk/case_promises";
import { textsSection } from "../desk/case_texts";
import { followUpTable } from "../desk/follow_up_table";
import { readRuleNames } from "../desk/names";
import { facts, load, none, section, stateBadge } from "../desk/parts";
import { leftOut, storyFilter, storyList } from "../desk/story";
import { caseStory } from "../desk/story_entries";
import type { CaseHistory, CaseView } from "../desk/types";

/* ---- whose turn */

const asks = new Set(["opened", "contact", "reopened"]);
/** A question to the customer is an answer, too. */
const answers = new Set(["responded", "waiting_customer", "resolved", "closed"]);

/** Since when the customer waits for an answer; undefined: all was answered. */
export function unansweredSince(history: CaseHistory[]): number | undefined {
    const inOrder = [...history].sort((x, y) => (x.at_us ?? 0) - (y.at_us ?? 0));
    let since: number | undefined;
    for (const { what = "", at_us: at } of inOrder) {
        if (asks.has(what)) since ??= at;
        if (answers.has(what)) since = undefined;
    }
    return since;
}

function turnWords(c: CaseView): string {
    switch (c.state) {
        case "waiting_customer":
            return t("turn_customer");
        case "waiting_third_party":
            return t("turn_third");
        case "new":
        case "open": {
            const since = unansweredSince(c.history ?? []);
            if (since === undefined) return t("turn_us");
            const span = duration(Math.max(0, nowUs() - since));
            return t("turn_us_since", { time: instant(since), span });
        }
        default:
            return t("turn_nobody", { state: codeWords(c.state) });
    }
}

/* ---- the head */

function later(us: number | undefined, opened: number | undefined): Child {
    if (us === undefined) return h("span", { class: "muted" }, t("not_yet"));
    if (opened === undefined) return instant(us);
    return [
        instant(us),
        " ",
        h("span", { class: "muted" }, `(${t("after", { time: duration(us - opened) })})`),
    ];
}

function head(c: CaseView): HTMLElement {
    const priority = c.priority
        ? badge(`P${c.priority}`, c.priority === 1 ? "bad" : "plain")
        : null;
    const isOurs = c.state === "new" || c.state === "open";
    return h(
        "section",
        { class: "card", "aria-label": t("title", { number: c.case_number ?? "" }) },
        h(
            "p",
            { class: "work-badges" },
            copyable(c.case_number ?? "", h("span", { class: "code" }, c.case_number ?? "")),
            stateBadge(c.state),
            stateBadge(c.kind),
            priority,
            c.mood ? badge(codeWords(c.mood), c.mood === "negative" ? "warn" : "plain") : null,
        ),
        h("p", { class: `turn ${isOurs ? "is-ours" : ""}` }, turnWords(c)),
        facts([
            [t("customer"), customerLink(c.customer_number)],
            [t("category"), c.category],
            [t("product"), c.product],
            [t("branch"), c.branch],
            [t("team"), c.owner_team],
            [t("channel"), codeWords(c.channel)],
            [t("rule"), codeWords(c.rule)],
            [t("opened"), instant(c.opened_us)],
            [t("first_response"), later(c.first_response_us, c.opened_us)],
            [t("resolved"), later(c.resolved_us, c.opened_us)],
            [t("reopened"), c.reopened_count ? String(c.reopened_count) : null],
            [t("joined"), c.joined_case ? caseLink(c.joined_case) : null],
            [t("solved_like"), c.solved_like ? caseLink(c.solved_like) : null],
        ]),
        h("p", { class: "muted work-note" }, t("zone", { zone: timeZone() })),
    );
}

/* ---- what happened */

function storySection(c: CaseView): HTMLElement {
    const entries = caseStory(c);
    const body = h("div");
    const show = (kind: string): void =>
        fill(body, storyList(kind ? entries.filter((entry) => entry.kind === kind) : entries));
    const chosen = open?.params["show"] ?? "";
    show(chosen);
    const choose = (kind: string): void => {
        show(kind);
        open?.change({ show: kind });
    };
    return section(
        t("history"),
        { id: "history", count: entries.length, actions: storyFilter(entries, chosen, choose) },
        body,
        leftOut(c.left_out),
    );
}

function followUpSection(c: CaseView): HTMLElement {
    const rows = c.follow_ups ?? [];
    return section(
        t("follow_ups"),
        { id: "follow-ups", count: rows.length },
        rows.length === 0
            ? none(t("follow_ups_none"))
            : followUpTable(t("follow_ups"), rows, false),
    );
}

/* ---- the page */

/** With the newest parameters: what is chosen stays when the case changes under it. */
let open: PageContext | null = null;

function caseNumber(context: PageContext): string {
    return context.rest[0] ?? "";
}

async function mount(root: HTMLElement, context: PageContext): Promise<void> {
    open = context;
    const number = caseNumber(context);
    const body = h("div", { class: "work-stack" });
    // What was asked for on this page stays when the case changes under it.
    const asked = [textsSection(number), may("manager") ? linkSection(number) : null];
    fill(root, body);
    const show = (): Promise<void> =>
        load(body, async () => {
            const path = `/v1/cases/${encodeURIComponent(number)}`;
            const [c] = await Promise.all([
                get<CaseView>(path, {}, context.signal),
                readRuleNames(),
            ]);
            return () => [
                head(c),
                promisesSection(c, context.params["promise"] ?? "", context.signal),
                h(
                    "div",
                    { class: "work-two" },
                    storySection(c),
                    h("div", { class: "work-stack" }, asked, followUpSection(c)),
                ),
            ];
        });
    await show();
    whenChanged(["today"], context.signal, () => void show());
}

const page: Page = {
    title: (context) => t("title", { number: caseNumber(context) }),
    mount,
    // The choice of what to show is on the screen already.
    update(context) {
        open = context;
    },
    unmount() {
        open = null;
    },
};
export default page;

// SPDX-License-Identifier: Apache-2.0
// The cases behind a figure. Which ones stands in the address: list, period, filters and page.

import { get } from "../base/api";
import { fill, h, type Child } from "../base/dom";
import { duration, timeZone } from "../base/format";
import { filtersOf, periodOf } from "../base/period";
import type { Page, PageContext } from "../base/router";
import { filterBar } from "../ui/filter_bar";
import { select } from "../ui/form";
import { emptyState } from "../ui/state";
import { caseLink, customerLink } from "../ui/copy";
import { badge } from "../ui/tile";
import { casesWords as t } from "../words/cases";
import { codeWords } from "../words/codes";
import { firstWithCases } from "../desk/case_pages";
import { cardTable, load, stateBadge, type CardColumn } from "../desk/parts";
import { brief } from "../desk/time";
import type { CaseLine, CaseList } from "../desk/types";

const lists = [
    "opened",
    "answered",
    "resolved",
    "reopened",
    "broken",
    "low_answer",
    "open",
    "due_next",
] as const;
type List = (typeof lists)[number];

const filters = [
    "branch",
    "channel",
    "team",
    "staff",
    "category",
    "product",
    "priority",
    "contact_kind",
    "tier",
];

function listOf(context: PageContext): List {
    const asked = context.params["list"];
    return lists.find((list) => list === asked) ?? "open";
}

/** These are as of now: a period says nothing about them. */
function isOfNow(list: List): boolean {
    return list === "open" || list === "due_next";
}

/* ---- the table */

function after(us: number | undefined, opened: number | undefined): Child {
    if (us === undefined) return "–";
    const title = brief(us);
    if (opened === undefined || us < opened) return title;
    return h("span", { title: t("after", { time: duration(us - opened) }) }, title);
}

/** The instant that brought a case onto the list, next to when it was opened. */
function whenColumn(list: List): CardColumn<CaseLine> | null {
    switch (list) {
        case "answered":
            return { label: t("answered"), cell: (c) => after(c.first_response_us, c.opened_us) };
        case "resolved":
            return { label: t("resolved"), cell: (c) => after(c.resolved_us, c.opened_us) };
        case "reopened":
            return { label: t("reopened"), cell: (c) => after(c.reopened_us, c.opened_us) };
        case "broken":
            return { label: t("broken"), cell: (c) => after(c.broken_us, c.opened_us) };
        case "low_answer":
            return { label: t("low_answer"), cell: (c) => after(c.low_answer_us, c.opened_us) };
        case "due_next":
        case "open":
            return { label: t("next_due"), cell: (c) => brief(c.next_due_us) };
        default:
            return null;
    }
}

function columns(list: List): CardColumn<CaseLine>[] {
    const when = whenColumn(list);
    return [
        { label: t("case"), cell: (c) => caseLink(c.case_number) },
        ...(when ? [when] : []),
        { label: t("opened"), cell: (c) => brief(c.opened_us) },
        { label: t("state"), cell: (c) => stateBadge(c.state) },
        { label: t("kind"), cell: (c) => codeWords(c.kind) || "–" },
        { label: t("category"), cell: (c) => c.category || "–" },
        { label: t("branch"), cell: (c) => c.branch || "–" },
        { label: t("team"), cell: (c) => c.team || "–" },
        { label: t("priority"), cell: (c) => (c.priority ? priority(c.priority) : "–") },
        { label: t("customer"), cell: (c) => customerLink(c.customer_number) },
    ];
}

function priority(value: number): HTMLElement {
    return badge(`P${value}`, value === 1 ? "bad" : "plain");
}

function pager(context: PageContext, next: string | undefined): HTMLElement | null {
    const isFirst = !context.params["after"];
    if (isFirst && !next) return null;
    const button = (label: string, to: string): HTMLElement =>
        h(
            "button",
            { class: "button", type: "button", on: { click: () => context.change({ after: to }) } },
            label,
        );
    return h(
        "nav",
        { class: "work-pager", "aria-label": t("pages") },
        isFirst ? null : button(t("first"), ""),
        next ? button(t("next"), next) : null,
    );
}

/* ---- the page */

function bar(context: PageContext, list: List): HTMLElement {
    const options = lists.map((one) => [one, t(`list.${one}`)] as const);
    const box = select(options, list, { "aria-label": t("list"), "data-testid": "list" });
    box.addEventListener("change", () => context.change({ list: box.value, after: "" }));
    // Whoever changes what is asked begins at the first page.
    const fresh: PageContext = {
        ...context,
        change: (params) => context.change({ after: "", ...params }),
    };
    return h(
        "div",
        { class: "work-bar" },
        box,
        filterBar(fresh, {
            filters,
            valuesFrom: "timeliness",
            isWithoutPeriod: isOfNow(list),
            isWithoutCompare: true,
        }),
    );
}

async function show(root: HTMLElement, context: PageContext): Promise<void> {
    const list = listOf(context);
    const { from, to } = periodOf(context.params);
    const body = h("div", { class: "card" });
    fill(root, bar(context, list), body);
    await load(body, async () => {
        const query = {
            ...filtersOf(context.params),
            ...(isOfNow(list) ? {} : { from, to }),
            list,
        };
        const answer = await firstWithCases(
            (after) => get<CaseList>("/v1/cases", { ...query, after }, context.signal),
            context.params["after"],
        );
        const cases = answer.cases ?? [];
        if (cases.length === 0) return emptyState(t("none"), t("none_hint"));
        return [
            h("p", { class: "muted work-note" }, t("zone", { zone: timeZone() })),
            cardTable(t("caption", { list: t(`list.${list}`) }), columns(list), cases),
            pager(context, answer.next),
        ];
    });
}

let place: HTMLElement | null = null;

const page: Page = {
    title: () => t("title"),
    mount(root, context) {
        place = root;
        return show(root, context);
    },
    async update(context) {
        if (place) await show(place, context);
    },
    unmount() {
        place = null;
    },
};
export default page;

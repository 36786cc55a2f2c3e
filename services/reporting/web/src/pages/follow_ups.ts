// SPDX-License-Identifier: Apache-2.0
// Follow-ups: the desk of who calls, the worklist by state, and the figures.

import { get } from "../base/api";
import { fill, h } from "../base/dom";
import { timeZone } from "../base/format";
import { whenChanged } from "../base/live";
import type { Page, PageContext } from "../base/router";
import { select } from "../ui/form";
import { loadingState } from "../ui/state";
import { segments } from "../ui/tabs";
import { codeWords } from "../words/codes";
import { followUpWords as t } from "../words/follow_ups";
import { AgendaDesk } from "../desk/agenda_desk";
import { followUpTable } from "../desk/follow_up_table";
import { readRuleNames } from "../desk/names";
import { load, none, section } from "../desk/parts";
import type { WorklistEntry } from "../desk/types";

const states = [
    "listed",
    "planned",
    "claimed",
    "ordered",
    "missed",
    "suppressed",
    "failed",
    "merged",
    "done",
] as const;
const usualState = "listed";
const everyState = "all";
const mostShown = 100;

/* ---- the worklist */

function stateOf(context: PageContext): string {
    const asked = context.params["state"] ?? usualState;
    return asked === everyState || (states as readonly string[]).includes(asked)
        ? asked
        : usualState;
}

function listSection(context: PageContext, body: HTMLElement): HTMLElement {
    const options: [string, string][] = states.map((one) => [one, codeWords(one)]);
    options.push([everyState, t("list_all")]);
    const box = select(options, stateOf(context), {
        "aria-label": t("list_state"),
        "data-testid": "state",
    });
    box.addEventListener("change", () =>
        context.change({ state: box.value === usualState ? "" : box.value }),
    );
    return section(
        t("list"),
        { id: "list", actions: box, note: t("zone", { zone: timeZone() }) },
        body,
    );
}

function showList(body: HTMLElement, context: PageContext): Promise<void> {
    const state = stateOf(context);
    return load(
        body,
        async () => {
            const query = { state: state === everyState ? "" : state, limit: mostShown };
            const [answer] = await Promise.all([
                get<{ entries?: WorklistEntry[] }>("/v1/worklist", query, context.signal),
                readRuleNames(),
            ]);
            const rows = answer.entries ?? [];
            if (rows.length === 0) return none(t("list_none"));
            return [
                followUpTable(t("list"), rows, true),
                rows.length < mostShown ? null : none(t("list_cut", { n: mostShown })),
            ];
        },
        state,
    );
}

/* ---- the page */

interface Open {
    root: HTMLElement;
    desk: AgendaDesk;
    list: HTMLElement;
    /** What stands on the page: "", "figures". */
    tab: string;
    /** The page of the figures, while they are shown. */
    figures: Page | null;
    context: PageContext;
}

let open: Open | null = null;

function tabOf(context: PageContext): string {
    return context.params["tab"] === "figures" ? "figures" : "";
}

async function showTab(page: Open): Promise<void> {
    const { context } = page;
    page.tab = tabOf(context);
    const choice = segments(
        t("views"),
        [
            ["", t("list")],
            ["figures", t("figures")],
        ],
        page.tab,
        (tab) => open?.context.change({ tab }),
    );
    const body = h("div", { class: "work-stack" });
    fill(page.root, h("div", { class: "work-bar" }, choice), body);
    if (page.tab === "figures") {
        fill(body, loadingState());
        // Charts are loaded only by who looks at them.
        const { followUpFigures } = await import("../desk/follow_up_figures");
        if (open !== page || page.tab !== "figures") return;
        page.figures = followUpFigures;
        fill(body);
        await followUpFigures.mount(body, context);
        return;
    }
    page.figures?.unmount?.();
    page.figures = null;
    fill(body, page.desk.element, listSection(context, page.list));
    await showList(page.list, context);
}

async function mount(root: HTMLElement, context: PageContext): Promise<void> {
    const list = h("div");
    const refresh = (): void => {
        if (open?.list === list && open.tab === "") void showList(list, open.context);
    };
    const page: Open = {
        root,
        desk: new AgendaDesk(context.signal, refresh),
        list,
        tab: "",
        figures: null,
        context,
    };
    open = page;
    whenChanged(["today"], context.signal, refresh);
    await showTab(page);
    // Who came to take one is at the button; an address alone takes nothing, for it may be loaded again.
    if (context.params["take"]) page.desk.offer();
}

async function update(context: PageContext): Promise<void> {
    if (!open) return;
    open.context = context;
    if (tabOf(context) !== open.tab) await showTab(open);
    else if (open.figures) await open.figures.update?.(context);
    else await showList(open.list, context);
}

const page: Page = {
    title: () => t("title"),
    mount,
    update,
    unmount() {
        open?.figures?.unmount?.();
        open = null;
    },
};
export default page;

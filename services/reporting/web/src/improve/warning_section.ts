// SPDX-License-Identifier: Apache-2.0
// Early warnings that nobody has looked at: what stood out, its baseline, the cases, and what to do.
import { get, may, send } from "../base/api";
import { fill, h, type Child } from "../base/dom";
import { day, number } from "../base/format";
import { wordOf } from "../base/i18n";
import { link } from "../base/router";
import type { Desk } from "../chart/desk";
import type { Section } from "../chart/panel";
import { emptyState, errorState, loadingState } from "../ui/state";
import { table } from "../ui/table";
import { badge } from "../ui/tile";
import { toast } from "../ui/toast";
import { causeMeasureWords, ct } from "../words/causes";
import { dimensionWords, ut } from "../words/ui";
import type { Improvement } from "./improvement";
import { editImprovement } from "./improvement_form";

interface Warning {
    day?: string;
    dimension?: string;
    value?: string;
    measure?: string;
    detectors?: string[];
    count?: number;
    mean?: number;
    deviation?: number;
}

/** started: an improvement was written down. */
export function warningSection(desk: Desk, started: () => void): Section {
    const body = h("div", null, loadingState());
    const refresh = async (): Promise<void> => {
        try {
            const today = await get<{ warnings?: Warning[] }>("/v1/today", {}, desk.context.signal);
            const list = today.warnings ?? [];
            fill(
                body,
                list.length > 0 ? listTable(list, refresh, started) : emptyState(ct("noWarnings")),
            );
        } catch (error) {
            if (!desk.context.signal.aborted)
                fill(
                    body,
                    errorState(error, () => void refresh()),
                );
        }
    };
    const element = h(
        "section",
        { class: "card", "aria-label": ct("warnings"), "data-testid": "warnings" },
        h("div", { class: "card-head" }, h("h2", null, ct("warnings"))),
        h("p", { class: "muted hint" }, ct("warningsHint")),
        body,
    );
    return { element, refresh };
}

/** The cases of a row of the report of warnings: "2026-11-21/category/complaints/brakes". */
export function warningCases(key: string): Record<string, string> | null {
    const [on = "", dimension = "", measure, ...value] = key.split("/");
    if (!on || !dimension) return null;
    const kind: Record<string, string> =
        measure === "complaints" ? { contact_kind: "complaint" } : {};
    const place: Record<string, string> =
        dimension === "all" ? {} : { [dimension]: value.join("/") };
    return { from: on, to: on, ...place, ...kind };
}

function whereOf(one: Warning): string {
    const dimension = wordOf(dimensionWords, one.dimension ?? "all");
    return one.value ? `${dimension}: ${one.value}` : dimension;
}

function listTable(
    list: Warning[],
    refresh: () => Promise<void>,
    started: () => void,
): HTMLElement {
    return table<Warning>({
        caption: ct("warnings"),
        columns: [
            { label: ct("where"), cell: whereOf },
            { label: ct("day"), cell: (one) => day(one.day, "long") },
            { label: ct("what"), cell: (one) => wordOf(causeMeasureWords, one.measure) },
            { label: ct("count"), isNumber: true, cell: (one) => number(one.count) },
            {
                label: ct("baseline"),
                isNumber: true,
                cell: (one) => `${number(one.mean, 1)} ± ${number(one.deviation, 1)}`,
            },
            {
                label: ct("detectors"),
                cell: (one) => (one.detectors ?? []).map((name) => [badge(name, "warn"), " "]),
            },
            { label: ct("actions"), cell: (one) => actionsOf(one, refresh, started) },
        ],
        rows: list,
    });
}

function actionsOf(one: Warning, refresh: () => Promise<void>, started: () => void): Child {
    const place: Record<string, string> =
        one.dimension && one.value ? { [one.dimension]: one.value } : {};
    const what = whereOf(one);
    const kind: Record<string, string> =
        one.measure === "complaints" ? { contact_kind: "complaint" } : {};
    const cases = h(
        "a",
        {
            class: "button small",
            href: link("cases", { list: "opened", from: one.day, to: one.day, ...place, ...kind }),
            "aria-label": ut("casesOf", { what }),
        },
        ut("casesShort"),
    );
    if (!may("manager")) return cases;
    const button = (text: string, click: () => void): HTMLElement =>
        h(
            "button",
            {
                class: "button small",
                type: "button",
                "aria-label": `${text}: ${what}`,
                on: { click },
            },
            text,
        );
    const see = async (): Promise<void> => {
        const { day: on, dimension, value, measure } = one;
        try {
            await send("POST", "/v1/warnings/seen", { day: on, dimension, value, measure });
            toast(ct("seenDone"));
            await refresh();
        } catch (error) {
            toast(error);
        }
    };
    const known: Partial<Improvement> = {
        ...place,
        ...(one.measure ? { cause_measure: one.measure } : {}),
    };
    return h(
        "span",
        { class: "row-actions" },
        cases,
        button(ct("act"), () => editImprovement("action", known, started)),
        button(ct("seen"), () => void see()),
    );
}

// SPDX-License-Identifier: Apache-2.0
// Period, comparison, grouping and filters of a page. All of them are kept in its address.
import { fill, h, type Child } from "../base/dom";
import { day } from "../base/format";
import { wordOf } from "../base/i18n";
import { filtersOf, periodOf, presets } from "../base/period";
import { readReport } from "../base/report";
import type { PageContext } from "../base/router";
import { dimensionWords, ut, type uiWords } from "../words/ui";
import { openDialog } from "./dialog";
import { checkbox, field, input, select } from "./form";
import { emptyState, errorState, loadingState } from "./state";

export interface FilterBarSpec {
    /** "day", "channel", ...; unset: the page has no choice of groups. */
    groups?: string[];
    /** Dimensions that can be filtered by. */
    filters?: string[];
    /** The report that knows which values a dimension has. */
    valuesFrom?: string;
    isWithoutPeriod?: boolean;
    isWithoutCompare?: boolean;
}

/** Call it again with the new context when parameters change: fill(bar, filterBar(...)). */
export function filterBar(context: PageContext, spec: FilterBarSpec): HTMLElement {
    const { params } = context;
    const parts: Child[] = [];
    if (!spec.isWithoutPeriod) parts.push(periodPicker(context));
    if (spec.groups?.length) parts.push(groupPicker(context, spec.groups));
    if (!spec.isWithoutPeriod && !spec.isWithoutCompare) {
        const [label, box] = checkbox(ut("compare"), params["compare"] !== "0");
        box.addEventListener("change", () => context.change({ compare: box.checked ? "" : "0" }));
        parts.push(label);
    }
    for (const [dimension, value] of Object.entries(filtersOf(params)))
        parts.push(filterChip(context, dimension, value));
    if (spec.filters?.length) parts.push(addButton(context, spec));
    return h("div", { class: "filter-bar", role: "group", "aria-label": ut("filter") }, parts);
}

function periodPicker(context: PageContext): HTMLElement {
    const period = periodOf(context.params);
    const options = [...presets, "custom"].map(
        (preset) => [preset, ut(`preset.${preset}` as keyof typeof uiWords)] as const,
    );
    const box = select(options, period.preset, { "aria-label": ut("period") });
    const days = h("span", { class: "period-days" });
    const showDays = (): void => {
        const from = input("date", { value: period.from, "aria-label": ut("from") });
        const to = input("date", { value: period.to, "aria-label": ut("to") });
        const change = (): void => {
            if (from.value && to.value && from.value <= to.value)
                context.change({ from: from.value, to: to.value, period: "" });
        };
        from.addEventListener("change", change);
        to.addEventListener("change", change);
        fill(days, from, " – ", to);
    };
    if (period.preset === "custom") showDays();
    else fill(days, `${day(period.from)} – ${day(period.to)}`);
    box.addEventListener("change", () => {
        if (box.value === "custom") {
            showDays();
            days.querySelector("input")?.focus();
        } else context.change({ period: box.value === "30" ? "" : box.value, from: "", to: "" });
    });
    return h("span", { class: "filter-part" }, box, days);
}

function groupPicker(context: PageContext, groups: string[]): HTMLElement {
    const options = groups.map((group) => [group, wordOf(dimensionWords, group)] as const);
    const chosen = context.params["group"] ?? groups[0] ?? "";
    const box = select(options, chosen, { "aria-label": ut("group"), "data-testid": "group" });
    box.addEventListener("change", () =>
        context.change({ group: box.value === groups[0] ? "" : box.value }),
    );
    return h("label", { class: "filter-part" }, h("span", { class: "muted" }, ut("group")), box);
}

function filterChip(context: PageContext, dimension: string, value: string): HTMLElement {
    const text = `${wordOf(dimensionWords, dimension)}: ${value}`;
    return h(
        "span",
        { class: "chip" },
        text,
        h(
            "button",
            {
                type: "button",
                "aria-label": ut("remove", { what: text }),
                on: { click: () => context.change({ [dimension]: "" }) },
            },
            "×",
        ),
    );
}

function addButton(context: PageContext, spec: FilterBarSpec): HTMLElement {
    const open = (): void => chooseFilter(context, spec);
    return h(
        "button",
        { class: "button quiet", type: "button", "data-testid": "add-filter", on: { click: open } },
        `+ ${ut("addFilter")}`,
    );
}

function chooseFilter(context: PageContext, spec: FilterBarSpec): void {
    const filters = spec.filters ?? [];
    const dimension = select(
        filters.map((name) => [name, wordOf(dimensionWords, name)]),
        filters[0] ?? "",
    );
    const place = h("div");
    let value: HTMLSelectElement | HTMLInputElement | null = null;
    const load = async (): Promise<void> => {
        value = null;
        fill(place, loadingState());
        const { from, to } = periodOf(context.params);
        try {
            const name = dimension.value;
            const query = { from, to, group: name, limit: 500 };
            const found = spec.valuesFrom ? await readReport(spec.valuesFrom, query) : null;
            if (dimension.value !== name) return;
            const rows = (found?.rows ?? []).filter((row) => row.key);
            if (found && rows.length === 0) {
                fill(place, emptyState(ut("noFigures")));
                return;
            }
            value = found
                ? select(
                      rows.map((row) => [row.key ?? "", row.label || row.key || ""]),
                      rows[0]?.key ?? "",
                  )
                : input("text", { required: true });
            fill(place, field(ut("filterValue"), value));
        } catch (error) {
            fill(place, errorState(error));
        }
    };
    dimension.addEventListener("change", () => void load());
    openDialog({
        title: ut("addFilter"),
        action: ut("apply"),
        body: [field(ut("filterBy"), dimension), place],
        submit: async () => {
            if (value) context.change({ [dimension.value]: value.value });
        },
    });
    void load();
}

// SPDX-License-Identifier: Apache-2.0
// One report on a page: a chart, the same as a table, as CSV, and the cases behind it.
import { fill, h, type Child } from "../base/dom";
import { keepPlace } from "../base/place";
import { day, number } from "../base/format";
import { pick, type Pair } from "../base/i18n";
import type { Query } from "../base/api";
import type { FigureColumn, FigureTable } from "../base/report";
import { Newest } from "../base/newest";
import { go } from "../base/router";
import { select } from "../ui/form";
import { Stale } from "../ui/stale";
import { emptyState, errorState, loadingState } from "../ui/state";
import type { Fold } from "../ui/table";
import { segments } from "../ui/tabs";
import { ut } from "../words/ui";
import { newChart, type Chart, type Drawing } from "./chart";
import { casesAddress, csvAddress, reportOf, type Desk } from "./desk";
import { drawFigure, type Drawer } from "./draw";
import { figureTable } from "./figure_table";

export interface PanelSpec {
    /** Its part of the address: "wait.figure", "wait.as". */
    id: string;
    title: Pair;
    hint?: Pair;
    report: string;
    /** Unset: as the page is grouped. A function: of how it is grouped. */
    group?: string | ((pageGroup: string | undefined) => string);
    limit?: number;
    /** Names of columns that the chart can show; unset: all with a number. */
    columns?: string[];
    /** How it is drawn; unset: one figure at a time, with its interval. null: a table alone. */
    draw?: Drawer | null;
    /** The drawer takes all columns at once: there is none to choose. */
    isTogether?: boolean;
    /** The table shows the columns of the chart alone, not all. */
    isNarrow?: boolean;
    /** Whether the table is shown at first. */
    isTableFirst?: boolean;
    /** Another list of cases than the report's. */
    cases?: string;
    /** What is behind it that is no list of cases: an address of a page and what to call it. */
    behind?: { href: string; label: Pair };
    /** See FigureTable.caseParams. */
    caseParams?: (key: string) => Record<string, string> | null;
    /** More below: from the same table. */
    extra?: (table: FigureTable) => Child;
}

export interface Section {
    element: HTMLElement;
    /** Asks the desk and shows what it says. Does not throw. */
    refresh(): Promise<void>;
}

export function panel(desk: Desk, spec: PanelSpec): Section {
    const title = pick(spec.title);
    const actions = h("div", { class: "panel-actions" });
    const links = h("div", { class: "panel-links" });
    const body = h("div", { class: "panel-body" }, loadingState());
    const foot = h("div", { class: "panel-foot" });
    const element = h(
        "section",
        { class: "card panel", "aria-label": title, "data-testid": `panel-${spec.id}` },
        h("div", { class: "card-head" }, h("h2", null, title), links),
        spec.hint ? h("p", { class: "muted hint" }, pick(spec.hint)) : null,
        actions,
        body,
        foot,
    );
    const view: PanelView = {
        desk,
        spec,
        title,
        element,
        actions,
        links,
        body,
        foot,
        chart: null,
        table: null,
        shown: null,
        fold: { isOpen: false },
        newest: new Newest(),
        stale: new Stale(body),
    };
    return { element, refresh: () => refresh(view) };
}

interface PanelView {
    desk: Desk;
    spec: PanelSpec;
    title: string;
    element: HTMLElement;
    actions: HTMLElement;
    links: HTMLElement;
    body: HTMLElement;
    foot: HTMLElement;
    chart: Chart | null;
    table: FigureTable | null;
    shown: Drawing | null;
    fold: Fold;
    newest: Newest;
    stale: Stale;
}

function queryOf({ desk, spec }: PanelView): Query {
    const query: Query = {};
    const { group } = spec;
    if (group)
        query["group"] = typeof group === "string" ? group : group(desk.context.params["group"]);
    if (spec.limit) query["limit"] = spec.limit;
    return query;
}

async function refresh(view: PanelView): Promise<void> {
    const { desk, spec, body, stale } = view;
    const isNewest = view.newest.ask();
    const question = JSON.stringify(reportOf(desk.context, queryOf(view)));
    try {
        const table = await desk.read(spec.report, queryOf(view));
        if (!isNewest()) return;
        const shown: FigureTable = {
            ...table,
            ...(spec.cases ? { cases: spec.cases } : {}),
            ...(spec.caseParams ? { caseParams: spec.caseParams } : {}),
        };
        keepPlace(view.element, () => show(view, shown));
        stale.shows(question);
    } catch (error) {
        if (desk.context.signal.aborted || !isNewest() || stale.keeps(question, error)) return;
        fill(view.actions);
        fill(view.links);
        fill(view.foot);
        fill(
            body,
            errorState(error, () => void refresh(view)),
        );
    }
}

export function chartable(table: FigureTable, names: string[] | undefined): FigureColumn[] {
    const found = (names ?? [])
        .map((name) => table.columns.find((column) => column.name === name))
        .filter((column): column is FigureColumn => column !== undefined);
    if (found.length > 0) return found;
    return table.columns.filter((column) => column.unit !== "text" && column.unit !== "day");
}

function show(view: PanelView, table: FigureTable): void {
    const { desk, spec } = view;
    const choices = chartable(table, spec.columns);
    const { params } = desk.context;
    const chosen =
        choices.find((column) => column.name === params[`${spec.id}.figure`]) ?? choices[0];
    const usual = spec.draw === null || spec.isTableFirst ? "table" : "chart";
    const as = spec.draw === null ? "table" : (params[`${spec.id}.as`] ?? usual);
    const pieces: Child[] = [];
    if (!spec.isTogether && spec.draw !== null && as === "chart" && choices.length > 1 && chosen)
        pieces.push(figureChoice(view, choices, chosen.name));
    if (spec.draw !== null) pieces.push(formChoice(view, as, usual));
    fill(view.actions, pieces);
    fill(view.links, linksOf(view, table));
    if (table.rows.length === 0) fill(view.body, emptyState(ut("noFigures"), ut("noFiguresHint")));
    else if (as === "table") {
        const narrow = spec.isNarrow ? choices : undefined;
        fill(
            view.body,
            figureTable(desk.context, table, view.title, narrow, view.fold),
            spec.extra?.(table),
        );
    } else showChart(view, table, spec.isTogether ? choices : chosen ? [chosen] : []);
    fill(view.foot, footOf(table));
}

function linksOf(view: PanelView, table: FigureTable): Child[] {
    const { desk, spec, title } = view;
    const query = reportOf(desk.context, queryOf(view));
    const cases = casesAddress(desk.context, table);
    const csv = h(
        "a",
        {
            href: csvAddress(spec.report, query),
            download: `${spec.report}.csv`,
            "aria-label": ut("csvOf", { what: title }),
        },
        ut("csv"),
    );
    const behind = spec.behind ? h("a", { href: spec.behind.href }, pick(spec.behind.label)) : null;
    return [cases ? h("a", { href: cases }, ut("cases")) : behind, csv];
}

function showChart(view: PanelView, table: FigureTable, chosen: FigureColumn[]): void {
    const { desk, spec } = view;
    const drawing = (spec.draw ?? drawFigure)(table, chosen);
    if (!drawing) {
        fill(view.body, emptyState(ut("noFigures"), ut("noFiguresHint")));
        return;
    }
    view.table = table;
    view.shown = drawing;
    view.chart ??= newChart(desk.context.signal, (index) => {
        const key = view.shown?.keys?.[index] ?? view.table?.rows[index]?.key;
        const href = key && view.table ? casesAddress(desk.context, view.table, key) : null;
        if (href) go(href);
    });
    if (view.chart.element.parentNode !== view.body || spec.extra)
        fill(view.body, view.chart.element, spec.extra?.(table));
    const label = `${view.title}. ${drawing.description}`;
    view.chart.draw({ ...drawing, description: label });
}

function figureChoice(view: PanelView, choices: FigureColumn[], chosen: string): HTMLElement {
    const options = choices.map((column) => [column.name, column.label ?? column.name] as const);
    const box = select(options, chosen, { "aria-label": `${ut("figure")}: ${view.title}` });
    box.classList.add("small-select");
    box.addEventListener("change", () =>
        view.desk.context.change({
            [`${view.spec.id}.figure`]: box.value === choices[0]?.name ? "" : box.value,
        }),
    );
    return box;
}

function formChoice(view: PanelView, as: string, usual: string): HTMLElement {
    const options = [
        ["chart", ut("chart")],
        ["table", ut("table")],
    ] as const;
    return segments(`${ut("showAs")}: ${view.title}`, options, as, (to) =>
        view.desk.context.change({ [`${view.spec.id}.as`]: to === usual ? "" : to }),
    );
}

function footOf(table: FigureTable): Child[] {
    const parts: Child[] = [];
    if (table.before_from_day && table.before_to_day)
        parts.push(
            h(
                "p",
                { class: "muted hint" },
                ut("beforeRange", {
                    from: day(table.before_from_day),
                    to: day(table.before_to_day),
                }),
            ),
        );
    if (table.events_behind && table.events_behind > 0)
        parts.push(
            h("p", { class: "text-warn hint" }, ut("behind", { n: number(table.events_behind) })),
        );
    if (table.notes.length > 0)
        parts.push(
            h(
                "details",
                { class: "notes" },
                h("summary", null, ut("notes")),
                h(
                    "ul",
                    null,
                    table.notes.map((note) => h("li", null, note)),
                ),
            ),
        );
    return parts;
}

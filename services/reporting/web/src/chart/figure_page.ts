// SPDX-License-Identifier: Apache-2.0
// A page of reports: the filter bar above, sections below, asked again when parameters or figures
// change, without losing the place of who reads.
import "./chart.css";

import { fill, h } from "../base/dom";
import { keepPlace } from "../base/place";
import { pick, type Pair } from "../base/i18n";
import { whenChanged } from "../base/live";
import { readCatalogue } from "../base/report";
import type { Page, PageContext } from "../base/router";
import { filterBar, type FilterBarSpec } from "../ui/filter_bar";
import { newDesk, type Desk } from "./desk";
import type { Section } from "./panel";

export interface FigurePageSpec {
    title: Pair;
    /** The report whose groups and filters the page offers. */
    report: string;
    /** The first is the page's usual one; unset: those of the report. */
    groups?: string[];
    /** The page has no choice of groups: its panels have their own. */
    isWithoutGroups?: boolean;
    isWithoutPeriod?: boolean;
    /** Rows of sections: one in a row is wide, more stand side by side. */
    rows(desk: Desk): Section[][];
}

export function figurePage(spec: FigurePageSpec): Page {
    let desk: Desk | null = null;
    let sections: Section[] = [];
    let bar: HTMLElement;
    let options: FilterBarSpec = {};

    const refreshAll = async (): Promise<void> => {
        await Promise.all(sections.map((section) => section.refresh()));
    };
    const readOptions = async (context: PageContext): Promise<void> => {
        const catalogue = await readCatalogue();
        const entry = catalogue.reports.find((one) => one.name === spec.report);
        options = {
            valuesFrom: spec.report,
            filters: entry?.filters ?? [],
            ...(spec.isWithoutGroups ? {} : { groups: spec.groups ?? entry?.groups ?? [] }),
            ...(spec.isWithoutPeriod ? { isWithoutPeriod: true } : {}),
        };
        if (!context.signal.aborted) fill(bar, filterBar(context, options));
    };
    return {
        title: () => pick(spec.title),
        mount: async (root, context) => {
            desk = newDesk(context);
            bar = h("div", { class: "bar-place" }, filterBar(context, options));
            const rows = spec.rows(desk);
            sections = rows.flat();
            fill(
                root,
                bar,
                rows.map((row) =>
                    row.length === 1
                        ? row[0]?.element
                        : h(
                              "div",
                              { class: "grid-2" },
                              row.map((section) => section.element),
                          ),
                ),
            );
            whenChanged(["figures"], context.signal, () => {
                desk?.forget();
                void refreshAll();
            });
            await Promise.all([readOptions(context).catch(() => undefined), refreshAll()]);
        },
        update: async (context) => {
            if (!desk) return;
            desk.context = context;
            if (
                !bar.contains(document.activeElement) ||
                document.activeElement?.tagName !== "INPUT"
            )
                keepPlace(bar, () => fill(bar, filterBar(context, options)));
            await refreshAll();
        },
        unmount: () => {
            desk = null;
            sections = [];
        },
    };
}

// SPDX-License-Identifier: Apache-2.0
// The figures that a page opens with: totals of a report, each with its interval, n and change.
import { fill, h } from "../base/dom";
import { keepPlace } from "../base/place";
import { figure } from "../base/format";
import { Newest } from "../base/newest";
import { cellOf, type FigureColumn, type FigureTable } from "../base/report";
import { Stale } from "../ui/stale";
import { errorState, loadingState } from "../ui/state";
import { tile } from "../ui/tile";
import { ut } from "../words/ui";
import { casesAddress, reportOf, type Desk } from "./desk";
import { changeNote } from "./figure_table";
import type { Section } from "./panel";

export interface TilesSpec {
    report: string;
    /** Names of columns; those that the report does not have are left out. */
    columns: string[];
    /** A list of cases for a column: {"broken": "broken"}. */
    cases?: Record<string, string>;
}

export function tileRow(desk: Desk, specs: TilesSpec[]): Section {
    const element = h("div", { class: "tiles" }, loadingState());
    const newest = new Newest();
    const stale = new Stale(element);
    const refresh = async (): Promise<void> => {
        const isNewest = newest.ask();
        const asked = JSON.stringify(reportOf(desk.context, {}));
        try {
            const tables = await Promise.all(
                specs.map((spec) => desk.read(spec.report, { group: "none" })),
            );
            if (!isNewest()) return;
            const made = specs.flatMap((spec, at) =>
                tilesOf(desk, spec, tables[at] as FigureTable),
            );
            keepPlace(element, () => fill(element, made));
            stale.shows(asked);
        } catch (error) {
            if (desk.context.signal.aborted || !isNewest() || stale.keeps(asked, error)) return;
            fill(
                element,
                errorState(error, () => void refresh()),
            );
        }
    };
    return { element, refresh };
}

function tilesOf(desk: Desk, spec: TilesSpec, table: FigureTable): HTMLElement[] {
    return spec.columns.flatMap((name) => {
        const column = table.columns.find((one) => one.name === name);
        return column ? [figureTile(desk, spec, table, column)] : [];
    });
}

function figureTile(
    desk: Desk,
    spec: TilesSpec,
    table: FigureTable,
    column: FigureColumn,
): HTMLElement {
    const row = table.total ?? table.rows[0];
    const cell = cellOf(table, row, column.name);
    const list = spec.cases?.[column.name] ?? table.cases;
    const href = casesAddress(desk.context, table, undefined, list);
    const notes = [changeNote(column, cell)];
    if (cell.low !== undefined && cell.high !== undefined)
        notes.push(
            h(
                "span",
                {
                    title: ut("interval", {
                        low: figure(column.unit, cell.low),
                        high: figure(column.unit, cell.high),
                    }),
                },
                `${figure(column.unit, cell.low)} – ${figure(column.unit, cell.high)}`,
            ),
        );
    if (cell.count !== undefined && column.unit !== "count")
        notes.push(h("span", null, ut("n", { n: figure("count", cell.count) })));
    if (column.target !== undefined)
        notes.push(h("span", null, ut("target", { value: figure(column.unit, column.target) })));
    return tile({
        label: column.label ?? column.name,
        value: figure(column.unit, cell.value),
        note: notes,
        testid: `tile-${column.name}`,
        ...(column.help ? { help: column.help } : {}),
        ...(href ? { href } : {}),
    });
}

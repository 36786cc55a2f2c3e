// SPDX-License-Identifier: Apache-2.0
// The numbers of a report as a table: with intervals, n, and the period before.
import { h, type Child } from "../base/dom";
import { change, day, figure, nothing } from "../base/format";
import type { FigureCell, FigureColumn, FigureRow, FigureTable } from "../base/report";
import type { PageContext } from "../base/router";
import { table as makeTable, type Column, type Fold } from "../ui/table";
import { wordOf } from "../base/i18n";
import { dimensionWords, ut } from "../words/ui";
import { casesAddress } from "./desk";
import { rowName } from "./draw";

/** chosen: the columns to show; unset: all. fold: of a long table the first rows are enough. */
export function figureTable(
    context: PageContext,
    table: FigureTable,
    title: string,
    chosen: FigureColumn[] = table.columns,
    fold?: Fold,
): HTMLElement {
    const columns: Column<FigureRow>[] = [
        {
            label:
                (table.group_by ?? "none") === "none"
                    ? (table.title ?? title)
                    : wordOf(dimensionWords, table.group_by),
            cell: (row) => (row === table.total ? ut("total") : rowName(table, row)),
        },
        ...chosen.map((column): Column<FigureRow> => {
            const at = table.columns.indexOf(column);
            return {
                label: column.label ?? column.name,
                help: column.help,
                isNumber: column.unit !== "text" && column.unit !== "day",
                cell: (row) => cellContent(column, row.cells?.[at] ?? {}, row),
            };
        }),
    ];
    const hasCases = table.rows.some((row) => casesAddress(context, table, row.key ?? ""));
    if (hasCases)
        columns.push({
            label: ut("casesShort"),
            cell: (row) => {
                const isTotal = row === table.total;
                const href = casesAddress(context, table, isTotal ? undefined : (row.key ?? ""));
                const name = isTotal ? ut("total") : rowName(table, row);
                return href
                    ? h(
                          "a",
                          { href, "aria-label": ut("casesOf", { what: name }) },
                          ut("casesShort"),
                      )
                    : null;
            },
        });
    return makeTable({
        caption: title,
        columns,
        rows: table.rows,
        ...(table.total ? { total: table.total } : {}),
        testid: `table-${table.name}`,
        ...(fold ? { fold } : {}),
    });
}

export function cellContent(column: FigureColumn, cell: FigureCell, row: FigureRow): Child {
    if (column.unit === "text") return cell.text || nothing;
    if (column.unit === "day") return day(cell.text, "long");
    const key = row.key ?? "";
    const notes: Child[] = [];
    if (cell.low !== undefined && cell.high !== undefined)
        notes.push(
            h(
                "span",
                { class: "cell-note" },
                `${figure(column.unit, cell.low, key)} – ${figure(column.unit, cell.high, key)}`,
            ),
        );
    if (cell.count !== undefined && column.unit !== "count")
        notes.push(h("span", { class: "cell-note" }, ut("n", { n: figure("count", cell.count) })));
    if (cell.before !== undefined && cell.value !== undefined)
        notes.push(
            h(
                "span",
                { class: "cell-note", title: ut("before") },
                `${ut("before")} ${figure(column.unit, cell.before, key)}`,
            ),
        );
    return [figure(column.unit, cell.value, key), notes];
}

/** "+2.1 points" with a tone: good or bad only when it is outside of the interval. */
export function changeNote(column: FigureColumn, cell: FigureCell): HTMLElement | null {
    const { value, before } = cell;
    if (value === undefined || before === undefined) return null;
    const isWithin =
        value === before ||
        (cell.low !== undefined &&
            cell.high !== undefined &&
            before >= cell.low &&
            before <= cell.high);
    const isBetter = column.is_less_better ? value < before : value > before;
    // A count alone is neither good nor bad unless less of it is better.
    const hasDirection =
        column.is_less_better || column.unit === "share" || column.unit === "score";
    const tone = isWithin || !hasDirection ? "muted" : isBetter ? "text-good" : "text-bad";
    const arrow = value > before ? "▲" : value < before ? "▼" : "";
    return h(
        "span",
        { class: tone, title: `${ut("before")}: ${figure(column.unit, before)}` },
        `${arrow} ${change(column.unit, value, before)}`,
    );
}

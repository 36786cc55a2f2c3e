// SPDX-License-Identifier: Apache-2.0
// What a report looks like: one figure over time or by a dimension, with its interval, the period
// before and the target; or several figures on top of each other.
import { day, figure, type Unit } from "../base/format";
import {
    cellOf,
    isTimeGroup,
    type FigureCell,
    type FigureColumn,
    type FigureRow,
    type FigureTable,
} from "../base/report";
import { color } from "../base/theme";
import { ut } from "../words/ui";
import { categoryAxis, scaleOf, valueAxis, type Scale } from "./axis";
import { tooltip, type Drawing } from "./chart";
import { intervalSeries, type Interval } from "./intervals";

/** chosen: the columns to draw, at least one. null: there is nothing to draw. */
export type Drawer = (table: FigureTable, chosen: FigureColumn[]) => Drawing | null;

/** Names beside bars leave room for the bars on a phone. */
function namesWidth(): number {
    return innerWidth < 560 ? 110 : 190;
}

export const barsMax = 20;
export const seriesColors = [1, 2, 3, 4, 5, 6].map((n) => `--series-${n}`);

export function rowName(table: FigureTable, row: FigureRow): string {
    const key = row.key ?? "";
    if (isTimeGroup(table.group_by)) {
        if (/^\d{4}-\d{2}-\d{2}$/.test(key))
            return table.group_by === "month" ? key.slice(0, 7) : day(key);
        return row.label || key;
    }
    return row.label || key || ut("total");
}

/** A figure in words: "82.1%, 95 % interval 79% to 85%, n = 320". */
export function figureText(cell: FigureCell, unit: Unit | undefined, currency: string): string[] {
    const lines = [figure(unit, cell.value, currency)];
    if (cell.low !== undefined && cell.high !== undefined)
        lines.push(
            ut("interval", {
                low: figure(unit, cell.low, currency),
                high: figure(unit, cell.high, currency),
            }),
        );
    if (cell.count !== undefined) lines.push(ut("n", { n: figure("count", cell.count) }));
    if (cell.before !== undefined)
        lines.push(`${ut("before")}: ${figure(unit, cell.before, currency)}`);
    return lines;
}

function scaled(value: number | undefined, scale: Scale): number | null {
    return value === undefined ? null : value / scale.divisor;
}

function largest(cells: FigureCell[]): number {
    return Math.max(
        0,
        ...cells.flatMap((cell) => [cell.value ?? 0, cell.high ?? 0, cell.before ?? 0]),
    );
}

function intervalsOf(cells: FigureCell[], scale: Scale): Interval[] {
    return cells.flatMap((cell, index) =>
        cell.low === undefined || cell.high === undefined || cell.value === undefined
            ? []
            : [{ index, low: cell.low / scale.divisor, high: cell.high / scale.divisor }],
    );
}

function describe(table: FigureTable, column: FigureColumn, rows: FigureRow[]): string {
    const label = column.label ?? column.name;
    const parts = rows.slice(0, 6).map((row) => {
        const value = figure(column.unit, cellOf(table, row, column.name).value);
        return `${rowName(table, row)} ${value}`;
    });
    return `${label}: ${parts.join(", ")}${rows.length > 6 ? " …" : ""}`;
}

/** Lines over time, bars across for a dimension. */
export const drawFigure: Drawer = (table, chosen) =>
    drawOne(table, chosen, isTimeGroup(table.group_by));

/** Upright bars in the order of the rows, though they are no days: a distribution. */
export const drawColumns: Drawer = (table, chosen) => drawOne(table, chosen, true);

function drawOne(table: FigureTable, chosen: FigureColumn[], isTime: boolean): Drawing | null {
    const column = chosen[0];
    if (!column) return null;
    const rows = isTime ? table.rows : table.rows.slice(0, barsMax);
    const cells = rows.map((row) => cellOf(table, row, column.name));
    if (cells.every((cell) => cell.value === undefined)) return null;
    const scale = scaleOf(column.unit, largest(cells));
    const names = rows.map((row) => rowName(table, row));
    const description = describe(table, column, rows);
    const tip = (index: number): string =>
        [names[index], ...figureText(cells[index] ?? {}, column.unit, rows[index]?.key ?? "")].join(
            "\n",
        );
    if (isTime)
        return {
            description,
            height: 260,
            option: () => overTime(column, names, cells, scale, tip, isTimeGroup(table.group_by)),
        };
    const height = 46 + rows.length * (cells.some((cell) => cell.before !== undefined) ? 34 : 28);
    return { description, height, option: () => across(column, names, cells, scale, tip) };
}

function targetLine(
    column: FigureColumn,
    scale: Scale,
    isAcross: boolean,
): Record<string, unknown> {
    if (column.target === undefined) return {};
    const at = column.target / scale.divisor;
    return {
        markLine: {
            silent: true,
            symbol: "none",
            data: [isAcross ? { xAxis: at } : { yAxis: at }],
            lineStyle: { color: color("--good"), type: "dashed", width: 1.5 },
            label: {
                color: color("--good"),
                fontSize: 11,
                position: isAcross ? "end" : "insideEndTop",
                formatter: ut("target", { value: figure(column.unit, column.target) }),
            },
        },
    };
}

function overTime(
    column: FigureColumn,
    names: string[],
    cells: FigureCell[],
    scale: Scale,
    tip: (index: number) => string,
    isTime: boolean,
): Record<string, unknown> {
    const hasBefore = cells.some((cell) => cell.before !== undefined);
    const isBar = !isTime || column.unit === "count" || column.unit === "money";
    const before = {
        name: ut("before"),
        type: "line",
        data: cells.map((cell) => scaled(cell.before, scale)),
        symbol: "none",
        lineStyle: { color: color("--series-before"), type: "dashed", width: 1.5 },
        itemStyle: { color: color("--series-before") },
    };
    const own = {
        name: column.label ?? column.name,
        type: isBar ? "bar" : "line",
        data: cells.map((cell) => scaled(cell.value, scale)),
        symbolSize: 6,
        barMaxWidth: 28,
        lineStyle: { color: color("--series-1"), width: 2 },
        itemStyle: { color: color("--series-1"), borderRadius: isBar ? [2, 2, 0, 0] : 0 },
        ...targetLine(column, scale, false),
    };
    return {
        grid: { left: 8, right: 16, top: hasBefore ? 34 : 18, bottom: 4, containLabel: true },
        ...(hasBefore ? { legend: legend([own.name, before.name]) } : {}),
        tooltip: tooltip("axis", tip),
        xAxis: categoryAxis(names),
        yAxis: valueAxis(scale, { scale: column.unit === "score" }),
        series: [
            own,
            ...(hasBefore ? [before] : []),
            ...(cells.length <= 40
                ? [intervalSeries(intervalsOf(cells, scale), false, isBar)]
                : []),
        ],
    };
}

function across(
    column: FigureColumn,
    names: string[],
    cells: FigureCell[],
    scale: Scale,
    tip: (index: number) => string,
): Record<string, unknown> {
    const hasBefore = cells.some((cell) => cell.before !== undefined);
    // A bar means its length from 0; a mark on a scale is a point.
    const isPoint = column.unit === "score";
    const own = {
        name: column.label ?? column.name,
        type: isPoint ? "scatter" : "bar",
        data: cells.map((cell) => scaled(cell.value, scale)),
        ...(isPoint ? { symbolSize: 13, z: 7 } : { barMaxWidth: 16 }),
        itemStyle: { color: color("--series-1"), borderRadius: isPoint ? 0 : [0, 2, 2, 0] },
        ...targetLine(column, scale, true),
    };
    const before = {
        name: ut("before"),
        type: "scatter",
        data: cells.map((cell) => scaled(cell.before, scale)),
        symbol: "diamond",
        symbolSize: 9,
        z: 6,
        itemStyle: { color: color("--series-2"), borderColor: color("--surface"), borderWidth: 1 },
    };
    return {
        grid: {
            left: 8,
            right: 28,
            top: hasBefore || column.target !== undefined ? 34 : 6,
            bottom: 4,
            containLabel: true,
        },
        ...(hasBefore ? { legend: legend([own.name, before.name], true) } : {}),
        tooltip: tooltip("axis", tip),
        xAxis: valueAxis(scale, { scale: isPoint }),
        yAxis: categoryAxis(
            names,
            { inverse: true },
            { width: namesWidth(), overflow: "truncate", hideOverlap: false, interval: 0 },
        ),
        series: [
            own,
            ...(hasBefore ? [before] : []),
            intervalSeries(intervalsOf(cells, scale), true),
        ],
    };
}

/** before is drawn as a diamond where the rest are bars. */
export function legend(names: string[], isAcross = false): Record<string, unknown> {
    const before = ut("before");
    return {
        data: names.map((name) => (name === before && isAcross ? { name, icon: "diamond" } : name)),
        left: 0,
        top: 0,
        icon: "roundRect",
        itemWidth: 12,
        itemHeight: 8,
        textStyle: { color: color("--muted"), fontSize: 12 },
    };
}

/** Several columns of one unit: bars on top of each other or side by side, or lines. */
export function drawTogether(form: "stack" | "bars" | "lines"): Drawer {
    return (table, chosen) => {
        const isTime = isTimeGroup(table.group_by);
        const rows = isTime ? table.rows : table.rows.slice(0, barsMax);
        const cells = chosen.map((column) => rows.map((row) => cellOf(table, row, column.name)));
        if (cells.flat().every((cell) => cell.value === undefined)) return null;
        const unit = chosen[0]?.unit;
        const scale = scaleOf(unit, largest(cells.flat()));
        const names = rows.map((row) => rowName(table, row));
        const tip = (index: number): string =>
            [
                names[index],
                ...chosen.map(
                    (column, at) =>
                        `${column.label ?? column.name}: ${figure(unit, cells[at]?.[index]?.value, rows[index]?.key)}`,
                ),
            ].join("\n");
        const isAcross = !isTime && form !== "lines";
        const option = (): Record<string, unknown> => ({
            grid: {
                left: 8,
                right: 20,
                top: chosen.length > 3 ? 54 : 34,
                bottom: 4,
                containLabel: true,
            },
            legend: legend(chosen.map((column) => column.label ?? column.name)),
            tooltip: tooltip("axis", tip),
            xAxis: isAcross ? valueAxis(scale) : categoryAxis(names),
            yAxis: isAcross
                ? categoryAxis(
                      names,
                      { inverse: true },
                      {
                          width: namesWidth(),
                          overflow: "truncate",
                          hideOverlap: false,
                          interval: 0,
                      },
                  )
                : valueAxis(scale),
            series: chosen.map((column, at) => ({
                name: column.label ?? column.name,
                type: form === "lines" ? "line" : "bar",
                ...(form === "stack" ? { stack: "all" } : {}),
                barMaxWidth: form === "bars" && isAcross ? 12 : 26,
                symbolSize: 5,
                data: cells[at]?.map((cell) => scaled(cell.value, scale)),
                itemStyle: { color: color(seriesColors[at % 6] as string) },
                lineStyle: { width: 2, type: at === 0 ? "solid" : at === 1 ? "dashed" : "dotted" },
            })),
        });
        const description = chosen.map((column) => describe(table, column, rows)).join(". ");
        return {
            description,
            height: isAcross
                ? 80 + rows.length * (form === "bars" ? 14 * chosen.length + 14 : 28)
                : 270,
            option,
        };
    };
}

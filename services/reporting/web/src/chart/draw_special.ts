// SPDX-License-Identifier: Apache-2.0
// Charts with a meaning of their own: radar of gaps, importance and performance, Pareto, calibration.
import { figure, number } from "../base/format";
import { cellOf, type FigureCell, type FigureColumn, type FigureRow } from "../base/report";
import { color } from "../base/theme";
import { categoryAxis, scaleOf, valueAxis } from "./axis";
import { fontFamily, tooltip } from "./chart";
import { barsMax, figureText, legend, rowName, type Drawer } from "./draw";
import { intervalSeries } from "./intervals";

function label(column: FigureColumn): string {
    return column.label ?? column.name;
}

/** Two columns around a circle: what was expected, what was felt. */
export const drawRadar: Drawer = (table, chosen) => {
    const rows = table.rows.filter(
        (row) => cellOf(table, row, chosen[0]?.name ?? "").value !== undefined,
    );
    if (rows.length < 3 || chosen.length < 2) return null;
    const values = chosen.map((column) =>
        rows.map((row) => cellOf(table, row, column.name).value ?? 0),
    );
    const names = rows.map((row) => rowName(table, row));
    const top = Math.ceil(Math.max(...values.flat()));
    const bottom = Math.max(0, Math.floor(Math.min(...values.flat())) - 1);
    const description = chosen
        .map(
            (column, at) =>
                `${label(column)}: ${names.map((name, i) => `${name} ${number(values[at]?.[i], 2)}`).join(", ")}`,
        )
        .join(". ");
    const option = (): Record<string, unknown> => ({
        legend: legend(chosen.map(label)),
        tooltip: tooltip("item", (at) =>
            [
                label(chosen[at] as FigureColumn),
                ...names.map((name, i) => `${name}: ${number(values[at]?.[i], 2)}`),
            ].join("\n"),
        ),
        radar: {
            center: ["50%", "56%"],
            radius: innerWidth < 560 ? "50%" : "66%",
            splitNumber: 4,
            indicator: names.map((name) => ({ name, min: bottom, max: top })),
            axisName: { color: color("--text"), fontSize: 12, fontFamily: fontFamily() },
            splitLine: { lineStyle: { color: color("--line") } },
            splitArea: { show: false },
            axisLine: { lineStyle: { color: color("--line") } },
        },
        series: [
            {
                type: "radar",
                data: chosen.map((column, at) => ({
                    name: label(column),
                    value: values[at],
                    symbol: at === 0 ? "circle" : "rect",
                    symbolSize: 6,
                    itemStyle: { color: color(at === 0 ? "--series-2" : "--series-1") },
                    lineStyle: {
                        color: color(at === 0 ? "--series-2" : "--series-1"),
                        width: 2,
                        type: at === 0 ? "dashed" : "solid",
                    },
                    areaStyle: {
                        color: color(at === 0 ? "--series-2" : "--series-1"),
                        opacity: 0.1,
                    },
                })),
            },
        ],
    });
    return { description, height: 330, option };
};

function mean(values: number[]): number {
    return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
}

/** First column across (performance), second up (importance); the lines are the means. */
export const drawQuadrant =
    (corners: () => { act: string; keep: string; low: string; over: string }): Drawer =>
    (table, chosen) => {
        const [across, up] = chosen;
        if (!across || !up) return null;
        const points = table.rows.flatMap((row) => {
            const x = cellOf(table, row, across.name).value;
            const y = cellOf(table, row, up.name).value;
            return x === undefined || y === undefined
                ? []
                : [{ key: row.key ?? "", name: rowName(table, row), x, y }];
        });
        if (points.length < 2) return null;
        // Neighbours have their names on different sides of their points.
        points.sort((a, b) => a.x - b.x);
        const middleX = mean(points.map((point) => point.x));
        const middleY = mean(points.map((point) => point.y));
        const words = corners();
        const cornerOf = (point: { x: number; y: number }): string =>
            point.y >= middleY
                ? point.x >= middleX
                    ? words.keep
                    : words.act
                : point.x >= middleX
                  ? words.over
                  : words.low;
        const description = points.map((point) => `${point.name}: ${cornerOf(point)}`).join(", ");
        const spanX = Math.max(0.2, ...points.map((point) => Math.abs(point.x - middleX))) * 1.4;
        const spanY = Math.max(0.05, ...points.map((point) => Math.abs(point.y - middleY))) * 1.5;
        const name = { nameTextStyle: { color: color("--muted") }, nameLocation: "middle" };
        const corner = (
            text: string,
            x: number,
            y: number,
            align: string,
        ): Record<string, unknown> => ({
            value: [x, y],
            symbolSize: 0,
            label: {
                show: true,
                formatter: text,
                color: color("--muted"),
                fontSize: 12,
                align,
                position: "inside",
            },
        });
        const option = (): Record<string, unknown> => ({
            grid: { left: 34, right: 18, top: 14, bottom: 26, containLabel: true },
            tooltip: tooltip("item", (at) => {
                const point = points[at];
                return point
                    ? `${point.name}: ${cornerOf(point)}\n${label(across)}: ${figure(across.unit, point.x)}\n${label(up)}: ${figure(up.unit, point.y)}`
                    : "";
            }),
            xAxis: valueAxis(scaleOf("score", 1), {
                ...name,
                name: label(across),
                nameGap: 28,
                min: middleX - spanX,
                max: middleX + spanX,
                axisLabel: {
                    color: color("--muted"),
                    showMinLabel: false,
                    showMaxLabel: false,
                    formatter: (v: number) => number(v, 1),
                },
            }),
            yAxis: valueAxis(scaleOf("score", 1), {
                ...name,
                name: label(up),
                nameGap: 40,
                min: middleY - spanY,
                max: middleY + spanY,
                axisLabel: {
                    color: color("--muted"),
                    showMinLabel: false,
                    showMaxLabel: false,
                    formatter: (v: number) => number(v, 1),
                },
            }),
            series: [
                {
                    type: "scatter",
                    symbolSize: 13,
                    itemStyle: { color: color("--series-1") },
                    labelLayout: { moveOverlap: "shiftY" },
                    data: points.map((point, at) => ({
                        value: [point.x, point.y],
                        itemStyle: {
                            color: color(
                                cornerOf(point) === words.act ? "--series-2" : "--series-1",
                            ),
                        },
                        label: {
                            show: true,
                            position: at % 2 === 0 ? "top" : "bottom",
                            formatter: point.name,
                            color: color("--text"),
                            fontSize: 12,
                            fontFamily: fontFamily(),
                        },
                    })),
                    markLine: {
                        silent: true,
                        symbol: "none",
                        label: { show: false },
                        lineStyle: { color: color("--line-strong"), type: "dashed" },
                        data: [{ xAxis: middleX }, { yAxis: middleY }],
                    },
                },
                {
                    type: "scatter",
                    silent: true,
                    tooltip: { show: false },
                    data: [
                        corner(words.act, middleX - spanX * 0.97, middleY + spanY * 0.92, "left"),
                        corner(words.keep, middleX + spanX * 0.97, middleY + spanY * 0.92, "right"),
                        corner(words.low, middleX - spanX * 0.97, middleY - spanY * 0.92, "left"),
                        corner(words.over, middleX + spanX * 0.97, middleY - spanY * 0.92, "right"),
                    ],
                },
            ],
        });
        return { description, height: 360, option, keys: points.map((point) => point.key) };
    };

/** Bars from large to small, and the running share of all. */
export const drawPareto: Drawer = (table, chosen) => {
    const column = chosen[0];
    if (!column) return null;
    const sorted = table.rows
        .map((row): [FigureRow, FigureCell] => [row, cellOf(table, row, column.name)])
        .filter(([, cell]) => (cell.value ?? 0) > 0)
        .sort(([, a], [, b]) => (b.value ?? 0) - (a.value ?? 0));
    if (sorted.length === 0) return null;
    const all = Math.max(
        cellOf(table, table.total, column.name).value ?? 0,
        sorted.reduce((sum, [, cell]) => sum + (cell.value ?? 0), 0),
    );
    const shown = sorted.slice(0, barsMax);
    let running = 0;
    const shares = shown.map(([, cell]) => {
        running += cell.value ?? 0;
        return all > 0 ? (100 * running) / all : 0;
    });
    const names = shown.map(([row]) => rowName(table, row));
    const description = `${label(column)}: ${names.map((name, i) => `${name} ${figure(column.unit, shown[i]?.[1].value)} (${number(shares[i])}%)`).join(", ")}`;
    const scale = scaleOf(column.unit, shown[0]?.[1].value ?? 1);
    const option = (): Record<string, unknown> => ({
        grid: { left: 8, right: 8, top: 18, bottom: 4, containLabel: true },
        tooltip: tooltip(
            "axis",
            (i) =>
                `${names[i]}\n${figureText(shown[i]?.[1] ?? {}, column.unit, "").join("\n")}\nΣ ${number(shares[i], 1)}%`,
        ),
        xAxis: categoryAxis(
            names,
            {},
            { interval: 0, width: 76, overflow: "truncate", rotate: names.length > 7 ? 35 : 0 },
        ),
        yAxis: [
            valueAxis(scale),
            valueAxis(scaleOf("share", 1), { min: 0, max: 100, splitLine: { show: false } }),
        ],
        series: [
            {
                type: "bar",
                barMaxWidth: 38,
                itemStyle: { color: color("--series-1"), borderRadius: [2, 2, 0, 0] },
                data: shown.map(([, cell]) => (cell.value ?? 0) / scale.divisor),
            },
            {
                type: "line",
                yAxisIndex: 1,
                symbolSize: 6,
                data: shares,
                lineStyle: { color: color("--series-2"), width: 2 },
                itemStyle: { color: color("--series-2") },
            },
        ],
    });
    return { description, height: 290, option, keys: shown.map(([row]) => row.key ?? "") };
};

/** What was forecast against what became of it; on the diagonal the forecast was right. */
export const drawCalibration: Drawer = (table, chosen) => {
    const [forecast, kept] = chosen;
    if (!forecast || !kept) return null;
    const points = table.rows.flatMap((row) => {
        const x = cellOf(table, row, forecast.name).value;
        const cell = cellOf(table, row, kept.name);
        return x === undefined || cell.value === undefined
            ? []
            : [{ key: row.key ?? "", x: x * 100, cell }];
    });
    if (points.length === 0) return null;
    const description = points
        .map(({ x, cell }) => `${number(x)}%: ${figure("share", cell.value)}`)
        .join(", ");
    const name = { nameLocation: "middle", min: 0, max: 100 };
    const option = (): Record<string, unknown> => ({
        grid: { left: 34, right: 18, top: 14, bottom: 26, containLabel: true },
        tooltip: tooltip("item", (i) => {
            const point = points[i];
            return point
                ? [
                      `${label(forecast)}: ${number(point.x, 1)}%`,
                      label(kept),
                      ...figureText(point.cell, "share", ""),
                  ].join("\n")
                : "";
        }),
        xAxis: valueAxis(scaleOf("share", 1), {
            ...name,
            name: label(forecast),
            nameGap: 28,
            nameTextStyle: { color: color("--muted") },
        }),
        yAxis: valueAxis(scaleOf("share", 1), {
            ...name,
            name: label(kept),
            nameGap: 42,
            nameTextStyle: { color: color("--muted") },
        }),
        series: [
            {
                type: "scatter",
                symbolSize: 11,
                itemStyle: { color: color("--series-1") },
                data: points.map(({ x, cell }) => [x, (cell.value ?? 0) * 100]),
            },
            {
                type: "line",
                silent: true,
                symbol: "none",
                tooltip: { show: false },
                lineStyle: { color: color("--line-strong"), type: "dashed", width: 1.5 },
                data: [
                    [0, 0],
                    [100, 100],
                ],
            },
            intervalSeries(
                points.flatMap(({ x, cell }) =>
                    cell.low === undefined || cell.high === undefined
                        ? []
                        : [{ index: x, low: cell.low * 100, high: cell.high * 100 }],
                ),
                false,
            ),
        ],
    });
    return { description, height: 320, option, keys: points.map((point) => point.key) };
};

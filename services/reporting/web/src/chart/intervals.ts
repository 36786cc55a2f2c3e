// SPDX-License-Identifier: Apache-2.0
// Error bars: ECharts has none of its own, so they are a custom series of three lines each.
import { color } from "../base/theme";

export interface Interval {
    index: number;
    low: number;
    high: number;
}

interface Api {
    value(at: number): number;
    coord(point: number[]): number[];
}

/** isAcross: the values run from left to right. */
/** isOnBars: with a halo of the ground, so that it is seen on them; else it lies below points and lines. */
export function intervalSeries(
    list: Interval[],
    isAcross: boolean,
    isOnBars = isAcross,
): Record<string, unknown> {
    return {
        type: "custom",
        silent: true,
        z: isOnBars ? 5 : 1,
        tooltip: { show: false },
        encode: isAcross ? { x: [1, 2], y: 0 } : { x: 0, y: [1, 2] },
        data: list.map(({ index, low, high }) => [index, low, high]),
        renderItem: (_: unknown, api: Api) => {
            const at = (value: number): number[] =>
                api.coord(isAcross ? [value, api.value(0)] : [api.value(0), value]);
            const [from, to] = [at(api.value(1)), at(api.value(2))] as [number[], number[]];
            const [fromX = 0, fromY = 0] = from;
            const [toX = 0, toY = 0] = to;
            const cap = ([x = 0, y = 0]: number[]): number[][] =>
                isAcross
                    ? [
                          [x, y - 4],
                          [x, y + 4],
                      ]
                    : [
                          [x - 4, y],
                          [x + 4, y],
                      ];
            const lines = [
                [
                    [fromX, fromY],
                    [toX, toY],
                ],
                cap(from),
                cap(to),
            ];
            const strokes: [string, number][] = [
                ["--surface", 4],
                [isOnBars ? "--text" : "--muted", 1.3],
            ];
            const children = strokes.slice(isOnBars ? 0 : 1).flatMap(([name, width]) =>
                lines.map((points) => ({
                    type: "polyline",
                    shape: { points },
                    style: { stroke: color(name), lineWidth: width, fill: "none" },
                })),
            );
            return { type: "group", children };
        },
    };
}

// SPDX-License-Identifier: Apache-2.0
// Did the fix help: for each improvement the rate after over the rate before, with its interval, what
// was hoped for, and how it went where it was not done.
import { number } from "../base/format";
import { color } from "../base/theme";
import { categoryAxis, scaleOf, valueAxis } from "../chart/axis";
import { tooltip, type Drawing } from "../chart/chart";
import { legend } from "../chart/draw";
import { intervalSeries } from "../chart/intervals";
import { ct } from "../words/causes";
import { isRatio, type Effect, type Improvement } from "./improvement";

export function effectDrawing(list: Improvement[]): Drawing | null {
    const known = list.filter((one) => isRatio(one.effect) && one.effect?.ratio !== undefined);
    if (known.length === 0) return null;
    const names = known.map((one) => one.title);
    const ratioText = (value: number | undefined): string => number(value, 2);
    const tip = (at: number): string => {
        const one = known[at] as Improvement;
        const effect: Partial<Effect> = one.effect ?? {};
        return [
            one.title,
            `${ct("ratio")}: ${ratioText(effect.ratio)} (${ratioText(effect.low)} – ${ratioText(effect.high)})`,
            effect.others_ratio === undefined
                ? ""
                : `${ct("others")}: ${ratioText(effect.others_ratio)}`,
            one.expectation === undefined ? "" : `${ct("hoped")}: ${ratioText(one.expectation)}`,
        ]
            .filter(Boolean)
            .join("\n");
    };
    const dots = (
        name: string,
        symbol: string,
        colorName: string,
        value: (one: Improvement) => number | undefined,
    ): Record<string, unknown> => ({
        name,
        type: "scatter",
        symbol,
        symbolSize: 12,
        z: 6,
        itemStyle: { color: color(colorName) },
        data: known.map((one) => value(one) ?? null),
    });
    const own = {
        ...dots(ct("ratio"), "circle", "--series-1", (one) => one.effect?.ratio),
        markLine: {
            silent: true,
            symbol: "none",
            data: [{ xAxis: 1 }],
            lineStyle: { color: color("--line-strong"), type: "dashed" },
            label: { formatter: ct("nochange"), color: color("--muted"), fontSize: 11 },
        },
    };
    const intervals = known.flatMap((one, index) =>
        one.effect?.low === undefined || one.effect.high === undefined
            ? []
            : [{ index, low: one.effect.low, high: one.effect.high }],
    );
    const option = (): Record<string, unknown> => ({
        grid: { left: 8, right: 28, top: 48, bottom: 4, containLabel: true },
        legend: legend([ct("ratio"), ct("others"), ct("hoped")]),
        tooltip: tooltip("axis", tip),
        xAxis: valueAxis(scaleOf("rate", 2), { min: 0 }),
        yAxis: categoryAxis(
            names,
            { inverse: true },
            { width: innerWidth < 560 ? 100 : 240, overflow: "truncate", interval: 0 },
        ),
        series: [
            own,
            dots(ct("others"), "rect", "--series-2", (one) => one.effect?.others_ratio),
            dots(ct("hoped"), "diamond", "--series-3", (one) => one.expectation),
            intervalSeries(intervals, true),
        ],
    });
    const description = known.map((_, at) => tip(at).replaceAll("\n", ", ")).join("; ");
    return { description, height: 80 + known.length * 34, option };
}

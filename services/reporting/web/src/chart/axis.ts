// SPDX-License-Identifier: Apache-2.0
// Axes in units that give round ticks: hours, not microseconds.
import { number, type Unit } from "../base/format";
import { languageTag } from "../base/i18n";
import { color } from "../base/theme";

export interface Scale {
    /** Value / divisor is what is drawn. */
    divisor: number;
    isShare?: boolean;
    isCount?: boolean;
    tick(drawn: number): string;
}

const secondUs = 1_000_000;

function durationScale(max: number): Scale {
    const steps = [
        [2 * 86_400, 86_400, "day"],
        [2 * 3600, 3600, "hour"],
        [120, 60, "minute"],
        [0, 1, "second"],
    ] as const;
    const [, seconds, unit] = steps.find(([from]) => max / secondUs >= from) ?? steps[3];
    const format = new Intl.NumberFormat(languageTag(), {
        style: "unit",
        unit,
        unitDisplay: "narrow",
        maximumFractionDigits: 2,
    });
    return { divisor: seconds * secondUs, tick: (drawn) => format.format(drawn) };
}

export function scaleOf(unit: Unit | undefined, max: number): Scale {
    if (unit === "duration") return durationScale(max);
    if (unit === "share")
        return {
            divisor: 0.01,
            isShare: true,
            tick: (drawn) => `${number(drawn, drawn % 1 ? 1 : 0)}%`,
        };
    const divisor = unit === "money" ? 100 : 1;
    const compact = new Intl.NumberFormat(languageTag(), {
        notation: "compact",
        maximumFractionDigits: 2,
    });
    return { divisor, isCount: unit === "count", tick: (drawn) => compact.format(drawn) };
}

/** Shares that come near to the whole are drawn on the whole: no axis goes to 120 %. */
function shareMax({ max }: { max: number }): number | undefined {
    return max > 70 ? 100 : undefined;
}

export function valueAxis(
    scale: Scale,
    more: Record<string, unknown> = {},
): Record<string, unknown> {
    return {
        type: "value",
        axisLabel: {
            color: color("--muted"),
            fontSize: 12,
            formatter: scale.tick,
            hideOverlap: true,
        },
        splitLine: { lineStyle: { color: color("--line") } },
        splitNumber: scale.isShare ? 5 : 4,
        ...(scale.isShare ? { max: shareMax } : {}),
        ...(scale.isCount ? { minInterval: 1 } : {}),
        ...more,
    };
}

export function categoryAxis(
    names: string[],
    more: Record<string, unknown> = {},
    label: Record<string, unknown> = {},
): Record<string, unknown> {
    return {
        type: "category",
        data: names,
        axisLabel: { color: color("--muted"), fontSize: 12, hideOverlap: true, ...label },
        axisLine: { lineStyle: { color: color("--line-strong") } },
        axisTick: { show: false },
        ...more,
    };
}

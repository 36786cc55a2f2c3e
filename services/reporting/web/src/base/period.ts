// SPDX-License-Identifier: Apache-2.0
// The days that a page speaks of, from its parameters: period=30 (presets) or from= and to=.
import type { Query } from "./api";
import { addDays, today } from "./format";
import type { Params } from "./router";

export const presets = ["7", "30", "90", "month", "last_month", "year"] as const;

export interface Period {
    preset: string;
    from: string;
    to: string;
}

export function periodOf(params: Params, now: string = today()): Period {
    const { from, to } = params;
    const isDay = (text: string | undefined): text is string =>
        text !== undefined && /^\d{4}-\d{2}-\d{2}$/.test(text);
    if (isDay(from) && isDay(to) && from <= to) return { preset: "custom", from, to };
    const preset = params["period"] ?? "30";
    const monthStart = `${now.slice(0, 8)}01`;
    switch (preset) {
        case "7":
        case "90":
            return { preset, from: addDays(now, 1 - Number(preset)), to: now };
        case "month":
            return { preset, from: monthStart, to: now };
        case "last_month": {
            const end = addDays(monthStart, -1);
            return { preset, from: `${end.slice(0, 8)}01`, to: end };
        }
        case "year":
            return { preset, from: `${now.slice(0, 4)}-01-01`, to: now };
        default:
            return { preset: "30", from: addDays(now, -29), to: now };
    }
}

/** Parameters of the page itself, which are no filters. */
const own = new Set(["period", "from", "to", "compare", "group", "list", "after", "limit", "tab"]);

/** Filters stand in the address by the names of their dimensions: branch=north. */
export function filtersOf(params: Params): Params {
    return Object.fromEntries(
        Object.entries(params).filter(
            ([key, value]) => !own.has(key) && !key.includes(".") && value !== "",
        ),
    );
}

/** What every report is asked with, from the page's parameters. */
export function reportQuery(params: Params): Query {
    const { from, to } = periodOf(params);
    return { ...filtersOf(params), from, to, compare: params["compare"] !== "0" };
}

// SPDX-License-Identifier: Apache-2.0
// The reports that one page shows: each is asked once, however many panels show it, and again when
// figures changed.
import type { Query } from "../base/api";
import { address } from "../base/api";
import { isTimeGroup, readReport, type FigureTable } from "../base/report";
import { addDays } from "../base/format";
import { filtersOf, periodOf, reportQuery } from "../base/period";
import { link, type PageContext } from "../base/router";

export interface Desk {
    context: PageContext;
    /** group: unset is the page's choice, else the report's usual one. */
    read(report: string, more?: Query): Promise<FigureTable>;
    forget(): void;
}

export function newDesk(context: PageContext): Desk {
    const known = new Map<string, Promise<FigureTable>>();
    const desk: Desk = {
        context,
        read: (report, more = {}) => {
            const query = reportOf(desk.context, more);
            const key = address(report, query);
            let asked = known.get(key);
            if (!asked) {
                asked = readReport(report, query, desk.context.signal);
                known.set(key, asked);
                // What failed is asked again by whoever comes next.
                const failed = asked;
                failed.catch(() => known.get(key) === failed && known.delete(key));
            }
            return asked;
        },
        forget: () => known.clear(),
    };
    return desk;
}

export function reportOf(context: PageContext, more: Query): Query {
    return { ...reportQuery(context.params), group: context.params["group"], ...more };
}

/** Where the same numbers are as CSV, with the mark that makes Excel read UTF-8. */
export function csvAddress(report: string, query: Query): string {
    return address(`/v1/reports/${encodeURIComponent(report)}`, {
        ...query,
        format: "csv",
        bom: 1,
    });
}

/** Dimensions that the list of cases can be filtered by. */
const ofCases = new Set([
    "branch",
    "channel",
    "team",
    "staff",
    "category",
    "product",
    "tier",
    "priority",
    "contact_kind",
]);

/** The last day of the period that key begins; the first of a range may begin in its middle. */
export function lastDayOf(group: string, key: string): string {
    if (group === "week") {
        const weekday = new Date(`${key}T00:00:00Z`).getUTCDay();
        return addDays(key, (7 - weekday) % 7);
    }
    if (group !== "month") return key;
    const next = addDays(`${key.slice(0, 7)}-28`, 4);
    return addDays(`${next.slice(0, 7)}-01`, -1);
}

/** Days and filters of the page, as the list of cases takes them. */
function periodParams(context: PageContext): Record<string, string> {
    const { from, to } = periodOf(context.params);
    const known = Object.entries(filtersOf(context.params)).filter(([name]) => ofCases.has(name));
    return { ...Object.fromEntries(known), from, to };
}

/** The cases behind a table, or behind one of its rows; null: there is no such list. */
export function casesAddress(
    context: PageContext,
    table: FigureTable,
    key?: string,
    list: string | undefined = table.cases,
): string | null {
    if (!list) return null;
    if (key !== undefined && table.caseParams) {
        const own = table.caseParams(key);
        return own && link("cases", { list, ...periodParams(context), ...own });
    }
    const params = periodParams(context);
    let { from = "", to = "" } = params;
    const filters: Record<string, string> = {};
    const group = table.group_by ?? "none";
    if (key !== undefined) {
        if (isTimeGroup(group)) {
            const first = key.length === 7 ? `${key}-01` : key;
            const last = lastDayOf(group, first);
            from = first > from ? first : from;
            to = last < to ? last : to;
        } else if (ofCases.has(group) && key) filters[group] = key;
        else if (group !== "none") return null;
    }
    return link("cases", { list, ...params, from, to, ...filters });
}

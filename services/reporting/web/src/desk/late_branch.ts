// SPDX-License-Identifier: Apache-2.0
// Which branch is late, and since when: pure, from the daily figures of promises.

import { cellOf, type FigureRow, type FigureTable } from "../base/report";

export interface DayCount {
    day: string;
    kept: number;
    broken: number;
}

export interface Lateness {
    since: string;
    /** Of the last week. */
    share: number;
    kept: number;
    broken: number;
}

const weekDays = 7;
/** Fewer decided promises than this in a week say nothing about a branch. */
const leastDecided = 5;

/** A count of the report "promises"; 0 where it says nothing. */
export function countOf(table: FigureTable, row: FigureRow | undefined, name: string): number {
    return cellOf(table, row, name).value ?? 0;
}

/** Kept in time and broken, for each row of the report "promises". */
export function countsOf(table: FigureTable): DayCount[] {
    return table.rows.map((row) => ({
        day: row.key ?? "",
        kept: countOf(table, row, "kept"),
        broken: countOf(table, row, "broken"),
    }));
}

/** Kept and broken of the week that ends with days[last]. */
function week(days: DayCount[], last: number): { kept: number; broken: number } {
    let kept = 0;
    let broken = 0;
    for (const one of days.slice(Math.max(0, last - weekDays + 1), last + 1)) {
        kept += one.kept;
        broken += one.broken;
    }
    return { kept, broken };
}

/**
 * Late: in the last week a smaller share was kept in time than usual, and by more than one promise
 * can make. Since: the first day of the stretch until now in which every week was like that; a week
 * with too few promises breaks no stretch. null: not late.
 */
export function lateness(days: DayCount[], usual: number): Lateness | null {
    const last = days.length - 1;
    const now = week(days, last);
    const decided = now.kept + now.broken;
    if (last < 0 || decided < leastDecided || (now.kept + 1) / decided >= usual) return null;
    let first = last;
    for (let i = last - 1; i >= 0; i--) {
        const before = week(days, i);
        const count = before.kept + before.broken;
        if (count >= leastDecided && before.kept / count >= usual) break;
        if (count >= leastDecided) first = i;
    }
    const since = days[firstBroken(days, first)]?.day ?? "";
    return { since, share: now.kept / decided, kept: now.kept, broken: now.broken };
}

/** The week that ends with days[first] is bad for what broke in it: the day of the last break up to then. */
function firstBroken(days: DayCount[], first: number): number {
    for (let i = first; i > first - weekDays && i >= 0; i--)
        if ((days[i]?.broken ?? 0) > 0) return i;
    return first;
}

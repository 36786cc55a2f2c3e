// SPDX-License-Identifier: Apache-2.0
// What base/format.ts has not: long days, and times that people type in the zone of the figures.

import { nowUs } from "../base/api";
import { dayOf, nothing, timeZone } from "../base/format";
import { languageTag } from "../base/i18n";

export const hourUs = 3_600_000_000;
export const dayUs = 24 * hourUs;

export function timeOfDay(us: number): string {
    return new Intl.DateTimeFormat(languageTag(), {
        timeZone: timeZone(),
        hour: "2-digit",
        minute: "2-digit",
        hourCycle: "h23",
    }).format(new Date(us / 1000));
}

/** "22 Nov, 18:44"; with the year when it is another one than now. */
export function brief(us: number | undefined): string {
    if (us === undefined) return nothing;
    const isThisYear = dayOf(us).slice(0, 4) === dayOf(nowUs()).slice(0, 4);
    return new Intl.DateTimeFormat(languageTag(), {
        timeZone: timeZone(),
        day: "numeric",
        month: "short",
        hour: "2-digit",
        minute: "2-digit",
        hourCycle: "h23",
        ...(isThisYear ? {} : { year: "numeric" }),
    }).format(new Date(us / 1000));
}

/** "Sunday, 22 November 2026" */
export function dayWords(us: number): string {
    return new Intl.DateTimeFormat(languageTag(), {
        timeZone: timeZone(),
        weekday: "long",
        year: "numeric",
        month: "long",
        day: "numeric",
    }).format(new Date(us / 1000));
}

/** For <input type="datetime-local">, in the zone of the figures. */
export function toInput(us: number): string {
    const time = new Intl.DateTimeFormat("en-GB", {
        timeZone: timeZone(),
        hour: "2-digit",
        minute: "2-digit",
        hourCycle: "h23",
    }).format(new Date(us / 1000));
    return `${dayOf(us)}T${time}`;
}

/** What such an input holds; null: nothing that is a time. */
export function fromInput(text: string): number | null {
    const askedMs = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}$/.test(text) ? Date.parse(`${text}:00Z`) : NaN;
    if (Number.isNaN(askedMs)) return null;
    let us = askedMs * 1000;
    // Twice: the offset at the guess is another than that at the answer when a clock change is near.
    for (let round = 0; round < 2; round++)
        us += (askedMs - Date.parse(`${toInput(us)}:00Z`)) * 1000;
    return us;
}

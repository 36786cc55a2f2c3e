// SPDX-License-Identifier: Apache-2.0
// Numbers, durations and dates in the user's language and the time zone of the figures.

import { currentSession, nowUs } from "./api";
import { languageTag, pick, type Pair } from "./i18n";

export type Unit =
    | "count"
    | "share"
    | "duration"
    | "score"
    | "money"
    | "rate"
    | "text"
    | "day"
    | "unspecified";

export const nothing = "–";

export function timeZone(): string {
    return currentSession()?.time_zone || "UTC";
}

export function number(value: number | undefined, digits = 0): string {
    if (value === undefined || !Number.isFinite(value)) return nothing;
    return new Intl.NumberFormat(languageTag(), {
        minimumFractionDigits: digits,
        maximumFractionDigits: digits,
    }).format(value);
}

export function share(value: number | undefined, digits = 1): string {
    if (value === undefined || !Number.isFinite(value)) return nothing;
    return new Intl.NumberFormat(languageTag(), {
        style: "percent",
        minimumFractionDigits: digits,
        maximumFractionDigits: digits,
    }).format(value);
}

const minuteUs = 60_000_000;
const hourUs = 60 * minuteUs;
const dayUs = 24 * hourUs;

function unitText(value: number, unit: "day" | "hour" | "minute" | "second"): string {
    return new Intl.NumberFormat(languageTag(), {
        style: "unit",
        unit,
        unitDisplay: "narrow",
    }).format(value);
}

/** "2h 5m", "3d 4h": the two largest units. */
export function duration(us: number | undefined): string {
    if (us === undefined || !Number.isFinite(us)) return nothing;
    if (us < 0) return `−${duration(-us)}`;
    // Rounded before it is split, so that 59.7 minutes are an hour and never 60 minutes.
    const seconds = Math.round(us / 1_000_000);
    if (seconds < 60) return unitText(seconds, "second");
    const minutes = Math.round(us / minuteUs);
    if (minutes < 60) return unitText(minutes, "minute");
    const [big, bigUs, small, smallUs] =
        minutes < 24 * 60
            ? (["hour", hourUs, "minute", minuteUs] as const)
            : (["day", dayUs, "hour", hourUs] as const);
    const rounded = Math.round(us / smallUs) * smallUs;
    const whole = Math.floor(rounded / bigUs);
    const rest = Math.round((rounded - whole * bigUs) / smallUs);
    const text = unitText(whole, big);
    return rest > 0 ? `${text} ${unitText(rest, small)}` : text;
}

/** Minor units: 1999 of EUR is 19.99. */
export function money(minor: number | undefined, currency: string | undefined): string {
    if (minor === undefined || !Number.isFinite(minor)) return nothing;
    if (!currency || !/^[A-Za-z]{3}$/.test(currency)) return number(minor / 100, 2);
    const format = new Intl.NumberFormat(languageTag(), { style: "currency", currency });
    const digits = format.resolvedOptions().maximumFractionDigits ?? 2;
    return format.format(minor / 10 ** digits);
}

/** A calendar day "2026-11-01", without a zone of its own; with its year when that is not this one. */
export function day(text: string | undefined, form: "short" | "long" = "short"): string {
    if (!text || !/^\d{4}-\d{2}-\d{2}$/.test(text)) return text || nothing;
    return new Intl.DateTimeFormat(languageTag(), {
        timeZone: "UTC",
        day: "numeric",
        month: "short",
        ...(form === "long" ? { weekday: "short" } : {}),
        ...(form === "long" || text.slice(0, 4) !== today().slice(0, 4) ? { year: "numeric" } : {}),
    }).format(new Date(`${text}T00:00:00Z`));
}

export function instant(us: number | undefined): string {
    if (us === undefined) return nothing;
    return new Intl.DateTimeFormat(languageTag(), {
        timeZone: timeZone(),
        day: "numeric",
        month: "short",
        year: "numeric",
        hour: "2-digit",
        minute: "2-digit",
        hourCycle: "h23",
    }).format(new Date(us / 1000));
}

/** "14:05", and the day before it when it is another one than today. */
export function shortInstant(us: number | undefined): string {
    if (us === undefined) return nothing;
    const date = new Date(us / 1000);
    const isToday = dayOf(us) === dayOf(nowUs());
    return new Intl.DateTimeFormat(languageTag(), {
        timeZone: timeZone(),
        hour: "2-digit",
        minute: "2-digit",
        hourCycle: "h23",
        ...(isToday ? {} : { day: "numeric", month: "short" }),
    }).format(date);
}

/** "in 3 hours", "2 days ago". */
export function relative(us: number | undefined): string {
    if (us === undefined) return nothing;
    const away = us - nowUs();
    const format = new Intl.RelativeTimeFormat(languageTag(), { numeric: "always" });
    const size = Math.abs(away);
    if (size < hourUs) return format.format(Math.trunc(away / minuteUs), "minute");
    if (size < 2 * dayUs) return format.format(Math.trunc(away / hourUs), "hour");
    return format.format(Math.trunc(away / dayUs), "day");
}

/** The day of an instant in the time zone of the figures: "2026-11-01". */
export function dayOf(us: number): string {
    return new Intl.DateTimeFormat("en-CA", {
        timeZone: timeZone(),
        year: "numeric",
        month: "2-digit",
        day: "2-digit",
    }).format(new Date(us / 1000));
}

export function today(): string {
    return dayOf(nowUs());
}

export function addDays(text: string, days: number): string {
    const date = new Date(`${text}T00:00:00Z`);
    date.setUTCDate(date.getUTCDate() + days);
    return date.toISOString().slice(0, 10);
}

/** The currency in the key of a row: "EUR", "high/EUR"; "": there is none. */
function currencyOf(key: string): string {
    return /(?:^|\/)([A-Z]{3})$/.exec(key)?.[1] ?? "";
}

/** A figure in its unit. key: of its row, which names the currency of money. */
export function figure(unit: Unit | undefined, value: number | undefined, key = ""): string {
    if (value === undefined) return nothing;
    switch (unit) {
        case "share":
            return share(value);
        case "duration":
            return duration(value);
        case "score":
            return number(value, 2);
        case "rate":
            return number(value, Math.abs(value) >= 100 ? 0 : 2);
        case "money":
            return money(value, currencyOf(key));
        default:
            return number(value, Number.isInteger(value) ? 0 : 2);
    }
}

const changeWords: Record<"same" | "points", Pair> = {
    same: ["unchanged", "持平"],
    points: ["{n} points", "{n} 个百分点"],
};

/** How a figure moved against the period before: "+12 %", "−3.1 points". */
export function change(unit: Unit | undefined, value: number, before: number): string {
    const sign = value > before ? "+" : "−";
    if (value === before) return pick(changeWords.same);
    if (unit === "share")
        return pick(changeWords.points, { n: sign + number(Math.abs(value - before) * 100, 1) });
    if (unit === "score" || unit === "rate" || before === 0)
        return sign + figure(unit, Math.abs(value - before));
    return sign + share(Math.abs(value - before) / Math.abs(before), 0);
}

// SPDX-License-Identifier: Apache-2.0
// "Why this time": the clock of a promise as a bar to scale, its sums, and every interval in a table.

import { h, type Child } from "../base/dom";
import { duration, instant } from "../base/format";
import { caseWords as t } from "../words/case";
import { clockWords, codeWords } from "../words/codes";
import { cardTable } from "./parts";
import { drawing, shape } from "./svg";
import type { ClockInterval, ClockView } from "./types";

const width = 1000;
const height = 26;
/** An interval is seen however short it is beside the others. */
const leastWidth = 1.5;

export function whyWords(interval: ClockInterval): string {
    return (
        interval.words ||
        clockWords(interval.why) ||
        (interval.is_counted ? t("legend_counted") : "")
    );
}

/** Without the time before it was promised and after it was over. */
function ofClock(clock: ClockView): ClockInterval[] {
    return (clock.intervals ?? []).filter((one) => one.kind !== "before" && one.kind !== "after");
}

/** What did not count, by reason, the longest first. */
export function sumsOf(intervals: ClockInterval[]): [why: string, us: number][] {
    const sums = new Map<string, number>();
    for (const one of intervals)
        if (!one.is_counted)
            sums.set(whyWords(one), (sums.get(whyWords(one)) ?? 0) + one.to_us - one.from_us);
    return [...sums].sort((a, b) => b[1] - a[1]);
}

export function countedUs(clock: ClockView): number {
    if (clock.counted_us !== undefined) return clock.counted_us;
    const counted = ofClock(clock).filter((one) => one.is_counted);
    return counted.reduce((sum, one) => sum + one.to_us - one.from_us, 0);
}

interface Scale {
    from: number;
    to: number;
}

/** From the first interval to the last, and the due time if it is later. */
function scaleOf(clock: ClockView): Scale | null {
    const instants = ofClock(clock).flatMap((one) => [one.from_us, one.to_us]);
    for (const us of [clock.due_us, clock.done_us]) if (us !== undefined) instants.push(us);
    if (instants.length === 0) return null;
    const from = Math.min(...instants);
    const to = Math.max(...instants);
    return to > from ? { from, to } : null;
}

function place(scale: Scale, us: number): number {
    return ((us - scale.from) / (scale.to - scale.from)) * width;
}

function intervalShape(scale: Scale, one: ClockInterval, due: number | undefined): SVGElement {
    const x = place(scale, one.from_us);
    const isLate = one.is_late ?? (due !== undefined && one.from_us >= due);
    const name = one.is_counted ? (isLate ? "clock-late" : "clock-counted") : "clock-not";
    const title = shape("title", {});
    title.textContent = `${instant(one.from_us)} – ${instant(one.to_us)}: ${whyWords(one)}`;
    const wide = Math.max(leastWidth, place(scale, one.to_us) - x);
    return shape("rect", { class: name, x, y: 4, width: wide, height: height - 8 }, title);
}

function mark(scale: Scale, us: number | undefined, name: string): SVGElement[] {
    if (us === undefined) return [];
    const x = Math.min(width - 2, Math.max(0, place(scale, us) - 1.5));
    return [shape("rect", { class: name, x, y: 0, width: 3, height })];
}

/** The bar alone; null when there is no time to show. */
export function clockBar(clock: ClockView): Node | null {
    const scale = scaleOf(clock);
    if (!scale) return null;
    const intervals = ofClock(clock);
    const uncounted = sumsOf(intervals).reduce((sum, [, us]) => sum + us, 0);
    const label = t("clock_label", {
        kind: codeWords(clock.kind),
        counted: duration(countedUs(clock)),
        from: instant(scale.from),
        to: instant(scale.to),
        not: duration(uncounted),
    });
    return h(
        "div",
        { class: "clock" },
        drawing(width, height, label, [
            shape("rect", { class: "clock-ground", x: 0, y: 4, width, height: height - 8 }),
            ...intervals.map((one) => intervalShape(scale, one, clock.due_us)),
            ...mark(scale, clock.due_us, "clock-due"),
            ...mark(scale, clock.done_us, "clock-done"),
        ]),
        h(
            "div",
            { class: "clock-ends", "aria-hidden": "true" },
            h("span", null, instant(scale.from)),
            h("span", null, instant(scale.to)),
        ),
    );
}

export function clockLegend(): HTMLElement {
    const entry = (name: string, words: string): Child =>
        h("li", null, h("span", { class: `clock-key ${name}` }), words);
    return h(
        "ul",
        { class: "clock-legend", "aria-hidden": "true" },
        entry("is-counted", t("legend_counted")),
        entry("is-not", t("legend_not")),
        entry("is-due", t("legend_due")),
        entry("is-done", t("legend_done")),
    );
}

function intervalTable(clock: ClockView): HTMLElement {
    return cardTable(
        t("intervals", { kind: codeWords(clock.kind) }),
        [
            { label: t("from"), cell: (one) => instant(one.from_us) },
            { label: t("to"), cell: (one) => instant(one.to_us) },
            { label: t("lasts"), isNumber: true, cell: (one) => duration(one.to_us - one.from_us) },
            { label: t("counts"), cell: (one) => (one.is_counted ? t("yes") : t("no")) },
            { label: t("because"), cell: (one) => whyWords(one) },
        ],
        clock.intervals ?? [],
    );
}

function stepList(clock: ClockView): Child {
    const steps = clock.steps ?? [];
    if (steps.length === 0) return null;
    return [
        h("h4", null, t("steps")),
        h(
            "ul",
            { class: "work-plain" },
            steps.map((step) =>
                h(
                    "li",
                    null,
                    h("span", { class: "muted" }, instant(step.at_us)),
                    " ",
                    step.words ?? "",
                ),
            ),
        ),
    ];
}

/** The bar, what did not count, and behind a summary every interval and step. */
export function clockStory(clock: ClockView): Child {
    const intervals = ofClock(clock);
    const sums = sumsOf(intervals);
    return [
        clockBar(clock),
        sums.length === 0
            ? null
            : h(
                  "ul",
                  { class: "clock-sums" },
                  sums.map(([why, us]) => h("li", null, t("sum_not", { why, time: duration(us) }))),
              ),
        h(
            "details",
            { class: "work-more", "data-key": `clock-${clock.promise_number}` },
            h("summary", null, t("why")),
            intervals.length > 0 ? intervalTable(clock) : h("p", { class: "muted" }, t("why_none")),
            stepList(clock),
        ),
    ];
}

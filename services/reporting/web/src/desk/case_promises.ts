// SPDX-License-Identifier: Apache-2.0
// The promises of a case, each with its clock.

import { get, nowUs } from "../base/api";
import { h, type Child } from "../base/dom";
import { duration, instant, share } from "../base/format";
import { badge } from "../ui/tile";
import { caseWords as t } from "../words/case";
import { codeWords } from "../words/codes";
import { clockLegend, clockStory, countedUs } from "./clock_bar";
import { facts, load, none, section, stateBadge } from "./parts";
import type { CaseView, ClockView, PromiseView } from "./types";

function isOpen(p: PromiseView): boolean {
    return p.state === "open" || p.state === "at_risk";
}

/** "2 hours left", "1 day late": of what is open, or was done late. */
function lateness(p: PromiseView): Child {
    if (p.due_us === undefined) return null;
    if (isOpen(p)) {
        const left = p.due_us - nowUs();
        return left > 0
            ? badge(t("due_in", { time: duration(left) }), "warn")
            : badge(t("late_by", { time: duration(-left) }), "bad");
    }
    const done = p.state === "broken" ? nowUs() : p.done_us;
    if (done === undefined || done <= p.due_us) return null;
    return badge(t("late_by", { time: duration(done - p.due_us) }), "bad");
}

function countedWords(p: PromiseView, clock: ClockView | undefined): Child {
    const target = clock?.target_us ?? p.target_us;
    if (!clock) return null;
    const counted = duration(countedUs(clock));
    return target === undefined
        ? t("counted_alone", { counted })
        : t("counted", { counted, target: duration(target) });
}

function promiseItem(p: PromiseView, clock: ClockView | undefined, isChosen: boolean): HTMLElement {
    return h(
        "li",
        {
            class: `promise ${isChosen ? "is-chosen" : ""}`,
            id: `promise-${p.promise_number ?? ""}`,
            tabindex: "-1",
        },
        h(
            "div",
            { class: "promise-head" },
            h("h3", null, codeWords(p.kind)),
            stateBadge(p.state),
            lateness(p),
            h("span", { class: "muted code" }, p.promise_number ?? ""),
        ),
        facts([
            [t("made"), instant(p.made_us)],
            [t("due"), p.due_us === undefined ? t("due_paused") : instant(p.due_us)],
            [t("done"), p.done_us === undefined ? null : instant(p.done_us)],
            [t("clock"), countedWords(p, clock)],
            [t("chance"), p.chance === undefined ? null : share(p.chance, 0)],
            [t("rule"), codeWords(p.rule)],
            [t("cause"), p.cause ? codeWords(p.cause) : null],
            [t("customer_says"), p.customer_word ? codeWords(p.customer_word) : null],
            [t("replaces_label"), p.replaces],
        ]),
        clock ? clockStory(clock) : null,
    );
}

/** What is open comes first, by its due time; then what has ended, the newest first. */
export function inOrder(promises: PromiseView[]): PromiseView[] {
    const rank = (p: PromiseView): number => (isOpen(p) ? 0 : p.state === "broken" ? 1 : 2);
    const time = (p: PromiseView): number => (isOpen(p) ? (p.due_us ?? 0) : -(p.made_us ?? 0));
    return [...promises].sort((a, b) => rank(a) - rank(b) || time(a) - time(b));
}

/** The clocks that a page shows, by its signal. */
const clocksOf = new WeakMap<AbortSignal, ClockView[]>();

export function promisesSection(c: CaseView, chosen: string, signal: AbortSignal): HTMLElement {
    const promises = inOrder(c.promises ?? []);
    if (promises.length === 0) return section(t("promises"), {}, none(t("promises_none")));
    const list = (clocks: ClockView[]): HTMLElement =>
        h(
            "ul",
            { class: "promise-list", role: "list" },
            promises.map((p) =>
                promiseItem(
                    p,
                    clocks.find((clock) => clock.promise_number === p.promise_number),
                    p.promise_number === chosen,
                ),
            ),
        );
    // Those of before stand there until the new ones come: nothing jumps, what is unfolded stays so.
    const body = h("div", null, list(clocksOf.get(signal) ?? []));
    const path = `/v1/cases/${encodeURIComponent(c.case_number ?? "")}/clocks`;
    void load(body, async () => {
        const { clocks } = await get<{ clocks?: ClockView[] }>(path, {}, signal);
        clocksOf.set(signal, clocks ?? []);
        return list(clocks ?? []);
    }).then(() => showChosen(body, chosen, signal));
    return section(
        t("promises"),
        { id: "promises", count: promises.length, actions: clockLegend() },
        body,
    );
}

/** The pages that have shown it: one that is made anew must not take the focus again. */
const shownOn = new WeakSet<AbortSignal>();

/** Who came for one promise sees it first. */
function showChosen(body: HTMLElement, chosen: string, page: AbortSignal): void {
    if (!chosen || shownOn.has(page)) return;
    shownOn.add(page);
    const place = body.querySelector<HTMLElement>(`#promise-${CSS.escape(chosen)}`);
    if (!place) return;
    place.scrollIntoView({ block: "nearest" });
    place.focus({ preventScroll: true });
}

// SPDX-License-Identifier: Apache-2.0
// What the service tells of cases and customers, as entries of a story.

import { nowUs } from "../base/api";
import { duration, instant, money, number } from "../base/format";
import { link } from "../base/router";
import type { Tone } from "../ui/tile";
import { codeWords } from "../words/codes";
import { storyWords as t } from "../words/story";
import { caseAddress } from "./parts";
import type { StoryEntry } from "./story";
import type {
    AnswerView,
    CallView,
    CaseHistory,
    CaseView,
    CompensationView,
    ContactView,
    ExpectationView,
    IndexMove,
    PromiseView,
    PurchaseView,
} from "./types";

const machineOrigins = new Set(["auto_reply", "bounce", "ourselves"]);

export function contactEntry(c: ContactView, isOfCase: boolean): StoryEntry | null {
    if (c.at_us === undefined) return null;
    const kind = codeWords(c.kind);
    const channel = codeWords(c.channel);
    let title = kind && channel ? t("contact", { kind, channel }) : kind || t("contact_plain");
    if (c.is_thanks) title = t("contact_thanks");
    if (machineOrigins.has(c.origin ?? "")) title = t("contact_machine");
    const href = !isOfCase && c.case_number ? caseAddress(c.case_number) : undefined;
    return {
        at: c.at_us,
        kind: "contacts",
        title,
        href,
        notes: [isOfCase ? null : (c.case_number ?? null)],
        tone: c.kind === "complaint" ? "warn" : "plain",
    };
}

/* ---- promises */

interface Ending {
    at: number | undefined;
    title: string;
    tone: Tone;
    notes: string[];
}

function lateNote(p: PromiseView): string[] {
    if (p.done_us === undefined || p.due_us === undefined || p.done_us <= p.due_us) return [];
    return [t("late_by", { time: duration(p.done_us - p.due_us) })];
}

/** How it ended, or null while it is open. A break is on the day it was due, a late keeping when it was done. */
function endingsOf(p: PromiseView, kind: string): Ending[] {
    const broken: Ending = {
        at: p.due_us,
        title: t("promise_broken", { kind }),
        tone: "bad",
        notes: [],
    };
    switch (p.state) {
        case "kept":
            return [{ at: p.done_us, title: t("promise_kept", { kind }), tone: "good", notes: [] }];
        case "kept_late":
            return [
                broken,
                {
                    at: p.done_us,
                    title: t("promise_kept_late", { kind }),
                    tone: "warn",
                    notes: lateNote(p),
                },
            ];
        case "broken":
        case "renegotiated_late":
            return [broken];
        case "open":
        case "at_risk":
            return [];
        default:
            return [
                {
                    at: p.done_us ?? p.due_us,
                    title: `${kind}: ${codeWords(p.state)}`,
                    tone: "plain",
                    notes: [],
                },
            ];
    }
}

function wordOfCustomer(p: PromiseView): string | null {
    if (p.customer_word === "confirmed") return t("customer_confirmed");
    return p.customer_word === "disputed" ? t("customer_disputed") : null;
}

/** What is ahead is no story: instants after now are left out. */
export function promiseEntries(p: PromiseView, caseNumber: string | undefined): StoryEntry[] {
    const kind = codeWords(p.kind);
    const href = caseNumber ? caseAddress(caseNumber, p.promise_number) : undefined;
    const entries: StoryEntry[] = [];
    if (p.made_us !== undefined)
        entries.push({
            at: p.made_us,
            kind: "promises",
            title: t("promise_made", { kind }),
            href,
            notes: [
                p.due_us === undefined ? null : t("promise_due", { time: instant(p.due_us) }),
                p.replaces ? t("promise_replaced", { number: p.replaces }) : null,
                p.promise_number ?? null,
            ],
        });
    for (const ending of endingsOf(p, kind))
        if (ending.at !== undefined && ending.at <= nowUs())
            entries.push({
                at: ending.at,
                kind: "promises",
                title: ending.title,
                href,
                tone: ending.tone,
                notes: [...ending.notes, wordOfCustomer(p), p.promise_number ?? null],
            });
    return entries;
}

/* ---- calls, answers, purchases */

export function callEntry(c: CallView): StoryEntry | null {
    const at = c.started_us ?? c.ordered_us;
    if (at === undefined) return null;
    const title = c.outcome
        ? t("call", { outcome: codeWords(c.outcome) })
        : t("call_open", { state: codeWords(c.state) });
    const who = c.by?.replace(/^(person|dialer)\//, "");
    const number = c.follow_up_number ?? "";
    return {
        at,
        kind: "calls",
        title,
        tone: c.state === "unknown" ? "bad" : "plain",
        notes: [
            number ? t("call_for", { number, n: c.attempt ?? 1 }) : null,
            who ? t("call_by", { who }) : null,
        ],
    };
}

/** Answers that are low by the company's own limits: CSAT 2, NPS 6, CES 3 or less. */
const lowest: Record<string, number> = { csat: 2, nps: 6, ces: 3 };

function servqualGap(a: AnswerView): { gap: number; n: number } | null {
    const gaps = (a.items ?? []).flatMap((item) =>
        item.expectation === undefined || item.perception === undefined
            ? []
            : [item.perception - item.expectation],
    );
    if (gaps.length === 0) return null;
    return { gap: gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length, n: gaps.length };
}

export function answerTitle(a: AnswerView): string {
    const instrument = codeWords(a.question || a.instrument);
    const gap = servqualGap(a);
    if (gap) return t("answer_gap", { instrument, gap: number(gap.gap, 2), n: gap.n });
    return t("answer", { instrument, value: a.value === undefined ? "–" : number(a.value) });
}

export function isLowAnswer(a: AnswerView): boolean {
    const limit = lowest[a.instrument ?? ""];
    return limit !== undefined && a.value !== undefined && a.value <= limit;
}

export function answerEntry(a: AnswerView, isOfCase: boolean): StoryEntry | null {
    if (a.at_us === undefined) return null;
    return {
        at: a.at_us,
        kind: "answers",
        title: answerTitle(a),
        href: !isOfCase && a.case_number ? caseAddress(a.case_number) : undefined,
        tone: isLowAnswer(a) ? "bad" : "plain",
        notes: [isOfCase ? null : (a.case_number ?? null), a.follow_up_number ?? null],
    };
}

export function purchaseEntry(p: PurchaseView): StoryEntry | null {
    if (p.at_us === undefined) return null;
    return {
        at: p.at_us,
        kind: "purchases",
        title: p.is_refund ? t("refund") : t("purchase"),
        notes: [
            p.amount_minor === undefined ? null : money(p.amount_minor, p.currency),
            p.product ?? null,
            p.branch ?? null,
        ],
    };
}

export function moveEntry(move: IndexMove): StoryEntry | null {
    const { at_us: at, before = 0, after = 0 } = move;
    if (at === undefined) return null;
    const fill = { before: number(before, 1), after: number(after, 1) };
    return {
        at,
        kind: "score",
        title: after < before ? t("score_fell", fill) : t("score_rose", fill),
        tone: after < before ? "bad" : "good",
        notes: [move.reason ? t("score_reason", { reason: codeWords(move.reason) }) : null],
    };
}

/* ---- a whole case */

function historyEntry(line: CaseHistory): StoryEntry | null {
    if (line.at_us === undefined) return null;
    return {
        at: line.at_us,
        kind: line.what?.startsWith("promise_") ? "promises" : "cases",
        title: codeWords(line.what),
        notes: [line.staff ? t("by", { staff: line.staff }) : null],
        tone: line.what === "reopened" || line.what === "promise_disputed" ? "warn" : "plain",
    };
}

function expectationEntry(x: ExpectationView): StoryEntry | null {
    if (x.at_us === undefined) return null;
    return {
        at: x.at_us,
        kind: "contacts",
        title: t("expectation"),
        notes: [
            x.expected_us === undefined
                ? null
                : t("expectation_by", { time: instant(x.expected_us) }),
        ],
    };
}

function compensationEntry(c: CompensationView): StoryEntry | null {
    if (c.at_us === undefined) return null;
    return {
        at: c.at_us,
        kind: "promises",
        title: t("compensation", { kind: codeWords(c.kind) }),
        notes: [c.amount_minor === undefined ? null : money(c.amount_minor, c.currency)],
    };
}

function present(entries: (StoryEntry | null)[]): StoryEntry[] {
    return entries.filter((entry): entry is StoryEntry => entry !== null);
}

/** However the service has them. */
function oldestFirst(history: CaseHistory[]): CaseHistory[] {
    const first = history[0]?.at_us ?? 0;
    const last = history[history.length - 1]?.at_us ?? 0;
    return first > last ? [...history].reverse() : history;
}

/** The page of a case: its history, and what stands in lists of their own instead of it. */
export function caseStory(c: CaseView): StoryEntry[] {
    const hasContacts = (c.contacts?.length ?? 0) > 0;
    const told = new Set(hasContacts ? ["contact", "machine"] : []);
    if ((c.expectations?.length ?? 0) > 0) told.add("expectation");
    const history = (c.history ?? []).filter((line) => !told.has(line.what ?? ""));
    // Of one instant the later has to stay the newer.
    return present([
        ...(c.contacts ?? []).map((contact) => contactEntry(contact, true)),
        ...oldestFirst(history).map(historyEntry),
        ...(c.expectations ?? []).map(expectationEntry),
        ...(c.compensations ?? []).map(compensationEntry),
        ...(c.promises ?? []).flatMap((p) => promiseEntries(p, c.case_number)),
        ...(c.calls ?? []).map(callEntry),
        ...(c.answers ?? []).map((answer) => answerEntry(answer, true)),
    ]);
}

/** A case in the story of its customer: without its history. */
export function caseEntries(c: CaseView): StoryEntry[] {
    const number = c.case_number ?? "";
    const href = link(["case", number]);
    const about = [codeWords(c.kind), c.category, c.branch].filter(Boolean).join(", ");
    const at = (
        us: number | undefined,
        title: string,
        tone: Tone,
        note: string,
    ): StoryEntry | null =>
        us === undefined ? null : { at: us, kind: "cases", title, href, tone, notes: [note] };
    return present([
        at(c.opened_us, t("opened", { number }), c.kind === "complaint" ? "warn" : "plain", about),
        at(c.first_response_us, t("first_response"), "plain", number),
        at(c.resolved_us, t("resolved"), "good", number),
        ...(c.promises ?? []).flatMap((p) => promiseEntries(p, c.case_number)),
    ]);
}

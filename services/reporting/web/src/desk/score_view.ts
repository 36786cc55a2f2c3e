// SPDX-License-Identifier: Apache-2.0
// A loyalty score that explains itself: why it moved, what it is made of with bars to scale, and the
// events behind each part, each leading to its case.

import { h, type Child } from "../base/dom";
import { instant, money, number, share, shortInstant } from "../base/format";
import { badge } from "../ui/tile";
import { codeWords } from "../words/codes";
import { customerWords as t } from "../words/customer";
import { caseAddress, facts, none, section, stateBadge } from "./parts";
import { drawing, shape } from "./svg";
import type { Contribution, Evidence, IndexMove, Score } from "./types";

/** The case of a promise by its number: what evidence about a promise leads to. */
export type CaseOfPromise = (promise: string) => string | undefined;

/* ---- evidence */

function subjectLink(e: Evidence, caseOf: CaseOfPromise): Child {
    const subject = e.subject ?? "";
    if (subject.startsWith("C-"))
        return h("a", { class: "code", href: caseAddress(subject) }, subject);
    const of = subject.startsWith("P-") ? caseOf(subject) : undefined;
    if (of) return h("a", { class: "code", href: caseAddress(of, subject) }, subject);
    return subject ? h("span", { class: "code" }, subject) : null;
}

const moneyKinds = new Set(["purchase", "refund"]);

function valueWords(e: Evidence, currency: string | undefined): string | null {
    if (e.value === undefined) return null;
    if (moneyKinds.has(e.kind ?? "")) return money(e.value, currency);
    return t("evidence_value", { value: number(e.value, Number.isInteger(e.value) ? 0 : 2) });
}

function evidenceItem(
    e: Evidence,
    caseOf: CaseOfPromise,
    currency: string | undefined,
): HTMLElement {
    const notes = [
        valueWords(e, currency),
        e.weight === undefined ? null : t("evidence_weight", { weight: number(e.weight, 2) }),
    ].filter(Boolean);
    return h(
        "li",
        null,
        h("span", { class: "muted" }, shortInstant(e.at_us)),
        " ",
        codeWords(e.kind),
        " ",
        subjectLink(e, caseOf),
        notes.length > 0
            ? h("span", { class: "muted", title: e.event }, " · ", notes.join(" · "))
            : null,
    );
}

export function evidenceList(
    evidence: Evidence[],
    caseOf: CaseOfPromise,
    currency?: string,
): HTMLElement {
    return h(
        "ul",
        { class: "work-plain", role: "list" },
        evidence.map((e) => evidenceItem(e, caseOf, currency)),
    );
}

/* ---- bars */

const barWidth = 400;
const barHeight = 16;
const leastWidth = 2;

/** The points of a full side: what the widest of them can be. Where everybody starts is no bar. */
export function scaleOf(contributions: Contribution[]): number {
    let scale = 1;
    for (const { points_min: least = 0, points_max: most = 0 } of contributions)
        if (least < most) scale = Math.max(scale, Math.abs(least), Math.abs(most));
    return scale;
}

function sideBar(name: string, from: number, to: number, scale: number): SVGElement {
    const place = (points: number): number =>
        barWidth / 2 + (Math.max(-scale, Math.min(scale, points)) / scale) * (barWidth / 2);
    const x = Math.min(place(from), place(to));
    const width = Math.max(Math.abs(place(to) - place(from)), leastWidth);
    const inset = name === "bar-range" ? 0 : 3;
    return shape("rect", { class: name, x, y: inset, width, height: barHeight - 2 * inset });
}

function bar(c: Contribution, scale: number): Child {
    const { points = 0, points_min: least = 0, points_max: most = 0 } = c;
    if (least >= most) return null;
    const label = t("bar_label", {
        name: codeWords(c.name),
        points: number(points, 1),
        min: number(least, 0),
        max: number(most, 0),
    });
    return drawing(barWidth, barHeight, label, [
        sideBar("bar-range", least, most, scale),
        ...(points === 0 ? [] : [sideBar(points < 0 ? "bar-bad" : "bar-good", 0, points, scale)]),
        shape("rect", {
            class: "bar-line",
            x: barWidth / 2 - 0.75,
            y: 0,
            width: 1.5,
            height: barHeight,
        }),
    ]);
}

function signed(points: number): string {
    return (points < 0 ? "−" : "+") + number(Math.abs(points), 1);
}

function contributionItem(
    c: Contribution,
    scale: number,
    caseOf: CaseOfPromise,
    s: Score,
): HTMLElement {
    const evidence = c.evidence ?? [];
    return h(
        "li",
        { class: "contribution" },
        h("span", { class: "contribution-name" }, codeWords(c.name)),
        h(
            "span",
            { class: `contribution-points ${(c.points ?? 0) < 0 ? "text-bad" : ""}` },
            signed(c.points ?? 0),
        ),
        h("span", { class: "contribution-bar" }, bar(c, scale)),
        h(
            "div",
            { class: "contribution-because" },
            h("p", null, c.because ?? ""),
            evidence.length === 0
                ? null
                : h(
                      "details",
                      { class: "work-more", "data-key": `evidence-${c.name}` },
                      h("summary", null, t("evidence", { n: evidence.length })),
                      evidenceList(evidence, caseOf, s.currency),
                  ),
        ),
    );
}

/* ---- why it moved */

/** All evidence of a score by the event that brought it. */
function byEvent(score: Score): Map<string, Evidence> {
    const found = new Map<string, Evidence>();
    for (const c of score.contributions ?? [])
        for (const e of c.evidence ?? []) if (e.event) found.set(e.event, e);
    for (const e of score.complaints ?? [])
        if (e.event && !found.has(e.event)) found.set(e.event, e);
    return found;
}

function moveItem(
    move: IndexMove,
    evidence: Evidence | undefined,
    caseOf: CaseOfPromise,
): HTMLElement {
    const { before = 0, after = 0 } = move;
    return h(
        "li",
        { class: "move" },
        badge(signed(after - before), after < before ? "bad" : "good"),
        h(
            "div",
            null,
            h(
                "p",
                null,
                h("strong", null, codeWords(move.reason)),
                evidence
                    ? [" · ", codeWords(evidence.kind), " ", subjectLink(evidence, caseOf)]
                    : null,
            ),
            h(
                "p",
                { class: "muted story-note" },
                `${number(before, 1)} → ${number(after, 1)} · ${instant(move.at_us)}`,
                evidence || !move.event ? null : ` · ${t("log_place", { event: move.event })}`,
            ),
        ),
    );
}

function movesSection(score: Score, caseOf: CaseOfPromise): HTMLElement {
    const moves = score.history ?? [];
    const evidence = byEvent(score);
    return section(
        t("why_moved"),
        { id: "moves", note: moves.length > 0 ? t("why_moved_note") : undefined },
        moves.length === 0
            ? none(t("moved_none"))
            : h(
                  "ul",
                  { class: "moves", role: "list" },
                  moves.map((move) => moveItem(move, evidence.get(move.event ?? ""), caseOf)),
              ),
    );
}

/* ---- the score */

function satisfied(s: Score): string | null {
    const parts: string[] = [];
    if (s.csat_mean !== undefined)
        parts.push(t("satisfied_csat", { mean: number(s.csat_mean, 2), n: s.csat_count ?? 0 }));
    if (s.nps !== undefined)
        parts.push(t("satisfied_nps", { nps: number(s.nps, 0), n: s.nps_count ?? 0 }));
    return parts.join("; ") || null;
}

function valueFact(s: Score): string | null {
    const parts: string[] = [];
    if (s.expected_purchases !== undefined)
        parts.push(t("value_expected", { n: number(s.expected_purchases, 1) }));
    if (s.expected_value_minor !== undefined)
        parts.push(t("value_worth", { money: money(s.expected_value_minor, s.currency) }));
    if (s.alive !== undefined) parts.push(t("value_alive", { share: share(s.alive, 0) }));
    if (s.rfm) parts.push(`RFM ${s.rfm}`);
    return parts.join(", ") || null;
}

function scoreFacts(s: Score): HTMLElement {
    return facts([
        [t("tier"), s.tier ? badge(codeWords(s.tier)) : null],
        [
            t("trust"),
            s.trust === undefined
                ? null
                : t("trust_words", {
                      trust: share(s.trust, 0),
                      uncertainty: number(s.trust_uncertainty, 2),
                      kept: number(s.promises_kept ?? 0),
                      broken: number(s.promises_broken ?? 0),
                  }),
        ],
        [
            t("churn"),
            s.churn_level
                ? [stateBadge(s.churn_level), " ", s.churn_because ?? share(s.churn, 0)]
                : null,
        ],
        [t("satisfied"), satisfied(s)],
        [t("value"), valueFact(s)],
    ]);
}

/** The index with its parts, and why it moved. */
export function scoreSections(s: Score, caseOf: CaseOfPromise): HTMLElement[] {
    const contributions = s.contributions ?? [];
    const scale = scaleOf(contributions);
    const made = section(
        t("score"),
        { id: "score" },
        h(
            "p",
            { class: "index" },
            h("span", { class: "index-n" }, number(s.index, 1)),
            h(
                "span",
                { class: "muted" },
                ` ${t("index", { n: "" }).trim()} · ${t("as_of", { time: instant(s.as_of_us) })}`,
            ),
        ),
        scoreFacts(s),
        h("h3", null, t("made_of")),
        h("p", { class: "muted work-note" }, t("made_of_note")),
        h(
            "ul",
            { class: "contributions", role: "list" },
            contributions.map((c) => contributionItem(c, scale, caseOf, s)),
            h(
                "li",
                { class: "contribution is-sum" },
                h("span", { class: "contribution-name" }, t("sum")),
                h("span", { class: "contribution-points" }, number(s.index, 1)),
            ),
        ),
        (s.complaints ?? []).length === 0
            ? null
            : h(
                  "details",
                  { class: "work-more", "data-key": "complaints" },
                  h("summary", null, t("complaints")),
                  evidenceList(s.complaints ?? [], caseOf),
              ),
    );
    return [movesSection(s, caseOf), made];
}

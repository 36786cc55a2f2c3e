// SPDX-License-Identifier: Apache-2.0
// What needs a person now. Each line leads to its case in one click; what is asked beside it (scores
// that fell, late branches, improvements) fills in on its own, so that a slow or missing part never
// holds up the rest.

import { get, may, nowUs, send } from "../base/api";
import { fill, h, type Child } from "../base/dom";
import { day, instant, number, share, shortInstant, timeZone, duration } from "../base/format";
import { whenChanged } from "../base/live";
import { link, type Page, type PageContext } from "../base/router";
import { codeWords, reasonWords } from "../words/codes";
import { todayWords as t } from "../words/today";
import { branchNames } from "../desk/branches";
import { readRuleNames, ruleWords } from "../desk/names";
import { select } from "../ui/form";
import { badge, tile, tiles, type Tone } from "../ui/tile";
import { toast } from "../ui/toast";
import { line, lines, load, none, section, stateBadge, subjectAddress } from "../desk/parts";
import { fallenSection, fixSection, lateSection } from "../desk/today_questions";
import type {
    EarlyWarning,
    FigureDifference,
    Today,
    TodayPromise,
    WorklistEntry,
} from "../desk/types";

const shownAtFirst = 8;

/* ---- lines */

/** A number is read out as a whole. */
function unbroken(number: string | undefined): HTMLElement {
    return h("span", { class: "code" }, number ?? "");
}

function promiseSide(p: TodayPromise): Child {
    return [
        p.branch ? h("span", null, p.branch) : null,
        p.priority ? badge(`P${p.priority}`, p.priority === 1 ? "bad" : "plain") : null,
        p.state === "at_risk" ? stateBadge(p.state) : null,
    ];
}

/** "call back C-70273-7", and below it when it is due and, while it is open, how likely it is kept. */
function promiseMain(p: TodayPromise, isOpen: boolean): [Child, Child] {
    const due = t("due_at", { time: shortInstant(p.due_us) });
    const chance =
        !isOpen || p.chance === undefined ? "" : ` · ${t("chance", { n: share(p.chance, 0) })}`;
    return [[h("strong", null, codeWords(p.kind)), " ", unbroken(p.case_number)], due + chance];
}

function dueLine(p: TodayPromise, now: number): HTMLElement {
    const left = (p.due_us ?? now) - now;
    const words = left > 0 ? t("due_in", { time: duration(left) }) : t("due_now");
    const address = subjectAddress(p.case_number, p.customer_number, p.promise_number);
    return line(address, words, promiseMain(p, true), promiseSide(p));
}

function overdueLine(p: TodayPromise, now: number): HTMLElement {
    const late = t("overdue_by", { time: duration(Math.max(0, now - (p.due_us ?? now))) });
    const address = subjectAddress(p.case_number, p.customer_number, p.promise_number);
    return line(
        address,
        h("span", { class: "text-bad" }, late),
        promiseMain(p, false),
        promiseSide(p),
    );
}

function followUpLine(e: WorklistEntry, isUnknown: boolean): HTMLElement {
    return line(
        subjectAddress(e.case_number, e.customer_number),
        shortInstant(e.due_us),
        [
            [
                h("strong", null, e.rule_words || ruleWords(e.rule)),
                " ",
                unbroken(e.case_number ?? e.customer_number),
            ],
            reasonWords(e.reason),
        ],
        isUnknown ? badge(t("call_unknown"), "bad") : stateBadge(e.state),
    );
}

/* ---- sections */

/** The first lines; the rest behind a summary, which needs no script. */
function folded<R>(key: string, rows: R[], make: (row: R) => HTMLElement): Child {
    const rest = rows.slice(shownAtFirst);
    return [
        lines(rows.slice(0, shownAtFirst).map(make)),
        rest.length === 0
            ? null
            : h(
                  "details",
                  { class: "work-more", "data-key": key },
                  h("summary", null, t("more", { n: rest.length })),
                  lines(rest.map(make)),
              ),
    ];
}

interface List<R> {
    id: string;
    title: string;
    note: string;
    none: string;
    tone: "warn" | "bad";
    rows: R[] | undefined;
    count: number | undefined;
    make: (row: R) => HTMLElement;
    actions?: Child;
}

function listSection<R>(list: List<R>): HTMLElement {
    const rows = list.rows ?? [];
    // What comes after the next day is listed, too, and is not in the service's count.
    const count = Math.max(list.count ?? 0, rows.length);
    const isEmpty = rows.length === 0;
    return section(
        list.title,
        {
            id: list.id,
            count,
            tone: count > 0 ? list.tone : "good",
            note: isEmpty ? undefined : list.note,
            actions: list.actions,
        },
        isEmpty ? none(list.none) : folded(list.id, rows, list.make),
    );
}

function promiseSections(today: Today, now: number, branch: string): HTMLElement[] {
    const all = (list: string): HTMLElement =>
        h("a", { href: link("cases", { list, branch }) }, t("all_cases"));
    return [
        listSection({
            id: "due",
            title: t("due_title"),
            note: t("due_note"),
            none: t("due_none"),
            tone: "warn",
            rows: today.due_next,
            count: today.due_next_count,
            make: (p) => dueLine(p, now),
            actions: all("due_next"),
        }),
        listSection({
            id: "overdue",
            title: t("overdue_title"),
            note: t("overdue_note"),
            none: t("overdue_none"),
            tone: "bad",
            rows: today.overdue,
            count: today.overdue_count,
            make: (p) => overdueLine(p, now),
            actions: all("broken"),
        }),
    ];
}

function callSection(today: Today): HTMLElement {
    const unknown = new Set(today.unknown_calls ?? []);
    const rows = [...unknown, ...(today.listed ?? [])];
    return listSection({
        id: "call",
        title: t("call_title"),
        note: t("call_note"),
        none: t("call_none"),
        tone: "warn",
        rows,
        count: (today.unknown_call_count ?? 0) + (today.listed_count ?? 0),
        make: (e) => followUpLine(e, unknown.has(e)),
        actions: may("agent")
            ? h(
                  "a",
                  { class: "button primary", href: link("follow-ups", { take: 1 }) },
                  t("call_take"),
              )
            : h("a", { href: link("follow-ups") }, t("call_all")),
    });
}

function missedSection(today: Today): HTMLElement {
    return listSection({
        id: "missed",
        title: t("missed_title"),
        note: t("missed_note"),
        none: t("missed_none"),
        tone: "bad",
        rows: today.missed_follow_ups,
        count: today.missed_follow_up_count,
        make: (e) => followUpLine(e, false),
        actions: h("a", { href: link("follow-ups", { state: "missed" }) }, t("call_all")),
    });
}

/* ---- early warnings and figures that differ */

function warningLine(w: EarlyWarning): HTMLElement {
    const address = link("cases", {
        list: "opened",
        from: w.day,
        to: w.day,
        ...(w.dimension && w.value ? { [w.dimension]: w.value } : {}),
        contact_kind: w.measure === "complaints" ? "complaint" : undefined,
    });
    const counts = t("warning_counts", {
        count: number(w.count),
        measure: codeWords(w.measure),
        mean: number(w.mean, 1),
        deviation: number(w.deviation, 1),
    });
    const item = line(
        address,
        day(w.day),
        [[h("strong", null, w.value ?? ""), " ", codeWords(w.dimension)], counts],
        (w.detectors ?? []).map((d) => badge(d, "warn")),
    );
    if (may("manager")) item.append(seenButton(w, item));
    return item;
}

function seenButton(w: EarlyWarning, item: HTMLElement): HTMLElement {
    const label = t("warning_seen_label", { value: w.value ?? "", day: day(w.day) });
    const button = h(
        "button",
        { class: "button", type: "button", "aria-label": label },
        t("warning_seen"),
    );
    const seen = async (): Promise<void> => {
        button.disabled = true;
        try {
            const { day: on, dimension, value, measure } = w;
            await send("POST", "/v1/warnings/seen", { day: on, dimension, value, measure });
            item.remove();
            toast(t("warning_done"));
        } catch (error) {
            button.disabled = false;
            toast(error);
        }
    };
    button.addEventListener("click", () => void seen());
    return button;
}

function warningSection(today: Today): HTMLElement {
    return listSection({
        id: "warnings",
        title: t("warning_title"),
        note: t("warning_note"),
        none: t("warning_none"),
        tone: "warn",
        rows: today.warnings,
        count: today.warning_count,
        make: (w) => warningLine(w),
    });
}

function differenceLine(d: FigureDifference): HTMLElement {
    return line(
        link("cases", { list: "opened", from: d.day, to: d.day, branch: d.branch }),
        day(d.day),
        [h("strong", null, codeWords(d.figure)), d.branch],
        t("difference_counts", { counted: number(d.counted), facts: number(d.facts) }),
    );
}

/** Only when there are any: that figures are right needs no section. */
function differenceSection(today: Today): HTMLElement | null {
    const rows = today.differences ?? [];
    if (rows.length === 0) return null;
    return listSection({
        id: "differences",
        title: t("difference_title"),
        note: t("difference_note"),
        none: "",
        tone: "bad",
        rows,
        count: rows.length,
        make: differenceLine,
    });
}

/* ---- tiles */

/** href: another page, or "#id" of a section of this one. */
function count(href: string, n: number | undefined, label: string, tone: Tone): HTMLElement {
    const made = tile({ label, value: number(n ?? 0), tone: n ? tone : "plain", href });
    if (href.startsWith("#/")) return made;
    made.addEventListener("click", (event) => {
        // The hash belongs to the router.
        event.preventDefault();
        const place = document.getElementById(href.slice(1));
        place?.scrollIntoView({ block: "start" });
        place?.querySelector<HTMLElement>("a, button, summary")?.focus({ preventScroll: true });
    });
    return made;
}

function counts(today: Today, branch: string): HTMLElement {
    const differences = today.differences?.length ?? 0;
    const open = link("cases", { list: "open", branch });
    return tiles([
        count("#due", today.due_next_count, t("tile_due"), "warn"),
        count("#overdue", today.overdue_count, t("tile_overdue"), "bad"),
        count(open, today.waiting_count, t("tile_waiting"), "plain"),
        count("#call", today.unknown_call_count, t("tile_unknown"), "bad"),
        count("#call", today.listed_count, t("tile_listed"), "warn"),
        count("#missed", today.missed_follow_up_count, t("tile_missed"), "bad"),
        count("#warnings", today.warning_count, t("tile_warnings"), "warn"),
        ...(differences > 0
            ? [count("#differences", differences, t("tile_differences"), "bad")]
            : []),
    ]);
}

/* ---- the page */

function head(today: Today, context: PageContext, branches: string[]): HTMLElement {
    const branch = context.params["branch"] ?? "";
    const options: [string, string][] = [["", t("all_branches")]];
    for (const one of new Set([...branches, ...(branch ? [branch] : [])])) options.push([one, one]);
    const box = select(options, branch, { "aria-label": t("branch") });
    box.addEventListener("change", () => context.change({ branch: box.value }));
    return h(
        "div",
        { class: "work-bar" },
        h(
            "p",
            { class: "muted work-note" },
            t("intro"),
            " ",
            t("as_of", { time: instant(today.now_us ?? nowUs()), zone: timeZone() }),
            today.events_behind ? ` ${t("behind", { n: number(today.events_behind) })}` : null,
        ),
        h("label", { class: "filter-part" }, h("span", { class: "muted" }, t("branch")), box),
    );
}

/** What stays over an update, so that reading is not disturbed: the questions answered beside it. */
interface Held {
    body: HTMLElement;
    side: HTMLElement[];
    branches: string[];
}

async function show(held: Held, context: PageContext): Promise<void> {
    const branch = context.params["branch"] ?? "";
    await load(held.body, async () => {
        const today = await get<Today>("/v1/today", { branch }, context.signal);
        const now = today.now_us ?? nowUs();
        return () => [
            head(today, context, held.branches),
            counts(today, branch),
            h(
                "div",
                { class: "work-grid" },
                h(
                    "div",
                    { class: "work-stack" },
                    promiseSections(today, now, branch),
                    warningSection(today),
                    differenceSection(today),
                    missedSection(today),
                ),
                h("div", { class: "work-stack" }, callSection(today), held.side),
            ),
        ];
    });
}

async function mount(root: HTMLElement, context: PageContext): Promise<void> {
    const branch = context.params["branch"] ?? "";
    const held: Held = {
        body: h("div"),
        side: [
            lateSection(branch, context.signal),
            fallenSection(context.signal),
            fixSection(branch, context.signal),
        ],
        branches: [],
    };
    fill(root, held.body);
    [held.branches] = await Promise.all([branchNames(), readRuleNames()]);
    await show(held, context);
    whenChanged(["today"], context.signal, () => void show(held, context));
}

const page: Page = { title: () => t("title"), mount };
export default page;

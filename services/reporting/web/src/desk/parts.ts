// SPDX-License-Identifier: Apache-2.0
// What the pages where people work are made of, beyond src/ui: sections with a count, lines that
// lead somewhere, states as badges, facts in pairs, tables that become cards on a phone.

import "./work.css";

import { append, fill, h, newId, type Child } from "../base/dom";
import { keepPlace } from "../base/place";
import { nothing } from "../base/format";
import { Newest } from "../base/newest";
import { link } from "../base/router";
import { Stale } from "../ui/stale";
import { errorState, loadingState } from "../ui/state";
import { badge, type Tone } from "../ui/tile";
import { codeWords } from "../words/codes";

export function isAborted(error: unknown): boolean {
    return error instanceof DOMException && error.name === "AbortError";
}

/** What a person has unfolded stays so when it is made anew. */
function keepOpen(root: HTMLElement, change: () => void): void {
    const opened = [...root.querySelectorAll<HTMLDetailsElement>("details[open][data-key]")].map(
        (details) => details.dataset["key"],
    );
    change();
    for (const details of root.querySelectorAll<HTMLDetailsElement>("details[data-key]"))
        if (opened.includes(details.dataset["key"])) details.open = true;
}

interface Place {
    newest: Newest;
    stale: Stale;
}

const places = new WeakMap<HTMLElement, Place>();

function placeOf(root: HTMLElement): Place {
    const known = places.get(root) ?? { newest: new Newest(), stale: new Stale(root) };
    places.set(root, known);
    return known;
}

/**
 * Fills root with what make returns (a function, when parts that stand there already are taken over:
 * whoever is at one of them stays there); says meanwhile that it loads; offers to try again. What stands
 * there already stays when it cannot be made anew, if it is what was asked: question says what that
 * is, where one place shows now this, now that.
 */
export async function load(
    root: HTMLElement,
    make: () => Promise<Child | (() => Child)>,
    question = "",
): Promise<void> {
    const { newest, stale } = placeOf(root);
    const isNewest = newest.ask();
    if (!root.hasChildNodes()) fill(root, loadingState());
    root.setAttribute("aria-busy", "true");
    try {
        const content = await make();
        if (!isNewest()) return;
        const show = typeof content === "function" ? content : (): Child => content;
        keepPlace(root, () => keepOpen(root, () => fill(root, show())));
        stale.shows(question);
    } catch (error) {
        if (isAborted(error) || !isNewest()) return;
        const again = (): void => {
            fill(root);
            void load(root, make, question);
        };
        if (!stale.keeps(question, error)) fill(root, errorState(error, again));
    }
    root.removeAttribute("aria-busy");
}

export interface SectionOptions {
    id?: string;
    count?: number;
    tone?: Tone;
    note?: string;
    actions?: Child;
}

/** A card whose heading tells how many there are. */
export function section(title: string, options: SectionOptions, ...children: Child[]): HTMLElement {
    const heading = newId("heading");
    const { count, tone = "plain" } = options;
    return h(
        "section",
        { class: "card", id: options.id, "aria-labelledby": heading },
        h(
            "div",
            { class: "card-head" },
            h(
                "h2",
                { id: heading },
                title,
                count === undefined
                    ? null
                    : [" ", h("span", { class: `badge tone-${tone}` }, count)],
            ),
            options.actions,
        ),
        options.note ? h("p", { class: "muted work-note" }, options.note) : null,
        children,
    );
}

export function none(words: string): HTMLElement {
    return h("p", { class: "muted work-none" }, words);
}

const stateTones: Record<string, Tone> = {
    at_risk: "warn",
    broken: "bad",
    kept: "good",
    kept_late: "warn",
    renegotiated_late: "warn",
    resolved: "good",
    missed: "bad",
    listed: "warn",
    failed: "bad",
    done: "good",
    complaint: "warn",
    high: "bad",
    raised: "warn",
};

/** A state or kind; the colour only repeats what the word says. */
export function stateBadge(code: string | undefined): HTMLElement | null {
    return code ? badge(codeWords(code), stateTones[code] ?? "plain") : null;
}

/** One line of a list, all of it a link: what stands out, what it is with a note below, what else. */
export function line(
    href: string,
    lead: Child,
    main: [what: Child, note?: Child],
    side: Child = null,
): HTMLElement {
    return h(
        "li",
        null,
        h(
            "a",
            { class: "work-line", href },
            h("span", { class: "work-lead" }, lead),
            h(
                "span",
                { class: "work-main" },
                h("span", null, main[0]),
                main[1] ? h("span", { class: "muted work-below" }, main[1]) : null,
            ),
            h("span", { class: "work-side" }, side),
        ),
    );
}

export function lines(items: Child[]): HTMLElement {
    return h("ul", { class: "work-lines", role: "list" }, items);
}

/** Label and value; a pair without a value is left out. */
export function facts(pairs: [label: string, value: Child][]): HTMLElement {
    const list = h("dl", { class: "work-facts" });
    for (const [label, value] of pairs) {
        const isNothing = value === undefined || value === null || value === "" || value === false;
        if (isNothing || (Array.isArray(value) && value.length === 0)) continue;
        append(list, [h("div", null, h("dt", null, label), h("dd", null, value))]);
    }
    return list;
}

/** promise: the one to show first on the page of its case. */
export function caseAddress(number: string, promise?: string): string {
    return link(["case", number], { promise });
}

/** Where a line about a follow-up or promise leads: its case, else its customer. */
export function subjectAddress(
    caseNumber: string | undefined,
    customer: string | undefined,
    promise?: string,
): string {
    if (caseNumber) return caseAddress(caseNumber, promise);
    return customer ? link(["customer", customer]) : link("today");
}

export interface CardColumn<R> {
    label: string;
    isNumber?: boolean;
    cell(row: R): Child;
}

/** A table that is a list of cards where the page is narrow: each cell names its column then. */
export function cardTable<R>(caption: string, columns: CardColumn<R>[], rows: R[]): HTMLElement {
    const align = (column: CardColumn<R>): string | null => (column.isNumber ? "num" : null);
    const cell = (c: CardColumn<R>, row: R): HTMLElement => {
        const content = c.cell(row);
        // A card leaves out what says nothing.
        const isNothing = content === nothing || content === "" || content === null;
        const name = [align(c), isNothing ? "is-nothing" : null].filter(Boolean).join(" ");
        return h(
            "td",
            { "data-label": c.label, class: name || null, role: "cell" },
            h("span", { class: "work-cell" }, content),
        );
    };
    const cells = (row: R): HTMLElement[] => columns.map((c) => cell(c, row));
    const table = h(
        "table",
        { class: "work-table", role: "table" },
        h("caption", { class: "sr-only" }, caption),
        h(
            "thead",
            { role: "rowgroup" },
            h(
                "tr",
                { role: "row" },
                columns.map((c) =>
                    h("th", { scope: "col", role: "columnheader", class: align(c) }, c.label),
                ),
            ),
        ),
        h(
            "tbody",
            { role: "rowgroup" },
            rows.map((row) => h("tr", { role: "row" }, cells(row))),
        ),
    );
    return h("div", { class: "work-table-box" }, table);
}

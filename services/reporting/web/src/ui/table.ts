// SPDX-License-Identifier: Apache-2.0
import { h, type Child } from "../base/dom";
import { ut } from "../words/ui";

export interface Column<R> {
    label: string;
    /** A definition, shown on hover and read out. */
    help?: string;
    isNumber?: boolean;
    cell(row: R): Child;
}

export interface TableSpec<R> {
    /** Says what the table is; hidden when isCaptionHidden. */
    caption: string;
    isCaptionHidden?: boolean;
    columns: Column<R>[];
    rows: R[];
    total?: R;
    testid?: string;
    /** Of a long table the first rows alone are shown, until somebody wants all. */
    fold?: Fold;
}

export interface Fold {
    /** Kept by who makes the table anew, so that it stays unfolded. */
    isOpen: boolean;
}

/** Rows of a folded table; a few more are not worth a button. */
const foldedRows = 10;
const leastHidden = 3;

/** Tells by a class of the frame whether there is more to the right than is seen. */
function markOverflow(box: Element): void {
    const isOver = box.scrollLeft + box.clientWidth < box.scrollWidth - 1;
    box.parentElement?.classList.toggle("has-more", isOver);
    box.parentElement?.classList.toggle("is-wide", box.scrollWidth > box.clientWidth + 1);
}

let widths: ResizeObserver | null = null;

/** The box that scrolls, with a word above it when it does. */
function frame(box: HTMLElement): HTMLElement {
    widths ??= new ResizeObserver((entries) => entries.forEach((one) => markOverflow(one.target)));
    widths.observe(box);
    box.addEventListener("scroll", () => markOverflow(box), { passive: true });
    const hint = h("p", { class: "table-hint muted", "aria-hidden": "true" }, ut("scrollHint"));
    return h("div", { class: "table-frame" }, hint, box);
}

function foldButton(rows: HTMLElement[], fold: Fold): HTMLElement | null {
    if (fold.isOpen || rows.length < foldedRows + leastHidden) return null;
    const hidden = rows.slice(foldedRows);
    for (const row of hidden) row.hidden = true;
    const button = h(
        "button",
        { class: "button small quiet", type: "button", "data-testid": "all-rows" },
        ut("allRows", { n: rows.length }),
    );
    button.addEventListener("click", () => {
        fold.isOpen = true;
        for (const row of hidden) row.hidden = false;
        // Whoever pressed it goes on at the first row that came.
        hidden[0]?.setAttribute("tabindex", "-1");
        hidden[0]?.focus({ preventScroll: true });
        button.remove();
    });
    return button;
}

/** A real table; the first column is the heading of its row. It scrolls sideways by itself. */
export function table<R>(spec: TableSpec<R>): HTMLElement {
    const head = h(
        "tr",
        null,
        spec.columns.map((column) =>
            h(
                "th",
                { scope: "col", class: column.isNumber ? "num" : null, title: column.help },
                column.label,
            ),
        ),
    );
    const line = (row: R, className: string | null): HTMLElement =>
        h(
            "tr",
            { class: className },
            spec.columns.map((column, at) =>
                at === 0
                    ? h("th", { scope: "row" }, column.cell(row))
                    : h("td", { class: column.isNumber ? "num" : null }, column.cell(row)),
            ),
        );
    const rows = spec.rows.map((row) => line(row, null));
    const box = h(
        "div",
        { class: "table-box", role: "group", "aria-label": spec.caption, tabindex: "0" },
        h(
            "table",
            { "data-testid": spec.testid },
            h(
                "caption",
                { class: spec.isCaptionHidden === false ? null : "sr-only" },
                spec.caption,
            ),
            h("thead", null, head),
            h("tbody", null, rows),
            spec.total ? h("tfoot", null, line(spec.total, "total")) : null,
        ),
    );
    const whole = frame(box);
    const button = spec.fold ? foldButton(rows, spec.fold) : null;
    if (button) whole.append(button);
    return whole;
}

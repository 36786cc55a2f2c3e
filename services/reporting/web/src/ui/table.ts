// SPDX-License-Identifier: Apache-2.0
import { h, type Child } from "../base/dom";

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
    return h(
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
            h(
                "tbody",
                null,
                spec.rows.map((row) => line(row, null)),
            ),
            spec.total ? h("tfoot", null, line(spec.total, "total")) : null,
        ),
    );
}

// SPDX-License-Identifier: Apache-2.0
import { h, newId, type Child, type Props } from "../base/dom";

export type Control = HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement;

/** A label above its control, and a hint below. */
export function field(label: string, control: Control, hint: Child = null): HTMLElement {
    if (!control.id) control.id = newId("field");
    const hintId = hint ? newId("hint") : null;
    if (hintId) control.setAttribute("aria-describedby", hintId);
    return h(
        "div",
        { class: "field" },
        h("label", { for: control.id }, label),
        control,
        hint ? h("p", { class: "muted hint", id: hintId }, hint) : null,
    );
}

export function input(type: string, props: Props = {}): HTMLInputElement {
    return h("input", { type, class: "input", ...props });
}

export function textArea(props: Props = {}): HTMLTextAreaElement {
    return h("textarea", { class: "input", rows: "3", ...props });
}

/** options: [value, label]. */
export function select(
    options: readonly (readonly [string, string])[],
    chosen: string,
    props: Props = {},
): HTMLSelectElement {
    const box = h(
        "select",
        { class: "input", ...props },
        options.map(([value, label]) => h("option", { value }, label)),
    );
    box.value = chosen;
    return box;
}

export function checkbox(label: string, isChecked: boolean): [HTMLElement, HTMLInputElement] {
    const box = h("input", { type: "checkbox" });
    box.checked = isChecked;
    return [h("label", { class: "check" }, box, h("span", null, label)), box];
}

// SPDX-License-Identifier: Apache-2.0
import { h, type Child } from "../base/dom";

export type Tone = "good" | "bad" | "warn" | "plain";

export interface TileSpec {
    label: string;
    value: Child;
    /** Below the value: the change, the interval, n. */
    note?: Child;
    tone?: Tone;
    help?: string;
    href?: string;
    testid?: string;
}

/** One figure that is read at a glance. */
export function tile(spec: TileSpec): HTMLElement {
    const inner: Child[] = [
        h("span", { class: "tile-label" }, spec.label),
        h("span", { class: "tile-value" }, spec.value),
        spec.note ? h("span", { class: "tile-note" }, spec.note) : null,
    ];
    const props = {
        class: `tile tone-${spec.tone ?? "plain"}`,
        title: spec.help,
        "data-testid": spec.testid,
    };
    return spec.href ? h("a", { ...props, href: spec.href }, inner) : h("div", props, inner);
}

export function tiles(list: HTMLElement[]): HTMLElement {
    return h("div", { class: "tiles" }, list);
}

/** A word with a ground: a state, a tier, a verdict. */
export function badge(text: string, tone: Tone = "plain"): HTMLElement {
    return h("span", { class: `badge tone-${tone}` }, text);
}

/** A section with a heading and what can be done with it. */
export function card(title: string, actions: Child, ...body: Child[]): HTMLElement {
    return h(
        "section",
        { class: "card", "aria-label": title },
        h("div", { class: "card-head" }, h("h2", null, title), actions),
        body,
    );
}

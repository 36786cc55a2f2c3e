// SPDX-License-Identifier: Apache-2.0
import { h } from "../base/dom";

/** Buttons of which one is pressed: a choice between views. */
export function segments(
    label: string,
    options: readonly (readonly [string, string])[],
    chosen: string,
    choose: (value: string) => void,
): HTMLElement {
    const buttons = options.map(([value, text]) => {
        const button = h(
            "button",
            { type: "button", "aria-pressed": String(value === chosen), "data-value": value },
            text,
        );
        button.addEventListener("click", () => {
            for (const other of buttons)
                other.setAttribute("aria-pressed", String(other === button));
            choose(value);
        });
        return button;
    });
    return h("div", { class: "segments", role: "group", "aria-label": label }, buttons);
}

export interface Tab {
    id: string;
    label: string;
    /** Fills the panel when the tab is first shown. */
    show(panel: HTMLElement): void;
}

/** Tabs after the pattern of ARIA: arrows move, the panel of the chosen one is there. */
export function tabs(
    label: string,
    list: Tab[],
    chosen: string,
    choose: (id: string) => void = () => undefined,
): HTMLElement {
    const panel = h("div", { class: "tab-panel", role: "tabpanel", tabindex: "0" });
    const buttons = list.map((tab) =>
        h(
            "button",
            { type: "button", role: "tab", id: `tab-${tab.id}`, "data-value": tab.id },
            tab.label,
        ),
    );
    const open = (index: number): void => {
        buttons.forEach((button, at) => {
            button.setAttribute("aria-selected", String(at === index));
            button.tabIndex = at === index ? 0 : -1;
        });
        const tab = list[index] as Tab;
        panel.setAttribute("aria-labelledby", `tab-${tab.id}`);
        panel.replaceChildren();
        tab.show(panel);
    };
    buttons.forEach((button, at) => {
        button.addEventListener("click", () => {
            open(at);
            choose((list[at] as Tab).id);
        });
        button.addEventListener("keydown", (event) => {
            const step = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
            if (step === 0) return;
            const next = buttons[
                (at + step + buttons.length) % buttons.length
            ] as HTMLButtonElement;
            next.focus();
            next.click();
        });
    });
    open(
        Math.max(
            0,
            list.findIndex((tab) => tab.id === chosen),
        ),
    );
    const bar = h("div", { class: "tabs", role: "tablist", "aria-label": label }, buttons);
    return h("div", null, bar, panel);
}

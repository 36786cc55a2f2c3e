// SPDX-License-Identifier: Apache-2.0
// Personal data on demand: a note that the view is written down, a button, and the data until it is
// hidden again. It is kept in no address, no storage and no cache, and goes with the page.

import { fill, h, type Child } from "../base/dom";
import { errorState } from "../ui/state";

export interface Disclosure {
    note: string;
    show: string;
    hide: string;
    /** Asks for the data and returns what to show of it. */
    read: () => Promise<Child>;
}

export function disclosure(spec: Disclosure): HTMLElement {
    const body = h("div", { "aria-live": "polite" });
    const button = h("button", { class: "button", type: "button" }, spec.show);
    let isShown = false;
    const hide = (): void => {
        isShown = false;
        fill(body);
        button.textContent = spec.show;
    };
    const show = async (): Promise<void> => {
        button.disabled = true;
        try {
            fill(body, await spec.read());
            isShown = true;
            button.textContent = spec.hide;
        } catch (error) {
            fill(body, errorState(error));
        }
        button.disabled = false;
    };
    button.addEventListener("click", () => {
        if (isShown) hide();
        else void show();
    });
    return h(
        "div",
        { class: "disclosure" },
        h("p", { class: "muted work-note" }, spec.note),
        button,
        body,
    );
}

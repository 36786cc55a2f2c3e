// SPDX-License-Identifier: Apache-2.0
import { h } from "../base/dom";
import { errorText } from "./state";

let shelf: HTMLElement | null = null;

/** Says in passing that something was done; an error stays until it is clicked away. */
export function toast(what: unknown): void {
    const isError = typeof what !== "string";
    if (!shelf?.isConnected) {
        shelf = h("div", { class: "toasts", role: "status", "aria-live": "polite" });
        document.body.append(shelf);
    }
    const note = h(
        "button",
        { class: isError ? "toast is-error" : "toast", type: "button" },
        typeof what === "string" ? what : errorText(what),
    );
    note.addEventListener("click", () => note.remove());
    shelf.append(note);
    if (!isError) setTimeout(() => note.remove(), 5000);
}

// SPDX-License-Identifier: Apache-2.0
// What a place says when it has nothing, waits, or failed.
import { ApiError } from "../base/api";
import { h, type Child } from "../base/dom";
import { pick } from "../base/i18n";
import { uiWords, ut } from "../words/ui";

export function emptyState(title: string, hint: Child = null): HTMLElement {
    return h(
        "div",
        { class: "state" },
        h("p", { class: "state-title" }, title),
        hint ? h("p", { class: "muted" }, hint) : null,
    );
}

export function loadingState(): HTMLElement {
    return h("div", { class: "state is-loading", role: "status" }, ut("loading"));
}

export function errorText(error: unknown): string {
    if (!(error instanceof ApiError)) return ut("error", { code: String(error) });
    const known = (uiWords as Record<string, readonly [string, string]>)[`error.${error.code}`];
    if (known) return pick(known);
    return error.message && error.message !== error.code
        ? error.message
        : ut("error", { code: error.code });
}

export function errorState(error: unknown, retry?: () => void): HTMLElement {
    return h(
        "div",
        { class: "state is-error", role: "alert" },
        h("p", { class: "state-title" }, errorText(error)),
        retry
            ? h("button", { class: "button", type: "button", on: { click: retry } }, ut("retry"))
            : null,
    );
}

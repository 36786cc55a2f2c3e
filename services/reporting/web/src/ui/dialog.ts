// SPDX-License-Identifier: Apache-2.0
// A modal by the browser's own <dialog>: it keeps the focus inside and gives it back.
import { h, newId, type Child } from "../base/dom";
import { ut } from "../words/ui";
import { errorText } from "./state";

export interface DialogSpec {
    title: string;
    body: Child[];
    /** Label of the button that submits; unset: "Save". */
    action?: string;
    /** Unset: nothing to submit, only to close. What it throws is shown and the dialog stays. */
    submit?: () => Promise<void>;
    isWide?: boolean;
}

export function openDialog(spec: DialogSpec): HTMLDialogElement {
    const id = newId("dialog");
    const message = h("p", { class: "form-error", role: "alert" });
    const submit = spec.submit
        ? h("button", { class: "button primary", type: "submit" }, spec.action ?? ut("save"))
        : null;
    const cancel = h("button", { class: "button", type: "button" });
    cancel.textContent = spec.submit ? ut("cancel") : ut("close");
    const form = h(
        "form",
        { class: "dialog-form" },
        h("h2", { id }, spec.title),
        h("div", { class: "dialog-body" }, spec.body),
        message,
        h("div", { class: "dialog-actions" }, cancel, submit),
    );
    const dialog = h(
        "dialog",
        { class: spec.isWide ? "dialog is-wide" : "dialog", "aria-labelledby": id },
        form,
    );
    cancel.addEventListener("click", () => dialog.close());
    dialog.addEventListener("close", () => dialog.remove());
    form.addEventListener("submit", (event) => {
        event.preventDefault();
        if (!spec.submit || !submit) return;
        submit.disabled = true;
        message.textContent = "";
        spec.submit()
            .then(() => dialog.close())
            .catch((error: unknown) => {
                message.textContent = errorText(error);
                submit.disabled = false;
            });
    });
    document.body.append(dialog);
    dialog.showModal();
    return dialog;
}

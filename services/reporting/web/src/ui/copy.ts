// SPDX-License-Identifier: Apache-2.0
import { h, icon, type Child } from "../base/dom";
import { link } from "../base/router";
import { ut } from "../words/ui";
import { toast } from "./toast";

/** A number that people read out or paste elsewhere, with a button that copies it. */
export function copyable(text: string, shown: Child = text): HTMLElement {
    const button = h(
        "button",
        {
            class: "copy",
            type: "button",
            "aria-label": ut("copy", { what: text }),
            title: ut("copy", { what: text }),
        },
        icon("M9 9h10v11H9zM5 15V4h10"),
    );
    button.addEventListener("click", () => {
        navigator.clipboard
            .writeText(text)
            .then(() => toast(ut("copied")))
            .catch(toast);
    });
    return h("span", { class: "copyable" }, shown, button);
}

export function caseLink(number: string | undefined): Child {
    return number ? h("a", { class: "code", href: link(["case", number]) }, number) : "–";
}

export function customerLink(number: string | undefined): Child {
    return number ? h("a", { class: "code", href: link(["customer", number]) }, number) : "–";
}

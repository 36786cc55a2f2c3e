// SPDX-License-Identifier: Apache-2.0
// The link to the customer's progress page: a manager makes one, copies it, revokes them all.

import { send } from "../base/api";
import { fill, h } from "../base/dom";
import { instant } from "../base/format";
import { openDialog } from "../ui/dialog";
import { field, input } from "../ui/form";
import { toast } from "../ui/toast";
import { caseWords as t } from "../words/case";
import { section } from "./parts";

const usualDays = 30;
const mostDays = 30;

interface Link {
    url?: string;
    expires_us?: number;
}

/** The address is shown in a box that can be selected: not every browser lets scripts copy. */
function shown(link: Link): HTMLElement {
    const address = link.url ?? "";
    const box = input("text", {
        value: address,
        readonly: true,
        "aria-label": t("link"),
        class: "input code",
    });
    const copy = h("button", { class: "button", type: "button" }, t("link_copy"));
    copy.addEventListener("click", () => {
        box.select();
        navigator.clipboard
            .writeText(address)
            .then(() => toast(t("link_copied")))
            .catch(() => document.execCommand("copy"));
    });
    return h(
        "div",
        { class: "link-made" },
        h("p", { role: "status" }, t("link_made", { time: instant(link.expires_us) })),
        h("div", { class: "work-row" }, box, copy),
    );
}

export function linkSection(caseNumber: string): HTMLElement {
    const path = `/v1/cases/${encodeURIComponent(caseNumber)}/link`;
    const made = h("div");
    const days = input("number", { min: 1, max: mostDays, value: usualDays, required: true });
    const make = h("button", { class: "button", type: "submit" }, t("link_make"));
    const revoke = h("button", { class: "button", type: "button" }, t("link_revoke"));
    const form = h("form", { class: "work-row" }, field(t("link_days"), days), make, revoke);
    form.addEventListener("submit", (event) => {
        event.preventDefault();
        make.disabled = true;
        send<Link>("POST", path, { days: Number(days.value) })
            .then((link) => fill(made, shown(link)))
            .catch(toast)
            .finally(() => {
                make.disabled = false;
            });
    });
    revoke.addEventListener("click", () => {
        openDialog({
            title: t("link_revoke"),
            body: [h("p", null, t("link_revoke_sure"))],
            action: t("link_revoke"),
            submit: async () => {
                await send("DELETE", path);
                fill(made);
                toast(t("link_revoked"));
            },
        });
    });
    return section(t("link"), { id: "link", note: t("link_note") }, form, made);
}

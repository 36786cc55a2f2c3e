// SPDX-License-Identifier: Apache-2.0
// What was said and written about a case: read on demand, and every reading is written down.

import { may, send } from "../base/api";
import { h, type Child } from "../base/dom";
import { instant, number } from "../base/format";
import { caseWords as t } from "../words/case";
import { codeWords } from "../words/codes";
import { disclosure } from "./disclosure";
import { section } from "./parts";
import type { DisclosedText } from "./types";

function textItem(one: DisclosedText): HTMLElement {
    // "dir": a text may be in any script; line breaks are the customer's own.
    return h(
        "li",
        null,
        h("p", { class: "muted" }, codeWords(one.field), " · ", instant(one.at_us)),
        h("p", { class: "text-body", dir: "auto" }, one.text ?? ""),
    );
}

interface Answer {
    texts?: DisclosedText[];
    left_out?: string[];
    /** Some could not be opened. */
    is_damaged?: boolean;
}

async function read(path: string): Promise<Child> {
    const answer = await send<Answer>("POST", path);
    const { texts = [] } = answer;
    const known = texts.filter((one) => one.text);
    if (known.length === 0) return h("p", { class: "muted" }, t("texts_none"));
    return [
        h("p", { class: "muted" }, t("texts_recorded", { n: number(known.length) })),
        answer.left_out?.length ? h("p", { class: "text-warn" }, t("texts_cut")) : null,
        answer.is_damaged ? h("p", { class: "text-warn" }, t("texts_damaged")) : null,
        h("ul", { class: "texts", role: "list" }, known.map(textItem)),
    ];
}

export function textsSection(caseNumber: string): HTMLElement {
    if (!may("agent")) return section(t("texts"), {}, h("p", { class: "muted" }, t("texts_role")));
    const path = `/v1/cases/${encodeURIComponent(caseNumber)}/texts`;
    return section(
        t("texts"),
        { id: "texts" },
        disclosure({
            note: t("texts_note"),
            show: t("texts_show"),
            hide: t("texts_hide"),
            read: () => read(path),
        }),
    );
}

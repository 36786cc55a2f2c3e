// SPDX-License-Identifier: Apache-2.0
import { h } from "../base/dom";
import { number } from "../base/format";
import { caseLink, customerLink } from "../ui/copy";
import { codeWords, reasonWords } from "../words/codes";
import { followUpWords as t } from "../words/follow_ups";
import { ruleWords } from "./names";
import { cardTable, stateBadge, type CardColumn } from "./parts";
import { brief } from "./time";
import type { WorklistEntry } from "./types";

/** Follow-ups with all that is said about them. hasSubject: with their case and customer. */
export function followUpTable(
    caption: string,
    rows: WorklistEntry[],
    hasSubject: boolean,
): HTMLElement {
    const subject: CardColumn<WorklistEntry>[] = [
        { label: t("case"), cell: (e) => caseLink(e.case_number) },
        { label: t("customer"), cell: (e) => customerLink(e.customer_number) },
    ];
    return cardTable(
        caption,
        [
            {
                label: t("number"),
                cell: (e) => h("span", { class: "code" }, e.follow_up_number ?? "–"),
            },
            ...(hasSubject ? subject : []),
            { label: t("rule"), cell: (e) => ruleWords(e.rule) },
            { label: t("state"), cell: (e) => stateBadge(e.state) },
            { label: t("reason"), cell: (e) => reasonWords(e.reason) || "–" },
            { label: t("due"), cell: (e) => brief(e.due_us) },
            { label: t("window_end"), cell: (e) => brief(e.window_end_us) },
            { label: t("attempts"), isNumber: true, cell: (e) => number(e.attempts ?? 0) },
            { label: t("outcome"), cell: (e) => codeWords(e.last_outcome) || "–" },
        ],
        rows,
    );
}

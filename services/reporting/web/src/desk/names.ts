// SPDX-License-Identifier: Apache-2.0
// What the company calls the rules of its follow-ups: the service knows it from the questionnaire, and
// says it with the figures by rule.

import { language } from "../base/i18n";
import { readReport } from "../base/report";
import { codeWords } from "../words/codes";

let names = new Map<string, string>();
let readIn = "";

/** Asked once for each language. Without an answer rules are called by their codes, until the next time. */
export async function readRuleNames(): Promise<void> {
    const asked = language();
    if (readIn === asked) return;
    try {
        const { rows } = await readReport("follow_ups", { group: "rule", limit: 200 });
        names = new Map(rows.map((row) => [row.key ?? "", row.label ?? ""]));
        readIn = asked;
    } catch {
        names = new Map();
    }
}

export function ruleWords(code: string | undefined): string {
    return (code && names.get(code)) || codeWords(code);
}

// SPDX-License-Identifier: Apache-2.0
// Everything about one conversation: who and why, what to say, what happened before.

import { h, type Child } from "../base/dom";
import { instant, shortInstant } from "../base/format";
import { caseLink, customerLink } from "../ui/copy";
import { badge } from "../ui/tile";
import { codeWords, reasonWords } from "../words/codes";
import { followUpWords as t } from "../words/follow_ups";
import { identifier } from "./identifier";
import { ruleWords } from "./names";
import { facts, none, stateBadge } from "./parts";
import type { DialOrder, StoryLine, WorklistAgenda } from "./types";

/** The cases that the conversation is about, once each. */
function casesOf(order: DialOrder): string[] {
    const numbers = (order.agenda ?? []).flatMap((reason) =>
        reason.service_case ? [identifier("C", reason.service_case)] : [],
    );
    return [...new Set(numbers)];
}

function phone(order: DialOrder): Child {
    if (!order.phone) return t("no_phone");
    const dial = `tel:${order.phone.replace(/[^+\d]/g, "")}`;
    return [
        h("a", { class: "phone", href: dial }, order.phone),
        " ",
        h("span", { class: "muted" }, t("phone_note")),
    ];
}

export function agendaHead(agenda: WorklistAgenda): Child {
    const order = agenda.order ?? {};
    return [
        agenda.no_call
            ? h(
                  "p",
                  { class: "turn is-bad", role: "alert" },
                  t("no_call", { why: reasonWords(agenda.no_call) }),
              )
            : null,
        facts([
            [t("call"), phone(order)],
            [t("speaks"), order.language],
            [t("customer"), customerLink(agenda.customer_number)],
            [t("case"), casesOf(order).map((number) => [caseLink(number), " "])],
            [t("why_person"), reasonWords(agenda.why_person)],
            [
                t("promises"),
                order.promises_kept || order.promises_broken
                    ? t("promises_counts", {
                          kept: order.promises_kept ?? 0,
                          broken: order.promises_broken ?? 0,
                      })
                    : null,
            ],
            [
                t("window_end"),
                order.window_end_us === undefined ? null : instant(order.window_end_us),
            ],
        ]),
    ];
}

/** In the customer's language, which the browser is told for reading aloud. */
export function agendaSay(order: DialOrder): HTMLElement {
    const lang = order.language;
    return h(
        "div",
        { class: "say" },
        h("h3", null, t("say")),
        order.opening ? h("p", { class: "say-words", lang }, order.opening) : null,
        h(
            "ul",
            { class: "work-plain" },
            (order.agenda ?? []).map((reason) =>
                h(
                    "li",
                    { lang },
                    reason.say || ruleWords(reason.rule),
                    " ",
                    badge(codeWords(reason.purpose) || codeWords(reason.trigger)),
                ),
            ),
        ),
    );
}

export function agendaClosing(order: DialOrder): Child {
    if (!order.closing) return null;
    return [
        h("h3", null, t("close_with")),
        h("p", { class: "say-words", lang: order.language }, order.closing),
    ];
}

function storyItem(line: StoryLine): HTMLElement {
    const number =
        line.kind === "case" && line.number
            ? caseLink(line.number)
            : h("span", null, line.number ?? "");
    return h(
        "li",
        null,
        h("span", { class: "muted" }, shortInstant(line.at_us)),
        " ",
        h("strong", null, codeWords(line.kind)),
        " ",
        number,
        " ",
        codeWords(line.what),
        " ",
        stateBadge(line.state),
        line.due_us === undefined
            ? null
            : h(
                  "span",
                  { class: "muted" },
                  " ",
                  t("story_due", { time: shortInstant(line.due_us) }),
              ),
    );
}

export function agendaStory(story: StoryLine[]): Child {
    return [
        h("h3", null, t("story")),
        story.length === 0
            ? none(t("story_none"))
            : h("ul", { class: "work-plain agenda-story", role: "list" }, story.map(storyItem)),
    ];
}

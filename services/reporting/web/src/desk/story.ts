// SPDX-License-Identifier: Apache-2.0
// A story on one line of time: what came from the customer, what was promised and done, what was
// asked and answered, what was bought, how the score moved. Newest first, grouped by day.

import { h, type Child } from "../base/dom";
import { dayOf } from "../base/format";
import { wordOf } from "../base/i18n";
import { segments } from "../ui/tabs";
import type { Tone } from "../ui/tile";
import { storyLists, storyWords as t } from "../words/story";
import { dayWords, timeOfDay } from "./time";

export const storyKinds = [
    "contacts",
    "cases",
    "promises",
    "calls",
    "answers",
    "purchases",
    "score",
] as const;
export type StoryKind = (typeof storyKinds)[number];

export interface StoryEntry {
    at: number;
    kind: StoryKind;
    title: string;
    /** Where the title leads. */
    href?: string;
    notes?: Child[];
    tone?: Tone;
}

function entryItem(entry: StoryEntry): HTMLElement {
    const notes = (entry.notes ?? []).filter((note) => note !== null && note !== "");
    return h(
        "li",
        { class: `story-entry is-${entry.kind} tone-${entry.tone ?? "plain"}` },
        h("time", { datetime: new Date(entry.at / 1000).toISOString() }, timeOfDay(entry.at)),
        h("span", { class: "story-dot", "aria-hidden": "true" }),
        h(
            "div",
            null,
            h(
                "p",
                { class: "story-title" },
                entry.href ? h("a", { href: entry.href }, entry.title) : entry.title,
            ),
            notes.length > 0
                ? h(
                      "p",
                      { class: "muted story-note" },
                      notes.map((note, at) => [at > 0 ? " · " : null, note]),
                  )
                : null,
        ),
    );
}

/** Entries of one day stand under its heading, which is an h3: give the story an h2. */
export function storyList(entries: StoryEntry[]): HTMLElement {
    const sorted = entries.map((entry, at) => ({ entry, at }));
    // Of one instant the later in the list is the newer.
    sorted.sort((a, b) => b.entry.at - a.entry.at || b.at - a.at);
    const days: HTMLElement[] = [];
    let list: HTMLElement | null = null;
    let open = "";
    for (const { entry } of sorted) {
        const on = dayOf(entry.at);
        if (on !== open || !list) {
            open = on;
            list = h("ol", { class: "story-day", role: "list" });
            days.push(h("h3", { class: "story-heading" }, dayWords(entry.at)), list);
        }
        list.append(entryItem(entry));
    }
    if (days.length === 0) return h("p", { class: "muted work-none" }, t("none"));
    return h("div", { class: "story" }, days);
}

/** A choice of what to show; only kinds that occur. chosen: "" is everything. */
export function storyFilter(
    entries: StoryEntry[],
    chosen: string,
    choose: (kind: string) => void,
): HTMLElement | null {
    const kinds = storyKinds.filter((kind) => entries.some((entry) => entry.kind === kind));
    if (kinds.length < 2) return null;
    const options: [string, string][] = [["", t("all")]];
    for (const kind of kinds) options.push([kind, t(kind)]);
    return segments(t("show"), options, chosen, choose);
}

/** Says which lists are longer than what is shown of them. */
export function leftOut(lists: string[] | undefined): HTMLElement | null {
    if (!lists || lists.length === 0) return null;
    const names = lists.map((name) => wordOf(storyLists, name)).join(", ");
    return h("p", { class: "muted work-note" }, t("left_out", { lists: names }));
}

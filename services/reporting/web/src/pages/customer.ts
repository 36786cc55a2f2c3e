// SPDX-License-Identifier: Apache-2.0
// One customer: the whole story on one line of time, cases, the score with what it is made of,
// consents, and who it is on demand.

import { get, may, send } from "../base/api";
import { fill, h, type Child } from "../base/dom";
import { instant, number, timeZone } from "../base/format";
import { whenChanged } from "../base/live";
import { go, link, type Page, type PageContext } from "../base/router";
import { caseLink, copyable, customerLink } from "../ui/copy";
import { field, input } from "../ui/form";
import { errorState } from "../ui/state";
import { badge } from "../ui/tile";
import { codeWords } from "../words/codes";
import { customerWords as t } from "../words/customer";
import { disclosure } from "../desk/disclosure";
import { followUpTable } from "../desk/follow_up_table";
import { readRuleNames } from "../desk/names";
import { cardTable, facts, load, none, section, stateBadge } from "../desk/parts";
import { scoreSections, type CaseOfPromise } from "../desk/score_view";
import { leftOut, storyFilter, storyList, type StoryEntry } from "../desk/story";
import {
    answerEntry,
    callEntry,
    caseEntries,
    contactEntry,
    moveEntry,
    purchaseEntry,
} from "../desk/story_entries";
import { brief } from "../desk/time";
import type { CaseView, ConsentView, CustomerView, Score } from "../desk/types";

interface Answer {
    customer?: CustomerView;
    score?: Score;
    /** Why there is no score: the story is told all the same. */
    score_error?: { code?: string; text?: string };
}

/* ---- the head */

function consentWords(one: ConsentView): string {
    const purpose = codeWords(one.purpose);
    const words = one.is_given
        ? t("consent_given", { purpose })
        : t("consent_refused", { purpose });
    return one.channel ? t("by_channel", { words, channel: codeWords(one.channel) }) : words;
}

function consents(c: CustomerView): Child {
    const list = (c.consents ?? []).map((one) =>
        badge(consentWords(one), one.is_given ? "good" : "warn"),
    );
    if (c.do_not_call) list.unshift(badge(t("do_not_call"), "bad"));
    if (list.length === 0) return h("span", { class: "muted" }, t("consents_none"));
    return h("span", { class: "work-badges" }, list);
}

function reachable(c: CustomerView): string | null {
    const ways = [c.has_phone ? t("has_phone") : null, c.has_email ? t("has_email") : null];
    return ways.filter(Boolean).join(", ") || null;
}

function head(c: CustomerView): HTMLElement {
    const own = c.customer_number ?? "";
    return h(
        "section",
        { class: "card", "aria-label": t("title", { number: own }) },
        h("p", { class: "work-badges" }, copyable(own, h("span", { class: "code" }, own))),
        c.is_erased ? h("p", { class: "turn is-bad" }, t("erased")) : null,
        c.merged_into
            ? h(
                  "p",
                  { class: "turn" },
                  t("merged_into", { number: "" }),
                  customerLink(c.merged_into),
              )
            : null,
        facts([
            [t("consents"), consents(c)],
            [t("reachable"), reachable(c)],
            [t("language"), c.language],
            [t("zone"), c.time_zone],
            [t("first_seen"), c.first_seen_us === undefined ? null : instant(c.first_seen_us)],
            [t("purchases"), number(c.purchases ?? 0)],
            [t("followers"), (c.followers ?? []).map((one) => [customerLink(one), " "])],
        ]),
        h("p", { class: "muted work-note" }, t("times", { zone: timeZone() })),
    );
}

/* ---- who it is */

interface Contact {
    name?: string;
    phone?: string;
    email?: string;
}

async function readContact(path: string): Promise<Child> {
    const contact = await send<Contact>("POST", path);
    if (!contact.name && !contact.phone && !contact.email)
        return h("p", { class: "muted" }, t("contact_none"));
    return facts([
        [t("name"), contact.name ? h("span", { dir: "auto" }, contact.name) : null],
        [
            t("phone"),
            contact.phone
                ? h(
                      "a",
                      { class: "phone", href: `tel:${contact.phone.replace(/[^+\d]/g, "")}` },
                      contact.phone,
                  )
                : null,
        ],
        [t("email"), contact.email],
    ]);
}

function contactSection(path: string): HTMLElement {
    if (!may("agent")) return section(t("contact"), {}, none(t("contact_role")));
    return section(
        t("contact"),
        { id: "contact" },
        disclosure({
            note: t("contact_note"),
            show: t("contact_show"),
            hide: t("contact_hide"),
            read: () => readContact(path),
        }),
    );
}

interface References {
    references: { source: string; customer_ref: string }[];
    left_out?: string[];
}

async function readReferences(path: string): Promise<Child> {
    const answer = await send<References>("POST", path);
    if (answer.references.length === 0) return h("p", { class: "muted" }, t("contact_none"));
    return [
        facts(answer.references.map((one) => [one.source, one.customer_ref])),
        leftOut(answer.left_out),
    ];
}

/** By which numbers the sources know the customer, which may be a telephone's or a plate's. */
function referencesSection(path: string): HTMLElement | null {
    if (!may("agent")) return null;
    return section(
        t("references"),
        { id: "references" },
        disclosure({
            note: t("contact_note"),
            show: t("contact_show"),
            hide: t("contact_hide"),
            read: () => readReferences(path),
        }),
    );
}

/* ---- cases */

function promiseCounts(c: CaseView): Child {
    const promises = c.promises ?? [];
    const broken = promises.filter((p) => p.state === "broken" || p.state === "kept_late").length;
    const open = promises.filter((p) => p.state === "open" || p.state === "at_risk").length;
    if (broken === 0 && open === 0) return promises.length > 0 ? String(promises.length) : "–";
    return [
        broken > 0 ? badge(t("promises_broken", { n: broken }), "bad") : null,
        open > 0 ? badge(t("promises_open", { n: open })) : null,
    ];
}

function casesSection(c: CustomerView): HTMLElement {
    const cases = c.cases ?? [];
    const content = cardTable(
        t("open_cases"),
        [
            { label: t("case"), cell: (one) => caseLink(one.case_number) },
            { label: t("state"), cell: (one) => stateBadge(one.state) },
            { label: t("kind"), cell: (one) => codeWords(one.kind) || "–" },
            { label: t("category"), cell: (one) => one.category || "–" },
            { label: t("branch"), cell: (one) => one.branch || "–" },
            { label: t("opened"), cell: (one) => brief(one.opened_us) },
            { label: t("promises"), cell: promiseCounts },
        ],
        cases,
    );
    const isEmpty = cases.length === 0;
    return section(
        t("open_cases"),
        { id: "cases", count: cases.length },
        isEmpty ? none(t("cases_none")) : content,
    );
}

/* ---- the story */

function entriesOf(c: CustomerView, score: Score | undefined): StoryEntry[] {
    const all = [
        ...(c.contacts ?? []).map((one) => contactEntry(one, false)),
        ...(c.cases ?? []).flatMap(caseEntries),
        ...(c.calls ?? []).map(callEntry),
        ...(c.answers ?? []).map((one) => answerEntry(one, false)),
        ...(c.bought ?? []).map(purchaseEntry),
        ...(score?.history ?? []).map(moveEntry),
    ];
    return all.filter((entry): entry is StoryEntry => entry !== null);
}

function storySection(c: CustomerView, score: Score | undefined): HTMLElement {
    const entries = entriesOf(c, score);
    const body = h("div");
    const show = (kind: string): void =>
        fill(body, storyList(kind ? entries.filter((entry) => entry.kind === kind) : entries));
    const chosen = open?.context.params["show"] ?? "";
    show(chosen);
    const choose = (kind: string): void => {
        show(kind);
        open?.context.change({ show: kind });
    };
    return section(
        t("story"),
        { id: "story", actions: storyFilter(entries, chosen, choose) },
        body,
        leftOut(c.left_out),
    );
}

function followUpSection(c: CustomerView): HTMLElement {
    const rows = c.follow_ups ?? [];
    return section(
        t("follow_ups"),
        { id: "follow-ups", count: rows.length },
        rows.length === 0
            ? none(t("follow_ups_none"))
            : followUpTable(t("follow_ups"), rows, false),
    );
}

/* ---- finding one */

function finder(): HTMLElement {
    const own = input("text", { autocomplete: "off", placeholder: "K-1234-5" });
    const source = input("text", { autocomplete: "off" });
    const reference = input("text", { autocomplete: "off" });
    const form = h(
        "form",
        { class: "work-row" },
        field(t("number"), own),
        // A reference says who somebody is elsewhere: not for viewers.
        may("agent") ? [field(t("source"), source), field(t("reference"), reference)] : null,
        h("button", { class: "button primary", type: "submit" }, t("find_action")),
    );
    const trouble = h("div", { "aria-live": "polite" });
    // In no address: it may be a telephone number, and addresses are kept by browsers and proxies.
    const findByReference = async (): Promise<void> => {
        fill(trouble);
        try {
            const found = await send<{ customer_number: string }>("POST", "/v1/customers/find", {
                source: source.value.trim(),
                customer_ref: reference.value.trim(),
            });
            go(link(["customer", found.customer_number]));
        } catch (error) {
            fill(trouble, errorState(error));
        }
    };
    form.addEventListener("submit", (event) => {
        event.preventDefault();
        if (own.value.trim()) go(link(["customer", own.value.trim().toUpperCase()]));
        else if (reference.value.trim()) void findByReference();
    });
    return section(t("find"), { note: t("find_note") }, form, trouble);
}

/* ---- the page */

interface Open {
    context: PageContext;
}

let open: Open | null = null;

function numberOf(context: PageContext): string {
    return context.rest[0] ?? "";
}

function show(answer: Answer, personal: Child): Child {
    const c = answer.customer ?? {};
    const cases = new Map<string, string>();
    for (const one of c.cases ?? [])
        for (const p of one.promises ?? [])
            if (p.promise_number && one.case_number) cases.set(p.promise_number, one.case_number);
    const caseOf: CaseOfPromise = (promise) => cases.get(promise);
    const score = answer.score
        ? scoreSections(answer.score, caseOf)
        : [
              section(
                  t("score"),
                  { id: "score" },
                  none(answer.score_error ? t("score_error") : t("score_none")),
              ),
          ];
    return [
        head(c),
        h(
            "div",
            { class: "work-two" },
            h("div", { class: "work-stack" }, score),
            h(
                "div",
                { class: "work-stack" },
                personal,
                casesSection(c),
                storySection(c, answer.score),
            ),
        ),
        followUpSection(c),
    ];
}

async function mount(root: HTMLElement, context: PageContext): Promise<void> {
    open = { context };
    const own = numberOf(context);
    if (!own) {
        fill(root, finder());
        return;
    }
    const path = `/v1/customers/${encodeURIComponent(own)}`;
    const body = h("div", { class: "work-stack" });
    fill(root, body);
    // What was shown on demand stays when the story changes around it.
    const personal = [contactSection(`${path}/contact`), referencesSection(`${path}/references`)];
    const refresh = (): Promise<void> =>
        load(body, async () => {
            const [answer] = await Promise.all([
                get<Answer>(path, {}, context.signal),
                readRuleNames(),
            ]);
            return () => show(answer, personal);
        });
    await refresh();
    if (context.params["part"] === "score") document.getElementById("moves")?.scrollIntoView();
    whenChanged(["today"], context.signal, () => void refresh());
}

const page: Page = {
    title: (context) => (numberOf(context) ? t("title", { number: numberOf(context) }) : t("find")),
    mount,
    update(context) {
        // A choice of what to show is on the screen already.
        open = { context };
    },
    unmount() {
        open = null;
    },
};
export default page;

// SPDX-License-Identifier: Apache-2.0
// The desk of who calls: take the next conversation, say that one calls, how it ended, put it off, or
// give it back. What was accepted survives a reload of the page by its key and questions alone: the
// number and the customer are kept nowhere.

import { ApiError, currentSession, may, nowUs, send } from "../base/api";
import { fill, h, newId, type Child } from "../base/dom";
import { instant } from "../base/format";
import { openDialog } from "../ui/dialog";
import { field, input, select } from "../ui/form";
import { emptyState, errorText } from "../ui/state";
import { toast } from "../ui/toast";
import { followUpWords as t } from "../words/follow_ups";
import { agendaClosing, agendaHead, agendaSay, agendaStory } from "./agenda_view";
import { outcomeForm, type OutcomeForm } from "./agenda_outcome";
import { branchNames } from "./branches";
import { countdown, leaseEndMs, type Countdown } from "./lease";
import { none, section } from "./parts";
import { fromInput, hourUs, toInput } from "./time";
import type { DialItem, WorklistAgenda, WorklistReport } from "./types";

/** Of one person: whoever logs in after them does not find it. */
function storageKey(): string {
    return `troth.conversation.${currentSession()?.name ?? ""}`;
}

interface Kept {
    key: string;
    items: DialItem[];
    isAccepted: boolean;
}

function kept(): Kept | null {
    try {
        const stored = sessionStorage.getItem(storageKey());
        return stored ? (JSON.parse(stored) as Kept) : null;
    } catch {
        return null;
    }
}

function keep(what: Kept | null): void {
    try {
        if (what) sessionStorage.setItem(storageKey(), JSON.stringify(what));
        else sessionStorage.removeItem(storageKey());
    } catch {
        // Without storage a reload loses the form; the service lists the call as unknown then.
    }
}

async function report(body: WorklistReport): Promise<void> {
    await send("POST", "/v1/worklist/report", body);
}

/** The scheduler's own codes in the language of the page; anything else as everywhere. */
function wordsOf(error: unknown): string {
    if (!(error instanceof ApiError)) return error instanceof Error ? error.message : String(error);
    switch (error.code) {
        case "lease_over":
            return t("lease_over");
        case "in_hand":
            return t("in_hand");
        case "accepted_already":
            return t("accepted_already");
        case "staff_missing":
            return t("desk_staff");
        case "busy":
        case "unavailable":
            return t("busy");
        default:
            return errorText(error);
    }
}

export class AgendaDesk {
    readonly element: HTMLElement;
    private readonly body = h("div");
    private readonly message = h("p", { class: "form-error", role: "alert" });
    private readonly branch: HTMLSelectElement;
    private agenda: WorklistAgenda | null = null;
    private isAccepted = false;
    private isBusy = false;
    private form: OutcomeForm | null = null;
    private lease: Countdown | null = null;
    /** Until it is accepted: call, later, give back. */
    private choices: HTMLElement | null = null;

    /** changed: the worklist is another one now. */
    constructor(
        private readonly signal: AbortSignal,
        private readonly changed: () => void,
    ) {
        this.branch = select([["", t("any_branch")]], "", { "aria-label": t("branch") });
        void branchNames().then((names) => {
            for (const name of names) this.branch.append(h("option", { value: name }, name));
        });
        this.element = section(
            t("desk"),
            { id: "desk", note: t("desk_note") },
            this.message,
            this.body,
        );
        this.showStart();
        document.addEventListener("keydown", (event) => this.onKey(event), { signal });
        window.addEventListener("beforeunload", (event) => this.onLeave(event), { signal });
        signal.addEventListener("abort", () => this.lease?.stop());
    }

    /** Whether this person can take conversations at all. */
    private mayTake(): boolean {
        return may("agent") && Boolean(currentSession()?.staff);
    }

    private showStart(hint: Child = null): void {
        this.lease?.stop();
        this.lease = null;
        this.agenda = null;
        this.form = null;
        this.choices = null;
        this.isAccepted = false;
        const held = kept();
        if (!this.mayTake()) {
            fill(this.body, none(may("agent") ? t("desk_staff") : t("desk_role")));
            return;
        }
        if (held) {
            this.showKept(held);
            return;
        }
        const take = h(
            "button",
            { class: "button primary", type: "button", "data-testid": "take" },
            t("take"),
        );
        take.addEventListener("click", () => void this.take());
        fill(
            this.body,
            hint,
            h(
                "div",
                { class: "work-row" },
                take,
                this.branch,
                h("span", { class: "muted hint work-keys" }, t("keys")),
            ),
        );
    }

    /** The button to take one, ready to be pressed. */
    offer(): void {
        this.body.querySelector<HTMLElement>("button")?.focus();
    }

    /** Taken before the page was left: it can be given back, or said how it ended once accepted. */
    private showKept(held: Kept): void {
        this.isAccepted = held.isAccepted;
        this.agenda = { order: { key: held.key, items: held.items } };
        const drop = h("button", { class: "button quiet", type: "button" }, t("drop"));
        drop.addEventListener("click", () => {
            keep(null);
            this.showStart();
        });
        const back = h("button", { class: "button", type: "button" }, t("return"));
        back.addEventListener("click", () => void this.giveBack());
        fill(
            this.body,
            h(
                "p",
                { class: "turn" },
                t(held.isAccepted ? "resumed" : "taken_before"),
                " ",
                h("span", { class: "code" }, held.key),
            ),
            held.isAccepted ? [this.outcomePart(held.items), drop] : [back, drop],
        );
    }

    /** One thing at a time: a second press while the first is on its way does nothing. */
    private async busy(what: () => Promise<void>): Promise<void> {
        if (this.isBusy) return;
        this.isBusy = true;
        this.message.textContent = "";
        try {
            await what();
        } catch (error) {
            if (!this.signal.aborted) this.message.textContent = wordsOf(error);
        }
        this.isBusy = false;
    }

    async take(): Promise<void> {
        if (!this.mayTake() || this.agenda) return;
        await this.busy(async () => {
            const body = this.branch.value ? { branch: this.branch.value } : {};
            const agenda = await send<WorklistAgenda>("POST", "/v1/worklist/take", body);
            const { key, items = [] } = agenda.order ?? {};
            // It is ours also when the page was left before the answer came.
            if (key) keep({ key, items, isAccepted: false });
            if (this.signal.aborted) return;
            if (key) this.showAgenda(agenda);
            else this.showStart(emptyState(t("nothing"), t("nothing_hint")));
            this.changed();
        });
    }

    private showAgenda(agenda: WorklistAgenda): void {
        const order = agenda.order ?? {};
        this.agenda = agenda;
        this.isAccepted = false;
        this.lease = countdown(leaseEndMs(agenda.lease_until_us, Date.now()), () =>
            this.onLeaseOver(),
        );
        const heading = h(
            "h3",
            { tabindex: "-1", class: "agenda-title" },
            `${t("order")} ${order.key ?? ""}`,
        );
        fill(
            this.body,
            h("div", { class: "agenda-head" }, heading, this.lease.element),
            h(
                "div",
                { class: "work-two" },
                h(
                    "div",
                    null,
                    agendaHead(agenda),
                    this.firstButtons(),
                    agendaStory(agenda.story ?? []),
                ),
                h(
                    "div",
                    null,
                    agendaSay(order),
                    this.outcomePart(order.items ?? []),
                    agendaClosing(order),
                ),
            ),
        );
        // Who has a customer on the line looks elsewhere beside this page.
        for (const link of this.body.querySelectorAll<HTMLAnchorElement>('a[href^="#/"]')) {
            link.target = "_blank";
            link.rel = "noopener";
        }
        heading.focus();
    }

    private firstButtons(): HTMLElement {
        const accept = h(
            "button",
            { class: "button primary", type: "button", "data-testid": "accept" },
            t("accept"),
        );
        accept.addEventListener("click", () => void this.accept());
        const later = h("button", { class: "button", type: "button" }, t("snooze"));
        later.addEventListener("click", () => this.askSnooze());
        const back = h("button", { class: "button", type: "button" }, t("return"));
        back.addEventListener("click", () => void this.giveBack());
        this.choices = h(
            "div",
            { class: "work-row" },
            this.agenda?.no_call ? null : accept,
            later,
            back,
        );
        return this.choices;
    }

    private outcomePart(items: DialItem[]): HTMLElement {
        const form = outcomeForm(items);
        this.form = form;
        const id = newId("outcome");
        const save = h(
            "button",
            { class: "button primary", type: "submit", "data-testid": "save" },
            t("save"),
        );
        const element = h(
            "form",
            { "aria-labelledby": id },
            h("h3", { id }, t("finish")),
            form.element,
            save,
        );
        element.addEventListener("submit", (event) => {
            event.preventDefault();
            void this.save();
        });
        return element;
    }

    private key(): string {
        return this.agenda?.order?.key ?? "";
    }

    private async sayAccepted(): Promise<void> {
        await report({ key: this.key(), action: "accept" });
        this.isAccepted = true;
        keep({ key: this.key(), items: this.agenda?.order?.items ?? [], isAccepted: true });
        this.lease?.stop();
        this.lease?.element.replaceChildren(t("accepted"));
        this.choices?.remove();
    }

    private async accept(): Promise<void> {
        if (!this.agenda || this.isAccepted || this.agenda.no_call) return;
        await this.busy(() => this.sayAccepted());
    }

    private async save(): Promise<void> {
        const result = this.form?.result();
        if (!this.agenda || result === undefined) return;
        if (typeof result === "string") {
            this.message.textContent = result;
            this.message.scrollIntoView({ block: "nearest" });
            return;
        }
        await this.busy(async () => {
            await report({ key: this.key(), action: "outcome", result });
            this.finished(t("saved"));
        });
    }

    private async giveBack(): Promise<void> {
        if (!this.agenda || this.isAccepted) return;
        await this.busy(async () => {
            await report({ key: this.key(), action: "return" });
            this.finished(t("returned"));
        });
    }

    private askSnooze(): void {
        const box = input("datetime-local", { value: toInput(nowUs() + hourUs), required: true });
        openDialog({
            title: t("snooze"),
            body: [field(t("snooze_until"), box)],
            action: t("snooze_action"),
            submit: async () => {
                const until = fromInput(box.value);
                if (until === null) throw new ApiError(0, "time_needed", t("time_needed"));
                await report({ key: this.key(), action: "snooze", until_us: until });
                this.finished(t("snoozed", { time: instant(until) }));
            },
        });
    }

    private finished(words: string): void {
        keep(null);
        toast(words);
        this.showStart();
        this.body.querySelector<HTMLElement>("button")?.focus();
        this.changed();
    }

    private onLeaseOver(): void {
        if (!this.isAccepted) keep(null);
        this.changed();
    }

    private onKey(event: KeyboardEvent): void {
        if (!event.altKey || event.ctrlKey || event.metaKey || !this.element.isConnected) return;
        if (document.querySelector("dialog[open]")) return;
        const actions: Record<string, () => void> = {
            KeyN: () => void this.take(),
            KeyA: () => void this.accept(),
            KeyS: () => void this.save(),
            KeyB: () => void this.giveBack(),
        };
        const action = actions[event.code];
        if (!action) return;
        event.preventDefault();
        action();
    }

    /** Only while a customer is on the line. */
    private onLeave(event: BeforeUnloadEvent): void {
        if (this.isAccepted && this.agenda && this.element.isConnected) event.preventDefault();
    }
}

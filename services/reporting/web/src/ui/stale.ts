// SPDX-License-Identifier: Apache-2.0
// What stands on the page stays when it cannot be made anew: old figures with a word above them help
// more than an error in their place. Only an answer to another question is never left standing.
import { h } from "../base/dom";
import { errorText } from "./state";

/** Of one place on the page. */
export class Stale {
    private shown: string | null = null;
    private note: HTMLElement | null = null;

    constructor(private readonly place: HTMLElement) {}

    /** The place shows the answer to this question. */
    shows(question: string): void {
        this.note?.remove();
        this.note = null;
        this.shown = question;
    }

    /** Whether the place keeps what it shows, the question having failed; it says so then. */
    keeps(question: string, error: unknown): boolean {
        this.note?.remove();
        this.note = null;
        if (this.shown !== question) {
            this.shown = null;
            return false;
        }
        this.note = h("p", { class: "stale-note muted", role: "status" }, errorText(error));
        this.place.prepend(this.note);
        return true;
    }
}

// SPDX-License-Identifier: Apache-2.0
// As much of a browser as the modules without looks need: a clock that a test moves, a window, a
// document, and answers to what is fetched.

/** Of globalThis; a test file has a process of its own, so nothing is put back. */
export class FakeBrowser {
    readonly window = new EventTarget();
    readonly document = Object.assign(new EventTarget(), {
        hidden: false,
        documentElement: { lang: "" },
    });
    /** What was fetched: path with query, and whether it was said that nobody asked for it. */
    readonly asked: { url: string; isQuiet: boolean; atMs: number }[] = [];
    /** The answer to a path; whoever is not named gets {}. */
    readonly answers = new Map<string, () => FakeAnswer>();

    private nowMs = 1_000_000;
    private nextId = 1;
    private timers = new Map<number, { atMs: number; run: () => void }>();

    constructor() {
        const all = globalThis as Record<string, unknown>;
        all["window"] = this.window;
        all["document"] = this.document;
        all["fetch"] = (url: string, init: RequestInit) => this.fetch(url, init);
        all["setTimeout"] = (run: () => void, ms = 0): number => this.wait(run, ms);
        all["clearTimeout"] = (id: number): boolean => this.timers.delete(id);
        Date.now = () => this.nowMs;
    }

    private wait(run: () => void, ms: number): number {
        this.timers.set(this.nextId, { atMs: this.nowMs + ms, run });
        this.nextId += 1;
        return this.nextId - 1;
    }

    private async fetch(url: string, init: RequestInit): Promise<unknown> {
        const isQuiet = new Headers(init.headers).get("X-Quiet") === "1";
        this.asked.push({ url, isQuiet, atMs: this.nowMs });
        const {
            status = 200,
            body = {},
            headers = {},
        } = this.answers.get(url.replace(/\?.*/, ""))?.() ?? {};
        return {
            ok: status < 400,
            status,
            headers: new Headers(headers),
            text: async () => JSON.stringify(body),
        };
    }

    /** Lets time pass; whatever is due runs at its instant. */
    async pass(ms: number): Promise<void> {
        const endMs = this.nowMs + ms;
        for (;;) {
            await settled();
            const due = [...this.timers].sort((a, b) => a[1].atMs - b[1].atMs)[0];
            if (!due || due[1].atMs > endMs) break;
            this.timers.delete(due[0]);
            this.nowMs = due[1].atMs;
            due[1].run();
        }
        this.nowMs = endMs;
        await settled();
    }

    /** How often a path was asked for. */
    count(path: string): number {
        return this.asked.filter(({ url }) => url.startsWith(path)).length;
    }
}

export interface FakeAnswer {
    status?: number;
    body?: unknown;
    headers?: Record<string, string>;
}

/** All that waits for promises alone has run. */
function settled(): Promise<void> {
    return new Promise((done) => setImmediate(done));
}

export const somebody = { name: "li", role: "agent", csrf_token: "", time_zone: "UTC" };

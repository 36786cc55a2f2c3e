// SPDX-License-Identifier: Apache-2.0
// Live updates by a long poll: GET /v1/changes answers when something changed, or after 25 s.
// While the page is hidden nothing is asked; after a failure the wait doubles up to a minute.

import { ApiError, currentSession, get } from "./api";

export type Topic = "figures" | "today";

interface Changes {
    token?: string;
    changed?: string[];
}

const listeners = new Set<(topics: string[]) => void>();
let generation = 0;
let report: (isLive: boolean) => void = () => undefined;

/** Pages are not made anew more often than this, however busy the day is. */
const apartMs = 5000;

/** Calls back when one of the topics changed, until the signal is aborted. */
export function whenChanged(topics: Topic[], signal: AbortSignal, callback: () => void): void {
    let calledMs = -Infinity;
    let waiting: ReturnType<typeof setTimeout> | undefined;
    const run = (): void => {
        waiting = undefined;
        calledMs = Date.now();
        callback();
    };
    const listener = (changed: string[]): void => {
        if (waiting !== undefined) return;
        if (!changed.some((topic) => (topics as string[]).includes(topic))) return;
        const leftMs = calledMs + apartMs - Date.now();
        if (leftMs <= 0) run();
        else waiting = setTimeout(run, leftMs);
    };
    listeners.add(listener);
    const end = (): void => {
        listeners.delete(listener);
        clearTimeout(waiting);
    };
    signal.addEventListener("abort", end, { once: true });
}

/** Tells whether the last poll was answered: the dot beside the user's name. */
export function whenLive(handler: (isLive: boolean) => void): void {
    report = handler;
}

export function startLive(): void {
    generation += 1;
    void poll(generation);
}

export function stopLive(): void {
    generation += 1;
}

async function poll(mine: number): Promise<void> {
    let since: string | undefined;
    let waitMs = 1000;
    while (mine === generation && currentSession()) {
        await visible();
        const begunMs = Date.now();
        try {
            const answer = await get<Changes>("/v1/changes", { since });
            if (mine !== generation) return;
            report(true);
            waitMs = 1000;
            // The first answer only says where we are.
            if (since !== undefined && answer.changed?.length)
                for (const listener of [...listeners]) listener(answer.changed);
            since = answer.token ?? "";
            // A server that answers at once must not be asked in a circle.
            if (Date.now() - begunMs < 1000) await pause(1000);
        } catch (error) {
            if (mine !== generation) return;
            if (error instanceof ApiError && error.status === 401) return;
            report(false);
            await pause(waitMs);
            waitMs = Math.min(2 * waitMs, 60_000);
        }
    }
}

function pause(ms: number): Promise<void> {
    return new Promise((done) => setTimeout(done, ms));
}

function visible(): Promise<void> {
    if (!document.hidden) return Promise.resolve();
    return new Promise((done) => {
        const check = (): void => {
            if (document.hidden) return;
            document.removeEventListener("visibilitychange", check);
            done();
        };
        document.addEventListener("visibilitychange", check);
    });
}

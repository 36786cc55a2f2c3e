// SPDX-License-Identifier: Apache-2.0
// Live updates by a long poll: GET /v1/changes answers when something changed, or after 25 s.
// While the page is hidden nothing is asked; after a failure the wait doubles up to a minute. A server
// with too many pages open says when to come again, and is asked no sooner.

import { ApiError, currentSession, get } from "./api";

export type Topic = "figures" | "today";

interface Changes {
    token?: string;
    changed?: string[];
    retry_after_s?: number;
}

const listeners = new Set<(topics: string[]) => void>();
let generation = 0;
let report: (isLive: boolean) => void = () => undefined;

/** Pages are not made anew more often than this, however busy the day is. */
const apartMs = 5000;
/** Between two polls at least: a server that answers at once must not be asked in a circle. */
const roundMs = 1000;
const longestMs = 60_000;

/** Calls back when one of the topics changed, until the signal is aborted. */
export function whenChanged(topics: Topic[], signal: AbortSignal, callback: () => void): void {
    if (signal.aborted) return;
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
    let waitMs = roundMs;
    while (mine === generation && currentSession()) {
        await visible();
        const begunMs = Date.now();
        try {
            const answer = await get<Changes>("/v1/changes", { since });
            if (mine !== generation) return;
            report(true);
            waitMs = roundMs;
            // The first answer only says where we are.
            if (since !== undefined && answer.changed?.length)
                for (const listener of [...listeners]) listener(answer.changed);
            since = answer.token ?? "";
            const againMs = atMost(1000 * (answer.retry_after_s ?? 0));
            if (againMs > 0) await pause(againMs);
            else if (Date.now() - begunMs < roundMs) await pause(roundMs);
        } catch (error) {
            if (mine !== generation) return;
            if (error instanceof ApiError && error.status === 401) return;
            report(false);
            const toldMs = error instanceof ApiError ? error.retryAfterMs : 0;
            await pause(atMost(Math.max(waitMs, toldMs)));
            waitMs = atMost(2 * waitMs);
        }
    }
}

function atMost(ms: number): number {
    return Math.min(ms, longestMs);
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

// SPDX-License-Identifier: Apache-2.0
// How long a conversation is ours. The lease is in the time of the service's machine, which this
// computer does not know: an end that cannot be right by our clock is taken as the usual length.

import { h } from "../base/dom";
import { duration } from "../base/format";
import { followUpWords as t } from "../words/follow_ups";

const secondMs = 1000;
const usualMs = 300 * secondMs;
const mostMs = 3600 * secondMs;
const soonMs = 60 * secondMs;

/** The instant of this computer's clock at which the lease ends. */
export function leaseEndMs(leaseUntilUs: number | undefined, nowMs: number): number {
    const leftMs = leaseUntilUs === undefined ? usualMs : leaseUntilUs / 1000 - nowMs;
    const isPlausible = leftMs > 0 && leftMs <= mostMs;
    return nowMs + (isPlausible ? leftMs : usualMs);
}

export interface Countdown {
    element: HTMLElement;
    stop(): void;
}

/** Shown every second, read out only when it gets short and when it is over. */
export function countdown(endMs: number, over: () => void): Countdown {
    const shown = h("span", { class: "countdown", "aria-hidden": "true" });
    const spoken = h("span", { class: "sr-only", role: "status" });
    let timer = 0;
    const tick = (): void => {
        const leftMs = endMs - Date.now();
        shown.classList.toggle("is-soon", leftMs < soonMs);
        if (leftMs <= 0) {
            window.clearInterval(timer);
            shown.textContent = t("lease_over");
            spoken.textContent = t("lease_over");
            over();
            return;
        }
        const seconds = Math.ceil(leftMs / secondMs);
        shown.textContent = t("lease", { time: duration(seconds * 1_000_000) });
        if (leftMs < 120 * secondMs)
            shown.textContent = t("lease", {
                time: `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`,
            });
        const said = leftMs < soonMs ? t("lease_soon") : "";
        if (spoken.textContent !== said) spoken.textContent = said;
    };
    timer = window.setInterval(tick, secondMs);
    tick();
    return {
        element: h("span", null, shown, spoken),
        stop: () => window.clearInterval(timer),
    };
}

// SPDX-License-Identifier: Apache-2.0
// Improvements and trainings as the API has them.
import { get } from "../base/api";
import { duration, number, share } from "../base/format";

export type Verdict = "better" | "worse" | "no_difference" | "too_early";

export interface Effect {
    unit: "per_1000_purchases" | "per_day" | "mean" | "share" | "duration";
    verdict?: Verdict;
    days_before?: number;
    days_after?: number;
    events_before?: number;
    events_after?: number;
    before_rate?: number;
    after_rate?: number;
    /** after / before; of means after - before. */
    ratio?: number;
    low?: number;
    high?: number;
    others_ratio?: number;
    /** Of the ratio against that of the others; of the difference of both. */
    others_low?: number;
    others_high?: number;
    words?: string;
}

export interface Improvement {
    id: number;
    kind: "action" | "training";
    title: string;
    cause_measure: string;
    category?: string;
    product?: string;
    branch?: string;
    team?: string;
    staff?: string;
    skill?: string;
    owner?: string;
    expectation?: number;
    starts_on: string;
    ends_on?: string | null;
    announced_us?: number;
    version: number;
    effect?: Effect;
}

export async function readImprovements(signal: AbortSignal): Promise<Improvement[]> {
    const answer = await get<{ improvements?: Improvement[] }>("/v1/improvements", {}, signal);
    return answer.improvements ?? [];
}

/** "billing · Shanghai": what and where it is about. */
export function placeOf(one: Improvement): string {
    const { category, product, branch, team, staff, skill } = one;
    return [category, product, branch, team, staff, skill].filter(Boolean).join(" · ");
}

/** Whether its effect is a ratio of after and before; else it is a difference. */
export function isRatio(effect: Effect | undefined): boolean {
    return effect !== undefined && effect.unit !== "mean";
}

/** A rate before or after, in the unit of the effect. */
export function rateText(effect: Effect | undefined, value: number | undefined): string {
    if (effect?.unit === "share") return share(value);
    if (effect?.unit === "duration") return duration(value);
    return number(value, 2);
}

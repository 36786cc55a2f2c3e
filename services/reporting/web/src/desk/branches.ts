// SPDX-License-Identifier: Apache-2.0
// The branches that have figures: what filters offer.

import { readReport } from "../base/report";

let known: Promise<string[]> | null = null;

async function read(): Promise<string[]> {
    const table = await readReport("promises", { group: "branch", limit: 200 });
    return table.rows.map((row) => row.key ?? "").filter((key) => key !== "");
}

/** Asked once; empty when they cannot be told just now, and asked again the next time. */
export async function branchNames(): Promise<string[]> {
    known ??= read();
    try {
        return await known;
    } catch {
        known = null;
        return [];
    }
}

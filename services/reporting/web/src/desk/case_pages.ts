// SPDX-License-Identifier: Apache-2.0
// Pages of the list of cases. The service looks at so many cases for each page and no more: when none
// of them fits the filters the page is empty, and the list goes on all the same.
import type { CaseList } from "./types";

/** The first page from after on with a case on it; one without cases and next is the end of the list. */
export async function firstWithCases(
    ask: (after: string | undefined) => Promise<CaseList>,
    after: string | undefined,
): Promise<CaseList> {
    let place = after;
    for (;;) {
        const page = await ask(place);
        const isStuck = page.next === place;
        if ((page.cases?.length ?? 0) > 0) return page;
        if (!page.next || isStuck) return {};
        place = page.next;
    }
}

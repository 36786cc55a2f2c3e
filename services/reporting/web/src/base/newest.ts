// SPDX-License-Identifier: Apache-2.0
// Answers may overtake each other: of what is asked again and again only the newest is shown.

/** Of one place on the page. */
export class Newest {
    private last = 0;

    /** Call it when asking; what it returns says, when the answer is there, whether it is to be shown. */
    ask(): () => boolean {
        this.last += 1;
        const mine = this.last;
        return () => mine === this.last;
    }
}

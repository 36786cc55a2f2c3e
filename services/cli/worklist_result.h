/* SPDX-License-Identifier: Apache-2.0 */
/* worklist_result.h - what a person heard, as a result: the options of `troth worklist outcome`. */
#ifndef TROTH_SERVICES_CLI_WORKLIST_RESULT_H
#define TROTH_SERVICES_CLI_WORKLIST_RESULT_H

#include <stddef.h>
#include <stdint.h>

#include "common/base/err.h"
#include "dialer.pb-c.h"

enum {
    WORKLIST_ANSWERS_MAX = 32,
};

/* As the person wrote them; NULL, 0: not said. */
struct worklist_said {
    const char *outcome;
    const char *const *answers; /* "csat=4", "remark=words" */
    size_t answer_count;
    const char *solved; /* "yes" or "no" */
    const char *note, *new_phone, *speaks;
    const char *refuse; /* "this", "purpose" or "all" */
    int64_t call_back_us;
};

/* The result and what it points to. */
struct worklist_result {
    Troth__V1__DialResult result;
    Troth__V1__DialedAnswer answers[WORKLIST_ANSWERS_MAX + 1];
    Troth__V1__DialedAnswer *pointers[WORKLIST_ANSWERS_MAX + 1];
    char codes[WORKLIST_ANSWERS_MAX + 1][64];
};

/* Borrows the texts of *said. Returns 0, or -1 with err that says which option is wrong. */
MUST_CHECK int worklist_result_read(const struct worklist_said *said, struct worklist_result *ret,
                                    struct err *err);

#endif

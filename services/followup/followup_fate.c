/* SPDX-License-Identifier: Apache-2.0 */
/* followup_fate.c - a fate by itself: made by whoever learns it. */
#include "services/followup/followup_fates.h"

#include <stdlib.h>

#include "common/base/xalloc.h"

struct followup_fate *followup_fate_new(int64_t follow_up, int32_t attempt,
                                        enum followup_fate_kind kind)
{
    struct followup_fate *fate = xcalloc(1, sizeof(*fate));
    fate->follow_up = follow_up;
    fate->attempt = attempt;
    fate->kind = kind;
    return fate;
}

void followup_fate_free(struct followup_fate *fate)
{
    if (fate) {
        call_told_free(&fate->told);
        free(fate);
    }
}

void followup_fate_set_result(struct followup_fate *fate, const Troth__V1__DialResult *result)
{
    /* A dialer that cannot say how it ended could not call. */
    bool is_said = result->has_outcome && result->outcome > 0;
    fate->outcome =
        is_said ? (int32_t)result->outcome : (int32_t)TROTH__V1__CALL_OUTCOME__CALL_OUTCOME_FAILED;
    fate->started_us = result->started_us;
    fate->ended_us = result->ended_us;
    call_told_copy(result, &fate->told);
}

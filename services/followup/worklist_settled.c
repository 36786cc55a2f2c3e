/* SPDX-License-Identifier: Apache-2.0 */
#include "services/followup/worklist_settled.h"

#include <stdlib.h>

#include "common/base/text.h"
#include "common/base/xalloc.h"

/* Still listed: when it is offered again. 0: it is not listed. */
static int64_t look_again(const struct worklist_settled_terms *terms,
                          const struct followup_fate *fate, const struct followup_settle_rows *rows)
{
    if (rows->follow_up->state != FOLLOW_UP_LISTED) {
        return 0;
    }
    if (fate->kind == FOLLOWUP_FATE_SNOOZED) {
        return fate->until_us;
    }
    const struct followup_outcome_end end = {
        .outcome = fate->outcome,
        .call_back_us = fate->told.call_back_us,
        .now_us = terms->now_us,
    };
    return fate->kind == FOLLOWUP_FATE_FINISHED ? followup_outcome_look_again(terms->outcome, &end)
                                                : 0;
}

static void add_step(struct worklist_settled *w, const struct worklist_settled_terms *terms,
                     const struct followup_fate *fate, const struct follow_up *f)
{
    bool is_snoozed = fate->kind == FOLLOWUP_FATE_SNOOZED;
    struct followup_step *step = followup_step_list_add(
        &w->steps, f, is_snoozed ? FOLLOWUP_STEP_SNOOZED : FOLLOWUP_STEP_RETURNED, terms->now_us);
    step->until_us = is_snoozed ? fate->until_us : FOLLOW_UP_NEVER;
    (void)text_copy(step->reason, sizeof(step->reason), step->step);
}

void worklist_settled_add(struct worklist_settled *w, const struct worklist_settled_terms *terms,
                          const struct followup_fate *fate, const struct followup_settle_rows *rows)
{
    bool is_accepted = fate->kind == FOLLOWUP_FATE_ACCEPTED;
    int64_t again_us = look_again(terms, fate, rows);
    if (w->count == w->capacity) {
        w->capacity = w->capacity ? 2 * w->capacity : 16;
        w->items = xreallocarray(w->items, w->capacity, sizeof(*w->items));
    }
    w->items[w->count++] = (struct worklist_settled_item){
        .move =
            {
                   .follow_up = fate->follow_up,
                   .attempt = fate->attempt,
                   .change = is_accepted    ? WORKLIST_LEASE_ACCEPTED
                          : again_us > 0 ? WORKLIST_LEASE_SNOOZED
                                         : WORKLIST_LEASE_ENDED,
                   .until_us = is_accepted ? terms->call_limit_us : again_us,
                   },
        .is_counted = is_accepted || (fate->kind == FOLLOWUP_FATE_FINISHED && !rows->was_accepted),
    };
    if (fate->kind == FOLLOWUP_FATE_SNOOZED || fate->kind == FOLLOWUP_FATE_RETURNED) {
        add_step(w, terms, fate, rows->follow_up);
    }
}

void worklist_settled_clear(struct worklist_settled *w)
{
    w->count = 0;
    followup_step_list_clear(&w->steps);
}

void worklist_settled_free(struct worklist_settled *w)
{
    free(w->items);
    followup_step_list_free(&w->steps);
    *w = (struct worklist_settled){.items = NULL};
}

void worklist_settled_put(const struct worklist_settled *w, struct db *db, int64_t now_us)
{
    for (size_t i = 0; i < w->count; i++) {
        const struct worklist_lease_move *move = &w->items[i].move;
        worklist_lease_store_put_move(db, move);
        if (w->items[i].is_counted) {
            worklist_lease_store_put_count(db, move->follow_up, move->attempt, now_us);
        }
    }
    followup_step_store_put(db, &w->steps);
}

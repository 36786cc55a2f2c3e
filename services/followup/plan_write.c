/* SPDX-License-Identifier: Apache-2.0 */
#include "services/followup/plan_write.h"

#include <string.h>

#include "common/base/text.h"
#include "common/domain/identifier.h"
#include "services/followup/followup_announce.h"
#include "services/followup/followup_row_store.h"

static bool is_void(const struct follow_up *f)
{
    return plan_was_suppressed(f, FOLLOW_UP_REASON_VOID);
}

/* What is planned, and what is taken back of that, counts; each event has a version of its own. */
static void announce(struct follow_up *f, const struct plan_note *note, struct event_batch *events,
                     int64_t now_us)
{
    bool is_new = f->stored_version == 0;
    if (is_new || (note->was_void && !is_void(f))) {
        followup_announce_planned(events, f, false, now_us);
        f->version += !is_new;
    }
    if (is_void(f) && !note->was_void) {
        followup_announce_planned(events, f, true, now_us);
        f->version++;
    }
    if (f->version > (is_new ? 1 : f->stored_version)) {
        followup_announce_end(events, f, is_new ? FOLLOW_UP_PLANNED : note->before, now_us);
    }
}

/* That a new one was planned again or moved in its batch is nothing that anybody saw. */
static void add_step(const struct follow_up *f, const struct plan_note *note,
                     struct followup_step_list *steps, int64_t now_us)
{
    bool is_new = f->stored_version == 0;
    if (!note->step || (is_new && strcmp(note->step, FOLLOWUP_STEP_FORECAST) != 0)) {
        return;
    }
    struct followup_step *s = followup_step_list_add(steps, f, note->step, now_us);
    s->until_us = f->due_us;
    if (note->why[0] != '\0') {
        (void)text_copy(s->reason, sizeof(s->reason), note->why);
    }
}

void plan_write_prepare(struct plan *p, struct number_stock *stock, struct event_batch *events,
                        struct followup_step_list *steps, struct plan_written *ret)
{
    *ret = (struct plan_written){.planned_count = 0};
    event_batch_clear(events);
    followup_step_list_clear(steps);
    for (size_t i = 0; i < p->list.count; i++) {
        struct follow_up *f = &p->list.items[i];
        bool is_new = f->stored_version == 0;
        if (!is_new && f->version == f->stored_version) {
            continue;
        }
        if (is_new) {
            f->number = number_stock_take(stock, identifier_bucket(f->customer));
            ret->planned_count++;
        }
        bool is_missed = f->state == FOLLOW_UP_MISSED && !f->is_historical &&
                         (is_new || p->notes[i].before != FOLLOW_UP_MISSED);
        ret->missed_count += is_missed ? 1 : 0;
        ret->has_changes = true;
        announce(f, &p->notes[i], events, p->now_us);
        add_step(f, &p->notes[i], steps, p->now_us);
        ret->is_work_due |= followup_has_ended(f->state) || f->next_attempt_us <= p->now_us;
    }
}

void plan_write_put(struct db *db, const struct plan *p, const struct followup_step_list *steps)
{
    followup_store_put_insert(db, &p->list);
    followup_store_put_changes_all(db, &p->list);
    followup_step_store_put(db, steps);
}

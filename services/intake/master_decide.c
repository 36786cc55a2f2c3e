/* SPDX-License-Identifier: Apache-2.0 */
#include "services/intake/master_decide.h"

#include <string.h>

#include "common/base/bytes.h"
#include "common/base/duration.h"
#include "common/domain/identifier.h"
#include "services/intake/work_events.h"

/* The row of this source and code: one statement writes each row at most once. */
static struct work_master *row_of(struct intake_work *w, struct work_list *list,
                                  const struct intake_record *r)
{
    int32_t source_id = r->request->sender.source_id;
    WORK_EACH(struct work_master, m, list)
    {
        if (m->source_id == source_id && strcmp(m->code, r->names.master_code) == 0) {
            return m;
        }
    }
    struct work_master *m = work_append(w, list, sizeof(*m));
    m->source_id = source_id;
    m->code = r->names.master_code;
    m->changed_us = WORK_NO_TIME;
    return m;
}

/* False when something newer was said in the same work. */
static bool is_newest(struct work_master *m, const struct intake_record *r)
{
    if (r->message->occurred_us < m->changed_us) {
        return false;
    }
    m->changed_us = r->message->occurred_us;
    return true;
}

int master_decide_branch(struct intake_work *w, const struct intake_record *r,
                         struct intake_outcome *ret_outcome, struct err *err)
{
    (void)err; /* whatever is well-formed is believed */
    struct work_master *m = row_of(w, &w->branches, r);
    if (is_newest(m, r)) {
        m->branch = r->message->branch_profile;
    }
    *ret_outcome = (struct intake_outcome){0};
    return 0;
}

int master_decide_staff(struct intake_work *w, const struct intake_record *r,
                        struct intake_outcome *ret_outcome, struct err *err)
{
    (void)err;
    struct work_master *m = row_of(w, &w->staff, r);
    if (is_newest(m, r)) {
        m->staff = r->message->staff_profile;
    }
    *ret_outcome = (struct intake_outcome){0};
    return 0;
}

/* Made of source and reference: told again, it is the same improvement, and nobody hears of it
 * twice. */
static int64_t improvement_number(int32_t source_id, const char *reference)
{
    uint64_t hash =
        bytes_hash64(bytes_of_text(reference)) + 0x9e3779b97f4a7c15U * (uint64_t)source_id;
    return identifier_make((int64_t)(hash >> 17) + 1, 0);
}

int master_decide_improvement(struct intake_work *w, const struct intake_record *r,
                              struct intake_outcome *ret_outcome, struct err *err)
{
    static const int64_t usual_us = 365 * DURATION_DAY;
    (void)err;
    const Troth__V1__Improvement *m = r->message->improvement;
    struct work_improvement *i = work_append(w, &w->improvements, sizeof(*i));
    i->message = m;
    i->source_id = r->request->sender.source_id;
    i->number = improvement_number(i->source_id, m->improvement_ref);
    i->occurred_us = r->message->occurred_us;
    i->reported_from_us =
        m->has_reported_from_us ? m->reported_from_us : r->message->occurred_us - usual_us;
    work_emit_improvement_shipped(w, i, intake_decide_when(r));
    *ret_outcome = (struct intake_outcome){.fact_number = i->number};
    return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "services/intake/master_decide.h"

#include <string.h>

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

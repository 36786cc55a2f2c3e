/* SPDX-License-Identifier: Apache-2.0 */
#include "services/intake/case_merge.h"

#include "services/intake/case_decide.h"
#include "services/intake/case_rules.h"

static struct work_case *find_named(struct intake_work *w, const struct intake_record *r)
{
    const struct intake_names *n = &r->names;
    return n->other_case_number ? work_find_case(w, n->other_case_number)
                                : case_decide_find_reference(w, r->request->sender.source_id,
                                                             n->customer_ref, n->other_case_ref);
}

struct work_case *case_merge_find(struct intake_work *w, const struct intake_record *r,
                                  const struct work_case *c, struct err *err)
{
    const char *field =
        r->names.other_case_number ? "case_update.into_case_number" : "case_update.into_case_ref";
    struct work_case *into = find_named(w, r);
    if (!into || !case_decide_is_same_person(w, into->customer, c->customer)) {
        err_set_field(err, "case_unknown", field, "no such case of this customer");
        return NULL;
    }
    if (into == c) {
        err_set_field(err, "same_case", field, "a case is not merged into itself");
        return NULL;
    }
    if (!case_rules_is_open(into->state)) {
        err_set_field(err, "case_not_open", field,
                      "a case that is %s does not go on with another one",
                      into->joined_case ? "merged itself" : case_rules_state_name(into->state));
        return NULL;
    }
    return into;
}

const struct work_case *case_merge_find_like(struct intake_work *w, const struct intake_record *r,
                                             const struct work_case *c, struct err *err)
{
    const char *field = "case_update.solved_like";
    const struct work_case *like = work_find_case(w, r->names.other_case_number);
    if (!like) {
        err_set_field(err, "case_unknown", field, "no case has this number");
    } else if (like == c) {
        err_set_field(err, "same_case", field, "no case is solved like itself");
        like = NULL;
    } else if (like->state == TROTH__V1__CASE_STATE__CASE_STATE_VOID) {
        err_set_field(err, "case_void", field, "what opened this case was taken back");
        like = NULL;
    }
    return like;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "services/intake/intake_check.h"

#include "common/base/text.h"
#include "common/domain/identifier.h"
#include "common/domain/standard.h"
#include "services/intake/intake_limits.h"

int intake_check_contact(struct intake_record *r, const struct intake_validation *v,
                         struct err *err)
{
    (void)v;
    const Troth__V1__Contact *c = r->message->contact;
    r->names.customer_ref = c->customer_ref;
    r->names.case_ref = intake_check_or_null(c->case_ref);
    if (!c->kind) {
        return err_set_field(err, "enum_unknown", "contact.kind", "a contact needs a kind");
    }
    return intake_check_number(IDENTIFIER_CASE, c->case_number, "case_number_invalid",
                               "contact.case_number", &r->names.case_number, err);
}

#define ACTION(name) TROTH__V1__CASE_ACTION__CASE_ACTION_##name

static int check_class(const Troth__V1__CaseUpdate *u, struct err *err)
{
    bool is_set = !text_is_empty(u->category) || u->contact_kind || u->has_priority;
    if (u->action != ACTION(RECLASSIFIED)) {
        return is_set ? err_set_field(err, "field_not_expected", "case_update.category",
                                      "category, contact_kind and priority belong to "
                                      "\"reclassified\"")
                      : 0;
    }
    if (!is_set) {
        return err_set_field(err, "field_missing", "case_update.category",
                             "\"reclassified\" needs a category, a contact_kind or a priority");
    }
    if (u->has_priority &&
        (u->priority < STANDARD_PRIORITY_URGENT || u->priority > STANDARD_PRIORITY_LOW)) {
        return err_set_field(err, "value_out_of_range", "case_update.priority",
                             "a priority is 1, urgent, to 4, low");
    }
    return 0;
}

/* The case that goes on. */
static int check_merge(struct intake_record *r, struct err *err)
{
    const Troth__V1__CaseUpdate *u = r->message->case_update;
    bool is_set = !text_is_empty(u->into_case_number) || !text_is_empty(u->into_case_ref);
    if (u->action != ACTION(MERGED)) {
        return is_set ? err_set_field(err, "field_not_expected", "case_update.into_case_number",
                                      "only a merged case names the one that goes on")
                      : 0;
    }
    r->names.other_case_ref = intake_check_or_null(u->into_case_ref);
    if (intake_check_number(IDENTIFIER_CASE, u->into_case_number, "case_number_invalid",
                            "case_update.into_case_number", &r->names.other_case_number, err) < 0) {
        return -1;
    }
    if (!r->names.other_case_number && !(r->names.customer_ref && r->names.other_case_ref)) {
        return err_set_field(err, "field_missing", "case_update.into_case_number",
                             "name the case that goes on by into_case_number, or by customer_ref "
                             "and into_case_ref");
    }
    return 0;
}

static int check_like(struct intake_record *r, struct err *err)
{
    const Troth__V1__CaseUpdate *u = r->message->case_update;
    if (text_is_empty(u->solved_like)) {
        return 0;
    }
    if (u->action != ACTION(RESOLVED)) {
        return err_set_field(err, "field_not_expected", "case_update.solved_like",
                             "only a resolved case is solved like another one");
    }
    return intake_check_number(IDENTIFIER_CASE, u->solved_like, "case_number_invalid",
                               "case_update.solved_like", &r->names.other_case_number, err);
}

int intake_check_case_update(struct intake_record *r, const struct intake_validation *v,
                             struct err *err)
{
    (void)v;
    const Troth__V1__CaseUpdate *u = r->message->case_update;
    r->names.customer_ref = intake_check_or_null(u->customer_ref);
    r->names.case_ref = intake_check_or_null(u->case_ref);
    if (!u->action) {
        return err_set_field(err, "enum_unknown", "case_update.action",
                             "an update needs an action");
    }
    if (intake_check_number(IDENTIFIER_CASE, u->case_number, "case_number_invalid",
                            "case_update.case_number", &r->names.case_number, err) < 0) {
        return -1;
    }
    if (!r->names.case_number && !(r->names.customer_ref && r->names.case_ref)) {
        return err_set_field(err, "field_missing", "case_update.case_number",
                             "name the case by case_number, or by customer_ref and case_ref");
    }
    if (check_class(u, err) < 0 || check_merge(r, err) < 0) {
        return -1;
    }
    return check_like(r, err);
}

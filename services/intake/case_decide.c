/* SPDX-License-Identifier: Apache-2.0 */
#include "services/intake/case_decide.h"

#include "common/domain/identifier.h"
#include "services/intake/promise_decide.h"

#define ACTION(name) TROTH__V1__CASE_ACTION__CASE_ACTION_##name

/* As the standard's file calls them. */
static const char *const kind_names[] = {
    [TROTH__V1__CONTACT_KIND__CONTACT_KIND_UNSPECIFIED] = "",
    [TROTH__V1__CONTACT_KIND__CONTACT_KIND_ENQUIRY] = "enquiry",
    [TROTH__V1__CONTACT_KIND__CONTACT_KIND_COMPLAINT] = "complaint",
    [TROTH__V1__CONTACT_KIND__CONTACT_KIND_REQUEST] = "request",
    [TROTH__V1__CONTACT_KIND__CONTACT_KIND_PRAISE] = "praise",
};

const char *case_decide_kind_name(Troth__V1__ContactKind kind)
{
    return (size_t)kind < ARRAY_LEN(kind_names) ? kind_names[kind] : "";
}

void case_decide_standard(const struct intake_work *w, const struct work_case *c,
                          struct standard_decision *ret)
{
    const struct standard_request request = {
        .kind = case_decide_kind_name(c->kind),
        .category = c->category,
        .channel = c->channel,
        .branch = c->branch,
    };
    standard_decide(w->standard, &request, ret);
}

/* ---- which case */

struct work_case *case_decide_find(struct intake_work *w, const struct intake_record *r,
                                   const char *field, struct err *err)
{
    const struct intake_names *n = &r->names;
    int32_t source_id = r->request->sender.source_id;
    struct work_reference *who =
        n->customer_ref ? work_find_reference(w, source_id, n->customer_ref) : NULL;
    struct work_case *c = NULL;
    if (n->case_number) {
        c = work_find_case(w, n->case_number);
        bool is_other =
            (n->customer_ref && (!who || (c && who->customer->number != c->customer))) ||
            (n->customer_number && c && n->customer_number != c->customer);
        c = is_other ? NULL : c;
    } else if (who && n->case_ref) {
        struct work_case_reference *named =
            work_find_case_reference(w, source_id, who->customer->number, n->case_ref);
        c = named ? named->service_case : NULL;
    }
    if (c && c->state == TROTH__V1__CASE_STATE__CASE_STATE_VOID) {
        err_set_field(err, "case_void", field, "what opened this case was taken back");
        return NULL;
    }
    if (!c) {
        err_set_field(err, "case_unknown", field,
                      "no such case of this customer; an update that overtook its contact on "
                      "another connection may be sent again with the same key");
    }
    return c;
}

/* ---- moving it */

static bool is_answer(const struct work_case *c, Troth__V1__CaseAction action)
{
    /* A praise that is closed was not answered: nobody had asked. */
    bool is_praise = c->kind == TROTH__V1__CONTACT_KIND__CONTACT_KIND_PRAISE;
    return action == ACTION(RESPONDED) || action == ACTION(RESOLVED) ||
           (action == ACTION(CLOSED) && !is_praise);
}

static void note_instants(struct work_case *c, Troth__V1__CaseAction action, int64_t occurred_us)
{
    if (action == ACTION(RESOLVED)) {
        c->resolved_us = occurred_us;
    } else if (action == ACTION(CLOSED)) {
        c->closed_us = occurred_us;
    } else if (action == ACTION(REOPENED)) {
        c->resolved_us = WORK_NO_TIME;
        c->closed_us = WORK_NO_TIME;
        c->reopened_count++;
    }
}

bool case_decide_apply(struct intake_work *w, struct work_case *c, const struct case_rule *rule,
                       int64_t occurred_us)
{
    c->state = rule->to;
    note_instants(c, rule->action, occurred_us);
    bool is_first = is_answer(c, rule->action) && c->first_response_us == WORK_NO_TIME;
    if (is_first) {
        /* Clocks of two systems differ: nobody answers before he was asked. */
        c->first_response_us = occurred_us > c->opened_us ? occurred_us : c->opened_us;
    }
    work_case_moved(w, c, rule->from, rule->to, occurred_us);
    return is_first;
}

void case_decide_settle(struct intake_work *w, struct work_case *c, const struct case_rule *rule,
                        struct work_when when)
{
    Troth__V1__CaseAction action = rule->action;
    if (case_rules_is_paused(rule->from) != case_rules_is_paused(rule->to)) {
        promise_decide_reschedule(w, c);
    }
    if (is_answer(c, action)) {
        promise_decide_done(w, c, PROMISE_KIND_FIRST_RESPONSE, when);
    }
    if (is_answer(c, action) && action != ACTION(RESPONDED)) {
        promise_decide_done(w, c, PROMISE_KIND_RESOLUTION, when);
    }
    if (action == ACTION(CLOSED)) {
        promise_decide_withdraw(w, c, when); /* what no answer could keep */
    }
}

void case_decide_promise_again(struct intake_work *w, struct work_case *c,
                               const struct work_case_event *reopening, struct work_when when)
{
    struct standard_decision d;
    const struct work_promise *last = work_last_promise(c);
    case_decide_standard(w, c, &d);
    promise_decide_make(w, c, &d, PROMISE_KIND_RESOLUTION, when);
    for (struct work_promise *p = last ? last->next : c->promises; p; p = p->next) {
        p->made_by = reopening->number;
    }
}

struct work_case_event *case_decide_move(struct intake_work *w, const struct intake_record *r,
                                         struct work_case *c, const struct case_rule *rule,
                                         const char *staff)
{
    struct work_when when = intake_decide_when(r);
    struct work_case_event *e = work_append(w, &w->case_events, sizeof(*e));
    e->number = intake_numbers_take(&w->numbers, identifier_bucket(c->number));
    e->service_case = c->number;
    e->action = rule->action;
    e->from = rule->from;
    e->to = rule->to;
    e->staff = staff;
    e->source_id = r->request->sender.source_id;
    e->occurred_us = when.occurred_us;
    e->received_us = w->now_us;

    bool is_first = case_decide_apply(w, c, rule, when.occurred_us);
    work_emit_case_changed(w, c, e, is_first, when);
    e->case_version = c->version;
    case_decide_settle(w, c, rule, when);
    if (rule->action == ACTION(REOPENED)) {
        case_decide_promise_again(w, c, e, when);
    }
    return e;
}

/* ---- an update */

int case_decide_update(struct intake_work *w, const struct intake_record *r,
                       struct intake_outcome *ret_outcome, struct err *err)
{
    const Troth__V1__CaseUpdate *u = r->message->case_update;
    struct work_case *c = case_decide_find(
        w, r, r->names.case_number ? "case_update.case_number" : "case_update.case_ref", err);
    if (!c) {
        return -1;
    }
    const struct case_rule *rule = case_rules_find(c->state, u->action);
    if (!rule) {
        return err_set_field(err, "transition_invalid", "case_update.action",
                             "\"%s\" cannot be done to a case that is %s",
                             case_rules_action_name(u->action), case_rules_state_name(c->state));
    }
    *ret_outcome = (struct intake_outcome){
        .customer = c->customer,
        .service_case = c,
        .last_promise_before = work_last_promise(c),
    };
    const struct work_case_event *e = case_decide_move(w, r, c, rule, u->staff);
    intake_decide_text(w, r,
                       &(struct work_text){.number = e->number,
                                           .field = "note",
                                           .customer = c->customer,
                                           .service_case = c->number,
                                           .body = u->note});
    ret_outcome->fact_number = e->number;
    return 0;
}

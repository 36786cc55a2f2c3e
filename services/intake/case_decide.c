/* SPDX-License-Identifier: Apache-2.0 */
#include "services/intake/case_decide.h"

#include "common/base/text.h"
#include "common/domain/identifier.h"
#include "services/intake/case_class.h"
#include "services/intake/case_merge.h"
#include "services/intake/case_owed.h"
#include "services/intake/promise_decide.h"

#define ACTION(name) TROTH__V1__CASE_ACTION__CASE_ACTION_##name

void case_decide_request(const struct intake_work *w, const struct work_case *c,
                         struct standard_request *ret)
{
    *ret = (struct standard_request){
        .tier = work_find_tier(w, c->customer),
        .kind = standard_contact_kind((int)c->kind),
        .category = c->category,
        .channel = c->channel,
        .branch = c->branch,
        .asked_priority = c->asked_priority,
        .known_rule = c->rule,
    };
}

void case_decide_standard(const struct intake_work *w, const struct work_case *c,
                          struct standard_decision *ret)
{
    struct standard_request request;
    case_decide_request(w, c, &request);
    standard_decide(w->standard, &request, ret);
}

/* ---- which case */

/* The customer that counts for a customer. */
static int64_t person_of(struct intake_work *w, int64_t customer)
{
    const struct work_customer *c = work_find_customer(w, customer);
    return c && c->merged_into ? c->merged_into : customer;
}

bool case_decide_is_same_person(struct intake_work *w, int64_t customer, int64_t other)
{
    return customer == other || person_of(w, customer) == person_of(w, other);
}

struct work_case *case_decide_survivor(struct intake_work *w, struct work_case *c)
{
    const struct work_case *from = NULL;
    while (c != from) {
        from = c;
        struct work_case *next = c->joined_case ? work_find_case(w, c->joined_case) : NULL;
        bool goes_on = next && next->state != TROTH__V1__CASE_STATE__CASE_STATE_VOID &&
                       case_decide_is_same_person(w, c->customer, next->customer);
        c = goes_on ? next : c;
    }
    return c;
}

struct work_case *case_decide_find_reference(struct intake_work *w, int32_t source_id,
                                             const char *customer_ref, const char *case_ref)
{
    const struct work_reference *who =
        customer_ref && case_ref ? work_find_reference(w, source_id, customer_ref) : NULL;
    const struct work_case_reference *named =
        who ? work_find_case_reference(w, source_id, who->customer->number, case_ref) : NULL;
    return named ? named->service_case : NULL;
}

struct work_case *case_decide_find(struct intake_work *w, const struct intake_record *r,
                                   const char *field, struct err *err)
{
    struct work_case *c = case_decide_find_named(w, r, field, err);
    return c ? case_decide_survivor(w, c) : NULL;
}

struct work_case *case_decide_find_named(struct intake_work *w, const struct intake_record *r,
                                         const char *field, struct err *err)
{
    const struct intake_names *n = &r->names;
    int32_t source_id = r->request->sender.source_id;
    struct work_case *c;
    if (n->case_number) {
        const struct work_reference *who =
            n->customer_ref ? work_find_reference(w, source_id, n->customer_ref) : NULL;
        c = work_find_case(w, n->case_number);
        bool is_other =
            (n->customer_ref && (!who || (c && who->customer->number != c->customer))) ||
            (n->customer_number && c && n->customer_number != c->customer);
        c = is_other ? NULL : c;
    } else {
        c = case_decide_find_reference(w, source_id, n->customer_ref, n->case_ref);
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

static void note_instants(struct work_case *c, Troth__V1__CaseAction action, int64_t occurred_us)
{
    if (action == ACTION(RESOLVED)) {
        c->resolved_us = occurred_us;
    } else if (action == ACTION(CLOSED) || action == ACTION(MERGED)) {
        c->closed_us = occurred_us;
    } else if (action == ACTION(REOPENED)) {
        c->resolved_us = WORK_NO_TIME;
        c->closed_us = WORK_NO_TIME;
        c->reopened_count++;
    }
}

static void note_marks(struct work_case *c, Troth__V1__CaseAction action,
                       const struct case_act *act)
{
    if (action == ACTION(MERGED)) {
        c->joined_case = act->named_case;
    } else if (action == ACTION(RESOLVED) && act->named_case) {
        c->solved_like = act->named_case;
    } else if (action == ACTION(REOPENED)) {
        c->joined_case = 0;
        c->is_reference = false; /* what did not hold is no example */
    } else if (action == ACTION(REFERENCE_MARKED) || action == ACTION(REFERENCE_UNMARKED)) {
        c->is_reference = action == ACTION(REFERENCE_MARKED);
    } else if (action == ACTION(RECLASSIFIED) && act->class) {
        case_class_set(c, act->class);
    }
}

bool case_decide_apply(struct intake_work *w, struct work_case *c, const struct case_rule *rule,
                       const struct case_act *act)
{
    c->state = rule->to;
    note_instants(c, rule->action, act->occurred_us);
    note_marks(c, rule->action, act);
    bool is_first = case_owed_is_answer(c, rule->action) && c->first_response_us == WORK_NO_TIME;
    if (is_first) {
        /* Clocks of two systems differ: nobody answers before he was asked. */
        c->first_response_us = act->occurred_us > c->opened_us ? act->occurred_us : c->opened_us;
    }
    work_case_moved(w, c, rule->from, rule->to, act->occurred_us);
    return is_first;
}

void case_decide_settle(struct intake_work *w, struct work_case *c, const struct case_rule *rule,
                        struct work_when when)
{
    static const char *const kinds[] = {PROMISE_KIND_FIRST_RESPONSE, PROMISE_KIND_NEXT_UPDATE,
                                        PROMISE_KIND_RESOLUTION, PROMISE_KIND_CALLBACK};
    Troth__V1__CaseAction action = rule->action;
    if (case_rules_is_paused(rule->from) != case_rules_is_paused(rule->to)) {
        promise_decide_reschedule(w, c);
    }
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
        if (case_owed_is_done(c, action, kinds[i])) {
            promise_decide_done(w, c, kinds[i], action == ACTION(CLOSED), when);
        }
    }
    if (case_rules_is_open(rule->from) && !case_rules_is_open(rule->to)) {
        promise_decide_spare(w, c, when);
    }
    if (action == ACTION(RECLASSIFIED)) {
        case_class_retarget(w, c, when);
    } else if (action == ACTION(CLOSED) || action == ACTION(MERGED)) {
        promise_decide_withdraw(w, c, when); /* what no answer could keep, or another case owes */
    }
}

void case_decide_owed(const struct intake_work *w, const struct work_case *c,
                      Troth__V1__CaseAction action, struct standard_decision *ret)
{
    if (action == ACTION(REOPENED) || !standard_find_rule(w->standard, c->rule, c->branch, ret)) {
        case_decide_standard(w, c, ret);
    }
}

/* What is owed because of it, by the standard in force. */
static void promise_again(struct intake_work *w, struct work_case *c, const struct case_rule *rule,
                          const struct work_case_event *e, struct work_when when)
{
    struct case_owed owed[STANDARD_PROMISES_MAX];
    const struct work_promise *last = work_last_promise(c);
    size_t count = case_owed_after(w, c, rule, when, owed);
    struct standard_decision d;
    if (count == 0) {
        return;
    }
    case_decide_owed(w, c, rule->action, &d);
    for (size_t i = 0; i < count; i++) {
        when.occurred_us = owed[i].made_us;
        promise_decide_make(w, c, &d, owed[i].kind, when);
    }
    for (struct work_promise *p = last ? last->next : c->promises; p; p = p->next) {
        p->made_by = e->number;
    }
}

static void tell(struct intake_work *w, struct work_case *c, const struct work_case_event *e,
                 const struct work_class *before, bool is_first, struct work_when when)
{
    if (e->action == ACTION(RECLASSIFIED)) {
        const struct work_class after = case_class_of(c);
        work_emit_case_reclassified(w, c, before, &after, when);
    } else {
        work_emit_case_changed(w, c, e, is_first, when);
    }
}

struct work_case_event *case_decide_move(struct intake_work *w, const struct intake_record *r,
                                         struct work_case *c, const struct case_rule *rule,
                                         const struct case_said *said)
{
    const struct work_class before = case_class_of(c);
    const struct case_act act = {
        .occurred_us = r->message->occurred_us,
        .named_case = said->named_case,
        .class = said->class ? &said->class->after : NULL,
    };
    struct work_when when = intake_decide_when(r);
    struct work_case_event *e = work_append(w, &w->case_events, sizeof(*e));
    e->number = intake_numbers_take(&w->numbers, identifier_bucket(c->number));
    e->service_case = c->number;
    e->action = rule->action;
    e->from = rule->from;
    e->to = rule->to;
    e->named_case = said->named_case;
    e->standard_id = w->standard_id;
    e->staff = said->staff;
    e->source_id = r->request->sender.source_id;
    e->occurred_us = when.occurred_us;
    e->received_us = w->now_us;

    bool is_first = case_decide_apply(w, c, rule, &act);
    tell(w, c, e, &before, is_first, when);
    e->case_version = c->version;
    case_decide_settle(w, c, rule, when);
    promise_again(w, c, rule, e, when);
    return e;
}

/* ---- an update */

static struct work_case_class *reclassify(struct intake_work *w, const struct work_case *c,
                                          const Troth__V1__CaseUpdate *u)
{
    struct work_case_class *row = work_append(w, &w->case_classes, sizeof(*row));
    row->service_case = c->number;
    row->kind = u->contact_kind;
    row->category = text_is_empty(u->category) ? NULL : u->category;
    row->priority = u->has_priority ? u->priority : 0;
    row->before = case_class_of(c);
    row->after = case_class_decide(w, c, row);
    return row;
}

/* The other case that u names. Returns 0, or -1 with a code. */
static int find_other(struct intake_work *w, const struct intake_record *r,
                      const struct work_case *c, int64_t *ret_number, struct err *err)
{
    const Troth__V1__CaseUpdate *u = r->message->case_update;
    if (u->action == ACTION(MERGED)) {
        struct work_case *into = case_merge_find(w, r, c, err);
        if (!into) {
            return -1;
        }
        /* No event: whoever ends this one at the same instant loses the comparison of versions. */
        into->version++;
        into->is_changed = true;
        *ret_number = into->number;
    } else if (u->action == ACTION(RESOLVED) && r->names.other_case_number) {
        const struct work_case *like = case_merge_find_like(w, r, c, err);
        if (!like) {
            return -1;
        }
        *ret_number = like->number;
    }
    return 0;
}

int case_decide_update(struct intake_work *w, const struct intake_record *r,
                       struct intake_outcome *ret_outcome, struct err *err)
{
    const Troth__V1__CaseUpdate *u = r->message->case_update;
    struct case_said said = {.staff = u->staff};
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
    if (find_other(w, r, c, &said.named_case, err) < 0) {
        return -1;
    }
    *ret_outcome = (struct intake_outcome){
        .customer = c->customer,
        .service_case = c,
        .last_promise_before = work_last_promise(c),
    };
    said.class = u->action == ACTION(RECLASSIFIED) ? reclassify(w, c, u) : NULL;
    const struct work_case_event *e = case_decide_move(w, r, c, rule, &said);
    if (said.class) {
        said.class->number = e->number;
    }
    intake_decide_text(w, r,
                       &(struct work_text){.number = e->number,
                                           .field = "note",
                                           .customer = c->customer,
                                           .service_case = c->number,
                                           .body = u->note});
    ret_outcome->fact_number = e->number;
    return 0;
}

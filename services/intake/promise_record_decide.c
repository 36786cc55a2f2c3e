/* SPDX-License-Identifier: Apache-2.0 */
#include "services/intake/promise_record_decide.h"

#include <string.h>

#include "common/base/text.h"
#include "common/domain/identifier.h"
#include "services/intake/case_decide.h"
#include "services/intake/promise_decide.h"

#define ACTION(name) TROTH__V1__PROMISE_ACTION__PROMISE_ACTION_##name
#define STATE(name)  TROTH__V1__PROMISE_STATE__PROMISE_STATE_##name

/* ---- which promise */

/* References are the source's own: another source's promise never has it. */
static struct work_promise *find_reference(const struct intake_record *r, const struct work_case *c,
                                           const char *reference)
{
    for (struct work_promise *p = c->promises; p; p = p->next) {
        if (p->reference && !p->is_void && p->source_id == r->request->sender.source_id &&
            strcmp(p->reference, reference) == 0) {
            return p;
        }
    }
    return NULL;
}

static int check_reference(const struct intake_record *r, const struct work_case *c,
                           const char *reference, const char *field, struct err *err)
{
    if (!text_is_empty(reference) && find_reference(r, c, reference)) {
        return err_set_field(err, "promise_reference_taken", field,
                             "this promise reference names another promise of the case");
    }
    return 0;
}

/* By its number alone, or with the case that it must belong to. NULL: not that case's. */
static struct work_case *find_case_of_number(struct intake_work *w, const struct intake_record *r)
{
    struct work_case *c = work_find_case_of_promise(w, r->names.promise_number);
    if (!c || (r->names.case_number && r->names.case_number != c->number)) {
        return NULL;
    }
    /* Who names a customer too must mean this one's. */
    struct intake_record named = *r;
    named.names.case_number = c->number;
    return case_decide_find_named(w, &named, "", NULL);
}

static struct work_promise *find_promise(struct intake_work *w, const struct intake_record *r,
                                         struct work_case **ret_case, struct err *err)
{
    const Troth__V1__PromiseUpdate *u = r->message->promise_update;
    const char *field = "promise_update.promise_ref";
    struct work_promise *p = NULL;
    struct work_case *c;
    if (r->names.promise_number) {
        field = "promise_update.promise_number";
        c = find_case_of_number(w, r);
        p = c ? work_find_promise(c, r->names.promise_number) : NULL;
        bool is_other =
            p && !text_is_empty(u->promise_ref) && find_reference(r, c, u->promise_ref) != p;
        p = is_other ? NULL : p;
    } else {
        c = case_decide_find_named(
            w, r, r->names.case_number ? "promise_update.case_number" : "promise_update.case_ref",
            err);
        if (!c) {
            return NULL;
        }
        p = find_reference(r, c, u->promise_ref); /* its own, also when it was merged since */
        c = p ? c : case_decide_survivor(w, c);
        p = p ? p : find_reference(r, c, u->promise_ref);
    }
    if (!p) {
        err_set_field(err, "promise_unknown", field,
                      "no such promise of this case or customer; an update that overtook it may "
                      "be sent again with the same key");
        return NULL;
    }
    *ret_case = c;
    return p;
}

/* ---- writing it down */

struct said {
    Troth__V1__PromiseAction action;
    Troth__V1__PromiseState from;
    const char *staff;
    int cause; /* of an explanation */
};

/* The promise has its new state already. Returns the event's number. */
static int64_t add_event(struct intake_work *w, const struct intake_record *r,
                         const struct work_case *c, const struct work_promise *p,
                         const struct said *said)
{
    struct work_promise_event *e = work_append(w, &w->promise_events, sizeof(*e));
    e->number = intake_numbers_take(&w->numbers, identifier_bucket(c->number));
    e->promise = p->number;
    e->service_case = c->number;
    e->case_version = c->version;
    e->promise_version = p->version;
    e->action = said->action;
    e->from = said->from;
    e->to = p->state;
    e->staff = said->staff;
    e->cause = said->cause;
    e->source_id = r->request->sender.source_id;
    e->occurred_us = r->message->occurred_us;
    e->received_us = w->now_us;
    return e->number;
}

static void keep_text(struct intake_work *w, const struct intake_record *r,
                      const struct work_case *c, int64_t number, const char *field,
                      const char *body)
{
    intake_decide_text(w, r,
                       &(struct work_text){.number = number,
                                           .field = field,
                                           .customer = c->customer,
                                           .service_case = c->number,
                                           .body = body});
}

/* Before anything is done to the case. */
static struct intake_outcome outcome_of(struct work_case *c)
{
    return (struct intake_outcome){
        .customer = c->customer,
        .service_case = c,
        .last_promise_before = work_last_promise(c),
    };
}

static const char *or_null(const char *text)
{
    return text_is_empty(text) ? NULL : text;
}

/* ---- given */

/* What the two kinds of record have in common. */
struct gift {
    const char *kind;
    const char *reference;
    const char *reference_field;
    int64_t due_us;
    int done_by;
    const char *words;
    const char *staff;
};

/* NULL with a code; field is the case's. */
static struct work_promise *give(struct intake_work *w, const struct intake_record *r,
                                 const struct gift *gift, const char *field,
                                 struct intake_outcome *ret_outcome, struct err *err)
{
    struct work_case *c = case_decide_find(w, r, field, err);
    if (!c || check_reference(r, c, gift->reference, gift->reference_field, err) < 0) {
        return NULL;
    }
    *ret_outcome = outcome_of(c);
    struct work_promise *p = promise_decide_give(w, c,
                                                 &(struct promise_gift){
                                                     .kind = gift->kind,
                                                     .due_us = gift->due_us,
                                                     .source_id = r->request->sender.source_id,
                                                     .reference = or_null(gift->reference),
                                                     .done_by = gift->done_by,
                                                 },
                                                 intake_decide_when(r));
    p->made_by = add_event(w, r, c, p, &(struct said){.staff = gift->staff});
    keep_text(w, r, c, p->number, "words", gift->words);
    ret_outcome->fact_number = p->number;
    return p;
}

int promise_record_decide_given(struct intake_work *w, const struct intake_record *r,
                                struct intake_outcome *ret_outcome, struct err *err)
{
    const Troth__V1__PromiseGiven *m = r->message->promise_given;
    const struct gift gift = {
        .kind = text_is_empty(m->kind) ? PROMISE_KIND_CUSTOM : m->kind,
        .reference = m->promise_ref,
        .reference_field = "promise_given.promise_ref",
        .due_us = m->due_us,
        .done_by = (int)m->done_by,
        .words = m->words,
        .staff = m->staff,
    };
    const char *field =
        r->names.case_number ? "promise_given.case_number" : "promise_given.case_ref";
    const struct work_promise *p = give(w, r, &gift, field, ret_outcome, err);
    if (!p) {
        return -1;
    }
    keep_text(w, r, ret_outcome->service_case, p->number, "done_when", m->done_when);
    return 0;
}

int promise_record_decide_compensation(struct intake_work *w, const struct intake_record *r,
                                       struct intake_outcome *ret_outcome, struct err *err)
{
    const Troth__V1__Compensation *m = r->message->compensation;
    const struct gift gift = {
        .kind = PROMISE_KIND_COMPENSATION,
        .reference = m->promise_ref,
        .reference_field = "compensation.promise_ref",
        .due_us = m->due_us,
        .words = m->words,
        .staff = m->staff,
    };
    const char *field = r->names.case_number ? "compensation.case_number" : "compensation.case_ref";
    const struct work_promise *p = give(w, r, &gift, field, ret_outcome, err);
    if (!p) {
        return -1;
    }
    struct work_case *c = ret_outcome->service_case;
    struct work_compensation *k = work_append(w, &w->compensations, sizeof(*k));
    k->promise = p->number;
    k->service_case = c->number;
    k->customer = c->customer;
    k->kind = m->kind;
    k->has_amount = m->has_amount_minor;
    k->amount_minor = m->amount_minor;
    k->currency = or_null(m->currency);
    k->source_id = r->request->sender.source_id;
    k->occurred_us = r->message->occurred_us;
    work_emit_compensation_promised(w, c, k, intake_decide_when(r));
    return 0;
}

/* ---- updated */

/* A new promise of the same kind takes the place of p: the date that was agreed on. */
static void renew(struct intake_work *w, const struct intake_record *r, struct work_case *c,
                  const struct work_promise *p, int64_t made_by)
{
    const Troth__V1__PromiseUpdate *u = r->message->promise_update;
    struct work_promise *fresh = promise_decide_give(w, c,
                                                     &(struct promise_gift){
                                                         .kind = p->kind,
                                                         .due_us = u->due_us,
                                                         .source_id = r->request->sender.source_id,
                                                         .reference = or_null(u->new_promise_ref),
                                                         .replaces = p->number,
                                                         .done_by = p->done_by,
                                                     },
                                                     intake_decide_when(r));
    fresh->made_by = made_by;
    keep_text(w, r, c, fresh->number, "words", u->note);
}

/* What was said last of who is in which team, also by an earlier record of this very work. NULL: in
 * none. */
static const char *team_of(const struct intake_work *w, int32_t source_id, const char *staff)
{
    WORK_EACH(const struct work_master, m, &w->staff)
    {
        if (m->source_id == source_id && strcmp(m->code, staff) == 0) {
            return or_null(m->staff->team);
        }
    }
    WORK_EACH(const struct work_team, team, &w->teams)
    {
        if (team->source_id == source_id && strcmp(team->staff, staff) == 0) {
            return team->team;
        }
    }
    return NULL;
}

/* Only the teams that the promise's standard names may agree on another date; all, if none is. */
static int check_renegotiator(const struct intake_work *w, const struct intake_record *r,
                              const struct work_promise *p, struct err *err)
{
    const char *staff = or_null(r->message->promise_update->staff);
    const struct standard_ladder *l = p->ladder;
    const char *team = staff ? team_of(w, r->request->sender.source_id, staff) : NULL;
    if (!l || !l->renegotiators) {
        return 0;
    }
    for (size_t i = 0; team && i < l->renegotiator_count; i++) {
        if (strcmp(l->renegotiators[i], team) == 0) {
            return 0;
        }
    }
    return err_set_field(err, "renegotiation_not_permitted", "promise_update.staff",
                         "only staff of the teams that the standard names may agree on another "
                         "date, such as %s",
                         l->renegotiator_count > 0 ? l->renegotiators[0] : "none");
}

static int refuse(const struct work_promise *p, Troth__V1__PromiseAction action, struct err *err)
{
    bool is_about_end = action == ACTION(EXPLAINED) || action == ACTION(CONFIRMED) ||
                        action == ACTION(DISPUTED) || action == ACTION(CORRECTED);
    const char *state = promise_rules_state_name(p->state);
    if (is_about_end && promise_rules_is_running(p->state)) {
        return err_set_field(err, "promise_open", "promise_update.action",
                             "a promise that is %s was neither kept nor broken yet", state);
    }
    if (action == ACTION(CORRECTED) && promise_rules_find(p->state, PROMISE_CORRECTED)) {
        return err_set_field(err, "value_out_of_range", "occurred_us",
                             "it was done after it was due: say when it was kept");
    }
    if (promise_rules_is_running(p->state)) {
        state = "due already"; /* only its step was not taken yet */
    }
    return err_set_field(err, "promise_settled", "promise_update.action",
                         "a promise that is %s cannot be %s", state,
                         promise_rules_action_name(action));
}

int promise_record_decide_update(struct intake_work *w, const struct intake_record *r,
                                 struct intake_outcome *ret_outcome, struct err *err)
{
    const Troth__V1__PromiseUpdate *u = r->message->promise_update;
    struct work_case *c;
    struct work_promise *p = find_promise(w, r, &c, err);
    bool is_renewal = u->action == ACTION(RENEGOTIATED);
    if (!p || (is_renewal && check_reference(r, c, u->new_promise_ref,
                                             "promise_update.new_promise_ref", err) < 0)) {
        return -1;
    }
    if (!promise_decide_judge(w, c, p, u->action, r->message->occurred_us)) {
        return refuse(p, u->action, err);
    }
    if (is_renewal && check_renegotiator(w, r, p, err) < 0) {
        return -1;
    }
    const struct promise_said what = {.action = u->action, .cause = (int)u->cause};
    *ret_outcome = outcome_of(c);
    const struct promise_rule *rule = promise_decide_say(w, c, p, &what, intake_decide_when(r));
    ret_outcome->fact_number =
        add_event(w, r, c, p,
                  &(struct said){u->action, rule->from, u->staff,
                                 u->action == ACTION(EXPLAINED) ? (int)u->cause : 0});
    if (is_renewal) {
        renew(w, r, c, p, ret_outcome->fact_number);
    } else {
        keep_text(w, r, c, ret_outcome->fact_number, "note", u->note);
    }
    return 0;
}

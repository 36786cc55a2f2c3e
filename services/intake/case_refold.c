/* SPDX-License-Identifier: Apache-2.0 */
#include "services/intake/case_refold.h"

#include <string.h>

#include "services/intake/case_decide.h"
#include "services/intake/case_rules.h"
#include "services/intake/promise_decide.h"
#include "services/intake/promise_refold.h"

#define STATE(name)   TROTH__V1__CASE_STATE__CASE_STATE_##name
#define PROMISE(name) TROTH__V1__PROMISE_STATE__PROMISE_STATE_##name

/* ---- the case as it was when it was opened, on the side */

static struct work_case aside(const struct work_case *c)
{
    struct work_case s = *c;
    s.state = STATE(NEW);
    s.first_response_us = s.resolved_us = s.closed_us = WORK_NO_TIME;
    s.last_contact_us = c->opened_us;
    s.reopened_count = 0;
    s.promises = NULL;
    s.pauses = NULL;
    s.pause_count = s.pause_capacity = 0;
    return s;
}

static void note_telling(const struct work_case *s, const struct case_rule *rule, bool is_first,
                         struct case_telling *ret)
{
    *ret = (struct case_telling){
        .is_told = true,
        .action = rule->action,
        .from = rule->from,
        .to = rule->to,
        .is_first_response = is_first,
        .first_response_us = s->first_response_us,
        .resolved_us = s->resolved_us,
        .reopened_count = s->reopened_count,
    };
}

/* What was told so far about each move. */
static void recall(struct intake_work *w, struct work_case *c)
{
    struct work_case s = aside(c);
    for (struct case_entry *e = c->history->first; e; e = e->next) {
        const struct case_move *m = &e->move;
        const struct case_rule *rule = case_rules_find(m->from, m->action);
        e->before = (struct case_telling){.is_told = false};
        if (m->number && !m->is_void && !e->is_void && rule && rule->to == m->to) {
            bool is_first = case_decide_apply(w, &s, rule, e->occurred_us);
            note_telling(&s, rule, is_first, &e->before);
        }
    }
}

/* ---- anew, from what remains */

static void tell_nobody(void *ctx, const Troth__V1__Event *event)
{
    (void)ctx;
    (void)event;
}

/* The promise begins again, on the side. */
static void begin_promise(struct intake_work *w, struct work_case *s, const struct work_promise *p)
{
    struct work_promise *again = work_add_promise(w, s, p->number);
    struct work_promise *next = again->next;
    *again = *p;
    again->next = next;
    again->is_void = false;
    promise_decide_start(w, s, again);
}

/* Those that this entry made; with 0 those of the opening. Returns how many. */
static int begin_promises(struct intake_work *w, const struct work_case *c, struct work_case *s,
                          int64_t made_by)
{
    int count = 0;
    for (const struct work_promise *p = c->promises; p; p = p->next) {
        if (p->made_by == made_by) {
            begin_promise(w, s, p);
            count++;
        }
    }
    return count;
}

/* Takes the steps of p that were due by until_us, each at its own instant. */
static void take_steps(struct intake_work *w, struct work_case *s, struct work_promise *p,
                       int64_t until_us)
{
    while (p->next_step_us != WORK_NO_TIME && p->next_step_us <= until_us) {
        w->now_us = p->next_step_us;
        (void)promise_decide_step(w, s, p);
    }
}

/* A reopening that never took effect before: nobody has promised anything because of it yet. The
 * promise takes its number from the entry, as no other promise can have it. */
static void promise_again(struct intake_work *w, struct work_case *s, const struct case_entry *e,
                          struct work_when when)
{
    struct standard_decision d;
    case_decide_standard(w, s, &d);
    for (size_t i = 0; i < d.promise_count; i++) {
        if (strcmp(d.promises[i].kind, PROMISE_KIND_RESOLUTION) == 0) {
            struct work_promise *p = work_add_promise(w, s, e->move.number);
            p->kind = d.promises[i].kind;
            p->version = 1;
            p->made_us = when.occurred_us;
            p->target_us = d.promises[i].target_us;
            p->standard_id = w->standard_id;
            p->is_historical = when.is_historical;
            p->made_by = e->move.number;
            promise_decide_start(w, s, p);
            return;
        }
    }
}

static void move(struct intake_work *w, const struct work_case *c, struct work_case *s,
                 struct case_entry *e, const struct case_rule *rule)
{
    const struct work_when when = {
        .occurred_us = e->occurred_us,
        .is_historical = c->is_historical || e->is_historical,
    };
    bool is_first = case_decide_apply(w, s, rule, e->occurred_us);
    note_telling(s, rule, is_first, &e->after);
    case_decide_settle(w, s, rule, when);
    if (!e->move.number) { /* of a contact, which never did anything before: see promise_again() */
        e->move.number = e->number;
        e->move.version = e->version;
    }
    if (rule->action == TROTH__V1__CASE_ACTION__CASE_ACTION_REOPENED &&
        begin_promises(w, c, s, e->move.number) == 0) {
        promise_again(w, s, e, when);
    }
}

static void say_of_promise(struct intake_work *w, const struct work_case *c, struct work_case *s,
                           const struct case_entry *e)
{
    struct work_promise *p = work_find_promise(s, e->promise);
    const struct work_when when = {.occurred_us = e->occurred_us};
    const struct promise_rule *rule =
        p && e->action ? promise_decide_judge(w, s, p, e->action, e->occurred_us) : NULL;
    if (rule) {
        promise_decide_settle(w, s, p, rule, when);
    }
    if (rule || !e->action) {
        begin_promises(w, c, s, e->number);
    }
}

static void take_effect(struct intake_work *w, const struct work_case *c, struct work_case *s,
                        struct case_entry *e)
{
    const struct case_rule *rule = NULL;
    if (e->kind == CASE_ENTRY_PROMISE) {
        say_of_promise(w, c, s, e);
        return;
    }
    if (e->kind == CASE_ENTRY_UPDATE) {
        rule = case_rules_find(s->state, e->move.action);
    } else if (case_history_is_said(e)) {
        s->last_contact_us =
            e->occurred_us > s->last_contact_us ? e->occurred_us : s->last_contact_us;
        rule = case_rules_find(s->state, case_rules_of_contact(s->state));
    }
    if (rule) {
        move(w, c, s, e, rule);
    }
}

/* What the clock had done by itself to what is still open: again, if it still says so. */
static void step_again(struct intake_work *w, const struct work_case *c, struct work_case *s,
                       int64_t now_us)
{
    for (const struct work_promise *p = c->promises; p; p = p->next) {
        struct work_promise *again = work_find_promise(s, p->number);
        bool was_stepped = p->state == PROMISE(AT_RISK) || p->state == PROMISE(BROKEN);
        if (again && was_stepped && promise_rules_is_running(again->state)) {
            take_steps(w, s, again, now_us);
        }
    }
}

static void derive(struct intake_work *w, const struct work_case *c, struct work_case *s)
{
    const int64_t now_us = w->now_us;
    work_emit_fn *const emit = w->emit;
    w->emit = tell_nobody;
    for (struct case_entry *e = c->history->first; e; e = e->next) {
        e->after = (struct case_telling){.is_told = false};
        for (struct work_promise *p = s->promises; p; p = p->next) {
            take_steps(w, s, p, e->received_us);
        }
        w->now_us = e->received_us;
        if (e == c->history->first) {
            begin_promises(w, c, s, 0);
        } else if (!e->is_void) {
            take_effect(w, c, s, e);
        }
    }
    step_again(w, c, s, now_us);
    w->now_us = now_us;
    w->emit = emit;
}

/* ---- the difference */

/* Tells the move as it was, or as it is now. */
static void tell_move(struct intake_work *w, struct work_case *c, const struct case_entry *e,
                      const struct case_telling *t, bool is_reversal)
{
    struct work_case as_told = *c;
    const struct work_case_event event = {.action = t->action, .from = t->from, .to = t->to};
    as_told.first_response_us = t->first_response_us;
    as_told.resolved_us = t->resolved_us;
    as_told.reopened_count = t->reopened_count;
    work_emit_case_changed(w, &as_told, &event, t->is_first_response,
                           (struct work_when){
                               .occurred_us = e->occurred_us,
                               .is_historical = c->is_historical || e->is_historical,
                               .is_reversal = is_reversal,
                           });
    c->version = as_told.version;
    c->is_changed = true;
}

static bool is_same_telling(const struct case_telling *a, const struct case_telling *b)
{
    return a->is_told == b->is_told && a->action == b->action && a->from == b->from &&
           a->to == b->to && a->is_first_response == b->is_first_response &&
           a->reopened_count == b->reopened_count;
}

/* Returns whether one was told that is as it was not before. */
static bool tell_moves(struct intake_work *w, struct work_case *c)
{
    bool is_news = false;
    for (struct case_entry *e = c->history->first; e; e = e->next) {
        if (is_same_telling(&e->before, &e->after)) {
            continue;
        }
        if (e->before.is_told) {
            tell_move(w, c, e, &e->before, true);
        }
        if (e->after.is_told) {
            tell_move(w, c, e, &e->after, false);
            is_news = true;
        }
    }
    return is_news;
}

/* A new row for what a contact does only now. */
static void add_move(struct intake_work *w, const struct work_case *c, const struct case_entry *e)
{
    struct work_case_event *row = work_append(w, &w->case_events, sizeof(*row));
    row->number = e->move.number;
    row->service_case = c->number;
    row->case_version = e->move.version;
    row->contact = e->number;
    row->action = e->move.action;
    row->from = e->move.from;
    row->to = e->move.to;
    row->source_id = e->source_id;
    row->occurred_us = e->occurred_us;
    row->received_us = e->received_us;
}

/* The rows follow. An update that is no longer possible keeps its row, in the state that it found;
 * what a contact did by itself has one only while it does it. */
static void write_move(struct intake_work *w, const struct work_case *c, struct case_entry *e,
                       Troth__V1__CaseState state)
{
    struct case_move *m = &e->move;
    struct case_move new = *m;
    new.is_void = e->is_void || (e->kind == CASE_ENTRY_CONTACT && !e->after.is_told);
    if (!new.is_void) {
        new.action = e->after.is_told ? e->after.action : m->action;
        new.from = state;
        new.to = e->after.is_told ? e->after.to : state;
    }
    bool is_new = !m->action;
    new.is_changed |= new.action != m->action || new.from != m->from || new.to != m->to ||
                      new.is_void != m->is_void;
    *m = new;
    if (is_new) {
        m->is_changed = false;
        add_move(w, c, e);
    }
}

static void write_moves(struct intake_work *w, const struct work_case *c)
{
    Troth__V1__CaseState state = STATE(NEW);
    for (struct case_entry *e = c->history->first; e; e = e->next) {
        if (e->move.number) {
            write_move(w, c, e, state);
            state = e->after.is_told ? e->after.to : state;
        }
    }
}

/* ---- the case */

static bool is_same(const struct work_case *a, const struct work_case *b)
{
    return a->state == b->state && a->first_response_us == b->first_response_us &&
           a->resolved_us == b->resolved_us && a->closed_us == b->closed_us &&
           a->reopened_count == b->reopened_count;
}

static void refold(struct intake_work *w, struct work_case *c, struct work_when when)
{
    struct work_case s = aside(c);
    Troth__V1__CaseState from = c->state;
    derive(w, c, &s);
    bool is_news = tell_moves(w, c);
    write_moves(w, c);
    c->pauses = s.pauses;
    c->pause_count = s.pause_count;
    c->pause_capacity = s.pause_capacity;
    promise_refold(w, c, &s, when);
    c->last_contact_us = s.last_contact_us;
    if (is_news || !is_same(c, &s)) {
        c->state = s.state;
        c->first_response_us = s.first_response_us;
        c->resolved_us = s.resolved_us;
        c->closed_us = s.closed_us;
        c->reopened_count = s.reopened_count;
        work_emit_case_corrected(w, c, from, when);
    }
}

/* As if it had never been opened. */
static void take_back(struct intake_work *w, struct work_case *c, struct work_when when)
{
    Troth__V1__CaseState from = c->state;
    for (struct work_promise *p = c->promises; p; p = p->next) {
        if (!p->is_void) {
            promise_refold_unmake(w, c, p, when);
        }
    }
    work_emit_case_opened(w, c,
                          (struct work_when){
                              .occurred_us = c->opened_us,
                              .is_historical = c->is_historical,
                              .is_reversal = true,
                          });
    c->state = STATE(VOID);
    c->first_response_us = c->resolved_us = c->closed_us = WORK_NO_TIME;
    c->reopened_count = 0;
    work_emit_case_corrected(w, c, from, when);
}

static bool has_contact(const struct work_case *c)
{
    const struct case_entry *e = c->history->first;
    while (e && (e->is_void || !case_history_is_said(e))) {
        e = e->next;
    }
    return e != NULL;
}

static void tell_contact(struct intake_work *w, struct work_case *c, const struct case_entry *e)
{
    const struct work_contact contact = {
        .number = e->number,
        .kind = e->contact_kind,
        .channel = e->channel,
        .origin = e->origin,
    };
    work_emit_contact_added(w, c, &contact,
                            (struct work_when){
                                .occurred_us = e->occurred_us,
                                .is_historical = e->is_historical,
                                .is_reversal = true,
                            });
}

/* Of a case that is, or becomes, as if it had never been opened. */
static void take_back_entry(struct intake_work *w, struct work_case *c, struct case_entry *entry,
                            struct work_when when)
{
    if (entry->before.is_told) {
        tell_move(w, c, entry, &entry->before, true);
    }
    entry->move.is_changed = entry->move.number != 0;
    entry->move.is_void = true;
    if (c->state != STATE(VOID)) {
        take_back(w, c, when);
    }
}

void case_refold_without(struct intake_work *w, struct work_case *c, struct case_entry *entry,
                         struct work_when when)
{
    const int64_t version = c->version;
    recall(w, c);
    entry->is_void = entry->is_changed = true;
    if (entry->kind == CASE_ENTRY_CONTACT && entry != c->history->first) {
        tell_contact(w, c, entry);
    }
    if (c->state == STATE(VOID) || !has_contact(c)) {
        take_back_entry(w, c, entry, when);
    } else {
        refold(w, c, when);
    }
    if (c->version == version) {
        c->version++; /* nobody else may have changed it in between, though nothing is told */
    }
    c->is_changed = true;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "services/intake/case_refold.h"

#include "services/intake/case_class.h"
#include "services/intake/case_decide.h"
#include "services/intake/case_owed.h"
#include "services/intake/case_rules.h"
#include "services/intake/promise_again.h"
#include "services/intake/promise_decide.h"
#include "services/intake/promise_refold.h"

#define STATE(name)   TROTH__V1__CASE_STATE__CASE_STATE_##name
#define ACTION(name)  TROTH__V1__CASE_ACTION__CASE_ACTION_##name
#define PROMISE(name) TROTH__V1__PROMISE_STATE__PROMISE_STATE_##name

/* ---- the case as it was when it was opened, on the side */

static struct work_case aside(const struct work_case *c)
{
    struct work_case s = *c;
    const struct work_class first = case_history_first_class(c);
    case_class_set(&s, &first);
    s.state = STATE(NEW);
    s.first_response_us = s.resolved_us = s.closed_us = WORK_NO_TIME;
    s.last_contact_us = c->opened_us;
    s.reopened_count = 0;
    s.joined_case = s.solved_like = 0;
    s.is_reference = false;
    s.promises = NULL;
    s.pauses = NULL;
    s.pause_count = s.pause_capacity = 0;
    return s;
}

/* class_before: of s, before the move. */
static void note_telling(const struct work_case *s, const struct case_rule *rule, bool is_first,
                         const struct work_class *class_before, struct case_telling *ret)
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
        .joined_case = s->joined_case,
        .class_before = *class_before,
        .class_after = case_class_of(s),
    };
}

static struct case_act act_of(const struct case_entry *e)
{
    return (struct case_act){
        .occurred_us = e->occurred_us,
        .named_case = e->move.named_case,
        .class = e->move.class ? &e->move.class->after : NULL,
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
            const struct work_class before = case_class_of(&s);
            const struct case_act act = act_of(e);
            bool is_first = case_decide_apply(w, &s, rule, &act);
            note_telling(&s, rule, is_first, &before, &e->before);
        }
        e->class_then = case_class_of(&s);
    }
}

/* ---- anew, from what remains */

static void tell_nobody(void *ctx, const Troth__V1__Event *event)
{
    (void)ctx;
    (void)event;
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

/* The class that follows from what was said: as it was decided then, if the case was taken for the
 * same before. */
static void class_again(const struct intake_work *w, const struct work_case *s,
                        struct case_entry *e)
{
    struct work_case_class *said = e->move.class;
    const struct work_class before = case_class_of(s);
    if (said && !(e->before.is_told && case_class_is_same(&before, &e->before.class_before))) {
        said->after = case_class_decide(w, s, said);
        said->is_changed = true;
    }
}

static void move(struct intake_work *w, struct work_case *c, struct work_case *s,
                 struct case_entry *e, const struct case_rule *rule)
{
    const struct work_when when = {
        .occurred_us = e->occurred_us,
        .is_historical = c->is_historical || e->is_historical,
    };
    const struct work_class before = case_class_of(s);
    struct case_owed owed[STANDARD_PROMISES_MAX];
    class_again(w, s, e);
    const struct case_act act = act_of(e);
    bool is_first = case_decide_apply(w, s, rule, &act);
    note_telling(s, rule, is_first, &before, &e->after);
    case_decide_settle(w, s, rule, when);
    if (!e->move.number) { /* of a contact, which never did anything before */
        e->move.number = e->number;
        e->move.version = e->version;
        e->move.standard_id = w->standard_id;
    }
    size_t count = case_owed_after(w, s, rule, when, owed);
    for (size_t i = 0; i < count; i++) {
        promise_again_owe(w, c, s, e, &owed[i]);
    }
}

static void say_of_promise(struct intake_work *w, const struct work_case *c, struct work_case *s,
                           const struct case_entry *e)
{
    struct work_promise *p = work_find_promise(s, e->promise);
    const struct work_when when = {.occurred_us = e->occurred_us};
    const struct promise_said said = {.action = e->action, .cause = e->cause};
    bool has_effect = p && e->action && promise_decide_say(w, s, p, &said, when);
    if (has_effect || !e->action) {
        promise_again_begin(w, c, s, e->number);
    }
}

static void take_effect(struct intake_work *w, struct work_case *c, struct work_case *s,
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
        rule = e->is_thanks ? NULL : case_rules_find(s->state, case_rules_of_contact(s->state));
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

/* The version that was in force then; this one, where that is not known. */
static void use_standard_of(struct intake_work *w, const struct case_entry *e,
                            const struct standard *now, int32_t now_id)
{
    const int32_t id = e->move.standard_id;
    const struct standard *then = id && w->shelf ? standard_shelf_find(w->shelf, id) : NULL;
    w->standard = then ? then : now;
    w->standard_id = then ? id : now_id;
}

static void derive(struct intake_work *w, struct work_case *c, struct work_case *s)
{
    const int64_t now_us = w->now_us;
    const struct standard *const standard = w->standard;
    const int32_t standard_id = w->standard_id;
    work_emit_fn *const emit = w->emit;
    w->emit = tell_nobody;
    w->is_rehearsal = true;
    for (struct case_entry *e = c->history->first; e; e = e->next) {
        e->after = (struct case_telling){.is_told = false};
        for (struct work_promise *p = s->promises; p; p = p->next) {
            take_steps(w, s, p, e->received_us);
        }
        w->now_us = e->received_us;
        use_standard_of(w, e, standard, standard_id);
        if (e == c->history->first) {
            promise_again_begin(w, c, s, 0);
        } else if (!e->is_void) {
            take_effect(w, c, s, e);
        }
    }
    w->standard = standard;
    w->standard_id = standard_id;
    step_again(w, c, s, now_us);
    w->now_us = now_us;
    w->emit = emit;
    w->is_rehearsal = false;
}

/* ---- the difference */

/* Tells the move as it was, or as it is now. */
static void tell_move(struct intake_work *w, struct work_case *c, const struct case_entry *e,
                      const struct case_telling *t, bool is_reversal)
{
    struct work_case as_told = *c;
    const struct work_case_event event = {.action = t->action, .from = t->from, .to = t->to};
    const struct work_when when = {
        .occurred_us = e->occurred_us,
        .is_historical = c->is_historical || e->is_historical,
        .is_reversal = is_reversal,
    };
    as_told.first_response_us = t->first_response_us;
    as_told.resolved_us = t->resolved_us;
    as_told.reopened_count = t->reopened_count;
    as_told.joined_case = t->joined_case;
    if (t->action == ACTION(RECLASSIFIED)) {
        work_emit_case_reclassified(w, &as_told, &t->class_before, &t->class_after, when);
    } else {
        work_emit_case_changed(w, &as_told, &event, t->is_first_response, when);
    }
    c->version = as_told.version;
    c->is_changed = true;
}

static bool is_same_telling(const struct case_telling *a, const struct case_telling *b)
{
    return a->is_told == b->is_told && a->action == b->action && a->from == b->from &&
           a->to == b->to && a->is_first_response == b->is_first_response &&
           a->reopened_count == b->reopened_count && a->joined_case == b->joined_case &&
           (a->action != ACTION(RECLASSIFIED) ||
            (case_class_is_same(&a->class_before, &b->class_before) &&
             case_class_is_same(&a->class_after, &b->class_after)));
}

static bool is_class_told(const struct case_entry *e)
{
    return (e->before.is_told && e->before.action == ACTION(RECLASSIFIED)) ||
           (e->after.is_told && e->after.action == ACTION(RECLASSIFIED));
}

/* Those whose telling has changed, in order. Of what the case is taken for all that follow are told
 * again, so that the newest word is the one that counts. */
static size_t find_changed(const struct work_case *c, struct case_entry **ret)
{
    size_t count = 0;
    bool is_class_changed = false;
    for (struct case_entry *e = c->history->first; e; e = e->next) {
        if (!is_same_telling(&e->before, &e->after) || (is_class_changed && is_class_told(e))) {
            is_class_changed |= is_class_told(e);
            ret[count++] = e;
        }
    }
    return count;
}

/* What is not so any more is taken back from its end, then what is so is told. Returns whether one
 * was told that is as it was not before. */
static bool tell_moves(struct intake_work *w, struct work_case *c)
{
    size_t count = 0;
    bool is_news = false;
    for (const struct case_entry *e = c->history->first; e; e = e->next) {
        count++;
    }
    struct case_entry **changed = work_alloc(w, count * sizeof(struct case_entry *));
    count = find_changed(c, changed);
    for (size_t i = count; i-- > 0;) {
        if (changed[i]->before.is_told) {
            tell_move(w, c, changed[i], &changed[i]->before, true);
        }
    }
    for (size_t i = 0; i < count; i++) {
        if (changed[i]->after.is_told) {
            tell_move(w, c, changed[i], &changed[i]->after, false);
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
    row->standard_id = e->move.standard_id;
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
           a->reopened_count == b->reopened_count && a->joined_case == b->joined_case &&
           a->solved_like == b->solved_like && a->is_reference == b->is_reference;
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
    const struct work_class before = case_class_of(c), class = case_class_of(&s);
    case_class_set(c, &class);
    promise_refold(w, c, &s, when);
    c->last_contact_us = s.last_contact_us;
    if (is_news || !is_same(c, &s) || !case_class_is_same(&before, &class)) {
        c->state = s.state;
        c->first_response_us = s.first_response_us;
        c->resolved_us = s.resolved_us;
        c->closed_us = s.closed_us;
        c->reopened_count = s.reopened_count;
        c->joined_case = s.joined_case;
        c->solved_like = s.solved_like;
        c->is_reference = s.is_reference;
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
    c->joined_case = c->solved_like = 0;
    c->is_reference = false;
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
    if (c->version == version && c->state != STATE(VOID)) {
        work_emit_case_corrected(w, c, c->state, when); /* who counts contacts must look again */
    }
    if (c->version == version) {
        c->version++; /* nobody else may have changed it in between, though nothing is told */
    }
    c->is_changed = true;
}

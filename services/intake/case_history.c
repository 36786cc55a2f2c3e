/* SPDX-License-Identifier: Apache-2.0 */
#include "services/intake/case_history.h"

#include "services/intake/case_class.h"

struct case_history *case_history_of(struct intake_work *w, struct work_case *c)
{
    if (!c->history) {
        c->history = work_alloc(w, sizeof(*c->history));
    }
    return c->history;
}

static struct case_entry *find_from(struct case_entry *e, enum case_entry_kind kind, int64_t number)
{
    while (e && !(e->kind == kind && e->number == number)) {
        e = e->next;
    }
    return e;
}

struct case_entry *case_history_find(const struct work_case *c, enum case_entry_kind kind,
                                     int64_t number)
{
    struct case_history *h = c->history;
    struct case_entry *e = h ? find_from(h->near, kind, number) : NULL;
    if (h && !e) {
        e = find_from(h->first, kind, number);
    }
    if (e) {
        h->near = e;
    }
    return e;
}

struct case_entry *case_history_add(struct intake_work *w, struct work_case *c,
                                    enum case_entry_kind kind, int64_t number, int64_t version)
{
    struct case_history *h = case_history_of(w, c);
    struct case_entry **at = h->near && h->near->version < version ? &h->near->next : &h->first;
    for (; *at && (*at)->version <= version; at = &(*at)->next) {
        if ((*at)->kind == kind && (*at)->number == number) {
            return NULL;
        }
    }
    struct case_entry *e = work_alloc(w, sizeof(*e));
    e->next = *at;
    e->kind = kind;
    e->number = number;
    e->version = version;
    *at = e;
    h->near = e;
    return e;
}

bool case_history_is_said(const struct case_entry *e)
{
    return e->kind == CASE_ENTRY_CONTACT &&
           (e->origin == TROTH__V1__CONTACT_ORIGIN__CONTACT_ORIGIN_UNSPECIFIED ||
            e->origin == TROTH__V1__CONTACT_ORIGIN__CONTACT_ORIGIN_PERSON);
}

struct case_amends *case_history_find_amends(const struct work_case *c, int64_t promise)
{
    struct case_amends *a = c->history ? c->history->amends : NULL;
    while (a && a->row.promise != promise) {
        a = a->next;
    }
    return a;
}

void case_history_add_amends(struct intake_work *w, struct work_case *c,
                             const struct work_compensation *row, bool is_void)
{
    struct case_history *h = case_history_of(w, c);
    if (!case_history_find_amends(c, row->promise)) {
        struct case_amends *a = work_alloc(w, sizeof(*a));
        *a = (struct case_amends){.next = h->amends, .row = *row, .is_void = is_void};
        h->amends = a;
    }
}

void case_history_add_first_terms(struct intake_work *w, struct work_case *c,
                                  const struct work_first_terms *row)
{
    struct case_history *h = case_history_of(w, c);
    if (row->is_derived || !case_history_find_first_terms(c, row->promise)) {
        struct work_first_terms *first = work_alloc(w, sizeof(*first));
        *first = *row;
        first->next = h->first_terms; /* found before what it replaces */
        h->first_terms = first;
    }
}

const struct work_first_terms *case_history_find_first_terms(const struct work_case *c,
                                                             int64_t promise)
{
    const struct work_first_terms *f = c->history ? c->history->first_terms : NULL;
    while (f && f->promise != promise) {
        f = f->next;
    }
    return f;
}

struct work_class case_history_first_class(const struct work_case *c)
{
    const struct case_entry *e = c->history->first;
    while (e && !e->move.class) {
        e = e->next;
    }
    return e ? e->move.class->before : case_class_of(c);
}

/* ---- what the work added */

static void complete_contact(struct intake_work *w, struct work_case *c,
                             const struct work_contact *row)
{
    struct case_entry *e =
        case_history_add(w, c, CASE_ENTRY_CONTACT, row->number, row->case_version);
    if (e) {
        e->occurred_us = row->occurred_us;
        e->received_us = row->received_us;
        e->source_id = row->source_id;
        e->contact_kind = row->kind;
        e->origin = row->origin;
        e->channel = row->channel;
        e->is_historical = row->is_historical;
        e->is_thanks = row->is_thanks;
    }
}

static void complete_move(struct intake_work *w, struct work_case *c,
                          const struct work_case_event *row)
{
    struct case_entry *e =
        row->contact ? case_history_find(c, CASE_ENTRY_CONTACT, row->contact)
                     : case_history_add(w, c, CASE_ENTRY_UPDATE, row->number, row->case_version);
    if (!e || e->move.number) {
        return;
    }
    if (e->kind == CASE_ENTRY_UPDATE) {
        e->occurred_us = row->occurred_us;
        e->received_us = row->received_us;
        e->source_id = row->source_id;
    }
    e->move = (struct case_move){
        .number = row->number,
        .version = row->case_version,
        .action = row->action,
        .from = row->from,
        .to = row->to,
        .named_case = row->named_case,
        .standard_id = row->standard_id,
    };
}

static void complete_class(const struct work_case *c, struct work_case_class *row)
{
    struct case_entry *e = case_history_find(c, CASE_ENTRY_UPDATE, row->number);
    if (e && !e->move.class) {
        e->move.class = row;
    }
}

static void complete_promise(struct intake_work *w, struct work_case *c,
                             const struct work_promise_event *row)
{
    struct case_entry *e =
        case_history_add(w, c, CASE_ENTRY_PROMISE, row->number, row->case_version);
    if (e) {
        e->occurred_us = row->occurred_us;
        e->received_us = row->received_us;
        e->source_id = row->source_id;
        e->promise = row->promise;
        e->action = row->action;
        e->cause = row->cause;
    }
}

void case_history_complete(struct intake_work *w, struct work_case *c)
{
    WORK_EACH(const struct work_contact, contact, &w->contacts)
    {
        if (contact->service_case == c->number) {
            complete_contact(w, c, contact);
        }
    }
    WORK_EACH(const struct work_case_event, event, &w->case_events)
    {
        if (event->service_case == c->number) {
            complete_move(w, c, event);
        }
    }
    WORK_EACH(struct work_case_class, class, &w->case_classes)
    {
        if (class->service_case == c->number) {
            complete_class(c, class);
        }
    }
    WORK_EACH(const struct work_first_terms, first, &w->first_terms)
    {
        if (first->service_case == c->number) {
            case_history_add_first_terms(w, c, first);
        }
    }
    WORK_EACH(const struct work_promise_event, event, &w->promise_events)
    {
        if (event->service_case == c->number) {
            complete_promise(w, c, event);
        }
    }
    WORK_EACH(const struct work_compensation, amends, &w->compensations)
    {
        if (amends->service_case == c->number) {
            case_history_add_amends(w, c, amends, false);
        }
    }
}

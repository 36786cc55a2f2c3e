/* SPDX-License-Identifier: Apache-2.0 */
#include "common/domain/promise_history.h"

#include "common/base/compiler.h"

#define ACTION(name)  TROTH__V1__CASE_ACTION__CASE_ACTION_##name
#define CASE(name)    TROTH__V1__CASE_STATE__CASE_STATE_##name
#define PROMISE(name) TROTH__V1__PROMISE_STATE__PROMISE_STATE_##name
#define SAID(name)    TROTH__V1__PROMISE_ACTION__PROMISE_ACTION_##name
#define ORIGIN(name)  TROTH__V1__CONTACT_ORIGIN__CONTACT_ORIGIN_##name

/* ---- what an entry is to clocks */

/* An update that a later correction has made impossible keeps its row, and its case as it was. */
static bool took_effect(const struct promise_history_entry *e)
{
    static const struct {
        int action;
        int to;
    } must[] = {
        {ACTION(WAITING_CUSTOMER),    CASE(WAITING_CUSTOMER)   },
        {ACTION(WAITING_THIRD_PARTY), CASE(WAITING_THIRD_PARTY)},
        {ACTION(RESUMED),             CASE(OPEN)               },
        {ACTION(RESOLVED),            CASE(RESOLVED)           },
        {ACTION(REOPENED),            CASE(OPEN)               },
        {ACTION(CLOSED),              CASE(CLOSED)             },
        {ACTION(MERGED),              CASE(CLOSED)             },
    };

    for (size_t i = 0; i < ARRAY_LEN(must); i++) {
        if (must[i].action == e->action) {
            return must[i].to == e->to;
        }
    }
    return true;
}

static enum clock_event event_of_contact(const struct promise_history_entry *e)
{
    const bool is_person = e->origin == ORIGIN(UNSPECIFIED) || e->origin == ORIGIN(PERSON);

    if (!is_person) {
        return CLOCK_MACHINE;
    }
    return e->is_thanks ? CLOCK_THANKS : CLOCK_CONTACT;
}

static enum clock_event event_of(const struct promise_history_entry *e)
{
    switch (e->kind) {
    case HISTORY_OPENING:
        return CLOCK_OPENED;
    case HISTORY_CONTACT:
        return event_of_contact(e);
    case HISTORY_UPDATE:
        return clock_rules_event_of(e->action);
    case HISTORY_SAID:
        break;
    }
    return CLOCK_NOTE;
}

/* ---- the clock */

static void feed(const struct promise_history_entry *e, const struct clock_timeline_terms *terms,
                 struct clock_timeline *t, struct promise_history_effect *ret)
{
    const struct clock_timeline_event event = {
        .number = e->kind == HISTORY_CONTACT ? -1 : e->number, /* starts nothing by itself */
        .event = event_of(e),
        .at_us = e->occurred_us,
    };

    *ret = (struct promise_history_effect){.entry = e, .effect = CLOCK_NONE};
    if (e->kind == HISTORY_SAID) {
        ret->because = "said about the promise";
    } else if (!took_effect(e)) {
        ret->because = "a correction has made it impossible";
    } else {
        ret->because = clock_rules_find(terms->kind, event.event)->because;
        ret->effect = clock_timeline_feed(t, &event);
    }
}

static const struct promise_history_entry *find_said(const struct promise_history *h)
{
    const struct promise_history_entry *found = NULL;

    for (size_t i = 0; i < h->entry_count; i++) {
        const struct promise_history_entry *e = &h->entries[i];

        if (e->kind == HISTORY_SAID && e->to == h->state && e->to != e->from) {
            found = e;
        }
    }
    return found;
}

/* That its case was taken for something else which nothing is promised for: what happened to the
 * case after that is no news to this promise. */
static const struct promise_history_entry *find_reclassified(const struct promise_history *h)
{
    const struct promise_history_entry *found = NULL;

    for (size_t i = 0; i < h->entry_count; i++) {
        const struct promise_history_entry *e = &h->entries[i];

        if (e->kind == HISTORY_UPDATE && e->action == (int)ACTION(RECLASSIFIED) &&
            h->state == (int)PROMISE(WITHDRAWN) && e->received_us == h->settled_us) {
            found = e;
        }
    }
    return found;
}

/* What was decided about the promise stands above what the events say: proof may have come too
 * late, the customer may have waived it. */
static void end(const struct promise_history *h, struct clock_timeline *t)
{
    const struct promise_history_entry *said = find_said(h);
    const struct promise_history_entry *over = said ? said : find_reclassified(h);
    const bool is_running = clock_timeline_stopped_us(t) == CLOCK_NEVER;

    switch (h->state) {
    case PROMISE(KEPT):
    case PROMISE(KEPT_LATE):
        clock_timeline_end(t, h->done_us, "it was done");
        break;
    case PROMISE(WITHDRAWN):
    case PROMISE(WAIVED):
    case PROMISE(RENEGOTIATED):
    case PROMISE(RENEGOTIATED_LATE):
        if (over) {
            clock_timeline_end(t, over->occurred_us, "nothing is owed any more");
        } else if (is_running && h->settled_us != HISTORY_NO_TIME) {
            clock_timeline_end(t, h->settled_us, "nothing is owed any more");
        }
        break;
    default: /* it is still owed */
        break;
    }
}

struct clock_timeline *promise_history_clock(const struct promise_history *h, int64_t target_us,
                                             const struct calendar *calendar,
                                             struct promise_history_effect *ret_effects)
{
    const struct clock_timeline_terms terms = {
        .kind = clock_rules_kind(h->kind, h->is_due_fixed),
        .made_by = h->made_by,
        .started_us = h->made_us,
        .target_us = target_us,
        .calendar = calendar,
    };
    struct clock_timeline *t = clock_timeline_new(&terms);

    for (size_t i = 0; i < h->entry_count; i++) {
        struct promise_history_effect effect;

        feed(&h->entries[i], &terms, t, &effect);
        if (ret_effects) {
            ret_effects[i] = effect;
        }
    }
    end(h, t);
    return t;
}

/* ---- names */

static const char *said_name(int action)
{
    static const char *const names[] = {
        [SAID(UNSPECIFIED)] = "promised",
        [SAID(RENEGOTIATED)] = "another date was agreed on",
        [SAID(KEPT)] = "said to be kept",
        [SAID(WAIVED)] = "waived by the customer",
        [SAID(WITHDRAWN)] = "withdrawn",
        [SAID(EXPLAINED)] = "the break was explained",
        [SAID(CONFIRMED)] = "the customer says that it was kept",
        [SAID(DISPUTED)] = "the customer says that it was not kept",
        [SAID(CORRECTED)] = "a person has looked: it was kept",
    };

    return action >= 0 && (size_t)action < ARRAY_LEN(names) ? names[action] : "said";
}

const char *promise_history_entry_name(const struct promise_history_entry *e)
{
    if (e->kind == HISTORY_SAID) {
        return said_name(e->action);
    }
    if (e->kind == HISTORY_UPDATE && (e->action == (int)ACTION(REFERENCE_MARKED) ||
                                      e->action == (int)ACTION(REFERENCE_UNMARKED))) {
        return "reference answer";
    }
    return clock_rules_event_name(event_of(e));
}

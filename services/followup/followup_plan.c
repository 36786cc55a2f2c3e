/* SPDX-License-Identifier: Apache-2.0 */
#include "services/followup/followup_plan.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/text.h"
#include "common/base/xalloc.h"
#include "event.pb-c.h"

/* ---- lists */

struct follow_up *follow_up_list_add(struct follow_up_list *l)
{
    if (l->count == l->capacity) {
        l->capacity = l->capacity ? 2 * l->capacity : 16;
        l->items = xreallocarray(l->items, l->capacity, sizeof(*l->items));
    }
    struct follow_up *f = &l->items[l->count++];
    *f = (struct follow_up){.next_attempt_us = FOLLOW_UP_NEVER, .settled_us = FOLLOW_UP_NEVER};
    return f;
}

void follow_up_list_clear(struct follow_up_list *l)
{
    l->count = 0;
}

void follow_up_list_free(struct follow_up_list *l)
{
    free(l->items);
    *l = (struct follow_up_list){.items = NULL};
}

/* ---- planning */

static int32_t resolution_of(const struct follow_up *f)
{
    int64_t n;
    return text_to_int64(f->occurrence, 0, INT32_MAX, &n) == 0 ? (int32_t)n : INT32_MAX;
}

static bool is_after_resolution_of(const struct follow_up *f, int64_t service_case)
{
    return f->subject == service_case && strcmp(f->rule, FOLLOWUP_RULE_AFTER_RESOLUTION) == 0;
}

static struct follow_up *find_planned(struct follow_up_list *list,
                                      const struct followup_case_change *change)
{
    for (size_t i = 0; i < list->count; i++) {
        struct follow_up *f = &list->items[i];
        if (is_after_resolution_of(f, change->service_case) &&
            resolution_of(f) == change->reopened_count) {
            return f;
        }
    }
    return NULL;
}

static bool is_void(const struct follow_up *f)
{
    return f->state == FOLLOW_UP_SUPPRESSED && strcmp(f->reason, FOLLOW_UP_REASON_VOID) == 0;
}

static void set_window(const struct followup_limits *limits, int64_t resolved_us,
                       struct follow_up *f)
{
    f->due_us = resolved_us + limits->call_after_us;
    f->window_end_us = f->due_us + limits->window_us;
    f->next_attempt_us = f->due_us;
}

/* It is planned; what need not or must not be called ends at once. */
static int end_at_once(struct follow_up *f, int64_t now_us, struct err *err)
{
    if (f->is_historical) {
        return followup_set_state(f, FOLLOW_UP_IS_HISTORY, now_us, NULL, err);
    }
    if (f->window_end_us <= now_us) {
        return followup_set_state(f, FOLLOW_UP_WINDOW_PASSED, now_us, NULL, err);
    }
    return 0;
}

static int plan_again(const struct followup_limits *limits, int64_t resolved_us, int64_t now_us,
                      struct follow_up *f, struct err *err)
{
    bool was_void = is_void(f);
    if (followup_set_state(f, FOLLOW_UP_STANDS_AGAIN, now_us, NULL, err) < 0) {
        return -1;
    }
    f->planned_us = was_void ? now_us : f->planned_us;
    set_window(limits, resolved_us, f);
    return end_at_once(f, now_us, err);
}

int followup_plan_resolved(const struct followup_limits *limits,
                           const struct followup_case_change *change, int32_t reopened_now,
                           int64_t now_us, struct follow_up_list *list, struct err *err)
{
    struct follow_up *f = find_planned(list, change);
    if (f) {
        /* What was taken back may happen anew. */
        return is_void(f) && !change->is_taken_back && reopened_now <= change->reopened_count
                   ? plan_again(limits, change->occurred_us, now_us, f, err)
                   : 0;
    }
    f = follow_up_list_add(list);
    f->customer = change->customer;
    f->service_case = change->service_case;
    f->case_version = change->version;
    f->subject = change->service_case;
    f->is_historical = change->is_historical;
    f->state = FOLLOW_UP_PLANNED;
    f->version = 1;
    f->planned_us = now_us;
    set_window(limits, change->occurred_us, f);
    (void)text_copy(f->rule, sizeof(f->rule), FOLLOWUP_RULE_AFTER_RESOLUTION);
    (void)text_format(f->occurrence, sizeof(f->occurrence), "%d", change->reopened_count);
    (void)text_copy(f->branch, sizeof(f->branch), change->branch ? change->branch : "");

    if (change->is_taken_back) {
        return followup_set_state(f, FOLLOW_UP_RECORD_VOID, now_us, NULL, err);
    }
    if (!change->is_historical && reopened_now > change->reopened_count) {
        return followup_set_state(f, FOLLOW_UP_CASE_REOPENED, now_us, NULL, err);
    }
    return end_at_once(f, now_us, err);
}

/* The case was resolved, and not reopened since, at this follow-up's turn. */
static int follow_resolution(const struct followup_limits *limits, int64_t resolved_us,
                             int64_t now_us, struct follow_up *f, struct err *err)
{
    bool was_reopened = f->state == FOLLOW_UP_SUPPRESSED && strcmp(f->reason, "case_reopened") == 0;
    if (is_void(f) || was_reopened) {
        return plan_again(limits, resolved_us, now_us, f, err);
    }
    if (f->state == FOLLOW_UP_PLANNED && f->due_us != resolved_us + limits->call_after_us &&
        f->calls == 0) {
        set_window(limits, resolved_us, f);
        f->version++;
        return end_at_once(f, now_us, err);
    }
    return 0;
}

/* There is no such resolution any more. Who was called, or is being called, was called. */
static int lose_resolution(int64_t now_us, struct follow_up *f, struct err *err)
{
    bool is_untouched = f->attempts == 0 || followup_is_open(f->state);
    if (is_void(f) || !is_untouched || !followup_because(f->state, FOLLOW_UP_RECORD_VOID)) {
        return 0;
    }
    return followup_set_state(f, FOLLOW_UP_RECORD_VOID, now_us, NULL, err);
}

int followup_plan_corrected(const struct followup_limits *limits, int64_t service_case,
                            const struct followup_case_now *now, int64_t now_us,
                            struct follow_up_list *list, struct err *err)
{
    for (size_t i = 0; i < list->count; i++) {
        struct follow_up *f = &list->items[i];
        int rc = 0;
        if (!is_after_resolution_of(f, service_case)) {
            continue;
        }
        if (resolution_of(f) > now->reopened_count ||
            (resolution_of(f) == now->reopened_count && now->resolved_us == FOLLOW_UP_NEVER)) {
            rc = lose_resolution(now_us, f, err);
        } else if (resolution_of(f) == now->reopened_count) {
            rc = follow_resolution(limits, now->resolved_us, now_us, f, err);
        } else if (followup_is_open(f->state)) {
            rc = followup_set_state(f, FOLLOW_UP_CASE_REOPENED, now_us, NULL, err);
        }
        if (rc < 0) {
            return -1;
        }
    }
    return 0;
}

int followup_plan_reopened(const struct followup_case_change *change, int64_t now_us,
                           struct follow_up_list *list, struct err *err)
{
    for (size_t i = 0; i < list->count; i++) {
        struct follow_up *f = &list->items[i];
        if (is_after_resolution_of(f, change->service_case) && followup_is_open(f->state) &&
            resolution_of(f) < change->reopened_count &&
            followup_set_state(f, FOLLOW_UP_CASE_REOPENED, now_us, NULL, err) < 0) {
            return -1;
        }
    }
    return 0;
}

/* ---- when it is due */

enum follow_up_event followup_plan_due(const struct follow_up *f,
                                       const struct followup_circumstances *c, int64_t now_us)
{
    if (f->window_end_us <= now_us) {
        return FOLLOW_UP_WINDOW_PASSED;
    }
    if (is_after_resolution_of(f, f->service_case) && c->reopened_now > resolution_of(f)) {
        return FOLLOW_UP_CASE_REOPENED;
    }
    if (c->must_not_call) {
        return FOLLOW_UP_DO_NOT_CALL;
    }
    if (c->has_refused_calls) {
        return FOLLOW_UP_CONSENT_REFUSED;
    }
    if (c->is_joined) {
        return FOLLOW_UP_JOINS_ANOTHER;
    }
    return c->has_phone ? FOLLOW_UP_IS_CLAIMED : FOLLOW_UP_HAS_NO_PHONE;
}

/* ---- what became of an order */

struct outcome_row {
    Troth__V1__CallOutcome outcome;
    enum follow_up_event event; /* FOLLOW_UP_TRY_AGAIN: as long as a call is left */
    const char *reason;         /* when no call is left */
    bool was_reached;
};

/* outcome, event, reason, was_reached */
static const struct outcome_row outcome_rows[] = {
    {TROTH__V1__CALL_OUTCOME__CALL_OUTCOME_ANSWERED,     FOLLOW_UP_ANSWERED,     "answered",     true },
    {TROTH__V1__CALL_OUTCOME__CALL_OUTCOME_BUSY,         FOLLOW_UP_TRY_AGAIN,    "busy",         false},
    {TROTH__V1__CALL_OUTCOME__CALL_OUTCOME_NO_ANSWER,    FOLLOW_UP_TRY_AGAIN,    "no_answer",    false},
    {TROTH__V1__CALL_OUTCOME__CALL_OUTCOME_VOICEMAIL,    FOLLOW_UP_TRY_AGAIN,    "voicemail",    false},
    {TROTH__V1__CALL_OUTCOME__CALL_OUTCOME_REFUSED,      FOLLOW_UP_REFUSED,      "refused",      true },
    {TROTH__V1__CALL_OUTCOME__CALL_OUTCOME_WRONG_NUMBER, FOLLOW_UP_WRONG_NUMBER, "wrong_number",
     false                                                                                            },
    {TROTH__V1__CALL_OUTCOME__CALL_OUTCOME_FAILED,       FOLLOW_UP_TRY_AGAIN,    "call_failed",  false},
};

static const struct outcome_row *find_outcome(int32_t outcome)
{
    for (size_t i = 0; i < ARRAY_LEN(outcome_rows); i++) {
        if ((int32_t)outcome_rows[i].outcome == outcome) {
            return &outcome_rows[i];
        }
    }
    return NULL;
}

bool followup_was_reached(int32_t outcome)
{
    const struct outcome_row *row = find_outcome(outcome);
    return row && row->was_reached;
}

int followup_plan_outcome(const struct followup_limits *limits, int32_t outcome, int64_t now_us,
                          struct follow_up *f, struct err *err)
{
    const struct outcome_row *row = find_outcome(outcome);
    if (!row) {
        return err_set(err, "outcome_unknown", "no rule for call outcome %d", outcome);
    }
    struct follow_up moved = *f;
    enum follow_up_event event = row->event;
    int64_t next_us = now_us + limits->retry_after_us;
    moved.calls++;
    moved.last_outcome = outcome;
    if (event == FOLLOW_UP_TRY_AGAIN &&
        (moved.calls >= limits->calls_max || moved.attempts >= limits->orders_max ||
         next_us >= moved.window_end_us)) {
        event = FOLLOW_UP_CALLS_USED_UP;
    }
    if (f->state == FOLLOW_UP_LISTED && !followup_because(f->state, event)) {
        moved.version++;
        *f = moved;
        return 0;
    }
    const char *reason = event == FOLLOW_UP_CALLS_USED_UP ? row->reason : NULL;
    if (followup_set_state(&moved, event, now_us, reason, err) < 0) {
        return -1;
    }
    moved.next_attempt_us = followup_is_open(moved.state) ? next_us : FOLLOW_UP_NEVER;
    *f = moved;
    return 0;
}

int followup_plan_barred(const struct followup_limits *limits, int64_t now_us, struct follow_up *f,
                         struct err *err)
{
    bool is_used_up = f->attempts >= limits->orders_max;
    enum follow_up_event event = is_used_up ? FOLLOW_UP_ORDERS_USED_UP : FOLLOW_UP_ORDER_BARRED;
    if (followup_set_state(f, event, now_us, NULL, err) < 0) {
        return -1;
    }
    f->next_attempt_us = followup_is_open(f->state) ? now_us : FOLLOW_UP_NEVER;
    return 0;
}

/* ---- orders without a result */

enum followup_order_step followup_plan_open_order(const struct followup_limits *limits,
                                                  const struct followup_open_order *o,
                                                  int64_t machine_now_us)
{
    if (!o->is_dialer_connected) {
        int64_t from_us = o->absent_from_us > o->start_by_us ? o->absent_from_us : o->start_by_us;
        return machine_now_us > from_us + limits->ask_for_us ? FOLLOWUP_ORDER_DIALER_GONE
                                                             : FOLLOWUP_ORDER_WAIT;
    }
    if (!o->is_same_journal) {
        return FOLLOWUP_ORDER_JOURNAL_LOST;
    }
    if (o->was_asked && !o->is_dialer_new &&
        machine_now_us > o->start_by_us + limits->call_limit_us) {
        return FOLLOWUP_ORDER_UNKNOWN;
    }
    return o->is_dialer_new || machine_now_us > o->start_by_us ? FOLLOWUP_ORDER_ASK
                                                               : FOLLOWUP_ORDER_WAIT;
}

int64_t followup_plan_answered_at(int64_t ordered_us, int64_t ended_us, int64_t now_us)
{
    int64_t at_us = ended_us > ordered_us ? ended_us : ordered_us;
    return at_us < now_us ? at_us : now_us;
}

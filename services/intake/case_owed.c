/* SPDX-License-Identifier: Apache-2.0 */
#include "services/intake/case_owed.h"

#include <string.h>

#include "common/base/compiler.h"
#include "services/intake/promise_decide.h"
#include "services/intake/promise_rules.h"

#define ACTION(name) TROTH__V1__CASE_ACTION__CASE_ACTION_##name

bool case_owed_is_answer(const struct work_case *c, Troth__V1__CaseAction action)
{
    /* A praise that is closed was not answered: nobody had asked. */
    bool is_praise = c->kind == TROTH__V1__CONTACT_KIND__CONTACT_KIND_PRAISE;
    return action == ACTION(RESPONDED) || action == ACTION(RESOLVED) ||
           (action == ACTION(CLOSED) && !is_praise);
}

/* What stops a clock keeps the promise, if it was an answer or, for the next update, a question; a
 * call is not made by closing the case. */
bool case_owed_is_done(const struct work_case *c, Troth__V1__CaseAction action, const char *kind)
{
    const enum clock_kind clock = clock_rules_kind(kind, false);
    const struct clock_rule *rule = clock_rules_find(clock, case_rules_clock_event(action));
    bool is_stopped = rule->effect == CLOCK_STOP || rule->effect == CLOCK_RESTART;
    bool is_told = case_owed_is_answer(c, action) || action == ACTION(WAITING_CUSTOMER);
    return is_stopped && is_told && !(clock == CLOCK_CALLBACK && action == ACTION(CLOSED));
}

/* ---- what is owed anew */

static bool is_of(const struct work_promise *p, const char *kind)
{
    return p->standard_id != 0 && !p->is_void && strcmp(p->kind, kind) == 0;
}

/* The promises of one kind whose clock began last: some may have been owed no more and made again,
 * in whatever order they are listed. */
struct last {
    int64_t made_us; /* WORK_NO_TIME: there is none */
    bool is_owed;    /* one of them ended otherwise than by being owed no more, or has not */
    bool is_kept;    /* and one of those was kept */
};

static struct last last_of(const struct work_case *c, const char *kind)
{
    struct last last = {.made_us = WORK_NO_TIME};
    for (const struct work_promise *p = c->promises; p; p = p->next) {
        if (is_of(p, kind) && p->made_us > last.made_us) {
            last = (struct last){.made_us = p->made_us};
        }
        if (is_of(p, kind) && p->made_us == last.made_us) {
            last.is_owed |= p->state != TROTH__V1__PROMISE_STATE__PROMISE_STATE_WITHDRAWN;
            last.is_kept |= promise_rules_is_kept(p->state);
        }
    }
    return last;
}

static bool is_running(const struct work_case *c, const char *kind)
{
    const struct work_promise *p = c->promises;
    while (p && !(is_of(p, kind) && promise_rules_is_running(p->state))) {
        p = p->next;
    }
    return p != NULL;
}

/* An answer of which we hear late has been followed by another one. */
static bool has_later_update(const struct work_case *c, int64_t occurred_us)
{
    return last_of(c, PROMISE_KIND_NEXT_UPDATE).made_us > occurred_us;
}

/* By a rule that a case has come under: what has not been owed yet, or was only owed no more by
 * another reclassification. Returns since when; WORK_NO_TIME: it is not owed anew. */
static int64_t owed_since(const struct work_case *c, const char *kind, int64_t occurred_us)
{
    const struct last last = last_of(c, kind);
    bool is_first_time = c->reopened_count == 0;
    /* What was kept before the case was reopened does not cover what is open again. */
    bool is_over = last.is_kept && !is_first_time;
    if (is_running(c, kind) || (last.is_owed && !is_over)) {
        return WORK_NO_TIME;
    }
    switch (clock_rules_kind(kind, false)) {
    case CLOCK_NEXT_UPDATE: /* nobody had promised to break the silence until now */
        return occurred_us;
    case CLOCK_RESOLUTION: /* since the reopening, if something was promised for it then */
        if (last.made_us == WORK_NO_TIME || is_over) {
            return is_first_time ? c->opened_us : occurred_us;
        }
        return last.made_us;
    case CLOCK_FIRST_RESPONSE:
        return is_first_time && c->first_response_us == WORK_NO_TIME ? c->opened_us : WORK_NO_TIME;
    case CLOCK_CALLBACK:
        return is_first_time ? c->opened_us : WORK_NO_TIME;
    case CLOCK_DATE:
    case CLOCK_KIND_COUNT:
        break;
    }
    return WORK_NO_TIME;
}

static size_t owed_by_class(const struct intake_work *w, const struct work_case *c,
                            int64_t occurred_us, struct case_owed ret[STANDARD_PROMISES_MAX])
{
    struct standard_decision d;
    size_t count = 0;
    if (!standard_find_rule(w->standard, c->rule, c->branch, &d)) {
        return 0;
    }
    for (size_t i = 0; i < d.promise_count; i++) {
        int64_t made_us = owed_since(c, d.promises[i].kind, occurred_us);
        if (made_us != WORK_NO_TIME) {
            ret[count++] = (struct case_owed){.kind = d.promises[i].kind, .made_us = made_us};
        }
    }
    return count;
}

size_t case_owed_after(const struct intake_work *w, const struct work_case *c,
                       const struct case_rule *rule, struct work_when when,
                       struct case_owed ret[STANDARD_PROMISES_MAX])
{
    const enum clock_event event = case_rules_clock_event(rule->action);
    static const char *const kinds[] = {PROMISE_KIND_NEXT_UPDATE, PROMISE_KIND_RESOLUTION};
    size_t count = 0;
    if (!case_rules_is_open(c->state)) {
        return 0;
    }
    if (rule->action == ACTION(RECLASSIFIED)) {
        return owed_by_class(w, c, when.occurred_us, ret);
    }
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
        const enum clock_kind kind = clock_rules_kind(kinds[i], false);
        enum clock_effect effect = clock_rules_find(kind, event)->effect;
        bool is_followed = effect == CLOCK_RESTART && has_later_update(c, when.occurred_us);
        if ((effect == CLOCK_START || effect == CLOCK_RESTART) && !is_followed) {
            ret[count++] = (struct case_owed){.kind = kinds[i], .made_us = when.occurred_us};
        }
    }
    return count;
}

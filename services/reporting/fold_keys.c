/* SPDX-License-Identifier: Apache-2.0 */
#include "services/reporting/fold_keys.h"

#include <stdlib.h>

#include "common/base/xalloc.h"
#include "common/domain/identifier.h"

#define SMALLEST_ROOM 64

void fold_keys_clear(struct fold_keys *k)
{
    k->cases.count = k->follow_ups.count = k->answers.count = k->tiers.count = 0;
}

void fold_keys_free(struct fold_keys *k)
{
    free(k->cases.list);
    free(k->follow_ups.list);
    free(k->answers.list);
    free(k->tiers.list);
    *k = (struct fold_keys){0};
}

void fold_key_list_add(struct fold_key_list *l, const struct fold_key *key)
{
    if (l->count == l->room) {
        l->room = l->room == 0 ? SMALLEST_ROOM : 2 * l->room;
        l->list = xreallocarray(l->list, l->room, sizeof(*l->list));
    }
    l->list[l->count++] = *key;
}

/* ---- events */

static int64_t case_of(const Troth__V1__Event *event)
{
    switch ((int)event->body_case) {
    case TROTH__V1__EVENT__BODY_CASE_OPENED:
        return event->case_opened->service_case;
    case TROTH__V1__EVENT__BODY_CONTACT_ADDED:
        return event->contact_added->service_case;
    case TROTH__V1__EVENT__BODY_CASE_CHANGED:
        return event->case_changed->service_case;
    case TROTH__V1__EVENT__BODY_CASE_RECLASSIFIED:
        return event->case_reclassified->service_case;
    case TROTH__V1__EVENT__BODY_PROMISE_MADE:
        return event->promise_made->service_case;
    case TROTH__V1__EVENT__BODY_PROMISE_CHANGED:
        return event->promise_changed->service_case;
    case TROTH__V1__EVENT__BODY_PROMISE_RETARGETED:
        return event->promise_retargeted->service_case;
    case TROTH__V1__EVENT__BODY_PROMISE_STEP_TAKEN:
        return event->promise_step_taken->service_case;
    case TROTH__V1__EVENT__BODY_PROMISE_ANSWERED:
        return event->promise_answered->service_case;
    case TROTH__V1__EVENT__BODY_BREAK_EXPLAINED:
        return event->break_explained->service_case;
    case TROTH__V1__EVENT__BODY_EXPECTATION_STATED:
        return event->expectation_stated->service_case;
    case TROTH__V1__EVENT__BODY_COMPENSATION_PROMISED:
        return event->compensation_promised->service_case;
    case TROTH__V1__EVENT__BODY_SURVEY_ANSWERED:
        return event->survey_answered->service_case;
    default:
        return 0;
    }
}

static int64_t follow_up_of(const Troth__V1__Event *event)
{
    switch ((int)event->body_case) {
    case TROTH__V1__EVENT__BODY_FOLLOW_UP_PLANNED:
        return event->follow_up_planned->follow_up;
    case TROTH__V1__EVENT__BODY_FOLLOW_UP_CHANGED:
        return event->follow_up_changed->follow_up;
    case TROTH__V1__EVENT__BODY_FOLLOW_UP_DEFERRED:
        return event->follow_up_deferred->follow_up;
    case TROTH__V1__EVENT__BODY_CALL_FINISHED:
        return event->call_finished->follow_up;
    default:
        return 0;
    }
}

void fold_keys_add(struct fold_keys *k, const Troth__V1__Event *event)
{
    struct fold_key key = {.version = event->version, .at_us = event->occurred_us};

    if (event->body_case == TROTH__V1__EVENT__BODY_TIER_CHANGED) {
        key.number = event->customer;
        fold_key_list_add(&k->tiers, &key);
    }
    key.is_class = event->body_case == TROTH__V1__EVENT__BODY_CASE_OPENED ||
                   event->body_case == TROTH__V1__EVENT__BODY_CASE_RECLASSIFIED;
    key.number = case_of(event);
    if (key.number > 0) {
        fold_key_list_add(&k->cases, &key);
        return;
    }
    if (event->body_case == TROTH__V1__EVENT__BODY_SURVEY_ANSWERED &&
        event->survey_answered->answer > 0) {
        key.number = event->survey_answered->answer;
        fold_key_list_add(&k->answers, &key);
    }
    key.number = follow_up_of(event);
    if (key.number > 0) {
        fold_key_list_add(&k->follow_ups, &key);
    }
}

/* ---- each once */

static int compare_places(int64_t a, int64_t b)
{
    int16_t left = identifier_bucket(a);
    int16_t right = identifier_bucket(b);

    return left != right ? left - right : (a > b) - (a < b);
}

static int compare_keys(const void *a, const void *b)
{
    const struct fold_key *left = a;
    const struct fold_key *right = b;

    return compare_places(left->number, right->number);
}

static void join(struct fold_key *to, const struct fold_key *more)
{
    to->version = more->version > to->version ? more->version : to->version;
    to->at_us = more->at_us < to->at_us ? more->at_us : to->at_us;
    to->is_class |= more->is_class;
}

void fold_key_list_seal(struct fold_key_list *l)
{
    size_t kept = 0;

    if (l->count > 1) {
        qsort(l->list, l->count, sizeof(*l->list), compare_keys);
    }
    for (size_t i = 0; i < l->count; i++) {
        if (kept > 0 && l->list[kept - 1].number == l->list[i].number) {
            join(&l->list[kept - 1], &l->list[i]);
        } else {
            l->list[kept++] = l->list[i];
        }
    }
    l->count = kept;
}

void fold_keys_seal(struct fold_keys *k)
{
    fold_key_list_seal(&k->cases);
    fold_key_list_seal(&k->follow_ups);
    fold_key_list_seal(&k->answers);
    fold_key_list_seal(&k->tiers);
}

struct fold_key *fold_key_list_find(const struct fold_key_list *l, int64_t number)
{
    const struct fold_key key = {.number = number};

    if (l->count == 0) {
        return NULL;
    }
    return bsearch(&key, l->list, l->count, sizeof(key), compare_keys);
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * loyalty_announce.c - ScoreChanged, TierChanged, ChurnRiskChanged and TrustBroken.
 *
 * Each change of a customer has its own version, and they are appended in that order: readers keep
 * the newest one they saw.
 */
#include <stdlib.h>

#include "common/base/text.h"
#include "common/base/xalloc.h"
#include "common/domain/identifier.h"
#include "services/loyalty/loyalty.h"

/* One of the two. */
struct change {
    int64_t customer;
    int64_t version;
    const struct index_change *index;
    const struct standing_change *standing;
};

static int compare_changes(const void *a, const void *b)
{
    const struct change *left = a, *right = b;

    if (left->customer != right->customer) {
        return left->customer < right->customer ? -1 : 1;
    }
    return (left->version > right->version) - (left->version < right->version);
}

static Troth__V1__Event event_of(const struct loyalty *l, const struct change *c,
                                 int64_t occurred_us, bool is_historical)
{
    Troth__V1__Event event = TROTH__V1__EVENT__INIT;

    event.has_customer = event.has_version = event.has_occurred_us = event.has_recorded_us = true;
    event.has_is_historical = true;
    event.customer = c->customer;
    event.version = c->version;
    event.occurred_us = occurred_us;
    event.recorded_us = service_now_us(l->service);
    event.is_historical = is_historical;
    return event;
}

/* Generated structs have texts that may be written to; these are not. */
#define WORD_SIZE 32
#define WORD(name, text)                                                                           \
    char name[WORD_SIZE];                                                                          \
    (void)text_copy(name, sizeof(name), text)

static void add_score_changed(struct loyalty *l, const struct change *c)
{
    const struct index_change *change = c->index;
    Troth__V1__Event event = event_of(l, c, change->occurred_us, change->is_historical);
    Troth__V1__ScoreChanged body = TROTH__V1__SCORE_CHANGED__INIT;
    WORD(reason, contribution_name(change->reason));
    WORD(tier, tier_name(change->standing.tier));
    char place[96];

    (void)text_format(place, sizeof(place), "%s/%d/%lld", change->stream,
                      identifier_bucket(c->customer), (long long)change->seq);
    event.body_case = TROTH__V1__EVENT__BODY_SCORE_CHANGED;
    event.score_changed = &body;
    body.has_index_before = body.has_index_after = body.has_churn = true;
    body.index_before = score_index(&change->before);
    body.index_after = score_index(&change->after);
    body.churn = change->after.churn;
    body.reason = reason;
    body.tier = tier;
    body.event = place;
    event_batch_add(l->appended, &event);
}

static void add_tier_changed(struct loyalty *l, const struct change *c)
{
    const struct standing_change *change = c->standing;
    Troth__V1__Event event = event_of(l, c, change->occurred_us, change->is_historical);
    Troth__V1__TierChanged body = TROTH__V1__TIER_CHANGED__INIT;
    WORD(before, tier_name((enum tier)change->before));
    WORD(after, tier_name((enum tier)change->after));

    event.body_case = TROTH__V1__EVENT__BODY_TIER_CHANGED;
    event.tier_changed = &body;
    body.before = before;
    body.after = after;
    body.has_index = true;
    body.index = score_index(&change->score);
    event_batch_add(l->appended, &event);
}

static void add_churn_risk_changed(struct loyalty *l, const struct change *c)
{
    const struct standing_change *change = c->standing;
    Troth__V1__Event event = event_of(l, c, change->occurred_us, change->is_historical);
    Troth__V1__ChurnRiskChanged body = TROTH__V1__CHURN_RISK_CHANGED__INIT;
    WORD(before, churn_level_name((enum churn_level)change->before));
    WORD(after, churn_level_name((enum churn_level)change->after));
    WORD(tier, tier_name(change->standing.tier));

    event.body_case = TROTH__V1__EVENT__BODY_CHURN_RISK_CHANGED;
    event.churn_risk_changed = &body;
    body.before = before;
    body.after = after;
    body.tier = tier;
    body.has_churn = body.has_index = true;
    body.churn = change->score.churn;
    body.index = score_index(&change->score);
    body.has_model = !change->score.is_churn_by_rule;
    body.model = l->fits.churn_id;
    event_batch_add(l->appended, &event);
}

static void add_trust_broken(struct loyalty *l, const struct change *c)
{
    const struct standing_change *change = c->standing;
    Troth__V1__Event event = event_of(l, c, change->occurred_us, change->is_historical);
    Troth__V1__TrustBroken body = TROTH__V1__TRUST_BROKEN__INIT;
    char *branch = change->branch == NULL ? NULL : xstrdup(change->branch);

    event.body_case = TROTH__V1__EVENT__BODY_TRUST_BROKEN;
    event.trust_broken = &body;
    body.has_trust_before = body.has_trust_after = body.has_index = true;
    body.trust_before = change->trust_before;
    body.trust_after = change->score.trust;
    body.index = score_index(&change->score);
    body.has_promise = change->promise != 0;
    body.promise = change->promise;
    body.has_service_case = change->service_case != 0;
    body.service_case = change->service_case;
    body.branch = branch;
    event_batch_add(l->appended, &event);
    free(branch);
}

static void add_standing(struct loyalty *l, const struct change *c)
{
    switch (c->standing->what) {
    case STANDING_TIER:
        add_tier_changed(l, c);
        break;
    case STANDING_CHURN_LEVEL:
        add_churn_risk_changed(l, c);
        break;
    case STANDING_TRUST_BROKEN:
        if (c->standing->after == 1) { /* that it mends is told by the index */
            add_trust_broken(l, c);
        }
        break;
    }
}

void loyalty_announce(struct loyalty *l)
{
    const struct index_change *indexes;
    const struct standing_change *standings;
    size_t index_count = loyalty_fold_index_changes(l->fold, &indexes);
    size_t standing_count = loyalty_fold_standing_changes(l->fold, &standings);
    size_t count = 0;
    struct change *list = xcalloc(index_count + standing_count + 1, sizeof(*list));

    for (size_t i = 0; i < index_count; i++) {
        list[count++] = (struct change){indexes[i].customer, indexes[i].version, &indexes[i], NULL};
    }
    for (size_t i = 0; i < standing_count; i++) {
        list[count++] =
            (struct change){standings[i].customer, standings[i].version, NULL, &standings[i]};
    }
    qsort(list, count, sizeof(*list), compare_changes);
    for (size_t i = 0; i < count; i++) {
        if (list[i].index != NULL) {
            add_score_changed(l, &list[i]);
        } else {
            add_standing(l, &list[i]);
        }
    }
    free(list);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* loyalty_fold_run.c - time passes, facts take effect, and who moved is told. */
#include <string.h>

#include "services/loyalty/loyalty_fold_private.h"

struct fold_customer fold_customer_new(int64_t number)
{
    return (struct fold_customer){
        .row =
            {
                  .customer = number,
                  .standing = standing_first,
                  .trust = 0.5,
                  .first_purchase_us = INT64_MIN,
                  .last_purchase_us = INT64_MIN,
                  .seen_us = INT64_MIN,
                  .changed_us = INT64_MIN,
                  .evaluated_us = INT64_MIN,
                  .next_change_us = INT64_MAX,
                  },
        .account = account_empty,
        .others = account_empty,
        .purchases_from_us = INT64_MAX,
    };
}

/* What counts: everything that the person has. */
static struct account account_of(const struct fold_customer *c)
{
    struct account person = c->account;

    if (c->has_others) {
        account_merge(&person, &c->others);
    }
    return person;
}

static struct score score_of(const struct loyalty_fold *f, const struct fold_customer *c,
                             int64_t at_us)
{
    const struct account person = account_of(c);

    return score_at(&person, f->policy, f->fits, at_us);
}

/* ---- changes; fact NULL: by time alone */

static void put_index_change(struct loyalty_fold *f, struct fold_customer *c, int64_t at_us,
                             const struct fold_fact *fact, const struct score *after)
{
    struct index_change *change = fold_put(f, FOLD_INDEX_CHANGES);

    *change = (struct index_change){
        .customer = c->row.customer,
        .version = ++c->row.version,
        .at_us = at_us,
        .occurred_us = fact->occurred_us,
        .is_historical = fact->is_historical,
        .stream = fact->stream,
        .seq = fact->seq,
        .before = c->score,
        .after = *after,
        .standing = standing_after(c->row.standing, after, f->policy),
        .reason = score_moved_most(&c->score, after),
    };
}

static void put_cause(const struct loyalty_fold *f, struct standing_change *change,
                      const struct fold_fact *fact)
{
    const struct evidence *evidence = f->lists[FOLD_EVIDENCE].items;

    change->occurred_us = fact->occurred_us;
    change->is_historical = fact->is_historical;
    change->stream = fact->stream;
    change->seq = fact->seq;
    if (fact->count > 0) {
        const struct evidence *e = &evidence[fact->first];
        change->promise = fold_is_of_promise(e->kind) ? e->subject : 0;
        change->service_case = e->service_case;
        change->branch = e->branch;
    }
}

static void put_standing_change(struct loyalty_fold *f, struct fold_customer *c,
                                const struct fold_fact *fact, const struct standing_change *common,
                                int32_t before, int32_t after)
{
    if (before == after) {
        return;
    }
    struct standing_change *change = fold_put(f, FOLD_STANDING_CHANGES);
    *change = *common;
    change->version = ++c->row.version;
    change->before = before;
    change->after = after;
    if (fact != NULL) {
        put_cause(f, change, fact);
    }
}

static void move_standing(struct loyalty_fold *f, struct fold_customer *c, int64_t at_us,
                          const struct fold_fact *fact, const struct score *score)
{
    const struct standing before = c->row.standing;
    const struct standing after = standing_after(before, score, f->policy);
    struct standing_change change = {
        .customer = c->row.customer,
        .at_us = at_us,
        .is_by_time = fact == NULL,
        .occurred_us = at_us,
        .trust_before = c->row.trust,
        .score = *score,
        .standing = after,
    };

    change.what = STANDING_TIER;
    put_standing_change(f, c, fact, &change, (int32_t)before.tier, (int32_t)after.tier);
    change.what = STANDING_CHURN_LEVEL;
    put_standing_change(f, c, fact, &change, (int32_t)before.churn_level,
                        (int32_t)after.churn_level);
    change.what = STANDING_TRUST_BROKEN;
    put_standing_change(f, c, fact, &change, before.is_trust_broken, after.is_trust_broken);
    c->row.standing = after;
}

/* ---- looks */

/* The customer at an instant, not before the last look. */
static void look(struct loyalty_fold *f, struct fold_customer *c, int64_t at_us,
                 const struct fold_fact *fact)
{
    struct score score = score_of(f, c, at_us);

    if (fact != NULL && score.index_hundredths != c->score.index_hundredths) {
        put_index_change(f, c, at_us, fact, &score);
    }
    move_standing(f, c, at_us, fact, &score);
    c->score = score;
    c->row.index_hundredths = score.index_hundredths;
    c->row.churn = score.churn;
    c->row.trust = score.trust;
    c->row.evaluated_us = at_us;
    c->is_scored = true;
    c->is_next_known = false;
    c->is_changed = true;
}

/* When the standing can change by time alone; one after until_us may be any. */
static int64_t next_change_us(const struct loyalty_fold *f, struct fold_customer *c,
                              int64_t until_us)
{
    if (c->is_next_known) {
        return c->row.next_change_us;
    }
    if (until_us < c->row.evaluated_us + SCORE_NEXT_CHANGE_MIN_US) {
        return INT64_MAX;
    }
    const struct account person = account_of(c);
    return score_next_change_us(&person, c->row.standing, f->policy, f->fits, c->row.evaluated_us,
                                until_us);
}

/* Nobody was looking before the first fact. */
static void pass_time(struct loyalty_fold *f, struct fold_customer *c, int64_t until_us)
{
    if (c->row.evaluated_us == INT64_MIN) {
        return;
    }
    for (int64_t at_us = next_change_us(f, c, until_us); at_us <= until_us;
         at_us = next_change_us(f, c, until_us)) {
        look(f, c, at_us > c->row.evaluated_us ? at_us : c->row.evaluated_us, NULL);
    }
}

/* ---- facts */

static int64_t later(int64_t a_us, int64_t b_us)
{
    return a_us > b_us ? a_us : b_us;
}

static void take_effect(struct loyalty_fold *f, struct fold_customer *c,
                        const struct fold_fact *fact, const struct account *account)
{
    int64_t at_us = later(fact->recorded_us, c->row.evaluated_us);

    pass_time(f, c, at_us);
    if (c->row.evaluated_us == INT64_MIN) {
        c->score = score_of(f, c, at_us);
        c->row.trust = c->score.trust;
    } else if (c->row.evaluated_us != at_us) {
        look(f, c, at_us, NULL);
    } else if (!c->is_scored) {
        c->score = score_of(f, c, at_us);
    }
    c->account = *account;
    look(f, c, at_us, fact);
    c->row.changed_us = later(c->row.changed_us, fact->recorded_us);
}

static void run_fact(struct loyalty_fold *f, const struct fold_fact *fact)
{
    const struct evidence *evidence = f->lists[FOLD_EVIDENCE].items;
    struct fold_customer *c = fold_find_customer(f, fact->customer);
    struct account account = c->account;
    bool is_moved = fact->seen_us > account.seen_us;

    account.seen_us = later(account.seen_us, fact->seen_us);
    for (size_t i = 0; i < fact->count; i++) {
        is_moved |= fold_count(f, c, &account, &evidence[fact->first + i]);
    }
    if (is_moved) {
        take_effect(f, c, fact, &account);
    }
}

/* ---- results */

/* If time alone was the reason, the instants at which it did something are all there is to look at:
 * so when a sweep comes by makes no difference to what is stored. A look that is as new as now, or
 * newer by another host's clock, is repeated: others of the person or the models may have changed
 * since. */
static void look_again(struct loyalty_fold *f, struct fold_customer *c, int64_t now_us)
{
    int64_t before_us = c->row.evaluated_us;
    bool is_known = before_us != INT64_MIN || c->has_others;

    pass_time(f, c, now_us);
    if (is_known && c->row.evaluated_us == before_us) {
        look(f, c, later(before_us, now_us), NULL);
    }
}

static void put_results(struct loyalty_fold *f, struct fold_customer *c)
{
    struct customer_score *row = &c->row;

    row->next_change_us = next_change_us(f, c, INT64_MAX);
    row->first_purchase_us = c->account.first_purchase_us;
    row->last_purchase_us = c->account.last_purchase_us;
    row->purchase_days = c->account.purchase_days;
    row->seen_us = c->account.seen_us;
    memcpy(row->currency, c->account.currency, sizeof(row->currency));
    *(struct customer_score *)fold_put(f, FOLD_SCORES) = *row;
    for (size_t m = 1; m < MEASURE_END; m++) {
        if (c->is_written[m]) {
            *(struct fold_sum *)fold_put(f, FOLD_SUMS) = (struct fold_sum){
                .customer = row->customer, .measure = (enum measure)m, .sum = c->account.sums[m]};
        }
    }
}

void loyalty_fold_run(struct loyalty_fold *f, const struct score_policy *policy,
                      const struct fit_set *fits, int64_t now_us)
{
    const struct fold_fact *facts = f->lists[FOLD_FACTS].items;
    struct fold_customer *customers = f->lists[FOLD_CUSTOMERS].items;

    f->policy = policy;
    f->fits = fits;
    fold_prepare_known(f);
    for (size_t i = 0; i < f->lists[FOLD_FACTS].count; i++) {
        run_fact(f, &facts[i]);
    }
    for (size_t i = 0; i < f->lists[FOLD_CUSTOMERS].count; i++) {
        struct fold_customer *c = &customers[i];
        if (c->is_touched) {
            look_again(f, c, now_us);
        }
        if (c->is_changed) {
            put_results(f, c);
        }
    }
    fold_add_up_groups(f);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "services/loyalty/points_plan.h"

#include <stdlib.h>

#include "common/base/xalloc.h"

static const char *const kind_names[POINTS_KIND_END] = {
    [POINTS_EARNED] = "earned",   [POINTS_SPENT] = "spent",
    [POINTS_EXPIRED] = "expired", [POINTS_TAKEN_BACK] = "taken_back",
    [POINTS_REFUSED] = "refused", [POINTS_GIVEN_BACK] = "given_back",
};

const char *points_kind_name(enum points_kind k)
{
    return kind_names[k];
}

/* ---- entries */

/* Where an entry is in l->entries, and what to sort it by. */
struct place {
    int64_t expires_us, number;
    size_t at;
};

void points_ledger_free(struct points_ledger *l)
{
    free(l->entries);
    l->entries = NULL;
    l->count = l->capacity = 0;
}

static struct points_entry *find(const struct points_ledger *l, int64_t subject,
                                 enum points_kind kind)
{
    for (size_t i = 0; i < l->count; i++) {
        if (l->entries[i].subject == subject && l->entries[i].kind == kind) {
            return &l->entries[i];
        }
    }
    return NULL;
}

static struct points_entry *append(struct points_ledger *l, const struct points_entry *entry)
{
    if (l->count == l->capacity) {
        l->capacity = l->capacity ? 2 * l->capacity : 8;
        l->entries = xreallocarray(l->entries, l->capacity, sizeof(*l->entries));
    }
    l->entries[l->count] = *entry;
    return &l->entries[l->count++];
}

void points_ledger_learn(struct points_ledger *l, const struct points_entry *entry)
{
    (void)append(l, entry);
}

/* Moves other entries: pointers to them are stale afterwards. */
static void book(struct points_ledger *l, struct points_entry entry)
{
    l->balance += entry.points;
    entry.number = ++l->number;
    entry.balance = l->balance;
    entry.owed = l->owed;
    entry.is_new = true;
    (void)append(l, &entry);
}

static struct points_entry entry_of(const struct points_fact *f, enum points_kind kind,
                                    int64_t points)
{
    return (struct points_entry){
        .subject = f->subject,
        .kind = kind,
        .of = f->of,
        .points = points,
        .at_us = f->at_us,
        .expires_us = POINTS_NEVER,
        .stream = f->stream,
        .seq = f->seq,
        .is_historical = f->is_historical,
    };
}

static bool is_batch(const struct points_entry *e)
{
    return (e->kind == POINTS_EARNED || e->kind == POINTS_GIVEN_BACK) && e->left > 0;
}

static void set_left(struct points_entry *e, int64_t left)
{
    e->left = left;
    e->is_changed = true;
}

/* ---- batches */

/* Which of them, by all three. */
struct batches {
    int64_t earned_until_us; /* earned then or before */
    int64_t expires_from_us, expires_until_us;
};

static bool is_one_of(const struct points_entry *e, const struct batches *which)
{
    return is_batch(e) && e->at_us <= which->earned_until_us &&
           e->expires_us >= which->expires_from_us && e->expires_us <= which->expires_until_us;
}

static int compare_places(const void *a, const void *b)
{
    const struct place *x = a, *y = b;

    if (x->expires_us != y->expires_us) {
        return x->expires_us < y->expires_us ? -1 : 1;
    }
    return (x->number > y->number) - (x->number < y->number);
}

/* Where they are in l->entries, that which runs out first first. The caller frees *ret_list. */
static size_t list_batches(const struct points_ledger *l, const struct batches *which,
                           struct place **ret_list)
{
    struct place *list = xcalloc(l->count + 1, sizeof(*list));
    size_t count = 0;

    for (size_t i = 0; i < l->count; i++) {
        const struct points_entry *e = &l->entries[i];
        if (is_one_of(e, which)) {
            list[count++] =
                (struct place){.expires_us = e->expires_us, .number = e->number, .at = i};
        }
    }
    qsort(list, count, sizeof(*list), compare_places);
    *ret_list = list;
    return count;
}

/* Those that can pay for something that occurred then. */
static struct batches paying_at(int64_t at_us)
{
    return (struct batches){
        .earned_until_us = at_us,
        .expires_from_us = at_us + 1,
        .expires_until_us = POINTS_NEVER,
    };
}

/* Returns how many of the points were not there. */
static int64_t take(struct points_ledger *l, int64_t points, const struct batches *which)
{
    struct place *list;
    size_t count = list_batches(l, which, &list);

    for (size_t i = 0; i < count && points > 0; i++) {
        struct points_entry *batch = &l->entries[list[i].at];
        int64_t part = points < batch->left ? points : batch->left;
        set_left(batch, batch->left - part);
        points -= part;
    }
    free(list);
    return points;
}

static int64_t available(const struct points_ledger *l, const struct batches *which)
{
    int64_t sum = -l->owed;

    for (size_t i = 0; i < l->count; i++) {
        sum += is_one_of(&l->entries[i], which) ? l->entries[i].left : 0;
    }
    return sum;
}

/* ---- what goes out */

/* Whatever has not run out, also what was earned since. */
static int64_t take_any(struct points_ledger *l, int64_t points, int64_t at_us)
{
    struct batches which = paying_at(at_us);

    which.earned_until_us = INT64_MAX;
    return take(l, points, &which);
}

static void take_back(struct points_ledger *l, const struct points_fact *f, int64_t points)
{
    l->owed += take_any(l, points, f->at_us);
    book(l, entry_of(f, POINTS_TAKEN_BACK, -points));
}

/* ---- what comes in */

static void judge_again(struct points_ledger *l, int64_t at_us);

static void come_in(struct points_ledger *l, const struct points_policy *policy,
                    const struct points_fact *f, enum points_kind kind, int64_t points)
{
    int64_t paid = points < l->owed ? points : l->owed;
    struct points_entry e = entry_of(f, kind, points);

    l->owed -= paid;
    e.left = points - paid;
    if (policy->last_us > 0 && f->at_us <= INT64_MAX - policy->last_us) {
        e.expires_us = f->at_us + policy->last_us;
    }
    book(l, e);
    judge_again(l, f->at_us);
}

/* ---- redemptions */

static bool spend(struct points_ledger *l, struct points_entry e, int64_t points)
{
    struct batches which = paying_at(e.at_us);

    if (available(l, &which) < points) {
        return false;
    }
    (void)take(l, points, &which);
    e.kind = POINTS_SPENT;
    e.points = -points;
    e.left = 0;
    book(l, e);
    return true;
}

static int compare_numbers(const void *a, const void *b)
{
    const struct place *x = a, *y = b;

    return (x->number > y->number) - (x->number < y->number);
}

/* Those after an instant, in the order in which they were refused; what is still too much stays
 * refused. */
static void judge_again(struct points_ledger *l, int64_t at_us)
{
    struct place *list = xcalloc(l->count + 1, sizeof(*list));
    size_t count = 0;

    for (size_t i = 0; i < l->count; i++) {
        const struct points_entry *e = &l->entries[i];
        if (e->kind == POINTS_REFUSED && e->left > 0 && e->at_us >= at_us) {
            list[count++] = (struct place){.number = e->number, .at = i};
        }
    }
    qsort(list, count, sizeof(*list), compare_numbers);
    for (size_t i = 0; i < count; i++) {
        if (spend(l, l->entries[list[i].at], l->entries[list[i].at].left)) {
            set_left(&l->entries[list[i].at], 0);
        }
    }
    free(list);
}

static void redeem(struct points_ledger *l, const struct points_fact *f)
{
    struct points_entry e = entry_of(f, POINTS_REFUSED, 0);

    if (!spend(l, e, f->points)) {
        e.left = f->points;
        book(l, e);
    }
}

/* ---- facts and their reversals */

static void add(struct points_ledger *l, const struct points_policy *policy,
                const struct points_fact *f)
{
    if (f->of == POINTS_OF_REDEMPTION) {
        redeem(l, f);
    } else if (f->of == POINTS_OF_REFUND) {
        take_back(l, f, f->points);
    } else {
        come_in(l, policy, f, POINTS_EARNED, f->points);
    }
}

/* What of it ran out is lost already, and its own batch goes first. */
static void reverse_earned(struct points_ledger *l, const struct points_fact *f,
                           struct points_entry *earned)
{
    const struct points_entry *expired = find(l, f->subject, POINTS_EXPIRED);
    int64_t points = earned->points + (expired ? expired->points : 0);
    int64_t own = points < earned->left ? points : earned->left;

    set_left(earned, earned->left - own);
    l->owed += take_any(l, points - own, f->at_us);
    book(l, entry_of(f, POINTS_TAKEN_BACK, -points));
}

static void reverse(struct points_ledger *l, const struct points_policy *policy,
                    const struct points_fact *f)
{
    struct points_entry *earned = find(l, f->subject, POINTS_EARNED);
    const struct points_entry *out =
        find(l, f->subject, f->of == POINTS_OF_REDEMPTION ? POINTS_SPENT : POINTS_TAKEN_BACK);
    struct points_entry *refused = find(l, f->subject, POINTS_REFUSED);

    if (refused) {
        set_left(refused, 0);
    }
    if (f->of == POINTS_OF_PURCHASE || f->of == POINTS_OF_ANSWER) {
        if (earned) {
            reverse_earned(l, f, earned);
        } else {
            book(l, entry_of(f, POINTS_TAKEN_BACK, 0));
        }
    } else if (out) {
        come_in(l, policy, f, POINTS_GIVEN_BACK, -out->points);
    } else {
        book(l, entry_of(f, POINTS_GIVEN_BACK, 0));
    }
}

/* Of the fact, and of its reversal. */
static bool is_known(const struct points_ledger *l, const struct points_fact *f, bool is_reversal)
{
    bool earns = f->of == POINTS_OF_PURCHASE || f->of == POINTS_OF_ANSWER;

    if (is_reversal) {
        return find(l, f->subject, earns ? POINTS_TAKEN_BACK : POINTS_GIVEN_BACK) != NULL;
    }
    if (f->of == POINTS_OF_REDEMPTION) {
        return find(l, f->subject, POINTS_SPENT) || find(l, f->subject, POINTS_REFUSED);
    }
    return find(l, f->subject, earns ? POINTS_EARNED : POINTS_TAKEN_BACK) != NULL;
}

/* It was taken back before it came. */
static void add_nothing(struct points_ledger *l, const struct points_fact *f)
{
    static const enum points_kind kinds[POINTS_SUBJECT_END] = {
        [POINTS_OF_PURCHASE] = POINTS_EARNED,
        [POINTS_OF_ANSWER] = POINTS_EARNED,
        [POINTS_OF_REFUND] = POINTS_TAKEN_BACK,
        [POINTS_OF_REDEMPTION] = POINTS_REFUSED,
    };
    book(l, entry_of(f, kinds[f->of], 0));
}

void points_plan_apply(struct points_ledger *l, const struct points_policy *policy,
                       const struct points_fact *fact)
{
    points_plan_expire(l, fact->recorded_us);
    /* Of what is worth nothing and is not booked, no reversal need be remembered. */
    bool is_nothing = fact->points == 0 && !is_known(l, fact, false);
    if (is_nothing || is_known(l, fact, fact->is_reversal)) {
        return;
    }
    if (fact->is_reversal) {
        reverse(l, policy, fact);
    } else if (is_known(l, fact, true)) {
        add_nothing(l, fact);
    } else {
        add(l, policy, fact);
    }
}

/* ---- time */

void points_plan_expire(struct points_ledger *l, int64_t now_us)
{
    const struct batches overdue = {
        .earned_until_us = INT64_MAX,
        .expires_from_us = INT64_MIN,
        .expires_until_us = now_us - POINTS_GRACE_US,
    };
    struct place *list;
    size_t count = list_batches(l, &overdue, &list);

    for (size_t i = 0; i < count; i++) {
        struct points_entry *batch = &l->entries[list[i].at];
        struct points_entry e = *batch;
        set_left(batch, 0);
        e.kind = POINTS_EXPIRED;
        e.points = -e.left;
        e.left = 0;
        e.at_us = e.expires_us;
        e.expires_us = POINTS_NEVER;
        e.is_changed = false;
        book(l, e);
    }
    free(list);
}

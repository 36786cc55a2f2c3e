/* SPDX-License-Identifier: Apache-2.0 */
#include "services/reporting/warning_series.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/compiler.h"
#include "common/base/hash_table.h"
#include "common/base/text.h"
#include "common/base/xalloc.h"
#include "common/model/cusum.h"
#include "common/model/ears.h"
#include "common/model/incomplete_beta.h"

struct series_key {
    int32_t dimension, measure;
    char value[WARNING_VALUE_SIZE]; /* zeros to its end */
};
/* Without what the compiler adds behind it, whose bytes are anything. */
#define KEY_LEN (offsetof(struct series_key, value) + WARNING_VALUE_SIZE)

struct series {
    struct series_key key;
    UT_hash_handle hh;
    double counts[]; /* by day from the first one */
};

struct warning_series {
    int64_t from, to;
    int64_t first_day; /* with figures */
    size_t left;       /* counts for which there was no room */
    struct series *all;
};

struct warning_series *warning_series_new(int64_t from, int64_t to)
{
    struct warning_series *s = xcalloc(1, sizeof(*s));

    *s = (struct warning_series){.from = from, .to = to, .first_day = INT64_MAX};
    return s;
}

void warning_series_free(struct warning_series *s)
{
    if (!s) {
        return;
    }
    struct series *one = s->all;
    HASH_CLEAR(hh, s->all); /* they stay linked */
    while (one) {
        struct series *next = one->hh.next;
        free(one);
        one = next;
    }
    free(s);
}

void warning_series_begin(struct warning_series *s, int64_t first_day)
{
    s->first_day = first_day;
}

static size_t days_of(const struct warning_series *s)
{
    return (size_t)(s->to - s->from + 1);
}

/* Whether anything is left of it. */
static bool move_one(struct series *one, size_t days, size_t by)
{
    bool has_any = false;

    memmove(one->counts, one->counts + by, (days - by) * sizeof(*one->counts));
    memset(one->counts + days - by, 0, by * sizeof(*one->counts));
    for (size_t i = 0; i < days - by; i++) {
        has_any |= one->counts[i] > 0.0;
    }
    return has_any;
}

/* NOLINTNEXTLINE(readability-function-size): of uthash */
void warning_series_move(struct warning_series *s, int64_t days)
{
    const size_t by = (size_t)days < days_of(s) ? (size_t)days : days_of(s);
    struct series *one, *next;

    HASH_ITER(hh, s->all, one, next)
    {
        if (!move_one(one, days_of(s), by)) {
            HASH_DEL(s->all, one); /* NOLINT(clang-analyzer-*): uthash keeps 'all' */
            free(one);
        }
    }
    s->from += days;
    s->to += days;
}

size_t warning_series_left(const struct warning_series *s)
{
    return s->left;
}

size_t warning_series_count(const struct warning_series *s)
{
    return HASH_COUNT(s->all);
}

/* Of all and of the branches there are never too many. */
static bool has_room(const struct warning_series *s, enum figure_dimension dimension)
{
    return dimension == DIMENSION_ALL || dimension == DIMENSION_BRANCH ||
           HASH_COUNT(s->all) < WARNING_SERIES_MAX;
}

/* NOLINTNEXTLINE(readability-function-size): of uthash */
void warning_series_add(struct warning_series *s, enum figure_dimension dimension,
                        const char *value, enum figure_measure measure, int64_t day, int64_t count)
{
    struct series_key key = {.dimension = (int32_t)dimension, .measure = (int32_t)measure};
    struct series *one;

    if (day < s->from || day > s->to || count == 0) {
        return;
    }
    (void)text_copy(key.value, sizeof(key.value), value);
    HASH_FIND(hh, s->all, &key, KEY_LEN, one);
    if (!one && !has_room(s, dimension)) {
        s->left++;
        return;
    }
    if (!one) {
        one = xcalloc(1, sizeof(*one) + days_of(s) * sizeof(*one->counts));
        one->key = key;
        HASH_ADD(hh, s->all, key, KEY_LEN, one);
    }
    one->counts[day - s->from] += (double)count;
}

/* ---- detectors */

enum {
    DETECTORS = 4,
    GUARD_DAYS = 2, /* before the day; as C2 has it */
    BASELINE_DAYS_MIN = 7,
    EARS_AGREEING = 2,
};

struct judging {
    const double *counts; /* from the first day with figures */
    const double *all;    /* of everything, likewise; NULL: not known, or it is the same */
    size_t day;
    const struct warning_rule *rule;
    struct early_alarm plain; /* without what a detector says */
    struct early_alarm alarms[DETECTORS];
    size_t count;
    bool is_for_person;
};

static struct early_alarm *add_alarm(struct judging *j, const char *detector)
{
    struct early_alarm *alarm = &j->alarms[j->count++];

    *alarm = j->plain;
    alarm->detector = detector;
    return alarm;
}

static double sum_of(const double *counts, size_t days)
{
    double sum = 0.0;

    for (size_t i = 0; i < days; i++) {
        sum += counts[i];
    }
    return sum;
}

/* Days from first, and the baseline before. */
struct stretch {
    size_t first, days, baseline_first, baseline_days;
};

/* What part of both would lie in the days now by chance: by days, or, when everything else grew
 * more than that (a new company, a Monday, a holiday that has ended), as everything else did. */
static double part_of(const struct judging *j, const struct stretch *s)
{
    double by_days = (double)s->days / (double)(s->days + s->baseline_days);

    if (!j->all) {
        return by_days;
    }
    double now = sum_of(&j->all[s->first], s->days) - sum_of(&j->counts[s->first], s->days);
    double before = sum_of(&j->all[s->baseline_first], s->baseline_days) -
                    sum_of(&j->counts[s->baseline_first], s->baseline_days);
    return now > 0.0 && before >= 0.0 ? fmin(fmax(by_days, now / (now + before)), 1.0) : by_days;
}

/* Day by day and by CUSUM a count is looked at in two ways, which share the chance. */
static bool is_beyond_chance(const struct judging *j, const struct stretch *s)
{
    double now = sum_of(&j->counts[s->first], s->days);
    double before = sum_of(&j->counts[s->baseline_first], s->baseline_days);

    return binomial_at_least(now, now + before, part_of(j, s)) * 2.0 * (double)j->rule->days <= 1.0;
}

static void judge_ears(struct judging *j)
{
    static const struct {
        const char *name;
        bool (*method)(const double *counts, size_t day, double min_sigma, double z,
                       struct ears *ret);
        double z;
    } methods[] = {
        {"C1", ears_c1,              EARS_Z   },
        {"C2", ears_c2,              EARS_Z   },
        {"C3", ears_c3_surveillance, EARS_Z_C3},
    };
    struct ears c2 = {0};

    (void)ears_c2(j->counts, j->day, WARNING_DEVIATION_MIN, EARS_Z, &c2);
    for (size_t i = 0; i < ARRAY_LEN(methods); i++) {
        struct ears e = c2; /* C3 has no baseline of its own: it adds up those of C2 */
        if (methods[i].method(j->counts, j->day, WARNING_DEVIATION_MIN, methods[i].z, &e) &&
            e.is_alarm) {
            struct early_alarm *alarm = add_alarm(j, methods[i].name);
            alarm->mean = e.mean;
            alarm->deviation = e.sigma;
            alarm->statistic = j->counts[j->day];
            alarm->threshold = e.upper;
        }
    }
    if (j->count >= EARS_AGREEING && j->day >= GUARD_DAYS + BASELINE_DAYS_MIN &&
        j->plain.count >= j->rule->least) {
        size_t days = j->day - GUARD_DAYS;
        days = days < WARNING_BASELINE_DAYS ? days : WARNING_BASELINE_DAYS;
        const struct stretch stretch = {j->day, 1, j->day - GUARD_DAYS - days, days};
        j->is_for_person = is_beyond_chance(j, &stretch);
    }
}

/* The sum at the end of a day: is it over the limit, and is that more than chance. */
struct rise {
    bool is_over, is_for_person;
};

static struct rise rise_of(const struct judging *j, const struct cusum *c, size_t day, size_t first)
{
    size_t run = (size_t)c->above_run;
    struct rise r = {.is_over = c->above > WARNING_CUSUM_H};

    if (r.is_over && j->counts[day] >= (double)j->rule->least) {
        const struct stretch stretch = {day + 1 - run, run, first, WARNING_BASELINE_DAYS};
        r.is_for_person = is_beyond_chance(j, &stretch);
    }
    return r;
}

/* Only upwards, on the first day on which the sum is over the limit, and on the first one on which
 * it is so for a person. */
static void judge_cusum(struct judging *j)
{
    struct cusum c = {0};
    struct rise before = {false, false}, now = {false, false};

    if (j->day < WARNING_DAYS_BEFORE) {
        return;
    }
    size_t first = j->day - WARNING_DAYS_BEFORE;
    double mean = sum_of(&j->counts[first], WARNING_BASELINE_DAYS) / WARNING_BASELINE_DAYS;
    if (mean <= 0.0) {
        return;
    }
    for (size_t i = first + WARNING_BASELINE_DAYS; i <= j->day; i++) {
        before = now;
        c = cusum_step(c, cusum_count_rossi(j->counts[i], mean), WARNING_CUSUM_K);
        now = rise_of(j, &c, i, first);
    }
    if ((now.is_over && !before.is_over) || (now.is_for_person && !before.is_for_person)) {
        struct early_alarm *alarm = add_alarm(j, "CUSUM");
        alarm->mean = mean;
        alarm->deviation = sqrt(mean);
        alarm->statistic = c.above;
        alarm->threshold = WARNING_CUSUM_H;
        j->is_for_person |= now.is_for_person;
    }
}

/* NOLINTNEXTLINE(readability-function-size): of uthash */
static const struct series *all_of(const struct warning_series *s, int32_t measure)
{
    const struct series_key key = {.dimension = DIMENSION_ALL, .measure = measure};
    struct series *all;

    /* NOLINTNEXTLINE(clang-analyzer-core.UndefinedBinaryOperatorResult): value is zeros */
    HASH_FIND(hh, s->all, &key, KEY_LEN, all);
    return all;
}

void warning_series_judge(const struct warning_series *s, int64_t day,
                          const struct warning_rule *rule, early_alarm_fn *take, void *ctx)
{
    int64_t begin = s->first_day > s->from ? s->first_day : s->from;
    const struct series *one, *next;

    if (day < begin || day > s->to) {
        return;
    }
    HASH_ITER(hh, s->all, one, next)
    {
        const struct series *all = all_of(s, one->key.measure);
        struct judging j = {
            .counts = one->counts + (begin - s->from),
            .all = all && all != one ? all->counts + (begin - s->from) : NULL,
            .day = (size_t)(day - begin),
            .rule = rule,
            .plain = {.day = day,
                      .dimension = (enum figure_dimension)one->key.dimension,
                      .value = one->key.value,
                      .measure = (enum figure_measure)one->key.measure,
                      .count = (int64_t)one->counts[day - s->from]},
        };
        judge_ears(&j);
        judge_cusum(&j);
        for (size_t i = 0; i < j.count; i++) {
            j.alarms[i].is_for_person = j.is_for_person;
            take(ctx, &j.alarms[i]);
        }
    }
}

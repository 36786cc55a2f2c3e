/* SPDX-License-Identifier: Apache-2.0 */
#include "common/domain/usage_forecast.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/duration.h"
#include "common/base/xalloc.h"

enum {
    READINGS_MIN = 3,
    READINGS_MAX = 64, /* slopes: 64 * 63 / 2 */
    SLOPES_MAX = READINGS_MAX * (READINGS_MAX - 1) / 2
};

#define RECENT_US   (400 * DURATION_DAY)
#define SPAN_MIN_US (14 * DURATION_DAY)
#define TIME_MAX_US (INT64_C(1) << 60) /* so that times can be subtracted */
#define NEVER_DAYS  36525.0            /* 100 years */
#define TOTAL_MAX   1e15 /* more than any counter shows; keeps all that follows finite */

/* The readings in order of time, and the use that they mean. */
struct history {
    struct usage_reading *readings; /* total: use since the first one, over replaced counters, plus
                                       what that one showed */
    size_t count;
    size_t first_of_counter; /* the first reading of the counter that is in it now */
    double base;             /* the question's, on the same scale */
    bool is_replaced;
};

/* ---- 1. order */

static bool is_sane_time(int64_t us)
{
    return us >= -TIME_MAX_US && us <= TIME_MAX_US;
}

static int by_time(const void *a, const void *b)
{
    const struct usage_reading *x = a;
    const struct usage_reading *y = b;

    if (x->at_us != y->at_us) {
        return x->at_us < y->at_us ? -1 : 1;
    }
    return (x->total > y->total) - (x->total < y->total);
}

static bool is_sane(double total)
{
    return isfinite(total) && fabs(total) <= TOTAL_MAX;
}

static int check(const struct usage_question *q, struct err *err)
{
    if (!is_sane(q->every) || q->every < 1e-6 || !is_sane(q->base) || !is_sane_time(q->now_us)) {
        return err_set(err, "usage_invalid", "the distance between services is not a number");
    }
    for (size_t i = 0; i < q->count; i++) {
        if (!is_sane(q->readings[i].total) || q->readings[i].total < 0.0 ||
            !is_sane_time(q->readings[i].at_us)) {
            return err_set(err, "usage_invalid", "a reading of the counter is not a number");
        }
    }
    return 0;
}

/* Of one instant the highest stays; later ones than now are of a wrong clock. */
static void take_in_order(struct history *h, const struct usage_question *q)
{
    size_t kept = 0;

    for (size_t i = 0; i < q->count; i++) {
        if (q->readings[i].at_us <= q->now_us) {
            h->readings[h->count++] = q->readings[i];
        }
    }
    qsort(h->readings, h->count, sizeof(*h->readings), by_time);
    for (size_t i = 0; i < h->count; i++) {
        kept -= kept > 0 && h->readings[kept - 1].at_us == h->readings[i].at_us;
        h->readings[kept++] = h->readings[i];
    }
    h->count = kept;
}

/* A reading is a misread when its neighbours fit each other and it does not lie between them. */
static void drop_misreads(struct history *h)
{
    struct usage_reading *r = h->readings;
    size_t kept = 0;

    for (size_t i = 0; i < h->count; i++) {
        const bool has_both = kept > 0 && i + 1 < h->count;
        const double before = kept > 0 ? r[kept - 1].total : 0.0;
        const bool is_alone = has_both && before <= r[i + 1].total &&
                              (r[i].total < before || r[i].total > r[i + 1].total);

        if (!is_alone) {
            r[kept++] = r[i];
        }
    }
    h->count = kept;
}

/* Where the counter falls, the use goes on from what was used before. */
static void join_counters(struct history *h, const struct usage_question *q)
{
    double lift = 0.0;
    double previous = h->count > 0 ? h->readings[0].total : 0.0;

    h->base = q->base;
    for (size_t i = 0; i < h->count; i++) {
        const double shown = h->readings[i].total;

        if (shown < previous) {
            lift += previous - shown;
            h->first_of_counter = i;
            h->is_replaced = true;
        }
        previous = shown;
        h->readings[i].total = shown + lift;
        if (h->readings[i].at_us <= q->base_us) {
            h->base = q->base + lift;
        }
    }
}

/* ---- 2. the newest, spread evenly */

static size_t choose_recent(const struct history *h, struct usage_reading ret_chosen[READINGS_MAX])
{
    const int64_t newest_us = h->readings[h->count - 1].at_us;
    size_t first = h->first_of_counter;
    size_t count = 0;
    int last_slot = -1;
    double slot_us;

    while (h->count - first > READINGS_MIN && h->readings[first].at_us < newest_us - RECENT_US) {
        first++;
    }
    slot_us = (double)(newest_us - h->readings[first].at_us) / (READINGS_MAX - 2);
    /* The last one of each slot; slots are counted back from the newest, which is alone in its. */
    for (size_t i = first; i < h->count; i++) {
        const int64_t before_us = newest_us - h->readings[i].at_us;
        const int slot = before_us > 0 ? (int)ceil((double)before_us / slot_us) : 0;

        count -= slot == last_slot;
        last_slot = slot;
        ret_chosen[count++] = h->readings[i];
    }
    return count;
}

/* ---- 3. and 4. the rate and what is left open */

static int by_value(const void *a, const void *b)
{
    const double *x = a;
    const double *y = b;

    return (*x > *y) - (*x < *y);
}

static double median(double *values, size_t count)
{
    qsort(values, count, sizeof(*values), by_value);
    return count % 2 ? values[count / 2] : (values[count / 2 - 1] + values[count / 2]) / 2.0;
}

static double days_between(const struct usage_reading *a, const struct usage_reading *b)
{
    return (double)(b->at_us - a->at_us) / (double)DURATION_DAY;
}

static double rate_of(const struct usage_reading *r, size_t count, double *room)
{
    size_t n = 0;

    for (size_t i = 0; i < count; i++) {
        for (size_t k = i + 1; k < count; k++) {
            room[n++] = (r[k].total - r[i].total) / days_between(&r[i], &r[k]);
        }
    }
    return median(room, n);
}

/* s: how uneven the use of a day is. */
static double unevenness_of(const struct usage_reading *r, size_t count, double rate, double *room)
{
    for (size_t i = 0; i + 1 < count; i++) {
        const double days = days_between(&r[i], &r[i + 1]);

        room[i] = fabs(r[i + 1].total - r[i].total - rate * days) / sqrt(days);
    }
    return 1.4826 * median(room, count - 1);
}

/* Student's t, 90 % one-sided, so 80 % between both sides; by degrees of freedom. */
static double student(size_t freedom)
{
    static const double t[] = {3.078, 1.886, 1.638, 1.533, 1.476,
                               1.440, 1.415, 1.397, 1.383, 1.372};

    return freedom <= sizeof(t) / sizeof(t[0]) ? t[freedom - 1] : 1.2816 + 0.90 / (double)freedom;
}

/* The days t on which rate * t -+ z s sqrt(t + t²/D) reaches left: the roots of
 * (rate² - k/D) t² - (2 left rate + k) t + left² = 0 with k = (z s)². */
static void band(double rate, double k, double span_days, double left, double ret_days[2])
{
    const double a = rate * rate - k / span_days;
    const double b = 2.0 * left * rate + k;
    const double root = sqrt(fmax(b * b - 4.0 * a * left * left, 0.0));

    /* The form that neither cancels nor divides by an a near 0. */
    ret_days[0] = 2.0 * left * left / (b + root);
    ret_days[1] = a > 0.0 ? (b + root) / (2.0 * a) : INFINITY;
}

static int64_t after_days(int64_t from_us, double days)
{
    return days > NEVER_DAYS ? USAGE_NEVER : from_us + (int64_t)(days * (double)DURATION_DAY);
}

/* ---- all of it */

static int check_history(const struct history *h, const struct usage_question *q, struct err *err)
{
    const size_t count = h->count - h->first_of_counter;

    if (count < READINGS_MIN && h->is_replaced) {
        return err_set(err, "usage_replaced",
                       "the counter was replaced, and the new one has only "
                       "%zu readings",
                       count);
    }
    if (count < READINGS_MIN) {
        return err_set(err, "usage_too_few", "%zu readings of the counter are too few", count);
    }
    if (h->readings[h->count - 1].at_us < q->now_us - RECENT_US) {
        return err_set(err, "usage_too_old", "the newest reading of the counter is too old");
    }
    return 0;
}

static int forecast(const struct history *h, const struct usage_question *q, double *room,
                    struct usage_forecast *ret, struct err *err)
{
    struct usage_reading r[READINGS_MAX] = {{.at_us = 0}};
    const size_t count = choose_recent(h, r);
    const struct usage_reading *newest = &r[count - 1];
    const double span = days_between(&r[0], newest);
    const double used = newest->total - h->base;
    const double reached = fmax(floor(used / q->every), 0.0);
    const double left = (reached + 1.0) * q->every - used;
    double days[2];
    double rate;
    double s;

    if (count < READINGS_MIN) {
        return err_set(err, "usage_too_few", "the readings of the counter are too close together");
    }
    if (newest->at_us - r[0].at_us < SPAN_MIN_US) {
        return err_set(err, "usage_too_short", "the readings of the counter cover %.0f days", span);
    }
    rate = rate_of(r, count, room);
    if (rate <= 0.0 || left / rate > NEVER_DAYS || reached >= 1e9) {
        return err_set(err, "usage_stands_still", "it is hardly used");
    }
    s = unevenness_of(r, count, rate, room);
    band(rate, pow(student(count - 2) * s, 2.0), span, left, days);
    *ret = (struct usage_forecast){
        .early_us = after_days(newest->at_us, fmin(days[0], left / rate)),
        .likely_us = after_days(newest->at_us, left / rate),
        .late_us = after_days(newest->at_us, fmax(days[1], left / rate)),
        .rate_per_day = rate,
        .rate_error = s / sqrt(span),
        .used = used,
        .service = (int64_t)reached + 1,
        .left = left,
        .newest_us = newest->at_us,
        .reading_count = count,
        .is_replaced = h->is_replaced,
    };
    return 0;
}

int usage_forecast_make(const struct usage_question *question, struct usage_forecast *ret_forecast,
                        struct err *err)
{
    struct history h = {.count = 0};
    double *room;
    int rc;

    if (check(question, err) < 0) {
        return -1;
    }
    h.readings = xcalloc(question->count + 1, sizeof(*h.readings));
    room = xcalloc(SLOPES_MAX, sizeof(*room));
    take_in_order(&h, question);
    drop_misreads(&h);
    join_counters(&h, question);
    rc = check_history(&h, question, err);
    if (rc == 0) {
        rc = forecast(&h, question, room, ret_forecast, err);
    }
    free(room);
    free(h.readings);
    return rc;
}

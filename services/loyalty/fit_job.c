/* SPDX-License-Identifier: Apache-2.0 */
#include "services/loyalty/fit_job.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "common/domain/identifier.h"
#include "services/loyalty/fit_models.h"
#include "services/loyalty/fit_work.h"

enum {
    SLICE_CUSTOMERS = 4000,
    CURRENCIES_MAX = 64, /* further ones are not the main one */
};

struct fitting {
    struct fit_work work;
    struct {
        char name[4];
        int64_t customers;
    } currencies[CURRENCIES_MAX];
    size_t currency_count;
    const char *currency; /* the main one; "": nobody bought */
    int64_t first_us;
    struct fit_span span;
    struct buyers buyers;
    struct measure_sum sums[MEASURE_END];
};

/* ---- the main currency */

static void count_currency(struct fitting *f, const char *name, int64_t customers)
{
    size_t i = 0;
    if (strlen(name) != 3 || strcmp(name, SEVERAL_CURRENCIES) == 0) {
        return;
    }
    while (i < f->currency_count && strcmp(f->currencies[i].name, name) != 0) {
        i++;
    }
    if (i == CURRENCIES_MAX) {
        return;
    }
    if (i == f->currency_count) {
        (void)text_copy(f->currencies[i].name, sizeof(f->currencies[i].name), name);
        f->currency_count++;
    }
    f->currencies[i].customers += customers;
}

static int take_currencies(void *ctx, int16_t bucket, const struct db_rows *rows, struct err *err)
{
    struct fitting *f = ctx;
    (void)bucket;
    (void)err;
    for (size_t i = 0; i < db_row_count(rows); i++) {
        count_currency(f, db_get_text(rows, i, 0), db_get_int(rows, i, 1));
        int64_t first_us = db_get_time(rows, i, 2);
        if (first_us != DB_NO_TIME && first_us < f->first_us) {
            f->first_us = first_us;
        }
    }
    return 0;
}

/* Of equals the first of the alphabet, so that it is the same each time. */
static void choose_currency(struct fitting *f)
{
    int64_t most = 0;
    f->currency = "";
    for (size_t i = 0; i < f->currency_count; i++) {
        int64_t customers = f->currencies[i].customers;
        if (customers > most ||
            (customers == most && strcmp(f->currencies[i].name, f->currency) < 0)) {
            most = customers;
            f->currency = f->currencies[i].name;
        }
    }
}

/* ---- buyers */

static void queue_buyers(struct db *db, const void *what)
{
    fit_read_buyers(db, what);
}

static int read_slice(struct fitting *f, const struct fit_slice *slice, struct err *err)
{
    const struct fit_buyers_question q = {slice, &f->span, f->currency};
    const struct db_reply *reply = fit_work_run(&f->work, queue_buyers, &q, err);
    for (size_t i = 0; reply && i < db_row_count(reply->rows[0]); i++) {
        struct buyer_history h;
        fit_read_take_buyer(reply->rows[0], i, &h);
        buyers_add(&f->buyers, &f->span, &h);
    }
    return reply ? 0 : -1;
}

static int read_buyers(struct fitting *f, struct err *err)
{
    for (int16_t bucket = 0; bucket < BUCKET_COUNT && !f->work.service->is_draining; bucket++) {
        struct fit_slice slice = {.bucket = bucket, .customers = SLICE_CUSTOMERS};
        bool is_end = false;
        while (!f->work.service->is_draining) {
            if (fit_work_next_slice(&f->work, &slice, &is_end, err) < 0) {
                return -1;
            }
            if (is_end) {
                break;
            }
            if (read_slice(f, &slice, err) < 0) {
                return -1;
            }
        }
    }
    return 0;
}

/* ---- the job */

static int take_sums(void *ctx, int16_t bucket, const struct db_rows *rows, struct err *err)
{
    struct fitting *f = ctx;
    (void)bucket;
    (void)err;
    for (size_t i = 0; i < db_row_count(rows); i++) {
        fit_read_take_sum(rows, i, f->sums);
    }
    return 0;
}

static int read_all(struct fitting *f, struct err *err)
{
    f->first_us = f->work.began_us;
    if (fit_work_buckets(&f->work, fit_read_currencies, take_currencies, f, err) < 0) {
        return -1;
    }
    choose_currency(f);
    f->span = fit_span_of(f->first_us, f->work.began_us);
    if (read_buyers(f, err) < 0 ||
        fit_work_buckets(&f->work, fit_read_sums, take_sums, f, err) < 0) {
        return -1;
    }
    return f->work.service->is_draining ? fit_work_stopped() : 0;
}

/* The fits take seconds in which nothing else is done: this process does nothing else. */
static int fit_all(struct fitting *f, struct err *err)
{
    struct fit_row rows[] = {
        /* churn has a job of its own */
        fit_purchases(&f->buyers, &f->span),
        fit_spend(&f->buyers, &f->span, f->currency),
        fit_rfm(&f->buyers, &f->span, f->currency),
        fit_averages(f->sums, f->work.began_us),
    };
    if (f->work.service->is_draining) {
        return fit_work_stopped();
    }
    return fit_work_store(&f->work, rows, ARRAY_LEN(rows), err);
}

int fit_job_run(struct service *s, struct err *err)
{
    struct fitting f = {.currency = ""};
    int rc = fit_work_open(&f.work, s, err);
    if (rc == 0) {
        rc = read_all(&f, err);
    }
    if (rc == 0) {
        (void)printf("customers who bought: %zu\n", f.buyers.count);
        rc = fit_all(&f, err);
    }
    buyers_free(&f.buyers);
    fit_work_close(&f.work);
    return rc;
}

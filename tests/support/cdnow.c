/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/cdnow.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "common/base/instant.h"
#include "tests/support/reference_data.h"

#define WEEK_DAYS 7.0

enum {
    LINE_SIZE = 256,
    CALIBRATION_END = 19970930,
};

/* One customer while his lines are read. */
struct reading {
    int64_t customer, first_day, last_day;
    double dollars; /* of repeat purchases until the end */
};

static struct cdnow cdnow;

static int64_t day_of(int yyyymmdd)
{
    return civil_to_days(
        (struct civil_date){yyyymmdd / 10000, yyyymmdd / 100 % 100, yyyymmdd % 100});
}

static FILE *open_data(const char *name)
{
    struct text path = reference_data_path(name);
    FILE *in = fopen(path.data, "re");

    text_free(&path);
    assert_non_null(in);
    return in;
}

static void end_customer(const struct reading *r)
{
    struct purchase_history *h = &cdnow.histories[cdnow.count];
    struct purchase_spend *s = &cdnow.spends[cdnow.count];

    if (r->customer == 0) {
        return;
    }
    h->t = (double)(day_of(CALIBRATION_END) - r->first_day) / WEEK_DAYS;
    *s = (struct purchase_spend){h->x, h->x > 0 ? r->dollars / h->x : 0};
    cdnow.count++;
}

/* Purchases of one day are one; the first day's are none, and nor is their money. */
static void add_purchase(struct reading *r, int64_t day, double dollars)
{
    struct purchase_history *h = &cdnow.histories[cdnow.count];
    const bool is_new_day = day != r->last_day;

    r->last_day = day;
    if (day > day_of(CALIBRATION_END)) {
        cdnow.later[cdnow.count] += is_new_day;
        return;
    }
    if (day > r->first_day) {
        h->x += is_new_day;
        h->t_x = (double)(day - r->first_day) / WEEK_DAYS;
        r->dollars += dollars;
    }
}

static void read_purchases(void)
{
    FILE *in = open_data("cdnow/CDNOW_sample.txt");
    struct reading r = {0};
    char line[LINE_SIZE];

    while (fgets(line, sizeof(line), in) != NULL) {
        char *at = line;
        const int64_t customer = strtol(at, &at, 10);

        (void)strtol(at, &at, 10);
        const int64_t day = day_of((int)strtol(at, &at, 10));

        (void)strtol(at, &at, 10);
        if (customer != r.customer) {
            end_customer(&r);
            assert_true(cdnow.count < CDNOW_CUSTOMERS);
            r = (struct reading){.customer = customer, .first_day = day, .last_day = day};
        }
        add_purchase(&r, day, strtod(at, NULL));
        cdnow.rows++;
    }
    end_customer(&r);
    (void)fclose(in);
}

const struct cdnow *cdnow_need(void)
{
    reference_data_need();
    if (cdnow.count == 0) {
        read_purchases();
    }
    return &cdnow;
}

size_t cdnow_golden_read(double ret[CDNOW_CUSTOMERS][GOLDEN_COLUMNS])
{
    FILE *in = open_data("cdnow/btyd_golden.csv");
    char line[LINE_SIZE];
    size_t count = 0;

    assert_non_null(fgets(line, sizeof(line), in)); /* the names of the columns */
    while (fgets(line, sizeof(line), in) != NULL) {
        char *at = line;

        assert_true(count < CDNOW_CUSTOMERS);
        for (int i = 0; i < GOLDEN_COLUMNS; i++) {
            ret[count][i] = strtod(at, &at);
            at += *at == ',';
        }
        count++;
    }
    (void)fclose(in);
    return count;
}

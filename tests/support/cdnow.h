/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cdnow.h - the purchases of CDNOW's customers, on which the purchase models were published: one in
 * ten of those who first bought in the first quarter of 1997, until 30 September (39 weeks at
 * most), and what they did in the 39 weeks after. P. S. Fader, B. G. S. Hardie, 2001;
 * tests/README.md.
 */
#ifndef TROTH_TESTS_SUPPORT_CDNOW_H
#define TROTH_TESTS_SUPPORT_CDNOW_H

#include <stddef.h>

#include "common/model/bg_nbd.h"
#include "common/model/gamma_gamma.h"

enum {
    CDNOW_CUSTOMERS = 2357,
    CDNOW_HOLDOUT_WEEKS = 39,
};

struct cdnow {
    struct purchase_history histories[CDNOW_CUSTOMERS]; /* in weeks; purchases of a day are one */
    struct purchase_spend spends[CDNOW_CUSTOMERS];      /* of repeat purchases, in dollars */
    double later[CDNOW_CUSTOMERS];                      /* purchases in the weeks after */
    size_t count;
    size_t rows; /* in the file */
};

/* From the raw list of purchases, in the order of customers. Skips the running test where the data
 * are not; fails it when they cannot be read. */
const struct cdnow *cdnow_need(void);

/* What the R package BTYD 2.4.3 says of a customer, with parameters that its SOURCE.txt names. */
enum cdnow_golden_column {
    GOLDEN_ID = 0, /* from 1 */
    GOLDEN_X,
    GOLDEN_T_X,
    GOLDEN_T,
    GOLDEN_LATER,
    GOLDEN_SPEND, /* 0: never came back */
    GOLDEN_ALIVE,
    GOLDEN_EXPECTED, /* in 39 weeks */
    GOLDEN_PARETO_ALIVE,
    GOLDEN_PARETO_EXPECTED,
    GOLDEN_MEAN_SPEND,
    GOLDEN_COLUMNS,
};

/* Returns how many rows were written; the file has some of the customers, or all. */
size_t cdnow_golden_read(double ret[CDNOW_CUSTOMERS][GOLDEN_COLUMNS]);

#endif

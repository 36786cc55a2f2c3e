/* SPDX-License-Identifier: Apache-2.0 */
/* survey_store.h - counts the answers of customers, bucket by bucket, void ones left out. */
#ifndef TROTH_SERVICES_CLI_SURVEY_STORE_H
#define TROTH_SERVICES_CLI_SURVEY_STORE_H

#include <stdint.h>

#include "common/base/err.h"
#include "common/runtime/db.h"
#include "services/cli/survey_tally.h"

enum survey_by {
    SURVEY_BY_COMPANY = 0, /* no groups */
    SURVEY_BY_BRANCH,
    SURVEY_BY_PRODUCT,
    SURVEY_BY_TEAM
};

/* Of answers that customers gave from since to before until, business time. */
struct survey_question {
    enum survey_by by;
    int64_t since_us, until_us;
};

MUST_CHECK int survey_store_now(struct db *db, int64_t *ret_now_us, struct err *err);
/* Adds to t. */
MUST_CHECK int survey_store_read(struct db *db, const struct survey_question *q,
                                 struct survey_tally *t, struct err *err);

#endif

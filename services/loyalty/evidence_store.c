/* SPDX-License-Identifier: Apache-2.0 */
#include "services/loyalty/evidence_store.h"

/* In the order of EVIDENCE_COLUMNS. */
enum {
    CUSTOMER,
    KIND,
    SUBJECT,
    PART,
    VERSION,
    VALUE,
    EXPECTATION,
    DIMENSION,
    IS_VOID,
    CASE,
    AT,
    RECORDED,
    MADE,
    DUE,
    DONE,
    BRANCH,
    TEAM,
    LABEL,
    STREAM,
    SEQ,
};

static int64_t time_or_0(const struct db_rows *rows, size_t row, int column)
{
    return db_is_null(rows, row, column) ? 0 : db_get_time(rows, row, column);
}

static const char *text_or_null(const struct db_rows *rows, size_t row, int column)
{
    return db_is_null(rows, row, column) ? NULL : db_get_text(rows, row, column);
}

struct evidence evidence_store_take(const struct db_rows *rows, size_t row, int first)
{
    return (struct evidence){
        .customer = db_get_int(rows, row, first + CUSTOMER),
        .kind = (enum evidence_kind)db_get_int(rows, row, first + KIND),
        .subject = db_get_int(rows, row, first + SUBJECT),
        .part = (int32_t)db_get_int(rows, row, first + PART),
        .version = db_get_int(rows, row, first + VERSION),
        .value = db_get_int(rows, row, first + VALUE),
        .expectation = (int32_t)db_get_int(rows, row, first + EXPECTATION),
        .dimension = (int32_t)db_get_int(rows, row, first + DIMENSION),
        .is_void = db_get_bool(rows, row, first + IS_VOID),
        .service_case = db_get_int(rows, row, first + CASE),
        .at_us = db_get_time(rows, row, first + AT),
        .recorded_us = db_get_time(rows, row, first + RECORDED),
        .made_us = time_or_0(rows, row, first + MADE),
        .due_us = time_or_0(rows, row, first + DUE),
        .done_us = time_or_0(rows, row, first + DONE),
        .branch = text_or_null(rows, row, first + BRANCH),
        .team = text_or_null(rows, row, first + TEAM),
        .label = text_or_null(rows, row, first + LABEL),
        .stream = db_get_text(rows, row, first + STREAM),
        .seq = db_get_int(rows, row, first + SEQ),
    };
}

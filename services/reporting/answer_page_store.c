/* SPDX-License-Identifier: Apache-2.0 */
#include "services/reporting/answer_page_store.h"

#include "common/domain/identifier.h"

enum {
    CUSTOMER,
    CASE,
    PRIORITY,
    RESOLUTION
};

/* One row for each case, or one without. The customer has a word about a resolution that ended as
 * kept (3), kept late (4) or broken (5): the newest one, as agenda_store.c has it for calls. */
static const struct db_query find_subjects = {
    .name = "answer_page_store_find_subjects",
    .sql = "SELECT f.customer_number, s.number, s.priority,"
           " (SELECT r.number FROM intake.promise_public AS r WHERE r.bucket = s.bucket"
           "   AND r.case_number = s.number AND r.kind = 'resolution' AND r.state IN (3, 4, 5)"
           "   AND NOT r.is_void ORDER BY r.number DESC LIMIT 1)"
           " FROM followup.follow_up_public AS f"
           " LEFT JOIN intake.service_case_public AS s ON s.bucket = f.bucket"
           "  AND s.number = ANY ($3::int8[])"
           " WHERE f.bucket = $1 AND f.number = $2 ORDER BY s.number",
    .shape = DB_ROWS,
};

void answer_page_store_put(struct db *db, int64_t follow_up, const struct answer_link *link)
{
    struct db_params params = {.count = 0};
    struct db_array cases;
    db_array_init(&cases, DB_INT8);
    for (size_t i = 0; i < link->item_count; i++) {
        if (link->items[i].service_case) {
            db_array_add_int(&cases, link->items[i].service_case);
        }
    }
    db_put_int2(&params, identifier_bucket(follow_up));
    db_put_int8(&params, follow_up);
    db_put_array(&params, &cases);
    db_query(db, &find_subjects, &params);
    db_params_free(&params);
    db_array_free(&cases);
}

bool answer_page_store_take(const struct db_rows *rows, int64_t follow_up,
                            struct answer_page_subjects *ret)
{
    size_t count = db_row_count(rows);
    if (count == 0) {
        return false;
    }
    *ret = (struct answer_page_subjects){
        .follow_up = {.follow_up = follow_up, .customer = db_get_int(rows, 0, CUSTOMER)},
    };
    for (size_t i = 0; i < count && i < ANSWER_LINK_ITEMS_MAX; i++) {
        struct answer_subject *subject = &ret->cases[ret->case_count];
        *subject = ret->follow_up;
        subject->service_case = db_get_int(rows, i, CASE);
        subject->case_priority = (int32_t)db_get_int(rows, i, PRIORITY);
        subject->resolution = db_get_int(rows, i, RESOLUTION);
        ret->case_count += subject->service_case ? 1 : 0;
    }
    return true;
}

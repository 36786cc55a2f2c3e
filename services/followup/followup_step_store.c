/* SPDX-License-Identifier: Apache-2.0 */
#include "services/followup/followup_step_store.h"

#include <stdlib.h>

#include "common/base/text.h"
#include "common/base/xalloc.h"
#include "common/domain/identifier.h"
#include "common/runtime/db_columns.h"

static const struct db_query insert = {
    "followup_step_store_insert",
    "INSERT INTO followup.follow_up_step (bucket, follow_up_number, version, at, step, reason,"
    " until_at, other_number)"
    " SELECT bucket, number, version, at, step, reason, until_at, nullif(other, 0)"
    " FROM unnest($1::int2[], $2::int8[], $3::int8[], $4::timestamptz[], $5::text[], $6::text[],"
    " $7::timestamptz[], $8::int8[])"
    " AS n (bucket, number, version, at, step, reason, until_at, other)",
    DB_NONE,
};

struct followup_step *followup_step_list_add(struct followup_step_list *l,
                                             const struct follow_up *f, const char *step,
                                             int64_t at_us)
{
    if (l->count == l->capacity) {
        l->capacity = l->capacity ? 2 * l->capacity : 16;
        l->items = xreallocarray(l->items, l->capacity, sizeof(*l->items));
    }
    struct followup_step *s = &l->items[l->count++];
    *s = (struct followup_step){
        .follow_up = f->number,
        .version = f->version,
        .at_us = at_us,
        .step = step,
        .until_us = FOLLOW_UP_NEVER,
        .other = f->merged_into,
    };
    (void)text_copy(s->reason, sizeof(s->reason), f->reason);
    return s;
}

void followup_step_list_clear(struct followup_step_list *l)
{
    l->count = 0;
}

void followup_step_list_free(struct followup_step_list *l)
{
    free(l->items);
    *l = (struct followup_step_list){.items = NULL};
}

void followup_step_store_put(struct db *db, const struct followup_step_list *list)
{
    static const enum db_type types[] = {
        DB_INT2, DB_INT8, DB_INT8, DB_TIME, DB_TEXT, DB_TEXT, DB_TIME, DB_INT8,
    };
    struct db_columns c;
    if (list->count == 0) {
        return;
    }
    db_columns_init(&c, types, ARRAY_LEN(types));
    for (size_t i = 0; i < list->count; i++) {
        const struct followup_step *s = &list->items[i];
        db_array_add_int(&c.array[0], identifier_bucket(s->follow_up));
        db_array_add_int(&c.array[1], s->follow_up);
        db_array_add_int(&c.array[2], s->version);
        db_array_add_time(&c.array[3], s->at_us);
        db_array_add_text(&c.array[4], s->step);
        db_array_add_text(&c.array[5], s->reason);
        db_array_add_time(&c.array[6], s->until_us);
        db_array_add_int(&c.array[7], s->other);
    }
    db_columns_query(&c, db, &insert);
}

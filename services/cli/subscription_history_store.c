/* SPDX-License-Identifier: Apache-2.0 */
/*
 * subscription_history_store.c - the log bucket by bucket and stream by stream, in pages of so many
 * numbers: it has no index by time, and no statement reads for long. What the range holds is
 * written down as the scheduler would (delivery_body.h) and becomes deliveries.
 *
 * The scheduler may come to the same event at the same time: the key of a delivery is the event's
 * place in the log.
 */
#include "services/cli/subscription_history_store.h"

#include <stdlib.h>

#include "common/base/text.h"
#include "common/base/xalloc.h"
#include "common/runtime/db_columns.h"
#include "common/store/delivery_body.h"
#include "event.pb-c.h"

enum {
    PAGE = 5000,
    STREAM_SIZE = 64
};

/* The streams of the consumer followup.delivery. */
static const struct db_query heads = {
    .name = "subscription_history_store_heads",
    .sql = "SELECT stream, bucket, seq FROM log.head WHERE seq > 0"
           " AND split_part(stream, '.', 1) IN ('intake', 'followup', 'loyalty')",
    .shape = DB_ROWS,
};

static const struct db_query choice = {
    .name = "subscription_history_store_choice",
    .sql = "SELECT array_to_string(kinds, ','), array_to_string(branches, ','),"
           " array_to_string(teams, ',') FROM followup.subscription_public"
           " WHERE name = $1 AND ended_at IS NULL",
    .shape = DB_ROWS,
};

static const struct db_query page = {
    .name = "subscription_history_store_page",
    .sql = "SELECT seq, at, body FROM log.event WHERE stream = $1 AND bucket = $2 AND seq > $3"
           " AND seq <= $4 AND at >= coalesce($5::timestamptz, '-infinity')"
           " AND at < coalesce($6::timestamptz, 'infinity') ORDER BY seq",
    .shape = DB_ROWS,
};

static const struct db_query tell = {
    .name = "subscription_history_store_tell",
    .sql = "SELECT followup.subscription_tell($1, clock_timestamp(), $2, $3, $4, $5, $6, $7)",
    .shape = DB_ONE,
};

struct head {
    char stream[STREAM_SIZE];
    int16_t bucket;
    int64_t seq;
};

struct history {
    struct db *db;
    const char *name;
    const struct subscription_range *range;
    struct delivery_choice choice;
    char *kinds, *branches, *teams; /* of choice */
    struct head *heads;
    size_t head_count;
    int64_t told_count;
};

/* NULL with err. */
static const struct db_rows *run(struct db *db, struct err *err)
{
    const struct db_reply *reply = db_run_wait(db);
    if (reply->outcome != DB_OK) {
        *err = reply->err;
        return NULL;
    }
    return reply->rows[0];
}

/* ---- what there is */

/* 1: found, 0: there is no such subscription, -1 with err. */
static int read_choice(struct history *h, struct err *err)
{
    struct db_params p = {.count = 0};
    db_put_text(&p, h->name);
    db_query(h->db, &choice, &p);
    db_params_free(&p);
    const struct db_rows *rows = run(h->db, err);
    if (!rows) {
        return -1;
    }
    if (db_row_count(rows) == 0) {
        return 0;
    }
    h->choice.kinds = h->kinds = xstrdup(db_get_text(rows, 0, 0));
    h->choice.branches = h->branches = xstrdup(db_get_text(rows, 0, 1));
    h->choice.teams = h->teams = xstrdup(db_get_text(rows, 0, 2));
    return 1;
}

static int read_heads(struct history *h, struct err *err)
{
    db_query(h->db, &heads, NULL);
    const struct db_rows *rows = run(h->db, err);
    if (!rows) {
        return -1;
    }
    h->head_count = db_row_count(rows);
    h->heads = xcalloc(h->head_count + 1, sizeof(*h->heads));
    for (size_t i = 0; i < h->head_count; i++) {
        struct head *head = &h->heads[i];
        (void)text_copy(head->stream, sizeof(head->stream), db_get_text(rows, i, 0));
        head->bucket = (int16_t)db_get_int(rows, i, 1);
        head->seq = db_get_int(rows, i, 2);
    }
    return 0;
}

/* ---- a page */

/* Adds it when it is asked for. What is historical is told to nobody, as when it was recorded. */
static void add_event(const struct history *h, const struct head *head, const struct db_rows *rows,
                      size_t row, struct db_columns *c)
{
    const struct bytes packed = db_get_bytes(rows, row, 2);
    struct delivery_event told;
    struct text body = {.data = NULL};
    Troth__V1__Event *event = troth__v1__event__unpack(NULL, packed.len, packed.data);
    if (!event) {
        return; /* consumers pass it over, too */
    }
    delivery_body_write(event, &told, &body);
    if (told.kind && !event->is_historical && delivery_is_chosen(&h->choice, &told)) {
        db_array_add_int(&c->array[0], head->bucket);
        db_array_add_text(&c->array[1], head->stream);
        db_array_add_int(&c->array[2], db_get_int(rows, row, 0));
        db_array_add_text(&c->array[3], told.kind);
        db_array_add_time(&c->array[4], db_get_time(rows, row, 1));
        db_array_add_text(&c->array[5], text_or_empty(&body));
    }
    text_free(&body);
    troth__v1__event__free_unpacked(event, NULL);
}

static int tell_columns(struct history *h, struct db_columns *c, struct err *err)
{
    struct db_params p = {.count = 0};
    db_put_text(&p, h->name);
    db_columns_put(c, &p);
    db_query(h->db, &tell, &p);
    db_params_free(&p);
    const struct db_rows *rows = run(h->db, err);
    if (!rows) {
        return -1;
    }
    h->told_count += db_get_int(rows, 0, 0); /* NULL, ended meanwhile, counts nothing */
    return 0;
}

static int tell_page(struct history *h, const struct head *head, int64_t after, struct err *err)
{
    static const enum db_type types[] = {DB_INT2, DB_TEXT, DB_INT8, DB_TEXT, DB_TIME, DB_TEXT};
    struct db_params p = {.count = 0};
    struct db_columns c;
    db_put_text(&p, head->stream);
    db_put_int2(&p, head->bucket);
    db_put_int8(&p, after);
    db_put_int8(&p, after + PAGE);
    db_put_time(&p, h->range->from_us);
    db_put_time(&p, h->range->to_us);
    db_query(h->db, &page, &p);
    db_params_free(&p);
    const struct db_rows *rows = run(h->db, err);
    if (!rows) {
        return -1;
    }
    db_columns_init(&c, types, ARRAY_LEN(types));
    for (size_t i = 0; i < db_row_count(rows); i++) {
        add_event(h, head, rows, i, &c);
    }
    if (db_columns_rows(&c) == 0) {
        db_columns_free(&c);
        return 0;
    }
    return tell_columns(h, &c, err);
}

/* ---- all */

static int tell_all(struct history *h, struct err *err)
{
    if (read_heads(h, err) < 0) {
        return -1;
    }
    for (size_t i = 0; i < h->head_count; i++) {
        for (int64_t after = 0; after < h->heads[i].seq; after += PAGE) {
            if (tell_page(h, &h->heads[i], after, err) < 0) {
                return -1;
            }
        }
    }
    return 0;
}

int subscription_history_store_tell(struct db *db, const char *name,
                                    const struct subscription_range *range, int64_t *ret_count,
                                    struct err *err)
{
    struct history h = {.db = db, .name = name, .range = range};
    int found = read_choice(&h, err);
    int rc = found > 0 ? tell_all(&h, err) : found;
    if (rc == 0) {
        *ret_count = found > 0 ? h.told_count : -1;
    }
    free(h.kinds);
    free(h.branches);
    free(h.teams);
    free(h.heads);
    return rc;
}

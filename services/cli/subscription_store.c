/* SPDX-License-Identifier: Apache-2.0 */
#include "services/cli/subscription_store.h"

static const struct db_query add = {
    .name = "subscription_store_add",
    .sql =
        "SELECT followup.subscription_add($1, string_to_array($2, ','), string_to_array($3, ','),"
        " string_to_array($4, ','), $5, $6, $7, log.now())",
    .shape = DB_ONE,
};

static const struct db_query end = {
    .name = "subscription_store_end",
    .sql = "SELECT followup.subscription_end($1, log.now())",
    .shape = DB_ONE,
};

static const struct db_query rotate = {
    .name = "subscription_store_rotate",
    .sql = "SELECT followup.subscription_rotate($1, $2, CASE WHEN $3 > 0"
           " THEN clock_timestamp() + $3 * interval '1 microsecond' END)",
    .shape = DB_ONE,
};

static const struct db_query finish = {
    .name = "subscription_store_finish",
    .sql = "SELECT followup.subscription_end_overlap($1)",
    .shape = DB_ONE,
};

static const struct db_query replay = {
    .name = "subscription_store_replay",
    .sql = "SELECT followup.subscription_replay($1, coalesce($2::timestamptz, '-infinity'),"
           " coalesce($3::timestamptz, 'infinity'), $4, clock_timestamp())",
    .shape = DB_ONE,
};

static const struct db_query list = {
    .name = "subscription_store_list",
    .sql = "SELECT s.name, array_to_string(s.kinds, ','), array_to_string(s.branches, ','),"
           " array_to_string(s.teams, ','), coalesce(s.url, s.mail), s.created_at,"
           " count(*) FILTER (WHERE d.state = 1), count(*) FILTER (WHERE d.state = 2),"
           " count(*) FILTER (WHERE d.state = 3), o.secret_until"
           " FROM followup.subscription_public s"
           " LEFT JOIN followup.delivery_public d ON d.subscription_id = s.id"
           " LEFT JOIN followup.subscription_overlap_public o ON o.id = s.id"
           " WHERE s.ended_at IS NULL GROUP BY s.id, s.name, s.kinds, s.branches, s.teams, s.url,"
           " s.mail, s.created_at, o.secret_until ORDER BY s.name",
    .shape = DB_ROWS,
};

static const struct db_query dead = {
    .name = "subscription_store_dead",
    .sql = "SELECT s.name, d.stream || '-' || d.bucket || '-' || d.seq, d.kind, d.at, d.attempts,"
           " coalesce(d.last_status, 0), d.last_code, d.settled_at"
           " FROM followup.delivery_public d"
           " JOIN followup.subscription_public s ON s.id = d.subscription_id"
           " WHERE d.state = 3 AND ($1::text IS NULL OR s.name = $1)"
           " ORDER BY d.settled_at DESC, d.stream, d.bucket, d.seq LIMIT $2",
    .shape = DB_ROWS,
};

/* Runs what is queued; NULL with err when it did not work. */
static const struct db_rows *run(struct db *db, const struct db_query *query, struct db_params *p,
                                 struct err *err)
{
    db_query(db, query, p);
    if (p) {
        db_params_free(p);
    }
    const struct db_reply *reply = db_run_wait(db);
    if (reply->outcome != DB_OK) {
        if (err) {
            *err = reply->err;
        }
        return NULL;
    }
    return reply->rows[0];
}

int subscription_store_add(struct db *db, const struct subscription_terms *terms, bool *ret_is_new,
                           struct err *err)
{
    struct db_params p = {.count = 0};
    db_put_text(&p, terms->name);
    db_put_text(&p, terms->kinds);
    db_put_text(&p, terms->branches);
    db_put_text(&p, terms->teams);
    db_put_text(&p, terms->url);
    db_put_text(&p, terms->mail);
    db_put_text(&p, terms->secret);
    const struct db_rows *rows = run(db, &add, &p, err);
    if (!rows) {
        return -1;
    }
    *ret_is_new = !db_is_null(rows, 0, 0);
    return 0;
}

static int found(const struct db_rows *rows, bool *ret_found)
{
    if (!rows) {
        return -1;
    }
    *ret_found = db_get_bool(rows, 0, 0);
    return 0;
}

int subscription_store_end(struct db *db, const char *name, bool *ret_found, struct err *err)
{
    struct db_params p = {.count = 0};
    db_put_text(&p, name);
    return found(run(db, &end, &p, err), ret_found);
}

int subscription_store_rotate(struct db *db, const char *name, const char *secret,
                              int64_t overlap_us, bool *ret_found, struct err *err)
{
    struct db_params p = {.count = 0};
    db_put_text(&p, name);
    db_put_text(&p, secret);
    db_put_int8(&p, overlap_us);
    return found(run(db, &rotate, &p, err), ret_found);
}

int subscription_store_finish(struct db *db, const char *name, bool *ret_found, struct err *err)
{
    struct db_params p = {.count = 0};
    db_put_text(&p, name);
    return found(run(db, &finish, &p, err), ret_found);
}

int subscription_store_replay(struct db *db, const char *name,
                              const struct subscription_range *range, int64_t *ret_count,
                              struct err *err)
{
    struct db_params p = {.count = 0};
    db_put_text(&p, name);
    db_put_time(&p, range->from_us);
    db_put_time(&p, range->to_us);
    db_put_bool(&p, range->is_all);
    const struct db_rows *rows = run(db, &replay, &p, err);
    if (!rows) {
        return -1;
    }
    *ret_count = db_is_null(rows, 0, 0) ? -1 : db_get_int(rows, 0, 0);
    return 0;
}

const struct db_rows *subscription_store_list(struct db *db, struct err *err)
{
    return run(db, &list, NULL, err);
}

const struct db_rows *subscription_store_dead(struct db *db, const char *name, int64_t limit,
                                              struct err *err)
{
    struct db_params p = {.count = 0};
    db_put_text(&p, name);
    db_put_int8(&p, limit);
    return run(db, &dead, &p, err);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "services/reporting/account_store.h"

#include <string.h>

#include "common/base/text.h"

/* In the order of their keys: two tries that lock the same rows in another order would wait for
 * each other. */
static const struct db_query ensure_failures = {
    .name = "account_store_ensure_failures",
    .sql = "INSERT INTO reporting.login_failure (subject, failures, first_at, last_at)"
           " SELECT s, 0, $2, $2 FROM unnest($1::bytea[]) AS s ORDER BY s ON CONFLICT DO NOTHING",
    .shape = DB_NONE,
};

static const struct db_query lock_failures = {
    .name = "account_store_lock_failures",
    .sql = "SELECT subject, failures, last_at, coalesce(succeeded_at > $2, false), first_at"
           " FROM reporting.login_failure"
           " WHERE subject = ANY ($1::bytea[]) ORDER BY subject FOR UPDATE",
    .shape = DB_ROWS,
};

static const struct db_query find_account = {
    .name = "account_store_find",
    .sql = "SELECT id, password_hash FROM reporting.user_account"
           " WHERE name = $1 AND disabled_at IS NULL AND password_hash IS NOT NULL",
    .shape = DB_OPTIONAL,
};

static const struct db_query count_failures = {
    .name = "account_store_count_failures",
    .sql = "UPDATE reporting.login_failure SET last_at = $2,"
           "  first_at = CASE WHEN first_at < $3 OR failures = 0 THEN $2 ELSE first_at END,"
           "  failures = CASE WHEN first_at < $3 THEN 1 ELSE failures + 1 END"
           " WHERE subject = ANY ($1::bytea[])",
    .shape = DB_NONE,
};

static const struct db_query forgive_pair = {
    .name = "account_store_forgive_pair",
    .sql = "UPDATE reporting.login_failure SET failures = 0, succeeded_at = $2 WHERE subject = $1",
    .shape = DB_NONE,
};

/* A login leaves the instant of the last failure as it was, unless another try came meanwhile. */
static const struct db_query forgive_others = {
    .name = "account_store_forgive_others",
    .sql = "UPDATE reporting.login_failure AS f SET failures = greatest(failures - 1, 0),"
           "  last_at = CASE WHEN f.last_at = $3 THEN o.last_at ELSE f.last_at END"
           " FROM unnest($1::bytea[], $2::timestamptz[]) AS o (subject, last_at)"
           " WHERE f.subject = o.subject",
    .shape = DB_NONE,
};

static const struct db_query set_password = {
    .name = "account_store_set_password",
    .sql = "UPDATE reporting.user_account SET password_hash = $3,"
           "  sessions_from = CASE WHEN $4 THEN $5 ELSE sessions_from END"
           " WHERE id = $1 AND password_hash = $2 AND disabled_at IS NULL RETURNING id",
    .shape = DB_OPTIONAL,
};

static const struct db_query set_language = {
    .name = "account_store_set_language",
    .sql = "UPDATE reporting.user_account SET language = $2 WHERE id = $1",
    .shape = DB_NONE,
};

static const struct db_query add_account = {
    .name = "account_store_add",
    .sql = "INSERT INTO reporting.user_account"
           " (name, role, password_hash, staff, language, created_at, sessions_from)"
           " VALUES ($1, $2, $3, $4, $5, $6, $6) ON CONFLICT DO NOTHING RETURNING id",
    .shape = DB_OPTIONAL,
};

/* Two admins who end each other at once come one after the other, and the second is the last. */
static const struct db_query lock_admins = {
    .name = "account_store_lock_admins",
    .sql = "SELECT id FROM reporting.user_account WHERE role = 4 AND disabled_at IS NULL"
           " ORDER BY id FOR UPDATE",
    .shape = DB_ROWS,
};

/* $5 is null when the end of the account is not spoken of. */
static const struct db_query change_account = {
    .name = "account_store_change",
    .sql = "WITH was AS (SELECT id, role = 4 AND disabled_at IS NULL"
           "   AND (coalesce($2, role) <> 4 OR coalesce($5, false)) AS is_ending_admin"
           "  FROM reporting.user_account WHERE name = $1),"
           " a AS (UPDATE reporting.user_account AS u SET role = coalesce($2, role),"
           "  staff = coalesce($3, staff), password_hash = coalesce($4, password_hash),"
           "  language = coalesce($7, language),"
           "  disabled_at = CASE WHEN $5 THEN coalesce(disabled_at, $6)"
           "   WHEN NOT $5 THEN NULL ELSE disabled_at END,"
           "  sessions_from = CASE WHEN $5 OR $4 IS NOT NULL THEN $6 ELSE sessions_from END"
           "  FROM was WHERE u.id = was.id AND (NOT was.is_ending_admin OR EXISTS (SELECT"
           "   FROM reporting.user_account AS o WHERE o.role = 4 AND o.disabled_at IS NULL"
           "    AND o.id <> u.id)) RETURNING u.id),"
           " ended AS (DELETE FROM reporting.user_session USING a"
           "  WHERE user_id = a.id AND ($5 OR $4 IS NOT NULL))"
           " SELECT was.id, a.id IS NOT NULL FROM was LEFT JOIN a ON a.id = was.id",
    .shape = DB_OPTIONAL,
};

static const struct db_query list_accounts = {
    .name = "account_store_list",
    .sql = "SELECT name, role, staff, language, created_at, disabled_at"
           " FROM reporting.user_account ORDER BY name",
    .shape = DB_ROWS,
};

/* ---- tries */

static struct bytes subject_bytes(const struct account_subjects *s, size_t i)
{
    return (struct bytes){s->hash[i], ACCOUNT_SUBJECT_LEN};
}

static void put_subjects(struct db_params *params, const struct account_subjects *subjects,
                         size_t from)
{
    struct db_array list;
    db_array_init(&list, DB_BYTES);
    for (size_t i = from; i < ACCOUNT_SUBJECTS; i++) {
        db_array_add_bytes(&list, subject_bytes(subjects, i));
    }
    db_put_array(params, &list);
    db_array_free(&list);
}

static void put_lock(struct db *db, struct db_params *params,
                     const struct account_subjects *subjects, int64_t now_us)
{
    put_subjects(params, subjects, 0);
    db_put_time(params, now_us - ACCOUNT_KNOWN_US);
    db_query(db, &lock_failures, params);
    db_params_clear(params);
}

void account_store_put_try(struct db *db, const char *name, const struct account_subjects *subjects,
                           int64_t now_us)
{
    struct db_params params = {.count = 0};
    put_subjects(&params, subjects, 0);
    db_put_time(&params, now_us);
    db_query(db, &ensure_failures, &params);
    db_params_clear(&params);
    put_lock(db, &params, subjects, now_us);
    db_put_text(&params, name);
    db_query(db, &find_account, &params);
    db_params_free(&params);
}

/* He logged in from there lately. */
static bool is_known_pair(const struct db_rows *rows, const struct account_subjects *subjects)
{
    for (size_t i = 0; i < db_row_count(rows); i++) {
        if (bytes_equal(db_get_bytes(rows, i, 0), subject_bytes(subjects, ACCOUNT_PAIR))) {
            return db_get_bool(rows, i, 3);
        }
    }
    return false;
}

static enum account_subject subject_of(const struct db_rows *rows, size_t row,
                                       const struct account_subjects *subjects)
{
    struct bytes subject = db_get_bytes(rows, row, 0);
    size_t i = 0;
    while (i + 1 < ACCOUNT_SUBJECTS && !bytes_equal(subject, subject_bytes(subjects, i))) {
        i++;
    }
    return (enum account_subject)i;
}

static int64_t wait_of(const struct db_rows *rows, size_t row, enum account_subject subject,
                       int64_t now_us)
{
    int64_t failures = db_get_int(rows, row, 1);
    int64_t last_us = db_get_time(rows, row, 2);
    bool is_forgotten = db_get_time(rows, row, 4) + ACCOUNT_FORGOTTEN_US <= now_us;
    return is_forgotten ? 0 : last_us + account_delay_us(subject, failures) - now_us;
}

void account_store_take_try(const struct db_reply *reply, const struct account_subjects *subjects,
                            int64_t now_us, struct account_found *ret)
{
    const struct db_rows *failures = reply->rows[1];
    const struct db_rows *account = reply->rows[2];
    const bool is_known = is_known_pair(failures, subjects);
    *ret = (struct account_found){.id = 0};
    for (size_t i = 0; i < db_row_count(failures); i++) {
        enum account_subject subject = subject_of(failures, i, subjects);
        bool is_free = is_known && subject != ACCOUNT_PAIR;
        int64_t wait_us = is_free ? 0 : wait_of(failures, i, subject, now_us);
        ret->wait_us = wait_us > ret->wait_us ? wait_us : ret->wait_us;
        ret->last_us[subject] = db_get_time(failures, i, 2);
    }
    if (db_row_count(account) > 0) {
        ret->id = db_get_int(account, 0, 0);
        (void)text_copy(ret->hash, sizeof(ret->hash), db_get_text(account, 0, 1));
    }
}

void account_store_put_count(struct db *db, const struct account_subjects *subjects, int64_t now_us)
{
    struct db_params params = {.count = 0};
    put_subjects(&params, subjects, 0);
    db_put_time(&params, now_us);
    db_put_time(&params, now_us - ACCOUNT_FORGOTTEN_US);
    db_query(db, &count_failures, &params);
    db_params_free(&params);
}

void account_store_put_forgive(struct db *db, const struct account_subjects *subjects,
                               int64_t now_us, const int64_t last_us[ACCOUNT_SUBJECTS])
{
    struct db_params params = {.count = 0};
    struct db_array last;
    db_array_init(&last, DB_TIME);
    for (size_t i = ACCOUNT_PAIR + 1; i < ACCOUNT_SUBJECTS; i++) {
        db_array_add_time(&last, last_us[i]);
    }
    put_lock(db, &params, subjects, now_us);
    db_put_bytes(&params, subject_bytes(subjects, ACCOUNT_PAIR));
    db_put_time(&params, now_us);
    db_query(db, &forgive_pair, &params);
    db_params_clear(&params);
    put_subjects(&params, subjects, ACCOUNT_PAIR + 1);
    db_put_array(&params, &last);
    db_put_time(&params, now_us);
    db_query(db, &forgive_others, &params);
    db_params_free(&params);
    db_array_free(&last);
}

/* ---- changes */

void account_store_put_password(struct db *db, const struct account_password *change)
{
    struct db_params params = {.count = 0};
    db_put_int8(&params, change->id);
    db_put_text(&params, change->old_hash);
    db_put_text(&params, change->new_hash);
    db_put_bool(&params, change->is_other);
    db_put_time(&params, change->now_us);
    db_query(db, &set_password, &params);
    db_params_free(&params);
}

void account_store_put_language(struct db *db, int64_t id, const char *language)
{
    struct db_params params = {.count = 0};
    db_put_int8(&params, id);
    db_put_text(&params, language);
    db_query(db, &set_language, &params);
    db_params_free(&params);
}

void account_store_put_new(struct db *db, const struct account_new *account)
{
    struct db_params params = {.count = 0};
    db_put_text(&params, account->name);
    db_put_int2(&params, account->role);
    db_put_text(&params, account->hash);
    db_put_text(&params, account->staff);
    db_put_text(&params, account->language);
    db_put_time(&params, account->now_us);
    db_query(db, &add_account, &params);
    db_params_free(&params);
}

void account_store_put_change(struct db *db, const struct account_change *change)
{
    struct db_params params = {.count = 0};
    db_begin(db);
    db_query(db, &lock_admins, NULL);
    db_put_text(&params, change->name);
    if (change->role) {
        db_put_int2(&params, change->role);
    } else {
        db_put_null(&params, DB_INT2);
    }
    db_put_text(&params, change->staff);
    db_put_text(&params, change->hash);
    if (change->is_disabled >= 0) {
        db_put_bool(&params, change->is_disabled > 0);
    } else {
        db_put_null(&params, DB_BOOL);
    }
    db_put_time(&params, change->now_us);
    db_put_text(&params, change->language);
    db_query(db, &change_account, &params);
    db_commit(db);
    db_params_free(&params);
}

enum account_changed account_store_take_change(const struct db_reply *reply, int64_t *ret_id)
{
    const struct db_rows *rows = reply->rows[1];
    if (db_row_count(rows) == 0) {
        return ACCOUNT_NOBODY;
    }
    *ret_id = db_get_int(rows, 0, 0);
    return db_get_bool(rows, 0, 1) ? ACCOUNT_CHANGED : ACCOUNT_LAST_ADMIN;
}

void account_store_put_list(struct db *db)
{
    db_query(db, &list_accounts, NULL);
}

json_t *account_store_take_list(const struct db_rows *rows)
{
    json_t *users = json_array();
    for (size_t i = 0; i < db_row_count(rows); i++) {
        json_t *user = json_pack("{s:s, s:s, s:s, s:s, s:I}", "name", db_get_text(rows, i, 0),
                                 "role", user_role_name((int16_t)db_get_int(rows, i, 1)), "staff",
                                 db_get_text(rows, i, 2), "language", db_get_text(rows, i, 3),
                                 "created_us", (json_int_t)db_get_time(rows, i, 4));
        if (!db_is_null(rows, i, 5)) {
            (void)json_object_set_new(user, "disabled_us",
                                      json_integer((json_int_t)db_get_time(rows, i, 5)));
        }
        (void)json_array_append_new(users, user);
    }
    return json_pack("{s:o}", "users", users);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "services/cli/check_orphans.h"

#include <stdio.h>

#include <jansson.h>

#include "common/domain/identifier.h"
#include "services/cli/operator_session.h"
#include "services/cli/orphan_store.h"

/* Adds what one bucket has to {relation: rows}. */
static int count_bucket(struct db *db, int16_t bucket, json_t *sums, struct err *err)
{
    orphan_store_count(db, bucket);
    const struct db_reply *reply = db_run_wait(db);
    if (reply->outcome != DB_OK) {
        *err = reply->err;
        return -1;
    }
    for (size_t i = 0; i < db_row_count(reply->rows[0]); i++) {
        const char *relation = db_get_text(reply->rows[0], i, 0);
        const json_int_t before = json_integer_value(json_object_get(sums, relation));

        json_object_set_new(sums, relation,
                            json_integer(before + db_get_int(reply->rows[0], i, 1)));
    }
    return 0;
}

static int print(const struct cli *cli, json_t *sums)
{
    json_int_t all = 0;
    const char *relation;
    const json_t *rows;
    void *at;

    for (at = json_object_iter(sums); at; at = json_object_iter_next(sums, at)) {
        relation = json_object_iter_key(at);
        rows = json_object_iter_value(at);
        all += json_integer_value(rows);
        if (!cli->is_json && json_integer_value(rows) > 0) {
            (void)printf("%s: %" JSON_INTEGER_FORMAT " rows name what does not exist\n", relation,
                         json_integer_value(rows));
        }
    }
    if (cli->is_json) {
        (void)json_dumpf(sums, stdout, JSON_INDENT(2) | JSON_SORT_KEYS);
        (void)fputc('\n', stdout);
    } else if (all == 0) {
        (void)printf("no orphans\n");
    }
    return all == 0 ? CLI_OK : CLI_REFUSED;
}

int check_orphans(const struct cli *cli, const char *conninfo)
{
    struct operator_session session = {.db = NULL};
    json_t *sums = json_object();
    struct err err = ERR_NONE;
    int rc = operator_session_open(&session, cli, conninfo, &err);

    for (int16_t bucket = 0; rc == 0 && bucket < BUCKET_COUNT; bucket++) {
        rc = count_bucket(session.db, bucket, sums, &err);
    }
    const int code = rc == 0 ? print(cli, sums) : operator_session_failed(cli, &session, &err);
    json_decref(sums);
    operator_session_close(&session);
    return code;
}

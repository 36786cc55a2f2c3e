/* SPDX-License-Identifier: Apache-2.0 */
#include "common/runtime/forgetting.h"

#include <inttypes.h>
#include <stdio.h>

#include "common/base/duration.h"
#include "common/base/instant.h"

#define PAUSE_MAX_US (5 * DURATION_S)

enum {
    PAGES = 1024,  /* of a table, in one transaction */
    TRIES_MAX = 20 /* of one slice: somebody else was in the way, or the connection went */
};

static int forget_slice(struct db *db, const struct forgetting *f, int64_t page, int64_t before_us,
                        int64_t ret[2], struct err *err)
{
    for (int tries = 1;; tries++) {
        struct db_params p = {0};
        db_put_int8(&p, page);
        db_put_int8(&p, page + PAGES);
        db_put_time(&p, before_us);
        db_query(db, f->query, &p);
        db_params_free(&p);
        const struct db_reply *reply = db_run_wait(db);
        if (reply->outcome == DB_OK) {
            ret[0] = db_get_int(reply->rows[0], 0, 0);
            ret[1] = db_get_int(reply->rows[0], 0, 1);
            return 0;
        }
        if (reply->outcome != DB_RETRY || tries == TRIES_MAX) {
            return err_set(err, reply->err.code, "%s", reply->err.text);
        }
    }
}

static int forget(struct service *s, struct db *db, const struct forgetting *f, struct err *err)
{
    const int64_t before_us = service_now_us(s) - f->keep_us;
    int64_t rows = 0;
    int64_t told[2] = {0, 1}; /* rows deleted, pages of the table */
    for (int64_t page = 0; page < told[1] && !s->is_draining; page += PAGES) {
        const int64_t began_us = instant_monotonic_us();
        if (forget_slice(db, f, page, before_us, told, err) < 0) {
            return err_prefix(err, "%s", f->what);
        }
        rows += told[0];
        const int64_t took_us = instant_monotonic_us() - began_us;
        loop_turn(s->loop, took_us < PAUSE_MAX_US ? took_us : PAUSE_MAX_US);
    }
    (void)printf("%s: %" PRId64 " deleted%s\n", f->what, rows,
                 s->is_draining ? ", and stopped before the end" : "");
    return 0;
}

int forgetting_run(struct service *s, struct db *db, const struct forgetting *list, size_t count,
                   struct err *err)
{
    for (size_t i = 0; i < count; i++) {
        char least[DURATION_TEXT_SIZE];
        if (list[i].keep_us > 0 && list[i].keep_us < list[i].least_us) {
            return err_set_field(err, "setting_invalid", list[i].setting,
                                 "must be 0, for good, or at least %s",
                                 duration_for_people(list[i].least_us, least));
        }
    }
    for (size_t i = 0; i < count && !s->is_draining; i++) {
        if (list[i].keep_us == 0) {
            (void)printf("%s: kept for good\n", list[i].what);
        } else if (forget(s, db, &list[i], err) < 0) {
            return -1;
        }
    }
    return 0;
}

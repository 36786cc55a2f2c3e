/* SPDX-License-Identifier: Apache-2.0 */
#include "services/cli/operator_session.h"

#include <string.h>

#include "common/base/text.h"

int operator_session_open(struct operator_session *s, const struct cli *cli, const char *database,
                          struct err *err)
{
    struct db_pool_options options = {.conninfo = database ? database : cli->settings.database,
                                      .name = "troth",
                                      .size = 1,
                                      .deadline_us = cli->settings.timeout_us};

    if (text_is_empty(options.conninfo)) {
        return err_set_field(err, "setting_missing", "database",
                             "say with --database or the setting database how to reach PostgreSQL");
    }
    s->loop = loop_new();
    s->pool = db_pool_new(s->loop, &options);
    s->db = db_pool_wait(s->pool, cli->settings.timeout_us, err);
    return s->db ? 0 : -1;
}

void operator_session_close(struct operator_session *s)
{
    if (s->db) {
        db_release(s->db);
    }
    db_pool_free(s->pool);
    loop_free(s->loop);
}

/* No connection in time may be better later; what PostgreSQL says no to will not. */
int operator_session_failed(const struct cli *cli, const struct operator_session *s,
                            const struct err *err)
{
    if (strcmp(err->code, "setting_missing") == 0) {
        return cli_fail(cli, CLI_USAGE, err);
    }
    return cli_fail(cli, s->db ? CLI_REFUSED : CLI_NO_ANSWER, err);
}

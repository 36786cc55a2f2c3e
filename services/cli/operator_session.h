/* SPDX-License-Identifier: Apache-2.0 */
/* operator_session.h - the operator's connection to PostgreSQL, from its opening to what went
 * wrong.
 */
#ifndef TROTH_SERVICES_CLI_OPERATOR_SESSION_H
#define TROTH_SERVICES_CLI_OPERATOR_SESSION_H

#include "common/base/err.h"
#include "common/runtime/db.h"
#include "common/runtime/loop.h"
#include "services/cli/cli.h"

/* Start with {0}. */
struct operator_session {
    struct loop *loop;
    struct db_pool *pool;
    struct db *db; /* NULL: there was no connection */
};

/* database NULL: the setting. Waits; whatever it returns, end with operator_session_close(). */
MUST_CHECK int operator_session_open(struct operator_session *s, const struct cli *cli,
                                     const char *database, struct err *err);
void operator_session_close(struct operator_session *s);

/* Prints err. Returns the exit code for it. */
int operator_session_failed(const struct cli *cli, const struct operator_session *s,
                            const struct err *err);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * standards_open.h - a standard by what people call it: a file, or a version that was in force; and
 * the connection for who asks about versions, of rules too (rules_open.h).
 */
#ifndef TROTH_SERVICES_CLI_STANDARDS_OPEN_H
#define TROTH_SERVICES_CLI_STANDARDS_OPEN_H

#include <stdbool.h>
#include <stdint.h>

#include "common/base/err.h"
#include "common/domain/standard.h"
#include "services/cli/operator_session.h"

/* Start with cli and database; the connection is opened when it is needed. */
struct standards_access {
    const struct cli *cli;
    const char *database; /* NULL: the setting */
    struct operator_session session;
    bool is_open;
};

/* name: the path of a file if there is one, else the id of a stored version, or at least four
 * digits that its hash begins with. NULL with err; the caller frees it. */
struct standard *standards_open(struct standards_access *a, const char *name, struct err *err);
struct standard *standards_open_id(struct standards_access *a, int32_t id, struct err *err);

/* The connection; -1 with err when there is none. */
MUST_CHECK int standards_open_database(struct standards_access *a, struct err *err);
/* Waits for what was asked; NULL with err. Valid until the next question. */
const struct db_rows *standards_open_answer(struct standards_access *a, struct err *err);

/* Prints err. Returns the exit code for it. */
int standards_open_failed(const struct standards_access *a, const struct err *err);
void standards_open_end(struct standards_access *a);

#endif

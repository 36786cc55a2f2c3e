/* SPDX-License-Identifier: Apache-2.0 */
#include "services/cli/standards_open.h"

#include <string.h>
#include <unistd.h>

#include "common/base/text.h"
#include "services/cli/standards_store.h"

enum {
    PREFIX_MIN = 4
};

int standards_open_database(struct standards_access *a, struct err *err)
{
    if (a->is_open) {
        return 0;
    }
    a->is_open = true;
    return operator_session_open(&a->session, a->cli, a->database, err);
}

const struct db_rows *standards_open_answer(struct standards_access *a, struct err *err)
{
    const struct db_reply *reply = db_run_wait(a->session.db);

    if (reply->outcome != DB_OK) {
        *err = reply->err;
        return NULL;
    }
    return reply->rows[0];
}

/* What was asked must be one version. */
static struct standard *read_version(struct standards_access *a, const char *name, struct err *err)
{
    const struct db_rows *rows = standards_open_answer(a, err);
    char version[64];

    if (!rows) {
        return NULL;
    }
    if (db_row_count(rows) != 1) {
        err_set(err, "standard_unknown",
                db_row_count(rows) == 0 ? "%s is neither a file nor a version that was in force"
                                        : "%s: more than one version begins like that",
                name);
        return NULL;
    }
    text_format(version, sizeof(version), "version %d",
                (int)db_get_int(rows, 0, STANDARDS_VERSION_ID));
    return standard_parse(db_get_text(rows, 0, STANDARDS_VERSION_BODY), version, err);
}

struct standard *standards_open_id(struct standards_access *a, int32_t id, struct err *err)
{
    char name[16];

    if (standards_open_database(a, err) < 0) {
        return NULL;
    }
    text_format(name, sizeof(name), "%d", (int)id);
    standards_store_ask_id(a->session.db, id);
    return read_version(a, name, err);
}

struct standard *standards_open(struct standards_access *a, const char *name, struct err *err)
{
    int64_t id;

    if (access(name, F_OK) == 0) {
        return standard_load(name, err);
    }
    if (text_to_int64(name, 1, 99999, &id) == 0) {
        return standards_open_id(a, (int32_t)id, err);
    }
    if (strlen(name) < PREFIX_MIN || name[strspn(name, "0123456789abcdef")] != '\0') {
        err_set(err, "standard_unknown",
                "%s is no file; a version that was in force is called by its id, or by the first "
                "digits of its hash (troth standards list)",
                name);
        return NULL;
    }
    if (standards_open_database(a, err) < 0) {
        return NULL;
    }
    standards_store_ask_hash(a->session.db, name);
    return read_version(a, name, err);
}

int standards_open_failed(const struct standards_access *a, const struct err *err)
{
    if (!a->is_open || strncmp(err->code, "standard_", strlen("standard_")) == 0 ||
        strncmp(err->code, "rules_", strlen("rules_")) == 0) {
        return cli_fail(a->cli, CLI_USAGE, err);
    }
    return operator_session_failed(a->cli, &a->session, err);
}

void standards_open_end(struct standards_access *a)
{
    if (a->is_open) {
        operator_session_close(&a->session);
    }
}

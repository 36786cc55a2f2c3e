/* SPDX-License-Identifier: Apache-2.0 */
#include "services/cli/rules_open.h"

#include <string.h>
#include <unistd.h>

#include "common/base/text.h"
#include "services/cli/rules_store.h"

enum {
    PREFIX_MIN = 4
};

/* What was asked must be one version. ret_id may be NULL. */
static struct rulebook *read_version(struct standards_access *a, const char *name, int32_t *ret_id,
                                     struct err *err)
{
    const struct db_rows *rows = standards_open_answer(a, err);
    char version[64];
    struct rulebook *b;
    int32_t id;

    if (!rows) {
        return NULL;
    }
    if (db_row_count(rows) != 1) {
        err_set(err, "rules_unknown",
                db_row_count(rows) == 0 ? "%s is neither a file nor a version that was in force"
                                        : "%s: more than one version begins like that",
                name);
        return NULL;
    }
    id = (int32_t)db_get_int(rows, 0, RULES_VERSION_ID);
    text_format(version, sizeof(version), "version %d", (int)id);
    b = rulebook_parse(db_get_text(rows, 0, RULES_VERSION_BODY), version, err);
    if (b && ret_id) {
        *ret_id = id;
    }
    return b;
}

struct rulebook *rules_open(struct standards_access *a, const char *name, struct err *err)
{
    int64_t id;

    if (access(name, F_OK) == 0) {
        return rulebook_load(name, err);
    }
    const bool is_id = text_to_int64(name, 1, 99999, &id) == 0;
    if (!is_id && (strlen(name) < PREFIX_MIN || name[strspn(name, "0123456789abcdef")] != '\0')) {
        err_set(err, "rules_unknown",
                "%s is no file; a version that was in force is called by its id, or by the first "
                "digits of its hash (troth rules list)",
                name);
        return NULL;
    }
    if (standards_open_database(a, err) < 0) {
        return NULL;
    }
    if (is_id) {
        rules_store_ask_id(a->session.db, (int32_t)id);
    } else {
        rules_store_ask_hash(a->session.db, name);
    }
    return read_version(a, name, NULL, err);
}

struct rulebook *rules_open_newest(struct standards_access *a, int32_t *ret_id, struct err *err)
{
    if (standards_open_database(a, err) < 0) {
        return NULL;
    }
    rules_store_ask_newest(a->session.db);
    return read_version(a, "the newest", ret_id, err);
}

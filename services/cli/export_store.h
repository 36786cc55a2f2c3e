/* SPDX-License-Identifier: Apache-2.0 */
/* export_store.h - whom an export is about, and the pages of its sections, as the operator. */
#ifndef TROTH_SERVICES_CLI_EXPORT_STORE_H
#define TROTH_SERVICES_CLI_EXPORT_STORE_H

#include <stdint.h>

#include "common/runtime/db.h"
#include "services/cli/export_sections_store.h"

enum {
    EXPORT_PAGE_ROWS = 500
};

/* Who is one person with that customer, the survivor of merges first. Returns rows of one number;
 * NULL with err ("customer_unknown"). */
const struct db_rows *export_store_members(struct db *db, int64_t customer, struct err *err);
/* The number behind "K-..." or a reference. source "": of any. Returns 0, or -1 with err
 * ("customer_unknown", "customer_ambiguous"). */
MUST_CHECK int export_store_number(struct db *db, const char *source, const char *ref,
                                   int64_t *ret_customer, struct err *err);
/* Rows of (customer, case) of the people in the list. */
const struct db_rows *export_store_cases(struct db *db, const struct db_array *list,
                                         struct err *err);
/* Rows of (id as text, name). */
const struct db_rows *export_store_sources(struct db *db, struct err *err);
/* Rows of (key, row as JSON), EXPORT_PAGE_ROWS at most; after "": from the first one. */
const struct db_rows *export_store_page(struct db *db, const struct export_section *s,
                                        const struct db_array *list, const char *after,
                                        struct err *err);

#endif

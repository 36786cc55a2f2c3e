/* SPDX-License-Identifier: Apache-2.0 */
/* rules_collect.h - reads what happened, and shows each happening to each rule that may ask for it.
 */
#ifndef TROTH_SERVICES_CLI_RULES_COLLECT_H
#define TROTH_SERVICES_CLI_RULES_COLLECT_H

#include "common/base/err.h"
#include "common/base/zone.h"
#include "common/domain/rulebook.h"
#include "common/runtime/db.h"
#include "services/cli/rules_happening_store.h"

/* zone: of the customer, else of the branch, else the rulebook's usual one; NULL: unknown. What h
 * points to is gone when this returns. */
typedef void rules_collect_fn(void *ctx, const struct rulebook_rule *r,
                              const struct rules_happening *h, const struct zone *zone);

struct rules_collect;
struct rules_collect *rules_collect_new(const struct rulebook *b, rules_collect_fn *each,
                                        void *ctx);
void rules_collect_free(struct rules_collect *c); /* NULL is fine; zones are gone then */

/* The statements for one scope, of those sources that a rule asks for; waits. */
MUST_CHECK int rules_collect_run(struct rules_collect *c, struct db *db,
                                 const struct rules_scope *scope, struct err *err);

#endif

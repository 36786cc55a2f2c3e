/* SPDX-License-Identifier: Apache-2.0 */
/*
 * subscription_history_store.h - tells a subscription what the log has of a range of time: from
 * before there was the subscription, or told once and no longer kept. Waits.
 */
#ifndef TROTH_SERVICES_CLI_SUBSCRIPTION_HISTORY_STORE_H
#define TROTH_SERVICES_CLI_SUBSCRIPTION_HISTORY_STORE_H

#include "services/cli/subscription_store.h"

/* What it chooses of [from, to) and has no delivery of; is_all is not looked at. Once more after a
 * failure does no harm. *ret_count: how many; -1: there is no such subscription. */
MUST_CHECK int subscription_history_store_tell(struct db *db, const char *name,
                                               const struct subscription_range *range,
                                               int64_t *ret_count, struct err *err);

#endif

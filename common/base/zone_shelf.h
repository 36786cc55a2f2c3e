/* SPDX-License-Identifier: Apache-2.0 */
/*
 * zone_shelf.h - the zones that a process has read, by name, all of one release of the IANA
 * database.
 *
 * A zone is read when it is asked for first. When the machine gets another release (tzdata is
 * updated under a running process), a refresh puts all of them away, so that what is computed and
 * the release it is said to be computed with never part.
 */
#ifndef TROTH_COMMON_BASE_ZONE_SHELF_H
#define TROTH_COMMON_BASE_ZONE_SHELF_H

#include <stdbool.h>

#include "common/base/zone.h"

struct zone_shelf;

/* Looks which release there is. */
struct zone_shelf *zone_shelf_new(void);
void zone_shelf_free(struct zone_shelf *s); /* NULL is fine; ends all zones */

/* NULL: no such zone, or name is NULL or "". It outlives one refresh that is true and ends with the
 * second, so that a conversation under way may keep it. */
const struct zone *zone_shelf_find(struct zone_shelf *s, const char *name);

/* Of which all zones here are; as zone_database_version() says it. Valid as long as the shelf, and
 * changed by a refresh. */
const char *zone_shelf_version(const struct zone_shelf *s);

/* Looks again which release there is; at most now and then. True: it is another one, and zones are
 * read anew from now on. */
bool zone_shelf_refresh(struct zone_shelf *s);

#endif

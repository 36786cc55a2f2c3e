/* SPDX-License-Identifier: Apache-2.0 */
/*
 * standard_shelf.h - the versions of the standard by their ids: promises keep the one they were
 * made under. Pure.
 */
#ifndef TROTH_INTAKE_STANDARD_SHELF_H
#define TROTH_INTAKE_STANDARD_SHELF_H

#include <stdbool.h>
#include <stdint.h>

#include "common/domain/standard.h"

struct standard_shelf;

struct standard_shelf *standard_shelf_new(void);
void standard_shelf_free(struct standard_shelf *s); /* NULL is fine; frees the standards too */

/* Takes over standard. An id that is there already keeps what it has. NULL: that version cannot be
 * read any more, and nobody needs to look for it again. */
void standard_shelf_add(struct standard_shelf *s, int32_t id, struct standard *standard);
/* NULL: not there, or not to be read. */
const struct standard *standard_shelf_find(const struct standard_shelf *s, int32_t id);
/* It was added, even if it cannot be read. */
bool standard_shelf_knows(const struct standard_shelf *s, int32_t id);

#endif

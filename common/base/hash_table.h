/* SPDX-License-Identifier: Apache-2.0 */
/*
 * hash_table.h - uthash, whose tables end the process as xalloc.h does when there is no memory. By
 * itself it would leave with status 255 and without a word.
 */
#ifndef TROTH_COMMON_BASE_HASH_TABLE_H
#define TROTH_COMMON_BASE_HASH_TABLE_H

#include "common/base/xalloc.h"

/* NOLINTNEXTLINE(readability-identifier-naming): its name */
#define uthash_fatal(what) xalloc_failed(what)

#include <uthash.h> /* lint: allow, here it comes from */

#endif

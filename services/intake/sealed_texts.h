/* SPDX-License-Identifier: Apache-2.0 */
/* sealed_texts.h - all texts of one fact as plain bytes, for sealing. Pure. */
#ifndef TROTH_INTAKE_SEALED_TEXTS_H
#define TROTH_INTAKE_SEALED_TEXTS_H

#include <stddef.h>

#include "common/base/arena.h"
#include "common/base/bytes.h"
#include "common/base/compiler.h"
#include "common/base/err.h"

struct fact_text {
    const char *field; /* "body" */
    const char *text;
};

/* In the arena; data NULL when it is over its budget. */
struct bytes sealed_texts_pack(const struct fact_text *texts, size_t count, struct arena *arena);
/* Returns 0, or -1 with "damaged". All is in the arena. */
MUST_CHECK int sealed_texts_unpack(struct bytes plain, struct arena *arena,
                                   const struct fact_text **ret_texts, size_t *ret_count,
                                   struct err *err);

#endif

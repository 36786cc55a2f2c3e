/* SPDX-License-Identifier: Apache-2.0 */
/* standard_thanks.h - does somebody say nothing but thanks? */
#ifndef TROTH_COMMON_DOMAIN_STANDARD_THANKS_H
#define TROTH_COMMON_DOMAIN_STANDARD_THANKS_H

#include <stdbool.h>
#include <stddef.h>

#include "common/domain/standard_content.h"

/* words empty: the usual ones. True when the texts together consist of these words, at least one,
 * and of blanks and marks between them. A question mark is no such mark: "OK?" asks for
 * something. */
bool standard_thanks_is_all(const struct standard_list *words, const char *const *texts,
                            size_t count);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* writable.h - what a contract calls const and the test has made, or nobody writes to (protobuf-c's
 * texts). */
#ifndef TROTH_TESTS_SUPPORT_WRITABLE_H
#define TROTH_TESTS_SUPPORT_WRITABLE_H

#include <string.h>

static inline void *writable(const void *made)
{
    void *same;

    memcpy(&same, &made, sizeof(same));
    return same;
}

#endif

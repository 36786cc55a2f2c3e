/* SPDX-License-Identifier: Apache-2.0 */
/* borrowed.h - protobuf-c declares texts as char * also in messages that are only packed: lends it
 * one. */
#ifndef TROTH_INTAKE_BORROWED_H
#define TROTH_INTAKE_BORROWED_H

static inline char *borrowed(const char *text)
{
    union {
        const char *in;
        char *out;
    } u = {.in = text};
    return u.out;
}

#endif

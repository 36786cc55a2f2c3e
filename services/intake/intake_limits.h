/* SPDX-License-Identifier: Apache-2.0 */
/* intake_limits.h - how long the texts of a record may be, which are needed, and what form they
 * have: one table. */
#ifndef TROTH_INTAKE_LIMITS_H
#define TROTH_INTAKE_LIMITS_H

#include <stdbool.h>
#include <stddef.h>

#include "intake.pb-c.h"

enum {
    INTAKE_RECORDS_MAX = 256, /* in one message; the message itself: BUS_MESSAGE_MAX */
    INTAKE_KEY_MAX = 64,      /* bytes */
    INTAKE_CONSENTS_MAX = 16, /* in one profile */
    INTAKE_CONSENT_WORDING_MAX = 64,
    INTAKE_CONSENT_OBTAINED_MAX = 32,
};

#define INTAKE_AMOUNT_MAX INT64_C(1000000000000000) /* of money, in minor units */
#define INTAKE_POINTS_MAX INT64_C(1000000000000)    /* of one redemption */

/* The form of a text that has one. */
struct intake_form {
    bool (*is_valid)(const char *text);
    const char *code;
    const char *expected; /* "expected ..." for the receipt */
};

struct intake_text_limit {
    Troth__V1__Record__BodyCase body;
    const char *field; /* path in the record: "contact.channel" */
    size_t offset;     /* of the char * in the body */
    size_t max_bytes;
    bool is_needed;                 /* and then not empty */
    const struct intake_form *form; /* NULL: any text. Empty texts are not looked at. */
};

/* All rows; those of one body stand together. */
const struct intake_text_limit *intake_limits(size_t *ret_count);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * contact_point.h - a phone number or an e-mail address in the one form in which it is compared.
 *
 * What cannot be told (an extension, a national number without a country code in the standard) is
 * no contact point: it is kept with the customer and joins nobody. Pure.
 */
#ifndef TROTH_INTAKE_CONTACT_POINT_H
#define TROTH_INTAKE_CONTACT_POINT_H

#include <stdbool.h>

#include "common/domain/standard.h"

enum contact_point_kind { /* stored: column kind of intake.contact_point is one more */
    CONTACT_POINT_PHONE,
    CONTACT_POINT_EMAIL,
    CONTACT_POINT_KINDS
};

#define CONTACT_POINT_SIZE 256

/* "phone", "email": in receipts and questions. */
const char *contact_point_name(enum contact_point_kind kind);

/* "+8613800138000", "li@example.org". False: it is none, and ret is undefined. */
bool contact_point_normalise(enum contact_point_kind kind, const struct standard_identity *identity,
                             const char *text, char ret[CONTACT_POINT_SIZE]);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * person.h - who a customer is: the texts that stand sealed in intake.person, once opened. Pure.
 *
 * Each text remembers the number of the fact that set it, so that taking a fact back takes back
 * exactly what it set and is still in force.
 */
#ifndef TROTH_INTAKE_PERSON_H
#define TROTH_INTAKE_PERSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/arena.h"
#include "common/base/bytes.h"
#include "common/base/compiler.h"
#include "common/base/err.h"

enum person_field {
    PERSON_NAME,
    PERSON_PHONE,
    PERSON_EMAIL,
    PERSON_BIRTHDAY,
    PERSON_ADDRESS,
    /* Published, too: here they are so that it is known who set them. */
    PERSON_LANGUAGE,
    PERSON_TIME_ZONE,
    PERSON_FIELDS
};

/* "name", "phone", ... */
const char *person_field_name(enum person_field field);

struct person {
    bool is_open;    /* what is stored was read and opened; also when nothing is stored */
    bool is_damaged; /* what is stored could not be opened: it must not be overwritten */
    bool is_changed;
    struct {
        const char *text; /* NULL: none. Borrowed */
        int64_t set_by;   /* number of the fact; 0 with NULL */
    } field[PERSON_FIELDS];
};

/* What a fact says: NULL leaves the text, "" takes it away. */
void person_set(struct person *p, enum person_field field, const char *said, int64_t fact);
/* The fact never was: takes away what it set. Returns the fields as bits 1 << field. */
unsigned person_take_back(struct person *p, int64_t fact);

/* Plain bytes, for sealing; in the arena. */
struct bytes person_pack(const struct person *p, struct arena *arena);
/* Returns 0, or -1 with "damaged". Texts are in the arena; sets is_open. */
MUST_CHECK int person_unpack(struct bytes plain, struct arena *arena, struct person *ret,
                             struct err *err);

#endif

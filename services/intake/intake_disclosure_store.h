/* SPDX-License-Identifier: Apache-2.0 */
/* intake_disclosure_store.h - what is sealed about a customer, and who read it. */
#ifndef TROTH_INTAKE_DISCLOSURE_STORE_H
#define TROTH_INTAKE_DISCLOSURE_STORE_H

#include <stdbool.h>
#include <stdint.h>

#include "common/runtime/db.h"
#include "intake.pb-c.h"

enum {
    DISCLOSURE_ROWS_MAX = 256 /* facts in one answer; one more is read to see that there are more */
};

/* One reading, before and after. */
struct intake_disclosure {
    int64_t number;
    int64_t customer;
    int64_t service_case; /* 0: none */
    Troth__V1__DisclosureKind kind;
    const char *purpose;
    const char *on_behalf_of; /* NULL or "": the reader did not say */
    int32_t reader_id;
    int64_t at_us;
    const char *outcome; /* "disclosed", or the code that was answered */
    /* Of texts: those after this place alone. */
    int64_t after_us; /* DB_NO_TIME: from the first one */
    int64_t after_number;
    bool with_void; /* also what its source took back */
};

/* Columns of the rows. */
enum {
    DISCLOSURE_CUSTOMER,
    DISCLOSURE_GENERATION,
    DISCLOSURE_WRAPPED_KEY, /* null: erased */
    DISCLOSURE_NUMBER,      /* of the fact; of the customer for a person */
    DISCLOSURE_AT,          /* null for a person */
    DISCLOSURE_SEALED,
    DISCLOSURE_ORDINAL, /* only of intake_disclosure_read_persons() */
};

/* Queues the question: the person, or texts, oldest first. */
void intake_disclosure_read(struct db *db, const struct intake_disclosure *d);
/* Queues that it was read. */
void intake_disclosure_write(struct db *db, const struct intake_disclosure *d);

/* The same for many persons at once: rows come in the order of the list, with the place in it. */
void intake_disclosure_read_persons(struct db *db, const struct intake_disclosure *list,
                                    size_t count);
void intake_disclosure_write_all(struct db *db, const struct intake_disclosure *list, size_t count);

#endif

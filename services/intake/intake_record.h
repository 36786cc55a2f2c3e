/* SPDX-License-Identifier: Apache-2.0 */
/*
 * intake_record.h - one record on its way from the wire to its receipt, and the message it came in.
 *
 * All memory of a message and its records is the message's arena; it lives until the last of its
 * records has an answer.
 */
#ifndef TROTH_INTAKE_RECORD_H
#define TROTH_INTAKE_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/arena.h"
#include "common/base/bytes.h"
#include "intake.pb-c.h"
#include "services/intake/contact_point.h"
#include "services/intake/keyring.h"

struct intake_code;
struct intake_request;

/* Where the receipts of a request go: to a peer of the ROUTER, or to who waits at the HTTP door. */
struct intake_sink {
    /* Once for each record, by its index. Copies the receipt. */
    void (*add)(void *ctx, const struct intake_request *r, size_t index, struct bytes receipt);
    void *ctx;
};

/* Who sent it, as far as intake cares. */
struct intake_sender {
    int32_t source_id;
    bool is_historical; /* its records are facts only */
};

struct intake_request {
    struct intake_request *prev, *next; /* those of the pool that are open, the oldest first */
    int64_t arrived_us;                 /* monotonic */
    struct arena *arena;
    size_t references; /* of whoever made it, and of each record that has no answer yet */
    struct intake_sink sink;
    struct bytes peer; /* routing id to answer to, empty without one; in the arena */
    struct intake_sender sender;
    size_t wire_bytes;
};

/* What a record says about whom or what, read before its customer is known. */
struct intake_names {
    const char *customer_ref;   /* NULL: none */
    const char *case_ref;       /* NULL: none; with customer_ref */
    int64_t case_number;        /* 0: none */
    int64_t promise_number;     /* 0: none */
    int64_t customer_number;    /* 0: none */
    int64_t follow_up_number;   /* 0: none */
    int64_t other_case_number;  /* merged into, or solved like; 0: none */
    const char *other_case_ref; /* merged into; with customer_ref; NULL: none */
    int64_t joined_case;   /* what the named case was merged into: told by reading it; 0: none */
    const char *other_ref; /* of a CustomerLink; NULL: none */
    int64_t other_number;  /* 0: none */
    const char *redemption_ref; /* NULL: none */
    const char *master_code; /* of a branch or a member of staff: there is no customer. Or NULL */
};

/* What else must be read for a record, as the standard says (intake_prepare.h). */
struct intake_needs {
    struct {
        bool is_set; /* the profile brings a verified one that can be told */
        uint8_t hash[KEYRING_HASH_LEN];
    } points[CONTACT_POINT_KINDS];
    int64_t dedup_window_us; /* the longest of the rules that look for a case; 0: none does */
    bool dedup_reopens;      /* one of them looks at closed cases too */
    bool wants_tier; /* a rule asks for the customer's, and this record may be decided by it */
};

/* What the receipt of the record that a RecordVoid names says about it. */
struct intake_void_target {
    bool is_known;
    bool is_voided;
    int record_kind; /* number of the field in Record.body */
    int64_t fact_number;
};

struct intake_record {
    struct intake_record *next; /* in its queue */
    struct intake_request *request;
    size_t index; /* among those that its sender sent together */
    const Troth__V1__Record *message;
    struct intake_names names;
    struct intake_needs needs;
    struct intake_void_target target; /* of a RecordVoid; read before all else */
    int16_t bucket;                   /* of the customer, by the names alone: decides the lane */
    int16_t receipt_bucket;           /* of source and key */
    bool is_historical;
    uint8_t digest[BYTES_DIGEST_LEN];
    struct bytes receipt; /* packed; set when decided, borrowed from the work until it is cleared */
    Troth__V1__ReceiptStatus status;
    const struct intake_code *code; /* of a rejection; NULL: none */
};

/* Spare arenas: a message is small and comes often. */
struct intake_request_pool;
struct intake_request_pool *intake_request_pool_new(void);
void intake_request_pool_free(struct intake_request_pool *p);

/* Starts with one reference, the caller's. Copies peer. */
struct intake_request *intake_request_new(struct intake_request_pool *p, struct bytes peer,
                                          struct intake_sender sender, size_t wire_bytes);
/* The last one frees the message and all its records. */
void intake_request_release(struct intake_request_pool *p, struct intake_request *r);

/* Monotonic instant at which the oldest request came that is open, 0: none is. */
int64_t intake_request_oldest_us(const struct intake_request_pool *p);

/* A record of r, which holds a reference to it; NULL when the message is over its budget. */
struct intake_record *intake_record_new(struct intake_request *r);

#endif

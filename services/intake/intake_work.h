/* SPDX-License-Identifier: Apache-2.0 */
/*
 * intake_work.h - the unit of work of one transaction: what was read, what was decided, what is to
 * be written.
 *
 * 1. The store fills in what stands in the database about everybody whom the records name.
 * 2. Records are decided one after another (intake_decide.h), each on what those before it left
 * behind, so records of one customer in one batch take effect in the order in which they were sent.
 * 3. The store writes each changed row once, however many records changed it.
 *
 * Nothing here knows the database or the bus. Texts are borrowed: from the records, or from rows
 * that live until the writes are queued. Everything else is the work's own and ends with
 * work_clear().
 */
#ifndef TROTH_INTAKE_WORK_H
#define TROTH_INTAKE_WORK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/arena.h"
#include "common/base/bytes.h"
#include "common/domain/clock.h"
#include "common/domain/standard.h"
#include "event.pb-c.h"
#include "intake.pb-c.h"
#include "services/intake/byte_map.h"
#include "services/intake/intake_numbers.h"
#include "services/intake/keyring.h"
#include "services/intake/person.h"

#define WORK_NO_TIME INT64_MIN /* an instant that is not set */

/* ---- rows that are read and changed. version_read 0: a new row. */

struct work_customer {
    struct work_customer *next; /* all of them */
    int64_t number;
    int64_t version_read;
    int64_t version;
    const char *language; /* NULL: none */
    const char *time_zone;
    int birth_month; /* 0: none */
    int birth_day;
    bool has_phone;
    bool has_email;
    int consents; /* bit 1 << purpose: given */
    int refusals;
    bool do_not_call;
    int64_t merged_into;    /* the customer that this one follows; 0: none */
    int32_t follower_count; /* customers that follow this one */
    int64_t first_seen_us;
    bool is_changed;
    struct person person; /* not is_open when no record of this work needed it */
};

/* What seals the texts of a customer: of each customer and of each case's customer that was read.
 * Those of new customers are made when the work is sealed (intake_seal.h). */
struct work_key {
    int64_t customer;
    int16_t generation;
    struct bytes wrapped; /* data NULL: erased, nothing is sealed any more */
    uint8_t *fresh;       /* the key itself while intake_seal() makes it; else NULL */
};

struct work_promise {
    struct work_promise *next; /* of its case */
    int64_t number;
    const char *kind; /* "first_response", "resolution", "callback", ... */
    Troth__V1__PromiseState state;
    int32_t version_read;
    int32_t version;
    int64_t made_us;
    int64_t target_us;
    int64_t due_us;       /* CLOCK_NEVER while paused */
    int next_step;        /* percent; 0: none */
    int64_t next_step_us; /* WORK_NO_TIME: nothing to do until something happens */
    int64_t done_us;
    int64_t settled_us;
    int32_t standard_id;   /* 0: given by a person */
    bool is_due_fixed;     /* a date was promised: no pause moves it */
    int32_t source_id;     /* that gave it; 0: the standard did */
    const char *reference; /* as that source calls it; NULL: not at all */
    int64_t replaces;      /* the renegotiated promise; 0: none */
    int64_t made_by; /* the case event that reopened the case, or what gave it; 0: the opening */
    bool is_void;    /* what made it was taken back */
    bool is_historical;
    bool is_changed;
};

struct work_case {
    struct work_case *next; /* all of them */
    int64_t number;
    int64_t customer;
    int64_t version_read;
    int64_t version;
    Troth__V1__CaseState state;
    Troth__V1__ContactKind kind;
    const char *channel;
    const char *branch;
    const char *category;
    const char *product;
    int priority;
    const char *owner_team;
    int32_t standard_id;
    const char *rule;
    int64_t opened_us;
    int64_t opened_by; /* the number of its first contact */
    int64_t first_response_us;
    int64_t resolved_us;
    int64_t closed_us;
    int64_t last_contact_us; /* the newest of the customer's; the opening is the first */
    int32_t reopened_count;
    bool is_historical;
    bool is_changed;
    struct work_promise *promises;
    struct clock_pause *pauses; /* in the order in which they took effect, without overlaps */
    size_t pause_count;
    size_t pause_capacity;
    int64_t paused_version;       /* of the case, up to which its stored events are in pauses */
    struct case_history *history; /* case_history.h; NULL: it was not read */
};

/* ---- rows that are only added */

struct work_reference { /* also those that were read */
    struct work_reference *next;
    int32_t source_id;
    const char *reference;
    struct work_customer *customer;
    bool is_new;
};

struct work_case_reference { /* also those that were read */
    struct work_case_reference *next;
    int32_t source_id;
    int64_t customer;
    const char *reference;
    struct work_case *service_case;
    bool is_new;
    int64_t moved_from; /* the case taken back that it named when it was read; 0: it stays */
};

struct work_receipt { /* also those that were read */
    struct work_receipt *next;
    int16_t bucket;
    int32_t source_id;
    const char *key;
    struct bytes digest;
    struct bytes body; /* the Receipt, packed */
    bool is_permanent;
    int record_kind;     /* number of the field in Record.body */
    int64_t fact_number; /* 0: none */
    bool is_new;
};

struct work_contact {
    struct work_contact *next;
    int64_t number, customer, service_case;
    int32_t source_id;
    Troth__V1__ContactKind kind;
    Troth__V1__ContactOrigin origin;
    const char *channel;
    int64_t case_version; /* of the case after it; 0: it opened the case, or belongs to none */
    int64_t occurred_us, received_us;
    bool is_historical;
};

struct work_case_event {
    struct work_case_event *next;
    int64_t number, service_case, case_version;
    int64_t contact; /* that caused it; 0: an update did */
    Troth__V1__CaseAction action;
    Troth__V1__CaseState from, to;
    const char *staff;
    int32_t source_id;
    int64_t occurred_us, received_us;
    bool is_void;
};

/* What a source said about a promise. */
struct work_promise_event {
    struct work_promise_event *next;
    int64_t number, promise, service_case;
    int64_t case_version;            /* of the case after it */
    int32_t promise_version;         /* of the promise after it */
    Troth__V1__PromiseAction action; /* UNSPECIFIED: it was given */
    Troth__V1__PromiseState from, to;
    const char *staff;
    int32_t source_id;
    int64_t occurred_us, received_us;
    bool is_void;
};

struct work_compensation {
    struct work_compensation *next;
    int64_t promise, service_case, customer;
    Troth__V1__CompensationKind kind;
    bool has_amount;
    int64_t amount_minor;
    const char *currency;
    int32_t source_id;
    int64_t occurred_us;
};

struct work_expectation {
    struct work_expectation *next;
    int64_t number, service_case, customer;
    const char *reference;
    int64_t expected_us; /* WORK_NO_TIME: no date */
    bool has_outcome, has_manner, is_confirmed;
    int32_t source_id;
    int64_t occurred_us;
};

/* Several with one number become one sealed row. */
struct work_text {
    struct work_text *next;
    int64_t number; /* of the contact, case event, answer, promise, ... it belongs to */
    const char *field;
    int64_t customer;
    int64_t service_case; /* 0: none */
    int64_t at_us;
    const char *body;
    struct work_text *same; /* the next one with this number; set by intake_seal() */
};

struct work_answer {
    struct work_answer *next;
    int64_t number, customer, service_case, follow_up; /* 0: none */
    const char *branch;
    Troth__V1__SurveyInstrument instrument;
    int value;                       /* not of SERVQUAL, which has items */
    Troth__V1__ServqualItem **items; /* the record's */
    size_t item_count;
    int32_t source_id;
    int64_t occurred_us;
};

struct work_purchase { /* or refund */
    struct work_purchase *next;
    int64_t number, customer;
    const char *order_ref, *branch, *product, *currency;
    int64_t amount_minor;
    int32_t source_id;
    int64_t occurred_us;
};

struct work_device_signal {
    struct work_device_signal *next;
    int64_t number, customer;
    const Troth__V1__DeviceSignal *message; /* the record's */
    bool has_device;
    uint8_t device[KEYRING_HASH_LEN];
    int32_t source_id;
    int64_t occurred_us;
};

struct work_master { /* a branch or a member of staff: what was said last */
    struct work_master *next;
    int32_t source_id;
    const char *code;
    const Troth__V1__BranchProfile *branch; /* one of the two, the record's */
    const Troth__V1__StaffProfile *staff;
    int64_t changed_us;
};

/* What is stored of the texts of one fact, or of a person (number is the customer's then): made
 * from the rows above by intake_seal(). */
struct work_sealed {
    struct work_sealed *next;
    int64_t number;
    int64_t customer;
    int64_t service_case; /* 0: none */
    int64_t at_us;
    struct bytes sealed;
};

/* A phone or an e-mail by its hash, of those that records of this work name or give up. */
struct work_contact_point {
    struct work_contact_point *next;
    int kind; /* enum contact_point_kind */
    uint8_t hash[KEYRING_HASH_LEN];
    int64_t owner;    /* the customer that it leads to; 0: nobody */
    int64_t survivor; /* whom the owner followed when it was read, or the owner */
    bool is_claimed;  /* owner is to be stored */
};

/* A stored contact point that goes, if it leads to that customer. */
struct work_given_up {
    struct work_given_up *next;
    int kind;
    uint8_t hash[KEYRING_HASH_LEN];
    int64_t customer;
};

/* Are these two one person? customer is the smaller number. */
struct work_question {
    struct work_question *next;
    int64_t customer, other;
    const char *reason;
    bool is_asked;
    bool is_reopened; /* the merge that had answered it was taken back */
    enum work_question_state {
        WORK_QUESTION_OPEN = 0, /* stored numbers */
        WORK_QUESTION_MERGED = 1,
        WORK_QUESTION_DISTINCT = 2,
    } state;
};

struct work_customer_link {
    struct work_customer_link *next;
    int64_t number, survivor, merged;
    Troth__V1__CustomerLinkAction action;
    int32_t source_id;
    int64_t occurred_us;
};

/* A record of the source's own that is taken back. */
struct work_void {
    struct work_void *next;
    int64_t number;
    int16_t receipt_bucket; /* of the record that is taken back */
    int32_t source_id;
    const char *key;
    int record_kind;
    int64_t fact_number;
    int64_t occurred_us;
};

/* ---- the work */

struct work_list { /* any of the rows above, oldest first */
    void *first;
    void **end; /* where the next one is hung in; NULL: at first */
    size_t count;
};

typedef void work_emit_fn(void *ctx, const Troth__V1__Event *event);

struct intake_work {
    /* What deciding depends on, set by work_begin(). */
    int64_t now_us; /* business time */
    int64_t grace_us;
    const struct standard *standard;
    int32_t standard_id;
    const struct keyring *keyring;
    work_emit_fn *emit; /* copies the event */
    void *emit_ctx;

    struct work_list customers, references, cases, case_references, receipts;
    struct work_list contacts, case_events, texts, answers, purchases, refunds, device_signals;
    struct work_list branches, staff; /* of struct work_master */
    struct work_list promise_events, compensations, expectations;
    struct work_list voids; /* of struct work_void */
    /* What the voids name, as it is stored: rows of the lists above. */
    struct work_list taken_answers, taken_purchases, taken_refunds, taken_device_signals,
        taken_expectations;
    struct work_list contact_points, given_up_points, questions, customer_links;
    struct byte_map contact_point_index;
    struct work_list sealed_texts, sealed_persons; /* of struct work_sealed */
    struct byte_map key_index, text_index;
    struct byte_map promise_index; /* cases by the numbers of promises that records name */
    struct byte_map customer_index, case_index, reference_index, case_reference_index,
        receipt_index;
    struct arena *arena;

    struct intake_numbers numbers;
};

struct intake_work *work_new(void);
void work_free(struct intake_work *w); /* NULL is fine */

struct work_terms {
    int64_t now_us;
    int64_t grace_us;
    const struct standard *standard;
    int32_t standard_id;
    const struct keyring *keyring; /* for hashes; the stores open and seal with it */
    work_emit_fn *emit;
    void *emit_ctx;
};
void work_begin(struct intake_work *w, const struct work_terms *terms);
/* Forgets all but the unused numbers. */
void work_clear(struct intake_work *w);

/* Zeroed memory until work_clear(). */
void *work_alloc(struct intake_work *w, size_t size);

/* ---- finding and adding. Adding what is there already returns what is there. */

struct work_customer *work_find_customer(struct intake_work *w, int64_t number);
struct work_customer *work_add_customer(struct intake_work *w, int64_t number);
/* NULL: nobody looked for it. */
struct work_contact_point *work_find_contact_point(const struct intake_work *w, int kind,
                                                   const uint8_t hash[KEYRING_HASH_LEN]);
struct work_contact_point *work_add_contact_point(struct intake_work *w, int kind,
                                                  const uint8_t hash[KEYRING_HASH_LEN]);
struct work_key *work_find_key(const struct intake_work *w, int64_t customer);
struct work_key *work_add_key(struct intake_work *w, int64_t customer);
struct work_reference *work_find_reference(struct intake_work *w, int32_t source_id,
                                           const char *reference);
struct work_reference *work_add_reference(struct intake_work *w, int32_t source_id,
                                          const char *reference, struct work_customer *customer);
struct work_case *work_find_case(struct intake_work *w, int64_t number);
struct work_case *work_add_case(struct intake_work *w, int64_t number);
struct work_case_reference *work_find_case_reference(struct intake_work *w, int32_t source_id,
                                                     int64_t customer, const char *reference);
struct work_case_reference *work_add_case_reference(struct intake_work *w, int32_t source_id,
                                                    struct work_case *c, const char *reference);
struct work_receipt *work_find_receipt(struct intake_work *w, int32_t source_id, const char *key);
struct work_receipt *work_add_receipt(struct intake_work *w, int32_t source_id, const char *key);
struct work_promise *work_find_promise(struct work_case *c, int64_t number);
/* The case of a promise that a record names by its number alone; NULL: no such promise was read. */
struct work_case *work_find_case_of_promise(struct intake_work *w, int64_t number);
void work_set_case_of_promise(struct intake_work *w, int64_t number, struct work_case *c);
/* NULL: it has none. */
const struct work_promise *work_last_promise(const struct work_case *c);
struct work_promise *work_add_promise(struct intake_work *w, struct work_case *c, int64_t number);

/* Hangs a zeroed row of that size into the list. Its first member is the pointer to the next. */
void *work_append(struct intake_work *w, struct work_list *list, size_t size);
/* NOLINTNEXTLINE(bugprone-macro-parentheses): a type stands alone */
#define WORK_EACH(type, row, list) for (type *row = (list)->first; row; row = (row)->next)

/* The case went from one state to another at that instant: keeps its pauses. */
void work_case_moved(struct intake_work *w, struct work_case *c, Troth__V1__CaseState from,
                     Troth__V1__CaseState to, int64_t occurred_us);
/* Of one of its promises. */
struct clock work_clock(const struct work_case *c, const struct work_promise *p);

#endif

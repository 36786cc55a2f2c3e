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
    int64_t first_seen_us;
    bool is_changed;
    /* What profiles of this work set in person; NULL: leave, "": taken back. */
    bool has_person;
    const char *name;
    const char *phone;
    const char *email;
    const char *birthday;
};

struct work_promise {
    struct work_promise *next; /* of its case */
    int64_t number;
    const char *kind; /* "first_response", "resolution" */
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
    int32_t standard_id;
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
    int64_t first_response_us;
    int64_t resolved_us;
    int64_t closed_us;
    int32_t reopened_count;
    bool is_historical;
    bool is_changed;
    struct work_promise *promises;
    struct clock_pause *pauses; /* in the order in which they took effect, without overlaps */
    size_t pause_count;
    size_t pause_capacity;
    int64_t paused_version; /* of the case, up to which its stored events are in pauses */
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
};

struct work_receipt { /* also those that were read */
    struct work_receipt *next;
    int16_t bucket;
    int32_t source_id;
    const char *key;
    struct bytes digest;
    struct bytes body; /* the Receipt, packed */
    bool is_permanent;
    bool is_new;
};

struct work_contact {
    struct work_contact *next;
    int64_t number, customer, service_case;
    int32_t source_id;
    Troth__V1__ContactKind kind;
    const char *channel;
    int64_t occurred_us;
    bool is_historical;
};

struct work_case_event {
    struct work_case_event *next;
    int64_t number, service_case, case_version;
    Troth__V1__CaseAction action;
    Troth__V1__CaseState from, to;
    const char *staff;
    int32_t source_id;
    int64_t occurred_us;
};

struct work_text {
    struct work_text *next;
    int64_t number; /* of the contact, case event or answer it belongs to */
    const char *field;
    int64_t customer;
    int64_t service_case; /* 0: none */
    int64_t at_us;
    const char *body;
};

struct work_answer {
    struct work_answer *next;
    int64_t number, customer, service_case, follow_up; /* 0: none */
    const char *branch;
    Troth__V1__SurveyInstrument instrument;
    int value;
    int32_t source_id;
    int64_t occurred_us;
};

struct work_purchase {
    struct work_purchase *next;
    int64_t number, customer;
    const char *order_ref, *branch, *product, *currency;
    int64_t amount_minor;
    int32_t source_id;
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
    work_emit_fn *emit; /* copies the event */
    void *emit_ctx;

    struct work_list customers, references, cases, case_references, receipts;
    struct work_list contacts, case_events, texts, answers, purchases;
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

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
#include "common/base/trace_context.h"
#include "common/domain/clock.h"
#include "common/domain/standard.h"
#include "event.pb-c.h"
#include "intake.pb-c.h"
#include "services/intake/byte_map.h"
#include "services/intake/forecast.h"
#include "services/intake/intake_numbers.h"
#include "services/intake/keyring.h"
#include "services/intake/standard_shelf.h"
#include "services/intake/work_rows.h"

struct audit_key;
struct contact_triage;

/* ---- the work */

typedef void work_emit_fn(void *ctx, const Troth__V1__Event *event);

struct intake_work {
    /* What deciding depends on, set by work_begin(). */
    int64_t now_us; /* business time */
    int64_t grace_us;
    const struct standard *standard;
    int32_t standard_id;
    const struct standard_shelf *shelf; /* the versions that promises keep */
    const struct forecast *forecast;    /* NULL: nothing is known */
    struct contact_triage *triage;      /* NULL: no model is in force */
    const struct keyring *keyring;
    const struct audit_key *audit_key; /* of this turn of the loop alone; NULL: there is none */
    work_emit_fn *emit;                /* copies the event */
    void *emit_ctx;
    char trace[TRACE_CONTEXT_SIZE]; /* of the record being decided; "": none */
    bool is_rehearsal; /* a case is derived anew on the side: steps of clocks are taken, but not
                        * written down */

    struct work_list customers, references, cases, case_references, receipts;
    struct work_list contacts, case_events, texts, answers, purchases, refunds, device_signals,
        improvements, redemptions;
    struct work_list branches, staff; /* of struct work_master */
    struct work_list teams;           /* of those who renegotiate */
    struct work_list promise_events, promise_steps, compensations, expectations;
    struct work_list case_classes, first_terms;
    struct work_list consents; /* of struct work_consent */
    struct work_list voids;    /* of struct work_void */
    struct work_list erasures, erased_references, erased_events;
    bool told_do_not_call;            /* one who is erased, in a call whose record is on its way */
    int32_t erased_events_left;       /* nothing could be taken out of them */
    struct work_list allowed_handles; /* of struct work_erased_number: calls are welcome again */
    /* What the voids name, as it is stored: rows of the lists above. */
    struct work_list taken_answers, taken_purchases, taken_refunds, taken_device_signals,
        taken_expectations, taken_redemptions;
    struct work_list contact_points, given_up_points, questions, customer_links;
    struct byte_map contact_point_index;
    struct work_list sealed_texts, sealed_persons; /* of struct work_sealed */
    struct byte_map key_index, text_index;
    struct byte_map tier_index;    /* names of tiers by the numbers of customers */
    struct byte_map promise_index; /* cases by the numbers of promises that records name */
    struct byte_map customer_index, case_index, reference_index, case_reference_index,
        receipt_index, redemption_index;
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
    const struct standard_shelf *shelf; /* NULL: empty, every hour counts for all promises */
    const struct forecast *forecast;    /* NULL: nothing is known */
    struct contact_triage *triage;      /* NULL: no model is in force */
    const struct keyring *keyring;      /* for hashes; the stores open and seal with it */
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
/* As loyalty calls it; NULL: none, or nobody asked. The text is borrowed. */
const char *work_find_tier(const struct intake_work *w, int64_t customer);
void work_set_tier(struct intake_work *w, int64_t customer, const char *tier);
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
/* By the source's own reference; NULL: free. */
struct work_redemption *work_find_redemption(struct intake_work *w, int32_t source_id,
                                             int64_t customer, const char *reference);
struct work_redemption *work_add_redemption(struct intake_work *w, int32_t source_id,
                                            int64_t customer, const char *reference);
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

/* The case went from one state to another at that instant: keeps its pauses, whatever clocks they
 * are for. */
void work_case_moved(struct intake_work *w, struct work_case *c, Troth__V1__CaseState from,
                     Troth__V1__CaseState to, int64_t occurred_us);
/* Of one of its promises: with the pauses that its kind knows (clock_rules.h) and, once p->terms is
 * found, its calendar. */
struct clock work_clock(const struct work_case *c, const struct work_promise *p);

#endif

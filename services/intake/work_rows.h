/* SPDX-License-Identifier: Apache-2.0 */
/*
 * work_rows.h - the rows of the unit of work (intake_work.h): each is a row of the database as it
 * was read and changed, or as it is to be written.
 *
 * Those of a list begin with the pointer to the next. Texts are borrowed.
 */
#ifndef TROTH_INTAKE_WORK_ROWS_H
#define TROTH_INTAKE_WORK_ROWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/bytes.h"
#include "common/domain/clock.h"
#include "common/domain/standard.h"
#include "event.pb-c.h"
#include "intake.pb-c.h"
#include "services/intake/keyring.h"
#include "services/intake/person.h"

#define WORK_NO_TIME INT64_MIN /* an instant that is not set */

struct work_list { /* any of the rows, oldest first */
    void *first;
    void **end; /* where the next one is hung in; NULL: at first */
    size_t count;
};

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
    bool birth_is_lunar;
    bool birth_is_leap_month;
    bool has_phone;
    bool has_email;
    int64_t phone_handle; /* the same number, the same handle; 0: none */
    int64_t email_handle;
    int64_t consents; /* bits of customer_consent_bit(): given */
    int64_t refusals;
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

struct work_first_terms;

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
    const char *rule;      /* of the standard it was made under; NULL: given by a person */
    int32_t clock_version; /* counts its targets; 1 at first */
    int done_by;           /* PromiseDoneBy of one that a person gave; 0: as its kind says */
    int cause;             /* BreakCause; 0: nobody has said */
    int customer_word;     /* enum work_customer_word */
    int64_t counted_us;    /* what its clock had counted when it was settled; WORK_NO_TIME */
    double chance;         /* forecast when it was made */
    int64_t safe_us;       /* by when 80 % of such promises were kept; WORK_NO_TIME: not known */
    int32_t past_cases;    /* that the forecast rests on; 0: there is none */
    const struct standard_promise *terms; /* of that rule; NULL: given, or unknown */
    const struct standard_ladder *ladder; /* of that rule; NULL: none */
    const struct work_first_terms *first; /* what it was made for: on the side alone */
    bool is_changed;
};

enum work_customer_word {
    WORK_WORD_NONE = 0, /* stored numbers */
    WORK_WORD_CONFIRMED = 1,
    WORK_WORD_DISPUTED = 2,
};

/* A step of a clock that was taken. */
struct work_promise_step {
    struct work_promise_step *next;
    int64_t promise;
    int32_t clock_version;
    int step; /* percent; 100 + n: the n-th after the break */
    int64_t due_us;
    const char *tell; /* NULL: nobody in particular */
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
    int category_by; /* CategoryBy */
    int mood;
    int asked_priority;  /* set by hand; 0: never */
    int64_t joined_case; /* merged into that one; 0: not merged */
    int64_t solved_like; /* the case whose answer solved it; 0: none */
    bool is_reference;
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
    bool is_thanks; /* nothing but thanks, or praise: moves nothing */
};

struct work_case_event {
    struct work_case_event *next;
    int64_t number, service_case, case_version;
    int64_t contact; /* that caused it; 0: an update did */
    Troth__V1__CaseAction action;
    Troth__V1__CaseState from, to;
    int64_t named_case;  /* merged: into that one; resolved: like that one; 0: none */
    int32_t standard_id; /* in force when it took effect */
    const char *staff;
    int32_t source_id;
    int64_t occurred_us, received_us;
    bool is_void;
};

/* What a case is taken for, and what the standard says about such a case. */
struct work_class {
    Troth__V1__ContactKind kind;
    const char *category; /* NULL: none */
    int category_by;      /* CategoryBy */
    int asked_priority;   /* set by hand; 0: never */
    int priority;
    const char *owner_team;
    const char *rule;
    int32_t standard_id;
};

/* Staff said what a case really is. */
struct work_case_class {
    struct work_case_class *next;
    int64_t number; /* of its case event */
    int64_t service_case;
    Troth__V1__ContactKind kind; /* what they said; UNSPECIFIED, NULL, 0: nothing */
    const char *category;
    int priority;
    struct work_class before, after;
    bool is_changed; /* after, of a stored row */
};

/* What a promise of the standard was made for, kept when its case was reclassified first. */
struct work_first_terms {
    struct work_first_terms *next;
    int64_t promise, service_case;
    int32_t standard_id;
    const char *rule;
    int64_t target_us;
    bool is_derived; /* anew: it replaces what was kept before */
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
    int cause; /* BreakCause, of an explanation */
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
    const char *question; /* of OWN: its code; NULL: another instrument */
    bool has_value;       /* not of SERVQUAL, which has items, nor of words alone */
    int value;
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

struct work_redemption { /* paid with points; also those that were read, with number alone */
    struct work_redemption *next;
    int64_t number, customer;
    const char *reference, *branch;
    int64_t points;
    int32_t source_id;
    int64_t occurred_us;
    bool is_new;
};

/* What a customer said about being contacted, as it was said. */
struct work_consent {
    struct work_consent *next;
    int64_t customer, version; /* of the customer after the record that says it */
    int place;                 /* in the record */
    int purpose;               /* Purpose; 0: calls of every kind */
    int channel;               /* Channel; 0: every one */
    bool is_given;
    const char *wording, *obtained; /* NULL or "": not said */
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

struct work_improvement {
    struct work_improvement *next;
    int64_t number;
    int64_t reported_from_us;
    const Troth__V1__Improvement *message; /* the record's */
    int32_t source_id;
    int64_t occurred_us;
};

struct work_team { /* that was read: whoever is in one */
    struct work_team *next;
    int32_t source_id;
    const char *staff;
    const char *team;
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

/* A customer is erased, and all who are the same person. */
struct work_erased_number { /* of a customer, or a handle */
    struct work_erased_number *next;
    int64_t number;
};

struct work_erasure {
    struct work_erasure *next;
    int64_t number, customer;
    Troth__V1__ErasureGround ground;
    const char *asked_by;
    bool keeps_do_not_call, wants_rotation;
    int16_t key_generation; /* the newest one that had wrapped a destroyed key */
    int32_t source_id;
    int64_t occurred_us;
    /* All of struct work_erased_number: numbers of customers; then handles, those of whom is not to
     * be called once more. */
    struct work_list members, phones, emails, not_called;
};

struct work_erased_reference { /* that was read */
    struct work_erased_reference *next;
    uint8_t hash[KEYRING_HASH_LEN]; /* keyed, of source and reference */
};

struct work_erased_event { /* of the log; that was read */
    struct work_erased_event *next;
    const char *stream;
    int16_t bucket;
    int64_t seq, customer;
    struct bytes body; /* what is left of it */
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

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* decide_world.h - one work without a database, records to decide in it, and what it told the
 * others. For the tests of deciding; include it last. */
#ifndef TROTH_TESTS_INTAKE_DECIDE_WORLD_H
#define TROTH_TESTS_INTAKE_DECIDE_WORLD_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/compiler.h"
#include "common/base/duration.h"
#include "common/domain/identifier.h"
#include "services/intake/borrowed.h"
#include "services/intake/intake_decide.h"
#include "services/intake/intake_prepare.h"
#include "services/intake/promise_decide.h"

#define NOW_US   INT64_C(1700000000000000)
#define STANDARD "tests/support/plain_standards.conf"
#define FULL     "tests/support/full_standards.conf" /* all kinds of promises: set t_standard */
#define KEYS                                                                                       \
    "lookup 0101010101010101010101010101010101010101010101010101010101010101\n"                    \
    "master 1 0202020202020202020202020202020202020202020202020202020202020202\n"

#define STATUS(name)  TROTH__V1__RECEIPT_STATUS__RECEIPT_STATUS_##name
#define ACTION(name)  TROTH__V1__CASE_ACTION__CASE_ACTION_##name
#define PROMISE(name) TROTH__V1__PROMISE_STATE__PROMISE_STATE_##name
#define CASE(name)    TROTH__V1__CASE_STATE__CASE_STATE_##name
#define KIND(name)    TROTH__V1__CONTACT_KIND__CONTACT_KIND_##name

/* ---- one work, and what it told the others */

static const char *t_standard = STANDARD;

struct seen {
    Troth__V1__Event__BodyCase kind;
    int64_t version, occurred_us;
    bool is_historical, is_correction, is_reversal;
    int action;                 /* of a change of a case; 0: none */
    int percent, clock_version; /* of a step */
    const char *tell;           /* of a step; borrowed */
    Troth__V1__PromiseState from, to;
    const char *team; /* of a change of a promise: who owns its case; borrowed */
};

static struct {
    struct intake_work *work;
    struct standard *standard; /* of the shelf */
    struct standard_shelf *shelf;
    struct keyring *keyring;
    struct intake_request_pool *pool;
    struct intake_request *request;
    struct seen events[256];
    size_t event_count;
    int64_t now_us;
    unsigned keys;
} t;

static inline void note_event(void *ctx, const Troth__V1__Event *e)
{
    assert_true(t.event_count < ARRAY_LEN(t.events));
    struct seen *s = &t.events[t.event_count++];
    *s = (struct seen){
        .kind = e->body_case,
        .version = e->version,
        .occurred_us = e->occurred_us,
        .is_historical = e->is_historical,
        .is_reversal = e->is_reversal,
    };
    if (e->body_case == TROTH__V1__EVENT__BODY_CASE_CHANGED) {
        s->action = (int)e->case_changed->action;
    }
    if (e->body_case == TROTH__V1__EVENT__BODY_PROMISE_CHANGED) {
        s->from = e->promise_changed->from;
        s->to = e->promise_changed->to;
        s->team = e->promise_changed->owner_team;
        s->is_correction = e->promise_changed->is_correction;
    }
    if (e->body_case == TROTH__V1__EVENT__BODY_PROMISE_STEP_TAKEN) {
        s->percent = e->promise_step_taken->percent;
        s->clock_version = e->promise_step_taken->clock_version;
        s->tell = e->promise_step_taken->tell;
    }
    assert_int_equal(e->recorded_us, t.now_us);
}

/* Business time goes on; what is known stays, as if it were read again. */
static inline void at(int64_t now_us)
{
    t.now_us = now_us;
    work_begin(t.work, &(struct work_terms){
                           .now_us = now_us,
                           .grace_us = DURATION_DAY,
                           .standard = t.standard,
                           .standard_id = 3,
                           .shelf = t.shelf,
                           .keyring = t.keyring,
                           .emit = note_event,
                       });
}

static inline int begin(void **state)
{
    struct err err = ERR_NONE;
    const struct intake_sender sender = {.source_id = 7};
    memset(&t, 0, sizeof(t));
    t.work = work_new();
    t.standard = standard_load(t_standard, &err);
    assert_non_null(t.standard);
    t.shelf = standard_shelf_new();
    standard_shelf_add(t.shelf, 3, t.standard);
    t.keyring = keyring_parse(KEYS, &err);
    assert_non_null(t.keyring);
    t.pool = intake_request_pool_new();
    t.request = intake_request_new(t.pool, bytes_of_text("peer"), sender, 100);
    for (int64_t block = 1; block <= 4; block++) { /* 4096 numbers: more than any test takes */
        intake_numbers_add_block(&t.work->numbers, block * NUMBERS_BLOCK);
    }
    at(NOW_US);
    return 0;
}

static inline int end(void **state)
{
    work_free(t.work);
    standard_shelf_free(t.shelf);
    keyring_free(t.keyring);
    t.request->references = 1;
    intake_request_release(t.pool, t.request);
    intake_request_pool_free(t.pool);
    return 0;
}

/* ---- records */

static inline struct intake_record *record(const char *key, int64_t occurred_us)
{
    struct intake_record *r = intake_record_new(t.request);
    Troth__V1__Record *m = arena_alloc(t.request->arena, sizeof(*m));
    char *made = arena_alloc(t.request->arena, 16);
    assert_non_null(r);
    assert_non_null(m);
    *m = (Troth__V1__Record)TROTH__V1__RECORD__INIT;
    made[0] = 'k';
    made[1] = (char)('A' + t.keys / 26);
    made[2] = (char)('a' + t.keys % 26);
    made[3] = '\0';
    t.keys++;
    m->key = key ? borrowed(key) : made;
    m->has_occurred_us = true;
    m->occurred_us = occurred_us;
    r->message = m;
    memset(r->digest, (int)(t.keys & 0xff), sizeof(r->digest));
    r->names.customer_ref = "li";
    r->bucket = identifier_bucket_of_reference(7, "li");
    return r;
}

static inline void *body(size_t size)
{
    void *p = arena_alloc(t.request->arena, size);
    assert_non_null(p);
    return p;
}

static inline Troth__V1__Record *message(struct intake_record *r)
{
    union {
        const Troth__V1__Record *in;
        Troth__V1__Record *out;
    } u = {.in = r->message};
    return u.out;
}

static inline struct intake_record *contact(int64_t occurred_us, Troth__V1__ContactKind kind)
{
    struct intake_record *r = record(NULL, occurred_us);
    Troth__V1__Contact *c = body(sizeof(*c));
    *c = (Troth__V1__Contact)TROTH__V1__CONTACT__INIT;
    c->customer_ref = borrowed("li");
    c->kind = kind;
    c->channel = borrowed("phone");
    c->branch = borrowed("north");
    c->body = borrowed("squeaks");
    message(r)->body_case = TROTH__V1__RECORD__BODY_CONTACT;
    message(r)->contact = c;
    return r;
}

static inline struct intake_record *update(int64_t occurred_us, int64_t case_number,
                                           Troth__V1__CaseAction action)
{
    struct intake_record *r = record(NULL, occurred_us);
    Troth__V1__CaseUpdate *u = body(sizeof(*u));
    *u = (Troth__V1__CaseUpdate)TROTH__V1__CASE_UPDATE__INIT;
    u->action = action;
    message(r)->body_case = TROTH__V1__RECORD__BODY_CASE_UPDATE;
    message(r)->case_update = u;
    r->names.customer_ref = NULL;
    r->names.case_number = case_number;
    return r;
}

static inline Troth__V1__Receipt *decide(struct intake_record *r)
{
    intake_prepare(t.work, r);
    intake_decide(t.work, r);
    Troth__V1__Receipt *receipt =
        troth__v1__receipt__unpack(arena_allocator(t.work->arena), r->receipt.len, r->receipt.data);
    assert_non_null(receipt);
    assert_int_equal(receipt->status, r->status);
    assert_string_equal(receipt->key, r->message->key);
    return receipt;
}

static inline void expect_rejected(struct intake_record *r, const char *code)
{
    const Troth__V1__Receipt *receipt = decide(r);
    assert_int_equal(receipt->status, STATUS(REJECTED));
    assert_string_equal(receipt->code, code);
}

static inline void expect_accepted(struct intake_record *r)
{
    const Troth__V1__Receipt *receipt = decide(r);
    if (receipt->status != STATUS(ACCEPTED)) {
        fail_msg("%s %s", receipt->code, receipt->text);
    }
}

static inline struct work_case *open_case(int64_t occurred_us, Troth__V1__ContactKind kind)
{
    expect_accepted(contact(occurred_us, kind));
    struct work_case *c = t.work->cases.first;
    while (c->next) {
        c = c->next;
    }
    return c;
}

static inline void do_update(struct work_case *c, Troth__V1__CaseAction action, int64_t occurred_us)
{
    expect_accepted(update(occurred_us, c->number, action));
}

static inline struct work_promise *promise(struct work_case *c, const char *kind, int index)
{
    for (struct work_promise *p = c->promises; p; p = p->next) {
        if (strcmp(p->kind, kind) == 0 && index-- == 0) {
            return p;
        }
    }
    fail_msg("no such promise: %s", kind);
    abort(); /* not reached */
}

#define FIRST(c)      promise(c, PROMISE_KIND_FIRST_RESPONSE, 0)
#define RESOLUTION(c) promise(c, PROMISE_KIND_RESOLUTION, 0)

static inline const struct seen *last_event(void)
{
    assert_true(t.event_count > 0);
    return &t.events[t.event_count - 1];
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

#endif

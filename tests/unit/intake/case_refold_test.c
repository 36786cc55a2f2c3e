/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A case from which a record was taken back is the case that never had it: tables, and random
 * histories that are run twice, with the record and its taking back, and without it.
 */
#include "services/intake/case_refold.h"

#include <stdio.h>

#include "services/intake/promise_rules.h"
#include "services/intake/void_decide.h"
#include "tests/unit/intake/decide_world.h"

/* ---- taking back, as the store would prepare it */

static struct intake_record *take_back(const struct intake_record *target, int64_t occurred_us)
{
    const struct work_receipt *kept = work_find_receipt(t.work, 7, target->message->key);
    struct intake_record *r = record(NULL, occurred_us);
    Troth__V1__RecordVoid *v = body(sizeof(*v));
    *v = (Troth__V1__RecordVoid)TROTH__V1__RECORD_VOID__INIT;
    v->record_key = target->message->key;
    v->reason = borrowed("typed twice");
    message(r)->body_case = TROTH__V1__RECORD__BODY_RECORD_VOID;
    message(r)->record_void = v;
    r->names = (struct intake_names){.customer_ref = NULL};
    if (kept) {
        const Troth__V1__Receipt *receipt = troth__v1__receipt__unpack(
            arena_allocator(t.work->arena), kept->body.len, kept->body.data);
        struct err err = ERR_NONE;
        r->target = (struct intake_void_target){
            .is_known = true,
            .record_kind = kept->record_kind,
            .fact_number = kept->fact_number,
        };
        if (receipt->case_number) {
            assert_int_equal(identifier_parse(IDENTIFIER_CASE, receipt->case_number,
                                              &r->names.case_number, &err),
                             0);
        }
        assert_int_equal(identifier_parse(IDENTIFIER_CUSTOMER, receipt->customer_number,
                                          &r->names.customer_number, &err),
                         0);
    }
    return r;
}

/* ---- one history */

enum what {
    CONTACT = 100, /* below: a CaseAction */
    GIVE,
    KEEP,
    WAIVE,
    RENEW,
};

struct step {
    int what;
    int64_t heard_us; /* after NOW_US */
    int64_t late_us;  /* how much earlier it occurred */
    int64_t about;    /* index of the step that gave the promise it is about; -1: the newest */
};

enum {
    STEPS_MAX = 24,
};

static void tick_until(struct work_case *c, int64_t until_us)
{
    for (;;) {
        struct work_promise *next = NULL;
        for (struct work_promise *p = c ? c->promises : NULL; p; p = p->next) {
            bool is_due = p->next_step_us != WORK_NO_TIME && p->next_step_us <= until_us;
            if (is_due && (!next || p->next_step_us < next->next_step_us)) {
                next = p;
            }
        }
        if (!next) {
            at(until_us > t.now_us ? until_us : t.now_us);
            return;
        }
        at(next->next_step_us > t.now_us ? next->next_step_us : t.now_us);
        (void)promise_decide_step(t.work, c, next);
    }
}

static struct intake_record *give(int64_t occurred_us, int64_t case_number, int64_t index)
{
    struct intake_record *r = record(NULL, occurred_us);
    Troth__V1__PromiseGiven *m = body(sizeof(*m));
    char *reference = body(16);
    (void)snprintf(reference, 16, "p-%d", (int)index);
    *m = (Troth__V1__PromiseGiven)TROTH__V1__PROMISE_GIVEN__INIT;
    m->promise_ref = reference;
    m->words = borrowed("we call you");
    m->due_us = occurred_us + DURATION_DAY;
    message(r)->body_case = TROTH__V1__RECORD__BODY_PROMISE_GIVEN;
    message(r)->promise_given = m;
    r->names = (struct intake_names){.case_number = case_number};
    return r;
}

static struct intake_record *settle(const struct work_case *c, struct step *s,
                                    Troth__V1__PromiseAction action, int64_t index)
{
    const int64_t occurred_us = NOW_US + s->heard_us - s->late_us;
    for (const struct work_promise *p = c->promises; p && s->about < 0; p = p->next) {
        s->about = p->reference && !p->next ? strtol(p->reference + 2, NULL, 10) : -1;
    }
    if (s->about < 0) {
        return NULL;
    }
    struct intake_record *r = record(NULL, occurred_us);
    Troth__V1__PromiseUpdate *m = body(sizeof(*m));
    char *about = body(16), *reference = body(16);
    (void)snprintf(about, 16, "p-%d", (int)s->about);
    (void)snprintf(reference, 16, "p-%d", (int)index);
    *m = (Troth__V1__PromiseUpdate)TROTH__V1__PROMISE_UPDATE__INIT;
    m->promise_ref = about;
    m->action = action;
    m->due_us = occurred_us + 2 * DURATION_DAY;
    m->new_promise_ref = reference;
    message(r)->body_case = TROTH__V1__RECORD__BODY_PROMISE_UPDATE;
    message(r)->promise_update = m;
    r->names = (struct intake_names){.case_number = c->number};
    return r;
}

static struct intake_record *record_of(const struct work_case *c, struct step *s, int64_t index)
{
    int64_t occurred_us = NOW_US + s->heard_us - s->late_us;
    if (s->what == CONTACT) {
        struct intake_record *r = contact(occurred_us, KIND(COMPLAINT));
        r->names.case_number = c ? c->number : 0;
        return r;
    }
    if (!c) {
        fail_msg("the first record is a contact");
        abort(); /* not reached */
    }
    switch (s->what) {
    case GIVE:
        return give(occurred_us, c->number, index);
    case KEEP:
        return settle(c, s, TROTH__V1__PROMISE_ACTION__PROMISE_ACTION_KEPT, index);
    case WAIVE:
        return settle(c, s, TROTH__V1__PROMISE_ACTION__PROMISE_ACTION_WAIVED, index);
    case RENEW:
        return settle(c, s, TROTH__V1__PROMISE_ACTION__PROMISE_ACTION_RENEGOTIATED, index);
    default:
        return update(occurred_us, c->number, (Troth__V1__CaseAction)s->what);
    }
}

enum {
    KINDS_MAX = 64,
    ACTIONS_MAX = 16,
};

struct run {
    struct work_case *service_case;
    int tally[KINDS_MAX][ACTIONS_MAX];        /* of plain events, less those taken back */
    struct intake_record *records[STEPS_MAX]; /* NULL: rejected, or not sent */
};

/* What a reader counts who knows nothing but events. Promises and corrections are told by version
 * instead. */
static void count_events(struct run *run)
{
    for (size_t i = 0; i < t.event_count; i++) {
        const struct seen *e = &t.events[i];
        bool is_correction = e->kind == TROTH__V1__EVENT__BODY_CASE_CHANGED && !e->action;
        if (e->kind != TROTH__V1__EVENT__BODY_PROMISE_CHANGED && !is_correction) {
            assert_true((int)e->kind < (int)KINDS_MAX && e->action < (int)ACTIONS_MAX);
            run->tally[e->kind][e->action] += e->is_reversal ? -1 : 1;
        }
    }
}

/* Sends those of `wanted` from `from` until before `to`; the first of all opens the case. */
static void play(struct step *steps, size_t from, size_t to, const bool *wanted, struct run *run)
{
    for (size_t i = from; i < to; i++) {
        if (!wanted[i]) {
            continue;
        }
        tick_until(run->service_case, NOW_US + steps[i].heard_us);
        struct intake_record *r = record_of(run->service_case, &steps[i], (int64_t)i);
        t.event_count = 0;
        if (r && decide(r)->status == STATUS(ACCEPTED)) {
            run->records[i] = r;
            run->service_case = t.work->cases.first;
            count_events(run);
        }
    }
}

/* ---- what remains of it, to be compared */

enum {
    LINE_SIZE = 192,
    LINES_MAX = 2 * STEPS_MAX,
};

static int compare_lines(const void *a, const void *b)
{
    return strcmp(a, b);
}

static size_t print_promises(const struct work_case *c, char *to, size_t size)
{
    char lines[LINES_MAX][LINE_SIZE];
    size_t count = 0, used = 0;
    for (const struct work_promise *p = c->promises; p; p = p->next) {
        if (p->is_void) {
            assert_int_equal(p->state, PROMISE(WITHDRAWN));
            continue;
        }
        assert_true(count < LINES_MAX);
        (void)snprintf(lines[count++], LINE_SIZE,
                       "%s made %lld state %d due %lld done %lld next %d at %lld\n", p->kind,
                       (long long)(p->made_us - NOW_US), (int)p->state, (long long)p->due_us,
                       (long long)p->done_us, p->next_step, (long long)p->next_step_us);
    }
    qsort(lines, count, LINE_SIZE, compare_lines);
    for (size_t i = 0; i < count; i++) {
        used += (size_t)snprintf(to + used, size - used, "%s", lines[i]);
    }
    return used;
}

static void print_case(const struct work_case *c, char *to, size_t size)
{
    if (!c) {
        fail_msg("the history has no case");
        abort(); /* not reached */
    }
    size_t used = print_promises(c, to, size);
    (void)snprintf(to + used, size - used,
                   "state %d first %lld resolved %lld closed %lld reopened %d\n", (int)c->state,
                   (long long)c->first_response_us, (long long)c->resolved_us,
                   (long long)c->closed_us, c->reopened_count);
}

/* ---- random histories */

static uint64_t seed;

static int64_t below(int64_t limit)
{
    seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (int64_t)((seed >> 33) % (uint64_t)limit);
}

static size_t make_history(struct step *steps)
{
    size_t count = 3 + (size_t)below(STEPS_MAX - 4);
    int64_t heard_us = 0;
    for (size_t i = 0; i < count; i++) {
        int64_t kind = below(16);
        heard_us += 1 + below(i % 3 == 0 ? DURATION_DAY : 2 * DURATION_H);
        steps[i] = (struct step){
            .what = i == 0 || kind < 3 ? CONTACT
                    : kind < 11        ? (int)(1 + below(8))
                                       : (int)(GIVE + below(4)),
            .heard_us = heard_us,
            .late_us = below(3) == 0 ? below(3 * DURATION_H) : 0,
            .about = -1,
        };
    }
    return count;
}

struct history {
    struct step steps[STEPS_MAX];
    size_t count, voided_at; /* the records are taken back between two steps */
    size_t taken[2];         /* may be the same one */
    bool is_wanted[STEPS_MAX];
};

static void take_back_one(struct run *run, size_t index)
{
    t.event_count = 0;
    expect_accepted(take_back(run->records[index], t.now_us));
    for (size_t i = 1; i < t.event_count; i++) {
        assert_true(t.events[i].version == t.events[i - 1].version + 1);
    }
    count_events(run);
}

/* With the records, and their taking back. Returns false where there is nothing to take back. */
static bool play_with(struct history *h, struct run *run, char *ret, size_t size)
{
    int64_t voided_us = NOW_US + h->steps[h->voided_at - 1].heard_us;
    play(h->steps, 0, h->voided_at, h->is_wanted, run);
    if (!run->records[h->taken[0]] || !run->records[h->taken[1]]) {
        return false;
    }
    tick_until(run->service_case, voided_us);
    take_back_one(run, h->taken[0]);
    if (h->taken[1] != h->taken[0]) {
        take_back_one(run, h->taken[1]);
    }
    tick_until(run->service_case, voided_us + 1);
    play(h->steps, h->voided_at, h->count, h->is_wanted, run);
    tick_until(run->service_case, NOW_US + h->steps[h->count - 1].heard_us + DURATION_H);
    print_case(run->service_case, ret, size);
    for (size_t i = 0; i < h->count; i++) {
        h->is_wanted[i] = run->records[i] && i != h->taken[0] && i != h->taken[1];
    }
    return true;
}

/* As if they had never been. Returns whether all the others were possible all the same. */
static bool play_without(struct history *h, struct run *twin, char *ret, size_t size)
{
    play(h->steps, 0, h->voided_at, h->is_wanted, twin);
    tick_until(twin->service_case, NOW_US + h->steps[h->voided_at - 1].heard_us + 1);
    play(h->steps, h->voided_at, h->count, h->is_wanted, twin);
    tick_until(twin->service_case, NOW_US + h->steps[h->count - 1].heard_us + DURATION_H);
    print_case(twin->service_case, ret, size);
    for (size_t i = 0; i < h->count; i++) {
        if (h->is_wanted[i] && !twin->records[i]) {
            return false;
        }
    }
    return true;
}

static void explain(const struct history *h)
{
    for (size_t i = 0; i < h->count; i++) {
        bool is_taken = i == h->taken[0] || i == h->taken[1];
        if (i == h->voided_at) {
            print_message("--\n");
        }
        if (h->is_wanted[i] || is_taken) {
            print_message("%s%d heard %lld late %lld\n", is_taken ? "X " : "", h->steps[i].what,
                          (long long)h->steps[i].heard_us, (long long)h->steps[i].late_us);
        }
    }
}

/* Returns whether the two could be compared. */
static bool compare_one(uint64_t number)
{
    struct history h = {.count = 0};
    struct run run = {.service_case = NULL}, twin = {.service_case = NULL};
    char with[LINES_MAX * LINE_SIZE], without[LINES_MAX * LINE_SIZE];
    seed = number;
    h.count = make_history(h.steps);
    h.voided_at = 2 + (size_t)below((int64_t)h.count - 1);
    h.taken[0] = 1 + (size_t)below((int64_t)h.voided_at - 1);
    h.taken[1] = below(2) ? h.taken[0] : 1 + (size_t)below((int64_t)h.voided_at - 1);
    memset(h.is_wanted, true, sizeof(h.is_wanted));
    begin(NULL);
    bool is_same = play_with(&h, &run, with, sizeof(with));
    end(NULL);
    if (!is_same) {
        return false;
    }
    begin(NULL);
    is_same = play_without(&h, &twin, without, sizeof(without));
    end(NULL);
    if (is_same) {
        assert_memory_equal(run.tally, twin.tally, sizeof(run.tally));
    }
    if (is_same && strcmp(with, without) != 0) {
        explain(&h);
        fail_msg("history %llu\nwith, taken back:\n%swithout:\n%s", (unsigned long long)number,
                 with, without);
    }
    return is_same;
}

static void what_was_taken_back_might_never_have_been(void **state)
{
    const char *wanted = getenv("TROTH_HISTORIES");
    uint64_t count = wanted ? strtoull(wanted, NULL, 10) : 3000;
    uint64_t compared = 0;
    for (uint64_t i = 1; i <= count; i++) {
        compared += compare_one(i);
    }
    assert_true(compared > count / 4);
}

/* ---- the rows of services/intake/README.md */

struct known_history {
    const char *name;
    int what[5]; /* 0: no more; the contact that opens the case stands before */
    int taken;   /* index of what; -1: the opening */
    Troth__V1__CaseState state;
    const char *promises; /* kind, state and whether it is void, as they were made */
};

/* clang-format off */
static const struct known_history known[] = {
    {"responded", {ACTION(RESPONDED)}, 0, CASE(NEW), "first_response 1, resolution 1"},
    {"resolved", {ACTION(RESPONDED), ACTION(RESOLVED)}, 1, CASE(OPEN), "first_response 3, resolution 1"},
    {"reopened", {ACTION(RESOLVED), ACTION(REOPENED)}, 1, CASE(RESOLVED),
     "first_response 3, resolution 3, resolution 6 void"},
    {"resolved before the reopening", {ACTION(RESOLVED), ACTION(REOPENED), ACTION(RESOLVED)}, 0, CASE(RESOLVED),
     "first_response 3, resolution 3, resolution 6 void"},
    {"waiting", {ACTION(WAITING_CUSTOMER), CONTACT}, 0, CASE(NEW), "first_response 1, resolution 1"},
    {"the contact that reopened", {ACTION(RESOLVED), CONTACT}, 1, CASE(RESOLVED),
     "first_response 3, resolution 3, resolution 6 void"},
    {"the first of two contacts", {ACTION(RESOLVED), CONTACT, CONTACT}, 1, CASE(OPEN),
     "first_response 3, resolution 3, resolution 6 void, resolution 1"},
    {"the opening, but another contact stands", {CONTACT}, -1, CASE(NEW), "first_response 1, resolution 1"},
    {"the opening", {ACTION(RESPONDED)}, -1, CASE(VOID), "first_response 6 void, resolution 6 void"},
    {"a note", {ACTION(NOTE)}, 0, CASE(NEW), "first_response 1, resolution 1"},
};
/* clang-format on */

static void each_part_of_a_known_history_is_taken_back_as_the_readme_says(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(known); i++) {
        const struct known_history *k = &known[i];
        char promises[256] = "";
        size_t used = 0;
        begin(NULL);
        struct intake_record *const opening = contact(NOW_US, KIND(COMPLAINT));
        const struct intake_record *taken = opening;
        expect_accepted(opening);
        struct work_case *c = t.work->cases.first;
        for (int n = 0; n < 5 && k->what[n]; n++) {
            struct step step = {.what = k->what[n], .heard_us = n + 1, .about = -1};
            struct intake_record *r = record_of(c, &step, n);
            expect_accepted(r);
            taken = n == k->taken ? r : taken;
        }
        t.event_count = 0;
        expect_accepted(take_back(taken, NOW_US + 9));
        for (const struct work_promise *p = c->promises; p; p = p->next) {
            used += (size_t)snprintf(promises + used, sizeof(promises) - used, "%s%s %d%s",
                                     used ? ", " : "", p->kind, (int)p->state,
                                     p->is_void ? " void" : "");
        }
        if (c->state != k->state || strcmp(promises, k->promises) != 0) {
            fail_msg("%s: state %d, %s", k->name, (int)c->state, promises);
        }
        end(NULL);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_part_of_a_known_history_is_taken_back_as_the_readme_says),
        cmocka_unit_test(what_was_taken_back_might_never_have_been),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

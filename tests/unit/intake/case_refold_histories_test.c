/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A case from which a record was taken back is the case that never had it: random histories that
 * are run twice, with the record and its taking back, and without it.
 */
#include "services/intake/case_refold.h"

#include "services/intake/promise_rules.h"
#include "tests/unit/intake/refold_world.h"

enum {
    STEPS_MAX = 24,
};

/* The next step of all cases that is due by then, and its case. */
static struct work_promise *next_step(int64_t until_us, struct work_case **ret_case)
{
    struct work_promise *next = NULL;
    WORK_EACH(struct work_case, c, &t.work->cases)
    {
        for (struct work_promise *p = c->promises; p; p = p->next) {
            bool is_due = p->next_step_us != WORK_NO_TIME && p->next_step_us <= until_us;
            if (is_due && (!next || p->next_step_us < next->next_step_us)) {
                next = p;
                *ret_case = c;
            }
        }
    }
    return next;
}

static void tick_until(int64_t until_us)
{
    for (;;) {
        struct work_case *c = NULL;
        struct work_promise *next = next_step(until_us, &c);
        if (!next) {
            at(until_us > t.now_us ? until_us : t.now_us);
            return;
        }
        at(next->next_step_us > t.now_us ? next->next_step_us : t.now_us);
        (void)promise_decide_step(t.work, c, next);
    }
}

enum {
    KINDS_MAX = 64, /* of events */
    ACTIONS_MAX = 16,
};

struct run {
    struct work_case *service_case;
    int tally[KINDS_MAX][ACTIONS_MAX];        /* of plain events, less those taken back */
    struct intake_record *records[STEPS_MAX]; /* NULL: rejected, or not sent */
};

/* What a reader counts who knows nothing but events. Promises and corrections are told by version
 * instead; of a new target, a cause and a customer's word the newest one counts. */
static void count_events(struct run *run)
{
    for (size_t i = 0; i < t.event_count; i++) {
        const struct seen *e = &t.events[i];
        bool is_correction = e->kind == TROTH__V1__EVENT__BODY_CASE_CHANGED && !e->action;
        if (e->kind != TROTH__V1__EVENT__BODY_PROMISE_CHANGED &&
            e->kind != TROTH__V1__EVENT__BODY_PROMISE_RETARGETED &&
            e->kind != TROTH__V1__EVENT__BODY_BREAK_EXPLAINED &&
            e->kind != TROTH__V1__EVENT__BODY_PROMISE_ANSWERED && !is_correction) {
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
        tick_until(NOW_US + steps[i].heard_us);
        struct intake_record *r = record_of(run->service_case, &steps[i], (int64_t)i);
        t.event_count = 0;
        if (r && decide(r)->status == STATUS(ACCEPTED)) {
            run->records[i] = r;
            run->service_case = t.work->cases.first;
            count_events(run);
        }
        if (i == 0) { /* the other one: other_case() */
            (void)open_case(t.now_us, KIND(REQUEST));
        }
    }
}

/* ---- what remains of it, to be compared. Steps that were taken stay taken, as those who were told
 * know of them. */

static void check_steps_are_taken_once(void)
{
    WORK_EACH(const struct work_promise_step, s, &t.work->promise_steps)
    {
        for (const struct work_promise_step *other = s->next; other; other = other->next) {
            assert_false(s->promise == other->promise && s->step == other->step &&
                         s->clock_version == other->clock_version);
        }
    }
}

enum {
    LINE_SIZE = 256,
    LINES_MAX = 4 * STEPS_MAX,
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
                       "%s made %lld by %s for %lld state %d due %lld done %lld counted %lld"
                       " cause %d word %d\n",
                       p->kind, (long long)(p->made_us - NOW_US), p->rule ? p->rule : "-",
                       (long long)p->target_us, (int)p->state, (long long)p->due_us,
                       (long long)p->done_us, (long long)p->counted_us, p->cause, p->customer_word);
    }
    qsort(lines, count, LINE_SIZE, compare_lines);
    for (size_t i = 0; i < count; i++) {
        used += (size_t)snprintf(to + used, size - used, "%s", lines[i]);
    }
    return used;
}

static size_t print_case(const struct work_case *c, char *to, size_t size)
{
    size_t used = print_promises(c, to, size);
    used += (size_t)snprintf(to + used, size - used,
                             "state %d first %lld resolved %lld closed %lld reopened %d\n"
                             "kind %d category %s by %d asked %d priority %d rule %s owner %s\n"
                             "joined %d like %d reference %d\n",
                             (int)c->state, (long long)c->first_response_us,
                             (long long)c->resolved_us, (long long)c->closed_us, c->reopened_count,
                             (int)c->kind, c->category ? c->category : "-", c->category_by,
                             c->asked_priority, c->priority, c->rule, c->owner_team,
                             c->joined_case != 0, c->solved_like != 0, c->is_reference);
    return used;
}

static void print_cases(char *to, size_t size)
{
    size_t used = 0;
    WORK_EACH(const struct work_case, c, &t.work->cases)
    {
        used += print_case(c, to + used, size - used);
    }
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
        int64_t kind = below(24);
        heard_us += 1 + below(i % 3 == 0 ? DURATION_DAY : 2 * DURATION_H);
        steps[i] = (struct step){
            .what = i == 0 || kind < 3 ? CONTACT
                    : kind < 12        ? (int)(1 + below(12))
                    : kind < 16        ? (int)(GIVE + below(5))
                    : kind < 20        ? (int)(CLASS + below(1 + CLASS_LAST - CLASS))
                                       : (int)(SAY + below(1 + SAY_LAST - SAY)),
            .heard_us = heard_us,
            .late_us = below(3) == 0 ? below(3 * DURATION_H) : 0,
            .about = -1,
        };
    }
    return count;
}

/* Of days: promises of persons, their breaks, and what is said of them. */
static size_t make_days(struct step *steps)
{
    static const int what[] = {
        GIVE, KEEP, RENEW, CONTACT, ACTION(RESPONDED), ACTION(CLOSED), ACTION(WAITING_CUSTOMER),
    };
    size_t count = 4 + (size_t)below(STEPS_MAX - 5);
    int64_t heard_us = 0;
    for (size_t i = 0; i < count; i++) {
        heard_us += DURATION_S * (1 + below(i == 2 ? 172800 : 43200));
        steps[i] = (struct step){
            .what = i == 0     ? CONTACT
                    : i == 1   ? (int)GIVE
                    : below(3) ? (int)(SAY + below(1 + SAY_LAST - SAY))
                               : what[below((int64_t)ARRAY_LEN(what))],
            .heard_us = heard_us,
            .late_us = below(3) == 0 ? DURATION_S * below(43200) : 0,
            .about = -1,
        };
    }
    return count;
}

static size_t (*make_history_of)(struct step *steps) = make_history;

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
    tick_until(voided_us);
    take_back_one(run, h->taken[0]);
    if (h->taken[1] != h->taken[0]) {
        take_back_one(run, h->taken[1]);
    }
    tick_until(voided_us + 1);
    play(h->steps, h->voided_at, h->count, h->is_wanted, run);
    tick_until(NOW_US + h->steps[h->count - 1].heard_us + DURATION_H);
    check_steps_are_taken_once();
    print_cases(ret, size);
    for (size_t i = 0; i < h->count; i++) {
        h->is_wanted[i] = run->records[i] && i != h->taken[0] && i != h->taken[1];
    }
    return true;
}

/* As if they had never been. Returns whether all the others were possible all the same. */
static bool play_without(struct history *h, struct run *twin, char *ret, size_t size)
{
    play(h->steps, 0, h->voided_at, h->is_wanted, twin);
    tick_until(NOW_US + h->steps[h->voided_at - 1].heard_us + 1);
    play(h->steps, h->voided_at, h->count, h->is_wanted, twin);
    tick_until(NOW_US + h->steps[h->count - 1].heard_us + DURATION_H);
    print_cases(ret, size);
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

/* One by one: a message is cut after a thousand bytes. */
static void print_lines(char *lines)
{
    char *rest = NULL;
    for (char *line = strtok_r(lines, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
        print_message("%s\n", line);
    }
}

static void print_tallies(const struct run *run, const struct run *twin)
{
    for (int i = 0; i < KINDS_MAX * ACTIONS_MAX; i++) {
        const int kind = i / ACTIONS_MAX, action = i % ACTIONS_MAX;
        const int with = run->tally[kind][action], without = twin->tally[kind][action];
        if (with != without) {
            print_message("event %d of action %d: %d, not %d\n", kind, action, with, without);
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
    h.count = make_history_of(h.steps);
    h.voided_at = 2 + (size_t)below((int64_t)h.count - 1);
    h.taken[0] = 1 + (size_t)below((int64_t)h.voided_at - 1);
    h.taken[1] = below(2) ? h.taken[0] : 1 + (size_t)below((int64_t)h.voided_at - 1);
    /* What was said after a merge was said about the other case, and stays there. */
    for (int i = 0; i < 2; i++) {
        if (h.steps[h.taken[i]].what == ACTION(MERGED)) {
            h.taken[0] = h.taken[1] = h.taken[i];
            h.voided_at = h.taken[i] + 1;
        }
    }
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
    bool is_equal =
        strcmp(with, without) == 0 && memcmp(run.tally, twin.tally, sizeof(run.tally)) == 0;
    if (is_same && !is_equal) {
        explain(&h);
        print_message("with, taken back:\n");
        print_lines(with);
        print_message("without:\n");
        print_lines(without);
        print_tallies(&run, &twin);
        fail_msg("history %llu", (unsigned long long)number);
    }
    return is_same;
}

static void what_was_taken_back_might_never_have_been(void **state)
{
    const char *wanted = getenv("TROTH_HISTORIES");
    uint64_t count = wanted ? strtoull(wanted, NULL, 10) : 3000;
    uint64_t compared = 0;
    t_standard = FULL;
    for (uint64_t i = 1; i <= count; i++) {
        compared += compare_one(i);
    }
    t_standard = STANDARD;
    assert_true(compared > count / 4);
}

static void what_was_said_of_a_break_might_never_have_been(void **state)
{
    const char *wanted = getenv("TROTH_HISTORIES");
    uint64_t count = wanted ? strtoull(wanted, NULL, 10) : 3000;
    uint64_t compared = 0;
    make_history_of = make_days;
    for (uint64_t i = 1; i <= count; i++) {
        compared += compare_one(i);
    }
    make_history_of = make_history;
    assert_true(compared > count / 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_taken_back_might_never_have_been),
        cmocka_unit_test(what_was_said_of_a_break_might_never_have_been),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * 10,000 random histories of cases, under calendars with holidays in zones with summer time.
 *
 * The same clock three times: derived at once from all events, fed event by event, and by a
 * follower of this file that knows neither the table of pauses nor clock_read(): it is told by hand
 * which events pause which kind, and adds up the stretches in which it ran.
 */
#include "common/domain/clock_timeline.h"

#include "tests/unit/domain/clock_story.h"

enum {
    HISTORIES = 10000,
    EVENTS_MOST = 24,
};

/* ---- random, but the same each time (SplitMix64) */

static uint64_t seed;

static uint64_t next_random(void)
{
    uint64_t z = (seed += UINT64_C(0x9e3779b97f4a7c15));

    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

static int64_t below(int64_t n)
{
    return (int64_t)(next_random() % (uint64_t)n);
}

/* ---- calendars */

static const struct {
    const char *zone, *week, *more, *lists;
} worlds[] = {
    {"Asia/Shanghai",       GARAGE_WEEK,                                     "days = \"china\";", GARAGE_DAYS},
    {"Europe/Berlin",       "mon-fri = (\"08:00-12:30\", \"13:15-17:00\");", "",                  ""         },
    {"America/New_York",    "mon-sat = \"22:00-06:00\";",                    "",                  ""         },
    {"Australia/Lord_Howe", "mon-sun = \"01:30-02:15\";",                    "",                  ""         },
    {"Asia/Beirut",         "mon-sun = \"00:00-24:00\";",                    "",                  ""         },
};

static struct calendar_book *books[ARRAY_LEN(worlds)];

static int begin(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(worlds); i++) {
        books[i] =
            calendar_text_one(worlds[i].zone, worlds[i].week, worlds[i].more, worlds[i].lists);
    }
    return 0;
}

static int end(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(worlds); i++) {
        calendar_book_free(books[i]);
    }
    return 0;
}

/* ---- a history */

struct history {
    struct clock_timeline_terms terms;
    struct clock_timeline_event events[EVENTS_MOST];
    size_t count;
    int64_t end_us;
};

static bool starts(enum clock_kind kind, enum clock_event event)
{
    const enum clock_effect effect = clock_rules_find(kind, event)->effect;

    return effect == CLOCK_START || effect == CLOCK_RESTART;
}

/* is_ordered: the events occurred in the order in which they took effect. */
static struct history make_history(uint64_t number, bool is_ordered)
{
    static const int64_t scales_us[] = {DURATION_MIN, DURATION_H, DURATION_DAY, 30 * DURATION_DAY};
    struct history h = {.count = 2 + (size_t)below(EVENTS_MOST - 2)};
    const int64_t scale_us = scales_us[below(ARRAY_LEN(scales_us))];
    const size_t calendar = (size_t)below(ARRAY_LEN(worlds) + 1);
    int64_t here_us;
    size_t from;

    seed ^= number;
    h.terms.kind = (enum clock_kind)below(CLOCK_KIND_COUNT);
    h.terms.calendar = calendar < ARRAY_LEN(worlds) ? calendar_book_at(books[calendar], 0) : NULL;
    h.terms.target_us = 1 + below(2 * scale_us);
    here_us = instant("2025-10-01T00:00+00:00") + below(300 * DURATION_DAY);
    for (size_t i = 0; i < h.count; i++) {
        const int64_t step_us = below(scale_us);

        h.events[i] = (struct clock_timeline_event){
            .number = (int64_t)i,
            .event = i == 0 ? CLOCK_OPENED : (enum clock_event)(1 + below(CLOCK_EVENT_COUNT - 1)),
            .at_us = here_us,
        };
        h.end_us = here_us > h.end_us ? here_us : h.end_us;
        here_us += is_ordered || below(4) > 0 ? step_us : -step_us;
    }
    h.end_us += below(3 * scale_us) + 1;
    from = (size_t)below((int64_t)h.count);
    while (from > 0 && !starts(h.terms.kind, h.events[from].event)) {
        from--;
    }
    h.terms.made_by = (int64_t)from;
    h.terms.started_us = h.events[from].at_us;
    return h;
}

/* ---- the follower */

struct follower {
    bool is_running; /* between its start and its stop */
    bool is_over;
    bool is_waiting;   /* for the customer */
    int64_t waited_us; /* what began or ended last of the waiting: nothing lies before it */
    int64_t stopped_us;
    struct {
        int64_t from_us, to_us;
    } waits[EVENTS_MOST];
    size_t wait_count;
};

static bool is_answer_stop(enum clock_kind kind, enum clock_event event)
{
    switch (kind) {
    case CLOCK_FIRST_RESPONSE:
        return event == CLOCK_RESPONDED || event == CLOCK_RESOLVED || event == CLOCK_CLOSED ||
               event == CLOCK_MERGED;
    case CLOCK_NEXT_UPDATE:
        return event == CLOCK_RESPONDED || event == CLOCK_ASKED_CUSTOMER ||
               event == CLOCK_RESOLVED || event == CLOCK_CLOSED || event == CLOCK_MERGED;
    case CLOCK_RESOLUTION:
        return event == CLOCK_RESOLVED || event == CLOCK_CLOSED || event == CLOCK_MERGED;
    case CLOCK_CALLBACK:
        return event == CLOCK_RESPONDED || event == CLOCK_CLOSED || event == CLOCK_MERGED;
    case CLOCK_DATE:
    case CLOCK_KIND_COUNT:
        break;
    }
    return false;
}

static bool ends_waiting(enum clock_event event)
{
    return event == CLOCK_RESPONDED || event == CLOCK_ASKED_THIRD_PARTY || event == CLOCK_RESUMED ||
           event == CLOCK_RESOLVED || event == CLOCK_CLOSED || event == CLOCK_MERGED;
}

/* The next update is one after this one; a solution ends it in any case. */
static bool is_old_news(const struct history *h, const struct clock_timeline_event *e)
{
    return h->terms.kind == CLOCK_NEXT_UPDATE && e->at_us < h->terms.started_us &&
           (e->event == CLOCK_RESPONDED || e->event == CLOCK_ASKED_CUSTOMER);
}

static int64_t latest(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

static void follow(struct follower *f, const struct history *h,
                   const struct clock_timeline_event *e)
{
    const enum clock_kind kind = h->terms.kind;
    const bool waits = kind == CLOCK_FIRST_RESPONSE || kind == CLOCK_RESOLUTION;

    if (waits && e->event == CLOCK_ASKED_CUSTOMER && !f->is_waiting) {
        f->waited_us = f->wait_count > 0 ? latest(f->waited_us, e->at_us) : e->at_us;
        f->waits[f->wait_count].from_us = f->waited_us;
        f->waits[f->wait_count++].to_us = INT64_MAX;
        f->is_waiting = true;
    } else if (waits && ends_waiting(e->event) && f->is_waiting) {
        f->waited_us = latest(f->waited_us, e->at_us);
        f->waits[f->wait_count - 1].to_us = f->waited_us;
        f->is_waiting = false;
    }
    if (f->is_running && is_answer_stop(kind, e->event) && !is_old_news(h, e)) {
        const int64_t over_us = latest(e->at_us, h->terms.started_us);

        f->stopped_us = f->is_over && f->stopped_us < over_us ? f->stopped_us : over_us;
        f->is_over = true;
    }
    f->is_running = f->is_running || kind == CLOCK_DATE || e->number == h->terms.made_by;
}

/* The stretches between the waits, one by one: they neither overlap nor go back. */
static int64_t follower_counted(const struct follower *f, const struct history *h, int64_t at_us)
{
    const int64_t end_us = f->is_over && f->stopped_us < at_us ? f->stopped_us : at_us;
    int64_t sum_us = 0;
    int64_t from_us = h->terms.started_us;

    for (size_t i = 0; i <= f->wait_count && f->is_running; i++) {
        const int64_t wait_us = i < f->wait_count ? f->waits[i].from_us : INT64_MAX;
        const int64_t to_us = wait_us < end_us ? wait_us : end_us;

        if (to_us > from_us) {
            sum_us += calendar_between(h->terms.calendar, from_us, to_us);
        }
        if (i < f->wait_count) {
            from_us = latest(h->terms.started_us, f->waits[i].to_us);
        }
    }
    return sum_us;
}

/* ---- what must hold */

static void at_once_equals_event_by_event(const struct history *h)
{
    struct clock_timeline *fed = clock_timeline_new(&h->terms);
    struct follower f = {.is_running = false};

    for (size_t i = 0; i < h->count; i++) {
        const int64_t look_us = h->events[i].at_us + below(DURATION_H);
        struct clock_timeline *whole;
        struct clock_state a, b;

        (void)clock_timeline_feed(fed, &h->events[i]);
        follow(&f, h, &h->events[i]);
        whole = clock_timeline_of(&h->terms, h->events, i + 1);
        a = clock_timeline_read(fed, look_us);
        b = clock_timeline_read(whole, look_us);
        assert_int_equal(a.counted_us, b.counted_us);
        assert_int_equal(a.due_us, b.due_us);
        assert_int_equal(a.is_paused, b.is_paused);
        assert_int_equal(clock_timeline_stopped_us(fed), clock_timeline_stopped_us(whole));
        assert_int_equal(a.counted_us, follower_counted(&f, h, look_us));
        assert_int_equal(clock_timeline_stopped_us(fed), f.is_over ? f.stopped_us : CLOCK_NEVER);
        clock_timeline_free(whole);
    }
    assert_int_equal(clock_timeline_read(fed, h->end_us).counted_us,
                     follower_counted(&f, h, h->end_us));
    clock_timeline_free(fed);
}

struct sums {
    const struct clock_timeline *timeline;
    const struct calendar *calendar;
    int64_t here_us;
    int64_t counted_us;
    int64_t late_us;
    size_t count;
};

static void add_interval(void *ctx, const struct clock_interval *i)
{
    struct sums *s = ctx;
    const int64_t before_us = clock_timeline_read(s->timeline, i->from_us).counted_us;
    const int64_t after_us = clock_timeline_read(s->timeline, i->to_us).counted_us;

    assert_true(i->from_us < i->to_us);
    if (s->count > 0) {
        assert_int_equal(i->from_us, s->here_us); /* without holes */
    }
    if (i->kind == CLOCK_INTERVAL_COUNTED) {
        assert_int_equal(after_us - before_us, i->to_us - i->from_us);
        assert_int_equal(i->working_us, i->to_us - i->from_us);
        s->counted_us += i->working_us;
        s->late_us += i->is_late ? i->working_us : 0;
    } else {
        assert_int_equal(after_us, before_us); /* what is paused or closed is never counted */
    }
    if (i->kind == CLOCK_INTERVAL_CLOSED) {
        assert_non_null(i->gap);
        assert_int_equal(calendar_between(s->calendar, i->from_us, i->to_us), 0);
    }
    s->here_us = i->to_us;
    s->count++;
}

static void the_intervals_add_up(const struct history *h)
{
    struct clock_timeline *t = clock_timeline_of(&h->terms, h->events, h->count);
    struct sums s = {.timeline = t, .calendar = h->terms.calendar};
    const struct clock_state state = clock_timeline_read(t, h->end_us);

    clock_timeline_intervals(t, h->end_us, add_interval, &s);
    assert_int_equal(s.counted_us, state.counted_us);
    assert_int_equal(s.here_us, h->end_us);
    assert_int_equal(s.late_us, state.counted_us > h->terms.target_us
                                    ? state.counted_us - h->terms.target_us
                                    : 0);
    clock_timeline_free(t);
}

static void counted_is_monotone_and_due_is_where_it_is_the_target(const struct history *h)
{
    struct clock_timeline *t = clock_timeline_of(&h->terms, h->events, h->count);
    const struct clock c = clock_timeline_clock(t);
    const int64_t due_us = clock_step_us(&c, 100);
    int64_t last_us = INT64_MIN;
    int64_t last_counted_us = 0;

    for (int i = 0; i < 20; i++) {
        const int64_t at_us = h->terms.started_us + (h->end_us - h->terms.started_us) / 20 * i;
        const int64_t counted_us = clock_timeline_read(t, at_us).counted_us;

        if (at_us >= last_us) {
            assert_true(counted_us >= last_counted_us);
            assert_true(counted_us == 0 || counted_us <= at_us - h->terms.started_us);
            last_us = at_us;
            last_counted_us = counted_us;
        }
    }
    if (due_us != CLOCK_NEVER) {
        assert_int_equal(clock_read(&c, due_us).counted_us, h->terms.target_us);
        assert_int_equal(clock_read(&c, due_us - 1).counted_us, h->terms.target_us - 1);
    } else {
        assert_true(clock_read(&c, h->end_us).counted_us < h->terms.target_us);
    }
    for (int percent = 1; percent < 100; percent += 7) {
        assert_true(clock_step_us(&c, percent) <= due_us);
    }
    clock_timeline_free(t);
}

/* A change of policy in the middle: what had passed is what would have passed under the new target
 * from the beginning. */
static void another_target_keeps_what_has_passed(const struct history *h)
{
    struct clock_timeline_terms other = h->terms;
    struct clock_timeline *t = clock_timeline_of(&h->terms, h->events, h->count);
    struct clock_timeline *u;

    other.target_us = h->terms.target_us / 2 + 1;
    u = clock_timeline_of(&other, h->events, h->count);
    assert_int_equal(clock_timeline_read(t, h->end_us).counted_us,
                     clock_timeline_read(u, h->end_us).counted_us);
    assert_true(clock_timeline_read(u, h->end_us).due_us <=
                clock_timeline_read(t, h->end_us).due_us);
    clock_timeline_free(t);
    clock_timeline_free(u);
}

static void check_histories(uint64_t first, bool is_ordered)
{
    seed = first;
    for (uint64_t i = 0; i < HISTORIES / 2; i++) {
        const struct history h = make_history(i, is_ordered);

        at_once_equals_event_by_event(&h);
        the_intervals_add_up(&h);
        counted_is_monotone_and_due_is_where_it_is_the_target(&h);
        another_target_keeps_what_has_passed(&h);
    }
}

static void clocks_of_5000_cases_told_in_order(void **state)
{
    check_histories(20261122, true);
}

static void clocks_of_5000_cases_told_in_another_order(void **state)
{
    check_histories(72, false);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(clocks_of_5000_cases_told_in_order),
        cmocka_unit_test(clocks_of_5000_cases_told_in_another_order),
    };

    return cmocka_run_group_tests(tests, begin, end);
}

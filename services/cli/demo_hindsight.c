/* SPDX-License-Identifier: Apache-2.0 */
#include "services/cli/demo_hindsight.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/duration.h"
#include "common/base/text.h"
#include "common/domain/identifier.h"
#include "services/cli/demo_branch.h"
#include "services/cli/demo_hindsight_store.h"

#define FIRST_LOOK_H     9
#define LOOKS_A_DAY      3
#define BETWEEN_LOOKS_H  3
#define EXPLAINED        88  /* of 100 breaks; of the others nobody says why */
#define FORGOTTEN_AGAIN  4   /* of 100 cases that are open again */
#define SOONER_WHEN_OPEN 0.6 /* who had to come again waits less */

struct cause {
    Troth__V1__BreakCause cause;
    const char *note;
};

/* The branch had not the people, parts or time. */
static const struct cause slow_causes[] = {
    {TROTH__V1__BREAK_CAUSE__BREAK_CAUSE_COULD_NOT,
     "零件晚到，没有及时告知。 The parts came late."                                        },
    {TROTH__V1__BREAK_CAUSE__BREAK_CAUSE_COULD_NOT, "前台当天缺人。 Nobody was left at the desk."},
    {TROTH__V1__BREAK_CAUSE__BREAK_CAUSE_COULD_NOT, "工位已满。 All lifts were taken."             },
};
static const struct cause other_causes[] = {
    {TROTH__V1__BREAK_CAUSE__BREAK_CAUSE_WOULD_NOT,              "忘了回复。 We forgot to answer."           },
    {TROTH__V1__BREAK_CAUSE__BREAK_CAUSE_WOULD_NOT,              "先做了别的事。 Other work was put first."},
    {TROTH__V1__BREAK_CAUSE__BREAK_CAUSE_UNDERSTOOD_DIFFERENTLY,
     "双方理解的时间不同。 Two times were meant."                                                       },
};

/* The choices about one thing are its own, whatever else there is. */
static void begin_choices(struct demo_hindsight_work *w, const struct demo_trouble *trouble)
{
    w->teller.random = w->seed ^ (uint64_t)trouble->opened_us;
    w->teller.random = demo_teller_random(&w->teller) ^ (uint64_t)trouble->began_us;
    w->teller.random = demo_teller_random(&w->teller) + strlen(trouble->kind);
}

static void choose_staff(struct demo_teller *t, const struct demo_trouble *trouble, char *ret,
                         size_t size)
{
    (void)text_format(ret, size, "%s-%02d", trouble->branch, 1 + demo_teller_below(t, 6));
}

static void explain(struct demo_hindsight_work *w, const struct demo_trouble *trouble,
                    int64_t now_us)
{
    struct demo_teller *t = &w->teller;
    char number[IDENTIFIER_TEXT_SIZE], staff[48], note[96];
    begin_choices(w, trouble);
    const struct demo_branch *branch = demo_branch_at(t, trouble->branch, trouble->began_us);
    bool is_slow = demo_teller_happens(t, branch->slow_percent);
    const struct cause *cause =
        is_slow ? &slow_causes[demo_teller_below(t, (int)ARRAY_LEN(slow_causes))]
                : &other_causes[demo_teller_below(t, (int)ARRAY_LEN(other_causes))];
    if (!demo_teller_happens(t, EXPLAINED)) {
        return;
    }
    (void)identifier_format(IDENTIFIER_PROMISE, trouble->number, number);
    choose_staff(t, trouble, staff, sizeof staff);
    (void)text_copy(note, sizeof note, cause->note);
    Troth__V1__PromiseUpdate update = TROTH__V1__PROMISE_UPDATE__INIT;
    update.promise_number = number;
    update.has_action = update.has_cause = 1;
    update.action = TROTH__V1__PROMISE_ACTION__PROMISE_ACTION_EXPLAINED;
    update.cause = cause->cause;
    update.staff = staff;
    update.note = note;
    Troth__V1__Record record = TROTH__V1__RECORD__INIT;
    record.body_case = TROTH__V1__RECORD__BODY_PROMISE_UPDATE;
    record.promise_update = &update;
    demo_teller_add(t, &record, now_us + DURATION_MIN * (1 + demo_teller_below(t, 100)));
}

static void update_case(struct demo_teller *t, const struct demo_trouble *trouble,
                        Troth__V1__CaseAction action, int64_t at_us)
{
    char number[IDENTIFIER_TEXT_SIZE], staff[48];
    (void)identifier_format(IDENTIFIER_CASE, trouble->number, number);
    choose_staff(t, trouble, staff, sizeof staff);
    Troth__V1__CaseUpdate update = TROTH__V1__CASE_UPDATE__INIT;
    update.case_number = number;
    update.has_action = 1;
    update.action = action;
    update.staff = staff;
    Troth__V1__Record record = TROTH__V1__RECORD__INIT;
    record.body_case = TROTH__V1__RECORD__BODY_CASE_UPDATE;
    record.case_update = &update;
    demo_teller_add(t, &record, at_us);
}

static void solve(struct demo_hindsight_work *w, const struct demo_trouble *trouble, int64_t now_us)
{
    struct demo_teller *t = &w->teller;
    begin_choices(w, trouble);
    const struct demo_branch *branch = demo_branch_at(t, trouble->branch, now_us);
    int64_t at_us =
        demo_teller_after_opening_us(t, now_us, demo_teller_delay_us(t, branch->response_median_h));
    if (demo_teller_happens(t, FORGOTTEN_AGAIN)) {
        return;
    }
    update_case(t, trouble, TROTH__V1__CASE_ACTION__CASE_ACTION_RESPONDED, at_us);
    at_us = demo_teller_after_opening_us(
        t, at_us, demo_teller_delay_us(t, branch->resolve_median_h * SOONER_WHEN_OPEN));
    update_case(t, trouble, TROTH__V1__CASE_ACTION__CASE_ACTION_RESOLVED, at_us);
}

static int64_t next_look_us(const struct demo_teller *t, int64_t now_us)
{
    int64_t day_us = now_us - (now_us - t->start_us) % DURATION_DAY;

    for (int i = 0; i < LOOKS_A_DAY; i++) {
        int64_t look_us = day_us + (FIRST_LOOK_H + i * BETWEEN_LOOKS_H) * DURATION_H;
        if (look_us > now_us) {
            return look_us;
        }
    }
    return day_us + DURATION_DAY + FIRST_LOOK_H * DURATION_H;
}

static int look(void *ctx, struct db *db, int64_t now_us, struct record_list *list,
                int64_t *ret_next_us, struct err *err)
{
    struct demo_hindsight_work *w = ctx;
    struct demo_trouble *broken = NULL, *reopened = NULL;
    size_t broken_count, reopened_count;
    w->teller.list = list;
    if (demo_hindsight_store_read_breaks(db, w->looked_us, now_us, &broken, &broken_count, err) <
            0 ||
        demo_hindsight_store_read_reopened(db, w->looked_us, now_us, &reopened, &reopened_count,
                                           err) < 0) {
        free(broken);
        return -1;
    }
    for (size_t i = 0; i < broken_count; i++) {
        explain(w, &broken[i], now_us);
    }
    for (size_t i = 0; i < reopened_count; i++) {
        solve(w, &reopened[i], now_us);
    }
    free(broken);
    free(reopened);
    w->looked_us = now_us;
    *ret_next_us = next_look_us(&w->teller, now_us);
    return 0;
}

struct demo_hindsight demo_hindsight_of_garage(const struct demo_garage_options *options,
                                               struct demo_hindsight_work *ret_work)
{
    *ret_work = (struct demo_hindsight_work){
        .seed = options->seed,
        .looked_us = options->start_us,
        .teller = {.key_prefix = "desk",
                   .start_us = options->start_us,
                   .end_us = demo_garage_end_us(options)},
    };
    return (struct demo_hindsight){
        .first_us = options->start_us + FIRST_LOOK_H * DURATION_H,
        .look = look,
        .ctx = ret_work,
    };
}

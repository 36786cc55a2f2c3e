/* SPDX-License-Identifier: Apache-2.0 */
/*
 * worklist_listed.c - one after the other until one can be had:
 *
 * 1. find what is listed and in nobody's hand                          no lock
 * 2. BEGIN, fences, lock the first; who was slower begins anew
 * 3. read what arbitration asks: a listed follow-up is shown whatever the verdict, but the number
 * of who must not be called now is not asked for
 * 4. store the attempt and the lease, COMMIT
 * 5. ask for the number, hand the order over
 */
#include "services/followup/worklist_listed.h"

#include <stdlib.h>

#include "common/base/duration.h"
#include "common/base/instant.h"
#include "common/base/text.h"
#include "common/base/xalloc.h"
#include "common/domain/identifier.h"
#include "services/followup/agenda_store.h"
#include "services/followup/followup.h"
#include "services/followup/followup_attempt_store.h"
#include "services/followup/followup_numbers.h"
#include "services/followup/followup_order_message.h"
#include "services/followup/worklist_desk.h"

enum {
    PERSON = TROTH__V1__CHANNEL__CHANNEL_PERSON,
    TRIES_MAX = 32,
};

#define NUMBER_US (4 * DURATION_S)

static void find(void *ctx, struct db *db);

static void fail(struct worklist_take *t, const struct db_reply *reply)
{
    followup_log_failure(t->followup, "worklist_failed", reply);
    worklist_take_fail(t, "unavailable", "the database did not answer: ask again");
    followup_talk_end(&t->talk);
}

/* ---- 5 */

static void hand_over(struct followup_call *call)
{
    struct worklist_take *t = call->dialer->take;
    if (followup_order_message_send(t->followup, call, t->arena) < 0) {
        worklist_take_fail(t, "unavailable", "it could not be handed over: ask again");
    }
    followup_call_free(call);
}

static void on_number(struct followup_call *call)
{
    struct worklist_take *t = call->dialer->take;
    const char *why = call->event == FOLLOW_UP_NUMBER_REFUSED ? "number_refused"
                      : call->event == FOLLOW_UP_HAS_NO_PHONE ? ARBITRATION_NO_CHANNEL
                                                              : "number_unavailable";
    if (call->event != FOLLOW_UP_IS_ORDERED) {
        (void)text_copy(t->no_call, sizeof(t->no_call), why);
    }
    hand_over(call);
}

static struct agenda *read_agenda(const struct worklist_take *t, const struct db_rows *rows)
{
    struct agenda *agenda = xcalloc(1, sizeof(*agenda));
    if (!agenda_store_find(rows, t->due.follow_up.number, agenda)) {
        free(agenda);
        return NULL;
    }
    agenda_set_scripts(agenda, t->followup->rules);
    return agenda;
}

static void on_committed(void *ctx, struct db *db, const struct db_reply *reply)
{
    struct worklist_take *t = ctx;
    (void)db;
    if (reply->outcome != DB_OK) {
        fail(t, reply); /* should it stand all the same: its lease runs out */
        return;
    }
    followup_talk_end(&t->talk);
    struct followup_call *call = xcalloc(1, sizeof(*call));
    call->due = t->due;
    call->due.rule = NULL;
    call->due.follow_up.channel = PERSON;
    call->agenda = t->agenda;
    t->agenda = NULL;
    call->on_number = on_number;
    call->ordered_us = service_now_us(t->followup->service);
    call->start_by_us = instant_now_us() + t->lease_us;
    /* The number is waited for until a quarter of a claim before this. */
    call->claim_until_us =
        instant_monotonic_us() + NUMBER_US + t->followup->settings->claim_for_us / 4;
    (void)followup_order_key(t->due.follow_up.number, t->due.follow_up.attempts, call->key);
    call->dialer = &t->line;
    t->line.free_lines--;
    t->line.booked++;
    if (t->no_call[0]) {
        hand_over(call);
    } else {
        followup_numbers_ask(t->followup->numbers, call);
    }
}

/* ---- 4 */

static void store(struct worklist_take *t, struct db *db)
{
    struct follow_up *f = &t->due.follow_up;
    struct follow_up_list list = {.items = NULL};
    f->attempts++;
    f->version++;
    struct followup_attempt attempt = {
        .follow_up = f->number,
        .customer = f->customer,
        .channel = PERSON,
        .handle = t->due.facts.phone_handle,
        .attempt = f->attempts,
        .state = FOLLOWUP_ATTEMPT_ORDERED,
        .ordered_us = service_now_us(t->followup->service),
        .start_by_us = instant_now_us() + t->lease_us,
    };
    const struct worklist_grant grant = {
        .follow_up = f->number, .attempt = f->attempts, .staff = t->staff, .lease_us = t->lease_us};
    (void)text_copy(attempt.dialer, sizeof(attempt.dialer), t->line.name);
    (void)text_copy(attempt.journal, sizeof(attempt.journal), t->line.journal);
    *follow_up_list_add(&list) = *f;
    followup_store_put_changes_all(db, &list);
    followup_attempt_store_put_insert(db, &attempt, 1);
    worklist_lease_store_put_grant(db, &grant);
    follow_up_list_free(&list);
    (void)text_copy(t->why, sizeof(t->why), f->reason);
    db_commit(db);
    db_run(db, on_committed, t);
}

/* ---- 3 */

/* As if it were planned for a person, now: its window is over, or its channels failed. */
static void ask(struct worklist_take *t, int64_t now_us)
{
    struct followup *f = t->followup;
    struct followup_due as_planned = t->due;
    const struct rulebook_limits *limits = rulebook_limits(f->rules);
    const struct followup_arbiter arbiter = {.limits = limits, .now_us = now_us};
    as_planned.zone = zone_shelf_find(f->zone_shelf, t->due.facts.zone);
    if (!as_planned.zone) {
        as_planned.zone = zone_shelf_find(f->zone_shelf, limits->usual_zone);
    }
    as_planned.follow_up.channel = PERSON;
    as_planned.follow_up.is_historical = false;
    as_planned.follow_up.window_end_us = now_us + 30 * DURATION_DAY;
    followup_arbiter_ask(&arbiter, &as_planned, NULL, &t->due.verdict);
    bool may_call = t->due.verdict.step == ARBITRATION_CALL;
    (void)text_copy(t->no_call, sizeof(t->no_call), may_call ? "" : t->due.verdict.reason);
}

static struct arbitration_facts *find_facts(void *ctx, int64_t number)
{
    struct worklist_take *t = ctx;
    return number == t->due.follow_up.number ? &t->due.facts : NULL;
}

static void on_facts(void *ctx, struct db *db, const struct db_reply *reply)
{
    struct worklist_take *t = ctx;
    if (reply->outcome != DB_OK) {
        fail(t, reply);
        return;
    }
    arbitration_facts_read(reply->rows, find_facts, t);
    ask(t, service_now_us(t->followup->service));
    free(t->agenda);
    t->agenda = read_agenda(t, reply->rows[reply->count - 1]);
    store(t, db);
}

static void put_facts(struct worklist_take *t, struct db *db)
{
    struct arbitration_subject subject;
    struct db_array leader;
    const struct rulebook *rules = t->followup->rules;
    (void)rule_shelf_find(t->followup->rule_shelf, t->due.follow_up.rule_version, &rules);
    const struct rulebook_rule *rule = rulebook_find(rules, t->due.follow_up.rule);
    if (!t->rule) {
        t->rule = xcalloc(1, sizeof(*t->rule));
    }
    *t->rule = rule ? *rule : (struct rulebook_rule){.attempts = 1};
    t->rule->channels[0] = PERSON;
    t->rule->channel_count = 1;
    t->due.rule = t->rule;
    followup_arbiter_subject(&t->due, &subject);
    subject.channel = PERSON;
    arbitration_facts_put(db, &subject, 1, service_now_us(t->followup->service));
    db_array_init(&leader, DB_INT8);
    db_array_add_int(&leader, t->due.follow_up.number);
    agenda_store_put(db, &leader);
    db_array_free(&leader);
    db_run(db, on_facts, t);
}

/* ---- 2 */

static void on_ended(void *ctx, struct db *db, const struct db_reply *reply)
{
    struct worklist_take *t = ctx;
    if (reply->outcome != DB_OK || t->rounds++ > TRIES_MAX) {
        fail(t, reply);
    } else {
        find(t, db);
    }
}

static void on_locked(void *ctx, struct db *db, const struct db_reply *reply)
{
    struct worklist_take *t = ctx;
    const struct db_rows *rows = reply->count > 0 ? reply->rows[reply->count - 1] : NULL;
    if (reply->outcome != DB_OK) {
        fail(t, reply);
    } else if (db_row_count(rows) == 0) {
        db_commit(db); /* somebody else has it by now */
        db_run(db, on_ended, t);
    } else {
        t->due = (struct followup_due){.is_kept = false};
        followup_store_get(rows, 0, &t->due.follow_up);
        put_facts(t, db);
    }
}

/* ---- 1 */

static void on_found(void *ctx, struct db *db, const struct db_reply *reply)
{
    struct worklist_take *t = ctx;
    struct follow_up f;
    if (reply->outcome != DB_OK) {
        fail(t, reply);
    } else if (db_row_count(reply->rows[0]) == 0) {
        worklist_take_find_nothing(t);
        followup_talk_end(&t->talk);
    } else {
        followup_store_get(reply->rows[0], 0, &f);
        db_begin(db);
        followup_put_fences(t->followup, db);
        worklist_lease_store_put_lock(db, &f);
        db_run(db, on_locked, t);
    }
}

static void find(void *ctx, struct db *db)
{
    struct worklist_take *t = ctx;
    struct db_array buckets;
    followup_list_buckets(t->followup, &buckets);
    const struct worklist_search search = {
        .buckets = &buckets,
        .now_us = service_now_us(t->followup->service),
        .staff = t->staff,
        .branch = t->branch,
    };
    worklist_lease_store_put_listed(db, &search);
    db_array_free(&buckets);
    db_run(db, on_found, t);
}

void worklist_listed_begin(struct worklist_take *t)
{
    followup_talk_begin(&t->talk, find, t);
}

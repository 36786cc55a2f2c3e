/* SPDX-License-Identifier: Apache-2.0 */
/*
 * followup_explain.c - reads the follow-up with its history, then what arbitration asks about it,
 * and puts the same question that the scheduler would put now: by the rule that planned it, within
 * the limits of the rules that were taken into use last.
 */
#include "services/cli/followup_explain.h"

#include <stdio.h>
#include <stdlib.h>

#include <jansson.h>

#include "common/base/compiler.h"
#include "common/base/instant.h"
#include "common/base/text.h"
#include "common/base/xalloc.h"
#include "common/domain/identifier.h"
#include "common/store/arbitration_facts.h"
#include "event.pb-c.h"
#include "intake.pb-c.h"
#include "services/cli/cli_table.h"
#include "services/cli/followup_explain_store.h"
#include "services/cli/followup_reasons.h"
#include "services/cli/operator_session.h"

enum {
    PLANNED = TROTH__V1__FOLLOW_UP_STATE__FOLLOW_UP_STATE_PLANNED,
    CLAIMED = TROTH__V1__FOLLOW_UP_STATE__FOLLOW_UP_STATE_CLAIMED,
};

/* What outlives the rows of the first answer: all of it. */
struct explained {
    int64_t number;
    json_t *json;    /* what is printed, one way or the other */
    bool is_waiting; /* planned or claimed: there is a verdict as of now */
    struct arbitration_subject subject;
    struct arbitration_facts facts;
    struct rulebook *rules, *limits;
    char *occurrence, *branch;
    int64_t now_us;
};

/* ---- words */

static json_t *instant(const struct db_rows *r, size_t row, int column)
{
    char text[INSTANT_TEXT_SIZE];
    return db_is_null(r, row, column)
               ? json_null()
               : json_string(instant_format(db_get_time(r, row, column), text));
}

static json_t *identifier(enum identifier_kind kind, int64_t number)
{
    char text[IDENTIFIER_TEXT_SIZE];
    return number ? json_string(identifier_format(kind, number, text)) : json_null();
}

static json_t *word(const ProtobufCEnumDescriptor *type, int64_t value)
{
    char text[CLI_NAME_SIZE];
    return json_string(cli_enum_text(type, (int)value, text));
}

static void set(json_t *object, const char *name, json_t *value)
{
    (void)json_object_set_new(object, name, value);
}

static void set_reason(json_t *object, const char *reason)
{
    set(object, "reason", json_string(reason));
    if (followup_reason_words(reason)[0]) {
        set(object, "because", json_string(followup_reason_words(reason)));
    }
}

/* ---- reading */

static json_t *row_to_json(const struct db_rows *r, int64_t number)
{
    json_t *o = json_object();
    set(o, "follow_up", identifier(IDENTIFIER_FOLLOW_UP, number));
    set(o, "state", word(&troth__v1__follow_up_state__descriptor, db_get_int(r, 0, EXPLAIN_STATE)));
    set_reason(o, db_get_text(r, 0, EXPLAIN_REASON));
    set(o, "customer", identifier(IDENTIFIER_CUSTOMER, db_get_int(r, 0, EXPLAIN_CUSTOMER)));
    set(o, "case", identifier(IDENTIFIER_CASE, db_get_int(r, 0, EXPLAIN_CASE)));
    set(o, "rule", json_string(db_get_text(r, 0, EXPLAIN_RULE)));
    set(o, "rule_version", json_integer(db_get_int(r, 0, EXPLAIN_RULE_VERSION)));
    set(o, "rule_hash", json_string(db_get_text(r, 0, EXPLAIN_RULE_HASH)));
    set(o, "trigger",
        word(&troth__v1__follow_up_trigger__descriptor, db_get_int(r, 0, EXPLAIN_TRIGGER)));
    set(o, "occurrence", json_string(db_get_text(r, 0, EXPLAIN_OCCURRENCE)));
    set(o, "purpose", word(&troth__v1__purpose__descriptor, db_get_int(r, 0, EXPLAIN_PURPOSE)));
    set(o, "priority", json_integer(db_get_int(r, 0, EXPLAIN_PRIORITY)));
    set(o, "channel", word(&troth__v1__channel__descriptor, db_get_int(r, 0, EXPLAIN_CHANNEL)));
    set(o, "planned", instant(r, 0, EXPLAIN_PLANNED_AT));
    set(o, "due", instant(r, 0, EXPLAIN_DUE_AT));
    set(o, "window_end", instant(r, 0, EXPLAIN_WINDOW_END_AT));
    set(o, "next_attempt", instant(r, 0, EXPLAIN_NEXT_ATTEMPT_AT));
    set(o, "ended", instant(r, 0, EXPLAIN_SETTLED_AT));
    if (!db_is_null(r, 0, EXPLAIN_MERGED_INTO)) {
        json_t *leader = json_object();
        set(leader, "follow_up",
            identifier(IDENTIFIER_FOLLOW_UP, db_get_int(r, 0, EXPLAIN_MERGED_INTO)));
        set(leader, "state",
            word(&troth__v1__follow_up_state__descriptor, db_get_int(r, 0, EXPLAIN_LEADER_STATE)));
        set_reason(leader, db_get_text(r, 0, EXPLAIN_LEADER_REASON));
        set(o, "merged_into", leader);
    }
    return o;
}

static json_t *history_to_json(const struct db_rows *r)
{
    json_t *list = json_array();
    for (size_t i = 0; i < db_row_count(r); i++) {
        int64_t outcome = db_get_int(r, i, EXPLAIN_OUTCOME);
        json_t *o = json_object();
        set(o, "at", instant(r, i, EXPLAIN_AT));
        set(o, "step", json_string(db_get_text(r, i, EXPLAIN_WHAT)));
        set_reason(o, db_get_text(r, i, EXPLAIN_WHY));
        set(o, "outcome",
            outcome ? word(&troth__v1__call_outcome__descriptor, outcome) : json_null());
        set(o, "until", instant(r, i, EXPLAIN_UNTIL));
        set(o, "other", identifier(IDENTIFIER_FOLLOW_UP, db_get_int(r, i, EXPLAIN_OTHER)));
        set(o, "dialer", json_string(db_get_text(r, i, EXPLAIN_WHO)));
        (void)json_array_append_new(list, o);
    }
    return list;
}

static json_t *covered_to_json(const struct db_rows *r)
{
    json_t *list = json_array();
    for (size_t i = 0; i < db_row_count(r); i++) {
        json_t *o = json_object();
        set(o, "follow_up", identifier(IDENTIFIER_FOLLOW_UP, db_get_int(r, i, EXPLAIN_COVERED)));
        set(o, "rule", json_string(db_get_text(r, i, EXPLAIN_COVERED_RULE)));
        set(o, "reason", json_string(db_get_text(r, i, EXPLAIN_COVERED_REASON)));
        (void)json_array_append_new(list, o);
    }
    return list;
}

static void keep_subject(const struct db_rows *r, struct explained *e)
{
    int64_t state = db_get_int(r, 0, EXPLAIN_STATE);
    e->is_waiting = state == PLANNED || state == CLAIMED;
    e->now_us = db_get_time(r, 0, EXPLAIN_NOW);
    e->occurrence = xstrdup(db_get_text(r, 0, EXPLAIN_OCCURRENCE));
    e->branch = xstrdup(db_get_text(r, 0, EXPLAIN_BRANCH));
    e->rules = rulebook_parse(db_get_text(r, 0, EXPLAIN_RULE_BODY), "rules", NULL);
    e->limits = rulebook_parse(db_get_text(r, 0, EXPLAIN_LIMITS_BODY), "rules", NULL);
    e->subject = (struct arbitration_subject){
        .number = e->number,
        .customer = db_get_int(r, 0, EXPLAIN_CUSTOMER),
        .service_case = db_get_int(r, 0, EXPLAIN_CASE),
        .subject = db_get_int(r, 0, EXPLAIN_SUBJECT),
        .occurrence = e->occurrence,
        .branch = e->branch,
        .trigger = (int32_t)db_get_int(r, 0, EXPLAIN_TRIGGER),
        .purpose = (int32_t)db_get_int(r, 0, EXPLAIN_PURPOSE),
        .priority = (int32_t)db_get_int(r, 0, EXPLAIN_PRIORITY),
        .channel = (int32_t)db_get_int(r, 0, EXPLAIN_CHANNEL),
        .attempts = (int32_t)db_get_int(r, 0, EXPLAIN_ATTEMPTS),
        .is_asked_for = db_get_int(r, 0, EXPLAIN_LAST_OUTCOME) ==
                        TROTH__V1__CALL_OUTCOME__CALL_OUTCOME_CALL_BACK,
        .due_us = db_get_time(r, 0, EXPLAIN_DUE_AT),
        .window_end_us = db_get_time(r, 0, EXPLAIN_WINDOW_END_AT),
        .is_historical = db_get_bool(r, 0, EXPLAIN_IS_HISTORICAL),
        .rule = e->rules ? rulebook_find(e->rules, db_get_text(r, 0, EXPLAIN_RULE)) : NULL,
    };
}

static int read_all(struct db *db, struct explained *e, struct err *err)
{
    followup_explain_store_ask(db, e->number);
    const struct db_reply *reply = db_run_wait(db);
    if (reply->outcome != DB_OK) {
        *err = reply->err;
        return -1;
    }
    if (db_row_count(reply->rows[0]) == 0) {
        return err_set(err, "follow_up_unknown", "there is no such follow-up");
    }
    e->json = row_to_json(reply->rows[0], e->number);
    set(e->json, "history", history_to_json(reply->rows[1]));
    set(e->json, "covers", covered_to_json(reply->rows[2]));
    keep_subject(reply->rows[0], e);
    return 0;
}

/* ---- now */

static struct arbitration_facts *find_facts(void *ctx, int64_t number)
{
    struct explained *e = ctx;
    return number == e->number ? &e->facts : NULL;
}

static json_t *verdict_to_json(const struct arbitration_verdict *v, const char *zone)
{
    static const char *const steps[] = {
        [ARBITRATION_CALL] = "call",   [ARBITRATION_MERGE] = "merge",
        [ARBITRATION_DEFER] = "defer", [ARBITRATION_SUPPRESS] = "suppress",
        [ARBITRATION_MISS] = "miss",   [ARBITRATION_LIST] = "list",
    };
    char until[INSTANT_TEXT_SIZE];
    json_t *o = json_object();
    set(o, "verdict", json_string(steps[v->step]));
    set_reason(o, v->reason ? v->reason : "");
    set(o, "until",
        v->step == ARBITRATION_DEFER ? json_string(instant_format(v->until_us, until))
                                     : json_null());
    set(o, "channel",
        v->step == ARBITRATION_CALL ? word(&troth__v1__channel__descriptor, v->channel)
                                    : json_null());
    set(o, "zone", json_string(zone));
    return o;
}

static void decide(struct explained *e, const struct db_rows *const *rows)
{
    const struct rulebook_limits *limits = rulebook_limits(e->limits);
    struct arbitration_question q;
    struct arbitration_verdict v;
    arbitration_facts_read(rows, find_facts, e);
    const char *name = e->facts.zone[0] ? e->facts.zone : limits->usual_zone;
    struct zone *zone = name ? zone_open(name, NULL) : NULL;
    for (size_t i = 0; i < arbitration_facts_attempt_count(rows); i++) {
        int64_t ordered_us;
        (void)arbitration_facts_get_attempt(rows, i, &ordered_us);
        arbitration_facts_count_attempt(&e->facts, zone, e->now_us, ordered_us);
    }
    arbitration_facts_ask(&e->subject, &e->facts, zone, e->now_us, &q);
    arbitrate(limits, &q, &v);
    set(e->json, "now", verdict_to_json(&v, zone ? name : "unknown"));
    zone_free(zone);
}

static int ask_now(struct db *db, struct explained *e, struct err *err)
{
    if (!e->is_waiting || !e->limits) {
        return 0;
    }
    arbitration_facts_put(db, &e->subject, 1, e->now_us);
    const struct db_reply *reply = db_run_wait(db);
    if (reply->outcome != DB_OK) {
        *err = reply->err;
        return -1;
    }
    decide(e, reply->rows);
    return 0;
}

/* ---- for people */

/* "-" for what is absent or empty. */
static const char *text_of(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));
    return text && text[0] ? text : "-";
}

static void print_history(const json_t *history)
{
    static const char *const titles[] = {"at",    "step",  "why",   "outcome",
                                         "until", "other", "dialer"};
    static const char *const names[] = {"at",    "step",  "reason", "outcome",
                                        "until", "other", "dialer"};
    struct cli_table table = {.titles = titles, .count = ARRAY_LEN(titles)};
    for (size_t i = 0; i < json_array_size(history); i++) {
        for (size_t k = 0; k < ARRAY_LEN(names); k++) {
            cli_table_add(&table, "%s", text_of(json_array_get(history, i), names[k]));
        }
    }
    if (table.cell_count > 0) {
        (void)puts("");
    }
    cli_table_print(&table, stdout);
}

static void print_now(const json_t *now)
{
    (void)printf("\nAsked now: %s", text_of(now, "verdict"));
    if (json_is_string(json_object_get(now, "channel"))) {
        (void)printf(" by %s", text_of(now, "channel"));
    }
    if (json_is_string(json_object_get(now, "until"))) {
        (void)printf(" until %s", text_of(now, "until"));
    }
    if (text_of(now, "reason")[0] != '-') {
        (void)printf(", %s: %s", text_of(now, "reason"), text_of(now, "because"));
    }
    (void)printf(" (zone %s)\n", text_of(now, "zone"));
}

static void print(const json_t *o)
{
    const json_t *leader = json_object_get(o, "merged_into");
    const json_t *covers = json_object_get(o, "covers");
    (void)printf("%s is %s", text_of(o, "follow_up"), text_of(o, "state"));
    if (text_of(o, "reason")[0] != '-') {
        (void)printf(": %s (%s)", text_of(o, "reason"), text_of(o, "because"));
    }
    (void)printf("\n  customer  %s, case %s\n", text_of(o, "customer"), text_of(o, "case"));
    (void)printf("  rule      %s of version %lld (%.12s), on %s, occurrence %s\n",
                 text_of(o, "rule"),
                 (long long)json_integer_value(json_object_get(o, "rule_version")),
                 text_of(o, "rule_hash"), text_of(o, "trigger"), text_of(o, "occurrence"));
    (void)printf("  how       %s, priority %lld, next by %s\n", text_of(o, "purpose"),
                 (long long)json_integer_value(json_object_get(o, "priority")),
                 text_of(o, "channel"));
    (void)printf("  planned   %s\n  due       %s, until %s\n", text_of(o, "planned"),
                 text_of(o, "due"), text_of(o, "window_end"));
    (void)printf("  next      %s\n  ended     %s\n", text_of(o, "next_attempt"),
                 text_of(o, "ended"));
    if (leader) {
        (void)printf("  covered   by %s, which is %s: %s\n", text_of(leader, "follow_up"),
                     text_of(leader, "state"), text_of(leader, "reason"));
    }
    for (size_t i = 0; i < json_array_size(covers); i++) {
        const json_t *one = json_array_get(covers, i);
        (void)printf("  covers    %s, rule %s\n", text_of(one, "follow_up"), text_of(one, "rule"));
    }
    print_history(json_object_get(o, "history"));
    if (json_object_get(o, "now")) {
        print_now(json_object_get(o, "now"));
    }
}

int followup_explain(const struct cli *cli, const char *database, const char *number)
{
    struct operator_session session = {.db = NULL};
    struct explained e = {.json = NULL};
    struct err err = ERR_NONE;
    int code = CLI_OK;
    if (identifier_parse(IDENTIFIER_FOLLOW_UP, number, &e.number, &err) < 0) {
        return cli_fail(cli, CLI_USAGE, &err);
    }
    if (operator_session_open(&session, cli, database, &err) < 0 ||
        read_all(session.db, &e, &err) < 0 || ask_now(session.db, &e, &err) < 0) {
        code = operator_session_failed(cli, &session, &err);
    } else if (cli->is_json) {
        cli_put_json(json_incref(e.json), stdout);
    } else {
        print(e.json);
    }
    operator_session_close(&session);
    rulebook_free(e.rules);
    rulebook_free(e.limits);
    free(e.occurrence);
    free(e.branch);
    json_decref(e.json);
    return code;
}

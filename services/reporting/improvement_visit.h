/* SPDX-License-Identifier: Apache-2.0 */
/*
 * improvement_visit.h - a request at the desk of improvements, from its arrival to its answer.
 *
 * Each goes from step to step on one connection. Functions that end a visit free it: do not touch
 * it afterwards.
 */
#ifndef TROTH_REPORTING_IMPROVEMENT_VISIT_H
#define TROTH_REPORTING_IMPROVEMENT_VISIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "common/base/zone.h"
#include "services/reporting/effect_store.h"
#include "services/reporting/improvement_desk.h"
#include "services/reporting/record_desk.h"
#include "services/reporting/warning_series.h"
#include "services/reporting/web_door.h"

enum {
    IMPROVEMENT_WORDS_SIZE = 501, /* the limit of intake */
};

struct improvement_visit {
    struct improvement_desk *desk;
    struct http_exchange *exchange;
    enum report_language language;
    char user_name[65];
    int64_t user;
    int64_t id;
    json_t *json; /* what was asked; NULL: nothing */
    struct improvement action;
    struct effect_window window;
    struct effect effect;
    char words[IMPROVEMENT_WORDS_SIZE];
    char day[REPORT_DAY_SIZE], value[WARNING_VALUE_SIZE]; /* of a warning */
    enum figure_dimension dimension;
    enum figure_measure measure;
    bool is_announcing;
    int status; /* of the answer */
    struct db *db;
    struct loop_timer *timer;
    struct improvement_visit *prev, *next;
};

struct improvement_desk {
    struct reporting *reporting;
    struct zone *zone;
    struct record_desk *records; /* NULL: nothing can be announced */
    struct improvement_visit *open;
    size_t open_count;
};

/* NULL: too many are worked on, and it was answered. */
struct improvement_visit *improvement_visit_begin(struct improvement_desk *d,
                                                  const struct web_request *request,
                                                  struct http_exchange *exchange);
/* The number in the path. False: the visit is over. */
bool improvement_visit_take_id(struct improvement_visit *v, const char *rest);
/* start gets a connection, and keeps it in v->db. */
void improvement_visit_submit(struct improvement_visit *v, db_start_fn *start);
/* The connection is not needed for now. */
void improvement_visit_release(struct improvement_visit *v);
/* False: the step did not work, and the visit is over. */
bool improvement_visit_is_ok(struct improvement_visit *v, const struct db_reply *reply);
/* The action as improvement_store_ask_one() found it. False: the visit is over. */
bool improvement_visit_take_action(struct improvement_visit *v, const struct db_reply *reply);
int64_t improvement_visit_now_us(const struct improvement_visit *v);

/* ---- ends */

/* Judges the effect of v->action, stores it, and answers how it stands now. */
void improvement_visit_judge(struct improvement_visit *v);
/* Answers how v->action stands now. */
void improvement_visit_show(struct improvement_visit *v);
/* Takes the reference over. */
void improvement_visit_answer(struct improvement_visit *v, json_t *json);
void improvement_visit_refuse(struct improvement_visit *v, const char *code, const char *text);
void improvement_visit_refuse_err(struct improvement_visit *v, const struct err *err);
/* Nobody is answered. */
void improvement_visit_drop(struct improvement_visit *v);

/* improvement_announce.c: handlers of routes; ctx is the desk. */
web_handler_fn improvement_on_announce, improvement_on_warning_seen;

#endif

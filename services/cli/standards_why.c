/* SPDX-License-Identifier: Apache-2.0 */
/*
 * standards_why.c - asks the standard itself (standard_explain.h) and puts the answer into words.
 *
 * Of a case the texts are sealed: which rule's words were found is known from the rule that the
 * case has. Of a record that is at hand nothing is sealed.
 */
#include "services/cli/standards_why.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "common/base/duration.h"
#include "common/base/instant.h"
#include "common/base/text.h"
#include "common/base/xalloc.h"
#include "common/domain/identifier.h"
#include "common/domain/standard_explain.h"
#include "event.pb-c.h"
#include "services/cli/cli_table.h"
#include "services/cli/record_input.h"
#include "services/cli/standards_store.h"
#include "services/cli/standards_text.h"

#define RECORD_BUDGET ((size_t)16 << 20)

/* What is explained. */
struct question {
    struct standard_request request;
    int64_t at_us;           /* the contact's instant: targets are counted from it */
    const char *subject;     /* "C-1234567-4", or the file */
    const char *version;     /* the hash of the standard */
    const char *category_by; /* who said the category: "words"; "" when it is not known */
    const char *note;        /* NULL: none */
    json_t *promises;        /* that were made, of a case; NULL: none were */
};

/* ---- one rule */

static const char *verdict_text(const struct standard_verdict *v, bool is_sealed, struct text *t)
{
    if (!v->condition) {
        text_append(t, "matches");
        if (v->wanted) {
            text_appendf(t, ": its words %s were found", v->wanted);
        }
    } else if (is_sealed && strcmp(v->condition, "tier") == 0 && !v->found) {
        text_appendf(t, "the customer was not known as %s when the case was opened", v->wanted);
    } else if (strcmp(v->condition, "words") != 0) {
        text_appendf(t, "%s is %s, not %s", v->condition, v->found ? v->found : "not known",
                     v->wanted);
    } else if (is_sealed) {
        text_append(t, "its words were not found when the case was opened");
    } else {
        text_appendf(t, "none of its words stands in the texts: %s", v->wanted);
    }
    return t->data;
}

static json_t *text_json(const char *text)
{
    return text ? json_string(text) : json_null();
}

static json_t *verdicts_json(const struct standard_explanation *e, bool is_sealed)
{
    json_t *list = json_array();

    for (size_t i = 0; i < e->count; i++) {
        const struct standard_verdict *v = &e->verdicts[i];
        struct text reason = {.data = NULL};

        json_array_append_new(list, json_pack("{s:s, s:b, s:o, s:o, s:o, s:s}", "rule", v->rule,
                                              "matches", v->condition == NULL, "condition",
                                              text_json(v->condition), "wanted",
                                              text_json(v->wanted), "found", text_json(v->found),
                                              "because", verdict_text(v, is_sealed, &reason)));
        text_free(&reason);
    }
    return list;
}

/* ---- what is promised */

static json_t *targets_json(const struct standard_decision *d, int64_t at_us)
{
    json_t *list = json_array();

    for (size_t i = 0; i < d->promise_count; i++) {
        const struct standard_promise *p = &d->promises[i];
        const int64_t due_us = calendar_after(p->calendar, at_us, p->target_us);

        json_array_append_new(
            list,
            json_pack("{s:s, s:I, s:s, s:o}", "kind", p->kind, "target_us",
                      (json_int_t)p->target_us, "calendar", calendar_name(p->calendar), "due_us",
                      due_us == CALENDAR_NEVER ? json_null() : json_integer(due_us)));
    }
    return list;
}

static void print_targets(const struct standard_decision *d, int64_t at_us)
{
    static const char *const titles[] = {"PROMISED", "WITHIN", "CALENDAR", "DUE WITHOUT A PAUSE"};
    struct cli_table table = {.titles = titles, .count = 4};

    for (size_t i = 0; i < d->promise_count; i++) {
        const struct standard_promise *p = &d->promises[i];
        const int64_t due_us = calendar_after(p->calendar, at_us, p->target_us);
        struct text within = {.data = NULL};
        char due[CLI_NAME_SIZE];

        standards_text_length(&within, p->target_us, p->calendar != NULL);
        cli_table_add(&table, "%s", p->kind);
        cli_table_add(&table, "%s", within.data);
        cli_table_add(&table, "%s", calendar_name(p->calendar));
        cli_table_add(&table, "%s",
                      due_us == CALENDAR_NEVER ? "never: its calendar has not so many hours"
                                               : cli_time_text(1, due_us, due));
        text_free(&within);
    }
    cli_table_print(&table, stdout);
}

static void print_promises(const json_t *promises)
{
    static const char *const titles[] = {"PROMISE", "KIND", "STATE", "DUE"};
    struct cli_table table = {.titles = titles, .count = 4};
    size_t i;
    const json_t *promise;

    (void)puts(json_array_size(promises) > 0 ? "\nWhat became of it" : "");
    json_array_foreach(promises, i, promise)
    {
        const json_t *due = json_object_get(promise, "due_us");
        char text[CLI_NAME_SIZE];

        cli_table_add(&table, "%s", json_string_value(json_object_get(promise, "number")));
        cli_table_add(&table, "%s", json_string_value(json_object_get(promise, "kind")));
        cli_table_add(&table, "%s", json_string_value(json_object_get(promise, "state")));
        cli_table_add(&table, "%s",
                      cli_time_text(json_is_integer(due), json_integer_value(due), text));
    }
    cli_table_print(&table, stdout);
}

/* ---- the answer */

static void print(const struct question *q, const struct standard_explanation *e, bool is_sealed)
{
    static const char *const titles[] = {"RULE", "WHY"};
    struct cli_table table = {.titles = titles, .count = 2};
    struct text ladder = {.data = NULL};
    struct text teams = {.data = NULL};

    (void)printf("%s under version %s\n\n", q->subject, q->version);
    for (size_t i = 0; i < e->count; i++) {
        struct text reason = {.data = NULL};

        cli_table_add(&table, "%s", e->verdicts[i].rule);
        cli_table_add(&table, "%s", verdict_text(&e->verdicts[i], is_sealed, &reason));
        text_free(&reason);
    }
    cli_table_print(&table, stdout);
    standards_text_ladder(&ladder, e->decision.ladder);
    standards_text_renegotiators(&teams, e->decision.ladder);
    (void)printf("\ncategory     %s%s%s\n", cli_text(q->request.category),
                 text_is_empty(q->category_by) ? "" : ", by ",
                 q->category_by ? q->category_by : "");
    (void)printf("priority     %d\nowner        %s\ntold         %s\nother dates  %s\n\n",
                 e->decision.priority, e->decision.owner_team, ladder.data, teams.data);
    print_targets(&e->decision, q->at_us);
    if (q->promises) {
        print_promises(q->promises);
    }
    if (q->note) {
        (void)printf("\n%s\n", q->note);
    }
    text_free(&ladder);
    text_free(&teams);
}

/* When what is stored of a case leads to another rule than the one it has. */
static const char *note_of_case(const struct standard *s, const struct standard_request *request,
                                const struct standard_decision *found)
{
    struct standard_decision d;

    if (!request->known_rule || strcmp(found->rule, request->known_rule) == 0) {
        return NULL;
    }
    return standard_find_rule(s, request->known_rule, NULL, &d)
               ? "The case has another rule: something that is not stored with it led there."
               : "The case has a rule of another version.";
}

static json_t *answer_json(const struct question *q, const struct standard_explanation *e,
                           bool is_sealed)
{
    json_t *all =
        json_pack("{s:s, s:s, s:s, s:o, s:i, s:s, s:o, s:o, s:o}", "subject", q->subject,
                  "standard", q->version, "rule", e->decision.rule, "category",
                  text_json(q->request.category), "priority", e->decision.priority, "owner_team",
                  e->decision.owner_team, "rules", verdicts_json(e, is_sealed), "promised",
                  targets_json(&e->decision, q->at_us), "note", text_json(q->note));

    if (q->promises) {
        json_object_set(all, "promises", q->promises);
    }
    return all;
}

/* Takes over q->promises. */
static void answer(const struct cli *cli, const struct standard *s, struct question *q)
{
    const bool is_sealed = !text_is_empty(q->request.known_rule);
    struct standard_explanation e = {.count = 0};

    standard_explain(s, &q->request, &e);
    q->version = standard_hash(s);
    if (is_sealed) {
        q->note = note_of_case(s, &q->request, &e.decision);
    }
    if (cli->is_json) {
        cli_put_json(answer_json(q, &e, is_sealed), stdout);
    } else {
        print(q, &e, is_sealed);
    }
    json_decref(q->promises);
    standard_explain_free(&e);
}

/* ---- a case */

/* Copies of what is in a row of the database, which ends with the next question. */
struct case_facts {
    const char *kind;
    char *texts[4]; /* channel, branch, category, rule */
    int asked_priority;
    char category_by[CLI_NAME_SIZE];
    int32_t standard_id;
    int64_t opened_us;
};

static int read_case(struct standards_access *a, int64_t number, struct case_facts *ret,
                     struct err *err)
{
    static const int columns[] = {STANDARDS_CASE_CHANNEL, STANDARDS_CASE_BRANCH,
                                  STANDARDS_CASE_CATEGORY, STANDARDS_CASE_RULE};
    const struct db_rows *rows;

    standards_store_ask_case(a->session.db, number);
    rows = standards_open_answer(a, err);
    if (!rows) {
        return -1;
    }
    if (db_row_count(rows) == 0) {
        return err_set(err, "case_unknown", "there is no such case");
    }
    ret->kind = standard_contact_kind((int)db_get_int(rows, 0, STANDARDS_CASE_KIND));
    for (size_t i = 0; i < ARRAY_LEN(columns); i++) {
        ret->texts[i] = xstrdup(db_get_text(rows, 0, columns[i]));
    }
    ret->asked_priority = (int)db_get_int(rows, 0, STANDARDS_CASE_ASKED_PRIORITY);
    cli_enum_text(&troth__v1__category_by__descriptor,
                  (int)db_get_int(rows, 0, STANDARDS_CASE_CATEGORY_BY), ret->category_by);
    ret->standard_id = (int32_t)db_get_int(rows, 0, STANDARDS_CASE_STANDARD);
    ret->opened_us = db_get_time(rows, 0, STANDARDS_CASE_OPENED_AT);
    return 0;
}

static json_t *read_promises(struct standards_access *a, int64_t number, struct err *err)
{
    const struct db_rows *rows;
    json_t *list = json_array();

    standards_store_ask_promises(a->session.db, number);
    rows = standards_open_answer(a, err);
    for (size_t i = 0; rows && i < db_row_count(rows); i++) {
        char text[IDENTIFIER_TEXT_SIZE];
        char state[CLI_NAME_SIZE];

        identifier_format(IDENTIFIER_PROMISE, db_get_int(rows, i, STANDARDS_PROMISE_NUMBER), text);
        cli_enum_text(&troth__v1__promise_state__descriptor,
                      (int)db_get_int(rows, i, STANDARDS_PROMISE_STATE), state);
        json_array_append_new(
            list, json_pack("{s:s, s:s, s:s, s:I, s:o}", "number", text, "kind",
                            db_get_text(rows, i, STANDARDS_PROMISE_KIND), "state", state, "made_us",
                            (json_int_t)db_get_time(rows, i, STANDARDS_PROMISE_MADE_AT), "due_us",
                            db_is_null(rows, i, STANDARDS_PROMISE_DUE_AT)
                                ? json_null()
                                : json_integer(db_get_time(rows, i, STANDARDS_PROMISE_DUE_AT))));
    }
    if (!rows) {
        json_decref(list);
        return NULL;
    }
    return list;
}

int standards_why_case(struct standards_access *a, const char *case_number)
{
    struct question q = {.at_us = 0};
    struct case_facts c = {.texts = {NULL}};
    struct err err = ERR_NONE;
    struct standard *s = NULL;
    char subject[IDENTIFIER_TEXT_SIZE];
    int64_t number;
    int code = CLI_OK;

    if (identifier_parse(IDENTIFIER_CASE, case_number, &number, &err) < 0) {
        return cli_fail(a->cli, CLI_USAGE, &err);
    }
    if (standards_open_database(a, &err) < 0 || read_case(a, number, &c, &err) < 0 ||
        !(s = standards_open_id(a, c.standard_id, &err)) ||
        !(q.promises = read_promises(a, number, &err))) {
        code = standards_open_failed(a, &err);
    } else {
        q.request = (struct standard_request){.kind = c.kind,
                                              .channel = c.texts[0],
                                              .branch = c.texts[1],
                                              .category = c.texts[2],
                                              .known_rule = c.texts[3],
                                              .asked_priority = c.asked_priority};
        q.category_by = c.category_by;
        q.at_us = c.opened_us;
        q.subject = identifier_format(IDENTIFIER_CASE, number, subject);
        answer(a->cli, s, &q);
    }
    for (size_t i = 0; i < ARRAY_LEN(c.texts); i++) {
        free(c.texts[i]);
    }
    standard_free(s);
    return code;
}

/* ---- a record */

static void take_contact(const struct standard *s, const Troth__V1__Contact *m, struct question *q)
{
    q->request.kind = m->has_kind ? standard_contact_kind((int)m->kind) : NULL;
    q->request.channel = m->channel;
    q->request.branch = m->branch;
    q->request.category = m->category;
    if (text_is_empty(m->category)) {
        q->request.category =
            standard_category_by_words(s, q->request.texts, q->request.text_count);
        q->note = q->request.category
                      ? "The category was found by the words of the standard; where a model was "
                        "trained (troth triage), that one is asked first."
                      : "The record says no category, and no words of the standard do; where a "
                        "model was trained (troth triage), that one may.";
    }
}

static int explain_record(struct standards_access *a, const Troth__V1__Record *record,
                          const char *path, const char *standard, const char *tier)
{
    struct question q = {.subject = path,
                         .at_us = record->has_occurred_us ? record->occurred_us : instant_now_us()};
    const Troth__V1__Contact *m = record->contact;
    const char *texts[] = {m->subject, m->body};
    struct err err = ERR_NONE;
    struct standard *s = standards_open(a, standard, &err);

    if (!s) {
        return standards_open_failed(a, &err);
    }
    q.request.texts = texts;
    q.request.text_count = ARRAY_LEN(texts);
    q.request.tier = tier;
    take_contact(s, m, &q);
    answer(a->cli, s, &q);
    standard_free(s);
    return CLI_OK;
}

int standards_why_record(struct standards_access *a, const char *path, const char *standard,
                         const char *tier)
{
    struct err err = ERR_NONE;
    struct arena *arena = arena_new(RECORD_BUDGET);
    const Troth__V1__Record *record = record_input_json(path, arena, &err);
    int code;

    if (!record) {
        code = cli_fail(a->cli, CLI_USAGE, &err);
    } else if (record->body_case != TROTH__V1__RECORD__BODY_CONTACT) {
        code = cli_wrong_usage(a->cli, "%s has no contact: only contacts open cases", path);
    } else {
        code = explain_record(a, record, path, standard, tier);
    }
    arena_free(arena);
    return code;
}

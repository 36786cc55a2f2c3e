/* SPDX-License-Identifier: Apache-2.0 */
#include "services/followup/answer_records.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "common/base/text.h"
#include "common/runtime/message_json.h"
#include "intake.pb-c.h"

#define THIS_TIME    TROTH__V1__DIAL_REFUSAL__DIAL_REFUSAL_THIS_TIME
#define THIS_PURPOSE TROTH__V1__DIAL_REFUSAL__DIAL_REFUSAL_THIS_PURPOSE
#define EVERYTHING   TROTH__V1__DIAL_REFUSAL__DIAL_REFUSAL_EVERYTHING

enum {
    SAID_MAX = 5
};

static struct questionnaire *sample;

enum conversation {
    RESOLVED = 0, /* a resolved case, and the compensation of another one */
    BIRTHDAY,     /* no case at all */
    NOT_SETTLED,  /* a resolved case without a promise that the customer has a word about */
};

static struct agenda agenda_of(enum conversation kind)
{
    struct agenda a = {.count = kind == RESOLVED ? 2 : 1};
    struct agenda_reason resolved = {.follow_up = 572,
                                     .customer = 1084,
                                     .service_case = 2108,
                                     .case_priority = 3,
                                     .resolution = 3132,
                                     .purpose = 2,
                                     .script = "case_resolved"};
    struct agenda_reason compensation = {.follow_up = 828,
                                         .customer = 1084,
                                         .service_case = 2364,
                                         .purpose = 1,
                                         .script = "compensation"};
    struct agenda_reason birthday = {
        .follow_up = 572, .customer = 1084, .purpose = 3, .script = "birthday"};
    if (kind == NOT_SETTLED) {
        resolved.resolution = 0;
        resolved.case_priority = 2;
    }
    a.reasons[0] = kind == BIRTHDAY ? birthday : resolved;
    a.reasons[1] = compensation;
    return a;
}

/* ---- what was told, and the records that come of it: ' stands for " */

#define ANY       (-1) /* no value */
#define WHO       "'customer_number':'K-1084-7'"
#define OF_CASE   "'case_number':'C-2108-4'"
#define FOLLOW_UP "'follow_up_number':'F-572-4'"
#define AT(key)   "'key':'F-572-4/2/" key "','occurred_us':777,"

struct row {
    const char *name;
    enum conversation conversation;
    struct {
        const char *code;
        int32_t instrument, value;
        const char *comment;
    } said[SAID_MAX];
    int32_t refusal;
    const char *note, *new_phone, *language;
    const char *records;
};

/* clang-format off */
static const struct row rows[] = {
    {.name = "nothing", .records = ""},
    {.name = "a refusal for now", .refusal = THIS_TIME, .records = ""},
    {.name = "csat with a comment", .said = {{"csat", 1, 4, "not bad"}},
     .records = "{" AT("csat") "'survey_answer':{" WHO "," OF_CASE
                ",'instrument':'csat','value':4,'comment':'not bad'," FOLLOW_UP "}}\n"},
    {.name = "nps of a customer, about no case",
     .conversation = BIRTHDAY, .said = {{"nps", 2, 0, NULL}},
     .records = "{" AT("nps") "'survey_answer':{" WHO ",'instrument':'nps','value':0," FOLLOW_UP
                "}}\n"},
    {.name = "a question of our own is of the reason that asks it",
     .said = {{"arrived", 5, 1, NULL}},
     .records = "{" AT("arrived") "'survey_answer':{" WHO
                ",'case_number':'C-2364-1','instrument':'own','value':1,"
                "'follow_up_number':'F-828-5','question':'arrived'}}\n"},
    {.name = "words without a value", .said = {{"csat", 1, ANY, "no idea"}},
     .records = "{" AT("csat") "'survey_answer':{" WHO "," OF_CASE
                ",'instrument':'own','comment':'no idea'," FOLLOW_UP ",'question':'csat'}}\n"},
    {.name = "items of SERVQUAL are one record",
     .said = {{"servqual_5_expectation", 4, 7, NULL},
              {"servqual_22_perception", 4, 3, NULL},
              {"servqual_5_perception", 4, 2, NULL}},
     .records = "{" AT("servqual") "'survey_answer':{" WHO "," OF_CASE ",'instrument':'servqual',"
                FOLLOW_UP ",'items':[{'dimension':'reliability','item':5,'expectation':7,"
                "'perception':2},{'dimension':'empathy','item':22,'perception':3}]}}\n"},
    {.name = "solved", .said = {{"solved", 0, 1, NULL}},
     .records = "{" AT("solved-1-word") "'promise_update':{'promise_number':'P-3132-9',"
                "'action':'confirmed'}}\n"},
    {.name = "not solved: the note goes with the reopening", .said = {{"solved", 0, 0, NULL}},
     .note = "still leaks",
     .records = "{" AT("solved-1-word") "'promise_update':{'promise_number':'P-3132-9',"
                "'action':'disputed'}}\n"
                "{" AT("solved-2-reopened") "'case_update':{" OF_CASE
                ",'action':'reopened','note':'still leaks'}}\n"
                "{" AT("solved-3-urgent") "'case_update':{" OF_CASE
                ",'action':'reclassified','priority':2}}\n"},
    {.name = "not solved, and nobody promised to: urgent for what was high already",
     .conversation = NOT_SETTLED,
     .said = {{"solved", 0, 0, "no!"}},
     .records = "{" AT("solved-2-reopened") "'case_update':{" OF_CASE
                ",'action':'reopened','note':'no!'}}\n"
                "{" AT("solved-3-urgent") "'case_update':{" OF_CASE
                ",'action':'reclassified','priority':1}}\n"},
    {.name = "solved, without a promise: nothing to confirm, only an answer",
     .conversation = NOT_SETTLED, .said = {{"solved", 0, 1, NULL}},
     .records = "{" AT("solved") "'survey_answer':{" WHO "," OF_CASE ",'instrument':'own','value':1,"
                FOLLOW_UP ",'question':'solved'}}\n"},
    {.name = "solved is said of no case",
     .conversation = BIRTHDAY, .said = {{"solved", 0, 0, NULL}},
     .records = "{" AT("solved") "'survey_answer':{" WHO ",'instrument':'own','value':0,"
                FOLLOW_UP ",'question':'solved'}}\n"},
    {.name = "a value that solved does not have", .said = {{"solved", 0, 7, NULL}},
     .records = "{" AT("solved") "'survey_answer':{" WHO "," OF_CASE ",'instrument':'own','value':7,"
                FOLLOW_UP ",'question':'solved'}}\n"},
    {.name = "neither yes nor no, in words", .said = {{"solved", 0, ANY, "partly"}},
     .records = "{" AT("solved") "'survey_answer':{" WHO "," OF_CASE ",'instrument':'own',"
                "'comment':'partly'," FOLLOW_UP ",'question':'solved'}}\n"},
    {.name = "solved, and words to it", .said = {{"solved", 0, 1, "at last"}},
     .records = "{" AT("solved-1-word") "'promise_update':{'promise_number':'P-3132-9',"
                "'action':'confirmed'}}\n"
                "{" AT("solved") "'survey_answer':{" WHO "," OF_CASE ",'instrument':'own',"
                "'comment':'at last'," FOLLOW_UP ",'question':'solved'}}\n"},
    {.name = "not solved, with words beside the note", .conversation = NOT_SETTLED,
     .said = {{"solved", 0, 0, "no!"}}, .note = "still leaks",
     .records = "{" AT("solved-2-reopened") "'case_update':{" OF_CASE
                ",'action':'reopened','note':'still leaks'}}\n"
                "{" AT("solved-3-urgent") "'case_update':{" OF_CASE
                ",'action':'reclassified','priority':1}}\n"
                "{" AT("solved") "'survey_answer':{" WHO "," OF_CASE ",'instrument':'own',"
                "'comment':'no!'," FOLLOW_UP ",'question':'solved'}}\n"},
    {.name = "a note", .note = "talked about tyres",
     .records = "{" AT("case-note") "'case_update':{" OF_CASE
                ",'action':'note','note':'talked about tyres'}}\n"},
    {.name = "a note about no case", .conversation = BIRTHDAY, .note = "was pleased",
     .records = "{" AT("own-note") "'survey_answer':{" WHO ",'instrument':'own',"
                "'comment':'was pleased'," FOLLOW_UP ",'question':'note'}}\n"},
    {.name = "not for this purpose", .refusal = THIS_PURPOSE,
     .records = "{" AT("customer-consent") "'consent':{" WHO
                ",'consents':[{'purpose':'survey','is_given':false}]}}\n"},
    {.name = "no calls at all, said before anything else", .said = {{"csat", 1, 1, NULL}},
     .refusal = EVERYTHING,
     .records = "{" AT("customer-consent") "'consent':{" WHO ",'do_not_call':true}}\n"
                "{" AT("csat") "'survey_answer':{" WHO "," OF_CASE
                ",'instrument':'csat','value':1," FOLLOW_UP "}}\n"},
    {.name = "another number", .new_phone = "+8613800000001",
     .records = "{" AT("customer-phone") "'customer_profile':{'phone':'+8613800000001'," WHO
                "}}\n"},
    {.name = "a number is not lost with a language that is none", .new_phone = "+8613800000001",
     .language = "Mandarin, please",
     .records = "{" AT("customer-phone") "'customer_profile':{'phone':'+8613800000001'," WHO
                "}}\n"
                "{" AT("customer-language") "'customer_profile':{'language':'Mandarin, please',"
                WHO "}}\n"},
    {.name = "another language", .conversation = BIRTHDAY, .language = "zh-CN",
     .records = "{" AT("customer-language") "'customer_profile':{'language':'zh-CN'," WHO "}}\n"},
};
/* clang-format on */

static char *note_down(char room[64], const char *text)
{
    (void)text_copy(room, 64, text ? text : "");
    return text ? room : NULL;
}

/* As a dialer would say it. */
static void tell(const struct row *row, struct call_told *ret)
{
    Troth__V1__DialResult result = TROTH__V1__DIAL_RESULT__INIT;
    Troth__V1__DialedAnswer answers[SAID_MAX];
    Troth__V1__DialedAnswer *list[SAID_MAX];
    char texts[2 * SAID_MAX + 3][64];
    size_t used = 0;
    for (size_t i = 0; i < SAID_MAX && row->said[i].code; i++) {
        troth__v1__dialed_answer__init(&answers[i]);
        answers[i].code = note_down(texts[used++], row->said[i].code);
        answers[i].comment = note_down(texts[used++], row->said[i].comment);
        answers[i].has_instrument = row->said[i].instrument > 0;
        answers[i].instrument = (Troth__V1__SurveyInstrument)row->said[i].instrument;
        answers[i].has_value = row->said[i].value != ANY;
        answers[i].value = row->said[i].value;
        list[i] = &answers[i];
        result.n_answers++;
    }
    result.answers = list;
    result.refusal = (Troth__V1__DialRefusal)row->refusal;
    result.note = note_down(texts[used++], row->note);
    result.new_phone = note_down(texts[used++], row->new_phone);
    result.language = note_down(texts[used++], row->language);
    call_told_copy(&result, ret);
}

static void append_record(struct text *t, struct bytes packed)
{
    Troth__V1__Record *r = troth__v1__record__unpack(NULL, packed.len, packed.data);
    assert_non_null(r);
    json_t *json = message_to_json(&r->base);
    char *line = json_dumps(json, JSON_COMPACT);
    text_appendf(t, "%s\n", line);
    free(line);
    json_decref(json);
    troth__v1__record__free_unpacked(r, NULL);
}

static void check(const struct row *row)
{
    const struct agenda agenda = agenda_of(row->conversation);
    const struct answer_call call = {
        .agenda = &agenda, .questionnaire = sample, .attempt = 2, .ended_us = 777};
    struct answer_record records[ANSWER_RECORDS_MAX];
    struct buffer packed = {.data = NULL};
    struct text got = {.data = NULL}, wanted = {.data = NULL};
    struct call_told told;
    tell(row, &told);
    size_t count = answer_records_make(&call, &told, &packed, records);
    for (size_t i = 0; i < count; i++) {
        append_record(&got, (struct bytes){packed.data + records[i].offset, records[i].len});
        assert_non_null(strstr(got.data, records[i].key));
    }
    text_append(&wanted, row->records);
    for (char *at = wanted.data; at && *at; at++) {
        if (*at == '\'') {
            *at = '"';
        }
    }
    if (strcmp(text_or_empty(&got), text_or_empty(&wanted)) != 0) {
        fail_msg("%s:\n%snot\n%s", row->name, text_or_empty(&got), text_or_empty(&wanted));
    }
    assert_int_equal(count > 0, !call_told_is_empty(&told) && row->records[0]);
    call_told_free(&told);
    buffer_free(&packed);
    text_free(&got);
    text_free(&wanted);
}

static void each_thing_that_is_told_becomes_its_records(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        check(&rows[i]);
    }
}

static void keys_fit_whatever_the_number_and_the_code(void **state)
{
    struct agenda agenda = agenda_of(RESOLVED);
    const struct answer_call call = {.agenda = &agenda, .attempt = INT32_MAX, .ended_us = 777};
    struct call_told_answer answer = {
        .code = "abcdefghijklmnopqrstuvwxyz_1", .instrument = 5, .has_value = true};
    const struct call_told told = {.answers = &answer, .answer_count = 1};
    struct answer_record records[ANSWER_RECORDS_MAX];
    struct buffer packed = {.data = NULL};
    (void)state;
    agenda.reasons[0].follow_up = INT64_MAX;
    assert_int_equal(answer_records_make(&call, &told, &packed, records), 1);
    assert_true(strlen(records[0].key) <= 64);
    assert_non_null(strstr(records[0].key, "/abcdefghijklmnopqrstuvwxyz_1"));
    buffer_free(&packed);
}

static int set_up(void **state)
{
    struct err err = ERR_NONE;
    (void)state;
    sample = questionnaire_load("deploy/config/questionnaire.conf", &err);
    return sample ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    questionnaire_free(sample);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_thing_that_is_told_becomes_its_records),
        cmocka_unit_test(keys_fit_whatever_the_number_and_the_code),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}

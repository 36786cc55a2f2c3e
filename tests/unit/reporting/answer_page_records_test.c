/* SPDX-License-Identifier: Apache-2.0 */
#include "services/reporting/answer_page_records.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "common/base/compiler.h"
#include "common/base/text.h"
#include "common/runtime/message_json.h"

enum {
    CSAT,
    SOLVED,
    EXPECTED,
    FELT,
    ARRIVED,
    ASKED
};

/* Two cases in one conversation, and a question about neither. */
static const struct answer_link asked = {
    .key = "F-572-4/1",
    .items = {[CSAT] = {"csat", 1, 1, 5, 0, "?"},
              [SOLVED] = {"solved", 0, 0, 1, 2364, "?"},
              [EXPECTED] = {"servqual_5_expectation", 4, 1, 7, 2364, "?"},
              [FELT] = {"servqual_5_perception", 4, 1, 7, 2364, "?"},
              [ARRIVED] = {"arrived", 5, 0, 1, 2108, "?"}},
    .item_count = ASKED,
};

static const struct answer_page_subjects subjects = {
    .follow_up = {.follow_up = 572,                                                               .customer = 1084},
    .cases = {{.follow_up = 572, .customer = 1084, .service_case = 2108, .case_priority = 4},
                  {572, 1084, 2364, 3132, 2}                                                                      },
    .case_count = 2,
};

#define WHO       "'customer_number':'K-1084-7'"
#define FOLLOW_UP "'follow_up_number':'F-572-4'"
#define AT(key)   "'key':'F-572-4/1/" key "','occurred_us':777,"

/* ' stands for ", -1: not answered */
static const struct row {
    int value[ASKED];
    const char *comment, *records;
} rows[] = {
    {.value = {-1, -1, -1, -1, -1}, .comment = "", .records = ""                              },
    {.value = {4, -1, -1, -1, 1},
     .comment = "fine",
     .records =
         "{" AT("csat") "'survey_answer':{" WHO ",'instrument':'csat','value':4,"
                        "'comment':'fine'," FOLLOW_UP "}}\n"
                        "{" AT("arrived") "'survey_answer':{" WHO ",'case_number':'C-2108-4',"
                                          "'instrument':'own','value':1," FOLLOW_UP
                                          ",'question':'arrived'}}\n"                         },
    {.value = {1, 0, -1, -1, -1},
     .comment = "leaks",
     .records = "{" AT(
         "csat") "'survey_answer':{" WHO ",'instrument':'csat','value':1," FOLLOW_UP "}}\n"
                 "{" AT(
                     "solved-1-word") "'promise_update':{'promise_number':'P-3132-9',"
                                      "'action':'disputed'}}\n"
                                      "{" AT(
                                          "solved-2-reopened") "'case_update':{'case_number':'C-"
                                                               "2364-1',"
                                                               "'action':'reopened','note':'leaks'}"
                                                               "}\n"
                                                               "{" AT(
                                                                   "solved-3-urgent") "'case_"
                                                                                      "update':{'"
                                                                                      "case_number'"
                                                                                      ":'C-2364-1',"
                                                                                      "'action':'"
                                                                                      "reclassified"
                                                                                      "','priority'"
                                                                                      ":1}}\n"},
    {.value = {-1, 1, 7, 2, -1},
     .comment = "",
     .records = "{" AT(
         "solved-1-word") "'promise_update':{'promise_number':'P-3132-9',"
                          "'action':'confirmed'}}\n"
                          "{" AT("servqual") "'survey_answer':{" WHO ",'case_number':'C-2364-1',"
                                             "'instrument':'servqual'," FOLLOW_UP
                                             ",'items':[{'dimension':'reliability',"
                                             "'item':5,'expectation':7,'perception':2}]}}\n"  },
    {.value = {-1, -1, -1, -1, -1},
     .comment = "only words",
     .records = "{" AT("case-note") "'case_update':{'case_number':'C-2108-4','action':'note',"
                                    "'note':'only words'}}\n"                                 },
};

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
    struct answer_form form = {.comment = ""};
    struct answer_page_list list = {.count = 0};
    struct text got = {.data = NULL};
    for (size_t i = 0; i < ASKED; i++) {
        form.has_value[i] = row->value[i] >= 0;
        form.value[i] = row->value[i];
    }
    (void)text_copy(form.comment, sizeof(form.comment), row->comment);
    answer_page_records(&asked, &form, &subjects, 777, &list);
    for (size_t i = 0; i < list.count; i++) {
        append_record(
            &got, (struct bytes){list.packed.data + list.records[i].offset, list.records[i].len});
        assert_non_null(strstr(got.data, list.records[i].key));
    }
    for (char *at = got.data; at && *at; at++) {
        if (*at == '"') {
            *at = '\'';
        }
    }
    assert_string_equal(text_or_empty(&got), row->records);
    answer_page_list_free(&list);
    text_free(&got);
}

static void answers_become_records_about_the_cases_of_their_questions(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        check(&rows[i]);
    }
}

static void without_a_case_words_are_an_answer_of_the_customer(void **state)
{
    static const struct answer_page_subjects nobody_s_case = {
        .follow_up = {.follow_up = 572, .customer = 1084}
    };
    const struct answer_form form = {.has_value = {[SOLVED] = true}, .comment = "hm"};
    struct answer_page_list list = {.count = 0};
    struct text got = {.data = NULL};
    (void)state;
    answer_page_records(&asked, &form, &nobody_s_case, 777, &list);
    assert_int_equal(list.count, 1);
    append_record(&got, (struct bytes){list.packed.data, list.records[0].len});
    assert_string_equal(got.data,
                        "{\"key\":\"F-572-4/1/solved\",\"occurred_us\":777,\"survey_answer\":{"
                        "\"customer_number\":\"K-1084-7\",\"instrument\":\"own\",\"value\":0,"
                        "\"comment\":\"hm\",\"follow_up_number\":\"F-572-4\",\"question\":"
                        "\"solved\"}}\n");
    answer_page_list_free(&list);
    text_free(&got);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers_become_records_about_the_cases_of_their_questions),
        cmocka_unit_test(without_a_case_words_are_an_answer_of_the_customer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

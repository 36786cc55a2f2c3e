/* SPDX-License-Identifier: Apache-2.0 */
#include "services/reporting/progress_records.h"

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
#include "common/base/xalloc.h"
#include "common/runtime/message_json.h"

#define ORDER "page-AbCdEfGhIjKlMnOp"
#define CASE  "'case_number':'C-2364-1'"
#define AT    ",'occurred_us':777,"

/* ' stands for ". Bases and instants are in hex in the keys. */
static const struct row {
    enum progress_deed deed;
    int64_t basis, at_us;
    const char *comment;
    const char *records;
} rows[] = {
    {PROGRESS_EXPECT,   77, INT64_C(5000000000), "",
     "{'key':'" ORDER "/expect-4d-1388'" AT "'expectation':{" CASE
     ",'expectation_ref':'progress_page','expected_us':5000000000,'is_confirmed':true}}\n"},
    {PROGRESS_UNSOLVED, 1,  0,                   "leaks",
     "{'key':'" ORDER "/1/solved-1-word'" AT "'promise_update':{'promise_number':'P-3132-9',"
     "'action':'disputed'}}\n"
     "{'key':'" ORDER "/1/solved-2-reopened'" AT "'case_update':{" CASE
     ",'action':'reopened','note':'leaks'}}\n"
     "{'key':'" ORDER "/1/solved-3-urgent'" AT "'case_update':{" CASE
     ",'action':'reclassified','priority':2}}\n"                                          },
    {PROGRESS_SURVEY,   1,  0,                   "fine",
     "{'key':'" ORDER "/1/csat'" AT "'survey_answer':{'customer_number':'K-1084-7'," CASE
     ",'instrument':'csat','value':4,'comment':'fine'}}\n"                                },
    {PROGRESS_CALL,     1,  INT64_C(3600000000), "",
     "{'key':'case-93c/call-a0'" AT "'promise_given':{" CASE
     ",'promise_ref':'case-93c/call-a0','kind':'callback','words':'A call between Thu 1 Jan 1970, "
     "01:00 and 02:00, as "
     "asked for on the progress page','due_us':7200000000}}\n"                            },
};

static void print(const struct answer_page_list *list, struct text *out)
{
    for (size_t i = 0; i < list->count; i++) {
        const struct answer_record *r = &list->records[i];
        Troth__V1__Record *record =
            troth__v1__record__unpack(NULL, r->len, list->packed.data + r->offset);
        assert_non_null(record);
        assert_string_equal(record->key, r->key);
        assert_true(strlen(r->key) <= 64);
        json_t *json = message_to_json(&record->base);
        char *line = json_dumps(json, JSON_COMPACT);
        text_appendf(out, "%s\n", line);
        free(line);
        json_decref(json);
        troth__v1__record__free_unpacked(record, NULL);
    }
    for (char *at = out->data; at && *at; at++) {
        if (*at == '"') {
            *at = '\'';
        }
    }
}

static struct progress_post *make_post(const struct row *row)
{
    struct progress_post *post = xcalloc(1, sizeof(*post));
    bool is_survey = row->deed == PROGRESS_SURVEY;
    post->deed = row->deed;
    post->basis = row->basis;
    post->at_us = row->at_us;
    post->asked.item_count = 1;
    post->asked.items[0] = is_survey ? (struct answer_link_item){"csat", 1, 1, 5, 2364, "?"}
                                     : (struct answer_link_item){"solved", 0, 0, 1, 2364, "?"};
    post->form.has_value[0] = true;
    post->form.value[0] = is_survey ? 4 : 0;
    (void)text_copy(post->form.comment, sizeof(post->form.comment), row->comment);
    return post;
}

static void what_is_said_becomes_records_with_keys_of_the_link(void **state)
{
    struct progress_case *c = xcalloc(1, sizeof(*c));
    (void)state;
    c->number = 2364;
    c->customer = 1084;
    c->resolution = 3132;
    c->last_call = 160;
    c->priority = 3;
    c->now_us = 777;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct progress_post *post = make_post(&rows[i]);
        struct answer_page_list list = {.count = 0};
        struct text out = {0};
        progress_records(c, ORDER, NULL, post, &list);
        print(&list, &out);
        assert_string_equal(text_or_empty(&out), rows[i].records);
        text_free(&out);
        answer_page_list_free(&list);
        free(post);
    }
    free(c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_said_becomes_records_with_keys_of_the_link)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

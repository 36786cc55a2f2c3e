/* SPDX-License-Identifier: Apache-2.0 */
#include "services/followup/worklist_story_store.h"

#include <ctype.h>
#include <string.h>

#include "common/base/text.h"
#include "common/domain/identifier.h"
#include "common/runtime/message_field.h"
#include "event.pb-c.h"
#include "intake.pb-c.h"
#include "services/followup/followup_states.h"

/* Of the states of cases 1 to 4 are open and 7 is void; of those of promises 1, 2 and 5 ask for
 * something. */
static const struct db_query story = {
    "worklist_story_store",
    "(SELECT 'case' AS kind, c.number AS number, coalesce(c.category, '') AS what,"
    " c.state::int4 AS state, c.opened_at AS at, NULL::timestamptz AS due"
    " FROM intake.service_case_public AS c"
    " WHERE c.bucket = $1 AND c.customer_number = $2 AND c.state <> 7"
    " ORDER BY c.state < 5 DESC, c.opened_at DESC, c.number LIMIT 6)"
    " UNION ALL"
    " (SELECT 'promise', p.number, p.kind, p.state, p.made_at, p.due_at"
    " FROM intake.promise_public AS p WHERE p.bucket = $1 AND NOT p.is_void AND p.case_number IN"
    " (SELECT c.number FROM intake.service_case_public AS c"
    " WHERE c.bucket = $1 AND c.customer_number = $2)"
    " ORDER BY p.state IN (1, 2, 5) DESC, p.made_at DESC, p.number LIMIT 8)"
    " UNION ALL"
    " (SELECT 'call', a.follow_up_number, f.rule, a.outcome, a.ordered_at, NULL"
    " FROM followup.follow_up_attempt AS a JOIN followup.follow_up AS f"
    " ON f.bucket = a.bucket AND f.number = a.follow_up_number"
    " WHERE a.bucket = $1 AND a.customer_number = $2 AND a.state = 3"
    " ORDER BY a.ordered_at DESC, a.follow_up_number LIMIT 5)"
    " UNION ALL"
    " (SELECT 'answer', coalesce(s.follow_up_number, 0),"
    " coalesce(s.question, s.instrument::text), s.value, s.occurred_at, NULL"
    " FROM intake.survey_answer_public AS s"
    " WHERE s.bucket = $1 AND s.customer_number = $2 AND NOT s.is_void"
    " ORDER BY s.occurred_at DESC, s.number LIMIT 5)"
    " ORDER BY at DESC, kind, number",
    DB_ROWS,
};

void worklist_story_store_put(struct db *db, int64_t customer)
{
    struct db_params p = {.count = 0};
    db_put_int2(&p, identifier_bucket(customer));
    db_put_int8(&p, customer);
    db_query(db, &story, &p);
    db_params_free(&p);
}

/* The name of a value as people write it: "waiting_customer". */
static void put_name(const ProtobufCEnumDescriptor *type, int32_t value, char *ret, size_t size)
{
    const ProtobufCEnumValue *v = protobuf_c_enum_descriptor_get_value(type, value);
    (void)text_copy(ret, size, v ? message_enum_short_name(type, v) : "");
    for (char *c = ret; *c; c++) {
        *c = (char)tolower((unsigned char)*c);
    }
}

struct kind_row {
    const char *kind;
    enum identifier_kind number;
    const ProtobufCEnumDescriptor *states; /* NULL: a number */
};

/* kind, number, states */
static const struct kind_row kind_rows[] = {
    {"case",    IDENTIFIER_CASE,      &troth__v1__case_state__descriptor   },
    {"promise", IDENTIFIER_PROMISE,   &troth__v1__promise_state__descriptor},
    {"call",    IDENTIFIER_FOLLOW_UP, &troth__v1__call_outcome__descriptor },
    {"answer",  IDENTIFIER_FOLLOW_UP, NULL                                 },
};

static const struct kind_row *find_kind(const char *kind)
{
    size_t i = 0;
    while (i + 1 < ARRAY_LEN(kind_rows) && strcmp(kind_rows[i].kind, kind) != 0) {
        i++;
    }
    return &kind_rows[i];
}

/* An answer names its question, or the number of its instrument. */
static void read_what(const struct db_rows *r, size_t row, struct worklist_story_line *ret)
{
    int64_t instrument;
    const char *said = db_get_text(r, row, 2);
    if (strcmp(ret->kind, "answer") == 0 && text_to_int64(said, 1, 100, &instrument) == 0) {
        put_name(&troth__v1__survey_instrument__descriptor, (int32_t)instrument, ret->what,
                 sizeof(ret->what));
    } else {
        (void)text_copy(ret->what, sizeof(ret->what), said);
    }
}

void worklist_story_store_get(const struct db_rows *r, size_t row, struct worklist_story_line *ret)
{
    Troth__V1__StoryLine *line = &ret->line;
    int64_t number = db_get_int(r, row, 1);
    int32_t state = (int32_t)db_get_int(r, row, 3);
    *ret = (struct worklist_story_line){.kind = ""};
    troth__v1__story_line__init(line);
    (void)text_copy(ret->kind, sizeof(ret->kind), db_get_text(r, row, 0));
    const struct kind_row *kind = find_kind(ret->kind);
    (void)identifier_format(kind->number, number, ret->number);
    if (kind->states) {
        put_name(kind->states, state, ret->state, sizeof(ret->state));
    } else if (!db_is_null(r, row, 3)) {
        (void)text_format(ret->state, sizeof(ret->state), "%d", state);
    }
    line->kind = ret->kind;
    line->number = number ? ret->number : NULL;
    read_what(r, row, ret);
    line->what = ret->what[0] ? ret->what : NULL;
    line->state = ret->state[0] ? ret->state : NULL;
    line->has_at_us = true;
    line->at_us = db_get_time(r, row, 4);
    line->due_us = db_get_time(r, row, 5);
    line->has_due_us = line->due_us != FOLLOW_UP_NEVER;
}

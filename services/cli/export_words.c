/* SPDX-License-Identifier: Apache-2.0 */
#include "services/cli/export_words.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "common/base/compiler.h"
#include "common/base/instant.h"
#include "common/domain/identifier.h"
#include "common/domain/rulebook_words.h"
#include "dialer.pb-c.h"
#include "event.pb-c.h"
#include "intake.pb-c.h"
#include "services/cli/cli_table.h"

#define WORDS(name) &troth__v1__##name##__descriptor

struct column {
    const char *section; /* NULL: of any that has no row of its own before */
    const char *name;
    char identifier; /* enum identifier_kind; 0: none */
    const ProtobufCEnumDescriptor *words;
};

/* One without either is left out. */
static const struct column columns[] = {
    {"follow_up_steps",    "other_number",       IDENTIFIER_FOLLOW_UP, NULL                       },
    {"follow_ups",         "merged_into",        IDENTIFIER_FOLLOW_UP, NULL                       },
    {"follow_ups",         "number",             IDENTIFIER_FOLLOW_UP, NULL                       },
    {"customers",          "number",             IDENTIFIER_CUSTOMER,  NULL                       },
    {"customers",          "merged_into",        IDENTIFIER_CUSTOMER,  NULL                       },
    {"cases",              "number",             IDENTIFIER_CASE,      NULL                       },
    {"promises",           "number",             IDENTIFIER_PROMISE,   NULL                       },
    {NULL,                 "customer_number",    IDENTIFIER_CUSTOMER,  NULL                       },
    {NULL,                 "other_number",       IDENTIFIER_CUSTOMER,  NULL                       },
    {NULL,                 "survivor_number",    IDENTIFIER_CUSTOMER,  NULL                       },
    {NULL,                 "merged_number",      IDENTIFIER_CUSTOMER,  NULL                       },
    {NULL,                 "case_number",        IDENTIFIER_CASE,      NULL                       },
    {NULL,                 "joined_case",        IDENTIFIER_CASE,      NULL                       },
    {NULL,                 "solved_like",        IDENTIFIER_CASE,      NULL                       },
    {NULL,                 "named_case",         IDENTIFIER_CASE,      NULL                       },
    {NULL,                 "promise_number",     IDENTIFIER_PROMISE,   NULL                       },
    {NULL,                 "replaces",           IDENTIFIER_PROMISE,   NULL                       },
    {NULL,                 "follow_up_number",   IDENTIFIER_FOLLOW_UP, NULL                       },
    {NULL,                 "bucket",             0,                    NULL                       },
    {NULL,                 "phone_handle",       0,                    NULL                       },
    {NULL,                 "email_handle",       0,                    NULL                       },
    {NULL,                 "ctid",               0,                    NULL                       },
    {"links",              "action",             0,                    WORDS(customer_link_action)},
    {"contacts",           "kind",               0,                    WORDS(contact_kind)        },
    {"contacts",           "origin",             0,                    WORDS(contact_origin)      },
    {"cases",              "kind",               0,                    WORDS(contact_kind)        },
    {"cases",              "state",              0,                    WORDS(case_state)          },
    {"cases",              "category_by",        0,                    WORDS(category_by)         },
    {"cases",              "mood",               0,                    WORDS(mood)                },
    {"case_events",        "action",             0,                    WORDS(case_action)         },
    {"case_events",        "from_state",         0,                    WORDS(case_state)          },
    {"case_events",        "to_state",           0,                    WORDS(case_state)          },
    {"case_classes",       "kind",               0,                    WORDS(contact_kind)        },
    {"case_classes",       "kind_before",        0,                    WORDS(contact_kind)        },
    {"case_classes",       "kind_after",         0,                    WORDS(contact_kind)        },
    {"case_classes",       "category_by_before", 0,                    WORDS(category_by)         },
    {"case_classes",       "category_by_after",  0,                    WORDS(category_by)         },
    {"promises",           "state",              0,                    WORDS(promise_state)       },
    {"promises",           "done_by",            0,                    WORDS(promise_done_by)     },
    {"promises",           "cause",              0,                    WORDS(break_cause)         },
    {"promise_events",     "action",             0,                    WORDS(promise_action)      },
    {"promise_events",     "from_state",         0,                    WORDS(promise_state)       },
    {"promise_events",     "to_state",           0,                    WORDS(promise_state)       },
    {"promise_events",     "cause",              0,                    WORDS(break_cause)         },
    {"compensations",      "kind",               0,                    WORDS(compensation_kind)   },
    {"answers",            "instrument",         0,                    WORDS(survey_instrument)   },
    {"answer_items",       "dimension",          0,                    WORDS(servqual_dimension)  },
    {"consent_statements", "purpose",            0,                    WORDS(purpose)             },
    {"consent_statements", "channel",            0,                    WORDS(channel)             },
    {"follow_ups",         "trigger",            0,                    WORDS(follow_up_trigger)   },
    {"follow_ups",         "purpose",            0,                    WORDS(purpose)             },
    {"follow_ups",         "channel",            0,                    WORDS(channel)             },
    {"follow_ups",         "state",              0,                    WORDS(follow_up_state)     },
    {"follow_ups",         "last_outcome",       0,                    WORDS(call_outcome)        },
    {"attempts",           "channel",            0,                    WORDS(channel)             },
    {"attempts",           "stage",              0,                    WORDS(dial_stage)          },
    {"attempts",           "outcome",            0,                    WORDS(call_outcome)        },
    {"bad_numbers",        "outcome",            0,                    WORDS(call_outcome)        },
    {"disclosures",        "kind",               0,                    WORDS(disclosure_kind)     },
};

static const struct column *find(const char *section, const char *name)
{
    for (size_t i = 0; i < ARRAY_LEN(columns); i++) {
        const struct column *c = &columns[i];
        if (strcmp(c->name, name) == 0 && (!c->section || strcmp(c->section, section) == 0)) {
            return c;
        }
    }
    return NULL;
}

static json_t *identifier_of(char kind, const json_t *value)
{
    char text[IDENTIFIER_TEXT_SIZE];
    return json_string(
        identifier_format((enum identifier_kind)kind, json_integer_value(value), text));
}

static json_t *word_of(const struct column *c, const json_t *value)
{
    const json_int_t number = json_integer_value(value);
    char text[CLI_NAME_SIZE];
    if (number == 0) {
        /* Nothing, every channel, or calls of every kind. */
        return strcmp(c->name, "channel") == 0 || strcmp(c->name, "purpose") == 0
                   ? json_string("every one")
                   : NULL;
    }
    return json_string(cli_enum_text(c->words, (int)number, text));
}

static bool is_instant(const char *name)
{
    const size_t len = strlen(name);
    return strcmp(name, "at") == 0 || (len > 3 && strcmp(name + len - 3, "_at") == 0);
}

/* "marketing", "survey/mail": bit (purpose + 8 * channel). */
static json_t *permissions_of(const json_t *value)
{
    json_t *list = json_array();
    for (int bit = 0; bit < 63; bit++) {
        const char *purpose = rulebook_word(RULEBOOK_PURPOSES, bit % 8);
        const char *channel = rulebook_word(RULEBOOK_CHANNELS, bit / 8);
        if (purpose && (json_integer_value(value) >> bit & 1)) {
            char text[CLI_NAME_SIZE];
            (void)snprintf(text, sizeof(text), "%s%s%s", purpose, channel ? "/" : "",
                           channel ? channel : "");
            (void)json_array_append_new(list, json_string(text));
        }
    }
    return list;
}

/* New reference; NULL: it is left out. */
static json_t *put_into_words(const char *section, const char *name, json_t *value)
{
    const struct column *c = find(section, name);
    int64_t us;
    char text[INSTANT_TEXT_SIZE];
    if (json_is_null(value)) {
        return NULL;
    }
    if (c && json_is_integer(value)) {
        return c->identifier ? identifier_of(c->identifier, value)
               : c->words    ? word_of(c, value)
                             : NULL;
    }
    if (strcmp(section, "customers") == 0 &&
        (strcmp(name, "consents") == 0 || strcmp(name, "refusals") == 0)) {
        return permissions_of(value);
    }
    if (json_is_string(value) && is_instant(name) &&
        instant_parse(json_string_value(value), &us) == 0) {
        return json_string(instant_format(us, text));
    }
    return c && !c->identifier && !c->words ? NULL : json_incref(value);
}

static void name_source(const json_t *sources, json_t *row)
{
    char id[CLI_NAME_SIZE];
    const json_t *value = json_object_get(row, "source_id");
    if (!json_is_integer(value)) {
        return;
    }
    (void)snprintf(id, sizeof(id), "%lld", (long long)json_integer_value(value));
    json_t *name = json_object_get(sources, id);
    if (name) {
        (void)json_object_set(row, "source", name);
        (void)json_object_del(row, "source_id");
    }
}

static void list_members(json_t *row)
{
    json_t *members = json_object_get(row, "members");
    for (size_t i = 0; i < json_array_size(members); i++) {
        (void)json_array_set_new(members, i,
                                 identifier_of(IDENTIFIER_CUSTOMER, json_array_get(members, i)));
    }
}

void export_words_row(const char *section, const json_t *sources, json_t *row)
{
    const char *name;
    json_t *value;
    void *next;
    json_object_foreach_safe(row, next, name, value)
    {
        json_t *words = put_into_words(section, name, value);
        if (words) {
            (void)json_object_set_new(row, name, words);
        } else {
            (void)json_object_del(row, name);
        }
    }
    name_source(sources, row);
    list_members(row);
}

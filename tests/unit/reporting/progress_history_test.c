/* SPDX-License-Identifier: Apache-2.0 */
#include "services/reporting/progress_history.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/compiler.h"

static const struct {
    const char *name;
    int source, action;
    const char *words; /* NULL: it stays among ourselves */
} rows[] = {
    {"the first contact",     PROGRESS_FROM_OPENING,     0,  "You told us about it."                             },
    {"another contact",       PROGRESS_FROM_CONTACT,     0,  "You told us more."                                 },
    {"an answer",             PROGRESS_FROM_UPDATE,      1,  "We answered you."                                  },
    {"a note among staff",    PROGRESS_FROM_UPDATE,      2,  NULL                                                },
    {"a question",            PROGRESS_FROM_UPDATE,      3,  "We asked you for something."                       },
    {"a part",                PROGRESS_FROM_UPDATE,      4,  "We began to wait for others: a part, or an answer."},
    {"on again",              PROGRESS_FROM_UPDATE,      5,  "The waiting was over, and we went on."             },
    {"done",                  PROGRESS_FROM_UPDATE,      6,  "We said that it is done."                          },
    {"not done",              PROGRESS_FROM_UPDATE,      7,  "It was opened again: it was not solved."           },
    {"closed",                PROGRESS_FROM_UPDATE,      8,  "It was closed."                                    },
    {"another category",      PROGRESS_FROM_UPDATE,      9,  NULL                                                },
    {"merged",                PROGRESS_FROM_UPDATE,      10, "It was joined with another request of yours."      },
    {"a reference for staff", PROGRESS_FROM_UPDATE,      11, NULL                                                },
    {"no reference any more", PROGRESS_FROM_UPDATE,      12, NULL                                                },
    {"given",                 PROGRESS_FROM_PROMISE,     0,  "We promised you something."                        },
    {"another date",          PROGRESS_FROM_PROMISE,     1,  "You agreed to another date."                       },
    {"kept",                  PROGRESS_FROM_PROMISE,     2,  "We kept a promise."                                },
    {"waived",                PROGRESS_FROM_PROMISE,     3,  "You let us off a promise."                         },
    {"withdrawn",             PROGRESS_FROM_PROMISE,     4,  "We took a promise back."                           },
    {"why it was broken",     PROGRESS_FROM_PROMISE,     5,  NULL                                                },
    {"the customer agrees",   PROGRESS_FROM_PROMISE,     6,  "You said that we kept our word."                   },
    {"the customer does not", PROGRESS_FROM_PROMISE,     7,  "You said that we did not keep our word."           },
    {"a person corrected it", PROGRESS_FROM_PROMISE,     8,  NULL                                                },
    {"an expectation",        PROGRESS_FROM_EXPECTATION, 0,  "You told us what you expect."                      },
    {"a survey",              PROGRESS_FROM_SURVEY,      0,  "You answered our questions."                       },
    {"an action to come",     PROGRESS_FROM_UPDATE,      99, NULL                                                },
    {"a source to come",      PROGRESS_FROM_END,         0,  NULL                                                },
    {"nothing",               0,                         0,  NULL                                                },
    {"less than nothing",     PROGRESS_FROM_UPDATE,      -1, NULL                                                },
};

static void what_happened_is_told_in_the_customers_words(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        enum progress_what what = progress_history_of(rows[i].source, rows[i].action);
        enum progress_word word = progress_history_word(what);
        if ((what != 0) != (rows[i].words != NULL) ||
            strcmp(progress_words(PROGRESS_ENGLISH, word), rows[i].words ? rows[i].words : "") !=
                0) {
            fail_msg("%s: %s", rows[i].name, progress_words(PROGRESS_ENGLISH, word));
        }
    }
}

static size_t place_count(const char *words)
{
    size_t count = 0;

    for (const char *at = strstr(words, "{}"); at; at = strstr(at + 1, "{}")) {
        count++;
    }
    return count;
}

static void every_text_is_there_in_both_languages_with_the_same_places(void **state)
{
    (void)state;
    for (int word = WORD_NONE + 1; word < WORD_COUNT; word++) {
        const char *english = progress_words(PROGRESS_ENGLISH, (enum progress_word)word);
        const char *chinese = progress_words(PROGRESS_CHINESE, (enum progress_word)word);
        assert_true(english && english[0] && chinese && chinese[0]);
        if (place_count(english) != place_count(chinese)) {
            fail_msg("%s", english);
        }
    }
}

static void what_fills_a_place_is_escaped(void **state)
{
    const char *const arguments[] = {"<b>&\"'"};
    struct text out = {0};
    (void)state;
    progress_words_append(PROGRESS_ENGLISH, WORD_BY, arguments, 1, &out);
    assert_string_equal(out.data, "by &lt;b&gt;&amp;&quot;&#39;");
    text_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_happened_is_told_in_the_customers_words),
        cmocka_unit_test(every_text_is_there_in_both_languages_with_the_same_places),
        cmocka_unit_test(what_fills_a_place_is_escaped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

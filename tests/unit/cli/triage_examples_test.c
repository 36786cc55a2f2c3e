/* SPDX-License-Identifier: Apache-2.0 */
#include "services/cli/triage_examples.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/base/compiler.h"
#include "common/base/text.h"

/* Refuses the label "bad". */
static int note(void *ctx, const char *text, const char *label, struct err *err)
{
    if (strcmp(label, "bad") == 0) {
        return err_set(err, "label_invalid", "it is bad");
    }
    text_appendf(ctx, "%s=%s;", text, label);
    return 0;
}

/* Reads a file with that content, columns t, l and, unless NULL, held_out. Returns what was called
 * for, "text=label;", or the text of the error behind the path. The caller frees it. */
static char *read_part(const char *content, const char *held_out, enum triage_part part)
{
    char path[] = "/tmp/triage_examples_XXXXXX";
    struct text seen = {0};
    struct err err = ERR_NONE;
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, content, strlen(content)), (ssize_t)strlen(content));
    assert_int_equal(close(fd), 0);
    const struct triage_rows rows = {
        .columns = {.text = "t", .label = "l", .held_out = held_out},
        .part = part,
        .each = note,
        .ctx = &seen,
    };
    if (triage_examples_each(path, &rows, &err) < 0) {
        assert_memory_equal(err.text, path, strlen(path));
        text_clear(&seen);
        text_append(&seen, err.text + strlen(path) + strlen(": "));
    }
    assert_int_equal(unlink(path), 0);
    char *said = strdup(text_or_empty(&seen));
    text_free(&seen);
    return said;
}

static void assert_read(const char *content, const char *held_out, enum triage_part part,
                        const char *want)
{
    char *said = read_part(content, held_out, part);
    assert_string_equal(said, want);
    free(said);
}

static void a_column_says_which_rows_are_held_out(void **state)
{
    static const struct {
        const char *value;
        enum triage_part part;
    } cases[] = {
        {"1",     TRIAGE_HELD_OUT},
        {"true",  TRIAGE_HELD_OUT},
        {"test",  TRIAGE_HELD_OUT},
        {"",      TRIAGE_LEARNED },
        {"0",     TRIAGE_LEARNED },
        {"false", TRIAGE_LEARNED },
        {"train", TRIAGE_LEARNED },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        bool is_held_out = cases[i].part == TRIAGE_HELD_OUT;
        char content[64];
        (void)text_format(content, sizeof(content), "h,t,l\n%s,a,x\n", cases[i].value);
        assert_read(content, "h", TRIAGE_HELD_OUT, is_held_out ? "a=x;" : "");
        assert_read(content, "h", TRIAGE_LEARNED, is_held_out ? "" : "a=x;");
        assert_read(content, "h", TRIAGE_ALL, "a=x;");
    }
}

static void without_such_a_column_all_rows_are_learned(void **state)
{
    static const char content[] = "t,l,h\na,x,test\nb,y,whatever\n";
    assert_read(content, NULL, TRIAGE_LEARNED, "a=x;b=y;");
    assert_read(content, NULL, TRIAGE_ALL, "a=x;b=y;");
    assert_read(content, NULL, TRIAGE_HELD_OUT, "");
}

static void rows_without_a_text_or_a_label_are_left_out(void **state)
{
    assert_read("t,l,h\n,x,0\na,,0\na\nb,y\nc,z,0\n", "h", TRIAGE_LEARNED, "b=y;c=z;");
}

static void what_is_wrong_is_said_with_its_line(void **state)
{
    static const struct {
        const char *content, *want;
    } cases[] = {
        {"",                                                     "not even a header"                                },
        {"l,h\n",                                                "no column is called \"t\""                        },
        {"t,h\n",                                                "no column is called \"l\""                        },
        {"t,l\n",                                                "no column is called \"h\""                        },
        {"t,l,h\na,x,1\n\"b\nb\",bad,1\n",                       "line 3: it is bad"                                },
        {"t,l,h\na,x,1\nb,y,yes\n",
         "line 3: column \"h\": \"yes\" says neither that the row is held out (1, true, test) nor "
         "that it is not (0, false, train or nothing)"                                                              },
        {"t,l,h\n,,TRUE\n",
         "line 2: column \"h\": \"TRUE\" says neither that the row is held out (1, true, test) nor "
         "that it is not (0, false, train or nothing)"                                                              },
        {"t,l,h\na,x,a text of another column than was meant\n",
         "line 2: column \"h\": \"a text of another colum...\" says neither that the row is held "
         "out (1, true, test) nor that it is not (0, false, train or nothing)"                                      },
        {"t,l,h\na,x,1\nb,\"y,1\n",                              "line 3: the quote that opens here is never closed"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        assert_read(cases[i].content, "h", TRIAGE_HELD_OUT, cases[i].want);
    }
}

static void a_file_that_is_not_there_is_named(void **state)
{
    const struct triage_rows rows = {
        .columns = {.text = "t", .label = "l"},
          .part = TRIAGE_ALL, .each = note
    };
    struct err err = ERR_NONE;
    assert_int_equal(triage_examples_each("/nowhere/x.csv", &rows, &err), -1);
    assert_string_equal(err.code, "file_unreadable");
    assert_string_equal(err.text, "/nowhere/x.csv: No such file or directory");
}

static void a_mood_has_two_names_for_each_label(void **state)
{
    assert_string_equal(triage_examples_mood("1"), "positive");
    assert_string_equal(triage_examples_mood("positive"), "positive");
    assert_string_equal(triage_examples_mood("0"), "negative");
    assert_string_equal(triage_examples_mood("negative"), "negative");
    assert_null(triage_examples_mood("2"));
    assert_null(triage_examples_mood(""));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_column_says_which_rows_are_held_out),
        cmocka_unit_test(without_such_a_column_all_rows_are_learned),
        cmocka_unit_test(rows_without_a_text_or_a_label_are_left_out),
        cmocka_unit_test(what_is_wrong_is_said_with_its_line),
        cmocka_unit_test(a_file_that_is_not_there_is_named),
        cmocka_unit_test(a_mood_has_two_names_for_each_label),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "common/runtime/settings.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/duration.h"
#include "common/base/text.h"
#include "tests/support/temp_folder.h"

struct values {
    char *name, *database, *mail_password;
    int64_t count, big;
    int64_t every_us;
    double share;
    bool is_on;
};

#define AT(field) offsetof(struct values, field)

static const struct setting table[] = {
    {"name",        SETTING_TEXT, "garage", NULL, NULL, true, AT(name), "A name."},
    {"database",     SETTING_TEXT, "", NULL, NULL, false, AT(database), "Where."},
    {"mail_password",         SETTING_TEXT, "", NULL, NULL, false, AT(mail_password), "A secret."},
    {"count",     SETTING_COUNT, "5", "1", "10", true, AT(count), "How many."},
    {"big",             SETTING_COUNT, "0", NULL, NULL, false, AT(big), "Much."},
    {"every",SETTING_DURATION, "1m", "1ms", "1h", true, AT(every_us), "How often."},
    {"share",         SETTING_REAL, "0.5", "0", NULL, false, AT(share), "A part."},
    {"is_on",        SETTING_BOOL, "false", NULL, NULL, true, AT(is_on), "Whether."},
    {.type = SETTING_END    },
};

struct second_values {
    int64_t other;
};

static const struct setting second_table[] = {
    {"other", SETTING_COUNT, "1", NULL, "9", false, offsetof(struct second_values, other),
     "Other."},
    {.type = SETTING_END   },
};

static const struct setting *const tables[] = {table, second_table};

struct fixture {
    struct temp_folder folder;
    char path[TEMP_PATH_SIZE];
    struct values v;
    struct second_values second;
    void *values[2];
};

static int open_fixture(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));
    f->folder = temp_folder_new();
    (void)temp_folder_name(&f->folder, "", "a.conf", f->path);
    f->values[0] = &f->v;
    f->values[1] = &f->second;
    settings_set_defaults(table, &f->v);
    settings_set_defaults(second_table, &f->second);
    *state = f;
    return 0;
}

static int close_fixture(void **state)
{
    struct fixture *f = *state;
    settings_free(table, &f->v);
    settings_free(second_table, &f->second);
    temp_folder_remove(&f->folder);
    free(f);
    return 0;
}

static int read_text(struct fixture *f, const char *content, struct err *err)
{
    temp_folder_write(f->path, content, 0600);
    return settings_read_file(tables, f->values, 2, f->path, err);
}

static void defaults_fill_every_type(void **state)
{
    const struct fixture *f = *state;
    assert_string_equal(f->v.name, "garage");
    assert_int_equal(f->v.count, 5);
    assert_int_equal(f->v.every_us, DURATION_MIN);
    assert_true(f->v.share > 0.49 && f->v.share < 0.51);
    assert_false(f->v.is_on);
    assert_int_equal(f->second.other, 1);
}

static void a_file_fills_several_structs(void **state)
{
    struct fixture *f = *state;
    struct err err = ERR_NONE;
    assert_int_equal(read_text(f,
                               "# a comment\n"
                               "name = \"车行\";\n"
                               "count = 10;\n"
                               "big = 9000000000L;\n"
                               "every = \"1h\";\n"
                               "share = 3;\n"
                               "is_on = true;\n"
                               "other = 9;\n",
                               &err),
                     0);
    assert_string_equal(f->v.name, "车行");
    assert_int_equal(f->v.count, 10);
    assert_int_equal(f->v.big, 9000000000);
    assert_int_equal(f->v.every_us, DURATION_H);
    assert_true(f->v.share > 2.9 && f->v.share < 3.1);
    assert_true(f->v.is_on);
    assert_int_equal(f->second.other, 9);
}

static void what_is_wrong_in_a_file_is_named_with_its_line(void **state)
{
    struct fixture *f = *state;
    static const struct {
        const char *content, *want_code, *want_text;
    } cases[] = {
        {"\n\nmisspelt = 1;",      "setting_unknown",    ":3: there is no setting named misspelt"       },
        {"count = 11;",            "setting_invalid",    ":1: count must be a whole number from 1 to 10"},
        {"count = 0;",             "setting_invalid",    ":1: count must be a whole number from 1 to 10"},
        {"count = \"3\";",         "setting_invalid",    ":1: count must be a whole number from 1 to 10"},
        {"count = 3.5;",           "setting_invalid",    ":1: count must be a whole number from 1 to 10"},
        {"\nevery = 5;",           "setting_invalid",    ":2: every must be a duration from 1ms to 1h"  },
        {"every = \"2h\";",        "setting_invalid",    ":1: every must be a duration from 1ms to 1h"  },
        {"every = \"soon\";",      "setting_invalid",    ":1: every must be a duration from 1ms to 1h"  },
        {"share = -0.1;",          "setting_invalid",    ":1: share must be a number, at least 0"       },
        {"share = \"1\";",         "setting_invalid",    ":1: share must be a number, at least 0"       },
        {"is_on = 1;",             "setting_invalid",    ":1: is_on must be true or false"              },
        {"name = 7;",              "setting_invalid",    ":1: name must be a text"                      },
        {"name = \"\xff\";",       "setting_invalid",    ":1: name must be a text"                      },
        {"other = 10;",            "setting_invalid",    ":1: other must be a whole number, at most 9"  },
        {"count = { a = 1; };",    "setting_invalid",    ":1: count must be a whole number from 1 to 10"},
        {"count = 1;\ncount = 2;", "settings_malformed", ":2: "                                         },
        {"count = ;",              "settings_malformed", ":1: "                                         },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct err err = ERR_NONE;
        assert_int_equal(read_text(f, cases[i].content, &err), -1);
        assert_string_equal(err.code, cases[i].want_code);
        assert_non_null(strstr(err.text, cases[i].want_text));
        assert_ptr_equal(strstr(err.text, f->path), err.text);
    }
}

static void a_file_that_is_not_there_is_an_error(void **state)
{
    struct fixture *f = *state;
    struct err err = ERR_NONE;
    assert_int_equal(settings_read_file(tables, f->values, 2, "/nowhere/a.conf", &err), -1);
    assert_string_equal(err.code, "settings_unreadable");
}

static void an_included_file_is_named_as_the_place(void **state)
{
    struct fixture *f = *state;
    struct err err = ERR_NONE;
    char included[TEMP_PATH_SIZE];
    (void)temp_folder_name(&f->folder, "", "b.conf", included);
    temp_folder_write(included, "\ncount = 99;\n", 0600);
    assert_int_equal(read_text(f, "@include \"b.conf\"\n", &err), -1);
    assert_non_null(strstr(err.text, "b.conf:2: count must be"));
}

static void assignments_follow_the_same_rules(void **state)
{
    struct fixture *f = *state;
    static const struct {
        const char *assignment, *want_code;
    } cases[] = {
        {"name=a=b",   ""               },
        {"name=",      ""               },
        {"count=7",    ""               },
        {"every=2s",   ""               },
        {"is_on=true", ""               },
        {"share=1e3",  ""               },
        {"other=-4",   ""               },
        {"count=11",   "setting_invalid"},
        {"count= 7",   "setting_invalid"},
        {"count=",     "setting_invalid"},
        {"is_on=yes",  "setting_invalid"},
        {"share=nan",  "setting_invalid"},
        {"every=5",    "setting_invalid"},
        {"name",       "setting_invalid"},
        {"=1",         "setting_unknown"},
        {"nam=1",      "setting_unknown"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct err err = ERR_NONE;
        int want = *cases[i].want_code ? -1 : 0;
        assert_int_equal(settings_set(tables, f->values, 2, cases[i].assignment, &err), want);
        assert_string_equal(err.code, cases[i].want_code);
    }
    assert_string_equal(f->v.name, "");
    assert_int_equal(f->v.count, 7);
    assert_int_equal(f->v.every_us, 2 * DURATION_S);
    assert_int_equal(f->second.other, -4);
}

static char *printed(const struct fixture *f)
{
    char *text = NULL;
    size_t len;
    FILE *out = open_memstream(&text, &len);
    settings_print(table, &f->v, out);
    settings_print(second_table, &f->second, out);
    assert_int_equal(fclose(out), 0);
    return text;
}

static void what_is_printed_reads_back_to_the_same_values(void **state)
{
    struct fixture *f = *state;
    struct err err = ERR_NONE;
    free(f->v.name);
    f->v.name = strdup("a \"quoted\" \\ name\n\t车");
    f->v.big = -9000000000;
    f->v.share = 0.1;
    char *first = printed(f);
    assert_int_equal(read_text(f, first, &err), 0);
    assert_string_equal(err.text, "");
    assert_string_equal(f->v.name, "a \"quoted\" \\ name\n\t车");
    assert_int_equal(f->v.big, -9000000000);
    char *second = printed(f);
    assert_string_equal(first, second);
    assert_non_null(strstr(first, "# How often.\n# a duration from 1ms to 1h; SIGHUP reloads it\n"
                                  "every = \"1m\";\n"));
    free(first);
    free(second);
}

static void secrets_are_not_printed(void **state)
{
    struct fixture *f = *state;
    static const struct {
        const char *database, *want;
    } cases[] = {
        {"host=a password=geheim dbname=b",          "host=a password=(hidden) dbname=b"         },
        {"password='ge \\' heim' host=a",            "password=(hidden) host=a"                  },
        {"password = geheim",                        "password = (hidden)"                       },
        {"host=a sslpassword=geheim",                "host=a sslpassword=(hidden)"               },
        {"postgresql://u:geheim@host/db",            "postgresql://u:(hidden)@host/db"           },
        {"postgresql://host/db?password=geheim&x=1", "postgresql://host/db?password=(hidden)&x=1"},
        {"host=a dbname=password",                   "host=a dbname=password"                    },
    };
    struct err err = ERR_NONE;
    assert_int_equal(settings_set(tables, f->values, 2, "mail_password=geheim", &err), 0);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        free(f->v.database);
        f->v.database = strdup(cases[i].database);
        char *text = printed(f);
        assert_null(strstr(text, "geheim"));
        assert_null(strstr(text, "heim"));
        assert_non_null(strstr(text, cases[i].want));
        assert_non_null(strstr(text, "mail_password = \"(hidden)\";"));
        free(text);
    }
}

static void help_lists_every_setting_with_range_and_default(void **state)
{
    char *text = NULL;
    size_t len;
    FILE *out = open_memstream(&text, &len);
    settings_print_help(table, out);
    assert_int_equal(fclose(out), 0);
    assert_non_null(strstr(text, "  name (a text; default \"garage\"; reloads)\n      A name.\n"));
    assert_non_null(strstr(text, "  share (a number, at least 0; default 0.5)\n      A part.\n"));
    free(text);
}

static void a_reload_takes_what_may_change_and_counts_the_rest(void **state)
{
    struct fixture *f = *state;
    struct values fresh = {.name = NULL};
    settings_set_defaults(table, &fresh);
    free(fresh.name);
    fresh.name = strdup("workshop");
    fresh.every_us = DURATION_S;
    fresh.is_on = true;
    fresh.big = 3;
    fresh.share = 0.75;
    assert_int_equal(settings_reload(table, &f->v, &fresh), 2);
    assert_string_equal(f->v.name, "workshop");
    assert_ptr_not_equal(f->v.name, fresh.name);
    assert_int_equal(f->v.every_us, DURATION_S);
    assert_true(f->v.is_on);
    assert_int_equal(f->v.big, 0);
    assert_int_equal(settings_reload(table, &f->v, &f->v), 0);
    settings_free(table, &fresh);
}

#define WITH_FIXTURE(test) cmocka_unit_test_setup_teardown(test, open_fixture, close_fixture)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_FIXTURE(defaults_fill_every_type),
        WITH_FIXTURE(a_file_fills_several_structs),
        WITH_FIXTURE(what_is_wrong_in_a_file_is_named_with_its_line),
        WITH_FIXTURE(a_file_that_is_not_there_is_an_error),
        WITH_FIXTURE(an_included_file_is_named_as_the_place),
        WITH_FIXTURE(assignments_follow_the_same_rules),
        WITH_FIXTURE(what_is_printed_reads_back_to_the_same_values),
        WITH_FIXTURE(secrets_are_not_printed),
        WITH_FIXTURE(help_lists_every_setting_with_range_and_default),
        WITH_FIXTURE(a_reload_takes_what_may_change_and_counts_the_rest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* One text from several files, and where each of its lines comes from. */
#include "common/domain/standard_source.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/domain/standard.h"
#include "tests/support/temp_folder.h"

#define REST "{ name = \"rest\"; priority = 3; owner_team = \"care\"; }"

struct file {
    const char *name;
    const char *content;
};

struct folder {
    struct temp_folder temp;
    char first[TEMP_PATH_SIZE]; /* path of the first file */
};

/* Writes the files, up to the first without a name. */
static struct folder write_files(const struct file *files, size_t count)
{
    struct folder f = {.temp = temp_folder_new()};

    for (size_t i = 0; i < count && files[i].name; i++) {
        char path[TEMP_PATH_SIZE];

        temp_folder_name(&f.temp, "", files[i].name, path);
        temp_folder_write(path, files[i].content, 0600);
    }
    temp_folder_name(&f.temp, "", files[0].name, f.first);
    return f;
}

static void included_files_stand_where_their_line_stood(void **state)
{
    static const struct file files[] = {
        {"a.conf", "# a\n@include \"b.conf\"\nlast of a\n \t@include  \"c.conf\" \t\r\n"},
        {"b.conf", "first of b\n@include \"c.conf\"\nlast of b"                         },
        {"c.conf", "only of c\n"                                                        },
    };
    static const struct {
        const char *file;
        unsigned line;
    } want[] = {
        {"a.conf", 1},
        {"a.conf", 2},
        {"b.conf", 1},
        {"b.conf", 2},
        {"c.conf", 1},
        {"b.conf", 3},
        {"a.conf", 3},
        {"a.conf", 4},
        {"c.conf", 1},
        {"c.conf", 2},
    };
    struct folder f = write_files(files, ARRAY_LEN(files));
    struct standard_source s = {.file_count = 0};
    struct err err = ERR_NONE;

    assert_int_equal(standard_source_read(&s, f.first, &err), 0);
    assert_string_equal(s.text.data,
                        "# a\n# @include \"b.conf\"\nfirst of b\n# @include \"c.conf\"\nonly of c\n"
                        "last of b\nlast of a\n#  \t@include  \"c.conf\" \t\r\nonly of c\n");
    for (unsigned i = 0; i < ARRAY_LEN(want); i++) {
        assert_string_equal(strrchr(standard_source_file(&s, i + 1), '/') + 1, want[i].file);
        assert_int_equal(standard_source_line(&s, i + 1), want[i].line);
    }
    assert_int_equal(standard_source_line(&s, 0), 1);
    standard_source_free(&s);
    temp_folder_remove(&f.temp);
}

static void what_cannot_be_included_is_refused_with_its_place(void **state)
{
    static const struct {
        struct file files[6];
        const char *code;
        const char *reason;
    } cases[] = {
        {{{"a.conf", "\n@include \"b.conf\"\n"}},                                      "standard_unreadable", "/a.conf:2: "                     },
        {{{"a.conf", "\n@include \"b.conf\"\n"}},                                      "standard_unreadable", "/b.conf: No such file"           },
        {{{"a.conf", "@include \"a.conf\"\n"}},                                        "standard_invalid",    "/a.conf:1: "                     },
        {{{"a.conf", "@include \"a.conf\"\n"}},                                        "standard_invalid",    "/a.conf includes itself"         },
        {{{"a.conf", "@include \"b.conf\""}, {"b.conf", "\n\n@include \"./a.conf\""}},
         "standard_invalid",                                                                                  "/b.conf:3: "                     },
        {{{"a.conf", "@include \"b.conf\""}, {"b.conf", "\xff"}},
         "standard_unreadable",                                                                               "/b.conf: is not UTF-8"           },
        {{{"a.conf", "@include \"b\""},
          {"b", "@include \"c\""},
          {"c", "@include \"d\""},
          {"d", "@include \"e\""},
          {"e", ""}},
         "standard_invalid",                                                                                  "/e: files may be included 3 deep"},
        {{{"a.conf", "@include b.conf\n"}},                                            "standard_invalid",    "/a.conf:1: write it as @include" },
        {{{"a.conf", "@include\n\"b.conf\""}},                                         "standard_invalid",    "/a.conf:1: write it as"          },
        {{{"a.conf", "@include\"b.conf\""}},                                           "standard_invalid",    "/a.conf:1: write it as"          },
        {{{"a.conf", "@include \"b.conf"}},                                            "standard_invalid",    "/a.conf:1: write it as"          },
        {{{"a.conf", "@include \"\""}},                                                "standard_invalid",    "/a.conf:1: write it as"          },
        {{{"a.conf", "@include \"b.conf\" # b"}},                                      "standard_invalid",    "/a.conf:1: write it as"          },
        {{{"a.conf", "@include x \"b.conf\""}},                                        "standard_invalid",    "/a.conf:1: write it as"          },
        {{{"a.conf", "@included \"b.conf\""}},                                         "standard_invalid",    "/a.conf:1: write it as"          },
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct folder f = write_files(cases[i].files, ARRAY_LEN(cases[i].files));
        struct standard_source s = {.file_count = 0};
        struct err err = ERR_NONE;

        assert_int_equal(standard_source_read(&s, f.first, &err), -1);
        if (strcmp(err.code, cases[i].code) != 0 || !strstr(err.text, cases[i].reason)) {
            fail_msg("%s\n%s: %s", cases[i].files[0].content, err.code, err.text);
        }
        standard_source_free(&s);
        temp_folder_remove(&f.temp);
    }
}

static void deep_and_many_files_are_fine_up_to_the_limit(void **state)
{
    static const struct file deep[] = {
        {"a.conf", "@include \"b\""},
        {"b",      "@include \"c\""},
        {"c",      "@include \"d\""},
        {"d",      "end"           }
    };
    struct folder f = write_files(deep, ARRAY_LEN(deep));
    struct standard_source s = {.file_count = 0};
    struct text many = {.data = NULL};
    struct err err = ERR_NONE;

    assert_int_equal(standard_source_read(&s, f.first, &err), 0);
    assert_int_equal(s.file_count, 4);
    assert_string_equal(s.text.data, "# @include \"b\"\n# @include \"c\"\n# @include \"d\"\nend\n");
    standard_source_free(&s);
    for (size_t i = 1; i < STANDARD_FILES_MAX; i++) {
        text_append(&many, "@include \"d\"\n");
    }
    temp_folder_write(f.first, many.data, 0600);
    assert_int_equal(standard_source_read(&s, f.first, &err), 0);
    assert_int_equal(s.file_count, STANDARD_FILES_MAX);
    standard_source_free(&s);
    text_append(&many, "@include \"d\"\n");
    temp_folder_write(f.first, many.data, 0600);
    assert_int_equal(standard_source_read(&s, f.first, &err), -1);
    assert_non_null(strstr(err.text, "/a.conf:16: "));
    assert_non_null(strstr(err.text, "at most 16 files"));
    standard_source_free(&s);
    text_free(&many);
    temp_folder_remove(&f.temp);
}

static void an_absolute_name_is_taken_as_it_is(void **state)
{
    static const struct file files[] = {
        {"a.conf", ""   },
        {"b.conf", "b\n"}
    };
    struct folder f = write_files(files, ARRAY_LEN(files));
    struct standard_source s = {.file_count = 0};
    struct text line = {.data = NULL};
    struct err err = ERR_NONE;

    text_appendf(&line, "@include \"%s/b.conf\"\n", f.temp.path);
    temp_folder_write(f.first, line.data, 0600);
    assert_int_equal(standard_source_read(&s, f.first, &err), 0);
    assert_non_null(strstr(s.text.data, "\nb\n"));
    standard_source_free(&s);
    text_free(&line);
    temp_folder_remove(&f.temp);
}

/* ---- the whole standard */

static void mistakes_are_named_by_the_file_they_are_in(void **state)
{
    static const struct {
        struct file files[2];
        const char *field;
        const char *want;
    } cases[] = {
        {{{"a.conf", "# a\n@include \"b.conf\"\nrules = ( " REST " );\n"},
          {"b.conf", "\nextra = 1;\n"}},
         "extra",         "/b.conf:2: "      },
        {{{"a.conf", "# a\n@include \"b.conf\"\nextra = 1;\n"},
          {"b.conf", "rules = ( " REST " );"}},
         "extra",         "/a.conf:3: "      },
        {{{"a.conf", "rules = (\n@include \"b.conf\"\n);\n"}, {"b.conf", "\n{ = 1"}},
         "",              "/b.conf:2: syntax"},
        {{{"a.conf", "rules = (\n@include \"b.conf\"\n);\n"}, {"b.conf", "{ name = 1; }"}},
         "rules[0].name", "/b.conf:1: "      },
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct folder f = write_files(cases[i].files, 2);
        struct err err = ERR_NONE;

        assert_null(standard_load(f.first, &err));
        if (strcmp(err.field, cases[i].field) != 0 || !strstr(err.text, cases[i].want)) {
            fail_msg("%s: %s", err.field, err.text);
        }
        temp_folder_remove(&f.temp);
    }
}

static void hash_and_stored_text_cover_all_files(void **state)
{
    static const struct file files[] = {
        {"a.conf", "rules = (\n@include \"b.conf\"\n);"                                    },
        {"b.conf",
         "{ name = \"fast\"; kind = \"request\"; priority = 1; owner_team = \"t\"; }," REST},
    };
    static const struct standard_request request = {.kind = "request"};
    struct folder f = write_files(files, 2);
    struct err err = ERR_NONE;
    struct standard *s = standard_load(f.first, &err);
    struct standard_decision decision;
    struct standard *stored;
    struct standard *changed;
    char path[TEMP_PATH_SIZE];

    assert_non_null(s);
    stored = standard_parse(standard_text(s), "version 7", &err);
    assert_non_null(stored);
    assert_string_equal(standard_hash(stored), standard_hash(s));
    assert_string_equal(standard_text(stored), standard_text(s));
    standard_decide(stored, &request, &decision);
    assert_string_equal(decision.rule, "fast");

    temp_folder_write(temp_folder_name(&f.temp, "", "b.conf", path), REST, 0600);
    changed = standard_load(f.first, &err);
    assert_non_null(changed);
    assert_string_not_equal(standard_hash(changed), standard_hash(s));
    standard_free(s);
    standard_free(stored);
    standard_free(changed);
    temp_folder_remove(&f.temp);
}

static void a_stored_text_includes_nothing(void **state)
{
    struct err err = ERR_NONE;

    assert_null(standard_parse("# a\n @include \"/etc/passwd\"\n", "version 7", &err));
    assert_string_equal(err.code, "standard_invalid");
    assert_non_null(strstr(err.text, "version 7:2: "));
    assert_null(standard_parse("\xff", "version 7", &err));
    assert_string_equal(err.code, "standard_unreadable");
    assert_null(standard_parse("", "version 7", &err));
    assert_string_equal(err.text, "version 7:1: has no rules");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(included_files_stand_where_their_line_stood),
        cmocka_unit_test(what_cannot_be_included_is_refused_with_its_place),
        cmocka_unit_test(deep_and_many_files_are_fine_up_to_the_limit),
        cmocka_unit_test(an_absolute_name_is_taken_as_it_is),
        cmocka_unit_test(mistakes_are_named_by_the_file_they_are_in),
        cmocka_unit_test(hash_and_stored_text_cover_all_files),
        cmocka_unit_test(a_stored_text_includes_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "services/cli/csv_reader.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/compiler.h"
#include "common/base/text.h"

/* All rows as "line:field|field;" */
static void read_all(const char *content, size_t len, struct text *out, struct err *err)
{
    char *copy = test_malloc(len + 1);
    struct csv_reader *r;
    struct csv_row row;
    FILE *in;
    int got;

    memcpy(copy, content, len);
    in = len > 0 ? fmemopen(copy, len, "r") : fopen("/dev/null", "re");
    assert_non_null(in);
    r = csv_reader_new(in);
    while ((got = csv_reader_next(r, &row, err)) == 1) {
        text_appendf(out, "%zu:", row.line);
        for (size_t i = 0; i < row.count; i++) {
            text_appendf(out, "%s%s", i > 0 ? "|" : "", row.fields[i]);
        }
        text_append(out, ";");
    }
    assert_int_equal(got, err->code[0] ? -1 : 0);
    assert_true(csv_reader_bytes(r) <= (int64_t)len);
    if (got < 0) { /* and it stays broken */
        assert_int_equal(csv_reader_next(r, &row, err), -1);
    }
    csv_reader_free(r);
    assert_int_equal(fclose(in), 0);
    test_free(copy);
}

static void rows_are_read_as_rfc_4180_has_them(void **state)
{
    static const struct {
        const char *in, *want;
    } cases[] = {
        {"",                                  ""                               },
        {"\n\r\n\n",                          ""                               },
        {"a,b,c\n",                           "1:a|b|c;"                       },
        {"a,b,c",                             "1:a|b|c;"                       },
        {"a,b\r\nc,d\r\n",                    "1:a|b;2:c|d;"                   },
        {"a\rb\r",                            "1:a;2:b;"                       },
        {",\n",                               "1:|;"                           },
        {",",                                 "1:|;"                           },
        {"a,\n,b\n",                          "1:a|;2:|b;"                     },
        {"\"\"\n",                            "1:;"                            },
        {"\"a\",\"b,c\"\n",                   "1:a|b,c;"                       },
        {"\"a\"\"b\"\n",                      "1:a\"b;"                        },
        {"\"\"\"\"\n",                        "1:\";"                          },
        {"\"\"\"a\"\"\"",                     "1:\"a\";"                       },
        {"\"one\ntwo\r\nthree\",x\nnext,y\n", "1:one\ntwo\r\nthree|x;4:next|y;"},
        {"\n\n\"a\n\"\n\nb",                  "3:a\n;6:b;"                     },
        {"5\" pipe,6\"\n",                    "1:5\" pipe|6\";"                },
        {" \"a\" ,b\n",                       "1: \"a\" |b;"                   },
        {"\xef\xbb\xbf"
         "a,b\n",                    "1:a|b;"                         },
        {"\xef\xbb\xbf"
         "\"a\",b\n",                "1:a|b;"                         },
        {"\xe4\xbd\xa0,\xe5\xa5\xbd\n",       "1:\xe4\xbd\xa0|\xe5\xa5\xbd;"   },
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct err err = ERR_NONE;
        struct text got = {0};

        read_all(cases[i].in, strlen(cases[i].in), &got, &err);
        assert_string_equal(err.text, "");
        assert_string_equal(text_or_empty(&got), cases[i].want);
        text_free(&got);
    }
}

static void broken_files_are_refused_with_their_line(void **state)
{
    static const struct {
        const char *in;
        size_t len;
        const char *want, *text;
    } cases[] = {
        {"a,b\n\"c\n\nd", 10, "1:a|b;", "line 2: the quote that opens here is never closed"            },
        {"a\n\"b\"c\n",   8,  "1:a;",   "line 2: text behind a closing quote: was a quote not doubled?"},
        {"a\nb\0c\n",     6,  "1:a;",   "line 2: a NUL character: this is not a text file"             },
        {"\"x\n\"y",      5,  "",       "line 2: text behind a closing quote: was a quote not doubled?"},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct err err = ERR_NONE;
        struct text got = {0};

        read_all(cases[i].in, cases[i].len, &got, &err);
        assert_string_equal(err.code, "csv_malformed");
        assert_string_equal(text_or_empty(&got), cases[i].want);
        text_free(&got);
    }
}

static void put(char *at, const char *text)
{
    while (*text) {
        *at++ = *text++;
    }
}

/* A quoted field across the borders of what is read at once. */
static void long_fields_are_kept_whole(void **state)
{
    const size_t len = 200000;
    char *content = test_malloc(len + 16);
    struct err err = ERR_NONE;
    struct csv_reader *r;
    struct csv_row row;
    FILE *in;

    memset(content, 'x', len);
    put(content, "a,\"");
    put(content + 65535, "\"\"\r\n");
    put(content + len - 3, "\"\r\n");
    in = fmemopen(content, len, "r");
    assert_non_null(in);
    r = csv_reader_new(in);
    assert_int_equal(csv_reader_next(r, &row, &err), 1);
    assert_int_equal(row.count, 2);
    assert_int_equal(strlen(row.fields[1]), len - 3 - 3 - 1);
    assert_memory_equal(row.fields[1] + 65535 - 3, "\"\r\nx", 4);
    assert_int_equal(csv_reader_next(r, &row, &err), 0);
    assert_int_equal(csv_reader_bytes(r), len);
    csv_reader_free(r);
    assert_int_equal(fclose(in), 0);
    test_free(content);
}

static void endless_quote_ends_at_the_limit(void **state)
{
    const size_t len = CSV_ROW_BYTES_MAX + 1000;
    char *content = test_malloc(len);
    struct err err = ERR_NONE;
    struct csv_reader *r;
    struct csv_row row;
    FILE *in;

    memset(content, 'x', len);
    content[0] = '"';
    in = fmemopen(content, len, "r");
    assert_non_null(in);
    r = csv_reader_new(in);
    assert_int_equal(csv_reader_next(r, &row, &err), -1);
    assert_non_null(strstr(err.text, "line 1:"));
    csv_reader_free(r);
    assert_int_equal(fclose(in), 0);
    test_free(content);
}

static void what_is_written_is_read_again(void **state)
{
    static const char *const fields[] = {"plain", "",        "a,b",  "\"",          "two\nlines",
                                         "cr\r",  " blank ", "it's", "\xe4\xbd\xa0"};
    struct text line = {0};
    struct text got = {0};
    struct text want = {0};
    struct err err = ERR_NONE;

    text_append(&want, "1:");
    for (size_t i = 0; i < ARRAY_LEN(fields); i++) {
        text_append(&line, i > 0 ? "," : "");
        csv_append_field(&line, fields[i]);
        text_appendf(&want, "%s%s", i > 0 ? "|" : "", fields[i]);
    }
    text_append(&want, ";");
    read_all(line.data, line.len, &got, &err);
    assert_string_equal(text_or_empty(&got), want.data);
    text_free(&line);
    text_free(&got);
    text_free(&want);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_are_read_as_rfc_4180_has_them),
        cmocka_unit_test(broken_files_are_refused_with_their_line),
        cmocka_unit_test(long_fields_are_kept_whole),
        cmocka_unit_test(endless_quote_ends_at_the_limit),
        cmocka_unit_test(what_is_written_is_read_again),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "services/cli/mapping.h"

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
#include "common/runtime/message_json.h"

enum {
    RECORDS_MAX = 8
};

static char path[] = "/tmp/troth-mapping-XXXXXX";
static struct arena *arena;

static int open_all(void **state)
{
    const int fd = mkstemp(path);

    arena = arena_new(1 << 20);
    return fd < 0 ? -1 : close(fd);
}

static int close_all(void **state)
{
    arena_free(arena);
    return unlink(path);
}

static struct mapping *load(const char *content, struct err *err)
{
    FILE *out = fopen(path, "we");

    assert_non_null(out);
    assert_true(fputs(content, out) >= 0);
    assert_int_equal(fclose(out), 0);
    return mapping_load(path, err);
}

/* A mapping with one contact that has one more setting, and one for purchases. */
static struct mapping *load_contact(const char *setting, struct err *err)
{
    struct text content = {0};
    struct mapping *m;

    text_appendf(&content,
                 "name = \"test\"; zone = \"Asia/Shanghai\";\n"
                 "records = ( { type = \"contact\";\n%s\n } );",
                 setting);
    m = load(content.data, err);
    text_free(&content);
    return m;
}

static const char *const columns[] = {"id", "who", "when", "what", "price", "troth_code"};

static int apply(struct mapping *m, const char *const *fields, Troth__V1__Record **records,
                 struct err *err)
{
    const struct csv_row header = {.fields = columns, .count = ARRAY_LEN(columns), .line = 1};
    const struct csv_row row = {.fields = fields, .count = ARRAY_LEN(columns), .line = 2};

    assert_int_equal(mapping_bind(m, &header, err), 0);
    assert_true(mapping_records_max(m) <= RECORDS_MAX);
    arena_reset(arena);
    return mapping_apply(m, &row, arena, records, err);
}

/* The JSON of the only record. */
static void assert_record(struct mapping *m, const char *const *fields, const char *want)
{
    Troth__V1__Record *records[RECORDS_MAX] = {NULL};
    struct err err = ERR_NONE;
    json_t *json;
    char *got;

    assert_int_equal(apply(m, fields, records, &err), 0);
    assert_non_null(records[0]);
    json = message_to_json(&records[0]->base);
    got = json_dumps(json, JSON_COMPACT);
    assert_string_equal(got, want);
    free(got);
    json_decref(json);
}

static void values_come_from_where_the_mapping_says(void **state)
{
    static const char *const row[] = {"7", " Ann ", "2020/3/8", "it squeals", "12.5", "x"};
    static const struct {
        const char *setting, *want;
    } cases[] = {
        {"",                                                                                   "{\"contact\":{}}"                       },
        {"kind = \"complaint\";",                                                              "{\"contact\":{\"kind\":\"complaint\"}}" },
        {"subject = 5;",                                                                       "{\"contact\":{\"subject\":\"5\"}}"      },
        {"subject = true;",                                                                    "{\"contact\":{\"subject\":\"true\"}}"   },
        {"subject = { column = \"who\"; };",                                                   "{\"contact\":{\"subject\":\"Ann\"}}"    },
        {"subject = { value = \"fixed\"; };",                                                  "{\"contact\":{\"subject\":\"fixed\"}}"  },
        {"subject = { value = \"fixed\"; when = { column = \"who\"; is = \"Bob\"; }; };",
         "{\"contact\":{}}"                                                                                                             },
        {"subject = { columns = [\"who\", \"what\"]; };",
         "{\"contact\":{\"subject\":\"Ann it squeals\"}}"                                                                               },
        {"subject = { columns = [\"who\", \"what\"]; join = \"\\n\"; };",
         "{\"contact\":{\"subject\":\"Ann\\nit squeals\"}}"                                                                             },
        {"subject = { template = \"{{{id}/{who}}\"; };",                                       "{\"contact\":{\"subject\":\"{7/Ann}\"}}"},
        {"subject = { column = \"what\"; truncate = 3; };",                                    "{\"contact\":{\"subject\":\"it \"}}"    },
        {"kind = { column = \"id\"; map = ( [\"7\", \"praise\"], [\"8\", \"enquiry\"] ); };",
         "{\"contact\":{\"kind\":\"praise\"}}"                                                                                          },
        {"kind = { column = \"id\"; map = ( [\"8\", \"praise\"] ); default = \"request\"; };",
         "{\"contact\":{\"kind\":\"request\"}}"                                                                                         },
        {"kind = { column = \"what\"; contains = ( [\"squ\", \"complaint\"], [\"it\", \"praise\"] "
         "); };",                                                                     "{\"contact\":{\"kind\":\"complaint\"}}" },
        {"occurred = { column = \"when\"; format = \"%Y/%m/%d\"; };",
         "{\"occurred_us\":1583596800000000,\"contact\":{}}"                                                                            },
        {"occurred = { column = \"when\"; format = \"%Y/%m/%d\"; zone = \"UTC\"; };",
         "{\"occurred_us\":1583625600000000,\"contact\":{}}"                                                                            },
        {"occurred = { column = \"when\"; format = \"%Y/%m/%d\"; plus = \"1d\"; };",
         "{\"occurred_us\":1583683200000000,\"contact\":{}}"                                                                            },
        {"occurred = { template = \"{when} 09:30\"; format = \"%Y/%m/%d %H:%M\"; };",
         "{\"occurred_us\":1583631000000000,\"contact\":{}}"                                                                            },
        {"occurred = \"2020-03-08T00:00:00Z\";",
         "{\"occurred_us\":1583625600000000,\"contact\":{}}"                                                                            },
        {"when = { column = \"who\"; }; subject = \"x\";",                                     "{\"contact\":{\"subject\":\"x\"}}"      },
        {"when = ( { column = \"who\"; is = [\"Bob\", \"Ann\"]; }, { column = \"id\"; is_not = "
         "\"8\"; } );",                                                               "{\"contact\":{}}"                       },
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct err err = ERR_NONE;
        struct mapping *m = load_contact(cases[i].setting, &err);

        assert_string_equal(err.text, "");
        assert_record(m, row, cases[i].want);
        mapping_free(m);
    }
}

static void empty_columns_leave_fields_unset(void **state)
{
    static const char *const row[] = {"7", "  ", "", "", "", ""};
    static const struct {
        const char *setting, *want;
    } cases[] = {
        {"subject = { column = \"who\"; };",                              "{\"contact\":{}}"                    },
        {"subject = { column = \"who\"; default = \"nobody\"; };",
         "{\"contact\":{\"subject\":\"nobody\"}}"                                                               },
        {"subject = { columns = [\"who\", \"id\", \"what\"]; };",
         "{\"contact\":{\"subject\":\"7\"}}"                                                                    },
        {"subject = { template = \"to {who}\"; };",                       "{\"contact\":{}}"                    },
        {"subject = { template = \"to {who}{id}\"; };",                   "{\"contact\":{\"subject\":\"to 7\"}}"},
        {"occurred = { column = \"when\"; format = \"%Y/%m/%d\"; };",     "{\"contact\":{}}"                    },
        {"kind = { column = \"what\"; map = ( [\"a\", \"praise\"] ); };", "{\"contact\":{}}"                    },
        {"when = { column = \"who\"; is_empty = true; };",                "{\"contact\":{}}"                    },
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct err err = ERR_NONE;
        struct mapping *m = load_contact(cases[i].setting, &err);

        assert_string_equal(err.text, "");
        assert_record(m, row, cases[i].want);
        mapping_free(m);
    }
}

static void rows_that_do_not_fit_are_refused_and_name_the_column(void **state)
{
    static const char *const row[] = {"7", "", "2020/2/30", "\xff", "1.234", ""};
    static const struct {
        const char *setting, *code, *field, *column;
    } cases[] = {
        {"occurred = { column = \"when\"; format = \"%Y/%m/%d\"; };",   "date_invalid",  "occurred_us",
         "'when'"                                                                                                  },
        {"customer_ref = { column = \"who\"; required = true; };",      "column_empty",
         "contact.customer_ref",                                                                            "'who'"},
        {"kind = { column = \"id\"; map = ( [\"8\", \"praise\"] ); };", "value_unknown",
         "contact.kind",                                                                                    "'id'" },
        {"kind = { column = \"id\"; };",                                "enum_unknown",  "contact.kind",    ""     },
        {"kind = { column = \"price\"; };",                             "enum_unknown",  "contact.kind",    ""     },
        {"subject = { column = \"what\"; };",                           "not_utf8",      "contact.subject", ""     },
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        Troth__V1__Record *records[RECORDS_MAX];
        struct err err = ERR_NONE;
        struct mapping *m = load_contact(cases[i].setting, &err);

        assert_string_equal(err.text, "");
        assert_int_equal(apply(m, row, records, &err), -1);
        assert_string_equal(err.code, cases[i].code);
        assert_string_equal(err.field, cases[i].field);
        assert_non_null(strstr(err.text, cases[i].column));
        mapping_free(m);
    }
}

static void row_with_another_number_of_fields_is_refused(void **state)
{
    const struct csv_row header = {.fields = columns, .count = 6, .line = 1};
    const struct csv_row row = {.fields = columns, .count = 5, .line = 2};
    Troth__V1__Record *records[RECORDS_MAX];
    struct err err = ERR_NONE;
    struct mapping *m = load_contact("", &err);

    assert_int_equal(mapping_bind(m, &header, &err), 0);
    assert_int_equal(mapping_apply(m, &row, arena, records, &err), -1);
    assert_string_equal(err.code, "column_count");
    assert_string_equal(err.text, "the row has 5 fields, the header has 6");
    mapping_free(m);
}

static void one_row_makes_several_records(void **state)
{
    static const char *const row[] = {"7", "Ann", "2020/3/8", "", "12.5", ""};
    Troth__V1__Record *records[RECORDS_MAX];
    struct err err = ERR_NONE;
    struct mapping *m =
        load("name = \"shop\";\n"
             "records = (\n"
             "  { type = \"customer_profile\"; customer_ref = { column = \"who\"; };\n"
             "    consents = ( { purpose = \"survey\"; is_given = true; },\n"
             "                 { purpose = { column = \"what\"; }; } ); },\n"
             "  { type = \"case_update\"; when = { column = \"what\"; }; },\n"
             "  { type = \"purchase\"; customer_ref = { column = \"who\"; };\n"
             "    amount_minor = { column = \"price\"; decimals = 2; }; currency = \"CNY\"; }\n"
             ");",
             &err);

    assert_string_equal(err.text, "");
    assert_int_equal(mapping_records_max(m), 3);
    assert_int_equal(apply(m, row, records, &err), 0);
    assert_int_equal(records[0]->body_case, TROTH__V1__RECORD__BODY_CUSTOMER_PROFILE);
    assert_int_equal(records[0]->customer_profile->n_consents, 1);
    assert_true(records[0]->customer_profile->consents[0]->is_given);
    assert_null(records[1]);
    assert_int_equal(records[2]->purchase->amount_minor, 1250);
    mapping_free(m);
}

static void amounts_keep_every_digit(void **state)
{
    static const struct {
        const char *price;
        int result;
        int64_t minor;
    } cases[] = {
        {"12",      0,  1200},
        {"12.",     0,  1200},
        {"12.5",    0,  1250},
        {"0.05",    0,  5   },
        {".5",      0,  50  },
        {"-3.10",   0,  -310},
        {"12.345",  -1, 0   },
        {"1,200",   -1, 0   },
        {"1.2.3",   -1, 0   },
        {"12 yuan", -1, 0   },
    };
    struct err err = ERR_NONE;
    struct mapping *m = load("name = \"shop\"; records = ( { type = \"purchase\";\n"
                             "amount_minor = { column = \"price\"; decimals = 2; }; } );",
                             &err);

    assert_non_null(m);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const char *const row[] = {"", "", "", "", cases[i].price, ""};
        Troth__V1__Record *records[RECORDS_MAX];

        assert_int_equal(apply(m, row, records, &err), cases[i].result);
        if (cases[i].result == 0) {
            assert_int_equal(records[0]->purchase->amount_minor, cases[i].minor);
        }
    }
    mapping_free(m);
}

static void mistakes_are_found_when_the_mapping_is_read(void **state)
{
    static const struct {
        const char *setting, *text;
    } cases[] = {
        {"colour = \"red\";",                                                     ":3: Contact has no field colour"                      },
        {"kind = \"complain\";",                                                  ":3: kind = 'complain': this is none of the values"    },
        {"kind = { value = \"x\"; };",                                            "none of the values"                                   },
        {"kind = { column = \"a\"; default = \"x\"; };",                          "none of the values"                                   },
        {"kind = { column = \"a\"; map = ( [\"b\", \"x\"] ); };",                 "none of the values"                                   },
        {"kind = { column = \"a\"; map = ( [\"b\"] ); };",                        "a pair"                                               },
        {"kind = { column = \"a\"; map = ( ); };",                                "one table"                                            },
        {"kind = { column = 5; };",                                               "the name of a column in quotes"                       },
        {"kind = { };",                                                           "kind needs one of column, columns, template and value"},
        {"kind = { column = \"a\"; value = \"praise\"; };",                       "needs one of"                                         },
        {"kind = { colum = \"a\"; };",                                            "a value has no setting colum"                         },
        {"kind = [ \"a\" ];",                                                     "a text, a number or true or false"                    },
        {"subject = { columns = \"a\"; };",                                       "columns = ["                                          },
        {"subject = { template = \"{a\"; };",                                     "a '{' without its '}'"                                },
        {"subject = { column = \"a\"; truncate = 0; };",                          "a number from 1 to 32768"                             },
        {"subject = { column = \"a\"; format = \"%Y\"; };",                       "subject is no point in time"                          },
        {"subject = { column = \"a\"; plus = \"1d\"; };",                         "plus goes with a format"                              },
        {"kind = { column = \"a\"; truncate = 5; };",                             "kind is no text"                                      },
        {"occurred = { column = \"a\"; format = \"%Y\"; };",                      "a year, a month and a day"                            },
        {"occurred = { column = \"a\"; format = \"%Y%m%d\"; zone = \"Mars\"; };",
         "no time zone Mars"                                                                                                             },
        {"occurred = { column = \"a\"; format = \"%Y%m%d\"; plus = \"soon\"; };", "a duration"                                           },
        {"occurred = \"yesterday\";",                                             "a time is expected here"                              },
        {"when = \"always\";",                                                    "a condition { column"                                 },
        {"when = { is = \"x\"; };",                                               "which column"                                         },
        {"when = { column = \"a\"; is = \"x\"; is_not = \"y\"; };",               "only one of"                                          },
        {"when = { column = \"a\"; like = \"x\"; };",                             "not like"                                             },
        {"customer_ref = ",                                                       "syntax error"                                         },
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct err err = ERR_NONE;

        assert_null(load_contact(cases[i].setting, &err));
        assert_string_equal(err.code, "mapping_invalid");
        assert_ptr_equal(strstr(err.text, path), err.text);
        assert_non_null(strstr(err.text, cases[i].text));
    }
}

static void mapping_as_a_whole_is_checked(void **state)
{
    static const struct {
        const char *content, *text;
    } cases[] = {
        {"",                                                                            "needs a name"            },
        {"name = \"\"; records = ( { type = \"contact\"; } );",                         "1 to 64 bytes"           },
        {"name = \"a\";",                                                               "has no records"          },
        {"name = \"a\"; records = ( );",                                                "records = ("             },
        {"name = \"a\"; records = ( 5 );",                                              "a record {"              },
        {"name = \"a\"; records = ( { } );",                                            "type = one of"           },
        {"name = \"a\"; records = ( { type = \"key\"; } );",                            "type = one of"           },
        {"name = \"a\"; record = 5;",                                                   "not record"              },
        {"name = \"a\"; zone = \"x\";",                                                 "no time zone x"          },
        {"name = \"a\"; identity = 5;",                                                 "identity = ["            },
        {"name = \"a\"; records = ( { type = \"contact\"; occurred = { column = \"a\";"
         " format = \"%Y%m%d\"; }; } );",                                      "occurred_us needs a zone"},
        {"name = \"a\"; records = ( { type = \"customer_profile\"; consents = 5; } );",
         "consents is made of messages"                                                                           },
        {"name = \"a\"; records = ( { type = \"customer_profile\";"
         " consents = ( { purpose = \"x\"; } ); } );",                         "none of the values"      },
    };
    struct err err = ERR_NONE;

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        assert_null(load(cases[i].content, &err));
        assert_non_null(strstr(err.text, cases[i].text));
    }
    assert_null(mapping_load("/nowhere/at/all.conf", &err));
    assert_non_null(strstr(err.text, "cannot be read"));
}

static void missing_columns_are_named_together(void **state)
{
    const struct csv_row header = {.fields = columns, .count = ARRAY_LEN(columns), .line = 1};
    const char *const twice[] = {"who", "who"};
    const struct csv_row doubled = {.fields = twice, .count = 2, .line = 1};
    struct err err = ERR_NONE;
    struct mapping *m =
        load_contact("subject = { columns = [\"red\", \"who\", \"green\"]; };", &err);

    assert_int_equal(mapping_bind(m, &header, &err), -1);
    assert_string_equal(err.code, "column_missing");
    assert_non_null(strstr(err.text, "'red', 'green'"));
    mapping_free(m);
    m = load_contact("subject = { column = \"who\"; };", &err);
    assert_int_equal(mapping_bind(m, &doubled, &err), -1);
    assert_string_equal(err.code, "column_twice");
    mapping_free(m);
}

static void identity_is_the_content_of_the_row(void **state)
{
    static const char *const rows[][6] = {
        {"7",  "Ann",  "", "", "", "refused because"}, /* remarks of an earlier import do not count */
        {"7",  "Ann",  "", "", "", ""               },
        {"7A", "nn",   "", "", "", ""               },
        {"7",  "Anne", "", "", "", ""               },
    };
    const struct csv_row header = {.fields = columns, .count = 6, .line = 1};
    uint8_t digests[4][BYTES_DIGEST_LEN];
    uint8_t by_id[4][BYTES_DIGEST_LEN];
    struct err err = ERR_NONE;
    struct mapping *m = load_contact("", &err);
    struct mapping *id = load("name = \"test\"; identity = [\"id\"];\n"
                              "records = ( { type = \"contact\"; } );",
                              &err);

    assert_int_equal(mapping_bind(m, &header, &err), 0);
    assert_int_equal(mapping_bind(id, &header, &err), 0);
    for (size_t i = 0; i < 4; i++) {
        const struct csv_row row = {.fields = rows[i], .count = 6, .line = i + 2};

        mapping_row_identity(m, &row, digests[i]);
        mapping_row_identity(id, &row, by_id[i]);
    }
    assert_memory_equal(digests[0], digests[1], BYTES_DIGEST_LEN);
    assert_memory_not_equal(digests[1], digests[2], BYTES_DIGEST_LEN);
    assert_memory_not_equal(digests[1], digests[3], BYTES_DIGEST_LEN);
    assert_memory_equal(by_id[0], by_id[3], BYTES_DIGEST_LEN);
    assert_memory_not_equal(by_id[0], by_id[2], BYTES_DIGEST_LEN);
    mapping_free(m);
    mapping_free(id);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_come_from_where_the_mapping_says),
        cmocka_unit_test(empty_columns_leave_fields_unset),
        cmocka_unit_test(rows_that_do_not_fit_are_refused_and_name_the_column),
        cmocka_unit_test(row_with_another_number_of_fields_is_refused),
        cmocka_unit_test(one_row_makes_several_records),
        cmocka_unit_test(amounts_keep_every_digit),
        cmocka_unit_test(mistakes_are_found_when_the_mapping_is_read),
        cmocka_unit_test(mapping_as_a_whole_is_checked),
        cmocka_unit_test(missing_columns_are_named_together),
        cmocka_unit_test(identity_is_the_content_of_the_row),
    };

    return cmocka_run_group_tests(tests, open_all, close_all);
}

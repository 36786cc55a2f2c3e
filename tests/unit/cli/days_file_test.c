/* SPDX-License-Identifier: Apache-2.0 */
/* A year of holidays: read from JSON, put into a file of special days that people wrote. */
#include "services/cli/days_file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/base/compiler.h"
#include "tests/support/temp_folder.h"

#define DAY(name, date, off)                                                                       \
    "{ \"name\": \"" name "\", \"date\": \"" date "\", \"isOffDay\": " off " }"
#define YEAR(days) "{ \"year\": 2027, \"papers\": [\"https://p/1\"], \"days\": [" days "] }"

/* Not in order; the first holiday begins in December. */
#define A     DAY("a", "2026-12-31", "true") "," DAY("a", "2027-01-01", "true")
#define A_OWN DAY("a", "2027-01-03", "false")
#define B     DAY("b", "2027-02-06", "true") "," DAY("b", "2027-02-05", "true")
static const char some[] = YEAR(B "," A "," A_OWN);

struct folder {
    struct temp_folder temp;
    char json[TEMP_PATH_SIZE], conf[TEMP_PATH_SIZE];
};

static struct folder folder_new(const char *json)
{
    struct folder f = {.temp = temp_folder_new()};

    temp_folder_name(&f.temp, "", "2027.json", f.json);
    temp_folder_name(&f.temp, "", "days-x.conf", f.conf);
    temp_folder_write(f.json, json, 0644);
    return f;
}

static int import(const struct folder *f, const char *list, const char *title, struct err *err)
{
    struct holiday_year year = {.json = NULL};
    int rc = holiday_year_read(f->json, &year, err);

    if (rc == 0) {
        year.title = title;
        rc = days_file_add(f->conf, list, &year, err);
    }
    holiday_year_free(&year);
    return rc;
}

static void assert_content(const char *path, const char *want)
{
    char got[4096] = "";
    FILE *file = fopen(path, "re");

    assert_non_null(file);
    got[fread(got, 1, sizeof(got) - 1, file)] = '\0';
    assert_int_equal(fclose(file), 0);
    assert_string_equal(got, want);
}

#define GROUP(title)                                                                               \
    "    {\n"                                                                                      \
    "        notice = \"" title "https://p/1\";\n"                                                 \
    "        days = (\n"                                                                           \
    "            { name = \"a\"; off = \"2026-12-31..2027-01-01\"; work = \"2027-01-03\"; },\n"    \
    "            { name = \"b\"; off = \"2027-02-05..2027-02-06\"; }\n"                            \
    "        );\n"                                                                                 \
    "    }\n"

/* Brackets and names where they mean nothing. */
#define TRICKY                                                                                     \
    "text = \"days_x = (\"; days_x: (\n"                                                           \
    "  { notice = \"n )\"; days = ( { name = \"}\"; off = \"2026-01-01\"; } ); }"

/* old: NULL is no file. */
static void check_add(const char *old, const char *list, const char *title, const char *want)
{
    const struct folder f = folder_new(some);
    struct err err = ERR_NONE;

    if (old) {
        temp_folder_write(f.conf, old, 0640);
    }
    if (import(&f, list, title, &err) != 1) {
        fail_msg("%s: %s", old ? old : "no file", err.text);
    }
    assert_content(f.conf, want);
    /* The same again changes nothing. */
    assert_int_equal(import(&f, list, title, &err), 0);
    assert_content(f.conf, want);
    temp_folder_remove(&f.temp);
}

static void a_year_goes_behind_what_is_there_and_keeps_every_comment(void **state)
{
    check_add(NULL, NULL, NULL, "days_x = (\n" GROUP("") ");\n");
    check_add(NULL, "y", "T", "days_y = (\n" GROUP("T ") ");\n");
    check_add("other = 1;", "x", "\"q\" \\",
              "other = 1;\ndays_x = (\n" GROUP("\\\"q\\\" \\\\ ") ");\n");
    check_add("days_x = ();", NULL, NULL, "days_x = (\n" GROUP("") ");");
    check_add("# days_x = (\ndays_x = (\n# none yet )\n);\nother = 1;\n", NULL, NULL,
              "# days_x = (\ndays_x = (\n# none yet )\n" GROUP("") ");\nother = 1;\n");
    check_add(TRICKY " // ) last\n  /* ) */\n) // end\n", NULL, NULL,
              TRICKY ", // ) last\n  /* ) */\n" GROUP("") ") // end\n");
    check_add("days_y = ( );\ndays_x = ( { notice = \"\\\")\"; days = (); } );\n", "x", NULL,
              "days_y = ( );\ndays_x = ( { notice = \"\\\")\"; days = (); }, \n" GROUP("") ");\n");
}

static void the_file_keeps_its_mode_and_nothing_is_left_beside_it(void **state)
{
    const struct folder f = folder_new(some);
    struct err err = ERR_NONE;
    struct stat status;

    temp_folder_write(f.conf, "days_x = ();\n", 0640);
    assert_int_equal(import(&f, NULL, NULL, &err), 1);
    assert_int_equal(stat(f.conf, &status), 0);
    assert_int_equal(status.st_mode & 0777, 0640);
    assert_int_equal(unlink(f.conf), 0);
    assert_int_equal(unlink(f.json), 0);
    assert_int_equal(rmdir(f.temp.path), 0); /* it is empty */
}

#define LIST(notice, days) "days_x = ( { notice = \"" notice "\"; days = ( " days " ); } );\n"
#define ALL                                                                                        \
    "{ name = \"z\"; off = \"2026-12-31..2027-01-01\"; }, "                                        \
    "{ name = \"z\"; off = (\"2027-02-05\", \"2027-02-06\"); work = \"2027-01-03\"; }"

/* want: NULL when the list says the same already. */
static void check_there(const char *old, const char *want)
{
    const struct folder f = folder_new(some);
    struct err err = ERR_NONE;

    temp_folder_write(f.conf, old, 0644);
    if (want) {
        assert_int_equal(import(&f, NULL, NULL, &err), -1);
        if (!strstr(err.text, want) || !strstr(err.text, "days-x.conf")) {
            fail_msg("\"%s\" is not in \"%s\"", want, err.text);
        }
    } else {
        assert_int_equal(import(&f, NULL, NULL, &err), 0);
    }
    assert_content(f.conf, old);
    temp_folder_remove(&f.temp);
}

static void a_year_that_is_there_is_left_alone_or_refused(void **state)
{
    check_there(LIST("by hand", ALL), NULL);
    check_there(LIST("by hand", ALL ", { name = \"own\"; off = \"2027-07-01\"; }"), NULL);
    check_there(LIST("T https://p/1", ALL ", { name = \"own\"; off = \"2027-07-01\"; }"),
                "2027-07-01 is only there");
    check_there(LIST("by hand", "{ name = \"a\"; off = \"2027-01-01\"; }"),
                "2026-12-31 is not there");
    check_there(LIST("by hand", "{ name = \"a\"; off = \"2027-01-03\"; }"),
                "2027-01-03 is off there");
    check_there(LIST("by hand", "{ name = \"a\"; work = \"2027-02-05\"; }"),
                "2027-02-05 is work there");
    check_there(LIST("https://p/1", "{ name = \"a\"; off = \"2027-08-01\"; }"),
                "2027-08-01 is only there");
    check_there("days_x = (\n", "syntax error");
    check_there("days_x = 1;\n", "must be a list");
    check_there("days_x = (); days_y = ();\n", "several lists");
    check_there("other = 1;\n", "has no list of days");
    check_there("@include \"2027.json\"\n", "days-x.conf");
}

static void check_json(const char *json, const char *want)
{
    const struct folder f = folder_new(json);
    struct err err = ERR_NONE;

    assert_int_equal(import(&f, NULL, NULL, &err), -1);
    assert_string_equal(err.code, "holidays_invalid");
    if (!strstr(err.text, want)) {
        fail_msg("\"%s\" is not in \"%s\"", want, err.text);
    }
    assert_int_equal(access(f.conf, F_OK), -1);
    temp_folder_remove(&f.temp);
}

static void json_that_is_not_of_that_form_is_refused(void **state)
{
    check_json("", "2027.json");
    check_json("[]", "needs a year");
    check_json("{ \"year\": \"2027\" }", "needs a year");
    check_json("{ \"year\": 1990 }", "needs a year from 1991 to 2100");
    check_json("{ \"year\": 2027, \"papers\": [1] }", "papers must be addresses");
    check_json("{ \"year\": 2027, \"papers\": [\"a\\nb\"] }", "papers must be addresses");
    check_json("{ \"year\": 2027 }", "has no days");
    check_json(YEAR(""), "has no days; is the year announced?");
    check_json(YEAR("1"), "a day needs a name");
    check_json(YEAR(DAY("", "2027-01-01", "true")), "a day needs a name");
    check_json(YEAR(DAY("a\\tb", "2027-01-01", "true")), "a day needs a name");
    check_json(YEAR(DAY("a", "2027-02-29", "true")), "needs a date such as");
    check_json(YEAR(DAY("a", "2027-01-01", "1")), "2027-01-01 needs isOffDay");
    check_json(YEAR(DAY("a", "2026-11-30", "true")), "2026-11-30 is not of the year 2027");
    check_json(YEAR(DAY("a", "2028-01-01", "true")), "2028-01-01 is not of the year 2027");
    check_json(YEAR(DAY("a", "2027-01-01", "true") ", " DAY("b", "2027-01-01", "false")),
               "2027-01-01 is there twice");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_year_goes_behind_what_is_there_and_keeps_every_comment),
        cmocka_unit_test(the_file_keeps_its_mode_and_nothing_is_left_beside_it),
        cmocka_unit_test(a_year_that_is_there_is_left_alone_or_refused),
        cmocka_unit_test(json_that_is_not_of_that_form_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

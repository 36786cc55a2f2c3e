/* SPDX-License-Identifier: Apache-2.0 */
#include "common/base/zone.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/base/compiler.h"
#include "common/base/duration.h"
#include "common/base/text.h"
#include "common/base/zone_rule.h"

static struct zone *must_open(const char *name)
{
    struct err err = ERR_NONE;
    struct zone *z = zone_open(name, &err);

    assert_string_equal(err.text, "");
    assert_non_null(z);
    return z;
}

static struct civil_time civil(const char *text)
{
    struct civil_time t = {.microsecond = 0};

    // NOLINTNEXTLINE(cert-err34-c): the texts stand below
    assert_int_equal(sscanf(text, "%d-%d-%d %d:%d:%d", &t.date.year, &t.date.month, &t.date.day,
                            &t.hour, &t.minute, &t.second),
                     6);
    return t;
}

static void assert_instant(int64_t us, const char *want)
{
    int64_t want_us = 0;
    char got[INSTANT_TEXT_SIZE];

    assert_int_equal(instant_parse(want, &want_us), 0);
    if (us != want_us) {
        assert_string_equal(instant_format(us, got), want);
    }
}

static void local_times_become_instants(void **state)
{
    static const struct {
        const char *zone, *local, *want;
    } cases[] = {
        {"Asia/Shanghai",       "2019-02-28 11:25:05", "2019-02-28T03:25:05Z"},
 /* summer time of 1986 to 1991 */
        {"Asia/Shanghai",       "1988-07-01 12:00:00", "1988-07-01T03:00:00Z"},
        {"Asia/Shanghai",       "1988-12-01 12:00:00", "1988-12-01T04:00:00Z"},
 /* before standard time: local mean time, +8:05:43 */
        {"Asia/Shanghai",       "1900-12-31 00:05:43", "1900-12-30T16:00:00Z"},
        {"America/New_York",    "2019-03-10 01:59:59", "2019-03-10T06:59:59Z"},
        {"America/New_York",    "2019-03-10 02:00:00", "2019-03-10T07:00:00Z"},
 /* skipped: the first instant after the gap */
        {"America/New_York",    "2019-03-10 02:30:00", "2019-03-10T07:00:00Z"},
        {"America/New_York",    "2019-03-10 03:00:00", "2019-03-10T07:00:00Z"},
        {"America/New_York",    "2019-03-10 03:30:00", "2019-03-10T07:30:00Z"},
 /* comes twice: the first */
        {"America/New_York",    "2019-11-03 01:00:00", "2019-11-03T05:00:00Z"},
        {"America/New_York",    "2019-11-03 01:59:59", "2019-11-03T05:59:59Z"},
        {"America/New_York",    "2019-11-03 02:00:00", "2019-11-03T07:00:00Z"},
 /* by the rule, behind every table */
        {"America/New_York",    "2500-07-01 00:00:00", "2500-07-01T04:00:00Z"},
        {"Europe/Berlin",       "2026-03-29 02:30:00", "2026-03-29T01:00:00Z"},
        {"Europe/Berlin",       "2026-10-25 02:30:00", "2026-10-25T00:30:00Z"},
        {"Australia/Sydney",    "2026-01-15 12:00:00", "2026-01-15T01:00:00Z"},
        {"Australia/Sydney",    "2500-01-15 12:00:00", "2500-01-15T01:00:00Z"},
 /* half an hour; a whole day that never was */
        {"Australia/Lord_Howe", "2026-10-04 02:15:00", "2026-10-03T15:30:00Z"},
        {"Pacific/Apia",        "2011-12-30 12:00:00", "2011-12-30T10:00:00Z"},
        {"Asia/Kathmandu",      "2026-01-01 00:00:00", "2025-12-31T18:15:00Z"},
        {"UTC",                 "2026-01-01 00:00:00", "2026-01-01T00:00:00Z"},
        {"Etc/GMT+8",           "2026-01-01 00:00:00", "2026-01-01T08:00:00Z"},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct zone *z = must_open(cases[i].zone);
        const struct civil_time local = civil(cases[i].local);

        assert_string_equal(zone_name(z), cases[i].zone);
        assert_instant(zone_to_instant(z, &local), cases[i].want);
        zone_free(z);
    }
}

/* libc reads the same files in its own way. */
static void every_zone_agrees_with_libc(void **state)
{
    static const char *const names[] = {"Asia/Shanghai",     "America/New_York", "Europe/London",
                                        "Europe/Dublin",     "Pacific/Apia",     "America/Santiago",
                                        "Asia/Tehran",       "Africa/Cairo",     "Asia/Gaza",
                                        "America/Sao_Paulo", "Africa/Casablanca"};
    uint64_t random = 1;

    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        struct zone *z = must_open(names[i]);

        assert_int_equal(setenv("TZ", names[i], 1), 0);
        tzset();
        for (int n = 0; n < 3000; n++) {
            struct civil_time local;
            struct tm want;
            time_t t;

            random = random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
            t = (time_t)((int64_t)(random >> 30) - 2500000000); /* 1890 to 2435 */
            assert_non_null(localtime_r(&t, &want));
            zone_from_instant(z, (int64_t)t * DURATION_S + 7, &local);
            assert_int_equal(local.date.year, want.tm_year + 1900);
            assert_int_equal(local.date.month, want.tm_mon + 1);
            assert_int_equal(local.date.day, want.tm_mday);
            assert_int_equal(local.hour, want.tm_hour);
            assert_int_equal(local.minute, want.tm_min);
            assert_int_equal(local.second, want.tm_sec);
            assert_int_equal(local.microsecond, 7);
            assert_int_equal(zone_offset_s(z, (int64_t)t * DURATION_S), want.tm_gmtoff);
            assert_true(civil_time_is_valid(&local));
        }
        zone_free(z);
    }
}

static void way_there_and_back_is_the_same(void **state)
{
    struct zone *z = must_open("Europe/London");

    for (int64_t us = -3000000000 * DURATION_S; us < 5000000000 * DURATION_S;
         us += 12345678 * DURATION_S + 1) {
        struct civil_time local;
        const int64_t before = zone_offset_s(z, us - 2 * DURATION_H);

        zone_from_instant(z, us, &local);
        if (before <= zone_offset_s(z, us)) { /* else it may be the second of two */
            assert_true(zone_to_instant(z, &local) == us);
        }
    }
    zone_free(z);
}

static void changes_follow_each_other(void **state)
{
    struct zone *z = must_open("America/New_York");
    struct zone *utc = must_open("UTC");
    int64_t us = 0;

    assert_int_equal(instant_parse("2019-01-01T00:00:00Z", &us), 0);
    us = zone_next_change(z, us);
    assert_instant(us, "2019-03-10T07:00:00Z");
    us = zone_next_change(z, us);
    assert_instant(us, "2019-11-03T06:00:00Z");
    assert_int_equal(instant_parse("2400-06-01T00:00:00Z", &us), 0);
    us = zone_next_change(z, us);
    assert_instant(us, "2400-11-05T06:00:00Z");
    us = zone_next_change(z, us);
    assert_instant(us, "2401-03-11T07:00:00Z");
    assert_true(zone_next_change(utc, us) == INT64_MAX);
    zone_free(z);
    zone_free(utc);
}

static void wrong_names_are_refused(void **state)
{
    static const char *const names[] = {
        "",
        "/etc/passwd",
        "../../etc/passwd",
        "Asia/../Asia/Shanghai",
        "Asia//Shanghai",
        "Asia/",
        "Asia",
        "Mars/Olympus",
        "Asia/Shanghai\n",
        "zone.tab",
        "a b",
        "%s",
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"};

    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        struct err err = ERR_NONE;

        assert_null(zone_open(names[i], &err));
        assert_string_equal(err.code, "zone_unknown");
    }
    assert_true(zone_name_is_valid("America/Argentina/Buenos_Aires"));
    assert_true(zone_name_is_valid("Etc/GMT+8"));
}

static void damaged_files_are_refused(void **state)
{
    char folder[] = "/tmp/troth-zone-XXXXXX";
    struct text path = {0};
    char content[8192];
    size_t len;
    FILE *file = fopen("/usr/share/zoneinfo/Europe/London", "rbe");

    assert_non_null(file);
    len = fread(content, 1, sizeof(content), file);
    assert_int_equal(fclose(file), 0);
    assert_non_null(mkdtemp(folder));
    text_appendf(&path, "%s/Cut", folder);
    assert_int_equal(setenv("TZDIR", folder, 1), 0);
    for (size_t cut = 1; cut <= len; cut += cut < 200 ? 1 : 97) {
        struct err err = ERR_NONE;
        struct zone *z;

        file = fopen(path.data, "wbe");
        assert_non_null(file);
        assert_int_equal(fwrite(content, 1, cut, file), cut);
        assert_int_equal(fclose(file), 0);
        z = zone_open("Cut", &err);
        assert_true(z ? cut == len : strcmp(err.code, "zone_malformed") == 0);
        zone_free(z);
    }
    assert_int_equal(unsetenv("TZDIR"), 0);
    assert_int_equal(unlink(path.data), 0);
    assert_int_equal(rmdir(folder), 0);
    text_free(&path);
}

static void rules_of_posix_are_read(void **state)
{
    static const struct {
        const char *text;
        int result;
    } cases[] = {
        {"UTC0",                            0 },
        {"CST-8",                           0 },
        {"<+0330>-3:30",                    0 },
        {"EST5EDT,M3.2.0,M11.1.0",          0 },
        {"CET-1CEST,M3.5.0,M10.5.0/3",      0 },
        {"<-02>2<-01>,M3.5.0/-1,M10.5.0/0", 0 },
        {"XXX-1:02:03YYY-2,J60,364/167",    0 },
        {"",                                -1},
        {"EST",                             -1},
        {"E5",                              -1},
        {"<EST5",                           -1},
        {"EST5EDT",                         -1},
        {"EST5EDT,M3.2.0",                  -1},
        {"EST5EDT,M13.2.0,M11.1.0",         -1},
        {"EST5EDT,M3.6.0,M11.1.0",          -1},
        {"EST5EDT,M3.2.7,M11.1.0",          -1},
        {"EST5EDT,J0,J366",                 -1},
        {"EST5EDT,M3.2.0,M11.1.0x",         -1},
        {"EST200",                          -1},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct zone_rule rule;

        assert_int_equal(zone_rule_parse(cases[i].text, &rule), cases[i].result);
    }
}

static void days_of_rules_are_found(void **state)
{
    static const struct {
        const char *rule;
        int year;
        const char *first, *second;
    } cases[] = {
        {"CET-1CEST,M3.5.0,M10.5.0/3",   2026, "2026-03-29T01:00:00Z", "2026-10-25T01:00:00Z"},
 /* the south: summer ends first */
        {"AEST-10AEDT,M10.1.0,M4.1.0/3", 2026, "2026-04-04T16:00:00Z", "2026-10-03T16:00:00Z"},
 /* J60 is 1 March in every year, 59 counts 29 February */
        {"AAA0BBB,J60/0,300/0",          2024, "2024-03-01T00:00:00Z", "2024-10-26T23:00:00Z"},
        {"AAA0BBB,59/0,300/0",           2024, "2024-02-29T00:00:00Z", "2024-10-26T23:00:00Z"},
        {"AAA0BBB,M2.5.4/0,300/0",       2024, "2024-02-29T00:00:00Z", "2024-10-26T23:00:00Z"},
        {"AAA0BBB,M2.5.4/0,300/0",       2023, "2023-02-23T00:00:00Z", "2023-10-27T23:00:00Z"},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct zone_rule rule;
        struct zone_change changes[2];

        assert_int_equal(zone_rule_parse(cases[i].rule, &rule), 0);
        zone_rule_changes(&rule, cases[i].year, changes);
        assert_instant(changes[0].at_s * DURATION_S, cases[i].first);
        assert_instant(changes[1].at_s * DURATION_S, cases[i].second);
    }
}

static void write_line(const char *folder, const char *name, const char *line)
{
    struct text path = {0};
    FILE *file;

    text_appendf(&path, "%s/%s", folder, name);
    file = fopen(path.data, "we");
    assert_non_null(file);
    assert_true(fputs(line, file) >= 0);
    assert_int_equal(fclose(file), 0);
    text_free(&path);
}

static void the_release_of_the_database_is_what_its_files_say(void **state)
{
    static const struct {
        const char *zi, *version, *want;
    } cases[] = {
        {"# version 2025b\n# more\n",   "2024a\n", "2025b"  },
        {"# redo: no version\n",        "2024a\n", "2024a"  },
        {"",                            "2024a",   "2024a"  },
        {"# version 2025b\r\n",         "",        "2025b"  },
        {"# version 2025b-is-too-long", "",        "unknown"},
        {"# version 20 25",             "A",       "unknown"},
    };
    char folder[] = "/tmp/troth-zone-XXXXXX";
    char text[ZONE_VERSION_SIZE];

    assert_non_null(mkdtemp(folder));
    assert_int_equal(setenv("TZDIR", folder, 1), 0);
    assert_string_equal(zone_database_version(text), "unknown"); /* no file at all */
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        write_line(folder, "tzdata.zi", cases[i].zi);
        write_line(folder, "+VERSION", cases[i].version);
        assert_string_equal(zone_database_version(text), cases[i].want);
    }
    assert_int_equal(unsetenv("TZDIR"), 0);
    assert_int_equal(chdir(folder), 0);
    assert_int_equal(unlink("tzdata.zi"), 0);
    assert_int_equal(unlink("+VERSION"), 0);
    assert_int_equal(rmdir(folder), 0);
}

static void impossible_civil_times_are_found(void **state)
{
    static const char *const wrong[] = {
        "2026-02-29 00:00:00", "2026-13-01 00:00:00", "2026-00-01 00:00:00", "2026-01-32 00:00:00",
        "2026-01-01 24:00:00", "2026-01-01 00:60:00", "2026-01-01 00:00:60", "0-01-01 00:00:00"};

    for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
        const struct civil_time t = civil(wrong[i]);

        assert_false(civil_time_is_valid(&t));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(local_times_become_instants),
        cmocka_unit_test(every_zone_agrees_with_libc),
        cmocka_unit_test(way_there_and_back_is_the_same),
        cmocka_unit_test(changes_follow_each_other),
        cmocka_unit_test(wrong_names_are_refused),
        cmocka_unit_test(damaged_files_are_refused),
        cmocka_unit_test(rules_of_posix_are_read),
        cmocka_unit_test(days_of_rules_are_found),
        cmocka_unit_test(impossible_civil_times_are_found),
        cmocka_unit_test(the_release_of_the_database_is_what_its_files_say),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

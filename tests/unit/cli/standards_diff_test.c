/* SPDX-License-Identifier: Apache-2.0 */
#include "services/cli/standards_diff.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/instant.h"
#include "common/base/text.h"

#define RULE(name, settings)                                                                       \
    "{ name = \"" name "\"; priority = 2; owner_team = \"care\"; " settings " }"
#define A            RULE("a", "kind = \"complaint\";")
#define B            RULE("b", "kind = \"request\";")
#define C            RULE("c", "words = (\"刹车\", \"brake\");")
#define REST         RULE("rest", "")
#define RULES(rules) "rules = ( " rules " );\n"
#define WEEK(week, days)                                                                           \
    "calendars = ( { name = \"shop\"; zone = \"Asia/Shanghai\"; branches = \"*\"; week = { " week  \
    " }; " days " } );\n"
#define DAYS(off)                                                                                  \
    "days_cn = ( { notice = \"n\"; days = ( { name = \"春节\"; off = \"" off "\"; } ); } );\n"

static struct standard *parse(const char *text)
{
    struct err err = ERR_NONE;
    struct standard *s = standard_parse(text, "t", &err);

    if (!s) {
        fail_msg("%s\n%s: %s", text, err.field, err.text);
    }
    return s;
}

static int64_t day(int year, int month, int of_month)
{
    return civil_to_days((struct civil_date){.year = year, .month = month, .day = of_month});
}

/* "rule a: what; rule b: what" */
static void describe(const json_t *changes, struct text *ret)
{
    size_t i;
    const json_t *change;

    json_array_foreach(changes, i, change)
    {
        text_appendf(ret, "%s%s %s: %s", i > 0 ? "; " : "",
                     json_string_value(json_object_get(change, "part")),
                     json_string_value(json_object_get(change, "name")),
                     json_string_value(json_object_get(change, "change")));
    }
}

/* clang-format off */
static void what_changes_is_said_in_words(void **state)
{
    static const struct {
        const char *before;
        const char *after;
        const char *want;
    } cases[] = {
        {RULES(A "," REST), "# a comment\n" RULES(A "," REST), ""},
        {RULES(A "," REST), RULES(A "," B "," REST),
         "rule b: is new, tried after a, for request: priority 2, owner care, promised: nothing"},
        {RULES(REST), RULES(A "," REST),
         "rule a: is new, tried first of all, for complaint: priority 2, owner care, promised: nothing"},
        {RULES(A "," B "," REST), RULES(B "," REST),
         "rule a: is gone (before: for complaint); rule a: its contacts (complaint) are decided by rest now"},
        {RULES(A "," B "," REST), RULES(B "," A "," REST),
         "rule a: is tried after b now, not first of all"},
        {RULES(A "," B "," C "," REST), RULES(C "," A "," B "," REST),
         "rule c: is tried first of all now, not after b"},
        {RULES(A "," RULE("x", "words = (\"刹车\"); kind = \"request\";") "," B "," C "," REST),
         RULES(A "," C "," B "," REST),
         "rule x: is gone (before: for request, words \"刹车\"); rule b: is tried after c now, not after x; "
         "rule x: its contacts (request, words \"刹车\") are decided by c now"},
        /* The example of "x" never was its own: "a" took it before and after. */
        {RULES(RULE("a", "words = (\"刹车\");") "," RULE("x", "words = (\"刹车片\", \"灯\");") "," REST),
         RULES(RULE("y", "words = (\"刹车\");") "," RULE("x", "words = (\"刹车片\", \"灯\");") "," REST),
         "rule a: is gone (before: for words \"刹车\"); "
         "rule y: is new, tried first of all, for words \"刹车\": priority 2, owner care, promised: nothing; "
         "rule a: its contacts (words \"刹车\") are decided by y now"},
        /* Who promises nothing tells nobody. */
        {RULES(RULE("rest", "escalation = ( { at = 9; tell = \"z\"; } );")), RULES(REST), ""},
        {RULES(REST), "rules = ( { name = \"rest\"; priority = 1; owner_team = \"boss\"; } );",
         "rule rest: priority: 1 (urgent) instead of 2 (high); rule rest: owner: boss instead of care"},
        {RULES(A "," REST), RULES(RULE("a", "kind = \"complaint\"; tier = \"gold\"; asked_priority = 1;") "," REST),
         "rule a: for: complaint, tier gold, priority by hand 1 (before: complaint); "
         "rule a: its contacts (complaint) are decided by rest now"},

        {RULES(RULE("r", "promises = ( { kind = \"first_response\"; target = \"4h\"; },"
                         "{ kind = \"resolution\"; target = \"2d\"; } );")),
         WEEK("mon-fri = \"09:00-17:00\";", "")
         RULES(RULE("r", "promises = ( { kind = \"first_response\"; target = \"30m\"; },"
                         "{ kind = \"callback\"; target = \"2d\"; calendar = \"shop\"; } );")),
         "rule r: first response: 30m instead of 4h; rule r: resolution is not promised any more (before: 2d); "
         "rule r: callback is promised now: 48h of shop; calendar shop: is new, in zone Asia/Shanghai"},
        {WEEK("mon-fri = \"09:00-17:00\";", "")
         RULES(RULE("r", "promises = ( { kind = \"first_response\"; target = \"90m\"; } );")),
         WEEK("mon-fri = \"09:00-17:00\";", "")
         RULES(RULE("r", "promises = ( { kind = \"first_response\"; target = \"90m\"; calendar = \"branch\"; } );")),
         "rule r: first response: 1h30m of the branch's hours instead of 1h30m"},

        {"escalation = ( { at = 80; tell = \"x\"; } );"
         RULES(RULE("a", "kind = \"praise\"; promises = ( { kind = \"callback\"; target = \"2d\"; } );") ","
               RULE("rest", "promises = ( { kind = \"callback\"; target = \"2d\"; } );")),
         "renegotiate_by = (\"y\");"
         RULES(RULE("a", "kind = \"praise\"; promises = ( { kind = \"callback\"; target = \"2d\"; } );"
                         "escalation = ( { after = \"1h\"; tell = \"z\"; } );") ","
               RULE("rest", "promises = ( { kind = \"callback\"; target = \"2d\"; } ); renegotiate_by = (\"z\");")),
         "rule a: who is told: z 1h after (before: x at 80 %); "
         "rule rest: who may agree on another date: z (before: anybody); "
         "standard escalation: who is told: nobody (before: x at 80 %); "
         "standard renegotiate_by: who may agree on another date: y (before: anybody)"},

        {RULES(REST),
         RULES(REST) "hops_max = 5; identity: { join_by = (\"phone\"); }; thanks = (\"ok\");"
         "dedup = ( { name = \"d\"; window = \"1h\"; } ); triage = ( { category = \"c\"; words = (\"w\"); } );",
         "standard triage: texts get their category by other words (1 rows instead of 0); "
         "standard thanks: other words count as nothing but thanks; "
         "standard dedup: contacts join open cases by other rules (1 instead of 0); "
         "standard identity: references of customers are joined in another way; "
         "standard hops_max: 5 instead of 20"},
        {RULES(REST) "thanks = (\"ok\"); dedup = ( { name = \"d\"; window = \"1h\"; } );"
         "triage = ( { category = \"c\"; words = (\"w\"); } );",
         RULES(REST) "thanks = (\"OK\"); dedup = ( { name = \"d\"; window = \"2h\"; } );"
         "triage = ( { category = \"c\"; words = (\"x\"); } );",
         "standard triage: texts get their category by other words (1 rows instead of 1); "
         "standard thanks: other words count as nothing but thanks; "
         "standard dedup: contacts join open cases by other rules (1 instead of 1)"},

        {WEEK("mon-fri = \"09:00-17:00\";", "") RULES(REST),
         WEEK("mon-thu = \"09:00-17:00\"; fri = (\"09:00-12:00\", \"13:00-15:00\"); sun = \"00:00-24:00\";", "")
         RULES(REST),
         "calendar shop: Fridays: 09:00-12:00 13:00-15:00 instead of 09:00-17:00; "
         "calendar shop: Sundays: 00:00-24:00 instead of closed"},
        {DAYS("2026-02-16..2026-02-18") WEEK("mon-fri = \"09:00-17:00\";", "days = \"cn\";") RULES(REST),
         DAYS("2026-02-18..2026-02-24") WEEK("mon-fri = \"09:00-17:00\";", "days = \"cn\";") RULES(REST),
         "calendar shop: 2026-02-16..2026-02-17: 09:00-17:00 instead of closed; "
         "calendar shop: 2026-02-19..2026-02-20 (春节): closed instead of 09:00-17:00; "
         "calendar shop: 2026-02-23..2026-02-24 (春节): closed instead of 09:00-17:00"},
        /* The same before, in a row, and not the same now. */
        {DAYS("2026-02-16..2026-02-17") WEEK("mon-fri = \"09:00-17:00\";", "days = \"cn\";") RULES(REST),
         "days_cn = ( { notice = \"n\"; days = ( { name = \"a\"; work = \"2026-02-16\"; hours = \"10:00-11:00\"; },"
         "{ name = \"a\"; work = \"2026-02-17\"; hours = \"10:00-12:00\"; } ); } );\n"
         WEEK("mon-fri = \"09:00-17:00\";", "days = \"cn\";") RULES(REST),
         "calendar shop: 2026-02-16 (a): 10:00-11:00 instead of closed; "
         "calendar shop: 2026-02-17 (a): 10:00-12:00 instead of closed"},
        {DAYS("2030-02-16") WEEK("mon-fri = \"09:00-17:00\";", "days = \"cn\";") RULES(REST),
         DAYS("2030-02-18") WEEK("mon-fri = \"09:00-17:00\";", "days = \"cn\";") RULES(REST),
         ""},
        {WEEK("mon-fri = \"09:00-17:00\";", "") RULES(REST), RULES(REST), "calendar shop: is gone"},
        {"calendars = ( { name = \"a\"; zone = \"Asia/Shanghai\"; branches = (\"n\", \"s\");"
         "week = { mon = \"09:00-17:00\"; }; } );" RULES(REST),
         "calendars = ( { name = \"a\"; zone = \"Asia/Tokyo\"; branches = \"*\"; week = { mon = \"09:00-17:00\"; }; } );"
         RULES(REST),
         "calendar a: branches: all others instead of n, s; calendar a: its zone is Asia/Tokyo instead of Asia/Shanghai"},
    };
    /* clang-format on */

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct standard *before = parse(cases[i].before);
        struct standard *after = parse(cases[i].after);
        json_t *changes = standards_diff(before, after, day(2026, 1, 1), day(2027, 12, 31));
        struct text got = {.data = NULL};

        describe(changes, &got);
        assert_string_equal(text_or_empty(&got), cases[i].want);
        text_free(&got);
        json_decref(changes);
        standard_free(before);
        standard_free(after);
    }
}

static void many_changed_days_are_counted(void **state)
{
    struct text days = {.data = NULL};
    struct standard *before = parse(WEEK("mon-sun = \"09:00-17:00\";", "") RULES(REST));
    struct standard *after;
    struct text got = {.data = NULL};
    json_t *changes;

    text_append(&days, "days_cn = ( { notice = \"n\"; days = (");
    for (int i = 0; i < 70; i++) {
        text_appendf(&days, "%s { name = \"d%d\"; off = \"2026-%02d-%02d\"; }", i > 0 ? "," : "", i,
                     1 + i / 14, 1 + 2 * (i % 14));
    }
    text_append(&days,
                " ); } );\n" WEEK("mon-sun = \"09:00-17:00\";", "days = \"cn\";") RULES(REST));
    after = parse(days.data);
    changes = standards_diff(before, after, day(2026, 1, 1), day(2026, 12, 31));
    assert_int_equal(json_array_size(changes), 61);
    describe(changes, &got);
    assert_non_null(strstr(got.data, "shop: and 10 more changes of special days"));
    json_decref(changes);
    standard_free(before);
    standard_free(after);
    text_free(&days);
    text_free(&got);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_changes_is_said_in_words),
        cmocka_unit_test(many_changed_days_are_counted),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

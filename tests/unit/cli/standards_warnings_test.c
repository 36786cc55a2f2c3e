/* SPDX-License-Identifier: Apache-2.0 */
#include "services/cli/standards_warnings.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/base/duration.h"
#include "common/base/instant.h"
#include "common/base/text.h"

#define TOLD         "escalation = ( { at = 80; tell = \"x\"; } );\n"
#define RULES(rules) TOLD "rules = ( " rules " );\n"
#define RULE(name, settings)                                                                       \
    "{ name = \"" name "\"; priority = 2; owner_team = \"care\"; " settings " }"
#define REST                        RULE("rest", "promises = ( { kind = \"first_response\"; target = \"4h\"; } );")
#define PROMISE(kind, target, more) "{ kind = \"" kind "\"; target = \"" target "\"; " more "}"
#define SHOP(branches, week, more)                                                                 \
    "calendars = ( { name = \"shop\"; zone = \"Asia/Shanghai\"; " branches " week = { " week       \
    " }; " more "} );\n"
#define DAYS                                                                                       \
    "days_cn = ( { notice = \"n\"; days = ( { name = \"a\"; off = (\"2026-05-01\", "               \
    "\"2027-05-01\"); } ); } );\n"

/* clang-format off */
static void what_may_have_been_forgotten_is_named(void **state)
{
    static const struct {
        const char *text;
        const char *want;
    } cases[] = {
        {RULES(REST), ""},
        {RULES(RULE("c", "kind = \"complaint\";") "," REST), "rule c: complaints are promised nothing\n"},
        {RULES(RULE("c", "kind = \"praise\";") "," REST), ""},
        {RULES(RULE("rest", "")), "rule rest: complaints, which it may match, too, are promised nothing\n"},
        {RULES(RULE("c", "kind = \"complaint\"; promises = ( " PROMISE("resolution", "4h", "") " );") "," REST),
         "rule c: complaints are promised no next update: until they are resolved the customer may hear nothing\n"},
        {RULES(RULE("c", "kind = \"complaint\"; promises = ( " PROMISE("resolution", "4h", "") ","
                    PROMISE("next_update", "4h", "") " );") "," REST), ""},
        {RULES(RULE("c", "kind = \"enquiry\"; promises = ( " PROMISE("first_response", "7d", "") ","
                    PROMISE("next_update", "14d", "") "," PROMISE("resolution", "60d", "") "," PROMISE("callback", "7d", "")
                    " );") "," REST), ""},
        {RULES(RULE("c", "kind = \"enquiry\"; promises = ( " PROMISE("first_response", "7d1h", "") ","
                    PROMISE("next_update", "15d", "") "," PROMISE("resolution", "61d", "") "," PROMISE("callback", "8d", "")
                    " );") "," REST),
         "rule c: first_response of 7d1h is long\nrule c: next_update of 15d is long\n"
         "rule c: resolution of 61d is long\nrule c: callback of 8d is long\n"},
        /* A fifth of the hours: three days are over two weeks. */
        {DAYS SHOP("branches = \"*\";", "mon-fri = \"09:00-17:00\";", "days = \"cn\"; ")
         RULES(RULE("rest", "promises = ( " PROMISE("first_response", "3d", "calendar = \"shop\"; ") " );")),
         "rule rest: first_response of 72h by the hours of shop takes about 12 d 16 h\n"
         "rule rest: first_response of 3d is 72h of working time, not days of it: write hours\n"},
        {DAYS SHOP("branches = \"*\";", "mon-fri = \"09:00-17:00\";", "days = \"cn\"; ")
         RULES(RULE("rest", "promises = ( " PROMISE("first_response", "3d", "calendar = \"branch\"; ") " );")),
         "rule rest: first_response of 72h by the hours of shop takes about 12 d 16 h\n"
         "rule rest: first_response of 3d is 72h of working time, not days of it: write hours\n"},
        /* Days are whole ones where every hour counts; who writes hours knows what they do. */
        {DAYS SHOP("branches = \"*\";", "mon-fri = \"09:00-17:00\";", "days = \"cn\"; ")
         RULES(RULE("rest", "promises = ( " PROMISE("first_response", "3d", "") "," PROMISE("next_update", "24h", "calendar = \"shop\"; ")
                    "," PROMISE("resolution", "1d30m", "calendar = \"shop\"; ") " );")),
         "rule rest: resolution of 1d30m is 24h30m of working time, not days of it: write hours\n"},
        {SHOP("branches = \"*\";", "mon-sun = \"00:00-24:00\";", "")
         RULES(RULE("rest", "promises = ( " PROMISE("first_response", "3d", "calendar = \"shop\"; ") " );")), ""},
        {DAYS SHOP("branches = (\"n\");", "mon-fri = \"09:00-17:00\";", "days = \"cn\"; ")
         RULES(RULE("s", "branch = \"s\"; promises = ( " PROMISE("callback", "3h", "calendar = \"branch\"; ") " );") "," REST),
         "rule s: branch s has no calendar: every hour counts there\n"
         "no calendar has branches \"*\": for branches that no calendar names, and cases without a branch, every hour "
         "counts\n"},
        {DAYS SHOP("branches = (\"n\");", "mon-fri = \"09:00-17:00\";", "days = \"cn\"; ")
         RULES(RULE("s", "branch = \"n\"; promises = ( " PROMISE("callback", "3h", "calendar = \"shop\"; ") " );") "," REST),
         ""},
        {SHOP("branches = \"*\";", "mon-fri = \"09:00-17:00\";", "") RULES(REST),
         "calendar shop: has no special days in 2026: holidays count as working days\n"
         "calendar shop: has no special days in 2027: holidays count as working days\n"},
        {SHOP("branches = \"*\";", "mon-sun = \"00:00-24:00\";", "") RULES(REST), ""},
        {"days_cn = ( { notice = \"n\"; days = ( { name = \"a\"; off = (\"2026-01-01..2026-12-31\", \"2027-01-01..2027-12-31\"); } ); } );"
         SHOP("branches = \"*\";", "mon = \"09:00-17:00\";", "days = \"cn\"; ") RULES(REST),
         "calendar shop: is closed for the next year\n"},
        {"rules = ( " REST " );", "rule rest: nobody is told when its promises come near their due time or are broken\n"},
        {"rules = ( " RULE("p", "kind = \"praise\";") "," RULE("rest", "escalation = ( { after = \"1h\"; tell = \"x\"; } );"
         "promises = ( { kind = \"first_response\"; target = \"4h\"; } );") " );", ""},
    };
    /* clang-format on */
    int64_t now_us;

    assert_int_equal(instant_parse("2026-03-02T00:00:00Z", &now_us), 0);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct err err = ERR_NONE;
        struct standard *s = standard_parse(cases[i].text, "t", &err);
        struct text got = {.data = NULL};
        size_t k;
        const json_t *warning;
        json_t *warnings;

        if (!s) {
            fail_msg("%s\n%s: %s", cases[i].text, err.field, err.text);
        }
        warnings = standards_warnings(s, now_us);
        json_array_foreach(warnings, k, warning)
        {
            text_appendf(&got, "%s\n", json_string_value(warning));
        }
        assert_string_equal(text_or_empty(&got), cases[i].want);
        text_free(&got);
        json_decref(warnings);
        standard_free(s);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_may_have_been_forgotten_is_named),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* What is read for a record beside whom it names: nothing that its standard does not ask for. */
#include "services/intake/intake_prepare.h"

#include "tests/unit/intake/decide_world.h"

#define WITH_TIERS "deploy/config/standards.conf"

static struct intake_record *empty(Troth__V1__Record__BodyCase kind)
{
    struct intake_record *r = record(NULL, NOW_US);
    message(r)->body_case = kind;
    return r;
}

static void a_tier_is_wanted_by_what_the_standard_decides(void **state)
{
    static const char *const standards[] = {STANDARD, WITH_TIERS};
    for (size_t with = 0; with < ARRAY_LEN(standards); with++) {
        t_standard = standards[with];
        begin(state);
        const struct {
            struct intake_record *record;
            bool is_decided;
        } rows[] = {
            {contact(NOW_US,         KIND(COMPLAINT)), true},
            {update(NOW_US,                      1 << 8,                          ACTION(RECLASSIFIED)), true},
            {update(NOW_US, 1 << 8,ACTION(RESPONDED)), true},
            {empty(TROTH__V1__RECORD__BODY_RECORD_VOID),          true                   },
            {empty(TROTH__V1__RECORD__BODY_PURCHASE),                  false                                 },
            {empty(TROTH__V1__RECORD__BODY_SURVEY_ANSWER),         false     },
            {empty(TROTH__V1__RECORD__BODY_PROMISE_GIVEN),false},
        };
        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
            intake_prepare(t.work, rows[i].record);
            assert_int_equal(rows[i].record->needs.wants_tier, with && rows[i].is_decided);
        }
        end(state);
    }
    t_standard = STANDARD;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_tier_is_wanted_by_what_the_standard_decides),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

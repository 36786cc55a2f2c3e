/* SPDX-License-Identifier: Apache-2.0 */
#include "services/reporting/web_answer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/base/compiler.h"

static void a_code_has_its_status(void **state)
{
    static const struct {
        const char *code;
        int status;
    } cases[] = {
        {"request_invalid",   400},
        {"zone_invalid",      400},
        {"nonsense",          400},
        {"login_needed",      401},
        {"login_failed",      401},
        {"token_invalid",     401},
        {"not_permitted",     403},
        {"csrf_invalid",      403},
        {"cross_site",        403},
        {"case_unknown",      404},
        {"report_unknown",    404},
        {"changed_meanwhile", 409},
        {"key_reused",        409},
        {"name_taken",        409},
        {"request_too_large", 413},
        {"too_many",          429},
        {"internal",          500},
        {"unavailable",       503},
        {"db_retry",          503},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        if (web_status_of(cases[i].code) != cases[i].status) {
            fail_msg("%s: %d", cases[i].code, web_status_of(cases[i].code));
        }
    }
}

static void an_error_is_json_whatever_its_text_is(void **state)
{
    struct http_response r;
    (void)state;
    web_error_response("too_many", "say \"no\"\n</script>", &r);
    assert_int_equal(r.status, 429);
    assert_int_equal(r.retry_after_s, 1);
    assert_string_equal(r.content_type, "application/json");
    assert_string_equal(r.body.data,
                        "{\"code\":\"too_many\",\"text\":\"say \\\"no\\\"\\u000a</script>\"}\n");
    text_free(&r.body);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_code_has_its_status),
        cmocka_unit_test(an_error_is_json_whatever_its_text_is),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

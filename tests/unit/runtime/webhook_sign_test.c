/* SPDX-License-Identifier: Apache-2.0 */
#include "common/runtime/webhook_sign.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/duration.h"
#include "tests/support/temp_folder.h"

/* The vector of the reference implementations (standard-webhooks and svix-webhooks, all languages).
 */
#define SECRET    "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
#define ID        "msg_p5jXN8AQM9LWM0D4loKWxJek"
#define TIMESTAMP "1614265330"
#define BODY      "{\"test\": 2432232314}"
#define SIGNATURE "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="

#define THEN_US (INT64_C(1614265330) * DURATION_S)
#define OTHER   "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="

static struct webhook_secrets secrets_of(const char *text)
{
    struct webhook_secrets s;
    struct err err = ERR_NONE;
    assert_int_equal(webhook_secrets_parse(text, &s, &err), 0);
    return s;
}

static void the_published_vector_is_signed_as_published(void **state)
{
    struct webhook_secrets s = secrets_of(SECRET);
    struct text out = {0};
    webhook_sign(&s, ID, THEN_US + 999999, bytes_of_text(BODY), &out);
    assert_string_equal(out.data, SIGNATURE);
    text_free(&out);
}

static void while_a_secret_is_replaced_both_sign_and_either_is_believed(void **state)
{
    static const char *const receivers[] = {SECRET, OTHER, OTHER "\n" SECRET "\n"};
    struct webhook_secrets both = secrets_of(SECRET " " OTHER);
    struct text out = {0};
    webhook_sign(&both, ID, THEN_US, bytes_of_text(BODY), &out);
    assert_int_equal(strncmp(out.data, SIGNATURE " v1,", strlen(SIGNATURE) + 4), 0);
    for (size_t i = 0; i < sizeof(receivers) / sizeof(receivers[0]); i++) {
        struct webhook_secrets s = secrets_of(receivers[i]);
        struct err err = ERR_NONE;
        assert_int_equal(webhook_verify(&s, &(struct webhook_headers){ID, TIMESTAMP, out.data},
                                        THEN_US, bytes_of_text(BODY), &err),
                         0);
    }
    text_free(&out);
}

static void what_is_forged_stale_or_incomplete_is_refused(void **state)
{
    static const struct {
        const char *id, *timestamp, *signature, *body;
        int64_t late_us;
        const char *code; /* "": believed */
    } cases[] = {
        {ID,          TIMESTAMP,           SIGNATURE,                                          BODY,                     0,                         ""                 },
        {ID,          TIMESTAMP,           "v2,abc " SIGNATURE " v1,",                         BODY,                     0,                         ""                 },
        {ID,          TIMESTAMP,           SIGNATURE,                                          BODY,                     WEBHOOK_TOLERANCE_US,      ""                 },
        {ID,          TIMESTAMP,           SIGNATURE,                                          BODY,                     -WEBHOOK_TOLERANCE_US,     ""                 },
        {ID,          TIMESTAMP,           SIGNATURE,                                          BODY,                     WEBHOOK_TOLERANCE_US + 1,  "signature_too_old"},
        {ID,          TIMESTAMP,           SIGNATURE,                                          BODY,                     -WEBHOOK_TOLERANCE_US - 1, "signature_too_old"},
        {ID,          TIMESTAMP,           SIGNATURE,                                          "{\"test\": 2432232315}", 0,                         "signature_wrong"  },
        {ID,          "1614265331",        SIGNATURE,                                          BODY,                     0,                         "signature_wrong"  },
        {"msg_other", TIMESTAMP,           SIGNATURE,                                          BODY,                     0,                         "signature_wrong"  },
        {ID,          TIMESTAMP,           "v1,",                                              BODY,                     0,                         "signature_wrong"  },
        {ID,          TIMESTAMP,           SIGNATURE "A",                                      BODY,                     0,                         "signature_wrong"  },
        {ID,          TIMESTAMP,           "v1a,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=", BODY,                     0,
         "signature_wrong"                                                                                                                                             },
        {ID,          TIMESTAMP,           "",                                                 BODY,                     0,                         "signature_missing"},
        {NULL,        TIMESTAMP,           SIGNATURE,                                          BODY,                     0,                         "signature_missing"},
        {ID,          NULL,                SIGNATURE,                                          BODY,                     0,                         "signature_missing"},
        {ID,          "soon",              SIGNATURE,                                          BODY,                     0,                         "signature_missing"},
        {ID,          "99999999999999999", SIGNATURE,                                          BODY,                     0,                         "signature_missing"},
        {ID,          TIMESTAMP,           NULL,                                               BODY,                     0,                         "signature_missing"},
    };
    struct webhook_secrets s = secrets_of(SECRET);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct err err = ERR_NONE;
        int rc = webhook_verify(
            &s, &(struct webhook_headers){cases[i].id, cases[i].timestamp, cases[i].signature},
            THEN_US + cases[i].late_us, bytes_of_text(cases[i].body), &err);
        assert_string_equal(err.code, cases[i].code);
        assert_int_equal(rc, cases[i].code[0] ? -1 : 0);
    }
}

static void a_secret_has_a_form_and_a_length(void **state)
{
    static const struct {
        const char *text;
        int count; /* -1: refused */
    } cases[] = {
        {SECRET,                                             1 },
        {"  " SECRET "\n\n" OTHER "\n",                      2 },
        {SECRET " " SECRET " " SECRET " " SECRET " " SECRET, -1},
        {"",                                                 -1},
        {" \n",                                              -1},
        {"MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",                 -1},
        {"whsec_",                                           -1},
        {"whsec_c2hvcnQ=",                                   -1},
        {"whsec_*************************************",      -1},
        {SECRET " junk",                                     -1},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct webhook_secrets s = {.count = 77};
        struct err err = ERR_NONE;
        int rc = webhook_secrets_parse(cases[i].text, &s, &err);
        assert_int_equal(rc, cases[i].count < 0 ? -1 : 0);
        assert_int_equal(s.count, cases[i].count < 0 ? 77 : cases[i].count);
        assert_string_equal(err.code, cases[i].count < 0 ? "secret_invalid" : "");
    }
}

static void new_secrets_differ_and_can_be_read(void **state)
{
    char one[WEBHOOK_SECRET_TEXT_SIZE], two[WEBHOOK_SECRET_TEXT_SIZE];
    webhook_secret_new(one);
    webhook_secret_new(two);
    assert_string_not_equal(one, two);
    assert_int_equal(secrets_of(one).list[0].len, 32);
}

static void a_file_that_others_may_read_is_refused(void **state)
{
    struct webhook_secrets s = {.count = 0};
    struct err err = ERR_NONE;
    struct temp_folder folder = temp_folder_new();
    char path[TEMP_PATH_SIZE];
    temp_folder_name(&folder, "", "secret", path);
    temp_folder_write(path, SECRET "\n", 0644);
    assert_int_equal(webhook_secrets_read(path, &s, &err), -1);
    assert_string_equal(err.code, "secret_unreadable");
    temp_folder_write(path, SECRET "\n", 0600);
    assert_int_equal(webhook_secrets_read(path, &s, &err), 0);
    assert_int_equal(s.count, 1);
    assert_int_equal(webhook_secrets_read("/nonexistent/secret", &s, &err), -1);
    assert_string_equal(err.code, "secret_unreadable");
    temp_folder_remove(&folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_published_vector_is_signed_as_published),
        cmocka_unit_test(while_a_secret_is_replaced_both_sign_and_either_is_believed),
        cmocka_unit_test(what_is_forged_stale_or_incomplete_is_refused),
        cmocka_unit_test(a_secret_has_a_form_and_a_length),
        cmocka_unit_test(new_secrets_differ_and_can_be_read),
        cmocka_unit_test(a_file_that_others_may_read_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

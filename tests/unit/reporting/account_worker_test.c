/* SPDX-License-Identifier: Apache-2.0 */
#include "services/reporting/account_worker.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <sodium.h>

#include "common/base/text.h"
#include "common/runtime/user_account.h"
#include "tests/support/turn_until.h"

struct outcome {
    int calls;
    bool is_right;
    char new_hash[USER_HASH_SIZE];
};

struct fixture {
    struct loop *loop;
    struct account_worker *worker;
    struct outcome outcome;
};

static int open_fixture(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));
    struct err err = ERR_NONE;
    f->loop = loop_new();
    f->worker = account_worker_new(f->loop, &err);
    assert_non_null(f->worker);
    *state = f;
    return 0;
}

static int close_fixture(void **state)
{
    struct fixture *f = *state;
    account_worker_free(f->worker);
    loop_free(f->loop);
    free(f);
    return 0;
}

static void on_done(void *ctx, bool is_right, const char *new_hash)
{
    struct outcome *o = ctx;
    o->calls++;
    o->is_right = is_right;
    (void)text_copy(o->new_hash, sizeof(o->new_hash), new_hash ? new_hash : "");
}

static bool was_called(void *ctx)
{
    const struct fixture *f = ctx;
    return f->outcome.calls > 0;
}

static const char password[] = "tall trees near the gate";

static void verify(struct fixture *f, const char *hash, const char *given)
{
    f->outcome = (struct outcome){.calls = 0};
    assert_true(account_worker_verify(f->worker, hash, bytes_of_text(given), on_done, &f->outcome));
    assert_int_equal(f->outcome.calls, 0); /* never within the call */
    assert_true(turn_until(f->loop, was_called, f));
    assert_int_equal(f->outcome.calls, 1);
}

static void a_hash_is_made_and_its_password_verified(void **state)
{
    struct fixture *f = *state;
    char hash[USER_HASH_SIZE];
    char longer[USER_PASSWORD_MAX + 2];
    assert_true(account_worker_hash(f->worker, bytes_of_text(password), on_done, &f->outcome));
    assert_true(turn_until(f->loop, was_called, f));
    (void)text_copy(hash, sizeof(hash), f->outcome.new_hash);
    verify(f, hash, password);
    assert_true(f->outcome.is_right);
    assert_string_equal(f->outcome.new_hash, "");
    verify(f, hash, "tall trees near the gat");
    assert_false(f->outcome.is_right);
    memset(longer, 'x', sizeof(longer) - 1);
    longer[sizeof(longer) - 1] = '\0';
    verify(f, hash, longer);
    assert_false(f->outcome.is_right);
}

static void nobody_has_no_password(void **state)
{
    struct fixture *f = *state;
    verify(f, NULL, password);
    assert_false(f->outcome.is_right);
    verify(f, NULL, "");
    assert_false(f->outcome.is_right);
}

static void an_old_hash_is_made_anew_from_a_right_password(void **state)
{
    struct fixture *f = *state;
    char old[crypto_pwhash_STRBYTES];
    assert_int_equal(crypto_pwhash_str_alg(old, password, strlen(password), 1,
                                           crypto_pwhash_MEMLIMIT_MIN,
                                           crypto_pwhash_ALG_ARGON2ID13),
                     0);
    verify(f, old, "wrong");
    assert_string_equal(f->outcome.new_hash, "");
    verify(f, old, password);
    assert_true(f->outcome.is_right);
    assert_false(user_password_is_old(f->outcome.new_hash));
    assert_true(user_password_is_right(f->outcome.new_hash, bytes_of_text(password)));
}

static void the_queue_has_an_end_and_what_is_forgotten_is_silent(void **state)
{
    struct fixture *f = *state;
    struct outcome forgotten = {.calls = 0};
    int taken = 0;
    while (taken < 1000 &&
           account_worker_verify(f->worker, NULL, bytes_of_text("x"), on_done, &forgotten)) {
        taken++;
    }
    assert_in_range(taken, 1, 100);
    account_worker_forget(f->worker, &forgotten);
    account_worker_free(f->worker); /* with work in it */
    f->worker = NULL;
    assert_int_equal(forgotten.calls, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_hash_is_made_and_its_password_verified, open_fixture,
                                        close_fixture),
        cmocka_unit_test_setup_teardown(nobody_has_no_password, open_fixture, close_fixture),
        cmocka_unit_test_setup_teardown(an_old_hash_is_made_anew_from_a_right_password,
                                        open_fixture, close_fixture),
        cmocka_unit_test_setup_teardown(the_queue_has_an_end_and_what_is_forgotten_is_silent,
                                        open_fixture, close_fixture),
    };
    return sodium_init() < 0 ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}

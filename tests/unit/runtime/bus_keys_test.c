/* SPDX-License-Identifier: Apache-2.0 */
/* The files that keys stand in. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "common/base/text.h"
#include "common/runtime/bus.h"
#include "tests/support/temp_folder.h"

struct fixture {
    struct temp_folder folder;
    struct bus_keys server_keys, client_keys;
};

static int open_fixture(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));
    f->folder = temp_folder_new();
    assert_int_equal(bus_keys_new(&f->server_keys, NULL), 0);
    assert_int_equal(bus_keys_new(&f->client_keys, NULL), 0);
    *state = f;
    return 0;
}

static int close_fixture(void **state)
{
    struct fixture *f = *state;
    temp_folder_remove(&f->folder);
    free(f);
    return 0;
}

static void a_key_file_reads_back_as_it_was_written(void **state)
{
    struct fixture *f = *state;
    struct err err = ERR_NONE;
    char path[TEMP_PATH_SIZE], public_key[BUS_KEY_TEXT_SIZE];
    struct bus_keys keys;
    struct stat st;
    (void)temp_folder_name(&f->folder, "", "a.key", path);
    assert_int_equal(bus_keys_write(path, &f->client_keys, &err), 0);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    assert_int_equal(bus_keys_read(path, &keys, &err), 0);
    assert_string_equal(keys.public_key, f->client_keys.public_key);
    assert_string_equal(keys.secret_key, f->client_keys.secret_key);
    assert_int_equal(bus_public_key_read(path, public_key, &err), 0);
    assert_string_equal(public_key, f->client_keys.public_key);
    assert_int_equal(bus_keys_write(path, &f->server_keys, &err), -1);
    assert_string_equal(err.code, "key_not_written");
}

static void a_key_file_has_earlier_pairs_below(void **state)
{
    struct fixture *f = *state;
    const struct bus_keys *want[] = {&f->server_keys, &f->client_keys};
    struct err err = ERR_NONE;
    char path[TEMP_PATH_SIZE], content[512], key[BUS_KEY_TEXT_SIZE];
    struct bus_keys pairs[BUS_KEY_PAIRS_MAX], first;
    (void)temp_folder_name(&f->folder, "", "a.key", path);
    (void)text_format(content, sizeof(content),
                      "public-key = %s\nsecret-key = %s\n# until December\npublic-key = %s\n"
                      "secret-key = %s\n",
                      want[0]->public_key, want[0]->secret_key, want[1]->public_key,
                      want[1]->secret_key);
    temp_folder_write(path, content, 0600);
    assert_int_equal(bus_key_pairs_read(path, pairs, &err), 2);
    for (size_t i = 0; i < 2; i++) {
        assert_string_equal(pairs[i].public_key, want[i]->public_key);
        assert_string_equal(pairs[i].secret_key, want[i]->secret_key);
    }
    assert_int_equal(bus_keys_read(path, &first, &err), 0);
    assert_string_equal(first.secret_key, want[0]->secret_key);
    assert_int_equal(bus_public_key_read(path, key, &err), 0);
    assert_string_equal(key, want[0]->public_key);
}

static void key_files_that_are_wrong_are_refused(void **state)
{
    struct fixture *f = *state;
    char path[TEMP_PATH_SIZE], both[256], mixed[256], only_public[128];
    char half_below[384], crossed[512], four[1024], five[1024], short_below[512], long_file[5000];
    struct bus_keys keys, pairs[BUS_KEY_PAIRS_MAX];
    (void)text_format(both, sizeof(both), "# ours\n public-key=%s\r\n\nsecret-key =  %s \n",
                      f->client_keys.public_key, f->client_keys.secret_key);
    (void)text_format(mixed, sizeof(mixed), "public-key = %s\nsecret-key = %s\n",
                      f->client_keys.public_key, f->server_keys.secret_key);
    (void)text_format(only_public, sizeof(only_public), "public-key = %s\n",
                      f->client_keys.public_key);
    (void)text_format(half_below, sizeof(half_below), "%spublic-key = %s\n", both,
                      f->server_keys.public_key);
    (void)text_format(crossed, sizeof(crossed), "%ssecret-key = %s\npublic-key = %s\n", both,
                      f->client_keys.secret_key, f->server_keys.public_key);
    (void)text_format(four, sizeof(four), "%s%s%s%s", both, both, both, both);
    (void)text_format(five, sizeof(five), "%s%s", four, both);
    (void)text_format(short_below, sizeof(short_below),
                      "%spublic-key = %.39s\nsecret-key = %.39s\n", both, f->server_keys.public_key,
                      f->server_keys.secret_key);
    (void)text_format(long_file, sizeof(long_file), "%s# %4500d\n", both, 1);
    const struct {
        const char *name, *content;
        unsigned mode;
        const char *want_code;
    } cases[] = {
        {"blanks and comments are fine",  both,                   0400, ""               },
        {"as many pairs as there may be", four,                   0600, ""               },
        {"one more",                      five,                   0600, "key_invalid"    },
        {"a second pair that was cut",    short_below,            0600, "key_invalid"    },
        {"longer than 4 KiB",             long_file,              0600, "key_invalid"    },
        {"half of a second pair",         half_below,             0600, "key_invalid"    },
        {"a second pair that is none",    crossed,                0600, "key_invalid"    },
        {"halves of two pairs",           mixed,                  0600, "key_invalid"    },
        {"no secret key",                 only_public,            0600, "key_invalid"    },
        {"not Z85",                       "public-key = short\n", 0600, "key_invalid"    },
        {"empty",                         "",                     0600, "key_invalid"    },
        {"readable by the group",         both,                   0640, "key_not_private"},
        {"readable by all",               both,                   0604, "key_not_private"},
    };
    (void)temp_folder_name(&f->folder, "", "a.key", path);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct err err = ERR_NONE;
        temp_folder_write(path, cases[i].content, cases[i].mode);
        memset(pairs, 7, sizeof(pairs));
        assert_int_equal(bus_keys_read(path, &keys, &err), *cases[i].want_code ? -1 : 0);
        assert_string_equal(err.code, cases[i].want_code);
        assert_int_equal(bus_key_pairs_read(path, pairs, NULL) > 0, !*cases[i].want_code);
        assert_int_equal(pairs[0].public_key[0] == 7, *cases[i].want_code != '\0');
    }
    struct err err = ERR_NONE;
    assert_int_equal(bus_keys_read("/nowhere/at/all", &keys, &err), -1);
    assert_string_equal(err.code, "key_unreadable");
}

#define WITH_FIXTURE(test) cmocka_unit_test_setup_teardown(test, open_fixture, close_fixture)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_FIXTURE(a_key_file_reads_back_as_it_was_written),
        WITH_FIXTURE(a_key_file_has_earlier_pairs_below),
        WITH_FIXTURE(key_files_that_are_wrong_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

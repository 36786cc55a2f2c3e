/* SPDX-License-Identifier: Apache-2.0 */
#include "common/base/zone_shelf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/base/compiler.h"
#include "common/base/duration.h"

static void zones_are_found_by_name_and_read_once(void **state)
{
    static const char *const names[] = {"Europe/Berlin", "Asia/Shanghai", "UTC", "Pacific/Apia",
                                        "Africa/Cairo"};
    struct zone_shelf *s = zone_shelf_new();
    const struct zone *found[ARRAY_LEN(names)];
    char version[ZONE_VERSION_SIZE];

    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        found[i] = zone_shelf_find(s, names[i]);
        assert_non_null(found[i]);
        assert_string_equal(zone_name(found[i]), names[i]);
    }
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        assert_ptr_equal(zone_shelf_find(s, names[i]), found[i]);
    }
    assert_null(zone_shelf_find(s, "Europe/Nowhere"));
    assert_null(zone_shelf_find(s, "../../etc/passwd"));
    assert_null(zone_shelf_find(s, ""));
    assert_null(zone_shelf_find(s, NULL));
    assert_string_equal(zone_shelf_version(s), zone_database_version(version));
    assert_false(zone_shelf_refresh(s));
    assert_ptr_equal(zone_shelf_find(s, "UTC"), found[2]);
    zone_shelf_free(s);
    zone_shelf_free(NULL);
}

static void write_file(const char *folder, const char *name, const char *from)
{
    char path[64];
    char content[8192];
    size_t len = 0;
    FILE *in = from[0] == '/' ? fopen(from, "re") : NULL;
    FILE *out;

    if (in) {
        len = fread(content, 1, sizeof(content), in);
        (void)fclose(in);
    } else {
        len = (size_t)snprintf(content, sizeof(content), "%s", from);
    }
    (void)snprintf(path, sizeof(path), "%s/%s", folder, name);
    out = fopen(path, "we");
    assert_non_null(out);
    assert_int_equal(fwrite(content, 1, len, out), len);
    (void)fclose(out);
}

static void another_release_is_read_after_a_refresh_and_not_before(void **state)
{
    char folder[] = "/tmp/troth-shelf-XXXXXX";
    const struct zone *before;
    struct zone_shelf *s;

    assert_non_null(mkdtemp(folder));
    assert_int_equal(setenv("TZDIR", folder, 1), 0);
    write_file(folder, "+VERSION", "2030a");
    write_file(folder, "Town", "/usr/share/zoneinfo/Asia/Shanghai");
    s = zone_shelf_new();
    assert_string_equal(zone_shelf_version(s), "2030a");
    assert_int_equal(zone_offset_s(zone_shelf_find(s, "Town"), 0), 8 * 3600);

    write_file(folder, "Town", "/usr/share/zoneinfo/Asia/Tokyo");
    assert_false(zone_shelf_refresh(s));
    assert_int_equal(zone_offset_s(zone_shelf_find(s, "Town"), 0), 8 * 3600);
    write_file(folder, "+VERSION", "2030b");
    assert_string_equal(zone_shelf_version(s), "2030a");
    before = zone_shelf_find(s, "Town");
    assert_true(zone_shelf_refresh(s));
    assert_int_equal(zone_offset_s(before, 0), 8 * 3600); /* for who has it still in hand */
    assert_string_equal(zone_shelf_version(s), "2030b");
    assert_int_equal(zone_offset_s(zone_shelf_find(s, "Town"), 0), 9 * 3600);

    zone_shelf_free(s);
    assert_int_equal(unsetenv("TZDIR"), 0);
    assert_int_equal(chdir(folder), 0);
    assert_int_equal(unlink("Town"), 0);
    assert_int_equal(unlink("+VERSION"), 0);
    assert_int_equal(rmdir(folder), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(zones_are_found_by_name_and_read_once),
        cmocka_unit_test(another_release_is_read_after_a_refresh_and_not_before),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

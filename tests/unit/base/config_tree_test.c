/* SPDX-License-Identifier: Apache-2.0 */
#include "common/base/config_tree.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/base/compiler.h"
#include "tests/support/child_end.h"
#include "tests/support/temp_folder.h"

static const char text[] = "identity: { join_by = (\"phone\", \"email\"); trunk_prefix = \"\"; };\n"
                           "hops_max = 3;\n"
                           "rules = ( { name = \"all\"; target = \"4h\"; } );\n";

/* How many allocations of a kind still succeed before one fails. */
static int copies_left = INT32_MAX, blocks_left = INT32_MAX, files_left = INT32_MAX;

static char *copy_text(const char *from)
{
    const size_t size = strlen(from) + 1;
    char *copy = copies_left-- == 0 ? NULL : malloc(size);

    return copy ? memcpy(copy, from, size) : NULL;
}

/* These take the place of libc's in libconfig, of which one version calls the first copy and one
 * the second, and of its scanner's own. */
/* NOLINTBEGIN */
#undef strdup
char *__strdup(const char *from);
void *libconfig_yyalloc(size_t size, void *scanner);

char *strdup(const char *from)
{
    return copy_text(from);
}

char *__strdup(const char *from)
{
    return copy_text(from);
}

void *libconfig_yyalloc(size_t size, void *scanner)
{
    (void)scanner;
    return blocks_left-- == 0 ? NULL : malloc(size);
}

FILE *fopen(const char *path, const char *mode)
{
    if (files_left-- == 0) {
        errno = ENOMEM;
        return NULL;
    }
    int fd = open(path, *mode == 'r' ? O_RDONLY : O_RDWR | O_CREAT, 0600);
    return fd < 0 ? NULL : fdopen(fd, mode);
}
/* NOLINTEND */

struct reading {
    const char *path; /* NULL: the text above */
    int copies, blocks, files;
};

static void read_with(void *ctx)
{
    const struct reading *r = ctx;
    config_t tree;
    bool is_read;

    config_init(&tree);
    copies_left = r->copies;
    blocks_left = r->blocks;
    files_left = r->files;
    is_read = r->path ? config_tree_read_file(&tree, r->path) : config_tree_read_text(&tree, text);
    if (is_read && copies_left >= 0 && blocks_left >= 0) {
        _exit(0); /* the whole tree was there before anything failed */
    }
}

static void a_tree_is_read_as_libconfig_does(void **state)
{
    config_t tree;
    const char *value = NULL;

    config_init(&tree);
    assert_true(config_tree_read_text(&tree, text));
    assert_true(config_lookup_string(&tree, "rules.[0].name", &value));
    assert_string_equal(value, "all");
    config_destroy(&tree);

    config_init(&tree);
    assert_false(config_tree_read_text(&tree, "hops_max = ;"));
    assert_int_equal(config_error_line(&tree), 1);
    config_destroy(&tree);
}

static void a_file_is_read_as_libconfig_does(void **state)
{
    struct temp_folder folder = temp_folder_new();
    char path[TEMP_PATH_SIZE];
    config_t tree;

    config_init(&tree);
    (void)temp_folder_name(&folder, "", "tree", path);
    assert_false(config_tree_read_file(&tree, path));
    assert_int_equal(config_error_type(&tree), CONFIG_ERR_FILE_IO);
    temp_folder_write(path, text, 0600);
    assert_true(config_tree_read_file(&tree, path));
    config_destroy(&tree);
    temp_folder_remove(&folder);
}

static void a_folder_is_no_file_whatever_failed_before(void **state)
{
    struct temp_folder folder = temp_folder_new();
    config_t tree;

    config_init(&tree);
    errno = ENOMEM; /* of somebody else; libconfig sets none for a folder */
    assert_false(config_tree_read_file(&tree, folder.path));
    assert_int_equal(config_error_type(&tree), CONFIG_ERR_FILE_IO);
    config_destroy(&tree);
    temp_folder_remove(&folder);
}

static void a_name_or_text_that_is_missing_ends_the_process(void **state)
{
    struct reading r = {.blocks = INT32_MAX, .files = INT32_MAX};
    struct child_end end = child_end_of(read_with, &r);

    for (; end.status != 0; end = child_end_of(read_with, &r)) {
        assert_true(child_end_is_out_of_memory(&end));
        r.copies++;
    }
    assert_true(r.copies >= 8); /* names and texts: each has failed once */
}

/* The first of them is the first that is read at all. */
static void what_is_missing_elsewhere_does_not_look_like_wrong_settings(void **state)
{
    struct temp_folder folder = temp_folder_new();
    char path[TEMP_PATH_SIZE];
    const struct reading cases[] = {
        {NULL, INT32_MAX, 1,         INT32_MAX}, /* its own exit: the first makes the scanner itself */
        {NULL, INT32_MAX, 2,         INT32_MAX},
        {path, INT32_MAX, 1,         INT32_MAX},
        {path, INT32_MAX, INT32_MAX, 0        },
    };

    temp_folder_write(temp_folder_name(&folder, "", "tree", path), text, 0600);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct reading r = cases[i];
        const struct child_end end = child_end_of(read_with, &r);

        assert_true(child_end_is_out_of_memory(&end));
    }
    temp_folder_remove(&folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_missing_elsewhere_does_not_look_like_wrong_settings),
        cmocka_unit_test(a_tree_is_read_as_libconfig_does),
        cmocka_unit_test(a_file_is_read_as_libconfig_does),
        cmocka_unit_test(a_folder_is_no_file_whatever_failed_before),
        cmocka_unit_test(a_name_or_text_that_is_missing_ends_the_process),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

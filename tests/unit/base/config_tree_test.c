/* SPDX-License-Identifier: Apache-2.0 */
#include "common/base/config_tree.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/support/temp_folder.h"

static const char text[] = "identity: { join_by = (\"phone\", \"email\"); trunk_prefix = \"\"; };\n"
                           "hops_max = 3;\n"
                           "rules = ( { name = \"all\"; target = \"4h\"; } );\n";

/* How many allocations of a kind still succeed before one fails. */
static int copies_left = INT32_MAX, blocks_left = INT32_MAX;

static char *copy_text(const char *from)
{
    const size_t size = strlen(from) + 1;
    char *copy = copies_left-- == 0 ? NULL : malloc(size);

    return copy ? memcpy(copy, from, size) : NULL;
}

/* These take the place of libc's in libconfig, of which one version calls the first and one the
 * second, and of its scanner's own. */
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
/* NOLINTEND */

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

/* Returns with how it ended: 0 is that the whole tree was there before anything failed. */
static int read_with(int copies, int blocks)
{
    int status = 0;
    pid_t pid = fork();

    if (pid == 0) {
        config_t tree;
        bool is_read;

        close(STDERR_FILENO);
        config_init(&tree);
        copies_left = copies;
        blocks_left = blocks;
        is_read = config_tree_read_text(&tree, text);
        _exit(is_read && copies_left >= 0 && blocks_left >= 0 ? 0 : 99);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static void a_name_or_text_that_is_missing_ends_the_process(void **state)
{
    int count = 0;

    while (read_with(count, INT32_MAX) != 0) {
        assert_int_equal(read_with(count, INT32_MAX), 1);
        count++;
    }
    assert_true(count >= 8); /* names and texts: each has failed once */
}

static void its_own_exit_is_not_that_of_wrong_settings(void **state)
{
    assert_int_equal(read_with(INT32_MAX, 1), 1); /* the first makes the scanner itself */
    assert_int_equal(read_with(INT32_MAX, 2), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_tree_is_read_as_libconfig_does),
        cmocka_unit_test(a_file_is_read_as_libconfig_does),
        cmocka_unit_test(a_name_or_text_that_is_missing_ends_the_process),
        cmocka_unit_test(its_own_exit_is_not_that_of_wrong_settings),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

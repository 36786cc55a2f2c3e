/* SPDX-License-Identifier: Apache-2.0 */
#include "common/base/config_tree.h"

#include <errno.h>
#include <stdlib.h>

#include "common/base/xalloc.h"

static const char library[] = "libconfig";
static bool is_reading;

static void at_exit(void)
{
    if (is_reading) {
        xalloc_failed(library);
    }
}

static void begin(void)
{
    static bool is_known;

    if (!is_known && atexit(at_exit) != 0) {
        xalloc_failed("atexit");
    }
    is_known = true;
    is_reading = true;
    errno = 0;
}

static bool is_whole(const config_setting_t *setting)
{
    const config_setting_t *parent = config_setting_parent(setting);
    const bool has_name = parent && config_setting_is_group(parent);
    const bool has_text = config_setting_type(setting) == CONFIG_TYPE_STRING;

    return (!has_name || config_setting_name(setting)) &&
           (!has_text || config_setting_get_string(setting));
}

static void check(const config_setting_t *setting)
{
    if (!is_whole(setting)) {
        xalloc_failed(library);
    }
    for (int i = 0; i < config_setting_length(setting); i++) {
        check(config_setting_get_elem(setting, (unsigned)i));
    }
}

static bool end(const config_t *tree, int is_read)
{
    is_reading = false;
    if (is_read) {
        check(config_root_setting(tree));
    } else if (config_error_type(tree) == CONFIG_ERR_FILE_IO && errno == ENOMEM) {
        xalloc_failed(library);
    }
    return is_read != 0;
}

bool config_tree_read_file(config_t *tree, const char *path)
{
    begin();
    return end(tree, config_read_file(tree, path)); /* lint: allow, end() looks */
}

bool config_tree_read_text(config_t *tree, const char *text)
{
    begin();
    return end(tree, config_read_string(tree, text)); /* lint: allow, end() looks */
}

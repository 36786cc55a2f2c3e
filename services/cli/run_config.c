/* SPDX-License-Identifier: Apache-2.0 */
#include "services/cli/run_config.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <libconfig.h>

#include "common/base/config_tree.h"
#include "common/base/duration.h"
#include "common/base/text.h"
#include "common/base/xalloc.h"

#define USUAL_READY "ready "

static int fail(const char *path, const config_setting_t *at, struct err *err, const char *fmt, ...)
    PRINTF_LIKE(4, 5);

static int fail(const char *path, const config_setting_t *at, struct err *err, const char *fmt, ...)
{
    char text[160];
    va_list args;

    va_start(args, fmt);
    text_vformat(text, sizeof(text), fmt, args);
    va_end(args);
    return err_set(err, "setting_invalid", "%s:%u: %s", path, config_setting_source_line(at), text);
}

static int read_command(const char *path, const config_setting_t *s, struct run_service *service,
                        struct err *err)
{
    const config_setting_t *command = config_setting_get_member(s, "command");
    const int count =
        command && config_setting_is_aggregate(command) ? config_setting_length(command) : 0;

    if (count == 0) {
        return fail(path, s, err, "command = [\"program\", \"argument\", ...] is expected here");
    }
    service->command = xcalloc((size_t)count + 1, sizeof(*service->command));
    for (int i = 0; i < count; i++) {
        const char *word = config_setting_get_string_elem(command, i);

        if (!word) {
            return fail(path, command, err, "a command is made of texts in quotes");
        }
        service->command[i] = xstrdup(word);
    }
    return 0;
}

static int read_service(const char *path, const config_setting_t *s, struct run_config *c,
                        struct err *err)
{
    struct run_service *service = &c->services[c->count++];
    const char *ready = USUAL_READY;
    const char *name;

    if (!config_setting_is_group(s) || !config_setting_lookup_string(s, "name", &name) || !*name) {
        return fail(path, s, err, "{ name = \"...\"; command = [...]; } is expected here");
    }
    for (size_t i = 0; i + 1 < c->count; i++) {
        if (strcmp(c->services[i].name, name) == 0) {
            return fail(path, s, err, "there are two services named %s", name);
        }
    }
    for (int i = 0; i < config_setting_length(s); i++) {
        const char *member = config_setting_name(config_setting_get_elem(s, (unsigned)i));

        if (strcmp(member, "name") != 0 && strcmp(member, "command") != 0 &&
            strcmp(member, "ready") != 0) {
            return fail(path, s, err, "a service has name, command and ready; not %s", member);
        }
    }
    (void)config_setting_lookup_string(s, "ready", &ready);
    service->name = xstrdup(name);
    service->ready = xstrdup(ready);
    return read_command(path, s, service, err);
}

static int read_services(const char *path, const config_setting_t *s, struct run_config *c,
                         struct err *err)
{
    const int count = config_setting_is_list(s) ? config_setting_length(s) : 0;

    if (count == 0) {
        return fail(path, s, err, "services = ( { ... }, ... ) is expected here");
    }
    c->services = xcalloc((size_t)count, sizeof(*c->services));
    for (int i = 0; i < count; i++) {
        if (read_service(path, config_setting_get_elem(s, (unsigned)i), c, err) < 0) {
            return -1;
        }
    }
    return 0;
}

static int read_duration(const char *path, const config_setting_t *s, int64_t *ret_us,
                         struct err *err)
{
    const char *text = config_setting_get_string(s);
    int64_t us;

    if (!text || duration_parse(text, &us) < 0 || us < DURATION_MS || us > DURATION_DAY) {
        return fail(path, s, err, "%s takes a duration from \"1ms\" to \"1d\"",
                    config_setting_name(s));
    }
    *ret_us = us;
    return 0;
}

static int read_member(const char *path, const config_setting_t *s, struct run_config *c,
                       struct err *err)
{
    const struct {
        const char *name;
        int64_t *us;
    } durations[] = {
        {"ready_within",  &c->ready_within_us },
        {"stop_within",   &c->stop_within_us  },
        {"restart_after", &c->restart_after_us},
        {"restart_cap",   &c->restart_cap_us  },
    };
    const char *name = config_setting_name(s);

    if (strcmp(name, "services") == 0) {
        return read_services(path, s, c, err);
    }
    if (strcmp(name, "start_tries") == 0) {
        c->start_tries = config_setting_get_int(s);
        return c->start_tries >= 1 && c->start_tries <= 1000
                   ? 0
                   : fail(path, s, err, "start_tries takes a number from 1 to 1000");
    }
    for (size_t i = 0; i < ARRAY_LEN(durations); i++) {
        if (strcmp(name, durations[i].name) == 0) {
            return read_duration(path, s, durations[i].us, err);
        }
    }
    return fail(path, s, err, "there is no setting %s", name);
}

static int read_root(const char *path, const config_setting_t *root, struct run_config *c,
                     struct err *err)
{
    for (int i = 0; i < config_setting_length(root); i++) {
        if (read_member(path, config_setting_get_elem(root, (unsigned)i), c, err) < 0) {
            return -1;
        }
    }
    return c->count > 0 ? 0 : fail(path, root, err, "services is missing");
}

int run_config_read(const char *path, struct run_config *ret_config, struct err *err)
{
    struct run_config c = {
        .start_tries = 5,
        .ready_within_us = 30 * DURATION_S,
        .stop_within_us = 20 * DURATION_S,
        .restart_after_us = 500 * DURATION_MS,
        .restart_cap_us = 30 * DURATION_S,
    };
    config_t config;
    int rc;

    config_init(&config);
    if (config_tree_read_file(&config, path)) {
        rc = read_root(path, config_root_setting(&config), &c, err);
    } else if (config_error_type(&config) == CONFIG_ERR_FILE_IO) {
        rc = err_set(err, "setting_invalid", "%s: the file cannot be read", path);
    } else {
        rc = err_set(err, "setting_invalid", "%s:%d: %s", path, config_error_line(&config),
                     config_error_text(&config));
    }
    config_destroy(&config);
    if (rc < 0) {
        run_config_free(&c);
        return -1;
    }
    *ret_config = c;
    return 0;
}

void run_config_free(struct run_config *c)
{
    for (size_t i = 0; i < c->count; i++) {
        struct run_service *service = &c->services[i];

        for (char **word = service->command; word && *word; word++) {
            free(*word);
        }
        free(service->command);
        free(service->name);
        free(service->ready);
    }
    free(c->services);
    *c = (struct run_config){.services = NULL};
}

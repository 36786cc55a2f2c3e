/* SPDX-License-Identifier: Apache-2.0 */
/* service.c - what a command line asks for: to serve, to do a job, or one of the answers that need
 * neither. */
#include "common/runtime/service.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/instant.h"
#include "common/base/log.h"
#include "common/base/text.h"
#include "common/base/xalloc.h"
#include "common/runtime/service_arguments.h"
#include "common/runtime/service_clock.h"
#include "common/runtime/service_health.h"
#include "common/runtime/service_process.h"
#include "common/runtime/service_settings.h"

static const struct setting no_settings[] = {{.type = SETTING_END}};

int64_t service_now_us(const struct service *s)
{
    return s->clock ? service_clock_now_us(s->clock) : instant_now_us();
}

bool service_is_held(const struct service *s, enum demo_hold what)
{
    return s->clock && (service_clock_demo_holds(s->clock) & (int32_t)what) != 0;
}

void service_on_time(struct service *s, void (*tick)(void *ctx), void *ctx)
{
    service_clock_on_tick(s->clock, tick, ctx);
}

/* What must hold before we try to serve; --print-config and --healthcheck ask for less. */
static int check_settings(const struct service_process *p, struct err *err)
{
    if (service_settings_check(&p->common, err) < 0) {
        return -1;
    }
    if (p->spec->on_request && !p->arguments.job && text_is_empty(p->common.requests)) {
        return err_set_field(err, "setting_invalid", "requests",
                             "requests must name the endpoint that this service answers at");
    }
    return 0;
}

/* ---- what ends without serving */

static int usage_error(const struct service_process *p, const struct err *err)
{
    (void)fprintf(stderr, "troth-%s: %s\n", p->spec->name, err->text);
    return SERVICE_USAGE;
}

static int check_config(struct service_process *p)
{
    struct err err = ERR_NONE;
    struct bus_keys keys;
    if (check_settings(p, &err) < 0 || bus_keys_read(p->common.key_file, &keys, &err) < 0) {
        return usage_error(p, &err);
    }
    explicit_bzero(&keys, sizeof(keys));
    (void)printf("troth-%s: the settings are good\n", p->spec->name);
    return SERVICE_STOPPED;
}

static int print_config(const struct service_process *p)
{
    settings_print(p->common_table, &p->common, stdout);
    settings_print(p->own_table, p->service.settings, stdout);
    return SERVICE_STOPPED;
}

static int healthcheck(const struct service_process *p)
{
    struct err err = ERR_NONE;
    if (text_is_empty(p->common.http)) {
        (void)err_set(&err, "setting_invalid", "--healthcheck needs the setting http");
        return usage_error(p, &err);
    }
    if (service_health_ask(p->common.http, &err) < 0) {
        (void)fprintf(stderr, "troth-%s: %s\n", p->spec->name, err.text);
        return SERVICE_FAILED;
    }
    return SERVICE_STOPPED;
}

static int run_checked(struct service_process *p)
{
    struct err err = ERR_NONE;
    if (check_settings(p, &err) < 0) {
        return usage_error(p, &err);
    }
    return service_process_run(p);
}

static int act(struct service_process *p)
{
    switch (p->arguments.mode) {
    case SERVICE_MODE_CHECK_CONFIG:
        return check_config(p);
    case SERVICE_MODE_PRINT_CONFIG:
        return print_config(p);
    case SERVICE_MODE_HEALTHCHECK:
        return healthcheck(p);
    case SERVICE_MODE_HELP:
        service_arguments_print_help(p->spec, p->common_table, stdout);
        return SERVICE_STOPPED;
    case SERVICE_MODE_VERSION:
        (void)printf("troth-%s %s\n", p->spec->name, TROTH_VERSION);
        return SERVICE_STOPPED;
    case SERVICE_MODE_RUN:
        return run_checked(p);
    }
    BUG("a mode without a row");
}

/* Help and version work with broken settings too. */
static bool needs_settings(const struct service_process *p)
{
    return p->arguments.mode != SERVICE_MODE_HELP && p->arguments.mode != SERVICE_MODE_VERSION;
}

int service_main(int argc, char **argv, const struct service_spec *spec)
{
    struct err err = ERR_NONE;
    struct service_process p = {
        .spec = spec,
        .signal_fd = -1,
        .own_table = spec->settings ? spec->settings : no_settings,
    };
    log_set_service(spec->name);
    if (service_arguments_parse(argc, argv, spec, &p.arguments, &err) < 0) {
        (void)usage_error(&p, &err);
        (void)fprintf(stderr, "try: troth-%s --help\n", spec->name);
        return SERVICE_USAGE;
    }
    p.common_table = service_settings_with(spec->common_defaults);
    p.service.name = spec->name;
    p.service.common = &p.common;
    p.service.settings = xcalloc(1, spec->settings_size + 1);
    p.service.is_demo_clock = p.arguments.is_demo_clock;
    int code = SERVICE_USAGE;
    if (needs_settings(&p) && service_process_load(&p, &p.common, p.service.settings, &err) < 0) {
        (void)usage_error(&p, &err);
    } else {
        code = act(&p);
    }
    service_process_free_settings(&p, &p.common, p.service.settings);
    free(p.service.settings);
    free(p.common_table);
    service_arguments_free(&p.arguments);
    return code;
}

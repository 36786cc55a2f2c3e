/* SPDX-License-Identifier: Apache-2.0 */
/*
 * troth_absent.c - what a client does without, for the common code that is built into the library.
 *
 * A library writes nothing to its user's standard error: the log is silent. And it binds nothing,
 * so the half of the bus that lets others in is never reached.
 */
#include <stdlib.h>

#include "common/base/log.h"
#include "common/runtime/principal.h"
#include "common/runtime/zap.h"
#include "common/runtime/zap_watch.h"

void log_write(enum log_level level, const char *event, const struct log_field *fields)
{
    (void)level;
    (void)event;
    (void)fields;
}

void bug_at(const char *file, int line, const char *what)
{
    (void)file;
    (void)line;
    (void)what;
    abort();
}

bool principal_by_key(struct principal_table *t, const uint8_t key[PRINCIPAL_KEY_LEN],
                      struct principal *ret)
{
    (void)t;
    (void)key;
    (void)ret;
    return false;
}

struct zap *zap_start(void *context, struct principal_table *principals, struct err *err)
{
    (void)context;
    (void)principals;
    err_set(err, "bus_failed", "a client lets nobody in");
    return NULL;
}

void zap_stop(struct zap *z)
{
    (void)z;
}

struct zap_counters zap_counters(struct zap *z)
{
    (void)z;
    return (struct zap_counters){.accepted = 0};
}

int zap_self_test(void *context, struct err *err)
{
    (void)context;
    return err_set(err, "bus_failed", "a client lets nobody in");
}

struct zap_watch *zap_watch_new(struct loop *loop, struct zap *zap)
{
    (void)loop;
    (void)zap;
    return NULL;
}

void zap_watch_free(struct zap_watch *w)
{
    (void)w;
}

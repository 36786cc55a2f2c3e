/* SPDX-License-Identifier: Apache-2.0 */
/*
 * log.h - logfmt lines on standard error.
 *
 *   time=2026-11-21T08:15:02.113Z level=info service=intake event=batch_committed records=256
 *
 * A line is an event name and typed fields; values are quoted where logfmt needs it, control
 * characters escaped. Ids, codes and counts only: never a name, number, address or free text of a
 * customer.
 */
#ifndef TROTH_COMMON_BASE_LOG_H
#define TROTH_COMMON_BASE_LOG_H

#include <stdint.h>

#include "common/base/err.h"

enum log_level {
    LOG_DEBUG = 1,
    LOG_INFO,
    LOG_WARNING,
    LOG_ERROR
};

enum log_field_type {
    LOG_FIELD_END = 0,
    LOG_FIELD_TEXT,
    LOG_FIELD_INT
};

struct log_field {
    enum log_field_type type;
    const char *key;
    const char *text; /* NULL prints as empty */
    int64_t number;
};

#define LOG_TEXT(k, v) ((struct log_field){.type = LOG_FIELD_TEXT, .key = (k), .text = (v)})
#define LOG_INT(k, v)                                                                              \
    ((struct log_field){.type = LOG_FIELD_INT, .key = (k), .number = (int64_t)(v)})

/* Parses "debug", "info", "warning", "error". Returns 0, or -1 and leaves *ret_level alone. */
MUST_CHECK int log_level_parse(const char *text, enum log_level *ret_level);

void log_set_level(enum log_level level);

/* The name printed as service=; kept by pointer, so pass a string that lives as long as the
 * process. */
void log_set_service(const char *name);

/* Prints one line if level is enabled. fields ends with a LOG_FIELD_END element. */
void log_write(enum log_level level, const char *event, const struct log_field *fields);

#define LOG_END ((struct log_field){.type = LOG_FIELD_END})

/* log_info("ready", LOG_TEXT("endpoint", e), LOG_INT("pid", pid)); a line without fields:
 * log_info("stopped", LOG_END) */
#define LOG_LINE(level, event, ...)                                                                \
    log_write((level), (event), (const struct log_field[]){__VA_ARGS__, LOG_END})
#define log_debug(event, ...)   LOG_LINE(LOG_DEBUG, event, __VA_ARGS__)
#define log_info(event, ...)    LOG_LINE(LOG_INFO, event, __VA_ARGS__)
#define log_warning(event, ...) LOG_LINE(LOG_WARNING, event, __VA_ARGS__)
#define log_error(event, ...)   LOG_LINE(LOG_ERROR, event, __VA_ARGS__)

/* The three fields of an err, for the edge that logs it: log_error("failed", LOG_ERR(&err)); */
#define LOG_ERR(e)                                                                                 \
    LOG_TEXT("code", (e)->code), LOG_TEXT("field", (e)->field), LOG_TEXT("text", (e)->text)

/* The world is wrong (start-up only: settings, keys, database): logs err, exits with status 1. */
void fatal(const char *event, const struct err *err) NO_RETURN;

/* We are wrong: logs file and line and aborts. Never for input. */
void bug_at(const char *file, int line, const char *what) NO_RETURN;
#define BUG(what) bug_at(__FILE__, __LINE__, (what))

#endif

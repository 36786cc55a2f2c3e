/* SPDX-License-Identifier: Apache-2.0 */
/*
 * zone.c - a zone is a list of stretches with one offset each: the table of the file, then the rule
 * for ever.
 *
 * Everything below asks two questions of it: which offset is in force at t, and when does it change
 * next. Transitions that change a name alone are dropped when the file is read.
 */
#include "common/base/zone.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/bytes.h"
#include "common/base/duration.h"
#include "common/base/text.h"
#include "common/base/xalloc.h"
#include "common/base/zone_rule.h"

#define NEVER_S      (INT64_MAX / DURATION_S)
#define FIRST_SANE_S (-(INT64_C(1) << 42)) /* some files begin with the big bang */
#define OFFSET_MAX_S (26 * INT64_C(3600))  /* RFC 8536, section 3.2 */

enum {
    HEADER_BYTES = 44,
    FILE_BYTES_MAX = 1024 * 1024,
    NAME_MAX_BYTES = 64
};

struct zone {
    char *name;
    struct zone_change *changes; /* ascending */
    size_t count;
    int32_t first_offset_s; /* before the first change */
    struct zone_rule rule;
    bool has_rule;
};

/* ---- reading the file */

struct counts {
    uint32_t is_ut, is_std, leap, time, type, letters;
    size_t time_bytes;
};

static uint64_t big_endian(const uint8_t *p, size_t len)
{
    uint64_t value = 0;

    for (size_t i = 0; i < len; i++) {
        value = value << 8 | p[i];
    }
    return value;
}

static bool read_header(struct bytes in, size_t time_bytes, struct counts *ret)
{
    const uint8_t *p;

    if (in.len < HEADER_BYTES || memcmp(in.data, "TZif", 4) != 0) {
        return false;
    }
    p = in.data + 20;
    *ret = (struct counts){
        .is_ut = (uint32_t)big_endian(p, 4),
        .is_std = (uint32_t)big_endian(p + 4, 4),
        .leap = (uint32_t)big_endian(p + 8, 4),
        .time = (uint32_t)big_endian(p + 12, 4),
        .type = (uint32_t)big_endian(p + 16, 4),
        .letters = (uint32_t)big_endian(p + 20, 4),
        .time_bytes = time_bytes,
    };
    return ret->type > 0;
}

static size_t body_bytes(const struct counts *c)
{
    return c->time * (c->time_bytes + 1) + (size_t)c->type * 6 + c->letters +
           c->leap * (c->time_bytes + 4) + c->is_std + c->is_ut;
}

static int32_t type_offset(const uint8_t *types, size_t i)
{
    return (int32_t)(uint32_t)big_endian(types + i * 6, 4);
}

static bool read_changes(struct zone *z, const uint8_t *body, const struct counts *c)
{
    const uint8_t *indexes = body + c->time * c->time_bytes;
    const uint8_t *types = indexes + c->time;
    int32_t offset_s = type_offset(types, 0);

    for (size_t i = 0; i < c->type; i++) {
        if (type_offset(types, i) > OFFSET_MAX_S || type_offset(types, i) < -OFFSET_MAX_S) {
            return false;
        }
    }
    z->first_offset_s = offset_s;
    z->changes = xcalloc(c->time + 1, sizeof(*z->changes));
    for (size_t i = 0; i < c->time; i++) {
        const uint64_t raw = big_endian(body + i * c->time_bytes, c->time_bytes);
        const int64_t at_s = c->time_bytes == 4 ? (int64_t)(int32_t)(uint32_t)raw : (int64_t)raw;
        const int64_t previous_s = z->count > 0 ? z->changes[z->count - 1].at_s : INT64_MIN;

        if (indexes[i] >= c->type || at_s >= NEVER_S || at_s <= previous_s) {
            return false;
        }
        if (type_offset(types, indexes[i]) == offset_s) {
            continue;
        }
        offset_s = type_offset(types, indexes[i]);
        if (at_s < FIRST_SANE_S) {
            z->first_offset_s = offset_s;
        } else {
            z->changes[z->count++] = (struct zone_change){.at_s = at_s, .offset_s = offset_s};
        }
    }
    return true;
}

/* "\nCET-1CEST,M3.5.0,M10.5.0/3\n", empty between the line ends when there is no rule. */
static bool read_footer(struct zone *z, struct bytes in)
{
    char rule[128];
    const uint8_t *end;

    if (in.len < 2 || in.data[0] != '\n') {
        return false;
    }
    end = memchr(in.data + 1, '\n', in.len - 1);
    if (!end || (size_t)(end - in.data) > sizeof(rule)) {
        return false;
    }
    memcpy(rule, in.data + 1, (size_t)(end - in.data) - 1);
    rule[end - in.data - 1] = '\0';
    z->has_rule = rule[0] != '\0';
    return !z->has_rule || zone_rule_parse(rule, &z->rule) == 0;
}

static bool read_zone(struct zone *z, struct bytes in)
{
    struct counts c;
    size_t size;

    if (!read_header(in, 4, &c)) {
        return false;
    }
    if (in.data[4] < '2') { /* 32 bits alone: files of before 2005 */
        return c.leap == 0 && in.len >= HEADER_BYTES + body_bytes(&c) &&
               read_changes(z, in.data + HEADER_BYTES, &c);
    }
    size = HEADER_BYTES + body_bytes(&c);
    if (in.len < size) {
        return false;
    }
    in = (struct bytes){.data = in.data + size, .len = in.len - size};
    /* Leap seconds ("right/...") are a time scale that PostgreSQL and POSIX do not have. */
    if (!read_header(in, 8, &c) || c.leap != 0) {
        return false;
    }
    size = HEADER_BYTES + body_bytes(&c);
    return in.len >= size && read_changes(z, in.data + HEADER_BYTES, &c) &&
           read_footer(z, (struct bytes){.data = in.data + size, .len = in.len - size});
}

static int read_file(const char *path, struct buffer *ret_content)
{
    FILE *file = fopen(path, "rbe");
    size_t got;

    if (!file) {
        return -1;
    }
    do {
        uint8_t *room = buffer_extend(ret_content, 4096);

        got = fread(room, 1, 4096, file);
        ret_content->len -= 4096 - got;
    } while (got == 4096 && ret_content->len < FILE_BYTES_MAX);
    if (ferror(file)) { /* a folder, such as "Asia" */
        errno = EISDIR;
        ret_content->len = 0;
    }
    (void)fclose(file);
    return ret_content->len > 0 ? 0 : -1;
}

bool zone_name_is_valid(const char *name)
{
    const size_t len = strlen(name);

    if (len == 0 || len > NAME_MAX_BYTES || name[0] == '/' || name[len - 1] == '/' ||
        strstr(name, "//")) {
        return false;
    }
    for (const char *c = name; *c; c++) {
        if (!isalnum((unsigned char)*c) && !strchr("+-_/", *c)) {
            return false;
        }
    }
    return true;
}

static const char *zone_folder(void)
{
    const char *folder = getenv("TZDIR");

    return text_is_empty(folder) ? "/usr/share/zoneinfo" : folder;
}

struct zone *zone_open(const char *name, struct err *err)
{
    struct buffer content = {0};
    struct text path = {0};
    struct zone *z = NULL;

    if (!zone_name_is_valid(name)) {
        err_set(err, "zone_unknown", "this is not the name of a time zone, such as Asia/Shanghai");
        return NULL;
    }
    text_appendf(&path, "%s/%s", zone_folder(), name);
    if (read_file(path.data, &content) < 0) {
        err_set(err, "zone_unknown", "there is no time zone %s (is the package tzdata installed?)",
                name);
        goto cleanup;
    }
    z = xcalloc(1, sizeof(*z));
    z->name = xstrdup(name);
    if (!read_zone(z, (struct bytes){.data = content.data, .len = content.len})) {
        err_set(err, "zone_malformed", "%s is not a time zone file", path.data);
        zone_free(z);
        z = NULL;
    }
cleanup:
    buffer_free(&content);
    text_free(&path);
    return z;
}

void zone_free(struct zone *z)
{
    if (z) {
        free(z->changes);
        free(z->name);
        free(z);
    }
}

const char *zone_name(const struct zone *z)
{
    return z->name;
}

/* ---- the two questions */

static int64_t floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

/* How many changes of the table have happened by then. */
static size_t changes_until(const struct zone *z, int64_t t_s)
{
    size_t low = 0;
    size_t high = z->count;

    while (low < high) {
        const size_t middle = low + (high - low) / 2;

        if (z->changes[middle].at_s <= t_s) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static int year_of(int64_t t_s)
{
    return civil_from_days(floor_div(t_s, 86400)).year;
}

static int32_t rule_offset(const struct zone_rule *r, int64_t t_s)
{
    const int year = year_of(t_s);
    int32_t offset_s = r->standard_s;

    /* The change in force may be of the year before; one of the next year cannot be. */
    for (int y = year - 1; r->has_summer && y <= year + 1; y++) {
        struct zone_change changes[2];

        zone_rule_changes(r, y, changes);
        for (size_t i = 0; i < 2; i++) {
            if (changes[i].at_s <= t_s) {
                offset_s = changes[i].offset_s;
            }
        }
    }
    return offset_s;
}

static int32_t offset_at(const struct zone *z, int64_t t_s)
{
    const size_t n = changes_until(z, t_s);

    if (n == z->count && z->has_rule) {
        return rule_offset(&z->rule, t_s);
    }
    return n == 0 ? z->first_offset_s : z->changes[n - 1].offset_s;
}

static int64_t next_change(const struct zone *z, int64_t t_s)
{
    const size_t n = changes_until(z, t_s);
    int32_t offset_s;
    int year;

    if (n < z->count) {
        return z->changes[n].at_s;
    }
    if (!z->has_rule || !z->rule.has_summer) {
        return NEVER_S;
    }
    offset_s = rule_offset(&z->rule, t_s);
    year = year_of(t_s);
    for (int y = year - 1; y <= year + 2; y++) {
        struct zone_change changes[2];

        zone_rule_changes(&z->rule, y, changes);
        for (size_t i = 0; i < 2; i++) {
            if (changes[i].at_s > t_s && changes[i].offset_s != offset_s) {
                return changes[i].at_s;
            }
        }
    }
    return NEVER_S; /* summer time all the year round */
}

/* ---- what others ask */

int32_t zone_offset_s(const struct zone *z, int64_t us)
{
    return offset_at(z, floor_div(us, DURATION_S));
}

int64_t zone_next_change(const struct zone *z, int64_t us)
{
    const int64_t at_s = next_change(z, floor_div(us, DURATION_S));

    return at_s >= NEVER_S ? INT64_MAX : at_s * DURATION_S;
}

int64_t zone_to_instant(const struct zone *z, const struct civil_time *local)
{
    const int64_t local_s = civil_to_days(local->date) * 86400 + local->hour * INT64_C(3600) +
                            local->minute * INT64_C(60) + local->second;
    int64_t begin_s = local_s - OFFSET_MAX_S;

    /* Stretch by stretch from one that is surely too early: the first that contains the local time
     * has it. */
    for (;;) {
        const int64_t t_s = local_s - offset_at(z, begin_s);
        const int64_t end_s = next_change(z, begin_s);

        if (t_s < begin_s) { /* before this stretch and behind the one before: skipped */
            return begin_s * DURATION_S;
        }
        if (t_s < end_s) {
            return t_s * DURATION_S + local->microsecond;
        }
        begin_s = end_s;
    }
}

void zone_from_instant(const struct zone *z, int64_t us, struct civil_time *ret_local)
{
    const int64_t local_us = us + (z ? zone_offset_s(z, us) * DURATION_S : 0);
    const int64_t days = floor_div(local_us, DURATION_DAY);
    const int64_t rest = local_us - days * DURATION_DAY;

    *ret_local = (struct civil_time){
        .date = civil_from_days(days),
        .hour = (int)(rest / DURATION_H),
        .minute = (int)(rest / DURATION_MIN % 60),
        .second = (int)(rest / DURATION_S % 60),
        .microsecond = (int)(rest % DURATION_S),
    };
}

bool civil_time_is_valid(const struct civil_time *t)
{
    struct civil_date back;

    if (t->date.year < 1 || t->date.year > 9999 || t->date.month < 1 || t->date.month > 12 ||
        t->date.day < 1 || t->date.day > 31 || t->hour < 0 || t->hour > 23 || t->minute < 0 ||
        t->minute > 59 || t->second < 0 || t->second > 59 || t->microsecond < 0 ||
        t->microsecond >= DURATION_S) {
        return false;
    }
    back = civil_from_days(civil_to_days(t->date));
    return back.month == t->date.month; /* 30 February comes back as March */
}

/* ---- the release */

/* Of tzdata.zi ("# version 2025b") or +VERSION ("2025b"). */
static bool read_version(const char *file_name, char ret_text[ZONE_VERSION_SIZE])
{
    static const char title[] = "# version ";
    char line[64] = "";
    const char *version = line;
    struct text path = {0};
    FILE *file;
    size_t len;

    text_appendf(&path, "%s/%s", zone_folder(), file_name);
    file = fopen(path.data, "re");
    text_free(&path);
    if (!file) {
        return false;
    }
    if (!fgets(line, sizeof(line), file)) {
        line[0] = '\0';
    }
    (void)fclose(file); /* it was only read */
    version += strncmp(line, title, sizeof(title) - 1) == 0 ? sizeof(title) - 1 : 0;
    len = strspn(version, "0123456789abcdefghijklmnopqrstuvwxyz.-");
    if (len == 0 || len >= ZONE_VERSION_SIZE || !strchr("\r\n", version[len])) {
        return false;
    }
    memcpy(ret_text, version, len);
    ret_text[len] = '\0';
    return true;
}

const char *zone_database_version(char ret_text[ZONE_VERSION_SIZE])
{
    if (!read_version("tzdata.zi", ret_text) && !read_version("+VERSION", ret_text)) {
        (void)text_copy(ret_text, ZONE_VERSION_SIZE, "unknown");
    }
    return ret_text;
}

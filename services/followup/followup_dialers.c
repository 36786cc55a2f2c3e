/* SPDX-License-Identifier: Apache-2.0 */
/*
 * followup_dialers.c - a small list, looked through from the front.
 *
 * free_lines is set by each hello and only goes down in between. A hello that was on its way while
 * orders went the other way has not counted them: these are the unheard ones, taken off again. A
 * line too few for a second does no harm; a line too many makes an order wait at the dialer until
 * its start-by.
 */
#include "services/followup/followup_dialers.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/text.h"
#include "common/base/xalloc.h"

/* CHANNEL_CALL: what dialers of before can do. */
#define ONLY_CALLS (1U << 1)

struct followup_dialers {
    struct followup_dialer
        *list[FOLLOWUP_DIALERS_MAX]; /* allocated one by one: callers keep pointers */
    size_t count;
};

struct followup_dialers *followup_dialers_new(void)
{
    return xcalloc(1, sizeof(struct followup_dialers));
}

void followup_dialers_free(struct followup_dialers *d)
{
    if (d) {
        for (size_t i = 0; i < d->count; i++) {
            zone_free(d->list[i]->hours_zone);
            free(d->list[i]);
        }
        free(d);
    }
}

struct followup_dialer *followup_dialers_at(struct followup_dialers *d, size_t i)
{
    return i < d->count ? d->list[i] : NULL;
}

struct followup_dialer *followup_dialers_by_name(struct followup_dialers *d, const char *name)
{
    for (size_t i = 0; i < d->count; i++) {
        if (strcmp(d->list[i]->name, name) == 0) {
            return d->list[i];
        }
    }
    return NULL;
}

static bool has_peer(const struct followup_dialer *dialer, struct bytes peer)
{
    return bytes_equal((struct bytes){.data = dialer->peer, .len = dialer->peer_len}, peer);
}

struct followup_dialer *followup_dialers_by_peer(struct followup_dialers *d, struct bytes peer)
{
    for (size_t i = 0; i < d->count; i++) {
        if (has_peer(d->list[i], peer)) {
            return d->list[i];
        }
    }
    return NULL;
}

void followup_dialers_lock_out(struct followup_dialers *d, struct bytes peer)
{
    struct followup_dialer *dialer = followup_dialers_by_peer(d, peer);
    if (dialer) {
        dialer->peer_len = 0;
    }
}

bool followup_dialer_is_connected(const struct followup_dialer *dialer, int64_t now_us)
{
    return dialer->peer_len > 0 && now_us - dialer->seen_us < FOLLOWUP_DIALER_GONE_US;
}

static int check(const struct followup_dialer_hello *h, struct err *err)
{
    size_t name_len = h->name ? strlen(h->name) : 0;
    size_t journal_len = h->journal ? strlen(h->journal) : 0;
    if (name_len == 0 || name_len > FOLLOWUP_DIALER_NAME_MAX) {
        return err_set_field(err, "hello_invalid", "dialer", "a dialer has a name of 1 to %d bytes",
                             FOLLOWUP_DIALER_NAME_MAX);
    }
    if (journal_len == 0 || journal_len >= FOLLOWUP_JOURNAL_SIZE) {
        return err_set_field(err, "hello_invalid", "journal",
                             "a journal has an id of 1 to %d bytes", FOLLOWUP_JOURNAL_SIZE - 1);
    }
    if (h->free_lines < 0 || h->free_lines > FOLLOWUP_LINES_MAX) {
        return err_set_field(err, "hello_invalid", "free_lines", "0 to %d lines can be free",
                             FOLLOWUP_LINES_MAX);
    }
    if (strcmp(h->source, "person") == 0) {
        return err_set(err, "hello_invalid", "\"person/...\" is who works at the worklist");
    }
    if (h->peer.len > sizeof(((struct followup_dialer *)0)->peer)) {
        return err_set(err, "hello_invalid", "the routing id is too long");
    }
    return 0;
}

/* The names are those of registered sources, but each may say many: a dialer that is gone makes
 * room. */
static struct followup_dialer *add(struct followup_dialers *d, const char *name, int64_t now_us,
                                   struct err *err)
{
    struct followup_dialer *dialer = NULL;
    for (size_t i = 0; d->count == FOLLOWUP_DIALERS_MAX && i < d->count && !dialer; i++) {
        struct followup_dialer *old = d->list[i];
        dialer = !followup_dialer_is_connected(old, now_us) && old->booked == 0 ? old : NULL;
    }
    if (d->count == FOLLOWUP_DIALERS_MAX && !dialer) {
        (void)err_set(err, "too_many_dialers", "%d dialers are connected", FOLLOWUP_DIALERS_MAX);
        return NULL;
    }
    if (!dialer) {
        dialer = xcalloc(1, sizeof(*dialer));
        d->list[d->count++] = dialer;
    }
    zone_free(dialer->hours_zone);
    *dialer = (struct followup_dialer){.free_lines = 0};
    (void)text_copy(dialer->name, sizeof(dialer->name), name);
    return dialer;
}

/* What it said last is kept when it says something wrong: the hello is refused as a whole. Read
 * anew only when it changes. */
static int take_hours(struct followup_dialer *dialer, const struct followup_dialer_hello *h,
                      struct err *err)
{
    char text[WORKING_HOURS_TEXT_SIZE];
    struct working_hours hours;
    struct zone *zone = NULL;
    const char *said = h->hours ? h->hours : "";
    const char *name = h->hours_zone ? h->hours_zone : "";
    if (!text_format(text, sizeof(text), "%s%s%s", said, *said && *name ? " " : "",
                     *said ? name : "")) {
        return err_set_field(err, "hello_invalid", "hours", "working hours have at most %d bytes",
                             WORKING_HOURS_TEXT_SIZE - 1);
    }
    if (strcmp(text, dialer->hours_text) == 0) {
        return 0;
    }
    if (working_hours_read(said, &hours, err) < 0) {
        return -1;
    }
    if (*said && *name && !(zone = zone_open(name, err))) {
        return -1;
    }
    zone_free(dialer->hours_zone);
    dialer->hours_zone = zone;
    dialer->hours = hours;
    (void)text_copy(dialer->hours_text, sizeof(dialer->hours_text), text);
    return 0;
}

struct followup_dialer *followup_dialers_hello(struct followup_dialers *d,
                                               const struct followup_dialer_hello *hello,
                                               int64_t now_us, int64_t real_us, struct err *err)
{
    char name[FOLLOWUP_DIALER_SIZE];
    if (check(hello, err) < 0) {
        return NULL;
    }
    (void)text_format(name, sizeof(name), "%s/%s", hello->source, hello->name);
    struct followup_dialer *dialer = followup_dialers_by_name(d, name);
    if (!dialer) {
        dialer = add(d, name, now_us, err);
    }
    if (!dialer || take_hours(dialer, hello, err) < 0) {
        return NULL;
    }
    dialer->channels = hello->channels ? hello->channels : ONLY_CALLS;
    if (!has_peer(dialer, hello->peer) || strcmp(dialer->journal, hello->journal) != 0 ||
        !followup_dialer_is_connected(dialer, now_us)) {
        dialer->is_new = true;
        dialer->saved_us = 0;
        dialer->unheard = 0;
    }
    memcpy(dialer->peer, hello->peer.data, hello->peer.len);
    dialer->peer_len = hello->peer.len;
    memcpy(dialer->key, hello->key, sizeof(dialer->key));
    (void)text_copy(dialer->journal, sizeof(dialer->journal), hello->journal);
    int32_t free_lines = hello->free_lines - dialer->booked - dialer->unheard;
    dialer->free_lines = free_lines > 0 ? free_lines : 0;
    dialer->unheard = 0;
    dialer->seen_us = now_us;
    dialer->seen_real_us = real_us;
    return dialer;
}

static bool works(const struct followup_dialer *dialer, const struct followup_dialers_when *when)
{
    return followup_dialer_is_connected(dialer, when->now_us) &&
           working_hours_are_open(&dialer->hours, dialer->hours_zone, when->business_us);
}

bool followup_dialer_can(const struct followup_dialer *dialer, int32_t channel,
                         const struct followup_dialers_when *when)
{
    return channel > 0 && channel < 32 && (dialer->channels >> channel & 1U) && works(dialer, when);
}

int32_t followup_dialers_free_lines(const struct followup_dialers *d,
                                    const struct followup_dialers_when *when)
{
    int32_t total = 0;
    for (size_t i = 0; i < d->count; i++) {
        total += works(d->list[i], when) ? d->list[i]->free_lines : 0;
    }
    return total;
}

uint32_t followup_dialers_free_channels(const struct followup_dialers *d,
                                        const struct followup_dialers_when *when)
{
    uint32_t channels = 0;
    for (size_t i = 0; i < d->count; i++) {
        const struct followup_dialer *one = d->list[i];
        channels |= one->free_lines > 0 && works(one, when) ? one->channels : 0;
    }
    return channels;
}

enum followup_dialers_state followup_dialers_state(const struct followup_dialers *d,
                                                   int32_t channel,
                                                   const struct followup_dialers_when *when)
{
    enum followup_dialers_state state = FOLLOWUP_DIALERS_NONE;
    for (size_t i = 0; i < d->count; i++) {
        const struct followup_dialer *one = d->list[i];
        if (followup_dialer_can(one, channel, when)) {
            return FOLLOWUP_DIALERS_WORKING;
        }
        if ((one->channels >> channel & 1U) && followup_dialer_is_connected(one, when->now_us)) {
            state = FOLLOWUP_DIALERS_RESTING;
        }
    }
    return state;
}

struct followup_dialer *followup_dialers_book(struct followup_dialers *d, int32_t channel,
                                              const struct followup_dialers_when *when)
{
    struct followup_dialer *best = NULL;
    for (size_t i = 0; i < d->count; i++) {
        struct followup_dialer *one = d->list[i];
        if (one->free_lines > 0 && followup_dialer_can(one, channel, when) &&
            (!best || one->free_lines > best->free_lines)) {
            best = one;
        }
    }
    if (best) {
        best->free_lines--;
        best->booked++;
    }
    return best;
}

void followup_dialers_unbook(struct followup_dialer *dialer)
{
    dialer->booked--;
    dialer->free_lines++;
}

void followup_dialers_sent(struct followup_dialer *dialer)
{
    dialer->booked--;
    dialer->unheard++;
}

void followup_dialers_heard(struct followup_dialer *dialer)
{
    if (dialer->unheard > 0) {
        dialer->unheard--;
    }
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "services/dialer/dialer_links.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/arena.h"
#include "common/base/duration.h"
#include "common/base/log.h"
#include "common/base/xalloc.h"
#include "common/runtime/message_check.h"

enum {
    LINKS_MAX = 16,
    MESSAGE_BUDGET = 256 * 1024,
};

#define SILENT_AFTER_US (3 * DURATION_S)

struct link {
    struct dialer_links *links;
    int index;
    struct bus_socket *socket;
    int64_t welcomed_us; /* monotonic; 0: never */
};

struct dialer_links {
    struct dialer_links_options options;
    struct link list[LINKS_MAX];
    int count;
    struct arena *arena;
};

static void on_message(void *ctx, struct bus_socket *s, const struct bus_message *m)
{
    const struct link *link = ctx;
    struct dialer_links *l = link->links;
    struct err err = ERR_NONE;
    (void)s;
    const Troth__V1__DialerReply *reply = (const Troth__V1__DialerReply *)message_unpack(
        &troth__v1__dialer_reply__descriptor, m->body, l->arena, &err);
    if (reply) {
        l->options.on_reply(l->options.ctx, link->index, reply);
    } else {
        log_error("message_unreadable", LOG_ERR(&err));
    }
    arena_reset(l->arena);
}

static int add(struct dialer_links *l, const char *endpoint, struct err *err)
{
    if (l->count == LINKS_MAX) {
        return err_set(err, "setting_invalid", "followup names more than %d endpoints", LINKS_MAX);
    }
    struct link *link = &l->list[l->count];
    link->links = l;
    link->index = l->count;
    link->socket =
        bus_connect_dealer(l->options.bus, endpoint, l->options.server_key, on_message, link, err);
    if (!link->socket) {
        return -1;
    }
    bus_follow_key_file(link->socket, l->options.server_key_file);
    l->count++;
    return 0;
}

struct dialer_links *dialer_links_new(const struct dialer_links_options *options, struct err *err)
{
    struct dialer_links *l = xcalloc(1, sizeof(*l));
    char *copy = xstrdup(options->endpoints);
    int rc = 0;
    l->options = *options;
    l->arena = arena_new(MESSAGE_BUDGET);
    for (char *rest = copy; rest && rc == 0;) {
        const char *endpoint = strsep(&rest, " ");
        rc = *endpoint ? add(l, endpoint, err) : 0;
    }
    free(copy);
    if (rc == 0 && l->count == 0) {
        rc = err_set(err, "setting_invalid", "followup must name an endpoint");
    }
    if (rc < 0) {
        dialer_links_free(l);
        return NULL;
    }
    return l;
}

void dialer_links_free(struct dialer_links *l)
{
    if (l) {
        for (int i = 0; i < l->count; i++) {
            bus_close(l->list[i].socket);
        }
        arena_free(l->arena);
        free(l);
    }
}

int dialer_links_send(const struct dialer_links *l, int link,
                      const Troth__V1__DialerRequest *request)
{
    struct buffer body = {.data = NULL};
    message_pack(&request->base, &body);
    int rc = bus_send(l->list[link].socket, (struct bytes){.data = body.data, .len = body.len});
    explicit_bzero(body.data, body.len); /* a result may hold a note */
    buffer_free(&body);
    return rc;
}

void dialer_links_welcome(struct dialer_links *l, int link, int64_t now_us)
{
    l->list[link].welcomed_us = now_us;
}

static bool is_welcome(const struct link *link, int64_t now_us)
{
    return link->welcomed_us > 0 && now_us - link->welcomed_us < SILENT_AFTER_US;
}

int dialer_links_choose(const struct dialer_links *l, int preferred, int64_t now_us)
{
    if (preferred >= 0 && preferred < l->count && is_welcome(&l->list[preferred], now_us)) {
        return preferred;
    }
    for (int i = 0; i < l->count; i++) {
        if (is_welcome(&l->list[i], now_us)) {
            return i;
        }
    }
    return -1;
}

size_t dialer_links_up_count(const struct dialer_links *l, int64_t now_us)
{
    size_t count = 0;
    for (int i = 0; i < l->count; i++) {
        count += is_welcome(&l->list[i], now_us) ? 1 : 0;
    }
    return count;
}

bool dialer_links_hello(const struct dialer_links *l, const Troth__V1__DialerRequest *hello,
                        int64_t now_us)
{
    bool is_answered = true;
    for (int i = 0; i < l->count; i++) {
        (void)dialer_links_send(l, i, hello); /* nobody there: the next one */
        is_answered &= is_welcome(&l->list[i], now_us);
    }
    return is_answered;
}

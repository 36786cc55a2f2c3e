/* SPDX-License-Identifier: Apache-2.0 */
#include "services/dialer/ami_link.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/base/backoff.h"
#include "common/base/duration.h"
#include "common/base/instant.h"
#include "common/base/log.h"
#include "common/base/xalloc.h"
#include "common/runtime/web_stream.h"
#include "services/dialer/ami_md5.h"

#define USUAL_PORT      "5038"
#define USUAL_TLS_PORT  "5039"
#define LOGIN_ID        "troth-login"
#define CHALLENGE_ID    "troth-challenge"
#define PING_ID         "troth-ping"
#define PING_EVERY_US   (10 * DURATION_S)
#define SILENT_AFTER_US (30 * DURATION_S)
#define LOGIN_WITHIN_US (10 * DURATION_S)

enum {
    READ_SIZE = 16 * 1024
};

enum stage {
    AWAY,
    CONNECTING,
    CHALLENGED, /* we asked for a challenge */
    LOGGING_IN,
    READY
};

struct ami_link {
    struct ami_link_options options;
    char *url, *user, *secret;
    struct web_client *client;
    enum stage stage;
    struct web_stream *stream; /* NULL: away */
    struct loop_timer *timer;  /* connect again; the login's limit; the next ping */
    struct ami_reader reader;
    struct text out;
    size_t sent; /* of out */
    int64_t heard_us;
    unsigned failures;
};

static void connect_now(void *ctx);

/* ---- the end of a connection */

static void clear_out(struct ami_link *l)
{
    if (l->out.data) {
        explicit_bzero(l->out.data, l->out.len);
    }
    text_clear(&l->out);
    l->sent = 0;
}

static void drop(struct ami_link *l)
{
    web_stream_close(l->stream);
    l->stream = NULL;
    ami_reader_free(&l->reader);
    clear_out(l);
    l->stage = AWAY;
}

static void lose(struct ami_link *l, const char *why)
{
    static const struct backoff backoff = {.base_us = 200 * DURATION_MS, .cap_us = 30 * DURATION_S};
    bool was_ready = l->stage == READY;
    uint64_t spread = (uint64_t)instant_monotonic_us() * 0x9E3779B97F4A7C15U;
    log_warning("pbx_lost", LOG_TEXT("code", why));
    drop(l);
    loop_timer_after(l->timer, backoff_delay_us(&backoff, l->failures++, spread));
    if (was_ready) {
        l->options.lost(l->options.ctx);
    }
}

/* ---- writing */

/* Returns false when the connection is lost. */
static bool flush(struct ami_link *l)
{
    while (l->sent < l->out.len) {
        ssize_t sent = web_stream_send(l->stream, l->out.data + l->sent, l->out.len - l->sent);
        if (sent == 0) {
            web_stream_events(l->stream, LOOP_READ | LOOP_WRITE);
            return true;
        }
        if (sent < 0) {
            return false;
        }
        l->sent += (size_t)sent;
    }
    clear_out(l);
    web_stream_events(l->stream, LOOP_READ);
    return true;
}

void ami_link_send(struct ami_link *l, const struct text *actions)
{
    if (l->stage == READY) {
        text_append(&l->out, text_or_empty(actions));
        /* A failure shows in the loop as well; not from within the caller's call. */
        (void)flush(l);
    }
}

/* ---- logging in */

static bool send_action(struct ami_link *l, const char *action, const char *id,
                        const char *const (*headers)[2], size_t count)
{
    ami_action_begin(&l->out, action, id);
    for (size_t i = 0; i < count; i++) {
        if (ami_action_add(&l->out, headers[i][0], headers[i][1]) < 0) {
            log_error("pbx_login_failed", LOG_TEXT("code", "setting_invalid"));
            return false;
        }
    }
    ami_action_end(&l->out);
    return flush(l);
}

static bool log_in(struct ami_link *l, const char *challenge)
{
    char proof[AMI_MD5_TEXT_SIZE];
    struct text both = {.data = NULL};
    l->stage = LOGGING_IN;
    if (!*challenge) {
        const char *const plain[][2] = {
            {"Username", l->user    },
            {"Secret",   l->secret  },
            {"Events",   "call,user"}
        };
        if (!l->options.is_tls && !web_stream_is_near(l->stream)) {
            log_error("pbx_login_failed", LOG_TEXT("code", "no_challenge"));
            return false;
        }
        return send_action(l, "Login", LOGIN_ID, plain, ARRAY_LEN(plain));
    }
    text_appendf(&both, "%s%s", challenge, l->secret);
    ami_md5(bytes_of_text(both.data), proof);
    explicit_bzero(both.data, both.len);
    text_free(&both);
    const char *const hashed[][2] = {
        {"AuthType", "MD5"      },
        {"Username", l->user    },
        {"Key",      proof      },
        {"Events",   "call,user"}
    };
    return send_action(l, "Login", LOGIN_ID, hashed, ARRAY_LEN(hashed));
}

static bool take_login(struct ami_link *l, const struct ami_message *m)
{
    const char *id = ami_message_get(m, "ActionID");
    bool is_success = strcasecmp(ami_message_get(m, "Response"), "Success") == 0;
    if (l->stage == CHALLENGED && strcmp(id, CHALLENGE_ID) == 0) {
        return log_in(l, is_success ? ami_message_get(m, "Challenge") : "");
    }
    if (l->stage != LOGGING_IN || strcmp(id, LOGIN_ID) != 0) {
        return true;
    }
    if (!is_success) {
        log_error("pbx_login_failed", LOG_TEXT("code", "refused"));
        return false;
    }
    l->stage = READY;
    l->failures = 0;
    loop_timer_after(l->timer, PING_EVERY_US);
    log_info("pbx_ready", LOG_END);
    l->options.logged_in(l->options.ctx);
    return true;
}

/* ---- reading */

/* Returns false when the connection is lost. */
static bool take_messages(struct ami_link *l)
{
    struct ami_message m;
    struct err err = ERR_NONE;
    int rc = 0;
    while ((rc = ami_reader_next(&l->reader, &m, &err)) > 0) {
        bool is_going_on = true;
        if (l->stage != READY) {
            is_going_on = take_login(l, &m);
        } else if (strcmp(ami_message_get(&m, "ActionID"), PING_ID) != 0) {
            l->options.received(l->options.ctx, &m);
        }
        if (!is_going_on) {
            return false;
        }
    }
    if (rc < 0) {
        log_error("pbx_unreadable", LOG_ERR(&err));
    }
    return rc == 0;
}

/* Returns false when the connection is lost. */
static bool read_all(struct ami_link *l)
{
    char room[READ_SIZE];
    ssize_t got;
    while ((got = web_stream_recv(l->stream, room, sizeof(room))) > 0) {
        l->heard_us = instant_monotonic_us();
        ami_reader_feed(&l->reader, room, (size_t)got);
        explicit_bzero(room, (size_t)got);
        if (!take_messages(l)) {
            return false;
        }
    }
    return got == 0;
}

static void on_connected(void *ctx, const struct err *err)
{
    static const char *const headers[][2] = {
        {"AuthType", "MD5"}
    };
    struct ami_link *l = ctx;
    if (err->code[0]) {
        lose(l, err->code);
        return;
    }
    l->stage = CHALLENGED;
    l->heard_us = instant_monotonic_us();
    if (!send_action(l, "Challenge", CHALLENGE_ID, headers, ARRAY_LEN(headers))) {
        lose(l, "closed");
    }
}

static void on_ready(void *ctx, int events)
{
    struct ami_link *l = ctx;
    if ((events & LOOP_WRITE && !flush(l)) || (events & LOOP_READ && !read_all(l))) {
        lose(l, "closed");
    }
}

/* ---- time */

static void on_time(void *ctx)
{
    struct ami_link *l = ctx;
    if (l->stage == AWAY) {
        connect_now(l);
        return;
    }
    if (l->stage != READY || instant_monotonic_us() - l->heard_us > SILENT_AFTER_US) {
        lose(l, "silent");
        return;
    }
    loop_timer_after(l->timer, PING_EVERY_US);
    if (!send_action(l, "Ping", PING_ID, NULL, 0)) {
        lose(l, "closed");
    }
}

static void connect_now(void *ctx)
{
    struct ami_link *l = ctx;
    const struct web_stream_options options = {
        .url = l->url,
        .timeout_us = LOGIN_WITHIN_US,
        .connected = on_connected,
        .ready = on_ready,
        .ctx = l,
    };
    l->stage = CONNECTING;
    l->stream = web_stream_open(l->client, &options);
    loop_timer_after(l->timer, LOGIN_WITHIN_US);
}

/* ---- life */

static char *url_of(const struct ami_link_options *options)
{
    struct text url = {.data = NULL};
    const char *server = options->server;
    const char *bracket = strrchr(server, ']'); /* of an IPv6 address */
    text_appendf(&url, "%s://%s", options->is_tls ? "https" : "http", server);
    if (!strchr(bracket ? bracket : server, ':')) {
        text_appendf(&url, ":%s", options->is_tls ? USUAL_TLS_PORT : USUAL_PORT);
    }
    return url.data;
}

struct ami_link *ami_link_open(const struct ami_link_options *options, struct err *err)
{
    const struct web_client_options web = {.ca_file = options->ca_file};
    struct ami_link *l = xcalloc(1, sizeof(*l));
    l->options = *options;
    l->url = url_of(options);
    l->user = xstrdup(options->user);
    l->secret = xstrdup(options->secret);
    l->options.server = l->options.ca_file = l->options.user = l->options.secret = NULL;
    if (!web_url_is_valid(l->url)) {
        (void)err_set_field(err, "setting_invalid", "asterisk_server",
                            "HOST or HOST:PORT is needed");
        ami_link_close(l);
        return NULL;
    }
    l->client = web_client_new(options->loop, &web, err);
    if (!l->client) {
        ami_link_close(l);
        return NULL;
    }
    l->timer = loop_timer_new(options->loop, on_time, l);
    loop_timer_after(l->timer, 0);
    return l;
}

void ami_link_close(struct ami_link *l)
{
    if (l) {
        drop(l);
        web_client_free(l->client);
        loop_timer_free(l->timer);
        text_free(&l->out);
        explicit_bzero(l->secret, strlen(l->secret));
        free(l->secret);
        free(l->user);
        free(l->url);
        free(l);
    }
}

bool ami_link_is_ready(const struct ami_link *l)
{
    return l->stage == READY;
}

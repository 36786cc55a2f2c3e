/* SPDX-License-Identifier: Apache-2.0 */
#include "common/runtime/service_notify.h"

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "common/base/log.h"
#include "common/base/text.h"
#include "common/base/xalloc.h"

struct service_notify {
    int fd; /* -1: nobody listens */
    struct sockaddr_un address;
    socklen_t address_len;
    bool has_failed;
    int64_t every_us; /* 0: nobody watches */
    struct loop_timer *timer;
};

/* Never waits: a supervisor whose queue is full hears the next sign of life. */
static void tell(struct service_notify *n, const char *state)
{
    if (n->fd < 0) {
        return;
    }
    ssize_t sent = sendto(n->fd, state, strlen(state), MSG_NOSIGNAL | MSG_DONTWAIT,
                          (const struct sockaddr *)&n->address, n->address_len);
    if (sent < 0 && !n->has_failed) {
        n->has_failed = true;
        log_warning("supervisor_not_told", LOG_TEXT("text", strerror(errno)));
    }
}

static void on_timer(void *ctx)
{
    struct service_notify *n = ctx;
    tell(n, "WATCHDOG=1");
    loop_timer_after(n->timer, n->every_us);
}

/* A path, or a name without a file, which begins with '@' here and with a zero byte there. */
static bool set_address(struct service_notify *n, const char *name)
{
    size_t len = strlen(name);
    if ((name[0] != '/' && name[0] != '@') || len < 2 || len >= sizeof(n->address.sun_path)) {
        return false;
    }
    n->address.sun_family = AF_UNIX;
    memcpy(n->address.sun_path, name, len);
    if (name[0] == '@') {
        n->address.sun_path[0] = '\0';
    }
    n->address_len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len);
    return true;
}

/* 0 for what is no positive number. */
static int64_t number_from(const char *name)
{
    const char *text = getenv(name);
    char *end = NULL;
    if (!text) {
        return 0;
    }
    errno = 0;
    long long value = strtoll(text, &end, 10);
    return errno == 0 && end != text && *end == '\0' && value > 0 ? value : 0;
}

static int64_t watched_every_us(void)
{
    const char *pid = getenv("WATCHDOG_PID");
    if (!text_is_empty(pid) && number_from("WATCHDOG_PID") != (int64_t)getpid()) {
        return 0;
    }
    return number_from("WATCHDOG_USEC") / 3;
}

struct service_notify *service_notify_new(struct loop *l)
{
    struct service_notify *n = xcalloc(1, sizeof(*n));
    const char *name = getenv("NOTIFY_SOCKET");
    n->fd = -1;
    n->timer = loop_timer_new(l, on_timer, n);
    if (!name || !*name) {
        return n;
    }
    if (!set_address(n, name)) {
        log_warning("supervisor_not_told", LOG_TEXT("text", "NOTIFY_SOCKET names no unix socket"));
        return n;
    }
    n->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (n->fd < 0) {
        log_warning("supervisor_not_told", LOG_TEXT("text", strerror(errno)));
        return n;
    }
    n->every_us = watched_every_us();
    return n;
}

void service_notify_free(struct service_notify *n)
{
    if (n) {
        loop_timer_free(n->timer);
        if (n->fd >= 0) {
            (void)close(n->fd);
        }
        free(n);
    }
}

void service_notify_ready(struct service_notify *n)
{
    tell(n, "READY=1");
    if (n->every_us > 0) {
        loop_timer_after(n->timer, 0);
    }
}

void service_notify_stopping(struct service_notify *n)
{
    if (n) {
        tell(n, "STOPPING=1");
    }
}

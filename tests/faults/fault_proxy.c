/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fault_proxy.c - stands between two programs and is a bad network when it is told so.
 *
 *   fault_proxy LISTEN TARGET SEED      each address is 127.0.0.1:PORT (0: a free one) or unix:PATH
 *
 * Prints "ready LISTEN", then answers each line of standard input by one that begins with "ok" or
 * "error", and ends with standard input:
 *
 *   latency MS jitter MS                   each piece comes later by the first and at most the
 * second bandwidth BYTES                        a second, of each direction of each connection; 0:
 * no limit slice BYTES                            at most so much in one piece; 0: no limit
 *   cut-after up|down|both BYTES fin|reset  when so many more have passed, the connection that
 * passed the last of them is closed, or reset; once reset                                  all
 * connections, now silence up|down|both hold|drop         bytes are taken and wait for 'pass', or
 * are lost; nobody gets through who connects meanwhile pass                                   none
 * of all that any more status                                 counters
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/base/instant.h"
#include "tests/support/fault_link.h"

#define BYTES_MAX   UINT64_C(1000000000000)
#define LATE_MAX_MS UINT64_C(600000)

enum {
    EVENTS_MAX = 64,
    WORDS_MAX = 6,
    LINE_MAX_BYTES = 256
};

struct proxy {
    struct fault_net net;
    int listener;
    bool is_ending;
    char line[LINE_MAX_BYTES];
    size_t line_len;
};

/* ---- commands */

static bool is_word(const char *word, const char *wanted)
{
    return strcmp(word, wanted) == 0;
}

static bool read_number(const char *word, uint64_t most, uint64_t *ret_number)
{
    char *end;
    errno = 0;
    unsigned long long number = strtoull(word, &end, 10);
    *ret_number = number;
    return word[0] >= '0' && word[0] <= '9' && !*end && errno == 0 && number <= most;
}

static bool read_directions(const char *word, bool ret_of[2])
{
    bool is_both = is_word(word, "both");
    ret_of[FAULT_UP] = is_both || is_word(word, "up");
    ret_of[FAULT_DOWN] = is_both || is_word(word, "down");
    return ret_of[FAULT_UP] || ret_of[FAULT_DOWN];
}

/* All print the answer, or return false when they do not understand. */
typedef bool command_fn(struct proxy *p, char *const words[]);

static bool do_latency(struct proxy *p, char *const words[])
{
    uint64_t latency_ms;
    uint64_t jitter_ms;
    if (!read_number(words[1], LATE_MAX_MS, &latency_ms) || !is_word(words[2], "jitter") ||
        !read_number(words[3], LATE_MAX_MS, &jitter_ms)) {
        return false;
    }
    p->net.rules.latency_us = (int64_t)latency_ms * 1000;
    p->net.rules.jitter_us = (int64_t)jitter_ms * 1000;
    puts("ok");
    return true;
}

static bool do_bandwidth(struct proxy *p, char *const words[])
{
    uint64_t bytes;
    if (!read_number(words[1], BYTES_MAX, &bytes)) {
        return false;
    }
    p->net.rules.pace.bytes_per_s = (int64_t)bytes;
    puts("ok");
    return true;
}

static bool do_slice(struct proxy *p, char *const words[])
{
    uint64_t bytes;
    if (!read_number(words[1], BYTES_MAX, &bytes)) {
        return false;
    }
    p->net.rules.pace.slice_bytes = (size_t)bytes;
    puts("ok");
    return true;
}

static bool do_cut_after(struct proxy *p, char *const words[])
{
    struct fault_cut cut = {.is_armed = true, .is_reset = is_word(words[3], "reset")};
    if (!read_directions(words[1], cut.of) || !read_number(words[2], BYTES_MAX, &cut.left) ||
        (!cut.is_reset && !is_word(words[3], "fin"))) {
        return false;
    }
    p->net.cut = cut;
    puts("ok");
    return true;
}

static bool do_reset(struct proxy *p, char *const words[])
{
    (void)words;
    printf("ok %zu\n", fault_link_reset_all(&p->net));
    return true;
}

static bool do_silence(struct proxy *p, char *const words[])
{
    bool of[2];
    bool is_drop = is_word(words[2], "drop");
    if (!read_directions(words[1], of) || (!is_drop && !is_word(words[2], "hold"))) {
        return false;
    }
    for (size_t direction = 0; direction < 2; direction++) {
        if (of[direction]) {
            p->net.rules.silence[direction] = is_drop ? FAULT_DROP : FAULT_HOLD;
        }
    }
    puts("ok");
    return true;
}

static bool do_pass(struct proxy *p, char *const words[])
{
    (void)words;
    fault_link_sound(&p->net);
    p->net.rules = (struct fault_rules){0};
    p->net.cut.is_armed = false;
    puts("ok");
    return true;
}

static bool do_status(struct proxy *p, char *const words[])
{
    const struct fault_counters *c = &p->net.counters;
    (void)words;
    printf("ok links=%zu opened=%" PRIu64 " cut=%" PRIu64 " reset=%" PRIu64 " left=%" PRIu64
           " up=%" PRIu64 " down=%" PRIu64 " pieces=%" PRIu64 " dropped=%" PRIu64 " waiting=%zu\n",
           fault_link_count(&p->net), c->opened, c->cut, c->reset, c->left, c->passed[FAULT_UP],
           c->passed[FAULT_DOWN], c->pieces, c->dropped, fault_link_bytes_waiting(&p->net));
    return true;
}

static const struct command {
    const char *name;
    size_t words; /* with the name */
    command_fn *run;
} commands[] = {
    {"latency",   4, do_latency  },
    {"bandwidth", 2, do_bandwidth},
    {"slice",     2, do_slice    },
    {"cut-after", 4, do_cut_after},
    {"reset",     1, do_reset    },
    {"silence",   3, do_silence  },
    {"pass",      1, do_pass     },
    {"status",    1, do_status   },
};

static void obey(struct proxy *p, char *line)
{
    char *words[WORDS_MAX] = {NULL};
    size_t count = 0;
    for (char *word; (word = strsep(&line, " ")) != NULL && count < WORDS_MAX;) {
        if (*word) {
            words[count++] = word;
        }
    }
    bool is_done = false;
    for (size_t i = 0; i < ARRAY_LEN(commands) && count > 0 && !is_done; i++) {
        const struct command *c = &commands[i];
        is_done = is_word(c->name, words[0]) && c->words == count && c->run(p, words);
    }
    if (!is_done) {
        puts("error: see the head of fault_proxy.c");
    }
    (void)fflush(stdout);
}

static void read_commands(struct proxy *p)
{
    ssize_t count = read(STDIN_FILENO, p->line + p->line_len, sizeof(p->line) - p->line_len);
    if (count <= 0) {
        p->is_ending = count == 0 || (errno != EAGAIN && errno != EINTR);
        return;
    }
    p->line_len += (size_t)count;
    char *end;
    while ((end = memchr(p->line, '\n', p->line_len)) != NULL) {
        *end = '\0';
        obey(p, p->line);
        size_t used = (size_t)(end + 1 - p->line);
        p->line_len -= used;
        memmove(p->line, end + 1, p->line_len);
    }
    p->is_ending = p->line_len == sizeof(p->line);
}

/* ---- the loop */

static void accept_links(struct proxy *p)
{
    int fd;
    while ((fd = accept4(p->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
        fault_link_open(&p->net, fd);
    }
}

static int open_listener(const char *endpoint, struct err *err)
{
    struct http_address address;
    if (http_address_parse(endpoint, &address, err) < 0) {
        return -1;
    }
    const struct sockaddr *where = (const struct sockaddr *)&address.storage;
    int fd = socket(where->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0 || bind(fd, where, address.len) < 0 || listen(fd, SOMAXCONN) < 0) {
        err_fill(err, "listen_failed", "", "%s: %s", endpoint, strerror(errno));
        if (fd >= 0) {
            (void)close(fd);
        }
        return -1;
    }
    return fd;
}

static int wait_ms(int64_t until_us, int64_t now_us)
{
    if (until_us <= now_us) {
        return 0;
    }
    return until_us - now_us > 1000000 ? 1000 : (int)((until_us - now_us + 999) / 1000);
}

static void run(struct proxy *p)
{
    struct epoll_event events[EVENTS_MAX];
    int64_t next_us = INT64_MAX;
    while (!p->is_ending) {
        int timeout = wait_ms(next_us, instant_monotonic_us());
        int count = epoll_wait(p->net.epoll_fd, events, EVENTS_MAX, timeout);
        int64_t now_us = instant_monotonic_us();
        for (int i = 0; i < count; i++) {
            if (events[i].data.ptr == &p->listener) {
                accept_links(p);
            } else if (events[i].data.ptr == p->line) {
                read_commands(p);
            } else {
                fault_link_on_event(&events[i], &p->net, now_us);
            }
        }
        next_us = fault_link_turn(&p->net, now_us);
    }
}

static int set_up(struct proxy *p, char *const arguments[], struct err *err)
{
    if (http_address_parse(arguments[2], &p->net.target, err) < 0) {
        return -1;
    }
    if (!read_number(arguments[3], UINT64_MAX, &p->net.chance)) {
        return err_set(err, "seed_invalid", "%s is no number", arguments[3]);
    }
    p->listener = open_listener(arguments[1], err);
    if (p->listener < 0) {
        return -1;
    }
    struct epoll_event listener = {.events = EPOLLIN, .data.ptr = &p->listener};
    struct epoll_event input = {.events = EPOLLIN, .data.ptr = p->line};
    p->net.epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    if (fcntl(STDIN_FILENO, F_SETFL, O_NONBLOCK) < 0 ||
        epoll_ctl(p->net.epoll_fd, EPOLL_CTL_ADD, p->listener, &listener) < 0 ||
        epoll_ctl(p->net.epoll_fd, EPOLL_CTL_ADD, STDIN_FILENO, &input) < 0) {
        return err_set(err, "epoll_failed", "%s; standard input must be a pipe", strerror(errno));
    }
    return 0;
}

int main(int argc, char **argv)
{
    static struct proxy p;
    struct err err = ERR_NONE;
    char address[HTTP_ADDRESS_TEXT_SIZE];
    if (argc != 4) {
        (void)fprintf(stderr, "usage: fault_proxy LISTEN TARGET SEED\n");
        return 2;
    }
    if (set_up(&p, argv, &err) < 0) {
        (void)fprintf(stderr, "fault_proxy: %s\n", err.text);
        return 1;
    }
    printf("ready %s\n", http_address_of_socket(p.listener, address));
    (void)fflush(stdout);
    run(&p);
    fault_link_free_all(&p.net);
    return 0;
}

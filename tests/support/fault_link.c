/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/fault_link.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/base/instant.h"
#include "common/base/xalloc.h"

enum {
    READ_MAX = 64 * 1024,
    WAITING_MAX = 4 * 1024 * 1024 /* of one direction; then its sender has to wait */
};

struct end {
    struct fault_link *link;
    int fd;          /* -1: not there yet, or gone */
    uint32_t events; /* that epoll looks for */
    bool is_full;    /* it took less than it was given */
};

/* From ends[d] to the other one. */
struct flow {
    struct paced_queue queue;
    bool is_ended;     /* its sender has closed */
    bool is_passed_on; /* and the receiver was told */
    bool has_lost;     /* bytes that will never arrive */
};

struct fault_link {
    struct fault_link *next;
    struct end ends[2];
    struct flow flows[2];
    bool is_connecting; /* to the target */
    bool was_connected;
    bool is_reset; /* one side was; the other one must learn it so */
    bool is_over;
};

/* splitmix64 */
static uint64_t next_random(uint64_t *state)
{
    uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

static bool is_sound(const struct fault_net *net)
{
    return net->rules.silence[FAULT_UP] == FAULT_SOUND &&
           net->rules.silence[FAULT_DOWN] == FAULT_SOUND;
}

/* ---- ends */

static void take_end(struct fault_net *net, struct end *end, int fd)
{
    static const int on = 1;
    end->fd = fd;
    /* Small pieces leave as they are; a unix socket has no such option. */
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    struct epoll_event event = {.data.ptr = end};
    (void)epoll_ctl(net->epoll_fd, EPOLL_CTL_ADD, fd, &event);
    end->events = 0;
}

static void drop_end(struct end *end, bool is_reset)
{
    static const struct linger at_once = {.l_onoff = 1, .l_linger = 0};
    if (end->fd < 0) {
        return;
    }
    if (is_reset) {
        (void)setsockopt(end->fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
    }
    (void)close(end->fd); /* leaves epoll with it */
    end->fd = -1;
}

/* Stays in the list until the turn ends: events of this turn may still name it. */
static void end_link(struct fault_link *link, bool is_reset)
{
    drop_end(&link->ends[0], is_reset);
    drop_end(&link->ends[1], is_reset);
    link->is_over = true;
}

static void watch_end(struct fault_net *net, struct fault_link *link, size_t which)
{
    struct end *end = &link->ends[which];
    const struct flow *from_it = &link->flows[which];
    bool is_connecting = which == 1 && link->is_connecting;
    uint32_t events = 0;
    if (end->fd < 0) {
        return;
    }
    if (!is_connecting && !from_it->is_ended && from_it->queue.bytes < WAITING_MAX) {
        events |= EPOLLIN;
    }
    if (is_connecting || end->is_full) {
        events |= EPOLLOUT;
    }
    if (events != end->events) {
        struct epoll_event event = {.events = events, .data.ptr = end};
        (void)epoll_ctl(net->epoll_fd, EPOLL_CTL_MOD, end->fd, &event);
        end->events = events;
    }
}

/* ---- opening */

static void connect_target(struct fault_net *net, struct fault_link *link)
{
    const struct sockaddr *where = (const struct sockaddr *)&net->target.storage;
    int fd = socket(where->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0 || (connect(fd, where, net->target.len) < 0 && errno != EINPROGRESS)) {
        if (fd >= 0) {
            (void)close(fd);
        }
        end_link(link, true);
        return;
    }
    link->is_connecting = true;
    link->was_connected = true;
    take_end(net, &link->ends[1], fd);
}

void fault_link_open(struct fault_net *net, int client_fd)
{
    struct fault_link *link = xcalloc(1, sizeof(*link));
    link->ends[0] = (struct end){.link = link, .fd = -1};
    link->ends[1] = (struct end){.link = link, .fd = -1};
    link->next = net->links;
    net->links = link;
    net->counters.opened++;
    take_end(net, &link->ends[0], client_fd);
}

static void finish_connecting(struct fault_link *link)
{
    int error = 0;
    socklen_t len = sizeof(error);
    link->is_connecting = false;
    if (getsockopt(link->ends[1].fd, SOL_SOCKET, SO_ERROR, &error, &len) < 0 || error != 0) {
        end_link(link, true);
    }
}

/* ---- in */

/* Nothing comes from there any more. */
static void note_end(struct fault_net *net, struct fault_link *link, size_t which)
{
    net->counters.left += which == 0 && !link->flows[0].is_ended;
    link->flows[which].is_ended = true;
}

/* And nothing can go there. */
static void lose_end(struct fault_net *net, struct fault_link *link, size_t which, bool is_reset)
{
    drop_end(&link->ends[which], is_reset);
    note_end(net, link, which);
    link->is_reset |= is_reset;
}

static void take_bytes(struct fault_net *net, struct flow *flow, struct bytes data,
                       enum fault_silence silence, int64_t now_us)
{
    const struct fault_rules *rules = &net->rules;
    int64_t late_us = rules->latency_us;
    if (silence == FAULT_DROP) {
        flow->has_lost = true;
        net->counters.dropped += data.len;
        return;
    }
    if (rules->jitter_us > 0) {
        late_us += (int64_t)(next_random(&net->chance) % (uint64_t)(rules->jitter_us + 1));
    }
    paced_queue_add(&flow->queue, data, now_us + late_us);
}

static void read_end(struct fault_net *net, struct fault_link *link, size_t which, int64_t now_us)
{
    static uint8_t buffer[READ_MAX];
    struct flow *flow = &link->flows[which];
    ssize_t count = recv(link->ends[which].fd, buffer, sizeof(buffer), 0);
    if (count > 0) {
        struct bytes data = {.data = buffer, .len = (size_t)count};
        take_bytes(net, flow, data, net->rules.silence[which], now_us);
    } else if (count == 0) {
        note_end(net, link, which);
    } else if (errno != EAGAIN && errno != EINTR) {
        lose_end(net, link, which, true);
    }
}

void fault_link_on_event(const struct epoll_event *event, struct fault_net *net, int64_t now_us)
{
    struct end *end = event->data.ptr;
    struct fault_link *link = end->link;
    size_t which = end == &link->ends[1];
    if (end->fd < 0) {
        return; /* went earlier in this turn */
    }
    if (which == 1 && link->is_connecting) {
        finish_connecting(link);
        return;
    }
    if (event->events & EPOLLOUT) {
        end->is_full = false;
    }
    if (event->events & EPOLLIN) {
        read_end(net, link, which, now_us);
    } else if (event->events & (EPOLLHUP | EPOLLERR)) {
        lose_end(net, link, which, (event->events & EPOLLERR) != 0);
    }
}

/* ---- out */

static void cut_now(struct fault_net *net, struct fault_link *link)
{
    net->cut.is_armed = false;
    net->counters.cut++;
    end_link(link, net->cut.is_reset);
}

/* Writes one piece; false when no more can be written now. */
static bool write_piece(struct fault_net *net, struct fault_link *link, size_t direction,
                        int64_t now_us)
{
    struct flow *flow = &link->flows[direction];
    struct end *to = &link->ends[!direction];
    struct fault_cut *cut = &net->cut;
    struct bytes piece = paced_queue_front(&flow->queue, &net->rules.pace, now_us);
    bool is_counted = cut->is_armed && cut->of[direction];
    if (piece.len == 0) {
        return false;
    }
    if (is_counted && piece.len > cut->left) {
        piece.len = (size_t)cut->left;
    }
    ssize_t count = piece.len ? send(to->fd, piece.data, piece.len, MSG_NOSIGNAL) : 0;
    if (count < 0) {
        to->is_full = errno == EAGAIN;
        if (!to->is_full && errno != EINTR) {
            lose_end(net, link, !direction, true);
        }
        return false;
    }
    to->is_full = (size_t)count < piece.len;
    if (count > 0) {
        paced_queue_left(&flow->queue, &net->rules.pace, (size_t)count, now_us);
        net->counters.passed[direction] += (uint64_t)count;
        net->counters.pieces++;
    }
    if (is_counted) {
        cut->left -= (uint64_t)count;
        if (cut->left == 0) {
            cut_now(net, link);
            return false;
        }
    }
    /* The other side is given the time to read a slice as one. */
    return !to->is_full && net->rules.pace.slice_bytes == 0;
}

/* The queue is empty: does the receiver know that nothing will come any more? */
static void pass_on_end(struct fault_link *link, size_t direction)
{
    struct flow *flow = &link->flows[direction];
    const struct end *to = &link->ends[!direction];
    if (link->ends[direction].fd < 0) {
        end_link(link, link->is_reset);
    } else if (flow->is_ended && !flow->is_passed_on && to->fd >= 0) {
        (void)shutdown(to->fd, SHUT_WR);
        flow->is_passed_on = true;
    }
}

static void pass_on(struct fault_net *net, struct fault_link *link, size_t direction,
                    int64_t now_us)
{
    struct flow *flow = &link->flows[direction];
    const struct end *to = &link->ends[!direction];
    if (net->rules.silence[direction] != FAULT_SOUND) {
        return;
    }
    if (to->fd < 0) { /* nobody to give it to */
        paced_queue_clear(&flow->queue);
    }
    while (!to->is_full && write_piece(net, link, direction, now_us)) {
        continue;
    }
    if (!link->is_over && flow->queue.bytes == 0) {
        pass_on_end(link, direction);
    }
}

/* Returns when something of it may leave next. */
static int64_t turn_link(struct fault_net *net, struct fault_link *link, int64_t now_us)
{
    int64_t next_us = INT64_MAX;
    if (!link->was_connected) {
        if (link->flows[FAULT_UP].is_ended) { /* left before anybody could answer */
            end_link(link, true);
        } else if (is_sound(net)) {
            connect_target(net, link);
        }
    }
    if (!link->was_connected || link->is_connecting) {
        return next_us;
    }
    for (size_t direction = 0; direction < 2 && !link->is_over; direction++) {
        pass_on(net, link, direction, now_us);
        bool is_waiting =
            net->rules.silence[direction] == FAULT_SOUND && !link->ends[!direction].is_full;
        int64_t own_us = paced_queue_next_us(&link->flows[direction].queue);
        next_us = is_waiting && own_us < next_us ? own_us : next_us;
    }
    bool is_told = link->flows[0].is_passed_on && link->flows[1].is_passed_on;
    if (!link->is_over && (is_told || (link->ends[0].fd < 0 && link->ends[1].fd < 0))) {
        end_link(link, false);
    }
    return next_us;
}

static void free_link(struct fault_link *link)
{
    end_link(link, false);
    paced_queue_clear(&link->flows[0].queue);
    paced_queue_clear(&link->flows[1].queue);
    free(link);
}

int64_t fault_link_turn(struct fault_net *net, int64_t now_us)
{
    int64_t next_us = INT64_MAX;
    for (struct fault_link **at = &net->links; *at;) {
        struct fault_link *link = *at;
        int64_t own_us = link->is_over ? INT64_MAX : turn_link(net, link, now_us);
        if (link->is_over) {
            *at = link->next;
            free_link(link);
            continue;
        }
        next_us = own_us < next_us ? own_us : next_us;
        watch_end(net, link, 0);
        watch_end(net, link, 1);
        at = &link->next;
    }
    return next_us;
}

/* ---- all of them */

size_t fault_link_reset_all(struct fault_net *net)
{
    size_t count = 0;
    for (struct fault_link *link = net->links; link; link = link->next) {
        if (!link->is_over) {
            end_link(link, true);
            count++;
        }
    }
    net->counters.reset += count;
    return count;
}

void fault_link_sound(struct fault_net *net)
{
    net->rules.silence[FAULT_UP] = FAULT_SOUND;
    net->rules.silence[FAULT_DOWN] = FAULT_SOUND;
    for (struct fault_link *link = net->links; link; link = link->next) {
        if (!link->is_over && (link->flows[0].has_lost || link->flows[1].has_lost)) {
            end_link(link, true);
            net->counters.reset++;
        }
    }
}

size_t fault_link_count(const struct fault_net *net)
{
    size_t count = 0;
    for (const struct fault_link *link = net->links; link; link = link->next) {
        count += !link->is_over;
    }
    return count;
}

size_t fault_link_bytes_waiting(const struct fault_net *net)
{
    size_t bytes = 0;
    for (const struct fault_link *link = net->links; link; link = link->next) {
        bytes += link->flows[0].queue.bytes + link->flows[1].queue.bytes;
    }
    return bytes;
}

void fault_link_free_all(struct fault_net *net)
{
    while (net->links) {
        struct fault_link *link = net->links;
        net->links = link->next;
        free_link(link);
    }
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fault_link.h - the connections that the fault proxy stands in the middle of, and what it does to
 * them. Up is from who connects to the target, down is back.
 */
#ifndef TROTH_TESTS_SUPPORT_FAULT_LINK_H
#define TROTH_TESTS_SUPPORT_FAULT_LINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/epoll.h>

#include "common/base/compiler.h"
#include "common/runtime/http_address.h"
#include "tests/support/paced_queue.h"

enum fault_direction {
    FAULT_UP = 0,
    FAULT_DOWN = 1
};

enum fault_silence {
    FAULT_SOUND,
    FAULT_HOLD, /* nothing arrives until it is over, as in a network that is parted */
    FAULT_DROP  /* nothing arrives ever, and in the end the connection is reset, as with a dead host
                 */
};

/* What is done to every connection. All zero: nothing. */
struct fault_rules {
    int64_t latency_us, jitter_us; /* up to so much more, another one for each piece that is read */
    struct pace pace;              /* of each direction of each connection */
    enum fault_silence silence[2];
};

/* Ends one connection, the one that passes the last of so many bytes; then it is spent. */
struct fault_cut {
    bool is_armed;
    bool is_reset; /* else as if the process at either end had closed it */
    bool of[2];    /* the directions that count */
    uint64_t left; /* bytes that still pass */
};

struct fault_counters {
    uint64_t opened, cut, reset; /* connections */
    uint64_t left;               /* those that their client has given up */
    uint64_t passed[2], dropped; /* bytes */
    uint64_t pieces;             /* that passed */
};

struct fault_link;

/* What all connections share. */
struct fault_net {
    int epoll_fd;
    struct http_address target;
    struct fault_rules rules;
    struct fault_cut cut;
    struct fault_counters counters;
    uint64_t chance; /* state of the random numbers: any seed */
    struct fault_link *links;
};

/* Takes a connection that was accepted; the target is connected to as soon as nobody is silent. */
void fault_link_open(struct fault_net *net, int client_fd);

/* For an event whose data.ptr is not the caller's own. */
void fault_link_on_event(const struct epoll_event *event, struct fault_net *net, int64_t now_us);

/* After all events: passes on what may leave, forgets connections that are over. Returns when to
 * come back. */
int64_t fault_link_turn(struct fault_net *net, int64_t now_us);

/* Ends all connections with RST; returns how many there were. */
size_t fault_link_reset_all(struct fault_net *net);

/* Nobody is silent any more; who has lost bytes is reset. */
void fault_link_sound(struct fault_net *net);

size_t fault_link_count(const struct fault_net *net);
size_t fault_link_bytes_waiting(const struct fault_net *net);
void fault_link_free_all(struct fault_net *net);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* http_client.h - a client on a plain socket, in the same loop as the server under test: what it
 * sends and what comes back, byte by byte. */
#ifndef TROTH_TESTS_SUPPORT_HTTP_CLIENT_H
#define TROTH_TESTS_SUPPORT_HTTP_CLIENT_H

#include <stdbool.h>
#include <stddef.h>

#include "common/base/text.h"

struct http_client {
    int fd;
    struct text out; /* to be sent */
    struct text in;  /* what came */
    size_t sent;
};

/* Fails the test when nobody listens. */
struct http_client http_client_open(const char *endpoint);
void http_client_close(struct http_client *c);

/* Sends and receives what goes without waiting; true when the server has closed. For turn_until().
 */
bool http_client_is_over(void *client);

/* Does the answer begin with this status? */
bool http_client_has_status(const struct http_client *c, int status);

#endif

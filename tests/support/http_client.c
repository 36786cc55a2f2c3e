/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/http_client.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/base/log.h"
#include "common/runtime/http_address.h"

struct http_client http_client_open(const char *endpoint)
{
    struct http_client c = {.fd = -1};
    struct http_address address;
    if (http_address_parse(endpoint, &address, NULL) < 0) {
        BUG("no endpoint");
    }
    const struct sockaddr *where = (const struct sockaddr *)&address.storage;
    c.fd = socket(where->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (c.fd < 0 || connect(c.fd, where, address.len) < 0) {
        BUG("nobody listens");
    }
    return c;
}

void http_client_close(struct http_client *c)
{
    (void)close(c->fd);
    text_free(&c->out);
    text_free(&c->in);
}

bool http_client_is_over(void *client)
{
    struct http_client *c = client;
    char buffer[4096];
    if (c->sent < c->out.len) {
        ssize_t sent =
            send(c->fd, c->out.data + c->sent, c->out.len - c->sent, MSG_DONTWAIT | MSG_NOSIGNAL);
        c->sent += sent > 0 ? (size_t)sent : 0;
    }
    ssize_t n = recv(c->fd, buffer, sizeof(buffer), MSG_DONTWAIT);
    if (n > 0) {
        text_append_len(&c->in, buffer, (size_t)n);
    }
    return n == 0 || (n < 0 && errno != EAGAIN);
}

bool http_client_has_status(const struct http_client *c, int status)
{
    char want[32];
    (void)text_format(want, sizeof(want), "HTTP/1.1 %d ", status);
    return strncmp(text_or_empty(&c->in), want, strlen(want)) == 0;
}

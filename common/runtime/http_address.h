/* SPDX-License-Identifier: Apache-2.0 */
/* http_address.h - "127.0.0.1:8080", "[::1]:0" and "unix:/path" as socket addresses and back. */
#ifndef TROTH_COMMON_RUNTIME_HTTP_ADDRESS_H
#define TROTH_COMMON_RUNTIME_HTTP_ADDRESS_H

#include <sys/socket.h>

#include "common/base/compiler.h"
#include "common/base/err.h"

struct http_address {
    struct sockaddr_storage storage;
    socklen_t len;
};

/* A host name is resolved, which may wait: start-up only. Code "endpoint_invalid". */
MUST_CHECK int http_address_parse(const char *endpoint, struct http_address *ret_address,
                                  struct err *err);

#define HTTP_ADDRESS_TEXT_SIZE 160
/* The address that fd is bound to, as an endpoint. Returns ret_text. */
const char *http_address_of_socket(int fd, char ret_text[HTTP_ADDRESS_TEXT_SIZE]);

/* The host of an address without its port, "unix" for what has none; an IPv4 address in IPv6 as
 * IPv4. Returns ret_text. */
const char *http_address_host(const struct sockaddr *address, char *ret_text, size_t size);

#endif

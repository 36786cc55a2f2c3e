/* SPDX-License-Identifier: Apache-2.0 */
#include "common/runtime/http_address.h"

#include <netdb.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <string.h>
#include <sys/un.h>

#include "common/base/text.h"

#define UNIX_PREFIX "unix:"

static int parse_unix(const char *path, struct http_address *ret, struct err *err)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (!*path || !text_copy(address.sun_path, sizeof(address.sun_path), path)) {
        return err_set(err, "endpoint_invalid", "a unix path has 1 to %zu bytes",
                       sizeof(address.sun_path) - 1);
    }
    memset(ret, 0, sizeof(*ret));
    memcpy(&ret->storage, &address, sizeof(address));
    ret->len = sizeof(address);
    return 0;
}

static int resolve(const char *host, const char *port, struct http_address *ret, struct err *err)
{
    struct addrinfo hints = {.ai_flags = AI_PASSIVE | AI_NUMERICSERV, .ai_socktype = SOCK_STREAM};
    struct addrinfo *found = NULL;
    int rc = getaddrinfo(host, port, &hints, &found);
    if (rc != 0) {
        return err_set(err, "endpoint_invalid", "%s:%s: %s", host, port, gai_strerror(rc));
    }
    memset(ret, 0, sizeof(*ret));
    memcpy(&ret->storage, found->ai_addr, found->ai_addrlen);
    ret->len = found->ai_addrlen;
    freeaddrinfo(found);
    return 0;
}

int http_address_parse(const char *endpoint, struct http_address *ret_address, struct err *err)
{
    char host[HTTP_ADDRESS_TEXT_SIZE];
    int64_t port;
    if (strncmp(endpoint, UNIX_PREFIX, strlen(UNIX_PREFIX)) == 0) {
        return parse_unix(endpoint + strlen(UNIX_PREFIX), ret_address, err);
    }
    const char *colon = strrchr(endpoint, ':');
    if (!colon || colon == endpoint || text_to_int64(colon + 1, 0, 65535, &port) < 0) {
        return err_set(err, "endpoint_invalid",
                       "\"%.80s\" is neither HOST:PORT nor [IPV6]:PORT nor unix:/PATH", endpoint);
    }
    const char *from = endpoint;
    size_t len = (size_t)(colon - endpoint);
    if (len > 2 && from[0] == '[' && from[len - 1] == ']') {
        from++;
        len -= 2;
    }
    if (!text_format(host, sizeof(host), "%.*s", (int)len, from)) {
        return err_set(err, "endpoint_invalid", "the host name is too long");
    }
    return resolve(host, colon + 1, ret_address, err);
}

static const char *format_internet(const struct sockaddr *address, socklen_t len,
                                   char ret_text[HTTP_ADDRESS_TEXT_SIZE])
{
    char host[64] = "", port[8] = "";
    (void)getnameinfo(address, len, host, sizeof(host), port, sizeof(port),
                      NI_NUMERICHOST | NI_NUMERICSERV);
    (void)text_format(ret_text, HTTP_ADDRESS_TEXT_SIZE,
                      address->sa_family == AF_INET6 ? "[%s]:%s" : "%s:%s", host, port);
    return ret_text;
}

const char *http_address_of_socket(int fd, char ret_text[HTTP_ADDRESS_TEXT_SIZE])
{
    struct http_address a = {.len = sizeof(a.storage)};
    ret_text[0] = '\0';
    if (getsockname(fd, (struct sockaddr *)&a.storage, &a.len) < 0) {
        return ret_text;
    }
    if (a.storage.ss_family == AF_UNIX) {
        struct sockaddr_un address;
        memcpy(&address, &a.storage, sizeof(address));
        (void)text_format(ret_text, HTTP_ADDRESS_TEXT_SIZE, UNIX_PREFIX "%s", address.sun_path);
        return ret_text;
    }
    return format_internet((const struct sockaddr *)&a.storage, a.len, ret_text);
}

const char *http_address_host(const struct sockaddr *address, char *ret_text, size_t size)
{
    static const char mapped[] = "::ffff:";
    char host[64] = "";
    socklen_t len = 0;
    if (address && address->sa_family == AF_INET) {
        len = sizeof(struct sockaddr_in);
    } else if (address && address->sa_family == AF_INET6) {
        len = sizeof(struct sockaddr_in6);
    }
    if (len == 0 || getnameinfo(address, len, host, sizeof(host), NULL, 0, NI_NUMERICHOST) != 0) {
        (void)text_copy(ret_text, size, "unix");
        return ret_text;
    }
    bool is_mapped = strncmp(host, mapped, strlen(mapped)) == 0 && strchr(host, '.');
    (void)text_copy(ret_text, size, host + (is_mapped ? strlen(mapped) : 0));
    return ret_text;
}

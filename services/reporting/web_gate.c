/* SPDX-License-Identifier: Apache-2.0 */
#include "services/reporting/web_gate.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <sodium.h>

#include "common/base/duration.h"
#include "common/base/instant.h"
#include "common/base/log.h"
#include "common/base/text.h"
#include "common/base/xalloc.h"
#include "services/reporting/web_cookie.h"

enum {
    TOKEN_MAX = 512,
    NAME_MAX_BYTES = 64,
};
#define LOG_EACH_US (10 * DURATION_S)

struct web_gate {
    const struct service *service;
    const struct reporting_settings *settings;
    int64_t spoof_logged_us;
    uint8_t csrf_key[crypto_generichash_KEYBYTES];
};

/* ---- the proxy */

/* One of the words of a list that is parted by blanks. */
static bool is_listed(const char *list, const char *word)
{
    size_t len = strlen(word);
    for (const char *at = list; *at;) {
        at += strspn(at, " ");
        size_t n = strcspn(at, " ");
        if (n == len && len > 0 && memcmp(at, word, n) == 0) {
            return true;
        }
        at += n;
    }
    return false;
}

static bool is_from_proxy(const struct web_gate *g, const struct http_request *request)
{
    char peer[HTTP_PEER_SIZE];
    return is_listed(g->settings->proxy_addresses, http_peer(request, peer));
}

/* The header of who is no proxy: somebody tries, or a setting is missing. Once in a while. */
static void note_spoof(struct web_gate *g, const struct http_request *request)
{
    char peer[HTTP_PEER_SIZE];
    int64_t now_us = instant_monotonic_us();
    if (g->spoof_logged_us && now_us - g->spoof_logged_us < LOG_EACH_US) {
        return;
    }
    g->spoof_logged_us = now_us;
    log_warning("proxy_header_ignored", LOG_TEXT("peer", http_peer(request, peer)));
}

struct header_values {
    const char *last; /* NULL: there is none; borrowed from the request */
    size_t count;
};

static void on_value(void *ctx, const char *name, const char *value)
{
    struct header_values *values = ctx;
    (void)name;
    values->last = value;
    values->count++;
}

static struct header_values values_of(const struct http_request *request, const char *name)
{
    struct header_values values = {.last = NULL};
    http_header_each(request, name, on_value, &values);
    return values;
}

/* Two names of a user: the proxy added its own to what it should have taken away. */
static int check_one_name(struct web_gate *g, const struct http_request *request, struct err *err)
{
    const char *header = g->settings->proxy_header;
    if (!text_is_empty(header) && is_from_proxy(g, request) &&
        values_of(request, header).count > 1) {
        return err_set(err, "request_invalid", "the proxy names more than one user");
    }
    return 0;
}

static bool read_proxy(struct web_gate *g, const struct http_request *request,
                       struct web_claim *claim)
{
    const char *name = text_is_empty(g->settings->proxy_header)
                           ? NULL
                           : values_of(request, g->settings->proxy_header).last;
    if (!name) {
        return false;
    }
    if (!is_from_proxy(g, request)) {
        note_spoof(g, request);
        return false;
    }
    if (!*name || strlen(name) > NAME_MAX_BYTES || !text_is_utf8(bytes_of_text(name))) {
        return false;
    }
    claim->how = WEB_PROXY;
    (void)text_copy(claim->name, sizeof(claim->name), name);
    return true;
}

/* ---- the bearer token */

/* The text behind "Bearer ", NULL when there is none. */
static const char *bearer_of(const struct http_request *request)
{
    static const char scheme[] = "Bearer ";
    const char *header = http_header(request, "Authorization");
    if (!header || strncasecmp(header, scheme, strlen(scheme)) != 0) {
        return NULL;
    }
    return header + strlen(scheme) + strspn(header + strlen(scheme), " ");
}

static int read_bearer(const struct web_gate *g, const char *token, struct web_claim *claim,
                       struct err *err)
{
    uint8_t digest[PRINCIPAL_TOKEN_LEN];
    struct principal who;
    if (*token == '\0' || strlen(token) > TOKEN_MAX) {
        return err_set(err, "token_invalid", "nobody has this token");
    }
    principal_digest_token(bytes_of_text(token), digest);
    if (!principal_by_token(g->service->principals, digest, &who)) {
        return err_set(err, "token_invalid", "nobody has this token");
    }
    if (!(who.rights & RIGHT_REPORTS)) {
        return err_set(err, "not_permitted", "this source has not the right reports");
    }
    claim->how = WEB_BEARER;
    (void)text_format(claim->name, sizeof(claim->name), "source %s", who.name);
    return 0;
}

/* ---- the cookie */

static void read_cookie(const struct web_gate *g, const struct http_request *request,
                        struct web_claim *claim)
{
    char token[WEB_TOKEN_TEXT_SIZE];
    const char *name = web_cookie_name(g->settings->cookie_insecure);
    if (web_cookie_find(http_header(request, "Cookie"), name, token) == 0) {
        claim->how = claim->how == WEB_PROXY ? WEB_PROXY : WEB_SESSION;
        claim->has_session = true;
        principal_digest_token(bytes_of_text(token), claim->session);
        explicit_bzero(token, sizeof(token));
    }
}

/* ---- all */

int web_gate_read(struct web_gate *g, const struct http_request *request,
                  struct web_claim *ret_claim, struct err *err)
{
    struct web_claim claim = {.how = WEB_NOBODY};
    const char *bearer = bearer_of(request);
    if (check_one_name(g, request, err) < 0) {
        return -1;
    }
    bool is_proxied = read_proxy(g, request, &claim);
    if (!is_proxied && bearer) {
        if (read_bearer(g, bearer, &claim, err) < 0) {
            return -1;
        }
    } else {
        read_cookie(g, request, &claim);
    }
    *ret_claim = claim;
    return 0;
}

/* ---- addresses */

static void keep_half(char text[WEB_ADDRESS_SIZE])
{
    struct in6_addr address;
    if (inet_pton(AF_INET6, text, &address) == 1) {
        memset(address.s6_addr + 8, 0, 8);
        (void)inet_ntop(AF_INET6, &address, text, WEB_ADDRESS_SIZE);
    }
}

/* An address has one text, however it was written; an IPv4 address that a socket of both kinds
 * shows as one of IPv6 is that IPv4 address. false: it is none. */
static bool one_text(const char *text, char ret_text[WEB_ADDRESS_SIZE])
{
    struct in6_addr six;
    struct in_addr four;
    if (inet_pton(AF_INET, text, &four) != 1) {
        if (inet_pton(AF_INET6, text, &six) != 1) {
            return false;
        }
        if (!IN6_IS_ADDR_V4MAPPED(&six)) {
            return inet_ntop(AF_INET6, &six, ret_text, WEB_ADDRESS_SIZE) != NULL;
        }
        memcpy(&four, six.s6_addr + 12, sizeof(four));
    }
    return inet_ntop(AF_INET, &four, ret_text, WEB_ADDRESS_SIZE) != NULL;
}

/* The last entry of a list, without blanks around it. false: it is no address. */
static bool last_address(const char *list, char ret_text[WEB_ADDRESS_SIZE])
{
    const char *last = strrchr(list, ',');
    char text[WEB_ADDRESS_SIZE];
    last = last ? last + 1 : list;
    last += strspn(last, " \t");
    size_t len = strcspn(last, " \t");
    if (len >= sizeof(text) || last[len + strspn(last + len, " \t")] != '\0') {
        return false;
    }
    memcpy(text, last, len);
    text[len] = '\0';
    return one_text(text, ret_text);
}

const char *web_gate_address(const struct web_gate *g, const struct http_request *request,
                             char ret_text[WEB_ADDRESS_SIZE])
{
    (void)http_peer(request, ret_text);
    if (is_listed(g->settings->proxy_addresses, ret_text)) {
        const char *list = values_of(request, "X-Forwarded-For").last;
        (void)(list && last_address(list, ret_text)); /* else it is on the proxy's budget */
    }
    keep_half(ret_text);
    return ret_text;
}

void web_gate_csrf(const struct web_gate *g, const char *user, char ret_text[WEB_CSRF_TEXT_SIZE])
{
    uint8_t token[WEB_CSRF_LEN];
    (void)crypto_generichash(token, sizeof(token), (const uint8_t *)user, strlen(user), g->csrf_key,
                             sizeof(g->csrf_key));
    bytes_to_hex((struct bytes){token, sizeof(token)}, ret_text);
}

/* ---- life */

struct web_gate *web_gate_new(const struct service *service, const struct reporting_settings *s,
                              struct err *err)
{
    static const char purpose[] = "troth csrf of proxied users";
    if (!text_is_empty(s->proxy_header) && text_is_empty(s->proxy_addresses)) {
        (void)err_set_field(err, "setting_invalid", "proxy_addresses",
                            "proxy_header needs the addresses of those who may set it");
        return NULL;
    }
    struct web_gate *g = xcalloc(1, sizeof(*g));
    g->service = service;
    g->settings = s;
    (void)crypto_generichash(g->csrf_key, sizeof(g->csrf_key), (const uint8_t *)purpose,
                             strlen(purpose), (const uint8_t *)service->keys.secret_key,
                             strlen(service->keys.secret_key));
    return g;
}

void web_gate_free(struct web_gate *g)
{
    if (g) {
        explicit_bzero(g, sizeof(*g));
        free(g);
    }
}

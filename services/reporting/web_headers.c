/* SPDX-License-Identifier: Apache-2.0 */
/*
 * web_headers.c - OWASP ASVS 5.0, 3.4: content security policy, no sniffing, no framing, no address
 * told to others, own process, no features.
 */
#include "services/reporting/web_headers.h"

#include <string.h>

#include <sodium.h>

#include "common/base/text.h"

#define POLICY "Content-Security-Policy"

static const struct {
    const char *name, *value;
} always[] = {
    {POLICY,                         "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
             "connect-src 'self'; font-src 'self'; manifest-src 'self'; frame-ancestors 'none'; "
             "base-uri 'none'; form-action 'self'"},
    {"Referrer-Policy",              "no-referrer"            },
    {"X-Frame-Options",              "DENY"                   },
    {"Cross-Origin-Opener-Policy",   "same-origin"            },
    {"Cross-Origin-Resource-Policy", "same-origin"            },
    {"Permissions-Policy",
     "accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), "
     "microphone=(), midi=(), payment=(), serial=(), usb=()"  },
};

void web_headers_always(struct http *h, bool is_behind_tls)
{
    for (size_t i = 0; i < sizeof(always) / sizeof(always[0]); i++) {
        http_always(h, always[i].name, always[i].value);
    }
    if (is_behind_tls) {
        http_always(h, "Strict-Transport-Security", "max-age=31536000");
    }
}

void web_headers_page(struct http_response *r, const char *style)
{
    uint8_t digest[crypto_hash_sha256_BYTES];
    char base64[sodium_base64_ENCODED_LEN(sizeof(digest), sodium_base64_VARIANT_ORIGINAL)];
    char source[sizeof(base64) + 16] = "'none'";
    char policy[256];
    if (style) {
        (void)crypto_hash_sha256(digest, (const unsigned char *)style, strlen(style));
        (void)sodium_bin2base64(base64, sizeof(base64), digest, sizeof(digest),
                                sodium_base64_VARIANT_ORIGINAL);
        (void)text_format(source, sizeof(source), "'sha256-%s'", base64);
    }
    (void)text_format(policy, sizeof(policy),
                      "default-src 'none'; style-src %s; img-src 'self' data:; frame-ancestors "
                      "'none'; base-uri 'none'; form-action 'self'",
                      source);
    http_response_header(r, POLICY, policy);
    http_response_header(r, "X-Robots-Tag", "noindex, nofollow");
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "services/reporting/web_rates.h"

#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "common/base/xalloc.h"

enum {
    PLACES = 8192, /* a power of two; 128 KiB */
};

struct web_rates {
    struct token_rate rate;
    int seconds; /* a bucket counts single ones: its time runs slower by this */
    uint8_t key[crypto_shorthash_KEYBYTES];
    struct token_bucket places[PLACES];
};

struct web_rates *web_rates_new(struct token_rate rate, int seconds)
{
    struct web_rates *r = xcalloc(1, sizeof(*r));
    r->rate = rate;
    r->seconds = seconds;
    randombytes_buf(r->key, sizeof(r->key));
    return r;
}

void web_rates_free(struct web_rates *r)
{
    free(r);
}

int64_t web_rates_take(struct web_rates *r, struct bytes who, int64_t now_us)
{
    uint8_t hash[crypto_shorthash_BYTES];
    uint64_t place;
    (void)crypto_shorthash(hash, who.data, who.len, r->key);
    memcpy(&place, hash, sizeof(place));
    return token_bucket_take(&r->places[place % PLACES], &r->rate, now_us / r->seconds) *
           r->seconds;
}

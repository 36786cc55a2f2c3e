/* SPDX-License-Identifier: Apache-2.0 */
/*
 * intake_post.c - receipts come packed, in any order, and are kept like that: printing is done
 * once, in the order of the records.
 */
#include "services/intake/intake_post.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/duration.h"
#include "common/base/instant.h"
#include "common/base/log.h"
#include "common/base/xalloc.h"
#include "common/runtime/message_check.h"
#include "common/runtime/message_json.h"
#include "services/intake/intake_receipts.h"

enum {
    SCRATCH_BYTES = 1024 * 1024, /* of one receipt while it is printed */
};

struct slot {
    size_t key_at;  /* in keys */
    size_t at, len; /* in receipts */
    bool has_receipt;
};

struct intake_post {
    struct intake_posts *all;
    struct intake_post *older, *newer;
    struct http_exchange *exchange; /* NULL: was answered */
    int64_t since_us;
    bool is_open;
    size_t missing;
    struct buffer receipts, keys;
    size_t count;
    struct slot slots[];
};

struct intake_posts {
    const int64_t *wait_us, *retry_after_us;
    struct intake_post *oldest, *newest;
    struct loop_timer *timer;
    struct arena *scratch;
};

/* ---- printing */

/* What the receipts are together decides about the status of the answer. */
struct summary {
    size_t retries;
    int64_t retry_after_us; /* the longest */
};

static void print_receipt(const Troth__V1__Receipt *receipt, struct text *out, struct summary *s)
{
    if (receipt->status == TROTH__V1__RECEIPT_STATUS__RECEIPT_STATUS_RETRY) {
        s->retries++;
        s->retry_after_us = receipt->retry_after_us > s->retry_after_us ? receipt->retry_after_us
                                                                        : s->retry_after_us;
    }
    message_append_json(&receipt->base, out);
}

static void print_slot(const struct intake_post *p, const struct slot *slot, struct text *out,
                       struct summary *s)
{
    if (!slot->has_receipt) {
        const Troth__V1__Receipt late = intake_receipt_retry(
            (const char *)p->keys.data + slot->key_at, "unavailable", *p->all->retry_after_us);
        print_receipt(&late, out, s);
        return;
    }
    ProtobufCMessage *m =
        protobuf_c_message_unpack(&troth__v1__receipt__descriptor, arena_allocator(p->all->scratch),
                                  slot->len, p->receipts.data + slot->at);
    if (!m) {
        BUG("a receipt that we packed cannot be unpacked");
    }
    print_receipt((const Troth__V1__Receipt *)m, out, s);
    arena_reset(p->all->scratch);
}

static void answer(struct intake_post *p)
{
    struct http_response r = {.status = 200, .content_type = "application/json"};
    struct summary s = {.retries = 0};
    text_append(&r.body, "{\"receipts\":[");
    for (size_t i = 0; i < p->count; i++) {
        text_append(&r.body, i > 0 ? ",\n" : "");
        print_slot(p, &p->slots[i], &r.body, &s);
    }
    text_append(&r.body, "]}\n");
    if (p->count > 0 && s.retries == p->count) {
        r.status = 503;
        r.retry_after_s = (s.retry_after_us + DURATION_S - 1) / DURATION_S;
    }
    http_answer(p->exchange, &r);
    p->exchange = NULL;
}

/* ---- waiting */

static void unlist(struct intake_post *p)
{
    struct intake_posts *all = p->all;
    *(p->older ? &p->older->newer : &all->oldest) = p->newer;
    *(p->newer ? &p->newer->older : &all->newest) = p->older;
}

static void post_free(struct intake_post *p)
{
    buffer_free(&p->receipts);
    buffer_free(&p->keys);
    free(p);
}

static void finish_if_complete(struct intake_post *p)
{
    if (p->is_open || p->missing > 0) {
        return;
    }
    if (p->exchange) {
        answer(p);
    }
    unlist(p);
    post_free(p);
}

/* Those that were answered stay in the list, in front of those that wait. */
static void on_timer(void *ctx)
{
    struct intake_posts *all = ctx;
    int64_t now_us = instant_monotonic_us();
    for (struct intake_post *p = all->oldest; p; p = p->newer) {
        int64_t left_us = p->since_us + *all->wait_us - now_us;
        if (p->exchange && left_us > 0) {
            loop_timer_after(all->timer, left_us);
            return;
        }
        if (p->exchange) {
            answer(p);
        }
    }
}

struct intake_post *intake_post_new(struct intake_posts *all, struct http_exchange *exchange,
                                    size_t count)
{
    struct intake_post *p = xcalloc(1, sizeof(*p) + count * sizeof(p->slots[0]));
    p->all = all;
    p->exchange = exchange;
    p->since_us = instant_monotonic_us();
    p->is_open = true;
    p->missing = count;
    p->count = count;
    p->older = all->newest;
    *(all->newest ? &all->newest->newer : &all->oldest) = p;
    all->newest = p;
    return p;
}

void intake_post_set_key(struct intake_post *p, size_t index, const char *key)
{
    p->slots[index].key_at = p->keys.len;
    buffer_append(&p->keys, key, strlen(key) + 1);
}

bool intake_post_has_receipt(const struct intake_post *p, size_t index)
{
    return p->slots[index].has_receipt;
}

void intake_post_add(void *post, const struct intake_request *r, size_t index, struct bytes receipt)
{
    struct intake_post *p = post;
    struct slot *slot = &p->slots[index];
    (void)r;
    slot->at = p->receipts.len;
    slot->len = receipt.len;
    slot->has_receipt = true;
    buffer_append(&p->receipts, receipt.data, receipt.len);
    p->missing--;
    finish_if_complete(p);
}

void intake_post_end(struct intake_post *p)
{
    p->is_open = false;
    if (p->missing > 0 && !loop_timer_is_armed(p->all->timer)) {
        loop_timer_after(p->all->timer, *p->all->wait_us);
    }
    finish_if_complete(p);
}

struct intake_posts *intake_posts_new(struct loop *loop, const int64_t *wait_us,
                                      const int64_t *retry_after_us)
{
    struct intake_posts *all = xcalloc(1, sizeof(*all));
    all->wait_us = wait_us;
    all->retry_after_us = retry_after_us;
    all->timer = loop_timer_new(loop, on_timer, all);
    all->scratch = arena_new(SCRATCH_BYTES);
    return all;
}

void intake_posts_free(struct intake_posts *all)
{
    if (!all) {
        return;
    }
    for (struct intake_post *p = all->oldest, *next; p; p = next) {
        next = p->newer;
        post_free(p);
    }
    loop_timer_free(all->timer);
    arena_free(all->scratch);
    free(all);
}

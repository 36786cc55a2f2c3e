/* SPDX-License-Identifier: Apache-2.0 */
/*
 * intake_post.h - a post over HTTP that waits for the receipts of its records.
 *
 * It lives until the last of its records has a receipt, because their requests point to it, also
 * when its sender was answered before: who waits longer than a limit is told to ask again.
 */
#ifndef TROTH_INTAKE_POST_H
#define TROTH_INTAKE_POST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/runtime/http.h"
#include "services/intake/intake_record.h"

struct intake_posts;
struct intake_post;

/* wait_us and retry_after_us are read each time, for they may be reloaded. */
struct intake_posts *intake_posts_new(struct loop *loop, const int64_t *wait_us,
                                      const int64_t *retry_after_us);
void intake_posts_free(struct intake_posts *all); /* answers nobody; NULL is fine */

/* Of count records. Open until intake_post_end(), so that it is not gone while they are added. */
struct intake_post *intake_post_new(struct intake_posts *all, struct http_exchange *exchange,
                                    size_t count);
/* The key of record index, for the case that it gets no receipt in time. */
void intake_post_set_key(struct intake_post *p, size_t index, const char *key);
bool intake_post_has_receipt(const struct intake_post *p, size_t index);
/* All records were handed on. p may be gone afterwards. */
void intake_post_end(struct intake_post *p);

/* The sink of its requests; post: the struct intake_post. Copies the receipt. The post is answered
 * with the last one. */
void intake_post_add(void *post, const struct intake_request *r, size_t index,
                     struct bytes receipt);

#endif

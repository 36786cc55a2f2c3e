/* SPDX-License-Identifier: Apache-2.0 */
#include "common/audit/audit_proof.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/text.h"
#include "common/base/xalloc.h"

#define FORMAT "troth-proof-1"

/* ---- reading */

static int read_path(const json_t *json, struct merkle_path *ret)
{
    if (!json_is_array(json) || json_array_size(json) > MERKLE_PATH_MAX) {
        return -1;
    }
    ret->count = json_array_size(json);
    for (size_t i = 0; i < ret->count; i++) {
        const char *hex = json_string_value(json_array_get(json, i));
        if (!hex || bytes_from_hex(hex, ret->hashes[i].bytes, MERKLE_HASH_LEN) < 0) {
            return -1;
        }
    }
    return 0;
}

/* Of at most AUDIT_WORD_MAX bytes; NULL: not there. */
static const char *read_word(const json_t *json, const char *name)
{
    const char *word = json_string_value(json_object_get(json, name));
    return word && strlen(word) <= AUDIT_WORD_MAX ? word : NULL;
}

/* The body goes to the end of bodies, which may move: its place is kept as a length alone. */
static int read_body(const json_t *json, struct buffer *bodies, struct audit_event *e)
{
    const char *hex = json_string_value(json_object_get(json, "body"));
    const size_t len = hex ? strlen(hex) / 2 : 0;
    e->body.len = len;
    return hex && bytes_from_hex(hex, buffer_extend(bodies, len), len) == 0 ? 0 : -1;
}

static int read_entry(const json_t *json, struct audit_proof *p, struct audit_entry *ret)
{
    struct audit_event *e = &ret->event;
    int64_t position = 0, bucket = 0;
    if (!json_is_object(json) || audit_json_int(json, "position", 0, &position) < 0 ||
        audit_json_int(json, "bucket", 0, &bucket) < 0 || bucket > 255 ||
        audit_json_int(json, "seq", 1, &e->place.seq) < 0 ||
        audit_json_int(json, "at_us", INT64_MIN, &e->at_us) < 0 ||
        audit_json_int(json, "customer", INT64_MIN, &e->customer) < 0 ||
        audit_json_int(json, "version", INT64_MIN, &e->version) < 0 ||
        audit_json_hex(json, "nonce", ret->nonce, AUDIT_NONCE_LEN) < 0 ||
        read_path(json_object_get(json, "path"), &ret->path) < 0 ||
        read_body(json, &p->bodies, e) < 0) {
        return -1;
    }
    ret->position = (uint64_t)position;
    e->place.bucket = (int16_t)bucket;
    e->place.stream = read_word(json, "stream");
    e->kind = read_word(json, "kind");
    ret->words = json_object_get(json, "event");
    return e->place.stream && e->kind ? 0 : -1;
}

static int read_entries(struct audit_proof *p, struct err *err)
{
    const json_t *list = json_object_get(p->json, "entries");
    const size_t count = json_array_size(list);
    if (!json_is_array(list) || count > AUDIT_PROOF_ENTRIES_MAX) {
        return err_set(err, "proof_unreadable", "it has no list of entries");
    }
    p->entries = xcalloc(count + 1, sizeof(*p->entries));
    for (size_t i = 0; i < count; i++) {
        if (read_entry(json_array_get(list, i), p, &p->entries[i]) < 0) {
            return err_set(err, "proof_unreadable", "entry %zu is not complete", i + 1);
        }
    }
    p->entry_count = count;
    const uint8_t *body = p->bodies.data;
    for (size_t i = 0; i < count; i++) {
        p->entries[i].event.body.data = body;
        body += p->entries[i].event.body.len;
    }
    return 0;
}

static int read_heads(struct audit_proof *p, struct err *err)
{
    const json_t *since = json_object_get(p->json, "since");
    if (audit_head_from_json(json_object_get(p->json, "head"), &p->head, err) < 0) {
        return err_prefix(err, "head");
    }
    if (!since) {
        return 0;
    }
    p->has_since = true;
    if (audit_head_from_json(since, &p->since, err) < 0) {
        return err_prefix(err, "since");
    }
    return read_path(json_object_get(p->json, "consistency"), &p->consistency) < 0
               ? err_set(err, "proof_unreadable", "it has no path from its older head")
               : 0;
}

int audit_proof_read(const char *text, size_t len, struct audit_proof *ret, struct err *err)
{
    json_error_t why;
    ret->json = json_loadb(text, len, JSON_REJECT_DUPLICATES, &why);
    const char *format = json_string_value(json_object_get(ret->json, "format"));
    const char *name = json_string_value(json_object_get(ret->json, "case"));
    if (!ret->json || !format || strcmp(format, FORMAT) != 0) {
        return err_set(err, "proof_unreadable", "this is no proof of the form " FORMAT);
    }
    if (!name || audit_json_int(ret->json, "number", 1, &ret->case_number) < 0) {
        return err_set(err, "proof_unreadable", "it does not say which case it is about");
    }
    (void)text_copy(ret->case_text, sizeof(ret->case_text), name);
    return read_heads(ret, err) < 0 ? -1 : read_entries(ret, err);
}

void audit_proof_clear(struct audit_proof *p)
{
    json_decref(p->json);
    buffer_free(&p->bodies);
    free(p->entries);
    *p = (struct audit_proof){.case_number = 0};
}

/* ---- checking */

static int check_entry(const struct audit_proof *p, size_t i, struct err *err)
{
    const struct audit_entry *e = &p->entries[i];
    const struct merkle_hash leaf = audit_leaf(&e->event, e->nonce);
    if (i > 0 && e->position <= p->entries[i - 1].position) {
        return err_set(err, "proof_wrong", "entry %zu does not follow the one before it", i + 1);
    }
    if (!merkle_includes(&p->head.root, e->position, &leaf, &e->path)) {
        return err_set(err, "proof_wrong",
                       "entry %zu (%s, %s/%d/%" PRId64 ") is not what stands in the record", i + 1,
                       e->event.kind, e->event.place.stream, e->event.place.bucket,
                       e->event.place.seq);
    }
    return 0;
}

int audit_proof_check(const struct audit_proof *p, const struct audit_trust *t, struct err *err)
{
    if (audit_head_check(&p->head, t, err) < 0) {
        return -1;
    }
    if (p->entry_count == 0) {
        return err_set(err, "proof_wrong", "it has no entries: it proves nothing");
    }
    if (p->has_since && audit_head_check(&p->since, t, err) < 0) {
        return -1;
    }
    if (p->has_since && !merkle_is_consistent(&p->since.root, &p->head.root, &p->consistency)) {
        return err_set(err, "proof_wrong", "the record does not begin with that of its older head");
    }
    for (size_t i = 0; i < p->entry_count; i++) {
        if (check_entry(p, i, err) < 0) {
            return -1;
        }
    }
    return 0;
}

int audit_proof_check_head(const struct audit_proof *p, const struct audit_head *kept,
                           const struct audit_trust *t, struct err *err)
{
    const struct merkle_root *r = &kept->root;
    if (audit_head_check(kept, t, err) < 0) {
        return -1;
    }
    const struct audit_head *same = r->size == p->head.root.size                    ? &p->head
                                    : p->has_since && r->size == p->since.root.size ? &p->since
                                                                                    : NULL;
    if (!same) {
        return err_set(err, "head_unrelated",
                       "the proof says nothing about a record of %" PRIu64
                       " entries: ask for one made with --since and this head",
                       r->size);
    }
    if (!merkle_hash_equal(&same->root.hash, &r->hash)) {
        return err_set(err, "head_differs",
                       "two signed heads say different things about the first %" PRIu64
                       " entries: the record was changed",
                       r->size);
    }
    return 0;
}

/* ---- making */

json_t *audit_proof_path_json(const struct merkle_path *path)
{
    json_t *list = json_array();
    for (size_t i = 0; i < path->count; i++) {
        char hex[2 * MERKLE_HASH_LEN + 1];
        bytes_to_hex((struct bytes){path->hashes[i].bytes, MERKLE_HASH_LEN}, hex);
        json_array_append_new(list, json_string(hex));
    }
    return list;
}

json_t *audit_proof_entry_json(const struct audit_entry *e)
{
    char nonce[2 * AUDIT_NONCE_LEN + 1];
    char *body = xcalloc(2 * e->event.body.len + 1, 1);
    bytes_to_hex((struct bytes){e->nonce, AUDIT_NONCE_LEN}, nonce);
    bytes_to_hex(e->event.body, body);
    json_t *json =
        json_pack("{s:I, s:s, s:i, s:I, s:I, s:I, s:I, s:s, s:s, s:s, s:o, s:o}", "position",
                  (json_int_t)e->position, "stream", e->event.place.stream, "bucket",
                  (int)e->event.place.bucket, "seq", (json_int_t)e->event.place.seq, "at_us",
                  (json_int_t)e->event.at_us, "customer", (json_int_t)e->event.customer, "version",
                  (json_int_t)e->event.version, "kind", e->event.kind, "nonce", nonce, "body", body,
                  "event", e->words, "path", audit_proof_path_json(&e->path));
    free(body);
    return json;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "services/cli/audit_prove.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/instant.h"
#include "common/base/text.h"
#include "common/base/xalloc.h"
#include "common/domain/identifier.h"
#include "common/runtime/event_case.h"
#include "common/runtime/message_json.h"
#include "services/cli/audit_read_store.h"

enum {
    VARINT_MAX = 10
};

/* What an entry points to; entries are sorted, these are not. */
struct owned {
    char *stream, *kind;
    uint8_t *body;
};

struct proving {
    struct db *db;
    const struct audit_prove_options *options;
    struct audit_head head;
    struct audit_entry *entries;
    struct owned *owned;
    size_t count, capacity;
    struct err *err;
    struct merkle_hash node;
    unsigned height;
    uint64_t index;
    bool is_found;
};

/* ---- events of the case */

/* As the number stands in a packed message (protobuf's base 128). */
static struct bytes varint(int64_t number, uint8_t ret[VARINT_MAX])
{
    uint64_t rest = (uint64_t)number;
    size_t len = 0;
    for (; rest > 0x7f; rest >>= 7) {
        ret[len++] = (uint8_t)(rest | 0x80);
    }
    ret[len++] = (uint8_t)rest;
    return (struct bytes){ret, len};
}

static void keep_event(struct proving *p, const struct audit_event *e, json_t *words)
{
    if (p->count == p->capacity) {
        p->capacity = p->capacity ? 2 * p->capacity : 32;
        p->entries = xreallocarray(p->entries, p->capacity, sizeof(*p->entries));
        p->owned = xreallocarray(p->owned, p->capacity, sizeof(*p->owned));
    }
    uint8_t *body = xcalloc(e->body.len + 1, 1);
    struct owned *owned = &p->owned[p->count];
    struct audit_entry *entry = &p->entries[p->count++];
    if (e->body.len > 0) {
        memcpy(body, e->body.data, e->body.len);
    }
    *entry = (struct audit_entry){.event = *e, .words = words};
    *owned = (struct owned){xstrdup(e->place.stream), xstrdup(e->kind), body};
    entry->event.place.stream = owned->stream;
    entry->event.kind = owned->kind;
    entry->event.body.data = owned->body;
    audit_nonce(p->options->key, &entry->event.place, entry->nonce);
}

static void take_event(void *ctx, size_t run, const struct audit_event *e)
{
    struct proving *p = ctx;
    Troth__V1__Event *event = troth__v1__event__unpack(NULL, e->body.len, e->body.data);
    (void)run;
    /* The bytes of the number may stand there by chance, or as another case. */
    if (event && event_case(event) == p->options->case_number) {
        keep_event(p, e, message_to_json(&event->base));
    }
    if (event) {
        troth__v1__event__free_unpacked(event, NULL);
    }
}

static void free_entries(struct proving *p)
{
    for (size_t i = 0; i < p->count; i++) {
        free(p->owned[i].stream);
        free(p->owned[i].kind);
        free(p->owned[i].body);
        json_decref(p->entries[i].words);
    }
    free(p->owned);
    free(p->entries);
}

/* ---- where they stand */

static int compare_positions(const void *a, const void *b)
{
    const struct audit_entry *x = a, *y = b;
    return (x->position > y->position) - (x->position < y->position);
}

/* Those that no head covers come last, at the end of all numbers. Returns how many are covered. */
static int find_positions(struct proving *p, size_t *ret_covered)
{
    size_t covered = 0;
    for (size_t i = 0; i < p->count; i++) {
        struct audit_entry *e = &p->entries[i];
        struct audit_run run;
        const int found = audit_read_run_of(p->db, &e->event.place, &run, p->err);
        if (found < 0) {
            return -1;
        }
        e->position = found ? run.first_position + (uint64_t)(e->event.place.seq - run.first.seq)
                            : UINT64_MAX;
        covered += e->position < p->head.root.size ? 1 : 0;
    }
    if (p->count > 0) {
        qsort(p->entries, p->count, sizeof(*p->entries), compare_positions);
    }
    *ret_covered = covered;
    return 0;
}

/* ---- paths */

static void take_tile(void *ctx, unsigned level, uint64_t index, struct bytes hashes)
{
    struct proving *p = ctx;
    (void)level;
    (void)index;
    p->is_found = merkle_tile_node(p->height, p->index, hashes, &p->node) == 0;
}

static int node_of(void *ctx, unsigned height, uint64_t index, struct merkle_hash *ret)
{
    struct proving *p = ctx;
    const struct merkle_tile_name name = merkle_tile_of(height, index);
    p->height = height;
    p->index = index;
    p->is_found = false;
    const struct audit_tile_range one = {name.level, name.index, name.index};
    if (audit_read_tiles(p->db, &one, take_tile, p, p->err) < 0) {
        return -1;
    }
    if (!p->is_found) {
        return err_set(p->err, "proof_wrong", "a tile of the record is missing: verify it");
    }
    *ret = p->node;
    return 0;
}

static int add_entries(struct proving *p, size_t covered, json_t *json)
{
    json_t *list = json_array();
    json_object_set_new(json, "entries", list);
    for (size_t i = 0; i < covered; i++) {
        struct audit_entry *e = &p->entries[i];
        if (merkle_inclusion_path(e->position, p->head.root.size, node_of, p, &e->path) < 0) {
            return -1;
        }
        json_array_append_new(list, audit_proof_entry_json(e));
        e->words = NULL; /* taken along */
    }
    return 0;
}

static int add_since(struct proving *p, json_t *json)
{
    const struct audit_head *since = p->options->since;
    struct merkle_path path;
    if (!since) {
        return 0;
    }
    if (since->root.size > p->head.root.size) {
        return err_set(p->err, "proof_wrong",
                       "the record is shorter than that head says: verify it");
    }
    if (merkle_consistency_path(since->root.size, p->head.root.size, node_of, p, &path) < 0) {
        return -1;
    }
    json_object_set_new(json, "since", audit_head_to_json(since));
    json_object_set_new(json, "consistency", audit_proof_path_json(&path));
    return 0;
}

/* As whoever gets it will. */
static int check_text(const struct proving *p, const json_t *json)
{
    struct audit_proof proof = {.case_number = 0};
    char *text = json_dumps(json, JSON_COMPACT);
    int rc = audit_proof_read(text, strlen(text), &proof, p->err);
    if (rc == 0 && audit_proof_check(&proof, audit_key_trust(p->options->key), p->err) < 0) {
        rc = err_prefix(p->err, "the record was changed, verify it");
    }
    audit_proof_clear(&proof);
    free(text);
    return rc;
}

/* Why there is nothing to prove. */
static void say_none(const struct proving *p, int64_t dropped_us)
{
    char until[INSTANT_TEXT_SIZE];
    if (p->count > 0) {
        (void)err_set(p->err, "nothing_signed",
                      "no signed head covers this case yet: try again in a minute");
    } else if (dropped_us != DB_NO_TIME) {
        (void)err_set(p->err, "case_unknown",
                      "there are no events of this case: those until %s were dropped for their age",
                      instant_format(dropped_us, until));
    } else {
        (void)err_set(p->err, "case_unknown", "there are no events of this case");
    }
}

static json_t *make(struct proving *p, struct audit_proved *ret)
{
    char name[IDENTIFIER_TEXT_SIZE];
    int64_t dropped_us = DB_NO_TIME;
    size_t covered = 0;
    if (find_positions(p, &covered) < 0 || audit_read_dropped(p->db, &dropped_us, p->err) < 0) {
        return NULL;
    }
    if (covered == 0) {
        say_none(p, dropped_us);
        return NULL;
    }
    identifier_format(IDENTIFIER_CASE, p->options->case_number, name);
    json_t *json =
        json_pack("{s:s, s:s, s:I, s:o}", "format", "troth-proof-1", "case", name, "number",
                  (json_int_t)p->options->case_number, "head", audit_head_to_json(&p->head));
    if (add_since(p, json) < 0 || add_entries(p, covered, json) < 0 || check_text(p, json) < 0) {
        json_decref(json);
        return NULL;
    }
    *ret = (struct audit_proved){
        .entries = covered, .pending = p->count - covered, .dropped_us = dropped_us};
    return json;
}

json_t *audit_prove(struct db *db, const struct audit_prove_options *options,
                    struct audit_proved *ret, struct err *err)
{
    struct proving p = {.db = db, .options = options, .err = err};
    uint8_t number[VARINT_MAX];
    json_t *json = NULL;
    const int has_head = audit_read_newest_head(db, &p.head, err);
    if (has_head == 0) {
        (void)err_set(err, "nothing_signed", "nothing is signed yet: is audit_key_file set?");
    } else if (has_head > 0 && audit_read_events_with(db, identifier_bucket(options->case_number),
                                                      varint(options->case_number, number),
                                                      take_event, &p, err) == 0) {
        json = make(&p, ret);
    }
    free_entries(&p);
    return json;
}

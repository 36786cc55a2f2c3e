/* SPDX-License-Identifier: Apache-2.0 */
#include "common/audit/audit_removal.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "common/base/xalloc.h"

enum {
    LINE_SIZE = AUDIT_WORD_MAX + 64,
    HEAD_SIZE = 512
};

struct run {
    char stream[AUDIT_WORD_MAX + 1];
    int16_t bucket;
    int64_t first, last;
};

struct audit_removals {
    struct run *runs;
    size_t count, capacity;
    bool is_sorted;
};

/* ---- one statement */

void audit_removal_add(struct text *places, int64_t *events, const struct audit_place *first,
                       int64_t last_seq)
{
    char line[LINE_SIZE];
    (void)text_format(line, sizeof(line), "%s %d %" PRId64 " %" PRId64 "\n", first->stream,
                      first->bucket, first->seq, last_seq);
    text_append(places, line);
    *events += last_seq - first->seq + 1;
}

static void put_signed_text(const struct audit_removal *r, struct text *ret)
{
    char head[HEAD_SIZE];
    (void)text_format(head, sizeof(head),
                      "troth-audit-removal 1\ninstallation %s\nnumber %" PRId64 "\npart %" PRId32
                      "\nclosed %" PRId64 "\nevents %" PRId64 "\nat %" PRId64 "\n",
                      r->installation, r->number, r->part, r->closed_us, r->events, r->at_us);
    text_append(ret, head);
    text_append(ret, r->places);
}

void audit_removal_sign(const struct audit_key *k, struct audit_removal *r)
{
    const struct audit_trust *t = audit_key_trust(k);
    struct text text = {.data = NULL};
    (void)text_copy(r->installation, sizeof(r->installation), t->installation);
    audit_key_id(t->keys[t->count - 1], r->key_id);
    put_signed_text(r, &text);
    audit_key_sign(k, bytes_of_text(text.data), r->signature);
    text_free(&text);
}

int audit_removal_check(const struct audit_removal *r, const struct audit_trust *t, struct err *err)
{
    const uint8_t *key = audit_trust_find(t, (struct bytes){r->key_id, sizeof(r->key_id)});
    struct text text = {.data = NULL};
    int rc = 0;
    put_signed_text(r, &text);
    const struct bytes b = bytes_of_text(text.data);
    if (strcmp(r->installation, t->installation) != 0) {
        rc = err_set(err, "removal_invalid", "removal %" PRId64 " is of another installation",
                     r->number);
    } else if (!key) {
        rc = err_set(err, "removal_invalid",
                     "removal %" PRId64 " is signed by a key that is not ours", r->number);
    } else if (crypto_sign_verify_detached(r->signature, b.data, b.len, key) != 0) {
        rc = err_set(err, "removal_invalid", "removal %" PRId64 ": its signature is wrong: changed",
                     r->number);
    }
    text_free(&text);
    return rc;
}

/* ---- all of them */

struct audit_removals *audit_removals_new(void)
{
    return xcalloc(1, sizeof(struct audit_removals));
}

void audit_removals_free(struct audit_removals *l)
{
    if (l) {
        free(l->runs);
        free(l);
    }
}

/* A number of at least min that ends at end; false: it is none. */
static bool take_number(const char **text, char end, int64_t min, int64_t *ret)
{
    const char *p = *text;
    int64_t value = 0;
    if (*p < '0' || *p > '9') {
        return false;
    }
    for (; *p >= '0' && *p <= '9'; p++) {
        if (value > (INT64_MAX - 9) / 10) {
            return false;
        }
        value = 10 * value + (*p - '0');
    }
    *text = p + 1;
    *ret = value;
    return *p == end && value >= min;
}

static bool take_run(const char **text, struct run *ret)
{
    const char *blank = strchr(*text, ' ');
    int64_t bucket = 0;
    if (!blank || blank == *text || blank - *text > AUDIT_WORD_MAX) {
        return false;
    }
    memcpy(ret->stream, *text, (size_t)(blank - *text));
    ret->stream[blank - *text] = '\0';
    *text = blank + 1;
    if (!take_number(text, ' ', 0, &bucket) || bucket > 255 ||
        !take_number(text, ' ', 1, &ret->first) ||
        !take_number(text, '\n', ret->first, &ret->last)) {
        return false;
    }
    ret->bucket = (int16_t)bucket;
    return true;
}

int audit_removals_add(struct audit_removals *l, const struct audit_removal *r, struct err *err)
{
    int64_t events = 0;
    for (const char *text = r->places; *text;) {
        struct run run = {.bucket = 0};
        if (!take_run(&text, &run)) {
            return err_set(err, "removal_invalid", "the places of removal %" PRId64 " are none",
                           r->number);
        }
        if (l->count == l->capacity) {
            l->capacity = l->capacity ? 2 * l->capacity : 256;
            l->runs = xreallocarray(l->runs, l->capacity, sizeof(*l->runs));
        }
        l->runs[l->count++] = run;
        events += run.last - run.first + 1;
    }
    l->is_sorted = false;
    return events == r->events
               ? 0
               : err_set(err, "removal_invalid",
                         "removal %" PRId64 " tells of %" PRId64 " events and names %" PRId64,
                         r->number, r->events, events);
}

static int compare_places(const struct run *a, const char *stream, int16_t bucket, int64_t seq)
{
    const int by_stream = strcmp(a->stream, stream);
    if (by_stream != 0) {
        return by_stream;
    }
    if (a->bucket != bucket) {
        return a->bucket < bucket ? -1 : 1;
    }
    return (a->first > seq) - (a->first < seq);
}

static int compare_runs(const void *a, const void *b)
{
    const struct run *y = b;
    return compare_places(a, y->stream, y->bucket, y->first);
}

bool audit_removals_has(struct audit_removals *l, const struct audit_place *place)
{
    if (!l->is_sorted && l->count > 0) {
        qsort(l->runs, l->count, sizeof(*l->runs), compare_runs);
    }
    l->is_sorted = true;
    size_t low = 0, high = l->count; /* runs before low begin at the place or before it */
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (compare_places(&l->runs[middle], place->stream, place->bucket, place->seq) <= 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    const struct run *found = low > 0 ? &l->runs[low - 1] : NULL;
    return found && strcmp(found->stream, place->stream) == 0 && found->bucket == place->bucket &&
           found->last >= place->seq;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "services/intake/word_count.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/bytes.h"
#include "common/base/text.h"
#include "common/base/xalloc.h"
#include "services/intake/word_stop.h"

enum {
    HAN_FIRST = 0x3400, /* the key of Han letters is made of 15 bits for each, 0: none */
    HAN_LAST = 0x9FFF,
    HAN_BITS = 15,
    HAN_MAX = 4,
    WORD_LETTERS_MIN = 3,
    FREEDOM_MIN = 3,
    ENTRIES_FIRST = 1024,
};
#define HAN_MASK         ((UINT64_C(1) << HAN_BITS) - 1)
#define TEXT_KEY         (UINT64_C(1) << 63) /* the others: a hash, and the text itself */
#define TOGETHER_BITS    3.0
#define TOGETHER_SHARE   0.7 /* of the bits of two parts that never stand apart */
#define PART_OF_LONGER   0.8 /* of its uses */
#define FULL_SHARE(size) ((size) / 4 * 3)

struct entry {
    uint64_t key;  /* 0: free */
    char *text;    /* of Han letters NULL: the key spells them */
    uint64_t uses; /* every time it stands there */
    int64_t contacts, customers;
    uint64_t last_contact, last_customer;
    uint64_t before, behind;           /* a bit of 64 for each letter that stood there */
    uint32_t edge_before, edge_behind; /* how often there was none */
};

struct word_counter {
    struct entry *table; /* open addressing */
    size_t size, used, max;
    uint64_t contact, customer; /* the present ones, counted from 1 */
    bool is_counted;
    uint64_t han_letters;
};

/* ---- the table */

struct word_counter *word_counter_new(size_t entries_max)
{
    struct word_counter *w = xcalloc(1, sizeof(*w));
    w->size = ENTRIES_FIRST;
    w->max = entries_max > ENTRIES_FIRST ? entries_max : ENTRIES_FIRST;
    w->table = xcalloc(w->size, sizeof(*w->table));
    return w;
}

static void free_texts(struct word_counter *w)
{
    for (size_t i = 0; i < w->size; i++) {
        free(w->table[i].text);
    }
}

void word_counter_clear(struct word_counter *w)
{
    free_texts(w);
    memset(w->table, 0, w->size * sizeof(*w->table));
    w->used = 0;
    w->han_letters = 0;
}

void word_counter_free(struct word_counter *w)
{
    if (w) {
        free_texts(w);
        free(w->table);
        free(w);
    }
}

static struct entry *slot_of(struct entry *table, size_t size, uint64_t key)
{
    uint64_t at = key * UINT64_C(0x9E3779B97F4A7C15);
    size_t i = (size_t)(at ^ at >> 32) & (size - 1);
    while (table[i].key && table[i].key != key) {
        i = (i + 1) & (size - 1);
    }
    return &table[i];
}

/* Moves what is kept to a table of that size. */
static void rebuild(struct word_counter *w, size_t size, bool forget_rare)
{
    struct entry *table = xcalloc(size, sizeof(*table));
    w->used = 0;
    for (size_t i = 0; i < w->size; i++) {
        struct entry *e = &w->table[i];
        if (!e->key || (forget_rare && e->customers < 2 && e->last_customer != w->customer)) {
            free(e->text);
            continue;
        }
        *slot_of(table, size, e->key) = *e;
        w->used++;
    }
    free(w->table);
    w->table = table;
    w->size = size;
}

static void make_room(struct word_counter *w)
{
    if (w->used < FULL_SHARE(w->size)) {
        return;
    }
    if (w->size < w->max) {
        rebuild(w, 2 * w->size, false);
        return;
    }
    rebuild(w, w->size, true);
    if (w->used >= FULL_SHARE(w->size)) { /* all of them are used by several: then it does grow */
        rebuild(w, 2 * w->size, false);
    }
}

/* text NULL: Han letters. */
static struct entry *entry_for(struct word_counter *w, uint64_t key, const char *text)
{
    make_room(w);
    struct entry *e = slot_of(w->table, w->size, key);
    if (!e->key) {
        e->key = key;
        e->text = text ? xstrdup(text) : NULL;
        w->used++;
    }
    return e;
}

static const struct entry *find(const struct word_counter *w, uint64_t key)
{
    const struct entry *e = slot_of(w->table, w->size, key);
    return e->key ? e : NULL;
}

static uint64_t text_key(const char *text)
{
    return bytes_hash64(bytes_of_text(text)) | TEXT_KEY;
}

/* ---- counting */

void word_counter_customer(struct word_counter *w, bool is_counted)
{
    w->customer++;
    w->is_counted = is_counted;
}

static void use(const struct word_counter *w, struct entry *e)
{
    e->uses++;
    if (e->last_contact != w->contact) {
        e->last_contact = w->contact;
        e->contacts++;
    }
    if (w->is_counted && e->last_customer != w->customer) {
        e->last_customer = w->customer;
        e->customers++;
    }
}

static bool is_han(uint32_t c)
{
    return c >= HAN_FIRST && c <= HAN_LAST;
}

static uint64_t bit_of(uint32_t letter)
{
    return UINT64_C(1) << (letter * UINT32_C(0x9E3779B1) >> 26);
}

static void count_gram(struct word_counter *w, uint64_t key, uint32_t before, uint32_t behind)
{
    struct entry *e = entry_for(w, key, NULL);
    use(w, e);
    if (before) {
        e->before |= bit_of(before);
    } else {
        e->edge_before++;
    }
    if (behind) {
        e->behind |= bit_of(behind);
    } else {
        e->edge_behind++;
    }
}

static void count_han(struct word_counter *w, const uint32_t *run, size_t len)
{
    w->han_letters += len;
    for (size_t i = 0; i < len; i++) {
        uint64_t key = 0;
        for (size_t n = 1; n <= HAN_MAX && i + n <= len && is_han(run[i + n - 1]); n++) {
            key = key << HAN_BITS | (run[i + n - 1] - HAN_FIRST + 1);
            count_gram(w, key, i > 0 ? run[i - 1] : 0, i + n < len ? run[i + n] : 0);
        }
    }
}

static size_t put_utf8(char *to, uint32_t c)
{
    if (c < 0x80) {
        to[0] = (char)c;
        return 1;
    }
    if (c < 0x800) {
        to[0] = (char)(0xC0 | c >> 6);
        to[1] = (char)(0x80 | (c & 63));
        return 2;
    }
    to[0] = (char)(0xE0 | c >> 12);
    to[1] = (char)(0x80 | (c >> 6 & 63));
    to[2] = (char)(0x80 | (c & 63));
    return 3;
}

static void count_word(struct word_counter *w, const uint32_t *run, size_t len)
{
    char text[WORD_TEXT_SIZE];
    size_t bytes = 0;
    if (len < WORD_LETTERS_MIN) {
        return;
    }
    for (size_t i = 0; i < len; i++) {
        if (bytes + 4 > sizeof(text)) {
            return;
        }
        bytes += put_utf8(text + bytes, run[i]);
    }
    text[bytes] = '\0';
    if (!word_is_stopped(text)) {
        use(w, entry_for(w, text_key(text), text));
    }
}

void word_counter_add(struct word_counter *w, const struct plain_text *t)
{
    size_t from;
    w->contact++;
    for (size_t at = 0, n; (n = plain_text_run(t, at, &from)) > 0; at = from + n) {
        const uint32_t *run = &t->letters[from];
        if (letter_kind_of(run[0]) == LETTER_WIDE) {
            count_han(w, run, n);
        } else {
            count_word(w, run, n);
        }
    }
}

void word_counter_add_name(struct word_counter *w, const char *name, int64_t contacts,
                           int64_t customers)
{
    if (text_is_empty(name) || strlen(name) >= WORD_TEXT_SIZE) {
        return;
    }
    struct entry *e = entry_for(w, text_key(name), name);
    e->contacts += contacts;
    e->customers += customers;
}

/* ---- what is a word */

static size_t han_length(uint64_t key)
{
    size_t len = 0;
    for (; key; key >>= HAN_BITS) {
        len++;
    }
    return len;
}

static uint32_t han_letter(uint64_t key, size_t from_end)
{
    return (uint32_t)(key >> HAN_BITS * from_end & HAN_MASK) + HAN_FIRST - 1;
}

static void spell(uint64_t key, size_t len, char *ret_text)
{
    size_t bytes = 0;
    for (size_t i = len; i-- > 0;) {
        bytes += put_utf8(ret_text + bytes, han_letter(key, i));
    }
    ret_text[bytes] = '\0';
}

static uint64_t uses_of(const struct word_counter *w, uint64_t key)
{
    const struct entry *e = find(w, key);
    return e ? e->uses : 0;
}

static bool holds_together(const struct word_counter *w, const struct entry *e, size_t len)
{
    double most = TOGETHER_SHARE * log2((double)w->han_letters / (double)e->uses);
    double needed = most < TOGETHER_BITS ? most : TOGETHER_BITS;
    for (size_t behind = 1; behind < len; behind++) {
        uint64_t head = e->key >> HAN_BITS * behind;
        uint64_t tail = e->key & ((UINT64_C(1) << HAN_BITS * behind) - 1);
        double by_chance = (double)uses_of(w, head) * (double)uses_of(w, tail);
        if (by_chance <= 0 || log2((double)e->uses * (double)w->han_letters / by_chance) < needed) {
            return false;
        }
    }
    return true;
}

static bool stands_free(const struct entry *e)
{
    uint32_t before = (uint32_t)__builtin_popcountll(e->before) + e->edge_before;
    uint32_t behind = (uint32_t)__builtin_popcountll(e->behind) + e->edge_behind;
    return before >= FREEDOM_MIN && behind >= FREEDOM_MIN;
}

static bool is_han_word(const struct word_counter *w, const struct entry *e)
{
    char text[WORD_TEXT_SIZE];
    size_t len = han_length(e->key);
    if (len < 2 || word_is_particle(han_letter(e->key, 0)) ||
        word_is_particle(han_letter(e->key, len - 1)) || !stands_free(e) ||
        !holds_together(w, e, len)) {
        return false;
    }
    spell(e->key, len, text);
    return !word_is_stopped(text);
}

/* ---- selection */

struct candidate {
    const struct entry *entry;
    size_t len;
    bool is_part;
};

static int longest_first(const void *a, const void *b)
{
    const struct candidate *x = a, *y = b;
    return (x->len < y->len) - (x->len > y->len);
}

static int most_customers_first(const void *a, const void *b)
{
    const struct word_found *x = a, *y = b;
    if (x->customers != y->customers) {
        return x->customers < y->customers ? 1 : -1;
    }
    if (x->contacts != y->contacts) {
        return x->contacts < y->contacts ? 1 : -1;
    }
    return strcmp(x->text, y->text);
}

static bool contains(const struct candidate *longer, const struct candidate *part)
{
    uint64_t mask = (UINT64_C(1) << HAN_BITS * part->len) - 1;
    for (size_t shift = 0; shift + part->len <= longer->len; shift++) {
        if ((longer->entry->key >> HAN_BITS * shift & mask) == part->entry->key) {
            return true;
        }
    }
    return false;
}

/* Candidates stand longest first. */
static void mark_parts(struct candidate *list, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        double most = PART_OF_LONGER * (double)list[i].entry->uses;
        for (size_t j = 0; j < i && list[j].len > list[i].len && list[i].len > 0; j++) {
            if (!list[j].is_part && (double)list[j].entry->uses >= most &&
                contains(&list[j], &list[i])) {
                list[i].is_part = true;
                break;
            }
        }
    }
}

static size_t gather(const struct word_counter *w, int64_t customers_min, struct candidate *list)
{
    size_t count = 0;
    for (size_t i = 0; i < w->size; i++) {
        const struct entry *e = &w->table[i];
        if (e->key && e->customers >= customers_min && (e->text || is_han_word(w, e))) {
            list[count++] = (struct candidate){e, e->text ? 0 : han_length(e->key), false};
        }
    }
    return count;
}

void word_counter_select(const struct word_counter *w, int64_t customers_min, struct word_list *ret)
{
    struct candidate *list = xcalloc(w->used + 1, sizeof(*list));
    struct word_found *found = xcalloc(w->used + 1, sizeof(*found));
    size_t count = gather(w, customers_min, list), kept = 0;
    qsort(list, count, sizeof(*list), longest_first);
    mark_parts(list, count);
    for (size_t i = 0; i < count; i++) {
        struct word_found *f = &found[kept];
        if (list[i].is_part) {
            continue;
        }
        f->contacts = list[i].entry->contacts;
        f->customers = list[i].entry->customers;
        if (list[i].entry->text) {
            (void)text_copy(f->text, sizeof(f->text), list[i].entry->text);
        } else {
            spell(list[i].entry->key, list[i].len, f->text);
        }
        kept++;
    }
    qsort(found, kept, sizeof(*found), most_customers_first);
    ret->count = kept < WORDS_MAX ? kept : WORDS_MAX;
    memcpy(ret->at, found, ret->count * sizeof(*found));
    free(found);
    free(list);
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * standard_words.c - an automaton of Aho and Corasick over bytes.
 *
 * 1. add    a tree of all words, one node for each beginning of a word
 * 2. build  bytes that no word has become one class; for each node and class the node that a text
 *           leads to, so that finding is one look at a table for each byte; for each node the next
 *           shorter word that ends there, too
 * 3. find   follows the table. The last bytes are kept, because a word is only one when the
 *           character before it does not go on into it.
 *
 * Numbers of nodes have 16 bits: there are fewer nodes than bytes of words.
 */
#include "common/domain/standard_words.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/xalloc.h"

enum {
    BYTE_VALUES = 256,
    KEPT_BYTES = 128, /* a power of 2, more than a word and the character before it */
};

struct node {
    uint16_t child; /* 0: none */
    uint16_t sibling;
    uint16_t fail;   /* the longest other beginning of a word that the text ends with */
    uint16_t ending; /* the next node up the fails that ends a word; 0: none */
    uint16_t word;   /* the first word that ends here: its place in the list + 1; 0: none */
    uint8_t byte;
};

struct word {
    uint16_t group;
    uint16_t next; /* with the same bytes: its place in the list + 1; 0: none */
    uint8_t len;
    bool needs_begin;
    bool needs_end;
};

struct standard_words {
    struct node *nodes; /* nodes[0] is the root */
    size_t node_count;
    struct word *words;
    size_t word_count;
    size_t byte_count;
    uint16_t *table; /* node * class_count + class */
    size_t class_count;
    uint16_t first_ending; /* from this node on each ends a word, or one of its fails does */
    uint8_t class_of[BYTE_VALUES]; /* 0: in no word */
};

/* ---- characters */

static bool is_blank(uint8_t byte)
{
    return byte == ' ' || (byte >= '\t' && byte <= '\r');
}

static uint8_t fold(uint8_t byte)
{
    if (byte >= 'A' && byte <= 'Z') {
        return (uint8_t)(byte + ('a' - 'A'));
    }
    return is_blank(byte) ? ' ' : byte;
}

/* Of a character that begins with these two bytes: ASCII, and U+00C0 to U+024F without the signs
 * of multiplication and division. */
static bool goes_on_into_words(uint8_t first, uint8_t second)
{
    if (first < 0x80) {
        return (first >= '0' && first <= '9') || (fold(first) >= 'a' && fold(first) <= 'z');
    }
    return first >= 0xc3 && first <= 0xc9 && !(first == 0xc3 && (second == 0x97 || second == 0xb7));
}

/* Of the character that ends just before `end`, of len bytes that are there. */
static bool last_goes_on(const uint8_t *end, size_t len)
{
    if (len == 0) {
        return false;
    }
    if (end[-1] < 0x80) {
        return goes_on_into_words(end[-1], 0);
    }
    /* Only the lead byte of a character of two bytes lies in that range. */
    return len > 1 && goes_on_into_words(end[-2], end[-1]) && end[-2] >= 0x80;
}

static bool first_goes_on(const char *text)
{
    const uint8_t first = (uint8_t)text[0];

    return first != 0 && goes_on_into_words(first, (uint8_t)text[1]);
}

/* ---- building */

struct standard_words *standard_words_new(void)
{
    struct standard_words *w = xcalloc(1, sizeof(*w));

    w->nodes = xcalloc(1, sizeof(*w->nodes));
    w->node_count = 1;
    return w;
}

void standard_words_free(struct standard_words *w)
{
    if (w) {
        free(w->nodes);
        free(w->words);
        free(w->table);
        free(w);
    }
}

static uint16_t find_child(const struct standard_words *w, uint16_t node, uint8_t byte)
{
    uint16_t child = w->nodes[node].child;

    while (child && w->nodes[child].byte != byte) {
        child = w->nodes[child].sibling;
    }
    return child;
}

static uint16_t add_child(struct standard_words *w, uint16_t node, uint8_t byte)
{
    const uint16_t child = (uint16_t)w->node_count;

    w->nodes = xreallocarray(w->nodes, w->node_count + 1, sizeof(*w->nodes));
    w->nodes[child] = (struct node){.byte = byte, .sibling = w->nodes[node].child};
    w->nodes[node].child = child;
    w->node_count++;
    return child;
}

int standard_words_add(struct standard_words *w, const char *word, size_t group)
{
    const size_t len = strlen(word);
    uint16_t node = 0;

    if (w->byte_count + len > STANDARD_WORDS_BYTES_MAX) {
        return -1;
    }
    w->byte_count += len;
    for (size_t i = 0; i < len; i++) {
        const uint8_t byte = fold((uint8_t)word[i]);
        const uint16_t child = find_child(w, node, byte);

        node = child ? child : add_child(w, node, byte);
    }
    w->words = xreallocarray(w->words, w->word_count + 1, sizeof(*w->words));
    w->words[w->word_count++] =
        (struct word){.group = (uint16_t)group,
                      .next = w->nodes[node].word,
                      .len = (uint8_t)len,
                      .needs_begin = first_goes_on(word),
                      .needs_end = last_goes_on((const uint8_t *)word + len, len)};
    w->nodes[node].word = (uint16_t)w->word_count;
    return 0;
}

static void number_classes(struct standard_words *w)
{
    w->class_count = 1;
    for (size_t i = 1; i < w->node_count; i++) {
        uint8_t *class = &w->class_of[w->nodes[i].byte];

        if (*class == 0) {
            *class = (uint8_t)w->class_count++;
        }
    }
    for (size_t byte = 0; byte < BYTE_VALUES; byte++) {
        w->class_of[byte] = w->class_of[fold((uint8_t)byte)];
    }
}

/* Fills the row of each node, after that of the shorter one it fails to. Returns the nodes in that
 * order; the caller frees them. */
static uint16_t *fill_rows(struct standard_words *w)
{
    uint16_t *queue = xcalloc(w->node_count, sizeof(*queue));
    size_t end = 1; /* the root is in */

    for (size_t begin = 0; begin < end; begin++) {
        const uint16_t node = queue[begin];
        uint16_t *row = w->table + node * w->class_count;

        if (node != 0) {
            memcpy(row, w->table + w->nodes[node].fail * w->class_count,
                   w->class_count * sizeof(*row));
        }
        for (uint16_t child = w->nodes[node].child; child; child = w->nodes[child].sibling) {
            const uint8_t class = w->class_of[w->nodes[child].byte];
            const uint16_t shorter = row[class]; /* still where the fail leads to */

            w->nodes[child].fail = shorter;
            w->nodes[child].ending = w->nodes[shorter].word ? shorter : w->nodes[shorter].ending;
            row[class] = child;
            queue[end++] = child;
        }
    }
    return queue;
}

static bool ends_word(const struct node *n)
{
    return n->word != 0 || n->ending != 0;
}

/* Gives the nodes new numbers, which are indexes of `order`: those that end no word come first, so
 * that a text which goes from one of them to the next needs no look at them; and within each half
 * the short ones, which are near each other then. Children and fails are not needed any more. */
static void renumber(struct standard_words *w, const uint16_t *order)
{
    uint16_t *number = xcalloc(w->node_count, sizeof(*number));
    uint16_t *table = xcalloc(w->node_count * w->class_count, sizeof(*table));
    struct node *nodes = xcalloc(w->node_count, sizeof(*nodes));
    uint16_t next = 0;

    for (int half = 0; half < 2; half++) {
        w->first_ending = next;
        for (size_t i = 0; i < w->node_count; i++) {
            if (ends_word(&w->nodes[order[i]]) == (half == 1)) {
                number[order[i]] = next++;
            }
        }
    }
    for (size_t i = 0; i < w->node_count; i++) {
        uint16_t *row = table + number[i] * w->class_count;

        nodes[number[i]] = w->nodes[i];
        nodes[number[i]].ending = number[w->nodes[i].ending];
        for (size_t class = 0; class < w->class_count; class ++) {
            row[class] = number[w->table[i * w->class_count + class]];
        }
    }
    free(w->table);
    free(w->nodes);
    free(number);
    w->table = table;
    w->nodes = nodes;
}

void standard_words_build(struct standard_words *w)
{
    uint16_t *order;

    number_classes(w);
    w->table = xcalloc(w->node_count * w->class_count, sizeof(*w->table));
    order = fill_rows(w);
    renumber(w, order);
    free(order);
}

/* ---- finding */

bool standard_word_set_has(const struct standard_word_set *set, size_t group)
{
    return (set->bits[group / 64] >> (group % 64) & 1) != 0;
}

struct reading {
    uint8_t kept[KEPT_BYTES]; /* the last bytes; byte n stands at n % KEPT_BYTES */
    size_t count;
    const char *rest; /* of the text, behind what was read */
};

/* Does the character before the last len bytes go on into them? */
static bool goes_on_before(const struct reading *r, size_t len)
{
    uint8_t before[2] = {0, 0};
    const size_t begin = r->count - len;

    if (begin > 0) {
        before[1] = r->kept[(begin - 1) % KEPT_BYTES];
    }
    if (begin > 1) {
        before[0] = r->kept[(begin - 2) % KEPT_BYTES];
    }
    return last_goes_on(before + 2, begin < 2 ? begin : 2);
}

static void take_words(const struct standard_words *w, uint16_t node, const struct reading *r,
                       struct standard_word_set *set)
{
    for (uint16_t at = w->nodes[node].word; at; at = w->words[at - 1].next) {
        const struct word *word = &w->words[at - 1];

        if (standard_word_set_has(set, word->group) ||
            (word->needs_end && first_goes_on(r->rest)) ||
            (word->needs_begin && goes_on_before(r, word->len))) {
            continue;
        }
        set->bits[word->group / 64] |= UINT64_C(1) << (word->group % 64);
    }
}

void standard_words_find(const struct standard_words *w, const char *text,
                         struct standard_word_set *set)
{
    struct reading r = {.count = 0};
    uint16_t node = 0;
    bool was_blank = false;

    for (const uint8_t *at = (const uint8_t *)text; *at; at++) {
        if (is_blank(*at)) {
            if (was_blank) {
                continue;
            }
            was_blank = true;
        } else {
            was_blank = false;
        }
        r.kept[r.count++ % KEPT_BYTES] = *at;
        node = w->table[node * w->class_count + w->class_of[*at]];
        if (node < w->first_ending) {
            continue;
        }
        r.rest = (const char *)at + 1;
        for (uint16_t end = node; end; end = w->nodes[end].ending) {
            take_words(w, end, &r, set);
        }
    }
}

size_t standard_words_length_at(const char *place, const char *word)
{
    size_t len = 0;

    while (word[len] && fold((uint8_t)place[len]) == fold((uint8_t)word[len])) {
        len++;
    }
    if (word[len] ||
        (last_goes_on((const uint8_t *)word + len, len) && first_goes_on(place + len))) {
        return 0;
    }
    return len;
}

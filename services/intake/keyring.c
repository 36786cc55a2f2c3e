/* SPDX-License-Identifier: Apache-2.0 */
#include "services/intake/keyring.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sodium.h>

#include "common/base/secret_file.h"
#include "common/base/xalloc.h"

#define SETTING "master_key_file"

enum {
    FILE_BYTES_MAX = 16 * 1024,
    NONCE_LEN = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES,
    TAG_LEN = crypto_aead_xchacha20poly1305_ietf_ABYTES,
    LABEL_LEN = 16, /* kind, generation, customer: a fixed width, so that no two read the same */
};

_Static_assert((int)KEYRING_KEY_LEN == (int)crypto_aead_xchacha20poly1305_ietf_KEYBYTES,
               "keys seal as they are");
_Static_assert((int)KEYRING_WRAPPED_LEN == NONCE_LEN + KEYRING_KEY_LEN + TAG_LEN, "wrapped");

/* What a hash is of. Stored hashes depend on these texts. */
#define DOMAIN_PHONE       "troth phone"
#define DOMAIN_EMAIL       "troth email"
#define DOMAIN_DEVICE      "troth device"
#define DOMAIN_FINGERPRINT "troth fingerprint"
#define DOMAIN_GRAM        "troth gram"
#define DOMAIN_REFERENCE   "troth reference "

/* Memory of its own pages (sodium_malloc): guarded, locked where that is allowed, wiped when freed.
 */
struct keyring {
    bool has_lookup;
    uint8_t lookup[KEYRING_KEY_LEN];
    size_t count;
    size_t sealing; /* index of the one that wraps */
    struct {
        int16_t generation;
        uint8_t key[KEYRING_KEY_LEN];
    } masters[KEYRING_GENERATIONS_MAX]; /* ascending */
};

/* ---- the file */

static int refuse_line(struct err *err, size_t line, const char *what)
{
    return err_set_field(err, "master_key_file", SETTING, "line %zu: %s", line, what);
}

/* Cuts the next word off *rest; "" at the end of the line. */
static char *next_word(char **rest)
{
    char *word = *rest + strspn(*rest, " \t\r");
    char *end = word + strcspn(word, " \t\r");
    *rest = *end ? end + 1 : end;
    *end = '\0';
    return word;
}

static int parse_generation(const char *word, int16_t *ret)
{
    char *end;
    errno = 0;
    long n = strtol(word, &end, 10);
    if (word[0] < '1' || word[0] > '9' || *end || errno || n > INT16_MAX) {
        return -1;
    }
    *ret = (int16_t)n;
    return 0;
}

/* Where the generation is, or would be hung in. */
static size_t position(const struct keyring *k, int16_t generation)
{
    size_t i = 0;
    while (i < k->count && k->masters[i].generation < generation) {
        i++;
    }
    return i;
}

static const uint8_t *find_master(const struct keyring *k, int16_t generation)
{
    size_t i = position(k, generation);
    return i < k->count && k->masters[i].generation == generation ? k->masters[i].key : NULL;
}

static int add_lookup(struct keyring *k, size_t line, char *rest, struct err *err)
{
    if (k->has_lookup) {
        return refuse_line(err, line, "there is one lookup key");
    }
    if (bytes_from_hex(next_word(&rest), k->lookup, KEYRING_KEY_LEN) < 0) {
        return refuse_line(err, line, "64 hex digits are expected after lookup");
    }
    k->has_lookup = true;
    return *next_word(&rest) ? refuse_line(err, line, "nothing is expected after the key") : 0;
}

static int add_master(struct keyring *k, size_t line, char *rest, struct err *err)
{
    int16_t generation;
    if (parse_generation(next_word(&rest), &generation) < 0) {
        return refuse_line(err, line, "a generation from 1 to 32767 is expected after master");
    }
    size_t at = position(k, generation);
    if (find_master(k, generation) || k->count == KEYRING_GENERATIONS_MAX) {
        return refuse_line(err, line, "this generation is there twice, or there are more than 64");
    }
    memmove(&k->masters[at + 1], &k->masters[at], (k->count - at) * sizeof(k->masters[0]));
    k->count++;
    k->masters[at].generation = generation;
    if (bytes_from_hex(next_word(&rest), k->masters[at].key, KEYRING_KEY_LEN) < 0) {
        return refuse_line(err, line, "64 hex digits are expected after the generation");
    }
    return *next_word(&rest) ? refuse_line(err, line, "nothing is expected after the key") : 0;
}

static int add_line(struct keyring *k, size_t line, char *text, struct err *err)
{
    char *rest = text;
    const char *word = next_word(&rest);
    if (!word[0] || word[0] == '#') {
        return 0;
    }
    if (strcmp(word, "lookup") == 0) {
        return add_lookup(k, line, rest, err);
    }
    if (strcmp(word, "master") == 0) {
        return add_master(k, line, rest, err);
    }
    return refuse_line(err, line, "lookup, master or a comment is expected");
}

/* Cuts text into its lines. */
static struct keyring *parse(char *text, struct err *err)
{
    struct keyring *k = sodium_init() < 0 ? NULL : sodium_malloc(sizeof(*k));
    int rc = 0;
    if (!k) {
        xalloc_failed("libsodium");
    }
    memset(k, 0, sizeof(*k));
    size_t line = 0;
    for (char *rest = text, *one; rc == 0 && (one = strsep(&rest, "\n")) != NULL;) {
        rc = add_line(k, ++line, one, err);
    }
    if (rc == 0 && (!k->has_lookup || k->count == 0)) {
        rc = err_set_field(err, "master_key_file", SETTING,
                           "a lookup key and a master key are needed");
    }
    if (rc < 0) {
        keyring_free(k);
        return NULL;
    }
    k->sealing = k->count - 1;
    (void)sodium_mprotect_readonly(k);
    return k;
}

struct keyring *keyring_parse(const char *text, struct err *err)
{
    char *copy = xstrdup(text);
    struct keyring *k = parse(copy, err);
    sodium_memzero(copy, strlen(text));
    free(copy);
    return k;
}

/* Returns the length, or -1 with errno. */
static ssize_t read_all(int fd, char *text, size_t size)
{
    size_t len = 0;
    while (len < size) {
        ssize_t n = read(fd, text + len, size - len);
        if (n < 0 && errno != EINTR) {
            return -1;
        }
        if (n == 0) {
            break;
        }
        len += n > 0 ? (size_t)n : 0;
    }
    return (ssize_t)len;
}

static struct keyring *load(int fd, const char *path, struct err *err)
{
    char text[FILE_BYTES_MAX];
    struct keyring *k = NULL;
    if (!secret_file_is_private(fd, path)) {
        (void)err_set_field(err, "master_key_file", SETTING,
                            "%s can be read by others: give it mode 0600 (chmod 600)", path);
        return NULL;
    }
    ssize_t len = read_all(fd, text, sizeof(text));
    if (len < 0) {
        (void)err_set_field(err, "master_key_file", SETTING, "%s: %s", path, strerror(errno));
    } else if (len == (ssize_t)sizeof(text)) { /* what is cut off might be the newest key */
        (void)err_set_field(err, "master_key_file", SETTING, "%s has more than %d bytes", path,
                            FILE_BYTES_MAX - 1);
    } else {
        text[len] = '\0';
        k = parse(text, err);
        if (!k) {
            (void)err_prefix(err, "%s", path);
        }
    }
    sodium_memzero(text, sizeof(text));
    return k;
}

struct keyring *keyring_load(const char *path, struct err *err)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        (void)err_set_field(err, "master_key_file", SETTING,
                            "%s: %s (`troth key master FILE` makes one)", path, strerror(errno));
        return NULL;
    }
    struct keyring *k = load(fd, path, err);
    (void)close(fd);
    return k;
}

void keyring_free(struct keyring *k)
{
    sodium_free(k); /* wipes */
}

void keyring_replace(struct keyring *k, struct keyring *next)
{
    const int16_t sealing = keyring_sealing(k);
    (void)sodium_mprotect_readwrite(k);
    *k = *next;
    const size_t at = position(k, sealing);
    k->sealing = at < k->count && k->masters[at].generation == sealing ? at : k->count - 1;
    (void)sodium_mprotect_readonly(k);
    keyring_free(next);
}

/* ---- hashes */

/* The domain is hashed with its final NUL: no text of one reads as a text of another. */
static void hash(const uint8_t key[KEYRING_KEY_LEN], const char *domain, const char *text,
                 uint8_t ret[KEYRING_HASH_LEN])
{
    crypto_generichash_state state;
    (void)crypto_generichash_init(&state, key, KEYRING_KEY_LEN, KEYRING_HASH_LEN);
    (void)crypto_generichash_update(&state, (const uint8_t *)domain, strlen(domain) + 1);
    (void)crypto_generichash_update(&state, (const uint8_t *)text, strlen(text));
    (void)crypto_generichash_final(&state, ret, KEYRING_HASH_LEN);
    sodium_memzero(&state, sizeof(state));
}

void keyring_hash_phone(const struct keyring *k, const char *normalised,
                        uint8_t ret[KEYRING_HASH_LEN])
{
    hash(k->lookup, DOMAIN_PHONE, normalised, ret);
}

void keyring_hash_email(const struct keyring *k, const char *normalised,
                        uint8_t ret[KEYRING_HASH_LEN])
{
    hash(k->lookup, DOMAIN_EMAIL, normalised, ret);
}

void keyring_hash_device(const struct keyring *k, const char *normalised,
                         uint8_t ret[KEYRING_HASH_LEN])
{
    hash(k->lookup, DOMAIN_DEVICE, normalised, ret);
}

void keyring_hash_reference(const struct keyring *k, const char *source, const char *reference,
                            uint8_t ret[KEYRING_HASH_LEN])
{
    uint8_t of_source[KEYRING_HASH_LEN];
    char domain[sizeof(DOMAIN_REFERENCE) + (size_t)2 * KEYRING_HASH_LEN];
    /* Names of sources have no colon, but whoever checks this should not need to know that. */
    hash(k->lookup, DOMAIN_REFERENCE, source, of_source);
    memcpy(domain, DOMAIN_REFERENCE, sizeof(DOMAIN_REFERENCE) - 1);
    bytes_to_hex((struct bytes){of_source, sizeof(of_source)},
                 domain + sizeof(DOMAIN_REFERENCE) - 1);
    hash(k->lookup, domain, reference, ret);
}

_Static_assert((int)KEYRING_GRAM_KEY_LEN == (int)KEYRING_HASH_LEN, "a hash is the key");

void keyring_gram_key(const struct keyring *k, uint8_t ret[KEYRING_GRAM_KEY_LEN])
{
    hash(k->lookup, DOMAIN_GRAM, "", ret);
}

/* ---- generations */

int16_t keyring_newest(const struct keyring *k)
{
    return k->masters[k->count - 1].generation;
}

int16_t keyring_sealing(const struct keyring *k)
{
    return k->masters[k->sealing].generation;
}

void keyring_seal_with(struct keyring *k, int16_t generation)
{
    size_t known = k->count;
    while (known > 0 && k->masters[known - 1].generation > generation) {
        known--;
    }
    (void)sodium_mprotect_readwrite(k);
    k->sealing = (known > 0 ? known : k->count) - 1;
    (void)sodium_mprotect_readonly(k);
}

size_t keyring_generation_count(const struct keyring *k)
{
    return k->count;
}

int16_t keyring_generation(const struct keyring *k, size_t index)
{
    return k->masters[index].generation;
}

bool keyring_fingerprint(const struct keyring *k, int16_t generation, uint8_t ret[KEYRING_HASH_LEN])
{
    const uint8_t *key = generation == 0 ? k->lookup : find_master(k, generation);
    if (!key) {
        return false;
    }
    hash(key, DOMAIN_FINGERPRINT, "", ret);
    return true;
}

/* ---- keys of customers */

static void put_number(uint8_t *to, uint64_t n)
{
    for (int i = 0; i < 8; i++) {
        to[i] = (uint8_t)(n >> 8 * i);
    }
}

static void wrap_label(int64_t customer, int16_t generation, uint8_t ret[LABEL_LEN])
{
    put_number(ret, (uint64_t)customer);
    put_number(ret + 8, (uint64_t)generation);
}

void keyring_wrap(const struct keyring *k, int64_t customer, const uint8_t key[KEYRING_KEY_LEN],
                  uint8_t ret_wrapped[KEYRING_WRAPPED_LEN])
{
    uint8_t label[LABEL_LEN];
    wrap_label(customer, keyring_sealing(k), label);
    randombytes_buf(ret_wrapped, NONCE_LEN);
    (void)crypto_aead_xchacha20poly1305_ietf_encrypt(ret_wrapped + NONCE_LEN, NULL, key,
                                                     KEYRING_KEY_LEN, label, sizeof(label), NULL,
                                                     ret_wrapped, k->masters[k->sealing].key);
}

int keyring_unwrap(const struct keyring *k, int64_t customer, int16_t generation,
                   struct bytes wrapped, uint8_t ret_key[KEYRING_KEY_LEN], struct err *err)
{
    uint8_t label[LABEL_LEN];
    const uint8_t *master = find_master(k, generation);
    if (!master) {
        return err_set(err, "key_damaged", "no master key of generation %d is in the file",
                       generation);
    }
    wrap_label(customer, generation, label);
    if (wrapped.len != KEYRING_WRAPPED_LEN ||
        crypto_aead_xchacha20poly1305_ietf_decrypt(ret_key, NULL, NULL, wrapped.data + NONCE_LEN,
                                                   wrapped.len - NONCE_LEN, label, sizeof(label),
                                                   wrapped.data, master) != 0) {
        return err_set(err, "key_damaged", "the customer's key does not open with generation %d",
                       generation);
    }
    return 0;
}

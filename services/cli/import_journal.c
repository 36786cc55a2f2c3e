/* SPDX-License-Identifier: Apache-2.0 */
/*
 * import_journal.c - lines of text, appended, each with a sum (import_journal_line.h); the first
 * character tells their kind:
 *
 *   # anything            for people: the CSV file, when a run began
 *   +KEY                  a record is about to be sent; they are numbered from 0 through the file
 *   -NUMBER               that one is not this import's
 *   end                   a run came to its end: no line after the ones before is missing
 *   undo TIME             an undo began; of several the first one counts
 *   undone                everything was taken back
 *
 * What a run appends reaches the system before the records leave, and the disk once a second: a
 * killed import loses nothing, a machine that loses power a second. A last line that was torn is
 * cut off: what it names was not sent.
 */
#include "services/cli/import_journal.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sodium.h>

#include "common/base/bytes.h"
#include "common/base/duration.h"
#include "common/base/instant.h"
#include "common/base/log.h"
#include "common/base/text.h"
#include "common/base/xalloc.h"
#include "common/runtime/bus.h"
#include "services/cli/import_journal_line.h"

#define SYNC_EVERY_US DURATION_S

struct import_journal {
    int fd;
    char *path;
    struct text pending;
    struct import_chain chain; /* up to the end of pending */
    int64_t count;             /* of '+' lines */
    int64_t synced_us;
    bool was_undone;
};

/* ---- the ID */

/* Returns 1 when the file was hashed, 0 when it is no plain file. */
static int hash_file(crypto_generichash_state *state, const char *path, struct err *err)
{
    uint8_t block[65536];
    struct stat about;
    size_t got;
    FILE *in;

    if (strcmp(path, "-") == 0 || (stat(path, &about) == 0 && !S_ISREG(about.st_mode))) {
        return 0;
    }
    in = fopen(path, "rbe");
    if (!in) {
        return err_set(err, "file_unreadable", "%s: %s", path, strerror(errno));
    }
    while ((got = fread(block, 1, sizeof(block), in)) > 0) {
        (void)crypto_generichash_update(state, block, got);
    }
    got = ferror(in) ? 1 : 0;
    (void)fclose(in); /* nothing was written */
    return got ? err_set(err, "file_unreadable", "%s cannot be read", path) : 1;
}

int import_journal_id(const struct cli *cli, const char *csv_path, const char *mapping_path,
                      int64_t edition, char ret_id[IMPORT_ID_SIZE], struct err *err)
{
    crypto_generichash_state state;
    char who[2][BUS_KEY_TEXT_SIZE];
    uint8_t digest[BYTES_DIGEST_LEN];
    int csv;
    int mapping;

    if (bus_public_key_read(cli->settings.key_file, who[0], err) < 0 ||
        bus_public_key_read(cli->settings.peers[CLI_INTAKE].key_file, who[1], err) < 0) {
        return -1;
    }
    (void)crypto_generichash_init(&state, NULL, 0, sizeof(digest));
    (void)crypto_generichash_update(&state, (const uint8_t *)who, sizeof(who));
    (void)crypto_generichash_update(&state, (const uint8_t *)&edition, sizeof(edition));
    csv = hash_file(&state, csv_path, err);
    mapping = csv < 0 ? -1 : hash_file(&state, mapping_path, err);
    if (mapping < 0) {
        return -1;
    }
    (void)crypto_generichash_final(&state, digest, sizeof(digest));
    if (csv == 0 || mapping == 0) {
        randombytes_buf(digest, sizeof(digest));
    }
    bytes_to_hex((struct bytes){.data = digest, .len = (IMPORT_ID_SIZE - 1) / 2}, ret_id);
    return 0;
}

/* ---- where */

static int choose_folder(const struct cli *cli, struct text *folder, struct err *err)
{
    const char *state = getenv("XDG_STATE_HOME");
    const char *home = getenv("HOME");

    if (!text_is_empty(cli->settings.imports)) {
        text_append(folder, cli->settings.imports);
    } else if (!text_is_empty(state)) {
        text_appendf(folder, "%s/troth/imports", state);
    } else if (!text_is_empty(home)) {
        text_appendf(folder, "%s/.local/state/troth/imports", home);
    } else {
        return err_set_field(err, "setting_missing", "imports",
                             "where shall imports be remembered? Set it to a folder, or import "
                             "with --no-undo");
    }
    return 0;
}

static int make_folders(char *path, struct err *err)
{
    for (char *p = path + 1;; p++) {
        const char was = *p;

        if (was != '/' && was != '\0') {
            continue;
        }
        *p = '\0';
        if (mkdir(path, 0700) < 0 && errno != EEXIST) {
            return err_set(err, "file_unwritable", "%s: %s; set imports, or import with --no-undo",
                           path, strerror(errno));
        }
        *p = was;
        if (was == '\0') {
            return 0;
        }
    }
}

/* Returns the path, for free(); NULL with err. */
static char *choose_path(const struct cli *cli, const char *id, bool is_new, struct err *err)
{
    struct text path = {0};

    if (choose_folder(cli, &path, err) < 0 || (is_new && make_folders(path.data, err) < 0)) {
        text_free(&path);
        return NULL;
    }
    text_appendf(&path, "/%s.import", id);
    return path.data;
}

/* ---- reading */

static int lock(int fd, const char *path, struct err *err)
{
    if (flock(fd, LOCK_EX | LOCK_NB) < 0) {
        return err_set(err, "import_running", "%s is in use: this import runs already", path);
    }
    return 0;
}

/* The content with a final NUL, for free(). */
static char *read_all(int fd, const char *path, size_t *ret_len, struct err *err)
{
    struct text content = {0};
    char block[65536];
    ssize_t got;

    text_append(&content, ""); /* an empty file is a text too */
    while ((got = read(fd, block, sizeof(block))) > 0) {
        text_append_len(&content, block, (size_t)got);
    }
    if (got < 0) {
        err_set(err, "file_unreadable", "%s: %s", path, strerror(errno));
        text_free(&content);
        return NULL;
    }
    *ret_len = content.len;
    return content.data;
}

/* ---- writing */

static int write_pending(int fd, struct text *pending, const char *path, struct err *err)
{
    size_t done = 0;

    while (done < pending->len) {
        const ssize_t n = write(fd, pending->data + done, pending->len - done);

        if (n < 0 && errno != EINTR) {
            return err_set(err, "file_unwritable", "%s: %s", path, strerror(errno));
        }
        done += n > 0 ? (size_t)n : 0;
    }
    text_clear(pending);
    return 0;
}

static int sync_disk(int fd, const char *path, struct err *err)
{
    return fdatasync(fd) < 0 ? err_set(err, "file_unwritable", "%s: %s", path, strerror(errno)) : 0;
}

static void add_line(struct import_journal *j, const char *line)
{
    import_line_write(&j->chain, line, &j->pending);
}

/* For people. A path may have anything in it, and a line has one end. */
static void add_comment(struct import_journal *j, const char *csv_path)
{
    char at[INSTANT_TEXT_SIZE];
    struct text line = {0};

    text_appendf(&line, "# %s %s", instant_format(instant_now_us(), at), csv_path);
    for (char *p = line.data; *p; p++) {
        if (*p == '\n') {
            *p = ' ';
        }
    }
    add_line(j, line.data);
    text_free(&line);
}

static int go_on(struct import_journal *j, const char *csv_path, struct err *err)
{
    struct import_summary before;
    char *content;
    size_t len = 0;
    int rc;

    if (lock(j->fd, j->path, err) < 0) {
        return -1;
    }
    content = read_all(j->fd, j->path, &len, err);
    if (!content) {
        return -1;
    }
    before = import_lines_read(content, len, NULL);
    rc = import_lines_check(&before, len, j->fd, j->path, err);
    free(content);
    if (rc < 0) {
        return -1;
    }
    j->count = before.count;
    j->was_undone = before.is_undone;
    j->chain = before.chain;
    add_comment(j, csv_path);
    return import_journal_flush(j, err);
}

struct import_journal *import_journal_open(const struct cli *cli, const char *id,
                                           const char *csv_path, struct err *err)
{
    struct import_journal *j = xcalloc(1, sizeof(*j));

    j->fd = -1;
    j->path = choose_path(cli, id, true, err);
    if (j->path) {
        /* Keys are hashes of rows, the path may be a name: for our user alone. */
        j->fd = open(j->path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
        if (j->fd < 0) {
            err_set(err, "file_unwritable", "%s: %s", j->path, strerror(errno));
        }
    }
    if (j->fd < 0 || go_on(j, csv_path, err) < 0) {
        import_journal_free(j);
        return NULL;
    }
    return j;
}

void import_journal_free(struct import_journal *j)
{
    if (j) {
        if (j->fd >= 0) {
            (void)close(j->fd);
        }
        text_free(&j->pending);
        free(j->path);
        free(j);
    }
}

bool import_journal_was_undone(const struct import_journal *j)
{
    return j->was_undone;
}

int64_t import_journal_add(struct import_journal *j, const char *key)
{
    char line[128];

    if (!text_format(line, sizeof(line), "+%s", key)) {
        BUG("a key of ours is short");
    }
    add_line(j, line);
    return j->count++;
}

void import_journal_not_ours(struct import_journal *j, int64_t number)
{
    char line[32];

    (void)text_format(line, sizeof(line), "-%" PRId64, number);
    add_line(j, line);
}

int import_journal_flush(struct import_journal *j, struct err *err)
{
    const int64_t now_us = instant_monotonic_us();

    if (write_pending(j->fd, &j->pending, j->path, err) < 0) {
        return -1;
    }
    if (now_us - j->synced_us < SYNC_EVERY_US) {
        return 0;
    }
    j->synced_us = now_us;
    return sync_disk(j->fd, j->path, err);
}

int import_journal_end(struct import_journal *j, struct err *err)
{
    add_line(j, "end");
    return write_pending(j->fd, &j->pending, j->path, err) < 0 ? -1
                                                               : sync_disk(j->fd, j->path, err);
}

/* ---- undo */

static int append_line(int fd, const char *path, struct import_chain *chain, const char *line,
                       struct err *err)
{
    struct text pending = {0};
    int rc;

    import_line_write(chain, line, &pending);
    rc = write_pending(fd, &pending, path, err);
    text_free(&pending);
    return rc < 0 ? -1 : sync_disk(fd, path, err);
}

static void keep_ours(struct import_stored *s, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (s->keys[i]) {
            s->keys[s->count++] = s->keys[i];
        }
    }
}

/* Notes that an undo begins, unless one did before. */
static int begin_undo(struct import_stored *s, int fd, struct import_summary *was, struct err *err)
{
    char line[64];

    s->undo_us = was->undo_us;
    if (was->undo_us > 0) {
        return 0;
    }
    s->undo_us = instant_now_us();
    text_format(line, sizeof(line), "undo %" PRId64, s->undo_us);
    return append_line(fd, s->path, &was->chain, line, err);
}

static int load(struct import_stored *s, int fd, struct err *err)
{
    struct import_summary summary;
    size_t lines = 1;
    size_t len = 0;

    if (lock(fd, s->path, err) < 0) {
        return -1;
    }
    s->content = read_all(fd, s->path, &len, err);
    if (!s->content) {
        return -1;
    }
    for (size_t i = 0; i < len; i++) {
        lines += s->content[i] == '\n';
    }
    s->keys = xcalloc(lines, sizeof(*s->keys));
    summary = import_lines_read(s->content, len, s->keys);
    if (import_lines_check(&summary, len, fd, s->path, err) < 0) {
        return -1;
    }
    keep_ours(s, (size_t)summary.count);
    /* An older program wrote no end. */
    s->is_ended = summary.is_ended || (summary.whole_len > 0 && !summary.chain.has_sums);
    return begin_undo(s, fd, &summary, err);
}

static bool is_id(const char *text)
{
    return strlen(text) == IMPORT_ID_SIZE - 1 &&
           strspn(text, "0123456789abcdef") == IMPORT_ID_SIZE - 1;
}

int import_journal_load(const struct cli *cli, const char *id, struct import_stored *ret_stored,
                        struct err *err)
{
    struct import_stored s = {.count = 0};
    int fd;
    int rc;

    if (!is_id(id)) {
        return err_set(err, "import_unknown", "'%s' is no ID as an import prints it at its end",
                       id);
    }
    s.path = choose_path(cli, id, false, err);
    if (!s.path) {
        return -1;
    }
    fd = open(s.path, O_RDWR | O_APPEND | O_CLOEXEC);
    if (fd < 0) {
        rc = err_set(err, errno == ENOENT ? "import_unknown" : "file_unreadable",
                     "%s: %s. An import is taken back on the machine and by the user who did it",
                     s.path, strerror(errno));
    } else {
        rc = load(&s, fd, err);
        (void)close(fd);
    }
    if (rc < 0) {
        import_stored_free(&s);
        return -1;
    }
    *ret_stored = s;
    return 0;
}

void import_stored_free(struct import_stored *s)
{
    free(s->content);
    free(s->keys);
    free(s->path);
    *s = (struct import_stored){.count = 0};
}

int import_journal_mark_undone(const struct import_stored *s, struct err *err)
{
    const int fd = open(s->path, O_RDWR | O_APPEND | O_CLOEXEC);
    struct import_summary summary;
    char *content = NULL;
    size_t len = 0;
    int rc = -1;

    if (fd < 0) {
        return err_set(err, "file_unwritable", "%s: %s", s->path, strerror(errno));
    }
    content = read_all(fd, s->path, &len, err);
    if (content) {
        summary = import_lines_read(content, len, NULL);
        rc = import_lines_check(&summary, len, fd, s->path, err);
    }
    if (rc == 0) {
        rc = append_line(fd, s->path, &summary.chain, "undone", err);
    }
    free(content);
    (void)close(fd);
    return rc;
}

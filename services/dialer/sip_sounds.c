/* SPDX-License-Identifier: Apache-2.0 */
#include "services/dialer/sip_sounds.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/base/bytes.h"
#include "common/base/log.h"
#include "common/base/text.h"
#include "common/base/xalloc.h"
#include "services/dialer/sip_libre.h"
#include "services/dialer/sip_rules.h"
#include "services/dialer/sip_talk.h"
#include "services/dialer/sip_wave.h"

enum {
    SPEAKING_MAX = 2,
    SPEAK_MS = 10000,      /* longer, and espeak-ng hangs */
    REAP_MS = 5,           /* between its last byte and its end */
    KEPT_BYTES = 16 << 20, /* of spoken sounds that no call uses any more */
    READ_SIZE = 64 * 1024,
};

struct sip_sound {
    struct le
        le; /* in the kept ones, the last used at the end; a spoken sound that failed is not */
    struct sip_sounds *sounds;
    enum sip_sound_state state;
    char voice[9]; /* "": recorded */
    char *words;
    int16_t *samples;
    size_t count;
    /* while it is being spoken */
    pid_t child; /* 0: not */
    int fd;
    struct buffer wave;
    struct tmr timer;
};

struct sip_sounds {
    char *folder;
    bool may_speak;
    void (*changed)(void *ctx);
    void *ctx;
    struct list kept;
    size_t kept_bytes;
    int speaking;
};

enum sip_sound_state sip_sound_state(const struct sip_sound *sound)
{
    return sound->state;
}

const int16_t *sip_sound_samples(const struct sip_sound *sound, size_t *ret_count)
{
    *ret_count = sound->count;
    return sound->samples;
}

/* ---- life of a sound */

static void stop_child(struct sip_sound *sound)
{
    tmr_cancel(&sound->timer);
    if (sound->fd >= 0) {
        fd_close(sound->fd);
        (void)close(sound->fd);
        sound->fd = -1;
    }
    if (sound->child > 0) {
        /* It was told to end at once, so this does not wait. */
        (void)kill(sound->child, SIGKILL);
        (void)waitpid(sound->child, NULL, 0);
        sound->child = 0;
        sound->sounds->speaking--;
    }
    buffer_free(&sound->wave);
}

static void destroy(void *data)
{
    struct sip_sound *sound = data;
    stop_child(sound);
    list_unlink(&sound->le);
    if (sound->words) {
        explicit_bzero(sound->words, strlen(sound->words));
        free(sound->words);
    }
    free(sound->samples);
}

static struct sip_sound *sound_new(struct sip_sounds *s)
{
    struct sip_sound *sound = mem_zalloc(sizeof(*sound), destroy);
    if (!sound) {
        xalloc_failed("libre");
    }
    sound->sounds = s;
    sound->state = SIP_SOUND_WAITING;
    sound->fd = -1;
    tmr_init(&sound->timer);
    return sound;
}

struct sip_sounds *sip_sounds_new(const char *folder, bool may_speak, void (*changed)(void *ctx),
                                  void *ctx)
{
    struct sip_sounds *s = xcalloc(1, sizeof(*s));
    s->folder = xstrdup(folder);
    s->may_speak = may_speak;
    s->changed = changed;
    s->ctx = ctx;
    list_init(&s->kept);
    return s;
}

void sip_sounds_free(struct sip_sounds *s)
{
    if (s) {
        list_flush(&s->kept);
        free(s->folder);
        free(s);
    }
}

void sip_sounds_release(struct sip_sound *sound)
{
    (void)mem_deref(sound);
}

/* ---- speaking */

static void speak_next(struct sip_sounds *s);

static void forget_oldest(struct sip_sounds *s)
{
    struct le *next = NULL;
    for (struct le *le = s->kept.head; le && s->kept_bytes > KEPT_BYTES; le = next) {
        struct sip_sound *sound = le->data;
        next = le->next;
        if (sound->state == SIP_SOUND_READY && mem_nrefs(sound) == 1) {
            s->kept_bytes -= sound->count * sizeof(*sound->samples);
            (void)mem_deref(sound);
        }
    }
}

static void finish_speaking(struct sip_sound *sound, const struct err *err)
{
    struct sip_sounds *s = sound->sounds;
    stop_child(sound);
    if (err) {
        log_error("speech_failed", LOG_TEXT("voice", sound->voice), LOG_ERR(err));
        sound->state = SIP_SOUND_FAILED;
        /* The next call tries again. */
        list_unlink(&sound->le);
    } else {
        sound->state = SIP_SOUND_READY;
        s->kept_bytes += sound->count * sizeof(*sound->samples);
        forget_oldest(s);
    }
    speak_next(s);
    s->changed(s->ctx);
    if (err) {
        (void)mem_deref(sound);
    }
}

static void fail_speaking(struct sip_sound *sound, const char *text)
{
    struct err err = ERR_NONE;
    (void)err_set(&err, "speech_failed", "espeak-ng: %s", text);
    finish_speaking(sound, &err);
}

static void on_slow(void *arg)
{
    fail_speaking(arg, "takes too long");
}

/* All was read; now how it ended. */
static void reap(void *arg)
{
    struct sip_sound *sound = arg;
    struct err err = ERR_NONE;
    int status = 0;
    if (waitpid(sound->child, &status, WNOHANG) == 0) {
        tmr_start(&sound->timer, REAP_MS, reap, sound);
        return;
    }
    sound->child = 0;
    sound->sounds->speaking--;
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
        fail_speaking(sound, "ended with an error; has it this voice?");
        return;
    }
    const struct bytes wave = {.data = sound->wave.data, .len = sound->wave.len};
    int rc = sip_wave_read(wave, &sound->samples, &sound->count, &err);
    finish_speaking(sound, rc < 0 ? &err : NULL);
}

static void on_readable(int flags, void *arg)
{
    struct sip_sound *sound = arg;
    (void)flags;
    uint8_t *room = buffer_extend(&sound->wave, READ_SIZE);
    ssize_t got = read(sound->fd, room, READ_SIZE);
    sound->wave.len -= got > 0 ? READ_SIZE - (size_t)got : READ_SIZE;
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) {
        return;
    }
    if (got > 0 && sound->wave.len <= SIP_WAVE_BYTES_MAX) {
        return;
    }
    if (got != 0) {
        fail_speaking(sound, "says too much");
        return;
    }
    fd_close(sound->fd);
    (void)close(sound->fd);
    sound->fd = -1;
    tmr_cancel(&sound->timer);
    reap(sound);
}

/* in and out: pipes, the child has in[0] and out[1]. Returns 0 or an errno. */
static int spawn(const char *voice, const int in[2], const int out[2], pid_t *ret_child)
{
    char program[] = "espeak-ng", voice_flag[] = "-v", to_pipe[] = "--stdout";
    char from_pipe[] = "--stdin", name[9];
    char *const arguments[] = {program, to_pipe, from_pipe, voice_flag, name, NULL};
    posix_spawn_file_actions_t actions;
    (void)text_copy(name, sizeof(name), voice);
    int rc = posix_spawn_file_actions_init(&actions);
    if (rc != 0) {
        return rc;
    }
    rc = posix_spawn_file_actions_adddup2(&actions, in[0], STDIN_FILENO);
    rc = rc ? rc : posix_spawn_file_actions_adddup2(&actions, out[1], STDOUT_FILENO);
    /* Neither our driver's socket nor a call's: they would outlive us in it. */
    rc = rc ? rc : posix_spawn_file_actions_addclosefrom_np(&actions, STDERR_FILENO + 1);
    rc = rc ? rc : posix_spawnp(ret_child, program, &actions, NULL, arguments, environ);
    (void)posix_spawn_file_actions_destroy(&actions);
    return rc;
}

static void close_pair(const int pair[2])
{
    if (pair[0] >= 0) {
        (void)close(pair[0]);
        (void)close(pair[1]);
    }
}

/* Returns 0 or an errno. */
static int start_speaking(struct sip_sound *sound)
{
    int in[2] = {-1, -1}, out[2] = {-1, -1};
    size_t len = strlen(sound->words);
    if (pipe2(in, O_CLOEXEC) < 0 || pipe2(out, O_CLOEXEC) < 0) {
        int failed = errno;
        close_pair(in);
        return failed;
    }
    /* DIALER_WORDS_SIZE bytes always fit into an empty pipe (PIPE_BUF is 4,096). */
    int rc = write(in[1], sound->words, len) == (ssize_t)len ? 0 : EIO;
    rc = rc ? rc : spawn(sound->voice, in, out, &sound->child);
    close_pair(in);
    (void)close(out[1]);
    if (rc == 0) {
        sound->sounds->speaking++;
        sound->fd = out[0];
        (void)fcntl(sound->fd, F_SETFL, O_NONBLOCK);
        rc = fd_listen(sound->fd, FD_READ, on_readable, sound);
        tmr_start(&sound->timer, SPEAK_MS, on_slow, sound);
    } else {
        (void)close(out[0]);
        sound->child = 0;
    }
    return rc;
}

static void on_not_started(void *arg)
{
    fail_speaking(arg, "cannot be started; is it installed?");
}

static void speak_next(struct sip_sounds *s)
{
    struct le *next = NULL;
    for (struct le *le = s->kept.head; le && s->speaking < SPEAKING_MAX; le = next) {
        struct sip_sound *sound = le->data;
        next = le->next;
        if (sound->state != SIP_SOUND_WAITING || sound->child > 0 || tmr_isrunning(&sound->timer)) {
            continue;
        }
        if (start_speaking(sound) != 0) {
            /* Not from here: who asked for it does not hold it yet. */
            tmr_start(&sound->timer, 0, on_not_started, sound);
        }
    }
}

static struct sip_sound *speak(struct sip_sounds *s, const char *voice, const char *words)
{
    for (struct le *le = s->kept.head; le; le = le->next) {
        struct sip_sound *sound = le->data;
        if (strcmp(sound->voice, voice) == 0 && strcmp(sound->words, words) == 0) {
            list_unlink(&sound->le);
            list_append(&s->kept, &sound->le, sound);
            return mem_ref(sound);
        }
    }
    struct sip_sound *sound = sound_new(s);
    (void)text_copy(sound->voice, sizeof(sound->voice), voice);
    sound->words = xstrdup(words);
    list_append(&s->kept, &sound->le, sound);
    speak_next(s);
    return mem_ref(sound);
}

/* ---- recorded */

static bool read_file(const char *path, struct buffer *file)
{
    struct stat about;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0) {
        return false;
    }
    bool is_read = fstat(fd, &about) == 0 && S_ISREG(about.st_mode) && about.st_size > 0 &&
                   about.st_size <= SIP_WAVE_BYTES_MAX;
    if (is_read) {
        size_t size = (size_t)about.st_size;
        is_read = read(fd, buffer_extend(file, size), size) == (ssize_t)size;
    }
    (void)close(fd);
    return is_read;
}

/* NULL: there is none. */
static struct sip_sound *recorded(struct sip_sounds *s, const char *const parts[3])
{
    char path[PATH_MAX];
    struct buffer file = {.data = NULL};
    struct err err = ERR_NONE;
    struct sip_sound *sound = NULL;
    if (sip_rules_sound_path(s->folder, parts, path, sizeof(path)) < 0) {
        return NULL;
    }
    if (read_file(path, &file)) {
        const struct bytes wave = {.data = file.data, .len = file.len};
        sound = sound_new(s);
        if (sip_wave_read(wave, &sound->samples, &sound->count, &err) == 0) {
            sound->state = SIP_SOUND_READY;
        } else {
            log_error("sound_unusable", LOG_TEXT("script", parts[0]),
                      LOG_TEXT("language", parts[1]), LOG_TEXT("sound", parts[2]), LOG_ERR(&err));
            sound->state = SIP_SOUND_FAILED;
        }
    }
    buffer_free(&file);
    return sound;
}

struct sip_sound *sip_sounds_get(struct sip_sounds *s, const struct dialer_order *order, size_t say)
{
    char first[sizeof(order->language)];
    char voice[9];
    const char *name = "";
    const char *words = sip_talk_words(order, say, &name);
    (void)text_copy(first, sizeof(first), order->language);
    first[strcspn(first, "-")] = '\0';
    const char *const exact[3] = {order->script, order->language, name};
    const char *const wider[3] = {order->script, first, name};
    struct sip_sound *sound = s->folder[0] ? recorded(s, exact) : NULL;
    if (!sound && s->folder[0]) {
        sound = recorded(s, wider);
    }
    if (sound || text_is_empty(words)) {
        return sound;
    }
    if (s->may_speak) {
        sip_rules_voice(order->language, voice);
        return speak(s, voice, words);
    }
    log_error("sound_missing", LOG_TEXT("script", order->script),
              LOG_TEXT("language", order->language), LOG_TEXT("sound", name));
    sound = sound_new(s);
    sound->state = SIP_SOUND_FAILED;
    return sound;
}

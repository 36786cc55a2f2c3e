/* SPDX-License-Identifier: Apache-2.0 */
#include "services/reporting/account_worker.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sodium.h>
#include <utlist.h>

#include "common/base/text.h"
#include "common/base/xalloc.h"
#include "common/runtime/user_account.h"

enum {
    QUEUE_MAX = 32, /* a second or so of work */
};

struct job {
    bool is_new; /* a hash is wanted */
    bool has_hash;
    bool is_right;
    char hash[USER_HASH_SIZE];
    char new_hash[USER_HASH_SIZE]; /* "": none */
    char password[USER_PASSWORD_MAX];
    size_t password_len;
    account_worker_fn *done; /* the loop's alone, as the following */
    void *ctx;
    struct job *prev, *next;         /* of waiting or finished: under the mutex */
    struct job *all_prev, *all_next; /* of all: the loop's alone */
};

struct account_worker {
    struct loop_watch *watch;
    struct job *all;
    size_t count;
    pthread_t thread;
    pthread_mutex_t mutex; /* guards what follows */
    pthread_cond_t changed;
    struct job *waiting, *finished;
    bool is_ending;
    int pipe[2]; /* a byte for each that is finished */
};

/* ---- the thread */

static void make_hash(struct job *j)
{
    const struct bytes password = {(const uint8_t *)j->password, j->password_len};
    if (user_password_hash(password, j->new_hash, NULL) < 0) {
        j->new_hash[0] = '\0';
    }
}

/* Of nobody: what a password of an unknown name is compared with. */
static void make_decoy(char ret_hash[USER_HASH_SIZE])
{
    uint8_t random[32];
    randombytes_buf(random, sizeof(random));
    if (user_password_hash((struct bytes){random, sizeof(random)}, ret_hash, NULL) < 0) {
        ret_hash[0] = '\0';
    }
}

static void work(struct job *j, const char *decoy)
{
    const struct bytes password = {(const uint8_t *)j->password, j->password_len};
    if (j->is_new) {
        make_hash(j);
        return;
    }
    bool is_right = user_password_is_right(j->has_hash ? j->hash : decoy, password);
    j->is_right = is_right && j->has_hash;
    if (j->is_right && user_password_is_old(j->hash)) {
        make_hash(j);
    }
}

/* The first of a list, taken out of it. */
static struct job *take_first(struct job **list)
{
    struct job *j = *list;
    if (!j) {
        return NULL;
    }
    DL_DELETE(*list, j);
    return j;
}

static struct job *next_job(struct account_worker *w)
{
    (void)pthread_mutex_lock(&w->mutex);
    while (!w->waiting && !w->is_ending) {
        (void)pthread_cond_wait(&w->changed, &w->mutex);
    }
    struct job *j = w->is_ending ? NULL : take_first(&w->waiting);
    (void)pthread_mutex_unlock(&w->mutex);
    return j;
}

static void hand_back(struct account_worker *w, struct job *j)
{
    (void)pthread_mutex_lock(&w->mutex);
    DL_APPEND(w->finished, j);
    (void)pthread_mutex_unlock(&w->mutex);
    ssize_t n;
    do {
        n = write(w->pipe[1], "", 1);
    } while (n < 0 && errno == EINTR);
}

static void *run(void *ctx)
{
    struct account_worker *w = ctx;
    char decoy[USER_HASH_SIZE];
    struct job *j;
    (void)pthread_setname_np(pthread_self(), "passwords"); /* as ps -L shows it */
    make_decoy(decoy);
    while ((j = next_job(w)) != NULL) {
        work(j, decoy);
        hand_back(w, j);
    }
    return NULL;
}

/* Signals are the loop's: they must never be delivered to this thread. */
static int start_thread(struct account_worker *w)
{
    sigset_t all, before;
    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, &before);
    int rc = pthread_create(&w->thread, NULL, run, w);
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    return rc;
}

/* ---- the loop */

static void free_job(struct account_worker *w, struct job *j)
{
    DL_DELETE2(w->all, j, all_prev, all_next);
    w->count--;
    explicit_bzero(j, sizeof(*j));
    free(j);
}

static struct job *take_finished(struct account_worker *w)
{
    (void)pthread_mutex_lock(&w->mutex);
    struct job *j = take_first(&w->finished);
    (void)pthread_mutex_unlock(&w->mutex);
    return j;
}

static void on_finished(void *ctx, int events)
{
    struct account_worker *w = ctx;
    char bytes[QUEUE_MAX];
    struct job *j;
    (void)events;
    ssize_t n = read(w->pipe[0], bytes, sizeof(bytes));
    (void)n; /* how many does not matter: the list says it */
    while ((j = take_finished(w)) != NULL) {
        if (j->done) {
            j->done(j->ctx, j->is_right, j->new_hash[0] ? j->new_hash : NULL);
        }
        free_job(w, j);
    }
}

static bool submit(struct account_worker *w, const struct job *job, struct bytes password)
{
    if (w->count >= QUEUE_MAX) {
        return false;
    }
    struct job *j = xcalloc(1, sizeof(*j));
    *j = *job;
    /* One that is too long is nobody's. */
    j->has_hash = j->has_hash && password.len <= USER_PASSWORD_MAX;
    j->password_len = password.len <= USER_PASSWORD_MAX ? password.len : 0;
    memcpy(j->password, password.data, j->password_len);
    DL_APPEND2(w->all, j, all_prev, all_next);
    w->count++;
    (void)pthread_mutex_lock(&w->mutex);
    DL_APPEND(w->waiting, j);
    (void)pthread_cond_signal(&w->changed);
    (void)pthread_mutex_unlock(&w->mutex);
    return true;
}

bool account_worker_verify(struct account_worker *w, const char *hash, struct bytes password,
                           account_worker_fn *done, void *ctx)
{
    struct job job = {.has_hash = hash != NULL, .done = done, .ctx = ctx};
    (void)text_copy(job.hash, sizeof(job.hash), hash ? hash : "");
    return submit(w, &job, password);
}

bool account_worker_hash(struct account_worker *w, struct bytes password, account_worker_fn *done,
                         void *ctx)
{
    const struct job job = {.is_new = true, .done = done, .ctx = ctx};
    return submit(w, &job, password);
}

void account_worker_forget(struct account_worker *w, const void *ctx)
{
    struct job *j;
    DL_FOREACH2(w->all, j, all_next)
    {
        if (j->ctx == ctx) {
            j->done = NULL;
        }
    }
}

/* ---- life */

struct account_worker *account_worker_new(struct loop *loop, struct err *err)
{
    struct account_worker *w = xcalloc(1, sizeof(*w));
    if (pipe2(w->pipe, O_CLOEXEC | O_NONBLOCK) < 0) {
        err_set(err, "thread_failed", "no pipe: %s", strerror(errno));
        free(w);
        return NULL;
    }
    (void)pthread_mutex_init(&w->mutex, NULL);
    (void)pthread_cond_init(&w->changed, NULL);
    int rc = start_thread(w);
    if (rc != 0) {
        err_set(err, "thread_failed", "no thread for passwords: %s", strerror(rc));
        (void)close(w->pipe[0]);
        (void)close(w->pipe[1]);
        free(w);
        return NULL;
    }
    w->watch = loop_watch_fd(loop, w->pipe[0], LOOP_READ, on_finished, w);
    return w;
}

void account_worker_free(struct account_worker *w)
{
    if (!w) {
        return;
    }
    (void)pthread_mutex_lock(&w->mutex);
    w->is_ending = true;
    (void)pthread_cond_signal(&w->changed);
    (void)pthread_mutex_unlock(&w->mutex);
    (void)pthread_join(w->thread, NULL);
    loop_unwatch(w->watch);
    while (w->all) {
        free_job(w, w->all);
    }
    (void)pthread_cond_destroy(&w->changed);
    (void)pthread_mutex_destroy(&w->mutex);
    (void)close(w->pipe[0]);
    (void)close(w->pipe[1]);
    free(w);
}

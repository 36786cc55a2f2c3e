/* SPDX-License-Identifier: Apache-2.0 */
/*
 * failing_database.c - a connection to PostgreSQL that ends when a test says so: a library to be
 * loaded before libpq.
 *
 *   LD_PRELOAD=failing_database.so TROTH_FAILING_DATABASE=/path/of/number program ...
 *
 * Each step of a conversation (db_run) looks for that file and takes one from its number. The step
 * that finds 1 removes the file, and its connection ends: what it asks never gets to the server.
 * Without the file nothing happens. One process at a time may have a file.
 */
#include <dlfcn.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct pg_conn;

/* libpq is not linked: programs without it are started, too. */
static void find(const char *name, void *ret_function, size_t size)
{
    void *found = dlsym(RTLD_NEXT, name);
    memcpy(ret_function, &found, size);
}

/* Whether the connection has to end now. */
static bool is_turn(void)
{
    char text[16] = "";
    const char *path = getenv("TROTH_FAILING_DATABASE");
    int fd = path ? open(path, O_RDWR | O_CLOEXEC) : -1;
    long left = 0;
    if (fd < 0) {
        return false;
    }
    if (read(fd, text, sizeof(text) - 1) > 0) {
        left = strtol(text, NULL, 10);
    }
    if (left > 1) {
        int len = snprintf(text, sizeof(text), "%ld\n", left - 1);
        if (ftruncate(fd, 0) < 0 || pwrite(fd, text, (size_t)len, 0) != len) {
            abort();
        }
    }
    (void)close(fd);
    return left == 1 && unlink(path) == 0;
}

/* Every step ends with it. NOLINTNEXTLINE(readability-identifier-naming) */
int PQpipelineSync(struct pg_conn *connection);

int PQpipelineSync(struct pg_conn *connection) /* NOLINT(readability-identifier-naming) */
{
    int (*sync)(struct pg_conn *) = NULL;
    int (*socket_of)(const struct pg_conn *) = NULL;
    find("PQpipelineSync", &sync, sizeof(sync));
    find("PQsocket", &socket_of, sizeof(socket_of));
    if (is_turn()) {
        (void)shutdown(socket_of(connection), SHUT_RDWR);
    }
    return sync(connection);
}

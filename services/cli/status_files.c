/* SPDX-License-Identifier: Apache-2.0 */
#include "services/cli/status_files.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include <libconfig.h>

#include "common/base/compiler.h"
#include "common/base/config_tree.h"
#include "common/base/duration.h"
#include "common/base/instant.h"
#include "common/base/text.h"
#include "common/base/xalloc.h"

/* Where Debian has them. */
#define POSTGRESQL_FOLDER "/var/lib/postgresql"
#define TROTH_FOLDER      "/var/lib/troth"

int status_files_free(const char *folder, int64_t *ret_percent, int64_t *ret_bytes)
{
    struct statvfs st;
    if (statvfs(folder, &st) < 0) {
        return -1;
    }
    if (st.f_blocks == 0) { /* such as /proc */
        errno = ENOTSUP;
        return -1;
    }
    *ret_percent = (int64_t)(st.f_bavail * 100 / st.f_blocks);
    *ret_bytes = (int64_t)(st.f_bavail * st.f_frsize);
    return 0;
}

/* One finding for each disk, not for each folder. */
static bool is_known(const struct status_facts *f, int64_t device)
{
    for (size_t i = 0; i < f->disk_count; i++) {
        if (f->disks[i].device == device) {
            return true;
        }
    }
    return false;
}

static void add_disk(struct status_facts *f, const char *folder)
{
    struct status_disk disk = {.free_percent = 0};
    struct stat st;
    if (f->disk_count == STATUS_LIST_MAX || stat(folder, &st) < 0 ||
        is_known(f, (int64_t)st.st_dev) ||
        status_files_free(folder, &disk.free_percent, &disk.free_bytes) < 0) {
        return;
    }
    disk.device = (int64_t)st.st_dev;
    (void)text_copy(disk.folder, sizeof(disk.folder), folder);
    f->disks[f->disk_count++] = disk;
}

/* That a copy is missing is said; that we may not see it is not: intake does, and tells. */
static void add_copy(struct status_facts *f, const char *path)
{
    struct status_copy copy = {.age_us = STATUS_NEVER};
    struct stat st;
    char folder[STATUS_WHY_SIZE];
    if (stat(path, &st) == 0) {
        const int64_t age_us = instant_now_us() - (int64_t)st.st_mtime * DURATION_S;
        copy.age_us = age_us > 0 ? age_us : 0;
    } else if (errno != ENOENT) {
        return;
    }
    if (f->copy_count == STATUS_LIST_MAX) {
        return;
    }
    (void)text_copy(copy.path, sizeof(copy.path), path);
    f->copies[f->copy_count++] = copy;
    const char *slash = strrchr(path, '/');
    if (slash && text_format(folder, sizeof(folder), "%.*s", (int)(slash - path), path)) {
        add_disk(f, folder);
    }
}

static void add_copies(struct status_facts *f, const char *settings)
{
    config_t config;
    const char *paths = NULL;
    config_init(&config);
    if (config_tree_read_file(&config, settings) &&
        config_lookup_string(&config, "audit_copy", &paths)) {
        char *list = xstrdup(paths), *rest = list;
        for (const char *path = strsep(&rest, ":"); path; path = strsep(&rest, ":")) {
            if (path[0]) {
                add_copy(f, path);
            }
        }
        free(list);
    }
    config_destroy(&config);
}

void status_files_read(const char *settings_folder, struct status_facts *f)
{
    char settings[STATUS_WHY_SIZE];
    if (f->is_connected && f->server.is_here) {
        add_disk(f, f->server.data_folder[0] ? f->server.data_folder : POSTGRESQL_FOLDER);
    }
    add_disk(f, TROTH_FOLDER);
    if (text_format(settings, sizeof(settings), "%s/intake.conf", settings_folder)) {
        add_copies(f, settings);
    }
}

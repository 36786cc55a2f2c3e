/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/temp_folder.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/text.h"

static void give_up(const char *what)
{
    perror(what);
    abort();
}

struct temp_folder temp_folder_new(void)
{
    struct temp_folder f = {.path = "/tmp/troth-XXXXXX"};
    if (!mkdtemp(f.path)) {
        give_up("mkdtemp");
    }
    return f;
}

void temp_folder_remove(const struct temp_folder *f)
{
    DIR *folder = opendir(f->path);
    const struct dirent *entry;
    while (folder && (entry = readdir(folder))) {
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0) {
            (void)unlinkat(dirfd(folder), entry->d_name, 0);
        }
    }
    if (folder) {
        (void)closedir(folder);
    }
    if (rmdir(f->path) < 0) {
        give_up(f->path);
    }
}

const char *temp_folder_name(const struct temp_folder *f, const char *prefix, const char *name,
                             char ret_text[TEMP_PATH_SIZE])
{
    if (!text_format(ret_text, TEMP_PATH_SIZE, "%s%s/%s", prefix, f->path, name)) {
        abort();
    }
    return ret_text;
}

void temp_folder_write(const char *path, const char *content, unsigned mode)
{
    FILE *file = fopen(path, "we");
    if (!file || fputs(content, file) < 0 || fclose(file) != 0 || chmod(path, mode) < 0) {
        give_up(path);
    }
}

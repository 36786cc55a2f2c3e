/* SPDX-License-Identifier: Apache-2.0 */
#include "services/reporting/weekly_files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/base/text.h"
#include "services/reporting/report_csv.h"

/* The page is on disk before its week counts as written, and its name in the folder; its CSVs can
 * be had again at any time. */
static int write_all(int fd, const struct text *content, bool is_synced)
{
    for (size_t done = 0; done < content->len;) {
        ssize_t wrote = write(fd, content->data + done, content->len - done);
        if (wrote < 0 && errno != EINTR) {
            return -1;
        }
        done += wrote > 0 ? (size_t)wrote : 0;
    }
    return is_synced ? fsync(fd) : 0;
}

static int write_file(const char *path, const struct text *content, bool is_synced, struct err *err)
{
    struct text beside = {.data = NULL};

    text_appendf(&beside, "%s.new", path);
    int fd = open(beside.data, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0640);
    int rc = fd < 0 ? -1 : write_all(fd, content, is_synced);
    if (fd >= 0 && close(fd) < 0) {
        rc = -1;
    }
    if (rc < 0 || rename(beside.data, path) < 0) {
        rc = err_set(err, "io_failed", "%s: %s", path, strerror(errno));
    }
    text_free(&beside);
    return rc;
}

static int sync_folder(const char *folder, struct err *err)
{
    const int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    const int rc = fd < 0 ? -1 : fsync(fd);
    const int why = errno;

    if (fd >= 0) {
        (void)close(fd);
    }
    return rc < 0 ? err_set(err, "io_failed", "%s: %s", folder, strerror(why)) : 0;
}

static int write_section(const char *stem, const struct weekly_section *section, struct err *err)
{
    struct text path = {.data = NULL}, csv = {.data = NULL};
    const Troth__V1__FigureTable *table = section->table;

    text_appendf(&path, "%s.%s-%s.csv", stem, table->name,
                 text_is_empty(table->group_by) ? "all" : table->group_by);
    report_csv_append(table, true, &csv);
    int rc = write_file(path.data, &csv, false, err);
    text_free(&path);
    text_free(&csv);
    return rc;
}

int weekly_files_write(const char *folder, const struct weekly_page *page, struct err *err)
{
    struct text stem = {.data = NULL}, path = {.data = NULL}, html = {.data = NULL};

    text_appendf(&stem, "%s/troth-%s.%s", folder, page->from_day,
                 page->is_chinese ? "zh-Hans" : "en");
    text_appendf(&path, "%s.html", stem.data);
    weekly_page_append(page, &html);
    int rc = write_file(path.data, &html, true, err);
    for (size_t i = 0; rc == 0 && i < page->section_count; i++) {
        rc = write_section(stem.data, &page->sections[i], err);
    }
    text_free(&stem);
    text_free(&path);
    text_free(&html);
    return rc == 0 ? sync_folder(folder, err) : rc;
}

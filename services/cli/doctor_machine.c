/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/sysinfo.h>
#include <sys/timex.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "common/base/duration.h"
#include "common/base/instant.h"
#include "common/base/text.h"
#include "common/runtime/bus.h"
#include "common/runtime/service_health.h"
#include "services/cli/doctor.h"
#include "services/cli/status_files.h"

enum {
    SYNCS = 15,
    BLOCK = 8192,
    FILES_NEEDED = 1024,
    ATTENTION_PERCENT = 10,
    BROKEN_PERCENT = 2,
    PEER_SKEW_S = 2,
};

#define TMPFS INT64_C(0x01021994) /* linux/magic.h */
#define RAMFS INT64_C(0x858458f6)

#define FAST_US    INT64_C(15) /* a disk that really has it takes longer, also one with a battery */
#define SLOW_US    (20 * DURATION_MS)
#define MEMORY_MIN (UINT64_C(1) << 30)

/* ---- the clock */

static void check_clock(struct doctor *d)
{
    struct timex t = {.modes = 0};
    int state = ntp_adjtime(&t);
    if (state == TIME_ERROR || state < 0) {
        finding_add(&d->list, FINDING_ATTENTION, "time-sync",
                    "nothing keeps this machine's clock right");
        finding_mend(&d->list, "apt-get install chrony; chronyc tracking");
    } else {
        DOCTOR_OK(d, "time-sync", "the clock is kept right");
    }
}

/* ---- disks */

static void check_space(struct doctor *d, const char *folder)
{
    int64_t percent, bytes;
    if (status_files_free(folder, &percent, &bytes) < 0) {
        finding_add(&d->list, FINDING_BROKEN, "disk", "%s: %s", folder, strerror(errno));
        finding_mend(&d->list, "make the folder, or say where it is");
    } else if (percent < ATTENTION_PERCENT) {
        finding_add(&d->list, percent < BROKEN_PERCENT ? FINDING_BROKEN : FINDING_ATTENTION, "disk",
                    "%" PRId64 " %% are free at %s", percent, folder);
        finding_mend(&d->list, "make room: a full disk stops everything that writes there");
    } else {
        DOCTOR_OK(d, "disk", "%" PRId64 " %% are free at %s", percent, folder);
    }
}

static int by_size(const void *a, const void *b)
{
    const int64_t *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

/* The median time of a write that is on the disk when it returns. -1: it cannot be written. */
static int64_t measure_sync(const char *folder)
{
    char path[PATH_MAX];
    static const char block[BLOCK];
    int64_t took_us[SYNCS];
    if (!text_format(path, sizeof(path), "%s/.troth-doctor-XXXXXX", folder)) {
        return -1;
    }
    int fd = mkostemp(path, O_CLOEXEC);
    if (fd < 0) {
        return -1;
    }
    (void)unlink(path);
    bool is_good = true;
    for (size_t i = 0; i < SYNCS && is_good; i++) {
        int64_t start_us = instant_monotonic_us();
        is_good = pwrite(fd, block, sizeof(block), (off_t)(i * sizeof(block))) == sizeof(block) &&
                  fsync(fd) == 0;
        took_us[i] = instant_monotonic_us() - start_us;
    }
    (void)close(fd);
    if (!is_good) {
        return -1;
    }
    qsort(took_us, SYNCS, sizeof(*took_us), by_size);
    return took_us[SYNCS / 2];
}

static bool is_in_memory(const char *folder)
{
    struct statfs st;
    return statfs(folder, &st) == 0 && (st.f_type == TMPFS || st.f_type == RAMFS);
}

static void check_sync(struct doctor *d, const char *folder)
{
    char text[DURATION_TEXT_SIZE];
    int64_t us = measure_sync(folder);
    (void)duration_for_people(us < 0 ? 0 : us, text);
    if (us < 0) {
        finding_add(&d->list, FINDING_BROKEN, "fsync", "%s cannot be written: %s", folder,
                    strerror(errno));
        finding_mend(&d->list, "run as the user who owns it, or look at the disk");
    } else if (is_in_memory(folder)) {
        finding_add(&d->list, FINDING_BROKEN, "fsync", "%s is in memory: a power cut takes it",
                    folder);
        finding_mend(&d->list, "put it on a disk");
    } else if (us < FAST_US) {
        finding_add(&d->list, FINDING_ATTENTION, "fsync", "%s at %s: no disk is as fast", text,
                    folder);
        finding_mend(&d->list, "is its cache written through? a power cut may lose what was "
                               "acknowledged");
    } else if (us > SLOW_US) {
        finding_add(&d->list, FINDING_ATTENTION, "fsync", "%s at %s", text, folder);
        finding_mend(&d->list, "each commit waits for it: use a faster disk");
    } else {
        DOCTOR_OK(d, "fsync", "%s at %s", text, folder);
    }
}

static void check_folder(struct doctor *d, const char *folder)
{
    size_t before = d->list.count;
    check_space(d, folder);
    if (d->list.items[before].state != FINDING_BROKEN) {
        check_sync(d, folder);
    }
}

/* Where a dialer's journal stands; false: it is the one that was measured last. */
static bool folder_of(const char *journal, char folder[PATH_MAX])
{
    char before[PATH_MAX];
    const char *slash = strrchr(journal, '/');
    (void)text_copy(before, sizeof(before), folder);
    (void)text_format(folder, PATH_MAX, "%.*s", slash ? (int)(slash - journal) : 1,
                      slash ? journal : ".");
    return strcmp(before, folder) != 0;
}

static void check_disks(struct doctor *d)
{
    char folder[PATH_MAX] = "";
    if (d->data_folder) {
        check_folder(d, d->data_folder);
    }
    for (size_t i = DOCTOR_DIALER; i < DOCTOR_PROGRAM_COUNT; i++) {
        const char *journal = doctor_text(&d->programs[i], "journal");
        if (journal[0] && folder_of(journal, folder)) {
            check_folder(d, folder);
        }
    }
}

/* ---- what a process may have */

static void check_limits(struct doctor *d)
{
    struct rlimit files = {0};
    struct sysinfo info = {0};
    if (getrlimit(RLIMIT_NOFILE, &files) == 0 && files.rlim_cur < FILES_NEEDED) {
        finding_add(&d->list, FINDING_ATTENTION, "limits",
                    "a process may open %" PRIu64 " files, connections are files",
                    (uint64_t)files.rlim_cur);
        finding_mend(&d->list, "ulimit -n %d; LimitNOFILE= in the unit", FILES_NEEDED);
    } else {
        DOCTOR_OK(d, "limits", "a process may open %" PRIu64 " files", (uint64_t)files.rlim_cur);
    }
    uint64_t memory = sysinfo(&info) == 0 ? (uint64_t)info.totalram * info.mem_unit : 0;
    if (memory < MEMORY_MIN) {
        finding_add(&d->list, FINDING_ATTENTION, "memory", "this machine has %" PRIu64 " MiB",
                    memory >> 20);
        finding_mend(&d->list, "PostgreSQL and the services want 1 GiB at least");
    } else {
        DOCTOR_OK(d, "memory", "%" PRIu64 " MiB", memory >> 20);
    }
}

/* A pair can be made only by a libzmq with CURVE. */
static void check_curve(struct doctor *d)
{
    struct bus_keys keys;
    struct err err = ERR_NONE;
    char version[BUS_VERSION_SIZE];
    const bool is_safe = bus_library_is_safe(version);
    if (bus_keys_new(&keys, &err) < 0) {
        finding_add(&d->list, FINDING_BROKEN, "curve", "libzmq %s has no CURVE: %s", version,
                    err.text);
        finding_mend(&d->list, "use the libzmq of the distribution (libzmq5)");
    } else if (!is_safe) {
        finding_add(&d->list, FINDING_BROKEN, "curve",
                    "libzmq %s: who has no key can keep others out (CVE-2020-15166)", version);
        finding_mend(&d->list, "apt-get install --only-upgrade libzmq5: 4.3.3 or later");
    } else {
        DOCTOR_OK(d, "curve", "libzmq %s makes keys", version);
    }
    explicit_bzero(&keys, sizeof(keys));
}

/* By what their HTTP says, which has whole seconds. */
static void check_peers(struct doctor *d)
{
    for (size_t i = 0; i < CLI_SERVICE_COUNT; i++) {
        const char *http = d->cli->settings.peers[i].http;
        const char *name = cli_service_name((enum cli_service)i);
        struct err err = ERR_NONE;
        int64_t their_s;
        if (text_is_empty(http) || service_health_ask_time(http, &their_s, &err) < 0) {
            continue; /* not set up, or it does not run: others say so */
        }
        const int64_t ahead_s = their_s - instant_now_us() / DURATION_S;
        if (ahead_s > PEER_SKEW_S || ahead_s < -PEER_SKEW_S) {
            finding_add(&d->list, FINDING_BROKEN, "clock",
                        "%s's machine is about %" PRId64 " s %s this one", name,
                        ahead_s < 0 ? -ahead_s : ahead_s, ahead_s < 0 ? "behind" : "ahead of");
            finding_mend(&d->list, "chronyc tracking, on both machines");
        } else {
            DOCTOR_OK(d, "clock", "%s's machine has the same time as this one", name);
        }
    }
}

void doctor_machine(struct doctor *d)
{
    check_clock(d);
    check_peers(d);
    check_disks(d);
    check_limits(d);
    check_curve(d);
}

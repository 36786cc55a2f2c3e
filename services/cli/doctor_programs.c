/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <glob.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/config_tree.h"
#include "common/base/text.h"
#include "common/base/xalloc.h"
#include "services/cli/doctor.h"
#include "services/cli/doctor_ask.h"

static const char *const names[] = {
    [DOCTOR_INTAKE] = "intake",       [DOCTOR_FOLLOWUP] = "followup", [DOCTOR_LOYALTY] = "loyalty",
    [DOCTOR_REPORTING] = "reporting", [DOCTOR_DIALER] = "dialer",
};

const char *doctor_text(const struct doctor_program *p, const char *setting)
{
    const char *value = NULL;
    return p->has_config && config_lookup_string(&p->config, setting, &value) && value ? value : "";
}

int64_t doctor_count(const struct doctor_program *p, const char *setting)
{
    long long value = 0;
    return p->has_config && config_lookup_int64(&p->config, setting, &value) ? value : 0;
}

/* ---- the program */

static int ask(const struct doctor_program *p, const char *question, struct text *out,
               struct err *err)
{
    char *program = xstrdup(p->path), *settings = xstrdup(p->settings), *word = xstrdup(question);
    char config[] = "--config";
    char *with[] = {program, config, settings, word, NULL};
    char *without[] = {program, word, NULL};
    bool is_print = strcmp(question, "--print-config") == 0;
    int rc = doctor_ask(p->settings[0] ? with : without, !is_print, out, err);
    free(program);
    free(settings);
    free(word);
    return rc;
}

/* Beside ours: what is elsewhere on the search path may be another version. */
static void find(struct doctor_program *p, const char *name, const char *folder,
                 const char *settings_folder)
{
    struct stat st;
    p->name = name;
    if (!text_format(p->path, sizeof(p->path), "%s/troth-%s", folder, p->name) ||
        access(p->path, X_OK) < 0) {
        p->path[0] = '\0';
    }
    if (!text_format(p->settings, sizeof(p->settings), "%s/%s.conf", settings_folder, p->name) ||
        stat(p->settings, &st) < 0) {
        p->settings[0] = '\0';
    }
}

/* As troth-dialer@NAME.service finds them. */
static void find_dialers(struct doctor *d)
{
    const struct doctor_program *first = &d->programs[DOCTOR_DIALER];
    char pattern[PATH_MAX];
    glob_t found;
    if (!text_format(pattern, sizeof(pattern), "%s/dialer-*.conf", d->settings_folder) ||
        glob(pattern, 0, NULL, &found) != 0) {
        return;
    }
    for (size_t i = 0; i < found.gl_pathc && DOCTOR_DIALER + 1 + i < DOCTOR_PROGRAM_COUNT; i++) {
        struct doctor_program *p = &d->programs[DOCTOR_DIALER + 1 + i];
        p->name = first->name;
        (void)text_copy(p->path, sizeof(p->path), first->path);
        (void)text_copy(p->settings, sizeof(p->settings), found.gl_pathv[i]);
    }
    globfree(&found);
}

static void check_version(struct doctor *d, const struct doctor_program *p)
{
    struct doctor_program bare = *p;
    struct text out = {0};
    struct err err = ERR_NONE;
    char want[80];
    bare.settings[0] = '\0';
    (void)text_format(want, sizeof(want), "troth-%s %s\n", p->name, TROTH_VERSION);
    int rc = ask(&bare, "--version", &out, &err);
    if (rc == 0 && strcmp(text_or_empty(&out), want) == 0) {
        DOCTOR_OK(d, "version", "troth-%s %s", p->name, TROTH_VERSION);
    } else {
        finding_add(&d->list, FINDING_BROKEN, "version", "%s says: %s, this is %s", p->path,
                    rc == 0 ? text_or_empty(&out) : err.text, TROTH_VERSION);
        finding_mend(&d->list, "install all programs of one version");
    }
    text_free(&out);
}

/* ---- its settings */

static void check_settings(struct doctor *d, struct doctor_program *p)
{
    struct text out = {0};
    struct err err = ERR_NONE;
    int rc = ask(p, "--check-config", &out, &err);
    if (rc == 0) {
        DOCTOR_OK(d, "settings", "%s", p->settings);
    } else {
        finding_add(&d->list, FINDING_BROKEN, "settings", "%s: %s", p->settings,
                    rc > 0 ? text_or_empty(&out) : err.text);
        finding_mend(&d->list, "troth-%s --config %s --check-config", p->name, p->settings);
    }
    text_clear(&out);
    config_init(&p->config);
    p->has_config = true; /* must be freed */
    if (ask(p, "--print-config", &out, &err) != 0 ||
        !config_tree_read_text(&p->config, text_or_empty(&out))) {
        config_destroy(&p->config);
        p->has_config = false;
    }
    text_free(&out);
}

/* ---- the files that it names */

static bool ends_with(const char *text, const char *end)
{
    size_t len = strlen(text), end_len = strlen(end);
    return len >= end_len && strcmp(text + len - end_len, end) == 0;
}

/* A key of ours, a secret that signs, a password: not the public key of another service. */
static bool is_secret(const char *setting)
{
    static const char *const public_keys[] = {"intake_key_file", "followup_key_file",
                                              "loyalty_key_file", "reporting_key_file", "ca_file"};
    for (size_t i = 0; i < ARRAY_LEN(public_keys); i++) {
        if (strcmp(setting, public_keys[i]) == 0) {
            return false;
        }
    }
    return ends_with(setting, "key_file") || ends_with(setting, "secret_file") ||
           ends_with(setting, "password_file");
}

/* The user that the program runs as, as far as we can tell: whose its settings are, or else the one
 * that the packages make for it. Root may read everything, so it does not count. */
static bool finds_user(const struct doctor_program *p, uid_t *ret_user)
{
    struct stat of_settings;
    char name[32];
    if (stat(p->settings, &of_settings) == 0 && of_settings.st_uid != 0) {
        *ret_user = of_settings.st_uid;
        return true;
    }
    struct passwd made, *found = NULL;
    char texts[4096];
    if (text_format(name, sizeof(name), "troth-%s", p->name) &&
        getpwnam_r(name, &made, texts, sizeof(texts), &found) == 0 && found) {
        *ret_user = found->pw_uid;
    }
    return found != NULL;
}

/* What root lends to a service, through a group that can read it, has no other readers. */
static mode_t forbidden_bits(const struct stat *st, bool is_lent)
{
    return st->st_mode & (is_lent ? S_IRWXO | S_IWGRP : S_IRWXG | S_IRWXO);
}

static void check_file(struct doctor *d, const struct doctor_program *p, const char *setting,
                       const char *path)
{
    struct stat st;
    uid_t user = 0;
    bool secret = is_secret(setting), is_user_known = secret && finds_user(p, &user);
    if (stat(path, &st) < 0) {
        finding_add(&d->list, FINDING_BROKEN, "files", "%s of %s: %s: %s", setting, p->name, path,
                    strerror(errno));
        finding_mend(&d->list, "make it, or say where it is in %s", p->settings);
    } else if (secret && forbidden_bits(&st, is_user_known && st.st_uid == 0) != 0) {
        finding_add(&d->list, FINDING_BROKEN, "files", "%s of %s may be read by others: mode %04o",
                    path, p->name, (unsigned)(st.st_mode & 07777));
        finding_mend(&d->list, "chmod 0600 %s; if others were there, make a new one", path);
    } else if (!secret && (st.st_mode & S_IWOTH) != 0) {
        finding_add(&d->list, FINDING_BROKEN, "files", "anybody may change %s of %s", path,
                    p->name);
        finding_mend(&d->list, "chmod o-w %s", path);
    } else if (is_user_known && st.st_uid != user && (st.st_mode & S_IRGRP) == 0) {
        finding_add(&d->list, FINDING_ATTENTION, "files",
                    "%s belongs to user %u, and troth-%s, which runs as user %u, cannot read it",
                    path, (unsigned)st.st_uid, p->name, (unsigned)user);
        finding_mend(&d->list, "chown %u %s, or chown %s to the user that troth-%s runs as",
                     (unsigned)user, path, p->settings, p->name);
    } else {
        DOCTOR_OK(d, "files", "%s", path);
    }
}

static void check_files(struct doctor *d, const struct doctor_program *p)
{
    const config_setting_t *root = p->has_config ? config_root_setting(&p->config) : NULL;
    check_file(d, p, "settings", p->settings);
    for (int i = 0; root && i < config_setting_length(root); i++) {
        const config_setting_t *one = config_setting_get_elem(root, (unsigned)i);
        const char *name = config_setting_name(one), *path = config_setting_get_string(one);
        if (name && ends_with(name, "_file") && !text_is_empty(path)) {
            check_file(d, p, name, path);
        }
    }
}

/* ---- standards and calendars: what `troth standards check` says */

static void check_standard(struct doctor *d, const char *self)
{
    const char *path = doctor_text(&d->programs[DOCTOR_INTAKE], "standard");
    char *words[] = {xstrdup(self), xstrdup("standards"), xstrdup("check"),
                     xstrdup(path), xstrdup("--json"),    NULL};
    struct text out = {0};
    struct err err = ERR_NONE;
    int rc = path[0] ? doctor_ask(words, true, &out, &err) : 0;
    json_t *said = json_loads(text_or_empty(&out), 0, NULL);
    const json_t *warnings = json_object_get(said, "warnings");
    if (!path[0]) {
        finding_add(&d->list, FINDING_BROKEN, "standards", "intake has none: nothing is promised");
        finding_mend(&d->list, "set standard in %s", d->programs[DOCTOR_INTAKE].settings);
    } else if (rc != 0) {
        finding_add(&d->list, FINDING_BROKEN, "standards", "%s: %s", path,
                    rc > 0 ? text_or_empty(&out) : err.text);
        finding_mend(&d->list, "troth standards check %s", path);
    } else if (json_array_size(warnings) > 0) {
        finding_add(&d->list, FINDING_ATTENTION, "standards", "%s",
                    json_string_value(json_array_get(warnings, 0)));
        finding_mend(&d->list, "troth standards check %s says all %zu", path,
                     json_array_size(warnings));
    } else {
        DOCTOR_OK(d, "standards", "%s, with its calendars", path);
    }
    json_decref(said);
    text_free(&out);
    for (size_t i = 0; words[i]; i++) {
        free(words[i]);
    }
}

/* ---- all */

static bool is_inside(const char *path, const char *folder)
{
    size_t len = folder ? strlen(folder) : 0;
    while (len > 0 && folder[len - 1] == '/') {
        len--;
    }
    return len > 0 && strncmp(path, folder, len) == 0 && (path[len] == '/' || path[len] == '\0');
}

/* Of paths with ':' between them. */
static bool are_all_inside(const char *paths, const char *folder)
{
    char *list = xstrdup(paths), *rest = list;
    bool are = true;
    for (const char *path = strsep(&rest, ":"); path; path = strsep(&rest, ":")) {
        are &= !path[0] || is_inside(path, folder);
    }
    free(list);
    return are;
}

static void check_copies(struct doctor *d)
{
    const struct doctor_program *intake = &d->programs[DOCTOR_INTAKE];
    const char *key = doctor_text(intake, "audit_key_file"),
               *copies = doctor_text(intake, "audit_copy");
    if (!key[0]) {
        finding_add(&d->list, FINDING_ATTENTION, "audit", "no tamper-evident record is kept");
        finding_mend(&d->list, "troth audit key new FILE; set audit_key_file in %s",
                     intake->settings);
    } else if (!copies[0]) {
        finding_add(&d->list, FINDING_ATTENTION, "audit", "its heads are copied nowhere");
        finding_mend(&d->list, "set audit_copy in %s to a file on another machine",
                     intake->settings);
    } else if (is_inside(key, d->data_folder) || are_all_inside(copies, d->data_folder)) {
        finding_add(&d->list, FINDING_BROKEN, "audit",
                    "key or copies stand in PostgreSQL's own folder: they fall with it");
        finding_mend(&d->list, "put both elsewhere, best on another machine");
    } else {
        DOCTOR_OK(d, "audit", "key %s, copies in %s", key, copies);
    }
    if (doctor_text(intake, "master_key_file")[0]) {
        DOCTOR_OK(d, "master-key",
                  "keep a copy of %s apart from the backups: without it nothing "
                  "that is sealed can be read",
                  doctor_text(intake, "master_key_file"));
    }
}

static bool find_self(char self[PATH_MAX], char folder[PATH_MAX])
{
    ssize_t len = readlink("/proc/self/exe", self, PATH_MAX - 1);
    if (len <= 0) {
        return false;
    }
    self[len] = '\0';
    (void)text_copy(folder, PATH_MAX, self);
    char *slash = strrchr(folder, '/');
    if (slash) {
        *slash = '\0';
    }
    return slash != NULL;
}

static bool check_program(struct doctor *d, struct doctor_program *p, const char *folder)
{
    if (p->settings[0] && !p->path[0]) {
        finding_add(&d->list, FINDING_BROKEN, "version", "%s is set up, and troth-%s is not in %s",
                    p->settings, p->name, folder);
        finding_mend(&d->list, "install it, or take its settings away");
    }
    if (!p->settings[0] || !p->path[0]) {
        return false;
    }
    check_settings(d, p);
    check_files(d, p);
    return true;
}

void doctor_programs(struct doctor *d)
{
    char self[PATH_MAX], folder[PATH_MAX];
    size_t set_up = 0;
    if (!find_self(self, folder)) {
        return;
    }
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        find(&d->programs[i], names[i], folder, d->settings_folder);
        if (d->programs[i].path[0]) {
            check_version(d, &d->programs[i]);
        }
    }
    find_dialers(d);
    for (size_t i = 0; i < DOCTOR_PROGRAM_COUNT; i++) {
        set_up += d->programs[i].name && check_program(d, &d->programs[i], folder);
    }
    if (set_up == 0) {
        finding_add(&d->list, FINDING_ATTENTION, "settings", "%s has no settings of a service",
                    d->settings_folder);
        finding_mend(&d->list, "troth doctor --settings FOLDER, where intake.conf stands");
    }
    if (d->programs[DOCTOR_INTAKE].has_config) {
        check_standard(d, self);
        check_copies(d);
    }
}

void doctor_programs_free(struct doctor *d)
{
    for (size_t i = 0; i < DOCTOR_PROGRAM_COUNT; i++) {
        if (d->programs[i].has_config) {
            config_destroy(&d->programs[i].config);
            d->programs[i].has_config = false;
        }
    }
}

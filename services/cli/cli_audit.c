/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "common/base/instant.h"
#include "common/base/text.h"
#include "common/base/xalloc.h"
#include "common/domain/identifier.h"
#include "services/cli/audit_key_file.h"
#include "services/cli/audit_prove.h"
#include "services/cli/audit_read_store.h"
#include "services/cli/audit_verify.h"
#include "services/cli/cli_commands.h"
#include "services/cli/cli_table.h"
#include "services/cli/key_files.h"
#include "services/cli/operator_session.h"

enum {
    FAULTS_SHOWN = 200 /* more are counted */
};

struct audit_options {
    const char *key;
    const char *installation;
    const char *since;
    const char *database;
    int64_t from_head;
};

#define AT(field) offsetof(struct audit_options, field)

static const struct cli_option options_table[] = {
    {"key",       CLI_OPTION_TEXT, "FILE", "the key file of intake (audit_key_file)", AT(key)},
    {"copies",     CLI_OPTION_FIELD, "FILE",
     "with verify: heads that were copied (audit_copy); again for more", 0},
    {"from-head",    CLI_OPTION_COUNT, "N", "with verify: begin at head N, and believe it",
     AT(from_head)},
    {"since",    CLI_OPTION_TEXT, "FILE", "with prove: a head that the customer has", AT(since)},
    {"installation",     CLI_OPTION_TEXT, "NAME", "with key new: whose record it is; else troth",
     AT(installation)},
    {"database",          CLI_OPTION_TEXT, "CONNINFO", "PostgreSQL as troth_operator; else the setting",
     AT(database)},
    {.type = CLI_OPTION_END},
};

/* ---- key new */

static int audit_key_new(const struct cli *cli, const struct audit_options *o, const char *path)
{
    const char *installation = o->installation ? o->installation : "troth";
    struct text public_path = {0};
    struct err err = ERR_NONE;
    int code = CLI_OK;
    if (!audit_name_is_valid(installation)) {
        return cli_wrong_usage(cli, "--installation takes a-z, 0-9, '.', '_' and '-'");
    }
    key_files_public_path(path, &public_path);
    if (audit_key_file_make(path, public_path.data, installation, &err) < 0) {
        code = cli_fail(cli, CLI_USAGE, &err);
    } else if (cli->is_json) {
        cli_put_json(json_pack("{s:s, s:s, s:s}", "installation", installation, "key_file", path,
                               "public_key_file", public_path.data),
                     stdout);
    } else {
        (void)printf("key         %s (keep it secret, and a copy of it apart from the backups)\n"
                     "public key  %s (give it to whoever shall check a proof)\n",
                     path, public_path.data);
    }
    text_free(&public_path);
    return code;
}

static int audit_key_rotate(const struct cli *cli, const char *path)
{
    struct text public_path = {0};
    struct err err = ERR_NONE;
    int code = CLI_OK;
    key_files_public_path(path, &public_path);
    if (audit_key_file_rotate(path, public_path.data, &err) < 0) {
        code = cli_fail(cli, CLI_USAGE, &err);
    } else if (cli->is_json) {
        cli_put_json(json_pack("{s:s, s:s}", "key_file", path, "public_key_file", public_path.data),
                     stdout);
    } else {
        (void)printf("%s has a key more. Bring it to every intake, then SIGHUP each: from then on "
                     "it signs.\n%s has its public half, beside those before: give it to whoever "
                     "checks proofs.\n",
                     path, public_path.data);
    }
    text_free(&public_path);
    return code;
}

/* ---- verify */

struct faults {
    json_t *json; /* NULL: for people */
    int64_t count;
};

static void take_fault(void *ctx, const char *kind, const char *text)
{
    struct faults *f = ctx;
    f->count++;
    if (f->json) {
        json_array_append_new(f->json, json_pack("{s:s, s:s}", "kind", kind, "text", text));
    } else if (f->count <= FAULTS_SHOWN) {
        (void)printf("%-16s %s\n", kind, text);
    }
}

static void print_verified(const struct faults *f, const struct audit_verified *v, double seconds)
{
    if (f->json) {
        cli_put_json(json_pack("{s:I, s:I, s:I, s:I, s:I, s:f, s:O}", "from", (json_int_t)v->from,
                               "entries", (json_int_t)v->entries, "heads", (json_int_t)v->heads,
                               "copied_heads", (json_int_t)v->copied_heads, "removed",
                               (json_int_t)v->removed, "seconds", seconds, "faults", f->json),
                     stdout);
        return;
    }
    if (f->count > FAULTS_SHOWN) {
        (void)printf("and %" PRId64 " more\n", f->count - FAULTS_SHOWN);
    }
    (void)printf("%" PRIu64 " entries, %zu signed heads and %zu copies of heads in %.1f s: ",
                 v->entries - v->from, v->heads, v->copied_heads, seconds);
    if (f->count > 0) {
        (void)printf("%" PRId64 " faults: the record was changed\n", f->count);
    } else if (v->entries == 0 && v->heads == 0) {
        (void)puts("nothing is recorded; is audit_key_file set in intake's settings?");
    } else {
        (void)puts("nothing was changed");
    }
    if (v->removed > 0) {
        (void)printf("%" PRIu64
                     " of them are hashes alone: their events were kept long enough, and "
                     "removed by signed statements.\n",
                     v->removed);
    }
    if (v->copied_heads == 0 && v->heads > 0) {
        (void)puts("Without --copies it is not seen if the newest entries are gone together with "
                   "their heads.");
    }
}

static struct audit_key *load_key(const struct cli *cli, const struct audit_options *o,
                                  int *ret_code)
{
    struct err err = ERR_NONE;
    if (!o->key) {
        *ret_code = cli_wrong_usage(cli, "name the key file of intake: --key FILE");
        return NULL;
    }
    struct audit_key *key = audit_key_load(o->key, &err);
    if (!key) {
        *ret_code = cli_fail(cli, CLI_USAGE, &err);
    }
    return key;
}

static int verify_with(const struct cli *cli, const struct audit_options *o,
                       const struct audit_key *key, const char *const *copies)
{
    struct faults faults = {.json = cli->is_json ? json_array() : NULL};
    struct operator_session session = {.db = NULL};
    struct audit_verified verified = {.entries = 0};
    struct err err = ERR_NONE;
    const int64_t begin_us = instant_monotonic_us();
    int code = CLI_OK;
    if (operator_session_open(&session, cli, o->database, &err) < 0 ||
        audit_verify(session.db,
                     &(struct audit_verify_options){.key = key,
                                                    .copies = copies,
                                                    .copy_count = cli->field_count,
                                                    .from_head = o->from_head,
                                                    .fault = take_fault,
                                                    .ctx = &faults},
                     &verified, &err) < 0) {
        code = operator_session_failed(cli, &session, &err);
    } else {
        print_verified(&faults, &verified, (double)(instant_monotonic_us() - begin_us) / 1e6);
        code = faults.count > 0 ? CLI_REFUSED : CLI_OK;
    }
    operator_session_close(&session);
    json_decref(faults.json);
    return code;
}

static int audit_verify_all(const struct cli *cli, const struct audit_options *o)
{
    int code = CLI_OK;
    struct audit_key *key = load_key(cli, o, &code);
    if (!key) {
        return code;
    }
    const char **copies = xcalloc(cli->field_count + 1, sizeof(*copies));
    for (size_t i = 0; i < cli->field_count; i++) {
        copies[i] = cli->fields[i].value;
    }
    code = verify_with(cli, o, key, copies);
    free(copies);
    audit_key_free(key);
    return code;
}

/* ---- prove */

static int load_since(const char *path, struct audit_head *ret, struct err *err)
{
    json_t *json = json_load_file(path, JSON_REJECT_DUPLICATES, NULL);
    int rc = json ? audit_head_from_json(json, ret, err)
                  : err_set(err, "file_unreadable", "this is no JSON, or not there");
    json_decref(json);
    return rc < 0 ? err_prefix(err, "%s", path) : 0;
}

/* A proof says nothing of what is not in it. */
static void say_dropped(const struct audit_proved *proved)
{
    char until[INSTANT_TEXT_SIZE];
    if (proved->dropped_us != DB_NO_TIME) {
        (void)fprintf(
            stderr,
            "events until %s were dropped for their age: earlier ones of this case may be "
            "missing from the proof\n",
            instant_format(proved->dropped_us, until));
    }
}

static int prove_with(const struct cli *cli, const struct audit_options *o,
                      const struct audit_prove_options *p)
{
    struct operator_session session = {.db = NULL};
    struct audit_proved proved = {.entries = 0};
    struct err err = ERR_NONE;
    json_t *json = NULL;
    int code = CLI_OK;
    if (operator_session_open(&session, cli, o->database, &err) == 0) {
        json = audit_prove(session.db, p, &proved, &err);
    }
    if (!json) {
        code = operator_session_failed(cli, &session, &err);
    } else {
        cli_put_json(json, stdout);
        (void)fprintf(stderr, "%zu events proved", proved.entries);
        (void)fprintf(stderr, proved.pending > 0 ? ", %zu newer ones are not signed yet\n" : "\n",
                      proved.pending);
        say_dropped(&proved);
    }
    operator_session_close(&session);
    return code;
}

static int audit_prove_case(const struct cli *cli, const struct audit_options *o, const char *text)
{
    struct audit_prove_options p = {.since = NULL};
    struct audit_head since;
    struct err err = ERR_NONE;
    int code = CLI_OK;
    if (identifier_parse(IDENTIFIER_CASE, text, &p.case_number, &err) < 0 ||
        (o->since && load_since(o->since, &since, &err) < 0)) {
        return cli_fail(cli, CLI_USAGE, &err);
    }
    struct audit_key *key = load_key(cli, o, &code);
    if (key) {
        p.key = key;
        p.since = o->since ? &since : NULL;
        code = prove_with(cli, o, &p);
    }
    audit_key_free(key);
    return code;
}

/* ---- head */

static int audit_show_head(const struct cli *cli, const struct audit_options *o)
{
    struct operator_session session = {.db = NULL};
    struct audit_head h;
    struct err err = ERR_NONE;
    int code = CLI_OK;
    int found = -1;
    if (operator_session_open(&session, cli, o->database, &err) == 0) {
        found = audit_read_newest_head(session.db, &h, &err);
    }
    if (found == 0) {
        (void)err_set(&err, "nothing_signed", "nothing is signed yet: is audit_key_file set?");
    }
    if (found <= 0) {
        code = operator_session_failed(cli, &session, &err);
    } else {
        cli_put_json(audit_head_to_json(&h), stdout);
    }
    operator_session_close(&session);
    return code;
}

static int run(struct cli *cli, const void *options, int count, char **arguments)
{
    const char *verb = count > 0 ? arguments[0] : "";
    if (count == 3 && strcmp(verb, "key") == 0 && strcmp(arguments[1], "new") == 0) {
        return audit_key_new(cli, options, arguments[2]);
    }
    if (count == 3 && strcmp(verb, "key") == 0 && strcmp(arguments[1], "rotate") == 0) {
        return audit_key_rotate(cli, arguments[2]);
    }
    if (count == 1 && strcmp(verb, "verify") == 0) {
        return audit_verify_all(cli, options);
    }
    if (count == 2 && strcmp(verb, "prove") == 0) {
        return audit_prove_case(cli, options, arguments[1]);
    }
    if (count == 1 && strcmp(verb, "head") == 0) {
        return audit_show_head(cli, options);
    }
    return cli_wrong_usage(cli, "key new FILE, key rotate FILE, verify, prove CASE or head?");
}

const struct cli_command cli_audit = {
    .name = "audit",
    .summary = "the tamper-evident record: make its key, verify it, prove a case's history",
    .usage = "key new FILE [--installation NAME]\n"
             "key rotate FILE\n"
             "verify --key FILE [--copies FILE]... [--from-head N]\n"
             "prove CASE --key FILE [--since HEAD.json]\n"
             "head",
    .description =
        "Every event of intake is a leaf of a Merkle tree whose root intake signs each minute and\n"
        "copies to files outside of the database. 'key new' makes the key for that, and FILE.pub\n"
        "for whoever checks a proof; 'key rotate' adds one that signs from then on.\n"
        "\n"
        "'verify' makes every leaf again from the stored events and compares it with the tree,\n"
        "the signed heads and their copies. It names each event that was changed, deleted, put\n"
        "in or swapped, and says if the record was cut off or is an older one; then it ends with\n"
        "1. With --copies name files that whoever may write the database cannot write. For\n"
        "a record of many millions give it time: --timeout 10m.\n"
        "\n"
        "'prove' writes the events of one case with what it takes to check that they stand in the\n"
        "record unchanged; 'troth-proof check' does that, without Troth and without a database.\n"
        "The proof contains the case's history, as far as retention has kept its events: it is\n"
        "for the customer. 'head' prints the newest signed head: who keeps it can ask later for\n"
        "a proof --since it.",
    .examples = "troth audit key new /etc/troth/keys/audit.key --installation garage\n"
                "troth audit verify --key /etc/troth/keys/audit.key --copies /mnt/other/heads\n"
                "troth audit prove C-1234567-4 --key /etc/troth/keys/audit.key > proof.json\n"
                "troth-proof check proof.json --key audit.pub\n",
    .options = options_table,
    .options_size = sizeof(struct audit_options),
    .run = run,
};

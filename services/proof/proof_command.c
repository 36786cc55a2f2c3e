/* SPDX-License-Identifier: Apache-2.0 */
#include "services/proof/proof_command.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/audit/audit_proof.h"
#include "services/proof/proof_story.h"

#define HELP                                                                                                               \
    "Usage: troth-proof check PROOF.json --key FILE.pub [--head HEAD.json]\n"                                              \
    "\n"                                                                                                                   \
    "Checks what 'troth audit prove' made: that the events of a case stand unchanged in the\n"                             \
    "tamper-evident record of the installation whose public key is in FILE.pub. Get that file\n"                           \
    "from a place you trust, not together with the proof. With --head it is also checked that\n"                           \
    "the record still begins with what a head was signed for that you have kept.\n"                                        \
    "\n"                                                                                                                   \
    "检查 'troth audit prove' 生成的证明：案件的各条事件在该机构的防篡改存证中未经改动。\n" \
    "公钥文件 FILE.pub 请从您信任的渠道取得，不要使用随证明一起收到的文件。加上 --head\n"  \
    "可以核对您先前保存的签名根：存证的开头部分与当时一致。\n"                                  \
    "\n"                                                                                                                   \
    "Options:\n"                                                                                                           \
    "  --key FILE.pub        public key of the installation\n"                                                             \
    "  --head HEAD.json      a signed head that you have kept\n"                                                           \
    "  --help                print this help and exit\n"                                                                   \
    "  --version             print the version and exit\n"                                                                 \
    "\n"                                                                                                                   \
    "Exit status: 0 proven, 1 not proven, 2 wrong usage or files.\n"

enum {
    FILE_BYTES_MAX = 256 * 1024 * 1024
};

struct arguments {
    const char *proof, *key, *head;
};

static int wrong(const struct err *err)
{
    (void)fprintf(stderr, "troth-proof: %s\n", err->text);
    return PROOF_USAGE;
}

static int wrong_usage(const char *text)
{
    (void)fprintf(stderr, "troth-proof: %s; see troth-proof --help\n", text);
    return PROOF_USAGE;
}

static int read_file(const char *path, struct buffer *ret, struct err *err)
{
    enum {
        STEP = 65536
    };
    FILE *in = fopen(path, "re");
    size_t n = in ? STEP : 0;
    while (n == STEP && ret->len < FILE_BYTES_MAX) {
        const size_t before = ret->len;
        n = fread(buffer_extend(ret, STEP), 1, STEP, in);
        ret->len = before + n;
    }
    const int error = errno;
    const bool is_read = in && !ferror(in) && ret->len < FILE_BYTES_MAX;
    if (in) {
        (void)fclose(in);
    }
    return is_read ? 0
                   : err_set(err, "file_unreadable", "%s: %s", path,
                             in && ret->len >= FILE_BYTES_MAX ? "too large" : strerror(error));
}

static int read_head(const char *path, struct audit_head *ret, struct err *err)
{
    struct buffer b = {0};
    int rc = read_file(path, &b, err);
    if (rc == 0) {
        rc = audit_head_parse((const char *)b.data, b.len, ret, err);
        rc = rc < 0 ? err_prefix(err, "%s", path) : 0;
    }
    buffer_free(&b);
    return rc;
}

static int check(const struct arguments *a, struct audit_proof *proof, struct buffer *file)
{
    struct audit_trust trust;
    struct audit_head kept;
    struct err err = ERR_NONE;
    if (audit_trust_load(a->key, &trust, &err) < 0 || read_file(a->proof, file, &err) < 0 ||
        (a->head && read_head(a->head, &kept, &err) < 0)) {
        return wrong(&err);
    }
    if (audit_proof_read((const char *)file->data, file->len, proof, &err) < 0) {
        (void)err_prefix(&err, "%s", a->proof);
        return wrong(&err);
    }
    if (audit_proof_check(proof, &trust, &err) < 0 || proof_story_check(proof, &err) < 0 ||
        (a->head && audit_proof_check_head(proof, &kept, &trust, &err) < 0)) {
        proof_story_refuse(&err, stdout);
        return PROOF_FAILS;
    }
    proof_story_tell(proof, a->head ? &kept : NULL, stdout);
    return PROOF_HOLDS;
}

static int run_check(const struct arguments *a)
{
    struct audit_proof proof = {.case_number = 0};
    struct buffer file = {0};
    int code = check(a, &proof, &file);
    audit_proof_clear(&proof);
    buffer_free(&file);
    /* A story that did not reach its reader proves nothing. */
    if (fflush(stdout) != 0 || ferror(stdout)) {
        return wrong_usage("cannot write");
    }
    return code;
}

int proof_command(int argc, char **argv)
{
    static const struct option options[] = {
        {"key",     required_argument, NULL, 'k'},
        {"head",    required_argument, NULL, 'r'},
        {"help",    no_argument,       NULL, 'h'},
        {"version", no_argument,       NULL, 'v'},
        {NULL,      0,                 NULL, 0  },
    };
    struct arguments a = {.proof = NULL};
    int found;
    while ((found = getopt_long(argc, argv, "h", options, NULL)) != -1) {
        switch (found) {
        case 'k':
            a.key = optarg;
            break;
        case 'r':
            a.head = optarg;
            break;
        case 'h':
            (void)fputs(HELP, stdout);
            return PROOF_HOLDS;
        case 'v':
            (void)puts("troth-proof " TROTH_VERSION);
            return PROOF_HOLDS;
        default:
            return PROOF_USAGE;
        }
    }
    if (argc - optind != 2 || strcmp(argv[optind], "check") != 0) {
        return wrong_usage("say check PROOF.json");
    }
    if (!a.key) {
        return wrong_usage("name the public key: --key FILE.pub");
    }
    a.proof = argv[optind + 1];
    return run_check(&a);
}

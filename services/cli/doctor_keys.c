/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "common/base/duration.h"
#include "common/base/instant.h"
#include "common/base/text.h"
#include "common/runtime/bus.h"
#include "services/cli/cli_client.h"
#include "services/cli/doctor.h"
#include "services/cli/doctor_store.h"

#define HANDSHAKE_US (2 * DURATION_S)
#define MAYBE_US     (500 * DURATION_MS) /* without a database nobody knows whether one runs */

/* What each program needs of the others; services/README.md. */
static const char *const rights[] = {
    [DOCTOR_INTAKE] = "",        [DOCTOR_FOLLOWUP] = "records,disclosure,events",
    [DOCTOR_LOYALTY] = "events", [DOCTOR_REPORTING] = "records,disclosure,worklist,scores,events",
    [DOCTOR_DIALER] = "dial", /* and of the others */
};

/* ---- registered */

static void check_registered(struct doctor *d, struct db *db, const char *whose, const char *path,
                             const char *needs)
{
    char text[BUS_KEY_TEXT_SIZE];
    uint8_t key[PRINCIPAL_KEY_LEN];
    struct doctor_source source = {.is_revoked = false};
    struct err err = ERR_NONE;
    if (bus_public_key_read(path, text, &err) < 0 || bus_key_decode(text, key, &err) < 0) {
        finding_add(&d->list, FINDING_BROKEN, "keys", "%s: %s", whose, err.text);
        finding_mend(&d->list, "troth key new %s makes a pair; or restore the file", whose);
    } else if (!needs[0]) {
        DOCTOR_OK(d, "keys", "%s", path); /* it asks nobody */
    } else if (!db || doctor_store_source(db, (struct bytes){key, sizeof(key)}, needs, &source,
                                          &err) < 0) {
        return; /* that there is no database is said once */
    } else if (!source.name[0] || source.is_revoked) {
        finding_add(&d->list, FINDING_BROKEN, "keys", "the key of %s is %s", whose,
                    source.name[0] ? "revoked" : "not registered");
        finding_mend(&d->list, "troth key register %s --key %s --rights %s", whose, path, needs);
    } else if (source.lacks[0]) {
        finding_add(&d->list, FINDING_BROKEN, "keys", "%s lacks the rights %s", source.name,
                    source.lacks);
        finding_mend(&d->list, "troth key register %s --key %s --rights %s", source.name, path,
                     needs);
    } else {
        DOCTOR_OK(d, "keys", "%s is registered as %s", path, source.name);
    }
}

/* ---- reachable: a handshake, as any client makes it */

static enum bus_connection shake_hands(struct cli_client *c, int64_t wait_us)
{
    const int64_t end_us = instant_monotonic_us() + wait_us;
    enum bus_connection state = BUS_CONNECTION_NONE;
    while (state == BUS_CONNECTION_NONE && instant_monotonic_us() < end_us) {
        loop_turn(cli_client_loop(c), 50 * DURATION_MS);
        state = bus_connection(cli_client_socket(c));
    }
    return state;
}

/* Whether it is worth to wait: what the database knows nothing of, having no schema yet or no such
 * process, does not run. */
static bool may_run(struct db *db, const char *name)
{
    struct err err = ERR_NONE;
    int64_t alive = 0;
    return !db || (doctor_store_alive(db, name, &alive, &err) == 0 && alive > 0);
}

static void check_reachable(struct doctor *d, struct db *db, enum cli_service service)
{
    const char *name = cli_service_name(service);
    const struct cli_peer *peer = &d->cli->settings.peers[service];
    struct err err = ERR_NONE;
    struct cli_client *c = cli_client_open(d->cli, service, &err);
    bool is_awaited = c && may_run(db, name);
    if (!c) {
        finding_add(&d->list, FINDING_BROKEN, "curve", "%s: %s", name, err.text);
        finding_mend(&d->list, "troth check config says what is wrong in troth.conf");
        return;
    }
    if (!is_awaited) {
        DOCTOR_OK(d, "curve", "%s does not run yet", name);
        cli_client_close(c);
        return;
    }
    switch (shake_hands(c, db ? HANDSHAKE_US : MAYBE_US)) {
    case BUS_CONNECTION_UP:
        DOCTOR_OK(d, "curve", "%s lets us in at %s", name, peer->endpoint);
        break;
    case BUS_CONNECTION_KEY_REFUSED:
        finding_add(&d->list, FINDING_BROKEN, "curve", "%s does not know our key, %s", name,
                    d->cli->settings.key_file);
        finding_mend(&d->list, "troth key register NAME --key %s --rights ...",
                     d->cli->settings.key_file);
        break;
    case BUS_CONNECTION_NO_HANDSHAKE:
        finding_add(&d->list, FINDING_BROKEN, "curve", "%s has another key than %s", name,
                    peer->key_file);
        finding_mend(&d->list, "copy the public key of %s again to %s", name, peer->key_file);
        break;
    case BUS_CONNECTION_NONE:
        if (!db) { /* that is said, and more cannot be known */
            DOCTOR_OK(d, "curve", "%s does not answer, and may not run", name);
            break;
        }
        finding_add(&d->list, FINDING_BROKEN, "curve", "nobody answers for %s at %s", name,
                    peer->endpoint);
        finding_mend(&d->list, "compare %s of troth.conf with requests of %s.conf; firewall?", name,
                     name);
        break;
    }
    cli_client_close(c);
}

void doctor_keys(struct doctor *d, struct db *db)
{
    for (size_t i = 0; i < DOCTOR_PROGRAM_COUNT; i++) {
        const struct doctor_program *p = &d->programs[i];
        if (p->has_config && doctor_text(p, "key_file")[0]) {
            check_registered(d, db, p->name, doctor_text(p, "key_file"),
                             rights[i < DOCTOR_DIALER ? i : DOCTOR_DIALER]);
        }
    }
    for (size_t i = 0; i < CLI_SERVICE_COUNT; i++) {
        if (!text_is_empty(d->cli->settings.key_file) &&
            !text_is_empty(d->cli->settings.peers[i].key_file)) {
            check_reachable(d, db, (enum cli_service)i);
        }
    }
}

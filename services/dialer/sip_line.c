/* SPDX-License-Identifier: Apache-2.0 */
#include "services/dialer/sip_line.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/base/log.h"
#include "common/base/text.h"
#include "common/base/xalloc.h"
#include "services/dialer/sip_call.h"
#include "services/dialer/sip_libre.h"

enum {
    BUCKETS = 32,        /* of libre's tables */
    GOODBYE_MS = 3000,   /* how long the last BYEs may take */
    REGISTER_S = 600,    /* how long a registration holds */
    WAITING_MAX = 65536, /* events that the driver does not read: then it is gone for good */
    AWAY_PORT = 9,
    DESCRIPTORS_MAX = 16384, /* libre's own limit is 128: one voice needs one */
};

struct line {
    struct sip_office office;
    struct sip *sip;
    struct dnsc *names;
    struct sipreg *registration;
    struct sip_event *waiting; /* what did not fit into the socket */
    size_t waiting_count, waiting_capacity;
    bool is_registered;
    bool is_ending;
    int failed;
    struct tmr goodbye, alive;
    struct sip_command command; /* the one that was read last */
};

/* ---- events */

static void watch(struct line *l);

static bool send_event(const struct sip_event *event)
{
    return send(SIP_LINE_FD, event, sizeof(*event), MSG_DONTWAIT | MSG_NOSIGNAL) ==
           (ssize_t)sizeof(*event);
}

static bool tell(void *ctx, const struct sip_event *event)
{
    struct line *l = ctx;
    if (l->waiting_count == 0 && send_event(event)) {
        return true;
    }
    if (event->kind == SIP_EVENT_DIALING || l->waiting_count >= WAITING_MAX) {
        return false;
    }
    if (l->waiting_count == l->waiting_capacity) {
        l->waiting_capacity = l->waiting_capacity ? 2 * l->waiting_capacity : 64;
        l->waiting = xreallocarray(l->waiting, l->waiting_capacity, sizeof(*l->waiting));
    }
    l->waiting[l->waiting_count++] = *event;
    watch(l);
    return false;
}

static void send_waiting(struct line *l)
{
    size_t sent = 0;
    while (sent < l->waiting_count && send_event(&l->waiting[sent])) {
        sent++;
    }
    l->waiting_count -= sent;
    memmove(l->waiting, l->waiting + sent, l->waiting_count * sizeof(*l->waiting));
}

/* Who has other events waiting for him hears from us anyway. */
static void tell_alive(void *arg)
{
    struct line *l = arg;
    if (l->waiting_count == 0) {
        (void)send_event(&(struct sip_event){.kind = SIP_EVENT_ALIVE});
    }
    tmr_start(&l->alive, SIP_ALIVE_MS, tell_alive, l);
}

/* ---- life */

static void on_sip_closed(void *arg)
{
    (void)arg;
    re_cancel();
}

static void on_goodbye_over(void *arg)
{
    (void)arg;
    re_cancel();
}

/* The driver is gone: hang up, and be gone too. */
static void stop(struct line *l)
{
    if (l->is_ending) {
        return;
    }
    l->is_ending = true;
    tmr_cancel(&l->alive);
    fd_close(SIP_LINE_FD);
    sip_call_end_all(&l->office);
    l->registration = mem_deref(l->registration);
    tmr_start(&l->goodbye, GOODBYE_MS, on_goodbye_over, l);
    if (l->sip) {
        sip_close(l->sip, false);
    } else {
        re_cancel();
    }
}

static void on_sounds_changed(void *ctx)
{
    struct line *l = ctx;
    sip_call_dial_prepared(&l->office);
}

static void on_registered(int failed, const struct sip_msg *message, void *arg)
{
    struct line *l = arg;
    unsigned status = message ? message->scode : 0;
    bool is_registered = failed == 0 && status >= 200 && status < 300;
    if (is_registered && !l->is_registered) {
        log_info("sip_registered", LOG_END);
    } else if (!is_registered && status >= 200) {
        log_error("sip_not_registered", LOG_INT("status", status));
    } else if (!is_registered) {
        log_error("sip_not_registered", LOG_INT("errno", failed));
    }
    l->is_registered = is_registered;
}

/* ---- setup; each step returns 0 or an errno */

/* The address from which peer is reached. Nothing is sent. */
static int source_address(const struct sa *peer, struct sa *ret_address)
{
    struct sockaddr_storage own;
    socklen_t len = sizeof(own);
    int fd = socket(sa_af(peer), SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0) {
        return errno;
    }
    int rc = connect(fd, &peer->u.sa, peer->len) < 0 ||
                     getsockname(fd, (struct sockaddr *)&own, &len) < 0
                 ? errno
                 : sa_set_sa(ret_address, (struct sockaddr *)&own);
    (void)close(fd);
    return rc;
}

static int choose_address(const struct sip_setup *setup, struct sa *ret_address)
{
    struct sa peer;
    if (!text_is_empty(setup->address)) {
        return sa_decode(ret_address, setup->address, strlen(setup->address)) == 0
                   ? 0
                   : sa_set_str(ret_address, setup->address, 0);
    }
    if (sa_decode(&peer, setup->server, strlen(setup->server)) != 0 &&
        sa_set_str(&peer, setup->server, AWAY_PORT) != 0) {
        /* A name: as for any other address that is far away. */
        (void)sa_set_str(&peer, "192.0.2.1", AWAY_PORT);
    }
    sa_set_port(&peer, AWAY_PORT);
    int rc = source_address(&peer, ret_address);
    sa_set_port(ret_address, 0);
    return rc;
}

/* NOLINTNEXTLINE(readability-function-size): of libre */
static void on_packet(bool is_ours, enum sip_transp transport, const struct sa *from,
                      const struct sa *to, const uint8_t *packet, size_t len, void *arg)
{
    struct line *l = arg;
    (void)transport;
    (void)from;
    (void)to;
    if (is_ours) {
        sip_call_sending(&l->office, packet, len);
    }
}

static int open_sip(struct line *l)
{
    struct sa servers[4];
    uint32_t count = ARRAY_LEN(servers);
    char domain[64];
    const struct sip_setup *setup = &l->office.setup;
    enum sip_transp transport =
        strcmp(setup->transport, "tcp") == 0 ? SIP_TRANSP_TCP : SIP_TRANSP_UDP;
    struct sa address;
    /* Without a name server only addresses work. */
    if (dns_srv_get(domain, sizeof(domain), servers, &count) == 0 && count > 0) {
        (void)dnsc_alloc(&l->names, NULL, servers, count);
    }
    int rc = choose_address(setup, &address);
    rc = rc ? rc
            : sip_alloc(&l->sip, l->names, BUCKETS, BUCKETS, BUCKETS, "Troth", on_sip_closed, l);
    sip_set_trace_handler(l->sip, on_packet);
    rc = rc ? rc : sip_transp_add(l->sip, transport, &address);
    rc = rc ? rc : sipsess_listen(&l->office.sessions, l->sip, BUCKETS, NULL, NULL);
    l->office.address = address;
    sa_set_port(&l->office.address, 0);
    return rc;
}

static const char *first_of(const char *a, const char *b)
{
    return text_is_empty(a) ? b : a;
}

static int name_ourselves(struct line *l)
{
    struct sip_office *o = &l->office;
    const char *user = first_of(o->setup.user, "troth");
    (void)text_copy(o->user, sizeof(o->user), user);
    (void)text_format(o->from, sizeof(o->from), "sip:%s@%s", first_of(o->setup.caller, user),
                      o->setup.server);
    return 0;
}

static int begin_registering(struct line *l)
{
    char server[SIP_TEXT_SIZE + 32], who[2 * SIP_TEXT_SIZE];
    const struct sip_setup *setup = &l->office.setup;
    if (!setup->is_registering) {
        return 0;
    }
    (void)text_format(server, sizeof(server), "sip:%s;transport=%s", setup->server,
                      setup->transport);
    (void)text_format(who, sizeof(who), "sip:%s@%s", l->office.user, setup->server);
    return sipreg_register(&l->registration, l->sip, server, who, NULL, who, REGISTER_S,
                           l->office.user, NULL, 0, 0, sip_call_authenticate, &l->office, false,
                           on_registered, l, NULL, NULL);
}

static void set_up(struct line *l, const struct sip_setup *setup)
{
    l->office.setup = *setup;
    l->office.tell = tell;
    l->office.ctx = l;
    l->office.sounds = sip_sounds_new(setup->sounds, setup->may_speak, on_sounds_changed, l);
    int rc = name_ourselves(l);
    rc = rc ? rc : open_sip(l);
    rc = rc ? rc : begin_registering(l);
    if (rc != 0) {
        /* Settings, or an address that is not there yet: the driver starts another one later. */
        log_error("sip_unusable", LOG_INT("errno", rc), LOG_TEXT("text", strerror(rc)));
        l->failed = rc;
        re_cancel();
        return;
    }
    (void)tell(l, &(struct sip_event){.kind = SIP_EVENT_READY});
}

/* ---- commands */

static void take(struct line *l, const struct sip_command *command)
{
    switch (command->kind) {
    case SIP_COMMAND_SETUP:
        set_up(l, &command->setup);
        return;
    case SIP_COMMAND_DIAL:
        sip_call_begin(&l->office, &command->order);
        return;
    default:
        BUG("a command of the driver that is none");
    }
}

/* A few at a time: voices must not wait for a crowd of new calls. */
static void on_ready(int flags, void *arg)
{
    struct line *l = arg;
    if (flags & FD_WRITE) {
        send_waiting(l);
        watch(l);
    }
    ssize_t got = recv(SIP_LINE_FD, &l->command, sizeof(l->command), MSG_DONTWAIT);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) {
        return;
    }
    if (got <= 0) {
        stop(l);
        return;
    }
    if (got != (ssize_t)sizeof(l->command)) {
        BUG("a packet of the driver with another size");
    }
    take(l, &l->command);
    explicit_bzero(&l->command, sizeof(l->command));
}

static void watch(struct line *l)
{
    int flags = FD_READ | (l->waiting_count > 0 ? FD_WRITE : 0);
    if (!l->is_ending && fd_listen(SIP_LINE_FD, flags, on_ready, l) != 0) {
        BUG("libre cannot watch the driver");
    }
}

static void close_line(struct line *l)
{
    tmr_cancel(&l->goodbye);
    tmr_cancel(&l->alive);
    sip_call_end_all(&l->office);
    mem_deref(l->registration);
    mem_deref(l->office.sessions);
    mem_deref(l->sip);
    mem_deref(l->names);
    sip_sounds_free(l->office.sounds);
    explicit_bzero(&l->office.setup, sizeof(l->office.setup));
    free(l->waiting);
    free(l);
}

int sip_line_main(void)
{
    struct line *line = xcalloc(1, sizeof(*line));
    log_set_service("dialer");
    /* Ends with its driver, not with the terminal; and nothing of the driver's is ours. */
    (void)signal(SIGINT, SIG_IGN);
    (void)signal(SIGTERM, SIG_IGN);
    (void)signal(SIGHUP, SIG_IGN);
    (void)signal(SIGPIPE, SIG_IGN);
    (void)close_range(SIP_LINE_FD + 1, ~0U, 0);
    dbg_init(DBG_EMERG, DBG_NONE);
    if (libre_init() != 0 || fd_setsize(DESCRIPTORS_MAX) != 0) {
        return EXIT_FAILURE;
    }
    list_init(&line->office.calls);
    tmr_init(&line->goodbye);
    tmr_init(&line->alive);
    watch(line);
    tell_alive(line);
    (void)re_main(NULL);
    int status = line->failed ? EXIT_FAILURE : EXIT_SUCCESS;
    close_line(line);
    libre_close();
    return status;
}

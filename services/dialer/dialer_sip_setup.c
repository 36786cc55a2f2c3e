/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "common/base/duration.h"
#include "common/base/text.h"
#include "services/dialer/dialer_sip.h"

static int copy_text(char *dest, size_t size, const char *name, const char *text, struct err *err)
{
    return text_copy(dest, size, text)
               ? 0
               : err_set_field(err, "setting_invalid", name, "is longer than %zu bytes", size - 1);
}

/* What would be read as more than one part of an address. */
static int copy_name(char *dest, const char *name, const char *text, struct err *err)
{
    if (text[strcspn(text, " \t\r\n<>@;?\"")] != '\0') {
        return err_set_field(err, "setting_invalid", name, "has a character that it cannot have");
    }
    return copy_text(dest, SIP_TEXT_SIZE, name, text, err);
}

static int read_ports(const char *text, struct sip_setup *setup, struct err *err)
{
    char low[8];
    int64_t from = 0, to = 0;
    size_t len = strcspn(text, "-");
    if (len >= sizeof(low) || text[len] == '\0') {
        return err_set_field(err, "setting_invalid", "sip_ports", "is not of the form 20000-29999");
    }
    memcpy(low, text, len);
    low[len] = '\0';
    if (text_to_int64(low, 1024, UINT16_MAX, &from) < 0 ||
        text_to_int64(text + len + 1, 1024, UINT16_MAX, &to) < 0 || to - from < 2) {
        return err_set_field(err, "setting_invalid", "sip_ports",
                             "is not of the form 20000-29999, between 1024 and 65535");
    }
    setup->port_low = (uint16_t)from;
    setup->port_high = (uint16_t)to;
    return 0;
}

int dialer_sip_setup(const struct dialer_sip_settings *settings, struct sip_setup *ret_setup,
                     struct err *err)
{
    struct sip_setup s = {
        .is_registering = settings->is_registering,
        .may_speak = settings->may_speak,
        .ring_ms = (int32_t)(settings->ring_us / DURATION_MS),
        .answer_ms = (int32_t)(settings->answer_us / DURATION_MS),
        .repeats = (int32_t)settings->repeats,
    };
    if (text_is_empty(settings->server)) {
        return err_set_field(err, "setting_invalid", "sip_server",
                             "must name the telephone system, HOST or HOST:PORT");
    }
    if (strcmp(settings->transport, "udp") != 0 && strcmp(settings->transport, "tcp") != 0) {
        return err_set_field(err, "setting_invalid", "sip_transport", "is udp or tcp");
    }
    if (settings->is_registering && text_is_empty(settings->user)) {
        return err_set_field(err, "setting_invalid", "sip_user", "must be set to register");
    }
    if (copy_name(s.server, "sip_server", settings->server, err) < 0 ||
        copy_name(s.caller, "sip_caller", settings->caller, err) < 0 ||
        copy_name(s.user, "sip_user", settings->user, err) < 0 ||
        copy_name(s.address, "sip_address", settings->address, err) < 0 ||
        copy_text(s.password, sizeof(s.password), "sip_password", settings->password, err) < 0 ||
        copy_text(s.sounds, sizeof(s.sounds), "sip_sounds", settings->sounds, err) < 0 ||
        read_ports(settings->ports, &s, err) < 0) {
        return -1;
    }
    (void)text_copy(s.transport, sizeof(s.transport), settings->transport);
    *ret_setup = s;
    explicit_bzero(&s, sizeof(s));
    return 0;
}

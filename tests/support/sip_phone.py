# SPDX-License-Identifier: Apache-2.0
"""A customer's telephone on loopback, played by SIPp with a scenario of ours.

    with SipPhone(folder, keys="5", calls=1) as phone:     # picks up, presses 5, waits for the BYE
        ... sip_server=phone.address ...
            phone.sound_packets()    # from SIPp's own count of the RTP that it got (and echoed)
        phone.wait()
    phone.requests("INVITE")     # from SIPp's own log of messages

SIPp sends keys as RFC 4733 events through a raw socket, so it needs the right to open one.
"""

import re
import signal
import socket
import subprocess

from tests.support.system import USUAL_SECONDS

RECEIVE_INVITE = """
  <recv request="INVITE" crlf="true"/>
"""
RESPONSE = """
  <send{retrans}>
    <![CDATA[
      SIP/2.0 {status}
      [last_Via:]
      [last_From:]
      [last_To:];tag=[pid]SIPpTag01[call_number]
      [last_Call-ID:]
      [last_CSeq:]
      Contact: <sip:[local_ip]:[local_port];transport=[transport]>
{body}
    ]]>
  </send>
"""
EMPTY = "      Content-Length: 0\n"
SOUND = """      Content-Type: application/sdp
      Content-Length: [len]

      v=0
      o=customer 1 1 IN IP[local_ip_type] [local_ip]
      s=-
      c=IN IP[media_ip_type] [media_ip]
      t=0 0
      m=audio [media_port] RTP/AVP {codec} 96
      a=rtpmap:{codec} {codec_name}/8000
      a=rtpmap:96 telephone-event/8000
      a=fmtp:96 0-11
      a=sendrecv"""
ACKNOWLEDGED = """
  <recv request="ACK" rtd="true" crlf="true"/>
"""
PAUSE = '  <pause milliseconds="{ms}"/>\n'
KEYS = '  <nop><action><exec play_dtmf="{keys}"/></action></nop>\n'
HANG_UP = """
  <send retrans="500">
    <![CDATA[
      BYE [$peer] SIP/2.0
      Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
      From: <sip:customer@[local_ip]:[local_port]>;tag=[pid]SIPpTag01[call_number]
      To[$caller]
      [last_Call-ID:]
      CSeq: 1 BYE
      Max-Forwards: 70
      Content-Length: 0

    ]]>
  </send>
  <recv response="200" crlf="true"/>
"""
REMEMBER_CALLER = """
  <recv request="INVITE" crlf="true">
    <action>
      <ereg regexp=":.*" search_in="hdr" header="From" assign_to="caller"/>
      <ereg regexp="sip:[^>]*" search_in="hdr" header="Contact:" assign_to="peer"/>
    </action>
  </recv>
  <Reference variables="caller,peer"/>
"""
WAIT_FOR_BYE = '  <recv request="BYE" timeout="{ms}"/>\n'
FINAL = RESPONSE.format(retrans="", status="200 OK", body=EMPTY)
CANCELLED = """
  <recv request="CANCEL"/>
""" + FINAL + """
  <send retrans="500">
    <![CDATA[
      SIP/2.0 487 Request Terminated
      [last_Via:]
      [last_From:]
      [last_To:];tag=[pid]SIPpTag01[call_number]
      [last_Call-ID:]
      CSeq: 1 INVITE
      Content-Length: 0

    ]]>
  </send>
  <recv request="ACK"/>
"""


def response(status, body=EMPTY, retrans=False):
    return RESPONSE.format(retrans=' retrans="500"' if retrans else "", status=status, body=body)


def scenario(*parts):
    return ('<?xml version="1.0" encoding="UTF-8"?>\n<scenario name="customer">\n'
            + "".join(parts) + "</scenario>\n")


def picks_up(keys=(), codec=0, first_ms=300, between_ms=700, hangs_up=False, seconds=20):
    """Rings, picks up, presses each of keys (a text is one burst) and waits for the end, or rings
    off itself."""
    name = {0: "PCMU", 8: "PCMA"}[codec]
    parts = [REMEMBER_CALLER if hangs_up else RECEIVE_INVITE, response("180 Ringing"),
             response("200 OK", SOUND.format(codec=codec, codec_name=name), retrans=True),
             ACKNOWLEDGED, PAUSE.format(ms=first_ms)]
    for number, key in enumerate(keys):
        parts += [PAUSE.format(ms=between_ms)] if number else []
        parts += [KEYS.format(keys=key)]
    parts += [PAUSE.format(ms=1500)] if hangs_up else []
    parts += [HANG_UP] if hangs_up else [WAIT_FOR_BYE.format(ms=seconds * 1000), FINAL]
    return scenario(*parts)


def answers(status, is_ringing=False):
    """Does not pick up: a final status like "486 Busy Here"."""
    ringing = [response("180 Ringing")] if is_ringing else []
    return scenario(RECEIVE_INVITE, *ringing, response(status, retrans=True),
                    '  <recv request="ACK"/>\n')


def rings_until_cancelled():
    return scenario(RECEIVE_INVITE, response("180 Ringing"), CANCELLED)


def asks_for_password(user, password):
    """Is busy for who knows it."""
    return scenario(
        RECEIVE_INVITE, challenge("INVITE"), '  <recv request="ACK"/>\n',
        verified("INVITE", user, password), response("486 Busy Here", retrans=True),
        '  <recv request="ACK"/>\n')


def registers(user, password):
    return scenario('  <recv request="REGISTER"/>\n', challenge("REGISTER"),
                    verified("REGISTER", user, password),
                    response("200 OK", "      Expires: 600\n" + EMPTY))


def challenge(method):
    asks = '      WWW-Authenticate: Digest realm="garage", nonce="n0nce", algorithm=MD5\n'
    return response("401 Unauthorized", asks + EMPTY, retrans=method == "INVITE")


def verified(method, user, password):
    return f"""
  <recv request="{method}">
    <action>
      <verifyauth assign_to="known" username="{user}" password="{password}"/>
    </action>
  </recv>
  <nop hide="true" test="known" next="right"/>
  <nop><action><exec int_cmd="stop_now"/></action></nop>
  <label id="right"/>
"""


def free_port(kind=socket.SOCK_DGRAM, is_even=False):
    while True:
        with socket.socket(socket.AF_INET, kind) as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        if not is_even or port % 2 == 0:
            return port


class SipPhone:
    def __init__(self, folder, text, calls=1, transport="udp"):
        self.folder = folder
        kind = socket.SOCK_DGRAM if transport == "udp" else socket.SOCK_STREAM
        self.port = free_port(kind)
        self.media_port = free_port(is_even=True)
        self.address = f"127.0.0.1:{self.port}"
        path = folder / f"customer-{self.port}.xml"
        path.write_text(text)
        self._messages = folder / f"messages-{self.port}.log"
        self._screen = folder / f"screen-{self.port}.log"
        self._output = folder / f"output-{self.port}.log"
        with open(self._output, "wb") as output:
            self._process = subprocess.Popen(
                ["sipp", "-sf", path, "-i", "127.0.0.1", "-p", str(self.port), "-mi", "127.0.0.1",
                 "-mp", str(self.media_port), "-rtp_echo", "-m", str(calls), "-nostdin",
                 "-t", "u1" if transport == "udp" else "t1",
                 "-trace_msg", "-message_file", self._messages,
                 "-trace_screen", "-screen_file", self._screen, "-timeout", "60s"],
                cwd=folder, stdin=subprocess.DEVNULL, stdout=output, stderr=output)

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.kill()

    def kill(self):
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()

    def wait(self, seconds=USUAL_SECONDS):
        """Until all calls are over: SIPp's exit status, 0 when each went as in the scenario."""
        return self._process.wait(seconds)

    # ---- SIPp's own logs

    def log(self):
        return self._messages.read_text(errors="replace") if self._messages.exists() else ""

    def requests(self, method):
        """The first lines of what came: ['INVITE sip:+86... SIP/2.0']."""
        return re.findall(rf"message received.*?\n\n({method} [^\r\n]*)", self.log())

    def sound_packets(self):
        """RTP packets that came so far, as its screen counts them; while it runs, for its last
        screen leaves the number out."""
        self._process.send_signal(signal.SIGUSR2)
        text = self._screen.read_text() if self._screen.exists() else ""
        counts = re.findall(r"(\d+) Total echo RTP pckts 1st stream", text)
        return int(counts[-1]) if counts else 0

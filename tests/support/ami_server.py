# SPDX-License-Identifier: Apache-2.0
"""A small Asterisk Manager Interface, for tests: it plays the PBX.

Written from the published protocol (docs.asterisk.org: "AMI Actions", "AMI Events", "AMI v2 Specification"), not from what our
driver expects: blocks of "Key: Value" lines that end with CRLF and an empty line, responses with the ActionID of their action,
events whenever something happens.

    ami_server.py --port 0 --scenario '{"secret": "s3cret", "calls": [{"match": "13800138000", "customer": "BUSY"}]}'

prints "port N" and serves until its standard input ends. A scenario:

    username, secret    of the one account (troth, troth)
    calls               how calls go; the first whose "match" stands in channel, extension or a variable of the Originate
      agent             DIALSTATUS of the first leg: ANSWER (usual), BUSY, NOANSWER, CONGESTION, CHANUNAVAIL
      customer          DIALSTATUS of the second leg, dialed once the first has answered; CANCEL too
      ring_ms, talk_ms  how long each leg rings, and how long they talk (5)
      user_events       what the dialplan tells while they talk: header -> value, "${NAME}" is a variable of the Originate
      cause             of the hangup (16, normal clearing; what belongs to the status when it was not answered)
      hold              stays in the call until the server ends: what a client finds that comes back
      lost              the call is gone once the second leg rings, and nobody is told
      close             drop | forget: the connection breaks once the second leg rings; with "forget" the call is gone, too
    refuse_originate    the action itself fails: "Extension does not exist."
    only_plain_login    there is no Challenge
    slow_ms             before each response

Each action is written to --log as one line of JSON, without secrets. With --tls FILE, a certificate and its key, it speaks TLS.
"""

import argparse
import asyncio
import hashlib
import itertools
import json
import os
import re
import ssl
import sys

CAUSES = {"ANSWER": 16, "BUSY": 17, "NOANSWER": 19, "CANCEL": 16, "CONGESTION": 34, "CHANUNAVAIL": 20}
CAUSE_WORDS = {16: "Normal Clearing", 17: "User busy", 19: "User alerting, no answer", 20: "Subscriber absent",
               34: "Circuit/channel congestion"}
# Of OriginateResponse: as the Originate action's documentation counts them.
REASONS = {"ANSWER": 4, "BUSY": 5, "NOANSWER": 3, "CANCEL": 1, "CONGESTION": 8, "CHANUNAVAIL": 0}
STATES = {"Down": 0, "Ring": 4, "Ringing": 5, "Up": 6}


async def pause(seconds):
    """How long a telephone rings; nobody waits for something else to happen."""
    loop = asyncio.get_running_loop()
    over = loop.create_future()
    loop.call_later(seconds, over.set_result, None)
    await over


class Call:
    """Two legs, made by one Originate."""

    def __init__(self, number, action, plan):
        self.plan = plan
        self.action_id = action.get("ActionID", [""])[0]
        self.variables = dict(pair.split("=", 1) for value in action.get("Variable", [])
                              for pair in re.split(r",(?=\w+=)", value) if "=" in pair)
        first = action["Channel"][0]
        self.exten = action.get("Exten", [""])[0]
        self.context = action.get("Context", ["default"])[0]
        self.unique = action.get("ChannelId", [f"1700000000.{2 * number}"])[0]
        self.other_unique = action.get("OtherChannelId", [f"1700000000.{2 * number + 1}"])[0]
        self.agent = f"{first}-{number:08x}"
        self.customer = f"PJSIP/{self.exten or 'trunk'}-{number:08x}"
        self.legs = {}


class Pbx:
    """What all connections share: accounts, calls, and who listens to events."""

    def __init__(self, scenario, log):
        self.scenario = scenario
        self.log = log
        self.numbers = itertools.count(1)
        self.calls = []
        self.listeners = set()
        self.tasks = set()

    def plan_for(self, action):
        said = " ".join(value for values in action.values() for value in values)
        for plan in self.scenario.get("calls", []):
            if plan.get("match", "") in said:
                return plan
        return {}

    def tell(self, event, **headers):
        block = "".join(f"{name}: {value}\r\n" for name, value in {"Event": event, "Privilege": "call,all", **headers}.items())
        for listener in list(self.listeners):
            listener.write((block + "\r\n").encode())

    def leg(self, call, is_agent):
        name, unique = (call.agent, call.unique) if is_agent else (call.customer, call.other_unique)
        state = call.legs.get(name, "Down")
        return {"Channel": name, "ChannelState": STATES[state], "ChannelStateDesc": state,
                "CallerIDNum": "<unknown>", "CallerIDName": "<unknown>", "ConnectedLineNum": "<unknown>",
                "ConnectedLineName": "<unknown>", "Language": "en", "AccountCode": "", "Context": call.context,
                "Exten": call.exten, "Priority": 1, "Uniqueid": unique, "Linkedid": call.unique}

    def move(self, call, is_agent, state):
        name = call.agent if is_agent else call.customer
        is_new = name not in call.legs
        call.legs[name] = state
        self.tell("Newchannel" if is_new else "Newstate", **self.leg(call, is_agent))

    def hang_up(self, call, is_agent, cause):
        leg = self.leg(call, is_agent)
        if call.legs.pop(leg["Channel"], None):
            self.tell("Hangup", **leg, **{"Cause": cause, "Cause-txt": CAUSE_WORDS.get(cause, "Unknown")})

    def drop_listeners(self):
        for listener in list(self.listeners):
            listener.transport.abort()
        self.listeners.clear()

    async def run(self, call):
        self.calls.append(call)
        plan = call.plan
        ring_s = plan.get("ring_ms", 5) / 1000
        agent = plan.get("agent", "ANSWER")
        self.move(call, True, "Down")
        self.move(call, True, "Ringing")
        await pause(ring_s)
        if agent != "ANSWER":
            self.answer_originate(call, agent)
            self.hang_up(call, True, CAUSES[agent])
            self.calls.remove(call)
            return
        self.move(call, True, "Up")
        self.answer_originate(call, agent)
        await self.second_leg(call, plan, ring_s)
        if call in self.calls:
            self.calls.remove(call)

    def answer_originate(self, call, status):
        self.tell("OriginateResponse", ActionID=call.action_id, Response="Success" if status == "ANSWER" else "Failure",
                  Channel=call.agent, Context=call.context, Exten=call.exten, Reason=REASONS[status],
                  Uniqueid=call.unique if status == "ANSWER" else "<null>", CallerIDNum="<unknown>", CallerIDName="<unknown>")

    def dial_headers(self, call):
        return {**self.leg(call, True), **{"Dest" + name: value for name, value in self.leg(call, False).items()}}

    async def second_leg(self, call, plan, ring_s):
        status = plan.get("customer", "ANSWER")
        self.move(call, False, "Down")
        self.tell("DialBegin", **self.dial_headers(call), DialString=call.exten)
        self.move(call, False, "Ringing")
        if plan.get("lost"):
            self.calls.remove(call)
            return
        if "close" in plan:
            self.drop_listeners()
            if plan["close"] == "forget":
                self.calls.remove(call)
                return
        await pause(ring_s)
        if status == "ANSWER":
            self.move(call, False, "Up")
        self.tell("DialEnd", **self.dial_headers(call), DialStatus=status)
        if status == "ANSWER":
            await self.talk(call, plan)
        cause = plan.get("cause", CAUSES[status])
        self.hang_up(call, False, cause)
        self.hang_up(call, True, 16)

    async def talk(self, call, plan):
        for event in plan.get("user_events", []):
            said = {name: re.sub(r"\$\{(\w+)\}", lambda found: call.variables.get(found.group(1), ""), str(value))
                    for name, value in event.items()}
            self.tell("UserEvent", **self.leg(call, True), **said)
        await pause(plan.get("talk_ms", 5) / 1000)
        if plan.get("hold"):
            await asyncio.Event().wait()


class Session:
    """One connection of a client."""

    def __init__(self, pbx, reader, writer):
        self.pbx = pbx
        self.reader = reader
        self.writer = writer
        self.challenge = None
        self.is_in = False

    async def serve(self):
        self.writer.write(b"Asterisk Call Manager/5.0.2\r\n")
        try:
            while (action := await self.read_action()) is not None:
                await pause(self.pbx.scenario.get("slow_ms", 0) / 1000)
                if not self.take(action):
                    break
                await self.writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            self.pbx.listeners.discard(self.writer)
            self.writer.close()

    async def read_action(self):
        action = {}
        while line := await self.reader.readline():
            text = line.decode("utf-8", "replace").rstrip("\r\n")
            if not text and action:
                self.pbx.log({name: values for name, values in action.items() if name not in ("Secret", "Key")})
                return action
            name, colon, value = text.partition(":")
            if colon:
                action.setdefault(canonical(name.strip()), []).append(value.strip())
        return None

    def respond(self, action, response, **headers):
        block = {"Response": response, **({"ActionID": action["ActionID"][0]} if "ActionID" in action else {}), **headers}
        self.writer.write(("".join(f"{name}: {value}\r\n" for name, value in block.items()) + "\r\n").encode())

    def send_event(self, action, event, **headers):
        block = {"Event": event, **({"ActionID": action["ActionID"][0]} if "ActionID" in action else {}), **headers}
        self.writer.write(("".join(f"{name}: {value}\r\n" for name, value in block.items()) + "\r\n").encode())

    def take(self, action):
        """Returns False when the connection is to be closed."""
        name = action.get("Action", [""])[0].lower()
        if name == "logoff":
            self.respond(action, "Goodbye", Message="Thanks for all the fish.")
            return False
        handle = getattr(self, f"on_{name}", None)
        if name not in ("login", "challenge") and not self.is_in:
            self.respond(action, "Error", Message="Permission denied")
        elif handle is None:
            self.respond(action, "Error", Message="Invalid/unknown command")
        else:
            handle(action)
        return True

    # ---- actions

    def on_challenge(self, action):
        if self.pbx.scenario.get("only_plain_login") or action.get("AuthType", [""])[0].lower() != "md5":
            self.respond(action, "Error", Message="Must specify AuthType")
            return
        self.challenge = str(int.from_bytes(os.urandom(4), "big"))
        self.respond(action, "Success", Challenge=self.challenge)

    def on_login(self, action):
        secret = self.pbx.scenario.get("secret", "troth")
        wanted = self.pbx.scenario.get("username", "troth")
        if action.get("AuthType", [""])[0].lower() == "md5":
            key = hashlib.md5(f"{self.challenge}{secret}".encode()).hexdigest()
            is_right = self.challenge is not None and action.get("Key", [""])[0] == key
        else:
            is_right = action.get("Secret", [""])[0] == secret
        if not is_right or action.get("Username", [""])[0] != wanted:
            self.respond(action, "Error", Message="Authentication failed")
            return
        self.is_in = True
        self.respond(action, "Success", Message="Authentication accepted")
        if action.get("Events", ["on"])[0].lower() != "off":
            self.pbx.listeners.add(self.writer)
        self.send_event({}, "FullyBooted", Privilege="system,all", Status="Fully Booted")

    def on_events(self, action):
        is_on = action.get("EventMask", ["on"])[0].lower() != "off"
        (self.pbx.listeners.add if is_on else self.pbx.listeners.discard)(self.writer)
        self.respond(action, "Success", Events="On" if is_on else "Off")

    def on_ping(self, action):
        self.respond(action, "Success", Ping="Pong", Timestamp="1700000000.000000")

    def on_originate(self, action):
        if "Channel" not in action:
            self.respond(action, "Error", Message="Channel not specified")
            return
        if self.pbx.scenario.get("refuse_originate"):
            self.respond(action, "Error", Message="Extension does not exist.")
            return
        call = Call(next(self.pbx.numbers), action, self.pbx.plan_for(action))
        self.respond(action, "Success", Message="Originate successfully queued")
        task = asyncio.ensure_future(self.pbx.run(call))
        self.pbx.tasks.add(task)
        task.add_done_callback(self.pbx.tasks.discard)

    def on_coreshowchannels(self, action):
        legs = [self.pbx.leg(call, is_agent) for call in self.pbx.calls for is_agent in (True, False)
                if (call.agent if is_agent else call.customer) in call.legs]
        self.respond(action, "Success", EventList="start", Message="Channels will follow")
        for leg in legs:
            self.send_event(action, "CoreShowChannel", **leg, BridgeId="", Application="Dial", ApplicationData="",
                            Duration="00:00:01")
        self.send_event(action, "CoreShowChannelsComplete", EventList="Complete", ListItems=len(legs))

    def on_getvar(self, action):
        variable = action.get("Variable", [""])[0]
        channel = action.get("Channel", [""])[0]
        for call in self.pbx.calls:
            if channel in (call.agent, call.customer, call.unique, call.other_unique):
                # A leading underscore only says that legs inherit it.
                found = {name.lstrip("_"): value for name, value in call.variables.items()}
                self.respond(action, "Success", Variable=variable, Value=found.get(variable, ""))
                return
        self.respond(action, "Error", Message="No such channel")

    def on_status(self, action):
        wanted = [name for value in action.get("Variables", []) for name in value.split(",")]
        rows = [(call, is_agent) for call in self.pbx.calls for is_agent in (True, False)
                if (call.agent if is_agent else call.customer) in call.legs]
        self.respond(action, "Success", EventList="start", Message="Channel status will follow")
        for call, is_agent in rows:
            found = {name.lstrip("_"): value for name, value in call.variables.items()}
            block = "".join(f"{name}: {value}\r\n" for name, value in
                            {"Event": "Status", "Privilege": "Call", **self.pbx.leg(call, is_agent)}.items())
            block += "".join(f"Variable: {name}={found.get(name, '')}\r\n" for name in wanted)
            block += f"ActionID: {action['ActionID'][0]}\r\n" if "ActionID" in action else ""
            self.writer.write((block + "\r\n").encode())
        self.send_event(action, "StatusComplete", EventList="Complete", Items=len(rows), ListItems=len(rows))

    def on_hangup(self, action):
        channel = action.get("Channel", [""])[0]
        for call in list(self.pbx.calls):
            if channel in (call.agent, call.customer, call.unique, call.other_unique):
                self.respond(action, "Success", Message="Channel Hungup")
                self.pbx.hang_up(call, False, 16)
                self.pbx.hang_up(call, True, 16)
                self.pbx.calls.remove(call)
                return
        self.respond(action, "Error", Message="No such channel")


def canonical(name):
    """Header names do not mind their case; here they are as the documentation writes them."""
    known = {"actionid": "ActionID", "authtype": "AuthType", "channelid": "ChannelId", "otherchannelid": "OtherChannelId",
             "callerid": "CallerID", "eventmask": "EventMask"}
    return known.get(name.lower(), name[:1].upper() + name[1:].lower())


async def serve(arguments):
    log_file = open(arguments.log, "a", encoding="utf-8", buffering=1) if arguments.log else None

    def log(action):
        if log_file:
            log_file.write(json.dumps(action, ensure_ascii=False) + "\n")

    pbx = Pbx(json.loads(arguments.scenario), log)
    tls = None
    if arguments.tls:
        tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        tls.load_cert_chain(arguments.tls)
    server = await asyncio.start_server(lambda r, w: Session(pbx, r, w).serve(), "127.0.0.1", arguments.port, ssl=tls)
    print("port", server.sockets[0].getsockname()[1], flush=True)
    # Whoever started us ends us by closing our standard input, also by dying.
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.buffer.read)
    os._exit(0)


def main():
    parser = argparse.ArgumentParser(description="plays an Asterisk manager interface")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--scenario", default="{}", help="JSON: see the head of this file")
    parser.add_argument("--tls", help="file with a certificate and its key")
    parser.add_argument("--log", help="file for the actions that come in, one JSON a line")
    asyncio.run(serve(parser.parse_args()))


if __name__ == "__main__":
    main()

# SPDX-License-Identifier: Apache-2.0
"""Writes the manual pages, in mdoc(7).

    make_man.py --programs build/bin --version 0.2.0 --out build/man

Nobody keeps them beside the programs: commands and services are asked for their --help, file formats are the commented samples in
deploy/config. What neither says (the units, the mappings) stands in the *.mdoc files beside this one and in the README of the command
line. A program that words its --help otherwise must be understood here: what cannot be read ends this with an error.
"""

import argparse
import datetime
import os
import re
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
SERVICES = ["intake", "followup", "loyalty", "reporting", "dialer"]
# A page of section 5: the samples it shows, and the programs that read such a file.
FORMATS = {
    "troth.conf": (["troth.conf"], ["troth(1)"]),
    "troth-run.conf": (["run.conf"], ["troth-run(1)"]),
    **{f"troth-{one}.conf": ([f"{one}.conf"], [f"troth-{one}(8)"]) for one in SERVICES},
    "troth-standards": (["standards.conf"], ["troth-standards(1)", "troth-intake(8)", "troth-calendars(5)"]),
    "troth-calendars": (["calendars.conf", "days-china.conf"], ["troth-calendar(1)", "troth-standards(5)"]),
    "troth-followups": (["followups.conf"], ["troth-rules(1)", "troth-followup(8)", "troth-questionnaire(5)"]),
    "troth-questionnaire": (["questionnaire.conf", "servqual.conf"], ["troth-questionnaire(1)", "troth-followup(8)"]),
    "troth-mapping": (["../mappings/cfpb.conf"], ["troth-import(1)", "troth-check(1)"]),
}


# ---- mdoc

def literal(text):
    """Text that is shown as it is: what roff would make prettier stays what it is."""
    for plain, escaped in (("\\", "\\e"), ("-", "\\-"), ("'", "\\(aq"), ("`", "\\(ga"), ("^", "\\(ha"), ("~", "\\(ti")):
        text = text.replace(plain, escaped)
    return "\\&" + text if text.startswith((".", "\\(aq")) else text


def argument(text):
    """Text on the line of a macro: no word of it is a macro itself."""
    words = [("\\&" + word if re.fullmatch(r"[A-Z%][a-z0-9]{1,2}", word) or word in "|.,:;()[]?!" else word) for word in literal(text).split()]
    return " ".join(word.replace('"', "\\(dq") for word in words)


def display(lines, indent=True):
    width = " -offset indent" if indent else ""
    body = [literal(line.rstrip()) for line in lines]
    return [f".Bd -literal{width}", *[line or "\\&" for line in body], ".Ed"]


def sentences(lines):
    """A paragraph; roff wants each sentence on a line of its own."""
    text = " ".join(line.strip() for line in lines if line.strip())
    return [literal(one) for one in re.split(r"(?<=[.!?])[ ]+|(?<=[.!?][)'\"])[ ]+", text) if one]


def prose(lines):
    """Paragraphs; what is indented or stands in columns is shown as it is."""
    out, block = [], []

    def end():
        if block and any(re.match(r"\s|.*\S {2,}\S", line) for line in block):
            out.extend(display(block))
        else:
            out.extend(sentences(block))
        block.clear()

    for line in lines:
        if line.strip():
            block.append(line)
        elif block:
            end()
            out.append(".Pp")
    end()
    while out and out[-1] == ".Pp":
        out.pop()
    return out


def items(pairs, width="Ds"):
    """(term, lines that explain it); a list."""
    out = [f".Bl -tag -width {width}"]
    for term, lines in pairs:
        out += [f".It Sy {argument(term)}", *(sentences(lines) or ["\\&"])]
    return [*out, ".El"]


class Page:
    def __init__(self, name, section, summary, date, version):
        self.name, self.section = name, section
        day = datetime.date.fromisoformat(date)
        self.lines = [
            '.\\" Made by deploy/man/make_man.py: change the program or the sample instead.',
            f".Dd {day:%B} {day.day}, {day.year}", f".Dt {name.upper()} {section}", f".Os Troth {version}",
            ".Sh NAME", f".Nm {name}", f".Nd {argument(summary)}",
        ]

    def add(self, title, lines):
        if lines:
            self.lines += [f".Sh {argument(title)}", *lines]

    def see(self, pages):
        others = sorted(set(pages) - {f"{self.name}({self.section})"}, key=lambda page: (page.split("(")[1], page))
        links = [re.fullmatch(r"(.+)\((\d)\)", page).groups() for page in others]
        self.add("SEE ALSO", [f".Xr {name} {section}" + (" ," if i + 1 < len(links) else "")
                              for i, (name, section) in enumerate(links)])

    def write(self, folder):
        (folder / f"{self.name}.{self.section}").write_text("\n".join(self.lines) + "\n", encoding="utf-8")


# ---- what programs say about themselves

def ask(program, *arguments):
    # Nothing of who builds is to stand in a page.
    env = {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "HOME": "/nonexistent", "ASAN_OPTIONS": "detect_leaks=0"}
    done = subprocess.run([program, *arguments, "--help"], env=env, capture_output=True, text=True, timeout=60, check=True)
    return done.stdout.splitlines()


def parts(lines):
    """The parts of a --help by their headings ('Options:'); '' is what stands before the first one."""
    found, name = {"": []}, ""
    for line in lines:
        heading = re.fullmatch(r"([A-Za-z][^:]*):", line) if name != "Examples" or not line.startswith(" ") else None
        status = re.fullmatch(r"Exit status: (.*)", line)
        if heading and (not found[name] or found[name][-1] == ""):
            name = heading[1]
            found[name] = []
        elif status:
            name = "Exit status"
            found[name] = [status[1]]
        else:
            found[name].append(line)
    return found


def options(lines):
    """(option, lines of help): '  --name VALUE   help', the help perhaps on lines of its own."""
    pairs = []
    for line in lines:
        term = re.match(r" {2}(-\S+(?: [^ ]+)*(?:, --\S+)*)(?: {2,}(.*))?$", line)
        if term:
            pairs.append((term[1], [term[2] or ""]))
        elif line.strip():
            pairs[-1][1].append(line.strip())
    return pairs


def usage(lines):
    """The lines of the usage without its first word, and the rest."""
    count = 0
    while count < len(lines) and lines[count].strip():
        count += 1
    return [re.sub(r"^(Usage|usage): |^ {7}", "", line) for line in lines[:count]], lines[count:]


def commands(program):
    found = parts(ask(program))
    pairs = [re.fullmatch(r" {2}(\S+)\s+(.*)", line).groups() for line in found["Commands"] if line.startswith("  ")]
    if len(pairs) < 20:
        sys.exit("make_man.py: 'troth --help' lists its commands in another way")
    return pairs, found


# ---- pages

EXIT_STATUS = [("0", ["it worked"]), ("1", ["the service said no: rejected, or unknown"]), ("2", ["wrong usage, settings or files"]),
               ("3", ["no answer in time: trying again may help"])]


def kinds_of_record(program, about):
    """The fields of each kind are options of 'troth send KIND'."""
    text = " ".join(about)
    kinds = re.search(r"KIND is (.*?);", text)[1].replace(" or ", ", ").split(",")
    common = {term for term, _ in options(parts(ask(program, "send"))["Options"])}
    out = []
    for kind in (kind.strip() for kind in kinds):
        own = [(term, lines) for term, lines in options(parts(ask(program, "send", kind))["Options"]) if term not in common]
        out += [f".Ss {argument(kind)}", *items(own)]
    return out


def command_page(make, program, name, summary):
    found = parts(ask(program, name))
    synopsis, about = usage(found[""])
    page = make(f"troth-{name}", 1, summary)
    page.add("SYNOPSIS", display(synopsis, indent=False))
    page.add("DESCRIPTION", prose(about))
    page.add("OPTIONS", items(options(found["Options"])))
    if name == "send":
        page.add("KINDS OF RECORDS", kinds_of_record(program, about))
    page.add("EXIT STATUS", items(EXIT_STATUS))
    page.add("EXAMPLES", display([line[2:] for line in found.get("Examples", []) if line.strip()]))
    page.see(["troth(1)", "troth.conf(5)"] + [f"{one}({two})" for one, (_, readers) in FORMATS.items() for two in "5"
                                              if f"troth-{name}(1)" in readers])
    return page


def main_page(make, program):
    pairs, found = commands(program)
    page = make("troth", 1, "promises to customers, kept on record: the command line of Troth")
    synopsis, about = usage(found[""])
    page.add("SYNOPSIS", display([*synopsis, "troth --help", "troth --version"], indent=False))
    page.add("DESCRIPTION", prose(about) + [".Pp", "Each command has a page of its own."])
    page.add("COMMANDS", items([(f"{name}", [summary]) for name, summary in pairs]))
    page.add("OPTIONS", items([("--help", ["print help and exit; of one command: troth COMMAND --help"]),
                               ("--version", ["print the version and exit"])]))
    page.add("ENVIRONMENT", items([("TROTH_CONFIG", ["the settings to read when no --config is given"])]))
    page.add("FILES", items([("/etc/troth/troth.conf", ["the settings, when neither is given"])]))
    page.add("EXIT STATUS", items(EXIT_STATUS))
    page.see([f"troth-{name}(1)" for name, _ in pairs] + ["troth.conf(5)", "troth-units(7)", "troth-proof(1)"]
             + [f"troth-{one}(8)" for one in SERVICES])
    return page


def settings(lines):
    """(name (type; default), explanation) as settings_print_help() writes them."""
    pairs = []
    for line in lines:
        term = re.match(r" {2}(\w+) \((.*)\)$", line)
        if term:
            pairs.append((term[1], [f"({term[2]})", ".br"]))
        elif line.strip():
            pairs[-1][1].append(line.strip())
    return pairs


def setting_items(pairs):
    out = [".Bl -tag -width Ds"]
    for name, (kind, _, *about) in pairs:
        out += [f".It Sy {argument(name)} No {argument(kind)}", *sentences(about)]
    return [*out, ".El"]


SIGNALS = [
    ("SIGTERM, SIGINT", ["take no new work, finish what is in flight (at most drain_for), end; a second one ends at once"]),
    ("SIGHUP", ["read the settings again: those marked 'reloads' are taken, and so are the files that they name"]),
]


def service_page(make, program, name):
    lines = ask(program)
    summary = re.fullmatch(rf"troth-{name} - (.*)", lines[0])[1]
    synopsis, rest = usage(lines[2:])
    found = parts([*rest])
    # The options stand directly below the usage.
    page = make(f"troth-{name}", 8, summary)
    page.add("SYNOPSIS", display([line for line in synopsis if not line.startswith("  ")], indent=False))
    page.add("DESCRIPTION", sentences([f"One process of Troth: it {summary}."]) + [
                             "Any number of them may run at once; what one leaves undone when it dies another one does.",
                             "What is ready says one line on standard output; events are logged on standard error, in logfmt."])
    page.add("OPTIONS", items(options([line for line in synopsis if line.startswith("  ")])))
    if "jobs" in found:
        page.add("JOBS", items([(job, [about]) for job, about in (line.split(maxsplit=1) for line in found["jobs"] if line.strip())]))
    both = [*settings(found[f"settings of {name}"]), *settings(found["settings that every service has"])]
    page.add("SETTINGS", setting_items(both))
    page.add("SIGNALS", items(SIGNALS))
    page.add("ENVIRONMENT", items([("NOTIFY_SOCKET, WATCHDOG_USEC, WATCHDOG_PID",
                                    ["of a supervisor that wants to know when we are ready, and that we do not hang, as sd_notify(3) says"])]))
    page.add("FILES", items([(f"/etc/troth/{name if name != 'dialer' else 'dialer-NAME'}.conf", ["the settings, as the unit names them"])]))
    page.add("EXIT STATUS", items([("0", ["stopped as asked"]), ("1", ["could not start, or not go on"]), ("2", ["wrong usage or settings"])]))
    page.see(["troth(1)", "troth-units(7)", f"troth-{name}.conf(5)"])
    return page


def proof_page(make, program):
    lines = ask(program)
    found = parts(lines)
    synopsis, about = usage(found[""])
    page = make("troth-proof", 1, "checks that a case's history was not changed later")
    page.add("SYNOPSIS", display(synopsis, indent=False))
    page.add("DESCRIPTION", prose(about))
    page.add("OPTIONS", items(options(found["Options"])))
    page.add("EXIT STATUS", prose([" ".join(found["Exit status"])]))
    page.see(["troth-audit(1)"])
    return page


def sample_lines(name):
    lines = (ROOT / "deploy/config" / name).read_text(encoding="utf-8").splitlines()
    return [line for line in lines if not line.startswith("# SPDX")]


def markdown(text):
    """What the README of the command line uses: paragraphs, lists, code."""
    out = []
    for block in re.split(r"\n{2,}", text.strip()):
        if block.startswith("```"):
            out += display(block.splitlines()[1:-1])
        elif block.startswith("- "):
            points = re.split(r"^- ", block, flags=re.M)[1:]
            out += [".Bl -bullet", *[line for point in points for line in (".It", *inline(point))], ".El"]
        else:
            out += [".Pp", *inline(block)]
    return out[1:] if out and out[0] == ".Pp" else out


def inline(text):
    bold = re.sub(r"\*\*(.+?)\*\*", "\x01\\1\x02", re.sub(r"`([^`]+)`", "\x01\\1\x02", " ".join(text.split())))
    return [line.replace("\x01", "\\fB").replace("\x02", "\\fR") for line in sentences([bold])]


def format_page(make, name):
    samples, readers = FORMATS[name]
    lines = sample_lines(samples[0])
    head = re.match(r"# \S+ - ([^,;.]*)", lines[0])[1]
    if name == "troth-mapping":
        head = "which column of a CSV file fills which field of a record"
    page = make(name, 5, head)
    page.add("DESCRIPTION", [
        "A file in the format of libconfig: names, an equals sign, a value, a semicolon; '#' begins a comment.".replace("'", "\\(aq"),
        "Durations are texts such as \\(dq200ms\\(dq, \\(dq30s\\(dq, \\(dq12h\\(dq and \\(dq7d\\(dq.",
        "A line that begins with @include stands for the whole of another file beside this one.",
        "What may stand in it is explained by the sample below, which is installed among the examples.",
    ])
    if name == "troth-mapping":
        readme = (ROOT / "services/cli/README.md").read_text(encoding="utf-8")
        page.add("MAPPINGS", markdown(re.search(r"^## Mappings\n(.*?)^## ", readme, re.M | re.S)[1]))
    for sample in samples:
        page.add("SAMPLE " + Path(sample).name, display(sample_lines(sample), indent=False))
    page.see([*readers, "troth(1)"])
    return page


def written_page(make, path):
    """*.mdoc: the first line is the summary, the rest mdoc."""
    summary, body = path.read_text(encoding="utf-8").split("\n", 1)
    name, section = re.fullmatch(r"(.+)\.(\d)\.mdoc", path.name).groups()
    page = make(name, section, summary)
    page.lines += body.strip().splitlines()
    return page


def date_of(version):
    if "SOURCE_DATE_EPOCH" in os.environ:
        return datetime.datetime.fromtimestamp(int(os.environ["SOURCE_DATE_EPOCH"]), datetime.timezone.utc).date().isoformat()
    said = re.search(rf"^## {re.escape(version)} \((\d{{4}}-\d\d-\d\d)\)", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.M)
    return said[1] if said else datetime.date.today().isoformat()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("programs", "version", "out"):
        parser.add_argument("--" + name, required=True)
    given = parser.parse_args()
    bin_folder, out, date = Path(given.programs).resolve(), Path(given.out), date_of(given.version)

    def make(name, section, summary):
        return Page(name, section, summary, date, given.version)

    pages = [main_page(make, bin_folder / "troth"), proof_page(make, bin_folder / "troth-proof")]
    pages += [command_page(make, bin_folder / "troth", name, summary) for name, summary in commands(bin_folder / "troth")[0]]
    pages += [service_page(make, bin_folder / f"troth-{name}", name) for name in SERVICES]
    pages += [format_page(make, name) for name in FORMATS]
    pages += [written_page(make, path) for path in sorted(HERE.glob("*.mdoc"))]
    out.mkdir(parents=True, exist_ok=True)
    for page in pages:
        page.write(out)


if __name__ == "__main__":
    main()

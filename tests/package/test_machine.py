# SPDX-License-Identifier: Apache-2.0
"""The package on a bare Debian 12 under systemd: every command of deploy/systemd/README.md, and what must then be so. In this order:
each test goes on where the one before ended."""

import re

import pytest

from tests.support.system import ROOT, wait_until

README = ROOT / "deploy/systemd/README.md"
SERVICES = ["intake", "followup", "loyalty", "reporting"]
UNITS = [f"troth-{one}.service" for one in SERVICES] + ["troth-dialer@main.service"]
TIMERS = [f"troth-{one}.timer" for one in ("train-triage", "fit-models", "train-churn", "check-figures", "retention", "audit-verify")]
SETTINGS = "find /etc/troth -type f | sort | xargs sha256sum"
pytestmark = pytest.mark.timeout(900)


def steps(number):
    """The commands of a section, as one script; later ones know the variables of earlier ones."""
    part = re.search(rf"^## {number}\. .*?$(.*?)(?=^## |\Z)", README.read_text(encoding="utf-8"), re.M | re.S)[1]
    return "\n".join(line[4:] for line in part.splitlines() if line.startswith("    "))


def processes(machine):
    return [one for one in machine.says("cat /proc/[0-9]*/comm 2>/dev/null || true").splitlines() if one.startswith("troth")]


def property_of(machine, unit, name):
    return machine.says(f"systemctl show --property={name} --value '{unit}'")


def pid_of(machine, unit):
    return int(property_of(machine, unit, "MainPID"))


def wait_active(machine, units=UNITS, seconds=90):
    for unit in units:
        wait_until(lambda one=unit: property_of(machine, one, "ActiveState") == "active", seconds=seconds, what=f"{unit} is active")


def send(machine, ref="CAR-1"):
    return machine.says(f"troth send contact --customer-ref {ref} --kind complaint --channel phone --branch north --body 'It rattles'")


def test_the_bare_machine_has_systemd_first_and_nothing_of_ours(machine):
    assert machine.says("cat /proc/1/comm") == "systemd"
    assert machine.says("getent passwd | grep -c troth || true") == "0"


def test_an_installation_sets_up_nothing_behind_the_operators_back(machine, packages, tmp_path):
    machine.put(packages.older(tmp_path))
    machine.run(steps(1), seconds=600)
    assert machine.says("dpkg-query -W -f='${Version}' troth") == "0.1.0"
    assert machine.says("find /etc/troth /var/lib/troth ! -type d") == ""
    assert machine.says("systemctl list-units --all --no-legend 'troth*'") == ""
    states = machine.says("systemctl list-unit-files --no-legend 'troth*' | awk '{print $2}' | sort -u").split()
    assert set(states) <= {"disabled", "static"}, states
    assert processes(machine) == []
    assert "troth" not in machine.says("runuser -l postgres -c \"psql -Atc 'select datname from pg_database'\"")
    assert set(machine.says("getent passwd | grep ^troth- | cut -d: -f7").splitlines()) == {"/usr/sbin/nologin"}


def test_the_steps_of_the_page_lead_to_a_database_and_keys_with_their_owners(machine):
    machine.run(steps(2) + "\n" + steps(3), seconds=300)
    assert machine.says("runuser -l postgres -c \"psql -Atc 'show data_checksums'\"") == "on"
    owners = dict(line.split() for line in machine.says("cd /etc/troth/keys && stat -c '%n %U:%a' *").splitlines())
    assert owners["intake.key"] == owners["master.keys"] == owners["audit.key"] == "troth-intake:600"
    assert owners["dialer.key"] == "troth-dialer:600" and owners["me.key"] == "root:600"
    assert machine.says("runuser -u troth-loyalty -- cat /etc/troth/keys/master.keys 2>&1 || true").endswith("Permission denied")
    assert machine.says("stat -c %a:%G /etc/troth/dialer-main.conf") == "640:troth-dialer"


def test_the_target_starts_everything_and_a_record_gets_its_receipt(machine):
    started = machine.run(steps(4), seconds=300)
    assert "accepted" in started.stdout, started.stdout
    wait_active(machine)
    for unit in TIMERS:
        assert property_of(machine, unit, "ActiveState") == "active", unit
    assert machine.says("systemctl --failed --no-legend") == ""
    # Ready means ready: 'systemctl start' returns when the service has told so.
    assert property_of(machine, "troth-intake.service", "NotifyAccess") == "main"
    assert "accepted" in send(machine, "CAR-2")
    wait_until(lambda: re.search(r"^all +2 ", machine.says("troth report overview", check=False), re.M), what="the report has both cases")


def test_a_killed_service_comes_back_and_takes_records(machine):
    for unit in UNITS:
        before = pid_of(machine, unit)
        machine.run(f"kill -9 {before}")
        wait_until(lambda one=unit, old=before: pid_of(machine, one) not in (0, old), seconds=60, what=f"{unit} is started again")
    wait_active(machine)
    assert "accepted" in send(machine, "CAR-3")


def test_a_service_whose_loop_hangs_is_ended_and_started_again(machine):
    unit = "troth-loyalty.service"
    before = pid_of(machine, unit)
    machine.run(f"kill -STOP {before}")
    wait_until(lambda: pid_of(machine, unit) not in (0, before), seconds=150, what="the watchdog has started it again")
    assert "watchdog" in machine.says(f"journalctl --no-pager -u {unit}").lower()
    wait_active(machine)


def test_settings_with_a_mistake_end_a_service_for_good_and_the_others_go_on(machine):
    machine.run("cp -p /etc/troth/loyalty.conf /root/; echo 'poll = \"soon\";' >>/etc/troth/loyalty.conf")
    assert machine.run("systemctl restart troth-loyalty.service", check=False).returncode != 0
    assert property_of(machine, "troth-loyalty.service", "Result") == "exit-code"
    assert property_of(machine, "troth-loyalty.service", "ActiveState") == "failed"
    assert "accepted" in send(machine, "CAR-4")
    machine.run("cp -p /root/loyalty.conf /etc/troth/; systemctl start troth-loyalty.service")
    wait_active(machine)


def test_each_job_of_a_timer_does_its_work(machine):
    for unit in ("troth-reporting-job@check", "troth-audit-verify", "troth-loyalty-job@fit-models", "troth-loyalty-job@train-churn",
                 "troth-intake-job@train-triage", "troth-intake-job@retention"):
        machine.run(f"systemctl start {unit}.service", seconds=300)
        assert property_of(machine, f"{unit}.service", "Result") == "success", unit
    assert machine.run("systemctl start troth-intake-job@no-such-job.service", check=False).returncode != 0
    machine.run("systemctl reset-failed")


def test_the_kernel_confines_each_service_as_its_unit_says(machine):
    for unit in UNITS:
        pid = pid_of(machine, unit)
        status = dict(line.split(":\t", 1) for line in machine.says(f"cat /proc/{pid}/status").splitlines() if ":\t" in line)
        assert status["Uid"].split()[0] != "0", unit
        assert (status["CapEff"], status["CapBnd"], status["NoNewPrivs"], status["Seccomp"]) == ("0" * 16, "0" * 16, "1", "2"), (unit, status)
        # From within its mounts: nothing but its own folders can be written.
        inside = f"nsenter --target {pid} --mount --"
        assert machine.run(f"{inside} touch /etc/troth/new", check=False).returncode != 0, unit
        name = unit.removeprefix("troth-").split("@")[0].split(".")[0]
        machine.run(f"{inside} touch /var/lib/troth/{name}/new && {inside} rm /var/lib/troth/{name}/new")


def test_the_exposure_of_each_unit_that_runs_is_low(machine):
    for unit in UNITS:
        machine.run(f"systemd-analyze --no-pager security --threshold=15 {unit}")


def test_after_a_reboot_all_is_back(machine):
    machine.reboot()
    wait_active(machine, seconds=120)
    wait_until(lambda: "accepted" in send(machine, "CAR-5"), what="a record is taken after the reboot")


def test_an_upgrade_keeps_settings_and_restarts_only_when_it_is_asked_to(machine, packages):
    before = machine.says(SETTINGS)
    pids = [pid_of(machine, unit) for unit in UNITS]
    machine.run("rm /root/troth_*.deb")
    machine.put(packages.troth)
    first, rest = steps(5).split("\n", 1)
    machine.run(first, seconds=600)
    assert machine.says("dpkg-query -W -f='${Version}' troth") == packages.version
    assert [pid_of(machine, unit) for unit in UNITS] == pids, "nothing was restarted behind the operator's back"
    machine.run(rest, seconds=300)
    wait_active(machine)
    assert not set(pids) & {pid_of(machine, unit) for unit in UNITS}
    assert machine.says(SETTINGS) == before
    assert machine.says("ls /usr/share/troth/of-the-older-version 2>/dev/null || true") == ""
    assert "accepted" in send(machine, "CAR-6")
    assert machine.says("systemctl is-enabled troth-intake.service troth.target").split() == ["enabled", "enabled"]


def test_stopping_the_target_stops_everything_in_order(machine):
    machine.run("systemctl stop troth.target", seconds=120)
    for unit in [*UNITS, *TIMERS]:
        wait_until(lambda one=unit: property_of(machine, one, "ActiveState") == "inactive", seconds=60, what=f"{unit} has stopped")
    for unit in UNITS:
        assert property_of(machine, unit, "Result") == "success", unit
    assert processes(machine) == []
    machine.run("systemctl start troth.target", seconds=120)
    wait_active(machine)


def test_removal_stops_all_and_purging_keeps_keys_and_their_owners(machine):
    before = machine.says(SETTINGS)
    machine.run("apt-get remove --yes troth", seconds=300)
    assert processes(machine) == [] and machine.says(SETTINGS) == before
    machine.run("apt-get install --yes ./troth_*.deb", seconds=300)
    assert processes(machine) == []
    machine.run(steps(6), seconds=300)
    assert processes(machine) == []
    assert machine.says(SETTINGS) == before
    assert machine.says("stat -c %U /etc/troth/keys/master.keys") == "troth-intake"
    assert machine.says("systemctl list-unit-files --no-legend 'troth*' || true") == ""
    assert machine.says("find /etc/systemd /var/lib/systemd/deb-systemd-helper* -name '*troth*'") == ""


def test_a_purge_without_keys_leaves_nothing(machine, packages):
    machine.run(f"apt-get install --yes ./{packages.troth.name} && rm -rf /etc/troth/* /var/lib/troth/* && apt-get purge --yes troth", seconds=600)
    left = machine.says("find / -xdev -name '*troth*' ! -path '/root/*' ! -path '/proc/*' ! -path '/var/log/*' ! -path '/sys/*'"
                        " ! -path '/var/lib/postgresql/*' ! -path '/tmp/*' ! -path '/var/cache/*'")
    assert left == ""
    assert machine.says("getent passwd | grep -c troth || true") == "0"

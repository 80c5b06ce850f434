"""A line between two network namespaces, with a router between them: real TCP that loses packets. The router can carry slowly,
through a short queue that drops what does not fit (as a modem does), or nothing at all, without either end's being told.
Needs root and a kernel with network namespaces, veth and tbf; no packet leaves this machine."""
import os
import shutil
import subprocess

CENTRE, ROAD_TO_CENTRE, ROAD_TO_SITE, SITE = "198.18.231.1", "198.18.231.2", "198.18.231.5", "198.18.231.6"
ALL = "198.18.231.0/29"  # of those that are for tests
QUEUE = 16 * 1024  # bytes


def run(*argv):
    done = subprocess.run(list(map(str, argv)), capture_output=True, text=True, timeout=20)
    return None if done.returncode == 0 else f"{' '.join(map(str, argv))}: {done.stderr.strip()}"


class NotPermitted(Exception):
    pass


class NamespaceLine:
    """with NamespaceLine() as line: the centre is this namespace and has the address CENTRE; [*line.at_site, program] runs at
    the site. NotPermitted where this machine does not allow it."""

    def __init__(self):
        self.site, self.road = f"anlan-site-{os.getpid()}", f"anlan-road-{os.getpid()}"
        self.at_site = ["ip", "netns", "exec", self.site]
        self._rate = None
        self._silent = False

    def __enter__(self):
        if shutil.which("ip") is None or shutil.which("tc") is None:
            raise NotPermitted("ip and tc (iproute2) are not installed")
        if os.geteuid() != 0:
            raise NotPermitted("network namespaces need root")
        try:
            self._build()
            self._shape(1 << 20)
            self._shape(None)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        for namespace in (self.site, self.road):
            run("ip", "netns", "del", namespace)  # with the ends of the cables in it, and so the others

    def _must(self, *argv):
        if trouble := run(*argv):
            raise NotPermitted(trouble)

    def _build(self):
        taken = subprocess.run(["ip", "route", "show", "to", "match", ALL], capture_output=True, text=True).stdout
        if any(not line.startswith("default") for line in taken.splitlines()):
            raise NotPermitted(f"{ALL} is in use: {taken.strip()}")
        cable, road = f"al{os.getpid()}", ["ip", "-n", self.road]
        for namespace in (self.site, self.road):
            self._must("ip", "netns", "add", namespace)
            self._must("ip", "-n", namespace, "link", "set", "lo", "up")
        self._must("ip", "link", "add", cable, "type", "veth", "peer", "name", "centre", "netns", self.road)
        self._must(*road, "link", "add", "site", "type", "veth", "peer", "name", "road", "netns", self.site)
        for ip, device, address in ((["ip"], cable, CENTRE), (road, "centre", ROAD_TO_CENTRE), (road, "site", ROAD_TO_SITE),
                                    (["ip", "-n", self.site], "road", SITE)):
            self._must(*ip, "addr", "add", f"{address}/30", "dev", device)
            self._must(*ip, "link", "set", device, "up")
        self._must("ip", "-n", self.site, "route", "add", "default", "via", ROAD_TO_SITE)
        self._must("ip", "route", "add", f"{SITE}/32", "via", ROAD_TO_CENTRE, "dev", cable)  # goes with the cable
        self.silent = False

    def _shape(self, rate):
        for end in ("centre", "site"):
            run("ip", "netns", "exec", self.road, "tc", "qdisc", "del", "dev", end, "root")
            if rate:
                self._must("ip", "netns", "exec", self.road, "tc", "qdisc", "add", "dev", end, "root", "tbf",
                           "rate", f"{8 * rate}bit", "burst", "3200", "limit", QUEUE)

    @property
    def rate(self):
        """Bytes a second each way; None: no bound."""
        return self._rate

    @rate.setter
    def rate(self, rate):
        self._shape(rate)
        self._rate = rate

    @property
    def silent(self):
        """Every packet vanishes on its way."""
        return self._silent

    @silent.setter
    def silent(self, silent):
        self._must("ip", "netns", "exec", self.road, "sysctl", "-q", "-w", f"net.ipv4.ip_forward={0 if silent else 1}")
        self._silent = silent

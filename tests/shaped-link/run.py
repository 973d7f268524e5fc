#!/usr/bin/env python3
"""A hopeless line between two network namespaces, and a day of 300 children over it.

    run.py PROGRAM [--runs N] [--http SECONDS] [--rate BITS] [--loss SHARE] [--delay SECONDS] [--seed N]

PROGRAM is the example `shaped_day`. Each end of the line is a TUN device in a namespace of its own, so
real packets of IP go over it, whatever the protocol. Each way: a queue, then so many bits a second, then
so many packets lost, then some delay. Lost packets have taken their time on the line: of 20 kbit/s with
60 % loss 8 kbit/s arrive. Needs root, and Linux with namespaces and TUN; netem is not needed.

Ends with 0 if every run over datagrams had all receipts within two minutes.
"""

import argparse
import fcntl
import heapq
import json
import os
import random
import select
import shutil
import struct
import subprocess
import sys
import tempfile
import threading
import time

TUNSETIFF = 0x400454CA
IFF_TUN, IFF_NO_PI = 0x0001, 0x1000
NEAR, FAR = "10.77.0.1", "10.77.0.2"
PORT = 7400
LIMIT_S = 120.0


def sh(*words):
    subprocess.run(words, check=True)


class End:
    """One end of the line: a TUN device in a namespace."""

    def __init__(self, name, address, other):
        self.space = f"qatysu-{name}-{os.getpid()}"
        self.device = f"qt{name}{os.getpid()}"[:15]
        sh("ip", "netns", "add", self.space)
        self.fd = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
        fcntl.ioctl(self.fd, TUNSETIFF, struct.pack("16sH", self.device.encode(), IFF_TUN | IFF_NO_PI))
        sh("ip", "link", "set", self.device, "netns", self.space)
        self.run("ip", "link", "set", "lo", "up")
        self.run("ip", "addr", "add", f"{address}/32", "peer", other, "dev", self.device)
        self.run("ip", "link", "set", self.device, "mtu", "1280", "up")

    def words(self, *words):
        return ["ip", "netns", "exec", self.space, *words]

    def run(self, *words):
        sh(*self.words(*words))

    def close(self):
        os.close(self.fd)
        subprocess.run(["ip", "netns", "del", self.space], check=False)


class Way:
    """One direction: queue, rate, loss, delay."""

    def __init__(self, shape, chance):
        self.shape, self.chance = shape, chance
        self.free = 0.0
        self.offered = self.full = self.lost = self.bytes = 0

    def take(self, packet, now):
        """Gives when the packet comes out at the other end; None if it is lost."""
        self.offered += 1
        waits = max(0.0, self.free - now)
        if waits > self.shape.queue:
            self.full += 1
            return None
        self.free = max(self.free, now) + len(packet) * 8 / self.shape.rate
        self.bytes += len(packet)
        if self.chance.random() < self.shape.loss:
            self.lost += 1
            return None
        return self.free + self.shape.delay


class Line(threading.Thread):
    """Carries packets between two ends until it is cut."""

    def __init__(self, near, far, shape, seed):
        super().__init__(daemon=True)
        self.ends = (near, far)
        self.ways = (Way(shape, random.Random(seed)), Way(shape, random.Random(seed + 1_000_000)))
        self.cut = threading.Event()

    def run(self):
        late, number = [], 0
        fds = [end.fd for end in self.ends]
        while not self.cut.is_set():
            wait = 0.05 if not late else min(0.05, max(0.0, late[0][0] - time.monotonic()))
            ready, _, _ = select.select(fds, [], [], wait)
            now = time.monotonic()
            for fd in ready:
                side = fds.index(fd)
                packet = os.read(fd, 4096)
                if packet[0] >> 4 != 4:
                    continue  # only IPv4 is of interest: neighbours ask each other in IPv6
                out = self.ways[side].take(packet, now)
                if out is not None:
                    number += 1
                    heapq.heappush(late, (out, number, fds[1 - side], packet))
            while late and late[0][0] <= time.monotonic():
                _, _, fd, packet = heapq.heappop(late)
                os.write(fd, packet)

    def told(self):
        up, down = self.ways
        return (f"up {up.offered} packets, {up.full} too many, {up.lost} lost, {up.bytes} bytes; "
                f"down {down.offered}, {down.full} too many, {down.lost} lost, {down.bytes} bytes")


def trip(program, near, far, prepared, way, seed, shape, seconds):
    """One run: a fresh copy of the day, a fresh line."""
    with tempfile.TemporaryDirectory() as home:
        day = os.path.join(home, "day")
        shutil.copytree(prepared, day)
        server = subprocess.Popen(far.words(program, "serve", day, f"{FAR}:{PORT}"),
                                  stdout=subprocess.PIPE, text=True)
        try:
            if server.stdout.readline().strip() != "ready":
                raise SystemExit("the server did not start")
            line = Line(near, far, shape, seed)
            line.start()
            words = ["carry", day] if way == "datagrams" else ["http", day, str(seconds)]
            said = subprocess.run(near.words(program, *words), stdout=subprocess.PIPE, text=True,
                                  timeout=seconds + 120)
            line.cut.set()
            line.join()
        finally:
            server.kill()
            server.wait()
    done = json.loads(said.stdout.strip().splitlines()[-1])
    fault = f", {done['fault']}" if done["fault"] else ""
    print(f"{way:10} seed {seed:3}: {done['seconds']:6.1f} s, {done['events']} events, "
          f"{done['not_sent']} not sent, {done['not_receipted']} without receipt{fault}")
    print(f"           {line.told()}", flush=True)
    return done


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("--runs", type=int, default=1)
    parser.add_argument("--http", type=int, default=0, metavar="SECONDS")
    parser.add_argument("--rate", type=float, default=20_000.0)
    parser.add_argument("--loss", type=float, default=0.6)
    parser.add_argument("--delay", type=float, default=0.15)
    parser.add_argument("--queue", type=float, default=4.0, help="seconds that a packet waits at most")
    parser.add_argument("--seed", type=int, default=1)
    shape = parser.parse_args()
    near, far = End("a", NEAR, FAR), End("b", FAR, NEAR)
    good = True
    try:
        with tempfile.TemporaryDirectory() as prepared:
            print(f"line: {shape.rate / 1000:g} kbit/s each way, {shape.loss:.0%} lost each way, "
                  f"{shape.delay * 1000:g} ms", flush=True)
            far.run(shape.program, "prepare", prepared, f"{FAR}:{PORT}")
            for number in range(shape.runs):
                seed = shape.seed + number
                done = trip(shape.program, near, far, prepared, "datagrams", seed, shape, 900)
                good &= done["not_receipted"] == 0 and done["seconds"] <= LIMIT_S
            if shape.http:
                trip(shape.program, near, far, prepared, "http", shape.seed, shape, shape.http)
    finally:
        near.close()
        far.close()
    if not good:
        print("not every run had all its receipts within two minutes", file=sys.stderr)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())

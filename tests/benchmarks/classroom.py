"""Many viewers at once: real Streamlit sessions, each of which asks for a rerun one to three seconds after the last.

python -m tests.benchmarks.classroom --viewers 300 [--training] [--visitors 200] [--following [300]] [--seconds 30]

Viewers come twenty a second, open the page, connect as a browser does, and go on until the end. Prints how long the
page and its first run took, and each rerun; errors; and what of CPU and memory the server used. With `--training` a
run trains meanwhile; with `--visitors` others then fetch all that a first visit fetches, at once and with empty caches,
while somebody else's question is timed. With `--following` so many pages follow a teacher who drags for ten seconds,
ten changes a second, before the viewers come and once more beside them: prints how long a change took to each page, and
what the server used. Everything stays on this machine.
"""

import argparse
import asyncio
import dataclasses
import gzip
import html
import json
import random
import re
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit

import numpy as np
import psutil
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection, connect

from explorer import identity
from explorer.settings import INSTRUCTOR_KEY
from explorer.training.operator import Server
from explorer.training.spec import RunSpec
from model.config import configs
from tests.server import serve

ARRIVALS = 20  # viewers a second
PAUSES = (1.0, 3.0)  # seconds between an answer and the next rerun: with equal ones all would soon ask at once
PATIENCE = 120  # seconds, after which an answer counts as an error
LOOK = 0.25  # seconds between two looks at the server
VIEWER = "viewer-of-the-benchmark"
KEY = "key of the benchmark"
DRAG = 10  # seconds
RATE = 10  # changes a second, as many as a page that leads tells at most


@dataclasses.dataclass
class Seen:
    """Seconds that answers took, and what went wrong."""

    page: list[float] = dataclasses.field(default_factory=list)
    first: list[float] = dataclasses.field(default_factory=list)
    rerun: list[float] = dataclasses.field(default_factory=list)
    other: list[float] = dataclasses.field(default_factory=list)
    change: list[float] = dataclasses.field(default_factory=list)
    errors: list[str] = dataclasses.field(default_factory=list)


async def get(address: str, path: str) -> bytes:
    """What a browser without a cache is answered, as it comes: compressed, where it is."""
    host = urlsplit(address).netloc
    reader, writer = await asyncio.open_connection(*host.split(":"), limit=2**20)
    writer.write(f"GET {path} HTTP/1.1\r\nHost: {host}\r\nAccept-Encoding: gzip\r\nConnection: close\r\n\r\n".encode())
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    body = await reader.read()
    writer.close()
    if not head.startswith("HTTP/1.1 200"):
        raise OSError(head.partition("\r\n")[0])
    return body


async def run_script(socket: ClientConnection) -> None:
    """Ask for a run of the page's script, and take its messages to the last."""
    message = BackMsg()
    message.rerun_script.query_string = ""
    await socket.send(message.SerializeToString())
    while True:
        content = await socket.recv()
        assert isinstance(content, bytes)
        answer = ForwardMsg.FromString(content)
        if answer.WhichOneof("type") == "script_finished":
            return


async def view(address: str, wait: float, until: float, seen: Seen) -> None:
    """One viewer, from arrival to the end."""
    await asyncio.sleep(wait)
    try:
        async with asyncio.timeout(PATIENCE) as patience:
            begin = time.perf_counter()
            await get(address, "/")
            seen.page.append(time.perf_counter() - begin)
            stream = address.replace("http", "ws", 1) + "/_stcore/stream"
            async with connect(stream, subprotocols=["streamlit"], origin=address, max_size=None) as socket:  # type: ignore[list-item, arg-type]
                await run_script(socket)
                seen.first.append(time.perf_counter() - begin)
                while time.perf_counter() < until:
                    await asyncio.sleep(random.uniform(*PAUSES))
                    patience.reschedule(asyncio.get_running_loop().time() + PATIENCE)
                    begin = time.perf_counter()
                    await run_script(socket)
                    seen.rerun.append(time.perf_counter() - begin)
    except Exception as error:  # whatever it is, it is counted
        seen.errors.append(f"{type(error).__name__}: {error}")


async def visit(address: str, seen: Seen) -> int:
    """Fetch what a first visit fetches; returns bytes."""
    try:
        async with asyncio.timeout(PATIENCE):
            page = await get(address, "/")
            text = gzip.decompress(page).decode()
            links = map(html.unescape, re.findall(r'<(?:link|script)[^>]* (?:href|src)="(?:\./)?([^":]+)"', text))
            six = asyncio.Semaphore(6)  # as many connections as a browser has

            async def fetch(link: str) -> int:
                async with six:
                    return len(await get(address, f"/{link}"))

            return len(page) + sum(await asyncio.gather(*map(fetch, links)))
    except Exception as error:
        seen.errors.append(f"{type(error).__name__}: {error}")
        return 0


async def ask_meanwhile(address: str, seen: Seen) -> None:
    """Somebody else's page, over and over."""
    while True:
        begin = time.perf_counter()
        await get(address, "/")
        seen.other.append(time.perf_counter() - begin)
        await asyncio.sleep(LOOK)


async def follow(address: str, seen: Seen, told: asyncio.Event) -> None:
    """A page that follows: how old each change is when it comes. The teacher writes the time into it."""
    host = urlsplit(address).netloc
    reader, writer = await asyncio.open_connection(*host.split(":"))
    writer.write(f"GET /class/events?follow=1 HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
    event = b""
    try:
        while line := await reader.readline():
            if line.startswith(b"event: "):
                event = line.removeprefix(b"event: ").strip()
                told.set()
            elif line.startswith(b"data: ") and event == b"shown":
                sent = json.loads(line.removeprefix(b"data: "))["shown"]["z"].split(",")[0]
                seen.change.append(time.perf_counter() - float(sent))
    finally:
        writer.close()


async def drag(address: str) -> None:
    """The teacher's page: leads, and then tells where its point is."""
    host = urlsplit(address).netloc
    reader, writer = await asyncio.open_connection(*host.split(":"))

    async def tell(action: str, shown: dict[str, str]) -> None:
        body = json.dumps({"seat": "benchmark", "page": "explore", "shown": shown}).encode()
        head = f"POST /class/{action} HTTP/1.1\r\nHost: {host}\r\nCookie: {identity.COOKIE}={VIEWER}\r\n"
        head += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        writer.write(head.encode() + body)
        answer = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
        length = re.search(r"content-length: (\d+)", answer)
        assert answer.startswith("http/1.1 200")
        assert length
        await reader.readexactly(int(length[1]))

    await tell("lead", {"model": "vae-mnist"})
    begin = time.perf_counter()
    for i in range(DRAG * RATE):
        await asyncio.sleep(max(0.0, begin + i / RATE - time.perf_counter()))
        await tell("show", {"z": f"{time.perf_counter()},0"})
    await asyncio.sleep(1)  # until the last change has come
    writer.close()


async def lead(address: str, process: psutil.Process, following: int, seen: Seen) -> None:
    """So many follow; prints how late they are told, and what of CPU the server used meanwhile, viewers included."""
    seen.change.clear()
    told = [asyncio.Event() for _ in range(following)]
    pages = [asyncio.create_task(follow(address, seen, one)) for one in told]
    async with asyncio.timeout(PATIENCE):
        await asyncio.gather(*(one.wait() for one in told))
    before, begin = process.cpu_times(), time.perf_counter()
    await drag(address)
    after, passed = process.cpu_times(), time.perf_counter() - begin
    for page in pages:
        page.cancel()
    cpu = after.user + after.system - before.user - before.system
    print(f"{following} follow {DRAG * RATE} changes: {len(seen.change)} came of {following * DRAG * RATE}")
    print(f"  change       {distribution(seen.change)}")
    print(f"  server       {100 * cpu / passed:.0f} % of a core")


async def look(process: psutil.Process, memory: list[int]) -> None:
    while True:
        memory.append(process.memory_info().rss)
        await asyncio.sleep(LOOK)


async def measure(address: str, pid: int, viewers: int, visitors: int, following: int, seconds: float) -> None:
    process, seen, memory = psutil.Process(pid), Seen(), [0]
    if following:
        await lead(address, process, following, seen)
    if not viewers:
        return
    watching = asyncio.create_task(look(process, memory))
    before, begin = process.cpu_times(), time.perf_counter()
    until = begin + viewers / ARRIVALS + seconds
    viewing = asyncio.gather(*(view(address, i / ARRIVALS, until, seen) for i in range(viewers)))
    if following:
        await asyncio.sleep(viewers / ARRIVALS)  # all have come
        await lead(address, process, following, seen)
    await viewing
    after, passed = process.cpu_times(), time.perf_counter() - begin
    cpu = after.user + after.system - before.user - before.system
    print(f"{viewers} viewers, {passed:.0f} s: {len(seen.rerun)} reruns, {len(seen.errors)} errors")
    for name, times in (("page", seen.page), ("first run", seen.first), ("rerun", seen.rerun)):
        print(f"  {name:12} {distribution(times)}")
    each = 1000 * cpu / max(1, len(seen.first) + len(seen.rerun))
    used = f"{100 * cpu / passed:.0f} % of a core, {each:.1f} ms a run"
    early = memory[min(len(memory), round(60 / LOOK)) - 1]
    print(f"  server       {used}, at most {max(memory) / 1e6:.0f} MB ({early / 1e6:.0f} after a minute)")
    if visitors:
        asking = asyncio.create_task(ask_meanwhile(address, seen))
        begin = time.perf_counter()
        sizes = await asyncio.gather(*(visit(address, seen) for _ in range(visitors)))
        passed = time.perf_counter() - begin
        asking.cancel()
        print(f"{visitors} first visits at once: {sum(sizes) / 1e6:.0f} MB in {passed:.1f} s")
        print(f"  another page {distribution(seen.other)}")
        print(f"  server       at most {max(memory) / 1e6:.0f} MB")
    watching.cancel()
    for error in sorted(set(seen.errors))[:5]:
        print(f"  {seen.errors.count(error)} × {error:.120}")


def distribution(times: Sequence[float]) -> str:
    if not times:
        return "none"
    p50, p95, p99 = np.percentile(times, [50, 95, 99])
    return (
        f"p50 {1000 * p50:.0f} ms, p95 {1000 * p95:.0f} ms, p99 {1000 * p99:.0f} ms, worst {1000 * max(times):.0f} ms"
    )


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.classroom", description=__doc__)
    parser.add_argument("--viewers", type=int, default=100)
    parser.add_argument("--training", action="store_true", help="a run trains meanwhile")
    parser.add_argument("--visitors", type=int, default=0, help="first visits at once, afterwards")
    parser.add_argument("--following", type=int, nargs="?", const=300, default=0, help="pages that follow a teacher")
    parser.add_argument("--seconds", type=float, default=30.0, help="after the last has come")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as runs:
        model, train = configs("default", {"epochs": 1000})
        RunSpec(model, train, identity.mark(VIEWER), 1.0).write(Path(runs) / "run")
        environment = {"EXPLORER_RUNS": runs, INSTRUCTOR_KEY: KEY if asked.following else ""}
        module = "tests.benchmarks.led_streamlit" if asked.following else "streamlit"
        with serve(environment=environment, module=module) as (address, pid):
            if asked.training:
                Server(address, VIEWER, []).order("run", "resume")
            asyncio.run(measure(address, pid, asked.viewers, asked.visitors, asked.following, asked.seconds))


if __name__ == "__main__":
    main()

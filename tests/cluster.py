"""A real standalone Spark cluster on loopback: a master and workers, each a process of its own."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path

import pyspark

SPARK_CLASS = Path(pyspark.__file__).parent / "bin" / "spark-class"
HOST = "127.0.0.1"
JVM = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"
"""What runs for seconds is not worth the compiler that pays in hours, nor threads that collect."""
ENVIRONMENT = {
    "SPARK_LOCAL_IP": HOST,
    "SPARK_DAEMON_MEMORY": "256m",
    "SPARK_DAEMON_JAVA_OPTS": JVM,
    "SPARK_SUBMIT_OPTS": JVM,
    "PYSPARK_SUBMIT_ARGS": f"--conf 'spark.executor.extraJavaOptions={JVM}' pyspark-shell",
}
"""What is set for a cluster and for whoever uses it."""


def java() -> bool:
    """Tell whether there is a Java to run Spark on."""
    return bool(shutil.which("java") or os.environ.get("JAVA_HOME"))


def free_port() -> int:
    """Give a port that nobody listens at."""
    with socket.socket() as found:
        found.bind((HOST, 0))
        return int(found.getsockname()[1])


@dataclass
class Cluster:
    """Starts a master and workers; ``stop`` ends everything that was started."""

    folder: Path
    count: int = 2
    port: int = field(default_factory=free_port)
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    @property
    def master(self) -> str:
        """The address of the master."""
        return f"spark://{HOST}:{self.port}"

    def __enter__(self) -> Cluster:
        self._start("master", "master.Master", "--port", str(self.port), "--webui-port", "0")
        self._wait(lambda: self._listens())
        for number in range(self.count):
            self._worker(number)
        self._wait(lambda: self._registered() >= self.count)
        return self

    def __exit__(self, *_: object) -> None:
        for name in reversed(self.processes):
            self.kill(name)

    def kill(self, name: str) -> None:
        """End a process and what it runs, as when its machine fails."""
        own = self.processes[name].pid
        subprocess.run(["pkill", "-KILL", "-P", str(own)], check=False)
        self.processes[name].kill()
        self.processes[name].wait()

    def _worker(self, number: int) -> None:
        words = ["--cores", "1", "--memory", "2g", "--webui-port", "0"]
        work = ["--work-dir", str(self.folder / f"work{number}"), self.master]
        self._start(f"worker{number}", "worker.Worker", *words, *work)

    def _start(self, name: str, kind: str, *words: str) -> None:
        command = [str(SPARK_CLASS), f"org.apache.spark.deploy.{kind}", "--host", HOST, *words]
        with (self.folder / f"{name}.log").open("wb") as log:
            self.processes[name] = subprocess.Popen(
                command,
                stdout=log,
                stderr=log,
                env={**os.environ, **ENVIRONMENT},
            )

    def _listens(self) -> bool:
        with socket.socket() as tried:
            return tried.connect_ex((HOST, self.port)) == 0

    def _registered(self) -> int:
        return (self.folder / "master.log").read_text().count("Registering worker")

    def _wait(self, ready: object) -> None:
        until = time.monotonic() + 60
        while not ready():  # type: ignore[operator]
            if time.monotonic() > until:
                raise TimeoutError((self.folder / "master.log").read_text()[-2000:])
            time.sleep(0.2)

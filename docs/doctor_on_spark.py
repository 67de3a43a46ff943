"""What a Spark application's driver trusts, and what differs at its executors.

Paste it into a notebook's cell, and name the servers that fail:

    doctor_on_spark(spark, "login.example.com", "kafka.example.com:9093")

It runs `trust-init doctor` once beside the driver and once beside each executor. The program is
looked for at /trust/bin, on PATH, and among the files of the application: where the executors have
none, call spark.sparkContext.addFile("/path/to/trust-init") first.
"""

import glob
import json
import os
import shlex
import shutil
import subprocess
import time


def doctor_on_spark(spark, *hosts):
    sc = spark.sparkContext

    def jvm_above(pid):
        """The JVM that started this Python, or None."""
        while pid and os.path.basename(os.readlink(f"/proc/{pid}/exe")) != "java":
            with open(f"/proc/{pid}/stat") as stat:
                pid = int(stat.read().rpartition(")")[2].split()[1])
        return pid or None

    def read(pid, name):
        with open(f"/proc/{pid}/{name}", errors="surrogateescape") as file:
            return file.read().split("\0")

    def environment(jvm):
        """This Python's, but for the JVM's part: that is the JVM's own, its command line with it.

        What stands there on a truststore has its place in JDK_JAVA_OPTIONS, which a JVM reads just
        before.
        """
        theirs = dict(line.split("=", 1) for line in read(jvm, "environ") if "=" in line)
        options = [word for word in read(jvm, "cmdline") if "-Djavax.net.ssl.trust" in word[:22]]
        ours = {name: value for name, value in os.environ.items() if "JAVA" not in name}
        ours |= {name: value for name, value in theirs.items() if name.endswith("JAVA_OPTIONS")}
        ours |= {name: theirs[name] for name in ("JAVA_TOOL_OPTIONS",) if name in theirs}
        ours["JDK_JAVA_OPTIONS"] = " ".join([theirs.get("JDK_JAVA_OPTIONS", ""), *map(shlex.quote, options)])
        ours["JAVA_HOME"] = os.path.dirname(os.path.dirname(os.readlink(f"/proc/{jvm}/exe")))
        return ours

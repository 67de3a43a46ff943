"""Shows what the driver of a Spark application trusts, and where its executors differ.

Paste this whole file into a notebook cell, then name the servers that fail:

    doctor_on_spark(spark, "login.example.com", "kafka.example.com:9093")

It runs `trust-init doctor` next to the driver and next to each executor. It looks for the program
in /trust/bin, on PATH and among the application's files. If the executors do not have it, call
spark.sparkContext.addFile("/path/to/trust-init") first. It prints no value of any variable.
"""

import json
import os
import re
import shlex
import shutil
import socket
import subprocess
import time

from pyspark import SparkFiles


def doctor_on_spark(spark, *servers):
    def words(jvm, name):
        with open(f"/proc/{jvm}/{name}", errors="surrogateescape") as file:
            return file.read().split("\0")

    def jvm_above(pid):
        """The executor JVM that started this Python worker."""
        while os.path.basename(os.readlink(f"/proc/{pid}/exe")) != "java":
            with open(f"/proc/{pid}/stat") as stat:
                pid = int(stat.read().rpartition(")")[2].split()[1])
        return pid

    def environment(jvm):
        """Python's environment, with the JVM's values for what points a JVM to its truststore."""
        theirs = dict(word.split("=", 1) for word in words(jvm, "environ") if "=" in word)
        options = ["JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "_JAVA_OPTIONS"]
        env = {**os.environ, **{name: theirs.get(name, "") for name in options}}
        env["JAVA_HOME"] = os.path.dirname(os.path.dirname(os.readlink(f"/proc/{jvm}/exe")))
        # Spark's defaultJavaOptions are on the command line; doctor reads JDK_JAVA_OPTIONS.
        given = [word for word in words(jvm, "cmdline") if word.startswith("-Djavax.net.ssl.trust")]
        env["JDK_JAVA_OPTIONS"] += "".join(f" {shlex.quote(word)}" for word in given)
        return env, bool(given)

    def look(jvm):
        """What doctor reports here, as facts by name."""
        places = ["/trust/bin/trust-init", shutil.which("trust-init"), SparkFiles.get("trust-init")]
        program = next((place for place in places if place and os.access(place, os.X_OK)), None)
        if not program:
            return {"trust-init": "is neither at /trust/bin nor on PATH"}
        command = [program, "doctor", "--format=json", *servers]
        try:
            env, is_given = environment(jvm)
            done = subprocess.run(command, env=env, capture_output=True, text=True)
        except OSError as error:
            return {"trust-init": str(error)}
        if not done.stdout:
            return {"trust-init": re.sub(r"//\S*@", "//", done.stderr.strip())}
        said = done.stdout
        if is_given:
            said = said.replace("JDK_JAVA_OPTIONS", "command line of the JVM")
        # Files that Spark sent are in another directory on each executor, with the same path below it.
        here = f"{os.getcwd()}/"
        said, facts = json.loads(said), {}
        for store in said["stores"]:
            files = [file[len(here) :] if file.startswith(here) else file for file in store["files"]]
            files = ", ".join(files) or "nothing"
            held = f"{store['anchors']} CAs from {files} ({store['foundBy']})"
            faults = [f"{fault['place']}: {fault['message']}" for fault in store["faults"]]
            facts[store["client"]] = "; ".join([held, *faults])
        for server in said["servers"]:
            cause = server["cause"]
            facts[server["host"]] = f"cause[{cause['code']}]: {cause['message']}" if cause else "ok"
        return facts

    def executor(known):
        time.sleep(1)  # so that no executor takes another one's task
        jvm = jvm_above(os.getpid())
        command = words(jvm, "cmdline")
        number = dict(zip(command, command[1:])).get("--executor-id", f"of process {jvm}")
        name = f"executor {number} on {socket.gethostname()}"
        return (name, None if name in known else look(jvm))

    sc = spark.sparkContext
    of_jvm = sc._jvm.java.lang.management.ManagementFactory.getRuntimeMXBean().getName()
    driver = look(int(of_jvm.split("@")[0]))
    print(f"driver on {socket.gethostname()}")
    for name, fact in driver.items():
        print(f"  {name}: {fact}")

    executors, wanted = {}, 1
    for _ in range(5):
        wanted = max(sc._jsc.sc().getExecutorMemoryStatus().size() - 1, 1)
        known = list(executors)
        job = sc.parallelize(range(wanted), wanted).map(lambda _: executor(known))
        executors |= {name: facts for name, facts in job.collect() if facts}
        wanted = max(sc._jsc.sc().getExecutorMemoryStatus().size() - 1, 1)
        if len(executors) >= wanted:
            break
    for name, facts in sorted(executors.items()):
        differs = [one for one in {**driver, **facts} if driver.get(one) != facts.get(one)]
        print(f"{name}: {'differs' if differs else 'same as the driver'}")
        for one in differs:
            print(f"  {one}: {facts.get(one, 'unknown')}\n    driver: {driver.get(one, 'unknown')}")
    if len(executors) < wanted:
        print(f"{wanted - len(executors)} executors were busy: run it again when they are idle")

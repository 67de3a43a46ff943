import sys

from support.environment import REPOSITORY

sys.path[:0] = [str(REPOSITORY / "simulations" / "pod-starts"), str(REPOSITORY / "benches")]

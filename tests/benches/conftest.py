import sys

from support.environment import REPOSITORY

sys.path.insert(0, str(REPOSITORY / "benches"))

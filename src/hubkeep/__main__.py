"""`python -m hubkeep` is `hubkeep`."""

from hubkeep.cli import main

main()

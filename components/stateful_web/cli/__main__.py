"""``python -m stateful_web.cli`` is the command ``stateful-web``."""

from . import main

main()
